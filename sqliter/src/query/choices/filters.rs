//! What rows may be filtered by, by names.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Deserialize;

use super::values::{Misread, Values};
use super::{FromParameter, Parameters};
use crate::column::{ColumnType, IntoValue};
use crate::error::{Error, ParameterProblem, Result};
use crate::expr::{
    CanBeNull, Column, Computed, Filter, HoldsComparable, HoldsText, SameQuery, StartsFrom, ToMany, any,
};
use crate::model::{Columns, Key, Many, Model, Path, Relation};
use crate::sql::ast::{Comparison, Expr, TextMatch, TextTest};
use crate::value::Value;

/// What a request may filter the rows of the model `M` by, each by the name of a parameter that the program chooses, for
/// [`Select::filter_by`](crate::Select::filter_by).
///
/// Each method offers one operator; [`comparisons`](Self::comparisons) and [`text_tests`](Self::text_tests) offer many at once. A value
/// is read with serde, in the form that it has in JSON without the quotes: what serde calls a variant, `2026-01-31`, `7`
/// for the key 7, `true`. A list has commas, or the parameter comes several times. A parameter without a value, as forms send
/// it, counts as absent. Filters of several parameters must all hold.
///
/// ```
/// use std::sync::LazyLock;
///
/// use serde::Deserialize;
/// use sqliter::Filters;
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, Copy, PartialEq, Deserialize, ColumnType)]
/// #[serde(rename_all = "snake_case")]
/// enum Status {
///     Open,
///     Done,
/// }
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Project { pk: Key<Project>, name: String }
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Issue {
///     pk: Key<Issue>,
///     title: String,
///     status: Status,
///     due: i64,
///     project_id: Key<Project>,
/// }
///
/// static FILTERS: LazyLock<Filters<Issue>> = LazyLock::new(|| {
///     Filters::<Issue>::new()
///         .is_in("status", |i| i.status)
///         .lt("due_before", |i| i.due)
///         .eq("project", |i| i.project.name)
///         .with("q", |i, word: String| i.title.icontains(word))
///         .ignore(["sort", "after"])
/// });
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_tables::<(Project, Issue)>().await?;
/// let issues = db.select::<Issue>().filter_by(&FILTERS, "status=open,done&due_before=20&sort=title")?;
/// issues.fetch_all().await?;
///
/// let error = db.select::<Issue>().filter_by(&FILTERS, "status=opne&due_before=soon").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the request does not fit: status=opne: opne must be one of open, done; \
///      due_before=soon: must be a whole number from -9223372036854775808 to 9223372036854775807"
/// );
/// # Ok(())
/// # }
/// ```
pub struct Filters<M> {
    offered: Vec<Offered>,
    ignored: Vec<Cow<'static, str>>,
    model: PhantomData<fn() -> M>,
}

/// How many parameters that are not offered are told. A request may have any number, and for each the error lists those that are.
const MOST_UNKNOWN: usize = 10;

/// Makes a condition on a column of the values of a parameter.
trait Reads: Fn(Expr, Values<'_>) -> Result<Expr, Misread> + Send + Sync + 'static {}

impl<F: Fn(Expr, Values<'_>) -> Result<Expr, Misread> + Send + Sync + 'static> Reads for F {}

/// A filter with the name of its parameter.
struct Offered {
    name: Cow<'static, str>,
    condition: Box<dyn Fn(Values<'_>) -> Result<Expr, Misread> + Send + Sync>,
}

impl<M> std::fmt::Debug for Filters<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filters").field("names", &self.names().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

impl<M: Model> Default for Filters<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> Filters<M> {
    /// The names of the parameters that filter, in the order in which they were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.offered.iter().map(|offered| offered.name.as_ref())
    }

    fn offer(
        mut self,
        name: impl Into<Cow<'static, str>>,
        condition: impl Fn(Values<'_>) -> Result<Expr, Misread> + Send + Sync + 'static,
    ) -> Self {
        let offered = Offered { name: name.into(), condition: Box::new(condition) };
        match self.offered.iter_mut().find(|known| known.name == offered.name) {
            Some(known) => *known = offered,
            None => self.offered.push(offered),
        }
        self
    }

    fn offer_column<C: FilterValue<M>>(
        self,
        name: impl Into<Cow<'static, str>>,
        column: impl FnOnce(&M::Columns<M>) -> C,
        reads: impl Reads,
    ) -> Self
    where
        M: Model,
    {
        let column = column(M::Columns::<M>::COLUMNS).into_expr();
        self.offer(name, move |values| reads(column.clone(), values))
    }

    /// The conditions that a request asks for, in the order of the filters.
    pub(in crate::query) fn conditions(&self, parameters: &impl Parameters) -> Result<Vec<Expr>> {
        let mut given: Vec<Vec<String>> = self.offered.iter().map(|_| Vec::new()).collect();
        let mut problems = Vec::new();
        parameters.each(&mut |name, value| {
            let filters = self.offered.iter().zip(&mut given);
            if let Some((_, values)) = filters.into_iter().find(|(offered, _)| offered.name == name) {
                if !value.is_empty() {
                    values.push(value.to_owned());
                }
            } else if self.ignored.iter().all(|ignored| ignored != name) {
                let is_told = problems.iter().any(|problem: &ParameterProblem| problem.parameter == name);
                if !is_told && problems.len() < MOST_UNKNOWN {
                    problems.push(self.unknown(name, value));
                }
            }
        });
        let mut conditions = Vec::new();
        for (offered, values) in self.offered.iter().zip(given).filter(|(_, values)| !values.is_empty()) {
            match (offered.condition)(Values(&values)) {
                Ok(condition) => conditions.push(condition),
                Err(Misread { reason, allowed, .. }) => {
                    let (parameter, value) = (offered.name.as_ref().to_owned(), values.join(","));
                    problems.push(ParameterProblem { parameter, value, reason, allowed });
                }
            }
        }
        if problems.is_empty() { Ok(conditions) } else { Err(Error::Parameters { problems }) }
    }

    fn unknown(&self, name: &str, value: &str) -> ParameterProblem {
        let allowed: Vec<_> = self.names().map(str::to_owned).collect();
        let reason = match allowed.as_slice() {
            [] => "there is no such parameter".to_owned(),
            names => format!("there is no such parameter, only {}", names.join(", ")),
        };
        ParameterProblem { parameter: name.to_owned(), value: value.to_owned(), reason, allowed }
    }
}

/// What the value of a parameter is compared with: a column, or what is computed from columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value that a query over `{M}` could be filtered by",
    label = "expected a column, or what is computed from columns",
    note = "conditions of another kind are written by hand: `.with(\"book\", |a, title: String| a.books.any(|b| b.title.eq(title)))`"
)]
pub trait FilterValue<M> {
    /// The type of the value, without its `Option`.
    type Value: ColumnType;

    /// The untyped expression.
    #[doc(hidden)]
    fn into_expr(self) -> Expr;
}

#[diagnostic::do_not_recommend]
impl<M, P: Path, T: ColumnType> FilterValue<M> for Column<P, T>
where
    M: SameQuery<P::Root>,
{
    type Value = T::Inner;

    fn into_expr(self) -> Expr {
        self.expr()
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: ColumnType> FilterValue<M> for Computed<M, T> {
    type Value = T::Inner;

    fn into_expr(self) -> Expr {
        self.expr()
    }
}

/// The value of a parameter for a column of type `T`.
fn read<T: ColumnType + FromParameter>(values: Values<'_>) -> Result<Expr, Misread> {
    stored(read_as::<T, T>(values)?)
}

/// As [`read`], of the type `V`, with the words of the column type `T` for what is expected.
fn read_as<T: ColumnType, V: FromParameter>(values: Values<'_>) -> Result<V, Misread> {
    V::deserialize(values).map_err(|misread| match T::IN_REQUESTS {
        expected if misread.in_words_of_type && expected != String::EXPECTED => {
            Misread { reason: format!("must be {expected}: {}", misread.reason), ..misread }
        }
        _ => misread,
    })
}

fn stored<T: ColumnType>(value: T) -> Result<Expr, Misread> {
    value.into_value().map(Expr::Value).map_err(|error| Misread::new(error.to_string()))
}

/// Reads a value to compare with.
fn compared<T: ColumnType + FromParameter>(comparison: Comparison) -> impl Reads {
    move |column, values| Ok(Expr::compare(column, comparison, read::<T>(values)?))
}

/// Reads a list of values.
fn listed<T: ColumnType + FromParameter>(negated: bool) -> impl Reads {
    move |column, values| {
        let list = read_as::<T, Vec<T>>(values)?.into_iter().map(IntoValue::<T>::into_value);
        let list: Result<Vec<_>, _> = list.collect();
        let list = list.map_err(|error| Misread::new(error.to_string()))?.into();
        Ok(Expr::InList { value: column.into(), list, negated })
    }
}

/// Reads a text to test for.
fn tested(test: fn(String) -> TextTest) -> impl Reads {
    move |column, values| Ok(Expr::Text { value: column.into(), test: test(read_as::<String, String>(values)?) })
}

/// Reads a text that is the same but for the case of its letters.
fn matched(test: TextMatch) -> impl Reads {
    move |column, values| {
        let other = Expr::Value(Value::Text(read_as::<String, String>(values)?));
        Ok(Expr::TextBy { value: column.into(), test, other: other.into() })
    }
}

/// Methods that offer an operator of a column each.
macro_rules! operators {
    ($($(#[$doc:meta])* $method:ident [$($bound:tt)*] => $reads:expr;)*) => {$(
        $(#[$doc])*
        pub fn $method<C: FilterValue<M>>(
            self,
            name: impl Into<Cow<'static, str>>,
            column: impl FnOnce(&M::Columns<M>) -> C,
        ) -> Self
        where
            C::Value: $($bound)*,
        {
            self.offer_column(name, column, $reads)
        }
    )*};
}

/// What may be filtered by. A filter takes the place of an earlier one of the same name.
impl<M: Model> Filters<M> {
    /// Without any filter yet.
    pub const fn new() -> Self {
        Self { offered: Vec::new(), ignored: Vec::new(), model: PhantomData }
    }

    operators! {
        /// The column is the value.
        eq [HoldsComparable + FromParameter] => compared::<C::Value>(Comparison::Equal);
        /// The column is not the value; skips rows whose column is `NULL`.
        ne [HoldsComparable + FromParameter] => compared::<C::Value>(Comparison::NotEqual);
        /// The column is less than the value.
        lt [HoldsComparable + FromParameter] => compared::<C::Value>(Comparison::Less);
        /// The column is less than the value, or the value.
        le [HoldsComparable + FromParameter] => compared::<C::Value>(Comparison::LessOrEqual);
        /// The column is greater than the value.
        gt [HoldsComparable + FromParameter] => compared::<C::Value>(Comparison::Greater);
        /// The column is greater than the value, or the value.
        ge [HoldsComparable + FromParameter] => compared::<C::Value>(Comparison::GreaterOrEqual);
        /// The column is one of the values: `label=a,b` or `label=a&label=b`.
        is_in [HoldsComparable + FromParameter] => listed::<C::Value>(false);
        /// The column is none of the values; skips rows whose column is `NULL`.
        not_in [HoldsComparable + FromParameter] => listed::<C::Value>(true);
        /// The text is the value, ignoring case.
        ieq [HoldsText] => matched(TextMatch::FoldedEquals);
        /// The text contains exactly the value.
        contains [HoldsText] => tested(TextTest::Contains);
        /// The text contains the value, ignoring case.
        icontains [HoldsText] => tested(TextTest::FoldedContains);
        /// The text starts with exactly the value.
        starts_with [HoldsText] => tested(TextTest::StartsWith);
        /// The text starts with the value, ignoring case.
        istarts_with [HoldsText] => tested(TextTest::FoldedStartsWith);
        /// The text ends with exactly the value.
        ends_with [HoldsText] => tested(TextTest::EndsWith);
        /// The text ends with the value, ignoring case.
        iends_with [HoldsText] => tested(TextTest::FoldedEndsWith);
    }

    /// The column is `NULL` where the value is `true`, and is not where it is `false`.
    pub fn is_null<C: FilterValue<M> + CanBeNull>(
        self,
        name: impl Into<Cow<'static, str>>,
        column: impl FnOnce(&M::Columns<M>) -> C,
    ) -> Self {
        self.offer_column(name, column, |column, values| {
            let wanted = read_as::<bool, bool>(values)?;
            Ok(Expr::IsNull { value: column.into(), negated: !wanted })
        })
    }

    /// A row with one of these keys is related: `label=3,7`.
    pub fn related_to<P: Path + StartsFrom<M>, R: Relation<Cardinality = Many>>(
        self,
        name: impl Into<Cow<'static, str>>,
        relation: impl FnOnce(&M::Columns<M>) -> ToMany<P, R>,
    ) -> Self
    where
        Key<R::Target>: FromParameter,
    {
        let relation = relation(M::Columns::<M>::COLUMNS);
        self.offer(name, move |values| {
            let keys = Vec::<Key<R::Target>>::deserialize(values)?;
            Ok(any(keys.into_iter().map(|key| relation.contains(key))).into_expr())
        })
    }

    /// There is a related row where the value is `true`, and none where it is `false`.
    pub fn exists<P: Path + StartsFrom<M>, R: Relation<Cardinality = Many>>(
        self,
        name: impl Into<Cow<'static, str>>,
        relation: impl FnOnce(&M::Columns<M>) -> ToMany<P, R>,
    ) -> Self {
        let relation = relation(M::Columns::<M>::COLUMNS);
        self.offer(name, move |values| {
            let wanted = read_as::<bool, bool>(values)?;
            Ok(if wanted { relation.exists() } else { relation.is_empty() }.into_expr())
        })
    }

    /// A condition of the program's own on the value, which may be of any type that serde reads, a `Vec` for a list:
    /// `.with("q", |i, word: String| i.title.icontains(word) | i.body.icontains(word))`.
    pub fn with<V: FromParameter, C: Filter<M>>(
        self,
        name: impl Into<Cow<'static, str>>,
        condition: impl Fn(&M::Columns<M>, V) -> C + Send + Sync + 'static,
    ) -> Self {
        self.offer(name, move |values| {
            let value = V::deserialize(values)?;
            Ok(condition(M::Columns::<M>::COLUMNS, value).into_condition().into_expr())
        })
    }

    /// All comparisons of a column. For the name `due` they are `due` itself, which is [`eq`](Self::eq), and `due__ne`,
    /// `due__lt`, `due__le`, `due__gt`, `due__ge`, `due__in`, `due__not_in`.
    pub fn comparisons<C: FilterValue<M> + Clone>(
        self,
        name: impl Into<Cow<'static, str>>,
        column: impl FnOnce(&M::Columns<M>) -> C,
    ) -> Self
    where
        C::Value: HoldsComparable + FromParameter,
    {
        let (name, column) = (name.into(), column(M::Columns::<M>::COLUMNS));
        let with = |operator: &str| format!("{name}__{operator}");
        self.eq(name.clone(), |_| column.clone())
            .ne(with("ne"), |_| column.clone())
            .lt(with("lt"), |_| column.clone())
            .le(with("le"), |_| column.clone())
            .gt(with("gt"), |_| column.clone())
            .ge(with("ge"), |_| column.clone())
            .is_in(with("in"), |_| column.clone())
            .not_in(with("not_in"), |_| column.clone())
    }

    /// All tests of a text. For the name `title` they are `title__contains`, `title__icontains`, `title__ieq`, `title__starts_with`,
    /// `title__istarts_with`, `title__ends_with`, `title__iends_with`.
    pub fn text_tests<C: FilterValue<M> + Clone>(
        self,
        name: impl Into<Cow<'static, str>>,
        column: impl FnOnce(&M::Columns<M>) -> C,
    ) -> Self
    where
        C::Value: HoldsText,
    {
        let (name, column) = (name.into(), column(M::Columns::<M>::COLUMNS));
        let with = |test: &str| format!("{name}__{test}");
        self.contains(with("contains"), |_| column.clone())
            .icontains(with("icontains"), |_| column.clone())
            .ieq(with("ieq"), |_| column.clone())
            .starts_with(with("starts_with"), |_| column.clone())
            .istarts_with(with("istarts_with"), |_| column.clone())
            .ends_with(with("ends_with"), |_| column.clone())
            .iends_with(with("iends_with"), |_| column.clone())
    }

    /// Parameters that are read elsewhere, such as those of the order and the page. All other unknown ones are errors.
    pub fn ignore<N: Into<Cow<'static, str>>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.ignored.extend(names.into_iter().map(Into::into));
        self
    }
}
