//! What the description of the routes says of all of them, so that the handlers need not: which errors follow from what an operation
//! takes, and how errors look.

use sqliter::web::{PlainNames, Problem};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Content, ContentBuilder, OpenApi, Ref, RefOr};
use utoipa::{Modify, ToSchema};

/// Completes the description, when all routes are in it.
pub fn complete(description: &mut OpenApi) {
    for item in description.paths.paths.values_mut() {
        let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in methods.into_iter().filter_map(Option::as_mut) {
            for status in follows(operation) {
                let responses = &mut operation.responses.responses;
                responses.entry(status.to_string()).or_insert_with(|| problem(status).into());
            }
            for (status, response) in &mut operation.responses.responses {
                if let (Ok(status), RefOr::T(response)) = (status.parse(), response) {
                    in_its_media_type(status, response);
                }
            }
        }
    }
    PlainNames.modify(description);
}

/// The statuses that follow from what an operation takes, as `extract`, `json` and `lines` read it, and from asking the database.
fn follows(operation: &Operation) -> Vec<u16> {
    let mut statuses = Vec::new();
    for parameter in operation.parameters.iter().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        match parameter.parameter_in {
            ParameterIn::Path | ParameterIn::Header => statuses.push(400),
            ParameterIn::Query | ParameterIn::QueryString => statuses.push(422),
            ParameterIn::Cookie => {}
        }
    }
    if let Some(RefOr::T(body)) = &operation.request_body {
        statuses.extend([413, 415]);
        if body.content.keys().any(|media_type| media_type.contains("json")) {
            statuses.extend([400, 422]);
        }
    }
    if operation.tags.iter().flatten().all(|tag| tag != "operations") {
        statuses.extend([500, 503]);
    }
    statuses
}

fn problem(status: u16) -> Response {
    ResponseBuilder::new().description(Problem::new(status, "").title).content(MEDIA_TYPE, content()).build()
}

const MEDIA_TYPE: &str = "application/problem+json";

fn content() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build()
}

/// What a handler declares by `body = Problem` is JSON of its own media type.
fn in_its_media_type(status: u16, response: &mut Response) {
    if status >= 400 && response.content.shift_remove("application/json").is_some() {
        response.content.insert(MEDIA_TYPE.to_owned(), content().into());
    }
    if response.description.is_empty() {
        response.description = Problem::new(status, "").title;
    }
}
