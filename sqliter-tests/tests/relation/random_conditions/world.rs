//! Small random libraries, in the database and in Rust.

use proptest::prelude::any;
use proptest::prelude::*;
use proptest::sample::Index;
use sqliter::prelude::*;

use super::super::library::{Author, Book, Country, Publisher, Tag};

pub const NAMES: [&str; 3] = ["a", "b", "c"];

/// What a library consists of; related rows are chosen among all that there are.
#[derive(Debug, Clone)]
pub struct Plan {
    authors: Vec<(usize, Option<Index>)>,
    books: Vec<(i64, Index, Option<Index>)>,
    tags: Vec<usize>,
    pairs: Vec<(Index, Index)>,
}

pub fn plan() -> impl Strategy<Value = Plan> {
    let author = (0..3_usize, any::<Option<Index>>());
    let book = (0..4_i64, any::<Index>(), any::<Option<Index>>());
    (
        prop::collection::vec(author, 1..5),
        prop::collection::vec(book, 1..9),
        prop::collection::vec(0..3_usize, 1..4),
        prop::collection::vec(any::<(Index, Index)>(), 0..12),
    )
        .prop_map(|(authors, books, tags, pairs)| Plan { authors, books, tags, pairs })
}

pub struct World {
    pub authors: Vec<Author>,
    pub books: Vec<Book>,
    pub tags: Vec<Tag>,
    pairs: Vec<(Key<Book>, Key<Tag>)>,
}

impl World {
    pub async fn build(db: &Db, plan: &Plan) -> sqliter::Result<Self> {
        db.create_tables::<(Country, Publisher, Author, Tag, Book)>().await?;
        let mut authors: Vec<Author> = Vec::new();
        for (name, mentor) in &plan.authors {
            // Of authors that are there already.
            let mentor = mentor.filter(|_| !authors.is_empty()).map(|mentor| mentor.get(&authors).pk);
            authors.push(db.insert(Author::builder().name(NAMES[*name]).mentor_id(mentor)).await?);
        }
        let drafts = plan.books.iter().map(|(pages, author, editor)| {
            let editor = editor.map(|editor| editor.get(&authors).pk);
            Book::builder().title("").pages(*pages).author_id(author.get(&authors)).editor_id(editor)
        });
        let books = db.bulk_insert(drafts.collect::<Vec<_>>()).await?;
        let tags = db.bulk_insert(plan.tags.iter().map(|name| Tag::builder().name(NAMES[*name]))).await?;
        let mut pairs = Vec::new();
        for (book, tag) in &plan.pairs {
            let (book, tag) = (book.get(&books), tag.get(&tags));
            book.tags(db).add([tag]).await?;
            if !pairs.contains(&(book.pk, tag.pk)) {
                pairs.push((book.pk, tag.pk));
            }
        }
        Ok(Self { authors, books, tags, pairs })
    }

    pub fn author(&self, key: Key<Author>) -> &Author {
        self.authors.iter().find(|author| author.pk == key).unwrap()
    }

    pub fn books_of(&self, author: &Author) -> Vec<&Book> {
        self.books.iter().filter(|book| book.author_id == author.pk).collect()
    }

    pub fn edited_by(&self, author: &Author) -> Vec<&Book> {
        self.books.iter().filter(|book| book.editor_id == Some(author.pk)).collect()
    }

    pub fn pupils_of(&self, author: &Author) -> Vec<&Author> {
        self.authors.iter().filter(|pupil| pupil.mentor_id == Some(author.pk)).collect()
    }

    pub fn tags_of(&self, book: &Book) -> Vec<&Tag> {
        self.tags.iter().filter(|tag| self.pairs.contains(&(book.pk, tag.pk))).collect()
    }

    pub fn tagged(&self, tag: &Tag) -> Vec<&Book> {
        self.books.iter().filter(|book| self.pairs.contains(&(book.pk, tag.pk))).collect()
    }
}
