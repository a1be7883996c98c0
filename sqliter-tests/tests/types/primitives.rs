//! Booleans, numbers, text and bytes in columns.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(new(derive(Clone)))]
struct Scalar {
    pk: Key<Scalar>,
    flag: bool,
    int8: i8,
    int16: i16,
    int32: i32,
    int64: i64,
    int_size: isize,
    uint8: u8,
    uint16: u16,
    uint32: u32,
    uint64: u64,
    uint_size: usize,
    real32: f32,
    real64: f64,
    text: String,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Optional {
    pk: Key<Optional>,
    flag: Option<bool>,
    int8: Option<i8>,
    int64: Option<i64>,
    uint64: Option<u64>,
    real32: Option<f32>,
    real64: Option<f64>,
    text: Option<String>,
    bytes: Option<Vec<u8>>,
}

fn smallest() -> NewScalar {
    NewScalar {
        flag: false,
        int8: i8::MIN,
        int16: i16::MIN,
        int32: i32::MIN,
        int64: i64::MIN,
        int_size: isize::MIN,
        uint8: 0,
        uint16: 0,
        uint32: 0,
        uint64: 0,
        uint_size: 0,
        real32: f32::MIN,
        real64: f64::MIN,
        text: String::new(),
        bytes: Vec::new(),
    }
}

fn largest() -> NewScalar {
    NewScalar {
        flag: true,
        int8: i8::MAX,
        int16: i16::MAX,
        int32: i32::MAX,
        int64: i64::MAX,
        int_size: isize::MAX,
        uint8: u8::MAX,
        uint16: u16::MAX,
        uint32: u32::MAX,
        uint64: i64::MAX as u64,
        uint_size: i64::MAX as usize,
        real32: f32::MAX,
        real64: f64::MAX,
        text: "\u{10ffff}".to_owned(),
        bytes: (0..=255).collect(),
    }
}

async fn scalars() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Scalar, Optional)>().await?;
    Ok(db)
}

fn assert_encode(error: Error, expected_table: &str, expected_column: &str) {
    let Error::Encode { table, column, reason, .. } = &error else { panic!("{error:?}") };
    assert_eq!((table.as_str(), column.as_str()), (expected_table, expected_column));
    let start = format!("{table}.{column} cannot hold the value: ");
    assert_eq!(error.to_string(), format!("{start}{reason}"));
    assert!(!reason.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn required_scalars_round_trip_at_their_extremes() -> sqliter::Result<()> {
    let db = scalars().await?;
    for new in [smallest(), largest()] {
        let inserted = db.insert(new.clone()).await?;
        assert_eq!(inserted.int64, new.int64);
        assert_eq!(db.get(inserted.pk).await?, Some(inserted));
    }
    let mut row = db.insert(smallest()).await?;
    row.int64 = i64::MAX;
    row.real64 = -1.5;
    row.text = "x".to_owned();
    row.bytes = vec![0, 255];
    row.flag = true;
    db.update(&mut row).await?;
    assert_eq!(db.get(row.pk).await?, Some(row));
    Ok(())
}

#[tokio::test]
async fn extremes_round_trip_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let db = scalars().await?;
    let rows = db.bulk_insert([smallest(), largest()]).await?;
    assert_eq!(db.select::<Scalar>().order(|s| s.pk.asc()).fetch_all().await?, rows);
    assert_eq!(db.select::<Scalar>().filter(|s| s.int64.eq(i64::MIN)).fetch_all().await?, rows[..1]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn optional_scalars_round_trip_with_and_without_a_value() -> sqliter::Result<()> {
    let db = scalars().await?;
    let none = db.insert(Optional::builder()).await?;
    assert_eq!(none.int64, None);
    assert_eq!(db.get(none.pk).await?.as_ref(), Some(&none));
    let some = db
        .insert(
            Optional::builder()
                .flag(false)
                .int8(i8::MIN)
                .int64(i64::MIN)
                .uint64(0)
                .real32(f32::MIN_POSITIVE)
                .real64(f64::MIN_POSITIVE)
                .text("")
                .bytes(Vec::new()),
        )
        .await?;
    let read = db.get(some.pk).await?.unwrap();
    assert_eq!(read, some);
    // Neither empty text, nor an empty blob, nor false is NULL.
    assert_eq!((read.flag, read.text, read.bytes), (Some(false), Some(String::new()), Some(Vec::new())));
    assert_eq!(db.select::<Optional>().filter(|o| o.bytes.is_null() & o.text.is_null()).count().await?, 1);
    let mut emptied = some;
    emptied.text = None;
    emptied.real64 = None;
    db.update(&mut emptied).await?;
    assert_eq!(db.get(emptied.pk).await?, Some(emptied));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_number_above_the_range_of_sqlite_is_refused_on_insert_and_update() -> sqliter::Result<()> {
    let db = scalars().await?;
    let above = i64::MAX as u64 + 1;
    for value in [above, u64::MAX] {
        let refused = db.insert(NewScalar { uint64: value, ..smallest() }).await.unwrap_err();
        assert_encode(refused, "scalars", "uint64");
        let refused = db.insert(Optional::builder().uint64(value)).await.unwrap_err();
        assert_encode(refused, "optionals", "uint64");
    }
    let refused = db.insert(NewScalar { uint_size: usize::MAX, ..smallest() }).await.unwrap_err();
    assert_encode(refused, "scalars", "uint_size");
    assert_eq!(db.select::<Scalar>().count().await?, 0);

    let mut row = db.insert(largest()).await?;
    row.uint64 = above;
    assert_encode(db.update(&mut row).await.unwrap_err(), "scalars", "uint64");
    let refused = db.select::<Scalar>().update(|s| s.uint64.set(above)).await.unwrap_err();
    assert_encode(refused, "scalars", "uint64");
    let refused = db.select::<Scalar>().update(|s| s.uint64.add(above)).await.unwrap_err();
    assert_encode(refused, "scalars", "uint64");
    assert_eq!(db.get(row.pk).await?.unwrap().uint64, i64::MAX as u64);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_number_above_the_range_of_sqlite_is_refused_in_filters() -> sqliter::Result<()> {
    let db = scalars().await?;
    let above = i64::MAX as u64 + 1;
    let all = || db.select::<Scalar>();
    assert_encode(all().filter(|s| s.uint64.eq(above)).fetch_all().await.unwrap_err(), "scalars", "uint64");
    assert_encode(all().filter(|s| !s.uint64.lt(above)).fetch_one().await.unwrap_err(), "scalars", "uint64");
    assert_encode(all().filter(|s| s.uint64.between(0, above)).count().await.unwrap_err(), "scalars", "uint64");
    assert_encode(all().filter(|s| s.uint64.is_in([1, above])).exists().await.unwrap_err(), "scalars", "uint64");
    assert_encode(all().filter(|s| s.uint64.not_in([above])).delete().await.unwrap_err(), "scalars", "uint64");
    let both = all().filter(|s| s.flag.eq(true) | (s.int8.eq(1) & s.uint_size.ge(usize::MAX)));
    assert_encode(both.to_sql().unwrap_err(), "scalars", "uint_size");
    let refused = db.select::<Optional>().filter(|o| o.uint64.ne(Some(above))).fetch_all().await.unwrap_err();
    assert_encode(refused, "optionals", "uint64");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn infinities_round_trip_and_compare() -> sqliter::Result<()> {
    let db = scalars().await?;
    for (wide, narrow) in [(f64::INFINITY, f32::NEG_INFINITY), (f64::NEG_INFINITY, f32::INFINITY)] {
        let row = db.insert(NewScalar { real64: wide, real32: narrow, ..smallest() }).await?;
        assert_eq!((row.real64, row.real32), (wide, narrow));
        assert_eq!(db.get(row.pk).await?, Some(row.clone()));
        let found = db.select::<Scalar>().filter(|s| s.real64.eq(wide) & s.real32.eq(narrow)).fetch_all().await?;
        assert_eq!(found, [row]);
    }
    assert_eq!(db.select::<Scalar>().filter(|s| s.real64.gt(f64::MAX)).count().await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn negative_zero_equals_zero() -> sqliter::Result<()> {
    let db = scalars().await?;
    let row = db.insert(NewScalar { real64: -0.0, real32: -0.0, ..smallest() }).await?;
    assert_eq!(db.get(row.pk).await?, Some(row));
    assert_eq!(db.select::<Scalar>().filter(|s| s.real64.eq(0.0) & s.real32.eq(0.0)).count().await?, 1);
    assert_eq!(db.select::<Scalar>().filter(|s| s.real64.lt(0.0)).count().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn subnormal_and_precise_numbers_keep_every_bit() -> sqliter::Result<()> {
    let db = scalars().await?;
    let wide = [f64::from_bits(1), f64::MIN_POSITIVE, 0.1, 1.0 / 3.0, f64::EPSILON, 9_007_199_254_740_993.0, 1e300];
    let narrow = [f32::from_bits(1), f32::MIN_POSITIVE, 0.1, 1.0 / 3.0, f32::EPSILON, 16_777_217.0, 1e38];
    for (wide, narrow) in wide.into_iter().zip(narrow) {
        let row = db.insert(NewScalar { real64: wide, real32: narrow, ..smallest() }).await?;
        let read = db.get(row.pk).await?.unwrap();
        assert_eq!((read.real64.to_bits(), read.real32.to_bits()), (wide.to_bits(), narrow.to_bits()));
        assert_eq!(db.select::<Scalar>().filter(|s| s.real32.eq(narrow) & s.pk.eq(row.pk)).count().await?, 1);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nan_is_refused_everywhere() -> sqliter::Result<()> {
    let db = scalars().await?;
    let refused = db.insert(NewScalar { real64: f64::NAN, ..smallest() }).await.unwrap_err();
    assert_encode(refused, "scalars", "real64");
    let refused = db.insert(NewScalar { real32: -f32::NAN, ..smallest() }).await.unwrap_err();
    assert_encode(refused, "scalars", "real32");
    let refused = db.insert(Optional::builder().real64(f64::NAN)).await.unwrap_err();
    assert_encode(refused, "optionals", "real64");
    let refused = db.select::<Scalar>().filter(|s| s.real64.eq(f64::NAN)).fetch_all().await.unwrap_err();
    assert_encode(refused, "scalars", "real64");

    let mut row = db.insert(smallest()).await?;
    row.real64 = f64::NAN;
    assert_encode(db.update(&mut row).await.unwrap_err(), "scalars", "real64");
    let refused = db.select::<Scalar>().update(|s| s.real64.set(f64::NAN)).await.unwrap_err();
    assert_encode(refused, "scalars", "real64");
    assert_eq!(db.get(row.pk).await?.unwrap().real64, f64::MIN);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn text_keeps_nul_and_all_of_unicode() -> sqliter::Result<()> {
    let db = scalars().await?;
    let every_character: String = (0..=u32::from(char::MAX)).filter_map(char::from_u32).collect();
    let texts =
        ["", "\0", "a\0b", "\0\0", "é", "e\u{301}", "🦀", "'; DROP TABLE scalars; --", "\"`[?1:a@b$c", "\r\n\t"];
    for text in texts.into_iter().chain([every_character.as_str()]) {
        let row = db.insert(NewScalar { text: text.to_owned(), ..smallest() }).await?;
        assert!(db.get(row.pk).await?.unwrap().text == text);
        let found = db.select::<Scalar>().filter(|s| s.text.eq(text)).only(|s| s.pk).fetch_all().await?;
        assert_eq!(found, [row.pk]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_keep_everything() -> sqliter::Result<()> {
    let db = scalars().await?;
    let all: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    for bytes in [vec![], vec![0], vec![0xff, 0xfe, 0], b"text".to_vec(), all] {
        let required = db.insert(NewScalar { bytes: bytes.clone(), ..smallest() }).await?;
        assert!(db.get(required.pk).await?.unwrap().bytes == bytes);
        let optional = db.insert(Optional::builder().bytes(bytes.clone())).await?;
        assert!(db.get(optional.pk).await?.unwrap().bytes == Some(bytes.clone()));
        assert_eq!(db.select::<Scalar>().filter(|s| s.bytes.eq(bytes)).count().await?, 1);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_stored_in_the_storage_class_of_their_type() -> sqliter::Result<()> {
    let db = scalars().await?;
    db.insert(NewScalar { real64: 2.0, ..largest() }).await?;
    let stored: (String, String, String, String, String, i64) = sqliter::sqlx::query_as(
        "SELECT typeof(flag), typeof(int8), typeof(real64), typeof(text), typeof(bytes), flag FROM scalars",
    )
    .fetch_one(&db.pool())
    .await
    .unwrap();
    let classes = ["integer", "integer", "real", "text", "blob"];
    assert_eq!([&stored.0, &stored.1, &stored.2, &stored.3, &stored.4], classes);
    assert_eq!(stored.5, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn optional_numbers_compare_and_sort_as_numbers() -> sqliter::Result<()> {
    let db = scalars().await?;
    for n in [100, 9, 10] {
        db.insert(Optional::builder().int64(n).real64(n as f64)).await?;
    }
    db.insert(Optional::builder()).await?;
    let above = db.select::<Optional>().filter(|o| o.int64.gt(9)).order(|o| o.int64.asc());
    assert_eq!(above.only(|o| o.int64).fetch_all().await?, [Some(10), Some(100)]);
    let reals = db.select::<Optional>().filter(|o| o.real64.gt(9.5)).order(|o| o.real64.desc());
    assert_eq!(reals.only(|o| o.real64).fetch_all().await?, [Some(100.0), Some(10.0)]);
    Ok(())
}
