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

/// The files in Markdown of the repository, but for the guide, whose links rustdoc checks.
fn files_in_markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && !["target", "guide"].contains(&name) {
            files_in_markdown(&path, found);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// A text without the examples in it.
fn without_code(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// What the headings of a text are called in links, as GitHub and crates.io do it.
fn anchors(text: &str) -> Vec<String> {
    let text = without_code(text);
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let mut anchors: Vec<String> = Vec::new();
    for heading in headings {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        let anchor = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let before = anchors.iter().filter(|other| **other == anchor).count();
        anchors.push(if before == 0 { anchor } else { format!("{anchor}-{before}") });
    }
    anchors
}

#[test]
fn links_from_one_file_of_the_repository_to_another_lead_there() {
    let mut files = Vec::new();
    files_in_markdown(&root(), &mut files);
    assert!(files.len() >= 10, "{files:#?}");
    let (mut followed, mut with_anchor) = (0, 0);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.display();
        for (said, target) in links(&without_code(&text)).into_iter().filter(|(_, target)| !target.contains("://")) {
            let (there, anchor) =
                target.split_once('#').map_or((target, None), |(there, anchor)| (there, Some(anchor)));
            let there = if there.is_empty() { path.clone() } else { path.parent().unwrap().join(there) };
            assert!(there.exists(), "[{said}]({target}) in {file} leads nowhere");
            if let Some(anchor) = anchor {
                let known = anchors(&fs::read_to_string(&there).unwrap());
                assert!(known.iter().any(|it| it == anchor), "[{said}]({target}) in {file}: there are only {known:?}");
                with_anchor += 1;
            }
            followed += 1;
        }
    }
    assert!(followed > 40 && with_anchor > 0, "only {followed} links were followed, {with_anchor} with an anchor");
}

#[test]
fn the_check_of_links_reads_headings_as_github_does() {
    let text = "# A service, to copy\n```sh\n# no heading\n```\n## Two `commands`\n## Two `commands`\n";
    assert_eq!(anchors(text), ["a-service-to-copy", "two-commands", "two-commands-1"]);
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
