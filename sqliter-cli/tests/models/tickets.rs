//! The tables of tickets.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;
use sqliter::Row;

/// A row of the table `system`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "system")]
#[model(strict = false)]
pub struct System {
    #[model(pk, sql = "TEXT PRIMARY KEY")]
    pub name: String,
    #[model(sql = "TEXT")]
    pub value: Option<String>,
}

/// A row of the table `permission`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE permission ( username text, action text, UNIQUE (username,action) );
/// ```
///
/// Read it by `db.query::<Permission>("SELECT * FROM \"permission\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Permission {
    pub username: Option<String>,
    pub action: Option<String>,
}

/// A row of the table `auth_cookie`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE auth_cookie ( cookie text, name text, ipnr text, time integer, UNIQUE (cookie,ipnr,name) );
/// ```
///
/// Read it by `db.query::<AuthCookie>("SELECT * FROM \"auth_cookie\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct AuthCookie {
    pub cookie: Option<String>,
    pub name: Option<String>,
    pub ipnr: Option<String>,
    pub time: Option<i64>,
}

/// A row of the table `session`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE session ( sid text, authenticated integer, last_visit integer, UNIQUE (sid,authenticated) );
/// CREATE INDEX session_last_visit_idx ON session (last_visit);
/// CREATE INDEX session_authenticated_idx ON session (authenticated);
/// ```
///
/// Read it by `db.query::<Session>("SELECT * FROM \"session\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Session {
    pub sid: Option<String>,
    pub authenticated: Option<i64>,
    pub last_visit: Option<i64>,
}

/// A row of the table `attachment`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE attachment ( type text, id text, filename text, size integer, time integer, description text, author text, UNIQUE (type,id,filename) );
/// ```
///
/// Read it by `db.query::<Attachment>("SELECT * FROM \"attachment\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Attachment {
    pub r#type: Option<String>,
    pub id: Option<String>,
    pub filename: Option<String>,
    pub size: Option<i64>,
    pub time: Option<i64>,
    pub description: Option<String>,
    pub author: Option<String>,
}

/// A row of the table `wiki`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE wiki ( name text, version integer, time integer, author text, text text, comment text, readonly integer, UNIQUE (name,version) );
/// CREATE INDEX wiki_time_idx ON wiki (time);
/// ```
///
/// Read it by `db.query::<Wiki>("SELECT * FROM \"wiki\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Wiki {
    pub name: Option<String>,
    pub version: Option<i64>,
    pub time: Option<i64>,
    pub author: Option<String>,
    pub text: Option<String>,
    pub comment: Option<String>,
    pub readonly: Option<i64>,
}

/// A row of the table `repository`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE repository ( id integer, name text, value text, UNIQUE (id,name) );
/// ```
///
/// Read it by `db.query::<Repository>("SELECT * FROM \"repository\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Repository {
    pub id: Option<i64>,
    pub name: Option<String>,
    pub value: Option<String>,
}

/// A row of the table `revision`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE revision ( repos integer, rev text, time integer, author text, message text, UNIQUE (repos,rev) );
/// CREATE INDEX revision_repos_time_idx ON revision (repos,time);
/// ```
///
/// Read it by `db.query::<Revision>("SELECT * FROM \"revision\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Revision {
    pub repos: Option<i64>,
    pub rev: Option<String>,
    pub time: Option<i64>,
    pub author: Option<String>,
    pub message: Option<String>,
}

/// A row of the table `ticket`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "ticket")]
#[model(strict = false)]
#[model(index(time, name = "ticket_time_idx"))]
#[model(index(status, name = "ticket_status_idx"))]
pub struct Ticket {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Ticket>,
    #[model(sql = "TEXT")]
    pub r#type: Option<String>,
    #[model(sql = "INTEGER")]
    pub time: Option<i64>,
    #[model(sql = "INTEGER")]
    pub changetime: Option<i64>,
    #[model(sql = "TEXT")]
    pub component: Option<String>,
    #[model(sql = "TEXT")]
    pub severity: Option<String>,
    #[model(sql = "TEXT")]
    pub priority: Option<String>,
    #[model(sql = "TEXT")]
    pub owner: Option<String>,
    #[model(sql = "TEXT")]
    pub reporter: Option<String>,
    #[model(sql = "TEXT")]
    pub cc: Option<String>,
    #[model(sql = "TEXT")]
    pub version: Option<String>,
    #[model(sql = "TEXT")]
    pub milestone: Option<String>,
    #[model(sql = "TEXT")]
    pub status: Option<String>,
    #[model(sql = "TEXT")]
    pub resolution: Option<String>,
    #[model(sql = "TEXT")]
    pub summary: Option<String>,
    #[model(sql = "TEXT")]
    pub description: Option<String>,
    #[model(sql = "TEXT")]
    pub keywords: Option<String>,
}

/// A row of the table `ticket_change`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE ticket_change ( ticket integer, time integer, author text, field text, oldvalue text, newvalue text, UNIQUE (ticket,time,field) );
/// CREATE INDEX ticket_change_ticket_idx ON ticket_change (ticket);
/// CREATE INDEX ticket_change_time_idx ON ticket_change (time);
/// ```
///
/// Read it by `db.query::<TicketChange>("SELECT * FROM \"ticket_change\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct TicketChange {
    pub ticket: Option<i64>,
    pub time: Option<i64>,
    pub author: Option<String>,
    pub field: Option<String>,
    pub oldvalue: Option<String>,
    pub newvalue: Option<String>,
}

/// A row of the table `ticket_custom`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE ticket_custom ( ticket integer, name text, value text, UNIQUE (ticket,name) );
/// ```
///
/// Read it by `db.query::<TicketCustom>("SELECT * FROM \"ticket_custom\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct TicketCustom {
    pub ticket: Option<i64>,
    pub name: Option<String>,
    pub value: Option<String>,
}

/// A row of the table `enum`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE enum ( type text, name text, value text, description text, UNIQUE (type,name) );
/// ```
///
/// Read it by `db.query::<Enum>("SELECT * FROM \"enum\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Enum {
    pub r#type: Option<String>,
    pub name: Option<String>,
    pub value: Option<String>,
    pub description: Option<String>,
}

/// A row of the table `component`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "component")]
#[model(strict = false)]
pub struct Component {
    #[model(pk, sql = "TEXT PRIMARY KEY")]
    pub name: String,
    #[model(sql = "TEXT")]
    pub owner: Option<String>,
    #[model(sql = "TEXT")]
    pub description: Option<String>,
}

/// A row of the table `milestone`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "milestone")]
#[model(strict = false)]
pub struct Milestone {
    #[model(pk, sql = "TEXT PRIMARY KEY")]
    pub name: String,
    #[model(sql = "INTEGER")]
    pub due: Option<i64>,
    #[model(sql = "INTEGER")]
    pub completed: Option<i64>,
    #[model(sql = "TEXT")]
    pub description: Option<String>,
}

/// A row of the table `version`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "version")]
#[model(strict = false)]
pub struct Version {
    #[model(pk, sql = "TEXT PRIMARY KEY")]
    pub name: String,
    #[model(sql = "INTEGER")]
    pub time: Option<i64>,
    #[model(sql = "TEXT")]
    pub description: Option<String>,
}

/// A row of the table `report`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "report")]
#[model(strict = false)]
pub struct Report {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Report>,
    #[model(sql = "TEXT")]
    pub author: Option<String>,
    #[model(sql = "TEXT")]
    pub title: Option<String>,
    #[model(sql = "TEXT")]
    pub query: Option<String>,
    #[model(sql = "TEXT")]
    pub description: Option<String>,
}

/// All models.
pub type All = (System, Ticket, Component, Milestone, Version, Report);
