//! Groups of columns: what an embedded struct is in a table. All of it is known when the program is compiled.

use super::{ColumnInfo, TableInfo, quoted};

/// The columns of a struct that can be embedded, as plain data.
#[derive(Debug)]
pub struct EmbedInfo {
    /// The name of the struct.
    pub name: &'static str,
    /// The columns, without what their names begin with in a table.
    pub columns: &'static [ColumnInfo],
    /// The fields, in their order.
    pub fields: &'static [FieldPlace],
    /// The fields that are structs themselves.
    pub groups: &'static [GroupInfo],
}

/// A field, and where its columns begin.
#[derive(Debug, Clone, Copy)]
pub struct FieldPlace {
    /// The name of the field.
    pub name: &'static str,
    /// The position of its first column.
    pub start: usize,
}

/// A group of columns.
#[derive(Debug)]
pub struct GroupInfo {
    /// The name of the field.
    pub name: &'static str,
    /// The position of its first column.
    pub start: usize,
    /// Whether the columns may be `NULL` as a whole.
    pub optional: bool,
    /// What is embedded.
    pub embed: &'static EmbedInfo,
}

impl EmbedInfo {
    /// How many columns there are.
    pub const fn width(&self) -> usize {
        self.columns.len()
    }

    /// Whether a column is never `NULL`, so that it tells whether the whole is there.
    pub const fn has_required(&self) -> bool {
        let mut i = 0;
        while i < self.columns.len() {
            if !self.columns[i].nullable {
                return true;
            }
            i += 1;
        }
        false
    }

    /// The position of the column that these fields lead to, one inside the other. What there is not has none.
    pub const fn place(&self, fields: &[&str]) -> Option<usize> {
        let Some((first, rest)) = fields.split_first() else { return None };
        let mut i = 0;
        while i < self.fields.len() {
            if same(self.fields[i].name, first) {
                let start = self.fields[i].start;
                return match (self.group(first), rest.is_empty()) {
                    (None, true) => Some(start),
                    (Some(group), false) => match group.embed.place(rest) {
                        Some(place) => Some(start + place),
                        None => None,
                    },
                    (None, false) | (Some(_), true) => None,
                };
            }
            i += 1;
        }
        None
    }

    const fn group(&self, name: &str) -> Option<&GroupInfo> {
        let mut i = 0;
        while i < self.groups.len() {
            if same(self.groups[i].name, name) {
                return Some(&self.groups[i]);
            }
            i += 1;
        }
        None
    }
}

/// The condition that a row has all values of a group that may be `NULL` as a whole, or none.
pub(crate) struct GroupCheck {
    pub(crate) name: String,
    /// The columns of the group.
    pub(crate) columns: &'static [ColumnInfo],
    /// Which of them must have a value if one has.
    required: Vec<&'static ColumnInfo>,
}

impl GroupCheck {
    /// The constraint.
    pub(crate) fn to_sql(&self) -> String {
        let test = |column: &ColumnInfo, what: &str| format!("{} {what}", quoted(column.name));
        let there: Vec<_> = self.required.iter().map(|column| test(column, "IS NOT NULL")).collect();
        let absent: Vec<_> = self.columns.iter().map(|column| test(column, "IS NULL")).collect();
        let (there, absent) = (there.join(" AND "), absent.join(" AND "));
        format!("CONSTRAINT {} CHECK (({there}) OR ({absent}))", quoted(&self.name))
    }
}

impl TableInfo {
    /// What keeps groups whole.
    pub(crate) fn checks_of_groups(&self) -> impl Iterator<Item = GroupCheck> + use<> {
        let mut checks = Vec::new();
        for group in self.groups {
            group.push_checks(self.columns, "", &mut checks);
        }
        checks.into_iter()
    }
}

impl GroupInfo {
    /// Adds the conditions of the group and of those in it. `around` are the columns of what it stands in.
    fn push_checks(&self, around: &'static [ColumnInfo], before: &str, checks: &mut Vec<GroupCheck>) {
        let columns = around.get(self.start..self.start + self.embed.width()).unwrap_or_default();
        let name = format!("{before}{}", self.name);
        if self.optional && columns.len() > 1 {
            let pairs = self.embed.columns.iter().zip(columns);
            let required = pairs.filter(|(declared, _)| !declared.nullable).map(|(_, column)| column).collect();
            checks.push(GroupCheck { name: format!("{name} has all of its values or none"), columns, required });
        }
        for group in self.embed.groups {
            group.push_checks(columns, &format!("{name}."), checks);
        }
    }
}

/// What a field of a struct adds to its columns.
pub enum Part {
    /// A column.
    Column(ColumnInfo),
    /// The columns of another struct.
    Group {
        /// What their names begin with.
        prefix: &'static str,
        /// What they began with before, if they had other names.
        before: Option<&'static str>,
        /// Whether they may be `NULL` as a whole.
        optional: bool,
        /// What is embedded.
        embed: &'static EmbedInfo,
    },
}

/// How many columns there are.
pub const fn width(parts: &[Part]) -> usize {
    let (mut width, mut i) = (0, 0);
    while i < parts.len() {
        width += match &parts[i] {
            Part::Column(_) => 1,
            Part::Group { embed, .. } => embed.width(),
        };
        i += 1;
    }
    width
}

/// How many bytes the names have that are put together.
pub const fn length_of_names(parts: &[Part]) -> usize {
    let (mut length, mut i) = (0, 0);
    while i < parts.len() {
        if let Part::Group { prefix, before, embed, .. } = &parts[i] {
            let mut k = 0;
            while k < embed.columns.len() {
                let column = &embed.columns[k];
                length += prefix.len() + column.name.len();
                if let Some((prefix, name)) = former(column, prefix, *before) {
                    length += prefix.len() + name.len();
                }
                k += 1;
            }
        }
        i += 1;
    }
    length
}

/// These names, one after the other.
pub const fn names<const LENGTH: usize>(parts: &[Part]) -> [u8; LENGTH] {
    let mut text = [0; LENGTH];
    let (mut at, mut i) = (0, 0);
    while i < parts.len() {
        if let Part::Group { prefix, before, embed, .. } = &parts[i] {
            let mut k = 0;
            while k < embed.columns.len() {
                let column = &embed.columns[k];
                at = write(&mut text, at, prefix);
                at = write(&mut text, at, column.name);
                if let Some((prefix, name)) = former(column, prefix, *before) {
                    at = write(&mut text, at, prefix);
                    at = write(&mut text, at, name);
                }
                k += 1;
            }
        }
        i += 1;
    }
    text
}

/// The columns, with what [`names`] gave.
pub const fn columns<const WIDTH: usize>(parts: &[Part], names: &'static [u8]) -> [ColumnInfo; WIDTH] {
    let mut columns = [any_column(parts); WIDTH];
    let mut rest = names;
    let (mut at, mut i) = (0, 0);
    while i < parts.len() {
        match &parts[i] {
            Part::Column(column) => {
                columns[at] = *column;
                at += 1;
            }
            Part::Group { prefix, before, optional, embed } => {
                let mut k = 0;
                while k < embed.columns.len() {
                    let mut column = embed.columns[k];
                    let former = former(&column, prefix, *before);
                    let inner = match column.prefix {
                        Some(inner) => inner.len(),
                        None => 0,
                    };
                    let (name, others) = rest.split_at(prefix.len() + column.name.len());
                    column.prefix = Some(text(name.split_at(prefix.len() + inner).0));
                    column.name = text(name);
                    rest = others;
                    if let Some((prefix, name)) = former {
                        let (name, others) = rest.split_at(prefix.len() + name.len());
                        column.renamed_from = Some(text(name));
                        rest = others;
                    }
                    if *optional {
                        column.nullable = true;
                        // One column of a group alone would have it.
                        column.default = None;
                    }
                    columns[at] = column;
                    at += 1;
                    k += 1;
                }
            }
        }
        i += 1;
    }
    columns
}

/// The parts of the name that a column of a group had before, if it had another one.
const fn former(
    column: &ColumnInfo,
    prefix: &'static str,
    before: Option<&'static str>,
) -> Option<(&'static str, &'static str)> {
    match (column.renamed_from, before) {
        (Some(name), Some(before)) => Some((before, name)),
        (Some(name), None) => Some((prefix, name)),
        (None, Some(before)) => Some((before, column.name)),
        (None, None) => None,
    }
}

/// Whether the name of a column of the part at a position is that of a column of another part. SQLite does not tell names
/// apart by the case of ASCII letters.
pub const fn has_name_of_other(parts: &[Part], columns: &[ColumnInfo], position: usize) -> bool {
    let start = width(parts.split_at(position).0);
    let end = start + width(parts.split_at(position).1.split_at(1).0);
    let mut i = start;
    while i < end {
        let mut k = 0;
        while k < columns.len() {
            let is_other = k < start || k >= end;
            if is_other && columns[k].name.eq_ignore_ascii_case(columns[i].name) {
                return true;
            }
            k += 1;
        }
        i += 1;
    }
    false
}

/// A column to begin with.
const fn any_column(parts: &[Part]) -> ColumnInfo {
    match parts.first() {
        Some(Part::Column(column)) => *column,
        Some(Part::Group { embed, .. }) => embed.columns[0],
        None => panic!("no columns"),
    }
}

const fn write(text: &mut [u8], mut at: usize, part: &str) -> usize {
    let bytes = part.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        text[at] = bytes[i];
        at += 1;
        i += 1;
    }
    at
}

const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("names end between characters"),
    }
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut i = 0;
    while i < one.len() && i < other.len() && one[i] == other[i] {
        i += 1;
    }
    i == one.len() && i == other.len()
}
