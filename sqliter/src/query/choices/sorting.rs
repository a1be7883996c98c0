//! What rows may be sorted by, by names.

use std::borrow::Cow;
use std::marker::PhantomData;

use crate::column::ColumnType;
use crate::error::{Error, ParameterProblem, Result};
use crate::expr::{Column, Computed, HoldsComparable, Order, Orders, SameQuery};
use crate::model::{Columns, Model, Path};
use crate::sql::ast::SortKey;

/// What a request may sort the rows of the model `M` by, each by a name that the program gives it, for
/// [`Select::order_by`](crate::Select::order_by).
///
/// A request writes names with commas between them, and a `-` before what is sorted in the other direction:
/// `-due,title`.
///
/// ```
/// use std::sync::LazyLock;
///
/// use sqliter::Sorting;
/// use sqliter::prelude::*;
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Project { pk: Key<Project>, name: String }
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Issue {
///     pk: Key<Issue>,
///     title: String,
///     due: Option<i64>,
///     project_id: Key<Project>,
/// }
///
/// static SORTING: LazyLock<Sorting<Issue>> = LazyLock::new(|| {
///     Sorting::<Issue>::new()
///         .by("title", |i| i.title)
///         .by("due", |i| i.due.asc().nulls_last())
///         .by("project", |i| (i.project.name, i.title))
/// });
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_tables::<(Project, Issue)>().await?;
/// let issues = db.select::<Issue>().order_by(&SORTING, "-due,title")?.fetch_all().await?;
///
/// let error = db.select::<Issue>().order_by(&SORTING, "-dew").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the request does not fit: sort=-dew: there is no dew to sort by, only title, due, project"
/// );
/// # Ok(())
/// # }
/// ```
pub struct Sorting<M> {
    parameter: Cow<'static, str>,
    choices: Vec<(Cow<'static, str>, Vec<SortKey>)>,
    model: PhantomData<fn() -> M>,
}

impl<M> std::fmt::Debug for Sorting<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sorting").field("names", &self.names().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

impl<M> Clone for Sorting<M> {
    fn clone(&self) -> Self {
        Self { parameter: self.parameter.clone(), choices: self.choices.clone(), model: PhantomData }
    }
}

impl<M: Model> Default for Sorting<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Model> Sorting<M> {
    /// Without anything to sort by yet.
    pub const fn new() -> Self {
        Self { parameter: Cow::Borrowed("sort"), choices: Vec::new(), model: PhantomData }
    }

    /// Adds something to sort by: a column, a computed value, either with `.asc()` or `.desc()` to say more of it, or a
    /// tuple of these. In place of an earlier one of the same name.
    ///
    /// A `-` before the name turns the direction round; where `nulls_first` or `nulls_last` says where `NULL` comes, it
    /// comes there in both directions.
    pub fn by<V: SortKeys<M>>(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Self {
        let mut keys = Vec::new();
        value(M::Columns::<M>::COLUMNS).push_onto(&mut keys);
        let name = name.into();
        match self.choices.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = keys,
            None => self.choices.push((name, keys)),
        }
        self
    }

    /// What the parameter of the request is called that errors name; `sort` without this.
    pub fn parameter(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.parameter = name.into();
        self
    }
}

impl<M> Sorting<M> {
    /// The names that can be sorted by, in the order in which they were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.choices.iter().map(|(name, _)| name.as_ref())
    }

    /// The keys of an order that a request has written.
    pub(in crate::query) fn keys(&self, order: &str) -> Result<Vec<SortKey>> {
        let problem = |reason: String| {
            let allowed = self.names().map(str::to_owned).collect();
            let (parameter, value) = (self.parameter.as_ref().to_owned(), order.to_owned());
            Error::Parameters { problems: vec![ParameterProblem { parameter, value, reason, allowed }] }
        };
        let mut sorted = Vec::new();
        let mut keys = Vec::new();
        for part in order.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, turned) = part.strip_prefix('-').map_or((part, false), |name| (name, true));
            let Some((name, choice)) = self.choices.iter().find(|(known, _)| known == name) else {
                let known: Vec<_> = self.names().collect();
                return Err(problem(match known.as_slice() {
                    [] => format!("there is no {name} to sort by"),
                    known => format!("there is no {name} to sort by, only {}", known.join(", ")),
                }));
            };
            // Else a request could make an order of any length.
            if sorted.contains(&name) {
                return Err(problem(format!("sorts by {name} twice")));
            }
            sorted.push(name);
            keys.extend(choice.iter().cloned().map(|key| SortKey { descending: key.descending != turned, ..key }));
        }
        Ok(keys)
    }
}

/// What [`Sorting::by`] takes: a column, a computed value, what `.asc()` and `.desc()` give, or a tuple of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something to sort a query over `{M}` by",
    label = "expected a column, what is computed from columns, or a tuple of these",
    note = "write `.by(\"title\", |b| b.title)`, or to say more, `.by(\"due\", |b| b.due.asc().nulls_last())`"
)]
pub trait SortKeys<M> {
    /// Appends the keys.
    #[doc(hidden)]
    fn push_onto(self, keys: &mut Vec<SortKey>);
}

#[diagnostic::do_not_recommend]
impl<M, P: Path, T: ColumnType + HoldsComparable> SortKeys<M> for Column<P, T>
where
    M: SameQuery<P::Root>,
{
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        Orders::<P::Root>::push_onto(self.asc(), keys);
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: ColumnType + HoldsComparable> SortKeys<M> for Computed<M, T> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        Orders::<M>::push_onto(self.asc(), keys);
    }
}

#[diagnostic::do_not_recommend]
impl<M> SortKeys<M> for Order<M> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        Orders::<M>::push_onto(self, keys);
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $($name: SortKeys<M>),+> SortKeys<M> for ($($name,)+) {
            fn push_onto(self, keys: &mut Vec<SortKey>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(keys);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);
