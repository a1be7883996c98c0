//! The Rust types of columns.

use sqliter::schema::{Column, Table};

use super::contents::Classes;

/// The Rust type of the values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    I64,
    F64,
    Text,
    Bytes,
    Any,
}

impl Type {
    pub(super) const fn written(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I64 => "i64",
            Self::F64 => "f64",
            Self::Text => "String",
            Self::Bytes => "Vec<u8>",
            Self::Any => "Any",
        }
    }

    /// The type that the library declares for it.
    pub(super) const fn declared(self) -> &'static str {
        match self {
            Self::Bool | Self::I64 => "INTEGER",
            Self::F64 => "REAL",
            Self::Text => "TEXT",
            Self::Bytes => "BLOB",
            Self::Any => "ANY",
        }
    }

    /// Whether it can be a primary key.
    pub(super) const fn is_key(self) -> bool {
        matches!(self, Self::I64 | Self::Text | Self::Bytes)
    }

    /// Whether it reads all that a column holds.
    pub(super) const fn reads(self, found: Classes) -> bool {
        match self {
            Self::Bool => found.within(true, false, false, false) && !found.other_integer,
            Self::I64 => found.within(true, false, false, false),
            Self::F64 => found.within(true, true, false, false),
            Self::Text => found.within(false, false, true, false),
            Self::Bytes => found.within(false, false, false, true),
            Self::Any => true,
        }
    }
}

/// The type of a column of a table: what is declared, unless the column holds something else.
pub(super) fn of(table: &Table, column: &Column, found: Classes) -> Type {
    if table.strict
        && column.declared_type.as_str().eq_ignore_ascii_case("INTEGER")
        && bool_check(table, column).is_some()
    {
        return Type::Bool;
    }
    of_declared(column.declared_type.as_str(), table.strict, found)
}

pub(super) fn of_declared(declared: &str, strict: bool, found: Classes) -> Type {
    let asked = asked(declared, strict);
    if let Some(asked) = asked.filter(|asked| asked.reads(found)) {
        return asked;
    }
    if strict || found.is_empty() {
        return asked.unwrap_or(Type::Any);
    }
    [Type::I64, Type::F64, Type::Text, Type::Bytes].into_iter().find(|ty| ty.reads(found)).unwrap_or(Type::Any)
}

/// What a declared type asks for, if it is clear. SQLite itself knows [five affinities](https://www.sqlite.org/datatype3.html).
fn asked(declared: &str, strict: bool) -> Option<Type> {
    let declared = declared.to_ascii_uppercase();
    let has = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
    match () {
        () if strict && declared == "ANY" => Some(Type::Any),
        () if has(&["INT"]) => Some(Type::I64),
        () if has(&["CHAR", "CLOB", "TEXT"]) => Some(Type::Text),
        () if has(&["BLOB", "BINARY"]) => Some(Type::Bytes),
        () if has(&["REAL", "FLOA", "DOUB", "DEC", "NUM"]) => Some(Type::F64),
        () if has(&["BOOL"]) => Some(Type::Bool),
        () if has(&["DATE", "TIME", "JSON", "UUID", "STRING", "XML"]) => Some(Type::Text),
        () => None,
    }
}

/// The position of the check by which the library keeps all but 0 and 1 out.
pub(super) fn bool_check(table: &Table, column: &Column) -> Option<usize> {
    let expected = format!("{} IN (0, 1)", sqliter::schema::quoted(&column.name));
    table.checks.iter().position(|check| check.name.is_none() && check.condition.plain() == expected)
}

/// The value of the `DEFAULT` clause in Rust, if it is a plain value of the type.
pub(super) fn default_value(column: &Column, ty: Type) -> Option<String> {
    let text = column.default.as_ref()?.plain();
    match ty {
        Type::I64 => text.parse::<i64>().ok().filter(|integer| integer.to_string() == text).map(|_| text),
        Type::F64 => text.parse::<f64>().ok().filter(|real| format!("{real:?}") == text).map(|_| text),
        Type::Bool => match text.as_str() {
            "0" => Some("false".to_owned()),
            "1" => Some("true".to_owned()),
            _ => None,
        },
        Type::Text => {
            let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
            (!inner.contains(['\'', '\0'])).then(|| format!("{inner:?}"))
        }
        Type::Bytes | Type::Any => None,
    }
}
