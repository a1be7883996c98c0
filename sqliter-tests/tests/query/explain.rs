//! How SQLite goes about a query.

use sqliter::Error;
use sqliter::bounds::PlanStep;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[expect(clippy::duplicated_attributes, reason = "two indexes begin with the same column")]
#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(title, pages))]
#[model(index(title, name = "idx_books_title"))]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Author, Book)>().await?;
    Ok(db)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_scans_searches_and_sorts() -> sqliter::Result<()> {
    let db = open().await?;
    let plan = db.select::<Book>().filter(|b| b.pages.gt(100)).order(|b| b.pages.asc()).explain().await?;
    let details: Vec<_> = plan.steps().iter().map(|step| step.detail.as_str()).collect();
    assert_eq!(details, ["SCAN books", "USE TEMP B-TREE FOR ORDER BY"]);
    assert!(plan.steps().iter().all(|step| step.id > 0 && step.parent == 0), "{plan:?}");
    assert_eq!(plan.to_string(), "SCAN books\nUSE TEMP B-TREE FOR ORDER BY");
    assert!(!plan.uses_index("idx_books_title"));

    let plan = db.select::<Book>().filter(|b| b.title.eq("Emma") & b.pages.eq(474)).explain().await?;
    assert_eq!(plan.to_string(), "SEARCH books USING INDEX idx_books_title_pages (title=? AND pages=?)");
    assert!(plan.uses_index("idx_books_title_pages"));
    assert!(!plan.uses_index("idx_books_title") && !plan.uses_index("idx_books") && !plan.uses_index(""));

    let plan = db.select::<Book>().only(|b| b.title).order(|b| b.title.asc()).explain().await?;
    assert_eq!(plan.to_string(), "SCAN books USING COVERING INDEX idx_books_title");
    assert!(plan.uses_index("idx_books_title"));
    Ok(())
}

#[tokio::test]
async fn a_plan_is_a_tree() -> sqliter::Result<()> {
    let db = open().await?;
    let chain = db.select::<Book>().filter(|b| b.title.eq("Emma") | b.author_id.eq(Author::key(1)));
    let plan = chain.explain().await?;
    let expected = "\
MULTI-INDEX OR
  INDEX 1
    SEARCH books USING INDEX idx_books_title (title=?)
  INDEX 2
    SEARCH books USING INDEX idx_books_author_id (author_id=?)";
    assert_eq!(plan.to_string(), expected);
    let [top, first, search, ..] = plan.steps() else { panic!("{plan:?}") };
    assert_eq!((top.parent, first.parent, search.parent), (0, top.id, first.id));
    assert!(matches!(top, PlanStep { detail, .. } if detail == "MULTI-INDEX OR"));
    assert!(plan.uses_index("idx_books_author_id"));
    Ok(())
}

#[tokio::test]
async fn a_plan_is_that_of_the_main_statement_which_is_not_run() -> sqliter::Result<()> {
    let db = open().await?;
    let before = db.statement_count();
    // A plan is for one statement, which is not run itself; the chain can be run after it.
    let chain = db.select::<Book>().filter(|b| b.author_id.is_in([Author::key(1)]) & b.author.name.regex("A"));
    let related = chain.select_related(|b| b.author);
    let plan = related.explain().await?;
    assert_eq!(db.statement_count(), before + 1);
    assert!(plan.uses_index("idx_books_author_id"), "{plan}");
    assert!(plan.to_string().contains("INTEGER PRIMARY KEY (rowid=?)\nLIST SUBQUERY 1\n  SCAN rarray"), "{plan}");
    assert!(related.fetch_all().await?.is_empty());

    let before = db.statement_count();
    let plan = db.select::<Author>().prefetch_related(|a| a.books).explain().await?;
    assert_eq!((plan.to_string().as_str(), db.statement_count()), ("SCAN authors", before + 1));

    let tx = db.begin().await?;
    let plan = tx.select::<Author>().filter(|a| a.pk.eq(Author::key(1))).explain().await?;
    assert_eq!(plan.to_string(), "SEARCH authors USING INTEGER PRIMARY KEY (rowid=?)");
    tx.commit().await
}

#[tokio::test]
async fn a_plan_of_what_cannot_run_is_an_error() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    let error = db.select::<Book>().explain().await.unwrap_err();
    assert!(matches!(&error, Error::RecordFetch { table, .. } if table == "books"), "{error:?}");
    let error = db.select::<Book>().exclude(|b| (b.pk, b.title, b.pages, b.author_id)).explain().await.unwrap_err();
    assert!(matches!(&error, Error::EmptySelection { .. }), "{error:?}");
    Ok(())
}
