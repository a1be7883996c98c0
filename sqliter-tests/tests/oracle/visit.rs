//! Every expression and condition of a chain.

use super::tree::{Aggregate, Chain, Cond, Expr, Item, Load, SortKey};

pub enum Node<'t> {
    Expr(&'t Expr),
    Cond(&'t Cond),
}

/// Whether one of them is so.
pub fn any_node(chain: &Chain, is: &dyn Fn(Node<'_>) -> bool) -> bool {
    let keys = |order: &[SortKey]| order.iter().any(|key| in_expr(&key.value, is));
    let items = |items: &[Item]| items.iter().any(|item| in_expr(&item.value, is));
    let load = match &chain.load {
        Load::Rows | Load::Exclude(_) => false,
        Load::Fields(of) | Load::Distinct(of) => items(of),
        Load::Values(item) => in_expr(&item.value, is),
        Load::Groups { keys, aggregates, having } => {
            items(keys) || items(aggregates) || having.iter().any(|cond| in_cond(cond, is))
        }
        Load::Shape(_, lists) => {
            lists.iter().any(|list| list.filter.as_ref().is_some_and(|filter| in_cond(filter, is)) || keys(&list.order))
        }
    };
    load || chain.filters.iter().any(|filter| in_cond(filter, is))
        || keys(&chain.slice.order)
        || chain.before.as_ref().is_some_and(|before| keys(&before.order))
}

pub fn in_expr(expr: &Expr, is: &dyn Fn(Node<'_>) -> bool) -> bool {
    is(Node::Expr(expr))
        || match expr {
            Expr::Column { .. } | Expr::Literal(..) => false,
            Expr::Arithmetic(a, _, b, _) | Expr::Coalesce(a, b) => in_expr(a, is) || in_expr(b, is),
            Expr::Absolute(inner)
            | Expr::Lower(inner)
            | Expr::Upper(inner)
            | Expr::Length(inner)
            | Expr::Part(_, inner) => in_expr(inner, is),
            Expr::Case(branches, otherwise) => {
                branches.iter().any(|(cond, value)| in_cond(cond, is) || in_expr(value, is))
                    || otherwise.as_ref().is_some_and(|value| in_expr(value, is))
            }
            Expr::Related { aggregate, .. } | Expr::Aggregate(aggregate) => in_aggregate(aggregate, is),
        }
}

fn in_aggregate(aggregate: &Aggregate, is: &dyn Fn(Node<'_>) -> bool) -> bool {
    aggregate.value.as_ref().is_some_and(|value| in_expr(value, is))
        || aggregate.filter.as_ref().is_some_and(|filter| in_cond(filter, is))
}

pub fn in_cond(cond: &Cond, is: &dyn Fn(Node<'_>) -> bool) -> bool {
    is(Node::Cond(cond))
        || match cond {
            Cond::Compare(a, _, b) => in_expr(a, is) || in_expr(b, is),
            Cond::Between(a, b, c) => in_expr(a, is) || in_expr(b, is) || in_expr(c, is),
            Cond::InList(a, ..) | Cond::Null(a, _) | Cond::Text(a, ..) => in_expr(a, is),
            Cond::And(a, b) | Cond::Or(a, b) => in_cond(a, is) || in_cond(b, is),
            Cond::Not(inner) | Cond::Related { condition: inner, .. } => in_cond(inner, is),
            Cond::Nobody { .. } => false,
        }
}
