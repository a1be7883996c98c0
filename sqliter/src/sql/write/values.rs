//! The SQL of computed values.

use super::SqlWriter;
use crate::sql::ast::{Aggregate, AggregateFunction, Case, DatePart, Expr};
use crate::value::{Moment, Value};

impl SqlWriter {
    /// Values separated by commas.
    pub(super) fn listed<'e>(&mut self, values: impl Iterator<Item = &'e Expr>) {
        for (i, value) in values.enumerate() {
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

    pub(super) fn case(&mut self, case: &Case) {
        self.push("CASE");
        for (condition, value) in &case.branches {
            self.push(" WHEN ");
            self.condition(condition);
            self.push(" THEN ");
            self.operand(value);
        }
        if let Some(value) = &case.otherwise {
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
