//! What text operators match by, where SQL is written and where SQLite calls it.

use std::sync::{LazyLock, Mutex, PoisonError};

use hashlink::LruCache;
use regex::{Regex, RegexBuilder};
use unicase::UniCase;

/// Text without differences of case, by Unicode's full case folding.
pub(crate) fn fold_case(text: &str) -> String {
    UniCase::new(text).to_folded_case()
}

/// How many regular expressions are kept.
const KEPT: usize = 64;

/// The regular expressions that were used last: to compile one takes longer than most statements.
static COMPILED: LazyLock<Mutex<LruCache<String, Regex>>> = LazyLock::new(|| Mutex::new(LruCache::new(KEPT)));

/// What came of compiling a regular expression.
pub(crate) enum Pattern {
    Ready(Regex),
    /// It takes too long for a thread of the program.
    Large,
}

/// A regular expression ready to be used, if that takes no long time.
pub(crate) fn small_regular_expression(pattern: &str) -> Result<Pattern, regex::Error> {
    const SMALL: usize = 32 * 1024;
    match kept_or_built(RegexBuilder::new(pattern).size_limit(SMALL), pattern) {
        Err(regex::Error::CompiledTooBig(_)) => Ok(Pattern::Large),
        compiled => compiled.map(Pattern::Ready),
    }
}

/// A regular expression ready to be used.
pub(crate) fn regular_expression(pattern: &str) -> Result<Regex, regex::Error> {
    kept_or_built(&RegexBuilder::new(pattern), pattern)
}

fn kept_or_built(builder: &RegexBuilder, pattern: &str) -> Result<Regex, regex::Error> {
    let kept = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = kept().get(pattern) {
        return Ok(regex.clone());
    }
    let regex = builder.build()?;
    kept().insert(pattern.to_owned(), regex.clone());
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::fold_case;

    #[test]
    fn folding_covers_all_of_unicode() {
        assert_eq!(fold_case("CAFÉ"), fold_case("café"));
        assert_eq!(fold_case("ΟΔΥΣΣΕΥΣ"), fold_case("οδυσσευς"));
        assert_eq!(fold_case("STRASSE"), fold_case("Straße"));
        assert_ne!(fold_case("é"), fold_case("e"));
    }
}
