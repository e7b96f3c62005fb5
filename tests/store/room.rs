//! A stage whose runs keep their tokens in a folder of the project.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use callsheet::mock::{Site, Violations};

use crate::support::{Outcome, Stage};

/// A call that takes a token, by provider.
pub(crate) const PROVIDERS: [(Site, &str); 4] = [
    (Site::Simacan, "  - get: \"{{ env.trips }}/trips/T-1001\"\n"),
    (Site::Lavanda, "  - post: \"{{ provider.lavanda.api }}\"\n    graphql: { query: \"{ viewer { id } }\" }\n"),
    (Site::Cognito, "  - get: \"{{ provider.cognito.api }}/items/item-1\"\n"),
    (Site::Gridshare, "  - get: \"{{ provider.gridshare.api }}/api/v1/devices/dev-1001\"\n"),
];

/// A stage with a store of its own.
pub(crate) struct Room {
    pub(crate) stage: Stage,
    pub(crate) site: Site,
}

impl Room {
    /// So many scenarios with that provider.
    pub(crate) fn of(site: Site, count: usize) -> Self {
        let call = PROVIDERS.iter().find(|(known, _)| *known == site).map(|(_, call)| *call).expect("a provider");
        let rows: String = (0..count).map(|row| format!("{row}\n")).collect();
        let scenario = format!("scenario: Many\nauth: {}\ncases: {{ file: cases.csv }}\nsteps:\n{call}", site.name());
        let stage = Stage::new().scenario(&scenario).with(|project| {
            let state = project.path("state");
            let state = state.to_str().expect("UTF-8");
            project.file("cases.csv", &format!("n\n{rows}")).variable("XDG_STATE_HOME", state)
        });
        Self { stage, site }
    }

    /// Changes the stage.
    pub(crate) fn with(self, change: impl FnOnce(Stage) -> Stage) -> Self {
        Self { stage: change(self.stage), ..self }
    }

    pub(crate) fn run(&self) -> Outcome {
        self.stage.run(&["-v"])
    }

    /// So many processes at once, each of which passes.
    #[track_caller]
    pub(crate) fn at_once(&self, processes: usize) {
        let project = &self.stage.project;
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..processes).map(|_| scope.spawn(|| project.run(&["-q"]))).collect();
            runs.into_iter().map(|run| run.join().expect("no panic")).collect()
        });
        for outcome in outcomes {
            outcome.exits(0).lacks("warning[store.un");
        }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.stage.project.path("state/callsheet/tokens")
    }

    /// The files of the store that end so.
    pub(crate) fn files(&self, ending: &str) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.folder()) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.to_string_lossy().ends_with(ending));
        files.sort();
        files
    }

    /// The one session there is.
    #[track_caller]
    pub(crate) fn file(&self) -> PathBuf {
        let files = self.files(".json");
        assert_eq!(files.len(), 1, "{files:?}");
        files.into_iter().next().expect("one")
    }

    #[track_caller]
    pub(crate) fn session(&self) -> serde_json::Value {
        let text = std::fs::read_to_string(self.file()).expect("the session is there");
        serde_json::from_str(&text).expect("the session is JSON")
    }

    /// Changes the session as it lies on disk.
    pub(crate) fn change(&self, change: impl FnOnce(&mut serde_json::Value)) {
        let mut session = self.session();
        change(&mut session);
        std::fs::write(self.file(), session.to_string()).expect("the session can be written");
    }

    /// Lets the access token end, by the clock of the session.
    pub(crate) fn expire(&self) {
        self.change(|session| {
            session["issued_at"] = moment(-3600).into();
            session["expires_at"] = moment(-1).into();
        });
    }

    /// Requests for tokens, in all.
    pub(crate) fn token_requests(&self) -> u64 {
        let counters = self.stage.mock.counters();
        counters.sites.get(&self.site).map(|site| site.token_requests.values().sum()).unwrap_or_default()
    }

    /// Requests for a new session.
    pub(crate) fn logins(&self) -> u64 {
        let refreshes = self.stage.token_requests(self.site, "refresh_token");
        self.token_requests() - refreshes
    }

    pub(crate) fn refreshes(&self) -> u64 {
        self.stage.mock.counters().sites.get(&self.site).map(|site| site.refreshes).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn nothing_was_violated(&self) {
        assert_eq!(self.stage.mock.counters().violations, Violations::default());
    }
}

/// The moment that is so many seconds ahead, as files have it.
pub(crate) fn moment(seconds: i64) -> String {
    let now = jiff::Timestamp::try_from(SystemTime::now()).expect("a year that there is");
    let moment = now + jiff::SignedDuration::from_secs(seconds);
    format!("{moment:.3}")
}

/// Waits until something holds that must come to pass.
#[track_caller]
pub(crate) fn wait(mut until: impl FnMut() -> bool) {
    let since = std::time::Instant::now();
    while !until() {
        assert!(since.elapsed() < Duration::from_secs(30), "it never came to that");
        std::thread::sleep(Duration::from_millis(2));
    }
}
