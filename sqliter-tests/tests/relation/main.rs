//! Related rows: of one, of many, of pairs.

mod cascades;
mod fetch_related;
mod join_related;
mod library;
mod managers;
mod many_to_many;
mod many_to_many_through;
mod many_to_many_with_itself;
mod missing_parents;
mod natural_keys;
mod prefetch_related;
mod prefetch_snapshot;
mod random_conditions;
mod referring_rows;
mod related_counts;
mod related_existence;
mod related_first;
mod related_membership;
mod relation_filters;
mod reverse;
mod select_related;
mod statements;
mod to_one;
