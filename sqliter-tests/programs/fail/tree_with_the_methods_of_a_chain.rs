//! Which rows stand in a tree is said before it, and it is awaited itself.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(replies = Comment::parent))]
struct Comment {
    pk: Key<Comment>,
    text: String,
    parent_id: Option<Key<Comment>>,
}

async fn query(db: &Db) {
    let _ = db.select::<Comment>().tree(|c| c.replies, |c| c.parent_id.is_null()).fetch_all().await;
    let _ = db.select::<Comment>().tree(|c| c.replies, |c| c.parent_id.is_null()).filter(|c| c.text.ne(""));
    let _ = db.select::<Comment>().tree(|c| c.replies, |c| c.parent_id.is_null()).order(|c| c.text.asc());
    let _ = db.select::<Comment>().tree(|c| c.replies, |c| c.parent_id.is_null()).count().await;
    let _ = db.select::<Comment>().tree(|c| c.replies);
    let _ = db.select::<Comment>().descendants(|c| c.replies, 1);
    let _ = db.select::<Comment>().descendants(|c| c.replies, |c| c.pk.eq(Comment::key(1)));
}

fn main() {}
