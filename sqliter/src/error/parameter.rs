//! What is wrong with the parameters of a request.

use std::fmt;

use serde::Serialize;

/// What is wrong with one parameter of a request, in [`Error::Parameters`](super::Error::Parameters). It serialises, so that it can
/// be part of a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ParameterProblem {
    /// The parameter, by the name that the request gives it.
    pub parameter: String,
    /// Its value in the request.
    pub value: String,
    /// What is wrong, in words: `must be one of open, done`.
    pub reason: String,
    /// What could be written instead, where there is a choice: the names of the parameters that there are, of what can be
    /// sorted by, of the variants of an enum. Else nothing.
    pub allowed: Vec<String>,
}

/// As `status=opne: must be one of open, done`.
impl fmt::Display for ParameterProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}: {}", self.parameter, shortened(&self.value), self.reason)
    }
}

/// The start of a text that may be long.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// All problems, one after another.
pub(super) fn listed(problems: &[ParameterProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
