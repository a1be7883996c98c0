//! Rows joined with related ones, written with the library.

use sqliter::bounds::{GivesRows, OneStatement, SelectBoth, Shape};
use sqliter::model::{Model, Path};
use sqliter::relation::{Many, Relation, ToMany};
use sqliter::{Condition, Order, Result, Select, Session};

use super::access::{Root, with_model};
use super::chains::select;
use super::pairs::{Gives, Join, PairCond, PairValue, Pairing};
use super::shapes::list;
use super::slots_typed::{Slot, over};
use super::terminals::{Got, Output, Terminal, streamed};
use super::tree::{Cond, Expr, SortKey, Way};
use super::typed::{Dynamic, coalesced, compared, condition, sorted_by, value};

pub async fn run(session: &Session, of: &Pairing) -> Result<Got> {
    with_model!(of.chain.root, M => M::paired(select::<M>(session, &of.chain), of).await)
}

/// The rows of a chain with those of one of its relations.
pub async fn joined<M, R>(
    select: Select<'_, M>,
    relation: impl Fn(&M::Columns<M>) -> ToMany<M, R>,
    of: &Pairing,
) -> Result<Got>
where
    M: Root + Output,
    R: Relation<Source = M, Cardinality = Many, Target: Root + Output>,
{
    let rows = |columns: &M::Columns<M>| list(relation(columns), &mut std::slice::from_ref(&of.rows).iter());
    match of.join {
        Join::First => streamed(select.with_first(rows), &of.terminal).await,
        Join::Inner => given(select.join_related(rows), of).await,
        Join::Left => given(select.left_join_related(rows), of).await,
    }
}

async fn given<M: Root, Q, S>(mut pairs: SelectBoth<'_, M, Q, S>, of: &Pairing) -> Result<Got>
where
    Q: Path<Root = M, Model: Root>,
    S: GivesRows<M, Output: Output> + OneStatement<M>,
{
    for filter in &of.filters {
        pairs = pairs.filter(|own, other| condition_of::<M, Q>(own, other, filter));
    }
    for key in &of.order {
        pairs = pairs.order(|own, other| -> Order<M> {
            let by = SortKey {
                value: Expr::Literal(super::datum::Datum::Null, key.value.of()),
                descending: key.descending,
                nulls: key.nulls,
            };
            sorted_by(value_of::<M, Q>(own, other, &key.value), &by)
        });
    }
    if let Some(limit) = of.limit {
        pairs = pairs.limit(limit);
    }
    if of.offset > 0 {
        pairs = pairs.offset(of.offset);
    }
    let stored = |own: &M::Columns<M>, other: &Other<Q>, of: &PairValue| value_of::<M, Q>(own, other, of).into_stored();
    match &of.gives {
        Gives::Both => end(pairs, &of.terminal).await,
        Gives::Values(a, b) => end(pairs.fields(|x, y| (stored(x, y, a), stored(x, y, b))), &of.terminal).await,
        Gives::Window(first, window, slots) => {
            let windowed = pairs.fields(|x, y| {
                let slots: Vec<_> = slots.iter().map(|of| Slot::Own(value_of::<M, Q>(x, y, of))).collect();
                (stored(x, y, first), over(window, &slots))
            });
            end(windowed, &of.terminal).await
        }
    }
}

/// The columns of the joined row.
type Other<Q> = <<Q as Path>::Model as Model>::Columns<Q>;

fn value_of<M: Root, Q: Path<Root = M, Model: Root>>(
    own: &M::Columns<M>,
    other: &Other<Q>,
    of: &PairValue,
) -> Dynamic<M, sqliter::bounds::PerRow> {
    match of {
        PairValue::Own(expr) => value(own, expr),
        PairValue::Other(expr) => {
            let reached = <Q::Model as Root>::reach::<Q>(other);
            match expr {
                Expr::Column { path: 0, column, .. } => reached.column(*column),
                Expr::Related { path: 0, way: Way::Relation(relation), distinct, aggregate } => {
                    reached.relation(*relation).aggregate(aggregate, *distinct)
                }
                other => panic!("{other:?} of a joined row"),
            }
        }
        PairValue::Coalesce(first, second) => {
            coalesced(value_of::<M, Q>(own, other, first), value_of::<M, Q>(own, other, second))
        }
    }
}

fn condition_of<M: Root, Q: Path<Root = M, Model: Root>>(
    own: &M::Columns<M>,
    other: &Other<Q>,
    of: &PairCond,
) -> Condition<M> {
    let value = |of: &PairValue| value_of::<M, Q>(own, other, of);
    let inner = |of: &PairCond| condition_of::<M, Q>(own, other, of);
    match of {
        PairCond::Own(cond) => condition(own, cond),
        PairCond::Other(Cond::Related { relation, test, condition, .. }) => {
            <Q::Model as Root>::reach::<Q>(other).relation(*relation).test(*test, condition)
        }
        PairCond::Other(cond) => panic!("{cond:?} of a joined row"),
        PairCond::Compare(a, comparison, b) => compared(value(a), *comparison, Ok(value(b))),
        PairCond::With(a, comparison, b) => compared(value(a), *comparison, Err(b)),
        PairCond::Null(a, negated) => {
            let value = value(a).into_stored().retyped::<Option<String>>();
            if *negated { value.is_not_null() } else { value.is_null() }
        }
        PairCond::And(a, b) => inner(a) & inner(b),
        PairCond::Or(a, b) => inner(a) | inner(b),
        PairCond::Not(a) => !inner(a),
    }
}

/// The ends of pairs.
async fn end<M: Model, Q, S: Shape<M, Output: Output> + OneStatement<M>>(
    pairs: SelectBoth<'_, M, Q, S>,
    terminal: &Terminal,
) -> Result<Got> {
    let nested = |row: Option<S::Output>| Got::Row(row.map(Output::nested));
    Ok(match terminal {
        Terminal::All => Got::Rows(pairs.fetch_all().await?.into_iter().map(Output::nested).collect()),
        Terminal::First => nested(pairs.fetch_first().await?),
        Terminal::Last => nested(pairs.fetch_last().await?),
        Terminal::One => nested(pairs.fetch_one().await?),
        Terminal::Required => match pairs.fetch_required().await {
            Ok(row) => nested(Some(row)),
            Err(sqliter::Error::RecordNotFound { .. }) => Got::Row(None),
            Err(error) => return Err(error),
        },
        Terminal::Count => Got::Count(pairs.count().await?),
        Terminal::Exists => Got::Exists(pairs.exists().await?),
        Terminal::Stream => {
            let (mut stream, mut rows) = (pairs.fetch_stream(), Vec::new());
            while let Some(row) = stream.next().await {
                rows.push(row?.nested());
            }
            Got::Rows(rows)
        }
        Terminal::Sql => {
            let sql = pairs.to_sql()?;
            Got::Sql(format!("{}\n    {:?}", sql.text, sql.arguments))
        }
        Terminal::Again | Terminal::Dicts | Terminal::Pages(_) | Terminal::Related(..) => Got::Nothing,
    })
}
