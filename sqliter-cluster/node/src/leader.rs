//! Who takes the writes.
//!
//! The client that hiqlite gives to a node looks for a new leader when its connection to the old one has failed, every second and later
//! every five seconds, even on the node that leads now. So writes go through a client that is made anew for each leader.

use std::time::Duration;

use hiqlite::{Client, Error, Node};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// For how long a leader is tried to be reached.
const REACH: Duration = Duration::from_secs(1);

/// The clients of a node.
pub(crate) struct Clients {
    id: u64,
    own: Client,
    nodes: Vec<Node>,
    secret: String,
    /// The client of the last leader, and who that was. hiqlite has no way to end one: it stays, without work.
    last: Mutex<Option<(u64, Client)>>,
}

impl Clients {
    pub(crate) fn new(id: u64, own: Client, nodes: Vec<Node>, secret: String) -> Self {
        Self { id, own, nodes, secret, last: Mutex::default() }
    }

    /// The client of this node, for what it knows itself.
    pub(crate) fn own(&self) -> &Client {
        &self.own
    }

    /// A client that reaches the node which leads, as far as this one knows.
    pub(crate) async fn of_leader(&self) -> Result<Client, Error> {
        let nobody = || Error::LeaderChange("nobody leads".into());
        let leader = self.own.metrics_db().await?.current_leader.ok_or_else(nobody)?;
        if leader == self.id && self.own.is_leader_db().await {
            return Ok(self.own.clone());
        }
        let mut last = self.last.lock().await;
        if let Some((known, client)) = &*last
            && *known == leader
        {
            return Ok(client.clone());
        }
        let address = self.nodes.iter().find(|node| node.id == leader).ok_or_else(nobody)?.addr_api.clone();
        let reaching = Client::remote(vec![address], false, false, self.secret.clone(), false, None);
        let client =
            timeout(REACH, reaching).await.map_err(|_| Error::Timeout("the leader is not reached".into()))??;
        *last = Some((leader, client.clone()));
        Ok(client)
    }
}
