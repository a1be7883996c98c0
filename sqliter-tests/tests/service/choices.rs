//! Conditions and orders that are put together at run time.

use std::collections::{HashMap, HashSet};

use sqliter::prelude::*;
use sqliter::{Condition, Direction, Error, Order, Select};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(issues = Issue::project))]
struct Project {
    pk: Key<Project>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Issue {
    pk: Key<Issue>,
    title: String,
    number: i64,
    #[model(default = 0)]
    points: i64,
    due: Option<i64>,
    project_id: Key<Project>,
}

async fn filled() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Project, Issue)>().await.unwrap();
    for name in ["web", "app"] {
        db.insert(Project::builder().name(name)).await.unwrap();
    }
    let issues = [("Log in", 3, Some(2), 1), ("log out", 1, None, 2), ("Pay", 2, Some(1), 1), ("Ship it", 2, None, 2)];
    let draft = |(title, number, due, project): (&str, i64, Option<i64>, i64)| {
        Issue::builder().title(title).number(number).due(due).project_id(Project::key(project))
    };
    db.bulk_insert(issues.map(draft)).await.unwrap();
    db
}

fn text(chain: &Select<'_, Issue, impl sqliter::bounds::Load<Issue>>) -> String {
    let sql = chain.to_sql().unwrap().text;
    sql.split_once(" WHERE ").or_else(|| sql.split_once(" ORDER ")).map_or(String::new(), |(_, end)| end.to_owned())
}

async fn titles(chain: Select<'_, Issue>) -> Vec<String> {
    chain.only(|i| i.title).fetch_all().await.unwrap()
}

#[tokio::test]
async fn any_and_all_join_the_conditions_of_a_list() {
    let db = filled().await;
    let words = ["log".to_owned(), "SHIP".to_owned()];
    let some = db.select::<Issue>().filter(|i| any(words.iter().map(|word| i.title.icontains(word))));
    assert_eq!(titles(some.order(|i| i.pk.asc())).await, ["Log in", "log out", "Ship it"]);
    let each = db.select::<Issue>().filter(|i| all(words.iter().map(|word| i.title.icontains(word))));
    assert_eq!(titles(each).await, Vec::<String>::new());
    let each = db.select::<Issue>().filter(|i| all(["log", "in"].map(|word| i.title.icontains(word))));
    assert_eq!(titles(each).await, ["Log in"]);

    let numbers = |list: &'static [i64]| db.select::<Issue>().filter(move |i| any(list.iter().map(|n| i.number.eq(n))));
    assert_eq!(text(&numbers(&[1])), r#""number" = ?"#);
    assert_eq!(text(&numbers(&[1, 2])), r#""number" = ? OR "number" = ?"#);
    assert_eq!(numbers(&[1, 2]).count().await.unwrap(), 3);
}

#[tokio::test]
async fn any_of_nothing_is_false_and_all_of_nothing_is_true() {
    let db = filled().await;
    let none = || std::iter::empty::<Condition<Issue>>();
    let chain = |condition: Condition<Issue>| db.select::<Issue>().filter(move |_| condition);
    for (condition, sql, rows) in [
        (any(none()), "FALSE", 0),
        (all(none()), "TRUE", 4),
        (!any(none()), "(FALSE) IS NOT TRUE", 4),
        (!all(none()), "(TRUE) IS NOT TRUE", 0),
        (any(none()) | all(none()), "(TRUE)", 4),
        (any(none()) & all(none()), "(FALSE)", 0),
        (any([any(none()), all(none())]), "(TRUE)", 4),
        (all([all(none()), all(none())]), "TRUE", 4),
    ] {
        let chain = chain(condition);
        assert_eq!(text(&chain), sql);
        assert_eq!(chain.clone().count().await.unwrap(), rows, "{sql}");
        assert_eq!(chain.clone().fetch_all().await.unwrap().len() as u64, rows, "{sql}");
        assert_eq!(chain.exists().await.unwrap(), rows > 0, "{sql}");
    }
    let beside = db.select::<Issue>().filter(|i| i.number.eq(2) & any(none())).filter(|i| i.project.name.eq("web"));
    assert_eq!(beside.count().await.unwrap(), 0);
    let beside = db.select::<Issue>().filter(|i| i.number.eq(2) | any(none())).filter(|_| all(none()));
    assert_eq!(text(&beside), r#"("number" = ?) AND TRUE"#);
    assert_eq!(beside.update(|i| i.number.add(10)).await.unwrap(), 2);
    let related = db.select::<Project>().filter(|p| p.issues.any(|_| any(Vec::<Condition<Issue>>::new())));
    assert_eq!(related.count().await.unwrap(), 0);
    let related = db.select::<Project>().filter(|p| p.issues.any(|_| all(Vec::<Condition<Issue>>::new())));
    assert_eq!(related.count().await.unwrap(), 2);
    let groups = db.select::<Issue>().group_by(|i| i.number).having(|_| any([count().gt(1)]));
    assert_eq!(groups.fetch_all().await.unwrap(), [12]);
    let groups = db
        .select::<Issue>()
        .group_by(|i| i.number)
        .annotate(|_| count())
        .having(|_| any(Vec::<Condition<Issue, sqliter::bounds::PerGroup>>::new()));
    assert_eq!(groups.count().await.unwrap(), 0);
}

#[tokio::test]
async fn conditions_of_a_long_list_are_no_deeper_than_sqlite_takes_them() {
    let db = filled().await;
    let many = db.select::<Issue>().filter(|i| any((0..5000).map(|n| i.number.eq(n))));
    assert_eq!(many.count().await.unwrap(), 4);
    let many = db.select::<Issue>().filter(|i| all((0..5000).map(|n| i.number.ne(n + 10))));
    assert_eq!(many.count().await.unwrap(), 4);
}

#[tokio::test]
async fn a_direction_and_a_column_are_chosen_at_run_time() {
    let db = filled().await;
    let sorted = |by: &'static str, direction: Direction| {
        db.select::<Issue>().order(move |i| match by {
            "title" => i.title.order(direction),
            "due" => i.due.order(direction).nulls_last(),
            "project" => i.project.name.order(direction),
            "double" => (i.number * 2).order(direction),
            _ => i.number.order(direction),
        })
    };
    assert_eq!(text(&sorted("title", Direction::Desc)), r#"BY "title" DESC, "pk" DESC"#);
    assert_eq!(text(&sorted("title", Direction::Asc)), r#"BY "title", "pk""#);
    assert_eq!(text(&sorted("due", Direction::Desc)), r#"BY "due" DESC NULLS LAST, "pk" DESC"#);
    assert_eq!(titles(sorted("project", Direction::Asc)).await, ["log out", "Ship it", "Log in", "Pay"]);
    assert_eq!(titles(sorted("double", Direction::Desc)).await, ["Log in", "Ship it", "Pay", "log out"]);
    assert_eq!(titles(sorted("", Direction::Asc.reversed())).await, ["Log in", "Ship it", "Pay", "log out"]);
    // Columns of one type are one type.
    let column = |by: &str| db.select::<Issue>().order(|i| (if by == "number" { i.number } else { i.points }).asc());
    assert_eq!(titles(column("number")).await.len(), 4);

    assert_eq!(serde_json::from_str::<Direction>("\"desc\"").unwrap(), Direction::Desc);
    assert_eq!(serde_json::to_string(&Direction::default()).unwrap(), "\"asc\"");
    assert!(serde_json::from_str::<Direction>("\"down\"").is_err());
}

#[tokio::test]
async fn a_later_order_adds_keys_and_reorder_replaces_them() {
    let db = filled().await;
    let by_number = db.select::<Issue>().order(|i| i.number.asc());
    assert_eq!(text(&by_number.clone().order(|i| i.title.desc())), r#"BY "number", "title" DESC, "pk" DESC"#);
    assert_eq!(text(&by_number.clone().reorder(|i| i.title.desc())), r#"BY "title" DESC, "pk" DESC"#);
    assert_eq!(text(&by_number.in_random_order().reorder(|i| i.title.asc())), r#"BY "title", "pk""#);
}

#[tokio::test]
async fn reversed_turns_the_order_round() {
    let db = filled().await;
    let issues = db.select::<Issue>();
    assert_eq!(text(&issues.clone().reversed()), r#"BY "pk" DESC"#);
    let sorted = issues.clone().order(|i| (i.due.asc().nulls_last(), i.title.desc()));
    assert_eq!(text(&sorted.clone().reversed()), r#"BY "due" DESC NULLS FIRST, "title", "pk""#);
    let mut expected = titles(sorted.clone()).await;
    expected.reverse();
    assert_eq!(titles(sorted.clone().reversed()).await, expected);
    assert_eq!(titles(sorted.clone().limit(2).reversed()).await, expected[..2]);
    assert_eq!(titles(sorted.clone().reversed().reversed()).await.last(), expected.first());
    let groups = issues.group_by(|i| i.number).annotate(|_| count());
    assert_eq!(groups.clone().reversed().fetch_all().await.unwrap(), [(3, 1), (2, 2), (1, 1)]);
    assert_eq!(groups.order(|_| count().asc()).reversed().fetch_first().await.unwrap(), Some((2, 2)));
}

#[tokio::test]
async fn a_random_order_is_another_one_each_time() {
    let db = Db::options().memory().cache(CacheOptions::default()).open().await.unwrap();
    db.create_tables::<(Project, Issue)>().await.unwrap();
    db.bulk_insert((0..40).map(|i| Project::builder().name(i.to_string()))).await.unwrap();
    let chain = db.select::<Project>().in_random_order();
    assert_eq!(chain.to_sql().unwrap().text, r#"SELECT "pk", "name" FROM "projects" ORDER BY random(), "pk""#);
    let mut orders = HashSet::new();
    for _ in 0..10 {
        let keys: Vec<i64> = chain.clone().fetch_all().await.unwrap().iter().map(|p| *p.pk.raw()).collect();
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 40);
        orders.insert(keys);
    }
    assert_eq!(orders.len(), 10);
    let mut seen = HashSet::new();
    for _ in 0..200 {
        seen.insert(chain.clone().fetch_first().await.unwrap().unwrap().pk);
        seen.insert(chain.clone().limit(3).fetch_last().await.unwrap().unwrap().pk);
    }
    assert!(seen.len() > 30, "{}", seen.len());
    assert_eq!(chain.clone().limit(5).count().await.unwrap(), 5);
    assert_eq!(chain.limit(5).delete().await.unwrap(), 5);
    assert_eq!(db.select::<Project>().count().await.unwrap(), 35);
}

#[tokio::test]
async fn rows_by_their_keys_are_a_map() {
    let db = filled().await;
    let issues: HashMap<Key<Issue>, Issue> = db.select::<Issue>().filter(|i| i.number.eq(2)).fetch_map().await.unwrap();
    assert_eq!(issues.len(), 2);
    assert_eq!(issues[&Issue::key(3)].title, "Pay");
    let projects: HashMap<Key<Project>, (Project, Vec<Issue>, i64)> =
        db.select::<Project>().prefetch_related(|p| p.issues).with_count(|p| p.issues).fetch_map().await.unwrap();
    assert_eq!(projects[&Project::key(1)].1.len(), 2);
    assert_eq!(projects[&Project::key(2)].2, 2);
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(view = "SELECT number, title FROM issues")]
struct ByNumber {
    #[model(pk)]
    number: i64,
    title: String,
}

#[tokio::test]
async fn a_map_loses_no_row_of_a_key_that_is_not_unique() {
    let db = filled().await;
    db.create_table::<ByNumber>().await.unwrap();
    let error = db.select::<ByNumber>().fetch_map().await.unwrap_err();
    let Error::KeyNotUnique { key, .. } = error else { panic!("{error}") };
    assert_eq!(key, "2");
    let few = db.select::<ByNumber>().filter(|b| b.number.ne(2)).fetch_map().await.unwrap();
    assert_eq!(few.len(), 2);
}

fn _a_key_of_an_order_can_be_written_down(by_title: bool) -> impl Fn(&IssueColumns<Issue>) -> Order<Issue> {
    move |i| if by_title { i.title.asc() } else { i.number.desc() }
}
