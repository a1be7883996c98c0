//! The tables of the library as structs, by subject. What a request may send, `New…` and `…Patch`, is derived from them,
//! with the rules that garde checks before the database is asked.

mod catalogue;
mod lending;
mod people;

pub use catalogue::*;
pub use lending::*;
pub use people::*;

/// All models, in any order: for the comparison with the migrations.
pub type All = (Branch, Staff, Author, Subject, Book, BookSubject, Cover, BookCopy, Member, Loan, Reservation, Review);
