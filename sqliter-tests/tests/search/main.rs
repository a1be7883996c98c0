//! Full-text search.

mod changing;
mod creating;
mod kept;
mod library;
mod many;
mod random;
mod related;
mod statements;
mod versions;
mod words;
