//! Typed columns, and what is built from them: conditions, sort keys, assignments.
//!
//! Typed values wrap the untyped tree of [`ast`], which the query layer writes as SQL.

mod aggregate;
mod arithmetic;
mod assignment;
mod bounds;
mod column;
mod computed;
mod condition;
mod fragment;
mod frame;
mod functions;
mod given;
mod group;
mod json;
mod level;
mod now;
mod operand;
mod operators;
mod order;
mod outer;
mod refused;
mod relation;
mod search;
mod soft_delete;
mod together;
mod window;

pub use aggregate::{Distinct, count};
pub use arithmetic::{AddsTo, CalculatesWith, SubtractsFrom};
pub use assignment::{Assignable, Assignment, Assignments};
pub use bounds::{CanBeNull, HoldsAmounts, HoldsComparable, HoldsDate, HoldsNumbers, HoldsText, HoldsTime};
pub use column::Column;
pub use computed::{Aliased, Computed};
pub use condition::{Condition, Filter, Having, Qualify, all, any};
pub use fragment::{SqlPart, SqlParts, SqlValue, sql};
pub use frame::{FrameEdge, Frames, Partitions, Window, current_row, following, preceding};
pub use functions::{CastTo, UnfinishedCase, case_when};
pub use given::GivenValues;
pub use group::{Group, GroupValue, MayBeAbsent, one_column};
pub use json::{HoldsJson, InJson, JsonItems};
pub(crate) use level::Annotates;
pub use level::{
    InWindow, InWindows, Level, LevelWith, OfGroups, OfRows, OfTogether, OverWindows, PerGroup, PerRow, PerWindow,
    SameLevel,
};
pub use now::{Now, now};
pub use operand::{
    Expression, InList, InQuery, InQueryOver, IntoText, Operand, SameQuery, SameType, StartsFrom, Term, TextOperand,
};
pub(crate) use operand::{List, TextPart};
pub use order::{Direction, Order, Orders};
pub use outer::{OfRow, Outer, outer};
pub(crate) use refused::{ChainsOfTogether, ChainsOfTrees, QualifiesRelated};
pub(crate) use relation::TargetColumns;
pub use relation::{AggregateOf, Counted, Hops, MaybeRow, ToDepth, ToItself, ToMany, ToOne};
pub use search::{HasSearch, Search, SearchColumn, Searched, Weight, found_by, searched};
pub use soft_delete::SoftDelete;
pub(crate) use together::Rows;
pub use together::{InRows, OneOfSeveral, RowOf, Together};
pub use window::{UnfinishedWindow, cume_dist, dense_rank, ntile, percent_rank, rank, row_number};
