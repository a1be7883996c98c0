//! One difference between what a database has and what it should have.

use std::fmt;

use serde::Serialize;

/// A difference: what is there, and what should be.
///
/// It prints as `books.pages: the type is TEXT, and should be INTEGER`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The table or view that differs.
    pub table: String,
    /// What of it differs.
    pub subject: Subject,
    /// What is there; `None` when it is missing.
    pub is: Option<String>,
    /// What should be there; `None` when it should not be there.
    pub should_be: Option<String>,
}

/// What of a table differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// The table itself.
    Table,
    /// The name of the table.
    Name,
    /// A view.
    View,
    /// A trigger.
    Trigger(String),
    /// A column, with all its constraints.
    Column(String),
    /// The name of a column, which is given here as it should be.
    ColumnName(String),
    /// The declared type of a column.
    Type(String),
    /// Whether a column takes `NULL`.
    NotNull(String),
    /// The default of a column.
    Default(String),
    /// The collating sequence of a column.
    Collation(String),
    /// What a generated column is computed from.
    Generated(String),
    /// The primary key.
    PrimaryKey,
    /// A `UNIQUE` constraint.
    Unique,
    /// A foreign key.
    ForeignKey,
    /// A `CHECK` constraint.
    Check,
    /// Whether the table is STRICT.
    Strict,
    /// Whether the table is WITHOUT ROWID.
    WithoutRowid,
    /// An index.
    Index(String),
}

impl Subject {
    /// The column that it is about, if it is about one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Column(name)
            | Self::ColumnName(name)
            | Self::Type(name)
            | Self::NotNull(name)
            | Self::Default(name)
            | Self::Collation(name)
            | Self::Generated(name) => Some(name),
            Self::Table
            | Self::Name
            | Self::View
            | Self::Trigger(_)
            | Self::PrimaryKey
            | Self::Unique
            | Self::ForeignKey
            | Self::Check
            | Self::Strict
            | Self::WithoutRowid
            | Self::Index(_) => None,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Table => "the table".to_owned(),
            Self::Name | Self::ColumnName(_) => "the name".to_owned(),
            Self::View => "the view".to_owned(),
            Self::Trigger(name) => format!("the trigger {name}"),
            Self::Column(_) => "the column".to_owned(),
            Self::Type(_) => "the type".to_owned(),
            Self::NotNull(_) => "whether it takes NULL".to_owned(),
            Self::Default(_) => "the default".to_owned(),
            Self::Collation(_) => "the collating sequence".to_owned(),
            Self::Generated(_) => "what it is computed from".to_owned(),
            Self::PrimaryKey => "the primary key".to_owned(),
            Self::Unique => "the unique constraint".to_owned(),
            Self::ForeignKey => "the foreign key".to_owned(),
            Self::Check => "the check".to_owned(),
            Self::Strict | Self::WithoutRowid => "the kind of table".to_owned(),
            Self::Index(name) => format!("the index {name}"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, subject, is, should_be } = self;
        f.write_str(table)?;
        if let Some(column) = subject.column() {
            write!(f, ".{column}")?;
        }
        let words = subject.words();
        match (is, should_be) {
            (Some(is), Some(should_be)) => write!(f, ": {words} is {is}, and should be {should_be}"),
            (None, Some(should_be)) => write!(f, ": {words} is missing: {should_be}"),
            (Some(is), None) => write!(f, ": {words} should not be there: {is}"),
            (None, None) => write!(f, ": {words}"),
        }
    }
}
