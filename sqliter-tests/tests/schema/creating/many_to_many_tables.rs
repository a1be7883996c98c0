//! The tables of pairs of many-to-many relations: their names, their form, when they come and go.

use sqliter::prelude::*;
use sqliter::{Error, sqlx};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag), many_to_many(topics = Tag, through = "topics_of"))]
struct Post {
    pk: Key<Post>,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(posts = Post::tags), many_to_many(main_posts = Post::topics))]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(follows = Person), many_to_many(friends = Person, through = "friendships", symmetrical))]
struct Person {
    pk: Key<Person>,
    name: String,
}

/// The other half of a cycle.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(sheep = Sheep))]
struct Dog {
    pk: Key<Dog>,
    farm_id: Option<Key<Farm>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(dogs = Dog::sheep))]
struct Sheep {
    pk: Key<Sheep>,
    guard_id: Option<Key<Dog>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(flock = Sheep))]
struct Farm {
    pk: Key<Farm>,
    best_id: Option<Key<Sheep>>,
}

/// Its pairs are to be in the table of another model.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag, through = "tags"))]
struct Clash {
    pk: Key<Clash>,
    name: String,
}

/// Both declare what would be one relation.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(colours = Colour))]
struct Paint {
    pk: Key<Paint>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(paints = Paint))]
struct Colour {
    pk: Key<Colour>,
    name: String,
}

const PAIRS: &str = "CREATE TABLE \"posts_tags\" (/* pairs, by sqliter */ \"id\" INTEGER PRIMARY KEY AUTOINCREMENT, \
    \"posts_pk\" INTEGER NOT NULL, \"tags_pk\" INTEGER NOT NULL, \
    FOREIGN KEY (\"posts_pk\") REFERENCES \"posts\"(\"pk\") ON DELETE CASCADE ON UPDATE CASCADE, \
    FOREIGN KEY (\"tags_pk\") REFERENCES \"tags\"(\"pk\") ON DELETE CASCADE ON UPDATE CASCADE, \
    UNIQUE (\"posts_pk\", \"tags_pk\")) STRICT";

async fn memory() -> Db {
    Db::memory().await.unwrap()
}

async fn sql_of(db: &Db, name: &str) -> Option<String> {
    sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = ?")
        .bind(name)
        .fetch_optional(&db.pool())
        .await
        .unwrap()
}

async fn indexes_of(db: &Db, table: &str) -> Vec<String> {
    sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE tbl_name = ? AND type = 'index' AND sql IS NOT NULL")
        .bind(table)
        .fetch_all(&db.pool())
        .await
        .unwrap()
}

#[track_caller]
fn is_refused(error: &Error, table: &str, word: &str) {
    assert!(matches!(error, Error::TableCreation { table: found, .. } if found == table), "{error:?}");
    assert!(error.to_string().contains(word), "{error}");
}

#[tokio::test]
async fn the_table_has_the_form_of_the_original() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_tables::<(Post, Tag)>().await?;
    assert_eq!(sql_of(&db, "posts_tags").await.as_deref(), Some(PAIRS));
    assert_eq!(indexes_of(&db, "posts_tags").await, ["idx_posts_tags_tags_pk"]);
    let index = "CREATE INDEX \"idx_posts_tags_tags_pk\" ON \"posts_tags\" (\"tags_pk\")";
    assert_eq!(sql_of(&db, "idx_posts_tags_tags_pk").await.as_deref(), Some(index));
    let named = PAIRS.replace("posts_tags", "topics_of");
    assert_eq!(sql_of(&db, "topics_of").await, Some(named));
    assert_eq!(indexes_of(&db, "topics_of").await, ["idx_topics_of_tags_pk"]);
    Ok(())
}

#[tokio::test]
async fn the_tables_are_sorted_whichever_side_declares() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_tables::<(Dog, Sheep, Farm)>().await?;
    let sql = sql_of(&db, "farms_sheep").await.unwrap_or_default();
    assert!(sql.contains("\"farms_pk\" INTEGER NOT NULL, \"sheep_pk\" INTEGER NOT NULL"), "{sql}");
    assert!(sql.ends_with("UNIQUE (\"farms_pk\", \"sheep_pk\")) STRICT"), "{sql}");
    Ok(())
}

#[tokio::test]
async fn a_relation_to_the_own_model_has_left_and_right() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_table::<Person>().await?;
    let form = |name: &str| {
        format!(
            "CREATE TABLE \"{name}\" (/* pairs, by sqliter */ \"id\" INTEGER PRIMARY KEY AUTOINCREMENT, \
             \"people_pk_left\" INTEGER NOT NULL, \"people_pk_right\" INTEGER NOT NULL, \
             FOREIGN KEY (\"people_pk_left\") REFERENCES \"people\"(\"pk\") ON DELETE CASCADE ON UPDATE CASCADE, \
             FOREIGN KEY (\"people_pk_right\") REFERENCES \"people\"(\"pk\") ON DELETE CASCADE ON UPDATE CASCADE, \
             UNIQUE (\"people_pk_left\", \"people_pk_right\")) STRICT"
        )
    };
    assert_eq!(sql_of(&db, "people_people").await, Some(form("people_people")));
    assert_eq!(sql_of(&db, "friendships").await, Some(form("friendships")));
    Ok(())
}

#[tokio::test]
async fn no_column_is_added() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_table::<Tag>().await?;
    let sql = sql_of(&db, "tags").await.unwrap();
    assert_eq!(sql, "CREATE TABLE \"tags\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"name\" TEXT NOT NULL) STRICT");
    Ok(())
}

#[tokio::test]
async fn the_names_can_be_read() {
    let [tags, topics] = Post::TABLE.junctions else { panic!("two relations") };
    let names = tags.names();
    assert_eq!((&*names.table, &*names.source, &*names.target), ("posts_tags", "posts_pk", "tags_pk"));
    assert_eq!(topics.names().table, "topics_of");
    assert_eq!(((tags.owner)().name, (tags.other)().name), ("posts", "tags"));
    let symmetrical: Vec<bool> = Person::TABLE.junctions.iter().map(|junction| junction.symmetrical).collect();
    assert_eq!(symmetrical, [false, true]);
}

#[tokio::test]
async fn the_table_comes_with_the_declaring_model_only() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_table::<Tag>().await?;
    assert_eq!(db.table_names().await?, ["tags"]);
    for _ in 0..2 {
        db.create_table::<Post>().await?;
        assert_eq!(db.table_names().await?, ["tags", "posts", "posts_tags", "topics_of"]);
    }
    Ok(())
}

#[tokio::test]
async fn the_declaring_model_may_come_first() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_table::<Post>().await?;
    db.create_table::<Tag>().await?;
    let post = db.insert(Post::builder().title("a")).await?;
    let tag = db.insert(Tag::builder().name("b")).await?;
    post.tags(&db).add([&tag]).await?;
    assert_eq!(tag.posts(&db).fetch_all().await?, [post]);
    Ok(())
}

#[tokio::test]
async fn tables_are_created_in_any_order_and_in_cycles() -> sqliter::Result<()> {
    for turn in 0..3 {
        let db = memory().await;
        match turn {
            0 => db.create_tables::<(Dog, Sheep, Farm)>().await?,
            1 => db.create_tables::<(Farm, Dog, Sheep)>().await?,
            _ => db.create_tables::<(Sheep, Farm, Dog)>().await?,
        }
        let dog = db.insert(Dog::builder()).await?;
        let sheep = db.insert(Sheep::builder().guard_id(&dog)).await?;
        let farm = db.insert(Farm::builder().best_id(&sheep)).await?;
        dog.sheep(&db).add([&sheep]).await?;
        farm.flock(&db).add([&sheep]).await?;
        assert_eq!(sheep.dogs(&db).fetch_all().await?, [dog]);
    }
    Ok(())
}

#[tokio::test]
async fn dropping_either_table_drops_the_table_of_pairs() -> sqliter::Result<()> {
    let db = memory().await;
    for declaring_first in [true, false] {
        db.create_tables::<(Post, Tag)>().await?;
        let post = db.insert(Post::builder().title("a")).await?;
        let tag = db.insert(Tag::builder().name("b")).await?;
        post.tags(&db).add([&tag]).await?;
        if declaring_first {
            db.drop_table::<Post>().await?;
            assert_eq!(db.table_names().await?, ["tags"]);
            assert_eq!(db.select::<Tag>().count().await?, 1);
            db.drop_table::<Tag>().await?;
        } else {
            db.drop_table::<Tag>().await?;
            assert_eq!(db.table_names().await?, ["posts"]);
            db.drop_table::<Post>().await?;
        }
        assert_eq!(db.table_names().await?, [""; 0]);
    }
    db.create_table::<Person>().await?;
    db.drop_table::<Person>().await?;
    assert_eq!(db.table_names().await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_table_that_only_looks_alike_stays() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_table::<Tag>().await?;
    let looks = "CREATE TABLE notes (id INTEGER PRIMARY KEY, tags_pk INTEGER REFERENCES tags ON DELETE SET NULL, \
                 other_pk INTEGER REFERENCES notes)";
    db.execute(looks).await?;
    db.drop_table::<Tag>().await?;
    assert_eq!(db.table_names().await?, ["notes"]);
    Ok(())
}

#[tokio::test]
async fn force_on_either_side_leaves_an_empty_table_of_pairs() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_tables::<(Post, Tag)>().await?;
    for declaring in [true, false] {
        let post = db.insert(Post::builder().title("a")).await?;
        let tag = db.insert(Tag::builder().name("b")).await?;
        post.tags(&db).add([&tag]).await?;
        match declaring {
            true => db.create_table::<Post>().force().await?,
            false => db.create_table::<Tag>().force().await?,
        }
        assert_eq!(sql_of(&db, "posts_tags").await.as_deref(), Some(PAIRS));
        assert_eq!(indexes_of(&db, "posts_tags").await.len(), 1);
        assert_eq!(post.tags(&db).count().await?, 0);
    }
    Ok(())
}

#[tokio::test]
async fn a_reset_drops_tables_of_pairs() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let db = Db::open(&path).await?;
    db.create_table::<Tag>().await?;
    db.create_table::<Post>().await?;
    let post = db.insert(Post::builder().title("a")).await?;
    let tag = db.insert(Tag::builder().name("b")).await?;
    post.tags(&db).add([&tag]).await?;
    db.close().await?;
    let db = Db::options().path(&path).reset().open().await?;
    assert_eq!(db.table_names().await?, [""; 0]);
    db.create_tables::<(Post, Tag)>().await?;
    assert_eq!(db.select::<Post>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_index_that_cannot_be_created_undoes_everything() -> sqliter::Result<()> {
    let db = memory().await;
    db.execute("CREATE TABLE other (a)").await?;
    db.execute("CREATE INDEX idx_posts_tags_tags_pk ON other (a)").await?;
    is_refused(&db.create_table::<Post>().await.unwrap_err(), "posts_tags", "idx_posts_tags_tags_pk");
    assert_eq!(db.table_names().await?, ["other"]);
    Ok(())
}

#[tokio::test]
async fn two_relations_between_the_same_models_have_a_table_each() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_tables::<(Post, Tag)>().await?;
    let post = db.insert(Post::builder().title("a")).await?;
    let tag = db.insert(Tag::builder().name("b")).await?;
    post.tags(&db).add([&tag]).await?;
    assert_eq!((post.tags(&db).count().await?, post.topics(&db).count().await?), (1, 0));
    assert_eq!((tag.posts(&db).count().await?, tag.main_posts(&db).count().await?), (1, 0));
    Ok(())
}

#[tokio::test]
async fn two_models_cannot_both_declare_the_default_table() -> sqliter::Result<()> {
    let db = memory().await;
    is_refused(&db.create_table::<Paint>().await.unwrap_err(), "colours_paints", "through");
    is_refused(&db.create_table::<Colour>().await.unwrap_err(), "colours_paints", "through");
    is_refused(&db.create_tables::<(Colour, Paint)>().await.unwrap_err(), "colours_paints", "other side");
    assert_eq!(db.table_names().await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_table_that_holds_no_pairs_is_refused() -> sqliter::Result<()> {
    let db = memory().await;
    db.create_table::<Tag>().await?;
    is_refused(&db.create_table::<Clash>().await.unwrap_err(), "tags", "taken");
    assert_eq!(db.table_names().await?, ["tags"]);
    db.execute("CREATE TABLE topics_of (id INTEGER PRIMARY KEY, posts_pk INTEGER, tags_pk INTEGER)").await?;
    is_refused(&db.create_tables::<(Tag, Post)>().await.unwrap_err(), "topics_of", "posts and tags");
    assert_eq!(db.table_names().await?, ["tags", "topics_of"]);
    Ok(())
}

#[tokio::test]
async fn a_table_of_pairs_of_the_original_is_taken_as_it_is() -> sqliter::Result<()> {
    let db = memory().await;
    db.execute(PAIRS.trim_end_matches(" STRICT")).await?;
    db.create_tables::<(Post, Tag)>().await?;
    let post = db.insert(Post::builder().title("a")).await?;
    let tag = db.insert(Tag::builder().name("b")).await?;
    post.tags(&db).add([&tag]).await?;
    assert_eq!(tag.posts(&db).fetch_all().await?, [post]);
    Ok(())
}
