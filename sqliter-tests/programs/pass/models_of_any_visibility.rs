//! A model may be private, `pub(crate)`, `pub(super)` or `pub`, in a module or in a function.
mod library {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    struct Shelf {
        pk: Key<Shelf>,
        name: String,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    pub(crate) struct Author {
        pub(crate) pk: Key<Self>,
        pub(crate) name: String,
        shelf_id: Option<Key<Shelf>>,
    }

    pub mod inner {
        use sqliter::prelude::*;

        #[derive(Debug, Clone, PartialEq, Model)]
        pub(in crate::library) struct Note {
            pub pk: Key<Note>,
            pub(super) text: String,
            hidden: i64,
        }

        #[derive(Debug, Clone, PartialEq, Model)]
        pub(super) struct Loan {
            pk: Key<Loan>,
            shelf: Key<super::Shelf>,
        }
    }

    pub(crate) async fn use_them(db: &Db) -> sqliter::Result<()> {
        db.create_tables::<(Shelf, Author, inner::Note, inner::Loan)>().await?;
        let shelf = db.insert(Shelf::builder().name("A")).await?;
        db.insert(Author::builder().name("Jane").shelf_id(&shelf)).await?;
        db.insert(inner::Note::builder().text("x").hidden(1)).await?;
        db.insert(inner::Loan::builder().shelf(shelf.pk)).await?;
        Ok(())
    }
}

use sqliter::prelude::*;

async fn in_a_function(db: &Db) -> sqliter::Result<()> {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Book {
        pk: Key<Book>,
        title: String,
    }
    db.create_table::<Book>().await?;
    let book = db.insert(Book::builder().title("Emma")).await?;
    assert_eq!(db.select::<Book>().filter(|b| b.title.eq("Emma")).fetch_all().await?, [book]);
    Ok(())
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    library::use_them(&db).await?;
    let author = db.select::<library::Author>().filter(|a| a.name.eq("Jane")).fetch_required().await?;
    assert_eq!((author.pk, author.name.as_str()), (library::Author::key(1), "Jane"));
    in_a_function(&db).await
}
