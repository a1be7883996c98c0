//! Tests of sqliter; see the folder `tests`.
