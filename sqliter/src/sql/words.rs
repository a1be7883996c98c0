//! What a full-text search looks for, in the words of users.

/// What rows must match: words of a text, in the query language of [FTS5](https://www.sqlite.org/fts5.html#full_text_query_syntax), of
/// which no text of a user can be a part. The functions of [`search`](mod@crate::search) make it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "words do nothing before a search takes them"]
pub struct Words(String);

/// What `matches` takes: a text, all of whose words must be there, or what the functions of [`search`](mod@crate::search) give.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something to search for",
    label = "expected a text, or what a function of `sqliter::search` gives",
    note = "write `matches(\"some words\")`, or `matches(search::prefix(typed))` for what a user is still typing",
    note = "to search only when there is a text, write `.filter_some(text, |b, text| b.search.matches(text))`"
)]
pub trait IntoWords {
    /// What to search for.
    #[doc(hidden)]
    fn into_words(self) -> Words;
}

impl IntoWords for Words {
    fn into_words(self) -> Words {
        self
    }
}

impl IntoWords for &Words {
    fn into_words(self) -> Words {
        self.clone()
    }
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl IntoWords for $text {
            fn into_words(self) -> Words {
                all(self)
            }
        }
    )*};
}

texts!(&str, String, &String, std::borrow::Cow<'_, str>);

impl Words {
    const NONE: Self = Self(String::new());

    /// What matches both.
    pub fn and(self, other: impl IntoWords) -> Self {
        self.joined("AND", other.into_words())
    }

    /// What matches one of both.
    pub fn or(self, other: impl IntoWords) -> Self {
        let other = other.into_words();
        match (self.is_none(), other.is_none()) {
            (true, _) => other,
            (false, true) => self,
            (false, false) => self.joined("OR", other),
        }
    }

    /// What matches this and not the other.
    pub fn without(self, other: impl IntoWords) -> Self {
        let other = other.into_words();
        if other.is_none() { self } else { self.joined("NOT", other) }
    }

    fn joined(self, operator: &str, other: Self) -> Self {
        if self.is_none() || other.is_none() {
            return Self::NONE;
        }
        Self(format!("({}) {operator} ({})", self.0, other.0))
    }

    /// What matches within a column.
    pub(crate) fn in_column(self, column: &str) -> Self {
        if self.is_none() { self } else { Self(format!("{} : ({})", quoted(column), self.0)) }
    }

    fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The query. That of no words is a phrase without any: FTS5 takes no empty text.
    pub(crate) fn into_query(self) -> String {
        if self.is_none() { "\"\"".to_owned() } else { self.0 }
    }
}

/// A text as FTS5 takes it for nothing but words. It reads no further than a NUL character.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\0', " ").replace('"', "\"\""))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(quoted)
}

/// All words of the text, in any order. Characters that belong to no word count nowhere: `C++` is the word `c`, and `rock'n'roll` the words
/// `rock`, `n` and `roll` behind each other. A text without a word matches nothing.
pub fn all(text: impl AsRef<str>) -> Words {
    Words(words(text.as_ref()).collect::<Vec<_>>().join(" "))
}

/// One word of the text at least.
pub fn any(text: impl AsRef<str>) -> Words {
    Words(words(text.as_ref()).collect::<Vec<_>>().join(" OR "))
}

/// The words of the text behind each other.
pub fn phrase(text: impl AsRef<str>) -> Words {
    let text = text.as_ref();
    if text.trim().is_empty() { Words::NONE } else { Words(quoted(text)) }
}

/// All words of the text, of which the last may only have begun: for a search while the user is typing. A space behind it says that it is
/// complete. With `prefix = "2 3"` in the model, beginnings of two and three characters are found as quickly as words.
pub fn prefix(text: impl AsRef<str>) -> Words {
    let text = text.as_ref();
    let mut words = all(text);
    if !words.is_none() && !text.ends_with(char::is_whitespace) {
        words.0.push_str(" *");
    }
    words
}

/// The texts, each as a phrase, with at most this many other words between the first and the last.
pub fn near<T: AsRef<str>>(texts: impl IntoIterator<Item = T>, between: u32) -> Words {
    let phrases = texts.into_iter().map(phrase).filter(|phrase| !phrase.is_none());
    let phrases = phrases.map(Words::into_query).collect::<Vec<_>>();
    if phrases.is_empty() {
        Words::NONE
    } else {
        Words(format!("NEAR({}, {})", phrases.join(" "), between.min(i32::MAX.unsigned_abs())))
    }
}
