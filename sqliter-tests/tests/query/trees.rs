//! Rows of a model that refers to itself: as trees, those below a row, those above it.

use sqliter::prelude::*;
use sqliter::{Error, Tree};

#[derive(Debug, Clone, PartialEq, Model)]
struct Issue {
    pk: Key<Issue>,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(replies = Comment::parent))]
struct Comment {
    pk: Key<Comment>,
    #[model(on_delete = cascade)]
    issue_id: Key<Issue>,
    text: String,
    #[model(default = false)]
    spam: bool,
    parent_id: Option<Key<Comment>>,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

/// Comments of two issues, each with its parent:
///
/// ```text
/// 1 ─ 3 ─ 5 ─ 6      7 (of the other issue) ─ 8
///   └ 4
/// 2
/// ```
async fn comments() -> (Db, Vec<Issue>, Vec<Comment>) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Issue, Comment)>().await.unwrap();
    let issues = db.bulk_insert(["one", "two"].map(|title| Issue::builder().title(title))).await.unwrap();
    let parents = [None, None, Some(1), Some(1), Some(3), Some(5), None, Some(7)];
    let drafts = parents.into_iter().zip(1..).map(|(parent, n)| {
        let draft = Comment::builder().issue_id(&issues[usize::from(n > 6)]).text(format!("{n}"));
        draft.parent_id(parent.map(Comment::key))
    });
    let comments = db.bulk_insert(drafts).await.unwrap();
    (db, issues, comments)
}

/// A tree as text: `1(3(5(6)) 4)`.
fn shown(trees: &[Tree<Comment>]) -> String {
    let one = |tree: &Tree<Comment>| {
        let below = shown(&tree.children);
        if below.is_empty() { tree.row.text.clone() } else { format!("{}({below})", tree.row.text) }
    };
    trees.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn rows_come_as_trees_by_one_statement() -> sqliter::Result<()> {
    let (db, issues, _) = comments().await;
    let query = db.select::<Comment>().order(|c| c.pk.asc()).tree(|c| c.replies, |c| c.issue_id.eq(&issues[0]));
    assert_eq!(
        query.to_sql()?.text,
        "SELECT t0.\"pk\", t0.\"issue_id\", t0.\"text\", t0.\"spam\", t0.\"parent_id\", t0.\"deleted_at\", t0.\"parent_id\", \
         ((t0.\"issue_id\" = ? AND ((+EXISTS (SELECT 1 FROM \"comments\" AS t1 WHERE t1.\"pk\" = t0.\"parent_id\" AND \
         t1.\"issue_id\" = ?)) IS NOT TRUE)) IS TRUE) FROM (WITH RECURSIVE \"rows reached\"(k) AS (SELECT t2.\"pk\" FROM \
         \"comments\" AS t2 WHERE t2.\"issue_id\" = ? AND t2.\"deleted_at\" IS NULL UNION SELECT t3.\"pk\" FROM \"rows reached\" \
         AS r3 CROSS JOIN \"comments\" AS t3 ON t3.\"parent_id\" = r3.k WHERE t3.\"deleted_at\" IS NULL) SELECT k FROM \
         \"rows reached\") AS r0 CROSS JOIN \"comments\" AS t0 ON t0.\"pk\" = r0.k ORDER BY t0.\"pk\""
    );
    assert_eq!(shown(&query.await?), "1(3(5(6)) 4) 2");
    Ok(())
}

#[tokio::test]
async fn roots_meet_the_condition_and_their_parents_do_not() -> sqliter::Result<()> {
    let (db, ..) = comments().await;
    let chain = || db.select::<Comment>().order(|c| c.pk.asc());
    assert_eq!(shown(&chain().tree(|c| c.replies, |c| c.parent_id.is_null()).await?), "1(3(5(6)) 4) 2 7(8)");
    assert_eq!(shown(&chain().tree(|c| c.replies, |c| c.pk.eq(Comment::key(3))).await?), "3(5(6))");
    // Each row comes once, under its parent.
    let of_several = [3, 6, 8].map(Comment::key);
    assert_eq!(shown(&chain().tree(|c| c.replies, |c| c.pk.is_in(of_several)).await?), "3(5(6)) 8");
    assert_eq!(shown(&chain().tree(|c| c.replies, |c| c.issue.title.eq("two")).await?), "7(8)");
    assert!(chain().tree(|c| c.replies, |c| c.text.eq("none")).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn siblings_come_in_the_order_of_the_chain() -> sqliter::Result<()> {
    let (db, ..) = comments().await;
    let trees = db.select::<Comment>().order(|c| c.text.desc()).tree(|c| c.replies, |c| c.parent_id.is_null()).await?;
    assert_eq!(shown(&trees), "7(8) 2 1(4 3(5(6)))");
    Ok(())
}

#[tokio::test]
async fn what_the_chain_leaves_out_is_left_out_with_all_below() -> sqliter::Result<()> {
    let (db, issues, _) = comments().await;
    let chain = || db.select::<Comment>().order(|c| c.pk.asc());
    db.select::<Comment>().filter(|c| c.pk.eq(Comment::key(5))).update(|c| c.spam.set(true)).await?;
    let tree = chain().filter(|c| c.spam.eq(false)).tree(|c| c.replies, |c| c.issue_id.eq(&issues[0])).await?;
    assert_eq!(shown(&tree), "1(3 4) 2");
    // Deleted softly.
    db.delete(Comment::key(3)).await?;
    assert_eq!(shown(&chain().tree(|c| c.replies, |c| c.issue_id.eq(&issues[0])).await?), "1(4) 2");
    let all = chain().with_deleted().tree(|c| c.replies, |c| c.issue_id.eq(&issues[0])).await?;
    assert_eq!(shown(&all), "1(3(5(6)) 4) 2");
    // A limit before says which rows there are.
    assert_eq!(
        shown(&chain().with_deleted().limit(5).tree(|c| c.replies, |c| c.parent_id.is_null()).await?),
        "1(3(5) 4) 2"
    );
    Ok(())
}

#[tokio::test]
async fn levels_and_trees_are_limited() -> sqliter::Result<()> {
    let (db, issues, _) = comments().await;
    let chain = || db.select::<Comment>().order(|c| c.pk.asc());
    for (levels, expected) in [(0, "1 2"), (1, "1(3 4) 2"), (2, "1(3(5) 4) 2"), (9, "1(3(5(6)) 4) 2")] {
        let trees = chain().tree(|c| c.replies.to_depth(levels), |c| c.issue_id.eq(&issues[0]));
        assert_eq!(shown(&trees.await?), expected);
    }
    let all = || chain().tree(|c| c.replies, |c| c.parent_id.is_null());
    assert_eq!(shown(&all().limit(1).await?), "1(3(5(6)) 4)");
    assert_eq!(shown(&all().limit(2).offset(1).await?), "2 7(8)");
    assert_eq!(shown(&all().offset(2).await?), "7(8)");
    assert!(all().limit(0).await?.is_empty());
    let latest = chain().reorder(|c| c.pk.desc()).tree(|c| c.replies.to_depth(1), |c| c.parent_id.is_null()).limit(2);
    assert_eq!(shown(&latest.await?), "7(8) 2");
    // A row that is a root by itself too is not deeper than the limit where it stands.
    let two = chain().tree(|c| c.replies.to_depth(1), |c| c.pk.is_in([1, 5].map(Comment::key)));
    assert_eq!(shown(&two.await?), "1(3 4) 5(6)");
    Ok(())
}

/// 1 ─ 2 ─ 3 ─ 4 ─ 5 ─ 6, of which 1, 3 and 5 meet the condition. 3 stands below 1, and so its own child 4 stands nowhere.
#[tokio::test]
async fn a_root_below_a_row_that_stands_in_no_tree_is_a_tree_itself() -> sqliter::Result<()> {
    let db = nodes((0..6).map(|n| (n > 0).then_some(n))).await?;
    let shown = |trees: Vec<Tree<Node>>| {
        let keys = |tree: &Tree<Node>| tree.iter().map(|(_, row)| *row.pk.raw()).collect::<Vec<_>>();
        trees.iter().map(keys).collect::<Vec<_>>()
    };
    let odd = [1, 3, 5].map(Node::key);
    let trees = |levels| {
        let nodes = db.select::<Node>().order(|n| n.pk.asc());
        nodes.tree(move |n| n.children.to_depth(levels), move |n| n.pk.is_in(odd))
    };
    assert_eq!(shown(trees(0).await?), [[1], [3], [5]]);
    assert_eq!(shown(trees(1).await?), [[1, 2], [3, 4], [5, 6]]);
    assert_eq!(shown(trees(2).await?), [vec![1, 2, 3], vec![5, 6]]);
    assert_eq!(shown(trees(3).await?), [vec![1, 2, 3, 4], vec![5, 6]]);
    Ok(())
}

#[tokio::test]
async fn rows_below_and_above_come_with_their_depth() -> sqliter::Result<()> {
    let (db, _, comments) = comments().await;
    let below = db.select::<Comment>().descendants(|c| c.replies, &comments[0]);
    assert_eq!(
        below.clone().with_depth().to_sql()?.text,
        "SELECT t0.\"pk\", t0.\"issue_id\", t0.\"text\", t0.\"spam\", t0.\"parent_id\", t0.\"deleted_at\", r0.d FROM \
         (WITH RECURSIVE \"rows reached\"(k, d) AS (SELECT ?, 0 UNION ALL SELECT t1.\"pk\", r1.d + 1 FROM \"rows reached\" AS r1 \
         CROSS JOIN \"comments\" AS t1 ON t1.\"parent_id\" = r1.k WHERE t1.\"pk\" <> ? AND t1.\"deleted_at\" IS NULL) \
         SELECT k, d FROM \"rows reached\" WHERE d > 0) AS r0 CROSS JOIN \"comments\" AS t0 ON t0.\"pk\" = r0.k \
         ORDER BY r0.d, t0.\"pk\""
    );
    let texts = |rows: Vec<(Comment, i64)>| rows.into_iter().map(|(c, depth)| (c.text, depth)).collect::<Vec<_>>();
    let text = |text: &str, depth: i64| (text.to_owned(), depth);
    assert_eq!(
        texts(below.clone().with_depth().fetch_all().await?),
        [text("3", 1), text("4", 1), text("5", 2), text("6", 3)]
    );
    assert_eq!(below.clone().count().await?, 4);
    assert_eq!(below.clone().filter(|c| c.text.gt("4")).limit(1).only(|c| c.text).fetch_all().await?, ["5"]);
    let above = db.select::<Comment>().ancestors(|c| c.replies, Comment::key(6));
    assert_eq!(
        above.clone().to_sql()?.text,
        "SELECT t0.\"pk\", t0.\"issue_id\", t0.\"text\", t0.\"spam\", t0.\"parent_id\", t0.\"deleted_at\" FROM \
         (WITH RECURSIVE \"rows reached\"(k, d, up, way) AS (SELECT t1.\"pk\", 0, t1.\"parent_id\", '/' || hex(t1.\"pk\") || '/' \
         FROM \"comments\" AS t1 WHERE t1.\"pk\" = ? UNION ALL SELECT t2.\"pk\", r2.d + 1, t2.\"parent_id\", \
         r2.way || hex(t2.\"pk\") || '/' FROM \"rows reached\" AS r2 CROSS JOIN \"comments\" AS t2 ON t2.\"pk\" = r2.up WHERE \
         instr(r2.way, '/' || hex(t2.\"pk\") || '/') = 0 AND t2.\"deleted_at\" IS NULL) SELECT k, d FROM \"rows reached\" \
         WHERE d > 0) AS r0 CROSS JOIN \"comments\" AS t0 ON t0.\"pk\" = r0.k ORDER BY r0.d, t0.\"pk\""
    );
    assert_eq!(texts(above.clone().with_depth().fetch_all().await?), [text("5", 1), text("3", 2), text("1", 3)]);
    assert_eq!(above.clone().reversed().only(|c| c.text).fetch_all().await?, ["1", "3", "5"]);
    let near = db.select::<Comment>().ancestors(|c| c.replies.to_depth(2), Comment::key(6));
    assert_eq!(near.only(|c| c.text).fetch_all().await?, ["5", "3"]);
    let children =
        db.select::<Comment>().descendants(|c| c.replies.to_depth(1), Comment::key(1)).reorder(|c| c.text.desc());
    assert_eq!(children.only(|c| c.text).fetch_all().await?, ["4", "3"]);
    assert_eq!(db.select::<Comment>().descendants(|c| c.replies, Comment::key(99)).count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn rows_below_are_a_chain_as_any_other() -> sqliter::Result<()> {
    let (db, ..) = comments().await;
    let below = || db.select::<Comment>().descendants(|c| c.replies, Comment::key(1));
    let page = below().page_after(None, 3).with_total().await?;
    assert_eq!((page.rows.len(), page.total), (3, Some(4)));
    assert_eq!(below().page_after(page.next, 3).await?.rows.len(), 1);
    assert_eq!(below().select_related(|c| c.issue).fetch_all().await?.len(), 4);
    assert_eq!(below().filter(|c| c.issue.title.eq("one")).count().await?, 4);
    // Common to both: what is above one row and below another.
    let between = below().ancestors(|c| c.replies, Comment::key(6));
    assert_eq!(between.only(|c| c.text).fetch_all().await?, ["5", "3"]);
    let in_a_list = db.select::<Comment>().filter(|c| c.pk.is_in(below().only(|c| c.pk)));
    assert_eq!(in_a_list.count().await?, 4);
    assert_eq!(below().update(|c| c.spam.set(true)).await?, 4);
    assert_eq!(below().limit(1).delete().await?, 1);
    assert_eq!(below().count().await?, 1, "those below the deleted row are not reached");
    assert_eq!(below().delete_for_good().await?, 1);
    let without = db.select::<Comment>().with_depth().fetch_all().await;
    assert!(matches!(&without, Err(Error::NoDepth { table }) if table == "comments"), "{without:?}");
    Ok(())
}

#[tokio::test]
async fn circles_end_and_are_told() -> sqliter::Result<()> {
    let (db, issues, comments) = comments().await;
    let chain = || db.select::<Comment>().order(|c| c.pk.asc());
    // 3 → 6 → 5 → 3: below 6 is 3 now.
    db.select::<Comment>().filter(|c| c.pk.eq(Comment::key(3))).update(|c| c.parent_id.set(Comment::key(6))).await?;
    let told = |result: sqliter::Result<Vec<Tree<Comment>>>| match result {
        Err(Error::Cycle { table, column, mut keys }) => {
            assert_eq!((table.as_str(), column.as_str()), ("comments", "parent_id"));
            keys.sort();
            keys
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(told(chain().tree(|c| c.replies, |c| c.issue_id.eq(&issues[0])).await), ["3", "5", "6"]);
    assert_eq!(told(chain().tree(|c| c.replies, |c| c.pk.eq(Comment::key(5))).await), ["3", "5", "6"]);
    assert_eq!(told(chain().tree(|c| c.replies.to_depth(50), |c| c.pk.eq(Comment::key(5))).await), ["3", "5", "6"]);
    assert_eq!(shown(&chain().tree(|c| c.replies, |c| c.pk.eq(Comment::key(1))).await?), "1(4)");
    let below = db.select::<Comment>().descendants(|c| c.replies, &comments[2]).only(|c| c.text).fetch_all().await?;
    assert_eq!(below, ["5", "6"]);
    let above = db.select::<Comment>().ancestors(|c| c.replies, &comments[2]).only(|c| c.text).fetch_all().await?;
    assert_eq!(above, ["6", "5"]);
    // A way into a circle.
    db.select::<Comment>().filter(|c| c.pk.eq(Comment::key(8))).update(|c| c.parent_id.set(Comment::key(3))).await?;
    let above = db.select::<Comment>().ancestors(|c| c.replies, &comments[7]).only(|c| c.text).fetch_all().await?;
    assert_eq!(above, ["3", "6", "5"]);
    let itself = db.select::<Comment>().filter(|c| c.pk.eq(Comment::key(2)));
    itself.update(|c| c.parent_id.set(Comment::key(2))).await?;
    assert_eq!(told(chain().tree(|c| c.replies, |c| c.pk.eq(Comment::key(2))).await), ["2"]);
    Ok(())
}

#[tokio::test]
async fn trees_are_walked_mapped_and_serialized() -> sqliter::Result<()> {
    let (db, ..) = comments().await;
    let trees = db.select::<Comment>().order(|c| c.pk.asc()).tree(|c| c.replies, |c| c.pk.eq(Comment::key(3))).await?;
    let [tree] = &trees[..] else { panic!("{trees:?}") };
    let walked: Vec<_> = tree.iter().map(|(level, row)| (level, row.text.as_str())).collect();
    assert_eq!(walked, [(0, "3"), (1, "5"), (2, "6")]);
    assert_eq!((tree.rows(), tree.levels()), (3, 3));
    let json = serde_json::to_string(&tree.clone().map(|row| row.text)).unwrap();
    let expected = r#"{"row":"3","children":[{"row":"5","children":[{"row":"6","children":[]}]}]}"#;
    assert_eq!(json, expected);
    let back: Tree<String> = serde_json::from_str(&json).unwrap();
    assert_eq!(back.levels(), 3);
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(parts = Part::whole))]
struct Part {
    #[model(pk)]
    name: String,
    whole_id: Option<Key<Part>>,
}

#[tokio::test]
async fn natural_keys_lead_through_trees() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Part>().await?;
    // Keys in which the ways of others could be found.
    let rows = [("/", None), ("", Some("/")), ("2F", Some("")), ("a'b", Some("2F"))];
    for (name, whole) in rows {
        db.insert(Part::builder().name(name).whole_id(whole.map(|name: &str| Part::key(name)))).await?;
    }
    let trees = db.select::<Part>().tree(|p| p.parts, |p| p.whole_id.is_null()).await?;
    assert_eq!(trees[0].levels(), 4);
    let above = db.select::<Part>().ancestors(|p| p.parts, Part::key("a'b")).only(|p| p.name).fetch_all().await?;
    assert_eq!(above, ["2F", "", "/"]);
    let below = db.select::<Part>().descendants(|p| p.parts, Part::key("")).only(|p| p.name).fetch_all().await?;
    assert_eq!(below, ["2F", "a'b"]);
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(children = Node::parent))]
struct Node {
    pk: Key<Node>,
    parent_id: Option<Key<Node>>,
}

/// Nodes with the given parents, by their numbers from 1.
async fn nodes(parents: impl Iterator<Item = Option<i64>>) -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_table::<Node>().await?;
    let drafts: Vec<_> = parents.map(|parent| Node::builder().parent_id(parent.map(Node::key))).collect();
    db.bulk_insert(drafts).await?;
    Ok(db)
}

#[tokio::test]
async fn a_tree_may_be_wide_and_deep() -> sqliter::Result<()> {
    // A hundred chains of a thousand rows.
    let db = nodes((1..=100_000).map(|n| (n > 100).then_some(n - 100))).await?;
    let trees = db.select::<Node>().tree(|n| n.children, |n| n.parent_id.is_null()).await?;
    assert_eq!(trees.len(), 100);
    assert!(trees.iter().all(|tree| tree.levels() == 1000));
    assert_eq!(trees.iter().map(Tree::rows).sum::<usize>(), 100_000);
    serde_json::to_string(&trees[0].clone().map(|node| *node.pk.raw())).unwrap();
    assert_eq!(db.select::<Node>().descendants(|n| n.children, Node::key(1)).count().await?, 999);
    assert_eq!(db.select::<Node>().ancestors(|n| n.children, Node::key(100_000)).count().await?, 999);
    Ok(())
}

#[tokio::test]
async fn a_tree_that_is_too_deep_for_memory_is_refused() -> sqliter::Result<()> {
    const MOST: i64 = Tree::<Node>::MOST_DEEP as i64;
    let db = nodes((1..=MOST + 1).map(|n| (n > 1).then_some(n - 1))).await?;
    let all = db.select::<Node>().tree(|n| n.children, |n| n.parent_id.is_null()).await;
    assert!(matches!(&all, Err(Error::TreeTooDeep { table, limit: 1024 }) if table == "nodes"), "{:?}", all.is_ok());
    let most = db.select::<Node>().tree(|n| n.children.to_depth(1023), |n| n.parent_id.is_null()).await?;
    assert_eq!(most[0].levels(), 1024);
    Ok(())
}
