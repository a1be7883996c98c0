//! What the derive gives services: relations by key, patches, versions, soft deletion.

mod deletions_by_key;
mod drafts;
mod patches;
mod relations_by_key;
mod soft_deletes;
mod versions;
