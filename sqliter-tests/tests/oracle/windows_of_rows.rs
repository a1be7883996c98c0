//! What values over windows mean, in plain Rust.

use std::cmp::Ordering;

use super::answer::{by, complete};
use super::datum::Datum;
use super::eval::{Result, Scope, Undefined};
use super::tree::{Expr, SortKey};
use super::windows::{Edge, Exclude, Frame, Over, Unit, Window};
use super::world::Row;

/// SQLite's own frame, where nothing is said.
const USUAL: Frame = Frame { unit: Unit::Range, start: Edge::Beginning, end: Edge::Current };

/// The rows of a partition in order.
struct Partition<'w> {
    rows: Vec<&'w Row>,
    /// Their values by which they are sorted.
    keys: Vec<Vec<Datum>>,
    /// The numbers of the groups of rows that are equal in the order that is said.
    groups: Vec<usize>,
    /// Where the row stands that the value is of.
    at: usize,
}

impl<'w> Scope<'w> {
    /// The value of this row.
    pub fn window(self, window: &Window) -> Result<Datum> {
        let partition = self.partition(window)?;
        // The statement computes all of them, so that all must be possible.
        for row in self.windows {
            self.parts_of(window, row)?;
        }
        let Partition { rows, groups, at, .. } = &partition;
        let (at, number) = (*at, |number: usize| Datum::Int(i64::try_from(number).unwrap()));
        let first_of_group = groups.iter().position(|group| *group == groups[at]).unwrap();
        Ok(match &window.function {
            Over::RowNumber => number(at + 1),
            Over::Rank => number(first_of_group + 1),
            Over::DenseRank => number(groups[at] + 1),
            Over::PercentRank if rows.len() == 1 => Datum::Real(0.0),
            Over::PercentRank => Datum::Real(first_of_group as f64 / (rows.len() - 1) as f64),
            Over::CumeDist => {
                let so_far = groups.iter().filter(|group| **group <= groups[at]).count();
                Datum::Real(so_far as f64 / rows.len() as f64)
            }
            Over::Ntile(parts) => {
                let parts = usize::try_from(*parts).unwrap();
                let (size, larger) = (rows.len() / parts, rows.len() % parts);
                let in_larger = larger * (size + 1);
                number(if at < in_larger { at / (size + 1) } else { larger + (at - in_larger) / size } + 1)
            }
            Over::Shifted(value, by, behind, otherwise) => {
                let by = usize::try_from(*by).unwrap();
                let other = if *behind { at.checked_add(by) } else { at.checked_sub(by) };
                match (other.and_then(|other| rows.get(other)), otherwise) {
                    (Some(row), _) => self.of_row(row).value(value)?,
                    (None, Some(otherwise)) => self.of_row(&rows[at]).value(otherwise)?,
                    (None, None) => Datum::Null,
                }
            }
            Over::Aggregate(aggregate) => {
                let framed = partition.frame(window)?;
                let framed: Vec<&Row> = framed.into_iter().map(|position| rows[position]).collect();
                Scope { rows: &framed, ..self }.aggregate(aggregate)?
            }
            Over::First(value) => self.of_frame(&partition, window, value, |framed| framed.first().copied())?,
            Over::Last(value) => self.of_frame(&partition, window, value, |framed| framed.last().copied())?,
            Over::Nth(value, nth) => {
                let nth = usize::try_from(*nth).unwrap() - 1;
                self.of_frame(&partition, window, value, |framed| framed.get(nth).copied())?
            }
        })
    }

    fn of_row<'s>(self, row: &'s &'w Row) -> Scope<'s>
    where
        'w: 's,
    {
        Scope { rows: std::slice::from_ref(row), ..self }
    }

    fn of_frame(
        self,
        partition: &Partition<'w>,
        window: &Window,
        value: &Expr,
        pick: impl Fn(&[usize]) -> Option<usize>,
    ) -> Result<Datum> {
        let framed = partition.frame(window)?;
        let Some(position) = pick(&framed) else { return Ok(Datum::Null) };
        let of = |position: &usize| self.of_row(&partition.rows[*position]).value(value);
        let picked = of(&position)?;
        // Which of equal rows comes first is said for frames of rows, and for the beginning and the end of all.
        if !is_certain(window) {
            for other in framed.iter().filter(|other| partition.groups[**other] == partition.groups[position]) {
                if of(other)? != picked {
                    return Err(Undefined);
                }
            }
        }
        Ok(picked)
    }

    /// The partition of this row.
    fn partition(self, window: &Window) -> Result<Partition<'w>> {
        let own = self.parts_of(window, self.rows[0])?.0;
        let ends = [Expr::Column { path: 0, column: 0, of: self.table.table().columns[0].of }];
        let order = complete(&window.order, &ends);
        let mut keyed = Vec::new();
        for row in self.windows {
            let (partition, mut keys) = self.parts_of(window, row)?;
            if partition.iter().zip(&own).all(|(a, b)| a.sort(b).is_eq()) {
                for key in &order[window.order.len()..] {
                    keys.push(self.of_row(row).value(&key.value)?);
                }
                keyed.push((keys, *row));
            }
        }
        keyed.sort_by(|(a, _), (b, _)| by(&order, a, b));
        let mut groups = vec![0; keyed.len()];
        for i in 1..keyed.len() {
            let is_equal = by(&window.order, &keyed[i - 1].0, &keyed[i].0).is_eq();
            groups[i] = groups[i - 1] + usize::from(!is_equal);
        }
        let at = keyed.iter().position(|(_, row)| row[0] == self.rows[0][0]).expect("the row is one of them");
        let (keys, rows) = keyed.into_iter().unzip();
        Ok(Partition { rows, keys, groups, at })
    }

    /// By what a row is parted and sorted, after all that is computed of it.
    fn parts_of(self, window: &Window, row: &'w Row) -> Result<(Vec<Datum>, Vec<Datum>)> {
        let scope = self.of_row(&row);
        match &window.function {
            Over::Aggregate(aggregate) => drop(scope.aggregate(aggregate)?),
            Over::RowNumber | Over::Rank | Over::DenseRank | Over::PercentRank | Over::CumeDist | Over::Ntile(_) => {}
            Over::Shifted(value, _, _, otherwise) => {
                scope.value(value)?;
                otherwise.iter().map(|otherwise| scope.value(otherwise)).collect::<Result<Vec<_>>>()?;
            }
            Over::First(value) | Over::Last(value) | Over::Nth(value, _) => drop(scope.value(value)?),
        }
        let partition = window.partition.iter().map(|value| scope.value(value)).collect::<Result<_>>()?;
        Ok((partition, window.order.iter().map(|key| scope.value(&key.value)).collect::<Result<_>>()?))
    }
}

/// Whether the order of equal rows is said too, for a value of one of the rows of the frame.
fn is_certain(window: &Window) -> bool {
    let frame = window.frame.unwrap_or(USUAL);
    if frame.unit == Unit::Rows && !tells_groups(window) {
        return true;
    }
    let has_own_row = |edge, far: fn(Edge) -> bool| match edge {
        Edge::Current | Edge::Beginning | Edge::End => true,
        other => frame.unit == Unit::Groups && far(other),
    };
    let is_whole = match window.function {
        Over::First(_) => {
            frame.start == Edge::Beginning && has_own_row(frame.end, |edge| matches!(edge, Edge::Following(_)))
        }
        Over::Last(_) => frame.end == Edge::End && has_own_row(frame.start, |edge| matches!(edge, Edge::Preceding(_))),
        _ => false,
    };
    is_whole && window.exclude.is_none()
}

/// Whether equal rows are left out together, so that the order of the window cannot be another one.
const fn tells_groups(window: &Window) -> bool {
    matches!(window.exclude, Some(Exclude::Group | Exclude::Ties))
}

impl Partition<'_> {
    /// Which rows count for this one.
    fn frame(&self, window: &Window) -> Result<Vec<usize>> {
        let frame = window.frame.unwrap_or(USUAL);
        let is_open = matches!((frame.start, frame.end), (Edge::Beginning, Edge::End));
        // Which of equal rows are in a frame of rows is open then.
        let ties = self.groups.windows(2).any(|two| two[0] == two[1]);
        if frame.unit == Unit::Rows && tells_groups(window) && !is_open && ties {
            return Err(Undefined);
        }
        let framed = (0..self.rows.len())
            .filter(|row| self.is_behind(frame, frame.start, &window.order, *row))
            .filter(|row| self.is_before(frame, frame.end, &window.order, *row))
            .filter(|row| {
                let is_equal = self.groups[*row] == self.groups[self.at];
                match window.exclude {
                    None => true,
                    Some(Exclude::CurrentRow) => *row != self.at,
                    Some(Exclude::Group) => !is_equal,
                    Some(Exclude::Ties) => *row == self.at || !is_equal,
                }
            });
        Ok(framed.collect())
    }

    /// Whether a row is at the edge or behind it.
    fn is_behind(&self, frame: Frame, edge: Edge, order: &[SortKey], row: usize) -> bool {
        self.place(frame, edge, order, row).is_ge()
    }

    fn is_before(&self, frame: Frame, edge: Edge, order: &[SortKey], row: usize) -> bool {
        self.place(frame, edge, order, row).is_le()
    }

    /// Where a row is beside an edge of the frame of this one.
    fn place(&self, frame: Frame, edge: Edge, order: &[SortKey], row: usize) -> Ordering {
        let distance = match edge {
            Edge::Beginning => return Ordering::Greater,
            Edge::End => return Ordering::Less,
            Edge::Current => 0,
            Edge::Preceding(rows) => -i128::from(rows),
            Edge::Following(rows) => i128::from(rows),
        };
        let far = |place: usize| i128::try_from(place).unwrap();
        match frame.unit {
            Unit::Rows => far(row).cmp(&(far(self.at) + distance)),
            Unit::Groups => far(self.groups[row]).cmp(&(far(self.groups[self.at]) + distance)),
            Unit::Range if matches!(edge, Edge::Current) => self.groups[row].cmp(&self.groups[self.at]),
            Unit::Range => {
                let (own, other) = (&self.keys[self.at][0], &self.keys[row][0]);
                match (own.is_null(), other.is_null()) {
                    // `NULL` is as far from itself as it can be near.
                    (true, true) => Ordering::Equal,
                    (false, false) => {
                        let sign = if order[0].descending { -1.0 } else { 1.0 };
                        let (own, other) = (super::eval::float(own) * sign, super::eval::float(other) * sign);
                        other.partial_cmp(&(own + distance as f64)).unwrap()
                    }
                    // All that is not `NULL` is on its side.
                    _ => self.groups[row].cmp(&self.groups[self.at]),
                }
            }
        }
    }
}
