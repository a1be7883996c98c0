//! Rows as records: values by the names of their columns.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use super::shape::{Load, Shape};
use super::{Entity, Excludes, GivesRows, OneStatement};
use crate::engine::RowRef;
use crate::error::Result;
use crate::model::Model;
use crate::row::{Heading, Record};
use crate::sql::ast::{Expr, Selected};

/// The columns of another shape, but for those that are excluded, as a [`Record`].
pub struct Records<M, S = Entity<M>> {
    shape: S,
    excluded: Vec<Expr>,
    /// Known when the shape is prepared.
    headings: Arc<[Heading]>,
    model: PhantomData<fn() -> M>,
}

impl<M, S> Records<M, S> {
    pub(crate) fn of(shape: S) -> Self {
        Self { shape, excluded: Vec::new(), headings: Arc::default(), model: PhantomData }
    }

    pub(crate) fn exclude(&mut self, columns: Vec<Expr>) {
        self.excluded.extend(columns);
    }
}

impl<M, S: Clone> Clone for Records<M, S> {
    fn clone(&self) -> Self {
        Self {
            shape: self.shape.clone(),
            excluded: self.excluded.clone(),
            headings: Arc::clone(&self.headings),
            model: PhantomData,
        }
    }
}

impl<M: Model, S: Shape<M>> Shape<M> for Records<M, S> {
    type Cell = Record;
    type Output = Record;

    fn columns(&self, columns: &mut Vec<Selected>) {
        let mut selected = Vec::new();
        self.shape.columns(&mut selected);
        named(selected, &self.excluded, columns);
    }

    fn prepare(&mut self, columns: &[Selected], _: usize) -> Result<()> {
        self.headings = columns.iter().map(|column| Heading::new(column.name(), column.origin())).collect();
        Ok(())
    }

    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Record> {
        let mut values = Vec::with_capacity(self.headings.len());
        for heading in self.headings.iter() {
            values.push(row.owned(M::TABLE.name, || heading.as_ref().to_owned(), *position)?);
            *position += 1;
        }
        Ok(Record::new(Arc::clone(&self.headings), values))
    }

    fn ready(&self, cell: Record) -> Option<Record> {
        Some(cell)
    }
}

/// Appends what is not excluded, each column with a name of its own.
fn named(selected: Vec<Selected>, excluded: &[Expr], columns: &mut Vec<Selected>) {
    let start = columns.len();
    for mut column in selected {
        if excluded.contains(&column.expr) {
            continue;
        }
        let others = columns.get(start..).unwrap_or_default();
        let name = column.name();
        if let Some(known) = others.iter().find(|known| known.name() == name) {
            // The model's own columns come first; those of related rows do not take their names.
            if column.of_row || known.expr == column.expr {
                continue;
            }
            let taken = |name: &String| others.iter().any(|known| known.name() == name.as_str());
            column.alias = (2..).map(|i| format!("{name}_{i}")).find(|name| !taken(name)).map(Cow::Owned);
        }
        columns.push(column);
    }
}

impl<M: Model, S: Load<M>> Load<M> for Records<M, S> {
    type Level = S::Level;
    type Parts = (Entity<M>,);
    type Items = ();
}

#[diagnostic::do_not_recommend]
impl<M: Model> Excludes<M> for Records<M> {
    fn into_records(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, S: GivesRows<M>> GivesRows<M> for Records<M, S> {}

#[diagnostic::do_not_recommend]
impl<M: Model, S: Shape<M>> OneStatement<M> for Records<M, S> {}
