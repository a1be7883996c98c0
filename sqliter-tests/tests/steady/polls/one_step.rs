//! What one row drags along, and what SQLite does in one step, in which it looks at no limit.

use sqliter::prelude::*;

use super::{BRIEF, Doc, Entry, SHORT, assert_below, everywhere, kept_for};

#[derive(Debug, Clone, PartialEq, Model)]
struct Parent {
    pk: Key<Parent>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Child {
    pk: Key<Child>,
    #[model(on_delete = cascade)]
    parent_id: Key<Parent>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(labels = Label))]
struct Case {
    pk: Key<Case>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Label {
    pk: Key<Label>,
    name: String,
}

const MANY: i64 = 300_000;

async fn parent(db: &Db) -> Parent {
    let parent = db.insert(Parent::builder().name("p")).await.unwrap();
    let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT ?2) \
                INSERT INTO children (parent_id) SELECT ?1 FROM n";
    db.execute(fill).bind(parent.pk).bind(MANY).await.unwrap();
    parent
}

/// A transaction around one statement.
async fn inside<T>(db: &Db, work: impl AsyncFnOnce(&Tx) -> sqliter::Result<T>) -> std::time::Duration {
    let tx = db.begin().await.unwrap();
    let kept = kept_for(work(&tx)).await;
    tx.commit().await.unwrap();
    kept
}

/// By a foreign key that cascades, and by a trigger.
#[test]
fn what_one_row_drags_along_runs_on_another_thread() {
    everywhere(async |db| {
        db.create_tables::<(Parent, Child)>().await.unwrap();
        // What is known of the schema is known before.
        db.insert(Entry::builder().number(0)).await.unwrap();
        let delete = async || {
            let doomed = parent(&db).await;
            kept_for(db.delete(&doomed)).await
        };
        assert_below(SHORT, "a delete", delete).await;
        let delete = async || {
            let doomed = parent(&db).await;
            inside(&db, async |tx| tx.delete(&doomed).await).await
        };
        assert_below(SHORT, "a delete in a transaction", delete).await;
        assert_eq!(db.select::<Child>().count().await.unwrap(), 0);
        parent(&db).await;
        let trigger = "CREATE TRIGGER t AFTER INSERT ON entries BEGIN UPDATE children SET parent_id = parent_id; END";
        db.execute(trigger).await.unwrap();
        let insert = async || kept_for(db.insert(Entry::builder().number(1))).await;
        assert_below(SHORT, "an insert with a trigger", insert).await;
        let insert = async || inside(&db, async |tx| tx.insert(Entry::builder().number(2)).await).await;
        assert_below(SHORT, "an insert with a trigger in a transaction", insert).await;
    });
}

/// The triggers are of the table of pairs.
#[test]
fn what_a_pair_drags_along_runs_on_another_thread() {
    everywhere(async |db| {
        db.create_tables::<(Parent, Child, Case, Label)>().await.unwrap();
        parent(&db).await;
        let drags =
            "CREATE TRIGGER t AFTER INSERT ON cases_labels BEGIN UPDATE children SET parent_id = parent_id; END";
        db.execute(drags).await.unwrap();
        let case = db.insert(Case::builder().name("c")).await.unwrap();
        let label = async || db.insert(Label::builder().name("l")).await.unwrap();
        let first = label().await;
        case.labels(&db).add([&first]).await.unwrap();
        let add = async || {
            let label = label().await;
            inside(&db, async |tx| case.labels(tx).add([&label]).await).await
        };
        assert_below(SHORT, "a pair in a transaction", add).await;
        let insert = async || inside(&db, async |tx| case.labels(tx).create(Label::builder().name("new")).await).await;
        assert_below(SHORT, "a row with its pair in a transaction", insert).await;
    });
}

/// Whether rows refer to one that is deleted or changed is looked for in a whole table.
#[test]
fn foreign_keys_without_an_index_are_looked_through_on_another_thread() {
    everywhere(async |db| {
        let tables = [
            "CREATE TABLE parents (pk INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
            "CREATE TABLE children (pk INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parents) STRICT",
        ];
        for table in tables {
            db.execute(table).await.unwrap();
        }
        let used = parent(&db).await;
        let free = async || db.insert(Parent::builder().name("free")).await.unwrap();
        let delete = async || {
            let free = free().await;
            inside(&db, async |tx| tx.delete(&free).await).await
        };
        assert_below(SHORT, "a delete in a transaction", delete).await;
        let by_name = "CREATE TABLE nicknames (pk INTEGER PRIMARY KEY, name TEXT REFERENCES parents (name))";
        db.execute(by_name).await.unwrap();
        let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT ?1) \
                    INSERT INTO nicknames (name) SELECT 'p' FROM n";
        db.execute(fill).bind(MANY).await.unwrap();
        let mut renamed = free().await;
        let update = async || {
            renamed.name.push('x');
            inside(&db, async |tx| tx.update(&mut renamed).await).await
        };
        assert_below(SHORT, "an update in a transaction", update).await;
        assert!(db.get(used.pk).await.unwrap().is_some());
    });
}

/// SQLite counts the rows of a table, and empties it.
#[test]
fn what_sqlite_does_in_one_step_runs_on_another_thread() {
    everywhere(async |db| {
        let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20000) \
                    INSERT INTO docs (body, title) SELECT zeroblob(2000), 'a document' FROM n";
        db.execute(fill).await.unwrap();
        assert_below(BRIEF, "a count", async || kept_for(db.select::<Doc>().count()).await).await;
        let raw = async || kept_for(db.query::<i64>("SELECT count(*) FROM docs").fetch_required()).await;
        assert_below(BRIEF, "a raw count", raw).await;
        let delete = async || {
            db.execute(fill).await.unwrap();
            kept_for(db.select::<Doc>().delete()).await
        };
        assert_below(BRIEF, "a delete", delete).await;
        assert_eq!(db.select::<Doc>().count().await.unwrap(), 0);
    });
}

/// What a foreign key deletes besides, SQLite counts as changed even when it is undone because the budget has ended.
#[test]
fn a_deletion_that_cascades_is_done_whenever_its_budget_ends() {
    everywhere(async |db| {
        db.create_tables::<(Parent, Child)>().await.unwrap();
        for turn in 0..60_u64 {
            let parents = (0..=turn).map(|_| Parent::builder().name(""));
            let parents = db.bulk_insert(parents).await.unwrap();
            let children = parents.iter().flat_map(|parent| [(); 20].map(|()| Child::builder().parent_id(parent)));
            db.bulk_insert(children.collect::<Vec<_>>()).await.unwrap();
            assert_eq!(db.select::<Parent>().filter(|p| p.name.eq("")).delete().await.unwrap(), turn + 1);
            assert_eq!(db.select::<Parent>().count().await.unwrap(), 0, "after {} parents", turn + 1);
            assert_eq!(db.select::<Child>().count().await.unwrap(), 0);
        }
    });
}
