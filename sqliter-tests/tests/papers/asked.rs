//! Random conditions, orders and values: what they mean, and how they are written with the library.

use std::cmp::Ordering;

use serde_json::Value;
use sqliter::model::Columns;
use sqliter::{Condition, Json, Order, all, any};

use super::documents::{PATHS, Stored, at, stored};
use super::model::{Paper, PaperColumns, Place, Size, place, scalar};
use super::random::Random;
use super::words::Sought;

/// A value of a paper that can be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leaf {
    MetaNumber(usize),
    MetaText(usize),
    ExtraNumber(usize),
    ExtraText(usize),
    MetaLength(usize),
    HomeCity,
    HomeArea,
    HomeWidth,
    HomeUnit,
    AwayCity,
    AwayArea,
    AwayWidth,
    AwayUnit,
    Title,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    Compare(Leaf, Compared, Literal),
    Null(Leaf, bool),
    /// Whether a group is there.
    There(Group, bool),
    HomeIs(Place),
    AwayIs(Option<Place>),
    SizeIs(Option<Size>),
    Items(usize, Items, Compared, Literal),
    Search(Where, Sought),
    And(Box<Asked>, Box<Asked>),
    Or(Box<Asked>, Box<Asked>),
    Not(Box<Asked>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Group {
    Away,
    HomeSize,
    AwaySize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Where {
    Anywhere,
    Title,
    Body,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Items {
    Any,
    All,
    None,
    Contains,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Compared {
    Eq,
    Ne,
    Lt,
    Ge,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Number(i64),
    Text(String),
}

impl Literal {
    fn stored(&self) -> Stored {
        match self {
            Self::Number(number) => Stored::Number(*number as f64),
            Self::Text(text) => Stored::Text(text.clone()),
        }
    }

    fn number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) => panic!("{text} is no number"),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => panic!("{number} is no text"),
        }
    }
}

impl Compared {
    fn holds(self, left: &Stored, right: &Stored) -> bool {
        left.compare(right).is_some_and(|order| match self {
            Self::Eq => order == Ordering::Equal,
            Self::Ne => order != Ordering::Equal,
            Self::Lt => order == Ordering::Less,
            Self::Ge => order != Ordering::Less,
        })
    }
}

impl Leaf {
    pub fn random(random: &mut Random) -> Self {
        let path = random.below(PATHS.len());
        match random.below(16) {
            0 | 1 => Self::MetaNumber(path),
            2 | 3 => Self::MetaText(path),
            4 => Self::ExtraNumber(path),
            5 => Self::ExtraText(path),
            6 => Self::MetaLength(path),
            7 => Self::HomeCity,
            8 => Self::HomeArea,
            9 => Self::HomeWidth,
            10 => Self::HomeUnit,
            11 => Self::AwayCity,
            12 => Self::AwayArea,
            13 => Self::AwayWidth,
            14 => Self::AwayUnit,
            _ => Self::Title,
        }
    }

    const fn is_text(self) -> bool {
        matches!(
            self,
            Self::MetaText(_)
                | Self::ExtraText(_)
                | Self::HomeCity
                | Self::HomeUnit
                | Self::AwayCity
                | Self::AwayUnit
                | Self::Title
        )
    }

    pub fn of(self, paper: &Paper) -> Stored {
        let path = |document: &Value, path: usize| stored(at(document, PATHS[path].1));
        let extra = |number| paper.extra.as_ref().map_or(Stored::Null, |extra| path(&extra.0, number));
        let text = |text: Option<&String>| text.map_or(Stored::Null, |text| Stored::Text(text.clone()));
        let number = |number: Option<f64>| number.map_or(Stored::Null, Stored::Number);
        let size = |place: Option<&Place>| place.and_then(|place| place.size.clone());
        let (home, away) = (Some(&paper.home), paper.away.as_ref());
        match self {
            Self::MetaNumber(number) | Self::MetaText(number) => path(&paper.meta.0, number),
            Self::ExtraNumber(number) | Self::ExtraText(number) => extra(number),
            Self::MetaLength(number) => match at(&paper.meta.0, PATHS[number].1) {
                None => Stored::Null,
                Some(Value::Array(all)) => Stored::Number(all.len() as f64),
                Some(_) => Stored::Number(0.0),
            },
            Self::HomeCity => text(Some(&paper.home.city)),
            Self::HomeArea => number(paper.home.area),
            Self::HomeWidth => number(size(home).map(|size| size.width as f64)),
            Self::HomeUnit => text(size(home).and_then(|size| size.unit).as_ref()),
            Self::AwayCity => text(away.map(|away| &away.city)),
            Self::AwayArea => number(away.and_then(|away| away.area)),
            Self::AwayWidth => number(size(away).map(|size| size.width as f64)),
            Self::AwayUnit => text(size(away).and_then(|size| size.unit).as_ref()),
            Self::Title => text(Some(&paper.title)),
        }
    }
}

/// Says something of a value, whatever its type.
macro_rules! of_leaf {
    ($leaf:expr, $c:expr, $number:ident => $with_number:expr, $real:ident => $with_real:expr, $text:ident => $with_text:expr, $required:ident => $with_required:expr) => {{
        macro_rules! number {
            ($of:expr) => {{
                let $number = $of;
                $with_number
            }};
        }
        macro_rules! real {
            ($of:expr) => {{
                let $real = $of;
                $with_real
            }};
        }
        macro_rules! text {
            ($of:expr) => {{
                let $text = $of;
                $with_text
            }};
        }
        macro_rules! required {
            ($of:expr) => {{
                let $required = $of;
                $with_required
            }};
        }
        match $leaf {
            Leaf::MetaNumber(path) => number!($c.meta.path::<i64>(PATHS[path].0)),
            Leaf::MetaText(path) => text!($c.meta.path::<String>(PATHS[path].0)),
            Leaf::ExtraNumber(path) => number!($c.extra.path::<i64>(PATHS[path].0)),
            Leaf::ExtraText(path) => text!($c.extra.path::<String>(PATHS[path].0)),
            Leaf::MetaLength(path) => number!($c.meta.items::<i64>(PATHS[path].0).len()),
            Leaf::HomeCity => required!($c.home.city),
            Leaf::HomeArea => real!($c.home.area),
            Leaf::HomeWidth => number!($c.home.size.width),
            Leaf::HomeUnit => text!($c.home.size.unit),
            Leaf::AwayCity => text!($c.away.city),
            Leaf::AwayArea => real!($c.away.area),
            Leaf::AwayWidth => number!($c.away.size.width),
            Leaf::AwayUnit => text!($c.away.size.unit),
            Leaf::Title => required!($c.title),
        }
    }};
}

macro_rules! compared {
    ($value:expr, $by:expr, $literal:expr) => {
        match $by {
            Compared::Eq => $value.eq($literal),
            Compared::Ne => $value.ne($literal),
            Compared::Lt => $value.lt($literal),
            Compared::Ge => $value.ge($literal),
        }
    };
}

fn literal(random: &mut Random, text: bool) -> Literal {
    if text {
        let texts = ["", "a", "10", "Wien", "wien", "m", "[]", "é\"\n", "{\"width\":1}", "alpha"];
        return Literal::Text((*random.pick(&texts)).to_owned());
    }
    Literal::Number(*random.pick(&[-1, 0, 1, 2, 3]))
}

impl Asked {
    pub fn random(random: &mut Random, depth: usize) -> Self {
        let by = *random.pick(&[Compared::Eq, Compared::Ne, Compared::Lt, Compared::Ge]);
        if depth > 0 && random.chance(40) {
            let deeper = |random: &mut Random| Box::new(Self::random(random, depth - 1));
            return match random.below(3) {
                0 => Self::And(deeper(random), deeper(random)),
                1 => Self::Or(deeper(random), deeper(random)),
                _ => Self::Not(deeper(random)),
            };
        }
        match random.below(12) {
            0..4 => {
                let leaf = Leaf::random(random);
                Self::Compare(leaf, by, literal(random, leaf.is_text()))
            }
            4 => Self::Null(Leaf::random(random), random.chance(50)),
            5 => Self::There(*random.pick(&[Group::Away, Group::HomeSize, Group::AwaySize]), random.chance(50)),
            6 if random.chance(50) => Self::HomeIs(place(random)),
            6 => Self::AwayIs(random.chance(70).then(|| place(random))),
            7 => Self::SizeIs(place(random).size),
            8 | 9 => {
                let kind = *random.pick(&[Items::Any, Items::All, Items::None, Items::Contains]);
                let text = random.chance(50);
                Self::Items(*random.pick(&[7, 7, 7, 3, 8]), kind, by, literal(random, text))
            }
            _ => {
                let place = *random.pick(&[Where::Anywhere, Where::Anywhere, Where::Title, Where::Body]);
                Self::Search(place, Sought::random(random, 2))
            }
        }
    }

    /// What is unknown is not true, whatever is around it.
    pub fn holds(&self, paper: &Paper) -> bool {
        let (title, body) = (paper.title.as_str(), paper.body.as_deref().unwrap_or_default());
        match self {
            Self::Compare(leaf, by, literal) => by.holds(&leaf.of(paper), &literal.stored()),
            Self::Null(leaf, negated) => (leaf.of(paper) == Stored::Null) != *negated,
            Self::There(group, negated) => {
                let size = |place: &Place| place.size.is_some();
                let there = match group {
                    Group::Away => paper.away.is_some(),
                    Group::HomeSize => size(&paper.home),
                    Group::AwaySize => paper.away.as_ref().is_some_and(size),
                };
                there != *negated
            }
            Self::HomeIs(place) => paper.home == *place,
            Self::AwayIs(place) => paper.away == *place,
            Self::SizeIs(size) => paper.home.size == *size,
            Self::Items(path, kind, by, literal) => {
                let items = match at(&paper.meta.0, PATHS[*path].1) {
                    Some(Value::Array(all)) => all.iter().map(|item| stored(Some(item))).collect(),
                    _ => Vec::new(),
                };
                let meets = |item: &Stored| by.holds(item, &literal.stored());
                match kind {
                    Items::Any => items.iter().any(meets),
                    Items::All => items.iter().all(meets),
                    Items::None => !items.iter().any(meets),
                    Items::Contains => items.iter().any(|item| Compared::Eq.holds(item, &literal.stored())),
                }
            }
            Self::Search(Where::Anywhere, sought) => sought.matches(&[title, body]),
            Self::Search(Where::Title, sought) => sought.matches(&[title]),
            Self::Search(Where::Body, sought) => sought.matches(&[body]),
            Self::And(a, b) => a.holds(paper) && b.holds(paper),
            Self::Or(a, b) => a.holds(paper) || b.holds(paper),
            Self::Not(inner) => !inner.holds(paper),
        }
    }

    pub fn condition(&self, c: &PaperColumns<Paper>) -> Condition<Paper> {
        match self {
            Self::Compare(leaf, by, literal) => of_leaf!(*leaf, c,
                value => compared!(value, by, literal.number()),
                value => compared!(value, by, literal.number() as f64),
                value => compared!(value, by, literal.text()),
                value => compared!(value, by, literal.text())),
            Self::Null(leaf, negated) => of_leaf!(*leaf, c,
                value => if *negated { value.is_not_null() } else { value.is_null() },
                value => if *negated { value.is_not_null() } else { value.is_null() },
                value => if *negated { value.is_not_null() } else { value.is_null() },
                _never_null => if *negated { all([]) } else { any([]) }),
            Self::There(group, negated) => match (group, negated) {
                (Group::Away, false) => c.away.is_not_null(),
                (Group::Away, true) => c.away.is_null(),
                (Group::HomeSize, false) => c.home.size.is_not_null(),
                (Group::HomeSize, true) => c.home.size.is_null(),
                (Group::AwaySize, false) => c.away.size.is_not_null(),
                (Group::AwaySize, true) => c.away.size.is_null(),
            },
            Self::HomeIs(place) => c.home.eq(place.clone()),
            Self::AwayIs(place) => c.away.eq(place.clone()),
            Self::SizeIs(size) => c.home.size.eq(size.clone()),
            Self::Items(path, kind, by, literal) => {
                let path = PATHS[*path].0;
                macro_rules! items {
                    ($type:ty, $literal:expr) => {{
                        let items = c.meta.items::<$type>(path);
                        match kind {
                            Items::Any => items.any(|item| compared!(item, by, $literal)),
                            Items::All => items.all(|item| compared!(item, by, $literal)),
                            Items::None => items.none(|item| compared!(item, by, $literal)),
                            Items::Contains => items.contains($literal),
                        }
                    }};
                }
                match literal {
                    Literal::Number(number) => items!(i64, *number),
                    Literal::Text(text) => items!(String, text.clone()),
                }
            }
            Self::Search(place, sought) => match place {
                Where::Anywhere => c.search.matches(sought.words()),
                Where::Title => c.search.title.matches(sought.words()),
                Where::Body => c.search.body.matches(sought.words()),
            },
            Self::And(a, b) => a.condition(c) & b.condition(c),
            Self::Or(a, b) => a.condition(c) | b.condition(c),
            Self::Not(inner) => !inner.condition(c),
        }
    }
}

pub fn order(leaf: Leaf, descending: bool) -> Order<Paper> {
    let c = PaperColumns::<Paper>::COLUMNS;
    macro_rules! sorted {
        ($value:expr) => {
            if descending { $value.desc() } else { $value.asc() }
        };
    }
    of_leaf!(leaf, c, value => sorted!(value), value => sorted!(value), value => sorted!(value), value => sorted!(value))
}

/// What each row gives besides its key.
pub type Given = (Option<Json<Value>>, Place, Option<Place>, Option<Size>, Option<String>);

pub fn given(paper: &Paper, path: usize) -> Given {
    // A null in a document is nothing.
    let value = at(&paper.meta.0, PATHS[path].1).filter(|value| !value.is_null());
    let size = paper.away.as_ref().and_then(|away| away.size.clone());
    let city = paper.away.as_ref().map(|away| away.city.clone());
    (value.cloned().map(Json), paper.home.clone(), paper.away.clone(), size, city)
}

/// A value that can be set in a document.
pub fn value(random: &mut Random) -> Value {
    match random.below(4) {
        0 => serde_json::json!({ "width": scalar(random), "n": null }),
        1 => serde_json::json!([scalar(random)]),
        _ => scalar(random),
    }
}
