//! Where sessions are kept. The rules are a few lines, and no crate for them holds to the one that matters here: a state
//! folder, which is neither synchronised between machines nor thrown away as a cache is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Store;

/// How long tokens are kept.
#[derive(Debug, Clone, Default)]
pub enum Keeping {
    /// Every scenario has a token of its own, and nobody another's.
    None,
    /// As long as the run: all its scenarios share them.
    #[default]
    Memory,
    /// In a store that outlives the run. Those of the embedded providers, which end with the run, stay in memory.
    Disk(Store),
    /// As [`Keeping::Disk`], those of embedded providers too: the user has named the folder.
    All(Store),
}

impl Keeping {
    /// What `--token-store none|memory|PATH` says; without it, the state folder of the platform, and where there is none,
    /// memory. A relative path is looked up in `working`.
    pub fn of(option: Option<&str>, working: &Path) -> Self {
        match option {
            Some("none") => Self::None,
            Some("memory") => Self::Memory,
            Some(path) => Self::All(Store::at(working.join(path))),
            None => folder(|name| std::env::var_os(name)).map_or(Self::Memory, |folder| Self::Disk(Store::at(folder))),
        }
    }

    /// The store, where there is one.
    pub fn store(&self) -> Option<&Store> {
        match self {
            Self::Disk(store) | Self::All(store) => Some(store),
            Self::None | Self::Memory => None,
        }
    }
}

/// The folder of the store by the rules of the platform: `$XDG_STATE_HOME/callsheet/tokens`, where that is not set
/// `~/.local/state/callsheet/tokens`; on Windows `%LOCALAPPDATA%\callsheet\tokens`; on a Mac
/// `~/Library/Application Support/callsheet/tokens`. `None` where the environment names no such place.
pub fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // What is not absolute is to be ignored (XDG Base Directory Specification).
    let path = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = |below: &str| path("HOME").map(|home| home.join(below));
    let own = if cfg!(windows) {
        path("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home("Library/Application Support")
    } else {
        home(".local/state")
    };
    path("XDG_STATE_HOME").or(own).map(|state| state.join("callsheet").join("tokens"))
}
