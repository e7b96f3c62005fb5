//! Where pending changes lie: `.callsheet/pending` in the project's root, one file a scenario file, which git passes over.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::SHA256;

use super::{Pending, VERSION};

/// A file longer than this was written by nobody: a run keeps less, snapshots of the longest answers among it.
const LONGEST: u64 = 512 * 1024 * 1024;

/// The pending changes of a project.
#[derive(Debug, Clone)]
pub struct Store {
    /// The project's own folder, `.callsheet`.
    own: PathBuf,
}

/// A pending file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file, at its new name if it could be set aside.
    pub path: PathBuf,
    /// Why, as a clause without a full stop.
    pub why: String,
}

impl Store {
    /// The store of the project in that folder.
    pub fn of(root: &Path) -> Self {
        Self { own: root.join(".callsheet") }
    }

    /// Keeps what a run left, in place of what the one before left of the same scenario file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, pending: &Pending) -> io::Result<()> {
        self.make()?;
        fs::create_dir_all(self.folder())?;
        let text = serde_json::to_string_pretty(pending).map_err(io::Error::other)?;
        write(&self.path(&pending.scenario), text.as_bytes())
    }

    /// The project's own folder, which git passes over.
    pub(super) fn own(&self) -> &Path {
        &self.own
    }

    /// Makes the project's own folder, unless it is there.
    pub(super) fn make(&self) -> io::Result<()> {
        fs::create_dir_all(&self.own)?;
        let ignore = self.own.join(".gitignore");
        if ignore.exists() { Ok(()) } else { write(&ignore, b"*\n") }
    }

    /// Whether anything may be pending at all.
    pub fn holds_any(&self) -> bool {
        fs::read_dir(self.folder()).is_ok_and(|mut entries| entries.next().is_some())
    }

    /// Forgets what an earlier run left of a scenario file.
    ///
    /// # Errors
    /// When the file is there and cannot be removed.
    pub fn forget(&self, scenario: &str) -> io::Result<()> {
        match fs::remove_file(self.path(scenario)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// All that is pending, by scenario file; and the files that could not be read, which are set aside.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub fn all(&self) -> io::Result<(Vec<Pending>, Vec<Damage>)> {
        let entries = match fs::read_dir(self.folder()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
            Err(error) => return Err(error),
        };
        let (mut found, mut damaged) = (Vec::new(), Vec::new());
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match self.read(&path) {
                Ok(pending) => found.extend(pending),
                Err(why) => {
                    let aside = path.with_extension("damaged");
                    let path = if fs::rename(&path, &aside).is_ok() { aside } else { path };
                    damaged.push(Damage { path, why });
                }
            }
        }
        found.sort_by(|a, b| a.scenario.cmp(&b.scenario));
        damaged.sort_by(|a, b| a.path.cmp(&b.path));
        Ok((found, damaged))
    }

    /// Nothing where another process has taken the file away meanwhile.
    fn read(&self, path: &Path) -> Result<Option<Pending>, String> {
        let mut text = String::new();
        let read = fs::File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("it cannot be read: {error}")),
            Ok(length) if length as u64 > LONGEST => return Err("it is longer than any run writes it".to_owned()),
            Ok(_) => {}
        }
        let head: Head = serde_json::from_str(&text).map_err(|_| "it is not what a run writes".to_owned())?;
        if head.version != VERSION {
            return Err(format!("another version of callsheet wrote it (format {}, not {VERSION})", head.version));
        }
        let pending: Pending = serde_json::from_str(&text).map_err(|error| format!("it is damaged: {error}"))?;
        // What was copied from elsewhere speaks of other files.
        if self.path(&pending.scenario) != path {
            return Err("it lies under the name of another scenario file".to_owned());
        }
        Ok(Some(pending))
    }

    fn folder(&self) -> PathBuf {
        self.own.join("pending")
    }

    /// Readable by people, and yet one name a file: two folders may hold files of one name.
    fn path(&self, scenario: &str) -> PathBuf {
        let stem = Path::new(scenario).file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
        let stem: String = stem.chars().take(40).map(plain).collect();
        self.folder().join(format!("{stem}-{}.json", &sha256(scenario)[..16]))
    }
}

/// What every version of a pending file has.
#[derive(serde::Deserialize)]
struct Head {
    version: u32,
}

/// The SHA-256 of a text, in hexadecimal.
pub fn sha256(text: &str) -> String {
    digest(text.as_bytes())
}

/// The SHA-256 of bytes, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    aws_lc_rs::digest::digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file whole or not at all. One that is there keeps its rights; a link stays a link, and what it leads to is
/// replaced.
///
/// # Errors
/// When it cannot be written: then what was there still is.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".callsheet-").suffix(".tmp");
    let known = fs::metadata(&path).ok();
    if known.as_ref().is_some_and(|known| known.permissions().readonly()) {
        // To rename over it would work, and is not what its owner wants.
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    if let Some(known) = known {
        temporary.as_file().set_permissions(known.permissions())?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(&path)?;
    Ok(())
}
