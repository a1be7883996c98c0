//! Rust names for the names of a database.

use std::collections::HashSet;

/// Words that cannot name anything; most can with `r#`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that `r#` does not help.
const NEVER: &[&str] = &["self", "super", "crate", "_"];

/// Names of types that the source uses.
const USED: &[&str] = &[
    "All",
    "Any",
    "Clone",
    "Debug",
    "Key",
    "Model",
    "Option",
    "PartialEq",
    "Row",
    "Self",
    "String",
    "TableInfo",
    "Vec",
];

/// The names of structs, each once, with room for what the derive makes of each.
#[derive(Debug, Default)]
pub(super) struct Structs(HashSet<String>);

impl Structs {
    /// A name for the row of a table.
    pub(super) fn name(&mut self, table: &str) -> String {
        let mut words = words(table);
        if let Some(last) = words.last_mut() {
            *last = singular(last);
        }
        let mut base: String = words.iter().map(|word| capitalized(word)).collect();
        if !base.starts_with(|c: char| c.is_alphabetic()) {
            base.insert_str(0, "Table");
        }
        if USED.contains(&base.as_str()) {
            base.push_str("Row");
        }
        let mut name = base.clone();
        let mut number = 1;
        while made_of(&name).iter().any(|name| self.0.contains(name)) {
            number += 1;
            name = format!("{base}{number}");
        }
        self.0.extend(made_of(&name));
        name
    }
}

/// What the derive makes for a struct.
fn made_of(name: &str) -> [String; 4] {
    [name.to_owned(), format!("New{name}"), format!("{name}Builder"), format!("{name}Columns")]
}

/// The names of fields and relations of one struct, each once.
#[derive(Debug, Clone)]
pub(super) struct Members(HashSet<String>);

impl Members {
    pub(super) fn new() -> Self {
        // Methods of models that a relation would hide.
        Self(["builder", "clone", "key", "primary_key"].map(str::to_owned).into())
    }

    /// A name for a field, which may be that of a method.
    pub(super) fn field(&mut self, wanted: &str) -> String {
        self.0.remove("key");
        self.0.remove("builder");
        let name = self.relation(wanted);
        self.0.extend(["key", "builder"].map(str::to_owned));
        name
    }

    /// A name for a relation.
    pub(super) fn relation(&mut self, wanted: &str) -> String {
        let base = snake_case(wanted);
        let mut name = base.clone();
        let mut number = 1;
        while self.0.contains(&name) {
            number += 1;
            name = format!("{base}_{number}");
        }
        self.0.insert(name.clone());
        name
    }
}

/// The name as it stands in the source.
pub(super) fn written(name: &str) -> String {
    match KEYWORDS.contains(&name) {
        true => format!("r#{name}"),
        false => name.to_owned(),
    }
}

/// As a field is named.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = words(name).join("_");
    if !snake.starts_with(|c: char| c.is_alphabetic()) {
        snake.insert_str(0, "column_");
    }
    let snake = snake.trim_end_matches('_').to_owned();
    match NEVER.contains(&snake.as_str()) {
        true => format!("{snake}_"),
        false => snake,
    }
}

/// The words of a name in small letters: `InvoiceLine`, `invoice_line` and `invoice-line` have the same.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, &letter) in letters.iter().enumerate() {
        if !(letter.is_alphabetic() || letter.is_ascii_digit()) {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| letters.get(i));
        let after = letters.get(i + 1);
        let after_small = before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
        let begins_small = before.is_some_and(|c| c.is_uppercase()) && after.is_some_and(|c| c.is_lowercase());
        if letter.is_uppercase() && (after_small || begins_small) {
            words.push(std::mem::take(&mut word));
        }
        word.extend(letter.to_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const IRREGULAR: &[(&str, &str)] = &[
    ("people", "person"),
    ("children", "child"),
    ("men", "man"),
    ("women", "woman"),
    ("media", "media"),
    ("data", "data"),
    ("indices", "index"),
    ("statuses", "status"),
    ("aliases", "alias"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("caches", "cache"),
    ("series", "series"),
    ("species", "species"),
    ("news", "news"),
    ("lens", "lens"),
    ("address", "address"),
    ("houses", "house"),
    ("databases", "database"),
    ("licenses", "license"),
];

/// What one row is called, where the name of the table is a plural.
pub(super) fn singular(word: &str) -> String {
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    if ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending)) {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.chars().count() > 1) {
        return format!("{stem}y");
    }
    if let Some(stem) = word.strip_suffix("es")
        && ["ss", "x", "ch", "sh", "zz"].iter().any(|ending| stem.ends_with(ending))
    {
        return stem.to_owned();
    }
    word.strip_suffix('s').filter(|stem| !stem.is_empty()).unwrap_or(word).to_owned()
}

/// What many rows are called.
pub(super) fn plural(name: &str) -> String {
    if IRREGULAR.iter().any(|(many, _)| name == *many || name.ends_with(&format!("_{many}"))) {
        return name.to_owned();
    }
    let is_plural = name.ends_with('s') && !["ss", "us", "is"].iter().any(|ending| name.ends_with(ending));
    if is_plural {
        return name.to_owned();
    }
    if let Some(stem) = name.strip_suffix('y')
        && !stem.ends_with(['a', 'e', 'i', 'o', 'u'])
    {
        return format!("{stem}ies");
    }
    match ["s", "x", "ch", "sh"].iter().any(|ending| name.ends_with(ending)) {
        true => format!("{name}es"),
        false => format!("{name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_rust_names() {
        for (name, field) in [
            ("ArtistId", "artist_id"),
            ("GPSLatitude", "gps_latitude"),
            ("2nd place", "column_2nd_place"),
            ("self", "self_"),
            ("naïve-Name", "naïve_name"),
            ("", "column"),
            ("🙂", "column"),
            ("_", "column"),
        ] {
            assert_eq!(snake_case(name), field, "{name}");
        }
        assert_eq!(written("type"), "r#type");
        let mut structs = Structs::default();
        let names = ["books", "Book", "new_books", "keys", "order items", "addresses", "123", "movies"];
        let names = names.map(|name| structs.name(name));
        assert_eq!(names, ["Book", "Book2", "NewBook3", "KeyRow", "OrderItem", "Address", "Table123", "Movie"]);
    }
}
