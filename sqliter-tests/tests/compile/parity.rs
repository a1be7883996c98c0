//! `PARITY.md` is complete, and what it names is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// The sections of the list, and how many IDs each has.
const SECTIONS: [(&str, usize); 28] = [
    ("CONN", 19),
    ("NAME", 15),
    ("SCH", 19),
    ("COL", 17),
    ("TYP", 21),
    ("TS", 8),
    ("CRUD", 17),
    ("BLK", 12),
    ("BUP", 18),
    ("FLT", 33),
    ("RFL", 12),
    ("SEL", 15),
    ("ORD", 11),
    ("FET", 15),
    ("AGG", 23),
    ("WCN", 13),
    ("FK", 19),
    ("LAZ", 11),
    ("REV", 10),
    ("SRL", 12),
    ("PRE", 16),
    ("M2M", 29),
    ("TXN", 19),
    ("CAC", 25),
    ("LOG", 5),
    ("ERR", 8),
    ("MISC", 4),
    ("BUG", 74),
];

/// An ID with what the list says beside it.
struct Row {
    id: String,
    shown: String,
}

impl Row {
    /// What stands between backticks and is a file, or a test in one.
    fn named(&self) -> impl Iterator<Item = &str> {
        self.shown.split('`').skip(1).step_by(2).filter(|named| named.contains(".rs"))
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn rows() -> Vec<Row> {
    let list = read_to_string(folder().join("../PARITY.md")).unwrap();
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows =
        list.lines().map(cells).filter(|cells| cells.len() > 1 && cells[1].contains('-') && !cells[1].contains("--"));
    rows.map(|cells| Row { id: cells[1].clone(), shown: cells[2].clone() }).collect()
}

/// The tests of each file, by its path in the folder of tests.
fn tests() -> BTreeMap<String, BTreeSet<String>> {
    let mut files = BTreeMap::new();
    read_tests(&folder(), &mut files);
    files
}

fn read_tests(inside: &Path, files: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in std::fs::read_dir(inside).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_tests(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(folder()).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, tests_in(&read_to_string(path).unwrap()));
        }
    }
}

/// The functions that an attribute makes tests.
fn tests_in(source: &str) -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let (true, Some((_, function))) = (is_test && !line.starts_with('#'), line.split_once("fn ")) {
            tests.extend(function.split(['(', '<']).next().map(str::to_owned));
            is_test = false;
        }
    }
    tests
}

#[test]
fn every_id_stands_once_and_in_order() {
    let all = SECTIONS.iter().flat_map(|(section, count)| (1..=*count).map(move |i| format!("{section}-{i:02}")));
    assert_eq!(rows().into_iter().map(|row| row.id).collect::<Vec<_>>(), all.collect::<Vec<_>>());
}

#[test]
fn every_row_says_where_or_why() {
    for Row { id, shown } in rows() {
        assert!(!shown.is_empty(), "{id} is shown nowhere");
    }
}

#[test]
fn what_is_named_is_there() {
    let tests = tests();
    for row in rows() {
        for named in row.named() {
            let found = match named.split_once("::") {
                Some((file, test)) => tests.get(file).is_some_and(|tests| tests.contains(test)),
                None => folder().join(named).is_file() || folder().join("..").join(named).is_file(),
            };
            assert!(found, "{} names {named}, which is not there", row.id);
        }
    }
}

#[test]
fn the_check_itself_reads_tests() {
    let source = "fn helper() {}\n#[tokio::test]\n#[ignore]\nasync fn a_b() {\n#[test]\nfn c() {}\nfn d() {}";
    assert_eq!(tests_in(source).into_iter().collect::<Vec<_>>(), ["a_b", "c"]);
    assert!(tests()["compile/parity.rs"].contains("every_id_stands_once_and_in_order"));
}
