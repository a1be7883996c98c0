//! The parameters of a request.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;

/// The parameters of a request, for [`Select::filter_by`](crate::Select::filter_by): a query string as it stands in the URL, or
/// names with values, decoded already: `Vec<(String, String)>` or a map, as web frameworks give them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not give the parameters of a request",
    label = "expected a query string, or names with values",
    note = "take them as `&str` from the URI, or with axum as `Query<Vec<(String, String)>>` or `Query<HashMap<String, String>>`, and give \
            them by reference: `.filter_by(&filters, &parameters)?`"
)]
pub trait Parameters {
    /// Gives each name with its value.
    #[doc(hidden)]
    fn each(&self, give: &mut dyn FnMut(&str, &str));
}

/// As `status=open&label=a%20b`.
#[diagnostic::do_not_recommend]
impl Parameters for str {
    fn each(&self, give: &mut dyn FnMut(&str, &str)) {
        form_urlencoded::parse(self.as_bytes()).for_each(|(name, value)| give(&name, &value));
    }
}

#[diagnostic::do_not_recommend]
impl Parameters for String {
    fn each(&self, give: &mut dyn FnMut(&str, &str)) {
        self.as_str().each(give);
    }
}

macro_rules! pairs {
    ($([$($generics:tt)*] $pairs:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<K: AsRef<str>, V: AsRef<str>, $($generics)*> Parameters for $pairs {
            fn each(&self, give: &mut dyn FnMut(&str, &str)) {
                for (name, value) in self {
                    give(name.as_ref(), value.as_ref());
                }
            }
        }
    )*};
}

pairs! {
    [] [(K, V)];
    [] Vec<(K, V)>;
    [const N: usize] [(K, V); N];
    [S] HashMap<K, V, S>;
    [] BTreeMap<K, V>;
}

/// Without a value, no parameters.
#[diagnostic::do_not_recommend]
impl<P: Parameters> Parameters for Option<P> {
    fn each(&self, give: &mut dyn FnMut(&str, &str)) {
        self.iter().for_each(|parameters| parameters.each(give));
    }
}

#[diagnostic::do_not_recommend]
impl<P: Parameters + ?Sized> Parameters for &P {
    fn each(&self, give: &mut dyn FnMut(&str, &str)) {
        (**self).each(give);
    }
}

/// Types that the value of a parameter can be read as: those that derive serde's `Deserialize`. A list is a `Vec` or a set
/// of such a type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a parameter of a request",
    label = "does not implement serde's `Deserialize`",
    note = "derive `serde::Deserialize` for it; the types of chrono, time, jiff, uuid and rust_decimal need the feature `serde` of their crate"
)]
pub trait FromParameter: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromParameter for T {}
