//! The relations of a row of which only the key is known.

use sqliter::Error;
use sqliter::prelude::*;

mod models {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(many_to_many(tags = Tag), has_many(notes = Note::article), has_one(cover = Cover::article))]
    pub(crate) struct Article {
        pub(crate) pk: Key<Article>,
        pub(crate) title: String,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(many_to_many(articles = Article::tags))]
    pub(crate) struct Tag {
        #[model(pk)]
        pub(crate) name: String,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    pub(crate) struct Note {
        pub(crate) pk: Key<Note>,
        pub(crate) text: String,
        pub(crate) article_id: Key<Article>,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    pub(crate) struct Cover {
        pub(crate) pk: Key<Cover>,
        #[model(unique)]
        pub(crate) article_id: Key<Article>,
    }
}

use models::*;

async fn database() -> (Db, Article, [Tag; 2]) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Article, Tag, Note, Cover)>().await.unwrap();
    let article = db.insert(Article::builder().title("x")).await.unwrap();
    let tags = db.bulk_insert(["a", "b"].map(|name| Tag::builder().name(name))).await.unwrap();
    (db, article, tags.try_into().unwrap())
}

#[tokio::test]
async fn a_key_has_the_many_to_many_relations_of_its_row() -> sqliter::Result<()> {
    let (db, article, [a, b]) = database().await;
    let key = Article::key(1);
    key.tags(&db).add([&a, &b]).await?;
    assert_eq!(key.tags(&db).fetch_all().await?, [a.clone(), b.clone()]);
    assert_eq!(key.tags(&db).to_sql()?, article.tags(&db).to_sql()?);
    key.tags(&db).remove([&a]).await?;
    assert_eq!(article.tags(&db).fetch_all().await?, [b.clone()]);
    // From the other side, by a key that is a text.
    assert_eq!(Tag::key("b").articles(&db).fetch_all().await?, [article]);
    assert_eq!(Tag::key("b").articles(&db).filter(|a| a.title.eq("y")).count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_key_has_the_relations_to_the_rows_that_refer_to_it() -> sqliter::Result<()> {
    let (db, article, _) = database().await;
    let note = db.insert(Note::builder().text("n").article_id(&article)).await?;
    // The key in another row will do.
    assert_eq!(note.article_id.notes(&db).fetch_all().await?, [note.clone()]);
    assert_eq!(note.article_id.notes(&db).to_sql()?, article.notes(&db).to_sql()?);
    assert_eq!(note.article_id.cover(&db).fetch().await?, None);
    let cover = db.insert(Cover::builder().article_id(&article)).await?;
    assert_eq!(note.article_id.cover(&db).fetch().await?, Some(cover));
    Ok(())
}

#[tokio::test]
async fn whether_there_is_a_row_with_the_key_is_not_looked_at() -> sqliter::Result<()> {
    let (db, _, [a, _]) = database().await;
    assert_eq!(Article::key(7).tags(&db).fetch_all().await?, []);
    let added = Article::key(7).tags(&db).add([&a]).await;
    assert!(matches!(added, Err(Error::ForeignKeyViolation { .. })), "{added:?}");
    Ok(())
}
