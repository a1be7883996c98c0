//! The parts of the generated builders.

/// The state of a builder's field that has been set.
#[derive(Debug, Clone)]
pub struct Set<T>(pub T);

/// Implemented by [`Set`] only, so that a builder with a missing field is no draft. The other state of a required
/// field is a type with the name of the field, for the sake of the message.
#[diagnostic::on_unimplemented(
    message = "the required field `{Self}` is not set",
    label = "needs a call of `.{Self}(…)` before it can be used as a row"
)]
pub trait IsSet<T>: Send + 'static {
    /// The value of the field.
    fn into_value(self) -> T;
}

impl<T: Send + 'static> IsSet<T> for Set<T> {
    fn into_value(self) -> T {
        self.0
    }
}

/// What the setter of a nullable field takes: the value, an `Option` of it, `&str` for text, a model for its key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a field of type `Option<{T}>`",
    label = "expected `{T}` or `Option<{T}>`"
)]
pub trait IntoOption<T> {
    /// The value of the field.
    fn into_option(self) -> Option<T>;
}

impl<T> IntoOption<T> for T {
    fn into_option(self) -> Option<T> {
        Some(self)
    }
}

impl<T> IntoOption<T> for Option<T> {
    fn into_option(self) -> Self {
        self
    }
}

impl IntoOption<String> for &str {
    fn into_option(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl<M: super::Model> IntoOption<crate::Key<M>> for &M {
    fn into_option(self) -> Option<crate::Key<M>> {
        Some(self.primary_key())
    }
}
