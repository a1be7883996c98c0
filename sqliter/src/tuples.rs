//! Implementations for tuples of one to sixteen elements.

/// Calls a macro with the type names `A`, `A B`, … up to sixteen.
macro_rules! each_tuple {
    ($macro:ident) => {
        $crate::tuples::each_tuple!(@ $macro [] A B C D E F G H I J K L N O Q S);
    };
    (@ $macro:ident [$($done:ident)*]) => {};
    (@ $macro:ident [$($done:ident)*] $next:ident $($rest:ident)*) => {
        $macro!($($done)* $next);
        $crate::tuples::each_tuple!(@ $macro [$($done)* $next] $($rest)*);
    };
}

pub(crate) use each_tuple;
