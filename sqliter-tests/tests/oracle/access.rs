//! The models as the other files see them: by numbers of tables, columns, paths and relations.
//!
//! A new column or relation is named in its list here, besides its model in `schema.rs`.

use sqliter::bounds::{Assignment, Change, ColumnValue, PerRow, Writes};
use sqliter::model::Path;
use sqliter::{Column, Condition, Key, Select, Session};
use sqliter::{ColumnType, Model};

use super::answer::Nested;
use super::catalog::{Link, Listed, OnDelete, Table, TableId, number};
use super::datum::Datum;
use super::pairs::Pairing;
use super::related::{Hopped, Many};
use super::schema::*;
use super::terminals::{Got, Output, Side};
use super::tree::{Arithmetic, Deleted, Expr, Prefetch};
use super::typed::{Dynamic, SetTo};
use super::types::{Field, Held};
use super::write::Deletion;

/// A model of the schema.
pub trait Root: Model<Access: Writes<Self>> + Clone {
    const ID: TableId;
    fn into_row(self) -> Vec<Datum>;
    fn from_row(row: &[Datum]) -> Self;
    /// What an insert of the row needs.
    fn draft(row: &[Datum]) -> Self::New;
    /// The key of a row, where an insert would choose one.
    fn given(columns: &Self::Columns<Self>, row: &[Datum]) -> Vec<ColumnValue<Self>>;
    /// The columns at the end of a path.
    fn at(columns: &Self::Columns<Self>, path: usize) -> &dyn Reached<Self>;
    /// A way over several to-many relations.
    fn hops(columns: &Self::Columns<Self>, hops: usize) -> Box<dyn Hopped<Self>>;
    /// A value of the first of the rows of a to-many relation.
    fn first(columns: &Self::Columns<Self>, relation: usize, rows: &Prefetch, of: &Expr) -> Dynamic<Self, PerRow>;
    /// A chain of those rows.
    fn which(session: &Session, deleted: Deleted) -> Select<'_, Self>;
    /// The end of a chain that deletes its rows, or takes that back.
    fn deleting(select: Select<'_, Self>, how: Deletion) -> Change<'_, Self>;
    /// Deletes the row of a key for good.
    async fn purge(session: &Session, key: &Datum) -> sqliter::Result<()>;
    async fn restore(session: &Session, key: &Datum) -> sqliter::Result<Self>;
    /// Writes these columns of the row of a key, if it has the version.
    async fn patched(
        session: &Session,
        key: &Datum,
        patch: &[(usize, Datum)],
        version: Option<i64>,
    ) -> sqliter::Result<Self>;
    fn assign(columns: &Self::Columns<Self>, column: usize, to: SetTo<Self>) -> Assignment<Self>;
    /// What a relation of rows in hand leads to, for each of them: by one statement for all, or one by one.
    async fn fetched(session: &Session, rows: &[Self], relation: Side, each: bool) -> sqliter::Result<Vec<Nested>>;
    /// The columns at the end of any path.
    fn reach<P: Path<Model = Self>>(columns: &Self::Columns<P>) -> &dyn Reached<P::Root>;
    /// The rows of a chain with those of one of its relations.
    async fn paired(select: Select<'_, Self>, of: &Pairing) -> sqliter::Result<Got>;
    /// Arithmetic on a column of numbers.
    fn calculate(columns: &Self::Columns<Self>, column: usize, by: Arithmetic, number: &Datum) -> Assignment<Self>;
}

/// The columns and relations at the end of a path from the model `M`.
pub trait Reached<M> {
    fn column(&self, column: usize) -> Dynamic<M, PerRow>;
    fn relation(&self, relation: usize) -> Box<dyn Many<M>>;
    /// Whether a nullable to-one relation leads to no row.
    fn nobody(&self, relation: usize, negated: bool) -> Condition<M>;
}

fn described<M, T: Field>(field: &'static str, _: fn(&M) -> &T) -> super::catalog::Column
where
    T::Inner: Held,
{
    super::catalog::Column { field, of: <T::Inner as Held>::TYPE, nullable: T::NULLABLE }
}

fn reached<P: Path, T: ColumnType<Inner: Held>>(column: Column<P, T>) -> Dynamic<P::Root, PerRow> {
    Dynamic::new(<T::Inner as Held>::TYPE, column.retyped())
}

/// The arm of a match with the number of an item of a list.
macro_rules! numbered {
    ($number:expr; $($item:ident => $body:expr),* $(,)?) => {{
        let mut wanted = $number;
        $(
            if wanted == 0 {
                return $body;
            }
            wanted -= 1;
        )*
        unreachable!("{wanted} beyond the list")
    }};
}

macro_rules! model {
    (
        $model:ident $columns:ident $new:ident [$($key:ident)?] $natural:ident;
        columns: $($column:ident)*;
        soft: [$($soft:ident)?] $live:literal;
        version: [$($version:ident)?];
        patch: $patch:ident;
        ones: $($one:ident($field:ident, $target:ident, $action:ident))*;
        maybe: $($maybe:ident)*;
        manies: $($many:ident($of:ident, $link:expr))*;
        paths: $([$($step:ident)*])*;
        hops: $([$hop:ident $($next:ident)*])*;
        unique: $([$($unique:ident)*])*;
        numbers: $($number:ident)*;
    ) => {
        impl Root for $model {
            const ID: TableId = TableId::$model;

            fn into_row(self) -> Vec<Datum> {
                vec![Field::datum(&self.$natural), $(Field::datum(&self.$column),)* $(Field::datum(&self.$soft),)? $(Field::datum(&self.$version))?]
            }

            fn from_row(row: &[Datum]) -> Self {
                let mut values = row.iter();
                Self {
                    $natural: Field::from_datum(values.next().unwrap()),
                    $($column: Field::from_datum(values.next().unwrap()),)*
                    $($soft: Field::from_datum(values.next().unwrap()),)?
                    $($version: Field::from_datum(values.next().unwrap()),)?
                }
            }

            fn draft(row: &[Datum]) -> $new {
                let all = Self::from_row(row);
                $new { $($key: all.$key,)? $($column: all.$column),* }
            }

            fn given(columns: &Self::Columns<Self>, row: &[Datum]) -> Vec<ColumnValue<Self>> {
                // A natural key is in the draft already.
                let all = Self::from_row(row);
                vec![columns.$natural.given(all.$natural), $(columns.$soft.given(all.$soft),)? $(columns.$version.given(all.$version))?]
            }

            #[allow(unused_assignments, reason = "the last is not followed by another")]
            fn at(columns: &Self::Columns<Self>, path: usize) -> &dyn Reached<Self> {
                let mut wanted = path;
                $(
                    if wanted == 0 {
                        return model!(@path columns $($step)*);
                    }
                    wanted = wanted.wrapping_sub(1);
                )*
                unreachable!("no such path")
            }

            #[allow(unused_assignments, unused_mut, unused_variables, reason = "some models have none")]
            fn hops(columns: &Self::Columns<Self>, hops: usize) -> Box<dyn Hopped<Self>> {
                let mut wanted = hops;
                $(
                    if wanted == 0 {
                        return Box::new(columns.$hop $(.then(|related| related.$next))*);
                    }
                    wanted = wanted.wrapping_sub(1);
                )*
                unreachable!("no such way")
            }

            #[allow(unused_mut, unused_variables, reason = "some models have none")]
            fn first(columns: &Self::Columns<Self>, relation: usize, rows: &Prefetch, of: &Expr) -> Dynamic<Self, PerRow> {
                numbered!(relation; $($many => super::related::first(columns.$many, rows, of)),*)
            }

            fn which(session: &Session, deleted: Deleted) -> Select<'_, Self> {
                let select = session.select::<Self>();
                match deleted {
                    Deleted::LeftOut => select,
                    Deleted::Included => model!(@soft [$($soft)?] (select.with_deleted()) (select)),
                    Deleted::Only => model!(@soft [$($soft)?] (select.only_deleted()) (select)),
                }
            }

            fn deleting(select: Select<'_, Self>, how: Deletion) -> Change<'_, Self> {
                match how {
                    Deletion::AsTheModelSays => select.delete(),
                    Deletion::ForGood => model!(@soft [$($soft)?] (select.delete_for_good()) (select.delete())),
                    Deletion::TakenBack => {
                        model!(@soft [$($soft)?] (select.restore()) (panic!("{} is not deleted softly", stringify!($model))))
                    }
                }
            }

            async fn purge(session: &Session, key: &Datum) -> sqliter::Result<()> {
                let key = <Key<Self> as Held>::from_datum(key);
                model!(@soft [$($soft)?] (session.delete_for_good(key).await) (session.delete(key).await))
            }

            #[allow(unused_variables, reason = "some models have none")]
            async fn restore(session: &Session, key: &Datum) -> sqliter::Result<Self> {
                let key = <Key<Self> as Held>::from_datum(key);
                model!(@soft [$($soft)?] (session.restore(key).await) (panic!("{} is not deleted softly", stringify!($model))))
            }

            #[allow(unused_variables, unused_assignments, reason = "some models have none")]
            async fn patched(session: &Session, key: &Datum, patch: &[(usize, Datum)], version: Option<i64>) -> sqliter::Result<Self> {
                let mut all = $patch::default();
                for (column, value) in patch {
                    let mut wanted = column - 1;
                    $(
                        if wanted == 0 {
                            all.$column = Some(Field::from_datum(value));
                        }
                        wanted = wanted.wrapping_sub(1);
                    )*
                }
                $(all.$version = version;)?
                session.patch(<Key<Self> as Held>::from_datum(key), all).await
            }

            fn assign(columns: &Self::Columns<Self>, column: usize, to: SetTo<Self>) -> Assignment<Self> {
                let mut wanted = column - 1;
                $(
                    if wanted == 0 {
                        return super::typed::assign(columns.$column, to);
                    }
                    wanted = wanted.wrapping_sub(1);
                )*
                $(
                    if wanted == 0 {
                        return super::typed::assign(columns.$soft, to);
                    }
                )?
                unreachable!("no such column")
            }

            #[allow(unused_variables, unused_mut, reason = "some models have none")]
            async fn fetched(session: &Session, rows: &[Self], relation: Side, each: bool) -> sqliter::Result<Vec<Nested>> {
                let name = relation.name(TableId::$model);
                $(
                    if name == stringify!($one) {
                        let mut found = Vec::new();
                        if !each {
                            found.extend(session.fetch_related(rows, |columns| columns.$one).await?.into_iter().map(Output::nested));
                            return Ok(found);
                        }
                        for row in rows {
                            found.push(row.$one(session).fetch().await?.nested());
                        }
                        return Ok(found);
                    }
                )*
                $(
                    if name == stringify!($many) {
                        let mut found = Vec::new();
                        if !each {
                            found.extend(session.fetch_related(rows, |columns| columns.$many).await?.into_iter().map(Output::nested));
                            return Ok(found);
                        }
                        for row in rows {
                            // With a limit they come in the order of their keys.
                            found.push(row.$many(session).limit(1_000).fetch_all().await?.nested());
                        }
                        return Ok(found);
                    }
                )*
                unreachable!("{name} is no relation")
            }

            fn reach<P: Path<Model = Self>>(columns: &Self::Columns<P>) -> &dyn Reached<P::Root> {
                columns
            }

            #[allow(unused_variables, unused_mut, reason = "some models have none")]
            async fn paired(select: Select<'_, Self>, of: &Pairing) -> sqliter::Result<Got> {
                numbered!(of.relation; $($many => Box::pin(super::pairs_typed::joined(select, |c| c.$many, of)).await),*)
            }

            #[allow(unused_variables, reason = "some models have none")]
            fn calculate(columns: &Self::Columns<Self>, column: usize, by: Arithmetic, number: &Datum) -> Assignment<Self> {
                let field = TableId::$model.table().columns[column].field;
                $(
                    if field == stringify!($number) {
                        return super::typed::calculate(columns.$number, by, number);
                    }
                )*
                unreachable!("{field} is no number")
            }
        }

        impl<P: Path> Reached<P::Root> for $columns<P> {
            fn column(&self, column: usize) -> Dynamic<P::Root, PerRow> {
                numbered!(column; $natural => reached(self.$natural), $($column => reached(self.$column),)* $($soft => reached(self.$soft),)? $($version => reached(self.$version),)?)
            }

            #[allow(unused_mut, unused_variables, reason = "some models have none")]
            fn relation(&self, relation: usize) -> Box<dyn Many<P::Root>> {
                numbered!(relation; $($many => Box::new(self.$many)),*)
            }

            #[allow(unused_variables, unreachable_code, reason = "some models have none")]
            fn nobody(&self, relation: usize, negated: bool) -> Condition<P::Root> {
                let name = TableId::$model.table().ones[relation].name;
                $(
                    if name == stringify!($maybe) {
                        return if negated { self.$maybe.is_not_null() } else { self.$maybe.is_null() };
                    }
                )*
                unreachable!("{name} is never NULL")
            }
        }

        impl $model {
            fn listed() -> Listed {
                Listed {
                    model: stringify!($model),
                    columns: vec![
                        described(stringify!($natural), |row: &$model| &row.$natural),
                        $(described(stringify!($column), |row: &$model| &row.$column),)*
                        $(described(stringify!($soft), |row: &$model| &row.$soft),)?
                        $(described(stringify!($version), |row: &$model| &row.$version),)?
                    ],
                    ones: vec![$((stringify!($one), stringify!($field), TableId::$target, OnDelete::$action)),*],
                    manies: vec![$((stringify!($many), TableId::$of, $link)),*],
                    paths: vec![$(vec![$(stringify!($step)),*]),*],
                    hops: vec![$((TableId::$model, vec![stringify!($hop), $(stringify!($next)),*])),*],
                    unique: vec![$(vec![$(stringify!($unique)),*]),*],
                    soft: model!(@soft [$($soft)?] (Some(stringify!($($soft)?))) (None)),
                    version: model!(@soft [$($version)?] (Some(stringify!($($version)?))) (None)),
                    live: $live,
                }
            }
        }
    };
    (@soft [] ($($soft:tt)*) ($($other:tt)*)) => { $($other)* };
    (@soft [$field:ident] ($($soft:tt)*) ($($other:tt)*)) => { $($soft)* };
    (@path $columns:ident) => { $columns };
    (@path $columns:ident $($step:ident)+) => { &*$columns.$($step).+ };
}

model! {
    Country CountryColumns NewCountry [code] code;
    columns: name area status founded noon treaty;
    soft: [] false;
    version: [];
    patch: CountryPatch;
    ones: ;
    maybe: ;
    manies: people(Person, Link::Referrer(1));
    paths: [];
    hops: [people books] [people friends];
    unique: [code];
    numbers: area;
}

model! {
    Rate RateColumns NewRate [amount] amount;
    columns: label number since until;
    soft: [] false;
    version: [version];
    patch: RatePatch;
    ones: ;
    maybe: ;
    manies: books(Book, Link::Referrer(2));
    paths: [];
    hops: [books tags];
    unique: [amount];
    numbers: number;
}

model! {
    Person PersonColumns NewPerson [] pk;
    columns: name nick active height balance born level mentor_id country_id;
    soft: [deleted_at] true;
    version: [];
    patch: PersonPatch;
    ones: mentor(mentor_id, Person, SetNull) country(country_id, Country, Restrict);
    maybe: mentor country;
    manies: friends(Person, Link::Friends) reviewed(Book, Link::Reviewers { reversed: true }) books(Book, Link::Referrer(0))
        edited(Book, Link::Referrer(1)) pupils(Person, Link::Referrer(0)) reviews(Review, Link::Referrer(1));
    paths: [] [mentor] [country] [mentor mentor] [mentor country] [mentor mentor country];
    hops: [books tags] [friends friends] [edited reviewers] [reviewed tags books];
    unique: [name balance];
    numbers: height balance;
}

model! {
    Book BookColumns NewBook [] pk;
    columns: title isbn pages rating price cover status extra printed author_id editor_id rate_id;
    soft: [] false;
    version: [];
    patch: BookPatch;
    ones: author(author_id, Person, Cascade) editor(editor_id, Person, SetNull) rate(rate_id, Rate, Restrict);
    maybe: editor rate;
    manies: tags(Tag, Link::Tags { reversed: false }) reviewers(Person, Link::Reviewers { reversed: false })
        reviews(Review, Link::Referrer(0));
    paths: [] [author] [editor] [rate] [author mentor] [author country] [editor mentor] [editor country]
        [author mentor country] [editor mentor mentor];
    hops: [tags books] [reviewers edited];
    unique: [isbn] [title author_id];
    numbers: pages rating price;
}

model! {
    Tag TagColumns NewTag [] pk;
    columns: label number position parent_id;
    soft: [gone] false;
    version: [];
    patch: TagPatch;
    ones: parent(parent_id, Tag, Cascade);
    maybe: parent;
    manies: books(Book, Link::Tags { reversed: true }) children(Tag, Link::Referrer(0));
    paths: [] [parent] [parent parent];
    hops: [children children] [books reviews];
    unique: [label];
    numbers: number position;
}

model! {
    Review ReviewColumns NewReview [] pk;
    columns: book_id reviewer_id stars text guid at time local rest sent read seconds;
    soft: [] false;
    version: [];
    patch: ReviewPatch;
    ones: book(book_id, Book, Cascade) reviewer(reviewer_id, Person, NoAction);
    maybe: ;
    manies: ;
    paths: [] [book] [reviewer] [book author] [book editor] [book rate] [reviewer mentor] [book editor country];
    hops: ;
    unique: ;
    numbers: stars;
}

fn listed(id: TableId) -> Listed {
    match id {
        TableId::Country => Country::listed(),
        TableId::Rate => Rate::listed(),
        TableId::Person => Person::listed(),
        TableId::Book => Book::listed(),
        TableId::Tag => Tag::listed(),
        TableId::Review => Review::listed(),
    }
}

/// The table as data.
pub fn describe(id: TableId) -> Table {
    let ones = |id| listed(id).ones.into_iter().map(|(name, _, target, _)| (name, target)).collect();
    let manies = |id| listed(id).manies.into_iter().map(|(name, target, _)| (name, target)).collect();
    number(listed(id), ones, manies, id)
}

/// Calls a function that is generic over the model of a table.
macro_rules! with_model {
    ($id:expr, $m:ident => $body:expr) => {
        match $id {
            crate::catalog::TableId::Country => {
                type $m = crate::schema::Country;
                $body
            }
            crate::catalog::TableId::Rate => {
                type $m = crate::schema::Rate;
                $body
            }
            crate::catalog::TableId::Person => {
                type $m = crate::schema::Person;
                $body
            }
            crate::catalog::TableId::Book => {
                type $m = crate::schema::Book;
                $body
            }
            crate::catalog::TableId::Tag => {
                type $m = crate::schema::Tag;
                $body
            }
            crate::catalog::TableId::Review => {
                type $m = crate::schema::Review;
                $body
            }
        }
    };
}

pub(crate) use with_model;
