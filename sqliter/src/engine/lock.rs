//! The lock that keeps other processes from a file, where the system has it.

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use with::{exclusive_holder, holder, lock};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) use without::{exclusive_holder, holder, lock};

/// Whether this system has it.
pub(super) const EXISTS: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Device and number of a file, where the system tells. Found without opening it, as closing it would drop locks.
#[cfg(unix)]
pub(super) fn identity(path: &std::path::Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
pub(super) const fn identity(_: &std::path::Path) -> Option<(u64, u64)> {
    None
}

/// <https://man7.org/linux/man-pages/man2/fcntl_locking.2.html>, "Open file description locks".
#[cfg(any(target_os = "linux", target_os = "android"))]
mod with {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc::{F_UNLCK, F_WRLCK, SEEK_SET, flock, off_t};

    use super::super::claim::Holder;

    /// Where SQLite locks a file: <https://www.sqlite.org/src/file/src/os.h>, `PENDING_BYTE`. Everybody who begins to read locks
    /// the first byte for a moment; the last ones are locked as long as somebody reads.
    const PENDING: (off_t, off_t) = (0x4000_0000, 1);
    const SHARED: (off_t, off_t) = (0x4000_0002, 510);

    fn range((start, length): (off_t, off_t)) -> Option<flock> {
        Some(flock {
            l_type: i16::try_from(F_WRLCK).ok()?,
            l_whence: i16::try_from(SEEK_SET).ok()?,
            l_start: start,
            l_len: length,
            l_pid: 0,
        })
    }

    /// Locks the byte without which nobody begins to read; `false` when somebody else has it.
    pub(in super::super) fn lock(file: &File) -> io::Result<bool> {
        let Some(range) = range(PENDING) else { return Err(io::ErrorKind::Unsupported.into()) };
        match fcntl(file, FcntlArg::F_OFD_SETLK(&range)) {
            Ok(_) => Ok(true),
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The process that has the whole file locked, by the system's [list](https://man7.org/linux/man-pages/man5/proc_locks.5.html)
    /// of locks: to ask for it by `fcntl` takes a descriptor, and closing that drops the locks of this process.
    pub(in super::super) fn exclusive_holder(path: &Path) -> Option<Holder> {
        let file = std::fs::metadata(path).ok()?.ino().to_string();
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        // "1: POSIX  ADVISORY  WRITE 1234 08:01:56789 1073741826 1073742335"
        let holder = locks.lines().find_map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            let ["POSIX", _, "WRITE", process, place, start, _] = words.get(1..)? else { return None };
            let is_it = place.rsplit(':').next() == Some(&file) && start.parse() == Ok(SHARED.0);
            process.parse().ok().filter(|_| is_it)
        });
        holder.map(|process| Holder(Some(process)))
    }

    /// The process that has the file locked for reading or writing. A lock as ours belongs to no process.
    pub(in super::super) fn holder(file: &File) -> Holder {
        let found = [SHARED, PENDING].into_iter().find_map(|bytes| {
            let mut asked = range(bytes)?;
            fcntl(file, FcntlArg::F_OFD_GETLK(&mut asked)).ok()?;
            let is_locked = asked.l_type != i16::try_from(F_UNLCK).ok()?;
            u32::try_from(asked.l_pid).ok().filter(|pid| is_locked && *pid > 0)
        });
        Holder(found)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod without {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use super::super::claim::Holder;

    pub(in super::super) fn lock(_: &File) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(in super::super) const fn holder(_: &File) -> Holder {
        Holder(None)
    }

    pub(in super::super) const fn exclusive_holder(_: &Path) -> Option<Holder> {
        None
    }
}
