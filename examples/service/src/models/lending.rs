//! Who has what, who waits for what, and what they say of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqliter::prelude::*;
use utoipa::ToSchema;

use super::{Book, BookCopy, Member, Staff};

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(index(copy_id, unique, where = "returned_on IS NULL", name = "one_loan_of_a_copy"), index(due_on))]
pub struct Loan {
    pub pk: Key<Loan>,
    pub copy_id: Key<BookCopy>,
    pub member_id: Key<Member>,
    /// Of the machine at the door: none.
    #[model(on_delete = set_null)]
    pub lent_by_id: Option<Key<Staff>>,
    pub lent_on: NaiveDate,
    #[model(check = "due_on >= lent_on")]
    pub due_on: NaiveDate,
    pub returned_on: Option<NaiveDate>,
    #[model(default = 0)]
    pub renewals: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(index(book_id, member_id, unique, where = "fulfilled_on IS NULL", name = "one_reservation_of_a_book"))]
pub struct Reservation {
    pub pk: Key<Reservation>,
    #[model(on_delete = cascade)]
    pub book_id: Key<Book>,
    #[model(on_delete = cascade)]
    pub member_id: Key<Member>,
    pub created_at: DateTime<Utc>,
    pub fulfilled_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(unique(book_id, member_id))]
pub struct Review {
    pub pk: Key<Review>,
    #[model(on_delete = cascade)]
    pub book_id: Key<Book>,
    #[model(on_delete = cascade)]
    pub member_id: Key<Member>,
    #[model(check = "stars BETWEEN 1 AND 5")]
    pub stars: u8,
    pub text: String,
    pub created_at: DateTime<Utc>,
}
