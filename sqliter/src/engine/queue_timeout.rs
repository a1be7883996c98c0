//! Why a turn has not come in time.

use super::lane::{Lane, Many, Role};
use crate::error::{Context, Error};

impl Lane {
    /// The turn did not come within the time limit. It was offered the connection so often and did not take it.
    pub(super) fn timed_out(&self, context: Context<'_>, offered: u32) -> Error {
        if let Some(late) = context.late() {
            return late;
        }
        let holder = self.holders.first().map(|holder| (holder.what.to_string(), holder.since.elapsed()));
        let reason = match (&holder, &self.role) {
            _ if offered > 0 => Some(format!(
                "the connection was offered to it {}, and its future was not polled in time to take it, as if something \
                keeps the thread of its runtime",
                times(offered)
            )),
            (_, Role::Readers(Many { most, of })) if *most > 1 => {
                let first = holder.as_ref().map(|(what, held)| format!("; {what} has had one of them for {held:.1?}"));
                Some(format!("all {most} connections for {of} are in use{}", first.unwrap_or_default()))
            }
            (Some((what, held)), _) => Some(format!("{what} has had the connection for {held:.1?}")),
            (None, Role::Readers(Many { of, .. })) => Some(format!("the connection for {of} is in use")),
            (None, Role::Writer | Role::Transaction { .. }) => None,
        };
        let (holder, held) = holder.unzip();
        let (operation, table) = (context.operation, context.subject.to_owned());
        Error::QueueTimeout { operation, table, limit: self.hands.queue_timeout, holder, held, reason }
    }
}

fn times(number: u32) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}
