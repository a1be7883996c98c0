//! Related models may lie in different modules, have different visibility, and be declared in a function.
mod people {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(has_many(books = super::library::Book::author), has_one(desk = Desk::owner))]
    pub struct Author {
        pub pk: Key<Author>,
        pub name: String,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    pub(super) struct Desk {
        pub(super) pk: Key<Desk>,
        #[model(unique)]
        pub(super) owner_id: Option<Key<Author>>,
    }

    pub(super) async fn desks(db: &Db, author: &Author) -> sqliter::Result<Option<Desk>> {
        author.desk(db).fetch().await
    }
}

mod library {
    use super::people;
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(many_to_many(shelves = self::inner::Shelf))]
    pub(crate) struct Book {
        pub(crate) pk: Key<Book>,
        pub(crate) title: String,
        pub(crate) author_id: Key<people::Author>,
    }

    mod inner {
        use sqliter::prelude::*;

        #[derive(Debug, Clone, PartialEq, Model)]
        #[model(many_to_many(books = super::Book::shelves))]
        pub(in crate::library) struct Shelf {
            pub(in crate::library) pk: Key<Shelf>,
            pub(in crate::library) letter: String,
        }
    }

    pub(crate) async fn shelve(db: &Db, book: &Book) -> sqliter::Result<u64> {
        db.create_tables::<(people::Author, Book, inner::Shelf)>().await?;
        let shelf = db.insert(inner::Shelf::builder().letter("A")).await?;
        book.shelves(db).add([&shelf]).await?;
        assert_eq!(shelf.books(db).fetch_all().await?, [book.clone()]);
        db.select::<Book>().filter(|b| b.shelves.any(|s| s.letter.eq("A"))).count().await
    }
}

use sqliter::prelude::*;

async fn in_a_function(db: &Db) -> sqliter::Result<()> {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(has_many(leaves = Leaf::tree), many_to_many(neighbours = Self, symmetrical))]
    struct Tree {
        pk: Key<Tree>,
        name: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Leaf {
        pk: Key<Leaf>,
        tree_id: Key<Tree>,
    }
    db.create_tables::<(Tree, Leaf)>().await?;
    let oak = db.insert(Tree::builder().name("Oak")).await?;
    let elm = db.insert(Tree::builder().name("Elm")).await?;
    let leaf = db.insert(Leaf::builder().tree_id(&oak)).await?;
    oak.neighbours(db).add([&elm]).await?;
    assert_eq!(elm.neighbours(db).fetch_all().await?, [oak.clone()]);
    let trees = db.select::<Tree>().prefetch_related(|t| t.leaves).order(|t| t.pk.asc()).fetch_all().await?;
    assert_eq!(trees, [(oak, vec![leaf]), (elm, vec![])]);
    Ok(())
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(people::Author, people::Desk, library::Book)>().await?;
    let jane = db.insert(people::Author::builder().name("Jane")).await?;
    let desk = db.insert(people::Desk::builder().owner_id(&jane)).await?;
    assert_eq!(people::desks(&db, &jane).await?, Some(desk));
    let emma = db.insert(library::Book::builder().title("Emma").author_id(&jane)).await?;
    assert_eq!(jane.books(&db).fetch_all().await?, [emma.clone()]);
    let rows = db.select::<library::Book>().select_related(|b| b.author).fetch_all().await?;
    assert_eq!(rows, [(emma.clone(), jane)]);
    assert_eq!(library::shelve(&db, &emma).await?, 1);
    in_a_function(&db).await
}
