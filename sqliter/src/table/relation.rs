//! The description of relations, as plain data.

use std::borrow::Cow;

use super::{ColumnInfo, TableInfo};

/// A relation of a model to another, as the derive describes it.
#[derive(Debug)]
pub struct RelationInfo {
    /// The name of the relation.
    pub name: &'static str,
    /// The table of the model that has the relation. A function, so that models may refer to each other.
    pub source: fn() -> &'static TableInfo,
    /// The table of the related model.
    pub target: fn() -> &'static TableInfo,
    /// What holds both together.
    pub link: Link,
}

/// A model has one relation of a name.
impl PartialEq for RelationInfo {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && (self.source)().name == (other.source)().name
    }
}

impl RelationInfo {
    /// The name of the table of pairs, if there is one.
    pub(crate) fn table_of_pairs(&self) -> Option<Cow<'static, str>> {
        match self.link {
            Link::Junction(junction) => Some(junction.names().table),
            Link::ForeignKey(_) | Link::Referrer(_) => None,
        }
    }

    /// The column of the source that the link starts from.
    pub(crate) fn source_column(&self) -> &'static ColumnInfo {
        match self.link {
            Link::ForeignKey(column) => column,
            Link::Referrer(_) | Link::Junction(_) => (self.source)().key_column(),
        }
    }

    /// The column of the target that the link leads to.
    pub(crate) fn target_column(&self) -> &'static ColumnInfo {
        match self.link {
            Link::Referrer(column) => column,
            Link::ForeignKey(_) | Link::Junction(_) => (self.target)().key_column(),
        }
    }
}

/// What holds the two sides of a relation together.
#[derive(Debug, Clone, Copy)]
pub enum Link {
    /// A foreign key of the source.
    ForeignKey(&'static ColumnInfo),
    /// A foreign key of the target.
    Referrer(&'static ColumnInfo),
    /// A table of pairs.
    Junction(JunctionInfo),
}

/// The table of pairs of a many-to-many relation, seen from one side.
#[derive(Debug, Clone, Copy)]
pub struct JunctionInfo {
    /// Where the pairs are.
    pub through: Through,
    /// Whether a pair counts in both directions; it is stored once.
    pub symmetrical: bool,
    /// Whether this is the side that does not declare the relation.
    pub reversed: bool,
    /// The table of the side that declares the relation.
    pub owner: fn() -> &'static TableInfo,
    /// The table of the other side.
    pub other: fn() -> &'static TableInfo,
}

/// Where the pairs of a many-to-many relation are.
#[derive(Debug, Clone, Copy)]
pub enum Through {
    /// In a table named after both.
    Default,
    /// In a table of this name.
    Table(&'static str),
    /// In the table of a model, by its foreign keys to both sides.
    TableOf(fn() -> &'static TableInfo),
}

/// The names of a table of pairs, seen from one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Junction {
    /// The name of the table.
    pub table: Cow<'static, str>,
    /// The column that holds the key of the source.
    pub source: Cow<'static, str>,
    /// The column that holds the key of the target.
    pub target: Cow<'static, str>,
    /// Whether a pair counts in both directions.
    pub symmetrical: bool,
}

impl JunctionInfo {
    /// Whether each of its rows has the keys of both sides, as in a table that is nothing but pairs.
    pub(crate) fn has_both_keys(&self) -> bool {
        let Through::TableOf(model) = self.through else { return true };
        let names = self.names();
        let is_there = |column: &&ColumnInfo| column.name == names.source || column.name == names.target;
        !model().columns.iter().filter(is_there).any(|column| column.nullable)
    }

    /// The names, seen from the side of this description.
    pub fn names(&self) -> Junction {
        self.names_by(|table| table.name)
    }

    /// The names that it had before the models were renamed that say so.
    pub(crate) fn names_before(&self) -> Junction {
        self.names_by(|table| table.renamed_from.unwrap_or(table.name))
    }

    fn names_by(&self, name: impl Fn(&TableInfo) -> &'static str) -> Junction {
        let (owner, other) = ((self.owner)(), (self.other)());
        let (owner_name, other_name) = (name(owner), name(other));
        let (table, mut source, mut target) = match self.through {
            Through::TableOf(model) => {
                let model = model();
                let mut keys = foreign_keys(model, owner.name);
                let source = keys.next();
                let target =
                    if owner.name == other.name { keys.next() } else { foreign_keys(model, other.name).next() };
                (Cow::Borrowed(model.name), named(source), named(target))
            }
            Through::Table(name) => {
                let [source, target] = pair_columns(owner_name, other_name);
                (Cow::Borrowed(name), Cow::Owned(source), Cow::Owned(target))
            }
            Through::Default => {
                let [source, target] = pair_columns(owner_name, other_name);
                (Cow::Owned(pair_name(owner_name, other_name)), Cow::Owned(source), Cow::Owned(target))
            }
        };
        if self.reversed {
            std::mem::swap(&mut source, &mut target);
        }
        Junction { table, source, target, symmetrical: self.symmetrical }
    }
}

fn foreign_keys(model: &'static TableInfo, target: &'static str) -> impl Iterator<Item = &'static ColumnInfo> {
    model.columns.iter().filter(move |column| column.references.is_some_and(|key| (key.table)().name == target))
}

/// A model between two others has a foreign key to each, which is checked when the tables are created.
fn named(column: Option<&'static ColumnInfo>) -> Cow<'static, str> {
    Cow::Borrowed(column.map_or("", |column| column.name))
}

fn pair_name(a: &str, b: &str) -> String {
    let (first, second) = if a <= b { (a, b) } else { (b, a) };
    format!("{first}_{second}")
}

/// The columns for the owner and for the other side.
fn pair_columns(owner: &str, other: &str) -> [String; 2] {
    if owner == other {
        [format!("{owner}_pk_left"), format!("{owner}_pk_right")]
    } else {
        [format!("{owner}_pk"), format!("{other}_pk")]
    }
}
