//! Many books at once.

use chrono::NaiveDate;
use garde::Validate;
use serde::Deserialize;
use sqliter::prelude::*;
use utoipa::ToSchema;

use crate::models::*;

/// A line of an import. Authors and subjects that are not there are made.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct ImportLine {
    #[garde(length(chars, min = 1, max = 300))]
    title: String,
    #[serde(default)]
    summary: String,
    #[garde(length(chars, min = 1, max = 200))]
    author: String,
    #[garde(inner(pattern(r"^\d{13}$")))]
    isbn: Option<String>,
    #[garde(range(min = 1))]
    pages: Option<u32>,
    published: Option<NaiveDate>,
    language: Option<Language>,
    #[serde(default)]
    subjects: Vec<String>,
}

/// Writes a batch of lines: by one statement for the authors, one for the subjects, one for the books, one for what belongs
/// together.
pub async fn import(s: &Session, lines: Vec<ImportLine>) -> sqliter::Result<usize> {
    let authors = lines.iter().map(|line| Author::builder().name(&line.author));
    let authors = s.bulk_get_or_create(authors, |a| a.name).await?;
    let names = lines.iter().flat_map(|line| &line.subjects).map(|name| Subject::builder().name(name));
    let mut subjects = s.bulk_get_or_create(names, |s| s.name).await?.into_iter();
    let subjects: Vec<Vec<Key<Subject>>> = lines
        .iter()
        .map(|line| subjects.by_ref().take(line.subjects.len()).map(|(subject, _)| subject.pk).collect())
        .collect();
    let drafts = lines.into_iter().zip(&authors).map(|(line, (author, _))| {
        let draft = Book::builder().title(line.title).summary(line.summary).isbn(line.isbn).pages(line.pages);
        draft.published(line.published).language(line.language.unwrap_or(Language::English)).author_id(author)
    });
    let books = s.bulk_insert(drafts).await?;
    let pairs = books.iter().zip(subjects).flat_map(|(book, subjects)| {
        subjects.into_iter().map(|subject| BookSubject::builder().book_id(book.pk).subject_id(subject))
    });
    s.bulk_upsert(pairs, |p| (p.book_id, p.subject_id)).ignore().await?;
    Ok(books.len())
}
