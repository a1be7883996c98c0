//! Filters and orders that a request asks for, by names that the program gives.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Deserialize;
use sqliter::bounds::ParameterProblem;
use sqliter::prelude::*;
use sqliter::{Error, Filters, Select, Sorting};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, ColumnType)]
#[serde(rename_all = "snake_case")]
enum Status {
    Open,
    InProgress,
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize, ColumnType)]
#[serde(rename_all = "snake_case")]
#[column(integer)]
enum Priority {
    Low = 1,
    High = 3,
}

#[derive(Debug, Clone, PartialEq, Deserialize, ColumnType)]
struct Email(String);

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk)]
    code: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(issues = Issue::project))]
struct Project {
    pk: Key<Project>,
    name: String,
    country_id: Key<Country>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(labels = Label))]
struct Issue {
    pk: Key<Issue>,
    title: String,
    #[model(default = "")]
    body: String,
    status: Status,
    priority: Priority,
    number: u8,
    score: f64,
    done: bool,
    due: Option<NaiveDate>,
    reporter: Email,
    project_id: Key<Project>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(issues = Issue::labels))]
struct Label {
    pk: Key<Label>,
    name: String,
}

static FILTERS: LazyLock<Filters<Issue>> = LazyLock::new(|| {
    Filters::<Issue>::new()
        .eq("status", |i| i.status)
        .ne("status__ne", |i| i.status)
        .is_in("status__in", |i| i.status)
        .eq("priority", |i| i.priority)
        .lt("due_before", |i| i.due)
        .ge("due_from", |i| i.due)
        .is_null("undated", |i| i.due)
        .eq("number", |i| i.number)
        .gt("score__gt", |i| i.score)
        .eq("done", |i| i.done)
        .eq("reporter", |i| i.reporter)
        .eq("project", |i| i.project_id)
        .not_in("country__not", |i| i.project.country_id)
        .contains("project_name", |i| i.project.name)
        .eq("length", |i| i.title.length())
        .ieq("titled", |i| i.title)
        .related_to("labelled", |i| i.labels)
        .exists("has_labels", |i| i.labels)
        .exists("has_siblings", |i| i.project.issues)
        .with("q", |i, word: String| i.title.icontains(&word) | i.body.icontains(word))
        .with("label", |i, names: HashSet<String>| i.labels.any(|l| l.name.is_in(names)))
        .with("labels", |i, names: Vec<String>| all(names.iter().map(|name| i.labels.any(|l| l.name.eq(name)))))
        .ignore(["sort", "after"])
});

static SORTING: LazyLock<Sorting<Issue>> = LazyLock::new(|| {
    Sorting::<Issue>::new()
        .by("title", |i| i.title)
        .by("due", |i| i.due.asc().nulls_last())
        .by("newest", |i| i.pk.desc())
        .by("project", |i| (i.project.name, i.title))
        .by("labels", |i| i.labels.count())
        .by("double", |i| i.number * 2)
});

async fn filled() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Country, Project, Issue, Label)>().await.unwrap();
    db.bulk_insert(["at", "de"].map(|code| Country::builder().code(code))).await.unwrap();
    let projects = [("Web, new", "at"), ("App & co", "de")];
    db.bulk_insert(projects.map(|(name, code)| Project::builder().name(name).country_id(Country::key(code))))
        .await
        .unwrap();
    let issue = |i: u8| {
        Issue::builder()
            .title(["Log in", "Log out", "Pay", "Ship"][i as usize % 4])
            .status([Status::Open, Status::InProgress, Status::Done][i as usize % 3])
            .priority(if i.is_multiple_of(2) { Priority::Low } else { Priority::High })
            .number(i)
            .score(f64::from(i) / 2.0)
            .done(i % 3 == 2)
            .due((i % 4 != 3).then(|| NaiveDate::from_ymd_opt(2026, 1, 1 + u32::from(i)).unwrap()))
            .reporter(Email(format!("{i}+x@example.org")))
            .project_id(Project::key(1 + i64::from(i % 2)))
    };
    let issues = db.bulk_insert((0..8).map(issue)).await.unwrap();
    let labels = db.bulk_insert(["a", "b"].map(|name| Label::builder().name(name))).await.unwrap();
    issues[0].labels(&db).add(&labels).await.unwrap();
    issues[1].labels(&db).add([&labels[1]]).await.unwrap();
    db
}

async fn numbers(chain: Select<'_, Issue>) -> Vec<u8> {
    chain.order(|i| i.pk.asc()).only(|i| i.number).fetch_all().await.unwrap()
}

fn refused(chain: sqliter::Result<Select<'_, Issue>>) -> Vec<ParameterProblem> {
    match chain.unwrap_err() {
        Error::Parameters { problems } => problems,
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn related_rows_are_asked_for_by_key_and_by_being_there() {
    let db = filled().await;
    let all = || db.select::<Issue>();
    let found = async |query: &str| numbers(all().filter_by(&FILTERS, query).unwrap()).await;
    assert_eq!(found("labelled=1").await, [0]);
    assert_eq!(found("labelled=1,2&labelled=7").await, [0, 1]);
    assert_eq!(found("labelled=7").await, [0_u8; 0]);
    assert_eq!(found("has_labels=true").await, [0, 1]);
    assert_eq!(found("has_labels=false").await.len(), 6);
    assert_eq!(found("has_siblings=1").await.len(), 8);
    assert_eq!(found("titled=LOG+IN").await, [0, 4]);
    assert_eq!(found("titled=log").await, [0_u8; 0]);
    let problems = refused(all().filter_by(&FILTERS, "labelled=1,x&has_labels=2"));
    let told: Vec<_> = problems.iter().map(|problem| (problem.parameter.as_str(), problem.reason.as_str())).collect();
    let number = "x must be a whole number from -9223372036854775808 to 9223372036854775807";
    assert_eq!(told, [("labelled", number), ("has_labels", "must be one of true, false")]);
}

#[tokio::test]
async fn a_value_is_read_as_the_type_of_its_column() {
    let db = filled().await;
    for (query, expected) in [
        ("", &[0, 1, 2, 3, 4, 5, 6, 7][..]),
        ("status=open", &[0, 3, 6]),
        ("status=in_progress&priority=high", &[1, 7]),
        ("status__ne=open", &[1, 2, 4, 5, 7]),
        ("status__in=open,done", &[0, 2, 3, 5, 6]),
        ("status__in=open&status__in=done", &[0, 2, 3, 5, 6]),
        ("due_before=2026-01-03", &[0, 1]),
        ("due_from=2026-01-05&due_before=2026-01-07", &[4, 5]),
        ("undated=true", &[3, 7]),
        ("undated=false&number=0", &[0]),
        ("score__gt=2.5", &[6, 7]),
        ("done=true", &[2, 5]),
        ("done=1&number=5", &[5]),
        ("reporter=3%2Bx%40example.org", &[3]),
        ("project=2&status=open", &[3]),
        ("country__not=at", &[1, 3, 5, 7]),
        ("project_name=Web%2C+n", &[0, 2, 4, 6]),
        ("project_name=App %26 c&status=open", &[3]),
        ("length=6", &[0, 4]),
        ("q=LOG", &[0, 1, 4, 5]),
        ("label=a,b", &[0, 1]),
        ("labels=a,b", &[0]),
        ("labels=a&labels=b", &[0]),
        ("status=&q=&label=", &[0, 1, 2, 3, 4, 5, 6, 7]),
        ("sort=-title&after=x.y&number=4", &[4]),
    ] {
        let chain = db.select::<Issue>().filter_by(&FILTERS, query).unwrap();
        assert_eq!(numbers(chain).await, expected, "{query}");
    }
}

#[tokio::test]
async fn the_statement_is_that_of_the_same_filters_in_rust() {
    let db = filled().await;
    let asked = db.select::<Issue>().filter_by(&FILTERS, "q=x&status=open&due_before=2026-01-03").unwrap();
    let written = db
        .select::<Issue>()
        .filter(|i| i.status.eq(Status::Open))
        .filter(|i| i.due.lt(NaiveDate::from_ymd_opt(2026, 1, 3).unwrap()))
        .filter(|i| i.title.icontains("x") | i.body.icontains("x"));
    assert_eq!(asked.to_sql().unwrap(), written.to_sql().unwrap());
    let asked = db.select::<Issue>().order_by(&SORTING, "project,-due").unwrap();
    let written = db.select::<Issue>().order(|i| (i.project.name.asc(), i.title.asc(), i.due.desc().nulls_last()));
    assert_eq!(asked.to_sql().unwrap(), written.to_sql().unwrap());
}

#[tokio::test]
async fn parameters_come_as_text_pairs_or_maps() {
    let db = filled().await;
    let chain = db.select::<Issue>();
    let pairs = [("status", "open"), ("number", "3")];
    let owned: Vec<(String, String)> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let hashed: HashMap<String, String> = owned.iter().cloned().collect();
    let sorted: BTreeMap<&str, &str> = pairs.into_iter().collect();
    let text = Some("status=open&number=3".to_owned());
    for chain in [
        chain.clone().filter_by(&FILTERS, pairs),
        chain.clone().filter_by(&FILTERS, &pairs[..]),
        chain.clone().filter_by(&FILTERS, &owned),
        chain.clone().filter_by(&FILTERS, owned.clone()),
        chain.clone().filter_by(&FILTERS, &hashed),
        chain.clone().filter_by(&FILTERS, &sorted),
        chain.clone().filter_by(&FILTERS, text.as_deref()),
        chain.clone().filter_by(&FILTERS, &text),
    ] {
        assert_eq!(numbers(chain.unwrap()).await, [3]);
    }
    assert_eq!(numbers(chain.filter_by(&FILTERS, None::<&str>).unwrap()).await.len(), 8);
}

#[tokio::test]
async fn a_problem_names_the_parameter_the_value_and_what_is_expected() {
    let db = filled().await;
    for (query, reason, allowed) in [
        ("status=opne", "must be one of open, in_progress, done", &["open", "in_progress", "done"][..]),
        ("priority=3", "must be one of low, high", &["low", "high"]),
        ("status__in=open,x", "x must be one of open, in_progress, done", &["open", "in_progress", "done"]),
        ("due_before=soon", "must be a date, YYYY-MM-DD: input contains invalid characters", &[]),
        ("due_from=2026-02-30", "must be a date, YYYY-MM-DD: input is out of range", &[]),
        ("undated=yes", "must be one of true, false", &["true", "false"]),
        ("number=300", "must be a whole number from 0 to 255", &[]),
        ("number=1.5", "must be a whole number from 0 to 255", &[]),
        ("project=x", "must be a whole number from -9223372036854775808 to 9223372036854775807", &[]),
        ("score__gt=high", "must be a number", &[]),
        ("score__gt=NaN", "must be a number", &[]),
        ("done=maybe", "must be one of true, false", &["true", "false"]),
        ("status=open&status=done", "comes more than once, and takes one value", &[]),
        ("q=a&q=b", "comes more than once, and takes one value", &[]),
    ] {
        let problems = refused(db.select::<Issue>().filter_by(&FILTERS, query));
        let (parameter, _) = query.split_once('=').unwrap();
        assert_eq!(problems.len(), 1, "{query}");
        assert_eq!(problems[0].parameter, parameter, "{query}");
        assert_eq!(problems[0].reason, reason, "{query}");
        assert_eq!(problems[0].allowed, allowed, "{query}");
    }
}

#[tokio::test]
async fn all_problems_of_a_request_are_told_at_once() {
    let db = filled().await;
    let error = db.select::<Issue>().filter_by(&FILTERS, "status=opne&statsu=open&number=x&sort=y").unwrap_err();
    let names: Vec<&str> = FILTERS.names().collect();
    assert_eq!(
        error.to_string(),
        format!(
            "the request does not fit: statsu=open: there is no such parameter, only {}; status=opne: must be one of open, \
             in_progress, done; number=x: must be a whole number from 0 to 255",
            names.join(", ")
        )
    );
    let Error::Parameters { problems } = error else { panic!() };
    assert_eq!(problems[0].allowed, names);
    assert_eq!(
        serde_json::to_value(&problems[2]).unwrap(),
        serde_json::json!({
            "parameter": "number", "value": "x", "reason": "must be a whole number from 0 to 255", "allowed": []
        })
    );
    let long = format!("q={0}&q={0}", "é".repeat(1000));
    assert!(db.select::<Issue>().filter_by(&FILTERS, long).unwrap_err().to_string().chars().count() < 200);
}

#[tokio::test]
async fn a_request_of_nonsense_has_an_error_of_bounded_length() {
    let db = filled().await;
    let nonsense: String = (0..10_000).map(|i| format!("x{}=1&", i / 2)).collect();
    let problems = refused(db.select::<Issue>().filter_by(&FILTERS, nonsense + "status=opne"));
    let told: Vec<&str> = problems.iter().map(|problem| problem.parameter.as_str()).collect();
    assert_eq!(told, ["x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "status"]);
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Moment {
    pk: Key<Moment>,
    at: DateTime<Utc>,
    local: NaiveDateTime,
    seconds: Unix<DateTime<Utc>>,
}

/// What is read is the form of JSON, and no other that a column may hold: an error must not ask for one that was given.
#[tokio::test]
async fn a_moment_is_asked_for_in_the_form_in_which_it_is_read() {
    let filters =
        Filters::<Moment>::new().eq("at", |m| m.at).comparisons("local", |m| m.local).is_in("seconds", |m| m.seconds);
    let db = Db::memory().await.unwrap();
    db.create_table::<Moment>().await.unwrap();
    for query in ["at=2026-01-31T10:00:00%2B02:00", "local=2026-01-31T10:00:00", "seconds=2026-01-31T10:00:00Z"] {
        db.select::<Moment>().filter_by(&filters, query).unwrap().fetch_all().await.unwrap();
    }
    for (query, expected) in [
        ("at=2026-01-31", "must be a date and time, written as in JSON: premature end of input"),
        (
            "at=2026-01-31T10:00:00+02:00",
            "must be a date and time, written as in JSON: input contains invalid characters",
        ),
        (
            "local__lt=2026-01-31 10:00:00",
            "must be a date and time, written as in JSON: input contains invalid characters",
        ),
        ("seconds=-1", "must be a date or a time, written as in JSON: -1 premature end of input"),
    ] {
        let error = db.select::<Moment>().filter_by(&filters, query).unwrap_err();
        assert!(matches!(&error, Error::Parameters { problems } if problems[0].reason == expected), "{error}");
    }
}

#[tokio::test]
async fn a_request_sorts_by_the_names_that_are_offered() {
    let db = filled().await;
    let sorted = async |names: &str| {
        let chain = db.select::<Issue>().order_by(&SORTING, names).unwrap();
        chain.only(|i| i.number).fetch_all().await.unwrap()
    };
    assert_eq!(sorted("").await.len(), 8);
    assert_eq!(sorted("-title,newest").await, [7, 3, 6, 2, 5, 1, 4, 0]);
    assert_eq!(sorted(" title , -newest,").await, [0, 4, 1, 5, 2, 6, 3, 7]);
    assert_eq!(sorted("due,newest").await, [0, 1, 2, 4, 5, 6, 7, 3]);
    assert_eq!(sorted("-due,newest").await, [6, 5, 4, 2, 1, 0, 7, 3]);
    assert_eq!(sorted("project,newest").await, [5, 1, 7, 3, 4, 0, 6, 2]);
    assert_eq!(sorted("-labels,double").await, [0, 1, 2, 3, 4, 5, 6, 7]);
    // What the program has sorted by before comes first, and pages follow the order.
    let page = db.select::<Issue>().order(|i| i.done.desc()).order_by(&SORTING, "-newest").unwrap();
    let page = page.page_after(None, 3).await.unwrap().map(|i| i.number);
    assert_eq!(page.rows, [2, 5, 0]);
}

#[tokio::test]
async fn a_name_that_cannot_be_sorted_by_is_refused_with_those_that_can() {
    let db = filled().await;
    let problems = refused(db.select::<Issue>().order_by(&SORTING, "title,-dew"));
    assert_eq!(
        problems[0].to_string(),
        "sort=title,-dew: there is no dew to sort by, only title, due, newest, project, labels, double"
    );
    assert_eq!(problems[0].allowed, SORTING.names().collect::<Vec<_>>());
    let problems = refused(db.select::<Issue>().order_by(&SORTING, "title,-title"));
    assert_eq!(problems[0].to_string(), "sort=title,-title: sorts by title twice");
    let none = db.select::<Issue>().order_by(&Sorting::new(), "x");
    assert_eq!(refused(none)[0].to_string(), "sort=x: there is no x to sort by");
    let none = db.select::<Issue>().filter_by(&Filters::new(), "x=1");
    assert_eq!(refused(none)[0].to_string(), "x=1: there is no such parameter");
    let named = Sorting::<Issue>::new().by("t", |i| i.title).parameter("order_by");
    assert_eq!(
        refused(db.select::<Issue>().order_by(&named, "--t"))[0].to_string(),
        "order_by=--t: there is no -t to sort by, only t"
    );
}

#[tokio::test]
async fn a_shorthand_offers_many_operators() {
    let db = filled().await;
    let filters = Filters::<Issue>::new().comparisons("n", |i| i.number).text_tests("title", |i| i.title);
    for (query, expected) in [
        ("n=2", &[2][..]),
        ("n__ne=2&n__lt=4", &[0, 1, 3]),
        ("n__le=1", &[0, 1]),
        ("n__gt=6", &[7]),
        ("n__ge=6", &[6, 7]),
        ("n__in=1,7", &[1, 7]),
        ("n__not_in=0,1,2,3,4,5", &[6, 7]),
        ("title__contains=og i", &[0, 4]),
        ("title__icontains=OUT", &[1, 5]),
        ("title__starts_with=Pa", &[2, 6]),
        ("title__istarts_with=pa", &[2, 6]),
        ("title__ends_with=ip", &[3, 7]),
        ("title__iends_with=IP", &[3, 7]),
    ] {
        assert_eq!(numbers(db.select::<Issue>().filter_by(&filters, query).unwrap()).await, expected, "{query}");
    }
    let replaced = filters.ge("n", |i| i.number);
    assert_eq!(numbers(db.select::<Issue>().filter_by(&replaced, "n=6").unwrap()).await, [6, 7]);
}

#[tokio::test]
async fn what_a_request_chooses_goes_with_groups_and_what_is_loaded() {
    let db = filled().await;
    let groups: Vec<(Status, i64)> = db
        .select::<Issue>()
        .filter_by(&FILTERS, "priority=low")
        .unwrap()
        .group_by(|i| i.status)
        .annotate(|_| count())
        .order(|_| count().desc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(groups.iter().map(|(_, n)| n).sum::<i64>(), 4);
    let page = db
        .select::<Issue>()
        .select_related(|i| i.project)
        .prefetch_related(|i| i.labels)
        .filter_by(&FILTERS, "label=b")
        .unwrap()
        .order_by(&SORTING, "-labels,title")
        .unwrap()
        .page_after(None, 1)
        .with_total()
        .await
        .unwrap();
    assert_eq!((page.rows[0].0.number, page.rows[0].2.len(), page.total), (0, 2, Some(2)));
}
