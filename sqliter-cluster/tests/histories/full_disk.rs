//! A program whose files may not grow.

use std::process::Command;
use std::time::{Duration, Instant};

use sqliter_cluster::programs::{Answer, Ask, Program};
use tokio::time::sleep;

/// The same program, with files of 256 KiB at most. The signal that the system sends is ignored, so that SQLite meets an error.
pub fn on_a_full_disk(program: &Command) -> Command {
    let mut full = Command::new("sh");
    let limited = ["-c", "trap '' XFSZ; ulimit -f 512; exec \"$@\"", "sh"];
    full.args(limited).arg(program.get_program()).args(program.get_args());
    full
}

/// Waits until the program says that its machine has stopped.
pub async fn until_stopped(program: &Program) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        assert!(Instant::now() < until, "the disk is not full");
        if let Answer::Stopped(reason) = program.ask(Ask::Barrier).await {
            return println!("with a full disk: {reason}");
        }
        sleep(Duration::from_millis(20)).await;
    }
}
