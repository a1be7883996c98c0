//! Chains inside of other chains, and values of the rows around them.

use std::sync::LazyLock;

use sqliter::bounds::{Computed, Outer, PerGroup, PerRow, PerWindow};
use sqliter::model::Columns;
use sqliter::{Condition, Db, Model, exists};

use super::access::{Root, with_model};
use super::catalog::TableId;
use super::chains::{finished, select};
use super::tree::{Chain, Expr, Load};
use super::typed::{Calculates, Side, condition_of, value};
use super::types::Stored;

/// What chains inside of others are begun with. Only what they say is used, so that it can be a database without tables.
pub static ELSEWHERE: LazyLock<Db> = LazyLock::new(|| {
    let open = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(Db::memory());
    std::thread::spawn(open).join().unwrap().unwrap()
});

/// A value of the row so many queries further out.
pub fn outer(up: usize, table: TableId, of: &Expr) -> Outer<Stored> {
    let once = with_model!(table, N => sqliter::outer(value::<N, PerRow>(<N as Model>::Columns::<N>::COLUMNS, of).into_stored()));
    (1..up).fold(once, |value, _| sqliter::outer(value))
}

/// Gives a chain of one value a name, whose value has any type.
macro_rules! with_query {
    ($chain:expr, $of:ty, $query:ident => $body:expr) => {
        with_model!($chain.root, N => match &$chain.load {
            Load::Fields(items) if items[0].value.has_window() => {
                let $query =
                    select::<N>(&ELSEWHERE, $chain).only(|c| value_as::<N, PerWindow, $of>(c, &items[0].value));
                $body
            }
            Load::Fields(items) => {
                let $query = select::<N>(&ELSEWHERE, $chain).only(|c| value_as::<N, PerRow, $of>(c, &items[0].value));
                $body
            }
            Load::Distinct(items) => {
                let query = select::<N>(&ELSEWHERE, $chain);
                let query = query.only(|c| value_as::<N, PerRow, $of>(c, &items[0].value)).distinct();
                let $query = finished(query, &$chain.slice, items);
                $body
            }
            Load::Groups { aggregates, having, .. } => {
                let query = select::<N>(&ELSEWHERE, $chain);
                let mut query = query.annotate(|c| value_as::<N, PerGroup, $of>(c, &aggregates[0].value));
                for condition in having {
                    query = query.having(|c| condition_of::<N, PerGroup>(c, condition));
                }
                let $query = finished(query, &$chain.slice, &[]);
                $body
            }
            Load::Rows | Load::Values(_) | Load::Shape(..) | Load::View(_) | Load::Exclude(_) => panic!("{:?} is no subquery", $chain),
        })
    };
}

fn value_as<M: Root, L: Side<M>, T>(columns: &M::Columns<M>, of: &Expr) -> Computed<M, T, L> {
    value::<M, L>(columns, of).into_stored().retyped()
}

/// The value of the first row.
pub fn value_of<M>(chain: &Chain) -> Computed<M, Stored> {
    with_query!(chain, Stored, query => query.as_value().retyped())
}

/// Whether the value is in the list that a chain is. What the library does with a list is the same for all types.
pub fn in_query<M: Model, L: Calculates>(
    value: Computed<M, Option<String>, L>,
    chain: &Chain,
    negated: bool,
) -> Condition<M, L> {
    with_query!(chain, Option<String>, query => if negated { value.not_in(query) } else { value.is_in(query) })
}

pub fn there_are<M>(chain: &Chain) -> Condition<M> {
    with_query!(chain, Stored, query => exists(query))
}
