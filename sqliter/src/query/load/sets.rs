//! Several relations at once.

use super::{JoinedSet, PartSet, PrefetchedSet};

/// A relation as what is loaded for it.
pub trait IntoShape {
    /// What is loaded.
    type Shape;

    /// What is loaded.
    #[doc(hidden)]
    fn into_shape(self) -> Self::Shape;
}

macro_rules! sets {
    ($($name:ident)+) => {
        sets!(@ JoinedSet $($name)+);
        sets!(@ PrefetchedSet $($name)+);
        sets!(@ PartSet $($name)+);
    };
    (@ $set:ident $($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<Of, $($name: $set<Of> + IntoShape),+> $set<Of> for ($($name,)+) {
            type Tuple = ($($name::Shape,)+);

            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn into_tuple(self) -> Self::Tuple {
                let ($($name,)+) = self;
                ($($name.into_shape(),)+)
            }
        }
    };
}

crate::tuples::each_tuple!(sets);
