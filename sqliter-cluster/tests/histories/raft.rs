//! Programs that agree among each other, by openraft: each is a machine.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sqliter_cluster::links::{Condition, Link};
use sqliter_cluster::programs::{Answer, Ask, Program};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::full_disk::{on_a_full_disk, until_stopped};
use crate::load::{Load, Programs};
use crate::{Random, number, seconds};

/// Three machines, with a link from each to each other.
struct Machines {
    folder: TempDir,
    members: [SocketAddr; 3],
    links: Vec<(u64, u64, Link)>,
    /// After how many entries the log is cut, and how many are kept.
    cut: (u64, u64),
    programs: Programs,
}

fn free_address() -> (TcpListener, SocketAddr) {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap();
    (held, address)
}

impl Machines {
    async fn start() -> Self {
        Self::start_with(10_000, 5_000).await
    }

    async fn start_with(cut_after: u64, keep: u64) -> Self {
        let folder = TempDir::new().unwrap();
        let members = [(); 3].map(|()| free_address()).map(|(_, address)| address);
        let mut links = Vec::new();
        for (from, to) in [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)] {
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            links.push((from, to, Link::open(any, members[to as usize - 1]).await.unwrap()));
        }
        let programs = Arc::default();
        let mut machines = Self { folder, members, links, cut: (cut_after, keep), programs };
        let programs = (1..=3).map(|id| Program::start(&mut machines.command(id)).unwrap()).collect();
        machines.programs = Arc::new(programs);
        machines
    }

    fn file(&self, id: u64) -> PathBuf {
        self.folder.path().join(format!("machine{id}.db"))
    }

    fn files(&self) -> [PathBuf; 3] {
        [1, 2, 3].map(|id| self.file(id))
    }

    fn command(&self, id: u64) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_program"));
        command.arg("raft").arg(self.file(id)).arg(id.to_string());
        command.args([self.cut.0, self.cut.1].map(|number| number.to_string()));
        command.args((1..=3).zip(self.members).map(|(id, address): (u64, _)| format!("{id}={address}")));
        let links = self.links.iter().filter(|(from, ..)| *from == id);
        command.arg("link").args(links.map(|(_, to, link)| format!("{to}={}", link.address())));
        command
    }

    fn program(&self, id: u64) -> &Program {
        &self.programs[id as usize - 1]
    }

    fn start_again(&self, id: u64) {
        self.program(id).start_again(&mut self.command(id)).unwrap();
    }

    fn set_links(&self, are: impl Fn(u64, u64) -> bool, condition: Condition) {
        self.links.iter().filter(|(from, to, _)| are(*from, *to)).for_each(|(.., link)| link.set(condition));
    }

    /// Who leads, by what the machine of the newest term says. It must be one that answers.
    async fn leader(&self) -> u64 {
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            let mut newest = (0, None);
            for program in self.programs.iter() {
                if let Answer::Leads { term, leader } = program.ask(Ask::Leader).await
                    && term > newest.0
                {
                    newest = (term, leader);
                }
            }
            if let (_, Some(leader)) = newest {
                return leader;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("nobody leads");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raft_leaders_are_killed() {
    let machines = Machines::start().await;
    let load = Load::start(&machines.programs).await;
    let mut times = Vec::new();
    for _ in 0..number("KILLS", 5) {
        load.until_further(20).await;
        let leader = machines.leader().await;
        let killed = Instant::now();
        machines.program(leader).kill().unwrap();
        times.push(load.failover(killed).await);
        machines.start_again(leader);
        assert_eq!(machines.program(leader).ask(Ask::Barrier).await, Answer::Done);
    }
    load.check(&machines.files()).await.print("raft, SIGKILL of the leader", times);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raft_machines_stand_still() {
    let machines = Machines::start().await;
    let load = Load::start(&machines.programs).await;
    let mut times = Vec::new();
    for what in ["leader", "follower"] {
        load.until_further(20).await;
        let leader = machines.leader().await;
        let id = if what == "leader" { leader } else { leader % 3 + 1 };
        let stopped = Instant::now();
        machines.program(id).signal("-STOP").unwrap();
        let time = load.failover(stopped).await;
        println!("SIGSTOP of the {what}: the next write after {time:.1?}");
        times.push(time);
        sleep(seconds("STOP", 5).saturating_sub(stopped.elapsed())).await;
        machines.program(id).signal("-CONT").unwrap();
    }
    load.until_further(20).await;
    load.check(&machines.files()).await.print("raft, SIGSTOP", times);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raft_links_are_cut() {
    let machines = Machines::start().await;
    let load = Load::start(&machines.programs).await;
    let mut times = Vec::new();
    let forth = Condition { is_cut_forth: true, ..Condition::default() };
    let back = Condition { is_cut_back: true, ..Condition::default() };
    for (what, condition) in
        [("follower", Condition::cut()), ("leader", Condition::cut()), ("leader", forth), ("leader", back)]
    {
        load.until_further(20).await;
        let leader = machines.leader().await;
        let id = if what == "leader" { leader } else { leader % 3 + 1 };
        let since = Instant::now();
        // Of one that is cut in one direction, nothing comes to others, or nothing comes to it.
        let is_one_way = condition != Condition::cut();
        machines.set_links(|from, _| from == id, condition);
        let of_others = match is_one_way {
            true => Condition { is_cut_forth: condition.is_cut_back, is_cut_back: condition.is_cut_forth, ..condition },
            false => condition,
        };
        machines.set_links(|_, to| to == id, of_others);
        let time = load.failover(since).await;
        println!("{what} behind links with {condition:?}: the next write after {time:.1?}");
        times.push(time);
        sleep(seconds("STOP", 3).saturating_sub(since.elapsed())).await;
        machines.set_links(|_, _| true, Condition::default());
    }
    load.until_further(20).await;
    load.check(&machines.files()).await.print("raft, links cut", times);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raft_links_are_slow() {
    let machines = Machines::start().await;
    let load = Load::start(&machines.programs).await;
    let slow = Condition { delay: Duration::from_millis(20), bytes_a_second: 250_000, ..Condition::default() };
    machines.set_links(|_, _| true, slow);
    let since = Instant::now();
    let slow = load.failover(since).await;
    load.until_further(50).await;
    println!("50 transfers over links of 20 ms and 250 kB/s in {:.1?}", since.elapsed());
    let leader = machines.leader().await;
    let killed = Instant::now();
    machines.program(leader).kill().unwrap();
    let time = load.failover(killed).await;
    machines.start_again(leader);
    load.until_further(20).await;
    machines.set_links(|_, _| true, Condition::default());
    load.check(&machines.files()).await.print("raft, slow links and SIGKILL of the leader", vec![slow, time]);
}

/// The files of one machine may not grow: it says so, the others go on, and after a restart it has all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raft_a_full_disk_stops_one_machine() {
    let machines = Machines::start().await;
    let load = Load::start(&machines.programs).await;
    load.until_further(10).await;
    let follower = machines.leader().await % 3 + 1;
    let program = machines.program(follower);
    program.start_again(&mut on_a_full_disk(&machines.command(follower))).unwrap();
    until_stopped(program).await;
    let time = load.failover(Instant::now()).await;
    load.until_further(20).await;
    machines.start_again(follower);
    assert_eq!(program.ask(Ask::Barrier).await, Answer::Done);
    load.until_further(20).await;
    load.check(&machines.files()).await.print("raft, a full disk", vec![time]);
}

/// A machine that stood still until the others had cut their logs is sent a copy of the database, while one reads its file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raft_a_copy_is_installed_under_readers() {
    let machines = Machines::start_with(40, 20).await;
    let load = Load::start(&machines.programs).await;
    load.until_further(20).await;
    let follower = machines.leader().await % 3 + 1;
    let reader = Connection::open(machines.file(follower)).unwrap();
    let count = || {
        reader.query_row("SELECT count(*), max(number) FROM moves", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
        })
    };
    reader.execute_batch("BEGIN").unwrap();
    let before = count().unwrap();
    machines.program(follower).signal("-STOP").unwrap();
    load.until_further(60).await;
    machines.program(follower).signal("-CONT").unwrap();
    assert_eq!(machines.program(follower).ask(Ask::Barrier).await, Answer::Done);
    assert_eq!(count().unwrap(), before, "a reader sees one moment");
    reader.execute_batch("COMMIT").unwrap();
    let after = count().unwrap();
    assert!(after.0 >= before.0 + 60, "{before:?}, {after:?}");
    let whole: String = reader.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    load.until_further(20).await;
    load.check(&machines.files()).await.print("raft, a copy under readers", Vec::new());
}

/// Whatever may happen, at random, one fault after the other: `FAULTS=200 SEED=7`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raft_faults_at_random() {
    let mut random = Random(number("SEED", 1));
    let machines = Machines::start_with(200, 100).await;
    let load = Load::start(&machines.programs).await;
    let mut times = Vec::new();
    for _ in 0..number("FAULTS", 6) {
        load.until_further(10).await;
        let id = random.below(3) + 1;
        let lasts = Duration::from_millis(200 + random.below(2_500));
        let since = Instant::now();
        match random.below(6) {
            0 | 1 => {
                machines.program(id).kill().unwrap();
                sleep(lasts).await;
                machines.start_again(id);
            }
            2 => {
                machines.program(id).signal("-STOP").unwrap();
                sleep(lasts).await;
                machines.program(id).signal("-CONT").unwrap();
            }
            3 => machines.set_links(|from, to| from == id || to == id, Condition::cut()),
            4 => {
                let other = id % 3 + 1;
                let one_way = Condition { is_cut_forth: true, ..Condition::default() };
                machines.set_links(|from, to| (from, to) == (id, other), one_way);
            }
            _ => {
                let slow = Condition { delay: Duration::from_millis(20), ..Condition::default() };
                machines.set_links(|from, to| from == id || to == id, slow);
            }
        }
        sleep(lasts.saturating_sub(since.elapsed())).await;
        machines.set_links(|_, _| true, Condition::default());
        times.push(load.failover(since).await);
    }
    load.check(&machines.files()).await.print("raft, faults at random", times);
}
