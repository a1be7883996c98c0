#![doc = include_str!("index.md")]
//!
//! ```
#![doc = include_str!("library.rs")]
//! ```

pub mod first_steps {
    #![doc = include_str!("first_steps.md")]
}

pub mod models_and_keys {
    #![doc = include_str!("models_and_keys.md")]
}

pub mod relations {
    #![doc = include_str!("relations.md")]
}

pub mod queries {
    #![doc = include_str!("queries.md")]
}

pub mod loading {
    #![doc = include_str!("loading.md")]
}

pub mod writing {
    #![doc = include_str!("writing.md")]
}

pub mod transactions {
    #![doc = include_str!("transactions.md")]
}

pub mod requests {
    #![doc = include_str!("requests.md")]
}

pub mod search {
    #![doc = include_str!("search.md")]
}

pub mod types {
    #![doc = include_str!("types.md")]
}

pub mod migrations {
    #![doc = include_str!("migrations.md")]
}

pub mod errors {
    #![doc = include_str!("errors.md")]
}

pub mod testing {
    #![doc = include_str!("testing.md")]
}

pub mod performance {
    #![doc = include_str!("performance.md")]
}

pub mod services {
    #![doc = include_str!("services.md")]
}

pub mod coming_from {
    #![doc = include_str!("coming_from.md")]
}

pub mod limits {
    #![doc = include_str!("limits.md")]
}
