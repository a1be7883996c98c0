//! Structs that say what is loaded: `#[derive(View)]`, each with what it loads as the oracle sees it.

use sqliter::{Result, Select, View};

use super::access::Root;
use super::answer::Nested;
use super::catalog::TableId;
use super::datum::Datum;
use super::schema::*;
use super::shapes::Part;
use super::terminals::{Got, Output, Terminal, rows};
use super::tree::{Comparison, Cond, Expr, Prefetch, SortKey};

#[derive(Debug, Clone, PartialEq, View)]
#[view(Person)]
struct PersonHome {
    #[view(flatten)]
    person: Person,
    country: Option<Country>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Person)]
struct PersonCard {
    #[view(flatten)]
    person: Person,
    mentor: Option<PersonHome>,
    books: Vec<Book>,
    #[view(count)]
    reviewed: i64,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Book)]
struct BookTags {
    #[view(flatten)]
    book: Book,
    editor: Option<Person>,
    tags: Vec<Tag>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Person)]
struct Shelf {
    #[view(flatten)]
    person: Person,
    #[view(filter = |b| b.pages.gt(0), order = |b| b.title.desc(), limit = 2)]
    books: Vec<BookTags>,
    #[view(count)]
    friends: i64,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Book)]
struct BookCard {
    #[view(flatten)]
    book: Book,
    author: PersonHome,
    editor: Option<PersonHome>,
    #[view(filter = |t| t.number.ge(0), order = |t| t.label.asc())]
    tags: Vec<Tag>,
    #[view(limit = 1)]
    reviewers: Vec<Person>,
    #[view(count)]
    reviews: i64,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Tag)]
struct TagParent {
    #[view(flatten)]
    tag: Tag,
    parent: Option<Tag>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Tag)]
struct TagCard {
    #[view(flatten)]
    tag: Tag,
    parent: Option<TagParent>,
    children: Vec<TagParent>,
    #[view(count)]
    books: i64,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Review)]
struct ReviewCard {
    #[view(flatten)]
    review: Review,
    book: BookTags,
    reviewer: PersonHome,
}

/// A view is to the oracle what a tuple is.
macro_rules! outputs {
    ($($view:ident($row:ident $($field:ident)*))*) => {$(
        impl Output for $view {
            fn nested(self) -> Nested {
                Nested::Tuple(vec![self.$row.nested(), $(self.$field.nested()),*])
            }
        }
    )*};
}

outputs! {
    PersonHome(person country)
    PersonCard(person mentor books reviewed)
    BookTags(book editor tags)
    Shelf(person books friends)
    BookCard(book author editor tags reviewers reviews)
    TagParent(tag parent)
    TagCard(tag parent children books)
    ReviewCard(review book reviewer)
}

/// What a view loads: its parts, and what it says about its lists.
pub struct Loaded {
    pub parts: Vec<Part>,
    pub lists: Vec<Prefetch>,
}

/// The views of a table, in the order of [`viewed`].
pub fn views(table: TableId) -> Vec<Loaded> {
    let one = |table: TableId, name: &str, parts: Vec<Part>| {
        let relation = table.table().ones.iter().position(|one| one.name == name).unwrap();
        Part::One { table, relation, parts }
    };
    let position = |table: TableId, name: &str| table.table().manies.iter().position(|many| many.name == name).unwrap();
    let many = |table: TableId, name: &str, parts| Part::Many { table, relation: position(table, name), parts };
    let number = |table: TableId, name: &str| Part::Count { table, relation: position(table, name) };
    let column = |table: TableId, field: &str| {
        let columns = &table.table().columns;
        let column = columns.iter().position(|column| column.field == field).unwrap();
        Expr::Column { path: 0, column, of: columns[column].of }
    };
    let compared = |value: Expr, comparison, number| {
        let of = value.of();
        Some(Cond::Compare(value, comparison, Expr::Literal(Datum::Int(number), of)))
    };
    let by = |value, descending| vec![SortKey { value, descending, nulls: None }];
    let home = |relation: &str, table| one(table, relation, vec![one(TableId::Person, "country", Vec::new())]);
    let tagged = || vec![one(TableId::Book, "editor", Vec::new()), many(TableId::Book, "tags", Vec::new())];
    let all = Prefetch::default;
    match table {
        TableId::Person => vec![
            Loaded {
                parts: vec![home("mentor", table), many(table, "books", Vec::new()), number(table, "reviewed")],
                lists: vec![all()],
            },
            Loaded {
                parts: vec![many(table, "books", tagged()), number(table, "friends")],
                lists: vec![
                    Prefetch {
                        filter: compared(column(TableId::Book, "pages"), Comparison::Gt, 0),
                        order: by(column(TableId::Book, "title"), true),
                        limit: Some(2),
                    },
                    all(),
                ],
            },
        ],
        TableId::Book => vec![Loaded {
            parts: vec![
                home("author", table),
                home("editor", table),
                many(table, "tags", Vec::new()),
                many(table, "reviewers", Vec::new()),
                number(table, "reviews"),
            ],
            lists: vec![
                Prefetch {
                    filter: compared(column(TableId::Tag, "number"), Comparison::Ge, 0),
                    order: by(column(TableId::Tag, "label"), false),
                    limit: None,
                },
                Prefetch { limit: Some(1), ..all() },
            ],
        }],
        TableId::Tag => {
            let parent = || vec![one(table, "parent", Vec::new())];
            let parts = vec![one(table, "parent", parent()), many(table, "children", parent()), number(table, "books")];
            vec![Loaded { parts, lists: vec![all()] }]
        }
        TableId::Review => {
            vec![Loaded { parts: vec![one(table, "book", tagged()), home("reviewer", table)], lists: vec![all()] }]
        }
        TableId::Country | TableId::Rate => Vec::new(),
    }
}

/// Runs a chain with a view.
pub trait Viewable: Root {
    async fn viewed(select: Select<'_, Self>, view: usize, terminal: &Terminal) -> Result<Got>;
}

macro_rules! viewable {
    ($($model:ident($($view:ident)*))*) => {$(
        impl Viewable for $model {
            #[allow(unused_variables, unused_assignments, unused_mut, reason = "some models have none")]
            async fn viewed(select: Select<'_, Self>, view: usize, terminal: &Terminal) -> Result<Got> {
                let mut wanted = view;
                $(
                    if wanted == 0 {
                        return rows(select.view::<$view>(), terminal).await;
                    }
                    wanted = wanted.wrapping_sub(1);
                )*
                unreachable!("no such view")
            }
        }
    )*};
}

viewable! {
    Country()
    Rate()
    Person(PersonCard Shelf)
    Book(BookCard)
    Tag(TagCard)
    Review(ReviewCard)
}
