//! Several chains together, written with the library.

use sqliter::bounds::SelectTogether;
use sqliter::bounds::{Computed, OfTogether, OneStatement, Orders, PerGroup, PerRow, PerWindow, Unites};
use sqliter::{Model, Order, Result, Select, Session};

use super::access::Root;
use super::catalog::TableId;
use super::chains::{finished, select};
use super::schema::{Book, Person, Tag};
use super::terminals::{Got, Output, Terminal};
use super::together::{Gives, How, Key, Other, Slicing, Together};
use super::tree::{Expr, Item, Load, Nulls};
use super::typed::{Side, order, value};
use super::types::{Held, Stored, Type, each_type};

pub async fn run(session: &Session, together: &Together, terminal: &Terminal) -> Result<Got> {
    match (together.gives, together.first.root) {
        (Gives::Rows, TableId::Person) => rows::<Person>(session, together, terminal).await,
        (Gives::Rows, _) => rows::<Tag>(session, together, terminal).await,
        (_, TableId::Person) => values::<Person>(session, together, terminal).await,
        (_, TableId::Book) => values::<Book>(session, together, terminal).await,
        (_, _) => values::<Tag>(session, together, terminal).await,
    }
}

async fn rows<M: Root + Output>(session: &Session, together: &Together, terminal: &Terminal) -> Result<Got> {
    let Together { first, others, slice, .. } = together;
    let key = |columns: &'static M::Columns<M>, key: &Key| {
        let of = M::ID.table().columns[key.position].of;
        let value = Expr::Column { path: 0, column: key.position, of };
        let key = super::tree::SortKey { value, descending: key.descending, nulls: key.nulls };
        order::<M, PerRow>(columns, &key)
    };
    let first = select::<M>(session, first);
    let (mut all, others) = match others.split_first() {
        Some((Other { how, chain, .. }, others)) => {
            let other = select::<M>(session, chain);
            (begun(first, *how, other), others)
        }
        None => panic!("there are two"),
    };
    for Other { so_far, how, chain } in others {
        if let Some(so_far) = so_far {
            all = sliced(all, so_far, key);
        }
        all = joined(all, *how, select::<M>(session, chain));
    }
    end(sliced(all, slice, key), terminal).await
}

fn begun<'s, M: Model, S: Unites<M>, N: Model, Z: Unites<N, Output = S::Output>>(
    first: Select<'s, M, S>,
    how: How,
    other: Select<'_, N, Z>,
) -> SelectTogether<'s, M, S> {
    match how {
        How::UnionAll => first.union_all(other),
        How::Union => first.union(other),
        How::Intersect => first.intersect(other),
        How::Except => first.except(other),
    }
}

fn joined<'s, M: Model, S: Unites<M>, N: Model, Z: Unites<N, Output = S::Output>>(
    all: SelectTogether<'s, M, S>,
    how: How,
    other: Select<'_, N, Z>,
) -> SelectTogether<'s, M, S> {
    match how {
        How::UnionAll => all.union_all(other),
        How::Union => all.union(other),
        How::Intersect => all.intersect(other),
        How::Except => all.except(other),
    }
}

fn sliced<'s, M: Model, S: Unites<M>, O: Orders<M, OfTogether>>(
    mut all: SelectTogether<'s, M, S>,
    slice: &Slicing,
    order: impl Fn(S::Keys, &Key) -> O,
) -> SelectTogether<'s, M, S> {
    for key in &slice.keys {
        all = all.order(|keys| order(keys, key));
    }
    if let Some(limit) = slice.limit {
        all = all.limit(limit);
    }
    if slice.offset > 0 { all.offset(slice.offset) } else { all }
}

fn item<M: Root, L: Side<M>>(columns: &M::Columns<M>, item: &Item) -> Computed<M, Stored, L> {
    value::<M, L>(columns, &item.value).into_stored()
}

/// A sort key by one of the values that are given.
fn by<M: Model, L: 'static>(value: Computed<M, Stored, L>, of: Type, key: &Key) -> Order<M, L> {
    fn of_type<M: Model, T: Held, L: 'static>(value: Computed<M, Stored, L>, descending: bool) -> Order<M, L>
    where
        Option<T>: sqliter::bounds::HoldsComparable,
    {
        let value = value.retyped::<Option<T>>();
        if descending { value.desc() } else { value.asc() }
    }
    let order = each_type!(of, T => of_type::<M, T, L>(value, key.descending));
    match key.nulls {
        None => order,
        Some(Nulls::First) => order.nulls_first(),
        Some(Nulls::Last) => order.nulls_last(),
    }
}

/// Gives a chain a name, whatever kind of chain of one value it is.
macro_rules! with_one {
    ($model:ty, $session:expr, $chain:expr, $query:ident => $body:expr) => {
        match &$chain.load {
            Load::Fields(items) if items[0].value.has_window() => {
                let $query = select::<$model>($session, $chain).only(|c| item::<_, PerWindow>(c, &items[0]));
                $body
            }
            Load::Fields(items) => {
                let $query = select::<$model>($session, $chain).only(|c| item::<_, PerRow>(c, &items[0]));
                $body
            }
            Load::Distinct(items) => {
                let query = select::<$model>($session, $chain).only(|c| item::<_, PerRow>(c, &items[0])).distinct();
                let $query = finished(query, &$chain.slice, items);
                $body
            }
            other => panic!("{other:?} does not give one value"),
        }
    };
}

/// The same of two.
macro_rules! with_two {
    ($model:ty, $session:expr, $chain:expr, $query:ident => $body:expr) => {
        match &$chain.load {
            Load::Fields(items) => {
                let $query = select::<$model>($session, $chain)
                    .fields(|c| (item::<_, PerRow>(c, &items[0]), item::<_, PerRow>(c, &items[1])));
                $body
            }
            Load::Groups { keys, aggregates, .. } => {
                let query = select::<$model>($session, $chain).group_by(|c| item::<_, PerRow>(c, &keys[0]));
                let query = query.annotate(|c| item::<_, PerGroup>(c, &aggregates[0]));
                let $query = finished(query, &$chain.slice, keys);
                $body
            }
            other => panic!("{other:?} does not give two values"),
        }
    };
}

macro_rules! with_other {
    ($with:ident, $session:expr, $chain:expr, $query:ident => $body:expr) => {
        match $chain.root {
            TableId::Person => $with!(Person, $session, $chain, $query => $body),
            TableId::Book => $with!(Book, $session, $chain, $query => $body),
            _ => $with!(Tag, $session, $chain, $query => $body),
        }
    };
}

async fn values<M: Root>(session: &Session, together: &Together, terminal: &Terminal) -> Result<Got> {
    match together.gives {
        Gives::One(of) => {
            with_one!(M, session, &together.first, first => {
                let key = |value: Computed<M, Stored, _>, key: &Key| by(value, of, key);
                let all = with_others_of_one(first, session, &together.others, key);
                end(sliced(all, &together.slice, key), terminal).await
            })
        }
        Gives::Two(a, b) => {
            with_two!(M, session, &together.first, first => {
                // The values belong to different things, where one is that of a group.
                let key = |(first, second): (Computed<M, Stored, _>, Computed<M, Stored, _>), key: &Key| match key.position {
                    0 => (vec![by(first, a, key)], Vec::new()),
                    _ => (Vec::new(), vec![by(second, b, key)]),
                };
                let all = with_others_of_two(first, session, &together.others, key);
                end(sliced(all, &together.slice, key), terminal).await
            })
        }
        Gives::Rows => panic!("these are values"),
    }
}

macro_rules! with_others {
    ($name:ident, $with:ident, $output:ty) => {
        fn $name<'s, M: Root, S: Unites<M, Output = $output>, O: Orders<M, OfTogether>>(
            first: Select<'s, M, S>,
            session: &Session,
            others: &[Other],
            key: impl Fn(S::Keys, &Key) -> O,
        ) -> SelectTogether<'s, M, S> {
            let Some((Other { how, chain, .. }, others)) = others.split_first() else { panic!("there are two") };
            let mut all = with_other!($with, session, chain, other => begun(first, *how, other));
            for Other { so_far, how, chain } in others {
                if let Some(so_far) = so_far {
                    all = sliced(all, so_far, &key);
                }
                all = with_other!($with, session, chain, other => joined(all, *how, other));
            }
            all
        }
    };
}

with_others!(with_others_of_one, with_one, Stored);
with_others!(with_others_of_two, with_two, (Stored, Stored));

/// The ends of several chains together.
async fn end<M: Model, S: Unites<M, Output: Output> + OneStatement<M>>(
    all: SelectTogether<'_, M, S>,
    terminal: &Terminal,
) -> Result<Got> {
    let nested = |row: Option<S::Output>| Got::Row(row.map(Output::nested));
    Ok(match terminal {
        Terminal::All => Got::Rows(all.fetch_all().await?.into_iter().map(Output::nested).collect()),
        Terminal::One => nested(all.fetch_one().await?),
        Terminal::First => nested(all.fetch_first().await?),
        Terminal::Last => nested(all.fetch_last().await?),
        Terminal::Required => match all.fetch_required().await {
            Ok(row) => nested(Some(row)),
            Err(sqliter::Error::RecordNotFound { .. }) => Got::Row(None),
            Err(error) => return Err(error),
        },
        Terminal::Count => Got::Count(all.count().await?),
        Terminal::Exists => Got::Exists(all.exists().await?),
        Terminal::Stream => {
            let (mut stream, mut rows) = (all.fetch_stream(), Vec::new());
            while let Some(row) = stream.next().await {
                rows.push(row?.nested());
            }
            Got::Rows(rows)
        }
        Terminal::Pages(sizes) => {
            let (mut rows, mut cursor) = (Vec::new(), None);
            for size in sizes.iter().chain(std::iter::repeat(sizes.last().unwrap_or(&1))) {
                let page = all.clone().page_after(cursor, *size).with_total().await?;
                rows.extend(page.rows.into_iter().map(Output::nested));
                match page.next {
                    Some(next) => cursor = Some(next.to_string().parse()?),
                    None if page.total == Some(rows.len() as u64) => break,
                    None => return Ok(Got::Count(page.total.unwrap_or_default())),
                }
            }
            Got::Rows(rows)
        }
        Terminal::Sql => {
            let sql = all.to_sql()?;
            Got::Sql(format!("{}\n    {:?}", sql.text, sql.arguments))
        }
        Terminal::Again | Terminal::Dicts | Terminal::Related(..) => Got::Nothing,
    })
}
