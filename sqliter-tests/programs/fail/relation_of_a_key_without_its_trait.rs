//! The relations of a key are methods of a trait beside the model, which is imported like the model.
use sqliter::prelude::*;

mod models {
    use sqliter::prelude::*;

    #[derive(Model)]
    #[model(many_to_many(tags = Tag))]
    pub(crate) struct Article {
        pub(crate) pk: Key<Article>,
    }

    #[derive(Model)]
    pub(crate) struct Tag {
        pub(crate) pk: Key<Tag>,
    }
}

use models::Article;

async fn number_of_tags(db: &Db) -> sqliter::Result<u64> {
    Article::key(1).tags(db).count().await
}

fn main() {}
