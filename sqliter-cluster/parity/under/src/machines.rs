//! Three machines below one database.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use library::DbOptions;
use library::cluster::{ApplyingConnection, NotDone, Recording, Replicator};
use rusqlite::{Connection, backup::Backup};
use sqliter_cluster::{Entry, Machine, Token, dump_of};
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::parted;

/// The order of entries, behind those that the file has already.
#[derive(Debug, Default)]
struct List {
    before: OnceLock<i64>,
    entries: Mutex<Vec<Entry>>,
}

impl List {
    fn before(&self) -> i64 {
        self.before.get().copied().unwrap_or(0)
    }
}

impl sqliter_cluster::Replicator for List {
    async fn propose(&self, token: Token, bytes: Vec<u8>) -> sqliter_cluster::Result<()> {
        let mut entries = locked(&self.entries);
        let number = self.before() + entries.len() as i64 + 1;
        entries.push(Entry { number, token, bytes });
        Ok(())
    }

    async fn barrier(&self) -> sqliter_cluster::Result<i64> {
        Ok(self.before() + locked(&self.entries).len() as i64)
    }

    async fn entries(&self, after: i64) -> sqliter_cluster::Result<Vec<Entry>> {
        let skipped = usize::try_from(after - self.before()).unwrap_or(0);
        Ok(locked(&self.entries).iter().skip(skipped).cloned().collect())
    }
}

/// The machine of the test's database, and the two others while it is open.
#[derive(Debug)]
struct Three {
    test: String,
    options: DbOptions,
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    machine: Arc<Machine<List>>,
    file: Option<PathBuf>,
    others: JoinHandle<()>,
    ends: oneshot::Sender<()>,
}

/// The files that are open, each with whether it was opened a second time meanwhile.
static FILES: Mutex<Vec<(PathBuf, bool)>> = Mutex::new(Vec::new());

/// The machine of a database; none for a file that is open already, as a file is that of one machine.
pub(crate) fn one_of_three(options: DbOptions) -> Option<Arc<dyn Replicator>> {
    let test = thread::current().name().unwrap_or_default().to_owned();
    if let Some(path) = options.get_path().and_then(|path| std::fs::canonicalize(path).ok())
        && let Some((_, twice)) = locked(&FILES).iter_mut().find(|(open, _)| *open == path)
    {
        *twice = true;
        return None;
    }
    Some(Arc::new(Three { test, options, open: Mutex::default() }))
}

impl Replicator for Three {
    fn start(&self, connection: ApplyingConnection) -> Result<(), String> {
        let order = List::default();
        let applied = "SELECT applied FROM sqlite_cluster";
        let _ = order.before.set(connection.sqlite().query_row(applied, [], |row| row.get(0)).unwrap_or(0));
        let order = Arc::new(order);
        let file = connection.sqlite().path().map(Path::new).and_then(|path| std::fs::canonicalize(path).ok());
        let machine = Arc::new(Machine::new(Arc::clone(&order)));
        machine.start(connection)?;
        locked(&FILES).extend(file.clone().map(|file| (file, false)));
        let (ends, end) = oneshot::channel();
        let (test, options, first) = (self.test.clone(), self.options.clone(), Arc::clone(&machine));
        let others = thread::Builder::new().name("others".to_owned()).spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            let compared = runtime.block_on(beside(&first, order, options, end));
            if let Some(compared) = compared {
                parted::ends(&test, compared);
            }
        });
        let others = others.map_err(|error| error.to_string())?;
        *locked(&self.open) = Some(Open { machine, file, others, ends });
        Ok(())
    }

    fn stop(&self) {
        let Some(Open { machine, file, others, ends }) = locked(&self.open).take() else { return };
        let place = file.and_then(|file| {
            let mut files = locked(&FILES);
            let place = files.iter().position(|(open, _)| *open == file)?;
            Some(files.swap_remove(place))
        });
        // What a second handle has written came to no other machine.
        if !place.is_some_and(|(_, twice)| twice) {
            parted::begins();
            if ends.send(()).is_err() {
                parted::ends(&self.test, Err("the other machines could not be opened".to_owned()));
            }
        } else {
            drop(ends);
        }
        if others.join().is_err() {
            eprintln!("the machines beside that of {} have panicked", self.test);
        }
        machine.stop();
    }

    fn record(&self, connection: &Connection) -> rusqlite::Result<Box<dyn Recording>> {
        match &*locked(&self.open) {
            Some(open) => open.machine.record(connection),
            None => Err(rusqlite::Error::UserFunctionError("the machine is stopped".into())),
        }
    }

    fn propose(&self, proposal: Vec<u8>, within: Option<Duration>) -> Result<(), NotDone> {
        let machine = locked(&self.open).as_ref().map(|open| Arc::clone(&open.machine));
        machine.ok_or_else(|| NotDone::Refused("the machine is stopped".to_owned()))?.propose(proposal, within)
    }
}

/// Keeps two machines beside the first, until the end is told; then gives whether they hold the same. Nothing when it is not told.
async fn beside(
    first: &Arc<Machine<List>>,
    order: Arc<List>,
    options: DbOptions,
    end: oneshot::Receiver<()>,
) -> Option<Result<(), String>> {
    let opened = open_others(first, order, options).await;
    end.await.ok()?;
    Some(match opened {
        Ok((_folder, others)) => compare(first, &others).await,
        Err(reason) => Err(format!("the other machines could not be opened: {reason}")),
    })
}

type Others = Vec<(library::Db, Arc<Machine<List>>)>;

async fn open_others(
    first: &Machine<List>,
    order: Arc<List>,
    options: DbOptions,
) -> Result<(TempDir, Others), Box<dyn std::error::Error>> {
    let folder = TempDir::new()?;
    let mut others = Vec::new();
    for number in [2, 3] {
        let path = folder.path().join(format!("machine{number}.db"));
        let target = path.clone();
        first.on_file(move |file| copy(file, &target)).await??;
        let machine = Arc::new(Machine::new(Arc::clone(&order)));
        let db = options.clone().path(&path).cluster(Arc::<Machine<List>>::clone(&machine)).open().await?;
        others.push((db, machine));
    }
    Ok((folder, others))
}

fn copy(file: &Connection, target: &Path) -> rusqlite::Result<()> {
    let mut target = Connection::open(target)?;
    Backup::new(file, &mut target)?.run_to_completion(1000, Duration::from_millis(1), None)
}

async fn compare(first: &Machine<List>, others: &Others) -> Result<(), String> {
    let mut all = vec![first];
    all.extend(others.iter().map(|(_, machine)| &**machine));
    let mut held = Vec::new();
    for machine in all {
        machine.barrier().await.map_err(|error| error.to_string())?;
        held.push(dumped(machine).await?);
    }
    for (db, _) in others {
        db.close().await.map_err(|error| error.to_string())?;
    }
    match held.iter().all(|lines| *lines == held[0]) {
        true => Ok(()),
        false => {
            let (one, other) = (&held[0], &held[1]);
            let here: Vec<_> = one.iter().filter(|line| !other.contains(line)).take(3).collect();
            let there: Vec<_> = other.iter().filter(|line| !one.contains(line)).take(3).collect();
            Err(format!("only here {here:?}, only there {there:?}"))
        }
    }
}

/// What a machine holds. A database in memory is locked while a connection of the pool is in the middle of something.
async fn dumped(machine: &Machine<List>) -> Result<Vec<String>, String> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let begun = Instant::now();
    loop {
        match machine.on_file(dump_of).await.map_err(|error| error.to_string())? {
            Ok(lines) => return Ok(lines),
            Err(error) if begun.elapsed() > PATIENCE => return Err(error.to_string()),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
