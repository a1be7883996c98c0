//! UUIDs, decimals, enums, newtypes and keys in columns.

use rust_decimal::Decimal;
use sqliter::Error;
use sqliter::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Model)]
struct Price {
    pk: Key<Price>,
    amount: Decimal,
    discount: Option<Decimal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ColumnType)]
enum Status {
    Open,
    InReview,
    #[column(name = "won't fix")]
    WontFix,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(integer)]
enum Level {
    Low = -1,
    Middle,
    High = 10,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ColumnType)]
struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
struct Percent(f64);

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
struct Money(Decimal);

#[derive(Debug, Clone, PartialEq, Model)]
struct Ticket {
    pk: Key<Ticket>,
    #[model(default = Status::Open)]
    status: Status,
    former: Option<Status>,
    level: Level,
    least: Option<Level>,
    email: Email,
    copy_to: Option<Email>,
    done: Option<Percent>,
    budget: Money,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Device {
    #[model(pk)]
    id: Uuid,
    token: Uuid,
    session: Option<Uuid>,
    replaces: Option<Key<Device>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk)]
    code: String,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Account {
    #[model(pk)]
    email: Email,
    country_code: Key<Country>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Lane {
    #[model(pk)]
    status: Status,
    limit: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Box2 {
    #[model(pk)]
    number: i64,
    lane: Option<Key<Lane>>,
    account: Option<Key<Account>>,
    inside: Option<Key<Box2>>,
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Price, Ticket, Device, Country, Account, Lane, Box2)>().await?;
    Ok(db)
}

fn ticket() -> impl Draft<Model = Ticket> {
    Ticket::builder().level(Level::High).email(Email("a@b".to_owned())).budget(Money(decimal("1.50")))
}

#[tokio::test(flavor = "multi_thread")]
async fn decimals_are_read_back_equal() -> sqliter::Result<()> {
    let db = open().await?;
    let smallest = "0.0000000000000000000000000001";
    for text in ["1.50", "0.00", "0", "100", "79228162514264337593543950335", smallest] {
        for negative in [false, true] {
            let mut number = decimal(text);
            number.set_sign_negative(negative);
            let row = db.insert(Price::builder().amount(number).discount(number)).await?;
            let read = db.get(row.pk).await?.unwrap();
            assert_eq!((read.amount, read.discount), (number, Some(number)));
            // The one text of the number, without zeros at its end.
            assert_eq!(read.amount.to_string(), number.normalize().to_string());
        }
    }
    let none = db.insert(Price::builder().amount(Decimal::MIN)).await?;
    assert_eq!(db.get(none.pk).await?, Some(none));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn decimals_compare_and_sort_by_value() -> sqliter::Result<()> {
    let db = open().await?;
    let mut keys = Vec::new();
    for text in ["10", "9", "-1.5", "1.50", "0.00", "100.1", "-10"] {
        keys.push(db.insert(Price::builder().amount(decimal(text)).discount(decimal(text))).await?.pk);
    }
    let texts = |prices: Vec<Price>| -> Vec<String> { prices.iter().map(|p| p.amount.to_string()).collect() };
    let all = || db.select::<Price>();
    let sorted = texts(all().order(|p| p.amount.asc()).fetch_all().await?);
    assert_eq!(sorted, ["-10", "-1.5", "0", "1.5", "9", "10", "100.1"]);
    let above = all().filter(|p| p.discount.gt(decimal("9"))).order(|p| p.discount.desc());
    assert_eq!(texts(above.fetch_all().await?), ["100.1", "10"]);
    assert_eq!(texts(all().filter(|p| p.amount.eq(decimal("1.5"))).fetch_all().await?), ["1.5"]);
    assert_eq!(all().filter(|p| p.amount.ne(decimal("1.5"))).count().await?, 6);
    let between = all().filter(|p| p.amount.between(decimal("-2"), decimal("0"))).order(|p| p.amount.asc());
    assert_eq!(texts(between.fetch_all().await?), ["-1.5", "0"]);
    let listed = all().filter(|p| p.amount.is_in([decimal("1.500"), decimal("10.0")])).order(|p| p.amount.asc());
    assert_eq!(texts(listed.fetch_all().await?), ["1.5", "10"]);
    let unlisted = all().filter(|p| p.amount.not_in([decimal("1.500"), decimal("10.0")]));
    assert_eq!(unlisted.count().await?, 5);
    assert_eq!(all().filter(|p| p.amount.eq(p.discount)).count().await?, 7);
    let last = all().order(|p| p.amount.asc()).fetch_last().await?;
    assert_eq!(last.map(|p| p.pk), Some(keys[5]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn enums_round_trip_as_text_and_as_numbers() -> sqliter::Result<()> {
    let db = open().await?;
    let mut row = db.insert(ticket()).await?;
    assert_eq!((row.status, row.level), (Status::Open, Level::High));
    assert_eq!(db.get(row.pk).await?.as_ref(), Some(&row));
    for (status, level) in [(Status::InReview, Level::Low), (Status::WontFix, Level::Middle)] {
        (row.status, row.level, row.former, row.least) = (status, level, Some(status), Some(level));
        db.update(&mut row).await?;
        assert_eq!(db.get(row.pk).await?.as_ref(), Some(&row));
    }
    let stored: (String, i64) =
        sqliter::sqlx::query_as("SELECT status, level FROM tickets").fetch_one(&db.pool()).await.unwrap();
    assert_eq!(stored, ("won't fix".to_owned(), 0));
    let found = db.select::<Ticket>().filter(|t| t.status.eq(Status::WontFix) & t.least.lt(Level::High)).count();
    assert_eq!(found.await?, 1);
    assert_eq!(db.select::<Ticket>().filter(|t| t.former.is_in([Status::Open, Status::InReview])).count().await?, 0);
    assert_eq!(db.select::<Ticket>().update(|t| t.former.set(None)).await?, 1);
    assert_eq!(db.get(row.pk).await?.unwrap().former, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn newtypes_behave_as_what_they_wrap() -> sqliter::Result<()> {
    let db = open().await?;
    let row = db
        .insert(
            Ticket::builder()
                .level(Level::Low)
                .email(Email("ada@example.org".to_owned()))
                .copy_to(Email("é".to_owned()))
                .done(Percent(0.5))
                .budget(Money(decimal("10"))),
        )
        .await?;
    assert_eq!(db.get(row.pk).await?.as_ref(), Some(&row));
    db.insert(ticket()).await?;
    let all = || db.select::<Ticket>();
    assert_eq!(all().filter(|t| t.email.starts_with("ada@")).count().await?, 1);
    assert_eq!(all().filter(|t| t.email.eq(Email("a@b".to_owned()))).count().await?, 1);
    // The collation comes along: 1.50 is below 9, which is below 10.
    assert_eq!(all().filter(|t| t.budget.gt(Money(decimal("9")))).only(|t| t.pk).fetch_all().await?, [row.pk]);
    assert_eq!(all().filter(|t| t.done.is_not_null()).update(|t| t.done.add(Percent(0.25))).await?, 1);
    assert_eq!(db.get(row.pk).await?.unwrap().done, Some(Percent(0.75)));
    let refused = db
        .insert(
            Ticket::builder()
                .level(Level::Low)
                .email(Email(String::new()))
                .done(Percent(f64::NAN))
                .budget(Money(Decimal::ONE)),
        )
        .await
        .unwrap_err();
    assert!(matches!(&refused, Error::Encode { table, column, .. } if table == "tickets" && column == "done"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn uuids_round_trip_as_columns_and_as_keys() -> sqliter::Result<()> {
    let db = open().await?;
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(u128::MAX));
    let old = db.insert(Device::builder().id(first).token(Uuid::nil()).session(second)).await?;
    let new = db.insert(Device::builder().id(second).token(Uuid::max()).replaces(&old)).await?;
    assert_eq!(new.replaces, Some(Device::key(first)));
    assert_eq!(db.get(Device::key(first)).await?, Some(old.clone()));
    assert_eq!(db.get(&new).await?.as_ref(), Some(&new));
    let found = db.select::<Device>().filter(|d| d.session.eq(second) & d.id.lt(second)).fetch_all().await?;
    assert_eq!(found, std::slice::from_ref(&old));
    let referred = db.delete(&old).await.unwrap_err();
    assert!(matches!(&referred, Error::ForeignKeyViolation { columns, .. } if columns == &["devices.replaces"]));
    let stored: (String,) =
        sqliter::sqlx::query_as("SELECT id FROM devices LIMIT 1").fetch_one(&db.pool()).await.unwrap();
    assert_eq!(stored.0, "00000000-0000-0000-0000-000000000001");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn natural_keys_of_text_numbers_enums_and_newtypes() -> sqliter::Result<()> {
    let db = open().await?;
    let france = db.insert(Country::builder().code("FR").name("France")).await?;
    assert_eq!(db.get(Country::key("FR")).await?.as_ref(), Some(&france));
    assert_eq!(db.get(Country::key("fr")).await?, None);
    let account = db.insert(Account::builder().email(Email("a@b".to_owned())).country_code(&france)).await?;
    assert_eq!(account.country_code.raw(), "FR");
    assert_eq!(db.get(Account::key(Email("a@b".to_owned()))).await?.as_ref(), Some(&account));
    let lane = db.insert(Lane::builder().status(Status::InReview).limit(3)).await?;
    assert_eq!(db.get(Lane::key(Status::InReview)).await?.as_ref(), Some(&lane));

    let numbers = [i64::MIN, -1, 0, 1, i64::MAX];
    let mut previous = None;
    for number in numbers {
        let mut row = db.insert(Box2::builder().number(number).lane(&lane).account(&account).inside(previous)).await?;
        assert_eq!((row.number, row.inside), (number, previous));
        row.lane = None;
        db.update(&mut row).await?;
        assert_eq!(db.get(Box2::key(number)).await?.as_ref(), Some(&row));
        previous = Some(row.primary_key());
    }
    let listed = db.select::<Box2>().order(|b| b.number.asc()).only(|b| b.number).fetch_all().await?;
    assert_eq!(listed, numbers);
    db.delete(Box2::key(i64::MAX)).await?;
    let missing = db.delete(Box2::key(i64::MAX)).await.unwrap_err();
    assert!(matches!(&missing, Error::RecordNotFound { key: Some(key), .. } if key == "9223372036854775807"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_a_natural_key_are_updated_and_deleted_by_it() -> sqliter::Result<()> {
    let db = open().await?;
    let mut france = db.insert(Country::builder().code("F'R").name("France")).await?;
    db.insert(Country::builder().code("").name("Nowhere")).await?;
    france.name = "République".to_owned();
    db.update(&mut france).await?;
    assert_eq!(db.get(Country::key("F'R")).await?, Some(france.clone()));
    assert_eq!(db.get(Country::key("")).await?.unwrap().name, "Nowhere");
    db.delete(france.primary_key()).await?;
    let missing = db.update(&mut france).await.unwrap_err();
    assert_eq!(missing.to_string(), "no such row in countries: key 'F''R'");
    assert_eq!(db.select::<Country>().count().await?, 1);
    Ok(())
}
