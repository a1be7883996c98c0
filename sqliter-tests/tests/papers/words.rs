//! What a search means, in plain Rust: words of ASCII letters and digits, whatever their case.

use sqliter::search::{self, Words};

use super::random::Random;

/// What rows must match.
#[derive(Debug, Clone, PartialEq)]
pub enum Sought {
    All(String),
    Any(String),
    Phrase(String),
    Prefix(String),
    Near(Vec<String>, u32),
    And(Box<Sought>, Box<Sought>),
    Or(Box<Sought>, Box<Sought>),
    Without(Box<Sought>, Box<Sought>),
}

/// The words of a text.
fn tokens(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect()
}

/// Where the words stand behind each other; of the last one only the beginning with `begun`.
fn places(column: &[String], phrase: &[String], begun: bool) -> Vec<usize> {
    let Some((last, before)) = phrase.split_last() else { return Vec::new() };
    let is_last = |word: &String| if begun { word.starts_with(last.as_str()) } else { word == last };
    column
        .windows(phrase.len())
        .enumerate()
        .filter(|(_, words)| words[..before.len()] == *before && is_last(&words[before.len()]))
        .map(|(place, _)| place)
        .collect()
}

impl Sought {
    pub fn random(random: &mut Random, depth: usize) -> Self {
        let text = |random: &mut Random| {
            let words =
                ["alpha", "beta", "BETA", "gamma", "al", "a", "n", "rock'n'roll", "C++", "42", "AND", "\"", "zebra"];
            let mut text = (0..random.below(3) + 1).map(|_| *random.pick(&words)).collect::<Vec<_>>().join(" ");
            text.push_str(if random.chance(10) { " " } else { "" });
            text
        };
        let kinds = if depth == 0 { 5 } else { 8 };
        let deeper = |random: &mut Random| Box::new(Self::random(random, depth.saturating_sub(1)));
        match random.below(kinds) {
            0 => Self::All(text(random)),
            1 => Self::Any(text(random)),
            2 => Self::Phrase(text(random)),
            3 => Self::Prefix(text(random)),
            4 => {
                let words = ["alpha", "beta", "gamma", "rock'n'roll", "al", "beta alpha"];
                let phrases = (0..random.below(3) + 1).map(|_| (*random.pick(&words)).to_owned()).collect();
                Self::Near(phrases, *random.pick(&[0, 1, 2, 10]))
            }
            5 => Self::And(deeper(random), deeper(random)),
            6 => Self::Or(deeper(random), deeper(random)),
            _ => Self::Without(deeper(random), deeper(random)),
        }
    }

    pub fn words(&self) -> Words {
        match self {
            Self::All(text) => search::all(text),
            Self::Any(text) => search::any(text),
            Self::Phrase(text) => search::phrase(text),
            Self::Prefix(text) => search::prefix(text),
            Self::Near(texts, between) => search::near(texts, *between),
            Self::And(a, b) => a.words().and(b.words()),
            Self::Or(a, b) => a.words().or(b.words()),
            Self::Without(a, b) => a.words().without(b.words()),
        }
    }

    /// Whether the columns of a row match. A phrase stands in one of them, different ones may stand in different columns.
    pub fn matches(&self, columns: &[&str]) -> bool {
        let columns: Vec<_> = columns.iter().map(|column| tokens(column)).collect();
        self.found(&columns)
    }

    fn found(&self, columns: &[Vec<String>]) -> bool {
        let stands = |phrase: &[String], begun| columns.iter().any(|column| !places(column, phrase, begun).is_empty());
        // Pieces without a word do not count, but where there are no others.
        let pieces = |text: &str| -> Vec<Vec<String>> {
            text.split_whitespace().map(tokens).filter(|words| !words.is_empty()).collect()
        };
        match self {
            Self::All(text) => {
                let pieces = pieces(text);
                !pieces.is_empty() && pieces.iter().all(|piece| stands(piece, false))
            }
            Self::Any(text) => pieces(text).iter().any(|piece| stands(piece, false)),
            Self::Phrase(text) => stands(&tokens(text), false),
            Self::Prefix(text) => {
                let pieces = pieces(text);
                let is_begun = text.split_whitespace().last().is_some_and(|last| !tokens(last).is_empty())
                    && !text.ends_with(char::is_whitespace);
                let Some((last, before)) = pieces.split_last() else { return false };
                before.iter().all(|piece| stands(piece, false)) && stands(last, is_begun)
            }
            Self::Near(texts, between) => {
                let phrases: Vec<_> = texts.iter().map(|text| tokens(text)).collect();
                columns.iter().any(|column| is_near(column, &phrases, usize::try_from(*between).unwrap()))
            }
            Self::And(a, b) => a.found(columns) && b.found(columns),
            Self::Or(a, b) => a.found(columns) || b.found(columns),
            Self::Without(a, b) => a.found(columns) && !b.found(columns),
        }
    }
}

/// Whether all phrases begin no further before the last of them than their own words and those between allow.
fn is_near(column: &[String], phrases: &[Vec<String>], between: usize) -> bool {
    let places: Vec<_> = phrases.iter().map(|phrase| places(column, phrase, false)).collect();
    places.iter().flatten().any(|last| {
        places
            .iter()
            .zip(phrases)
            .all(|(places, phrase)| places.iter().any(|place| place <= last && last - place <= phrase.len() + between))
    })
}
