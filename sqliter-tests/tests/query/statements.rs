//! The SQL that chains become, and that nothing from outside ever becomes a part of it.

use sqliter::bounds::Argument;
use sqliter::prelude::*;
use sqliter::{Condition, Select, Value};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    price: Option<rust_decimal::Decimal>,
    #[model(column = "writer")]
    author_id: Key<Author>,
}

/// The condition as it is written, with its arguments.
fn written(db: &Db, condition: impl FnOnce(&BookColumns<Book>) -> Condition<Book>) -> String {
    let sql = db.select::<Book>().filter(condition).to_sql().unwrap().to_string();
    sql.split_once(r#" FROM "books" WHERE "#).unwrap().1.to_owned()
}

#[tokio::test]
async fn a_chain_is_one_statement() {
    let db = Db::memory().await.unwrap();
    let all = db.select::<Book>();
    insta::assert_snapshot!(all.to_sql().unwrap(), @r#"SELECT "pk", "title", "pages", "price", "writer" FROM "books""#);
    let query = all
        .filter(|b| b.title.starts_with("A") & b.pages.gt(100))
        .filter(|b| b.author_id.eq(Author::key(3)) | b.price.is_null())
        .order(|b| (b.pages.desc().nulls_last(), b.title.asc()))
        .limit(10)
        .offset(20)
        .only(|b| b.title);
    let sql = query.to_sql().unwrap();
    insta::assert_snapshot!(sql, @r#"SELECT "title" FROM "books" WHERE ("title" >= ? AND "title" < ?) AND "pages" > ? AND ("writer" = ? OR "price" IS NULL) ORDER BY "pages" DESC NULLS LAST, "title", "pk" LIMIT 10 OFFSET 20 -- 'A', 'B', 100, 3"#);
    assert_eq!(sql.arguments[3], Argument::Value(Value::Integer(3)));
    assert_eq!(sql.text.matches('?').count(), sql.arguments.len());
}

#[tokio::test]
async fn every_operator_in_sql() {
    let db = Db::memory().await.unwrap();
    let price = rust_decimal::Decimal::new(995, 2);
    assert_eq!(written(&db, |b| b.pages.eq(1)), r#""pages" = ? -- 1"#);
    assert_eq!(written(&db, |b| b.pages.ne(1)), r#""pages" <> ? -- 1"#);
    assert_eq!(written(&db, |b| b.pages.lt(1)), r#""pages" < ? -- 1"#);
    assert_eq!(written(&db, |b| b.pages.le(1)), r#""pages" <= ? -- 1"#);
    assert_eq!(written(&db, |b| b.pages.gt(b.pages)), r#""pages" > "pages""#);
    assert_eq!(written(&db, |b| b.pages.ge(1)), r#""pages" >= ? -- 1"#);
    assert_eq!(written(&db, |b| b.pages.between(1, b.pages)), r#""pages" BETWEEN ? AND "pages" -- 1"#);
    assert_eq!(written(&db, |b| b.pages.is_in([1, 2])), r#""pages" IN rarray(?) -- [1, 2]"#);
    assert_eq!(written(&db, |b| b.pages.not_in([1, 2])), r#""pages" NOT IN rarray(?) -- [1, 2]"#);
    assert_eq!(written(&db, |b| b.price.eq(None)), r#""price" IS NULL"#);
    assert_eq!(written(&db, |b| b.price.ne(None)), r#""price" IS NOT NULL"#);
    // Decimals are text that is compared by value.
    assert_eq!(written(&db, |b| b.price.eq(price)), r#""price" = ? -- '9.95'"#);
    assert_eq!(written(&db, |b| b.price.is_in([price])), r#""price" IN rarray(?) -- ['9.95']"#);
    assert_eq!(written(&db, |b| b.title.like("a%")), r#""title" LIKE ? ESCAPE '\' -- 'a%'"#);
    assert_eq!(written(&db, |b| b.title.contains("a")), r#"instr("title", ?) > 0 -- 'a'"#);
    assert_eq!(written(&db, |b| b.title.icontains("Ä")), r#"instr(fold_case("title"), ?) > 0 -- 'ä'"#);
    assert_eq!(written(&db, |b| b.title.ends_with("ä")), r#"substr(CAST("title" AS BLOB), -2) = ? -- x'c3a4'"#);
    assert_eq!(written(&db, |b| b.title.regex("a")), r#""title" REGEXP ? -- 'a'"#);
}

#[tokio::test]
async fn parentheses_stand_where_they_are_needed() {
    let db = Db::memory().await.unwrap();
    let (a, b, c) = (
        |r: &BookColumns<Book>| r.pages.eq(1),
        |r: &BookColumns<Book>| r.pages.between(2, 3),
        |r: &BookColumns<Book>| r.title.starts_with("x"),
    );
    assert_eq!(
        written(&db, |r| a(r) & b(r) | c(r)),
        r#"("pages" = ? AND ("pages" BETWEEN ? AND ?)) OR ("title" >= ? AND "title" < ?) -- 1, 2, 3, 'x', 'y'"#
    );
    assert_eq!(
        written(&db, |r| a(r) & (b(r) | c(r))),
        r#""pages" = ? AND (("pages" BETWEEN ? AND ?) OR ("title" >= ? AND "title" < ?)) -- 1, 2, 3, 'x', 'y'"#
    );
    assert_eq!(
        written(&db, |r| !(a(r) | !a(r)) & !a(r)),
        r#"(("pages" = ? OR (("pages" = ?) IS NOT TRUE)) IS NOT TRUE) AND (("pages" = ?) IS NOT TRUE) -- 1, 1, 1"#
    );
    assert_eq!(written(&db, |r| a(r) & a(r) & a(r)), r#""pages" = ? AND "pages" = ? AND "pages" = ? -- 1, 1, 1"#);
    assert_eq!(written(&db, |r| a(r) | a(r) | a(r)), r#""pages" = ? OR "pages" = ? OR "pages" = ? -- 1, 1, 1"#);
}

#[tokio::test]
async fn a_limit_always_comes_with_a_total_order() {
    let db = Db::memory().await.unwrap();
    let end = |query: Select<'_, Book>| {
        let text = query.to_sql().unwrap().text;
        text.split_once(r#" FROM "books""#).unwrap().1.to_owned()
    };
    let select = || db.select::<Book>();
    assert_eq!(end(select()), "");
    assert_eq!(end(select().limit(3)), r#" ORDER BY "pk" LIMIT 3"#);
    assert_eq!(end(select().offset(3)), r#" ORDER BY "pk" LIMIT -1 OFFSET 3"#);
    assert_eq!(end(select().order(|b| b.pages.desc())), r#" ORDER BY "pages" DESC, "pk" DESC"#);
    assert_eq!(end(select().order(|b| (b.pages.desc(), b.title.asc()))), r#" ORDER BY "pages" DESC, "title", "pk""#);
    assert_eq!(end(select().order(|b| (b.pk.desc(), b.title.asc()))), r#" ORDER BY "pk" DESC, "title""#);
    assert_eq!(
        end(select().order(|b| b.price.asc().nulls_last()).limit(u64::MAX).offset(u64::MAX)),
        r#" ORDER BY "price" COLLATE "decimal" NULLS LAST, "pk" LIMIT 9223372036854775807 OFFSET 9223372036854775807"#
    );
}

#[tokio::test]
async fn an_order_uses_the_index_that_ends_with_the_key() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(index(due))]
    struct Task {
        pk: Key<Task>,
        due: i64,
    }
    let db = Db::memory().await.unwrap();
    db.create_table::<Task>().await.unwrap();
    for descending in [false, true] {
        let query = db.select::<Task>().order(|t| if descending { t.due.desc() } else { t.due.asc() }).limit(5);
        let sql = query.to_sql().unwrap().text;
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
                .fetch_all(&db.pool())
                .await
                .unwrap();
        let steps: Vec<&str> = plan.iter().map(|step| step.3.as_str()).collect();
        assert_eq!(steps, ["SCAN tasks USING COVERING INDEX idx_tasks_due"]);
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "a\"b; DROP TABLE books; --")]
struct Hostile {
    #[model(column = "key\"")]
    pk: Key<Hostile>,
    #[model(column = "select")]
    select: String,
    #[model(column = "order\" = 'x' OR 1=1 --")]
    order: Option<i64>,
    #[model(column = "it's")]
    r#where: bool,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "order")]
struct Order {
    pk: Key<Order>,
    group: i64,
    values: String,
}

#[tokio::test]
async fn names_are_quoted_whatever_they_are() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Author, Book, Hostile, Order)>().await.unwrap();
    let new = |i: i64| Hostile::builder().select(format!("row {i}")).order(i).r#where(i == 1);
    let first = db.insert(new(0)).await.unwrap();
    let mut second = db.insert(new(1)).await.unwrap();
    assert_eq!(db.get(first.pk).await.unwrap(), Some(first));
    second.select = "changed".into();
    db.update(&mut second).await.unwrap();
    let query = db
        .select::<Hostile>()
        .filter(|h| h.select.icontains("CHANGED") & h.order.is_in([1]) & h.r#where.eq(true))
        .order(|h| (h.order.desc(), h.select.asc()));
    insta::assert_snapshot!(query.clone().fields(|h| (h.select, h.order)).to_sql().unwrap().text, @r#"SELECT "select", "order"" = 'x' OR 1=1 --" FROM "a""b; DROP TABLE books; --" WHERE instr(fold_case("select"), ?) > 0 AND "order"" = 'x' OR 1=1 --" IN rarray(?) AND "it's" = ? ORDER BY "order"" = 'x' OR 1=1 --" DESC, "select", "key""""#);
    assert_eq!(query.clone().fetch_all().await.unwrap(), [second]);
    assert_eq!(query.clone().limit(1).update(|h| (h.order.add(5), h.r#where.set(false))).await.unwrap(), 1);
    assert_eq!(query.count().await.unwrap(), 0);
    assert_eq!(db.select::<Hostile>().offset(1).delete().await.unwrap(), 1);
    assert_eq!(db.select::<Book>().count().await.unwrap(), 0);

    db.insert(Order::builder().group(1).values("x")).await.unwrap();
    let query = db.select::<Order>().filter(|o| o.group.eq(1)).order(|o| o.values.desc());
    assert_eq!(query.fetch_required().await.unwrap().values, "x");
}

#[tokio::test]
async fn values_are_bound_and_never_spliced() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Author>().await.unwrap();
    let attacks = [
        "' OR '1'='1",
        "'; DROP TABLE authors; --",
        "\" OR \"\"=\"",
        "?",
        "?1",
        ":name",
        "%' OR 1=1 --",
        r"\",
        "x\0' OR 1",
        "name",
        "NULL",
        "0x41",
        "'",
        "''",
        "/*",
        "--",
    ];
    db.insert(Author::builder().name("nobody")).await.unwrap();
    for attack in attacks {
        let author = db.insert(Author::builder().name(attack)).await.unwrap();
        let all = db.select::<Author>();
        let found = all.clone().filter(|a| a.name.eq(attack)).fetch_all().await.unwrap();
        assert_eq!(found, std::slice::from_ref(&author));
        let texts = all.clone().filter(|a| {
            a.name.is_in([attack]) & a.name.starts_with(attack) & a.name.iends_with(attack) & a.name.contains(attack)
        });
        let sql = texts.to_sql().unwrap().text;
        assert_eq!(sql, {
            let harmless = all.clone().filter(|a| {
                a.name.is_in(["x"]) & a.name.starts_with("x") & a.name.iends_with("x") & a.name.contains("x")
            });
            let width = |text: &str| text.len().to_string();
            harmless.to_sql().unwrap().text.replace("-1)", &format!("-{})", width(attack)))
        });
        assert_eq!(texts.fetch_all().await.unwrap(), [author]);
        // Patterns and expressions are data too.
        all.clone().filter(|a| a.name.like(attack)).fetch_all().await.unwrap();
        let changed = all.clone().filter(|a| a.name.eq(attack)).update(|a| a.name.set(format!("was {attack}"))).await;
        assert_eq!(changed.unwrap(), 1);
        assert_eq!(all.filter(|a| a.name.eq("was ".to_owned() + attack)).count().await.unwrap(), 1);
    }
    assert_eq!(db.select::<Author>().filter(|a| a.name.eq("nobody")).count().await.unwrap(), 1);
    assert_eq!(db.select::<Author>().count().await.unwrap(), attacks.len() as u64 + 1);
}

#[tokio::test]
async fn a_statement_reads_as_sql_with_literals() {
    let db = Db::memory().await.unwrap();
    let sql =
        db.select::<Author>().filter(|a| a.name.is_in(["it's", "?"]) | a.pk.eq(Author::key(-1))).to_sql().unwrap();
    let expected = r#"SELECT "pk", "name" FROM "authors" WHERE "name" IN rarray(?) OR "pk" = ? -- ['it''s', '?'], -1"#;
    assert_eq!(sql.to_string(), expected);
}
