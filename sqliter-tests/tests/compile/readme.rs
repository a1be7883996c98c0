//! What the README says of the compiler, and where its links lead.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The links of a text in Markdown: what they say, and where they lead.
fn links(text: &str) -> Vec<(&str, &str)> {
    let mut links = Vec::new();
    for (at, _) in text.match_indices("](") {
        let target = text[at + 2..].split(')').next().unwrap();
        // Of brackets in what the link says, as in `Vec<[u8]>`, there are none.
        let said = &text[text[..at].rfind('[').unwrap() + 1..at];
        links.push((said, target));
    }
    links
}

#[test]
fn the_compiler_says_what_the_readme_says_that_it_says() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let messages: Vec<_> = links(&readme).into_iter().filter(|(_, target)| target.ends_with(".stderr")).collect();
    assert!(messages.len() > 10, "{messages:#?}");
    for (message, program) in messages {
        let told = fs::read_to_string(root().join(program)).unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(told.contains(message), "{program} has no `{message}`:\n{told}");
    }
}

#[test]
fn links_from_one_file_of_the_repository_to_another_lead_there() {
    let mut followed = 0;
    for file in ["README.md", "CHANGELOG.md", "ARCHITECTURE.md", "sqliter-cli/README.md", "benches/README.md"] {
        let path = root().join(file);
        let text = fs::read_to_string(&path).unwrap();
        for (said, target) in links(&text).into_iter().filter(|(_, target)| !target.contains("://")) {
            let there = path.parent().unwrap().join(target.split('#').next().unwrap());
            assert!(there.exists(), "[{said}]({target}) in {file} leads nowhere");
            followed += 1;
        }
    }
    assert!(followed > 20, "only {followed} links were followed");
}

#[test]
fn every_chapter_of_the_guide_is_a_module_and_in_its_index() {
    let guide = root().join("sqliter/src/guide");
    let read = |name: &str| fs::read_to_string(guide.join(name)).unwrap();
    let (modules, index) = (read("mod.rs"), read("index.md"));
    let mut chapters = 0;
    for entry in fs::read_dir(&guide).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(chapter) = name.strip_suffix(".md").filter(|chapter| *chapter != "index") else { continue };
        assert!(
            modules.contains(&format!("pub mod {chapter} {{\n    #![doc = include_str!(\"{name}\")]")),
            "{chapter}"
        );
        assert!(index.contains(&format!("| [`{chapter}`] |")), "{chapter} is not in the index");
        chapters += 1;
    }
    assert!(chapters > 10, "only {chapters} chapters were read");
}
