//! The SQL of computed values.

use super::SqlWriter;
use crate::sql::ast::{Aggregate, AggregateFunction, Case, DatePart, DateStart, Expr, Function, Several};
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

    pub(super) fn call(&mut self, function: Function, arguments: &Several) {
        match function {
            Function::Concatenate => {
                self.push("(");
                for (i, text) in arguments.iter().enumerate() {
                    self.push(if i > 0 { " || " } else { "" });
                    self.factor(text);
                }
                self.push(")");
            }
            Function::Cast(storage) => {
                self.push("CAST(");
                self.listed(arguments.iter());
                self.push(" AS ");
                self.push(storage.as_sql());
                self.push(")");
            }
            Function::DateStart(start) => arguments.iter().for_each(|value| self.date_start(value, start)),
            Function::MomentPlus(Some(form)) | Function::MomentMinus(Some(form)) => {
                self.push(form);
                self.push("(");
                self.called(function, arguments);
                self.push(", 'the result of a calculation')");
            }
            Function::MomentPlus(None)
            | Function::MomentMinus(None)
            | Function::MomentDifference
            | Function::DurationPlus
            | Function::DurationMinus
            | Function::Coalesce
            | Function::Length
            | Function::Lower
            | Function::Upper
            | Function::Absolute
            | Function::Random
            | Function::Trim
            | Function::Round
            | Function::Floor
            | Function::Ceiling
            | Function::DecimalAbsolute
            | Function::DecimalAdd
            | Function::DecimalSubtract
            | Function::DecimalMultiply
            | Function::DecimalDivide
            | Function::DecimalRemainder => self.called(function, arguments),
        }
    }

    fn called(&mut self, function: Function, arguments: &Several) {
        self.push(function.as_sql());
        self.push("(");
        self.listed(arguments.iter());
        self.push(")");
    }

    /// The first moment of a part of the calendar, in the form of the type.
    fn date_start(&mut self, value: &Expr, start: DateStart) {
        let DateStart { unit, moment, canonical } = start;
        let (format, modifiers) = unit.format();
        let (before, after) = match (moment, canonical) {
            (Moment::UnixSeconds, _) => ("CAST(strftime('%s', ".to_owned(), ") AS INTEGER)"),
            (Moment::Text, Some(function)) => (format!("{function}("), ", 'the start of a date')"),
            (Moment::Text, None) => (String::new(), ""),
        };
        self.push(&before);
        self.push("strftime('");
        self.push(format);
        self.push("', ");
        self.operand(value);
        self.push(if moment == Moment::UnixSeconds { ", 'unixepoch'" } else { "" });
        self.push(modifiers);
        self.push(")");
        self.push(after);
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
        // To SQLite an aggregate belongs to the query whose columns are in it: without one of its own, to a query around.
        let own = self.scope().filter(|_| aggregate.is_about_outer_alone()).map(|scope| scope.root.key_column());
        match (&aggregate.filter, own) {
            (None, None) => {}
            (Some(filter), None) => {
                self.push(" FILTER (WHERE ");
                self.condition(filter);
                self.push(")");
            }
            (filter, Some(own)) => {
                self.push(" FILTER (WHERE ");
                if let Some(filter) = filter {
                    self.nested(filter);
                    self.push(" AND ");
                }
                self.aliased(self.alias(None), own.name);
                self.push(" IS ");
                self.aliased(self.alias(None), own.name);
                self.push(")");
            }
        }
    }
}
