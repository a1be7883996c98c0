//! The modules of the runtime stand on floors: imports point down only.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The modules of the runtime, the lowest first. Modules of one floor do not import each other.
const FLOORS: &[&[&str]] = &[
    &["error", "tuples"],
    &["value"],
    &["table"],
    &["sql"],
    &["engine"],
    &["model"],
    &["row", "foreign_keys"],
    &["expr"],
    &["relation"],
    &["cache"],
    &["transaction"],
    &["session"],
    &["query"],
    &["crud", "raw", "related", "schema"],
    &["db"],
];

/// Imports that point up, each to be mended: a file, and the module that it imports. One that is mended fails the test
/// until its line is taken out.
const POINTING_UP: &[(&str, &str)] = &[
    ("engine/fetched.rs", "model"),
    ("engine/row.rs", "model"),
    ("model/mod.rs", "expr"),
    ("transaction.rs", "session"),
    ("value/column_type.rs", "table"),
    ("value/into_value.rs", "model"),
    ("value/key.rs", "model"),
    ("value/key.rs", "table"),
    ("value/literal.rs", "model"),
    ("value/record.rs", "table"),
];

#[test]
fn imports_of_the_runtime_point_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sqliter/src");
    let mut up = BTreeSet::new();
    let mut read = 0;
    visit(&source, &mut |path, text| {
        read += 1;
        let name = path.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
        let module = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if module == "lib" {
            return;
        }
        let own = floor(&module).unwrap_or_else(|| panic!("{module} stands on no floor: give it one"));
        for imported in imports(text) {
            let other =
                floor(imported).unwrap_or_else(|| panic!("{name} imports {imported}, which stands on no floor"));
            if imported != module && other >= own {
                up.insert((name.clone(), imported.to_owned()));
            }
        }
    });
    assert!(read > 100, "only {read} files were read");
    let known = POINTING_UP.iter().map(|(file, module)| ((*file).to_owned(), (*module).to_owned())).collect();
    let new: Vec<_> = up.difference(&known).collect();
    assert!(new.is_empty(), "these imports point up: {new:#?}");
    let mended: Vec<_> = known.difference(&up).collect();
    assert!(mended.is_empty(), "these no longer point up, so take them out of the list: {mended:#?}");
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
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
