//! A program for tests, which does what the lines of standard input ask for. It keeps its file by hiqlite's nodes or by openraft:
//!
//! ```text
//! program hiqlite FILE SOCKET…
//! program raft FILE ID CUT_AFTER KEEP MEMBER… [link LINK…]
//! ```
//!
//! Members and links are as `1=127.0.0.1:7100`.

use std::error::Error;
use std::sync::Arc;

use sqliter_cluster::{Cluster, RaftNode, Replica, programs};

type Failure = Box<dyn Error>;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["hiqlite", file, ref sockets @ ..] => {
            let cluster = Cluster::connect_to(sockets).await?;
            programs::serve(Replica::open(file, Arc::new(cluster)).await?, || (0, None)).await?;
        }
        ["raft", file, id, cut_after, keep, ref members @ ..] => {
            let mut options = RaftNode::options(id.parse()?, file).cut_after(cut_after.parse()?, keep.parse()?);
            options = options.secret("a secret of this test");
            let mut parts = members.split(|member| *member == "link");
            for (id, address) in parts.next().into_iter().flatten().filter_map(|member| member.split_once('=')) {
                options = options.member(id.parse()?, address);
            }
            for (id, address) in parts.flatten().filter_map(|link| link.split_once('=')) {
                options = options.link(id.parse()?, address);
            }
            let node = Arc::new(options.start().await?);
            let replica = Replica::open(file, Arc::clone(&node)).await?;
            let leads = move || {
                let state = node.state();
                (state.term, state.leader)
            };
            programs::serve(replica, leads).await?;
        }
        _ => {
            return Err("usage: program hiqlite FILE SOCKET… | raft FILE ID CUT_AFTER KEEP MEMBER… [link LINK…]".into());
        }
    }
    Ok(())
}
