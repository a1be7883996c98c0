//! A request asks for a page of rows; groups are read whole.

use sqliter::prelude::*;
use sqliter::web::ListRequest;

#[derive(Debug, Clone, PartialEq, Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
}

async fn regions(db: &Db, request: ListRequest) {
    let regions = db.select::<Sale>().group_by(|s| s.region).annotate(|_| count());
    let _ = request.page_of(regions).await;
}

fn main() {}
