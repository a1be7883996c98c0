//! Conditions and orders through relations.

use super::library::*;
use sqliter::prelude::*;
use sqliter::{Condition, Error, Select};

async fn found(query: Select<'_, Book>) -> sqliter::Result<Vec<String>> {
    query.order(|b| b.title.asc()).only(|b| b.title).fetch_all().await
}

async fn books(db: &Db, condition: impl FnOnce(&BookColumns<Book>) -> Condition<Book>) -> sqliter::Result<Vec<String>> {
    found(db.select::<Book>().filter(condition)).await
}

async fn authors(
    db: &Db,
    condition: impl FnOnce(&AuthorColumns<Author>) -> Condition<Author>,
) -> sqliter::Result<Vec<String>> {
    db.select::<Author>().filter(condition).order(|a| a.name.asc()).only(|a| a.name).fetch_all().await
}

#[tokio::test]
async fn paths_of_any_depth_with_every_kind_of_operator() -> sqliter::Result<()> {
    let Library { db, ada, .. } = library().await?;
    assert_eq!(books(&db, |b| b.author.name.eq("Ada")).await?, ["Emma", "Notes"]);
    assert_eq!(books(&db, |b| b.author.pk.is_in([ada.pk]) & b.pages.lt(100)).await?, ["Notes"]);
    assert_eq!(books(&db, |b| b.publisher.founded.gt(day("1800-01-01"))).await?, ["Ulysses"]);
    assert_eq!(books(&db, |b| b.publisher.country.name.icontains("BRIT")).await?, ["Emma", "Zero"]);
    assert_eq!(books(&db, |b| b.editor.mentor.mentor.name.starts_with("A")).await?, ["Ulysses"]);
    assert_eq!(books(&db, |b| b.author.profile.since.lt(day("1900-01-01"))).await?, ["Emma", "Notes"]);
    assert_eq!(books(&db, |b| b.author.name.eq(b.editor.name)).await?, ["Zero"]);
    assert_eq!(books(&db, |b| b.author_id.eq(b.editor.mentor_id)).await?, ["Emma", "Ulysses"]);
    let deep = db.select::<Comment>().filter(|c| c.book.publisher.country.code.between("GB", "GZ"));
    assert_eq!(deep.count().await?, 3);
    Ok(())
}

#[tokio::test]
async fn null_tests_across_relations() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    assert_eq!(books(&db, |b| b.editor.is_null()).await?, ["Notes"]);
    assert_eq!(books(&db, |b| b.editor.is_not_null()).await?, ["Emma", "Ulysses", "Zero"]);
    // A column that is never NULL in its table may be so behind a nullable relation.
    assert_eq!(books(&db, |b| b.editor.name.is_null()).await?, ["Notes"]);
    assert_eq!(books(&db, |b| b.publisher.country.name.is_not_null()).await?, ["Emma", "Ulysses", "Zero"]);
    assert_eq!(books(&db, |b| b.editor.pk.is_null() | b.pages.gt(700)).await?, ["Notes", "Ulysses"]);
    // A nullable column behind a required and behind a nullable relation, tested and compared with None.
    assert_eq!(books(&db, |b| b.author.mentor_id.is_null()).await?, ["Emma", "Notes"]);
    assert_eq!(books(&db, |b| b.author.mentor.is_null()).await?, ["Emma", "Notes"]);
    assert_eq!(books(&db, |b| b.editor.mentor_id.eq(None)).await?, ["Notes"]);
    assert_eq!(books(&db, |b| b.author.profile.is_null()).await?, ["Ulysses", "Zero"]);
    assert_eq!(authors(&db, |a| a.profile.is_not_null()).await?, ["Ada"]);
    Ok(())
}

#[tokio::test]
async fn comparisons_skip_absent_rows_and_their_complement_keeps_them() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    assert_eq!(books(&db, |b| b.editor.name.ne("Bob")).await?, ["Ulysses"]);
    assert_eq!(books(&db, |b| !b.editor.name.eq("Bob")).await?, ["Notes", "Ulysses"]);
    assert_eq!(books(&db, |b| b.editor.name.not_in(["Bob"])).await?, ["Ulysses"]);
    assert_eq!(books(&db, |b| !b.editor.name.is_in(["Bob"])).await?, ["Notes", "Ulysses"]);
    assert_eq!(books(&db, |b| b.editor.name.eq("Bob") | b.title.eq("Notes")).await?, ["Emma", "Notes", "Zero"]);
    assert_eq!(books(&db, |b| !(b.editor.name.eq("Bob") | b.publisher.name.eq("Knopf"))).await?, ["Notes"]);
    assert_eq!(
        books(&db, |b| !(b.publisher.country.code.eq("GB") & b.pages.gt(100))).await?,
        ["Notes", "Ulysses", "Zero"]
    );
    Ok(())
}

#[tokio::test]
async fn every_terminal_means_the_filtered_rows() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let query = db.select::<Book>().filter(|b| b.publisher.country.code.eq("GB"));
    assert_eq!(query.clone().count().await?, 2);
    assert_eq!(query.clone().limit(1).count().await?, 1);
    assert!(query.clone().exists().await?);
    assert!(!query.clone().filter(|b| b.editor.is_null()).exists().await?);
    assert_eq!(query.clone().fetch_last().await?.unwrap().title, "Zero");
    assert_eq!(query.order(|b| b.editor.mentor.name.desc()).fetch_first().await?.unwrap().title, "Zero");
    Ok(())
}

#[tokio::test]
async fn orders_by_related_columns_and_numbers_of_related_rows() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let query = db.select::<Book>();
    let all = async |query: Select<'_, Book>| query.only(|b| b.title).fetch_all().await;
    let sorted = query.clone().order(|b| (b.publisher.country.name.asc(), b.author.name.desc(), b.title.asc()));
    assert_eq!(all(sorted).await?, ["Notes", "Ulysses", "Zero", "Emma"]);
    let sorted = query.clone().order(|b| b.editor.name.desc().nulls_first());
    assert_eq!(all(sorted).await?, ["Notes", "Ulysses", "Zero", "Emma"]);
    let sorted = query.clone().order(|b| (b.tags.count().desc(), b.comments.count().asc(), b.pages.asc()));
    assert_eq!(all(sorted.clone()).await?, ["Emma", "Ulysses", "Zero", "Notes"]);
    assert_eq!(all(sorted.limit(2).offset(1)).await?, ["Ulysses", "Zero"]);
    let sorted = query.order(|b| (b.author.books.count().asc(), b.editor.books.count().asc(), b.pk.desc()));
    assert_eq!(all(sorted).await?, ["Ulysses", "Notes", "Zero", "Emma"]);
    Ok(())
}

#[tokio::test]
async fn any_none_all_and_count_of_referring_rows() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    assert_eq!(authors(&db, |a| a.books.any(|b| b.pages.gt(400))).await?, ["Ada", "Bob"]);
    assert_eq!(authors(&db, |a| a.books.any(|b| b.pages.gt(700) & b.editor.name.eq("Cleo"))).await?, ["Bob"]);
    assert_eq!(authors(&db, |a| a.books.none(|b| b.pages.gt(700))).await?, ["Ada", "Cleo"]);
    assert_eq!(authors(&db, |a| !a.books.any(|b| b.pages.gt(700))).await?, ["Ada", "Cleo"]);
    assert_eq!(authors(&db, |a| a.books.all(|b| b.pages.gt(50))).await?, ["Ada", "Cleo"]);
    // For a row whose condition is unknown it does not hold.
    assert_eq!(authors(&db, |a| a.books.all(|b| b.editor.name.ne("Nobody"))).await?, ["Bob", "Cleo"]);
    assert_eq!(authors(&db, |a| a.books.none(|b| b.editor.name.ne("Nobody"))).await?, ["Cleo"]);
    assert_eq!(authors(&db, |a| a.books.all(|b| b.editor.is_null())).await?, ["Cleo"]);
    assert_eq!(authors(&db, |a| a.books.count().eq(2)).await?, ["Ada", "Bob"]);
    assert_eq!(authors(&db, |a| a.books.count().lt(1) | a.edited.count().ge(2)).await?, ["Bob", "Cleo"]);
    assert_eq!(authors(&db, |a| a.edited.count().ne(0) & a.edited.count().le(1)).await?, ["Cleo"]);
    assert_eq!(authors(&db, |a| a.pupils.any(|p| p.pupils.count().gt(0))).await?, ["Ada"]);
    assert_eq!(authors(&db, |a| a.books.any(|b| b.author.mentor.name.eq("Ada"))).await?, ["Bob"]);
    Ok(())
}

#[tokio::test]
async fn any_in_any_and_behind_to_one_paths() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    assert_eq!(authors(&db, |a| a.books.any(|b| b.tags.any(|t| t.name.eq("rust")))).await?, ["Ada"]);
    assert_eq!(authors(&db, |a| a.books.any(|b| b.tags.none(|t| t.name.eq("sql")))).await?, ["Ada", "Bob"]);
    assert_eq!(
        authors(&db, |a| a.books.all(|b| b.tags.count().gt(0) | b.comments.count().eq(0))).await?,
        ["Ada", "Bob", "Cleo"]
    );
    // The same table three times, each with the condition of its own.
    assert_eq!(
        authors(&db, |a| a.books.any(|b| b.editor.books.any(|c| c.editor.books.all(|d| d.pages.gt(900))))).await?,
        ["Ada", "Bob"]
    );
    let comments = db.select::<Comment>();
    assert_eq!(comments.clone().filter(|c| c.book.tags.any(|t| t.name.eq("rust"))).count().await?, 3);
    assert_eq!(comments.clone().filter(|c| c.book.author.pupils.any(|p| p.name.eq("Cleo"))).count().await?, 1);
    assert_eq!(comments.filter(|c| c.book.tags.count().eq(1) & c.book.title.eq("Ulysses")).count().await?, 1);
    // Behind an absent row there are no rows: none and all hold, any does not.
    assert_eq!(books(&db, |b| b.editor.books.none(|c| c.pages.gt(0))).await?, ["Notes", "Ulysses"]);
    assert_eq!(books(&db, |b| b.editor.books.all(|c| c.pages.gt(9000))).await?, ["Notes", "Ulysses"]);
    assert_eq!(books(&db, |b| b.editor.books.any(|c| c.pages.gt(0))).await?, ["Emma", "Zero"]);
    assert_eq!(books(&db, |b| b.editor.books.count().eq(0)).await?, ["Notes", "Ulysses"]);
    Ok(())
}

#[tokio::test]
async fn many_to_many_from_both_sides_and_over_one_table() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let tags = async |query: Select<'_, Tag>| query.order(|t| t.name.asc()).only(|t| t.name).fetch_all().await;
    assert_eq!(tags(db.select::<Tag>().filter(|t| t.books.any(|b| b.author.name.eq("Bob")))).await?, ["sql"]);
    assert_eq!(tags(db.select::<Tag>().filter(|t| t.books.all(|b| b.author.name.eq("Ada")))).await?, ["rust"]);
    assert_eq!(tags(db.select::<Tag>().filter(|t| t.books.count().ge(2))).await?, ["sql"]);
    db.create_table::<Person>().await?;
    let people = db.bulk_insert(["Ann", "Ben", "Cas"].map(|name| Person::builder().name(name))).await?;
    people[1].friends(&db).add([&people[0], &people[1]]).await?;
    people[1].follows(&db).add([&people[2]]).await?;
    let names = async |query: Select<'_, Person>| query.order(|p| p.name.asc()).only(|p| p.name).fetch_all().await;
    let all = db.select::<Person>();
    assert_eq!(names(all.clone().filter(|p| p.friends.any(|f| f.name.eq("Ben")))).await?, ["Ann", "Ben"]);
    assert_eq!(names(all.clone().filter(|p| p.friends.any(|f| f.name.eq("Ann")))).await?, ["Ben"]);
    assert_eq!(names(all.clone().filter(|p| p.friends.count().eq(2))).await?, ["Ben"]);
    assert_eq!(names(all.clone().filter(|p| p.friends.none(|f| f.name.ne("")))).await?, ["Cas"]);
    assert_eq!(
        names(all.clone().filter(|p| p.friends.any(|f| f.friends.any(|g| g.name.eq("Ann"))))).await?,
        ["Ann", "Ben"]
    );
    assert_eq!(names(all.clone().filter(|p| p.follows.any(|f| f.name.eq("Cas")))).await?, ["Ben"]);
    assert_eq!(names(all.clone().filter(|p| p.followers.any(|f| f.name.eq("Ben")))).await?, ["Cas"]);
    // The related rows of a row in hand are an ordinary query.
    let friends = people[1].friends(&db).filter(|f| f.friends.count().eq(1) & f.followers.count().eq(0));
    assert_eq!(names(friends).await?, ["Ann"]);
    Ok(())
}

#[tokio::test]
async fn updates_and_deletions_through_relations() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let query = db.select::<Book>();
    assert_eq!(query.clone().filter(|b| b.author.name.eq("Ada")).update(|b| b.pages.set(1)).await?, 2);
    assert_eq!(books(&db, |b| b.pages.eq(1)).await?, ["Emma", "Notes"]);
    let tagged = query.clone().filter(|b| b.tags.any(|t| t.name.eq("sql"))).order(|b| b.author.name.desc());
    assert_eq!(tagged.limit(1).update(|b| b.pages.set(2)).await?, 1);
    assert_eq!(books(&db, |b| b.pages.eq(2)).await?, ["Ulysses"]);
    assert_eq!(query.clone().filter(|b| !b.editor.name.eq("Bob")).update(|b| b.pages.set(3)).await?, 2);
    assert_eq!(books(&db, |b| b.pages.eq(3)).await?, ["Notes", "Ulysses"]);
    let by_publisher = query.clone().order(|b| (b.publisher.name.desc(), b.pk.desc()));
    assert_eq!(by_publisher.clone().limit(1).offset(1).delete().await?, 1);
    assert_eq!(found(query.clone()).await?, ["Notes", "Ulysses", "Zero"]);
    assert_eq!(query.clone().filter(|b| b.comments.none(|c| c.number.gt(0))).delete().await?, 2);
    assert_eq!(found(query.clone()).await?, ["Ulysses"]);
    assert_eq!(query.filter(|b| b.editor.name.eq("Nobody")).delete().await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_update_sets_columns_of_related_rows() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let query = db.select::<Book>().filter(|b| b.pages.lt(100) | b.author.name.eq("Nobody"));
    assert_eq!(query.update(|b| (b.title.set(b.author.name), b.editor_id.set(b.author.mentor_id))).await?, 2);
    assert_eq!(books(&db, |b| b.title.eq(b.author.name)).await?, ["Ada", "Bob"]);
    assert_eq!(books(&db, |b| b.editor_id.eq(b.author.mentor_id)).await?, ["Bob"]);
    assert_eq!(books(&db, |b| b.editor_id.is_null()).await?, ["Ada"]);
    // A limit and a condition by subquery besides.
    let query = db.select::<Book>().filter(|b| b.comments.any(|c| c.number.gt(0))).order(|b| b.pages.desc()).limit(1);
    assert_eq!(query.update(|b| b.title.set(b.publisher.country.name)).await?, 1);
    assert_eq!(books(&db, |b| b.title.eq("America")).await?.len(), 1);
    // Behind a nullable relation there may be nothing to set.
    let nothing = db.select::<Book>().filter(|b| b.editor.is_null()).update(|b| b.title.set(b.editor.name)).await;
    assert!(matches!(nothing, Err(Error::NotNullViolation { .. })), "{nothing:?}");
    Ok(())
}

#[tokio::test]
async fn selected_columns_of_related_models() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let query = db.select::<Book>().order(|b| b.title.asc());
    let names: Vec<String> = counted(&db, 1, query.clone().only(|b| b.author.name).fetch_all()).await?;
    assert_eq!(names, ["Ada", "Ada", "Bob", "Bob"]);
    // Behind a nullable relation any column may be absent, and the type says so.
    let names: Vec<Option<String>> = query.clone().only(|b| b.editor.name).fetch_all().await?;
    assert_eq!(names, [Some("Bob".to_owned()), None, Some("Cleo".to_owned()), Some("Bob".to_owned())]);
    type Row = (String, Option<String>, Option<chrono::NaiveDate>, Option<Key<Author>>);
    let rows: Vec<Row> = query
        .limit(2)
        .fields(|b| (b.title, b.publisher.country.name, b.author.profile.since, b.author.mentor_id))
        .fetch_all()
        .await?;
    let since = Some(day("1843-09-01"));
    assert_eq!(
        rows,
        [("Emma".to_owned(), Some("Britain".to_owned()), since, None), ("Notes".to_owned(), None, since, None)]
    );
    Ok(())
}

#[tokio::test]
async fn a_filter_through_a_relation_loads_nothing_more() -> sqliter::Result<()> {
    let Library { db, notes, .. } = library().await?;
    let query = db.select::<Book>().filter(|b| b.author.name.eq("Ada") & b.editor.is_null());
    let columns = query.to_sql()?.text.split_once(" FROM ").map(|(columns, _)| columns.to_owned());
    let own = r#"SELECT t0."pk", t0."title", t0."pages", t0."author_id", t0."editor_id", t0."publisher_id""#;
    assert_eq!(columns.as_deref(), Some(own));
    assert_eq!(counted(&db, 1, query.fetch_all()).await?, [notes]);
    Ok(())
}
