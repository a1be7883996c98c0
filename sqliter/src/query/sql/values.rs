//! The SQL of computed values.

use super::SqlWriter;
use crate::expr::ast::{Aggregate, AggregateFunction, ColumnRef, DatePart, Expr, Function};
use crate::value::Value;
use crate::value::kind::Moment;

impl SqlWriter {
    /// Values separated by commas.
    pub(super) fn listed(&mut self, values: &[Expr]) {
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.operand(value);
        }
    }

    /// An operand of arithmetic.
    pub(super) fn factor(&mut self, value: &Expr) {
        if matches!(value, Expr::Arithmetic { .. }) {
            self.push("(");
            self.operand(value);
            self.push(")");
        } else {
            self.operand(value);
        }
    }

    pub(super) fn date_part(&mut self, value: &Expr, part: DatePart, moment: Moment) {
        self.push("CAST(strftime('");
        self.push(part.format());
        self.push("', ");
        self.operand(value);
        if moment == Moment::UnixSeconds {
            self.push(", 'unixepoch'");
        }
        self.push(") AS INTEGER)");
    }

    pub(super) fn case(&mut self, branches: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.push("CASE");
        for (condition, value) in branches {
            self.push(" WHEN ");
            self.condition(condition);
            self.push(" THEN ");
            self.operand(value);
        }
        if let Some(value) = otherwise {
            self.push(" ELSE ");
            self.operand(value);
        }
        self.push(" END");
    }

    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) {
        self.push(aggregate.function.as_sql());
        self.push(if aggregate.distinct { "(DISTINCT " } else { "(" });
        match &aggregate.value {
            // The collating sequence decides which value is the smallest, and which are the same.
            Some(value) if aggregate.function == AggregateFunction::Count && !aggregate.distinct => self.stored(value),
            Some(value) => self.comparable(value),
            None => self.push("*"),
        }
        if let AggregateFunction::Concatenate(Some(separator)) = &aggregate.function {
            self.push(", ");
            self.bind(Value::Text(separator.clone()));
        }
        self.push(")");
        if let Some(filter) = &aggregate.filter {
            self.push(" FILTER (WHERE ");
            self.condition(filter);
            self.push(")");
        }
    }
}

/// The collating sequence of the column that a value comes from, if it is not SQLite's `BINARY`.
pub(super) fn collation(expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::Column(ColumnRef { column, .. }) => column.collation,
        Expr::Aggregate(aggregate) => match aggregate.function {
            AggregateFunction::Minimum | AggregateFunction::Maximum => collation(aggregate.value.as_ref()?),
            AggregateFunction::DecimalSum => Some("decimal"),
            _ => None,
        },
        Expr::Call { function: Function::Coalesce, arguments } => collation(arguments.first()?),
        Expr::Call { function, .. } if function.gives_decimals() => Some("decimal"),
        Expr::Case { branches, .. } => collation(&branches.first()?.1),
        Expr::RelatedValue { value, .. } => collation(value),
        _ => None,
    }
}
