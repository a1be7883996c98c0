//! What only a person knows about a change: told by options, or asked for on a terminal.

use std::io::{self, BufRead, Write};

use sqliter::schema::{Decisions, Need, Schema, SchemaDiff, Subject, TableKind};

use super::arguments::DiffArguments;
use super::compare::others;
use crate::output::{Failure, Result};

/// An answer, as an option gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Rename { old: String, new: String },
    Drop(String),
    Keep(String),
    Value { column: String, sql: String },
    RowsSatisfy(String),
}

/// Something that must be told.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Question {
    /// Models have tables that are new, and a table has no model any more.
    Table { table: String, new: Vec<String> },
    /// With the columns that are new in the table, of a column that should not be there.
    Need { need: Need, new: Vec<String> },
}

/// All that was told.
#[derive(Debug)]
pub(super) struct Told<'s> {
    before: &'s Schema,
    models: &'s Schema,
    pub(super) decisions: Decisions,
    /// From the old names of tables to the new ones, those that the models tell included.
    pub(super) tables: Vec<(String, String)>,
    /// New names of tables, with the old and new names of their columns.
    pub(super) columns: Vec<(String, String, String)>,
    pub(super) dropped: Vec<String>,
    /// The tables without a model of which is told what becomes of them.
    settled: Vec<String>,
}

impl<'s> Told<'s> {
    /// What the models tell of renames, and then the options.
    pub(super) fn new(
        before: &'s Schema,
        models: &'s Schema,
        diff: &SchemaDiff,
        arguments: &DiffArguments,
    ) -> Result<Self> {
        let mut told = Self {
            before,
            models,
            decisions: Decisions::new(),
            tables: Vec::new(),
            columns: Vec::new(),
            dropped: Vec::new(),
            settled: Vec::new(),
        };
        for difference in &diff.differences {
            let Some(old) = &difference.is else { continue };
            match &difference.subject {
                Subject::Name => told.tables.push((old.clone(), difference.table.clone())),
                Subject::ColumnName(new) => told.columns.push((difference.table.clone(), old.clone(), new.clone())),
                _ => {}
            }
        }
        let DiffArguments { name: _, rename, drop, keep, value, rows_satisfy, dry_run: _ } = arguments;
        let mut renames = Vec::new();
        for text in rename {
            let (old, new) = parts(text, "--rename", "OLD=NEW")?;
            renames.push(Answer::Rename { old, new });
        }
        // A column is looked for in its table, which may have another name now.
        renames.sort_by_key(|answer| matches!(answer, Answer::Rename { old, .. } if before.table(old).is_none()));
        let mut answers = renames;
        answers.extend(drop.iter().cloned().map(Answer::Drop));
        answers.extend(keep.iter().cloned().map(Answer::Keep));
        for text in value {
            let (column, sql) = parts(text, "--value", "TABLE.COLUMN=SQL")?;
            answers.push(Answer::Value { column, sql });
        }
        answers.extend(rows_satisfy.iter().cloned().map(Answer::RowsSatisfy));
        answers.into_iter().try_for_each(|answer| told.add(answer))?;
        Ok(told)
    }

    /// Takes an answer, or says what in it is not there.
    pub(super) fn add(&mut self, answer: Answer) -> Result<()> {
        let decisions = std::mem::take(&mut self.decisions);
        self.decisions = match answer {
            Answer::Rename { old, new } if self.before.table(&old).is_some() => {
                must_be(self.models.table(&new).is_some(), || {
                    format!("--rename {old}={new}: no model has the table {new}")
                })?;
                self.settled.push(old.to_ascii_lowercase());
                self.tables.push((old.clone(), new.clone()));
                decisions.rename_table(&old, &new)
            }
            Answer::Rename { old, new } => {
                let (table, column) = self.column_before(&old, "--rename")?;
                // Also as TABLE.COLUMN.
                let in_table = new.split_at_checked(table.len()).filter(|(it, _)| it.eq_ignore_ascii_case(&table));
                let new = in_table.and_then(|(_, rest)| rest.strip_prefix('.')).unwrap_or(&new);
                let is_there = self.models.table(&table).is_some_and(|it| it.column(new).is_some());
                must_be(is_there, || format!("--rename {old}={new}: the model of {table} has no column {new}"))?;
                self.columns.push((table.clone(), column.clone(), new.to_owned()));
                decisions.rename_column(&table, &column, new)
            }
            Answer::Drop(name) => {
                let has_model = self.before.table(&name).is_some() && self.models.table(&name).is_some();
                must_be(!has_model, || format!("--drop {name}: a model has this table; remove the model before"))?;
                self.dropped.push(name.clone());
                if self.is_named(&name) {
                    self.settled.push(name.to_ascii_lowercase());
                    decisions.drop(&name)
                } else {
                    let (table, column) = self.column_before(&name, "--drop")?;
                    decisions.drop_column(&table, &column)
                }
            }
            Answer::Keep(name) => {
                if self.is_named(&name) {
                    self.settled.push(name.to_ascii_lowercase());
                    decisions.keep(&name)
                } else {
                    let (table, column) = self.column_before(&name, "--keep")?;
                    decisions.keep_column(&table, &column)
                }
            }
            Answer::Value { column: name, sql } => {
                let found = places(&name).find_map(|(table, column)| {
                    self.models.table(table).and_then(|it| it.column(column)).map(|_| (table, column))
                });
                let Some((table, column)) = found else {
                    return Err(Failure::Usage(format!("--value {name}={sql}: no model has the column {name}")));
                };
                decisions.value(table, column, &sql)
            }
            Answer::RowsSatisfy(table) => {
                must_be(self.models.table(&table).is_some(), || {
                    format!("--rows-satisfy {table}: no model has the table {table}")
                })?;
                decisions.rows_satisfy(&table)
            }
        };
        Ok(())
    }

    /// Refuses options that change nothing: what they mean is something else then.
    pub(super) fn check(&self, diff: &SchemaDiff, arguments: &DiffArguments, statements: &[String]) -> Result<()> {
        for (table, old, new) in &self.columns {
            let is_taken = self.before.table(&self.old_table(table)).is_some_and(|it| it.column(new).is_some());
            let is_freed = self.columns.iter().any(|(it, old, _)| it == table && old.eq_ignore_ascii_case(new));
            must_be(!is_taken || is_freed, || {
                format!("--rename {table}.{old}={new}: {table} has a column {new} already")
            })?;
        }
        for left_out in &arguments.value {
            let mut fewer = arguments.clone();
            fewer.value.retain(|value| value != left_out);
            let others = Self::new(self.before, self.models, diff, &fewer)?.decisions;
            let is_idle = diff.needs(&others)?.is_empty() && diff.sql(&others)? == statements;
            must_be(!is_idle, || {
                format!(
                    "--value {left_out}: nothing asks for it, as the column stays as it is; to change values, write an UPDATE"
                )
            })?;
        }
        Ok(())
    }

    /// What is still to be told.
    pub(super) fn questions(&self, diff: &SchemaDiff) -> Result<Vec<Question>> {
        let is_new = |name: &str| self.tables.iter().all(|(_, new)| !new.eq_ignore_ascii_case(name));
        let new: Vec<String> = diff
            .differences
            .iter()
            .filter(|it| it.subject == Subject::Table && it.is.is_none() && is_new(&it.table))
            .map(|it| it.table.clone())
            .collect();
        let is_open = |name: &&str| {
            let is_ordinary = self.before.table(name).is_some_and(|table| table.kind == TableKind::Ordinary);
            is_ordinary && !new.is_empty() && !self.settled.contains(&name.to_ascii_lowercase())
        };
        let tables = others(diff)
            .into_iter()
            .filter(is_open)
            .map(|table| Question::Table { table: table.to_owned(), new: new.clone() });
        let mut needs: Vec<_> = diff
            .needs(&self.decisions)?
            .into_iter()
            .map(|need| Question::Need { new: self.new_columns(&need), need })
            .collect();
        // A rename may settle others.
        needs.sort_by_key(|question| !matches!(question, Question::Need { need: Need::Column { .. }, .. }));
        Ok(tables.chain(needs).collect())
    }

    /// The columns that are new in the table of a column that should not be there.
    fn new_columns(&self, need: &Need) -> Vec<String> {
        let Need::Column { table, .. } = need else { return Vec::new() };
        let (Some(wanted), Some(is)) = (self.models.table(table), self.before.table(&self.old_table(table))) else {
            return Vec::new();
        };
        let is_taken = |name: &str| {
            self.columns.iter().any(|(it, _, new)| it.eq_ignore_ascii_case(table) && new.eq_ignore_ascii_case(name))
        };
        let names = wanted.columns.iter().filter(|it| it.generated.is_none()).map(|column| &column.name);
        names.filter(|name| is.column(name).is_none() && !is_taken(name)).cloned().collect()
    }

    /// Whether there is a table, an index, a view or a trigger of the name.
    fn is_named(&self, name: &str) -> bool {
        let schema = self.before;
        schema.table(name).is_some()
            || schema.view(name).is_some()
            || schema.triggers.iter().any(|it| it.name.eq_ignore_ascii_case(name))
            || schema.tables.iter().any(|it| it.index(name).is_some())
    }

    /// A column that is there, with the name that its table will have.
    fn column_before(&self, name: &str, option: &str) -> Result<(String, String)> {
        let found = places(name).find_map(|(table, column)| {
            let is = self.before.table(table).or_else(|| self.before.table(&self.old_table(table)))?;
            Some((self.new_table(&is.name), is.column(column)?.name.clone()))
        });
        found.ok_or_else(|| {
            Failure::Usage(format!(
                "{option} {name}: after the migrations there is nothing of this name; a column is named as TABLE.COLUMN"
            ))
        })
    }

    pub(super) fn old_table(&self, new: &str) -> String {
        let renamed = self.tables.iter().find(|(_, it)| it.eq_ignore_ascii_case(new));
        renamed.map_or_else(|| new.to_owned(), |(old, _)| old.clone())
    }

    pub(super) fn new_table(&self, old: &str) -> String {
        let renamed = self.tables.iter().find(|(it, _)| it.eq_ignore_ascii_case(old));
        renamed.map_or_else(|| old.to_owned(), |(_, new)| new.clone())
    }
}

/// What TABLE.COLUMN may mean: either name may have a dot in it.
fn places(name: &str) -> impl Iterator<Item = (&str, &str)> {
    name.match_indices('.').filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)))
}

fn parts(text: &str, option: &str, form: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((left, right)) if !left.trim().is_empty() && !right.trim().is_empty() => {
            Ok((left.trim().to_owned(), right.trim().to_owned()))
        }
        _ => Err(Failure::Usage(format!("{option} {text}: write it as {option} {form}"))),
    }
}

fn must_be(is: bool, otherwise: impl FnOnce() -> String) -> Result<()> {
    if is { Ok(()) } else { Err(Failure::Usage(otherwise())) }
}

impl Question {
    /// In a sentence.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Table { table, new } => {
                format!("the table {table} has no model any more, and new are {}: what becomes of it?", new.join(", "))
            }
            Self::Need { need, .. } => need.to_string(),
        }
    }

    /// The answers that there are, each in words; none where it is a text.
    fn answers(&self) -> Vec<(String, Answer)> {
        let rename = |old: &str, new: &[String], place: &str| -> Vec<_> {
            let answer = |new: &String| {
                (format!("{place}{new} is its new name"), Answer::Rename { old: old.to_owned(), new: new.clone() })
            };
            new.iter().map(answer).collect()
        };
        let drop = |name: &str, what: &str| (format!("it goes{what}"), Answer::Drop(name.to_owned()));
        let keep = |name: &str| ("it stays".to_owned(), Answer::Keep(name.to_owned()));
        match self {
            Self::Table { table, new } => {
                let mut answers = rename(table, new, "");
                answers.extend([drop(table, " with its rows"), keep(table)]);
                answers
            }
            Self::Need { need, new } => match need {
                Need::Column { table, column } => {
                    let name = format!("{table}.{column}");
                    let mut answers = rename(&name, new, &format!("{table}."));
                    answers.extend([drop(&name, " with its values"), keep(&name)]);
                    answers
                }
                Need::Index { index, .. } => vec![drop(index, ""), keep(index)],
                Need::Rows { table, .. } => {
                    vec![(
                        "they satisfy it; if not, the migration fails and changes nothing".to_owned(),
                        Answer::RowsSatisfy(table.clone()),
                    )]
                }
                Need::Broken { name, .. } => vec![drop(name, "")],
                Need::InTheWay { name, .. } => vec![drop(name, ", with all it holds")],
                // A value is a text. What was renamed in a circle is mended by another migration before this one.
                _ => Vec::new(),
            },
        }
    }

    /// The options that answer it; none when only a change by hand does.
    pub(super) fn options(&self) -> Vec<String> {
        match self {
            Self::Need { need: Need::Value { table, column, .. }, .. } => vec![format!("--value {table}.{column}=SQL")],
            _ => self.answers().iter().map(|(_, answer)| answer.option()).collect(),
        }
    }

    /// Asks a person. `None` when there is no answer.
    pub(super) fn ask(&self, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Option<Answer>> {
        writeln!(output, "{}", self.text())?;
        if let Self::Need { need: Need::Value { table, column, .. }, .. } = self {
            write!(output, "SQL (nothing to stop): ")?;
            let sql = line(input, output)?;
            return Ok((!sql.is_empty()).then(|| Answer::Value { column: format!("{table}.{column}"), sql }));
        }
        let answers = self.answers();
        for (number, (words, _)) in answers.iter().enumerate() {
            writeln!(output, "  {}) {words}", number + 1)?;
        }
        while !answers.is_empty() {
            write!(output, "Number (nothing to stop): ")?;
            let text = line(input, output)?;
            if text.is_empty() {
                return Ok(None);
            }
            let number = text.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            match number.and_then(|number| answers.get(number)) {
                Some((_, answer)) => return Ok(Some(answer.clone())),
                None => writeln!(output, "{text} is none of the numbers")?,
            }
        }
        Ok(None)
    }
}

impl Answer {
    /// The option that says the same.
    pub(super) fn option(&self) -> String {
        match self {
            Self::Rename { old, new } => format!("--rename {}", word(&format!("{old}={new}"))),
            Self::Drop(name) => format!("--drop {}", word(name)),
            Self::Keep(name) => format!("--keep {}", word(name)),
            Self::Value { column, sql } => format!("--value {}", word(&format!("{column}={sql}"))),
            Self::RowsSatisfy(table) => format!("--rows-satisfy {}", word(table)),
        }
    }
}

/// A text as one word of a shell.
fn word(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || "._=-".contains(c));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn line(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<String> {
    output.flush()?;
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
