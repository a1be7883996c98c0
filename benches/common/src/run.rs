//! All cases, one after the other, each verified.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{Write as _, stdout};
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::data::{self, AUTHORS, BOOKS_PER_AUTHOR, CITIES, USERS};
use crate::measure::{Case, Measurement};
use crate::{Choice, CityStats, Library, Result, ensure};

/// Books that are joined with their author.
const JOINED: i64 = 1_000;

/// Users that are updated, each again and again.
const UPDATED: i64 = 1_000;

/// Tasks that get by key at once.
const TASKS: usize = 16;

pub(crate) async fn run<L: Library>(choice: Choice) -> Result<()> {
    let mut library = L::open(&choice.path).await?;
    let sqlite = library.sqlite_version().await?;
    let mut runner = Runner { library, sqlite, choice };
    // In an order in which no case finds what another one wrote.
    runner.get().await?;
    runner.get_inside(Case::GET_READING).await?;
    runner.get_inside(Case::GET_WRITING).await?;
    runner.filter().await?;
    runner.fetch().await?;
    runner.join().await?;
    runner.eager().await?;
    runner.group().await?;
    runner.at_once().await?;
    runner.update().await?;
    runner.insert().await?;
    runner.bulk().await?;
    runner.cached().await?;
    runner.sql().await
}

struct Runner<L> {
    library: L,
    /// The version that it runs.
    sqlite: String,
    choice: Choice,
}

/// Keys that are read inside one transaction, and the sum of the ages of their users.
struct Inside {
    writing: bool,
    keys: Vec<i64>,
    ages: i64,
}

impl Inside {
    /// Whether the library has such a transaction.
    async fn get<L: Library>(self, library: &mut L) -> Result<bool> {
        let Self { writing, keys, ages } = self;
        let sum = if writing { library.get_writing(keys).await? } else { library.get_reading(keys).await? };
        let Some(sum) = sum else { return Ok(false) };
        ensure(sum == ages, || format!("the ages sum up to {sum} instead of {ages}"))?;
        Ok(true)
    }
}

impl<L: Library> Runner<L> {
    async fn get(&mut self) -> Result<()> {
        if self.leaves_out(Case::GET) {
            return Ok(());
        }
        for pk in [1, USERS / 2, USERS] {
            same(&L::user(self.library.get(pk).await?), &data::user(pk))?;
        }
        self.time(
            Case::GET,
            |start| (start..).map(|n| data::random_below(n, USERS) + 1),
            async |library, pk| library.get(pk).await,
        )
        .await
    }

    /// All gets of a sample in one transaction, which is begun and ended within the time.
    async fn get_inside(&mut self, case: Case) -> Result<()> {
        if self.leaves_out(case) {
            return Ok(());
        }
        let sample = |numbers: Range<i64>| {
            let keys: Vec<i64> = numbers.map(|n| data::random_below(n, USERS) + 1).collect();
            let ages = keys.iter().map(|&pk| data::user(pk).age).sum();
            Inside { writing: case == Case::GET_WRITING, keys, ages }
        };
        if !sample(0..3).get(&mut self.library).await? {
            return Ok(());
        }
        self.time(
            case,
            |start| std::iter::once(sample(start..start + case.operations as i64)),
            async |library, sample| sample.get(library).await,
        )
        .await
    }

    async fn filter(&mut self) -> Result<()> {
        if self.leaves_out(Case::FILTER) {
            return Ok(());
        }
        let mut expected: Vec<_> = (1..=USERS).map(data::user).filter(|user| user.city == data::city(42)).collect();
        expected.sort_by(|a, b| a.name.cmp(&b.name));
        let found: Vec<_> = self.library.in_city(data::city(42)).await?.into_iter().map(L::user).collect();
        all_same(&found, &expected)?;
        self.time(
            Case::FILTER,
            |start| (start..).map(|n| data::city(n * 37 % CITIES)),
            async |library, city| exactly(library.in_city(city).await?, USERS / CITIES),
        )
        .await
    }

    async fn fetch(&mut self) -> Result<()> {
        if self.leaves_out(Case::FETCH) {
            return Ok(());
        }
        let mut found: Vec<_> = self.library.users().await?.into_iter().map(L::user).collect();
        found.sort_by_key(|user| user.pk);
        all_same(&found, &(1..=USERS).map(data::user).collect::<Vec<_>>())?;
        self.time(Case::FETCH, |_| std::iter::repeat(()), async |library, ()| exactly(library.users().await?, USERS))
            .await
    }

    async fn join(&mut self) -> Result<()> {
        if self.leaves_out(Case::JOIN) {
            return Ok(());
        }
        let found = self.library.books_with_author().await?;
        let found: Vec<_> = found.into_iter().map(L::book_of_author).collect();
        let books = (1..=JOINED).map(data::book);
        let expected: Vec<_> = books.map(|book| (book.clone(), data::author(book.author_id))).collect();
        all_same(&found, &expected)?;
        self.time(
            Case::JOIN,
            |_| std::iter::repeat(()),
            async |library, ()| exactly(library.books_with_author().await?, JOINED),
        )
        .await
    }

    async fn eager(&mut self) -> Result<()> {
        if self.leaves_out(Case::EAGER) {
            return Ok(());
        }
        let mut expected: Vec<_> = (1..=AUTHORS).map(|pk| (data::author(pk), Vec::new())).collect();
        for book in (1..=AUTHORS * BOOKS_PER_AUTHOR).map(data::book) {
            if let Some((_, books)) = usize::try_from(book.author_id - 1).ok().and_then(|at| expected.get_mut(at)) {
                books.push(book);
            }
        }
        let found = self.library.authors_with_books().await?;
        let mut found: Vec<_> = found.into_iter().map(L::author_of_books).collect();
        for (_, books) in &mut found {
            books.sort_by_key(|book| book.pk);
        }
        all_same(&found, &expected)?;
        self.time(
            Case::EAGER,
            |_| std::iter::repeat(()),
            async |library, ()| exactly(library.authors_with_books().await?, AUTHORS),
        )
        .await
    }

    async fn group(&mut self) -> Result<()> {
        if self.leaves_out(Case::GROUP) {
            return Ok(());
        }
        let mut cities: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for user in (1..=USERS).map(data::user) {
            cities.entry(user.city).or_default().push(user.age);
        }
        let stats = |(city, ages): (String, Vec<i64>)| {
            let average = ages.iter().sum::<i64>() as f64 / ages.len() as f64;
            (city, ages.len() as i64, Some(average))
        };
        let expected: Vec<CityStats> = cities.into_iter().map(stats).collect();
        let Some(found) = self.library.city_stats().await? else { return Ok(()) };
        all_same(&found, &expected)?;
        self.time(
            Case::GROUP,
            |_| std::iter::repeat(()),
            async |library, ()| exactly(library.city_stats().await?.unwrap_or_default(), CITIES),
        )
        .await
    }

    async fn at_once(&mut self) -> Result<()> {
        if self.leaves_out(Case::AT_ONCE) {
            return Ok(());
        }
        let per_task = Case::AT_ONCE.operations / TASKS;
        let lists = |start: i64| -> (Vec<Vec<i64>>, i64) {
            let numbers: Vec<i64> = (start..).take(TASKS * per_task).collect();
            let keys: Vec<i64> = numbers.into_iter().map(|n| data::random_below(n, USERS) + 1).collect();
            let ages = keys.iter().map(|&pk| data::user(pk).age).sum();
            (keys.chunks(per_task).map(<[i64]>::to_vec).collect(), ages)
        };
        self.time(
            Case::AT_ONCE,
            |start| std::iter::once(lists(start)),
            async |library, (keys, ages)| {
                let sum = library.get_at_once(keys).await?;
                ensure(sum == ages, || format!("the ages sum up to {sum} instead of {ages}"))
            },
        )
        .await
    }

    async fn update(&mut self) -> Result<()> {
        if self.leaves_out(Case::UPDATE) {
            return Ok(());
        }
        let key = |n: i64| n % UPDATED + 1;
        let age = |n: i64| 18 + (n / UPDATED + n) % 60;
        self.time(
            Case::UPDATE,
            |start| (start..).map(|n| (key(n), age(n))),
            async |library, (pk, age)| library.set_age(pk, age).await,
        )
        .await?;
        let calls = self.calls(Case::UPDATE);
        for n in (0..calls).rev().take(100) {
            let user = L::user(self.library.get(key(n)).await?);
            same(&user, &data::User { age: age(n), ..data::user(key(n)) })?;
        }
        Ok(())
    }

    async fn insert(&mut self) -> Result<()> {
        if self.leaves_out(Case::INSERT) {
            return Ok(());
        }
        self.time(
            Case::INSERT,
            |start| (USERS + 1 + start..).map(data::new_user),
            async |library, user| library.insert(user).await,
        )
        .await?;
        let calls = self.calls(Case::INSERT);
        let before = data::now();
        let pk = self.library.insert(data::new_user(0)).await?;
        let user = L::user(self.library.get(pk).await?);
        same(&user, &data::User { pk, created_at: user.created_at, ..data::user(0) })?;
        ensure(user.created_at >= before, || format!("created_at is {}", user.created_at))?;
        exactly(self.library.users().await?, USERS + calls + 1)?;
        self.library.delete_users_above(USERS).await
    }

    async fn bulk(&mut self) -> Result<()> {
        if self.leaves_out(Case::BULK) {
            return Ok(());
        }
        let (mut samples, warm_up) = (Vec::new(), self.warm_up(Case::BULK));
        for sample in 0..warm_up + self.samples(Case::BULK) {
            let first = (sample as i64 + 1) * USERS + 1;
            let users = (first..first + USERS).map(data::new_user).collect();
            self.library.delete_users_above(USERS).await?;
            // Else SQLite makes one of its own within some of the samples, as often as the log happens to be long.
            self.library.checkpoint().await?;
            self.log_is_empty()?;
            let started = Instant::now();
            self.library.insert_all(users).await?;
            samples.push(started.elapsed());
        }
        // The users of the last call stay for a look at the file.
        exactly(self.library.users().await?, 2 * USERS)?;
        self.print(Case::BULK, &samples[warm_up..])
    }

    async fn cached(&mut self) -> Result<()> {
        if self.leaves_out(Case::CACHED) {
            return Ok(());
        }
        // The others were updated.
        const KEPT: std::ops::Range<i64> = UPDATED + 1..UPDATED + 101;
        for pk in KEPT {
            let Some(user) = self.library.get_cached(pk).await? else { return Ok(()) };
            same(&L::user(user), &data::user(pk))?;
        }
        for pk in KEPT {
            let user = self.library.get_cached(pk).await?.ok_or("no cache")?;
            same(&L::user(user), &data::user(pk))?;
        }
        self.time(
            Case::CACHED,
            |_| KEPT.cycle(),
            async |library, pk| library.get_cached(pk).await?.ok_or_else(|| "no cache".into()),
        )
        .await
    }

    async fn sql(&mut self) -> Result<()> {
        if self.leaves_out(Case::SQL) {
            return Ok(());
        }
        match self.library.in_city_sql("Northhaven")? {
            Some(sql) => ensure(sql.contains("ORDER BY"), || format!("{sql} is not the query"))?,
            None => return Ok(()),
        }
        self.time(
            Case::SQL,
            |start| (start..).map(|n| data::city(n * 37 % CITIES)),
            async |library, city| library.in_city_sql(&city),
        )
        .await
    }

    /// Times all samples of a case after a warm-up. Each sample makes as many calls as `arguments` gives for it,
    /// starting from a number, up to the operations of the case.
    async fn time<A, T, I: Iterator<Item = A>>(
        &mut self,
        case: Case,
        arguments: impl Fn(i64) -> I,
        call: impl AsyncFn(&mut L, A) -> Result<T>,
    ) -> Result<()> {
        let (mut samples, warm_up) = (Vec::new(), self.warm_up(case));
        for sample in 0..warm_up + self.samples(case) {
            let start = (sample * case.operations) as i64;
            let prepared: Vec<A> = arguments(start).take(case.operations).collect();
            let started = Instant::now();
            for arguments in prepared {
                black_box(call(&mut self.library, arguments).await?);
            }
            samples.push(started.elapsed());
        }
        self.print(case, &samples[warm_up..])
    }

    fn log_is_empty(&self) -> Result<()> {
        let mut log = self.choice.path.clone().into_os_string();
        log.push("-wal");
        let bytes = Path::new(&log).metadata()?.len();
        ensure(bytes == 0, || format!("{bytes} bytes are left in the log after a checkpoint"))
    }

    fn print(&self, case: Case, samples: &[Duration]) -> Result<()> {
        let line = serde_json::to_string(&Measurement::new(L::NAME, &self.sqlite, case, samples))?;
        writeln!(stdout(), "{line}")?;
        Ok(())
    }

    fn leaves_out(&self, case: Case) -> bool {
        self.choice.only.as_ref().is_some_and(|name| *name != case.name)
    }

    fn samples(&self, case: Case) -> usize {
        self.choice.samples.unwrap_or(case.samples)
    }

    /// Samples that are thrown away before those that count.
    fn warm_up(&self, case: Case) -> usize {
        if self.choice.samples.is_some() { 1 } else { case.samples / 5 }
    }

    /// How many calls a case makes, each one operation.
    fn calls(&self, case: Case) -> i64 {
        ((self.warm_up(case) + self.samples(case)) * case.operations) as i64
    }
}

/// The rows, if they are as many as expected.
fn exactly<T>(rows: Vec<T>, expected: i64) -> Result<Vec<T>> {
    ensure(i64::try_from(rows.len()) == Ok(expected), || format!("{} rows instead of {expected}", rows.len()))?;
    Ok(rows)
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<()> {
    ensure(found == expected, || format!("{found:?} instead of {expected:?}"))
}

fn all_same<T: PartialEq + std::fmt::Debug>(found: &[T], expected: &[T]) -> Result<()> {
    ensure(found.len() == expected.len(), || format!("{} rows instead of {}", found.len(), expected.len()))?;
    found.iter().zip(expected).try_for_each(|(found, expected)| same(found, expected))
}
