//! Drafts and patches that are validated by garde and made up by fake.

use fake::{Dummy, Fake, Faker, rand::SeedableRng, rand::rngs::StdRng};
use garde::Validate;
use serde::Deserialize;
use serde_json::from_str;
use sqliter::prelude::*;
use sqliter::web::Problem;

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    new(derive(Debug, Deserialize, Validate, Dummy), garde(allow_unvalidated)),
    patch(derive(Debug, Deserialize, Validate), garde(allow_unvalidated))
)]
struct Book {
    pk: Key<Book>,
    #[model(new(garde(length(min = 1, max = 20))), patch(garde(length(min = 1, max = 20))))]
    title: String,
    #[model(new(garde(inner(length(min = 1)))), patch(garde(inner(inner(length(min = 1))))))]
    subtitle: Option<String>,
    #[model(new(garde(range(min = 1)), dummy(faker = "1..1000")), patch(garde(range(min = 1))))]
    pages: i64,
    #[model(new(dummy(expr = "Author::key(0)")))]
    author_id: Key<Author>,
}

#[test]
fn a_draft_and_a_patch_are_validated() {
    let draft: NewBook = from_str(r#"{"title": "", "subtitle": "", "pages": 0, "author_id": 1}"#).unwrap();
    let report = draft.validate().unwrap_err();
    let mut paths: Vec<_> = report.iter().map(|(path, _)| path.to_string()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["pages", "subtitle", "title"]);

    let patch: BookPatch = from_str(r#"{"title": "", "subtitle": null}"#).unwrap();
    let report = patch.validate().unwrap_err();
    assert_eq!(report.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>(), ["title"]);
    assert!(from_str::<BookPatch>(r#"{"subtitle": null}"#).unwrap().validate().is_ok());
    assert!(from_str::<BookPatch>(r#"{"subtitle": ""}"#).unwrap().validate().is_err());
}

/// Without `allow_unvalidated` each field says what it is checked for, the version in the patch too.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(patch(derive(Debug, Deserialize, Validate)))]
struct Page {
    pk: Key<Page>,
    #[model(patch(garde(length(min = 1))))]
    text: String,
    #[model(version, patch(serde(rename = "seen"), garde(range(min = 1))))]
    version: i64,
}

#[test]
fn the_version_of_a_patch_takes_attributes() {
    let patch: PagePatch = from_str(r#"{"text": "x", "seen": 0}"#).unwrap();
    assert_eq!(patch.version, Some(0));
    let report = patch.validate().unwrap_err();
    assert_eq!(report.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>(), ["version"]);
}

#[test]
fn what_a_validation_finds_becomes_a_problem() {
    let draft: NewBook = from_str(r#"{"title": "", "pages": 1, "author_id": 1}"#).unwrap();
    let report = draft.validate().unwrap_err();
    let problem = report.iter().fold(Problem::new(422, "the book does not fit"), |problem, (path, error)| {
        problem.with_field(path.to_string(), error.message())
    });
    assert_eq!(
        (problem.errors[0].name.as_str(), problem.errors[0].detail.as_str()),
        ("title", "length is lower than 1")
    );
}

#[tokio::test]
async fn made_up_drafts_are_inserted() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Author, Book)>().await?;
    let author = db.insert(Author::builder().name("Ada")).await?;
    let mut random = StdRng::seed_from_u64(7);
    let book = |random: &mut StdRng| NewBook { author_id: author.pk, ..Faker.fake_with_rng(random) };
    let books = db.bulk_insert((0..20).map(|_| book(&mut random))).await?;
    assert!(books.iter().all(|book| (1..1000).contains(&book.pages) && book.author_id == author.pk));
    Ok(())
}
