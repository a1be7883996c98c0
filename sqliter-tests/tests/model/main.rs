//! What the derive gives services: relations by key, patches, versions, soft deletion.

mod relations_by_key;
