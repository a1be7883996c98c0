//! What stored values stand for.

/// How a stored value is shown in a serialised [`Record`](crate::Record).
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As what it is stored as.
    Stored,
    /// As true or false.
    Boolean,
    /// As the document that the text is.
    Json,
    /// As the document in JSONB.
    Jsonb,
}

/// How SQLite's date functions read a stored value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// As text.
    Text,
    /// As seconds since 1970.
    UnixSeconds,
}
