//! Where a report goes. A file is complete from the moment it is there: nobody ever finds half a report, and a report
//! that could not be written leaves the one before it alone.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::ReportError;

/// Where a report goes.
pub struct Destination {
    name: String,
    kind: Kind,
}

enum Kind {
    /// Something that is simply written to: standard output, a device, a pipe.
    Stream(Box<dyn Write + Send>),
    /// A file of the ordinary kind.
    File(PathBuf),
}

impl Destination {
    /// To a writer, which is called `name` in errors.
    pub fn stream(name: &str, writer: Box<dyn Write + Send>) -> Self {
        Self { name: name.to_owned(), kind: Kind::Stream(writer) }
    }

    /// To the file at `path`. Missing folders are made now, and it is tried whether files can be made there.
    ///
    /// # Errors
    ///
    /// When they cannot.
    pub fn file(path: &Path) -> Result<Self, ReportError> {
        let name = path.display().to_string();
        match Kind::of(path) {
            Ok(kind) => Ok(Self { name, kind }),
            Err(source) => Err(ReportError { path: name, source }),
        }
    }

    /// Writes the whole report.
    pub(crate) fn write(&mut self, with: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), ReportError> {
        let written = match &mut self.kind {
            Kind::Stream(writer) => whole(writer, with),
            Kind::File(path) => replace(path, with),
        };
        written.map_err(|source| ReportError { path: self.name.clone(), source })
    }

    /// Begins a report that is written bit by bit.
    pub(crate) fn grow(self) -> Result<Growing, ReportError> {
        let (out, place): (Box<dyn Write + Send>, _) = match self.kind {
            Kind::Stream(writer) => (writer, None),
            Kind::File(path) => {
                let partial = partial(&path);
                let file = File::create(&partial).map_err(|source| ReportError { path: self.name.clone(), source })?;
                (Box::new(file), Some((partial, path)))
            }
        };
        Ok(Growing { name: self.name, out: BufWriter::with_capacity(64 * 1024, out), place })
    }
}

impl Kind {
    fn of(path: &Path) -> io::Result<Self> {
        let folder = folder(path);
        if !folder.exists() {
            fs::create_dir_all(folder)?;
        }
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            // A link stays a link: what it leads to is replaced.
            Ok(found) if found.is_file() => Self::replaceable(fs::canonicalize(path)?),
            // `/dev/stderr` or a named pipe must not be replaced by a file.
            Ok(_) => Ok(Self::Stream(Box::new(File::options().write(true).open(path)?))),
            Err(_) => Self::replaceable(path.to_owned()),
        }
    }

    fn replaceable(path: PathBuf) -> io::Result<Self> {
        temporary(&path)?;
        Ok(Self::File(path))
    }
}

/// A report that is written bit by bit, beside the place where it will stand. Should the run be killed, what was
/// written until then is found there.
pub(crate) struct Growing {
    name: String,
    out: BufWriter<Box<dyn Write + Send>>,
    place: Option<(PathBuf, PathBuf)>,
}

impl Growing {
    /// Adds to it.
    pub(crate) fn write(&mut self, with: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), ReportError> {
        with(&mut self.out).map_err(|source| self.failed(source))
    }

    /// Sees to it that what was added is found, should the run be killed.
    pub(crate) fn flush(&mut self) -> Result<(), ReportError> {
        self.write(|out| out.flush())
    }

    /// Puts it in its place.
    pub(crate) fn finish(&mut self) -> Result<(), ReportError> {
        self.flush()?;
        match self.place.take() {
            Some((partial, path)) => fs::rename(partial, path).map_err(|source| self.failed(source)),
            None => Ok(()),
        }
    }

    fn failed(&mut self, source: io::Error) -> ReportError {
        if let Some((partial, _)) = self.place.take() {
            // Nothing is lost if this fails: the file is only in the way.
            let _ = fs::remove_file(partial);
        }
        ReportError { path: self.name.clone(), source }
    }
}

fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

fn whole(writer: impl Write, with: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut writer = BufWriter::with_capacity(64 * 1024, writer);
    with(&mut writer)?;
    writer.flush()
}

fn replace(path: &Path, with: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let temporary = temporary(path)?;
    whole(temporary.as_file(), with)?;
    temporary.persist(path)?;
    Ok(())
}

/// A temporary file in the folder of `path`, with the rights of any file made there: a CI server reads reports as
/// another user.
fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".callsheet-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder(path))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
