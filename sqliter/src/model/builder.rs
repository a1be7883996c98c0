//! The parts of the generated builders.

/// The state of a builder's field that has been set.
#[derive(Debug, Clone)]
pub struct Set<T>(pub T);

/// The state of a required field that has not been set.
#[derive(Debug, Clone)]
pub struct Missing;

/// Implemented by [`Set`] only, so that a builder with a missing field is no draft. The derive makes a trait of it for
/// each required field, whose message names the field.
pub trait IsSet<T>: Send + 'static {
    /// The value of the field.
    fn into_value(self) -> T;
}

impl<T: Send + 'static> IsSet<T> for Set<T> {
    fn into_value(self) -> T {
        self.0
    }
}

/// What the setter of a field takes: whatever converts into its type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a field of type `{T}`",
    label = "expected `{T}`, or what converts into it",
    note = "text is given as `&str` or `String`, a key as `Author::key(1)` or `&author`"
)]
pub trait IntoField<T> {
    /// The value of the field.
    fn into_field(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T, U: Into<T>> IntoField<T> for U {
    fn into_field(self) -> T {
        self.into()
    }
}

/// What the setter of a nullable field takes: the value, an `Option` of it, `&str` for text, a model for its key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a field of type `Option<{T}>`",
    label = "expected `{T}` or `Option<{T}>`",
    note = "text is given as `&str` or `String`, a key as `Author::key(1)` or `&author`"
)]
pub trait IntoOption<T> {
    /// The value of the field.
    fn into_option(self) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<T> IntoOption<T> for T {
    fn into_option(self) -> Option<T> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T> IntoOption<T> for Option<T> {
    fn into_option(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoOption<String> for &str {
    fn into_option(self) -> Option<String> {
        Some(self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl<M: super::Model> IntoOption<crate::Key<M>> for &M {
    fn into_option(self) -> Option<crate::Key<M>> {
        Some(self.primary_key())
    }
}
