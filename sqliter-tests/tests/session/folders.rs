//! Folders of database files.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The names of the files in a folder, sorted.
pub fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// A dropped connection closes on a thread of its own.
pub async fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !condition() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(condition(), "not within 5 s");
}

/// Sets the permissions of a file or a folder.
#[cfg(unix)]
pub fn permit(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// The folder that a test is to look at, if this process is one that [`without_rights`] has begun.
#[cfg(unix)]
pub fn folder_to_look_at() -> Option<PathBuf> {
    std::env::var_os(LOOKS_AT).map(PathBuf::from)
}

#[cfg(unix)]
const LOOKS_AT: &str = "SQLITER_LOOKS_AT";

/// Runs a test with the folder where permissions count. They do not for root, so root runs it again as another user.
#[cfg(unix)]
pub fn without_rights(folder: &Path, module: &str, test: &str, look: fn(&Path)) {
    let probe = folder.join("probe");
    std::fs::write(&probe, "").unwrap();
    permit(&probe, 0o444);
    let is_root = std::fs::OpenOptions::new().write(true).open(&probe).is_ok();
    std::fs::remove_file(&probe).unwrap();
    permit(folder, 0o755);
    if !is_root {
        return look(folder);
    }
    let program = folder.join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    permit(&program, 0o755);
    let child = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .args(["--exact", &sqliter_tests::full_name(module, test), "--nocapture"])
        .env(LOOKS_AT, folder)
        .output();
    match child {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
            assert!(text.contains("1 passed"), "{text}");
        }
        Err(error) => eprintln!("skipped: root has no `setpriv` to become another user ({error})"),
    }
}
