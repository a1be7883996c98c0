//! To-one relations loaded by joins.

use super::library::*;
use sqliter::Error;
use sqliter::prelude::*;

#[tokio::test]
async fn a_relation_comes_with_the_statement_of_the_query() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, notes, ulysses, zero, .. } = library().await?;
    let query = db.select::<Book>().select_related(|b| b.author).order(|b| b.pk.asc());
    let rows: Vec<(Book, Author)> = counted(&db, 1, query.clone().fetch_all()).await?;
    let all = [(emma, ada.clone()), (notes, ada), (ulysses, bob.clone()), (zero, bob)];
    assert_eq!(rows, all);
    // Within a transaction too.
    let tx = db.begin().await?;
    assert_eq!(tx.select::<Book>().select_related(|b| b.author).fetch_all().await?.len(), 4);
    tx.rollback().await
}

#[tokio::test]
async fn several_relations_and_repeated_calls_accumulate() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, murray, .. } = library().await?;
    let books = db.select::<Book>().filter(|b| b.title.eq("Emma"));
    let together: (Book, Author, Option<Author>) =
        books.clone().select_related(|b| (b.author, b.editor)).fetch_required().await?;
    assert_eq!(together, (emma.clone(), ada.clone(), Some(bob.clone())));
    let one_by_one: (Book, Author, Option<Author>, Option<Publisher>) = counted(
        &db,
        1,
        books.clone().select_related(|b| b.author).select_related(|b| (b.editor, b.publisher)).fetch_required(),
    )
    .await?;
    assert_eq!(one_by_one, (emma.clone(), ada.clone(), Some(bob), Some(murray)));
    // The same relation twice is joined once and given twice.
    let twice = books.select_related(|b| b.author).select_related(|b| b.author);
    assert_eq!(twice.to_sql()?.text.matches("JOIN").count(), 1);
    assert_eq!(twice.fetch_required().await?, (emma, ada.clone(), ada));
    Ok(())
}

#[tokio::test]
async fn nested_relations_load_every_step() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, murray, britain, comments, .. } = library().await?;
    let row: (Comment, (Book, Author, Option<Author>, Option<(Publisher, Country)>)) = counted(
        &db,
        1,
        db.select::<Comment>()
            .select_related(|c| c.book.with(|b| (b.author, b.editor, b.publisher.with(|p| p.country))))
            .fetch_first(),
    )
    .await?
    .unwrap();
    assert_eq!(row, (comments[0].clone(), (emma, ada, Some(bob), Some((murray, britain)))));
    Ok(())
}

#[tokio::test]
async fn a_nullable_relation_loses_no_row() -> sqliter::Result<()> {
    let Library { db, bob, cleo, .. } = library().await?;
    let rows = db.select::<Book>().select_related(|b| b.editor).order(|b| b.pk.asc()).fetch_all().await?;
    let editors: Vec<Option<Author>> = rows.into_iter().map(|(_, editor)| editor).collect();
    assert_eq!(editors, [Some(bob.clone()), None, Some(cleo), Some(bob)]);
    Ok(())
}

#[tokio::test]
async fn nothing_behind_a_nullable_relation_loses_a_row() -> sqliter::Result<()> {
    let Library { db, murray, britain, .. } = library().await?;
    let rows: Vec<(Book, Option<(Publisher, Country)>)> = db
        .select::<Book>()
        .select_related(|b| b.publisher.with(|p| p.country))
        .order(|b| b.title.asc())
        .fetch_all()
        .await?;
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0].1, Some((murray, britain)));
    assert_eq!((rows[1].0.title.as_str(), &rows[1].1), ("Notes", &None));

    // In the middle of a path, with a further relation behind the gap, and more columns after it.
    db.insert(Comment::builder().number(9).position(0).book_id(&rows[1].0)).await?;
    type Row = (Comment, (Book, Option<(Publisher, Country)>, Author, Option<(Author, Option<Author>)>));
    let rows: Vec<Row> = db
        .select::<Comment>()
        .select_related(|c| c.book.with(|b| (b.publisher.with(|p| p.country), b.author, b.editor.with(|a| a.mentor))))
        .order(|c| c.pk.asc())
        .fetch_all()
        .await?;
    assert_eq!(rows.len(), 5);
    let (_, (book, publisher, author, editor)) = &rows[4];
    assert_eq!((book.title.as_str(), author.name.as_str()), ("Notes", "Ada"));
    assert!(publisher.is_none() && editor.is_none());
    let (_, (_, publisher, _, editor)) = &rows[2];
    assert_eq!(publisher.as_ref().unwrap().1.code, "US");
    assert_eq!(editor.as_ref().unwrap().1.as_ref().unwrap().name, "Bob");
    Ok(())
}

#[tokio::test]
async fn filters_order_limit_and_every_fetch() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, notes, ulysses, zero, .. } = library().await?;
    let query = db.select::<Book>().select_related(|b| b.author);
    // Own and related conditions; `pk` and `name` are columns of several of the tables.
    let found =
        query.clone().filter(|b| b.pk.ge(&emma) & b.author.pk.eq(&bob) & b.editor.name.eq("Cleo")).fetch_all().await?;
    assert_eq!(found, [(ulysses.clone(), bob.clone())]);
    let sorted = query.clone().order(|b| (b.author.name.desc(), b.pages.asc()));
    assert_eq!(
        sorted.clone().limit(2).offset(1).fetch_all().await?,
        [(ulysses.clone(), bob.clone()), (notes, ada.clone())]
    );
    assert_eq!(sorted.clone().fetch_one().await?, Some((zero.clone(), bob.clone())));
    assert_eq!(sorted.clone().fetch_first().await?, Some((zero.clone(), bob.clone())));
    assert_eq!(sorted.fetch_required().await?, (zero, bob.clone()));
    let none = query.clone().filter(|b| b.author.name.eq("Nobody"));
    assert_eq!(none.clone().fetch_one().await?, None);
    assert!(matches!(none.fetch_required().await, Err(Error::RecordNotFound { .. })));
    // Behind a nullable relation NULL sorts first, unless its place is given.
    let by_editor = db.select::<Book>().select_related(|b| b.editor);
    let first = by_editor.clone().order(|b| b.editor.name.asc()).fetch_required().await?;
    assert_eq!((first.0.title.as_str(), first.1), ("Notes", None));
    let first = by_editor.order(|b| b.editor.name.asc().nulls_last()).fetch_required().await?;
    assert_eq!(first, (emma, Some(bob)));
    Ok(())
}

#[tokio::test]
async fn fetch_last_gives_the_related_row() -> sqliter::Result<()> {
    let Library { db, bob, ada, emma, zero, .. } = library().await?;
    let query = db.select::<Book>().select_related(|b| (b.author, b.editor));
    assert_eq!(query.clone().fetch_last().await?, Some((zero, bob.clone(), Some(bob.clone()))));
    let last = query.order(|b| (b.author.name.desc(), b.pages.asc())).fetch_last().await?;
    assert_eq!(last, Some((emma, ada, Some(bob))));
    Ok(())
}

#[tokio::test]
async fn count_and_exists_mean_the_rows_of_the_chain() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let query = db.select::<Book>().select_related(|b| (b.author, b.publisher.with(|p| p.country)));
    assert_eq!(query.clone().count().await?, 4);
    assert_eq!(query.clone().limit(10).offset(1).count().await?, 3);
    assert!(query.clone().exists().await?);
    assert!(!query.clone().offset(4).exists().await?);
    assert_eq!(query.filter(|b| b.publisher.country.code.eq("GB")).count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn shared_prefixes_do_not_collide() -> sqliter::Result<()> {
    let Library { db, ada, bob, cleo, ulysses, .. } = library().await?;
    let query = db
        .select::<Book>()
        .filter(|b| b.editor.mentor.mentor.name.eq("Ada"))
        .select_related(|b| b.editor.with(|a| a.mentor.with(|m| m.mentor)))
        .select_related(|b| (b.author.with(|a| a.mentor), b.editor.with(|a| a.mentor)))
        .select_related(|b| (b.author, b.editor));
    let sql = query.to_sql()?.text;
    assert_eq!(sql.matches("JOIN").count(), 5, "{sql}");
    let (book, deep, author, editor, plain_author, plain_editor) = query.fetch_required().await?;
    assert_eq!(book, ulysses);
    assert_eq!(deep, Some((cleo.clone(), Some((bob.clone(), Some(ada.clone()))))));
    assert_eq!(author, (bob.clone(), Some(ada)));
    assert_eq!(editor, Some((cleo.clone(), Some(bob.clone()))));
    assert_eq!((plain_author, plain_editor), (bob, Some(cleo)));
    Ok(())
}

#[tokio::test]
async fn related_rows_have_their_own_column_types() -> sqliter::Result<()> {
    let Library { db, ada, bob, cleo, profile, murray, .. } = library().await?;
    // The other side of a unique key is joined as well, and may be absent.
    let rows: Vec<(Author, Option<Profile>)> =
        counted(&db, 1, db.select::<Author>().select_related(|a| a.profile).order(|a| a.pk.asc()).fetch_all()).await?;
    assert_eq!(rows, [(ada.clone(), Some(profile.clone())), (bob, None), (cleo, None)]);
    let rows: Vec<(Book, (Author, Option<Profile>), Option<Publisher>)> = db
        .select::<Book>()
        .select_related(|b| (b.author.with(|a| a.profile), b.publisher))
        .order(|b| b.pk.asc())
        .fetch_all()
        .await?;
    assert_eq!(rows[0].1, (ada.clone(), Some(profile)));
    assert_eq!(rows[0].2, Some(murray));
    let (_, (author, profile)) =
        db.select::<Profile>().select_related(|p| p.author.with(|a| a.profile)).fetch_required().await?;
    assert_eq!((author, profile.unwrap().links.0.len()), (ada, 1));
    // A mistake is reported with the table that holds it.
    let unchecked = "PRAGMA ignore_check_constraints = ON; UPDATE publishers SET founded = 'yesterday'";
    sqliter::sqlx::raw_sql(unchecked).execute(&db.pool()).await.unwrap();
    match db.select::<Book>().select_related(|b| b.publisher).fetch_all().await {
        Err(Error::Decode { table, column, .. }) => {
            assert_eq!((table.as_str(), column.as_str()), ("publishers", "founded"))
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn two_keys_to_one_target_and_keys_to_the_own_table() -> sqliter::Result<()> {
    let Library { db, ada, bob, cleo, ulysses, zero, .. } = library().await?;
    let rows = db
        .select::<Book>()
        .filter(|b| b.author.name.eq("Bob"))
        .select_related(|b| (b.author, b.editor))
        .order(|b| b.pk.asc())
        .fetch_all()
        .await?;
    assert_eq!(rows, [(ulysses, bob.clone(), Some(cleo.clone())), (zero, bob.clone(), Some(bob.clone()))]);
    let rows: Vec<(Author, Option<(Author, Option<Author>)>)> =
        db.select::<Author>().select_related(|a| a.mentor.with(|m| m.mentor)).order(|a| a.pk.asc()).fetch_all().await?;
    let expected = [(ada.clone(), None), (bob.clone(), Some((ada.clone(), None))), (cleo, Some((bob, Some(ada))))];
    assert_eq!(rows, expected);
    Ok(())
}

#[tokio::test]
async fn joins_and_prefetches_in_one_query() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, rust, sql, murray, comments, .. } = library().await?;
    let query = db
        .select::<Book>()
        .prefetch_related(|b| b.tags)
        .select_related(|b| (b.author, b.editor))
        .prefetch_related(|b| b.comments.order(|c| c.number.asc()))
        .select_related(|b| b.publisher)
        .filter(|b| b.author.name.eq("Ada"))
        .order(|b| b.author.name.asc());
    // The parts stand in the order of the calls.
    let rows: Vec<(Book, Vec<Tag>, Author, Option<Author>, Vec<Comment>, Option<Publisher>)> =
        counted(&db, snapshot_of(3), query.clone().fetch_all()).await?;
    let by_number = vec![comments[1].clone(), comments[3].clone(), comments[0].clone()];
    assert_eq!(rows[0], (emma, vec![rust, sql], ada.clone(), Some(bob), by_number, Some(murray)));
    assert_eq!((rows[1].1.len(), &rows[1].2, &rows[1].3, rows[1].4.len(), &rows[1].5), (0, &ada, &None, 0, &None));
    assert_eq!(query.count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_selection_of_own_columns_uses_joins_for_filters_only() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let titles: Vec<String> = db
        .select::<Book>()
        .filter(|b| b.author.name.eq("Bob"))
        .order(|b| b.pk.asc())
        .only(|b| b.title)
        .fetch_all()
        .await?;
    assert_eq!(titles, ["Ulysses", "Zero"]);
    Ok(())
}

#[tokio::test]
async fn a_selection_replaces_what_was_to_be_loaded() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let query = db.select::<Book>().select_related(|b| b.author).prefetch_related(|b| b.tags).only(|b| b.title);
    assert_eq!(query.to_sql()?.text, r#"SELECT "title" FROM "books""#);
    assert_eq!(counted(&db, 1, query.fetch_all()).await?.len(), 4);
    Ok(())
}
