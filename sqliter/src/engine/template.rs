//! Databases that are made like an image.

use super::copy::{Image, copy_all};
use super::{Connection, locked};
use crate::error::{Context, Result};

impl Image {
    /// Makes the database of a connection the same.
    pub(crate) fn restore(&self, connection: &mut Connection, context: Context<'_>) -> Result<()> {
        let restored = copy_all(&locked(&self.0), connection.sqlite_mut());
        // All that was known of the schema is another.
        connection.has_run("ALTER");
        restored.map_err(|source| connection.error(context, source))
    }
}
