//! What a query loads: one column, a tuple of columns, a dictionary without some.

use chrono::NaiveDate;
use sqliter::prelude::*;
use sqliter::{Column, Error, Json, Record, Select, Value};

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Status {
    Active,
    OnHold,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Team {
    pk: Key<Team>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Member {
    pk: Key<Member>,
    name: String,
    #[model(default = Status::Active)]
    status: Status,
    born: Option<NaiveDate>,
    joined: NaiveDate,
    flag: Option<bool>,
    score: f64,
    photo: Option<Vec<u8>>,
    tags: Json<Vec<String>>,
    #[model(column = "team")]
    team_id: Option<Key<Team>>,
    created_at: i64,
    updated_at: i64,
}

fn date(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 5, 17).unwrap()
}

async fn members() -> Db {
    let clock = || std::time::UNIX_EPOCH + std::time::Duration::from_secs(1000);
    let db = Db::options().clock(clock).open().await.unwrap();
    db.create_tables::<(Team, Member)>().await.unwrap();
    let team = db.insert(Team::builder().name("red")).await.unwrap();
    let ada = Member::builder().name("Ada").status(Status::OnHold).born(date(1815)).joined(date(2020)).flag(false);
    let ada = ada.score(1.5).photo(vec![0, 255]).tags(vec!["x".to_owned(), "y".to_owned()]).team_id(team.pk);
    db.insert(ada).await.unwrap();
    db.insert(Member::builder().name("Bob").joined(date(2021)).score(-2.0).tags(vec![])).await.unwrap();
    db.insert(Member::builder().name("Cy").joined(date(2022)).flag(true).score(0.0).tags(vec![])).await.unwrap();
    db
}

fn by_key(db: &Db) -> Select<'_, Member> {
    db.select::<Member>().order(|m| m.pk.asc())
}

/// The loaded columns, as the statement names them.
fn loaded<M: Model, S: sqliter::bounds::Shape<M>>(query: &Select<'_, M, S>) -> String {
    let text = query.to_sql().unwrap().text;
    let (columns, _) = text.strip_prefix("SELECT ").unwrap().split_once(" FROM ").unwrap();
    columns.replace('"', "")
}

#[tokio::test]
async fn only_loads_one_column() {
    let db = members().await;
    let names: Vec<String> = by_key(&db).only(|m| m.name).fetch_all().await.unwrap();
    assert_eq!(names, ["Ada", "Bob", "Cy"]);
    let keys: Vec<Key<Member>> = by_key(&db).only(|m| m.pk).fetch_all().await.unwrap();
    assert_eq!(keys, [1, 2, 3].map(Member::key));
    assert_eq!(loaded(&db.select::<Member>().only(|m| m.name)), "name");
}

#[tokio::test]
async fn fields_loads_a_tuple_and_a_later_choice_replaces_the_earlier() {
    let db = members().await;
    let pairs: Vec<(String, Option<bool>)> = by_key(&db).fields(|m| (m.name, m.flag)).fetch_all().await.unwrap();
    assert_eq!(pairs, [("Ada".into(), Some(false)), ("Bob".into(), None), ("Cy".into(), Some(true))]);
    let query = by_key(&db).fields(|m| (m.name, m.flag)).only(|m| m.score);
    assert_eq!(loaded(&query), "score");
    assert_eq!(query.fetch_all().await.unwrap(), [1.5, -2.0, 0.0]);
    // The order is the one that is asked for, and nothing stops a column from coming twice.
    let (flag, (name, again)) = by_key(&db).fields(|m| (m.flag, (m.name, m.name))).fetch_required().await.unwrap();
    assert_eq!((flag, name.as_str(), again.as_str()), (Some(false), "Ada", "Ada"));
}

#[tokio::test]
async fn values_keep_their_types() {
    let db = members().await;
    type Row = (Key<Member>, Status, Option<NaiveDate>, NaiveDate, Option<bool>, Json<Vec<String>>, Option<Key<Team>>);
    let rows: Vec<Row> = by_key(&db)
        .limit(2)
        .fields(|m| (m.pk, m.status, m.born, m.joined, m.flag, m.tags, m.team_id))
        .fetch_all()
        .await
        .unwrap();
    let tags = vec!["x".to_owned(), "y".to_owned()];
    let ada: Row =
        (Member::key(1), Status::OnHold, Some(date(1815)), date(2020), Some(false), Json(tags), Some(Team::key(1)));
    assert_eq!(rows[0], ada);
    assert_eq!(rows[1], (Member::key(2), Status::Active, None, date(2021), None, Json(vec![]), None));
    assert_eq!(by_key(&db).only(|m| m.photo).fetch_required().await.unwrap(), Some(vec![0, 255]));
    assert_eq!(by_key(&db).only(|m| m.flag).fetch_required().await.unwrap(), Some(false));
}

#[tokio::test]
async fn fields_takes_sixteen_columns() {
    let db = members().await;
    let m = by_key(&db)
        .fields(|m| {
            (
                (m.pk, m.name, m.status, m.born, m.joined, m.flag, m.score, m.photo, m.tags, m.team_id, m.created_at),
                (m.updated_at,),
                m.pk,
                m.name,
                m.status,
                m.born,
                m.joined,
                m.flag,
                m.score,
                m.photo,
                m.tags,
                m.team_id,
                m.created_at,
                m.updated_at,
                m.score,
                m.flag,
            )
        })
        .fetch_required()
        .await
        .unwrap();
    assert_eq!((m.0.0, m.0.1.as_str(), m.0.10, m.1.0), (Member::key(1), "Ada", 1000, 1000));
    assert_eq!((m.2, m.3.as_str(), m.14, m.15), (Member::key(1), "Ada", 1.5, Some(false)));
}

#[tokio::test]
async fn what_was_not_selected_is_not_made_up() {
    // The original showed defaults for unselected columns; here the result has no place for them.
    let db = members().await;
    let (name, created) = by_key(&db).fields(|m| (m.name, m.created_at)).fetch_required().await.unwrap();
    assert_eq!((name.as_str(), created), ("Ada", 1000));
    let record = by_key(&db).exclude(|m| m.status).fetch_required().await.unwrap();
    assert_eq!(record.get("status"), None);
    assert_eq!(record.get("created_at"), Some(&Value::Integer(1000)));
}

#[tokio::test]
async fn a_selection_works_with_the_rest_of_the_chain() {
    let db = members().await;
    let chain = db.select::<Member>().filter(|m| m.score.le(0.0)).order(|m| m.name.desc());
    let names = chain.clone().only(|m| m.name);
    assert_eq!(names.clone().fetch_all().await.unwrap(), ["Cy", "Bob"]);
    assert_eq!(names.clone().fetch_first().await.unwrap().as_deref(), Some("Cy"));
    assert_eq!(names.clone().fetch_last().await.unwrap().as_deref(), Some("Bob"));
    assert_eq!(names.clone().offset(1).fetch_one().await.unwrap().as_deref(), Some("Bob"));
    assert_eq!(names.clone().limit(0).fetch_all().await.unwrap(), [""; 0]);
    // Filters and orders reach columns that are not selected, before and after the selection.
    let filtered = names.filter(|m| m.flag.is_not_null()).order(|m| m.joined.asc());
    assert_eq!(filtered.clone().fetch_required().await.unwrap(), "Cy");
    assert_eq!(filtered.clone().count().await.unwrap(), 1);
    assert!(filtered.exists().await.unwrap());
    let teams = by_key(&db).filter(|m| m.team_id.is_not_null()).only(|m| m.team_id).fetch_all().await.unwrap();
    assert_eq!(teams, [Some(Team::key(1))]);
}

#[tokio::test]
async fn exclude_loads_all_but_the_listed_columns() {
    let db = members().await;
    let query = db.select::<Member>().exclude(|m| m.photo);
    assert_eq!(loaded(&query), "pk, name, status, born, joined, flag, score, tags, team, created_at, updated_at");
    let query = db.select::<Member>().exclude(|m| (m.pk, m.photo, m.tags, m.created_at, m.updated_at));
    assert_eq!(loaded(&query), "name, status, born, joined, flag, score, team");
    let records = query.order(|m| m.pk.asc()).fetch_all().await.unwrap();
    let names: Vec<&str> = records[0].iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["name", "status", "born", "joined", "flag", "score", "team"]);
    assert_eq!(records[0].get("flag"), Some(&Value::Integer(0)));
    assert_eq!(records[1].get("flag"), Some(&Value::Null));
    assert_eq!(records[1].get("photo"), None);
    assert_eq!((records[0].len(), records[0].is_empty()), (7, false));
}

#[tokio::test]
async fn exclusions_add_up() {
    let db = members().await;
    let query = db.select::<Member>().exclude(|m| (m.pk, m.name, m.name)).exclude(|m| (m.born, m.tags));
    let query = query.filter(|m| m.name.eq("Ada")).exclude(|m| (m.photo, m.pk));
    assert_eq!(loaded(&query), "status, joined, flag, score, team, created_at, updated_at");
    assert_eq!(query.fetch_dicts().await.unwrap()[0].get("status"), Some(&Value::Text("on_hold".into())));
}

#[tokio::test]
async fn excluding_a_column_of_a_related_row_leaves_the_own_of_that_name() {
    let db = members().await;
    let all = loaded(&db.select::<Member>().exclude(|m| m.photo));
    assert_eq!(loaded(&db.select::<Member>().exclude(|m| (m.team.name, m.photo, m.team.pk))), all);
    // What it is called besides does not matter.
    assert_eq!(loaded(&db.select::<Member>().exclude(|m| m.photo.alias("name"))), all);
}

#[tokio::test]
async fn excluding_everything_is_an_error() {
    let db = members().await;
    let query = db.select::<Team>().exclude(|t| t.pk).exclude(|t| t.name);
    let error = query.clone().fetch_dicts().await.unwrap_err();
    assert!(matches!(&error, Error::EmptySelection { table } if table == "teams"));
    assert_eq!(error.to_string(), "no column of teams is left to read: all were excluded");
    assert!(matches!(query.clone().fetch_one().await, Err(Error::EmptySelection { .. })));
    assert!(matches!(query.to_sql(), Err(Error::EmptySelection { .. })));
}

#[tokio::test]
async fn dictionaries_serialise_in_the_order_of_the_columns() {
    let db = members().await;
    let rows = by_key(&db).limit(1).exclude(|m| (m.photo, m.tags)).fetch_dicts().await.unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&rows).unwrap(), @r#"
    [
      {
        "pk": 1,
        "name": "Ada",
        "status": "on_hold",
        "born": "1815-05-17",
        "joined": "2020-05-17",
        "flag": false,
        "score": 1.5,
        "team": 1,
        "created_at": 1000,
        "updated_at": 1000
      }
    ]
    "#);
    // Any selection gives dictionaries too, in its own order.
    let rows = by_key(&db).limit(1).fields(|m| (m.score, m.name)).fetch_dicts().await.unwrap();
    assert_eq!(serde_json::to_string(&rows).unwrap(), r#"[{"score":1.5,"name":"Ada"}]"#);
    let whole = by_key(&db).limit(1).fetch_dicts().await.unwrap();
    assert_eq!(whole[0].len(), 12);
    assert_eq!(whole[0].get("tags"), Some(&Value::Text(r#"["x","y"]"#.into())));
    assert_eq!(whole[0].get("photo"), Some(&Value::Blob(vec![0, 255])));
}

#[tokio::test]
async fn a_dictionary_names_a_column_once() {
    let db = members().await;
    let rows = by_key(&db).limit(1).fields(|m| (m.name, m.score, m.name)).fetch_dicts().await.unwrap();
    assert_eq!(serde_json::to_string(&rows).unwrap(), r#"[{"name":"Ada","score":1.5}]"#);
}

#[tokio::test]
async fn a_selected_value_that_does_not_fit_is_an_error_with_its_column() {
    let db = members().await;
    // As another program may that does not check constraints.
    let sql = "PRAGMA ignore_check_constraints = ON; UPDATE members SET born = 'no date' WHERE pk = 1";
    sqlx::raw_sql(sql).execute(&db.pool()).await.unwrap();
    let error = by_key(&db).fields(|m| (m.name, m.born)).fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::Decode { table, column, .. } if table == "members" && column == "born"), "{error}");
    // It does not harm who does not read it.
    assert_eq!(by_key(&db).only(|m| m.name).fetch_all().await.unwrap().len(), 3);
    let dicts = by_key(&db).exclude(|m| m.pk).fetch_dicts().await.unwrap();
    assert_eq!(dicts[0].get("born"), Some(&Value::Text("no date".into())));
}

#[tokio::test]
async fn a_column_is_a_value_that_can_be_passed_on() {
    let db = members().await;
    let column: fn(&MemberColumns<Member>) -> Column<Member, String> = |m| m.name;
    let names = db.select::<Member>().filter(|m| column(m).gt("A")).order(|m| column(m).desc()).only(column);
    assert_eq!(names.fetch_all().await.unwrap(), ["Cy", "Bob", "Ada"]);
}

#[tokio::test]
async fn dictionaries_serialise_booleans_and_documents_as_what_they_are() {
    let db = members().await;
    let rows = by_key(&db).fields(|m| (m.flag, m.tags, m.status)).fetch_dicts().await.unwrap();
    assert_eq!(
        serde_json::to_string(&rows).unwrap(),
        r#"[{"flag":false,"tags":["x","y"],"status":"on_hold"},{"flag":null,"tags":[],"status":"active"},{"flag":true,"tags":[],"status":"active"}]"#
    );
    // The stored values are the same as ever.
    assert_eq!(rows[0].get("flag"), Some(&Value::Integer(0)));
    assert_eq!(rows[0].get("tags"), Some(&Value::Text(r#"["x","y"]"#.into())));
}

#[tokio::test]
async fn a_dictionary_shows_what_is_no_boolean_and_no_document_as_it_is_stored() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(strict = false)]
    struct Loose {
        pk: Key<Loose>,
        open: bool,
        tags: Json<Vec<String>>,
    }
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE looses (pk INTEGER PRIMARY KEY, open, tags)").await.unwrap();
    db.execute("INSERT INTO looses VALUES (1, 2, '[1,'), (2, 'yes', x'5b315d'), (3, '1', 5)").await.unwrap();
    let rows = db.select::<Loose>().order(|l| l.pk.asc()).exclude(|l| l.pk).fetch_dicts().await.unwrap();
    assert_eq!(
        serde_json::to_string(&rows).unwrap(),
        r#"[{"open":2,"tags":"[1,"},{"open":"yes","tags":[1]},{"open":true,"tags":5}]"#
    );
}

#[tokio::test]
async fn values_of_a_dictionary_are_read_as_types() {
    let db = members().await;
    let rows = by_key(&db).fetch_dicts().await.unwrap();
    assert_eq!(rows[0].decode::<Status>("status").unwrap(), Status::OnHold);
    assert_eq!(rows[0].decode::<Option<NaiveDate>>("born").unwrap(), Some(date(1815)));
    assert_eq!(rows[1].decode::<Option<NaiveDate>>("born").unwrap(), None);
    assert_eq!(rows[0].decode::<Key<Team>>("team").unwrap(), Team::key(1));
    assert!(!rows[0].decode::<bool>("flag").unwrap());
    let error = rows[0].decode::<i64>("born").unwrap_err();
    assert!(matches!(&error, Error::Decode { table, column, .. } if table.is_empty() && column == "born"), "{error:?}");
    assert!(error.to_string().starts_with("born holds TEXT '1815-05-17', expected "), "{error}");
    let error = rows[1].decode::<bool>("flag").unwrap_err();
    assert_eq!(error.to_string(), "flag holds NULL, expected a boolean, 0 or 1");
    let row = by_key(&db).fields(|m| (m.name, m.score)).fetch_dicts().await.unwrap().remove(0);
    let error = row.decode::<i64>("team").unwrap_err();
    assert!(
        matches!(&error, Error::MissingColumn { column, columns } if column == "team" && columns == &["name", "score"])
    );
    assert_eq!(error.to_string(), "there is no column team: the columns are name, score");
}

#[tokio::test]
async fn equal_dictionaries_have_equal_names_and_values() {
    let db = members().await;
    let chain = by_key(&db).fields(|m| (m.name, m.flag)).fetch_dicts().await.unwrap();
    let raw = db.query::<Record>("SELECT name, flag FROM members ORDER BY pk").fetch_all().await.unwrap();
    assert_eq!(chain, raw);
    assert_ne!(chain[0], chain[1]);
    let renamed = db.query::<Record>("SELECT name, flag AS f FROM members ORDER BY pk").fetch_all().await.unwrap();
    assert_ne!(raw, renamed);
    assert_eq!(format!("{:?}", raw[0]), r#"Record {"name": Text("Ada"), "flag": Integer(0)}"#);
}
