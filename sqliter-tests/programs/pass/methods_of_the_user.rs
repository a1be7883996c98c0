//! A model may have methods of its own, whatever they are called.
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
    updated_at: i64,
}

#[allow(dead_code)]
impl Author {
    const TABLE: &'static str = "mine";
    fn name(&self) -> &str {
        &self.name
    }
    fn pk(&self) {}
    fn builder() -> &'static str {
        "mine"
    }
    fn key() -> &'static str {
        "mine"
    }
    fn columns(&self) {}
    fn decode(_: u8) {}
    fn write(&self) {}
    fn touch(&mut self) {}
    fn primary_key(&self) -> &'static str {
        "mine"
    }
    fn build(self) {}
    fn encode(&self) {}
    fn as_key(&self) {}
}

impl NewAuthor {
    #[allow(dead_code)]
    fn write(&self) {}
    #[allow(dead_code)]
    fn into_model(self) {}
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Author>().await?;
    let mut ada = db.insert(NewAuthor { name: "Ada".to_owned() }).await?;
    db.update(&mut ada).await?;
    assert_eq!(db.get(&ada).await?.as_ref().map(|a| a.name()), Some("Ada"));
    assert_eq!((Author::builder(), Author::key(), ada.primary_key(), Author::TABLE), ("mine", "mine", "mine", "mine"));
    db.insert(<Author as Model>::builder().name("Eve")).await?;
    db.delete(&ada).await
}
