//! Many-to-many relations whose pairs are rows of a model.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    many_to_many(courses = Course, through = Enrolment),
    many_to_many(clubs = Club, through = Membership),
    many_to_many(buddies = Student, through = Friendship, symmetrical),
    has_many(enrolments = Enrolment::student)
)]
struct Student {
    pk: Key<Student>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(students = Student::courses))]
struct Course {
    #[model(pk)]
    code: String,
}

/// Nothing here says that a pair is unique.
#[derive(Debug, Clone, PartialEq, Model)]
struct Enrolment {
    pk: Key<Enrolment>,
    #[model(default = 1)]
    term: i64,
    grade: Option<f64>,
    #[model(on_delete = cascade, column = "course")]
    course_id: Key<Course>,
    #[model(on_delete = cascade)]
    student_id: Key<Student>,
    created_at: i64,
    updated_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Club {
    pk: Key<Club>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(student_id, club_id))]
struct Membership {
    pk: Key<Membership>,
    student_id: Key<Student>,
    club_id: Key<Club>,
    /// Has no default.
    fee: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Friendship {
    pk: Key<Friendship>,
    #[model(on_delete = cascade)]
    one_id: Key<Student>,
    #[model(on_delete = cascade)]
    other_id: Key<Student>,
}

/// `Membership` has no foreign key to `Course`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(students = Student, through = Membership))]
struct Room {
    pk: Key<Room>,
    name: String,
}

struct School {
    db: Db,
    ann: Student,
    ben: Student,
    maths: Course,
    art: Course,
}

async fn school() -> School {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Student, Course, Enrolment, Club, Membership, Friendship)>().await.unwrap();
    School {
        ann: db.insert(Student::builder().name("Ann")).await.unwrap(),
        ben: db.insert(Student::builder().name("Ben")).await.unwrap(),
        maths: db.insert(Course::builder().code("maths")).await.unwrap(),
        art: db.insert(Course::builder().code("art")).await.unwrap(),
        db,
    }
}

#[tokio::test]
async fn the_model_is_the_only_table_of_pairs() -> sqliter::Result<()> {
    let School { db, .. } = school().await;
    let mut tables = db.table_names().await?;
    tables.sort();
    assert_eq!(tables, ["clubs", "courses", "enrolments", "friendships", "memberships", "students"]);
    Ok(())
}

#[tokio::test]
async fn a_pair_is_a_row_with_defaults_and_nulls() -> sqliter::Result<()> {
    let School { db, ann, ben, maths, art } = school().await;
    ann.courses(&db).add([&maths, &art]).await?;
    maths.students(&db).add([&ben]).await?;
    assert_eq!(ann.courses(&db).fetch_all().await?, [art.clone(), maths.clone()]);
    assert_eq!(maths.students(&db).fetch_all().await?, [ann.clone(), ben.clone()]);
    let rows = ann.enrolments(&db).select_related(|e| e.course).fetch_all().await?;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|(row, _)| row.term == 1 && row.grade.is_none()), "{rows:?}");
    let loaded = db.select::<Course>().prefetch_related(|c| c.students).order(|c| c.code.asc()).fetch_all().await?;
    assert_eq!(loaded, [(art, vec![ann.clone()]), (maths, vec![ann, ben])]);
    Ok(())
}

#[tokio::test]
async fn add_and_set_leave_the_other_columns_of_pairs_alone() -> sqliter::Result<()> {
    let School { db, ann, maths, art, .. } = school().await;
    let graded = Enrolment::builder().student_id(&ann).course_id(&maths).term(2).grade(Some(1.5));
    let graded = db.insert(graded).await?;
    ann.courses(&db).add([&maths]).await?;
    ann.courses(&db).set([&maths, &art]).await?;
    ann.courses(&db).set([&maths]).await?;
    assert_eq!(ann.enrolments(&db).fetch_all().await?, [graded]);
    ann.courses(&db).remove([&maths]).await?;
    assert_eq!(db.select::<Enrolment>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn several_rows_of_one_pair_are_one_relation() -> sqliter::Result<()> {
    let School { db, ann, maths, .. } = school().await;
    for term in 1..3 {
        db.insert(Enrolment::builder().student_id(&ann).course_id(&maths).term(term)).await?;
    }
    assert_eq!(ann.courses(&db).fetch_all().await?, [maths.clone()]);
    assert_eq!(ann.courses(&db).count().await?, 1);
    let loaded = db.select::<Student>().filter(|s| s.pk.eq(&ann)).prefetch_related(|s| s.courses).fetch_all().await?;
    assert_eq!(loaded[0].1, [maths.clone()]);
    let limited = db.select::<Student>().prefetch_related(|s| s.courses.limit(2)).fetch_first().await?;
    assert_eq!(limited.unwrap().1, [maths.clone()]);
    assert_eq!(db.fetch_related(&[ann.clone()], |s| s.courses).await?, [[maths.clone()]]);
    assert_eq!(db.select::<Student>().filter(|s| s.courses.count().eq(1)).count().await?, 1);
    let (students, taken) = (db.select::<Student>(), (ann.clone(), maths.clone()));
    assert_eq!(students.clone().join_related(|s| s.courses).fetch_all().await?, [taken.clone()]);
    assert_eq!(students.clone().join_related(|s| s.courses.limit(2)).fetch_all().await?, [taken]);
    assert_eq!(students.clone().left_join_related(|s| s.courses).count().await?, 2);
    assert_eq!(students.with_first(|s| s.courses).fetch_first().await?, Some((ann.clone(), Some(maths.clone()))));
    ann.courses(&db).remove([&maths]).await?;
    assert_eq!(db.select::<Enrolment>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_timestamps_of_a_new_pair_are_set() -> sqliter::Result<()> {
    let School { db, ann, maths, .. } = school().await;
    ann.courses(&db).add([&maths]).await?;
    let pair = db.select::<Enrolment>().fetch_required().await?;
    assert!(pair.created_at > 1_700_000_000);
    assert_eq!((pair.updated_at, pair.term, pair.grade), (Some(pair.created_at), 1, None));
    Ok(())
}

#[tokio::test]
async fn a_required_column_without_a_default_is_an_error_that_names_it() -> sqliter::Result<()> {
    let School { db, ann, .. } = school().await;
    let club = db.insert(Club::builder().name("Chess")).await?;
    let error = ann.clubs(&db).add([&club]).await.unwrap_err();
    assert!(
        matches!(&error, Error::NotNullViolation { table, column, .. } if table == "memberships" && column == "fee"),
        "{error:?}"
    );
    db.insert(Membership::builder().student_id(&ann).club_id(&club).fee(5)).await?;
    assert_eq!(ann.clubs(&db).fetch_all().await?, [club.clone()]);
    // A pair that exists is not inserted.
    ann.clubs(&db).add([&club]).await?;
    ann.clubs(&db).clear().await?;
    assert_eq!(db.select::<Membership>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_missing_row_names_the_column_of_the_model() -> sqliter::Result<()> {
    let School { db, ann, maths, .. } = school().await;
    let error = ann.courses(&db).add([maths.pk(), Course::key("none")]).await.unwrap_err();
    assert!(
        matches!(&error, Error::ForeignKeyViolation { table, columns, .. }
            if table == "enrolments" && columns == &["course"]),
        "{error:?}"
    );
    assert_eq!(ann.courses(&db).count().await?, 0);
    Ok(())
}

impl Course {
    fn pk(&self) -> Key<Self> {
        self.primary_key()
    }
}

#[tokio::test]
async fn a_symmetrical_relation_over_a_model() -> sqliter::Result<()> {
    let School { db, ann, ben, .. } = school().await;
    // The larger key on the left, as the library would not write it.
    db.insert(Friendship::builder().one_id(&ben).other_id(&ann)).await?;
    ann.buddies(&db).add([&ben]).await?;
    ben.buddies(&db).add([&ann]).await?;
    assert_eq!(db.select::<Friendship>().count().await?, 1);
    assert_eq!(ann.buddies(&db).fetch_all().await?, [ben.clone()]);
    assert_eq!(ben.buddies(&db).fetch_all().await?, [ann.clone()]);
    ann.buddies(&db).clear().await?;
    assert_eq!(db.select::<Friendship>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_model_without_a_key_to_each_side_is_refused() -> sqliter::Result<()> {
    let School { db, .. } = school().await;
    let error = db.create_table::<Room>().await.unwrap_err();
    assert!(matches!(&error, Error::TableCreation { table, .. } if table == "memberships"), "{error:?}");
    assert!(error.to_string().contains("no foreign key to rooms"), "{error}");
    Ok(())
}

#[tokio::test]
async fn the_table_of_a_model_is_not_dropped_with_another() -> sqliter::Result<()> {
    let School { db, ann, maths, .. } = school().await;
    ann.courses(&db).add([&maths]).await?;
    db.drop_table::<Course>().await?;
    assert!(db.table_names().await?.contains(&"enrolments".to_owned()));
    assert_eq!(db.select::<Enrolment>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn new_pairs_take_values_and_those_that_are_there_keep_theirs() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Student, Course, Enrolment, Club, Membership, Friendship)>().await?;
    let ada = db.insert(Student::builder().name("Ada")).await?;
    let bea = db.insert(Student::builder().name("Bea")).await?;
    let courses = db.bulk_insert(["A", "B", "C"].map(|code| Course::builder().code(code))).await?;
    ada.courses(&db).add_with(&courses[0], |e| (e.term.given(2), e.grade.given(1.5))).await?;
    // The one that is there keeps its values; timestamps are set unless they are given, and keys are those of the relation.
    ada.courses(&db)
        .add_with(&courses, |e| (e.term.given(9), e.term.given(3), e.created_at.given(7), e.student_id.given(&bea)))
        .await?;
    let rows = ada.enrolments(&db).order(|e| e.course_id.asc()).fetch_all().await?;
    let told: Vec<_> = rows.iter().map(|e| (e.term, e.grade, e.created_at == 7, e.student_id)).collect();
    assert_eq!(told, [(2, Some(1.5), false, ada.pk), (3, None, true, ada.pk), (3, None, true, ada.pk)]);
    // A column without a default, which `add` cannot give a value.
    let chess = db.insert(Club::builder().name("chess")).await?;
    assert!(ada.clubs(&db).add(&chess).await.is_err());
    ada.pk.clubs(&db).add_with(chess.pk, |m| m.fee.given(12)).await?;
    assert_eq!(db.select::<Membership>().only(|m| m.fee).fetch_all().await?, [12]);
    let error = Student::key(9).clubs(&db).add_with(&chess, |m| m.fee.given(1)).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { columns, .. } if columns == &["student_id"]), "{error}");
    assert_eq!(db.select::<Membership>().count().await?, 1);
    Ok(())
}
