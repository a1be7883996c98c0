//! Random conditions through relations on random libraries: the database keeps the rows that the same condition keeps
//! in Rust, in filters, in prefetches, in updates and deletions.

mod condition;
mod world;

use std::sync::LazyLock;

use super::library::{Author, Book};
use condition::{OfAuthor, OfBook, Tree, of_author, of_book};
use proptest::prelude::*;
use sqliter::prelude::*;
use tokio::runtime::Runtime;
use world::{Plan, World, plan};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

fn cloned<'r, T: Clone + 'r>(rows: impl IntoIterator<Item = &'r T>) -> Vec<T> {
    rows.into_iter().cloned().collect()
}

/// In the order of a key through relations, of books without an editor first.
fn sorted(world: &World, mut books: Vec<Book>) -> Vec<Book> {
    books.sort_by(|a, b| {
        let key = |book: &Book| {
            let editor = book.editor_id.map(|key| world.author(key));
            (editor.map(|editor| editor.name.clone()), world.tags_of(book).len())
        };
        key(a).cmp(&key(b)).then(a.pk.cmp(&b.pk))
    });
    books
}

async fn check_books(db: &Db, world: &World, tree: &Tree<OfBook>, limit: usize) -> sqliter::Result<()> {
    let kept = cloned(world.books.iter().filter(|book| tree.holds(world, book) == Some(true)));
    let query = db.select::<Book>().filter(|b| tree.condition(b));
    assert_eq!(query.clone().order(|b| b.pk.asc()).fetch_all().await?, kept);
    assert_eq!(query.clone().count().await?, kept.len() as u64);
    assert_eq!(query.clone().exists().await?, !kept.is_empty());
    let others = cloned(world.books.iter().filter(|book| !kept.contains(book)));
    let complement = db.select::<Book>().filter(|b| !tree.condition(b));
    assert_eq!(complement.order(|b| b.pk.asc()).fetch_all().await?, others);

    let expected = sorted(world, kept);
    let ordered = query.order(|b| (b.editor.name.asc(), b.tags.count().asc()));
    let loaded = ordered.clone().select_related(|b| (b.author, b.editor.with(|e| e.mentor)));
    let loaded = loaded.prefetch_related(|b| b.tags).fetch_all().await?;
    assert_eq!(loaded.len(), expected.len());
    for ((book, author, editor, tags), expected) in loaded.iter().zip(&expected) {
        assert_eq!((book, author), (expected, world.author(expected.author_id)));
        let mentor = |author: &Author| author.mentor_id.map(|key| world.author(key).clone());
        let with_mentor = |key| (world.author(key).clone(), mentor(world.author(key)));
        assert_eq!(*editor, expected.editor_id.map(with_mentor));
        assert_eq!(*tags, cloned(world.tags_of(expected)));
    }

    let chosen = &expected[..expected.len().min(limit)];
    let left = cloned(world.books.iter().filter(|book| !chosen.contains(book)));
    let tx = db.begin().await?;
    let query = tx.select::<Book>().filter(|b| tree.condition(b)).limit(limit as u64);
    let query = query.order(|b| (b.editor.name.asc(), b.tags.count().asc()));
    assert_eq!(query.clone().update(|b| b.title.set("changed")).await?, chosen.len() as u64);
    let unchanged = tx.select::<Book>().filter(|b| b.title.eq("")).order(|b| b.pk.asc());
    assert_eq!(unchanged.fetch_all().await?, left);
    assert_eq!(query.delete().await?, chosen.len() as u64);
    assert_eq!(tx.select::<Book>().order(|b| b.pk.asc()).fetch_all().await?, left);
    tx.rollback().await
}

async fn check_authors(db: &Db, world: &World, tree: &Tree<OfAuthor>, of_books: &Tree<OfBook>) -> sqliter::Result<()> {
    let kept = cloned(world.authors.iter().filter(|author| tree.holds(world, author) == Some(true)));
    let query = db.select::<Author>().filter(|a| tree.condition(a)).order(|a| a.pk.asc());
    assert_eq!(query.clone().fetch_all().await?, kept);
    let complement = db.select::<Author>().filter(|a| !tree.condition(a));
    assert_eq!(complement.count().await?, (world.authors.len() - kept.len()) as u64);
    // The same conditions on prefetched rows, with a limit for each parent.
    let rows = query
        .prefetch_related(|a| (a.books.filter(|b| of_books.condition(b)), a.edited.limit(1)))
        .prefetch_related(|a| a.books.filter(|b| of_books.condition(b)).order(|b| b.editor.name.asc()).limit(2))
        .fetch_all()
        .await?;
    assert_eq!(rows.len(), kept.len());
    for ((author, books, edited, first), expected) in rows.into_iter().zip(kept) {
        assert_eq!(author, expected);
        let own = world.books_of(&author).into_iter().filter(|book| of_books.holds(world, book) == Some(true));
        let mut own = cloned(own);
        assert_eq!(books, own);
        assert_eq!(edited, cloned(world.edited_by(&author).into_iter().take(1)));
        own.sort_by_key(|book| book.editor_id.map(|key| world.author(key).name.clone()));
        own.truncate(2);
        assert_eq!(first, own);
    }
    Ok(())
}

async fn check(
    plan: &Plan,
    books: &[(Tree<OfBook>, usize)],
    authors: &[(Tree<OfAuthor>, Tree<OfBook>)],
) -> sqliter::Result<()> {
    let db = Db::memory().await?;
    let world = World::build(&db, plan).await?;
    for (tree, limit) in books {
        check_books(&db, &world, tree, *limit).await?;
    }
    for (tree, of_books) in authors {
        check_authors(&db, &world, tree, of_books).await?;
    }
    db.close().await
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn conditions_through_relations_mean_the_same_in_the_database_and_in_rust(
        plan in plan(),
        books in prop::collection::vec((of_book(2), 0..6_usize), 6),
        authors in prop::collection::vec((of_author(3), of_book(1)), 6),
    ) {
        RUNTIME.block_on(check(&plan, &books, &authors)).unwrap();
    }
}
