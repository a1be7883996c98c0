//! Random questions and writes over documents, embedded structs and a full-text search, compared with plain Rust over a vector: what
//! `oracle` does for columns and relations.
//!
//! `PAPERS_SEED=4711 cargo test -p sqliter-tests --test papers` repeats one case, `PAPERS_CASES=100000` runs long, `PAPERS_FROM=5000`
//! begins elsewhere.

mod asked;
mod changed;
mod documents;
mod model;
#[path = "../oracle/random.rs"]
mod random;
mod words;

use std::time::{Duration, UNIX_EPOCH};

use sqliter::{Db, Result, Session};

use self::asked::{Asked, Given, Leaf, given, order};
use self::changed::{Write, is_refusal};
use self::documents::PATHS;
use self::model::{NOW, Paper, draft, row};
use self::random::Random;

/// A question about all rows.
#[derive(Debug, Clone)]
struct Question {
    filter: Asked,
    order: Option<(Leaf, bool)>,
    limit: Option<usize>,
    path: usize,
    page: u64,
}

impl Question {
    fn random(random: &mut Random) -> Self {
        Self {
            filter: Asked::random(random, 2),
            order: random.chance(60).then(|| (Leaf::random(random), random.chance(50))),
            limit: random.chance(30).then(|| random.below(4)),
            path: random.below(PATHS.len()),
            page: random.below(3) as u64 + 1,
        }
    }

    /// What differs from what the rows say.
    async fn failure(&self, db: &Session, papers: &[Paper]) -> Result<Option<String>> {
        let mut expected: Vec<&Paper> =
            papers.iter().filter(|paper| paper.gone.is_none() && self.filter.holds(paper)).collect();
        if let Some((leaf, descending)) = self.order {
            expected.sort_by(|a, b| {
                let ordering = leaf.of(a).sort(&leaf.of(b)).then(a.pk.raw().cmp(b.pk.raw()));
                if descending { ordering.reverse() } else { ordering }
            });
        }
        let all: Vec<Paper> = expected.iter().map(|paper| (*paper).clone()).collect();
        expected.truncate(self.limit.unwrap_or(usize::MAX));
        let mut chain = db.select::<Paper>().filter(|c| self.filter.condition(c));
        chain = match self.order {
            Some((leaf, descending)) => chain.order(|_| order(leaf, descending)),
            None => chain.order(|c| c.pk.asc()),
        };
        let unlimited = chain.clone();
        if let Some(limit) = self.limit {
            chain = chain.limit(limit as u64);
        }
        let rows = chain.clone().fetch_all().await?;
        if rows.iter().ne(expected.iter().copied()) {
            return Ok(Some(format!("got {rows:#?}\nexpected {expected:#?}\n{}", chain.to_sql()?)));
        }
        if chain.clone().count().await? != expected.len() as u64 {
            return Ok(Some("another number".to_owned()));
        }
        let path = PATHS[self.path].0;
        let values: Vec<Given> = chain
            .fields(|c| {
                (c.meta.path::<sqliter::Json<serde_json::Value>>(path), c.home, c.away, c.away.size, c.away.city)
            })
            .fetch_all()
            .await?;
        let given: Vec<Given> = expected.iter().map(|paper| given(paper, self.path)).collect();
        if values != given {
            return Ok(Some(format!("got {values:?}\nexpected {given:?}")));
        }
        let (mut read, mut cursor) = (Vec::new(), None);
        loop {
            let page = unlimited.clone().page_after(cursor, self.page).await?;
            read.extend(page.rows);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        Ok((read != all).then(|| format!("pages gave {read:#?}\nexpected {all:#?}")))
    }
}

/// Of one database after another: rows, and what is written and asked then.
struct Case {
    first: Vec<Paper>,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Ask(Box<Question>),
    Write(Box<Write>),
}

impl Case {
    /// Runs the steps over the rows, but for those whose numbers are left out.
    async fn run(db: &Db, seed: u64, without: &[usize]) -> std::result::Result<(), String> {
        let mut random = Random::new(seed);
        let case = Self::new(&mut random);
        let tx = db.begin().await.unwrap();
        let mut papers = Vec::new();
        for (number, paper) in case.first.iter().enumerate() {
            if without.contains(&(1_000 + number))
                || papers.iter().any(|p: &Paper| p.isbn.is_some() && p.isbn == paper.isbn)
            {
                continue;
            }
            let Paper { pk, title, body, isbn, meta, extra, home, away, .. } = paper.clone();
            let new = model::NewPaper { title, body, isbn, meta, extra, home, away };
            tx.insert_with(new, |c| c.pk.given(pk)).await.unwrap();
            papers.push(paper.clone());
        }
        let mut told = Ok(());
        for (number, step) in case.steps.iter().enumerate().filter(|(number, _)| !without.contains(number)) {
            let failed = match step {
                Step::Ask(question) => match question.failure(&tx, &papers).await {
                    Ok(failure) => failure,
                    Err(error) => Some(format!("the error: {error}")),
                },
                Step::Write(write) => written(&tx, write, &mut papers).await,
            };
            if let Some(failed) = failed {
                told = Err(format!("step {number}: {step:?}\n{failed}"));
                break;
            }
        }
        tx.rollback().await.unwrap();
        told
    }

    fn new(random: &mut Random) -> Self {
        let first: Vec<Paper> = (0..random.below(7)).map(|number| row(number as i64 + 1, draft(random))).collect();
        let steps = (0..10)
            .map(|_| {
                if random.chance(50) {
                    Step::Ask(Box::new(Question::random(random)))
                } else {
                    Step::Write(Box::new(Write::random(random, &first)))
                }
            })
            .collect();
        Self { first, steps }
    }
}

/// Writes, and compares all rows afterwards, and the search with them.
async fn written(db: &Session, write: &Write, papers: &mut Vec<Paper>) -> Option<String> {
    let predicted = write.predict(papers);
    let got = write.run(db).await;
    let after = match db.select::<Paper>().with_deleted().order(|c| c.pk.asc()).fetch_all().await {
        Ok(after) => after,
        Err(error) => return Some(format!("{got:?}, after which the rows cannot be read: {error}")),
    };
    let mut expected = match (&got, predicted) {
        (Err(error), None) if is_refusal(error) => papers.clone(),
        // A row that is not there is not changed.
        (Ok(()), None) => papers.clone(),
        (Err(error), _) => return Some(format!("the error: {error}")),
        (Ok(()), Some(expected)) => expected,
    };
    // New rows have the keys that the database chose.
    if expected.len() == after.len() {
        for (expected, got) in expected.iter_mut().zip(&after).filter(|(expected, _)| *expected.pk.raw() > 1_000) {
            expected.pk = got.pk;
        }
        expected.sort_by_key(|paper| *paper.pk.raw());
    }
    if after != expected {
        return Some(format!("{got:?}\ngot {after:#?}\nexpected {expected:#?}"));
    }
    *papers = after;
    let check = db.execute("INSERT INTO papers_search (papers_search, rank) VALUES ('integrity-check', 1)").await;
    check.err().map(|error| format!("the search is not true: {error}"))
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect(name))
}

#[tokio::test]
async fn questions_and_writes_give_what_their_rust_says() {
    let clock = || UNIX_EPOCH + Duration::from_secs(NOW.cast_unsigned());
    let db = Db::options().clock(clock).open().await.unwrap();
    db.create_table::<Paper>().await.unwrap();
    let from = number("PAPERS_SEED").or(number("PAPERS_FROM")).unwrap_or(0);
    let cases = number("PAPERS_CASES").unwrap_or(400);
    let end = if number("PAPERS_SEED").is_some() { from + 1 } else { from + cases };
    for seed in from..end {
        let Err(mut failure) = Case::run(&db, seed, &[]).await else { continue };
        // Steps and rows that the failure does not need are left out.
        let mut without = Vec::new();
        for left_out in (0..10).chain(1_000..1_007) {
            without.push(left_out);
            match Case::run(&db, seed, &without).await {
                Err(smaller) => failure = smaller,
                Ok(()) => drop(without.pop()),
            }
        }
        panic!("PAPERS_SEED={seed} without {without:?}\n{failure}");
    }
}
