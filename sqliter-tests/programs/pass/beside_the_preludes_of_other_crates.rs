//! The prelude beside the names of other crates of a service. Each module takes both by `*` and uses the bare names of the
//! other crate, each of which would be ambiguous if the prelude had it too.
#![allow(unused)]
#![deny(ambiguous_glob_imports)]

/// Crates that are no dependencies of these tests, by the names that stand in a file of a service.
macro_rules! beside {
    ($($krate:ident: $($name:ident)*;)*) => {$(
        mod $krate {
            mod stand_in {
                $(pub struct $name<T = ()>(pub T);)*
            }

            use sqliter::prelude::*;
            use stand_in::*;

            fn takes_both(db: &Db, $(_: $name<u8>),*) {}
        }
    )*};
}

beside! {
    axum: Json Path Query State Form Extension Router Request Response Body Html Redirect Host Multipart Bytes
        ConnectInfo MatchedPath OriginalUri RawQuery RawForm WebSocketUpgrade Next Error Handler Service Sse Event;
    axum_extra: CookieJar Cookie TypedHeader Protobuf Cached Either Resource;
    actix_web: App HttpRequest HttpResponse HttpServer Responder Data Payload Header Either;
    anyhow: Error Result Context Chain;
    diesel: Connection Expression Identifiable Insertable Queryable QueryDsl RunQueryDsl QueryableByName Selectable
        AsChangeset Associations BelongingToDsl QueryResult OptionalExtension Table Column;
    futures: Stream StreamExt TryStreamExt Future FutureExt TryFutureExt Sink SinkExt AsyncRead AsyncWrite;
    http: HeaderMap HeaderName HeaderValue Method StatusCode Uri Version Request Response;
    log: Record Level Metadata Log;
    reqwest: Client Response Url StatusCode Method Body Error Result;
    tower: Service Layer ServiceBuilder ServiceExt BoxError;
    url: Url Host Position;
}

mod chrono_prelude {
    use chrono::prelude::*;
    use sqliter::prelude::*;

    fn takes_both(db: &Db, _: DateTime<Utc>, _: NaiveDate, _: FixedOffset, _: Weekday, _: Month) {}
}

mod jiff_civil {
    use jiff::civil::*;
    use sqliter::prelude::*;

    fn takes_both(db: &Db, _: Date, _: Time, _: DateTime, _: Weekday) {}
}

mod time_crate {
    use sqliter::prelude::*;
    use time::*;

    fn takes_both(db: &Db, _: Date, _: Time, _: OffsetDateTime, _: Duration, _: Month, _: error::Error) {}
}

mod serde_and_json {
    use serde::*;
    use serde_json::*;
    use sqliter::prelude::*;

    #[derive(Serialize, Deserialize)]
    struct Body {
        rest: Map<String, Value>,
    }

    fn takes_both(db: &Db, value: Value, _: Number, _: Error) -> Result<Body> {
        from_value(json!({ "rest": value }))
    }
}

mod sqlx_prelude {
    use sqliter::prelude::*;
    use sqlx::prelude::*;
    use sqlx::sqlite::*;

    async fn takes_both<'c, R: Row, E: Executor<'c>, T: Type<Sqlite>, C: Connection, A: Acquire<'c>>(db: &Db, _: E) {}
    fn derives<'r, T: FromRow<'r, SqliteRow>>(db: &Db) {}
}

mod sqlx_crate {
    use sqliter::prelude::*;
    use sqlx::*;

    fn takes_both<V: Value, C: Column, R: Row, D: Database>(db: &Db, _: &Error, _: &Pool<D>, _: &Transaction<'_, D>) {}
    fn codes<'q, T: Encode<'q, Sqlite> + for<'r> Decode<'r, Sqlite> + Type<Sqlite>>(db: &Db) {}
}

mod tracing_and_tokio {
    use sqliter::prelude::*;
    use tokio_stream::*;
    use tracing::*;

    fn takes_both(db: &Db, _: Level, _: Span, _: &Event<'_>, _: &Metadata<'_>, _: impl StreamExt + Stream) {}
}

fn main() {}
