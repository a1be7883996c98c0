//! The routes, by subject. A handler reads the request, calls a query, and makes the answer: no more.

mod authors;
mod books;
mod loans;
mod members;
mod operations;
mod reports;
mod stock;
mod transfers;

use axum::Json;
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::app::App;
use crate::error::AppError;
use crate::http::description;
use crate::http::rest::forget_rest;
use crate::http::telemetry::observed;

/// What the description says of the whole service; the paths come from the handlers, the schemas from the structs.
#[derive(OpenApi)]
#[openapi(info(
    title = "Library",
    description = "A lending library. Errors are `application/problem+json`: 400 what cannot be read, 404, 409 a constraint or a \
                   rule, 412 a row that was changed meanwhile, 413 and 415 a body that is too large or of another type, 422 with each \
                   field that does not fit, 503 with `Retry-After`, 504 a report that takes too long."
))]
struct Description;

/// All routes, with the description at `/openapi.json` and a page to try them at `/docs`.
pub fn router(app: App) -> axum::Router {
    let (router, mut description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(authors::list, authors::create))
        .routes(routes!(authors::detail, authors::change, authors::delete))
        .routes(routes!(books::list, books::create))
        .routes(routes!(books::detail, books::change, books::delete))
        .routes(routes!(books::set_subjects))
        .routes(routes!(books::cover, books::set_cover, books::remove_cover))
        .routes(routes!(books::reviews, books::review))
        .routes(routes!(books::search))
        .routes(routes!(transfers::import_books))
        .routes(routes!(transfers::export_books))
        .routes(routes!(transfers::export_loans))
        .routes(routes!(stock::subjects, stock::new_subject))
        .routes(routes!(stock::branches, stock::new_branch))
        .routes(routes!(stock::staff, stock::new_staff))
        .routes(routes!(stock::buy))
        .routes(routes!(stock::change_copy))
        .routes(routes!(members::list, members::create))
        .routes(routes!(members::detail, members::change, members::leave))
        .routes(routes!(members::come_back))
        .routes(routes!(members::add_favourite, members::remove_favourite))
        .routes(routes!(loans::list, loans::lend))
        .routes(routes!(loans::take_back))
        .routes(routes!(loans::renew))
        .routes(routes!(loans::reserve))
        .routes(routes!(reports::popular))
        .routes(routes!(reports::overdue))
        .routes(routes!(operations::health))
        .routes(routes!(operations::ready))
        .routes(routes!(operations::metrics))
        .routes(routes!(operations::back_up))
        .with_state(app)
        .split_for_parts();
    description::complete(&mut description);
    let router = router
        .route("/", axum::routing::get(async || axum::response::Redirect::to("/docs")))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", description))
        .fallback(async || AppError::Request(StatusCode::NOT_FOUND, "there is no such path: see /docs".to_owned()))
        .method_not_allowed_fallback(async || {
            let reason = "the path has other methods: see the header `Allow`";
            AppError::Request(StatusCode::METHOD_NOT_ALLOWED, reason.to_owned())
        });
    observed(router.layer(middleware::from_fn(forget_rest)))
}

/// The answer to a request that has made a row: 201, with where it is.
type Created<T> = (StatusCode, [(HeaderName, String); 1], Json<T>);

fn created<T>(location: String, row: T) -> Created<T> {
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(row))
}
