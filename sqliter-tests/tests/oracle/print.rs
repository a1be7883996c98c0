//! A case as text that reads as Rust.

use super::catalog::TableId;
use super::datum::Datum;
use super::shapes::{Part, shapes};
use super::together::{Other, Together};
use super::tree::{
    Aggregate, Arithmetic, Cast, Chain, Comparison, Cond, Deleted, Expr, Function, Item, Load, Named, Nulls, Prefetch,
    Rounding, RowList, Slice, SortKey, Test, TextMatch, TextTest, Way,
};
use super::windows::{Over, Qualify, Window};
use super::world::World;

/// The parameter of a closure over the columns of a table.
fn letter(table: TableId) -> &'static str {
    match table {
        TableId::Country => "c",
        TableId::Rate => "r",
        TableId::Person => "p",
        TableId::Book => "b",
        TableId::Tag => "t",
        TableId::Review => "v",
    }
}

fn at(table: TableId, path: usize) -> String {
    let path = &table.table().paths[path].name;
    if path.is_empty() { letter(table).to_owned() } else { format!("{}.{path}", letter(table)) }
}

pub fn expr(table: TableId, of: &Expr) -> String {
    let e = |inner: &Expr| expr(table, inner);
    match of {
        Expr::Column { path, column, .. } => format!("{}.{}", at(table, *path), table.column(*path, *column).field),
        Expr::Literal(datum, _) => literal(datum),
        Expr::Arithmetic(left, operator, right, _) => {
            let operator = match operator {
                Arithmetic::Add => "+",
                Arithmetic::Subtract => "-",
                Arithmetic::Multiply => "*",
                Arithmetic::Divide => "/",
                Arithmetic::Remainder => "%",
            };
            format!("({} {operator} {})", e(left), e(right))
        }
        Expr::Absolute(inner) => format!("{}.abs()", e(inner)),
        Expr::Coalesce(first, second) => format!("{}.coalesce({})", e(first), e(second)),
        Expr::Lower(inner) => format!("{}.lower()", e(inner)),
        Expr::Upper(inner) => format!("{}.upper()", e(inner)),
        Expr::Trim(inner) => format!("{}.trim()", e(inner)),
        Expr::Concat(inner, other) => format!("{}.concat({})", e(inner), e(other)),
        Expr::Truth(condition) => format!("({})", cond(table, condition)),
        Expr::Length(inner) => format!("{}.length()", e(inner)),
        Expr::Part(part, inner) => format!("{}.{}()", e(inner), format!("{part:?}").to_lowercase()),
        Expr::Case(branches, otherwise) => {
            let mut text = String::new();
            for (i, (condition, value)) in branches.iter().enumerate() {
                text += if i == 0 { "case_when(" } else { ".when(" };
                text += &format!("{}, {})", cond(table, condition), e(value));
            }
            text + &otherwise.as_ref().map_or(".end()".to_owned(), |value| format!(".otherwise({})", e(value)))
        }
        Expr::Related { path, way, distinct, aggregate } => {
            let target = way.target(table, *path);
            let inner = format!("|{}| {}", letter(target), self::aggregate(target, aggregate));
            format!("{}{}.aggregate({inner})", ways(table, *path, *way), if *distinct { ".distinct()" } else { "" })
        }
        Expr::Aggregate(aggregate) => self::aggregate(table, aggregate),
        Expr::Window(of) => window(table, of),
        Expr::Rounded(by, number) => match by {
            Rounding::Round(digits) => format!("{}.round({digits})", e(number)),
            Rounding::Floor => format!("{}.floor()", e(number)),
            Rounding::Ceil => format!("{}.ceil()", e(number)),
        },
        Expr::Cast(to, value) => {
            let to = match to {
                Cast::Int => "i64",
                Cast::Real => "f64",
                Cast::Text => "String",
            };
            format!("{}.cast::<{to}>()", e(value))
        }
        Expr::Truncated(unit, date) => format!("{}.date_trunc(DateUnit::{unit:?})", e(date)),
        Expr::Earlier(nanos, date) => format!("({} - TimeDelta::nanoseconds({nanos}))", e(date)),
        Expr::Subquery(of) => format!("{}.as_value()", chain(of)),
        Expr::Outer { up, table, value } => {
            let (begin, end) = ("outer(".repeat(*up), ")".repeat(*up));
            format!("{begin}{}{end}", expr(*table, value))
        }
        Expr::First { relation, rows, value } => {
            let target = Way::Relation(*relation).target(table, 0);
            let rows = list(target, rows);
            let way = ways(table, 0, Way::Relation(*relation));
            format!("{way}{rows}.first(|{}| {})", letter(target), expr(target, value))
        }
    }
}

fn ways(table: TableId, path: usize, way: Way) -> String {
    match way {
        Way::Relation(relation) => {
            format!("{}.{}", at(table, path), table.table().paths[path].target.table().manies[relation].name)
        }
        Way::Hops(hops) => {
            let mut text = letter(table).to_owned();
            let mut source = table;
            for (i, &hop) in table.table().hops[hops].iter().enumerate() {
                let many = &source.table().manies[hop];
                text += &if i == 0 { format!(".{}", many.name) } else { format!(".then(|x| x.{})", many.name) };
                source = many.target;
            }
            text
        }
    }
}

fn aggregate(table: TableId, of: &Aggregate) -> String {
    let function = match of.function {
        Function::Count => "count",
        Function::Sum => "sum",
        Function::Total => "total",
        Function::Average => "avg",
        Function::Minimum => "min",
        Function::Maximum => "max",
    };
    let distinct = if of.distinct { ".distinct()" } else { "" };
    let mut text = match &of.value {
        None => "count()".to_owned(),
        Some(value) => format!("{}{distinct}.{function}()", expr(table, value)),
    };
    if let Some(filter) = &of.filter {
        text += &format!(".filter({})", cond(table, filter));
    }
    text
}

fn window(table: TableId, of: &Window) -> String {
    let e = |inner: &Expr| expr(table, inner);
    let function = match &of.function {
        Over::Aggregate(of) => aggregate(table, of),
        Over::RowNumber | Over::Rank | Over::DenseRank | Over::PercentRank | Over::CumeDist | Over::Ntile(_) => {
            format!("{:?}", of.function)
        }
        Over::Shifted(value, rows, behind, otherwise) => {
            let (name, value) = (if *behind { "lead" } else { "lag" }, e(value));
            match otherwise {
                Some(otherwise) => format!("{value}.{name}_or({rows}, {})", e(otherwise)),
                None => format!("{value}.{name}({rows})"),
            }
        }
        Over::First(value) => format!("{}.first_value()", e(value)),
        Over::Last(value) => format!("{}.last_value()", e(value)),
        Over::Nth(value, nth) => format!("{}.nth_value({nth})", e(value)),
    };
    let partition: String = of.partition.iter().map(|value| format!(".partition_by({})", e(value))).collect();
    let order = if of.order.is_empty() { String::new() } else { format!(".order({})", keys(table, &of.order)) };
    let frame = of.frame.map_or(String::new(), |frame| format!(".{frame:?}"));
    let exclude = of.exclude.map_or(String::new(), |exclude| format!(".exclude({exclude:?})"));
    format!("{function}.over(|w| w{partition}{order}{frame}{exclude})")
}

fn literal(datum: &Datum) -> String {
    match datum {
        Datum::Null => "None".to_owned(),
        other => format!("{other:?}"),
    }
}

pub fn cond(table: TableId, of: &Cond) -> String {
    let e = |inner: &Expr| expr(table, inner);
    match of {
        Cond::Compare(left, comparison, right) => {
            let comparison = match comparison {
                Comparison::Eq => "eq",
                Comparison::Ne => "ne",
                Comparison::Lt => "lt",
                Comparison::Le => "le",
                Comparison::Gt => "gt",
                Comparison::Ge => "ge",
            };
            format!("{}.{comparison}({})", e(left), e(right))
        }
        Cond::Between(value, low, high) => format!("{}.between({}, {})", e(value), e(low), e(high)),
        Cond::InList(value, list, negated) => {
            let list: Vec<_> = list.iter().map(literal).collect();
            format!("{}.{}([{}])", e(value), if *negated { "not_in" } else { "is_in" }, list.join(", "))
        }
        Cond::Null(value, negated) => format!("{}.{}()", e(value), if *negated { "is_not_null" } else { "is_null" }),
        Cond::Text(text, test, part) => match test {
            TextTest::Like => format!("{}.like({part:?})", e(text)),
            TextTest::StartsWith => format!("{}.starts_with({part:?})", e(text)),
            TextTest::EndsWith => format!("{}.ends_with({part:?})", e(text)),
            TextTest::Contains => format!("{}.contains({part:?})", e(text)),
            TextTest::IStartsWith => format!("{}.istarts_with({part:?})", e(text)),
            TextTest::IEndsWith => format!("{}.iends_with({part:?})", e(text)),
            TextTest::IContains => format!("{}.icontains({part:?})", e(text)),
            TextTest::Regex => format!("{}.regex(literal({part:?}))", e(text)),
            TextTest::RegexAtStart => format!("{}.regex(\"^\" + literal({part:?}))", e(text)),
        },
        Cond::TextBy(text, test, other) => {
            let test = match test {
                TextMatch::StartsWith => "starts_with",
                TextMatch::EndsWith => "ends_with",
                TextMatch::Contains => "contains",
                TextMatch::IEq => "ieq",
                TextMatch::IStartsWith => "istarts_with",
                TextMatch::IEndsWith => "iends_with",
                TextMatch::IContains => "icontains",
            };
            format!("{}.{test}({})", e(text), e(other))
        }
        Cond::And(a, b) => format!("({} & {})", cond(table, a), cond(table, b)),
        Cond::Or(a, b) => format!("({} | {})", cond(table, a), cond(table, b)),
        Cond::Not(inner) => format!("!{}", cond(table, inner)),
        Cond::Related { path, relation, test, condition } => {
            let target = Way::Relation(*relation).target(table, *path);
            let test = match test {
                Test::Any => "any",
                Test::None => "none",
                Test::All => "all",
                Test::Exists => return format!("{}.exists()", ways(table, *path, Way::Relation(*relation))),
                Test::IsEmpty => return format!("{}.is_empty()", ways(table, *path, Way::Relation(*relation))),
            };
            let inner = format!("|{}| {}", letter(target), cond(target, condition));
            format!("{}.{test}({inner})", ways(table, *path, Way::Relation(*relation)))
        }
        Cond::Has { path, relation, key, by } => {
            let key = match by {
                Named::Key => literal(key),
                Named::Row => format!("&row {key:?}"),
                Named::Option => format!("Some({key:?})"),
                Named::Nothing => "None".to_owned(),
            };
            format!("{}.contains({key})", ways(table, *path, Way::Relation(*relation)))
        }
        Cond::InQuery(value, of, negated) => {
            format!("{}.{}({})", e(value), if *negated { "not_in" } else { "is_in" }, chain(of))
        }
        Cond::InRows([a, b], list) => {
            let list = match list {
                RowList::Values(rows) => format!("{rows:?}"),
                RowList::Chain(of) => chain(of),
            };
            format!("({}, {}).is_in({list})", e(a), e(b))
        }
        Cond::ThereAre(of) => format!("exists({})", chain(of)),
        Cond::Nobody { path, relation, negated } => {
            let one = table.table().paths[*path].target.table().ones[*relation].name;
            format!("{}.{one}.{}()", at(table, *path), if *negated { "is_not_null" } else { "is_null" })
        }
    }
}

fn keys(table: TableId, order: &[SortKey]) -> String {
    let key = |key: &SortKey| {
        let nulls = match key.nulls {
            None => "",
            Some(Nulls::First) => ".nulls_first()",
            Some(Nulls::Last) => ".nulls_last()",
        };
        format!("{}.{}(){nulls}", expr(table, &key.value), if key.descending { "desc" } else { "asc" })
    };
    let keys: Vec<_> = order.iter().map(key).collect();
    if let [key] = &keys[..] { key.clone() } else { format!("({})", keys.join(", ")) }
}

fn slice(table: TableId, of: &Slice) -> String {
    let mut text = String::new();
    if !of.order.is_empty() {
        text += &format!("\n    .order(|{}| {})", letter(table), keys(table, &of.order));
    }
    if let Some(limit) = of.limit {
        text += &format!(".limit({limit})");
    }
    if of.offset > 0 {
        text += &format!(".offset({})", of.offset);
    }
    text
}

fn items(table: TableId, of: &[Item]) -> String {
    let item = |item: &Item| match &item.alias {
        Some(alias) => format!("{}.alias({alias:?})", expr(table, &item.value)),
        None => expr(table, &item.value),
    };
    let items: Vec<_> = of.iter().map(item).collect();
    format!("|{}| ({})", letter(table), items.join(", "))
}

/// What is said about the rows of a to-many relation.
fn list(target: TableId, of: &Prefetch) -> String {
    let mut text = String::new();
    if let Some(filter) = &of.filter {
        text += &format!(".filter(|{}| {})", letter(target), cond(target, filter));
    }
    if !of.order.is_empty() {
        text += &format!(".order(|{}| {})", letter(target), keys(target, &of.order));
    }
    if let Some(limit) = of.limit {
        text += &format!(".limit({limit})");
    }
    text
}

fn parts(of: &[Part], lists: &mut std::slice::Iter<'_, Prefetch>) -> String {
    let text: Vec<_> = of
        .iter()
        .map(|part| match part {
            Part::One { table, relation, parts: inner } => {
                let name = table.table().ones[*relation].name;
                if inner.is_empty() { name.to_owned() } else { format!("{name}.with({})", parts(inner, lists)) }
            }
            Part::Many { table, relation, parts: inner } => {
                let many = &table.table().manies[*relation];
                let text = format!("{}{}", many.name, list(many.target, lists.next().unwrap()));
                if inner.is_empty() { text } else { format!("{text}.with({})", parts(inner, lists)) }
            }
            Part::Count { table, relation } => format!("count of {}", table.table().manies[*relation].name),
        })
        .collect();
    text.join(", ")
}

pub fn chain(of: &Chain) -> String {
    let table = of.root;
    let mut text = format!("db.select::<{}>()", table.table().model);
    text += match of.deleted {
        Deleted::LeftOut => "",
        Deleted::Included => ".with_deleted()",
        Deleted::Only => ".only_deleted()",
    };
    for filter in &of.filters {
        text += &format!("\n    .filter(|{}| {})", letter(table), cond(table, filter));
    }
    for Qualify { before, test, filters } in &of.qualify {
        text += &slice(table, before);
        text += &format!("\n    .qualify(|{}| {})", letter(table), cond(table, test));
        for filter in filters {
            text += &format!("\n    .filter(|{}| {})", letter(table), cond(table, filter));
        }
    }
    if let Some(before) = &of.before {
        text += &slice(table, before);
    }
    match &of.load {
        Load::Rows => {}
        Load::Fields(of) => text += &format!("\n    .fields({})", items(table, of)),
        Load::Distinct(of) => text += &format!("\n    .fields({}).distinct()", items(table, of)),
        Load::Values(of) => text += &format!("\n    .with_values({})", items(table, std::slice::from_ref(of))),
        Load::Groups { keys, aggregates, having } => {
            if !keys.is_empty() {
                text += &format!("\n    .group_by({})", items(table, keys));
            }
            if !aggregates.is_empty() {
                text += &format!("\n    .annotate({})", items(table, aggregates));
            }
            for condition in having {
                text += &format!("\n    .having(|{}| {})", letter(table), cond(table, condition));
            }
        }
        Load::Shape(shape, lists) => {
            text += &format!("\n    .with({})", parts(&shapes(table)[*shape], &mut lists.iter()));
        }
        Load::View(view) => text += &format!("\n    .view::<view {view} of its model>()"),
        Load::Exclude(excluded) => {
            for (path, column) in excluded {
                let column = expr(table, &Expr::Column { path: *path, column: *column, of: super::types::Type::Int });
                text += &format!("\n    .exclude(|{}| {column})", letter(table));
            }
        }
    }
    text + &slice(table, &of.slice)
}

pub fn together(of: &Together) -> String {
    let mut text = chain(&of.first);
    for Other { so_far, how, chain: other } in &of.others {
        if let Some(so_far) = so_far {
            text += &format!("\n    .{so_far:?}");
        }
        text += &format!("\n    .{how:?}({})", chain(other));
    }
    format!("{text}\n    .{:?}", of.slice)
}

/// The rows of tables that have some.
pub fn world(of: &World) -> String {
    let mut text = String::new();
    for table in super::catalog::TABLES {
        for row in of.rows(table) {
            let values =
                table.table().columns.iter().zip(row).map(|(column, value)| format!("{}: {value:?}", column.field));
            text += &format!("    {} {{ {} }}\n", table.table().model, values.collect::<Vec<_>>().join(", "));
        }
    }
    for (book, tag) in &of.tags {
        text += &format!("    book {book:?} has tag {tag:?}\n");
    }
    for (a, b) in &of.friends {
        text += &format!("    person {a:?} and person {b:?} are friends\n");
    }
    text
}
