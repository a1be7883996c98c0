//! Two many-to-many relations between the same models need a table of pairs each.
use sqliter::prelude::*;

#[derive(Model)]
#[model(many_to_many(first = Tag), many_to_many(second = Tag))]
struct Article {
    pk: Key<Article>,
    title: String,
}

#[derive(Model)]
#[model(
    many_to_many(main = Tag, through = "note_tags"),
    many_to_many(further = Tag),
    many_to_many(linked = Note, through = "Note_Tags")
)]
struct Note {
    pk: Key<Note>,
    text: String,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

fn main() {}
