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

/// Calls a macro with the type names and the positions of the elements, `A 0`, `A 0 B 1`, … up to sixteen.
macro_rules! each_tuple_with_positions {
    ($macro:ident) => {
        $crate::tuples::each_tuple_with_positions!(
            @ $macro [] A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 N 12 O 13 Q 14 S 15
        );
    };
    (@ $macro:ident [$($done:tt)*]) => {};
    (@ $macro:ident [$($done:tt)*] $name:ident $position:tt $($rest:tt)*) => {
        $macro!($($done)* $name $position);
        $crate::tuples::each_tuple_with_positions!(@ $macro [$($done)* $name $position] $($rest)*);
    };
}

pub(crate) use each_tuple;
pub(crate) use each_tuple_with_positions;
