//! Sessions on disk, so that one login serves every run on this machine: a folder with a file a session, each beside a
//! lock file of its own.
//!
//! Whoever changes a session holds its lock, reads the file again, and decides by what it says then. A file is written
//! whole under another name and renamed, so that it is never found half written, whatever kills the writer and when. A
//! refresh token that rotates is marked on disk before it is sent, and its successor is on disk before anyone is given
//! the new access token: nobody sends a spent one again, which providers take for theft.
//!
//! The way through: [`Store::name`] → [`Store::read`]; to change it [`Store::lock`] → [`Held::read`] → [`Held::write`].

pub(super) mod fault;
mod file;
mod kept;
mod key;
mod lock;
mod place;
mod session;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::identity::Identity;
use lock::Lock;

pub use place::{Keeping, folder};
pub use session::{SessionOrigin, StoredSession};

pub(super) use key::written;

/// The version of the files. Another version has other names: two versions of callsheet do not get in each other's way.
pub const VERSION: u32 = 1;

/// What has been waited for so long is told.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sessions on disk. Cheap to clone; clones are the same store.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    /// What names are made with, once it has been read.
    key: OnceLock<key::NameKey>,
}

/// The name of a session: that of its file, without `.json`. It tells apart provider, environment, persona, client,
/// scope, addresses and credentials, and gives none of the credentials away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionName(Arc<str>);

/// A session of the list, or why it cannot be read.
pub type Listed = (SessionName, Result<StoredSession, StoreError>);

impl SessionName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a session could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system said no.
    #[error("{}: {}", path.display(), crate::source::os_words(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The file holds no session.
    #[error("{} does not contain a session: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file is of another version of callsheet.
    #[error("{} has version {found}, and this callsheet reads version {VERSION}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// Another process has held the lock all the time.
    #[error("another callsheet has locked {} for {} s", path.display(), waited.as_secs())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long was waited.
        waited: Duration,
    },
}

impl StoreError {
    /// Whether the file itself is wrong, and not the way to it.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Version { .. })
    }
}

impl Store {
    /// The store in that folder, which need not be there yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner { folder: folder.into(), key: OnceLock::new() }))
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The file of a session.
    pub fn path(&self, name: &SessionName) -> PathBuf {
        self.0.folder.join(format!("{}.json", name.0))
    }

    /// The name of the session of an identity.
    ///
    /// # Errors
    /// The key that names are made with can neither be read nor made.
    pub fn name(&self, identity: &Identity) -> Result<SessionName, StoreError> {
        if let Some(key) = self.0.key.get() {
            return Ok(SessionName(key.name(identity).into()));
        }
        let key = key::NameKey::of(&self.0.folder)?;
        Ok(SessionName(self.0.key.get_or_init(|| key).name(identity).into()))
    }

    /// Every session, by name; one that cannot be read with the reason. None where there is no folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let entries = match std::fs::read_dir(&self.0.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(StoreError::Io { path: self.0.folder.clone(), source }),
        };
        let name =
            |entry: std::fs::DirEntry| Some(SessionName(entry.file_name().to_str()?.strip_suffix(".json")?.into()));
        let mut names: Vec<SessionName> = entries.flatten().filter_map(name).collect();
        names.sort();
        let read = |name: SessionName| {
            // One that has gone in the meantime is not there.
            let session = self.read(&name).transpose()?;
            Some((name, session))
        };
        Ok(names.into_iter().filter_map(read).collect())
    }

    /// A session as it stands now, without its lock: good to look at and to use, not to decide a refresh by. `None` where
    /// there is none.
    ///
    /// # Errors
    /// The file cannot be read, or holds no session of this version.
    pub fn read(&self, name: &SessionName) -> Result<Option<StoredSession>, StoreError> {
        session::read(&self.path(name))
    }

    /// Takes the lock of a session, waiting so long at most while another process has it: without a thread, and `told` is
    /// called once if the wait is one that people notice. `stop` ends the wait.
    ///
    /// # Errors
    /// [`StoreError::Busy`], and where the folder or the lock file cannot be made.
    pub async fn lock(
        &self,
        name: &SessionName,
        limit: Duration,
        mut told: impl FnMut(),
        stop: impl Fn() -> bool,
    ) -> Result<Held, StoreError> {
        file::make_folder(&self.0.folder)?;
        let path = self.0.folder.join(format!("{}.lock", name.0));
        let since = Instant::now();
        let (mut pause, mut said) = (Duration::from_millis(2), false);
        loop {
            if let Some(lock) = Lock::try_take(&path)? {
                return Ok(Held { store: self.clone(), name: name.clone(), _lock: lock });
            }
            let waited = since.elapsed();
            if waited >= limit || stop() {
                return Err(StoreError::Busy { path, waited });
            }
            if waited >= PATIENCE && !said {
                said = true;
                told();
            }
            // The system can wait for a lock, but not give up waiting for it.
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }

    /// Puts a session in the place of whatever is there.
    ///
    /// # Errors
    /// As for [`Store::lock`] and [`Held::write`].
    pub async fn put(&self, name: &SessionName, session: &StoredSession, limit: Duration) -> Result<(), StoreError> {
        self.lock(name, limit, || (), || false).await?.write(session, "put")
    }

    /// Removes a session; `false` where there was none. What was there is given to whoever locks and reads it first, as one
    /// who revokes it must.
    ///
    /// # Errors
    /// As for [`Store::lock`] and [`Held::remove`].
    pub async fn remove(&self, name: &SessionName, limit: Duration) -> Result<bool, StoreError> {
        self.lock(name, limit, || (), || false).await?.remove()
    }
}

/// A session whose lock is held, until this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Held {
    store: Store,
    name: SessionName,
    _lock: Lock,
}

impl Held {
    /// The session as it is: nobody else changes it.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub fn read(&self) -> Result<Option<StoredSession>, StoreError> {
        self.store.read(&self.name)
    }

    /// Writes the session: it is on disk when this returns. `step` names the write for tests that kill it half way.
    ///
    /// # Errors
    /// It could not be written; then what was there before is there still.
    pub fn write(&self, session: &StoredSession, step: &str) -> Result<(), StoreError> {
        file::write(&self.store.path(&self.name), session.to_text().as_bytes(), step)
    }

    /// Removes the session; `false` where there was none.
    ///
    /// # Errors
    /// It could not be removed.
    pub fn remove(&self) -> Result<bool, StoreError> {
        file::remove(&self.store.path(&self.name))
    }

    /// Puts an unreadable file out of the way, beside its place, and says where.
    ///
    /// # Errors
    /// It could not be renamed.
    pub fn set_aside(&self) -> Result<PathBuf, StoreError> {
        file::set_aside(&self.store.path(&self.name))
    }
}

#[cfg(test)]
mod tests;
