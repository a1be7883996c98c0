//! Where the library is, who works there, and who borrows.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use utoipa::ToSchema;

use super::{Book, BookCopy, Loan, Reservation, Review};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema, Validate, Embed)]
pub struct Address {
    #[garde(length(chars, min = 1, max = 200))]
    pub street: String,
    #[garde(length(chars, min = 1, max = 100))]
    pub city: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(
    has_many(copies = BookCopy::branch, staff = Staff::branch),
    new(derive(Debug, Clone, Deserialize, ToSchema, Validate), garde(allow_unvalidated))
)]
pub struct Branch {
    pub pk: Key<Branch>,
    #[model(unique, new(garde(length(chars, min = 1, max = 100))))]
    pub name: String,
    /// Columns `address_street` and `address_city`.
    #[model(embed, new(garde(dive)))]
    pub address: Address,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, ColumnType)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Director,
    Librarian,
    Assistant,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(
    table = "staff",
    has_many(team = Staff::manager, loans = Loan::lent_by),
    new(derive(Debug, Clone, Deserialize, ToSchema, Validate), garde(allow_unvalidated))
)]
pub struct Staff {
    pub pk: Key<Staff>,
    #[model(new(garde(length(chars, min = 1, max = 200))))]
    pub name: String,
    #[model(unique, collate = nocase, new(garde(email)))]
    pub email: String,
    pub role: Role,
    pub branch_id: Key<Branch>,
    #[model(on_delete = set_null)]
    pub manager_id: Option<Key<Staff>>,
}

/// Who leaves the library is deleted softly: the loans stay, and the email address may be used again.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(
    unique(email, live),
    many_to_many(favourites = Book),
    has_many(loans = Loan::member, reservations = Reservation::member, reviews = Review::member),
    new(derive(Debug, Clone, Deserialize, ToSchema, Validate), garde(allow_unvalidated)),
    patch(derive(Debug, Clone, Deserialize, ToSchema, Validate), garde(allow_unvalidated))
)]
pub struct Member {
    pub pk: Key<Member>,
    #[model(new(garde(length(chars, min = 1, max = 200))), patch(garde(length(chars, min = 1, max = 200))))]
    pub name: String,
    #[model(collate = nocase, new(garde(email)), patch(garde(inner(email))))]
    pub email: String,
    /// Whether the member may borrow nothing at present.
    #[model(default = false)]
    pub blocked: bool,
    #[model(version)]
    pub version: i64,
    #[model(created_at)]
    pub joined_at: DateTime<Utc>,
    #[serde(skip)]
    #[model(soft_delete)]
    pub left_at: Option<DateTime<Utc>>,
}
