//! What views load, as data: what it is for the rows of a chain, and at random. `given_views.rs` has the views.

use sqliter::{Model, Session};

use super::access::with_model;
use super::answer::{Answer, Around, Nested, chosen, listed};
use super::catalog::TableId;
use super::chains::select;
use super::datum::Datum;
use super::eval::{Result, Scope};
use super::generate::root;
use super::generate_chain::rows;
use super::given_views::{Given, Viewable};
use super::random::Random;
use super::schema::Person;
use super::terminals::{Got, Terminal};
use super::tree::{Chain, Cond, Expr, Prefetch, SortKey};
use super::types::Type;
use super::values::{TEXTS, value};
use super::world::{Row, World};

/// A view.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen(pub Vec<Field>);

#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    Row,
    Value(Expr),
    One(TableId, usize, Seen),
    Many(TableId, usize, Prefetch, Seen),
    Count(TableId, usize, Option<Cond>),
}

pub fn column(table: TableId, field: &str) -> Expr {
    let columns = &table.table().columns;
    let column = columns.iter().position(|column| column.field == field).unwrap();
    Expr::Column { path: 0, column, of: columns[column].of }
}

pub fn with(table: TableId, field: &str) -> Field {
    Field::Value(column(table, field))
}

pub fn one(table: TableId, name: &str, seen: Seen) -> Field {
    Field::One(table, table.table().ones.iter().position(|one| one.name == name).unwrap(), seen)
}

fn position(table: TableId, name: &str) -> usize {
    table.table().manies.iter().position(|many| many.name == name).unwrap()
}

pub fn many(table: TableId, name: &str, list: Prefetch, seen: Seen) -> Field {
    Field::Many(table, position(table, name), list, seen)
}

pub fn count(table: TableId, name: &str, filter: Option<Cond>) -> Field {
    Field::Count(table, position(table, name), filter)
}

pub const fn list(filter: Option<Cond>, order: Vec<SortKey>, limit: Option<u64>) -> Prefetch {
    Prefetch { filter, order, limit }
}

/// A chain that gives views.
#[derive(Debug, Clone, PartialEq)]
pub struct Seeing {
    pub chain: Chain,
    pub view: usize,
    pub given: Given,
    pub terminal: Terminal,
}

impl Seeing {
    pub fn random(random: &mut Random) -> Self {
        let (table, views) = loop {
            let table = root(random);
            let views = with_model!(table, M => M::VIEWS);
            if views > 0 {
                break (table, views);
            }
        };
        let Datum::Int(number) = value(random, Type::Int) else { panic!("a number") };
        let person = Person::key(i64::try_from(random.below(9) + 1).unwrap());
        let given = Given { number, text: (*random.pick(&TEXTS)).to_owned(), person };
        let terminal = match random.below(10) {
            0 => Terminal::Count,
            1 => Terminal::First,
            2 => Terminal::Last,
            3 | 4 => Terminal::Pages(vec![random.below(3) as u64 + 1]),
            5 => Terminal::Again,
            _ => Terminal::All,
        };
        Self { chain: rows(random, table), view: random.below(views), given, terminal }
    }

    pub fn expected(&self, world: &World) -> Result<Answer> {
        let slice = self.chain.whole_slice();
        let ordered = !slice.order.is_empty() || slice.limit.is_some() || slice.offset > 0;
        let seen = with_model!(self.chain.root, M => M::known(self.view, &self.given));
        let nested = |chain: &Chain| {
            let rows = chosen(world, chain)?;
            rows.iter().map(|row| self::seen(world, self.chain.root, row, &rows, &seen)).collect::<Result<Vec<_>>>()
        };
        let mut unlimited = self.chain.clone();
        (unlimited.slice.limit, unlimited.slice.offset) = (None, 0);
        Ok(Answer { rows: nested(&self.chain)?, ordered, all: nested(&unlimited)? })
    }

    pub async fn run(&self, session: &Session) -> sqliter::Result<Got> {
        with_model!(self.chain.root, M => {
            M::given(select::<M>(session, &self.chain), self.view, self.given.clone(), &self.terminal).await
        })
    }

    pub fn smaller(&self, chains: Vec<Chain>) -> Vec<Self> {
        let mut all: Vec<Self> = chains.into_iter().map(|chain| Self { chain, ..self.clone() }).collect();
        if self.terminal != Terminal::All {
            all.push(Self { terminal: Terminal::All, ..self.clone() });
        }
        if self.view > 0 {
            all.push(Self { view: self.view - 1, ..self.clone() });
        }
        all
    }
}

/// A row as a view; windows are over the rows beside it.
fn seen(world: &World, table: TableId, row: &Row, beside: &[&Row], of: &Seen) -> Result<Nested> {
    let own = [row];
    let scope = Scope { world, table, rows: &own, windows: beside, around: None };
    let around = Around { world, row: None, windows: &[] };
    let field = |field: &Field| -> Result<Nested> {
        Ok(match field {
            Field::Row => Nested::Row(row.clone()),
            Field::Value(value) => Nested::Value(scope.value(value)?, value.of()),
            Field::One(table, relation, of) => match world.one(*table, *relation, row) {
                Some(found) => seen(world, table.table().ones[*relation].target, found, &[], of)?,
                None => Nested::Nothing,
            },
            Field::Many(table, relation, list, of) => {
                let many = &table.table().manies[*relation];
                let all = Prefetch { limit: None, ..list.clone() };
                let beside = listed(around, many.target, world.related(many, row), &all)?;
                let rows = listed(around, many.target, world.related(many, row), list)?;
                let nested = rows.into_iter().map(|row| seen(world, many.target, row, &beside, of));
                Nested::List(nested.collect::<Result<_>>()?)
            }
            Field::Count(table, relation, filter) => {
                let many = &table.table().manies[*relation];
                let all = Prefetch { filter: filter.clone(), ..Prefetch::default() };
                let rows = listed(around, many.target, world.related(many, row), &all)?;
                Nested::Value(Datum::Int(i64::try_from(rows.len()).unwrap()), Type::Int)
            }
        })
    };
    Ok(Nested::Tuple(of.0.iter().map(field).collect::<Result<_>>()?))
}
