//! Chains inside chains, and values of the rows around them.

use insta::assert_snapshot;
use sqliter::bounds::Shape;
use sqliter::prelude::*;
use sqliter::{Error, Select};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(posts = Post::author, edited = Post::editor), many_to_many(friends = User, symmetrical))]
struct User {
    pk: Key<User>,
    name: String,
    score: i64,
    boss_id: Option<Key<User>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(topics = Topic))]
struct Post {
    pk: Key<Post>,
    title: String,
    score: i64,
    author_id: Key<User>,
    editor_id: Option<Key<User>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(posts = Post::topics))]
struct Topic {
    pk: Key<Topic>,
    name: String,
}

/// Ann, Ben and Cas; Ann leads Ben, Ben leads Cas. Posts: Ann 3, Ben 2, Cas none.
async fn users() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(User, Post, Topic)>().await.unwrap();
    let ann = db.insert(User::builder().name("ann").score(10).boss_id(None)).await.unwrap();
    let ben = db.insert(User::builder().name("ben").score(20).boss_id(Some(ann.pk))).await.unwrap();
    let cas = db.insert(User::builder().name("cas").score(5).boss_id(Some(ben.pk))).await.unwrap();
    ann.friends(&db).add([&ben, &cas]).await.unwrap();
    let topics = db.bulk_insert(["ann", "rust"].map(|name| Topic::builder().name(name))).await.unwrap();
    for (title, score, author, editor) in [
        ("ann", 1, &ann, None),
        ("b", 15, &ann, Some(&ben)),
        ("c", 30, &ann, Some(&ann)),
        ("d", 20, &ben, Some(&ann)),
        ("ben", 4, &ben, None),
    ] {
        let editor = editor.map(|editor| editor.pk);
        let draft = Post::builder().title(title).score(score).author_id(author).editor_id(editor);
        let post = db.insert(draft).await.unwrap();
        if title == "b" {
            post.topics(&db).add(&topics).await.unwrap();
        }
    }
    db
}

async fn names(chain: Select<'_, User>) -> Vec<String> {
    chain.order(|u| u.name.asc()).only(|u| u.name).fetch_all().await.unwrap()
}

fn sql<M: Model, S: Shape<M>>(query: &Select<'_, M, S>) -> String {
    query.to_sql().unwrap().text
}

#[tokio::test]
async fn a_chain_is_a_list() {
    let db = users().await;
    let other = Db::memory().await.unwrap();
    let users = db.select::<User>();
    let authors = db.select::<Post>().filter(|p| p.score.gt(10)).only(|p| p.author_id);
    let chosen = users.clone().filter(|u| u.pk.is_in(authors.clone()));
    assert_snapshot!(sql(&chosen), @r#"SELECT t0."pk", t0."name", t0."score", t0."boss_id" FROM "users" AS t0 WHERE t0."pk" IN (SELECT t1."author_id" FROM "posts" AS t1 WHERE t1."score" > ?)"#);
    assert_eq!(names(chosen).await, ["ann", "ben"]);
    assert_eq!(names(users.clone().filter(|u| u.pk.not_in(authors))).await, ["cas"]);
    // Only what the other chain says is used, not its session, which has no such table.
    let elsewhere = other.select::<Post>().filter(|p| p.score.lt(2)).only(|p| p.author_id);
    assert_eq!(names(users.clone().filter(|u| u.pk.is_in(elsewhere))).await, ["ann"]);
    // With an order and a limit, different values, groups.
    let best = db.select::<Post>().order(|p| p.score.desc()).offset(1).limit(1).only(|p| p.author_id);
    let chosen = users.clone().filter(|u| u.pk.is_in(best));
    assert_snapshot!(sql(&chosen), @r#"SELECT t0."pk", t0."name", t0."score", t0."boss_id" FROM "users" AS t0 WHERE t0."pk" IN (SELECT t1."author_id" FROM "posts" AS t1 ORDER BY t1."score" DESC, t1."pk" DESC LIMIT 1 OFFSET 1)"#);
    assert_eq!(names(chosen).await, ["ben"]);
    let different = db.select::<Post>().only(|p| p.author_id).distinct();
    assert_eq!(names(users.clone().filter(|u| u.pk.is_in(different))).await, ["ann", "ben"]);
    let busy = db.select::<Post>().group_by(|p| p.author_id).having(|_| count().gt(2));
    assert_eq!(names(users.clone().filter(|u| u.pk.is_in(busy))).await, ["ann"]);
    // A list in a list, and what is computed.
    let of_ben = db
        .select::<Post>()
        .filter(|p| p.author_id.is_in(db.select::<User>().filter(|u| u.name.eq("ben")).only(|u| u.pk)));
    assert_eq!(names(users.clone().filter(|u| (u.score + 0).is_in(of_ben.only(|p| p.score)))).await, ["ben"]);
    // In an update and in a deletion.
    let own = || db.select::<Post>().filter(|p| p.title.is_in(db.select::<User>().only(|u| u.name)));
    assert_eq!(own().update(|p| p.score.set(0)).await.unwrap(), 2);
    assert_eq!(own().delete().await.unwrap(), 2);
    assert_eq!(db.select::<Post>().count().await.unwrap(), 3);
}

#[tokio::test]
async fn null_in_a_list_is_no_value() {
    let db = users().await;
    let users = db.select::<User>();
    let bosses = || db.select::<User>().only(|u| u.boss_id);
    let not_bosses = users.clone().filter(|u| u.pk.not_in(bosses()));
    assert_snapshot!(sql(&not_bosses), @r#"SELECT t0."pk", t0."name", t0."score", t0."boss_id" FROM "users" AS t0 WHERE t0."pk" NOT IN (SELECT t1."boss_id" FROM "users" AS t1 WHERE t1."boss_id" IS NOT NULL)"#);
    assert_eq!(names(not_bosses).await, ["cas"]);
    assert_eq!(names(users.clone().filter(|u| !u.pk.is_in(bosses()))).await, ["cas"]);
    let limited = db.select::<User>().order(|u| u.pk.asc()).limit(2).only(|u| u.boss_id);
    let chosen = users.clone().filter(|u| u.pk.not_in(limited));
    assert_snapshot!(sql(&chosen), @r#"SELECT t0."pk", t0."name", t0."score", t0."boss_id" FROM "users" AS t0 WHERE t0."pk" NOT IN (SELECT v FROM (SELECT t1."boss_id" AS v FROM "users" AS t1 ORDER BY t1."pk" LIMIT 2) WHERE v IS NOT NULL)"#);
    assert_eq!(names(chosen).await, ["ben", "cas"]);
    // As `not_in` of a list: what is NULL is skipped, unless the list is empty.
    let nobody = || db.select::<User>().filter(|u| u.name.eq("nobody")).only(|u| u.pk);
    let somebody = || db.select::<User>().filter(|u| u.name.eq("cas")).only(|u| u.pk);
    assert_eq!(names(users.clone().filter(|u| u.boss_id.not_in(nobody()))).await, ["ann", "ben", "cas"]);
    assert_eq!(names(users.clone().filter(|u| u.boss_id.not_in(somebody()))).await, ["ben", "cas"]);
    assert_eq!(names(users.filter(|u| u.boss_id.is_in(nobody()))).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_chain_is_a_value() {
    let db = users().await;
    let best = || db.select::<User>().annotate(|u| u.score.max());
    let chosen = db.select::<User>().filter(|u| u.score.eq(best()));
    assert_snapshot!(sql(&chosen), @r#"SELECT t0."pk", t0."name", t0."score", t0."boss_id" FROM "users" AS t0 WHERE t0."score" = (SELECT MAX(t1."score") FROM "users" AS t1)"#);
    assert_eq!(names(chosen).await, ["ben"]);
    // The first of several, in the order of the chain; nothing without a row.
    let second = db.select::<User>().order(|u| u.score.asc()).offset(1).only(|u| u.score);
    let chosen = db.select::<User>().filter(|u| u.score.le(second));
    assert_snapshot!(sql(&chosen), @r#"SELECT t0."pk", t0."name", t0."score", t0."boss_id" FROM "users" AS t0 WHERE t0."score" <= (SELECT t1."score" FROM "users" AS t1 ORDER BY t1."score", t1."pk" LIMIT 1 OFFSET 1)"#);
    assert_eq!(names(chosen).await, ["ann", "cas"]);
    let none = db.select::<User>().filter(|u| u.name.eq("nobody")).only(|u| u.score);
    assert_eq!(names(db.select::<User>().filter(|u| u.score.ne(none))).await, [] as [&str; 0]);
    // Selected, sorted by, set.
    let last = |u: &UserColumns<User>| {
        db.select::<Post>().filter(|p| p.author_id.eq(outer(u.pk))).order(|p| p.score.desc()).only(|p| p.title)
    };
    let rows: Vec<(String, Option<String>)> = db
        .select::<User>()
        .order(|u| last(u).as_value().desc())
        .fields(|u| (u.name, last(u).as_value()))
        .fetch_all()
        .await
        .unwrap();
    let row = |name: &str, title: Option<&str>| (name.to_owned(), title.map(str::to_owned));
    assert_eq!(rows, [row("ben", Some("d")), row("ann", Some("c")), row("cas", None)]);
    let sum =
        |u: &UserColumns<User>| db.select::<Post>().filter(|p| p.author_id.eq(outer(u.pk))).annotate(|p| p.score.sum());
    assert_eq!(db.select::<User>().filter(|u| u.name.ne("cas")).update(|u| u.score.set(sum(u))).await.unwrap(), 2);
    let scores: Vec<i64> = db.select::<User>().order(|u| u.pk.asc()).only(|u| u.score).fetch_all().await.unwrap();
    assert_eq!(scores, [46, 24, 5]);
}

#[tokio::test]
async fn whether_a_chain_has_rows_is_a_condition() {
    let db = users().await;
    let titled = |u: &UserColumns<User>| exists(db.select::<Post>().filter(|p| p.title.eq(outer(u.name))));
    let chosen = db.select::<User>().filter(titled);
    assert_snapshot!(sql(&chosen), @r#"SELECT t0."pk", t0."name", t0."score", t0."boss_id" FROM "users" AS t0 WHERE +EXISTS (SELECT 1 FROM "posts" AS t1 WHERE t1."title" = t0."name")"#);
    assert_eq!(names(chosen.clone()).await, ["ann", "ben"]);
    assert_eq!(chosen.offset(1).count().await.unwrap(), 1);
    assert_eq!(names(db.select::<User>().filter(|u| !titled(u))).await, ["cas"]);
    let told: Vec<(String, bool)> =
        db.select::<User>().limit(3).fields(|u| (u.name, titled(u))).fetch_all().await.unwrap();
    assert_eq!(told.iter().map(|(_, is)| *is).collect::<Vec<_>>(), [true, true, false]);
    let many = db.select::<User>().filter(|u| {
        exists(
            db.select::<Post>()
                .filter(|p| p.author_id.eq(outer(u.pk)))
                .group_by(|p| p.author_id)
                .having(|_| count().gt(2)),
        )
    });
    assert_eq!(names(many).await, ["ann"]);
    assert_eq!(names(db.select::<User>().filter(|u| exists(u.posts_of(&db).offset(2)))).await, ["ann"]);
}

impl UserColumns<User> {
    /// The posts of the row of a query.
    fn posts_of<'s>(&self, session: &'s Session) -> Select<'s, Post> {
        session.select::<Post>().filter(|p| p.author_id.eq(outer(self.pk)))
    }
}

#[tokio::test]
async fn the_row_around_is_meant_by_outer() {
    let db = users().await;
    let users = db.select::<User>();
    // In the conditions on related rows, of another model and of the same one.
    let called_so = users.clone().filter(|u| u.posts.any(|p| p.title.eq(outer(u.name))));
    assert_snapshot!(sql(&called_so), @r#"SELECT t0."pk", t0."name", t0."score", t0."boss_id" FROM "users" AS t0 WHERE +EXISTS (SELECT 1 FROM "posts" AS t1 WHERE t1."author_id" = t0."pk" AND t1."title" = t0."name")"#);
    assert_eq!(names(called_so).await, ["ann", "ben"]);
    assert_eq!(names(users.clone().filter(|u| u.posts.none(|p| p.score.gt(outer(u.score))))).await, ["ben", "cas"]);
    assert_eq!(names(users.clone().filter(|u| u.posts.all(|p| p.score.lt(outer(u.score))))).await, ["cas"]);
    let better = users.clone().filter(|u| u.friends.any(|f| f.score.gt(outer(u.score))));
    assert_eq!(names(better).await, ["ann", "cas"]);
    assert_eq!(names(users.clone().filter(|u| u.friends.any(|f| f.score.gt(u.score)))).await, [] as [&str; 0]);
    // What is computed there, and a column behind a relation: the query around joins it.
    let by_boss = users.clone().filter(|u| u.posts.any(|p| p.score.ge(outer(u.boss.score + 10))));
    assert_snapshot!(sql(&by_boss), @r#"SELECT t0."pk", t0."name", t0."score", t0."boss_id" FROM "users" AS t0 LEFT JOIN "users" AS t1 ON t1."pk" = t0."boss_id" WHERE +EXISTS (SELECT 1 FROM "posts" AS t2 WHERE t2."author_id" = t0."pk" AND t2."score" >= t1."score" + ?)"#);
    assert_eq!(names(by_boss).await, ["ben"]);
    // In aggregates of related rows, behind pairs too, and of each row once.
    let above: Vec<(String, i64)> = users
        .clone()
        .order(|u| u.pk.asc())
        .fields(|u| (u.name, u.posts.aggregate(|p| count().filter(p.score.gt(outer(u.score))))))
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(above.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [2, 0, 0]);
    let named: Vec<i64> = db
        .select::<Post>()
        .order(|p| p.pk.asc())
        .only(|p| p.topics.aggregate(|t| count().filter(t.name.eq(outer(p.author.name)))))
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(named, [0, 1, 0, 0, 0]);
    let through: Vec<i64> = users
        .clone()
        .order(|u| u.pk.asc())
        .only(|u| u.posts.then(|p| p.topics).distinct().aggregate(|t| count().filter(t.name.eq(outer(u.name)))))
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(through, [1, 0, 0]);
    // Two queries further out; a subquery over the row around.
    let deep = users
        .clone()
        .filter(|u| u.posts.any(|p| p.topics.any(|t| t.name.eq(outer(outer(u.name))) & t.name.ne(outer(p.title)))));
    assert_eq!(names(deep).await, ["ann"]);
    let counted = users.clone().filter(|u| u.friends.any(|f| f.posts.count().lt(outer(u.posts.count()))));
    assert_eq!(names(counted).await, ["ann", "ben"].map(str::to_owned)[..1].to_vec());
    // Under a limit, in groups of limited rows, in writes.
    let few = users.clone().filter(|u| u.posts.any(|p| p.title.eq(outer(u.name)))).order(|u| u.name.desc()).limit(1);
    assert_eq!(few.clone().count().await.unwrap(), 1);
    let grouped: Vec<(String, i64)> = few.clone().group_by(|u| u.name).annotate(|_| count()).fetch_all().await.unwrap();
    assert_eq!(grouped, [("ben".to_owned(), 1)]);
    let inside = db.select::<Post>().filter(|p| {
        p.score.is_in(db.select::<User>().filter(|u| u.pk.eq(outer(p.author_id))).limit(1).group_by(|u| u.score))
    });
    assert_eq!(inside.only(|p| p.title).fetch_all().await.unwrap(), ["d"]);
    assert_eq!(few.update(|u| u.score.set(0)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_subquery_sorts_and_groups_by_the_row_around() -> sqliter::Result<()> {
    let db = users().await;
    let users = db.select::<User>();
    let posts = || db.select::<Post>();
    let nearest = |u: &UserColumns<User>| {
        let score = u.score;
        u.posts.order(move |p| (p.score - outer(score)).abs().asc()).first(|p| p.title)
    };
    let rows = users.clone().fields(|u| (u.name, nearest(u)));
    assert_snapshot!(sql(&rows), @r#"SELECT t0."name", (SELECT v FROM (SELECT t1."title" AS v, abs(t1."score" - t0."score") FROM "posts" AS t1 WHERE t1."author_id" = t0."pk" ORDER BY 2, t1."pk" LIMIT 1)) FROM "users" AS t0"#);
    let expected = [("ann", Some("b")), ("ben", Some("d")), ("cas", None)];
    let expected = expected.map(|(name, title)| (name.to_owned(), title.map(str::to_owned)));
    assert_eq!(rows.order(|u| u.name.asc()).fetch_all().await?, expected);
    let beside = users.clone().order(|u| u.name.asc()).with_first(|u| {
        let score = u.score;
        u.posts.order(move |p| (p.score - outer(score)).abs().asc())
    });
    let beside = beside.fetch_all().await?.into_iter().map(|(user, post)| (user.name, post.map(|post| post.title)));
    assert_eq!(beside.collect::<Vec<_>>(), expected);

    let own = users.clone().fields(|u| {
        let own = posts().filter(|p| p.author_id.eq(outer(u.pk))).order(|p| (p.score - outer(u.score)).abs().asc());
        (u.name, own.only(|p| p.title).as_value())
    });
    assert_eq!(own.order(|u| u.name.asc()).fetch_all().await?, expected);

    // The author of the post whose score is nearest.
    let wrote_it = users.clone().filter(|u| {
        let nearest = posts().order(|p| (p.score - outer(u.score)).abs().asc()).limit(1);
        u.pk.is_in(nearest.only(|p| p.author_id))
    });
    assert_eq!(names(wrote_it).await, ["ann", "ben"]);

    let half = users.clone().filter(|u| u.score.is_in(posts().only(|p| p.score - outer(u.score)).distinct()));
    assert_eq!(names(half).await, ["ann"]);
    let many = users.clone().filter(|u| {
        let score = u.score;
        sqliter::exists(
            posts().group_by(move |p| p.score / outer(score)).annotate(|_| count()).having(|_| count().gt(2)),
        )
    });
    assert_eq!(names(many).await, ["ben"]);

    // Whether there are rows does not depend on their order, nor on what the order alone reads.
    let wrote = users.clone().filter(|u| {
        let own = posts().filter(|p| p.author_id.eq(outer(u.pk)));
        sqliter::exists(own.order(|p| (p.author.score - outer(u.score)).asc()))
    });
    assert_eq!(names(wrote).await, ["ann", "ben"]);
    let unlike = users.clone().filter(|u| {
        let best = u.posts.order(|p| p.score.desc()).first(|p| p.score);
        u.score.not_in(posts().order(|p| (p.score - outer(best)).asc()).offset(1).only(|p| p.score))
    });
    assert_eq!(names(unlike.clone()).await, ["ann", "cas"]);
    assert_eq!(unlike.update(|u| u.name.set("unlike")).await?, 2);
    db.execute("UPDATE users SET name = CASE pk WHEN 1 THEN 'ann' ELSE 'cas' END WHERE name = 'unlike'").await?;

    // The sum of the two nearest.
    let sums = users.clone().order(|u| u.name.asc()).only(|u| {
        let nearest = posts().order(|p| (p.score - outer(u.score)).abs().asc()).limit(2);
        nearest.annotate(|p| p.score.sum()).as_value()
    });
    assert_eq!(sums.fetch_all().await?, [Some(19), Some(35), Some(5)]);
    Ok(())
}

#[tokio::test]
async fn an_aggregate_belongs_to_its_own_query_whatever_it_reads() -> sqliter::Result<()> {
    let db = users().await;
    let users = db.select::<User>().order(|u| u.pk.asc());
    // The number of posts of those who are called as a topic is.
    let numbers = users.clone().only(|u| {
        let topics = db.select::<Topic>().filter(|t| t.name.eq(outer(outer(u.name))));
        u.posts.aggregate(|_| count().filter(sqliter::exists(topics)))
    });
    assert_snapshot!(sql(&numbers), @r#"SELECT (SELECT COUNT(*) FILTER (WHERE +EXISTS (SELECT 1 FROM "topics" AS t2 WHERE t2."name" = t0."name") AND t1."pk" IS t1."pk") FROM "posts" AS t1 WHERE t1."author_id" = t0."pk") FROM "users" AS t0 ORDER BY t0."pk""#);
    assert_eq!(numbers.fetch_all().await?, [3, 0, 0]);
    let largest = users.clone().only(|u| {
        let same = db.select::<User>().filter(|other| other.pk.eq(outer(outer(u.pk)))).only(|other| other.score);
        u.posts.aggregate(|_| same.as_value::<Post>().max())
    });
    assert_eq!(largest.fetch_all().await?, [Some(10), Some(20), None]);
    Ok(())
}

#[tokio::test]
async fn outer_without_a_query_around_is_refused() {
    let db = users().await;
    let alone = db.select::<User>().filter(|u| u.name.eq(outer(u.name))).fetch_all().await;
    assert!(matches!(&alone, Err(Error::NotInQuery { table, found: None }) if table == "users"), "{alone:?}");
    assert_snapshot!(alone.unwrap_err().to_string(), @"a value of users is used in a query with no query around it: `outer(a.name)` is a value of the row of the query directly around, and the parts of `sql` are values of the query that it stands in");
    let mut kept = None;
    let _ = db.select::<Topic>().filter(|t| {
        kept = Some(outer(t.name));
        t.name.eq("x")
    });
    let kept = kept.unwrap();
    let wrong = db.select::<User>().filter(|u| u.posts.any(|p| p.title.eq(kept))).count().await;
    assert!(
        matches!(&wrong, Err(Error::NotInQuery { table, found: Some(found) }) if table == "topics" && found == "users"),
        "{wrong:?}"
    );
    let too_far = db.select::<User>().filter(|u| u.posts.any(|p| p.title.eq(outer(outer(u.name))))).to_sql();
    assert!(matches!(too_far, Err(Error::NotInQuery { found: None, .. })), "{too_far:?}");
    let ungrouped = db.select::<Post>().group_by(|p| p.author_id).order(|p| p.score.asc()).limit(1);
    let ungrouped = db.select::<User>().filter(|u| u.pk.is_in(ungrouped)).count().await;
    assert!(matches!(ungrouped, Err(Error::NotGrouped { .. })), "{ungrouped:?}");
}

#[tokio::test]
async fn a_chain_in_a_chain_in_a_chain_has_an_end() {
    let db = users().await;
    let mut chain = db.select::<User>();
    for _ in 0..500 {
        let inner = chain;
        chain = db.select::<User>().filter(|u| u.pk.is_in(inner.only(|u| u.pk)));
    }
    let deep = chain.count().await;
    assert!(matches!(deep, Err(Error::TooDeep { .. })), "{deep:?}");
    // As deep as it may be, SQLite takes it.
    let mut chain = db.select::<User>();
    let mut levels = 0;
    loop {
        let inner = chain.clone();
        chain = db.select::<User>().filter(|u| u.pk.is_in(inner.only(|u| u.pk)));
        match chain.clone().count().await {
            Ok(found) => assert_eq!(found, 3),
            Err(error) => break assert!(matches!(error, Error::TooDeep { .. }), "{levels}: {error}"),
        }
        levels += 1;
    }
    assert!(levels >= 8, "{levels}");
}
