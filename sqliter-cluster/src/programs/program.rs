//! A program that runs beside the test.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{Answer, Ask};

/// Longer than the cluster looks for a leader and tries a transaction again.
const PATIENCE: Duration = Duration::from_secs(90);

/// A program that does what it is asked, and can be killed and held up. It is killed when this is dropped.
#[derive(Debug)]
pub struct Program {
    running: Mutex<Option<Running>>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Running {
    child: Child,
    input: Arc<Mutex<ChildStdin>>,
    waiting: Waiting,
}

/// Who waits for answers; `None` when there comes no more.
type Waiting = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Answer>>>>>;

fn locked<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Program {
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let program = Self { running: Mutex::default(), next: AtomicU64::default() };
        program.start_again(command)?;
        Ok(program)
    }

    /// Starts it after it was killed.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start_again(&self, command: &mut Command) -> io::Result<()> {
        self.kill()?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let waiting = Waiting::new(Mutex::new(Some(HashMap::new())));
        let answers = Arc::clone(&waiting);
        std::thread::spawn(move || {
            // Whoever still waits hears that nothing comes.
            if let Err(error) = hand_out(output, &answers) {
                eprintln!("a program has answered what is none: {error}");
            }
            locked(&answers).take();
        });
        *locked(&self.running) = Some(Running { child, input: Arc::new(Mutex::new(input)), waiting });
        Ok(())
    }

    /// Asks, and waits for the answer. What a program that is not there was asked is not done; what a program that was killed was asked is
    /// not known.
    pub async fn ask(&self, ask: Ask) -> Answer {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (answered, answer) = oneshot::channel();
        let input = match &*locked(&self.running) {
            Some(running) => match &mut *locked(&running.waiting) {
                Some(waiting) => {
                    waiting.insert(number, answered);
                    Arc::clone(&running.input)
                }
                None => return Answer::NotDone("the program has ended".to_owned()),
            },
            None => return Answer::NotDone("the program does not run".to_owned()),
        };
        let asked = serde_json::to_string(&(number, ask)).map_err(io::Error::other);
        let asked = asked.and_then(|line| writeln!(locked(&input), "{line}"));
        drop(input);
        if let Err(error) = asked {
            return Answer::Unknown(error.to_string());
        }
        match timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Answer::Unknown("the program has ended".to_owned()),
            Err(_) => Answer::Unknown(format!("no answer within {PATIENCE:?}")),
        }
    }

    pub fn pid(&self) -> Option<u32> {
        locked(&self.running).as_ref().map(|running| running.child.id())
    }

    /// Sends a signal to it, as `-STOP`.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn signal(&self, signal: &str) -> io::Result<()> {
        let pid = self.pid().ok_or(io::ErrorKind::NotFound)?;
        let sent = Command::new("kill").args([signal, &pid.to_string()]).status()?;
        sent.success().then_some(()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Kills it by SIGKILL, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn kill(&self) -> io::Result<()> {
        let Some(mut running) = locked(&self.running).take() else { return Ok(()) };
        running.child.kill()?;
        running.child.wait().map(drop)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.kill());
    }
}

fn hand_out(output: ChildStdout, waiting: &Waiting) -> io::Result<()> {
    for line in BufReader::new(output).lines() {
        let (number, answer) = serde_json::from_str::<(u64, Answer)>(&line?)?;
        let waits = locked(waiting).as_mut().and_then(|waiting| waiting.remove(&number));
        // Nobody waits any more for what came too late.
        drop(waits.map(|waits| waits.send(answer)));
    }
    Ok(())
}
