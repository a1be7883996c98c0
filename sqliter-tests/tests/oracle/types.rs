//! The types of columns and what their values are to the oracle.
//!
//! A new type is a line of `types!`, an implementation of [`Held`], values in `values.rs` and a column in `schema.rs`.

use chrono::{Datelike, Timelike};
use jiff::ToSpan;
use sqliter::types::ValueRef;
use sqliter::types::{DecodeError, EncodeError, Encoded, Storage, kind};
use sqliter::{ColumnType, Json, Model, Unix, Value};

use super::datum::{DAY, Datum, SECOND, local};
use super::schema::{Book, Country, Level, Person, Rate, Review, Status, Tag};

/// A type of a column.
pub trait Held: ColumnType<Inner = Self> {
    const TYPE: Type;
    fn datum(&self) -> Datum;
    fn from_datum(datum: &Datum) -> Self;
}

/// A field: a type or the `Option` of it.
pub trait Field: ColumnType {
    fn datum(&self) -> Datum;
    fn from_datum(datum: &Datum) -> Self;
}

impl<T: Held> Field for T {
    fn datum(&self) -> Datum {
        Held::datum(self)
    }

    fn from_datum(datum: &Datum) -> Self {
        Held::from_datum(datum)
    }
}

impl<T: Held> Field for Option<T> {
    fn datum(&self) -> Datum {
        self.as_ref().map_or(Datum::Null, Held::datum)
    }

    fn from_datum(datum: &Datum) -> Self {
        (!datum.is_null()).then(|| T::from_datum(datum))
    }
}

macro_rules! types {
    ($d:tt; $($name:ident: $type:ty = |$value:ident| $to:expr, |$datum:pat_param| $from:expr;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Type {
            /// Neither compared nor sorted.
            Document,
            $($name),*
        }

        /// All types that can be compared.
        pub const COMPARABLE: &[Type] = &[$(Type::$name),*];

        $(impl Held for $type {
            const TYPE: Type = Type::$name;

            fn datum(&self) -> Datum {
                let $value = self;
                $to
            }

            fn from_datum(datum: &Datum) -> Self {
                match datum {
                    $datum => $from,
                    other => panic!("{other:?} is no {}", stringify!($name)),
                }
            }
        })*

        /// Gives a type that can be compared a name in an expression.
        macro_rules! each_type {
            ($d of:expr, $d t:ident => $d body:expr) => {
                match $d of {
                    $(crate::types::Type::$name => {
                        type $d t = $type;
                        $d body
                    })*
                    crate::types::Type::Document => panic!("documents are not compared"),
                }
            };
        }

        impl Type {
            /// Reads a stored value.
            pub fn decode(self, value: &Value) -> Result<Datum, DecodeError> {
                match self {
                    $(Self::$name => Option::<$type>::decode(value.as_ref()).map(|value| Field::datum(&value)),)*
                    Self::Document => Option::<Document>::decode(value.as_ref()).map(|value| Field::datum(&value)),
                }
            }
        }
    };
}

pub type Document = Json<Vec<i64>>;

impl Held for Document {
    const TYPE: Type = Type::Document;

    fn datum(&self) -> Datum {
        Datum::Text(format!("{:?}", self.0))
    }

    fn from_datum(datum: &Datum) -> Self {
        let Datum::Text(text) = datum else { panic!("{datum:?} is no document") };
        Json(serde_json::from_str(text).unwrap())
    }
}

types! {
    $;
    Bool: bool = |v| Datum::Bool(*v), |Datum::Bool(v)| *v;
    Int: i64 = |v| Datum::Int(*v), |Datum::Int(v)| *v;
    Small: i16 = |v| Datum::Int((*v).into()), |Datum::Int(v)| (*v).try_into().unwrap();
    Byte: u8 = |v| Datum::Int((*v).into()), |Datum::Int(v)| (*v).try_into().unwrap();
    Real: f64 = |v| Datum::Real(*v), |Datum::Real(v)| *v;
    Single: f32 = |v| Datum::Real((*v).into()), |Datum::Real(v)| *v as f32;
    Text: String = |v| Datum::Text(v.clone()), |Datum::Text(v)| v.clone();
    Blob: Vec<u8> = |v| Datum::Blob(v.clone()), |Datum::Blob(v)| v.clone();
    Decimal: rust_decimal::Decimal = |v| Datum::Decimal(*v), |Datum::Decimal(v)| *v;
    Uuid: uuid::Uuid = |v| Datum::Uuid(*v), |Datum::Uuid(v)| *v;
    // Compared by what is stored.
    Status: crate::schema::Status = |v| Datum::Text(v.name().into()), |Datum::Text(v)| Status::named(v);
    Level: crate::schema::Level = |v| Datum::Int(*v as i64), |Datum::Int(v)| Level::numbered(*v);
    ChronoDate: chrono::NaiveDate = |v| Datum::Day(v.num_days_from_ce() - 719_163), |Datum::Day(v)|
        chrono::NaiveDate::from_num_days_from_ce_opt(v + 719_163).unwrap();
    ChronoTime: chrono::NaiveTime = |v|
        Datum::Clock(i64::from(v.num_seconds_from_midnight()) * 1_000_000_000 + i64::from(v.nanosecond())),
        |Datum::Clock(v)| local((*v).into()).time();
    ChronoLocal: chrono::NaiveDateTime = |v| Datum::Local(chrono_nanos(&v.and_utc())), |Datum::Local(v)| local(*v);
    ChronoUtc: chrono::DateTime<chrono::Utc> = |v| Datum::Instant(chrono_nanos(v)), |Datum::Instant(v)|
        local(*v).and_utc();
    ChronoFixed: chrono::DateTime<chrono::FixedOffset> = |v| Datum::Instant(chrono_nanos(v)), |Datum::Instant(v)|
        local(*v).and_utc().with_timezone(&chrono::FixedOffset::east_opt(i32::try_from(v.rem_euclid(3)).unwrap() * 5400 - 5400).unwrap());
    TimeDate: time::Date = |v| Datum::Day(v.to_julian_day() - 2_440_588), |Datum::Day(v)|
        time::Date::from_julian_day(v + 2_440_588).unwrap();
    TimeTime: time::Time = |v| {
            let (hour, minute, second, nanos) = v.as_hms_nano();
            clock(hour.into(), minute.into(), second.into(), nanos.into())
        }, |Datum::Clock(v)| time_at((*v).into()).time();
    TimeLocal: time::PrimitiveDateTime = |v| Datum::Local(v.assume_utc().unix_timestamp_nanos()), |Datum::Local(v)| {
            let at = time_at(*v);
            time::PrimitiveDateTime::new(at.date(), at.time())
        };
    TimeInstant: time::OffsetDateTime = |v| Datum::Instant(v.unix_timestamp_nanos()), |Datum::Instant(v)|
        time_at(*v).to_offset(time::UtcOffset::from_hms(i8::try_from(v.rem_euclid(3)).unwrap() - 1, 0, 0).unwrap());
    JiffDate: jiff::civil::Date = |v| Datum::Day((*v - epoch()).get_days()), |Datum::Day(v)| epoch() + v.days();
    JiffTime: jiff::civil::Time = |v|
        clock(v.hour().into(), v.minute().into(), v.second().into(), v.subsec_nanosecond().into()), |Datum::Clock(v)|
        jiff_at((*v).into()).time();
    JiffLocal: jiff::civil::DateTime = |v|
        Datum::Local(v.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_nanosecond()), |Datum::Local(v)|
        jiff_at(*v);
    JiffInstant: jiff::Timestamp = |v| Datum::Instant(v.as_nanosecond()), |Datum::Instant(v)|
        jiff::Timestamp::from_nanosecond(*v).unwrap();
    Seconds: sqliter::Unix<chrono::DateTime<chrono::Utc>> = |v| Datum::Instant(chrono_nanos(&v.0)), |Datum::Instant(v)|
        Unix(local(*v).and_utc());
    CountryKey: sqliter::Key<crate::schema::Country> = |v| Datum::Text(v.raw().clone()), |Datum::Text(v)| Country::key(v.clone());
    RateKey: sqliter::Key<crate::schema::Rate> = |v| Datum::Decimal(*v.raw()), |Datum::Decimal(v)| Rate::key(*v);
    PersonKey: sqliter::Key<crate::schema::Person> = |v| Datum::Int(*v.raw()), |Datum::Int(v)| Person::key(*v);
    BookKey: sqliter::Key<crate::schema::Book> = |v| Datum::Int(*v.raw()), |Datum::Int(v)| Book::key(*v);
    TagKey: sqliter::Key<crate::schema::Tag> = |v| Datum::Int(*v.raw()), |Datum::Int(v)| Tag::key(*v);
    ReviewKey: sqliter::Key<crate::schema::Review> = |v| Datum::Int(*v.raw()), |Datum::Int(v)| Review::key(*v);
}

#[expect(clippy::single_component_path_imports, reason = "a macro made by a macro has no path without it")]
pub(crate) use each_type;

fn chrono_nanos<Z: chrono::TimeZone>(at: &chrono::DateTime<Z>) -> i128 {
    i128::from(at.timestamp()) * SECOND + i128::from(at.timestamp_subsec_nanos())
}

fn clock(hour: i64, minute: i64, second: i64, nanos: i64) -> Datum {
    Datum::Clock(((hour * 60 + minute) * 60 + second) * 1_000_000_000 + nanos)
}

fn time_at(nanos: i128) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap()
}

fn jiff_at(nanos: i128) -> jiff::civil::DateTime {
    jiff::Timestamp::from_nanosecond(nanos).unwrap().to_zoned(jiff::tz::TimeZone::UTC).datetime()
}

fn epoch() -> jiff::civil::Date {
    jiff::civil::date(1970, 1, 1)
}

/// What SQL can do with a type, as the oracle sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    Whole,
    Floating,
    Exact,
}

impl Type {
    pub const fn numbers(self) -> Option<Numbers> {
        match self {
            Self::Int | Self::Small | Self::Byte => Some(Numbers::Whole),
            Self::Real | Self::Single => Some(Numbers::Floating),
            Self::Decimal => Some(Numbers::Exact),
            _ => None,
        }
    }

    pub const fn has_date(self) -> bool {
        use Type::*;
        matches!(
            self,
            ChronoDate
                | ChronoLocal
                | ChronoUtc
                | ChronoFixed
                | TimeDate
                | TimeLocal
                | TimeInstant
                | JiffDate
                | JiffLocal
                | JiffInstant
                | Seconds
        )
    }

    pub const fn has_time(self) -> bool {
        use Type::*;
        matches!(
            self,
            ChronoTime
                | ChronoLocal
                | ChronoUtc
                | ChronoFixed
                | TimeTime
                | TimeLocal
                | TimeInstant
                | JiffTime
                | JiffLocal
                | JiffInstant
                | Seconds
        )
    }

    /// Whether the type holds the number.
    pub fn holds(self, datum: &Datum) -> bool {
        match (self, datum) {
            (Self::Small, Datum::Int(number)) => i16::try_from(*number).is_ok(),
            (Self::Byte, Datum::Int(number)) => u8::try_from(*number).is_ok(),
            (Self::Single, Datum::Real(number)) => number.is_infinite() || (*number as f32).is_finite(),
            _ => true,
        }
    }
}

/// A part of a [`Datum`] in UTC.
pub fn date_part(part: super::tree::DatePart, datum: &Datum) -> Datum {
    use super::tree::DatePart::*;
    let nanos = match datum {
        Datum::Null => return Datum::Null,
        Datum::Day(days) => i128::from(*days) * DAY,
        Datum::Clock(nanos) => i128::from(*nanos),
        Datum::Local(nanos) | Datum::Instant(nanos) => *nanos,
        other => panic!("{other:?} is no date"),
    };
    let at = local(nanos);
    Datum::Int(match part {
        Year => at.year().into(),
        Month => at.month().into(),
        Day => at.day().into(),
        Weekday => at.weekday().num_days_from_sunday().into(),
        Hour => at.hour().into(),
        Minute => at.minute().into(),
        Second => at.second().into(),
    })
}

/// The beginning of a part of the calendar in UTC.
pub fn truncated(unit: super::tree::DateUnit, datum: &Datum) -> Datum {
    use super::tree::DateUnit::*;
    let nanos = match datum {
        Datum::Null => return Datum::Null,
        Datum::Day(days) => i128::from(*days) * DAY,
        Datum::Local(nanos) | Datum::Instant(nanos) => *nanos,
        other => panic!("{other:?} is no date"),
    };
    let date = local(nanos).date();
    let days = |date: chrono::NaiveDate| i128::from(date.num_days_from_ce() - 719_163) * DAY;
    let start = match unit {
        Year => days(date.with_ordinal(1).unwrap()),
        Month => days(date.with_day(1).unwrap()),
        Week => days(date) - i128::from(date.weekday().num_days_from_monday()) * DAY,
        Day => days(date),
        Hour => nanos.div_euclid(3_600 * SECOND) * 3_600 * SECOND,
        Minute => nanos.div_euclid(60 * SECOND) * 60 * SECOND,
        Second => nanos.div_euclid(SECOND) * SECOND,
    };
    match datum {
        Datum::Day(_) => Datum::Day(i32::try_from(start / DAY).unwrap()),
        Datum::Local(_) => Datum::Local(start),
        _ => Datum::Instant(start),
    }
}

/// So many nanoseconds before, in what the type holds: whole days, whole seconds.
pub fn earlier(nanos: i64, of: Type, datum: &Datum) -> Datum {
    let nanos = i128::from(nanos);
    match datum {
        Datum::Null => Datum::Null,
        Datum::Day(days) => Datum::Day(days - i32::try_from(nanos / DAY).unwrap()),
        Datum::Local(moment) => Datum::Local(moment - nanos),
        Datum::Instant(moment) if of == Type::Seconds => Datum::Instant((moment - nanos).div_euclid(SECOND) * SECOND),
        Datum::Instant(moment) => Datum::Instant(moment - nanos),
        other => panic!("{other:?} is no date"),
    }
}

/// Whatever a statement gives, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored(pub Value);

impl ColumnType for Stored {
    type Inner = Self;
    type Kind = kind::Json;
    const STORAGE: Storage = Storage::Any;
    const EXPECTED: &'static str = "anything";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        panic!("only read")
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        Ok(Self(value.to_value()))
    }
}

/// A value of any type that begins an expression: of the numbers, only `i64` and `f64` do so by themselves.
#[derive(Debug, Clone)]
pub struct First<T>(pub T);

impl<T: ColumnType<Inner = T>> ColumnType for First<T> {
    type Inner = Self;
    type Kind = T::Kind;
    const STORAGE: Storage = T::STORAGE;
    const COLLATION: Option<&'static str> = T::COLLATION;
    const EXPECTED: &'static str = T::EXPECTED;

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        self.0.encode()
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        T::decode(value).map(Self)
    }
}

impl<T: ColumnType<Inner = T>> sqliter::bounds::Literal for First<T> {}
