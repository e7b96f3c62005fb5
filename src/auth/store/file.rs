//! Files that are whole or not there: written under another name, flushed to the disk, renamed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{StoreError, fault};

/// Makes the folder, for its owner alone; one that is there stays as it is.
pub(super) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| StoreError::Io { path: folder.to_owned(), source })
}

/// Puts a file in the place of another. Only the one who holds its lock may. `step` names the write for tests.
pub(super) fn write(path: &Path, bytes: &[u8], step: &str) -> Result<(), StoreError> {
    let failed = |source| StoreError::Io { path: path.to_owned(), source };
    // The name is always the same: what a writer that died has left is written over by the next.
    let new = path.with_extension("new");
    let written = write_new(&new, bytes, step).and_then(|()| {
        fs::rename(&new, path)?;
        fault::point(step, "renamed");
        sync_folder(path)
    });
    if written.is_err() {
        // Half a session is of no use to anybody; if it cannot be removed either, the next writer does.
        let _ = fs::remove_file(&new);
    }
    fault::point(step, "done");
    written.map_err(failed)
}

fn write_new(path: &Path, bytes: &[u8], step: &str) -> io::Result<()> {
    // One that is there may have the rights of whoever made it.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fault::point(step, "begun");
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    fault::point(step, "created");
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    file.write_all(first)?;
    fault::point(step, "half-written");
    file.write_all(rest)?;
    fault::point(step, "written");
    file.sync_all()?;
    fault::point(step, "synced");
    Ok(())
}

/// Removes a file; `false` where there was none.
pub(super) fn remove(path: &Path) -> Result<bool, StoreError> {
    fault::point("remove", "begun");
    let removed = fs::remove_file(path).and_then(|()| {
        fault::point("remove", "removed");
        sync_folder(path)
    });
    match removed {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(StoreError::Io { path: path.to_owned(), source }),
    }
}

/// Renames a file to `NAME.bad`, in place of the one that was set aside before.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let aside = path.with_extension("bad");
    fs::rename(path, &aside).map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
    Ok(aside)
}

/// Makes a renaming last: the name stands in the folder, not in the file.
fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened as a file, and need not be.
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
