//! Names of tables, columns and indexes, ordinary and odd.

use sqliter::prelude::*;
use sqliter::{Error, Value, sqlx};

#[test]
fn the_table_is_the_plural_of_the_struct() {
    macro_rules! check {
        ($($model:ident $table:literal)*) => {$({
            #[derive(Debug, Clone, PartialEq, Model)]
            struct $model {
                pk: Key<$model>,
            }
            assert_eq!($model::TABLE.name, $table);
        })*};
    }
    // As the original with its optional package.
    check! {
        User "users" UserModel "users" UserProfile "user_profiles" UserProfileModel "user_profiles"
        Person "people" Category "categories" Bus "buses" Box_ "boxes" Child "children" Address "addresses"
        Status "statuses" Analysis "analyses" Leaf "leaves" Mouse "mice" Sheep "sheep" Series "series" News "news"
    }
    // Where the original surprises, this does not.
    check! {
        HTTPServer "http_servers" ABTest "ab_tests" V2User "v2_users" Users "users" Model_ "models" Data "data"
        It "its" A "as"
    }
    // Letters beyond ASCII are letters.
    check! { Ärztin "ärztins" }
}

#[test]
fn a_table_can_be_named() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "Library Books")]
    struct Book {
        pk: Key<Book>,
    }
    assert_eq!(Book::TABLE.name, "Library Books");
}

#[test]
fn names_are_constants() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Book {
        pk: Key<Book>,
        #[model(column = "caption")]
        title: String,
    }
    const TABLE: &str = Book::TABLE.name;
    const KEY: &str = Book::TABLE.key_column().name;
    assert_eq!((TABLE, KEY), ("books", "pk"));
    assert_eq!(Book::TABLE.columns.iter().map(|column| column.name).collect::<Vec<_>>(), ["pk", "caption"]);
}

#[tokio::test]
async fn columns_stand_in_the_order_of_the_fields() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Book {
        title: String,
        author_id: Option<Key<Book>>,
        pk: Key<Book>,
        updated_at: i64,
        pages: i64,
        created_at: i64,
    }
    let db = Db::memory().await.unwrap();
    db.create_table::<Book>().await.unwrap();
    let columns: Vec<String> =
        sqlx::query_scalar("SELECT name FROM pragma_table_info('books')").fetch_all(&db.pool()).await.unwrap();
    assert_eq!(columns, ["title", "author_id", "pk", "updated_at", "pages", "created_at"]);
    let book = db.insert(Book::builder().title("x").pages(1)).await.unwrap();
    assert_eq!(db.get(book.pk).await.unwrap(), Some(book));
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "order", index(r#where, from), unique(r#where, quoted))]
struct Odd {
    #[model(pk, column = "primary")]
    key: String,
    #[model(column = "group")]
    r#where: i64,
    #[model(column = "select", index)]
    from: i64,
    #[model(column = "a\"b")]
    quoted: String,
    #[model(column = "it's; --")]
    spaced: Option<String>,
    #[model(column = "größe", default = 7)]
    size: i64,
    r#type: bool,
    #[model(column = "default", on_delete = cascade)]
    parent: Option<Key<Odd>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "a\"b]c`d", index(value))]
struct Quoted {
    pk: Key<Quoted>,
    #[model(column = "\"", unique)]
    value: i64,
    #[model(column = "?1")]
    other: i64,
    #[model(on_delete = cascade)]
    odd: Option<Key<Odd>>,
}

fn odd(key: &str, number: i64) -> impl Draft<Model = Odd> {
    Odd::builder().key(key).r#where(number).from(-number).quoted(format!("q{number}")).r#type(true)
}

/// NAME-08: reserved words, quotes and everything else go through every operation.
#[tokio::test]
async fn odd_names_can_be_created_and_dropped() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Quoted>().exists_ok(false).await.unwrap();
    db.create_tables::<(Quoted, Odd)>().await.unwrap();
    db.create_indexes::<Odd>().await.unwrap();
    db.create_indexes::<Quoted>().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["a\"b]c`d", "order"]);
    let indexes: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite%' ORDER BY rowid",
    )
    .fetch_all(&db.pool())
    .await
    .unwrap();
    assert_eq!(
        indexes,
        [
            "idx_a\"b]c`d_odd",
            "idx_order_default",
            "idx_order_group_select",
            "idx_order_group_a\"b_unique",
            "idx_order_select",
        ]
    );
    db.create_tables::<(Odd, Quoted)>().force().await.unwrap();
    db.drop_table::<Odd>().await.unwrap();
    db.drop_table::<Quoted>().await.unwrap();
    assert!(db.table_names().await.unwrap().is_empty());
}

#[tokio::test]
async fn odd_names_can_be_reset() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Db::options().path(folder.path().join("a.db"));
    let db = options().open().await.unwrap();
    db.create_tables::<(Odd, Quoted)>().await.unwrap();
    db.execute("CREATE VIEW \"a \"\"view\"\"\" AS SELECT * FROM \"order\"").await.unwrap();
    db.close().await.unwrap();
    let db = options().reset().open().await.unwrap();
    assert!(db.table_names().await.unwrap().is_empty());
}

#[tokio::test]
async fn odd_names_can_be_written_and_read() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Odd, Quoted)>().await.unwrap();
    let a = db.insert(odd("a", 1)).await.unwrap();
    let b = db.bulk_insert([odd("b", 2), odd("c", 3)]).await.unwrap().remove(0);
    assert_eq!(a.size, 7);
    assert_eq!(db.get(Odd::key("a")).await.unwrap(), Some(a.clone()));
    let mut changed = Odd { spaced: Some("x".to_owned()), parent: Some(Odd::key("b")), ..a.clone() };
    db.update(&mut changed).await.unwrap();
    assert_eq!(db.get(&changed).await.unwrap(), Some(changed.clone()));

    let all = db
        .select::<Odd>()
        .filter(|o| o.r#where.ge(1) & o.from.le(0) & o.quoted.starts_with("q") & o.r#type.eq(true))
        .filter(|o| o.spaced.is_null() | o.spaced.icontains("X") | o.quoted.regex("^q"))
        .filter(|o| o.size.is_in([7]) & !o.size.between(8, 9) & o.key.ne("z"))
        .order(|o| (o.r#where.desc(), o.size.asc(), o.quoted.asc()))
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(all.iter().map(|o| o.key.as_str()).collect::<Vec<_>>(), ["c", "b", "a"]);
    let children = db.select::<Odd>().filter(|o| o.parent.eq(&b));
    assert_eq!(children.clone().only(|o| o.quoted).fetch_all().await.unwrap(), ["q1"]);
    assert_eq!(children.clone().fields(|o| (o.r#where, o.r#type)).fetch_one().await.unwrap(), Some((1, true)));
    assert_eq!((children.clone().count().await.unwrap(), children.exists().await.unwrap()), (1, true));
    let record = db.select::<Odd>().exclude(|o| o.key).limit(1).fetch_dicts().await.unwrap().remove(0);
    assert_eq!(record.get("a\"b"), Some(&Value::Text("q1".to_owned())));
    assert_eq!(record.get("group"), Some(&Value::Integer(1)));
    assert_eq!(record.get("primary"), None);

    assert_eq!(db.select::<Odd>().limit(2).update(|o| (o.size.add(1), o.quoted.set("new"))).await.unwrap(), 2);
    assert_eq!(db.select::<Odd>().filter(|o| o.size.eq(8)).limit(1).delete().await.unwrap(), 1);
    db.delete(Odd::key("c")).await.unwrap();
    assert_eq!(db.select::<Odd>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn odd_names_stand_whole_in_errors() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Odd, Quoted)>().await.unwrap();
    db.insert(odd("a", 1)).await.unwrap();
    let error = db.insert(odd("a", 2)).await.unwrap_err();
    assert!(
        matches!(&error, Error::UniqueViolation { table, columns, .. }
        if table == "order" && *columns == ["primary"]),
        "{error:?}"
    );
    let error = db.insert(odd("b", 1)).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if *columns == ["group", "a\"b"]), "{error:?}");
    let quoted = || Quoted::builder().value(1).other(2);
    let first = db.insert(quoted().odd(Odd::key("a"))).await.unwrap();
    assert_eq!(first.other, 2);
    let error = db.insert(quoted()).await.unwrap_err();
    assert!(
        matches!(&error, Error::UniqueViolation { table, columns, .. }
        if table == "a\"b]c`d" && *columns == ["\""]),
        "{error:?}"
    );
    let error = db.insert(Quoted::builder().value(3).other(2).odd(Odd::key("no"))).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { columns, .. } if *columns == ["odd"]), "{error:?}");
    let error = db.delete(Quoted::key(99)).await.unwrap_err();
    assert!(matches!(&error, Error::RecordNotFound { table, .. } if table == "a\"b]c`d"), "{error:?}");
    // The cascade reaches the table with the quote in its name.
    db.delete(Odd::key("a")).await.unwrap();
    assert_eq!(db.select::<Quoted>().count().await.unwrap(), 0);
}

#[tokio::test]
async fn two_models_may_share_a_table() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Book {
        pk: Key<Book>,
        title: String,
        #[model(default = 0)]
        pages: i64,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "books")]
    struct BookTitle {
        pk: Key<BookTitle>,
        title: String,
    }
    let db = Db::memory().await.unwrap();
    db.create_table::<Book>().await.unwrap();
    db.create_table::<BookTitle>().await.unwrap();
    let book = db.insert(Book::builder().title("Emma").pages(474)).await.unwrap();
    let mut title = db.get(BookTitle::key(*book.pk.raw())).await.unwrap().unwrap();
    title.title = "Persuasion".to_owned();
    db.update(&mut title).await.unwrap();
    let book = db.get(&book).await.unwrap().unwrap();
    assert_eq!((book.title.as_str(), book.pages), ("Persuasion", 474));
    // The default of the column stands in for the field that the other model lacks.
    db.insert(BookTitle::builder().title("Emma")).await.unwrap();
    assert_eq!(db.select::<Book>().order(|b| b.pk.asc()).only(|b| b.pages).fetch_all().await.unwrap(), [474, 0]);
}

#[tokio::test]
async fn names_differ_only_by_case_for_nobody() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "BOOKS")]
    struct Loud {
        pk: Key<Loud>,
        #[model(column = "TITLE")]
        title: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(title))]
    struct Book {
        pk: Key<Book>,
        title: String,
    }
    let db = Db::memory().await.unwrap();
    db.create_table::<Loud>().await.unwrap();
    // SQLite takes names that differ by the case of ASCII letters for the same.
    db.create_table::<Book>().await.unwrap();
    db.insert(Book::builder().title("x")).await.unwrap();
    assert_eq!(db.select::<Loud>().only(|l| l.title).fetch_all().await.unwrap(), ["x"]);
    assert_eq!(db.table_names().await.unwrap(), ["BOOKS"]);
}
