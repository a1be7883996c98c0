//! What a struct is whose attributes have mistakes: a model in name, so that only the mistakes are reported.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::time::SystemTime;

use super::{Arguments, Columns, Draft, Model, NewModel};
use crate::error::Result;
use crate::table::TableInfo;

/// Stands for all that a model has besides itself. There is no value of it.
pub struct Unfinished<M>(Infallible, PhantomData<fn() -> M>);

impl<M: Model<New = Self>> Draft for Unfinished<M> {
    type Model = M;

    fn build(self) -> Self {
        self
    }
}

impl<M: Model<New = Self>> NewModel for Unfinished<M> {
    type Model = M;

    fn write(&self, _: &mut Arguments<'_>) -> Result<()> {
        match self.0 {}
    }

    fn into_model(self, _: i64, _: SystemTime) -> Option<M> {
        match self.0 {}
    }
}

/// No columns.
pub struct UnfinishedColumns;

impl Columns for UnfinishedColumns {
    const COLUMNS: &'static Self = &Self;
}

/// No table.
pub const UNFINISHED: &TableInfo = &TableInfo {
    model: "",
    name: "",
    view: None,
    renamed_from: None,
    columns: &[],
    groups: &[],
    key: &[0],
    auto_key: true,
    version: None,
    soft_delete: None,
    strict: true,
    without_rowid: false,
    checks: &[],
    constraints: &[],
    indexes: &[],
    junctions: &[],
    search: None,
};
