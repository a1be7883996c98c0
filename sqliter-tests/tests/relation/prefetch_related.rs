//! To-many relations fetched beside the rows of a query.

use super::library::*;
use sqliter::prelude::*;

#[tokio::test]
async fn lists_of_referring_rows_cost_one_statement() -> sqliter::Result<()> {
    let Library { db, ada, bob, cleo, emma, notes, ulysses, zero, .. } = library().await?;
    let query = db.select::<Author>().prefetch_related(|a| a.books).order(|a| a.pk.asc());
    let rows: Vec<(Author, Vec<Book>)> = counted(&db, snapshot_of(2), query.fetch_all()).await?;
    // Without an order, children come in the order of their keys (PRE-15).
    let expected = [(ada, vec![emma, notes]), (bob, vec![ulysses, zero]), (cleo, vec![])];
    assert_eq!(rows, expected);
    // In a transaction there is a snapshot already.
    let tx = db.begin().await?;
    let query = tx.select::<Author>().prefetch_related(|a| a.books).order(|a| a.pk.asc());
    assert_eq!(counted(&db, 2, query.fetch_all()).await?, expected);
    tx.rollback().await
}

#[tokio::test]
async fn rows_that_an_index_gives_in_another_order_come_in_the_order_of_their_keys() -> sqliter::Result<()> {
    let Library { db, ada, bob, .. } = library().await?;
    let indexes = "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'books' AND sql NOT NULL";
    for name in db.query::<String>(indexes).fetch_all().await? {
        db.execute(format!("DROP INDEX \"{name}\"")).await?;
    }
    db.execute("CREATE INDEX by_title ON books (author_id, title DESC, pages)").await?;
    let draft = |title: &str, author: &Author| Book::builder().title(title).pages(1).author_id(author);
    for title in ["A", "C", "B"] {
        db.insert(draft(title, &ada)).await?;
        db.insert(draft(title, &bob)).await?;
    }
    let query = db.select::<Author>().prefetch_related(|a| a.books).order(|a| a.pk.desc());
    for (author, books) in query.fetch_all().await? {
        let wanted = db.select::<Book>().filter(|b| b.author_id.eq(&author)).order(|b| b.pk.asc()).fetch_all().await?;
        assert_eq!(books, wanted);
    }
    Ok(())
}

#[tokio::test]
async fn many_to_many_from_both_sides() -> sqliter::Result<()> {
    let Library { db, emma, ulysses, rust, sql, .. } = library().await?;
    let query = db.select::<Book>().prefetch_related(|b| b.tags).order(|b| b.pk.asc());
    let rows = counted(&db, snapshot_of(2), query.fetch_all()).await?;
    let tags: Vec<Vec<Tag>> = rows.into_iter().map(|(_, tags)| tags).collect();
    assert_eq!(tags, [vec![rust.clone(), sql.clone()], vec![], vec![sql.clone()], vec![]]);
    let query = db.select::<Tag>().prefetch_related(|t| t.books).order(|t| t.pk.asc());
    let rows = counted(&db, snapshot_of(2), query.fetch_all()).await?;
    assert_eq!(rows, [(rust, vec![emma.clone()]), (sql, vec![emma, ulysses])]);
    Ok(())
}

async fn people() -> sqliter::Result<(Db, [Person; 3])> {
    let db = Db::memory().await?;
    db.create_table::<Person>().await?;
    let people = db.bulk_insert(["Ann", "Ben", "Cas"].map(|name| Person::builder().name(name))).await?;
    Ok((db, people.try_into().unwrap()))
}

fn names(people: &[Person]) -> Vec<&str> {
    people.iter().map(|person| person.name.as_str()).collect()
}

#[tokio::test]
async fn a_symmetrical_relation_is_filled_from_both_columns() -> sqliter::Result<()> {
    let (db, [ann, ben, cas]) = people().await?;
    ben.friends(&db).add([&ann, &cas]).await?;
    cas.friends(&db).add([&cas]).await?;
    // The same pair from its other end changes nothing.
    ann.friends(&db).add([&ben]).await?;
    let query = db.select::<Person>().prefetch_related(|p| p.friends).order(|p| p.pk.asc());
    let rows = counted(&db, snapshot_of(2), query.fetch_all()).await?;
    let friends: Vec<_> = rows.iter().map(|(_, friends)| names(friends)).collect();
    // Who is a friend of herself comes once.
    assert_eq!(friends, [vec!["Ben"], vec!["Ann", "Cas"], vec!["Ben", "Cas"]]);
    let limited = db.select::<Person>().prefetch_related(|p| p.friends.order(|f| f.name.desc()).limit(1));
    let rows = limited.order(|p| p.pk.asc()).fetch_all().await?;
    let friends: Vec<_> = rows.iter().map(|(_, friends)| names(friends)).collect();
    assert_eq!(friends, [["Ben"], ["Cas"], ["Cas"]]);
    Ok(())
}

#[tokio::test]
async fn a_directed_relation_to_the_own_table_has_two_sides() -> sqliter::Result<()> {
    let (db, [ann, ben, cas]) = people().await?;
    ann.follows(&db).add([&ben, &cas]).await?;
    ben.follows(&db).add([&cas]).await?;
    let query = db.select::<Person>().prefetch_related(|p| (p.follows, p.followers)).order(|p| p.pk.asc());
    let rows = counted(&db, snapshot_of(3), query.fetch_all()).await?;
    let both: Vec<_> = rows.iter().map(|(_, follows, followers)| (names(follows), names(followers))).collect();
    let expected = [(vec!["Ben", "Cas"], vec![]), (vec!["Cas"], vec!["Ann"]), (vec![], vec!["Ann", "Ben"])];
    assert_eq!(both, expected);
    // Two steps in one direction, and back again.
    let query = db.select::<Person>().filter(|p| p.name.eq("Ann"));
    let (_, follows) =
        query.prefetch_related(|p| p.follows.with(|p| (p.follows, p.followers))).fetch_required().await?;
    let steps: Vec<_> = follows.iter().map(|(p, to, from)| (p.name.as_str(), names(to), names(from))).collect();
    assert_eq!(steps, [("Ben", vec!["Cas"], vec!["Ann"]), ("Cas", vec![], vec!["Ann", "Ben"])]);
    Ok(())
}

#[tokio::test]
async fn three_levels_cost_one_statement_each() -> sqliter::Result<()> {
    let Library { db, ada, emma, notes, rust, sql, comments, .. } = library().await?;
    let query = db
        .select::<Author>()
        .filter(|a| a.name.eq("Ada"))
        .prefetch_related(|a| a.books.with(|b| (b.tags.with(|t| t.books), b.comments)))
        .prefetch_related(|a| a.pupils);
    // Authors; books, their tags, the books of the tags, their comments; pupils.
    let (author, books, pupils) = counted(&db, snapshot_of(6), query.fetch_required()).await?;
    assert_eq!((author, pupils.len()), (ada, 1));
    let [(first, tags, first_comments), (second, no_tags, no_comments)] = &books[..] else { panic!("{books:?}") };
    assert_eq!((first, second), (&emma, &notes));
    let tags: Vec<_> = tags.iter().map(|(tag, books)| (tag, titles(books))).collect();
    assert_eq!(tags, [(&rust, vec!["Emma"]), (&sql, vec!["Emma", "Ulysses"])]);
    assert_eq!(*first_comments, [comments[0].clone(), comments[1].clone(), comments[3].clone()]);
    assert!(no_tags.is_empty() && no_comments.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_same_rows_under_several_parents_are_complete_under_each() -> sqliter::Result<()> {
    let Library { db, sql, .. } = library().await?;
    let query =
        db.select::<Book>().prefetch_related(|b| b.tags.with(|t| t.books.with(|b| b.tags))).order(|b| b.pk.asc());
    let rows = counted(&db, snapshot_of(4), query.fetch_all()).await?;
    let under = |row: usize| {
        let (_, books) = rows[row].1.iter().find(|(tag, _)| *tag == sql).unwrap();
        books.iter().map(|(book, tags)| (book.title.clone(), tags.len())).collect::<Vec<_>>()
    };
    assert_eq!(under(0), [("Emma".to_owned(), 2), ("Ulysses".to_owned(), 1)]);
    assert_eq!(under(0), under(2));
    Ok(())
}

#[tokio::test]
async fn empty_levels_cost_nothing_more() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    let query = db.select::<Author>().prefetch_related(|a| a.books.with(|b| b.tags.with(|t| t.books)));
    let nobody = query.clone().filter(|a| a.name.eq("Nobody"));
    assert!(counted(&db, snapshot_of(1), nobody.fetch_all()).await?.is_empty());
    // Cleo wrote nothing: after her books there is nothing to ask for.
    let cleo = query.clone().filter(|a| a.name.eq("Cleo"));
    assert!(counted(&db, snapshot_of(2), cleo.fetch_required()).await?.1.is_empty());
    // Zero has no tags.
    let zero = db.select::<Book>().filter(|b| b.title.eq("Zero")).prefetch_related(|b| b.tags.with(|t| t.books));
    assert!(counted(&db, snapshot_of(2), zero.fetch_required()).await?.1.is_empty());
    assert!(counted(&db, snapshot_of(1), query.limit(0).fetch_all()).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn with_filters_order_limit_and_every_fetch() -> sqliter::Result<()> {
    let Library { db, ada, bob, cleo, .. } = library().await?;
    let query = db.select::<Author>().prefetch_related(|a| a.books);
    let first = counted(&db, snapshot_of(2), query.clone().fetch_first()).await?.unwrap();
    assert_eq!((&first.0, titles(&first.1)), (&ada, vec!["Emma", "Notes"]));
    assert_eq!(query.clone().fetch_last().await?, Some((cleo.clone(), vec![])));
    let sorted = query.clone().order(|a| a.name.desc());
    assert_eq!(sorted.clone().fetch_one().await?, Some((cleo, vec![])));
    let second = sorted.limit(1).offset(1).fetch_all().await?;
    assert_eq!((&second[0].0, titles(&second[0].1)), (&bob, vec!["Ulysses", "Zero"]));
    // The filter of the parents is not one of the children, and joins of theirs do not disturb.
    let wrote_long = query.clone().filter(|a| a.books.any(|b| b.pages.gt(700)) & a.mentor.name.eq("Ada"));
    let found = wrote_long.clone().fetch_required().await?;
    assert_eq!((found.0, titles(&found.1)), (bob, vec!["Ulysses", "Zero"]));
    assert_eq!(counted(&db, 1, wrote_long.clone().count()).await?, 1);
    assert!(counted(&db, 1, wrote_long.exists()).await?);
    Ok(())
}

#[tokio::test]
async fn prefetched_rows_are_filtered_and_sorted() -> sqliter::Result<()> {
    let Library { db, ada, bob, .. } = library().await?;
    let query = db.select::<Author>().filter(|a| a.name.lt("C")).order(|a| a.pk.asc()).prefetch_related(|a| {
        // Own, to-one and to-many conditions, and a related sort key.
        a.books
            .filter(|b| b.pages.gt(50) | b.editor.name.eq("Bob"))
            .filter(|b| !b.tags.any(|t| t.name.eq("rust")))
            .order(|b| (b.publisher.name.asc(), b.pages.desc()))
    });
    let rows = counted(&db, snapshot_of(2), query.fetch_all()).await?;
    let found: Vec<(&Author, Vec<&str>)> =
        rows.iter().map(|(author, books)| (author, books.iter().map(|b| b.title.as_str()).collect())).collect();
    assert_eq!(found, [(&ada, vec!["Notes"]), (&bob, vec!["Ulysses", "Zero"])]);
    // By the number of related rows.
    let query = db.select::<Author>().prefetch_related(|a| a.books.order(|b| b.comments.count().desc()));
    let (_, books) = query.filter(|a| a.name.eq("Bob")).fetch_required().await?;
    assert_eq!(books[0].title, "Ulysses");
    Ok(())
}

#[tokio::test]
async fn a_limit_counts_for_each_parent() -> sqliter::Result<()> {
    let Library { db, comments, notes, .. } = library().await?;
    db.insert(Comment::builder().book_id(&notes).number(100).position(0)).await?;
    let books = db.select::<Book>().order(|b| b.pk.asc());
    let numbers = |rows: &[(Book, Vec<Comment>)]| -> Vec<Vec<i64>> {
        rows.iter().map(|(_, comments)| comments.iter().map(|comment| comment.number).collect()).collect()
    };
    let limited = books.clone().prefetch_related(|b| b.comments.order(|c| c.number.asc()).limit(2));
    let rows = counted(&db, snapshot_of(2), limited.fetch_all()).await?;
    assert_eq!(numbers(&rows), [vec![3, 3], vec![100], vec![1], vec![]]);
    // Ties come in the order of the key, in the direction of the last sort key.
    assert_eq!(rows[0].1, [comments[1].clone(), comments[3].clone()]);
    let limited = books.clone().prefetch_related(|b| b.comments.order(|c| c.position.desc()).limit(1));
    assert_eq!(limited.fetch_all().await?[0].1, [comments[3].clone()]);
    // Without an order, the first keys.
    let limited = books.clone().prefetch_related(|b| b.comments.limit(2));
    assert_eq!(numbers(&limited.fetch_all().await?), [vec![5, 3], vec![100], vec![1], vec![]]);
    let limited = books.clone().prefetch_related(|b| b.comments.limit(0));
    assert_eq!(numbers(&limited.fetch_all().await?), [vec![], vec![], vec![], Vec::<i64>::new()]);
    let limited = books.prefetch_related(|b| b.comments.filter(|c| c.number.lt(5)).limit(u64::MAX));
    assert_eq!(numbers(&limited.fetch_all().await?), [vec![3, 3], vec![], vec![1], vec![]]);
    // Under a limit too, further levels and related columns work, and the order is kept.
    let rows = db
        .select::<Tag>()
        .order(|t| t.pk.asc())
        .prefetch_related(|t| {
            t.books.order(|b| b.author.name.desc()).limit(1).with(|b| (b.author, b.comments.limit(1)))
        })
        .fetch_all()
        .await?;
    let found: Vec<_> = rows
        .iter()
        .map(|(tag, books)| {
            let (book, author, comments) = &books[0];
            (tag.name.as_str(), book.title.as_str(), author.name.as_str(), comments[0].number)
        })
        .collect();
    assert_eq!(found, [("rust", "Emma", "Ada", 5), ("sql", "Ulysses", "Bob", 1)]);
    Ok(())
}

#[tokio::test]
async fn to_one_relations_are_joined_inside_a_prefetch() -> sqliter::Result<()> {
    let Library { db, ada, bob, emma, notes, murray, britain, .. } = library().await?;
    let query = db.select::<Author>().filter(|a| a.name.eq("Ada")).prefetch_related(|a| {
        a.books
            .with(|b| (b.author, b.editor.with(|e| e.mentor)))
            .with(|b| b.tags)
            .with(|b| b.publisher.with(|p| p.country))
    });
    type Books = Vec<(Book, Author, Option<(Author, Option<Author>)>, Vec<Tag>, Option<(Publisher, Country)>)>;
    let (_, books): (Author, Books) = counted(&db, snapshot_of(3), query.fetch_required()).await?;
    let [(first, author, editor, tags, publisher), second] = &books[..] else { panic!("{books:?}") };
    assert_eq!((first, author, tags.len()), (&emma, &ada, 2));
    assert_eq!(*editor, Some((bob, Some(ada.clone()))));
    assert_eq!(*publisher, Some((murray, britain)));
    assert_eq!(*second, (notes, ada, None, vec![], None));
    Ok(())
}

#[tokio::test]
async fn natural_keys_of_text_lead_to_lists() -> sqliter::Result<()> {
    let Library { db, .. } = library().await?;
    db.insert(Country::builder().code("").name("Nowhere")).await?;
    let query = db.select::<Country>().order(|c| c.code.asc()).prefetch_related(|c| c.publishers.with(|p| p.books));
    let rows = counted(&db, snapshot_of(3), query.fetch_all()).await?;
    let found: Vec<_> = rows
        .iter()
        .map(|(country, list)| (country.code.as_str(), list.iter().map(|(p, b)| (p.name.as_str(), b.len())).collect()))
        .collect::<Vec<(_, Vec<_>)>>();
    assert_eq!(found, [("", vec![]), ("GB", vec![("Murray", 2)]), ("US", vec![("Knopf", 1)])]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_children_of_a_hundred_thousand_rows_in_one_statement() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Author>().await?;
    sqliter::sqlx::query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         INSERT INTO authors (pk, name, mentor_id) SELECT i, 'a' || i, nullif(i / 2, 0) FROM n",
    )
    .execute(&db.pool())
    .await
    .unwrap();
    let query = db.select::<Author>().prefetch_related(|a| a.pupils).order(|a| a.pk.asc());
    let rows = counted(&db, snapshot_of(2), query.fetch_all()).await?;
    assert_eq!(rows.len(), 100_000);
    for (author, pupils) in &rows {
        let first = author.pk.into_raw() * 2;
        let found: Vec<i64> = pupils.iter().map(|pupil| pupil.pk.into_raw()).collect();
        assert!(found.into_iter().eq([first, first + 1].into_iter().filter(|key| *key <= 100_000)));
    }
    Ok(())
}

#[tokio::test]
async fn a_prefetched_list_is_a_snapshot_and_the_relation_asks_anew() -> sqliter::Result<()> {
    let Library { db, bob, emma, rust, sql, .. } = library().await?;
    let (author, books) = db.select::<Author>().prefetch_related(|a| a.books).fetch_required().await?;
    assert_eq!(titles(&books), ["Emma", "Notes"]);
    db.insert(Book::builder().title("Later").pages(1).author_id(&author)).await?;
    assert_eq!(titles(&books), ["Emma", "Notes"]);
    let later = counted(&db, 1, author.books(&db).filter(|b| b.pages.lt(100)).fetch_all()).await?;
    assert_eq!(titles(&later), ["Later", "Notes"]);

    let (book, tags) = db.select::<Book>().prefetch_related(|b| b.tags).fetch_required().await?;
    assert_eq!((&book, &tags), (&emma, &vec![rust.clone(), sql.clone()]));
    book.tags(&db).remove([&rust]).await?;
    assert_eq!(tags, [rust, sql.clone()]);
    assert_eq!(book.tags(&db).fetch_all().await?, [sql]);
    assert_eq!(bob.books(&db).count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn lists_start_from_the_row_that_a_to_one_relation_leads_to() -> sqliter::Result<()> {
    let Library { db, emma, notes, ulysses, zero, .. } = library().await?;
    let books = db.select::<Book>().order(|b| b.title.asc());
    let query = books.clone().prefetch_related(|b| b.author.books);
    let rows: Vec<(Book, Vec<Book>)> = counted(&db, snapshot_of(2), query.fetch_all()).await?;
    let (of_ada, of_bob) = (vec![emma.clone(), notes.clone()], vec![ulysses.clone(), zero.clone()]);
    let expected = [(&emma, &of_ada), (&notes, &of_ada), (&ulysses, &of_bob), (&zero, &of_bob)];
    assert_eq!(rows.iter().map(|(book, list)| (book, list)).collect::<Vec<_>>(), expected);
    // Where there is no row to start from, the list is empty. Filtered, ordered, limited, with further relations, beside
    // what is joined and a list of the row itself.
    let rows: Vec<(Book, Option<Author>, Vec<(Book, Vec<Tag>)>, Vec<Comment>)> = books
        .clone()
        .select_related(|b| b.editor)
        .prefetch_related(|b| {
            let longest = b.editor.books.filter(|c| c.pages.gt(5)).order(|c| c.pages.desc()).limit(1);
            (longest.with(|c| c.tags), b.comments)
        })
        .fetch_all()
        .await?;
    let told: Vec<_> = rows
        .iter()
        .map(|(_, editor, longest, comments)| {
            let longest: Vec<_> = longest.iter().map(|(book, tags)| (book.title.as_str(), tags.len())).collect();
            (editor.as_ref().map(|editor| editor.name.as_str()), longest, comments.len())
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some("Bob"), vec![("Ulysses", 1)], 3),
            (None, vec![], 0),
            (Some("Cleo"), vec![], 1),
            (Some("Bob"), vec![("Ulysses", 1)], 0)
        ]
    );
    // Over several to-one relations, pairs, and inside of another list.
    let comments: Vec<(Comment, Vec<Author>)> =
        db.select::<Comment>().order(|c| c.pk.asc()).prefetch_related(|c| c.book.author.pupils).fetch_all().await?;
    assert_eq!(comments.iter().map(|(_, list)| list.len()).collect::<Vec<_>>(), [1, 1, 1, 1]);
    let tags: Vec<(Comment, Vec<Tag>)> =
        db.select::<Comment>().order(|c| c.pk.asc()).prefetch_related(|c| c.book.tags).fetch_all().await?;
    assert_eq!(tags.iter().map(|(_, list)| list.len()).collect::<Vec<_>>(), [2, 2, 1, 2]);
    let nested: Vec<(Author, Vec<(Book, Vec<Book>)>)> = db
        .select::<Author>()
        .order(|a| a.name.asc())
        .prefetch_related(|a| a.books.with(|b| b.editor.books))
        .fetch_all()
        .await?;
    let sizes: Vec<Vec<usize>> =
        nested.iter().map(|(_, books)| books.iter().map(|(_, list)| list.len()).collect()).collect();
    assert_eq!(sizes, [vec![2, 0], vec![0, 2], vec![]]);
    Ok(())
}
