//! Rows chosen by their related rows: one list of them all, or a look at the related rows of each, and the same rows by both.

use super::library::*;
use insta::assert_snapshot;
use sqliter::bounds::Shape;
use sqliter::prelude::*;
use sqliter::{Condition, Select};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(favorites = Favorite::user))]
struct User {
    pk: Key<User>,
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(labels = Label), many_to_many(favorited_by = User, through = Favorite), has_many(notes = Note::article))]
struct Article {
    pk: Key<Article>,
    #[model(unique)]
    slug: String,
    title: String,
    user_id: Option<Key<User>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(articles = Article::labels))]
struct Label {
    pk: Key<Label>,
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Favorite {
    pk: Key<Favorite>,
    article_id: Key<Article>,
    user_id: Key<User>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(kind))]
struct Note {
    pk: Key<Note>,
    kind: Option<String>,
    length: i64,
    article_id: Option<Key<Article>>,
}

/// The statement from its FROM on.
fn from<M: Model, S: Shape<M>>(query: &Select<'_, M, S>) -> String {
    let text = query.to_sql().unwrap().text;
    text.split_once(" FROM ").map(|(_, from)| from.to_owned()).unwrap_or_default()
}

async fn articles() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(User, Article, Label, Favorite, Note)>().await.unwrap();
    let users = db.bulk_insert(["ann", "ben", "cas"].map(|name| User::builder().name(name))).await.unwrap();
    let labels = db.bulk_insert(["common", "rare", "never"].map(|name| Label::builder().name(name))).await.unwrap();
    for i in 0..12_i64 {
        let draft = Article::builder().slug(format!("a{i}")).title(format!("title {}", i % 3));
        let article = db.insert(draft.user_id((i % 4 != 0).then(|| users[i as usize % 3].pk))).await.unwrap();
        if i % 6 != 5 {
            article.labels(&db).add([&labels[0]]).await.unwrap();
        }
        if i == 7 {
            article.labels(&db).add([&labels[1]]).await.unwrap();
        }
        for user in users.iter().take(i as usize % 3) {
            // Twice the same: a pair is one, however many rows it has.
            for _ in 0..2 {
                db.insert(Favorite::builder().article_id(&article).user_id(user)).await.unwrap();
            }
        }
        for n in 0..i % 3 {
            let kind = (n == 1).then(|| "short".to_owned());
            db.insert(Note::builder().kind(kind).length(n).article_id(Some(article.pk))).await.unwrap();
        }
    }
    db.insert(Note::builder().kind(Some("short".to_owned())).length(9).article_id(None)).await.unwrap();
    db
}

type Test = (fn(&ArticleColumns<Article>) -> Condition<Article>, fn(i64) -> bool);

/// Conditions on related rows, beside the articles that they hold for.
const TESTS: [Test; 20] = [
    (|a| a.labels.any(|l| l.name.eq("common")), |i| i % 6 != 5),
    (|a| a.labels.any(|l| l.name.eq("rare")), |i| i == 7),
    (|a| a.labels.any(|l| l.name.eq("never")), |_| false),
    (|a| a.labels.any(|l| l.pk.eq(Label::key(1))), |i| i % 6 != 5),
    (|a| a.labels.any(|l| l.pk.is_in([Label::key(2), Label::key(3)]) | l.pk.gt(Label::key(9))), |i| i == 7),
    (|a| a.labels.any(|l| !l.pk.eq(Label::key(1))), |i| i == 7),
    (|a| a.labels.none(|l| l.pk.eq(Label::key(1))), |i| i % 6 == 5),
    (|a| a.labels.all(|l| l.pk.eq(Label::key(1))), |i| i != 7),
    (|a| !a.labels.any(|l| l.name.eq("common")), |i| i % 6 == 5),
    (|a| a.labels.contains(Label::key(1)), |i| i % 6 != 5),
    (|a| a.labels.contains(None::<Key<Label>>), |_| false),
    (|a| !a.labels.contains(None::<Key<Label>>) & a.title.eq("title 1"), |i| i % 3 == 1),
    (|a| a.labels.contains(None::<Key<Label>>) | a.title.eq("title 1"), |i| i % 3 == 1),
    (|a| a.labels.contains(Label::key(2)) | a.title.eq("title 2"), |i| i == 7 || i % 3 == 2),
    (|a| a.labels.any(|l| l.name.eq("common")) & a.title.eq("title 0"), |i| i % 3 == 0),
    (|a| a.favorited_by.contains(User::key(2)), |i| i % 3 == 2),
    (|a| a.favorited_by.any(|u| u.favorites.any(|f| f.article.slug.eq("a2"))), |i| i % 3 > 0),
    (|a| a.notes.any(|n| n.kind.eq(Some("short".to_owned()))), |i| i % 3 == 2),
    (|a| !a.notes.any(|n| n.kind.eq(Some("short".to_owned())) | n.length.gt(5)), |i| i % 3 != 2),
    (|a| a.user.favorites.any(|f| f.article.labels.contains(Label::key(2))), |i| i % 4 != 0 && i % 3 == 0),
];

#[tokio::test]
async fn both_ways_find_the_same_rows_whatever_ends_the_chain() {
    let db = articles().await;
    for (number, (condition, holds)) in TESTS.into_iter().enumerate() {
        let expected: Vec<String> = (0..12).filter(|i| holds(*i)).map(|i| format!("a{i}")).collect();
        let chain = || db.select::<Article>().filter(condition);
        let slugs = async |chain: Select<'_, Article>| chain.only(|a| a.slug).fetch_all().await.unwrap();
        assert_eq!(slugs(chain().order(|a| a.pk.asc())).await, expected, "{number}");
        assert_eq!(slugs(chain().limit(100)).await, expected, "{number}: with a limit");
        assert_eq!(
            slugs(chain().filter(|a| a.slug.is_in((0..12).map(|i| format!("a{i}"))))).await.len(),
            expected.len()
        );
        assert_eq!(chain().count().await.unwrap(), expected.len() as u64, "{number}");
        assert_eq!(chain().limit(100).count().await.unwrap(), expected.len() as u64, "{number}");
        assert_eq!(chain().exists().await.unwrap(), !expected.is_empty(), "{number}");
        let as_values: Vec<(String, bool)> =
            db.select::<Article>().order(|a| a.pk.asc()).fields(|a| (a.slug, condition(a))).fetch_all().await.unwrap();
        let told: Vec<_> = as_values.into_iter().filter(|(_, holds)| *holds).map(|(slug, _)| slug).collect();
        assert_eq!(told, expected, "{number}: as a value");
        let tx = db.begin().await.unwrap();
        let changed = tx.select::<Article>().filter(condition).update(|a| a.title.set("changed")).await.unwrap();
        assert_eq!(changed, expected.len() as u64, "{number}");
        tx.rollback().await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.select::<Note>().filter(|n| n.pk.gt(Note::key(0))).delete().await.unwrap();
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn all_rows_are_chosen_by_one_list_and_few_by_their_own_related_rows() {
    let db = articles().await;
    let articles = db.select::<Article>();
    let labelled = articles.clone().filter(|a| a.labels.any(|l| l.name.eq("rare")));
    assert_snapshot!(from(&labelled), @r#""articles" AS t0 WHERE t0."pk" IN (SELECT j1."articles_pk" FROM "articles_labels" AS j1 JOIN "labels" AS t1 ON t1."pk" = j1."labels_pk" WHERE t1."name" = ?)"#);
    assert_snapshot!(from(&labelled.clone().order(|a| a.title.asc())), @r#""articles" AS t0 WHERE t0."pk" IN (SELECT j1."articles_pk" FROM "articles_labels" AS j1 JOIN "labels" AS t1 ON t1."pk" = j1."labels_pk" WHERE t1."name" = ?) ORDER BY t0."title", t0."pk""#);
    // A limit, and an index that finds the rows.
    assert_snapshot!(from(&labelled.clone().limit(2)), @r#""articles" AS t0 WHERE +EXISTS (SELECT 1 FROM "articles_labels" AS j1 JOIN "labels" AS t1 ON t1."pk" = j1."labels_pk" WHERE j1."articles_pk" = t0."pk" AND t1."name" = ?) ORDER BY t0."pk" LIMIT 2"#);
    assert_snapshot!(from(&labelled.clone().filter(|a| a.slug.eq("a1"))), @r#""articles" AS t0 WHERE +EXISTS (SELECT 1 FROM "articles_labels" AS j1 JOIN "labels" AS t1 ON t1."pk" = j1."labels_pk" WHERE j1."articles_pk" = t0."pk" AND t1."name" = ?) AND t0."slug" = ?"#);
    // A limit on groups is none on the rows.
    assert_snapshot!(from(&labelled.group_by(|a| a.title).annotate(|_| count()).limit(1)), @r#""articles" AS t0 WHERE t0."pk" IN (SELECT j1."articles_pk" FROM "articles_labels" AS j1 JOIN "labels" AS t1 ON t1."pk" = j1."labels_pk" WHERE t1."name" = ?) GROUP BY t0."title" ORDER BY t0."title" LIMIT 1"#);
    // Related rows with a foreign key: as a list where an index finds them.
    assert_snapshot!(from(&articles.clone().filter(|a| a.notes.any(|n| n.kind.eq("x") & n.length.gt(1)))), @r#""articles" AS t0 WHERE t0."pk" IN (SELECT t1."article_id" FROM "notes" AS t1 WHERE t1."kind" = ? AND t1."length" > ?)"#);
    assert_snapshot!(from(&articles.clone().filter(|a| a.notes.any(|n| n.length.gt(1)))), @r#""articles" AS t0 WHERE +EXISTS (SELECT 1 FROM "notes" AS t1 WHERE t1."article_id" = t0."pk" AND t1."length" > ?)"#);
    // Alternatives are lists too; what must not be is not.
    assert_snapshot!(from(&articles.clone().filter(|a| a.labels.contains(Label::key(1)) | a.title.eq("x"))), @r#""articles" AS t0 WHERE t0."pk" IN (SELECT j1."articles_pk" FROM "articles_labels" AS j1 WHERE j1."labels_pk" = ?) OR t0."title" = ?"#);
    assert_snapshot!(from(&articles.filter(|a| !a.labels.contains(Label::key(1)))), @r#""articles" AS t0 WHERE (+EXISTS (SELECT 1 FROM "articles_labels" AS j1 WHERE j1."articles_pk" = t0."pk" AND j1."labels_pk" = ?)) IS NOT TRUE"#);
}

#[tokio::test]
async fn a_condition_on_the_key_behind_pairs_needs_the_pairs_alone() {
    let db = articles().await;
    let articles = db.select::<Article>();
    assert_snapshot!(from(&articles.clone().filter(|a| a.labels.any(|l| l.pk.is_in([Label::key(1)])))), @r#""articles" AS t0 WHERE t0."pk" IN (SELECT j1."articles_pk" FROM "articles_labels" AS j1 WHERE j1."labels_pk" IN rarray(?))"#);
    assert_snapshot!(from(&articles.clone().filter(|a| a.labels.none(|l| l.pk.eq(Label::key(1))))), @r#""articles" AS t0 WHERE NOT EXISTS (SELECT 1 FROM "articles_labels" AS j1 WHERE j1."articles_pk" = t0."pk" AND j1."labels_pk" = ?)"#);
    assert_snapshot!(from(&articles.clone().filter(|a| a.favorited_by.contains(User::key(1))).limit(1)), @r#""articles" AS t0 WHERE +EXISTS (SELECT 1 FROM "favorites" AS j1 WHERE j1."article_id" = t0."pk" AND j1."user_id" = ?) ORDER BY t0."pk" LIMIT 1"#);
    assert_snapshot!(from(&articles.clone().filter(|a| a.notes.contains(Note::key(1)))), @r#""articles" AS t0 WHERE t0."pk" IN (SELECT t1."article_id" FROM "notes" AS t1 WHERE t1."pk" = ?)"#);
    assert_snapshot!(from(&articles.filter(|a| a.labels.contains(None::<&Label>))), @r#""articles" WHERE FALSE"#);
    // Pairs that count in both directions know the key by the row alone.
    assert_snapshot!(from(&db.select::<Person>().filter(|p| p.friends.contains(Person::key(1)))), @r#""people" AS t0 WHERE +EXISTS (SELECT 1 FROM "friends" AS j1 JOIN "people" AS t1 ON t1."pk" = CASE t0."pk" WHEN j1."people_pk_left" THEN j1."people_pk_right" ELSE j1."people_pk_left" END WHERE (j1."people_pk_left" = t0."pk" OR j1."people_pk_right" = t0."pk") AND t1."pk" = ?)"#);
}

#[tokio::test]
async fn conditions_are_values_that_are_never_unknown() -> sqliter::Result<()> {
    let db = articles().await;
    let me = User::key(1);
    let chain = db.select::<Article>().order(|a| a.pk.asc()).limit(3);
    let rows: Vec<(String, bool, bool)> =
        chain.clone().fields(|a| (a.slug, a.favorited_by.contains(me), a.user_id.eq(User::key(2)))).fetch_all().await?;
    let row = |slug: &str, favorited, own| (slug.to_owned(), favorited, own);
    assert_eq!(rows, [row("a0", false, false), row("a1", true, true), row("a2", true, false)]);
    let beside: Vec<(Article, bool, bool)> = chain
        .clone()
        .with_values(|a| (a.favorited_by.contains(None::<Key<User>>), a.user_id.is_null()))
        .fetch_all()
        .await?;
    assert_eq!(
        beside.iter().map(|(_, first, second)| (*first, *second)).collect::<Vec<_>>(),
        [(false, true), (false, false), (false, false)]
    );
    assert_snapshot!(chain.only(|a| a.user_id.eq(me)).to_sql()?.text, @r#"SELECT (("user_id" = ?) IS TRUE) FROM "articles" ORDER BY "pk" LIMIT 3"#);
    // As a sort key, as what rows are grouped by, by a name, and about groups.
    let sorted =
        db.select::<Article>().order(|a| (a.user_id.eq(me).desc(), a.pk.asc())).only(|a| a.slug).fetch_first().await?;
    assert_eq!(sorted.as_deref(), Some("a3"));
    let groups: Vec<(bool, i64)> =
        db.select::<Article>().group_by(|a| a.user_id.eq(me)).annotate(|_| count()).fetch_all().await?;
    assert_eq!(groups, [(false, 9), (true, 3)]);
    let groups: Vec<(String, bool)> =
        db.select::<Article>().group_by(|a| a.title).annotate(|a| a.slug.min().eq("a1")).fetch_all().await?;
    assert_eq!(groups.iter().map(|(_, is)| *is).collect::<Vec<_>>(), [false, true, false]);
    let named =
        db.select::<Article>().only(|a| a.favorited_by.contains(me).alias("mine")).limit(1).fetch_dicts().await?;
    assert_eq!(named[0].get("mine"), Some(&sqliter::Value::Integer(0)));
    // In the place of a value.
    let own = db.select::<Article>().filter(|a| case_when(a.slug.ne("a1"), a.user_id.eq(me)).otherwise(false).eq(true));
    assert_eq!(own.count().await?, 3);
    Ok(())
}
