//! Writers that wait for the connection at the same time.
//!
//! The first of them takes a place in the queue of the writer's lane, and those who come before anybody else stands
//! behind it join its group. Whoever of them is there when the turn comes hands the jobs of all to a blocking thread,
//! where they share a commit. So the order of asking stays, and no job depends on the future of another one.

use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::task::Poll;

use tokio::runtime::Handle;
use tokio::sync::{Mutex as AsyncMutex, oneshot};

use super::cancellation::CancelOnDrop;
use super::log::Frame;
use super::placement::Timing;
use super::shared_commit::{Member, Waiting, run_together};
use super::{Access, Connection, Engine, Lease, Pace, locked};
use crate::error::{Context, Error, Result};

/// How many writers a group has at most.
const MOST: usize = 64;

/// Those who wait together.
pub(super) struct Group {
    /// `None` once their turn has come.
    members: Mutex<Option<Members>>,
    /// What waits for the connection, polled by one of the futures of the members at a time; when that one is dropped,
    /// the next goes on. `None` once their turn has come.
    turn: AsyncMutex<Option<Turn>>,
    /// Cancels the jobs when the last future that waits for one is dropped.
    running: OnceLock<CancelOnDrop>,
}

type Members = VecDeque<Box<dyn Member>>;
type Turn = Pin<Box<dyn Future<Output = Result<Lease>> + Send>>;

/// The group that stands last in a queue, as long as others may join it.
#[derive(Default)]
pub(super) struct LastGroup(Mutex<Weak<Group>>);

impl LastGroup {
    /// Somebody else stands behind it now.
    pub(super) fn close(&self) {
        *locked(&self.0) = Weak::new();
    }

    /// Joins the group, or begins another one.
    fn join(&self, mut member: Box<dyn Member>, turn: impl FnOnce() -> Turn) -> Arc<Group> {
        let mut last = locked(&self.0);
        if let Some(group) = last.upgrade() {
            match group.admit(member) {
                None => return group,
                Some(refused) => member = refused,
            }
        }
        let group = Arc::new(Group {
            members: Mutex::new(Some(VecDeque::from([member]))),
            turn: AsyncMutex::new(Some(turn())),
            running: OnceLock::new(),
        });
        *last = Arc::downgrade(&group);
        group
    }
}

impl Group {
    /// Gives the member back when the group is full or its turn has come.
    fn admit(&self, member: Box<dyn Member>) -> Option<Box<dyn Member>> {
        match locked(&self.members).as_mut() {
            Some(members) if members.len() < MOST => {
                members.push_back(member);
                None
            }
            _ => Some(member),
        }
    }

    fn has_begun(&self) -> bool {
        locked(&self.members).is_none()
    }

    /// Waits for the turn of the group, which comes to one of its members.
    async fn lead(&self, another: impl Fn() -> Turn) -> Result<(Lease, Members)> {
        let mut turn = self.turn.lock().await;
        let Some(waiting) = turn.as_mut() else { return pending().await };
        let lease = waiting.await;
        *turn = lease.is_err().then(another);
        Ok((lease?, locked(&self.members).take().unwrap_or_default()))
    }

    fn start(&self, mut lease: Lease, members: Members, runtime: &Handle) {
        if let Some(connection) = lease.connection() {
            self.running.get_or_init(|| connection.begin_job());
        }
        runtime.spawn_blocking(move || {
            if let Some(connection) = lease.connection() {
                connection.run_job(|connection| run_together(connection, members));
                // The futures cancel when they are gone, which must not stop what comes next.
                connection.begin_job().disarm();
            }
        });
    }
}

/// How waiting for the connection has ended.
enum Met<T, J> {
    /// With the connection, and nobody else who waits.
    Alone(Lease, J),
    Answered(Result<T>),
}

impl Engine {
    /// Runs a job that writes with the connection of the writer. When it has to wait for that one, and does not take
    /// long, it shares a commit with those who wait too.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        context: Context<'static>,
        pace: Pace,
        job: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (lease, job) = match self.lease_at_once(Access::Write).await? {
            Some(lease) => (lease, job),
            None if self.shares_commits(pace) => match Box::pin(self.meet(context, pace, job)).await? {
                Met::Alone(lease, job) => (lease, job),
                Met::Answered(result) => return result,
            },
            None => (self.lease(Access::Write, context).await?, job),
        };
        self.run(lease, context, pace, job).await
    }

    /// A job that runs in a transaction with others is not interrupted, so it must be known to be short. In memory a
    /// commit costs nothing.
    fn shares_commits(&self, pace: Pace) -> bool {
        let short = match pace {
            Pace::Short => true,
            Pace::Measured(fingerprint) => self.timing(fingerprint).is_some_and(Timing::is_short),
            Pace::Long => false,
        };
        short && !self.location().is_memory()
    }

    /// Waits for the connection together with others.
    async fn meet<T, J>(&self, context: Context<'static>, pace: Pace, job: J) -> Result<Met<T, J>>
    where
        T: Send + 'static,
        J: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|error| Error::Runtime { reason: error.to_string() })?;
        let job = Arc::new(Mutex::new(Some(job)));
        let (sender, mut receiver) = oneshot::channel();
        let frame = Frame::new(self.log(), context);
        let member = Waiting { job: Arc::clone(&job), context, frame, sender, answer: None };
        let turn = || -> Turn { Box::pin(self.writer_in_turn()) };
        let group = self.writer.last.join(Box::new(member), turn);
        let ended = {
            let mut lead = pin!(group.lead(turn));
            let ended = poll_fn(|cx| match Pin::new(&mut receiver).poll(cx) {
                Poll::Ready(answer) => Poll::Ready(Err(answer)),
                Poll::Pending => lead.as_mut().poll(cx).map(Ok),
            });
            self.within_timeout(ended).await?
        };
        let answer = match ended {
            Some(Err(answer)) => answer,
            Some(Ok(led)) => {
                // From here to the start of the group nothing is awaited, so that the others never wait in vain.
                let (lease, members) = led?;
                self.connected.store(true, Ordering::Relaxed);
                let alone = members.iter().filter(|member| member.is_wanted()).count() == 1;
                if alone && let Some(job) = locked(&job).take() {
                    return Ok(Met::Alone(lease, job));
                }
                group.start(lease, members, &runtime);
                receiver.await
            }
            None if !group.has_begun() && locked(&job).take().is_some() => return Err(self.waited_in_vain(context)),
            // Whoever has the connection waits for the locks of others only.
            None => receiver.await,
        };
        let Ok((outcome, elapsed)) = answer else {
            return Err(Error::Runtime {
                reason: "the runtime that ran the job of several tasks was shut down".to_owned(),
            });
        };
        if let Pace::Measured(fingerprint) = pace {
            self.record_timing(fingerprint, elapsed);
        }
        Ok(Met::Answered(outcome.unwrap_or_else(|panic| resume_unwind(panic))))
    }
}
