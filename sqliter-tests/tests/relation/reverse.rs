//! The other side of foreign keys: `has_many` and `has_one` as ordinary queries.

use sqliter::prelude::*;
use sqliter::{Error, Value};

mod people {
    use sqliter::prelude::*;

    /// Refers to a model that stands further down, in another module.
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(has_many(books = crate::reverse::Book::author, edited = super::Book::editor, reviews = crate::reverse::Review::author))]
    pub struct Author {
        pub pk: Key<Author>,
        pub name: String,
        pub favourite_id: Option<Key<super::Book>>,
    }
}

use people::Author;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(reviews = Review::book), has_many(lovers = Author::favourite))]
pub struct Book {
    pub pk: Key<Book>,
    pub title: String,
    pub pages: i64,
    pub author_id: Key<Author>,
    pub editor_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
pub struct Review {
    pk: Key<Review>,
    stars: i64,
    book_id: Key<Book>,
    author_id: Key<Author>,
}

/// A row at either end of each other's key.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(members = Player::team))]
pub struct Team {
    pk: Key<Team>,
    name: String,
    #[model(unique)]
    captain_id: Option<Key<Player>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_one(leads = Team::captain))]
pub struct Player {
    pk: Key<Player>,
    name: String,
    team_id: Option<Key<Team>>,
}

struct Library {
    db: Db,
    ada: Author,
    bob: Author,
    /// Of 100, 200 and 300 pages, by Ada.
    books: Vec<Book>,
}

async fn library() -> Library {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Review, Book, Author, Player, Team)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    let bob = db.insert(Author::builder().name("Bob")).await.unwrap();
    let titles = [("a", 100), ("b", 200), ("c", 300)];
    let drafts = titles.map(|(title, pages)| Book::builder().title(title).pages(pages).author_id(&ada));
    let books = db.bulk_insert(drafts).await.unwrap();
    db.insert(Book::builder().title("d").pages(400).author_id(&bob)).await.unwrap();
    Library { db, ada, bob, books }
}

#[tokio::test]
async fn the_rows_that_refer_to_a_row() -> sqliter::Result<()> {
    let Library { db, ada, bob, books } = library().await;
    assert_eq!(ada.books(&db).fetch_all().await?, books);
    assert_eq!(ada.books(&db).filter(|b| b.pages.gt(100)).limit(1).fetch_all().await?, [books[1].clone()]);
    assert_eq!(ada.books(&db).offset(2).fetch_all().await?, [books[2].clone()]);
    assert_eq!(ada.books(&db).filter(|b| b.title.eq("b")).fetch_one().await?, Some(books[1].clone()));
    assert_eq!(bob.books(&db).filter(|b| b.title.eq("b")).fetch_one().await?, None);
    assert_eq!((ada.books(&db).count().await?, bob.books(&db).count().await?), (3, 1));
    assert!(ada.books(&db).exists().await?);
    assert!(!ada.edited(&db).exists().await?);
    Ok(())
}

#[tokio::test]
async fn a_row_that_is_gone_has_none() -> sqliter::Result<()> {
    let Library { db, .. } = library().await;
    let cy = db.insert(Author::builder().name("Cy")).await?;
    db.delete(&cy).await?;
    assert_eq!(cy.books(&db).fetch_all().await?, []);
    assert_eq!(cy.books(&db).fetch_one().await?, None);
    assert_eq!(cy.books(&db).count().await?, 0);
    assert!(!cy.books(&db).exists().await?);
    Ok(())
}

#[tokio::test]
async fn filters_follow_further_paths() -> sqliter::Result<()> {
    let Library { db, ada, bob, books } = library().await;
    db.select::<Book>().filter(|b| b.title.eq("c")).update(|b| b.editor_id.set(Some(bob.pk))).await?;
    let edited = ada.books(&db).filter(|b| b.editor.name.eq("Bob")).only(|b| b.title).fetch_all().await?;
    assert_eq!(edited, ["c"]);
    db.insert(Review::builder().stars(5).book_id(&books[0]).author_id(&bob)).await?;
    let reviewed = ada.books(&db).filter(|b| b.reviews.any(|r| r.author.name.eq("Bob"))).fetch_all().await?;
    assert_eq!(reviewed, [books[0].clone()]);
    Ok(())
}

#[tokio::test]
async fn filters_add_up() -> sqliter::Result<()> {
    let Library { db, ada, .. } = library().await;
    let none = ada.books(&db).filter(|b| b.title.eq("a")).filter(|b| b.title.eq("b"));
    assert_eq!(none.fetch_all().await?, []);
    let either = ada.books(&db).filter(|b| b.title.eq("a") | b.title.eq("d"));
    assert_eq!(either.only(|b| b.title).fetch_all().await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn order_and_projections() -> sqliter::Result<()> {
    let Library { db, ada, books, .. } = library().await;
    let titles = ada.books(&db).order(|b| b.pages.desc()).only(|b| b.title).fetch_all().await?;
    assert_eq!(titles, ["c", "b", "a"]);
    let pairs: Vec<(String, i64)> = ada.books(&db).fields(|b| (b.title, b.pages)).limit(1).fetch_all().await?;
    assert_eq!(pairs, [("a".to_owned(), 100)]);
    let (first, last) = (ada.books(&db).fetch_first().await?, ada.books(&db).fetch_last().await?);
    assert_eq!((first, last), (Some(books[0].clone()), Some(books[2].clone())));
    let rows = ada.books(&db).exclude(|b| b.pages).limit(1).fetch_dicts().await?;
    assert_eq!(rows[0].get("title"), Some(&Value::Text("a".to_owned())));
    assert_eq!(rows[0].get("pages"), None);
    Ok(())
}

#[tokio::test]
async fn relations_are_loaded_beside_the_rows() -> sqliter::Result<()> {
    let Library { db, ada, bob, books } = library().await;
    let review = db.insert(Review::builder().stars(5).book_id(&books[1]).author_id(&bob)).await?;
    let rows: Vec<(Book, Author, Option<Author>)> =
        ada.books(&db).filter(|b| b.title.eq("a")).select_related(|b| (b.author, b.editor)).fetch_all().await?;
    assert_eq!(rows, [(books[0].clone(), ada.clone(), None)]);
    let rows: Vec<(Book, Vec<Review>)> = ada.books(&db).prefetch_related(|b| b.reviews).fetch_all().await?;
    let lists: Vec<_> = rows.into_iter().map(|(_, reviews)| reviews).collect();
    assert_eq!(lists, [vec![], vec![review], vec![]]);
    Ok(())
}

#[tokio::test]
async fn updates_and_deletes_reach_the_rows_of_this_parent_only() -> sqliter::Result<()> {
    let Library { db, ada, bob, .. } = library().await;
    assert_eq!(ada.books(&db).filter(|b| b.pages.ge(200)).update(|b| b.pages.add(1)).await?, 2);
    assert_eq!(ada.books(&db).only(|b| b.pages).fetch_all().await?, [100, 201, 301]);
    assert_eq!(bob.books(&db).only(|b| b.pages).fetch_all().await?, [400]);
    assert_eq!(ada.books(&db).order(|b| b.pages.desc()).limit(1).delete().await?, 1);
    assert_eq!(ada.books(&db).only(|b| b.title).fetch_all().await?, ["a", "b"]);
    assert_eq!(ada.books(&db).update(|b| b.author_id.set(bob.pk)).await?, 2);
    assert_eq!((ada.books(&db).count().await?, bob.books(&db).count().await?), (0, 3));
    assert_eq!(bob.books(&db).delete().await?, 3);
    Ok(())
}

#[tokio::test]
async fn count_and_exists_heed_limit_and_offset() -> sqliter::Result<()> {
    let Library { db, ada, .. } = library().await;
    assert_eq!(ada.books(&db).limit(2).count().await?, 2);
    assert_eq!(ada.books(&db).offset(1).count().await?, 2);
    assert_eq!(ada.books(&db).limit(5).offset(2).count().await?, 1);
    assert!(ada.books(&db).offset(2).exists().await?);
    assert!(!ada.books(&db).offset(3).exists().await?);
    Ok(())
}

#[tokio::test]
async fn fetch_one_leaves_the_chain_as_it_was() -> sqliter::Result<()> {
    let Library { db, ada, books, .. } = library().await;
    let chain = ada.books(&db).order(|b| b.title.asc()).offset(1);
    assert_eq!(chain.clone().fetch_one().await?, Some(books[1].clone()));
    assert_eq!(chain.fetch_all().await?, books[1..]);
    Ok(())
}

#[tokio::test]
async fn several_models_refer_to_one() -> sqliter::Result<()> {
    let Library { db, ada, books, .. } = library().await;
    let review = db.insert(Review::builder().stars(1).book_id(&books[0]).author_id(&ada)).await?;
    assert_eq!(ada.reviews(&db).fetch_all().await?, [review.clone()]);
    assert_eq!(books[0].reviews(&db).fetch_all().await?, [review]);
    assert_eq!(books[1].reviews(&db).fetch_all().await?, []);
    Ok(())
}

#[tokio::test]
async fn rows_come_in_the_order_of_their_keys() -> sqliter::Result<()> {
    let Library { db, ada, mut books, .. } = library().await;
    // The foreign key of the first row is written last.
    db.select::<Book>().filter(|b| b.title.eq("a")).update(|b| b.pages.set(999)).await?;
    books[0].pages = 999;
    assert_eq!(ada.books(&db).fetch_all().await?, books);
    Ok(())
}

#[tokio::test]
async fn two_models_refer_to_each_other() -> sqliter::Result<()> {
    let Library { db, mut ada, books, .. } = library().await;
    ada.favourite_id = Some(books[1].pk);
    db.update(&mut ada).await?;
    assert_eq!(ada.favourite(&db).fetch().await?, Some(books[1].clone()));
    assert_eq!(books[1].lovers(&db).fetch_all().await?, [ada.clone()]);
    let own = db.select::<Author>().filter(|a| a.favourite.author.name.eq("Ada")).fetch_all().await?;
    assert_eq!(own, [ada]);
    Ok(())
}

#[tokio::test]
async fn has_one_is_a_row_or_none() -> sqliter::Result<()> {
    let Library { db, .. } = library().await;
    let team = db.insert(Team::builder().name("Reds")).await?;
    let ann = db.insert(Player::builder().name("Ann").team_id(&team)).await?;
    let ben = db.insert(Player::builder().name("Ben").team_id(&team)).await?;
    let mut team = team;
    team.captain_id = Some(ann.pk);
    db.update(&mut team).await?;
    assert_eq!(ann.leads(&db).fetch().await?, Some(team.clone()));
    assert_eq!(ben.leads(&db).fetch().await?, None);
    assert_eq!(team.members(&db).fetch_all().await?, [ann.clone(), ben.clone()]);
    let rows = db.select::<Player>().select_related(|p| p.leads).order(|p| p.pk.asc()).fetch_all().await?;
    assert_eq!(rows, [(ann.clone(), Some(team)), (ben, None)]);
    let blues = db.insert(Team::builder().name("Blues")).await?;
    let taken = blues_led_by(&db, blues, &ann).await.unwrap_err();
    assert!(matches!(&taken, Error::UniqueViolation { columns, .. } if columns == &["captain_id"]), "{taken:?}");
    Ok(())
}

async fn blues_led_by(db: &Db, mut blues: Team, captain: &Player) -> sqliter::Result<()> {
    blues.captain_id = Some(captain.pk);
    db.update(&mut blues).await
}

#[tokio::test]
async fn reverse_queries_run_inside_a_transaction() -> sqliter::Result<()> {
    let Library { db, ada, .. } = library().await;
    let undone = db
        .transaction(async |tx| {
            assert_eq!(ada.books(tx).limit(1).delete().await?, 1);
            tx.insert(Book::builder().title("new").pages(1).author_id(&ada)).await?;
            tx.insert(Book::builder().title("newer").pages(2).author_id(&ada)).await?;
            assert_eq!(ada.books(tx).count().await?, 4);
            let newest = ada.books(tx).order(|b| b.pk.desc()).fetch_one().await?;
            assert_eq!(newest.map(|book| book.title), Some("newer".to_owned()));
            Err::<(), _>(Error::TransactionEnded)
        })
        .await;
    assert!(undone.is_err());
    assert_eq!(ada.books(&db).only(|b| b.title).fetch_all().await?, ["a", "b", "c"]);
    Ok(())
}

#[tokio::test]
async fn reverse_queries_follow_the_row_in_hand_not_a_later_one() -> sqliter::Result<()> {
    let Library { db, mut ada, bob, .. } = library().await;
    let query = ada.books(&db);
    ada.pk = bob.pk;
    assert_eq!(query.count().await?, 3);
    assert_eq!(ada.books(&db).count().await?, 1);
    Ok(())
}
