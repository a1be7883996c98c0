//! Rows that are deleted softly stay in the table, and are left out of what is read.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use sqliter::prelude::*;
use sqliter::{Error, Filters, Row, Select, SoftDelete, Sorting, search, window};
use sqliter_tests::listener::sql_of;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(members = Person::team), new(derive(Clone)), search(name))]
struct Team {
    pk: Key<Team>,
    name: String,
    #[model(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(skills = Skill), has_one(badge = Badge::person), has_many(reports = Person::boss, notes = Note::person))]
#[model(unique(email, live), patch, new(derive(Clone)))]
struct Person {
    pk: Key<Person>,
    name: String,
    email: String,
    #[model(default = 1)]
    score: i64,
    #[model(on_delete = set_null)]
    team_id: Option<Key<Team>>,
    #[model(on_delete = set_null)]
    boss_id: Option<Key<Person>>,
    #[model(soft_delete, column = "gone at")]
    deleted_at: Option<i64>,
    #[model(version)]
    version: i64,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(people = Person::skills))]
struct Skill {
    #[model(pk)]
    name: String,
    #[model(soft_delete)]
    gone: Option<Unix<DateTime<Utc>>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Badge {
    pk: Key<Badge>,
    code: String,
    #[model(unique, on_delete = cascade)]
    person_id: Key<Person>,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

/// Its author is required.
#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
    #[model(on_delete = cascade)]
    person_id: Key<Person>,
}

#[derive(Debug, Clone, PartialEq, Row)]
struct Name {
    name: String,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Skill)]
struct SkillName {
    name: String,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Person)]
struct PersonCard {
    name: String,
    team: Option<Team>,
    #[view(relation = boss)]
    chief: Option<PersonName>,
    skills: Vec<Skill>,
    #[view(relation = reports)]
    others: Vec<PersonName>,
    #[view(count, relation = skills)]
    known: i64,
    badge: Option<Badge>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Person, args(least: i64))]
struct Scored {
    name: String,
    #[view(with = |p| p.score.ge(least))]
    good: bool,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Person)]
struct PersonName {
    name: String,
}

/// Teams `red` and `old`, of which `old` goes; Ada, Bea and Cy, of whom Cy goes; skills `rust` and `sql`, of which `sql` goes;
/// badges of Ada and Bea, of which Bea's goes. What goes is related to what stays.
async fn office(goes_for_good: bool) -> Db {
    let now = || UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let db = Db::options().memory().clock(now).open().await.unwrap();
    db.create_tables::<(Team, Person, Skill, Badge, Note)>().await.unwrap();
    let [red, old]: [Team; 2] =
        db.bulk_insert(["red", "old"].map(|name| Team::builder().name(name))).await.unwrap().try_into().unwrap();
    let person = |name: &str| Person::builder().name(name).email(format!("{name}@x"));
    let ada = db.insert(person("Ada").team_id(&red).score(3)).await.unwrap();
    let cy = db.insert(person("Cy").team_id(&red).boss_id(&ada).score(50)).await.unwrap();
    let bea = db.insert(person("Bea").team_id(&old).boss_id(&cy).score(5)).await.unwrap();
    let skills = db.bulk_insert(["rust", "sql"].map(|name| Skill::builder().name(name))).await.unwrap();
    for person in [&ada, &bea, &cy] {
        person.skills(&db).add(&skills).await.unwrap();
    }
    let badge = |code: &str, person: &Person| Badge::builder().code(code).person_id(person);
    let badges = db.bulk_insert([badge("a", &ada), badge("b", &bea)]).await.unwrap();
    let note = |text: &str, person: &Person| Note::builder().text(text).person_id(person);
    db.bulk_insert([note("of Ada", &ada), note("of Bea", &bea)]).await.unwrap();
    if goes_for_good {
        db.delete_for_good(&old).await.unwrap();
        db.delete_for_good(&cy).await.unwrap();
        db.delete_for_good(&skills[1]).await.unwrap();
        db.delete_for_good(&badges[1]).await.unwrap();
    } else {
        db.delete(&old).await.unwrap();
        db.delete(&cy).await.unwrap();
        db.delete(&skills[1]).await.unwrap();
        db.delete(&badges[1]).await.unwrap();
    }
    db
}

/// What was read, without keys that lead to rows that are gone.
fn said(of: &impl std::fmt::Debug) -> String {
    let mut said = format!("{of:?}");
    const GONE: [(&str, &str); 4] = [
        ("team_id: Some(Key(teams 2))", "team_id: None"),
        ("boss_id: Some(Key(people 2))", "boss_id: None"),
        (r#""team_id": Integer(2)"#, r#""team_id": Null"#),
        (r#""boss_id": Integer(2)"#, r#""boss_id": Null"#),
    ];
    for (key, none) in GONE {
        said = said.replace(key, none);
    }
    said
}

async fn all<T: Send + 'static>(mut stream: sqliter::RowStream<T>) -> sqliter::Result<Vec<T>> {
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        rows.push(row?);
    }
    Ok(rows)
}

async fn sorted<T>(
    map: impl Future<Output = sqliter::Result<HashMap<Key<Person>, T>>>,
) -> sqliter::Result<Vec<(Key<Person>, T)>> {
    let mut rows: Vec<_> = map.await?.into_iter().collect();
    rows.sort_by_key(|(key, _)| *key);
    Ok(rows)
}

/// Every way to read, each on a database where rows are deleted softly, and on one where they never were: both give the same. A
/// way to read that is not here is found by the next test.
#[tokio::test]
async fn what_is_deleted_is_read_as_if_it_were_not_there() -> sqliter::Result<()> {
    let databases = [office(false).await, office(true).await];
    let mut read: [Vec<(&str, String)>; 2] = [Vec::new(), Vec::new()];
    for (db, read) in databases.iter().zip(&mut read) {
        let people = || db.select::<Person>();
        let cy = || people().filter(|p| p.name.eq("Cy"));
        let ada = db.get(Person::key(1)).await?.unwrap();
        let bea = db.get(Person::key(3)).await?.unwrap();
        let both = [ada.clone(), bea.clone()];
        let filters = Filters::<Person>::new().eq("name", |p| p.name);
        let sorting = Sorting::<Person>::new().by("name", |p| p.name);
        macro_rules! reads {
            ($($read:expr;)*) => {$( read.push((stringify!($read), said(&$read.await?))); )*};
        }
        reads! {
            // A row by its key.
            db.get(Person::key(1));
            db.get(Person::key(2));
            db.get(Skill::key("sql"));
            db.get(Person::key(2)).bypass_cache();
            db.get(Person::key(2)).cache_ttl(Duration::from_secs(1));
            // The ends of a chain.
            people().fetch_all();
            people().order(|p| p.score.desc()).fetch_one();
            people().order(|p| p.score.desc()).fetch_first();
            people().order(|p| p.score.asc()).fetch_last();
            people().order(|p| p.score.asc()).limit(5).fetch_last();
            people().order(|p| p.score.desc()).fetch_required();
            people().filter(|p| p.name.ne("Ada")).fetch_only();
            people().fetch_dicts();
            all(people().fetch_stream());
            people().page_after(None, 2);
            people().page_after(None, 1).with_total();
            people().page_before(None, 2);
            sorted(people().fetch_map());
            people().count();
            people().limit(9).count();
            people().filter(|p| p.name.eq("Cy")).exists();
            people().filter(|p| p.name.eq("Cy")).explain();
            // Which rows, and what of them.
            people().select().fetch_all();
            people().filter(|p| p.score.gt(4) | p.name.eq("Cy")).fetch_all();
            people().filter_some(Some(4), |p, score| p.score.gt(score)).fetch_all();
            people().order(|p| p.score.desc()).offset(1).fetch_all();
            people().bypass_cache().cache_ttl(Duration::from_secs(1)).fetch_all();
            people().reorder(|p| p.score.asc()).reversed().fetch_all();
            people().filter(|p| p.name.ne("Ada")).in_random_order().fetch_all();
            people().filter_by(&filters, "name=Cy")?.fetch_all();
            people().order_by(&sorting, "-name")?.fetch_all();
            people().timeout(Duration::from_secs(9)).fetch_all();
            db.get(Person::key(2)).timeout(Duration::from_secs(9));
            people().only(|p| p.name).fetch_all();
            people().only(|p| p.name).distinct().fetch_all();
            people().fields(|p| (p.name, p.score)).fetch_all();
            people().into_rows::<Name>().fetch_all();
            people().exclude(|p| (p.team_id, p.boss_id)).fetch_all();
            people().qualify(|p| window::row_number().over(|w| w.order(p.score.desc())).le(2)).count();
            people().descendants(|p| p.reports.to_depth(2), Person::key(1)).only(|p| p.name).fetch_all();
            db.select::<Team>().search(|t| t.search.matches(search::any("red old"))).fetch_all();
            people().annotate(|p| (count(), p.score.sum(), p.score.max())).fetch_all();
            people().group_by(|p| p.version).annotate(|p| p.score.sum()).fetch_all();
            people().group_by(|p| p.name).annotate(|_| count()).having(|p| p.score.max().gt(1)).fetch_all();
            people().order(|p| p.score.desc()).limit(2).annotate(|p| p.score.sum()).fetch_all();
            people().only(|p| p.score).aggregate(|score| (count(), score.sum()));
            people().group_by(|p| p.version).annotate(|p| p.score.max()).aggregate(|(_, most)| most.sum());
            people().only(|p| p.reports.count()).aggregate(|n| n.max());
            people().with_count(|p| p.reports).fetch_all();
            people().with_values(|p| (p.skills.count(), p.reports.aggregate(|r| r.score.max()))).fetch_all();
            // To-one relations: joined, and as conditions, sort keys and values.
            people().select_related(|p| (p.team, p.boss, p.badge)).fetch_all();
            people().select_related(|p| p.boss.with(|b| (b.team, b.badge))).fetch_all();
            people().filter(|p| p.team.is_null()).fetch_all();
            people().filter(|p| p.boss.is_not_null()).count();
            people().filter(|p| p.badge.is_null()).fetch_all();
            people().filter(|p| p.team.name.eq("old")).count();
            people().filter(|p| !p.team.name.eq("old")).count();
            people().filter(|p| p.boss.score.gt(1) | p.name.eq("Ada")).fetch_all();
            people().order(|p| (p.boss.name.desc(), p.name.asc())).fetch_all();
            people().fields(|p| (p.name, p.team.name, p.boss.badge.code)).fetch_all();
            people().group_by(|p| p.team.name).annotate(|_| count()).fetch_all();
            // To-many relations.
            db.select::<Team>().prefetch_related(|t| t.members.with(|m| (m.skills, m.badge, m.reports))).fetch_all();
            db.select::<Team>().prefetch_related(|t| t.members.filter(|m| m.score.gt(1)).order(|m| m.score.desc())).fetch_all();
            db.select::<Team>().prefetch_related(|t| t.members.order(|m| m.score.desc()).limit(1)).fetch_all();
            db.select::<Skill>().prefetch_related(|s| s.people.with(|p| p.boss)).fetch_all();
            people().filter(|p| p.reports.any(|r| r.score.gt(0))).fetch_all();
            people().filter(|p| p.reports.none(|r| r.score.gt(0))).fetch_all();
            db.select::<Team>().filter(|t| t.members.all(|m| m.score.lt(10))).fetch_all();
            people().filter(|p| p.skills.any(|s| s.name.eq("sql"))).count();
            people().filter(|p| p.skills.any(|s| s.people.any(|p| p.name.eq("Cy")))).count();
            people().filter(|p| p.team.members.any(|m| m.name.eq("Cy"))).count();
            people().filter(|p| p.skills.count().gt(1)).count();
            people().filter(|p| p.reports.exists()).fetch_all();
            people().filter(|p| p.reports.is_empty()).fetch_all();
            people().filter(|p| p.badge.code.eq("b") | p.skills.exists()).fetch_all();
            people().with_values(|p| p.reports.order(|r| r.score.desc()).first(|r| r.name)).fetch_all();
            people().with_values(|p| p.skills.order(|s| s.name.desc()).first(|s| s.name)).fetch_all();
            db.select::<Team>().with_values(|t| t.members.matching(|m| m.score.gt(1)).then(|m| m.skills).count()).fetch_all();
            // Pairs, and the first of related rows.
            db.select::<Team>().join_related(|t| t.members).fetch_all();
            db.select::<Team>().join_related(|t| t.members.filter(|m| m.score.gt(1)).limit(9)).count();
            db.select::<Team>().left_join_related(|t| t.members.filter(|m| m.score.gt(3))).fetch_all();
            people().join_related(|p| p.skills).filter(|p, s| p.score.gt(1) & s.name.ne("x")).fetch_all();
            all(people().left_join_related(|p| p.skills).order(|p, _| p.score.desc()).fetch_stream());
            people().left_join_related(|p| p.reports).fields(|p, r| (p.name, r.name, r.badge.code)).fetch_all();
            people().join_related(|p| p.team.members).fetch_all();
            people().order(|p| p.score.desc()).limit(2).join_related(|p| p.skills).fetch_all();
            people().with_first(|p| p.reports.order(|r| r.score.desc())).fetch_all();
            people().with_first(|p| p.skills.order(|s| s.name.desc())).page_after(None, 2);
            // Subqueries.
            people().filter(|p| p.team_id.is_in(db.select::<Team>().only(|t| t.pk))).fetch_all();
            // Ada is of the team of Cy, who goes.
            people().filter(|p| (p.team_id, p.updated_at).is_in(cy().fields(|p| (p.team_id, p.updated_at)))).count();
            people().filter(|p| p.name.eq("Ada") & sqliter::exists(db.select::<Skill>().filter(|s| s.name.eq("sql")))).count();
            // By the key of the related row, which the pairs have; with and without a limit; as a value.
            people().filter(|p| p.skills.contains(Skill::key("sql"))).count();
            people().filter(|p| p.skills.any(|s| s.name.eq("sql"))).limit(9).fetch_all();
            people().filter(|p| p.skills.any(|s| s.name.eq("sql") | s.name.eq("rust"))).fetch_all();
            people().filter(|p| p.skills.contains(Skill::key("sql"))).limit(9).fetch_all();
            people().filter(|p| p.reports.contains(Person::key(2))).fetch_all();
            people().filter(|p| p.reports.any(|r| r.pk.eq(Person::key(2)) | r.score.gt(40))).fetch_all();
            people().fields(|p| (p.name, p.skills.contains(Skill::key("sql")))).fetch_all();
            db.select::<Skill>().filter(|s| s.people.any(|p| p.team.name.eq("red") & p.name.eq("Cy"))).count();
            people().order(|p| p.skills.count().desc()).fetch_all();
            db.select::<Team>().with_values(|t| t.members.then(|m| m.skills).count()).fetch_all();
            db.select::<Team>().with_values(|t| t.members.then(|m| m.skills).distinct().count()).fetch_all();
            db.select::<Team>().with_values(|t| t.members.then(|m| m.skills).aggregate(|s| s.name.max())).fetch_all();
            // Of loaded rows, and of keys.
            ada.team(db).fetch();
            bea.team(db).fetch();
            bea.boss(db).fetch();
            ada.badge(db).fetch();
            bea.badge(db).fetch();
            ada.reports(db).fetch_all();
            ada.skills(db).fetch_all();
            ada.skills(db).order(|s| s.name.desc()).limit(1).fetch_all();
            Skill::key("rust").people(db).fetch_all();
            Person::key(3).badge(db).fetch();
            db.fetch_related(&both, |p| p.team);
            db.fetch_related(&both, |p| p.boss);
            db.fetch_related(&both, |p| p.badge);
            db.fetch_related(&both, |p| p.reports);
            db.fetch_related(&both, |p| p.skills);
            db.fetch_related(&both, |p| p.skills.with(|s| s.people));
            // As views.
            people().order(|p| p.pk.asc()).view::<PersonCard>().fetch_all();
            people().view_with::<Scored>(5).fetch_all();
            db.get(Person::key(1)).view::<PersonCard>();
            db.get(Person::key(2)).view::<PersonCard>();
            db.get(Person::key(2)).view_with::<Scored>(5);
            bea.boss(db).view::<PersonName>().fetch();
            ada.skills(db).view::<SkillName>().fetch_all();
            db.fetch_related(&both, |p| p.boss.view::<PersonName>());
            db.fetch_related(&both, |p| p.skills.view::<SkillName>());
            // In a transaction, and in a snapshot.
            db.transaction(async |tx| Ok((tx.get(Person::key(2)).await?, tx.select::<Person>().count().await?)));
            db.snapshot(async |s| Ok((s.get(Person::key(2)).await?, s.select::<Person>().count().await?)));
        }
    }
    let [softly, for_good] = read;
    for ((what, softly), (_, for_good)) in softly.into_iter().zip(for_good) {
        assert_eq!(softly, for_good, "{what}");
    }
    Ok(())
}

/// What reads, by the name of its method.
#[test]
fn no_way_to_read_is_left_out() {
    const READING: [&str; 12] = [
        "query/select/aggregate.rs",
        "query/select/both.rs",
        "query/select/fetch.rs",
        "query/select/groups.rs",
        "query/select/join.rs",
        "query/select/loaded.rs",
        "query/select/rows.rs",
        "query/load/prefetched.rs",
        "expr/relation",
        "related/fetch_related.rs",
        "related/one.rs",
        "change/get.rs",
    ];
    let called: String = include_str!("soft_deletes.rs").split_whitespace().collect();
    let mut missing = Vec::new();
    for place in READING {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../sqliter/src").join(place);
        let files: Vec<_> = match path.is_dir() {
            true => std::fs::read_dir(&path).unwrap().map(|file| file.unwrap().path()).collect(),
            false => vec![path],
        };
        for line in files
            .iter()
            .flat_map(|file| std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        {
            let Some(rest) = line.trim_start().strip_prefix("pub ") else { continue };
            let Some(rest) = rest.trim_start_matches("const ").trim_start_matches("async ").strip_prefix("fn ") else {
                continue;
            };
            let name = rest.split(['<', '(']).next().unwrap();
            // These read nothing, or are for the library.
            if !["new", "of_key", "to_sql"].contains(&name)
                && !["(", "::<"].iter().any(|end| called.contains(&format!(".{name}{end}")))
            {
                missing.push(format!("{place}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "read by no test above: {missing:?}");
}

#[tokio::test]
async fn delete_sets_the_time_and_keeps_the_row() -> sqliter::Result<()> {
    let db = office(false).await;
    let (deleted, statements) = sql_of(db.delete(Person::key(1))).await;
    deleted?;
    assert_eq!(
        statements,
        [
            r#"UPDATE "people" SET "gone at" = ?, "updated_at" = ?, "version" = checked_i64("version" + ?, 'version') WHERE "pk" = ? AND "gone at" IS NULL"#
        ]
    );
    let ada = db.get(Person::key(1)).with_deleted().await?.unwrap();
    assert!(ada.deleted_at.is_some_and(|time| time == 1_800_000_000));
    assert_eq!((ada.version, ada.name.as_str()), (2, "Ada"));
    // Once more there is none.
    assert!(matches!(db.delete(&ada).await, Err(Error::RecordNotFound { .. })));
    assert!(matches!(db.delete(Person::key(9)).await, Err(Error::RecordNotFound { .. })));
    // By a chain: exactly those that it would fetch.
    let (deleted, statements) = sql_of(db.select::<Person>().delete()).await;
    assert_eq!(deleted?, 1);
    assert_eq!(
        statements,
        [
            r#"UPDATE "people" SET "gone at" = ?, "updated_at" = ?, "version" = checked_i64("version" + ?, 'version') WHERE "gone at" IS NULL"#
        ]
    );
    assert_eq!(db.select::<Person>().with_deleted().count().await?, 3);
    let (of_team, statements) =
        sql_of(db.select::<Team>().filter(|t| t.members.none(|m| m.score.gt(0))).limit(1).delete()).await;
    assert_eq!(of_team?, 1);
    assert_eq!(
        statements,
        [
            r#"UPDATE "teams" SET "deleted_at" = ? WHERE "pk" IN (SELECT t0."pk" FROM "teams" AS t0 WHERE NOT EXISTS (SELECT 1 FROM "people" AS t1 WHERE t1."team_id" = t0."pk" AND t1."gone at" IS NULL AND t1."score" > ?) AND t0."deleted_at" IS NULL ORDER BY t0."pk" LIMIT 1)"#
        ]
    );
    Ok(())
}

#[tokio::test]
async fn deleted_rows_are_read_on_request() -> sqliter::Result<()> {
    let db = office(false).await;
    let names = async |chain: Select<'_, Person>| chain.order(|p| p.name.asc()).only(|p| p.name).fetch_all().await;
    assert_eq!(names(db.select().with_deleted()).await?, ["Ada", "Bea", "Cy"]);
    assert_eq!(names(db.select().only_deleted()).await?, ["Cy"]);
    assert_eq!(names(db.select::<Person>().only_deleted().filter(|p| p.name.eq("Ada"))).await?, [""; 0]);
    assert_eq!(
        db.select::<Person>()
            .with_deleted()
            .order(|p| p.score.desc())
            .limit(1)
            .annotate(|p| p.score.max())
            .fetch_only()
            .await?,
        Some(50)
    );
    assert_eq!(
        db.select::<Person>().only_deleted().limit(1).group_by(|p| p.name).annotate(|_| count()).fetch_all().await?,
        [("Cy".to_owned(), 1)]
    );
    assert_eq!(db.get(Person::key(2)).with_deleted().await?.unwrap().name, "Cy");
    assert_eq!(db.get(Person::key(1)).with_deleted().await?.unwrap().name, "Ada");
    assert_eq!(db.get(Person::key(9)).with_deleted().await?, None);
    // Of relations.
    let ada = db.get(Person::key(1)).await?.unwrap();
    assert_eq!(ada.reports(&db).with_deleted().count().await?, 1);
    assert_eq!(ada.skills(&db).only_deleted().only(|s| s.name).fetch_all().await?, ["sql"]);
    let teams =
        db.select::<Team>().prefetch_related(|t| t.members.with_deleted().order(|m| m.name.desc())).fetch_all().await?;
    assert_eq!(teams[0].1.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["Cy", "Ada"]);
    // Raw SQL sees the table as it is.
    assert_eq!(db.query::<Person>("SELECT * FROM people").fetch_all().await?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_required_relation_leads_to_a_deleted_row_and_a_nullable_one_to_none() -> sqliter::Result<()> {
    let db = office(false).await;
    db.delete(Person::key(1)).await?;
    let notes =
        db.select::<Note>().order(|n| n.pk.asc()).select_related(|n| n.person.with(|p| p.team)).fetch_all().await?;
    let (note, (ada, team)) = &notes[0];
    assert_eq!((note.text.as_str(), ada.name.as_str()), ("of Ada", "Ada"));
    assert!(ada.deleted_at.is_some());
    assert_eq!(team.as_ref().unwrap().name, "red");
    // However it is reached, and as many rows as without it.
    assert_eq!(note.person(&db).fetch().await?.name, "Ada");
    assert_eq!(db.fetch_related(std::slice::from_ref(note), |n| n.person).await?[0].name, "Ada");
    assert_eq!(db.select::<Note>().filter(|n| n.person.name.eq("Ada")).count().await?, 1);
    assert_eq!(
        db.select::<Note>().order(|n| n.person.name.asc()).only(|n| n.person.name).fetch_all().await?,
        ["Ada", "Bea"]
    );
    // Who wants those of present people says so.
    assert_eq!(
        db.select::<Note>().filter(|n| n.person.deleted_at.is_null()).only(|n| n.text).fetch_all().await?,
        ["of Bea"]
    );
    // To-many relations of a deleted row are there too: `of Ada` is not deleted.
    assert_eq!(ada.notes(&db).count().await?, 1);
    let (_, boss): (Person, Option<Person>) = db.select::<Person>().select_related(|p| p.boss).fetch_required().await?;
    assert_eq!(boss, None);
    Ok(())
}

#[tokio::test]
async fn a_row_that_was_deleted_before_keeps_its_time() -> sqliter::Result<()> {
    let clock = Arc::new(AtomicU64::new(10));
    let told_by = Arc::clone(&clock);
    let now = move || UNIX_EPOCH + Duration::from_secs(told_by.load(Ordering::SeqCst));
    let db = Db::options().memory().clock(now).open().await?;
    db.create_tables::<(Team, Person, Skill, Badge, Note)>().await?;
    let teams = db.bulk_insert(["red", "old"].map(|name| Team::builder().name(name))).await?;
    db.delete(&teams[1]).await?;
    clock.store(20, Ordering::SeqCst);
    let (deleted, statements) = sql_of(db.select::<Team>().with_deleted().delete()).await;
    assert_eq!(deleted?, 2, "all rows of the chain");
    assert_eq!(statements[0], r#"UPDATE "teams" SET "deleted_at" = coalesce("deleted_at", ?)"#);
    clock.store(30, Ordering::SeqCst);
    let of_team = |t: &TeamColumns<Team>| (t.name, t.deleted_at);
    let again = db.select::<Team>().only_deleted().delete().returning(of_team).fetch_all().await?;
    let time = |seconds| DateTime::from_timestamp(seconds, 0);
    assert_eq!(again, [("red".to_owned(), time(20)), ("old".to_owned(), time(10))]);
    Ok(())
}

#[tokio::test]
async fn a_deleted_row_is_not_updated_until_it_is_restored() -> sqliter::Result<()> {
    let db = office(false).await;
    let mut cy = db.get(Person::key(2)).with_deleted().await?.unwrap();
    assert!(matches!(db.update(&mut cy).await, Err(Error::RecordNotFound { .. })));
    let patch = || PersonPatch { score: Some(9), ..Default::default() };
    assert!(matches!(db.patch(cy.pk, patch()).await, Err(Error::RecordNotFound { .. })));
    assert!(matches!(db.patch(cy.pk, PersonPatch::default()).await, Err(Error::RecordNotFound { .. })));
    assert_eq!(db.select::<Person>().filter(|p| p.pk.eq(&cy)).update(|p| p.score.set(9)).await?, 0);
    assert_eq!(db.select::<Person>().only_deleted().update(|p| p.score.set(8)).await?, 1);
    let (restored, statements) = sql_of(db.restore(cy.pk)).await;
    let restored = restored?;
    assert_eq!((restored.deleted_at, restored.score, restored.version), (None, 8, 4));
    assert_eq!(statements.len(), 1);
    assert!(
        statements[0].starts_with(r#"UPDATE "people" SET "gone at" = ?, "updated_at" = ?, "version" = "#),
        "{statements:?}"
    );
    assert_eq!(db.patch(cy.pk, patch()).await?.score, 9);
    // One that is not deleted stays as it is.
    assert_eq!(db.restore(cy.pk).await?.version, 5);
    assert!(matches!(db.restore(Person::key(9)).await, Err(Error::RecordNotFound { .. })));
    // Many at once: those among the rows that are deleted.
    db.select::<Person>().filter(|p| p.name.ne("Ada")).delete().await?;
    let (restored, statements) = sql_of(db.select::<Person>().filter(|p| p.name.ne("Cy")).restore()).await;
    assert_eq!(restored?, 1);
    assert!(statements[0].ends_with(r#" WHERE "name" <> ? AND "gone at" IS NOT NULL"#), "{statements:?}");
    Ok(())
}

/// Those that the chain would mean if it said so at its beginning.
#[tokio::test]
async fn rows_that_are_chosen_by_windows_are_restored() -> sqliter::Result<()> {
    let db = office(false).await;
    db.select::<Person>().delete().await?;
    let first = || db.select::<Person>().qualify(|p| window::row_number().over(|w| w.order(p.pk.asc())).eq(1));
    let (expected, number) = (first_deleted(&db).await?, first().restore().await?);
    assert_eq!(number, 1);
    let living = db.select::<Person>().fetch_all().await?;
    assert_eq!(living.iter().map(|person| person.pk).collect::<Vec<_>>(), [expected]);
    // What is said of all rows stays.
    let all = db.select::<Person>().with_deleted();
    let all = all.qualify(|p| window::row_number().over(|w| w.order(p.pk.asc())).le(2));
    assert_eq!(all.restore().await?, 1);
    Ok(())
}

async fn first_deleted(db: &Db) -> sqliter::Result<Key<Person>> {
    db.select::<Person>().only_deleted().order(|p| p.pk.asc()).only(|p| p.pk).fetch_required().await
}

#[tokio::test]
async fn delete_for_good_deletes() -> sqliter::Result<()> {
    let db = office(false).await;
    let (deleted, statements) = sql_of(db.delete_for_good(Person::key(2))).await;
    deleted?;
    assert_eq!(statements, [r#"DELETE FROM "people" WHERE "pk" = ?"#]);
    assert!(matches!(db.delete_for_good(Person::key(2)).await, Err(Error::RecordNotFound { .. })));
    // Rows that are not deleted too, with what cascades.
    db.delete_for_good(Person::key(1)).await?;
    assert_eq!(db.select::<Note>().only(|n| n.text).fetch_all().await?, ["of Bea"]);
    let (deleted, statements) = sql_of(db.select::<Team>().only_deleted().delete_for_good()).await;
    assert_eq!((deleted?, statements), (1, vec![r#"DELETE FROM "teams" WHERE "deleted_at" IS NOT NULL"#.to_owned()]));
    assert_eq!(db.select::<Team>().delete_for_good().await?, 1);
    assert_eq!(db.select::<Team>().with_deleted().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn what_a_deleted_row_is_referred_to_by_keeps_it_from_being_deleted_for_good() -> sqliter::Result<()> {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Box {
        pk: Key<Box>,
        #[model(soft_delete)]
        deleted_at: Option<i64>,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Item {
        pk: Key<Item>,
        box_id: Key<Box>,
    }
    let db = Db::memory().await?;
    db.create_tables::<(Box, Item)>().await?;
    let a = db.insert(Box::builder()).await?;
    db.insert(Item::builder().box_id(&a)).await?;
    db.delete(&a).await?;
    // It is there, as foreign keys see it.
    db.insert(Item::builder().box_id(&a)).await?;
    match db.delete_for_good(&a).await {
        Err(Error::ForeignKeyViolation { columns, .. }) => assert_eq!(columns, ["items.box_id"]),
        other => panic!("{other:?}"),
    }
    match db.select::<Box>().only_deleted().delete_for_good().await {
        Err(Error::ForeignKeyViolation { columns, .. }) => assert_eq!(columns, ["items.box_id"]),
        other => panic!("{other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn a_value_that_is_unique_among_live_rows_is_free_again() -> sqliter::Result<()> {
    let db = office(false).await;
    let draft = |email: &str| Person::builder().name("new").email(email).build();
    let index: (String,) = db
        .query("SELECT sql FROM sqlite_schema WHERE sql LIKE 'CREATE UNIQUE INDEX%gone at%'")
        .fetch_required()
        .await?;
    assert_eq!(
        index.0,
        r#"CREATE UNIQUE INDEX "idx_people_email_unique" ON "people" ("email") WHERE "gone at" IS NULL"#
    );
    assert!(db.schema_diff::<(Team, Person, Skill, Badge, Note)>().await?.is_empty());
    assert!(matches!(db.insert(draft("Ada@x")).await, Err(Error::UniqueViolation { .. })));
    // Cy is deleted.
    let (new, created) = db.get_or_create(draft("Cy@x"), |p| p.email).await?;
    assert!(created);
    assert_eq!(db.get_or_create(draft("Cy@x"), |p| p.email).await?, (new.clone(), false));
    let (updated, statements) = sql_of(db.upsert(draft("Cy@x"), |p| p.email).update(|p| p.score.add(1))).await;
    assert_eq!(updated?.pk, new.pk);
    let upsert = statements.iter().find(|sql| sql.starts_with("INSERT")).unwrap();
    assert!(upsert.contains(r#" ON CONFLICT ("email") WHERE "gone at" IS NULL DO UPDATE SET "score" = "#), "{upsert}");
    assert_eq!(db.upsert(draft("Cy@x"), |p| p.email).ignore().await?, None);
    // What was done is told whatever the deleted rows have.
    db.delete(&new).await?;
    let telling = || db.update_or_create(draft("Cy@x"), |p| p.email, |p| p.name);
    let (first, (new, created)) = (telling().await?.1, telling().await?);
    assert_eq!((first, created), (true, false));
    // Two of a value cannot both be there.
    assert!(matches!(db.restore(Person::key(2)).await, Err(Error::UniqueViolation { .. })));
    db.delete(&new).await?;
    assert_eq!(db.restore(Person::key(2)).await?.name, "Cy");
    Ok(())
}

#[tokio::test]
async fn an_upsert_that_meets_a_deleted_row_says_so() -> sqliter::Result<()> {
    let db = office(false).await;
    let skill = || Skill::builder().name("sql");
    let taken = |error: Error| {
        assert!(
            matches!(&error, Error::UniqueViolation { deleted: true, columns, .. } if *columns == ["name"]),
            "{error:?}"
        );
        error.to_string()
    };
    assert_eq!(
        taken(db.insert(skill()).await.unwrap_err()),
        "insert violates uniqueness of skills (name): a row that is deleted softly has the same values"
    );
    taken(db.bulk_insert([skill()]).await.unwrap_err());
    taken(db.insert(skill()).returning_rows().fetch_all().await.unwrap_err());
    taken(db.get_or_create(skill(), |s| s.name).await.unwrap_err());
    taken(db.update_or_create(skill(), |s| s.name, |_| ()).await.unwrap_err());
    taken(db.upsert(skill(), |s| s.name).ignore().await.unwrap_err());
    taken(db.bulk_upsert([skill()], |s| s.name).ignore().await.unwrap_err());
    taken(Person::key(1).skills(&db).get_or_create(skill(), |s| s.name).await.unwrap_err());
    // A row that is read is no secret, nor where the values are unique among those alone that are not deleted.
    for error in [
        db.insert(Skill::builder().name("rust")).await.unwrap_err(),
        db.restore(Person::key(2))
            .await
            .map(|_| db.insert(Person::builder().name("x").email("Cy@x")))
            .unwrap()
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, Error::UniqueViolation { deleted: false, .. }), "{error:?}");
    }
    let mut badge = db.insert(Badge::builder().code("of Cy").person_id(Person::key(2))).await?;
    badge.person_id = Person::key(3);
    for error in [
        db.update(&mut badge).await.unwrap_err(),
        db.bulk_update(std::slice::from_mut(&mut badge)).await.unwrap_err(),
        db.select::<Badge>()
            .filter(|b| b.code.eq("of Cy"))
            .update(|b| b.person_id.set(Person::key(3)))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, Error::UniqueViolation { deleted: true, .. }), "{error:?}");
    }
    let badge = || Badge::builder().code("new").person_id(Person::key(3));
    let (written, statements) = sql_of(db.upsert(badge(), |b| b.person_id).update(|b| b.code)).await;
    match written {
        Err(error @ Error::UniqueViolation { .. }) => {
            assert_eq!(
                std::error::Error::source(&error).unwrap().to_string(),
                "a deleted row has the same values in badges.person_id (SQLite result code 2067)"
            );
        }
        other => panic!("{other:?}"),
    }
    let upsert = statements.iter().find(|sql| sql.starts_with("INSERT")).unwrap();
    assert!(upsert.contains(r#" DO UPDATE SET "code" = excluded."code" WHERE t0."deleted_at" IS NULL"#), "{upsert}");
    db.restore(Badge::key(2)).await?;
    assert_eq!(db.upsert(badge(), |b| b.person_id).update(|b| b.code).await?.code, "new");
    Ok(())
}

#[tokio::test]
async fn what_is_cached_is_as_it_was_asked_for() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::options().path(folder.path().join("x.db")).cache(CacheOptions::default()).open().await?;
    db.create_table::<Team>().await?;
    let team = db.insert(Team::builder().name("a")).await?;
    for _ in 0..2 {
        assert!(db.get(team.pk).await?.is_some());
        assert_eq!(db.select::<Team>().count().await?, 1);
    }
    db.delete(&team).await?;
    for _ in 0..2 {
        assert_eq!(db.get(team.pk).await?, None);
        assert!(db.get(team.pk).with_deleted().await?.is_some());
        assert_eq!(
            (db.select::<Team>().fetch_all().await?.len(), db.select::<Team>().with_deleted().fetch_all().await?.len()),
            (0, 1)
        );
    }
    db.restore(&team).await?;
    assert!(db.get(team.pk).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn a_table_of_another_program_is_deleted_from_softly_too() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute("CREATE TABLE teams (pk INTEGER, name TEXT, deleted_at TEXT)").await?;
    db.execute("INSERT INTO teams VALUES (1, 'a', NULL), (2, 'b', '2026-01-01 10:00')").await?;
    assert_eq!(db.select::<Team>().only(|t| t.name).fetch_all().await?, ["a"]);
    db.delete(Team::key(1)).await?;
    assert_eq!(db.select::<Team>().count().await?, 0);
    assert_eq!(db.restore(Team::key(2)).await?.name, "b");
    assert!(matches!(db.delete(Team::key(1)).await, Err(Error::RecordNotFound { .. })));
    Ok(())
}

/// Code for all models whose rows are deleted softly.
mod of_any_model {
    use super::*;

    pub(super) fn live<M: SoftDelete>(session: &Session) -> Select<'_, M> {
        session.select::<M>().filter(|m| M::deleted_at(m).is_null())
    }

    pub(super) async fn purge<M: SoftDelete<Access: sqliter::bounds::Writes<M>>>(
        session: &Session,
    ) -> sqliter::Result<u64> {
        session.select::<M>().only_deleted().delete_for_good().await
    }

    pub(super) async fn soft<M: SoftDelete<Access: sqliter::bounds::Writes<M>>>(
        session: &Session,
        key: Key<M>,
    ) -> sqliter::Result<M> {
        session.delete(key.clone()).await?;
        Ok(session.get(key).with_deleted().await?.unwrap())
    }
}

#[tokio::test]
async fn code_for_any_such_model_compiles() -> sqliter::Result<()> {
    let db = office(false).await;
    assert_eq!(of_any_model::live::<Person>(&db).count().await?, 2);
    assert_eq!(of_any_model::live::<Skill>(&db).with_deleted().count().await?, 1);
    assert!(of_any_model::soft(&db, Team::key(1)).await?.deleted_at.is_some());
    assert_eq!(of_any_model::purge::<Team>(&db).await?, 2);
    Ok(())
}

#[tokio::test]
async fn of_many_rows_the_one_that_is_not_there_is_named_and_none_is_deleted() -> sqliter::Result<()> {
    let db = office(false).await;
    // The second key comes again, the third row is deleted already.
    let error = db.bulk_delete([Person::key(1), Person::key(1), Person::key(2)]).await.unwrap_err();
    assert!(matches!(&error, Error::RecordNotFound { key: Some(key), .. } if key == "2"), "{error}");
    assert_eq!(db.select::<Person>().count().await?, 2);
    db.bulk_delete([Person::key(1), Person::key(3), Person::key(1)]).await?;
    let people = db.select::<Person>().only_deleted().order(|p| p.pk.asc()).fetch_all().await?;
    let told: Vec<_> = people.iter().map(|p| (p.version, p.deleted_at)).collect();
    assert_eq!(told, [(2, Some(1_800_000_000)); 3]);
    Ok(())
}
