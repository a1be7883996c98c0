//! Reading and writing many-to-many relations.

use sqliter::prelude::*;
use sqliter::{Error, Operation, Value};
use sqliter_tests::listener::{single, sql_of};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag))]
struct Article {
    pk: Key<Article>,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(articles = Article::tags), has_many(notes = Note::tag))]
struct Tag {
    pk: Key<Tag>,
    name: String,
    group_id: Option<Key<Group>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Group {
    pk: Key<Group>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
    tag_id: Key<Tag>,
}

struct Blog {
    db: Db,
    x: Article,
    y: Article,
    /// `a`, `b` and `c`.
    tags: [Tag; 3],
}

async fn blog() -> Blog {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Article, Tag, Note, Group)>().await.unwrap();
    let x = db.insert(Article::builder().title("x")).await.unwrap();
    let y = db.insert(Article::builder().title("y")).await.unwrap();
    let tags = db.bulk_insert(["a", "b", "c"].map(|name| Tag::builder().name(name))).await.unwrap();
    Blog { db, x, y, tags: tags.try_into().unwrap() }
}

async fn names(session: &Session, article: &Article) -> String {
    article.tags(session).order(|t| t.name.asc()).only(|t| t.name).fetch_all().await.unwrap().concat()
}

/// A violated foreign key of the table of pairs.
#[track_caller]
fn is_missing(error: &Error, column: &str) {
    assert!(
        matches!(error, Error::ForeignKeyViolation { operation: Operation::Insert, table, columns, .. }
            if table == "articles_tags" && columns == &[column]),
        "{error:?}"
    );
}

const NONE: [Key<Tag>; 0] = [];

#[tokio::test]
async fn add_relates_and_is_harmless_when_repeated() -> sqliter::Result<()> {
    let Blog { db, x, tags: [a, b, c], .. } = blog().await;
    x.tags(&db).add([&a, &b]).await?;
    x.tags(&db).add([&b, &c, &c]).await?;
    x.tags(&db).add([&a, &b]).await?;
    assert_eq!(names(&db, &x).await, "abc");
    assert_eq!(x.tags(&db).count().await?, 3);
    x.tags(&db).add(NONE).await?;
    assert_eq!(x.tags(&db).count().await?, 3);
    Ok(())
}

#[tokio::test]
async fn rows_and_keys_are_given_in_any_collection() -> sqliter::Result<()> {
    let Blog { db, x, tags, .. } = blog().await;
    x.tags(&db).add([tags[0].pk]).await?;
    x.tags(&db).add(vec![tags[1].pk]).await?;
    x.tags(&db).add(tags.iter()).await?;
    x.tags(&db).set(tags.to_vec().iter()).await?;
    x.tags(&db).remove(tags.iter().map(|tag| tag.pk).take(1)).await?;
    x.tags(&db).remove(Some(&tags[1])).await?;
    assert_eq!(names(&db, &x).await, "c");
    Ok(())
}

#[tokio::test]
async fn a_missing_row_is_an_error_and_changes_nothing() -> sqliter::Result<()> {
    let Blog { db, x, tags: [a, b, c], .. } = blog().await;
    x.tags(&db).add([&c]).await?;
    is_missing(&x.tags(&db).add([a.pk, b.pk, Tag::key(99)]).await.unwrap_err(), "tags_pk");
    assert_eq!(names(&db, &x).await, "c");
    is_missing(&x.tags(&db).set([a.pk, Tag::key(0)]).await.unwrap_err(), "tags_pk");
    assert_eq!(names(&db, &x).await, "c");
    is_missing(&a.articles(&db).add([Article::key(99)]).await.unwrap_err(), "articles_pk");
    Ok(())
}

#[tokio::test]
async fn a_row_in_hand_that_is_gone_is_an_error_too() -> sqliter::Result<()> {
    let Blog { db, x, tags: [a, ..], .. } = blog().await;
    db.delete(&x).await?;
    is_missing(&x.tags(&db).add([&a]).await.unwrap_err(), "articles_pk");
    x.tags(&db).add(NONE).await?;
    x.tags(&db).remove([&a]).await?;
    x.tags(&db).clear().await?;
    assert_eq!(x.tags(&db).fetch_all().await?, []);
    assert!(!x.tags(&db).exists().await?);
    Ok(())
}

#[tokio::test]
async fn a_failed_call_in_a_transaction_is_undone_alone() -> sqliter::Result<()> {
    let Blog { db, x, tags: [a, b, c], .. } = blog().await;
    db.transaction(async |tx| {
        x.tags(tx).add([&a]).await?;
        is_missing(&x.tags(tx).add([b.pk, Tag::key(99)]).await.unwrap_err(), "tags_pk");
        is_missing(&x.tags(tx).set([c.pk, Tag::key(99)]).await.unwrap_err(), "tags_pk");
        assert_eq!(names(tx, &x).await, "a");
        x.tags(tx).add([&c]).await
    })
    .await?;
    assert_eq!(names(&db, &x).await, "ac");
    Ok(())
}

#[tokio::test]
async fn a_transaction_undoes_what_it_wrote() -> sqliter::Result<()> {
    let Blog { db, x, tags: [a, b, _], .. } = blog().await;
    x.tags(&db).add([&a]).await?;
    let undone = db
        .transaction(async |tx| {
            x.tags(tx).set([&b]).await?;
            assert_eq!(b.articles(tx).count().await?, 1);
            Err::<(), _>(Error::TransactionEnded)
        })
        .await;
    assert!(undone.is_err());
    assert_eq!(names(&db, &x).await, "a");
    Ok(())
}

#[tokio::test]
async fn remove_ignores_what_is_not_related() -> sqliter::Result<()> {
    let Blog { db, x, y, tags: [a, b, c] } = blog().await;
    x.tags(&db).add([&a, &b]).await?;
    y.tags(&db).add([&a]).await?;
    x.tags(&db).remove([a.pk, c.pk, Tag::key(99)]).await?;
    x.tags(&db).remove([&a]).await?;
    x.tags(&db).remove(NONE).await?;
    assert_eq!((names(&db, &x).await, names(&db, &y).await), ("b".to_owned(), "a".to_owned()));
    Ok(())
}

#[tokio::test]
async fn clear_removes_the_pairs_of_this_row() -> sqliter::Result<()> {
    let Blog { db, x, y, tags: [a, b, _] } = blog().await;
    x.tags(&db).add([&a, &b]).await?;
    y.tags(&db).add([&a]).await?;
    for _ in 0..2 {
        x.tags(&db).clear().await?;
        assert_eq!((names(&db, &x).await, names(&db, &y).await), (String::new(), "a".to_owned()));
    }
    assert_eq!(db.select::<Tag>().count().await?, 3);
    Ok(())
}

#[tokio::test]
async fn set_replaces_and_keeps_the_pairs_that_stay() -> sqliter::Result<()> {
    let Blog { db, x, y, tags: [a, b, c] } = blog().await;
    let ids = "SELECT id FROM articles_tags WHERE tags_pk = 2 AND articles_pk = 1";
    let id = async || sqliter::sqlx::query_scalar::<_, i64>(ids).fetch_one(&db.pool()).await.unwrap();
    x.tags(&db).set([&a, &b]).await?;
    y.tags(&db).set([&a]).await?;
    let before = id().await;
    x.tags(&db).set([&b, &c, &b]).await?;
    assert_eq!((names(&db, &x).await, names(&db, &y).await), ("bc".to_owned(), "a".to_owned()));
    assert_eq!(id().await, before);
    x.tags(&db).set(NONE).await?;
    assert_eq!((names(&db, &x).await, names(&db, &y).await), (String::new(), "a".to_owned()));
    Ok(())
}

/// What is as it shall be is not written, and one statement that writes needs no savepoint.
#[tokio::test]
async fn set_writes_what_differs_alone() -> sqliter::Result<()> {
    let Blog { db, x, tags: [a, b, c], .. } = blog().await;
    db.transaction(async |tx| {
        for (set, expected, statements) in [
            (vec![&a, &b], "ab", "looks inserts"),
            (vec![&b, &a, &b], "ab", "looks"),
            (vec![&b], "b", "looks deletes"),
            (vec![&c], "c", "looks saves deletes inserts keeps"),
            (vec![], "", "looks deletes"),
            (vec![], "", "looks"),
        ] {
            let before = db.statement_count();
            x.tags(tx).set(set).await?;
            assert_eq!(db.statement_count() - before, statements.split(' ').count() as u64, "{statements}");
            assert_eq!(names(tx, &x).await, expected);
        }
        Ok(())
    })
    .await?;
    for expected in [2, 1] {
        let before = db.statement_count();
        x.tags(&db).set([&a]).await?;
        assert_eq!(db.statement_count() - before, expected, "without a transaction around it");
    }
    Ok(())
}

#[test]
fn the_statement_that_looks_what_differs() {
    let (set, sql) = single().block_on(async {
        let Blog { db, x, tags: [a, b, _], .. } = blog().await;
        sql_of(async move { x.tags(&db).set([&a, &b]).await }).await
    });
    set.unwrap();
    assert_eq!(
        sql,
        [
            "SELECT EXISTS (SELECT 1 FROM \"articles_tags\" WHERE (\"articles_pk\" = ? AND \"tags_pk\" NOT IN rarray(?))), \
             EXISTS (SELECT 1 FROM rarray(?) AS k WHERE NOT EXISTS (SELECT 1 FROM \"articles_tags\" WHERE \
             \"articles_pk\" = ? AND \"tags_pk\" = k.value))",
            "INSERT INTO \"articles_tags\" (\"articles_pk\", \"tags_pk\") SELECT ?, k.value FROM rarray(?) AS k WHERE true \
             ON CONFLICT DO NOTHING",
        ]
    );
}

#[tokio::test]
async fn thousands_of_rows_in_one_call() -> sqliter::Result<()> {
    let Blog { db, x, .. } = blog().await;
    let many = db.bulk_insert((0..5000).map(|i| Tag::builder().name(format!("{i}")))).await?;
    x.tags(&db).add(&many).await?;
    assert_eq!(x.tags(&db).count().await?, 5000);
    x.tags(&db).remove(&many[1000..]).await?;
    assert_eq!(x.tags(&db).count().await?, 1000);
    x.tags(&db).set(&many[500..4500]).await?;
    assert_eq!(x.tags(&db).count().await?, 4000);
    assert_eq!(x.tags(&db).fetch_first().await?.as_ref(), Some(&many[500]));
    let mut with_missing: Vec<_> = many.iter().map(|tag| tag.pk).collect();
    with_missing.push(Tag::key(1_000_000));
    is_missing(&x.tags(&db).set(with_missing).await.unwrap_err(), "tags_pk");
    assert_eq!(x.tags(&db).count().await?, 4000);
    Ok(())
}

#[tokio::test]
async fn reads_come_in_the_order_of_the_key() -> sqliter::Result<()> {
    let Blog { db, x, tags: [a, b, c], .. } = blog().await;
    x.tags(&db).add([&c]).await?;
    x.tags(&db).add([&a, &b]).await?;
    assert_eq!(x.tags(&db).fetch_all().await?, [a.clone(), b.clone(), c.clone()]);
    assert_eq!(x.tags(&db).fetch_first().await?, Some(a.clone()));
    assert_eq!(x.tags(&db).fetch_last().await?, Some(c.clone()));
    assert_eq!(x.tags(&db).fetch_one().await?, Some(a.clone()));
    assert_eq!(x.tags(&db).offset(1).limit(1).fetch_all().await?, [b.clone()]);
    assert_eq!(x.tags(&db).limit(2).count().await?, 2);
    assert_eq!(x.tags(&db).fetch_required().await?, a);
    let error = x.tags(&db).fetch_only().await.unwrap_err();
    assert!(matches!(&error, Error::SeveralRecords { table, .. } if table == "tags"), "{error:?}");
    assert_eq!(x.tags(&db).limit(1).fetch_only().await?, a);
    x.tags(&db).clear().await?;
    assert_eq!(x.tags(&db).fetch_one().await?, None);
    for error in [x.tags(&db).fetch_required().await.unwrap_err(), x.tags(&db).fetch_only().await.unwrap_err()] {
        assert!(matches!(&error, Error::RecordNotFound { table, .. } if table == "tags"), "{error:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_chain_begins_with_the_related_rows() -> sqliter::Result<()> {
    let Blog { db, x, tags: [mut a, b, c], .. } = blog().await;
    let group = db.insert(Group::builder().name("g")).await?;
    a.group_id = Some(group.pk);
    db.update(&mut a).await?;
    let note = db.insert(Note::builder().text("n").tag_id(&b)).await?;
    let live = x.tags(&db).filter(|t| t.name.ne("c"));
    x.tags(&db).add([&a, &b, &c]).await?;
    assert_eq!(live.fetch_all().await?, [a.clone(), b.clone()]);
    assert_eq!(x.tags(&db).filter_some(Some("b"), |t, v| t.name.eq(v)).fetch_all().await?, [b.clone()]);
    assert_eq!(x.tags(&db).filter_some(None::<&str>, |t, v| t.name.eq(v)).count().await?, 3);
    assert_eq!(x.tags(&db).fields(|t| (t.pk, t.name)).limit(1).fetch_all().await?, [(a.pk, "a".to_owned())]);
    assert_eq!(x.tags(&db).exclude(|t| t.group_id).fetch_dicts().await?.len(), 3);
    let dicts = x.tags(&db).fetch_dicts().await?;
    assert_eq!(dicts[2].get("name"), Some(&Value::Text("c".to_owned())));
    let joined: Vec<(Tag, Option<Group>)> = x.tags(&db).select_related(|t| t.group).limit(2).fetch_all().await?;
    assert_eq!(joined, [(a, Some(group)), (b.clone(), None)]);
    let noted: Vec<(Tag, Vec<Note>)> = x.tags(&db).prefetch_related(|t| t.notes).offset(1).fetch_all().await?;
    assert_eq!(noted, [(b, vec![note]), (c, vec![])]);
    let sorted = x.tags(&db).order(|t| t.name.desc()).only(|t| t.name).fetch_all().await?;
    assert_eq!(sorted, ["c", "b", "a"]);
    Ok(())
}

#[tokio::test]
async fn the_related_rows_are_updated_and_deleted_through_select() -> sqliter::Result<()> {
    let Blog { db, x, y, tags: [a, b, c] } = blog().await;
    x.tags(&db).add([&a, &b]).await?;
    y.tags(&db).add([&a, &c]).await?;
    assert_eq!(x.tags(&db).filter(|t| t.name.eq("a")).update(|t| t.name.set("A")).await?, 1);
    assert_eq!(x.tags(&db).select().delete().await?, 2);
    assert_eq!((names(&db, &x).await, names(&db, &y).await), (String::new(), "c".to_owned()));
    assert_eq!(db.select::<Tag>().fetch_all().await?, [c]);
    Ok(())
}

#[tokio::test]
async fn both_sides_see_and_write_the_same_pairs() -> sqliter::Result<()> {
    let Blog { db, x, y, tags: [a, b, _] } = blog().await;
    x.tags(&db).add([&a]).await?;
    assert_eq!(a.articles(&db).fetch_all().await?, [x.clone()]);
    a.articles(&db).add([&x, &y]).await?;
    b.articles(&db).set([&y]).await?;
    assert_eq!((names(&db, &x).await, names(&db, &y).await), ("a".to_owned(), "ab".to_owned()));
    a.articles(&db).remove([&y]).await?;
    b.articles(&db).clear().await?;
    assert_eq!((names(&db, &x).await, names(&db, &y).await), ("a".to_owned(), String::new()));
    assert_eq!(a.articles(&db).count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn deleting_either_row_removes_its_pairs_only() -> sqliter::Result<()> {
    let Blog { db, x, y, tags: [a, b, _] } = blog().await;
    x.tags(&db).add([&a, &b]).await?;
    y.tags(&db).add([&a]).await?;
    db.delete(&a).await?;
    assert_eq!((names(&db, &x).await, names(&db, &y).await), ("b".to_owned(), String::new()));
    db.delete(&x).await?;
    assert_eq!(b.articles(&db).count().await?, 0);
    assert_eq!((db.select::<Article>().count().await?, db.select::<Tag>().count().await?), (1, 2));
    Ok(())
}

#[tokio::test]
async fn writes_leave_nothing_stale_in_the_cache() -> sqliter::Result<()> {
    let db = Db::options().memory().cache(sqliter::CacheOptions::default()).open().await?;
    db.create_tables::<(Article, Tag, Note, Group)>().await?;
    let x = db.insert(Article::builder().title("x")).await?;
    let a = db.insert(Tag::builder().name("a")).await?;
    for expected in [1, 0] {
        assert_eq!(x.tags(&db).fetch_all().await?.len(), 1 - expected);
        assert_eq!(a.articles(&db).fetch_all().await?.len(), 1 - expected);
        match expected {
            1 => a.articles(&db).add([&x]).await?,
            _ => x.tags(&db).clear().await?,
        }
        assert_eq!(x.tags(&db).fetch_all().await?.len(), expected);
        assert_eq!(a.articles(&db).fetch_all().await?.len(), expected);
    }
    Ok(())
}
