//! Links between machines that are slow or cut. For tests.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// How a link is. What is sent while it is cut is held back, and comes when it is whole again, as TCP would send it again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Condition {
    /// How much later everything comes, in each direction.
    pub delay: Duration,
    /// How many bytes a second come through, in each direction; 0 for any number.
    pub bytes_a_second: u64,
    /// Nothing comes from who has opened the connection.
    pub is_cut_forth: bool,
    /// Nothing comes back to who has opened the connection.
    pub is_cut_back: bool,
}

impl Condition {
    /// A link that is cut in both directions.
    pub fn cut() -> Self {
        Self { is_cut_forth: true, is_cut_back: true, ..Self::default() }
    }

    fn is_cut(self, direction: Direction) -> bool {
        match direction {
            Direction::Forth => self.is_cut_forth,
            Direction::Back => self.is_cut_back,
        }
    }
}

/// An address of its own, behind which is another one.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    condition: Arc<watch::Sender<Condition>>,
    accepting: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Link {
    /// A link to an address that is free or used.
    ///
    /// # Errors
    ///
    /// When the address to listen on is not free; one with port 0 is any that is free.
    pub async fn open(listen: SocketAddr, to: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let condition = Arc::new(watch::Sender::new(Condition::default()));
        let accepting = tokio::spawn(accept(listener, to, Arc::clone(&condition)));
        Ok(Self { address, condition, accepting })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the link is so, for connections that are there too.
    pub fn set(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }
}

async fn accept(listener: TcpListener, to: SocketAddr, condition: Arc<watch::Sender<Condition>>) {
    // Who has opened a connection sees that it is gone when the listener fails.
    while let Ok((opened, _)) = listener.accept().await {
        let mut condition = condition.subscribe();
        tokio::spawn(async move {
            // Nobody is reached over a link that is cut.
            if condition.wait_for(|now| !now.is_cut_forth).await.is_err() {
                return;
            }
            let Ok(reached) = TcpStream::connect(to).await else { return };
            // What is small is not held back; a socket that cannot is a slow one.
            drop((opened.set_nodelay(true), reached.set_nodelay(true)));
            let ((from, back), (answers, forth)) = (opened.into_split(), reached.into_split());
            // One side ends both, as a connection that is reset.
            tokio::select! {
                () = carry(from, forth, Direction::Forth, condition.clone()) => {}
                () = carry(answers, back, Direction::Back, condition.clone()) => {}
            }
        });
    }
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    Forth,
    Back,
}

/// Carries bytes one way until a side is gone.
async fn carry(from: OwnedReadHalf, to: OwnedWriteHalf, direction: Direction, condition: watch::Receiver<Condition>) {
    // What is under way, with the time at which it comes.
    let (sent, under_way) = mpsc::channel(256);
    tokio::join!(take(from, sent, condition.clone()), give(to, under_way, direction, condition));
}

async fn take(mut from: OwnedReadHalf, sent: mpsc::Sender<(Instant, Vec<u8>)>, condition: watch::Receiver<Condition>) {
    let mut free = Instant::now();
    loop {
        let mut bytes = vec![0; 16 * 1024];
        match from.read(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(length) => bytes.truncate(length),
        }
        let now = *condition.borrow();
        free = free.max(Instant::now());
        if let Some(nanoseconds) = (bytes.len() as u64 * 1_000_000_000).checked_div(now.bytes_a_second) {
            free += Duration::from_nanos(nanoseconds);
        }
        if sent.send((free + now.delay, bytes)).await.is_err() {
            return;
        }
    }
}

async fn give(
    mut to: OwnedWriteHalf,
    mut under_way: mpsc::Receiver<(Instant, Vec<u8>)>,
    direction: Direction,
    mut condition: watch::Receiver<Condition>,
) {
    while let Some((comes, bytes)) = under_way.recv().await {
        sleep_until(comes).await;
        let whole = condition.wait_for(|now| !now.is_cut(direction)).await.is_ok();
        if !whole || to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const SOON: Duration = Duration::from_millis(200);

    /// A link to somebody who sends back what comes, and a connection over it.
    async fn echo() -> (Link, TcpStream) {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(any).await.unwrap();
        let link = Link::open(any, listener.local_addr().unwrap()).await.unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await.unwrap()
                });
            }
        });
        let stream = TcpStream::connect(link.address()).await.unwrap();
        (link, stream)
    }

    async fn back(stream: &mut TcpStream, length: usize) -> Duration {
        let begun = Instant::now();
        stream.write_all(&vec![7; length]).await.unwrap();
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await.unwrap();
        assert_eq!(bytes, vec![7; length]);
        begun.elapsed()
    }

    #[tokio::test]
    async fn a_link_is_as_slow_as_it_is_said_to_be() {
        let (link, mut stream) = echo().await;
        let whole = back(&mut stream, 100_000).await;
        link.set(Condition { delay: Duration::from_millis(50), ..Condition::default() });
        let late = back(&mut stream, 10).await;
        assert!(late >= Duration::from_millis(100) && late < Duration::from_millis(400), "{whole:?}, {late:?}");
        link.set(Condition { bytes_a_second: 100_000, ..Condition::default() });
        let narrow = back(&mut stream, 50_000).await;
        assert!(narrow >= Duration::from_millis(500), "{narrow:?}");
    }

    #[tokio::test]
    async fn what_is_sent_over_a_link_that_is_cut_comes_later() {
        let (link, mut stream) = echo().await;
        back(&mut stream, 10).await;
        for one_way in [
            Condition { is_cut_forth: true, ..Condition::default() },
            Condition { is_cut_back: true, ..Condition::default() },
            Condition::cut(),
        ] {
            link.set(one_way);
            let mut other = TcpStream::connect(link.address()).await.unwrap();
            assert!(timeout(SOON, back(&mut other, 10)).await.is_err(), "{one_way:?}");
            stream.write_all(&[1]).await.unwrap();
            assert!(timeout(SOON, stream.read_u8()).await.is_err(), "{one_way:?}");
            link.set(Condition::default());
            assert_eq!(timeout(SOON, stream.read_u8()).await.unwrap().unwrap(), 1);
        }
    }

    #[tokio::test]
    async fn a_connection_ends_with_either_side() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(any).await.unwrap();
        let link = Link::open(any, listener.local_addr().unwrap()).await.unwrap();
        let mut stream = TcpStream::connect(link.address()).await.unwrap();
        drop(listener.accept().await.unwrap());
        assert_eq!(timeout(SOON, stream.read(&mut [0])).await.unwrap().unwrap(), 0);
    }
}
