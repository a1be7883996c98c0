//! What would be another thing on each machine, in statements that every machine runs: the clock is that of who proposed them,
//! and random numbers are refused.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value;
use rusqlite::{Connection, Error, Result, params_from_iter};

/// The functions that ask for the time where an argument says `now`, or where the time is left out; and how many come before it.
const OF_TIME: [(&str, usize); 6] =
    [("date", 0), ("datetime", 0), ("julianday", 0), ("strftime", 1), ("time", 0), ("unixepoch", 0)];

/// The words for the time alone, and the functions that are meant.
const WORDS: [(&str, &str); 3] =
    [("current_date", "date"), ("current_time", "time"), ("current_timestamp", "datetime")];

/// The time that statements on a connection see.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Arc<Mutex<String>>);

impl Clock {
    /// From now on, it is this time, as text that SQLite reads.
    pub(crate) fn set(&self, now: &str) {
        now.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn get(&self) -> Value {
        Value::Text(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Takes the place of the clock on a connection.
    pub(crate) fn give(&self, connection: &Connection) -> Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
        // Where SQLite's own functions are called.
        let plain = Arc::new(Mutex::new(Connection::open_in_memory()?));
        let call = move |name: &str, arguments: Vec<Value>| -> Result<Value> {
            let places = vec!["?"; arguments.len()].join(", ");
            let plain = plain.lock().unwrap_or_else(PoisonError::into_inner);
            let mut select = plain.prepare_cached(&format!("SELECT {name}({places})"))?;
            select.query_row(params_from_iter(arguments), |row| row.get(0))
        };
        for (name, before) in OF_TIME {
            let (clock, call) = (self.clone(), call.clone());
            connection.create_scalar_function(name, -1, flags, move |context: &Context<'_>| {
                let mut arguments = arguments(context)?;
                if arguments.len() == before {
                    arguments.push(clock.get());
                }
                for argument in arguments.iter_mut().skip(before) {
                    match argument {
                        Value::Text(text) if text.trim().eq_ignore_ascii_case("now") => *argument = clock.get(),
                        Value::Text(text) if is_of_the_place(text) => {
                            return Err(refused(&format!("{name} of {text}, as the place of each machine is its own")));
                        }
                        _ => {}
                    }
                }
                call(name, arguments)
            })?;
        }
        for (word, name) in WORDS {
            let (clock, call) = (self.clone(), call.clone());
            connection.create_scalar_function(word, 0, flags, move |_: &Context<'_>| call(name, vec![clock.get()]))?;
        }
        for name in ["random", "randomblob"] {
            connection.create_scalar_function(name, -1, FunctionFlags::SQLITE_UTF8, move |_: &Context<'_>| {
                Err::<Value, _>(refused(&format!("{name}(), which is another value on each machine")))
            })?;
        }
        Ok(())
    }
}

fn arguments(context: &Context<'_>) -> Result<Vec<Value>> {
    (0..context.len()).map(|index| Ok(context.get_raw(index).try_into()?)).collect()
}

fn is_of_the_place(text: &str) -> bool {
    ["localtime", "utc"].iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

fn refused(what: &str) -> Error {
    Error::UserFunctionError(format!("a change of the schema cannot use {what}").into())
}
