//! The many-to-many relation of a row is a chain over the related rows, with `add`, `remove`, `set` and `clear` besides.

use std::time::Duration;

use sqliter::prelude::*;
use sqliter::relation::Links;
use sqliter::{Error, Filters, Row, Sorting, Value, window};

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
    #[model(default = 0)]
    weight: i64,
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
    #[model(on_delete = cascade)]
    tag_id: Key<Tag>,
}

/// Its labels are deleted softly.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Mark))]
struct Draft {
    pk: Key<Draft>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(below = Mark::above), search(name))]
struct Mark {
    pk: Key<Mark>,
    name: String,
    above_id: Option<Key<Mark>>,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

#[derive(Debug, PartialEq, View)]
#[view(Tag)]
struct TagName {
    name: String,
}

#[derive(Debug, PartialEq, View)]
#[view(Tag, args(least: i64))]
struct TagWeight {
    #[view(with = |t| t.weight.ge(least))]
    heavy: bool,
}

#[derive(Debug, PartialEq, Row)]
struct Name {
    name: String,
}

struct Blog {
    db: Db,
    /// With the tags `a` and `b`.
    x: Article,
    /// With the tags `b` and `c`.
    y: Article,
    tags: [Tag; 4],
}

async fn blog() -> Blog {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Article, Tag, Note, Group, Draft, Mark)>().await.unwrap();
    let [x, y] = ["x", "y"].map(|title| Article::builder().title(title));
    let (x, y) = (db.insert(x).await.unwrap(), db.insert(y).await.unwrap());
    let group = db.insert(Group::builder().name("letters")).await.unwrap();
    let drafts = ["a", "b", "c", "d"].map(|name| Tag::builder().name(name).group_id(&group));
    let tags: [Tag; 4] = db.bulk_insert(drafts).await.unwrap().try_into().unwrap();
    let [a, b, c, _] = &tags;
    x.tags(&db).add([a, b]).await.unwrap();
    y.tags(&db).add([b, c]).await.unwrap();
    Blog { db, x, y, tags }
}

async fn names(tags: Links<'_, impl sqliter::relation::Relation<Target = Tag>>) -> String {
    tags.order(|t| t.name.asc()).only(|t| t.name).fetch_all().await.unwrap().concat()
}

/// Every method of a chain, called on the relation itself; the next test finds one that is missing here.
#[tokio::test]
async fn the_relation_of_a_row_has_every_method_of_a_chain() -> sqliter::Result<()> {
    let Blog { db, x, y, tags: [a, b, c, _] } = blog().await;
    let both = [a.clone(), b.clone()];
    assert_eq!(x.tags(&db).select().fetch_all().await?, both);
    assert_eq!(x.tags(&db).clone().fetch_all().await?, both);
    // Which rows.
    assert_eq!(x.tags(&db).filter(|t| t.name.eq("b")).fetch_all().await?, [b.clone()]);
    assert_eq!(x.tags(&db).filter_some(None::<&str>, |t, name| t.name.eq(name)).fetch_all().await?, both);
    assert_eq!(x.tags(&db).order(|t| t.name.desc()).fetch_first().await?, Some(b.clone()));
    assert_eq!(x.tags(&db).reorder(|t| t.name.desc()).fetch_first().await?, Some(b.clone()));
    assert_eq!(x.tags(&db).reversed().fetch_first().await?, Some(b.clone()));
    assert_eq!(x.tags(&db).in_random_order().fetch_all().await?.len(), 2);
    let filters = Filters::<Tag>::new().eq("name", |t| t.name);
    assert_eq!(x.tags(&db).filter_by(&filters, "name=b")?.fetch_all().await?, [b.clone()]);
    let sorting = Sorting::<Tag>::new().by("name", |t| t.name);
    assert_eq!(x.tags(&db).order_by(&sorting, "-name")?.fetch_first().await?, Some(b.clone()));
    assert_eq!(x.tags(&db).limit(1).fetch_all().await?, [a.clone()]);
    assert_eq!(x.tags(&db).offset(1).fetch_all().await?, [b.clone()]);
    assert_eq!(x.tags(&db).bypass_cache().fetch_all().await?, both);
    assert_eq!(x.tags(&db).timeout(Duration::from_secs(60)).fetch_all().await?, both);
    assert_eq!(x.tags(&db).cache_ttl(Duration::from_secs(1)).fetch_all().await?, both);
    // What of them.
    assert_eq!(x.tags(&db).only(|t| t.name).fetch_all().await?, ["a", "b"]);
    assert_eq!(x.tags(&db).only(|t| t.weight).distinct().fetch_all().await?, [0]);
    assert_eq!(x.tags(&db).fields(|t| (t.name, t.weight)).fetch_first().await?, Some(("a".to_owned(), 0)));
    assert_eq!(x.tags(&db).group_by(|t| t.weight).annotate(|_| count()).fetch_all().await?, [(0, 2)]);
    let of_two = x.tags(&db).group_by(|t| t.weight).having(|_| count().gt(2));
    assert!(of_two.fetch_all().await?.is_empty());
    assert_eq!(x.tags(&db).only(|t| t.name).aggregate(|name| name.min()).await?, Some("a".to_owned()));
    assert_eq!(x.tags(&db).annotate(|t| t.name.max()).fetch_only().await?, Some("b".to_owned()));
    let rows = x.tags(&db).into_rows::<Name>().fetch_all().await?;
    assert_eq!(rows, ["a", "b"].map(|name| Name { name: name.to_owned() }));
    let records = x.tags(&db).exclude(|t| t.pk).fetch_all().await?;
    assert_eq!(records[1].get("name"), Some(&Value::Text("b".to_owned())));
    // What beside them.
    let with_group = x.tags(&db).select_related(|t| t.group).fetch_all().await?;
    assert_eq!(with_group[0].1.as_ref().unwrap().name, "letters");
    assert_eq!(x.tags(&db).prefetch_related(|t| t.notes).fetch_all().await?[1], (b.clone(), vec![]));
    assert_eq!(x.tags(&db).with_count(|t| t.articles).fetch_all().await?, [(a.clone(), 1), (b.clone(), 2)]);
    assert_eq!(x.tags(&db).with_values(|t| t.name.upper()).fetch_first().await?, Some((a.clone(), "A".to_owned())));
    let pairs = x.tags(&db).join_related(|t| t.articles).order(|t, a| (t.name.asc(), a.title.asc()));
    let pairs = pairs.fields(|t, a| (t.name, a.title)).fetch_all().await?;
    assert_eq!(pairs, [("a", "x"), ("b", "x"), ("b", "y")].map(|(t, a)| (t.to_owned(), a.to_owned())));
    assert_eq!(x.tags(&db).left_join_related(|t| t.notes).count().await?, 2);
    let last = x.tags(&db).with_first(|t| t.articles.order(|a| a.title.desc())).fetch_all().await?;
    assert_eq!(last, [(a.clone(), Some(x.clone())), (b.clone(), Some(y.clone()))]);
    // Reading.
    assert_eq!(x.tags(&db).fetch_all().await?, both);
    assert_eq!(x.tags(&db).fetch_one().await?, Some(a.clone()));
    assert_eq!(x.tags(&db).fetch_first().await?, Some(a.clone()));
    assert_eq!(x.tags(&db).fetch_last().await?, Some(b.clone()));
    assert_eq!(x.tags(&db).fetch_required().await?, a);
    assert!(matches!(x.tags(&db).fetch_only().await, Err(Error::SeveralRecords { .. })));
    assert_eq!(x.tags(&db).fetch_dicts().await?.len(), 2);
    let mut stream = x.tags(&db).fetch_stream();
    assert_eq!(stream.next().await.unwrap()?, a);
    drop(stream);
    let page = x.tags(&db).page_after(None, 1).await?;
    assert_eq!(page.rows, [a.clone()]);
    let page = x.tags(&db).page_after(page.next, 1).with_total().await?;
    assert_eq!((page.rows, page.total), (vec![b.clone()], Some(2)));
    assert_eq!(x.tags(&db).page_before(page.previous, 1).await?.rows, [a.clone()]);
    assert_eq!(x.tags(&db).fetch_map().await?.get(&b.pk), Some(&b));
    assert_eq!(x.tags(&db).count().await?, 2);
    assert!(x.tags(&db).exists().await?);
    assert!(x.tags(&db).to_sql()?.text.contains("articles_tags"));
    assert!(!x.tags(&db).explain().await?.steps().is_empty());
    // As views.
    assert_eq!(x.tags(&db).view::<TagName>().fetch_all().await?.len(), 2);
    assert!(x.tags(&db).view_with::<TagWeight>(0).fetch_all().await?.iter().all(|tag| tag.heavy));
    // Rows that are deleted softly.
    {
        let x = db.insert(Draft::builder()).await?;
        let label = db.insert(Mark::builder().name("l")).await?;
        let below = db.insert(Mark::builder().name("m").above_id(&label)).await?;
        x.tags(&db).add([&label, &below]).await?;
        // Several rows of theirs.
        assert_eq!(x.tags(&db).union_all(x.tags(&db)).count().await?, 4);
        assert_eq!(x.tags(&db).union(x.tags(&db)).count().await?, 2);
        assert_eq!(x.tags(&db).intersect(x.tags(&db)).count().await?, 2);
        assert_eq!(x.tags(&db).except(x.tags(&db)).count().await?, 0);
        let last = x.tags(&db).qualify(|m| window::row_number().over(|w| w.order(m.name.desc())).eq(1));
        assert_eq!(last.fetch_only().await?, below);
        assert_eq!(x.tags(&db).search(|m| m.search.matches("M")).fetch_only().await?, below);
        let trees = x.tags(&db).tree(|m| m.below, |m| m.above_id.is_null()).await?;
        assert_eq!(trees.iter().map(sqliter::Tree::rows).collect::<Vec<_>>(), [2]);
        assert_eq!(x.tags(&db).descendants(|m| m.below, &label).fetch_only().await?, below);
        assert_eq!(x.tags(&db).ancestors(|m| m.below, &below).fetch_only().await?, label);
        assert!(matches!(x.tags(&db).with_depth().fetch_all().await, Err(Error::NoDepth { .. })));
        db.delete_for_good(&below).await?;
        db.delete(&label).await?;
        assert_eq!(x.tags(&db).count().await?, 0);
        assert_eq!(x.tags(&db).with_deleted().count().await?, 1);
        assert_eq!(x.tags(&db).only_deleted().count().await?, 1);
        assert_eq!(x.tags(&db).restore().await?, 1);
        assert_eq!(x.tags(&db).delete_for_good().await?, 1);
    }
    // The pairs.
    x.tags(&db).add([&c]).await?;
    assert_eq!(names(x.tags(&db)).await, "abc");
    x.tags(&db).remove([&a]).await?;
    assert_eq!(names(x.tags(&db)).await, "bc");
    x.tags(&db).set([&a, &b]).await?;
    assert_eq!(names(x.tags(&db)).await, "ab");
    // The rows.
    assert_eq!(x.tags(&db).update(|t| t.weight.set(1)).await?, 2);
    assert_eq!(x.tags(&db).delete().await?, 2);
    x.tags(&db).clear().await?;
    Ok(())
}

#[test]
fn no_method_of_a_chain_is_left_out() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sqliter/src/query/select");
    let files = std::fs::read_dir(folder).unwrap();
    let chain: String = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let name = |line: &str| {
        let rest = line.trim_start().strip_prefix("pub ")?;
        let rest = rest.trim_start_matches("const ").trim_start_matches("async ").strip_prefix("fn ")?;
        rest.split(['<', '(']).next().map(str::to_owned)
    };
    let methods: Vec<_> = chain.lines().filter_map(name).collect();
    assert!(methods.len() > 35 && methods.contains(&"page_after".to_owned()), "{methods:?}");
    let called: String = include_str!("managers.rs").split_whitespace().collect();
    let is_called = |method: &String| {
        let call = match method.as_str() {
            // Of a session.
            "select" => return true,
            // These are for groups and chosen values alone.
            "having" => "tags(&db).group_by(|t|t.weight).having".to_owned(),
            "distinct" => "tags(&db).only(|t|t.weight).distinct".to_owned(),
            "aggregate" => "x.tags(&db).only(|t|t.name).aggregate".to_owned(),
            method => format!("x.tags(&db).{method}"),
        };
        ["(", "::<"].iter().any(|end| called.contains(&format!("{call}{end}")))
    };
    let missing: Vec<_> = methods.iter().filter(|method| !is_called(method)).collect();
    assert!(missing.is_empty(), "not called on the relation of a row: {missing:?}");
}

#[tokio::test]
async fn update_changes_the_related_rows_for_all_that_they_are_related_to() -> sqliter::Result<()> {
    let Blog { db, x, y, .. } = blog().await;
    assert_eq!(x.tags(&db).update(|t| (t.weight.add(5), t.name.set(t.name.upper()))).await?, 2);
    assert_eq!(names(x.tags(&db)).await, "AB");
    assert_eq!(names(y.tags(&db)).await, "Bc");
    let weights = db.select::<Tag>().order(|t| t.pk.asc()).only(|t| t.weight).fetch_all().await?;
    assert_eq!(weights, [5, 5, 0, 0]);
    assert_eq!(x.tags(&db).order(|t| t.pk.desc()).limit(1).update(|t| t.weight.set(9)).await?, 1);
    assert_eq!(y.tags(&db).filter(|t| t.weight.eq(9)).only(|t| t.name).fetch_all().await?, ["B"]);
    Ok(())
}

#[tokio::test]
async fn delete_deletes_the_related_rows_and_clear_the_pairs_alone() -> sqliter::Result<()> {
    let Blog { db, x, y, .. } = blog().await;
    x.tags(&db).clear().await?;
    assert_eq!(db.select::<Tag>().count().await?, 4);
    assert_eq!(names(y.tags(&db)).await, "bc");
    assert_eq!(x.tags(&db).delete().await?, 0);
    assert_eq!(y.tags(&db).filter(|t| t.name.eq("b")).delete().await?, 1);
    assert_eq!(names(y.tags(&db)).await, "c");
    assert_eq!(y.tags(&db).delete().await?, 1);
    let left = db.select::<Tag>().order(|t| t.name.asc()).only(|t| t.name).fetch_all().await?;
    assert_eq!(left, ["a", "d"]);
    assert_eq!(db.query::<i64>("SELECT COUNT(*) FROM articles_tags").fetch_required().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_relation_is_read_when_it_is_fetched() -> sqliter::Result<()> {
    let Blog { db, x, y, tags: [a, b, c, d] } = blog().await;
    let (tags, others) = (x.tags(&db), x.tags(&db));
    x.tags(&db).add([&c]).await?;
    assert_eq!(tags.clone().fetch_all().await?, [a.clone(), b.clone(), c.clone()]);
    x.tags(&db).remove([&a]).await?;
    assert_eq!(tags.clone().fetch_one().await?, Some(b.clone()));
    assert_eq!(tags.clone().fetch_first().await?, Some(b.clone()));
    assert_eq!(tags.clone().fetch_last().await?, Some(c.clone()));
    x.tags(&db).set([&d]).await?;
    assert_eq!(tags.clone().fetch_required().await?, d.clone());
    assert_eq!(tags.clone().fetch_only().await?, d);
    x.tags(&db).clear().await?;
    assert_eq!(tags.clone().fetch_one().await?, None);
    assert!(matches!(tags.fetch_only().await, Err(Error::RecordNotFound { .. })));
    // One that was made before changes what is there now.
    y.tags(&db).clear().await?;
    others.clone().add([&a]).await?;
    others.set([&b]).await?;
    assert_eq!(names(x.tags(&db)).await, "b");
    Ok(())
}

#[tokio::test]
async fn inside_a_transaction_a_relation_is_as_the_transaction_has_it() -> sqliter::Result<()> {
    let Blog { db, x, tags: [a, b, c, _], .. } = blog().await;
    let undone = db
        .transaction(async |tx| {
            x.tags(tx).set([&c]).await?;
            assert_eq!(x.tags(tx).group_by(|t| t.name).fetch_all().await?, ["c"]);
            assert_eq!(x.tags(tx).update(|t| t.weight.set(1)).await?, 1);
            assert_eq!(x.tags(tx).delete().await?, 1);
            Err::<(), _>(Error::RecordNotFound { table: "tags".to_owned(), key: None })
        })
        .await;
    assert!(undone.is_err());
    assert_eq!(x.tags(&db).fetch_all().await?, [a, b]);
    Ok(())
}

/// What a service does when an article with tags is posted.
#[tokio::test]
async fn an_article_with_three_tags_takes_few_statements() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Post, Label)>().await?;
    for title in ["first", "second"] {
        let statements = db.statement_count();
        let labels = db
            .transaction(async |tx| {
                let post = tx.insert(Post::builder().title(title)).await?;
                let names = ["rust", "sql", title].map(|name| Label::builder().name(name));
                let labels = tx.bulk_upsert(names, |l| l.name).update(|l| l.name).returning_rows().fetch_all().await?;
                post.labels(tx).add(&labels).await?;
                post.labels(tx).count().await
            })
            .await?;
        assert_eq!(labels, 3);
        // With BEGIN and COMMIT, a savepoint around the three labels, and the count above.
        assert_eq!(db.statement_count() - statements, 7 + 1);
    }
    Ok(())
}

#[tokio::test]
async fn one_row_or_key_is_added_as_it_is() -> sqliter::Result<()> {
    let Blog { db, x, tags: [a, _, c, d], .. } = blog().await;
    x.tags(&db).add(&c).await?;
    x.tags(&db).add(d.pk).await?;
    x.tags(&db).add(vec![&a, &c]).await?;
    x.tags(&db).add(Some(d.pk)).await?;
    assert_eq!(names(x.tags(&db)).await, "abcd");
    x.tags(&db).remove(&a).await?;
    let gone = [c.pk, d.pk];
    x.tags(&db).remove(gone.as_slice()).await?;
    assert_eq!(names(x.tags(&db)).await, "b");
    x.tags(&db).set(&c).await?;
    assert_eq!(names(x.tags(&db)).await, "c");
    x.tags(&db).set([] as [Key<Tag>; 0]).await?;
    assert_eq!(names(x.tags(&db)).await, "");
    // Keys that are there and keys that come twice are skipped.
    x.tags(&db).add([&a, &c, &a]).await?;
    x.tags(&db).add([&a, &d]).await?;
    assert_eq!(names(x.tags(&db)).await, "acd");
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(labels = Label))]
struct Post {
    pk: Key<Post>,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(posts = Post::labels))]
struct Label {
    pk: Key<Label>,
    #[model(unique)]
    name: String,
}

fn label(name: &str) -> NewLabel {
    Label::builder().name(name).build()
}

async fn posts() -> (Db, Post) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Post, Label)>().await.unwrap();
    let post = db.insert(Post::builder().title("x")).await.unwrap();
    (db, post)
}

#[tokio::test]
async fn a_new_row_is_created_and_related_at_once() -> sqliter::Result<()> {
    let (db, post) = posts().await;
    let rust = post.labels(&db).create(label("rust")).await?;
    assert_eq!(post.labels(&db).fetch_all().await?, [rust.clone()]);
    // From the other side, and by the key alone.
    let other = rust.posts(&db).create(Post::builder().title("y")).await?;
    let sql = other.pk.labels(&db).create(Label::builder().name("sql")).await?;
    assert_eq!(other.labels(&db).order(|l| l.name.asc()).fetch_all().await?, [rust.clone(), sql]);
    // A row that is there is refused, and nothing is related.
    let refused = post.labels(&db).create(label("sql")).await;
    assert!(matches!(refused, Err(Error::UniqueViolation { .. })));
    // So is a row that nothing can be related to: it is not inserted either.
    let nowhere = Post::key(99).labels(&db).create(label("new")).await;
    assert!(matches!(nowhere, Err(Error::ForeignKeyViolation { .. })), "{nowhere:?}");
    db.transaction(async |tx| {
        assert!(Post::key(99).labels(tx).create(label("new")).await.is_err());
        Ok(())
    })
    .await?;
    assert_eq!(db.select::<Label>().count().await?, 2);
    assert_eq!(post.labels(&db).fetch_all().await?, [rust]);
    Ok(())
}

#[tokio::test]
async fn a_row_is_got_or_created_and_related() -> sqliter::Result<()> {
    let (db, post) = posts().await;
    db.insert(label("sql")).await?;
    let (rust, created) = post.labels(&db).get_or_create(label("rust"), |l| l.name).await?;
    assert!(created);
    for _ in 0..2 {
        let (sql, created) = post.labels(&db).get_or_create(label("sql"), |l| l.name).await?;
        assert_eq!((sql.name.as_str(), created), ("sql", false));
    }
    assert_eq!(post.labels(&db).count().await?, 2);
    let names = ["wal", "rust", "wal"].map(label);
    let all = post.labels(&db).bulk_get_or_create(names, |l| l.name).await?;
    assert_eq!(all.iter().map(|(_, created)| *created).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!((&all[1].0, &all[2].0), (&rust, &all[0].0));
    assert_eq!(post.labels(&db).count().await?, 3);
    assert_eq!(post.labels(&db).bulk_get_or_create([] as [NewLabel; 0], |l| l.name).await?, []);
    Ok(())
}
