//! What a struct besides is: generic, serialized, of any visibility, with many fields.

use super::tracker::*;
use sqliter::prelude::*;

mod inner {
    use sqliter::prelude::*;

    #[derive(Debug, View)]
    #[view(super::Issue)]
    #[expect(dead_code, reason = "printed")]
    pub struct Public {
        title: String,
        #[view(relation = assignee, args(1900))]
        secret: Option<Private>,
    }

    #[derive(Debug, View)]
    #[view(crate::tracker::User)]
    #[view(args(now: i64))]
    #[expect(dead_code, reason = "printed")]
    struct Private {
        #[view(with = |u| u.born.lt(now))]
        before: bool,
    }
}

#[derive(Debug, PartialEq, serde::Serialize, View)]
#[view(Issue)]
#[serde(rename_all = "camelCase")]
struct Sent {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[view(with = |i| i.assignee.name)]
    assigned_to: Option<String>,
}

#[tokio::test]
async fn other_derives_see_the_struct_as_it_is() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await?;
    let sent = db.select::<Issue>().order(|i| i.pk.asc()).view::<Sent>().fetch_all().await?;
    assert_eq!(serde_json::to_string(&sent).unwrap(), r#"[{"title":"Crash","assignedTo":"Ada"},{"title":"Typo"}]"#);
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct WithLabels<T: View<Issue, Arguments = ()>, L>
where
    L: View<Label, Arguments = ()> + PartialEq,
{
    #[view(flatten)]
    row: T,
    labels: Vec<L>,
}

#[tokio::test]
async fn type_parameters_stand_for_views() -> sqliter::Result<()> {
    let Tracker { db, crash, bug, urgent, .. } = tracker().await?;
    let rows = db.select::<Issue>().order(|i| i.pk.asc()).view::<WithLabels<Issue, Label>>();
    let first = rows.fetch_required().await?;
    assert_eq!(first, WithLabels { row: crash, labels: vec![bug, urgent] });
    let sent = db.select::<Issue>().order(|i| i.pk.asc()).view::<WithLabels<Sent, Label>>().fetch_required().await?;
    assert_eq!(sent.row.title, "Crash");
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Wide {
    #[view(column = title)]
    a: String,
    #[view(column = points)]
    b: i64,
    #[view(column = points)]
    c: i64,
    #[view(column = points)]
    d: i64,
    #[view(column = points)]
    e: i64,
    #[view(column = points)]
    f: i64,
    #[view(column = points)]
    g: i64,
    #[view(column = points)]
    h: i64,
    #[view(column = points)]
    i: i64,
    #[view(column = points)]
    j: i64,
    #[view(column = points)]
    k: i64,
    #[view(column = points)]
    l: i64,
    #[view(column = points)]
    m: i64,
    #[view(column = points)]
    n: i64,
    #[view(column = points)]
    o: i64,
    #[view(column = points)]
    p: i64,
    labels: Vec<Label>,
    #[view(column = text)]
    r#type: String,
}

#[tokio::test]
async fn a_view_has_as_many_fields_as_it_likes() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await?;
    let row = db.select::<Issue>().order(|i| i.pk.asc()).view::<Wide>().fetch_required().await?;
    assert_eq!((row.a.as_str(), row.b, row.p, row.labels.len(), row.r#type.as_str()), ("Crash", 8, 8, 2, "…"));
    Ok(())
}

#[tokio::test]
async fn a_view_may_be_less_visible_than_another() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await?;
    let rows = db.select::<Issue>().view::<inner::Public>().fetch_all().await?;
    assert!(format!("{rows:?}").contains("Private { before: true }"));
    Ok(())
}

#[derive(Debug, View)]
#[view(Issue)]
#[expect(dead_code, reason = "it is never there")]
struct Begins<T: View<Issue, Arguments = ()>> {
    #[view(flatten)]
    row: T,
    comments: Vec<GoesOn<T>>,
    #[view(relation = comments)]
    again: Vec<GoesOn<T>>,
}

#[derive(Debug, View)]
#[view(Comment)]
#[expect(dead_code, reason = "it is never there")]
struct GoesOn<T: View<Issue, Arguments = ()>> {
    text: String,
    #[view(with = |c| c.issue.project.issues)]
    others: Vec<Begins<T>>,
}

/// Where there are type parameters, the compiler sees no circle.
#[tokio::test]
async fn a_view_that_comes_back_to_itself_is_an_error() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await?;
    for _ in 0..2 {
        let error = db.select::<Issue>().view::<Begins<Issue>>().fetch_all().await.unwrap_err();
        let sqliter::Error::EndlessView { view } = &error else { panic!("{error:?}") };
        assert!(view.contains("Begins<"), "{error}");
        assert!(db.select::<Issue>().view::<Begins<Issue>>().to_sql().is_ok());
        // What is no circle is as before.
        assert_eq!(db.select::<Issue>().view::<WithLabels<Issue, Label>>().fetch_all().await?.len(), 2);
    }
    Ok(())
}
