//! The modules of the runtime and of the derive stand on floors: imports point down only.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The modules of the runtime, the lowest first. Modules of one floor do not import each other.
const FLOORS: &[&[&str]] = &[
    &["error", "tuples"],
    &["value"],
    &["table"],
    &["column", "sql"],
    &["engine"],
    &["model", "schema"],
    &["row", "foreign_keys"],
    &["expr"],
    &["cache", "search"],
    &["session"],
    &["backup", "snapshot", "transaction"],
    &["query"],
    &["change", "migrate", "raw", "tables"],
    &["related"],
    &["db"],
    &["testing", "web"],
    &["guide"],
];

/// The modules of the derive, likewise: attributes become a description, and a description becomes code.
const FLOORS_OF_DERIVE: &[&[&str]] = &[
    &["names"],
    &["attributes"],
    &["beside", "declared"],
    &["field"],
    &["column_type", "patch", "relation", "row", "view"],
    &["search"],
    &["model"],
    &["embed"],
    &["expand"],
    &["expand/group"],
    &["expand/column_type", "expand/relations", "expand/row", "expand/search", "expand/view"],
    &["expand/table"],
    &["expand/builder", "expand/columns", "expand/draft", "expand/embed", "expand/patch"],
    &["expand/model"],
];

#[test]
fn imports_of_the_runtime_point_down() {
    let (up, read) = pointing_up("sqliter/src", FLOORS);
    assert!(read > 100, "only {read} files were read");
    assert!(up.is_empty(), "these imports point up: {up:#?}");
}

#[test]
fn imports_of_the_derive_point_down() {
    let (up, read) = pointing_up("sqliter-derive/src", FLOORS_OF_DERIVE);
    assert!(read > 15, "only {read} files were read");
    assert!(up.is_empty(), "these imports point up: {up:#?}");
}

/// The imports of a crate that point up, and how many files it has.
fn pointing_up(source: &str, floors: &[&[&str]]) -> (BTreeSet<(String, String)>, usize) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(source);
    let floor = |module: &str| floors.iter().position(|modules| modules.contains(&module));
    let mut up = BTreeSet::new();
    let mut read = 0;
    visit(&source, &mut |path, text| {
        read += 1;
        let name = path.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
        let stem = name.trim_end_matches(".rs").trim_end_matches("/mod");
        let folder = name.split('/').next().unwrap().trim_end_matches(".rs");
        if folder == "lib" {
            return;
        }
        // A file that has a floor of its own, else its folder.
        let module = if floor(stem).is_some() { stem } else { folder };
        let own = floor(module).unwrap_or_else(|| panic!("{module} stands on no floor: give it one"));
        let mut imported: Vec<String> = imports(text).into_iter().map(str::to_owned).collect();
        if module.contains('/') {
            imported.extend(
                beside(text).into_iter().map(|name| format!("{folder}/{name}")).filter(|name| floor(name).is_some()),
            );
        }
        for imported in imported {
            let other =
                floor(&imported).unwrap_or_else(|| panic!("{name} imports {imported}, which stands on no floor"));
            if imported != module && other >= own {
                up.insert((name.clone(), imported));
            }
        }
    });
    (up, read)
}

/// The names that a file imports by `super::…`, modules or not.
fn beside(text: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("super::") {
        let rest = &text[at + "super::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap(),
            None => rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap(),
        };
        found.extend(names.split(',').map(|name| name.split("::").next().unwrap().trim()));
    }
    found
}

/// Where statements are written, where the constraints of columns are, which are compared with those of a file, and where
/// schemas are, which are SQL.
const WRITES_SQL: &[&str] = &["schema", "sql", "table"];

#[test]
fn statements_are_written_in_one_place() {
    // With what is put into the text: a text without is fixed.
    const WORDS: [&str; 10] =
        ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "DROP ", "PRAGMA ", "FROM ", "WHERE ", "COLLATE "];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sqliter/src");
    let mut found = Vec::new();
    visit(&source, &mut |path, text| {
        let name = path.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
        if WRITES_SQL.contains(&name.split('/').next().unwrap()) {
            return;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let puts_in = line
                .match_indices('{')
                .any(|(at, _)| line[at + 1..].starts_with(|c: char| c.is_ascii_lowercase() || c == '}' || c == '_'));
            let pieces = line.contains("push_str(\"") || line.contains("push(\"");
            let writes = WORDS.iter().any(|word| line.contains(word)) && line.contains('"') && (puts_in || pieces);
            if writes || line.contains("quoted(") || line.contains("replace('\"'") {
                found.push(format!("{name}: {}", line.trim()));
            }
        }
    });
    assert!(found.is_empty(), "SQL is written outside of sql/: {found:#?}");
}

/// The modules that a file names by `crate::…`, in imports and elsewhere, but for comments.
fn imports(text: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        assert!(!line.contains("crate::{"), "each module is imported in a line of its own: {line}");
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
            // A macro of the crate or a name of its root has no module.
            if end > 0 && rest[end..].starts_with([':', ';']) {
                found.insert(&rest[..end]);
            }
        }
    }
    found
}

fn visit(folder: &Path, file: &mut impl FnMut(&Path, &str)) {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            visit(&path, file);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            file(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
