//! Failures that are known and not mended yet: cases that may show one are left out, until its line in [`UNMENDED`] is
//! removed. `ORACLE_KNOWN=1` runs them too, `ORACLE_KNOWN=LastUnderLimit,…` some of them.

use std::sync::LazyLock;

use super::catalog::TableId;
use super::datum::Datum;
use super::terminals::Terminal;
use super::tree::{Chain, Cond, Expr, Load, Slice, Test};
use super::types::Type;
use super::visit::{Node, any_node, in_expr};
use super::world::{Row, World};
use super::write::Write;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// `any(…)` in a filter, with an offset.
    AnyWithOffset,
    /// An alias is called as a column that the chain is sorted by.
    AliasInOrder,
    /// CASE and `coalesce` over decimal numbers compare as text.
    DecimalChoice,
    /// A page sorts by something behind the primary key.
    PageBehindKey,
    /// `fetch_last` counts the limit and the offset from the end.
    LastUnderLimit,
    /// An order, a limit or an offset before `group_by`, `annotate` or `distinct`.
    LimitBeforeGroups,
    /// `exclude` of a related column drops the model's own.
    ExcludeRelated,
    /// An update from related rows sees rows that it has changed, or is confused by a table called as an alias.
    UpdateFromRelated,
    /// A computed value that its column cannot hold is stored.
    UpdateOutOfRange,
    /// Decimal keys that are equal and written in two ways, such as 1.5 and 1.50, are two.
    DecimalTwins,
}

/// Those that are left out: none now. A failure that cannot be mended at once gets its line here.
const UNMENDED: &[Known] = &[];

/// Whether a chain with an end may show a known failure.
fn may_show(known: Known, chain: &Chain, terminal: &Terminal) -> bool {
    match known {
        Known::AnyWithOffset => {
            let any = |cond: &Cond| matches!(cond, Cond::Related { test: Test::Any, .. });
            let sliced = chain.slice.offset > 0 || chain.before.as_ref().is_some_and(|slice| slice.offset > 0);
            sliced && any_node(chain, &|node| matches!(node, Node::Cond(cond) if any(cond)))
        }
        Known::AliasInOrder => {
            let items = match &chain.load {
                Load::Fields(items) | Load::Distinct(items) => items.iter().collect(),
                Load::Groups { keys, aggregates, .. } => keys.iter().chain(aggregates).collect(),
                _ => Vec::new(),
            };
            items.iter().any(|item| item.alias.is_some())
        }
        Known::DecimalChoice => any_node(chain, &|node| {
            let choice = |expr: &Expr| matches!(expr, Expr::Case(..) | Expr::Coalesce(..));
            matches!(node, Node::Expr(expr) if choice(expr) && matches!(expr.of(), Type::Decimal | Type::RateKey))
        }),
        Known::PageBehindKey => {
            let key =
                chain.slice.order.iter().position(|key| matches!(key.value, Expr::Column { path: 0, column: 0, .. }));
            matches!(terminal, Terminal::Pages(_)) && key.is_some_and(|key| key + 1 < chain.slice.order.len())
        }
        Known::LastUnderLimit => *terminal == Terminal::Last && (chain.slice.limit.is_some() || chain.slice.offset > 0),
        Known::LimitBeforeGroups => chain.before.as_ref().is_some_and(|slice| *slice != Slice::default()),
        Known::ExcludeRelated => matches!(&chain.load, Load::Exclude(all) if all.iter().any(|(path, _)| *path != 0)),
        Known::UpdateFromRelated | Known::UpdateOutOfRange | Known::DecimalTwins => false,
    }
}

/// Whether a chain with an end is left out.
pub fn is_left_out(chain: &Chain, terminal: &Terminal) -> bool {
    left_out().iter().any(|known| may_show(*known, chain, terminal))
}

fn left_out() -> &'static [Known] {
    static LEFT_OUT: LazyLock<Vec<Known>> = LazyLock::new(|| {
        let wanted = std::env::var("ORACLE_KNOWN").unwrap_or_default();
        let is_wanted = |known: &Known| wanted == "1" || wanted.split(',').any(|name| name == format!("{known:?}"));
        UNMENDED.iter().copied().filter(|known| !is_wanted(known)).collect()
    });
    &LEFT_OUT
}

/// Whether a write may show a known failure.
fn may_write_show(known: Known, world: &World, write: &Write) -> bool {
    let (table, sets) = match write {
        Write::Update { chain, sets } => (chain.root, &sets[..]),
        Write::Upsert { table, changes: Some(changes), .. } => (*table, &changes.sets[..]),
        _ => (TableId::Book, &[][..]),
    };
    match known {
        Known::UpdateFromRelated => {
            let related = |node: Node<'_>| match node {
                Node::Expr(Expr::Column { path, .. }) => *path != 0,
                Node::Expr(Expr::Related { .. }) | Node::Cond(Cond::Related { .. } | Cond::Nobody { .. }) => true,
                Node::Expr(_) | Node::Cond(_) => false,
            };
            sets.iter().any(|(_, value)| in_expr(value, &related))
        }
        Known::UpdateOutOfRange => sets.iter().any(|(column, value)| {
            let narrow = matches!(table.column(0, *column).of, Type::Small | Type::Byte | Type::Single);
            narrow && !matches!(value, Expr::Literal(..))
        }),
        Known::DecimalTwins => has_twins(world, write),
        _ => match write {
            Write::Update { chain, .. } | Write::Delete { chain } => may_show(known, chain, &Terminal::All),
            _ => false,
        },
    }
}

/// Whether a key of a rate is written in other digits than the rate that there is.
fn has_twins(world: &World, write: &Write) -> bool {
    let differs = |key: &Datum| match (key, world.find(TableId::Rate, key)) {
        (Datum::Decimal(key), Some(rate)) => !matches!(&rate[0], Datum::Decimal(known) if known.scale() == key.scale()),
        _ => false,
    };
    let in_row = |table: TableId, row: &Row| {
        let columns = table.table().columns.iter().zip(row).enumerate();
        let mut keys =
            columns.filter(|(i, (column, _))| column.of == Type::RateKey || (table == TableId::Rate && *i == 0));
        keys.any(|(_, (_, value))| differs(value))
    };
    match write {
        Write::Insert { table, rows, .. } | Write::Save { table, rows } => {
            // Those of new rows among each other too.
            let twins = |a: &Row, b: &Row| a[0] == b[0] && format!("{:?}", a[0]) != format!("{:?}", b[0]);
            rows.iter().any(|row| in_row(*table, row) || rows.iter().any(|other| twins(row, other)))
        }
        Write::Upsert { table, row, .. } | Write::GetOrCreate { table, row, .. } => in_row(*table, row),
        Write::Remove { table, key } => *table == TableId::Rate && differs(key),
        Write::Update { sets, .. } => sets.iter().any(|(_, value)| {
            in_expr(value, &|node| matches!(node, Node::Expr(Expr::Literal(key, Type::RateKey)) if differs(key)))
        }),
        Write::Delete { .. } | Write::Pairs { .. } => false,
    }
}

/// Whether a write is left out.
pub fn is_write_left_out(world: &World, write: &Write) -> bool {
    left_out().iter().any(|known| may_write_show(*known, world, write))
}
