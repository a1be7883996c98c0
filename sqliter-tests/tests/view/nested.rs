//! Views inside views.

use super::fields::UserName;
use super::tracker::*;
use sqliter::prelude::*;

#[derive(Debug, PartialEq, View)]
#[view(Org)]
struct OrgPage {
    name: String,
    projects: Vec<ProjectPart>,
}

#[derive(Debug, PartialEq, View)]
#[view(Project)]
struct ProjectPart {
    name: String,
    issues: Vec<IssuePart>,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct IssuePart {
    title: String,
    // To-many relations of a to-one relation, and a to-one relation behind it.
    assignee: Option<Assignee>,
    // The model itself, in other views.
    parent: Option<IssueTitle>,
    parts: Vec<IssueTitle>,
    comments: Vec<Remark>,
}

#[derive(Debug, PartialEq, View)]
#[view(User)]
struct Assignee {
    name: String,
    profile: Option<Profile>,
    assigned: Vec<IssueTitle>,
    #[view(count)]
    comments: i64,
    #[view(with = |u| u.profile.text.is_not_null())]
    told: bool,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct IssueTitle {
    title: String,
}

#[derive(Debug, PartialEq, View)]
#[view(Comment)]
struct Remark {
    text: String,
    author: UserName,
    issue: Within,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Within {
    project: ProjectOfOrg,
    labels: Vec<Label>,
}

#[derive(Debug, PartialEq, View)]
#[view(Project)]
struct ProjectOfOrg {
    org: Org,
}

#[tokio::test]
async fn views_stand_in_views_as_deep_as_needed_with_one_statement_for_each_list() -> sqliter::Result<()> {
    let Tracker { db, bug, urgent, .. } = tracker().await?;
    // Projects, issues, what is assigned to the assignee, parts, comments, the labels of their issues: six lists.
    let page = counted(&db, snapshot_of(7), db.select::<Org>().view::<OrgPage>().fetch_required()).await?;
    let title = |title: &str| IssueTitle { title: title.to_owned() };
    let [project] = page.projects.as_slice() else { panic!("{page:?}") };
    assert_eq!((page.name.as_str(), project.name.as_str()), ("Acme", "Rocket"));
    let [crash, typo] = project.issues.as_slice() else { panic!("{page:?}") };
    let ada = Assignee {
        name: "Ada".to_owned(),
        profile: Some(Profile { pk: Profile::key(1), text: "Countess".to_owned(), user_id: User::key(1) }),
        assigned: vec![title("Crash")],
        comments: 2,
        told: true,
    };
    assert_eq!(crash.assignee, Some(ada));
    assert_eq!((&crash.parent, &crash.parts), (&None, &vec![title("Typo")]));
    let org = Org { pk: Org::key(1), name: "Acme".to_owned() };
    let remark = |text: &str, author: &str| Remark {
        text: text.to_owned(),
        author: UserName { name: author.to_owned() },
        issue: Within { project: ProjectOfOrg { org: org.clone() }, labels: vec![bug.clone(), urgent.clone()] },
    };
    assert_eq!(crash.comments, [remark("a", "Ada"), remark("b", "Bob"), remark("c", "Ada")]);
    let expected = IssuePart {
        title: "Typo".to_owned(),
        assignee: None,
        parent: Some(title("Crash")),
        parts: vec![],
        comments: vec![],
    };
    assert_eq!(*typo, expected);
    Ok(())
}

#[tokio::test]
async fn the_number_of_statements_does_not_depend_on_that_of_the_rows() -> sqliter::Result<()> {
    let Tracker { db, project, ada, .. } = tracker().await?;
    for i in 0..50 {
        let issue = Issue::builder().title(format!("{i}")).text("").project_id(&project).assignee_id(&ada);
        let issue = db.insert(issue).await?;
        db.insert(Comment::builder().text("t").issue_id(&issue).author_id(&ada)).await?;
    }
    let page = counted(&db, snapshot_of(7), db.select::<Org>().view::<OrgPage>().fetch_required()).await?;
    assert_eq!(page.projects[0].issues.len(), 52);
    assert_eq!(page.projects[0].issues[9].assignee.as_ref().unwrap().assigned.len(), 51);
    // Where there are no rows, no statement asks for what is beside them.
    db.select::<Vote>().delete().await?;
    db.select::<Comment>().delete().await?;
    let none = db.select::<Org>().filter(|o| o.pk.eq(Org::key(99))).view::<OrgPage>();
    assert_eq!(counted(&db, snapshot_of(1), none.fetch_all()).await?, []);
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Head {
    title: String,
    labels: Vec<Label>,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Full {
    #[view(flatten)]
    head: Head,
    text: String,
}

#[tokio::test]
async fn a_view_is_a_part_of_another_view_of_the_same_row() -> sqliter::Result<()> {
    let Tracker { db, bug, urgent, .. } = tracker().await?;
    let full = db.select::<Issue>().order(|i| i.pk.asc()).view::<Full>().fetch_required().await?;
    let head = Head { title: "Crash".to_owned(), labels: vec![bug, urgent] };
    assert_eq!(full, Full { head, text: "…".to_owned() });
    Ok(())
}
