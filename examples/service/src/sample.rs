//! What an empty library begins with, so that there is something to look at.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use sqliter::prelude::*;

use crate::models::*;
use crate::queries::today;

/// Title, author, the author's year of birth, year, pages, language, subjects, what it is about.
type Line = (&'static str, &'static str, i32, i32, u32, Language, &'static [&'static str], &'static str);

const BOOKS: &[Line] = {
    use Language::{English, French, German, Russian};
    &[
        (
            "Pride and Prejudice",
            "Jane Austen",
            1775,
            1813,
            432,
            English,
            &["Novel"],
            "Elizabeth Bennet judges Mr Darcy too soon.",
        ),
        (
            "Sense and Sensibility",
            "Jane Austen",
            1775,
            1811,
            409,
            English,
            &["Novel"],
            "Two sisters, one prudent and one ardent.",
        ),
        (
            "Emma",
            "Jane Austen",
            1775,
            1815,
            474,
            English,
            &["Novel"],
            "A young woman who arranges other people's marriages.",
        ),
        (
            "Frankenstein",
            "Mary Shelley",
            1797,
            1818,
            280,
            English,
            &["Novel", "Science fiction"],
            "A student makes a living being and flees from it.",
        ),
        (
            "The Time Machine",
            "H. G. Wells",
            1866,
            1895,
            118,
            English,
            &["Science fiction"],
            "A traveller sees the end of mankind.",
        ),
        (
            "The War of the Worlds",
            "H. G. Wells",
            1866,
            1898,
            192,
            English,
            &["Science fiction"],
            "Machines from Mars walk through Surrey.",
        ),
        (
            "A Study in Scarlet",
            "Arthur Conan Doyle",
            1859,
            1887,
            108,
            English,
            &["Crime"],
            "The first case of the detective Sherlock Holmes.",
        ),
        (
            "The Sign of the Four",
            "Arthur Conan Doyle",
            1859,
            1890,
            149,
            English,
            &["Crime"],
            "The detective looks for a treasure and for murderers.",
        ),
        (
            "The Hound of the Baskervilles",
            "Arthur Conan Doyle",
            1859,
            1902,
            256,
            English,
            &["Crime"],
            "A detective, a moor and a spectral dog.",
        ),
        (
            "Vingt mille lieues sous les mers",
            "Jules Verne",
            1828,
            1870,
            616,
            French,
            &["Science fiction"],
            "A professor as prisoner in the submarine of Captain Nemo.",
        ),
        (
            "Le Tour du monde en quatre-vingts jours",
            "Jules Verne",
            1828,
            1872,
            288,
            French,
            &["Novel"],
            "Phileas Fogg bets that he will be back in time.",
        ),
        (
            "Faust",
            "Johann Wolfgang von Goethe",
            1749,
            1808,
            158,
            German,
            &["Drama"],
            "A scholar makes a bet with the devil.",
        ),
        (
            "Der Prozess",
            "Franz Kafka",
            1883,
            1925,
            271,
            German,
            &["Novel"],
            "Josef K. is arrested and never learns why.",
        ),
        (
            "Die Verwandlung",
            "Franz Kafka",
            1883,
            1915,
            74,
            German,
            &["Novel"],
            "Gregor Samsa wakes up as a giant insect.",
        ),
        (
            "Crime and Punishment",
            "Fyodor Dostoevsky",
            1821,
            1866,
            545,
            Russian,
            &["Novel", "Crime"],
            "A student commits a murder and cannot live with it.",
        ),
        (
            "Leaves of Grass",
            "Walt Whitman",
            1819,
            1855,
            95,
            English,
            &["Poetry"],
            "Poems that celebrate themselves and everybody else.",
        ),
    ]
};

/// Subjects with the one above each.
const SUBJECTS: &[(&str, Option<&str>)] = &[
    ("Fiction", None),
    ("Drama", Some("Fiction")),
    ("Novel", Some("Fiction")),
    ("Poetry", Some("Fiction")),
    ("Crime", Some("Novel")),
    ("Science fiction", Some("Novel")),
];

/// Fills the library if it has no branch yet; gives whether it did. All of it in one transaction, so that nobody sees a half.
pub async fn fill(db: &Db) -> sqliter::Result<bool> {
    db.transaction(async |tx| {
        if tx.select::<Branch>().exists().await? {
            return Ok(false);
        }
        let branches = branches(tx).await?;
        let books = books(tx).await?;
        let copies = copies(tx, &branches, &books).await?;
        people(tx, &branches, &books, &copies).await?;
        Ok(true)
    })
    .await
}

async fn branches(s: &Session) -> sqliter::Result<Vec<Branch>> {
    let branches =
        [("Central", "Market Square 1", "Graz"), ("River", "Mill Lane 12", "Graz"), ("Hill", "Upper Road 7", "Weiz")];
    s.bulk_insert(branches.map(|(name, street, city)| {
        Branch::builder().name(name).address(Address { street: street.to_owned(), city: city.to_owned() })
    }))
    .await
}

async fn books(s: &Session) -> sqliter::Result<Vec<Book>> {
    for (name, broader) in SUBJECTS {
        let broader =
            s.select::<Subject>().filter(|s| s.name.eq(broader.unwrap_or_default())).only(|s| s.pk).fetch_one();
        let draft = Subject::builder().name(*name).broader_id(broader.await?);
        s.insert(draft).await?;
    }
    let mut authors: Vec<_> = BOOKS.iter().map(|(_, name, born, ..)| (*name, *born)).collect();
    authors.dedup();
    let authors =
        s.bulk_insert(authors.into_iter().map(|(name, born)| Author::builder().name(name).born(born))).await?;
    let authors: HashMap<&str, Key<Author>> = authors.iter().map(|author| (author.name.as_str(), author.pk)).collect();
    let drafts = BOOKS.iter().filter_map(|(title, author, _, year, pages, language, _, summary)| {
        let draft = Book::builder().title(*title).summary(*summary).pages(*pages).language(*language);
        Some(draft.published(NaiveDate::from_ymd_opt(*year, 1, 1)).author_id(*authors.get(author)?))
    });
    let books = s.bulk_insert(drafts).await?;
    for (book, (.., subjects, _)) in books.iter().zip(BOOKS) {
        let keys =
            s.select::<Subject>().filter(|s| s.name.is_in(subjects.iter().copied())).only(|s| s.pk).fetch_all().await?;
        book.subjects(s).add(keys).await?;
    }
    let holmes = s.select::<Book>().filter(|b| b.title.eq("The Sign of the Four"));
    let first = s.select::<Book>().filter(|b| b.title.eq("A Study in Scarlet")).only(|b| b.pk).fetch_required().await?;
    holmes.update(|b| b.sequel_to_id.set(first)).await?;
    Ok(books)
}

async fn copies(s: &Session, branches: &[Branch], books: &[Book]) -> sqliter::Result<Vec<BookCopy>> {
    let acquired = today() - TimeDelta::days(400);
    let shelves = books.iter().zip(branches.iter().cycle()).enumerate();
    let copies = shelves.flat_map(|(i, (book, branch))| {
        (0..1 + i % 2).map(move |copy| {
            let draft = BookCopy::builder().barcode(format!("LIB-{i:03}-{copy}")).book_id(book).branch_id(branch);
            draft.condition(Condition::Good).acquired(acquired)
        })
    });
    s.bulk_insert(copies).await
}

async fn people(s: &Session, branches: &[Branch], books: &[Book], copies: &[BookCopy]) -> sqliter::Result<()> {
    let mut director = None;
    let roles = [("Ida", Role::Director), ("Otto", Role::Librarian), ("Vera", Role::Assistant)];
    for ((name, role), branch) in roles.into_iter().zip(branches) {
        let draft = Staff::builder().name(name).email(format!("{name}@library.example").to_lowercase()).role(role);
        let staff = s.insert(draft.branch_id(branch).manager_id(director)).await?;
        director = director.or(Some(staff.pk));
    }
    let names = ["Ada", "Alan", "Edsger", "Grace", "Margaret"];
    let drafts = names.map(|name| Member::builder().name(name).email(format!("{name}@example.org").to_lowercase()));
    let members = s.bulk_insert(drafts).await?;
    let loans = copies.iter().step_by(2).zip(members.iter().cycle()).enumerate().map(|(i, (copy, member))| {
        let lent_on = today() - TimeDelta::days(3 * i as i64);
        let due_on = lent_on + TimeDelta::days(21);
        let back = (i % 2 == 0).then_some(today() - TimeDelta::days(i as i64));
        Loan::builder()
            .copy_id(copy)
            .member_id(member)
            .lent_by_id(director)
            .lent_on(lent_on)
            .due_on(due_on)
            .returned_on(back)
    });
    s.bulk_insert(loans).await?;
    let reviews = books.iter().zip(members.iter().cycle()).enumerate().map(|(i, (book, member))| {
        let stars = 3 + u8::try_from(i % 3).unwrap_or(0);
        Review::builder().book_id(book).member_id(member).stars(stars).text("I have read it to the end.")
    });
    s.bulk_insert(reviews).await?;
    for (member, book) in members.iter().zip(books.iter().rev()) {
        member.favourites(s).add(book).await?;
        s.insert(Reservation::builder().member_id(member).book_id(book)).await?;
    }
    Ok(())
}
