//! Random expressions and conditions.

use std::ops::Deref;

use super::catalog::{TABLES, TableId};
use super::datum::Datum;
use super::generate_chain::{prefetch, subquery};
use super::lists_of_rows;
use super::random::Random;
use super::tree::{
    Aggregate, Arithmetic, Cast, Comparison, Cond, DatePart, DateUnit, Expr, Function, Named, Rounding, Test,
    TextMatch, TextTest, Way,
};
use super::types::{COMPARABLE, Numbers, Type};
use super::values::value;
use super::world::text;
use super::write::key_type;

/// Where an expression stands: in a query over a table, which may be inside of others.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    table: TableId,
    around: Option<&'a Place<'a>>,
}

impl Place<'_> {
    pub const fn of(table: TableId) -> Self {
        Self { table, around: None }
    }

    /// In a query over another table that is inside of this one.
    pub const fn inside(&self, table: TableId) -> Place<'_> {
        Place { table, around: Some(self) }
    }
}

impl Deref for Place<'_> {
    type Target = TableId;

    fn deref(&self) -> &TableId {
        &self.table
    }
}

/// Expressions over the rows of a table, nested at most so deep.
pub fn expr(random: &mut Random, table: Place<'_>, of: Type, depth: usize) -> Expr {
    let column = column(random, table, |column| column == of);
    if let Some(column) = column.clone().filter(|_| depth == 0 || random.chance(45)) {
        return column;
    }
    if depth == 0 {
        // Some value of the type, where the table has none.
        return Expr::Case(vec![(leaf(random, table), literal(random, of))], None);
    }
    let deeper = depth - 1;
    let kinds = 3
        + usize::from(of.numbers().is_some()) * 3
        + usize::from(of == Type::Text) * 4
        + usize::from(of == Type::Bool) * 3;
    if random.chance(8) && !matches!(of, Type::Document) {
        return Expr::Subquery(Box::new(subquery(random, &table, of, deeper)));
    }
    if random.chance(10)
        && let Some(converted) = converted(random, table, of, deeper)
    {
        return converted;
    }
    match random.below(kinds) {
        0 => {
            let second = operand(random, table, of, deeper);
            Expr::Coalesce(Box::new(expr(random, table, of, deeper)), Box::new(second))
        }
        1 => case(random, table, of, deeper),
        2 => related(random, table, of, deeper).or(column).unwrap_or_else(|| case(random, table, of, deeper)),
        kind if of == Type::Text => {
            let inner = Box::new(expr(random, table, of, deeper));
            match kind {
                3 => Expr::Lower(inner),
                4 => Expr::Upper(inner),
                5 => Expr::Trim(inner),
                _ => Expr::Concat(inner, Box::new(expr(random, table, of, deeper))),
            }
        }
        _ if of == Type::Bool => Expr::Truth(Box::new(cond(random, table, deeper))),
        3 if of == Type::Int && random.chance(50) => {
            if random.chance(50) {
                Expr::Length(Box::new(expr(random, table, Type::Text, deeper)))
            } else {
                part(random, table, deeper).unwrap_or_else(|| arithmetic(random, table, of, deeper))
            }
        }
        4 if matches!(of, Type::Int | Type::Real | Type::Decimal) => {
            Expr::Absolute(Box::new(expr(random, table, of, deeper)))
        }
        _ if matches!(of, Type::Int | Type::Real | Type::Decimal) => arithmetic(random, table, of, deeper),
        _ => case(random, table, of, deeper),
    }
}

/// An expression or a value, or one of the row of a query around.
pub fn operand(random: &mut Random, table: Place<'_>, of: Type, depth: usize) -> Expr {
    if random.chance(35)
        && let Some(outer) = outer(random, table, of, depth)
    {
        return outer;
    }
    if random.chance(60) { literal(random, of) } else { expr(random, table, of, depth) }
}

/// A value of the row of a query around, if there is one.
fn outer(random: &mut Random, table: Place<'_>, of: Type, depth: usize) -> Option<Expr> {
    let (mut up, mut around) = (1, *table.around?);
    while let Some(further) = around.around
        && random.chance(30)
    {
        (up, around) = (up + 1, *further);
    }
    let depth = if random.chance(70) { 0 } else { depth.min(1) };
    let value =
        if depth == 0 { column(random, around, |column| column == of)? } else { expr(random, around, of, depth) };
    Some(Expr::Outer { up, table: around.table, value: Box::new(value) })
}

/// What a function makes of a value of another type, or of another form.
fn converted(random: &mut Random, table: Place<'_>, of: Type, depth: usize) -> Option<Expr> {
    let some = |random: &mut Random, types: &[Type]| {
        let of = *random.pick(types);
        Box::new(expr(random, table, of, depth))
    };
    const NUMBERS: [Type; 6] = [Type::Int, Type::Small, Type::Byte, Type::Real, Type::Single, Type::Decimal];
    Some(match of {
        Type::Int => {
            Expr::Cast(Cast::Int, some(random, &[Type::Real, Type::Decimal, Type::Text, Type::Bool, Type::Byte]))
        }
        Type::Text => {
            Expr::Cast(Cast::Text, some(random, &[Type::Int, Type::Small, Type::Real, Type::Decimal, Type::Text]))
        }
        Type::Real if random.chance(40) => {
            Expr::Cast(Cast::Real, some(random, &[Type::Int, Type::Decimal, Type::Text]))
        }
        Type::Real => {
            let by = match random.below(4) {
                0 => Rounding::Floor,
                1 => Rounding::Ceil,
                _ => Rounding::Round(u8::try_from(random.below(3)).unwrap()),
            };
            Expr::Rounded(by, some(random, &NUMBERS))
        }
        // Backwards and by little, so that no moment leaves the years of dates.
        of if of.has_date() && random.chance(50) => {
            let day = 86_400_000_000_000;
            let nanos = *random.pick(&[0, 1, 500_000_000, 3_600_000_000_000, day - 1, day, 2 * day + 123_456_789]);
            Expr::Earlier(nanos, some(random, &[of]))
        }
        of if of.has_date() => {
            use DateUnit::*;
            let unit = *random.pick(&[Year, Month, Week, Day, Hour, Minute, Second]);
            Expr::Truncated(unit, some(random, &[of]))
        }
        _ => return None,
    })
}

pub fn literal(random: &mut Random, of: Type) -> Expr {
    Expr::Literal(value(random, of), of)
}

fn column(random: &mut Random, table: Place<'_>, wanted: impl Fn(Type) -> bool) -> Option<Expr> {
    let mut found = Vec::new();
    for (number, path) in table.table().paths.iter().enumerate() {
        for (column, description) in path.target.table().columns.iter().enumerate() {
            if wanted(description.of) {
                found.push(Expr::Column { path: number, column, of: description.of });
            }
        }
    }
    let own: Vec<_> = found.iter().filter(|expr| matches!(expr, Expr::Column { path: 0, .. })).cloned().collect();
    let choice = if own.is_empty() || random.chance(40) { found } else { own };
    (!choice.is_empty()).then(|| random.pick(&choice).clone())
}

/// The type of some column that can be compared.
pub fn some_type(random: &mut Random, table: Place<'_>) -> Type {
    match column(random, table, |of| of != Type::Document) {
        Some(expr) if random.chance(90) => expr.of(),
        _ => *random.pick(COMPARABLE),
    }
}

fn case(random: &mut Random, table: Place<'_>, of: Type, depth: usize) -> Expr {
    let branches = (0..random.below(2) + 1).map(|_| (cond(random, table, depth), operand(random, table, of, depth)));
    let branches = branches.collect();
    let otherwise = random.chance(70).then(|| Box::new(operand(random, table, of, depth)));
    Expr::Case(branches, otherwise)
}

fn part(random: &mut Random, table: Place<'_>, depth: usize) -> Option<Expr> {
    use DatePart::*;
    let date = column(random, table, |of| of.has_date() || of.has_time())?;
    let of = date.of();
    let date = if random.chance(80) { date } else { expr(random, table, of, depth) };
    let part = match (of.has_date(), of.has_time()) {
        (true, true) => *random.pick(&[Year, Month, Day, Weekday, Hour, Minute, Second]),
        (true, false) => *random.pick(&[Year, Month, Day, Weekday]),
        _ => *random.pick(&[Hour, Minute, Second]),
    };
    Some(Expr::Part(part, Box::new(date)))
}

const OPERATORS: [Arithmetic; 5] =
    [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide, Arithmetic::Remainder];

/// The types of both sides of an operator that gives a type.
fn sides(random: &mut Random, of: Type) -> (Type, Type) {
    use Type::*;
    *match of {
        Int => random.pick(&[(Int, Int), (Small, Int), (Int, Byte), (Byte, Byte)]),
        Real => {
            random.pick(&[(Real, Real), (Real, Int), (Int, Real), (Single, Real), (Decimal, Real), (Real, Decimal)])
        }
        Decimal => random.pick(&[(Decimal, Decimal), (Decimal, Int), (Int, Decimal)]),
        other => panic!("{other:?} is not what arithmetic gives"),
    }
}

fn arithmetic(random: &mut Random, table: Place<'_>, of: Type, depth: usize) -> Expr {
    let (left, right) = sides(random, of);
    let operator = *random.pick(&OPERATORS);
    let divides = matches!(operator, Arithmetic::Divide | Arithmetic::Remainder);
    let (left, right) = match random.below(6) {
        // A number of Rust comes first.
        0 if !divides && matches!(left, Type::Int | Type::Real) => {
            (literal(random, left), expr(random, table, right, depth))
        }
        1 | 2 => (expr(random, table, left, depth), literal(random, right)),
        _ => (expr(random, table, left, depth), expr(random, table, right, depth)),
    };
    Expr::Arithmetic(Box::new(left), operator, Box::new(right), of)
}

/// An aggregate of related rows that gives a type.
fn related(random: &mut Random, table: Place<'_>, of: Type, depth: usize) -> Option<Expr> {
    let table_ = table.table();
    if !table_.hops.is_empty() && random.chance(25) {
        let hops = random.below(table_.hops.len());
        let mut target = *table;
        for &hop in &table_.hops[hops] {
            target = target.table().manies[hop].target;
        }
        let distinct = random.chance(50);
        let aggregate = Box::new(aggregate(random, table.inside(target), of, depth.min(1))?);
        return Some(Expr::Related { path: 0, way: Way::Hops(hops), distinct, aggregate });
    }
    if !table_.manies.is_empty() && random.chance(25) {
        let relation = random.below(table_.manies.len());
        let target = table.inside(table_.manies[relation].target);
        let rows = Box::new(prefetch(random, target));
        return Some(Expr::First { relation, rows, value: Box::new(expr(random, target, of, depth.min(1))) });
    }
    let (path, relation, target) = relation(random, table)?;
    let aggregate = Box::new(aggregate(random, table.inside(target), of, depth.min(1))?);
    Some(Expr::Related { path, way: Way::Relation(relation), distinct: false, aggregate })
}

/// A to-many relation that is reached by a path.
fn relation(random: &mut Random, table: Place<'_>) -> Option<(usize, usize, TableId)> {
    let mut found = Vec::new();
    for (path, description) in table.table().paths.iter().enumerate() {
        for (relation, many) in description.target.table().manies.iter().enumerate() {
            // Those of the table itself more often.
            found.extend((0..if path == 0 { 3 } else { 1 }).map(|_| (path, relation, many.target)));
        }
    }
    (!found.is_empty()).then(|| *random.pick(&found))
}

/// An aggregate of the rows of a table that gives a type, if there is one.
pub fn aggregate(random: &mut Random, table: Place<'_>, of: Type, depth: usize) -> Option<Aggregate> {
    let numeric = |random: &mut Random, wanted: &[Type]| {
        let of = *random.pick(wanted);
        expr(random, table, of, depth)
    };
    let (function, value) = match (random.below(3), of) {
        (0, Type::Int) => (Function::Count, None),
        (1, Type::Int) => {
            let of = some_type(random, table);
            (Function::Count, Some(expr(random, table, of, depth)))
        }
        (2, Type::Int) => (Function::Sum, Some(numeric(random, &[Type::Int, Type::Small, Type::Byte]))),
        (0, Type::Real) => {
            let function = *random.pick(&[Function::Total, Function::Average]);
            (function, Some(numeric(random, &[Type::Int, Type::Real, Type::Single, Type::Decimal])))
        }
        (1, Type::Real) => (Function::Sum, Some(numeric(random, &[Type::Real, Type::Single]))),
        (0 | 1, Type::Decimal) => (Function::Sum, Some(numeric(random, &[Type::Decimal]))),
        (_, Type::Document) => return None,
        _ => {
            let function = *random.pick(&[Function::Minimum, Function::Maximum]);
            (function, Some(expr(random, table, of, depth)))
        }
    };
    // Sums of numbers that binary fractions do not hold depend on the order.
    let sums = matches!(function, Function::Sum | Function::Total | Function::Average);
    let (function, value) = match value {
        Some(value) if sums && is_rounded(&value) => match column(random, table, |of| of == value.of()) {
            Some(column) => (function, Some(column)),
            None => (Function::Minimum, Some(expr(random, table, of, 0))),
        },
        value => (function, value),
    };
    let distinct = value.is_some() && random.chance(20);
    let filter = random.chance(20).then(|| cond(random, table, depth.min(1)));
    Some(Aggregate { function, value, distinct, filter })
}

/// Whether a value may have been rounded.
pub fn is_rounded(expr: &Expr) -> bool {
    match expr {
        Expr::Column { .. }
        | Expr::Literal(..)
        | Expr::Lower(_)
        | Expr::Upper(_)
        | Expr::Trim(_)
        | Expr::Concat(..)
        | Expr::Truth(_)
        | Expr::Length(_)
        | Expr::Part(..)
        | Expr::Truncated(..)
        | Expr::Earlier(..)
        | Expr::Cast(..) => false,
        // A half of a number that binary fractions do not hold.
        Expr::Rounded(..) => true,
        Expr::Outer { value, .. } | Expr::First { value, .. } => is_rounded(value),
        Expr::Subquery(chain) => is_rounded(chain.value()),
        Expr::Arithmetic(left, operator, right, of) => {
            (*operator == Arithmetic::Divide && of.numbers() != Some(Numbers::Whole))
                || is_rounded(left)
                || is_rounded(right)
        }
        Expr::Absolute(inner) => is_rounded(inner),
        Expr::Coalesce(first, second) => is_rounded(first) || is_rounded(second),
        Expr::Case(branches, otherwise) => {
            branches.iter().any(|(_, value)| is_rounded(value)) || otherwise.as_deref().is_some_and(is_rounded)
        }
        Expr::Related { aggregate, .. } | Expr::Aggregate(aggregate) => {
            aggregate.function == Function::Average || aggregate.value.as_ref().is_some_and(is_rounded)
        }
        // It stands in no other value.
        Expr::Window(_) => true,
    }
}

/// A value of groups.
pub fn group(random: &mut Random, table: Place<'_>, depth: usize) -> Expr {
    let of = match random.below(5) {
        0 | 1 => Type::Int,
        2 => Type::Real,
        3 => Type::Decimal,
        _ => some_type(random, table),
    };
    group_of(random, table, of, depth)
}

fn group_of(random: &mut Random, table: Place<'_>, of: Type, depth: usize) -> Expr {
    let plain = |random: &mut Random| {
        let aggregate = aggregate(random, table, of, 1).expect("a type that can be compared");
        Expr::Aggregate(Box::new(aggregate))
    };
    if depth == 0 || random.chance(60) {
        return plain(random);
    }
    let operand = |random: &mut Random, of: Type| {
        if random.chance(50) { literal(random, of) } else { group_of(random, table, of, 0) }
    };
    match random.below(4) {
        0 => Expr::Coalesce(Box::new(plain(random)), Box::new(operand(random, of))),
        1 => {
            let condition = having(random, table);
            Expr::Case(vec![(condition, operand(random, of))], Some(Box::new(operand(random, of))))
        }
        _ if matches!(of, Type::Int | Type::Real | Type::Decimal) => {
            let side = |random: &mut Random, of| match of {
                Type::Small | Type::Byte => Type::Int,
                Type::Single => Type::Real,
                other => {
                    let _ = random;
                    other
                }
            };
            let (left, right) = sides(random, of);
            let (left, right) = (side(random, left), side(random, right));
            let left = Box::new(group_of(random, table, left, 0));
            let right = Box::new(operand(random, right));
            Expr::Arithmetic(left, *random.pick(&OPERATORS), right, of)
        }
        _ => plain(random),
    }
}

/// A condition on groups.
pub fn having(random: &mut Random, table: Place<'_>) -> Cond {
    let left = group(random, table, 0);
    let of = left.of();
    match random.below(4) {
        0 => Cond::Null(left, random.chance(50)),
        1 => Cond::InList(left, (0..random.below(4)).map(|_| value(random, of)).collect(), random.chance(40)),
        _ => Cond::Compare(left, comparison(random), literal(random, of)),
    }
}

fn comparison(random: &mut Random) -> Comparison {
    use Comparison::*;
    *random.pick(&[Eq, Ne, Lt, Le, Gt, Ge])
}

/// A condition on the rows of a table.
pub fn cond(random: &mut Random, table: Place<'_>, depth: usize) -> Cond {
    if depth == 0 {
        return leaf(random, table);
    }
    let deeper = depth - 1;
    match random.below(10) {
        0 | 1 => Cond::And(Box::new(cond(random, table, deeper)), Box::new(cond(random, table, deeper))),
        2 | 3 => Cond::Or(Box::new(cond(random, table, deeper)), Box::new(cond(random, table, deeper))),
        4 => Cond::Not(Box::new(cond(random, table, deeper))),
        5 if random.chance(35) => {
            let of = some_type(random, table);
            if random.chance(40) {
                return Cond::ThereAre(Box::new(subquery(random, &table, of, deeper)));
            }
            if random.chance(35) {
                return lists_of_rows::random(random, table, deeper);
            }
            let left = expr(random, table, of, 0);
            Cond::InQuery(left, Box::new(subquery(random, &table, of, deeper)), random.chance(40))
        }
        5 | 6 => on_related(random, table, deeper).unwrap_or_else(|| leaf(random, table)),
        7 => {
            let of = some_type(random, table);
            let left = expr(random, table, of, deeper);
            Cond::Compare(left, comparison(random), operand(random, table, of, deeper))
        }
        _ => leaf(random, table),
    }
}

/// A condition on related rows, if the table has any.
pub fn on_related(random: &mut Random, table: Place<'_>, depth: usize) -> Option<Cond> {
    let (path, relation, target) = relation(random, table)?;
    if random.chance(12) {
        let key = value(random, key_type(target));
        let by = *random.pick(&[Named::Key, Named::Row, Named::Option, Named::Nothing]);
        return Some(Cond::Has { path, relation, key, by });
    }
    let test = *random.pick(&[Test::Any, Test::Any, Test::Any, Test::None, Test::All, Test::Exists, Test::IsEmpty]);
    Some(Cond::Related { path, relation, test, condition: Box::new(cond(random, table.inside(target), depth)) })
}

/// The same column of another row of the same table, if there is a relation to one.
pub fn same_column_elsewhere(random: &mut Random, table: Place<'_>, number: usize) -> Option<Expr> {
    let description = table.table();
    let paths: Vec<usize> =
        (1..description.paths.len()).filter(|path| description.paths[*path].target == *table).collect();
    let of = description.columns[number].of;
    (!paths.is_empty()).then(|| Expr::Column { path: *random.pick(&paths), column: number, of })
}

fn leaf(random: &mut Random, table: Place<'_>) -> Cond {
    if random.chance(25)
        && let Some(column) = column(random, table, |of| of == Type::Text)
    {
        return text_test(random, table, column);
    }
    if random.chance(8)
        && let Some(condition) = nobody(random, table)
    {
        return condition;
    }
    let left = column(random, table, |of| of != Type::Document).expect("every table has a key");
    let of = left.of();
    let other = |random: &mut Random| {
        if random.chance(30)
            && let Some(outer) = outer(random, table, of, 0)
        {
            return outer;
        }
        let column = random.chance(25).then(|| column(random, table, |other| other == of)).flatten();
        column.unwrap_or_else(|| literal(random, of))
    };
    match random.below(10) {
        0 => Cond::Between(left, other(random), other(random)),
        1 => {
            let list: Vec<Datum> = (0..random.below(4)).map(|_| value(random, of)).collect();
            Cond::InList(left, list, random.chance(40))
        }
        2 => Cond::Null(column(random, table, |_| true).unwrap(), random.chance(50)),
        3 if random.chance(50) => {
            let comparison = *random.pick(&[Comparison::Eq, Comparison::Ne]);
            Cond::Compare(left, comparison, Expr::Literal(Datum::Null, of))
        }
        _ => Cond::Compare(left, comparison(random), other(random)),
    }
}

fn text_test(random: &mut Random, table: Place<'_>, column: Expr) -> Cond {
    use TextTest::*;
    let tests = [Like, StartsWith, EndsWith, Contains, IStartsWith, IEndsWith, IContains, Regex, RegexAtStart];
    if random.chance(15)
        && let Some(other) = self::column(random, table, |of| of == Type::Text)
    {
        use TextMatch as By;
        let tests =
            [By::StartsWith, By::EndsWith, By::Contains, By::IEq, By::IStartsWith, By::IEndsWith, By::IContains];
        let other = if random.chance(30) { outer(random, table, Type::Text, 0).unwrap_or(other) } else { other };
        return Cond::TextBy(column, *random.pick(&tests), other);
    }
    let test = *random.pick(&tests);
    let part = if test == Like {
        (0..random.below(4)).map(|_| *random.pick(&["%", "_", "a", "A", "b", r"\%", r"\_", r"\\", "É"])).collect()
    } else {
        text(random)
    };
    Cond::Text(column, test, part)
}

fn nobody(random: &mut Random, table: Place<'_>) -> Option<Cond> {
    let mut found = Vec::new();
    for (path, description) in table.table().paths.iter().enumerate() {
        let target = description.target.table();
        for (relation, one) in target.ones.iter().enumerate() {
            if target.columns[one.column].nullable {
                found.push((path, relation));
            }
        }
    }
    let negated = random.chance(50);
    (!found.is_empty()).then(|| *random.pick(&found)).map(|(path, relation)| Cond::Nobody { path, relation, negated })
}

/// A table to begin from, those with more relations more often.
pub fn root(random: &mut Random) -> TableId {
    use TableId::*;
    if random.chance(60) { *random.pick(&[Person, Book, Tag]) } else { *random.pick(&TABLES) }
}
