//! Conditions through relations as data: written with the typed columns, and evaluated in Rust.

use proptest::prelude::*;
use sqliter::Condition;

use super::super::library::{Author, AuthorColumns, Book, BookColumns, Tag, TagColumns};
use super::world::{NAMES, World};

#[derive(Debug, Clone)]
pub enum Tree<L> {
    Leaf(L),
    And(Box<Tree<L>>, Box<Tree<L>>),
    Or(Box<Tree<L>>, Box<Tree<L>>),
    Not(Box<Tree<L>>),
}

#[derive(Debug, Clone, Copy)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Ge,
}

#[derive(Debug, Clone, Copy)]
pub enum Test {
    Any,
    None,
    All,
}

type Name = (Comparison, &'static str);
type Number = (Comparison, i64);

#[derive(Debug, Clone)]
pub enum OfBook {
    Pages(Number),
    Author(Name),
    Editor(Name),
    AuthorMentor(Name),
    EditorMentor(Name),
    EditorIsNull,
    EditorNameIsNotNull,
    EditorMentorIsNull,
    AuthorIsEditor(Comparison),
    Tags(Test, Box<Tree<OfTag>>),
    TagCount(Number),
    EditorBooks(Test, Box<Tree<OfBook>>),
    EditorMentorBookCount(Number),
}

#[derive(Debug, Clone)]
pub enum OfAuthor {
    Name(Name),
    Mentor(Name),
    Books(Test, Box<Tree<OfBook>>),
    Edited(Test, Box<Tree<OfBook>>),
    Pupils(Test, Box<Tree<OfAuthor>>),
    BookCount(Number),
}

#[derive(Debug, Clone)]
pub enum OfTag {
    Name(Name),
    Books(Test, Box<Tree<OfBook>>),
    BookCount(Number),
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::*;
    prop::sample::select(vec![Eq, Ne, Lt, Ge])
}

fn name() -> impl Strategy<Value = Name> {
    (comparison(), prop::sample::select(NAMES.to_vec()))
}

fn number() -> impl Strategy<Value = Number> {
    (comparison(), 0..4_i64)
}

fn test() -> impl Strategy<Value = Test> {
    prop::sample::select(vec![Test::Any, Test::None, Test::All])
}

fn tree<L: Clone + std::fmt::Debug + 'static>(leaf: BoxedStrategy<L>) -> BoxedStrategy<Tree<L>> {
    leaf.prop_map(Tree::Leaf)
        .prop_recursive(3, 6, 2, |inner| {
            let pair = (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
            prop_oneof![
                pair.clone().prop_map(|(a, b)| Tree::And(a, b)),
                pair.prop_map(|(a, b)| Tree::Or(a, b)),
                inner.prop_map(|inner| Tree::Not(Box::new(inner))),
            ]
        })
        .boxed()
}

/// Conditions with so many to-many relations in one another.
pub fn of_book(depth: u32) -> BoxedStrategy<Tree<OfBook>> {
    use OfBook::*;
    let flat = prop_oneof![
        number().prop_map(Pages),
        name().prop_map(Author),
        name().prop_map(Editor),
        name().prop_map(AuthorMentor),
        name().prop_map(EditorMentor),
        Just(EditorIsNull),
        Just(EditorNameIsNotNull),
        Just(EditorMentorIsNull),
        comparison().prop_map(AuthorIsEditor),
        number().prop_map(TagCount),
        number().prop_map(EditorMentorBookCount),
    ]
    .boxed();
    if depth == 0 {
        return tree(flat);
    }
    let tags = (test(), of_tag(depth - 1)).prop_map(|(test, tree)| Tags(test, Box::new(tree)));
    let books = (test(), of_book(depth - 1)).prop_map(|(test, tree)| EditorBooks(test, Box::new(tree)));
    tree(prop_oneof![4 => flat, 2 => tags, 2 => books].boxed())
}

pub fn of_author(depth: u32) -> BoxedStrategy<Tree<OfAuthor>> {
    use OfAuthor::*;
    let flat = prop_oneof![name().prop_map(Name), name().prop_map(Mentor), number().prop_map(BookCount)].boxed();
    if depth == 0 {
        return tree(flat);
    }
    let books = (test(), of_book(depth - 1)).prop_map(|(test, tree)| Books(test, Box::new(tree)));
    let edited = (test(), of_book(depth - 1)).prop_map(|(test, tree)| Edited(test, Box::new(tree)));
    let pupils = (test(), of_author(depth - 1)).prop_map(|(test, tree)| Pupils(test, Box::new(tree)));
    tree(prop_oneof![3 => flat, 2 => books, 1 => edited, 1 => pupils].boxed())
}

fn of_tag(depth: u32) -> BoxedStrategy<Tree<OfTag>> {
    use OfTag::*;
    let flat = prop_oneof![name().prop_map(Name), number().prop_map(BookCount)].boxed();
    if depth == 0 {
        return tree(flat);
    }
    let books = (test(), of_book(depth - 1)).prop_map(|(test, tree)| Books(test, Box::new(tree)));
    tree(prop_oneof![2 => flat, 1 => books].boxed())
}

impl<L> Tree<L> {
    fn fold<M>(&self, leaf: &dyn Fn(&L) -> Condition<M>) -> Condition<M> {
        match self {
            Self::Leaf(inner) => leaf(inner),
            Self::And(a, b) => a.fold(leaf) & b.fold(leaf),
            Self::Or(a, b) => a.fold(leaf) | b.fold(leaf),
            Self::Not(inner) => !inner.fold(leaf),
        }
    }

    /// Under SQL's three-valued logic, with `!` as the complement.
    fn evaluate(&self, leaf: &dyn Fn(&L) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Leaf(inner) => leaf(inner),
            Self::And(a, b) => match (a.evaluate(leaf), b.evaluate(leaf)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(a, b) => match (a.evaluate(leaf), b.evaluate(leaf)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(inner) => Some(inner.evaluate(leaf) != Some(true)),
        }
    }
}

macro_rules! compare {
    ($left:expr, $comparison:expr, $right:expr) => {
        match $comparison {
            Comparison::Eq => $left.eq($right),
            Comparison::Ne => $left.ne($right),
            Comparison::Lt => $left.lt($right),
            Comparison::Ge => $left.ge($right),
        }
    };
}

macro_rules! related {
    ($relation:expr, $test:expr, $tree:expr) => {
        match $test {
            Test::Any => $relation.any(|row| $tree.condition(row)),
            Test::None => $relation.none(|row| $tree.condition(row)),
            Test::All => $relation.all(|row| $tree.condition(row)),
        }
    };
}

impl Comparison {
    fn holds<T: PartialOrd>(self, left: Option<T>, right: Option<T>) -> Option<bool> {
        let (left, right) = (left?, right?);
        Some(compare!(left, self, &right))
    }
}

impl Test {
    fn holds<T>(self, rows: Vec<&T>, condition: impl Fn(&T) -> Option<bool>) -> Option<bool> {
        let mut rows = rows.into_iter();
        Some(match self {
            Self::Any => rows.any(|row| condition(row) == Some(true)),
            Self::None => !rows.any(|row| condition(row) == Some(true)),
            Self::All => rows.all(|row| condition(row) == Some(true)),
        })
    }
}

fn counted(number: usize) -> Option<i64> {
    i64::try_from(number).ok()
}

impl Tree<OfBook> {
    pub fn condition(&self, b: &BookColumns<Book>) -> Condition<Book> {
        use OfBook::*;
        self.fold(&|leaf| match leaf {
            Pages((comparison, pages)) => compare!(b.pages, comparison, *pages),
            Author((comparison, name)) => compare!(b.author.name, comparison, *name),
            Editor((comparison, name)) => compare!(b.editor.name, comparison, *name),
            AuthorMentor((comparison, name)) => compare!(b.author.mentor.name, comparison, *name),
            EditorMentor((comparison, name)) => compare!(b.editor.mentor.name, comparison, *name),
            EditorIsNull => b.editor.is_null(),
            EditorNameIsNotNull => b.editor.name.is_not_null(),
            EditorMentorIsNull => b.editor.mentor.is_null(),
            AuthorIsEditor(comparison) => compare!(b.author.pk, comparison, b.editor.pk),
            Tags(test, tree) => related!(b.tags, test, tree),
            TagCount((comparison, number)) => compare!(b.tags.count(), comparison, *number),
            EditorBooks(test, tree) => related!(b.editor.books, test, tree),
            EditorMentorBookCount((comparison, number)) => {
                compare!(b.editor.mentor.books.count(), comparison, *number)
            }
        })
    }

    pub fn holds(&self, world: &World, book: &Book) -> Option<bool> {
        use OfBook::*;
        let author = Some(world.author(book.author_id));
        let editor = book.editor_id.map(|key| world.author(key));
        let mentor = |author: Option<&super::super::library::Author>| author?.mentor_id.map(|key| world.author(key));
        let is = |comparison: &Comparison, author: Option<&super::super::library::Author>, name: &str| {
            comparison.holds(author.map(|author| author.name.as_str()), Some(name))
        };
        let books =
            |author: Option<&super::super::library::Author>| author.map(|a| world.books_of(a)).unwrap_or_default();
        self.evaluate(&|leaf| match leaf {
            Pages((comparison, pages)) => comparison.holds(Some(book.pages), Some(*pages)),
            Author((comparison, name)) => is(comparison, author, name),
            Editor((comparison, name)) => is(comparison, editor, name),
            AuthorMentor((comparison, name)) => is(comparison, mentor(author), name),
            EditorMentor((comparison, name)) => is(comparison, mentor(editor), name),
            EditorIsNull => Some(editor.is_none()),
            EditorNameIsNotNull => Some(editor.is_some()),
            EditorMentorIsNull => Some(mentor(editor).is_none()),
            AuthorIsEditor(comparison) => comparison.holds(Some(book.author_id), book.editor_id),
            Tags(test, tree) => test.holds(world.tags_of(book), |tag| tree.holds(world, tag)),
            TagCount((comparison, number)) => comparison.holds(counted(world.tags_of(book).len()), Some(*number)),
            EditorBooks(test, tree) => test.holds(books(editor), |book| tree.holds(world, book)),
            EditorMentorBookCount((comparison, number)) => {
                comparison.holds(counted(books(mentor(editor)).len()), Some(*number))
            }
        })
    }
}

impl Tree<OfAuthor> {
    pub fn condition(&self, a: &AuthorColumns<Author>) -> Condition<Author> {
        use OfAuthor::*;
        self.fold(&|leaf| match leaf {
            Name((comparison, name)) => compare!(a.name, comparison, *name),
            Mentor((comparison, name)) => compare!(a.mentor.name, comparison, *name),
            Books(test, tree) => related!(a.books, test, tree),
            Edited(test, tree) => related!(a.edited, test, tree),
            Pupils(test, tree) => related!(a.pupils, test, tree),
            BookCount((comparison, number)) => compare!(a.books.count(), comparison, *number),
        })
    }

    pub fn holds(&self, world: &World, author: &Author) -> Option<bool> {
        use OfAuthor::*;
        let mentor = author.mentor_id.map(|key| world.author(key).name.as_str());
        let books = |test: &Test, books: Vec<&Book>, tree: &Tree<OfBook>| test.holds(books, |b| tree.holds(world, b));
        self.evaluate(&|leaf| match leaf {
            Name((comparison, name)) => comparison.holds(Some(author.name.as_str()), Some(name)),
            Mentor((comparison, name)) => comparison.holds(mentor, Some(name)),
            Books(test, tree) => books(test, world.books_of(author), tree),
            Edited(test, tree) => books(test, world.edited_by(author), tree),
            Pupils(test, tree) => test.holds(world.pupils_of(author), |pupil| tree.holds(world, pupil)),
            BookCount((comparison, number)) => comparison.holds(counted(world.books_of(author).len()), Some(*number)),
        })
    }
}

impl Tree<OfTag> {
    pub fn condition(&self, t: &TagColumns<Tag>) -> Condition<Tag> {
        use OfTag::*;
        self.fold(&|leaf| match leaf {
            Name((comparison, name)) => compare!(t.name, comparison, *name),
            Books(test, tree) => related!(t.books, test, tree),
            BookCount((comparison, number)) => compare!(t.books.count(), comparison, *number),
        })
    }

    pub fn holds(&self, world: &World, tag: &Tag) -> Option<bool> {
        use OfTag::*;
        self.evaluate(&|leaf| match leaf {
            Name((comparison, name)) => comparison.holds(Some(tag.name.as_str()), Some(name)),
            Books(test, tree) => test.holds(world.tagged(tag), |book| tree.holds(world, book)),
            BookCount((comparison, number)) => comparison.holds(counted(world.tagged(tag).len()), Some(*number)),
        })
    }
}
