//! The run: scenarios at once, their steps in order, everything that happens told to the dispatcher.

mod auth_check;
mod call;
mod capture;
mod cut;
mod dispatcher;
mod executor;
mod gather;
mod identity;
mod limit;
mod record;
mod request;
mod scenario;
mod scrutiny;
mod signature;
mod snapshot;
mod step;
mod stop;

pub use executor::{Environment, Options, run};
pub use gather::Gathering;
pub use identity::{Elsewhere, Identities, Sources};
pub use record::quoted;
pub use snapshot::Snapshots;
pub use stop::{Stop, Stopper};
