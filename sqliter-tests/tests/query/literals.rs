//! Plain numbers, `1` and `1.5` without a suffix, wherever a query takes a number.

use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Error, Value};

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
struct Stars(i64);

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(games = Game::studio))]
struct Studio {
    pk: Key<Studio>,
    name: String,
    prizes: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Game {
    pk: Key<Game>,
    title: String,
    score: i64,
    lives: u8,
    stars: Stars,
    price: Decimal,
    discount: Option<Decimal>,
    weight: f64,
    ratio: f32,
    bonus: Option<i64>,
    studio_id: Key<Studio>,
}

/// One studio without prizes; two games: 10 and 41 points, 3 and 200 lives, prices 2.50 and 4, weights 1.5 and 3.0.
async fn games() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Studio, Game)>().await.unwrap();
    let studio = db.insert(Studio::builder().name("Blue")).await.unwrap();
    let game = |title: &str, score: i64, lives, price: &str, weight, bonus: Option<i64>| {
        let price: Decimal = price.parse().unwrap();
        let sizes = Game::builder().title(title).score(score).lives(lives).stars(Stars(score / 10)).price(price);
        sizes.weight(weight).ratio(0.5).bonus(bonus).studio_id(&studio)
    };
    let drafts = [game("Pong", 10, 3, "2.50", 1.5, None), game("Tetris", 41, 200, "4", 3.0, Some(2))];
    db.bulk_insert(drafts).await.unwrap();
    db
}

/// The titles of the games that meet a condition, in their order.
macro_rules! kept {
    ($db:expr, $condition:expr) => {
        $db.select::<Game>().filter($condition).only(|g| g.title).fetch_all().await.unwrap()
    };
}

const NONE: [&str; 0] = [];

#[tokio::test]
async fn results_of_arithmetic_are_compared_with_plain_integers() {
    let db = games().await;
    assert_eq!(kept!(db, |g| (g.score + 1).gt(11)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (g.score - 10).eq(0)), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.score - 10).ne(0)), ["Tetris"]);
    assert_eq!(kept!(db, |g| ((g.score + 1) / 2).lt(21)), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.score % 10).eq(1)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (g.score + 1).between(1, 11)), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.score + 1).is_in([11, 12])), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.score + 1).not_in([11, 12])), ["Tetris"]);
    assert_eq!(kept!(db, |g| (g.score * 2 - g.lives).ge(1)), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.title.length() * 2).gt(8)), ["Tetris"]);
    let [one, eleven] = &[1, 11];
    assert_eq!(kept!(db, |g| (g.score + one).eq(eleven)), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.score + Some(1)).eq(11)), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.score + None::<i64>).is_null()), ["Pong", "Tetris"]);
}

#[tokio::test]
async fn a_plain_number_may_come_first() {
    let db = games().await;
    assert_eq!(kept!(db, |g| (1 + g.score).eq(11)), ["Pong"]);
    assert_eq!(kept!(db, |g| (2 * (g.score + 1)).gt(22)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (100 - g.score).gt(60)), ["Pong"]);
    assert_eq!(kept!(db, |g| (100 / g.score).eq(2)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (100 % (g.score + 1)).eq(16)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (1.5 * g.score).gt(15.5)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (3.0 / g.weight).eq(1)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (1 - g.price).lt(-2)), ["Tetris"]);
    let quotients: Vec<(Option<i64>, Option<f64>, Option<Decimal>)> = db
        .select::<Game>()
        .fields(|g| (100 / (g.score - 10), 6.0 / g.weight, 1 / g.price))
        .order(|g| g.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    let decimal = |text: &str| text.parse().ok();
    assert_eq!(quotients, [(None, Some(4.0), decimal("0.4")), (Some(3), Some(2.0), decimal("0.25"))]);
}

#[tokio::test]
async fn narrow_columns_and_newtypes_calculate_with_plain_integers() {
    let db = games().await;
    assert_eq!(kept!(db, |g| g.lives.gt(3)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (g.lives + 100).gt(255)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (g.lives * 2).is_in([6])), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.stars + 1).eq(2)), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.stars + Stars(1)).eq(2)), ["Pong"]);
    assert_eq!(kept!(db, |g| (10 * g.stars).eq(g.score)), ["Pong"]);
}

#[tokio::test]
async fn columns_of_floating_point_and_decimal_numbers_take_plain_integers() {
    let db = games().await;
    assert_eq!(kept!(db, |g| g.weight.gt(2)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (g.weight * 1.5).gt(2) & (g.weight * 2).eq(6)), ["Tetris"]);
    assert_eq!(kept!(db, |g| g.ratio.lt(1) & g.ratio.eq(0.5) & g.weight.is_in([1, 3])), ["Tetris"]);
    assert_eq!(kept!(db, |g| g.price.gt(3)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (g.price + 1).gt(4) & g.price.between(4, 5) & g.price.is_in([4])), ["Tetris"]);
    assert_eq!(kept!(db, |g| (Decimal::TWO * g.price).eq(5) & (Decimal::ONE - g.price).lt(0)), ["Pong"]);
    let [decimal] = &[Decimal::ONE];
    assert_eq!(kept!(db, |g| (g.price + decimal).eq(5)), ["Tetris"]);
    assert_eq!(kept!(db, |g| g.discount.eq(1) | g.discount.gt(1)), NONE);
    assert_eq!(kept!(db, |g| g.discount.eq(None) & g.price.eq(4)), ["Tetris"]);
}

#[tokio::test]
async fn an_integer_that_a_column_cannot_hold_exactly_is_an_error() {
    let db = games().await;
    let kept = db.select::<Game>().filter(|g| g.weight.lt(9_007_199_254_740_993)).count().await;
    let Err(Error::Encode { column, reason, .. }) = kept else { panic!("{kept:?}") };
    assert_eq!((column.as_str(), reason.as_str()), ("weight", "9007199254740993 has no exact f64"));
    let largest = db.select::<Game>().filter(|g| g.weight.lt(i64::MAX)).count().await;
    assert!(matches!(largest, Err(Error::Encode { .. })), "{largest:?}");
    let kept = db.select::<Game>().filter(|g| g.ratio.lt(16_777_217)).count().await;
    assert!(matches!(&kept, Err(Error::Encode { column, .. }) if column == "ratio"), "{kept:?}");
    assert_eq!(kept!(db, |g| g.weight.gt(i64::MIN) & g.ratio.lt(16_777_218) & g.price.lt(i64::MAX)).len(), 2);
}

#[tokio::test]
async fn branches_and_replacements_are_plain_numbers() {
    let db = games().await;
    let flags: Vec<i64> = db
        .select::<Game>()
        .only(|g| case_when(g.score.gt(40), 1).otherwise(0))
        .order(|g| g.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(flags, [0, 1]);
    assert_eq!(kept!(db, |g| case_when(g.score.gt(40), 1).otherwise(0).eq(1)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (case_when(g.score.gt(40), 1).otherwise(0) + 1).gt(1)), ["Tetris"]);
    assert_eq!(kept!(db, |g| case_when(g.score.gt(40), 1).when(g.score.gt(5), 2).end().eq(2)), ["Pong"]);
    assert_eq!(kept!(db, |g| case_when(g.score.gt(40), 7).otherwise(g.score).eq(10)), ["Pong"]);
    assert_eq!(kept!(db, |g| case_when(g.score.gt(40), 1.5).otherwise(0.5).gt(1)), ["Tetris"]);
    assert_eq!(kept!(db, |g| case_when(g.score.gt(40), g.price).otherwise(0).gt(3)), ["Tetris"]);
    assert_eq!(kept!(db, |g| g.bonus.coalesce(0).lt(1)), ["Pong"]);
    assert_eq!(kept!(db, |g| (g.bonus.coalesce(0) + 1).gt(1)), ["Tetris"]);
    assert_eq!(kept!(db, |g| (g.bonus + 1).coalesce(0).eq(0)), ["Pong"]);
    assert_eq!(kept!(db, |g| g.studio.prizes.coalesce(0).eq(0)), ["Pong", "Tetris"]);
    assert_eq!(kept!(db, |g| g.discount.coalesce(0).eq(0)), ["Pong", "Tetris"]);
}

#[tokio::test]
async fn counts_sums_and_aggregates_of_related_rows_take_plain_numbers() {
    let db = games().await;
    let studios = db.select::<Studio>().filter(|s| (s.games.count() * 2).gt(3) & s.games.count().eq(2));
    assert_eq!(studios.count().await.unwrap(), 1);
    let studios = db.select::<Studio>().filter(|s| (s.games.aggregate(|g| g.score.sum()) + 1).gt(52));
    assert_eq!(studios.count().await.unwrap(), 0);
    let rows: Vec<(i64, Option<i64>, Option<f64>, Option<Decimal>)> = db
        .select::<Game>()
        .group_by(|g| g.studio_id)
        .annotate(|g| (count() * 10, g.score.sum() + 1, 2 * g.weight.sum(), g.price.sum() - 1))
        .having(|g| g.score.sum().gt(20) & g.score.avg().gt(25) & g.weight.sum().gt(4) & g.price.sum().ge(6))
        .having(|g| (count() * 2).eq(4) & (2 * count()).lt(5) & (g.score.sum() - 1).is_in([50]))
        .having(|_| case_when(count().gt(1), 1).otherwise(0).eq(1))
        .fetch_all()
        .await
        .map(|rows| rows.into_iter().map(|(_, count, score, weight, price)| (count, score, weight, price)).collect())
        .unwrap();
    assert_eq!(rows, [(20, Some(52), Some(9.0), "5.5".parse().ok())]);
}

#[tokio::test]
async fn updates_add_and_set_plain_numbers() {
    let db = games().await;
    let changed = db.select::<Game>().update(|g| {
        let numbers = (g.score.set(g.score * 2 + 1), g.lives.add(1), g.weight.mul(2), g.price.sub(1));
        (numbers.0, numbers.1, numbers.2, numbers.3, g.ratio.set(2), g.discount.set(3), g.bonus.set(4))
    });
    assert_eq!(changed.await.unwrap(), 2);
    let row = db.select::<Game>().filter(|g| g.title.eq("Pong")).fetch_required().await.unwrap();
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!((row.score, row.lives, row.weight, row.price), (21, 4, 3.0, decimal("1.50")));
    assert_eq!((row.ratio, row.discount, row.bonus), (2.0, Some(decimal("3")), Some(4)));
}

#[tokio::test]
async fn a_plain_integer_is_bound_as_its_column_stores_numbers() {
    let db = games().await;
    let value = |value: Value| sqliter::bounds::Argument::Value(value);
    let real = db.select::<Game>().filter(|g| g.weight.gt(2)).to_sql().unwrap();
    assert_eq!(real.arguments, [value(Value::Real(2.0))]);
    let decimal = db.select::<Game>().filter(|g| g.price.gt(2)).to_sql().unwrap();
    assert_eq!(decimal.arguments, [value(Value::Text("2".into()))]);
    let integer = db.select::<Game>().filter(|g| (g.weight * 2).gt(2.5)).to_sql().unwrap();
    assert_eq!(integer.arguments, [value(Value::Integer(2)), value(Value::Real(2.5))]);
}
