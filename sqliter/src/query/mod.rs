//! Queries: the untyped description, its SQL, and the typed chain over it.

mod batches;
mod change;
mod choices;
mod cursor;
mod explain;
mod load;
mod page;
mod pairs;
mod returning;
mod run;
mod select;
mod selection;
mod stream;
mod subquery;
mod tree;
mod write;

pub use change::Change;
pub use choices::{FilterValue, Filters, FromParameter, Parameters, SortKeys, Sorting};
pub use cursor::Cursor;
pub use explain::{PlanStep, QueryPlan};
pub use load::{
    Append, AsRow, AtMostSixteen, Behind, ChoosesValues, DistinctValues, Entity, Excludes, Flat, GivesRows, Grouped,
    Groups, HasGroups, IntoShape, Joined, JoinedSet, Load, LoadsModels, LoadsRows, NonEmpty, OneEach, OneStatement,
    PartSet, Prefetch, PrefetchedSet, Projection, Push, Records, Related, RelatedRows, SameRows, Shape, TooMany,
    United, Unites,
};
pub use load::{
    AsView, FieldOf, Fills, Further, Holds, HoldsFirst, HoldsRows, JoinedView, ReadsGroup, Takes, View, Viewed,
    columns_at, computed, deferred, field, field_with, row, rows_of,
};
pub(crate) use load::{lists, prepared, read};
pub use page::{Page, PageQuery};
pub use pairs::{HasPairs, NoPairs, PairChange};
pub(crate) use returning::Most;
pub use returning::{Returned, Returning};
pub(crate) use run::{by_key, key_not_unique, rows};
pub use select::{GivesValues, Select, SelectBoth, SelectTogether};
pub use selection::{Aggregates, Excluded, Selection, SingleSelection};
pub use stream::RowStream;
pub use subquery::{OneValue, SeveralValues, exists};
pub use tree::{Tree, TreeQuery};
pub use write::{Work, Write};
