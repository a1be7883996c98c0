//! What a query loads for each row, and as what.
//!
//! Everything is a [`Shape`]: whole rows, columns and computed values, related rows, and tuples of these. A new shape is a
//! file here with its implementation of that trait, and of [`Load`] if a chain can consist of it.

mod behind;
mod beside;
mod bounds;
mod entity;
mod group;
mod grouped;
mod joined;
mod loading;
mod prefetched;
mod projection;
mod records;
mod rows;
mod sets;
mod shape;
mod together;
mod tuple;
mod value;
mod view;
mod view_fields;
mod view_related;
mod view_relations;

pub use behind::Behind;
pub use beside::{Related, RelatedRows};
pub use bounds::{
    ChoosesValues, Excludes, GivesRows, Groups, HasGroups, LoadsModels, LoadsRows, OneEach, OneStatement,
};
pub use entity::Entity;
pub use group::ReadsGroup;
pub use grouped::Grouped;
pub use joined::{Joined, JoinedSet};
pub(crate) use loading::{Loaded, Loading, lost_rows};
pub(crate) use prefetched::lists;
pub use prefetched::{PartSet, Prefetch, PrefetchedSet};
pub use projection::{DistinctValues, Projection};
pub use records::Records;
pub use rows::AsRow;
pub use sets::IntoShape;
pub use shape::{Load, Shape};
pub(crate) use shape::{prepared, read};
pub use together::{SameRows, United, Unites};
pub use tuple::{Append, AtMostSixteen, Flat, NonEmpty, Push, TooMany};
pub use view::{AsView, Further, View, Viewed, deferred};
pub use view_fields::{
    FieldOf, Fills, Holds, HoldsFirst, HoldsRows, Takes, columns_at, computed, field, field_with, row,
};
pub use view_related::rows_of;
pub use view_relations::JoinedView;
