//! What several chains give together: sorted, limited, counted and paged as one.

use sqliter::Error;
use sqliter::prelude::*;
use sqliter::window::row_number;

#[derive(Debug, Clone, PartialEq, Model)]
struct Comment {
    pk: Key<Comment>,
    text: String,
    at: i64,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    title: String,
    at: i64,
}

async fn activity() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Comment, Note)>().await.unwrap();
    let comments = [("a", 1), ("b", 4), ("c", 5), ("same", 7)].map(|(text, at)| Comment::builder().text(text).at(at));
    db.bulk_insert(comments).await.unwrap();
    db.bulk_insert([("x", 2), ("y", 3), ("same", 7)].map(|(title, at)| Note::builder().title(title).at(at)))
        .await
        .unwrap();
    db
}

#[tokio::test]
async fn all_rows_of_several_chains_are_sorted_and_limited_as_one() -> sqliter::Result<()> {
    let db = activity().await;
    let both = db
        .select::<Comment>()
        .fields(|c| (c.text, c.at))
        .union_all(db.select::<Note>().fields(|n| (n.title, n.at)))
        .order(|(_, at)| at.desc());
    assert_eq!(
        both.to_sql()?.text,
        "SELECT c0, c1 FROM (SELECT t0.\"text\" AS c0, t0.\"at\" AS c1 FROM \"comments\" AS t0 WHERE t0.\"deleted_at\" IS NULL \
         UNION ALL SELECT t1.\"title\", t1.\"at\" FROM \"notes\" AS t1) ORDER BY c1 DESC, c0 DESC"
    );
    let rows: Vec<(String, i64)> = both.clone().fetch_all().await?;
    assert_eq!(
        rows.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(),
        ["same", "same", "c", "b", "y", "x", "a"]
    );
    assert_eq!(both.clone().count().await?, 7);
    assert_eq!(both.clone().limit(2).offset(2).fetch_all().await?, rows[2..4]);
    assert_eq!(both.clone().limit(3).count().await?, 3);
    assert_eq!(both.clone().fetch_first().await?, Some(rows[0].clone()));
    assert_eq!(both.clone().fetch_last().await?, Some(rows[6].clone()));
    assert_eq!(both.clone().limit(4).fetch_last().await?, Some(rows[3].clone()));
    assert!(both.clone().exists().await?);
    let mut streamed = both.clone().fetch_stream();
    assert_eq!(streamed.next().await.transpose()?, Some(rows[0].clone()));
    let records = both.fetch_dicts().await?;
    assert_eq!(records[6].get("text"), Some(&sqliter::Value::Text("a".to_owned())));
    Ok(())
}

#[tokio::test]
async fn rows_of_several_chains_come_once() -> sqliter::Result<()> {
    let db = activity().await;
    let comments = || db.select::<Comment>().fields(|c| (c.text, c.at));
    let notes = || db.select::<Note>().fields(|n| (n.title, n.at));
    assert_eq!(comments().union(notes()).count().await?, 6);
    assert_eq!(comments().intersect(notes()).fetch_all().await?, [("same".to_owned(), 7)]);
    let rest = comments().except(notes()).order(|(text, _)| text.asc());
    assert_eq!(rest.fetch_all().await?.len(), 3);
    // One after the other.
    let all = comments().union_all(notes()).except(comments()).union_all(comments());
    assert_eq!(all.clone().count().await?, 6);
    assert!(all.to_sql()?.text.contains(" UNION ALL SELECT t1"), "{}", all.to_sql()?);
    Ok(())
}

#[tokio::test]
async fn each_chain_has_its_own_order_and_limit() -> sqliter::Result<()> {
    let db = activity().await;
    let newest = db.select::<Comment>().order(|c| c.at.desc()).limit(1).only(|c| c.text);
    let oldest = db.select::<Note>().order(|n| n.at.asc()).limit(1).only(|n| n.title);
    let both = newest.union_all(oldest).order(|text| text.asc());
    assert_eq!(
        both.to_sql()?.text,
        "SELECT c0 FROM (SELECT * FROM (SELECT t0.\"text\" AS c0 FROM \"comments\" AS t0 WHERE t0.\"deleted_at\" IS NULL \
         ORDER BY t0.\"at\" DESC, t0.\"pk\" DESC LIMIT 1) UNION ALL SELECT * FROM (SELECT t1.\"title\" FROM \"notes\" AS t1 \
         ORDER BY t1.\"at\", t1.\"pk\" LIMIT 1)) ORDER BY c0"
    );
    assert_eq!(both.fetch_all().await?, ["same", "x"]);
    // A limit so far is about the rows so far.
    let more = db.select::<Note>().only(|n| n.title).union_all(db.select::<Comment>().only(|c| c.text));
    let more = more.order(|t| t.asc()).limit(2).union_all(db.select::<Note>().only(|n| n.title));
    assert_eq!(more.order(|t| t.asc()).fetch_all().await?, ["a", "b", "same", "x", "y"]);
    Ok(())
}

#[tokio::test]
async fn whole_rows_and_groups_are_taken_together() -> sqliter::Result<()> {
    let db = activity().await;
    let rows = db.select::<Note>().filter(|n| n.at.lt(3)).union(db.select::<Note>().filter(|n| n.at.lt(4)));
    let rows = rows.order(|n| n.at.desc());
    assert_eq!(rows.fetch_all().await?.iter().map(|n| n.title.as_str()).collect::<Vec<_>>(), ["y", "x"]);
    let groups = db.select::<Comment>().group_by(|c| c.text).annotate(|_| count());
    let groups = groups.union_all(db.select::<Note>().group_by(|n| n.title).annotate(|_| count()));
    assert_eq!(groups.order(|(text, n)| (n.desc(), text.asc())).limit(1).fetch_all().await?, [("a".to_owned(), 1)]);
    // Rows that are deleted softly are left out of each, or not.
    db.delete(Comment::key(1)).await?;
    let texts = || db.select::<Comment>().only(|c| c.text);
    assert_eq!(texts().union(texts()).count().await?, 3);
    assert_eq!(texts().union(texts().with_deleted()).count().await?, 4);
    Ok(())
}

#[tokio::test]
async fn pages_go_over_several_chains() -> sqliter::Result<()> {
    let db = activity().await;
    let both = db
        .select::<Comment>()
        .fields(|c| (c.text, c.at))
        .union(db.select::<Note>().fields(|n| (n.title, n.at)))
        .order(|(_, at)| at.asc());
    let expected = both.clone().fetch_all().await?;
    let (mut read, mut cursor) = (Vec::new(), None);
    loop {
        let page = both.clone().page_after(cursor, 2).with_total().await?;
        assert_eq!(page.total, Some(6));
        read.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(read, expected);
    let last = both.clone().page_before(None, 2).await?;
    assert_eq!(last.rows, expected[4..]);
    assert_eq!(both.page_before(last.previous, 2).await?.rows, expected[2..4]);
    let twice = db.select::<Note>().only(|n| n.at).union_all(db.select::<Note>().only(|n| n.at));
    let refused = twice.page_after(None, 3).await;
    assert!(matches!(&refused, Err(Error::Cursor { reason }) if reason.contains("union")), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn together_rows_are_sorted_by_values_over_windows_and_of_groups() -> sqliter::Result<()> {
    let db = activity().await;
    let first = db.select::<Comment>().fields(|c| (c.text, row_number().over(|w| w.order(c.at.desc()))));
    let both =
        first.union_all(db.select::<Note>().fields(|n| (n.title, n.at))).order(|(text, n)| (n.desc(), text.asc()));
    assert_eq!(
        both.to_sql()?.text,
        "SELECT c0, c1 FROM (SELECT t0.\"text\" AS c0, row_number() OVER (ORDER BY t0.\"at\" DESC, t0.\"pk\" DESC) AS c1 \
         FROM \"comments\" AS t0 WHERE t0.\"deleted_at\" IS NULL UNION ALL SELECT t1.\"title\", t1.\"at\" FROM \"notes\" AS t1) \
         ORDER BY c1 DESC, c0"
    );
    let page = both.clone().page_after(None, 3).await?;
    assert_eq!(page.rows, [("same".to_owned(), 7), ("a".to_owned(), 4), ("b".to_owned(), 3)]);
    assert_eq!(both.page_after(page.next, 2).await?.rows[1], ("c".to_owned(), 2));
    Ok(())
}

#[tokio::test]
async fn together_rows_are_sorted_by_what_is_selected() {
    let db = activity().await;
    let rows = db.select::<Note>().union_all(db.select::<Note>());
    assert!(rows.clone().order(|n| n.at.asc()).fetch_all().await.is_ok());
    let refused = rows.order(|n| n.title.length().asc()).fetch_all().await;
    assert!(matches!(&refused, Err(Error::NotSelected { table, .. }) if table == "notes"), "{refused:?}");
}
