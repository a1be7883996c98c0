//! The related rows of rows in hand.

use super::library::*;
use sqliter::Error;
use sqliter::prelude::*;

#[tokio::test]
async fn to_one_relations_in_the_order_of_the_rows() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, notes, ulysses, zero, .. } = library().await?;
    // Rows that repeat, and rows with the same related row.
    let books = [zero.clone(), emma.clone(), notes, zero, ulysses, emma];
    let authors: Vec<Author> = counted(&db, 1, db.fetch_related(&books, |b| b.author)).await?;
    assert_eq!(authors, [bob.clone(), ada.clone(), ada.clone(), bob.clone(), bob, ada]);
    Ok(())
}

#[tokio::test]
async fn nullable_relations_are_options() -> sqliter::Result<()> {
    let Library { db, ada, bob, cleo, emma, notes, ulysses, profile, .. } = library().await?;
    let books = [notes.clone(), emma, notes, ulysses];
    let editors: Vec<Option<Author>> = counted(&db, 1, db.fetch_related(&books, |b| b.editor)).await?;
    assert_eq!(editors, [None, Some(bob.clone()), None, Some(cleo.clone())]);
    // The own table, and the other side of a unique key.
    let authors = [cleo, ada.clone(), bob.clone()];
    assert_eq!(db.fetch_related(&authors, |a| a.mentor).await?, [Some(bob), None, Some(ada)]);
    assert_eq!(counted(&db, 1, db.fetch_related(&authors, |a| a.profile)).await?, [None, Some(profile), None]);
    Ok(())
}

#[tokio::test]
async fn to_many_relations_are_lists() -> sqliter::Result<()> {
    let Library { db, ada, bob, cleo, emma, notes, ulysses, zero, rust, sql, .. } = library().await?;
    let authors = [bob.clone(), cleo, ada, bob];
    let books: Vec<Vec<Book>> = counted(&db, 1, db.fetch_related(&authors, |a| a.books)).await?;
    let bobs = vec![ulysses.clone(), zero];
    assert_eq!(books, [bobs.clone(), vec![], vec![emma.clone(), notes.clone()], bobs]);
    let books = [notes, ulysses, emma];
    let tags = counted(&db, 1, db.fetch_related(&books, |b| b.tags)).await?;
    assert_eq!(tags, [vec![], vec![sql.clone()], vec![rust.clone(), sql.clone()]]);
    let books = db.fetch_related(&[sql, rust], |t| t.books).await?;
    assert_eq!([titles(&books[0]), titles(&books[1])], [vec!["Emma", "Ulysses"], vec!["Emma"]]);
    Ok(())
}

#[tokio::test]
async fn lists_are_filtered_sorted_limited_and_nested() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, zero, comments, .. } = library().await?;
    let authors = [bob, ada];
    let shortest = |long: i64| {
        db.fetch_related(&authors, move |a| a.books.filter(move |b| b.pages.gt(long)).order(|b| b.pages.asc()).limit(1))
    };
    assert_eq!(counted(&db, 1, shortest(66)).await?[1], std::slice::from_ref(&emma));
    assert_eq!(shortest(0).await?[0], [zero]);
    // Further levels share a snapshot.
    let nested = db.fetch_related(&authors, |a| a.books.with(|b| (b.author, b.comments.limit(1))));
    let lists: Vec<Vec<(Book, Author, Vec<Comment>)>> = counted(&db, snapshot_of(2), nested).await?;
    assert_eq!(lists[1][0], (emma.clone(), authors[1].clone(), vec![comments[0].clone()]));
    assert!(lists[1][1].2.is_empty());
    // To-one relations behind a list are joined: one statement.
    let joined = counted(&db, 1, db.fetch_related(&authors, |a| a.books.with(|b| b.author.with(|a| a.mentor)))).await?;
    assert_eq!(joined[1][0], (emma, (authors[1].clone(), None)));
    Ok(())
}

#[tokio::test]
async fn no_rows_need_no_statement() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    assert!(counted(&db, 0, db.fetch_related(&[] as &[Book], |b| b.author)).await?.is_empty());
    assert!(counted(&db, 0, db.fetch_related(&[] as &[Author], |a| a.books.with(|b| b.tags))).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn rows_that_are_gone() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, zero, .. } = library().await?;
    db.select::<Author>().update(|a| a.mentor_id.set(None)).await?;
    db.delete(ada.pk).await?;
    // Emma went with her author; the row in hand still names both.
    let error = db.fetch_related(&[zero, emma.clone()], |b| b.author).await.unwrap_err();
    assert!(matches!(&error, Error::MissingParent { target, .. } if target == "authors"), "{error:?}");
    let lists = db.fetch_related(&[ada, bob], |a| a.books).await?;
    assert_eq!([titles(&lists[0]), titles(&lists[1])], [vec![], vec!["Ulysses", "Zero"]]);
    assert_eq!(db.fetch_related(&[emma], |b| b.tags).await?, [[]]);
    Ok(())
}

#[tokio::test]
async fn natural_keys_and_symmetrical_relations() -> sqliter::Result<()> {
    let Library { db, britain, murray, .. } = library().await?;
    let countries: Vec<Country> = db.fetch_related(std::slice::from_ref(&murray), |p| p.country).await?;
    assert_eq!(countries, [britain]);
    assert_eq!(db.fetch_related(&countries, |c| c.publishers).await?, [[murray]]);
    db.create_table::<Person>().await?;
    let people = db.bulk_insert(["Ann", "Ben", "Cas"].map(|name| Person::builder().name(name))).await?;
    people[2].friends(&db).add([&people[0]]).await?;
    people[2].follows(&db).add([&people[0]]).await?;
    let friends = counted(&db, 1, db.fetch_related(&people, |p| p.friends)).await?;
    assert_eq!(friends, [vec![people[2].clone()], vec![], vec![people[0].clone()]]);
    assert_eq!(db.fetch_related(&people, |p| p.followers).await?, [vec![people[2].clone()], vec![], vec![]]);
    Ok(())
}

#[tokio::test]
async fn any_number_of_rows_in_hand_is_one_statement() -> sqliter::Result<()> {
    let Library { db, ada, emma, .. } = library().await?;
    let books = vec![emma; 40_000];
    let authors = counted(&db, 1, db.fetch_related(&books, |b| b.author)).await?;
    assert_eq!(authors.len(), 40_000);
    assert!(authors.iter().all(|author| *author == ada));
    Ok(())
}
