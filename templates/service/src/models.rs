//! The tables.

use serde::{Deserialize, Serialize};
use sqliter::prelude::*;

/// All models, for migrations.
pub type All = (Note,);

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(new(derive(Debug, Deserialize)), patch(derive(Debug, Deserialize)))]
pub struct Note {
    pub pk: Key<Note>,
    #[model(unique)]
    pub title: String,
    #[model(default = "")]
    pub text: String,
    /// Set on insert, in Unix seconds.
    pub created_at: i64,
}
