//! What only a table has.
use sqliter::prelude::*;

#[derive(Model)]
#[model(view = "SELECT pk, title FROM books", strict = false, index(title), many_to_many(tags = Tag))]
struct Title {
    pk: Key<Title>,
    #[model(unique, default = "Emma")]
    title: String,
    #[model(on_delete = cascade)]
    author_id: Option<Key<Tag>>,
}

#[derive(Model)]
#[model(view = "SELECT name FROM tags; DROP TABLE tags")]
struct Name {
    name: String,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
}

fn main() {}
