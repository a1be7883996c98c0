//! Random writes: what they do, and how they are written with the library.

use serde_json::Value;
use sqliter::{Error, Json, Model as _, Result, Session};

use super::asked::{Asked, value};
use super::documents::{self, PLACES};
use super::model::{NOW, NewPaper, Paper, PaperPatch, Place, city, document, draft, isbn, place, row, text};
use super::random::Random;

#[derive(Debug, Clone)]
pub enum Write {
    Insert(NewPaper),
    InsertAll(Vec<NewPaper>),
    Save(Paper),
    Patch(i64, Box<PaperPatch>),
    Update(Asked, Vec<Set>),
    Upsert(NewPaper, bool),
    Delete(Asked, bool),
    Restore(i64),
    /// By another program: the row takes the place of those that have its key or its number.
    Replace(i64, String, Option<String>),
    /// By another program.
    Rekey(i64, i64),
}

/// What an update sets.
#[derive(Debug, Clone)]
pub enum Set {
    Meta(Change),
    Extra(Change),
    WholeMeta(Value),
    Away(Option<Place>),
    HomeCity(String),
    HomeSize(bool),
    Title(String),
    Body(Option<String>),
    /// The texts change places.
    Swap,
}

#[derive(Debug, Clone)]
pub enum Change {
    Set(usize, Value),
    Remove(usize),
    Merge(Value),
}

impl Change {
    fn random(random: &mut Random) -> Self {
        let path = random.below(PLACES.len());
        match random.below(4) {
            0 | 1 => Self::Set(path, value(random)),
            2 => Self::Remove(path),
            _ => Self::Merge(if random.chance(80) { document(random) } else { value(random) }),
        }
    }

    fn of(&self, document: &mut Value) {
        match self {
            Self::Set(path, value) => documents::set(document, PLACES[*path].1, value),
            Self::Remove(path) => documents::remove(document, PLACES[*path].1),
            Self::Merge(patch) => documents::merge(document, patch),
        }
    }
}

impl Set {
    fn random(random: &mut Random) -> Self {
        match random.below(12) {
            0..3 => Self::Meta(Change::random(random)),
            3 => Self::Extra(Change::random(random)),
            4 => Self::WholeMeta(document(random)),
            5 => Self::Away(random.chance(60).then(|| place(random))),
            6 => Self::HomeCity(city(random)),
            7 => Self::HomeSize(random.chance(50)),
            8 => Self::Title(text(random)),
            9 => Self::Body(random.chance(60).then(|| text(random))),
            _ => Self::Swap,
        }
    }

    fn number(&self) -> usize {
        match self {
            Self::Meta(_) | Self::WholeMeta(_) => 0,
            Self::Extra(_) => 1,
            Self::Away(_) => 2,
            Self::HomeCity(_) => 3,
            Self::HomeSize(_) => 4,
            Self::Title(_) | Self::Body(_) | Self::Swap => 5,
        }
    }

    fn of(&self, paper: &mut Paper) {
        match self {
            Self::Meta(change) => change.of(&mut paper.meta.0),
            Self::Extra(change) => paper.extra.iter_mut().for_each(|extra| change.of(&mut extra.0)),
            Self::WholeMeta(value) => paper.meta = Json(value.clone()),
            Self::Away(place) => paper.away.clone_from(place),
            Self::HomeCity(city) => paper.home.city.clone_from(city),
            Self::HomeSize(true) => paper.home.size = Some(super::model::Size { width: 7, unit: None }),
            Self::HomeSize(false) => paper.home.size = None,
            Self::Title(text) => paper.title.clone_from(text),
            Self::Body(text) => paper.body.clone_from(text),
            Self::Swap => {
                let body = paper.body.replace(paper.title.clone());
                paper.title = body.unwrap_or_else(|| "alpha".to_owned());
            }
        }
    }
}

impl Write {
    pub fn random(random: &mut Random, papers: &[Paper]) -> Self {
        let key = |random: &mut Random| if papers.is_empty() { 1 } else { *random.pick(papers).pk.raw() };
        match random.below(20) {
            0..2 => Self::Insert(draft(random)),
            2 => Self::InsertAll((0..random.below(4)).map(|_| draft(random)).collect()),
            3 | 4 if !papers.is_empty() => {
                let mut paper = random.pick(papers).clone();
                let new = draft(random);
                (paper.title, paper.body, paper.away, paper.home) = (new.title, new.body, new.away, new.home);
                (paper.meta, paper.extra) = (new.meta, new.extra);
                Self::Save(paper)
            }
            5 | 6 => {
                let mut patch = PaperPatch::default();
                for _ in 0..random.below(3) + 1 {
                    match random.below(5) {
                        0 => patch.title = Some(text(random)),
                        1 => patch.body = Some(random.chance(50).then(|| text(random))),
                        2 => patch.away = Some(random.chance(50).then(|| place(random))),
                        3 => patch.home = Some(place(random)),
                        _ => patch.extra = Some(random.chance(50).then(|| Json(document(random)))),
                    }
                }
                Self::Patch(key(random), Box::new(patch))
            }
            7..12 => {
                let mut sets: Vec<Set> = (0..random.below(3) + 1).map(|_| Set::random(random)).collect();
                // Each column once, but for changes of one document one after the other.
                let mut i = 0;
                while i < sets.len() {
                    let before = &sets[..i];
                    let meets = before.iter().any(|other| other.number() == sets[i].number());
                    let further = matches!(sets[i], Set::Meta(_) | Set::Extra(_))
                        && before.iter().all(|other| !matches!(other, Set::WholeMeta(_)));
                    if meets && !further { drop(sets.remove(i)) } else { i += 1 }
                }
                Self::Update(Asked::random(random, 1), sets)
            }
            12..14 => Self::Upsert(NewPaper { isbn: isbn(random), ..draft(random) }, random.chance(70)),
            14..16 => Self::Delete(Asked::random(random, 0), random.chance(50)),
            16 => Self::Restore(key(random)),
            17 | 18 => Self::Replace(key(random), text(random), isbn(random)),
            _ => Self::Rekey(key(random), i64::try_from(random.below(3)).unwrap() + 100),
        }
    }

    /// The rows afterwards; `None` where a unique value is in the way.
    pub fn predict(&self, papers: &[Paper]) -> Option<Vec<Paper>> {
        let mut after = papers.to_vec();
        let key = |paper: &Paper| *paper.pk.raw();
        // Automatic keys are given by what the database chose; their order is that of the rows.
        let next = |after: &[Paper]| after.iter().map(key).max().unwrap_or(0).max(1_000) + 1;
        match self {
            Self::Insert(new) => after.push(row(next(&after), new.clone())),
            Self::InsertAll(all) => {
                for new in all {
                    after.push(row(next(&after), new.clone()));
                }
            }
            Self::Save(saved) => {
                let found = after.iter_mut().find(|paper| paper.pk == saved.pk && paper.gone.is_none())?;
                *found = saved.clone();
            }
            Self::Patch(of, patch) => {
                let found = after.iter_mut().find(|paper| key(paper) == *of && paper.gone.is_none())?;
                let PaperPatch { title, body, away, home, extra, .. } = (**patch).clone();
                title.into_iter().for_each(|title| found.title = title);
                body.into_iter().for_each(|body| found.body = body);
                away.into_iter().for_each(|away| found.away = away);
                home.into_iter().for_each(|home| found.home = home);
                extra.into_iter().for_each(|extra| found.extra = extra);
            }
            Self::Update(asked, sets) => {
                for paper in after.iter_mut().filter(|paper| paper.gone.is_none() && asked.holds(paper)) {
                    sets.iter().for_each(|set| set.of(paper));
                }
            }
            Self::Upsert(new, changes) => {
                match after.iter_mut().find(|paper| new.isbn.is_some() && paper.isbn == new.isbn) {
                    None => after.push(row(next(&after), new.clone())),
                    // One that is deleted softly is in the way, and not written.
                    Some(found) if found.gone.is_some() => return None,
                    Some(found) if *changes => {
                        (found.title, found.away, found.meta) = (new.title.clone(), new.away.clone(), new.meta.clone());
                    }
                    Some(_) => {}
                }
            }
            Self::Delete(asked, for_good) => {
                if *for_good {
                    after.retain(|paper| paper.gone.is_some() || !asked.holds(paper));
                } else {
                    let deleted = after.iter_mut().filter(|paper| paper.gone.is_none() && asked.holds(paper));
                    deleted.for_each(|paper| paper.gone = Some(NOW));
                }
            }
            Self::Restore(of) => after.iter_mut().find(|paper| key(paper) == *of)?.gone = None,
            Self::Replace(of, title, isbn) => {
                after.retain(|paper| key(paper) != *of && (isbn.is_none() || paper.isbn != *isbn));
                let home = Place { city: "Wien".to_owned(), area: None, size: None };
                let (title, isbn, meta) = (title.clone(), isbn.clone(), Json(serde_json::json!({})));
                after.push(row(*of, NewPaper { title, body: None, isbn, meta, extra: None, home, away: None }));
            }
            Self::Rekey(from, to) => {
                if after.iter().any(|paper| key(paper) == *to) {
                    return None;
                }
                after.iter_mut().find(|paper| key(paper) == *from)?.pk = Paper::key(*to);
            }
        }
        after.sort_by_key(key);
        let twice = |a: &Paper, b: &Paper| a.isbn.is_some() && a.isbn == b.isbn;
        let broken = (0..after.len()).any(|i| after[..i].iter().any(|other| twice(other, &after[i])));
        (!broken).then_some(after)
    }

    pub async fn run(&self, db: &Session) -> Result<()> {
        match self {
            Self::Insert(new) => drop(db.insert(new.clone()).await?),
            Self::InsertAll(all) => drop(db.bulk_insert(all.clone()).await?),
            Self::Save(paper) => db.update(&mut paper.clone()).await?,
            Self::Patch(key, patch) => drop(db.patch(Paper::key(*key), (**patch).clone()).await?),
            Self::Update(asked, sets) => {
                let chain = db.select::<Paper>().filter(|c| asked.condition(c));
                chain.update(|c| sets.iter().flat_map(|set| assignments(c, set)).collect::<Vec<_>>()).await?;
            }
            Self::Upsert(new, true) => {
                db.upsert(new.clone(), |c| c.isbn).update(|c| (c.title, c.away, c.meta)).await?;
            }
            Self::Upsert(new, false) => drop(db.upsert(new.clone(), |c| c.isbn).ignore().await?),
            Self::Delete(asked, for_good) => {
                let chain = db.select::<Paper>().filter(|c| asked.condition(c));
                if *for_good {
                    chain.delete_for_good().await?
                } else {
                    chain.delete().await?
                };
            }
            Self::Restore(key) => drop(db.restore(Paper::key(*key)).await?),
            Self::Replace(key, title, isbn) => {
                let sql =
                    "INSERT OR REPLACE INTO papers (pk, title, isbn, meta, home_town) VALUES (?, ?, ?, '{}', 'Wien')";
                db.execute(sql).bind(*key).bind(title.clone()).bind(isbn.clone()).await?;
            }
            Self::Rekey(from, to) => {
                db.execute("UPDATE papers SET pk = ? WHERE pk = ?").bind(*to).bind(*from).await?;
            }
        }
        Ok(())
    }
}

type Assignments = Vec<sqliter::bounds::Assignment<Paper>>;

fn assignments(c: &super::model::PaperColumns<Paper>, set: &Set) -> Assignments {
    macro_rules! changed {
        ($column:expr, $change:expr) => {
            match $change {
                Change::Set(path, value) => $column.set_path(PLACES[*path].0, value.clone()),
                Change::Remove(path) => $column.remove_path(PLACES[*path].0),
                Change::Merge(value) => $column.merge(value.clone()),
            }
        };
    }
    match set {
        Set::Meta(change) => vec![changed!(c.meta, change)],
        Set::Extra(change) => vec![changed!(c.extra, change)],
        Set::WholeMeta(value) => vec![c.meta.set(Json(value.clone()))],
        Set::Away(place) => c.away.set(place.clone()),
        Set::HomeCity(city) => vec![c.home.city.set(city.clone())],
        Set::HomeSize(true) => c.home.size.set(super::model::Size { width: 7, unit: None }),
        Set::HomeSize(false) => c.home.size.set(None),
        Set::Title(text) => vec![c.title.set(text.clone())],
        Set::Body(text) => vec![c.body.set(text.clone())],
        Set::Swap => vec![c.title.set(c.body.coalesce("alpha")), c.body.set(c.title)],
    }
}

/// Whether the error is one of a write that is in the way of another row, or of one that is not there.
pub fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::UniqueViolation { .. } | Error::RecordNotFound { .. })
}
