//! What went wrong, as the body of a response.

use serde::Serialize;

use crate::error::{Error, Operation};

/// What went wrong, as the body of a response: the "problem details" of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), whose
/// media type is `application/problem+json`.
///
/// `Problem::from(&error)` makes it of an [`Error`], with the status that fits:
///
/// | status | errors |
/// |---|---|
/// | 404 Not Found | [`RecordNotFound`](Error::RecordNotFound) |
/// | 409 Conflict | [`UniqueViolation`](Error::UniqueViolation); [`ForeignKeyViolation`](Error::ForeignKeyViolation) of a deletion: other rows refer to the row; [`Ignored`](Error::Ignored) |
/// | 412 Precondition Failed | [`Stale`](Error::Stale) |
/// | 422 Unprocessable Content | [`Parameters`](Error::Parameters), [`Cursor`](Error::Cursor), [`RegularExpression`](Error::RegularExpression); [`CheckViolation`](Error::CheckViolation), [`NotNullViolation`](Error::NotNullViolation), [`Encode`](Error::Encode); [`ForeignKeyViolation`](Error::ForeignKeyViolation) of an insert or an update: there is no such row |
/// | 503 Service Unavailable | [`Busy`](Error::Busy), [`QueueTimeout`](Error::QueueTimeout), to be asked again after a second; [`ReadOnly`](Error::ReadOnly): this service changes nothing, though another one may |
/// | 504 Gateway Timeout | [`Timeout`](Error::Timeout) |
/// | 500 Internal Server Error | all others |
///
/// Up to 499 the detail is the text of the error, and `errors` names the parameters or the columns that it is about. From 500 on
/// the text is not told, as it is about the service and not about the request, and whoever makes a problem of the error itself, as `?` does,
/// finds it in the log.
///
/// Other errors of a service become problems by [`new`](Self::new) and [`with_field`](Self::with_field). With the feature `axum` a
/// problem is a response, and so is an `Error`.
///
/// ```
/// use sqliter::prelude::*;
/// use sqliter::web::Problem;
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct User { pk: Key<User>, #[model(unique)] email: String }
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_table::<User>().await?;
/// db.insert(User::builder().email("ada@example.org")).await?;
/// let error = db.insert(User::builder().email("ada@example.org")).await.unwrap_err();
///
/// let problem = Problem::from(&error);
/// assert_eq!((problem.status, problem.title.as_str()), (409, "Conflict"));
/// assert_eq!(problem.detail, "insert violates uniqueness of users (email)");
/// assert_eq!((problem.errors[0].name.as_str(), problem.errors[0].detail.as_str()), ("email", "is taken"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// What the status means, such as `Not Found`.
    pub title: String,
    /// The status of the response.
    pub status: u16,
    /// What is wrong with this request.
    pub detail: String,
    /// What is wrong with each field or parameter, where that is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// After how many seconds the same request may be answered: the header `Retry-After` of the response, and no part of its body.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// What is wrong with one field or parameter of a request, in a [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProblemField {
    /// The parameter, by the name that the request gives it, or the column of the database.
    pub name: String,
    /// What is wrong, in words.
    pub detail: String,
    /// What it could be instead, where there is a choice; else nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
}

impl Problem {
    /// A problem with a status and what is wrong, in words. The title follows from the status.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        let title = title(status).to_owned();
        Self { title, status, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// Adds what is wrong with a field or a parameter, as a validation finds it.
    pub fn with_field(mut self, name: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(ProblemField { name: name.into(), detail: detail.into(), allowed: Vec::new() });
        self
    }

    /// Says after how many seconds the client may ask again, as with a status 503 or 429.
    pub const fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let status = status(error);
        match status {
            503 if matches!(error, Error::ReadOnly { .. }) => {
                Self::new(status, "the service changes nothing at present")
            }
            503 => Self::new(status, "the database is busy; try again").with_retry_after(1),
            504 => Self::new(status, "the database did not answer in time"),
            500.. => Self::new(status, "the service has failed; its log says why"),
            _ => Self { errors: fields(error), ..Self::new(status, error.to_string()) },
        }
    }
}

/// As of a reference, for handlers that give `Result<_, Problem>`: `?` makes the problem. Since the error is gone then, one of the service
/// itself, from 500 on, is logged as an event with the target `sqliter` and the level `ERROR`.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let problem = Self::from(&error);
        if problem.status >= 500 {
            tracing::error!(target: "sqliter", status = problem.status, error = %error, "a request failed");
        }
        problem
    }
}

/// The status of a response that an error becomes. One that is not listed is none of the client's.
fn status(error: &Error) -> u16 {
    match error {
        Error::RecordNotFound { .. } => 404,
        Error::UniqueViolation { .. }
        | Error::ForeignKeyViolation { operation: Operation::Delete | Operation::DropTable, .. }
        | Error::Ignored { .. } => 409,
        Error::Stale { .. } => 412,
        Error::Parameters { .. }
        | Error::Cursor { .. }
        | Error::RegularExpression { .. }
        | Error::CheckViolation { .. }
        | Error::NotNullViolation { .. }
        | Error::Encode { .. }
        | Error::ForeignKeyViolation { .. } => 422,
        Error::Busy { .. } | Error::QueueTimeout { .. } | Error::ReadOnly { .. } | Error::Conflict => 503,
        Error::Timeout { .. } => 504,
        _ => 500,
    }
}

/// What an error says of each column or parameter.
fn fields(error: &Error) -> Vec<ProblemField> {
    let all = |columns: &[String], detail: &str| {
        let field = |name: &String| ProblemField { name: name.clone(), detail: detail.to_owned(), allowed: Vec::new() };
        columns.iter().map(field).collect()
    };
    match error {
        Error::Parameters { problems } => problems
            .iter()
            .map(|problem| ProblemField {
                name: problem.parameter.clone(),
                detail: problem.reason.clone(),
                allowed: problem.allowed.clone(),
            })
            .collect(),
        Error::UniqueViolation { columns, deleted: true, .. } => all(columns, "is taken by a deleted row"),
        Error::UniqueViolation { columns, .. } => all(columns, "is taken"),
        Error::ForeignKeyViolation { columns, operation: Operation::Delete | Operation::DropTable, .. } => {
            all(columns, "refers to it")
        }
        Error::ForeignKeyViolation { columns, .. } => all(columns, "leads to no row"),
        Error::CheckViolation { columns, constraint, .. } => all(columns, constraint),
        Error::NotNullViolation { column, .. } => all(std::slice::from_ref(column), "must not be null"),
        Error::Encode { column, reason, .. } => all(std::slice::from_ref(column), reason),
        _ => Vec::new(),
    }
}

/// What a status means, in the words of [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#name-status-codes) and its registry.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        507 => "Insufficient Storage",
        _ if status < 500 => "Bad Request",
        _ => "Internal Server Error",
    }
}
