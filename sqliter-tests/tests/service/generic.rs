//! Functions, traits and tasks that are generic over models, what they load, and where they run.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use sqliter::bounds::{GivesRows, Writes};
use sqliter::prelude::*;
use sqliter::{Column, Condition, Error, Order, Page, Result, Select};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(issues = Issue::assignee))]
struct User {
    pk: Key<User>,
    name: String,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(labels = Label), has_many(comments = Comment::issue))]
struct Issue {
    pk: Key<Issue>,
    title: String,
    number: i64,
    assignee_id: Option<Key<User>>,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(issues = Issue::labels))]
struct Label {
    pk: Key<Label>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Comment {
    pk: Key<Comment>,
    #[model(on_delete = cascade)]
    issue_id: Key<Issue>,
}

async fn filled() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(User, Issue, Label, Comment)>().await.unwrap();
    let ada = db.insert(User::builder().name("Ada")).await.unwrap();
    let issue = |i: i64| {
        Issue::builder()
            .title(["Log in", "Pay", "Ship"][i as usize % 3])
            .number(i)
            .assignee_id((i % 2 == 0).then_some(ada.pk))
    };
    db.bulk_insert((0..6).map(issue)).await.unwrap();
    db
}

// ---- Parts of chains, written down ----

/// Conditions, orders and chains have short types.
fn about(word: &str) -> impl Fn(&IssueColumns<Issue>) -> Condition<Issue> {
    move |i| i.title.icontains(word)
}

fn newest(i: &IssueColumns<Issue>) -> Order<Issue> {
    i.pk.desc()
}

fn assigned<'s>(session: &'s Session, words: &[String]) -> Select<'s, Issue> {
    session
        .select::<Issue>()
        .filter(|i| i.assignee_id.is_not_null())
        .filter(|i| any(words.iter().map(|w| i.title.icontains(w))))
}

/// What a list shows of an issue.
type Listed = (Issue, Option<User>, Vec<Label>, i64);

/// A chain with all that it loads: written down by what it gives.
fn listed(session: &Session) -> Select<'_, Issue, impl GivesRows<Issue, Output = Listed>> {
    session.select::<Issue>().select_related(|i| i.assignee).prefetch_related(|i| i.labels).with_count(|i| i.comments)
}

/// A function over any chain that gives rows.
async fn first_page<M: Model, S: GivesRows<M>>(chain: Select<'_, M, S>) -> Result<Page<S::Output>> {
    chain.page_after(None, 2).with_total().await
}

#[tokio::test]
async fn a_function_returns_a_part_of_a_chain_or_a_whole_one() {
    let db = filled().await;
    let issues = db.select::<Issue>().filter(about("log")).order(newest).fetch_all().await.unwrap();
    assert_eq!(issues.iter().map(|i| i.number).collect::<Vec<_>>(), [3, 0]);
    let words = ["PAY".to_owned(), "ship".to_owned()];
    assert_eq!(assigned(&db, &words).count().await.unwrap(), 2);
    assert_eq!(assigned(&db, &[]).count().await.unwrap(), 0);

    let chain = listed(&db).filter(|i| i.number.ge(1)).order(newest);
    assert_eq!(chain.clone().count().await.unwrap(), 5);
    assert!(chain.clone().exists().await.unwrap());
    let rows: Vec<Listed> = chain.clone().limit(3).fetch_all().await.unwrap();
    assert_eq!(
        rows.iter().map(|(i, user, ..)| (i.number, user.is_some())).collect::<Vec<_>>(),
        [(5, false), (4, true), (3, false)]
    );
    let page = chain.clone().page_after(None, 3).with_total().await.unwrap();
    assert_eq!((page.rows, page.total), (rows, Some(5)));
    assert_eq!(first_page(chain).await.unwrap().rows.len(), 2);
    assert_eq!(first_page(db.select::<User>()).await.unwrap().total, Some(1));
}

// ---- Code over any model ----

/// A table of the program, whatever its model.
struct Repository<M> {
    db: Db,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> Repository<M> {
    const fn new(db: Db) -> Self {
        Self { db, model: PhantomData }
    }

    async fn get(&self, key: Key<M>) -> Result<M> {
        self.db.get(key).await?.ok_or_else(|| Error::RecordNotFound { table: M::TABLE.name.to_owned(), key: None })
    }

    async fn insert(&self, draft: impl Draft<Model = M>) -> Result<M> {
        self.db.insert(draft).await
    }

    async fn bulk_insert(&self, drafts: Vec<M::New>) -> Result<Vec<M>> {
        self.db.bulk_insert(drafts).await
    }

    async fn list(&self, rows: u64) -> Result<Vec<M>> {
        self.db.select::<M>().reversed().limit(rows).fetch_all().await
    }

    async fn page(&self, cursor: Option<sqliter::Cursor>) -> Result<Page<M>> {
        self.db.select::<M>().page_after(cursor, 20).with_total().await
    }
}

impl<M: Model<Access: Writes<M>>> Repository<M> {
    async fn update(&self, row: &mut M) -> Result<()> {
        self.db.update(row).await
    }

    async fn delete(&self, key: Key<M>) -> Result<()> {
        self.db.delete(key).await
    }

    async fn clear(&self) -> Result<u64> {
        self.db.select::<M>().delete().await
    }
}

#[tokio::test]
async fn a_repository_is_generic_over_its_model() {
    let db = filled().await;
    let labels = Repository::<Label>::new(db.clone());
    let mut label = labels.insert(Label::builder().name("a")).await.unwrap();
    labels.bulk_insert(["b", "c"].map(|name| Label::builder().name(name).build()).into()).await.unwrap();
    label.name = "d".to_owned();
    labels.update(&mut label).await.unwrap();
    assert_eq!(labels.get(label.pk).await.unwrap(), label);
    assert_eq!(labels.list(2).await.unwrap()[0].name, "c");
    assert_eq!(labels.page(None).await.unwrap().total, Some(3));
    labels.delete(label.pk).await.unwrap();
    assert!(matches!(labels.get(label.pk).await, Err(Error::RecordNotFound { .. })));
    assert_eq!(labels.clear().await.unwrap(), 2);
    let task = tokio::spawn(async move { Repository::<User>::new(db).page(None).await });
    assert_eq!(task.await.unwrap().unwrap().rows.len(), 1);
}

/// Models with a column that says when a row was deleted.
trait Perishable: Model<Access: Writes<Self>> {
    fn deleted(columns: &Self::Columns<Self>) -> Column<Self, Option<DateTime<Utc>>>;
}

impl Perishable for Issue {
    fn deleted(i: &IssueColumns<Self>) -> Column<Self, Option<DateTime<Utc>>> {
        i.deleted_at
    }
}

impl Perishable for User {
    fn deleted(u: &UserColumns<Self>) -> Column<Self, Option<DateTime<Utc>>> {
        u.deleted_at
    }
}

fn live<M: Perishable>(session: &Session) -> Select<'_, M> {
    session.select::<M>().filter(|m| M::deleted(m).is_null())
}

async fn bury<M: Perishable>(rows: Select<'_, M>) -> Result<u64> {
    rows.update(|m| M::deleted(m).set(Utc::now())).await
}

#[tokio::test]
async fn a_column_that_several_models_have_is_named_by_a_trait() {
    let db = filled().await;
    assert_eq!(bury(live::<Issue>(&db).filter(|i| i.number.lt(2))).await.unwrap(), 2);
    assert_eq!(live::<Issue>(&db).count().await.unwrap(), 4);
    assert_eq!(live::<User>(&db).count().await.unwrap(), 1);
}

// ---- Traits with async functions, tasks, transactions ----

trait Repo {
    fn add(&self, session: &Session) -> impl Future<Output = Result<u64>> + Send;
}

struct Issues;

impl Repo for Issues {
    async fn add(&self, session: &Session) -> Result<u64> {
        session
            .transaction(async |tx| {
                tx.insert(Label::builder().name("in a task")).await?;
                self.inner(tx).await
            })
            .await
    }
}

impl Issues {
    async fn inner(&self, session: &Session) -> Result<u64> {
        session.transaction(async |tx| tx.select::<Label>().count().await).await
    }
}

/// A task that is generic over the repository that it calls in a transaction.
fn in_a_task<R: Repo + Send + Sync + 'static>(db: Db, repo: R) -> tokio::task::JoinHandle<Result<u64>> {
    tokio::spawn(async move { db.transaction(async |tx| repo.add(tx).await).await })
}

async fn within<T>(db: &Db, work: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
    db.transaction(work).await
}

#[tokio::test]
async fn a_task_awaits_an_async_function_of_a_trait_and_the_transactions_in_it() {
    let db = filled().await;
    let of_task = db.clone();
    assert_eq!(tokio::spawn(async move { Issues.add(&of_task).await }).await.unwrap().unwrap(), 1);
    let of_task = db.clone();
    let counted = tokio::spawn(async move { within(&of_task, async |tx| tx.select::<Issue>().count().await).await });
    assert_eq!(counted.await.unwrap().unwrap(), 6);
    assert_eq!(in_a_task(db, Issues).await.unwrap().unwrap(), 2);
}
