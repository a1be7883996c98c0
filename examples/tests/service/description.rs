//! The description of the routes says what they do: all of them, what they take, and how they refuse it.

use std::path::Path;

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use crate::client::{Answer, Service};

/// All routes there are, so that none is added without its test.
const ROUTES: &[(&str, &[&str])] = &[
    ("/authors", &["get", "post"]),
    ("/authors/{author}", &["delete", "get", "patch"]),
    ("/backups", &["post"]),
    ("/books", &["get", "post"]),
    ("/books/export", &["get"]),
    ("/books/import", &["post"]),
    ("/books/{book}", &["delete", "get", "patch"]),
    ("/books/{book}/copies", &["post"]),
    ("/books/{book}/cover", &["delete", "get", "put"]),
    ("/books/{book}/reservations", &["post"]),
    ("/books/{book}/reviews", &["get", "post"]),
    ("/books/{book}/subjects", &["put"]),
    ("/branches", &["get", "post"]),
    ("/copies/{copy}", &["patch"]),
    ("/health", &["get"]),
    ("/loans", &["get", "post"]),
    ("/loans/export", &["get"]),
    ("/loans/{loan}/renew", &["post"]),
    ("/loans/{loan}/return", &["post"]),
    ("/members", &["get", "post"]),
    ("/members/{member}", &["delete", "get", "patch"]),
    ("/members/{member}/favourites/{book}", &["delete", "put"]),
    ("/members/{member}/restore", &["post"]),
    ("/metrics", &["get"]),
    ("/ready", &["get"]),
    ("/reports/overdue", &["get"]),
    ("/reports/popular", &["get"]),
    ("/search", &["get"]),
    ("/staff", &["get", "post"]),
    ("/subjects", &["get", "post"]),
];

#[tokio::test]
async fn the_description_has_all_routes_and_the_schemas_that_they_name() {
    let service = Service::start();
    let answer = service.get("/openapi.json").await;
    let description = answer.is(200);
    let mut methods_of =
        operations(&description).into_iter().fold(Vec::<(String, Vec<String>)>::new(), |mut routes, it| {
            let method = it.method.as_str().to_ascii_lowercase();
            match routes.last_mut().filter(|(path, _)| *path == it.path) {
                Some((_, methods)) => methods.push(method),
                None => routes.push((it.path, vec![method])),
            }
            routes
        });
    let mut routes: Vec<_> = methods_of
        .iter_mut()
        .map(|(path, methods)| {
            methods.sort_unstable();
            (path.as_str(), methods.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect();
    routes.sort_unstable();
    assert_eq!(routes, ROUTES.iter().map(|(path, methods)| (*path, methods.to_vec())).collect::<Vec<_>>());

    let schemas = description["components"]["schemas"].as_object().unwrap();
    for reference in answer.text().split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let odd: Vec<_> = schemas.keys().filter(|name| !name.chars().all(|c| c.is_ascii_alphanumeric())).collect();
    assert!(odd.is_empty(), "these are no plain names: {odd:?}");
    assert_eq!(schemas["AuthorKey"]["type"], "integer");
    assert!(schemas.contains_key("BookLinePage"));
    let new = &schemas["NewBook"];
    assert_eq!(new["required"], json!(["title", "author_id"]), "{new}");
}

/// An operation of the description.
struct Operation {
    method: Method,
    path: String,
    said: Value,
}

fn operations(description: &Value) -> Vec<Operation> {
    let paths = description["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(|(method, said)| Operation {
            method: method.to_ascii_uppercase().parse().unwrap(),
            path: path.clone(),
            said: said.clone(),
        })
    });
    operations.collect()
}

impl Operation {
    /// The path with this in the place of each key.
    fn path_of(&self, key: &str) -> String {
        let parts: Vec<_> = self.path.split('/').map(|part| if part.starts_with('{') { key } else { part }).collect();
        parts.join("/")
    }

    fn parameters(&self, place: &str) -> Vec<&Value> {
        let parameters = self.said["parameters"].as_array().into_iter().flatten();
        parameters.filter(|parameter| parameter["in"] == place).collect()
    }

    /// The media type of the body, if it takes one.
    fn takes(&self) -> Option<&str> {
        self.said["requestBody"]["content"].as_object().map(|content| content.keys().next().unwrap().as_str())
    }

    async fn ask(&self, service: &Service, path: &str, media_type: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder().method(self.method.clone()).uri(service.url(path));
        service.send(request.header(header::CONTENT_TYPE, media_type), body).await
    }

    /// That the answer is a problem with this status, as the description says. The fields that it names.
    #[track_caller]
    fn refuses(&self, answer: &Answer, status: u16) -> Vec<String> {
        let of = format!("{} {}", self.method, self.path);
        assert_eq!(answer.status.as_u16(), status, "{of}: {}", String::from_utf8_lossy(&answer.body));
        let declared = &self.said["responses"][status.to_string()]["content"]["application/problem+json"]["schema"];
        assert_eq!(declared["$ref"], "#/components/schemas/Problem", "{of} does not declare {status}");
        answer.refuses(status).into_iter().map(|(name, _)| name).collect()
    }
}

#[tokio::test]
async fn each_route_of_the_description_is_there_and_has_no_other_methods() {
    const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let service = Service::start();
    let operations = operations(&service.get("/openapi.json").await.is(200));
    for operation in &operations {
        for method in METHODS {
            // A row that is not there, so that nothing changes.
            let request = Request::builder().method(method.clone()).uri(service.url(&operation.path_of("9999")));
            let answer = service.send(request, String::new()).await;
            let of = format!("{method} {}", operation.path);
            if operations.iter().any(|it| it.path == operation.path && it.method == method) {
                assert!(answer.status != 405, "{of} is not there");
                assert!(!answer.text_or_nothing().contains("no such path"), "{of} is not there");
            } else {
                answer.refuses(405);
                assert!(answer.header("allow").contains(operation.method.as_str()), "{of}");
            }
        }
    }
    service.get("/nowhere").await.refuses(404);
    // Whatever is added by `routes` is described; two things are not, and need not be.
    let router = Path::new(env!("CARGO_MANIFEST_DIR")).join("service/src/handlers/mod.rs");
    let router = std::fs::read_to_string(router).unwrap();
    assert_eq!((router.matches(".route(").count(), router.matches(".merge(").count()), (1, 1));
}

#[tokio::test]
async fn whatever_cannot_be_read_is_refused_as_the_description_says() {
    let service = Service::start();
    let mut bodies = 0;
    for operation in operations(&service.get("/openapi.json").await.is(200)) {
        let path = operation.path_of("1");
        if operation.path.contains('{') {
            let answer = operation.ask(&service, &operation.path_of("x"), "application/json", "{}").await;
            operation.refuses(&answer, 400);
        }
        for _ in operation.parameters("header") {
            let request = service.request(operation.method.clone(), &path).header(header::IF_MATCH, "three");
            operation.refuses(&service.send(request, "{}").await, 400);
        }
        let Some(media_type) = operation.takes() else { continue };
        bodies += 1;
        operation.refuses(&operation.ask(&service, &path, "text/html", "{}").await, 415);
        let request = Request::builder().method(operation.method.clone()).uri(service.url(&path));
        operation.refuses(&service.send(request, "{}").await, 415);
        // Of an import, lines that fit are too much.
        let line = "{\"title\": \"x\", \"author\": \"y\"}\n";
        let too_much = if media_type.contains("ndjson") { line.repeat(200_000) } else { " ".repeat(5 << 20) };
        operation.refuses(&operation.ask(&service, &path, media_type, too_much).await, 413);
        if media_type.contains("json") {
            // Of no line, an import has nothing wrong.
            let broken = if media_type.contains("ndjson") { "{" } else { "" };
            operation.refuses(&operation.ask(&service, &path, media_type, broken).await, 400);
            let fields = operation.refuses(&operation.ask(&service, &path, media_type, "7").await, 422);
            assert_eq!(fields.len(), 1);
        }
    }
    assert!(bodies > 15, "{bodies}");
}

#[tokio::test]
async fn each_parameter_of_the_description_is_read() {
    let service = Service::start();
    let mut read = 0;
    for operation in operations(&service.get("/openapi.json").await.is(200)) {
        let path = operation.path_of("1");
        for parameter in operation.parameters("query") {
            let name = parameter["name"].as_str().unwrap();
            let schema = &parameter["schema"];
            let schema = if schema["type"] == json!("array") { &schema["items"] } else { schema };
            let kind = [schema["type"].to_string(), schema["format"].to_string(), schema["$ref"].to_string()].concat();
            let fitting = match name {
                "after" | "before" => None,
                "sort" => None,
                _ if kind.contains("integer") => Some("1"),
                _ if kind.contains("boolean") => Some("true"),
                _ if kind.contains("date") => Some("2020-01-31"),
                _ if kind.contains("Language") => Some("german"),
                _ => Some("a"),
            };
            if let Some(value) = fitting {
                let answer = operation.ask(&service, &format!("{path}?{name}={value}"), "text/plain", "").await;
                assert_eq!(answer.status, 200, "{path}?{name}={value}: {}", String::from_utf8_lossy(&answer.body));
            }
            if fitting != Some("a") {
                let answer = operation.ask(&service, &format!("{path}?{name}=no,nonsense"), "text/plain", "").await;
                let mut named = operation.refuses(&answer, 422);
                named.dedup();
                assert_eq!(named, [name], "{path}");
            }
            read += 1;
        }
        for parameter in operation.parameters("query").iter().filter(|parameter| parameter["required"] == true) {
            let answer = operation.ask(&service, &path, "text/plain", "").await;
            assert_eq!(operation.refuses(&answer, 422), ["query"], "{parameter}");
        }
    }
    assert!(read > 40, "{read}");
}

#[tokio::test]
async fn pages_say_how_many_rows_they_have() {
    let service = Service::start();
    let description = service.get("/openapi.json").await.is(200);
    let operations = operations(&description);
    let list = operations.iter().find(|it| it.path == "/books" && it.method == Method::GET).unwrap();
    let limit = list.parameters("query").into_iter().find(|parameter| parameter["name"] == "limit").unwrap();
    assert_eq!(limit["schema"]["default"], 20);
    assert!(limit["description"].as_str().unwrap().contains("200 at most"));
}
