//! The model: documents, embedded structs and a search in one table.

use serde_json::{Value, json};
use sqliter::Json;
use sqliter::prelude::*;

use super::random::Random;

#[derive(Debug, Clone, PartialEq, Embed)]
pub struct Size {
    pub width: i64,
    pub unit: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Embed)]
pub struct Place {
    #[model(column = "town")]
    pub city: String,
    pub area: Option<f64>,
    #[model(embed)]
    pub size: Option<Size>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search(title, body, prefix = "2"), patch(derive(Debug, Clone)), new(derive(Debug, Clone)))]
pub struct Paper {
    pub pk: Key<Paper>,
    pub title: String,
    pub body: Option<String>,
    #[model(unique)]
    pub isbn: Option<String>,
    pub meta: Json<Value>,
    pub extra: Option<Json<Value>>,
    #[model(embed)]
    pub home: Place,
    #[model(embed(prefix = "out_"))]
    pub away: Option<Place>,
    #[model(soft_delete)]
    pub gone: Option<i64>,
}

/// The time of all writes, in Unix seconds.
pub const NOW: i64 = 1_800_000_000;

pub fn text(random: &mut Random) -> String {
    let words = ["alpha", "beta", "Beta", "gamma", "al", "rock'n'roll", "c++", "a_b", "42", "++"];
    (0..random.below(5)).map(|_| *random.pick(&words)).collect::<Vec<_>>().join(*random.pick(&[" ", " ", "-", "  "]))
}

/// A value in a document.
pub fn scalar(random: &mut Random) -> Value {
    match random.below(9) {
        0 => Value::Null,
        1 => json!(random.chance(50)),
        2 => json!(1.5),
        3..6 => json!(i64::try_from(random.below(4)).unwrap() - 1),
        _ => json!(*random.pick(&["", "a", "b", "10", "é\"\n", "null"])),
    }
}

pub fn document(random: &mut Random) -> Value {
    if random.chance(8) {
        return scalar(random);
    }
    let mut all = serde_json::Map::new();
    for key in ["n", "t", "a b.c"] {
        if random.chance(60) {
            all.insert(key.to_owned(), scalar(random));
        }
    }
    if random.chance(60) {
        let size = if random.chance(80) { json!({ "width": scalar(random) }) } else { scalar(random) };
        all.insert("size".to_owned(), size);
    }
    if random.chance(70) {
        let list = (0..random.below(4)).map(|_| if random.chance(90) { scalar(random) } else { json!([1]) }).collect();
        all.insert("list".to_owned(), if random.chance(85) { Value::Array(list) } else { scalar(random) });
    }
    Value::Object(all)
}

fn some<T>(random: &mut Random, percent: usize, value: impl FnOnce(&mut Random) -> T) -> Option<T> {
    random.chance(percent).then(|| value(random))
}

pub fn city(random: &mut Random) -> String {
    (*random.pick(&["", "Wien", "wien", "Linz"])).to_owned()
}

pub fn place(random: &mut Random) -> Place {
    Place {
        city: city(random),
        area: some(random, 50, |random| *random.pick(&[-1.0, 0.5, 2.0])),
        size: some(random, 50, |random| Size {
            width: *random.pick(&[-1, 0, 3]),
            unit: some(random, 50, |random| (*random.pick(&["m", ""])).to_owned()),
        }),
    }
}

pub fn isbn(random: &mut Random) -> Option<String> {
    some(random, 40, |random| (*random.pick(&["1", "2", "3", "4"])).to_owned())
}

pub fn draft(random: &mut Random) -> NewPaper {
    NewPaper {
        title: text(random),
        body: some(random, 70, text),
        isbn: isbn(random),
        meta: Json(document(random)),
        extra: some(random, 60, |random| Json(document(random))),
        home: place(random),
        away: some(random, 60, place),
    }
}

/// The row of a draft.
pub fn row(key: i64, draft: NewPaper) -> Paper {
    let NewPaper { title, body, isbn, meta, extra, home, away } = draft;
    Paper { pk: Paper::key(key), title, body, isbn, meta, extra, home, away, gone: None }
}
