//! Views that depend on arguments, with type parameters, so that they stand in each other as deep as a list of types says. Each says
//! what it loads as the oracle sees it.

use sqliter::window::row_number;
use sqliter::{Key, Model, Result, Select, View};

use super::access::Root;
use super::answer::Nested;
use super::catalog::TableId;
use super::datum::Datum;
use super::schema::*;
use super::seen::{Field, Seen, column, count, list, many, one, with};
use super::terminals::{Got, Output, Terminal, rows};
use super::tree::{Arithmetic, Comparison, Cond, Expr, SortKey};
use super::types::{Held, Type};
use super::windows::{Over, Window};

/// What all of them are given.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub number: i64,
    pub text: String,
    pub person: Key<Person>,
}

/// A view that the oracle knows.
pub trait Known<M: Model>: Output + View<M, Arguments = Given> {
    fn seen(given: &Given) -> Seen;
}

/// A value of a field.
fn held<T: super::types::Field<Inner: Held>>(value: &T) -> Nested {
    Nested::Value(value.datum(), <T::Inner as Held>::TYPE)
}

/// The view as a tuple of its fields.
macro_rules! outputs {
    ($($view:ident$(<$($parameter:ident: $of:ident),*>)?($($kind:ident $field:ident)*))*) => {$(
        impl$(<$($parameter: Known<$of>),*>)? Output for $view$(<$($parameter),*>)? {
            fn nested(self) -> Nested {
                Nested::Tuple(vec![$(outputs!(@ $kind self.$field)),*])
            }
        }
    )*};
    (@ value $field:expr) => { held(&$field) };
    (@ part $field:expr) => { $field.nested() };
}

outputs! {
    CountryLine(value code value named value people)
    PersonLine(value name value mentor value me value long)
    PersonOf<C: Country, B: Book>(part person value me part country part books value friends)
    BookLine(value title value theirs)
    BookOf<A: Person, T: Tag>(value title part author part editor part tags value more value reviewed)
    TagName(value label value below)
    TagPlace(value label value place)
    TagOf<P: Tag, B: Book>(part tag part parent part books value below)
    ReviewOf<B: Book, P: Person>(part review part book part reviewer value same)
}

fn text(given: &Given) -> Expr {
    Expr::Literal(Datum::Text(given.text.clone()), Type::Text)
}

fn number(given: &Given) -> Expr {
    Expr::Literal(Datum::Int(given.number), Type::Int)
}

fn person(given: &Given) -> Expr {
    Expr::Literal(Datum::Int(*given.person.raw()), Type::PersonKey)
}

fn truth(value: Expr, comparison: Comparison, with: Expr) -> Field {
    Field::Value(Expr::Truth(Box::new(Cond::Compare(value, comparison, with))))
}

fn by(value: Expr, descending: bool) -> Vec<SortKey> {
    vec![SortKey { value, descending, nulls: None }]
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Country, args(given: Given))]
struct CountryLine {
    code: String,
    #[view(with = |c| c.name.eq(given.text))]
    named: bool,
    #[view(count, filter = |p| p.name.ge(given.text))]
    people: i64,
}

impl Known<Country> for CountryLine {
    fn seen(given: &Given) -> Seen {
        let table = TableId::Country;
        let older = Cond::Compare(column(TableId::Person, "name"), Comparison::Ge, text(given));
        Seen(vec![
            with(table, "code"),
            truth(column(table, "name"), Comparison::Eq, text(given)),
            count(table, "people", Some(older)),
        ])
    }
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Person, args(given: Given))]
struct PersonLine {
    name: String,
    #[view(with = |p| p.mentor.name)]
    mentor: Option<String>,
    #[view(with = |p| p.pk.eq(given.person))]
    me: bool,
    #[view(with = |p| p.books.any(|b| b.pages.gt(given.number)))]
    long: bool,
}

impl Known<Person> for PersonLine {
    fn seen(given: &Given) -> Seen {
        let table = TableId::Person;
        let relation = table.table().manies.iter().position(|many| many.name == "books").unwrap();
        let condition = Cond::Compare(column(TableId::Book, "pages"), Comparison::Gt, number(given));
        let long = Cond::Related { path: 0, relation, test: super::tree::Test::Any, condition: Box::new(condition) };
        let mentor = table.table().paths.iter().position(|path| path.name == "mentor").unwrap();
        let Expr::Column { column: name, of, .. } = column(table, "name") else { panic!("a column") };
        Seen(vec![
            with(table, "name"),
            Field::Value(Expr::Column { path: mentor, column: name, of }),
            truth(column(table, "pk"), Comparison::Eq, person(given)),
            Field::Value(Expr::Truth(Box::new(long))),
        ])
    }
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Person, args(given: Given))]
struct PersonOf<C: Known<Country>, B: Known<Book>> {
    #[view(flatten)]
    person: Person,
    #[view(with = |p| p.pk.eq(given.person))]
    me: bool,
    #[view(args(given))]
    country: Option<C>,
    #[view(args(given), filter = |b| b.pages.ge(given.number), order = |b| b.title.desc(), limit = 2)]
    books: Vec<B>,
    #[view(count, relation = friends, filter = |f| f.name.lt(given.text))]
    friends: i64,
}

impl<C: Known<Country>, B: Known<Book>> Known<Person> for PersonOf<C, B> {
    fn seen(given: &Given) -> Seen {
        let table = TableId::Person;
        let long = Cond::Compare(column(TableId::Book, "pages"), Comparison::Ge, number(given));
        let before = Cond::Compare(column(table, "name"), Comparison::Lt, text(given));
        Seen(vec![
            Field::Row,
            truth(column(table, "pk"), Comparison::Eq, person(given)),
            one(table, "country", C::seen(given)),
            many(table, "books", list(Some(long), by(column(TableId::Book, "title"), true), Some(2)), B::seen(given)),
            count(table, "friends", Some(before)),
        ])
    }
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Book, args(given: Given))]
struct BookLine {
    title: String,
    #[view(with = |b| b.author_id.eq(given.person) | b.editor_id.eq(given.person))]
    theirs: bool,
}

impl Known<Book> for BookLine {
    fn seen(given: &Given) -> Seen {
        let table = TableId::Book;
        let is = |field| Box::new(Cond::Compare(column(table, field), Comparison::Eq, person(given)));
        let theirs = Cond::Or(is("author_id"), is("editor_id"));
        Seen(vec![with(table, "title"), Field::Value(Expr::Truth(Box::new(theirs)))])
    }
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Book, args(given: Given))]
struct BookOf<A: Known<Person>, T: Known<Tag>> {
    title: String,
    #[view(args(given))]
    author: A,
    #[view(args(given))]
    editor: Option<A>,
    #[view(args(given), order = |t| t.label.asc())]
    tags: Vec<T>,
    #[view(with = |b| b.pages + given.number)]
    more: i64,
    #[view(count, relation = reviewers)]
    reviewed: i64,
}

impl<A: Known<Person>, T: Known<Tag>> Known<Book> for BookOf<A, T> {
    fn seen(given: &Given) -> Seen {
        let table = TableId::Book;
        let pages = Box::new(column(table, "pages"));
        Seen(vec![
            with(table, "title"),
            one(table, "author", A::seen(given)),
            one(table, "editor", A::seen(given)),
            many(table, "tags", list(None, by(column(TableId::Tag, "label"), false), None), T::seen(given)),
            Field::Value(Expr::Arithmetic(pages, Arithmetic::Add, Box::new(number(given)), Type::Int)),
            count(table, "reviewers", None),
        ])
    }
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Tag, args(given: Given))]
struct TagName {
    label: String,
    #[view(with = |t| t.position.lt(given.number))]
    below: bool,
}

impl Known<Tag> for TagName {
    fn seen(given: &Given) -> Seen {
        let table = TableId::Tag;
        Seen(vec![with(table, "label"), truth(column(table, "position"), Comparison::Lt, number(given))])
    }
}

/// Of a list alone: its places are those among the related rows.
#[derive(Debug, Clone, PartialEq, View)]
#[view(Tag, args(given: Given))]
struct TagPlace {
    label: String,
    #[view(with = |t| row_number().over(|w| w.partition_by(t.position.lt(given.number)).order(t.number.desc())))]
    place: i64,
}

impl Known<Tag> for TagPlace {
    fn seen(given: &Given) -> Seen {
        let table = TableId::Tag;
        let below = Cond::Compare(column(table, "position"), Comparison::Lt, number(given));
        let window = Window {
            function: Over::RowNumber,
            partition: vec![Expr::Truth(Box::new(below))],
            order: by(column(table, "number"), true),
            frame: None,
            exclude: None,
        };
        Seen(vec![with(table, "label"), Field::Value(Expr::Window(Box::new(window)))])
    }
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Tag, args(given: Given))]
struct TagOf<P: Known<Tag>, B: Known<Book>> {
    #[view(flatten)]
    tag: Tag,
    #[view(args(given))]
    parent: Option<P>,
    #[view(args(given), limit = 1)]
    books: Vec<B>,
    #[view(count, relation = children, filter = |t| t.position.lt(given.number))]
    below: i64,
}

impl<P: Known<Tag>, B: Known<Book>> Known<Tag> for TagOf<P, B> {
    fn seen(given: &Given) -> Seen {
        let table = TableId::Tag;
        let below = Cond::Compare(column(table, "position"), Comparison::Lt, number(given));
        Seen(vec![
            Field::Row,
            one(table, "parent", P::seen(given)),
            many(table, "books", list(None, Vec::new(), Some(1)), B::seen(given)),
            count(table, "children", Some(below)),
        ])
    }
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Review, args(given: Given))]
struct ReviewOf<B: Known<Book>, P: Known<Person>> {
    #[view(flatten)]
    review: Review,
    #[view(args(given))]
    book: B,
    #[view(args(given))]
    reviewer: P,
    #[view(with = |r| r.text.eq(given.text))]
    same: bool,
}

impl<B: Known<Book>, P: Known<Person>> Known<Review> for ReviewOf<B, P> {
    fn seen(given: &Given) -> Seen {
        let table = TableId::Review;
        Seen(vec![
            Field::Row,
            one(table, "book", B::seen(given)),
            one(table, "reviewer", P::seen(given)),
            truth(column(table, "text"), Comparison::Eq, text(given)),
        ])
    }
}

/// A view of a list, with what the oracle knows of it.
type Deep =
    PersonOf<CountryLine, BookOf<PersonOf<CountryLine, BookLine>, TagOf<TagName, BookOf<PersonLine, TagPlace>>>>;

/// Runs a chain with a view.
pub trait Viewable: Root {
    /// How many there are.
    const VIEWS: usize;
    fn known(view: usize, given: &Given) -> Seen;
    async fn given(select: Select<'_, Self>, view: usize, given: Given, terminal: &Terminal) -> Result<Got>;
}

macro_rules! views {
    ($($model:ident($($view:ty),*))*) => {$(
        impl Viewable for $model {
            const VIEWS: usize = 0 $(+ { let _ = stringify!($view); 1 })*;

            #[allow(unused_variables, unused_assignments, unused_mut, reason = "some models have none")]
            fn known(view: usize, given: &Given) -> Seen {
                let mut wanted = view;
                $(
                    if wanted == 0 {
                        return <$view>::seen(given);
                    }
                    wanted = wanted.wrapping_sub(1);
                )*
                unreachable!("no such view")
            }

            #[allow(unused_variables, unused_assignments, unused_mut, reason = "some models have none")]
            async fn given(select: Select<'_, Self>, view: usize, given: Given, terminal: &Terminal) -> Result<Got> {
                let mut wanted = view;
                $(
                    if wanted == 0 {
                        return Box::pin(rows(select.view_with::<$view>(given), terminal)).await;
                    }
                    wanted = wanted.wrapping_sub(1);
                )*
                unreachable!("no such view")
            }
        }
    )*};
}

views! {
    Country(CountryLine)
    Rate()
    Person(PersonLine, PersonOf<CountryLine, BookLine>, PersonOf<CountryLine, BookOf<PersonLine, TagPlace>>, Deep)
    Book(BookOf<PersonLine, TagPlace>, BookOf<PersonOf<CountryLine, BookLine>, TagOf<TagName, BookLine>>)
    Tag(TagName, TagOf<TagOf<TagName, BookLine>, BookOf<PersonOf<CountryLine, BookLine>, TagPlace>>)
    Review(ReviewOf<BookLine, PersonLine>, ReviewOf<BookOf<PersonLine, TagPlace>, Deep>)
}
