//! Writes that give back chosen values of what they have written.

use sqliter::bounds::{Computed, PerRow};
use sqliter::{Error, Result, Session};

use super::access::{Root, with_model};
use super::answer::{Nested, chosen, row_values};
use super::catalog::TableId;
use super::chains::select;
use super::check::{Failure, same_rows};
use super::check_write::disagreement;
use super::generate::{Place, expr, some_type};
use super::predict::{Outcome, Prediction, is_automatic, predict};
use super::random::Random;
use super::store;
use super::terminals::Output;
use super::tree::Expr;
use super::typed::{assignment, value};
use super::types::Stored;
use super::world::{Row, World};
use super::write::{Deletion, Write, write};

/// A write, and what it gives back.
#[derive(Debug, Clone, PartialEq)]
pub struct Returned {
    pub write: Write,
    pub values: [Expr; 2],
}

impl Returned {
    pub fn random(random: &mut Random, world: &World) -> Self {
        let write = loop {
            let write = write(random, world);
            if matches!(write, Write::Insert { .. } | Write::Update { .. } | Write::Delete { .. }) {
                break write;
            }
        };
        let place = Place::of(write.table());
        let mut value = || {
            let mut value = None;
            for _ in 0..8 {
                let (of, depth) = (some_type(random, place), random.below(3));
                let next = expr(random, place, of, depth);
                if is_own(&next) || random.chance(5) {
                    return next;
                }
                value = Some(next);
            }
            value.expect("there were some")
        };
        let values = [value(), value()];
        Self { write, values }
    }

    /// In a transaction that is undone.
    pub async fn failure(&self, session: &Session, world: &World) -> Option<Failure> {
        let prediction = predict(world, &self.write).ok()?;
        let got = run(session, self).await;
        let after = match store::read(session).await {
            Ok(after) => after,
            Err(error) => {
                let got = format!("{got:?}, after which the rows cannot be read: {error}");
                return Some(Failure { got, expected: format!("{:?}", prediction.outcome) });
            }
        };
        let unchanged = after == world.clone().sorted();
        if let Err(Error::ReturningRelated { .. }) = &got {
            let refused = unchanged && !self.values.iter().all(is_own);
            let got = format!("{got:?}, and the rows are as before: {unchanged}");
            return (!refused).then(|| Failure { got, expected: "values".to_owned() });
        }
        let number = got.as_ref().map(|rows| rows.len() as u64).unwrap_or_default();
        let outcome = got.map(|rows| (Outcome::Count(number, true), rows));
        let (outcome, rows) = match outcome {
            Ok((outcome, rows)) => (Ok(outcome), rows),
            Err(error) => (Err(error), Vec::new()),
        };
        let certain = !matches!(prediction.outcome, Outcome::Count(_, false));
        let expected = Outcome::Count(expected_number(&prediction), certain);
        let prediction = Prediction { outcome: expected, ..prediction };
        let table = self.write.table();
        if let Some(got) = disagreement(table, world, &prediction, &outcome, &after) {
            return Some(Failure { got, expected: format!("{:?}", prediction.outcome) });
        }
        if outcome.is_err() {
            return None;
        }
        let written = self.written(world, &after);
        if self.is_of_before() && goes_with_another(table, &written) {
            return None;
        }
        let place = if self.is_of_before() { world } else { &after };
        let mut expected = Vec::new();
        for row in &written {
            let values = row_values(place, table, row, self.values.iter()).ok()?;
            let values = values.into_iter().zip(&self.values);
            expected.push(Nested::Tuple(values.map(|(value, of)| Nested::Value(value, of.of())).collect()));
        }
        let ordered = matches!(self.write, Write::Insert { .. });
        let agrees = same_rows(&expected, &rows, ordered);
        (!agrees).then(|| Failure { got: format!("{rows:?}"), expected: format!("{expected:?}") })
    }

    /// Whether it gives values of rows that are gone.
    const fn is_of_before(&self) -> bool {
        match &self.write {
            Write::Delete { chain, how } => {
                let soft = matches!(chain.root, TableId::Person | TableId::Tag);
                !soft || matches!(how, Deletion::ForGood)
            }
            _ => false,
        }
    }

    /// The rows that were written, in the order in which an insert gives them.
    fn written(&self, before: &World, after: &World) -> Vec<Row> {
        match &self.write {
            Write::Update { chain, .. } | Write::Delete { chain, .. } => {
                let mut chain = chain.clone();
                if let Write::Delete { how: Deletion::TakenBack, .. } = &self.write {
                    chain.deleted = super::tree::Deleted::Only;
                }
                let chosen = chosen(before, &chain).unwrap_or_default();
                let rows = if self.is_of_before() { before } else { after };
                chosen.into_iter().filter_map(|row| rows.find(chain.root, &row[0])).cloned().collect()
            }
            Write::Insert { table, rows, with_key } if *with_key || !is_automatic(*table) => {
                rows.iter().filter_map(|row| after.find(*table, &row[0])).cloned().collect()
            }
            other => {
                let table = other.table();
                let is_new = |row: &&Row| before.find(table, &row[0]).is_none();
                after.rows(table).iter().filter(is_new).cloned().collect()
            }
        }
    }
}

/// Whether a row may be gone, or another one, when its turn to be deleted comes: it refers to a row that goes before it.
fn goes_with_another(table: TableId, rows: &[Row]) -> bool {
    let to_itself = table.table().ones.iter().filter(|one| one.target == table);
    to_itself.into_iter().any(|one| rows.iter().any(|row| rows.iter().any(|other| row[one.column] == other[0])))
}

fn expected_number(prediction: &Prediction) -> u64 {
    match &prediction.outcome {
        Outcome::Count(number, _) => *number,
        Outcome::Rows(rows) => rows.len() as u64,
        other => panic!("{other:?} is no number"),
    }
}

/// Whether a value is one of the row alone, by what it is written with.
fn is_own(value: &Expr) -> bool {
    let text = format!("{value:?}");
    let further = ["Related {", "Subquery(", "First {", "ThereAre(", "InQuery(", "Nobody {", "Has {"];
    let paths = text.match_indices("path: ").all(|(at, name)| text[at + name.len()..].starts_with("0,"));
    paths && !further.iter().any(|name| text.contains(name))
}

async fn run(session: &Session, of: &Returned) -> Result<Vec<Nested>> {
    with_model!(of.write.table(), M => Box::pin(run_of::<M>(session, of)).await)
}

async fn run_of<M: Root>(session: &Session, of: &Returned) -> Result<Vec<Nested>> {
    type Two<M> = (Computed<M, Stored>, Computed<M, Stored>);
    let values = |c: &M::Columns<M>| -> Two<M> {
        let one = |of: &Expr| value::<M, PerRow>(c, of).into_stored();
        (one(&of.values[0]), one(&of.values[1]))
    };
    let given = match &of.write {
        Write::Insert { rows, with_key: false, .. } => match &rows[..] {
            [row] => session.insert(M::draft(row)).returning(values).fetch_all().await?,
            rows => {
                let insert = session.bulk_insert(rows.iter().map(|row| M::draft(row)));
                insert.returning(values).fetch_all().await?
            }
        },
        Write::Insert { rows, .. } => {
            let rows = rows.iter().map(|row| (M::draft(row), row));
            let insert = session.bulk_insert_with(rows, |columns, row| M::given(columns, row));
            insert.returning(values).fetch_all().await?
        }
        Write::Update { chain, sets } => {
            let update = select::<M>(session, chain)
                .update(|c| sets.iter().map(|(column, to)| assignment::<M>(c, *column, to)).collect::<Vec<_>>());
            update.returning(values).fetch_all().await?
        }
        Write::Delete { chain, how } => {
            M::deleting(select::<M>(session, chain), *how).returning(values).fetch_all().await?
        }
        other => panic!("{other:?} gives nothing back"),
    };
    Ok(given.into_iter().map(Output::nested).collect())
}
