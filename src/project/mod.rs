//! A project: its root, its configuration, its files, and the environment that a run is against.

mod cases;
mod config;
mod environment;
mod load;
mod read;
mod snapshots;

pub use config::{Config, Defaults, Environment, SecretSource, Serve};
pub use environment::{Selected, Settings};
pub use load::{FragmentFile, Loaded, PROJECT_FILE, Project, ScenarioFile, load, load_providers};
pub use snapshots::{SnapshotFolder, Stale, Used};
