//! The library under load, among processes, and when work is cut off: nothing is lost, nothing is locked for good.

mod await_points;
mod cache_freshness;
mod cancellation;
mod closing;
mod connections;
mod contention;
mod crash;
mod exclusive;
mod explosive;
mod freshness;
mod heartbeat;
mod load;
mod locked_out;
mod locks;
mod long_texts;
mod nested;
mod panics;
mod polls;
mod queue_timeout;
mod runtimes;
mod shared_commits_cancelled;
mod shared_commits_failing;
mod streams;
mod together;
mod unpolled;
