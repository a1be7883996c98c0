//! A write as text that reads as Rust.

use super::catalog::TableId;
use super::datum::Datum;
use super::print::{chain, expr};
use super::tree::Expr;
use super::write::{Change, Deletion, Pairs, Write};

fn row(table: TableId, of: &[Datum]) -> String {
    let values = table.table().columns.iter().zip(of).map(|(column, value)| format!("{}: {value:?}", column.field));
    format!("{} {{ {} }}", table.table().model, values.collect::<Vec<_>>().join(", "))
}

fn rows(table: TableId, of: &[Vec<Datum>]) -> String {
    of.iter().map(|of| row(table, of)).collect::<Vec<_>>().join(",\n    ")
}

fn sets(table: TableId, of: &[(usize, Expr)]) -> String {
    let set = |(column, value): &(usize, Expr)| {
        format!("{}.set({})", table.table().columns[*column].field, expr(table, value))
    };
    of.iter().map(set).collect::<Vec<_>>().join(", ")
}

fn unique(table: TableId, number: usize) -> String {
    let columns = table.table().unique[number].iter().map(|column| table.table().columns[*column].field);
    format!("by ({})", columns.collect::<Vec<_>>().join(", "))
}

const fn deletion(how: Deletion) -> &'static str {
    match how {
        Deletion::AsTheModelSays => "delete",
        Deletion::ForGood => "delete_for_good",
        Deletion::TakenBack => "restore",
    }
}

pub fn write(of: &Write) -> String {
    match of {
        Write::Insert { table, rows: of, with_key } => {
            format!("db.{}({})", if *with_key { "insert_with" } else { "insert" }, rows(*table, of))
        }
        Write::Save { table, rows: of } => format!("db.update(&mut {})", rows(*table, of)),
        Write::Remove { table, key } => format!("db.delete({}::key({key:?}))", table.table().model),
        Write::Update { chain: of, sets: new } => format!("{}\n    .update({})", chain(of), sets(of.root, new)),
        Write::Delete { chain: of, how } => format!("{}\n    .{}()", chain(of), deletion(*how)),
        Write::Undelete { table, key, how } => {
            format!("db.{}({}::key({key:?}))", deletion(*how), table.table().model)
        }
        Write::RemoveAll { table, keys } => format!("db.bulk_delete({keys:?}) of {table:?}"),
        Write::GetAll { table, keys } => format!("db.bulk_get({keys:?}) of {table:?}"),
        Write::Patch { table, key, patch, version } => {
            let fields =
                patch.iter().map(|(column, value)| format!("{}: {value:?}", table.table().columns[*column].field));
            let fields = fields.collect::<Vec<_>>().join(", ");
            format!("db.patch({}::key({key:?}), {{ {fields} }}) of version {version:?}", table.table().model)
        }
        Write::UpsertAll { table, rows: of, unique: number, changes } => {
            format!("db.bulk_upsert({}, {}).{changes:?}", rows(*table, of), unique(*table, *number))
        }
        Write::Upsert { table, row: of, unique: number, changes, tells } => {
            let end = match changes {
                None => "ignore()".to_owned(),
                Some(changes) => {
                    let new = changes.new.iter().map(|column| table.table().columns[*column].field);
                    format!("update(new {:?}, {})", new.collect::<Vec<_>>(), sets(*table, &changes.sets))
                }
            };
            let name = if *tells { "update_or_create" } else { "upsert" };
            format!("db.{name}({}, {}).{end}", row(*table, of), unique(*table, *number))
        }
        Write::GetOrCreate { table, row: of, unique: number } => {
            format!("db.get_or_create({}, {})", row(*table, of), unique(*table, *number))
        }
        Write::Pairs { pairs, key, change, others } => {
            let relation = match pairs {
                Pairs::TagsOfBook => "book.tags",
                Pairs::BooksOfTag => "tag.books",
                Pairs::Friends => "person.friends",
                Pairs::ReviewersOfBook => "book.reviewers",
                Pairs::ReviewedByPerson => "person.reviewed",
            };
            let change = match change {
                Change::Add => "add",
                Change::Remove => "remove",
                Change::Set => "set",
                Change::Clear => "clear",
            };
            format!("{relation}(&db).{change}({others:?}) of {key:?}")
        }
    }
}
