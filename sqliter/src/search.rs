//! What a full-text search looks for.
//!
//! A text alone means that all of its words must be there: `b.search.matches("rust async")`. The functions here mean something else by
//! it. None of them can be given a text that is wrong: whatever a user types, quotes, parentheses and the words `AND`, `OR` and `NOT`
//! included, is nothing but words.
//!
//! ```
//! use sqliter::prelude::*;
//! use sqliter::search;
//!
//! # #[derive(Debug, Clone, PartialEq, Model)]
//! # #[model(search(title))]
//! # struct Book { pk: Key<Book>, title: String }
//! # #[tokio::main]
//! # async fn main() -> sqliter::Result<()> {
//! # let db = Db::memory().await?;
//! # db.create_table::<Book>().await?;
//! # db.bulk_insert(["Pride and Prejudice", "Sense and Sensibility"].map(|title| Book::builder().title(title))).await?;
//! # let count = async |words: search::Words| db.select::<Book>().filter(|b| b.search.matches(words)).count().await;
//! assert_eq!(count(search::any("pride sense")).await?, 2);
//! assert_eq!(count(search::phrase("and sensibility")).await?, 1);
//! assert_eq!(count(search::prefix("sense sen")).await?, 1); // while the user is typing
//! assert_eq!(count(search::near(["pride", "prejudice"], 1)).await?, 1);
//! assert_eq!(count(search::all("and").without("pride")).await?, 1);
//! # Ok(())
//! # }
//! ```

pub use crate::expr::{Search, SearchColumn, Weight};
pub use crate::sql::words::{IntoWords, Words, all, any, near, phrase, prefix};
