//! Organisations, their users and projects, and who is signed in.

use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqliter::prelude::*;

use crate::error::{AppError, AppResult};
use crate::models::*;

/// A user as others see one.
#[derive(Debug, Serialize, View)]
#[view(User)]
pub struct UserName {
    pk: Key<User>,
    name: String,
}

#[derive(Debug, Deserialize)]
pub struct CreateUser {
    email: String,
    name: String,
    role: Option<Role>,
    password: String,
}

pub async fn create_user(s: &Session, org: Key<Organisation>, new: CreateUser) -> sqliter::Result<User> {
    let draft = User::builder().org_id(org).email(new.email).name(new.name).password_hash(hash(&new.password));
    s.insert(draft.role(new.role.unwrap_or(Role::Member))).await
}

/// What a real service would do with care.
fn hash(password: &str) -> Vec<u8> {
    password.bytes().rev().collect()
}

#[derive(Debug, Deserialize)]
pub struct Credentials {
    org: String,
    email: String,
    password: String,
}

#[derive(Debug, Serialize)]
pub struct SignedIn {
    token: String,
    user: User,
}

pub async fn sign_in(s: &Session, who: Credentials, now: DateTime<Utc>) -> AppResult<SignedIn> {
    let users = s.select::<User>().filter(|u| u.org.slug.eq(who.org) & u.email.eq(who.email));
    let user = users.filter(|u| u.password_hash.eq(hash(&who.password))).fetch_one().await?;
    let user = user.ok_or(AppError::SignedOut)?;
    let [high, low] = [(); 2].map(|()| RandomState::new().hash_one(now));
    let draft = Login::builder().token(format!("{high:016x}{low:016x}")).user_id(&user);
    let login = s.insert(draft.expires(now + TimeDelta::days(1))).await?;
    Ok(SignedIn { token: login.token, user })
}

/// Who acts with the token.
pub async fn user_of(s: &Session, token: &str, now: DateTime<Utc>) -> AppResult<Key<User>> {
    let logins = s.select::<Login>().filter(|l| l.token.eq(token) & l.expires.gt(now));
    logins.only(|l| l.user_id).fetch_one().await?.ok_or(AppError::SignedOut)
}

/// Forgets logins that have expired; gives them back.
pub async fn expire(s: &Session, now: DateTime<Utc>) -> sqliter::Result<Vec<Login>> {
    s.select::<Login>().filter(|l| l.expires.le(now)).delete().returning_rows().fetch_all().await
}
