//! The providers a run knows: those compiled in, and the project's own over them. A built-in one is parsed only when it
//! is asked for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::provider::Provider;
use crate::source::{self, Diagnostic, Reader, Severity, SourceFile, Sources, suggestion};

/// The built-in providers: name and file.
macro_rules! built_in {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!("../../specs/providers/", $name, ".yaml")))),*] };
}

/// In the order of their names, by which they are looked up.
const BUILT_IN: &[(&str, &str)] = built_in!(
    "adyen"
    "amadeus"
    "atlassian"
    "auth0"
    "box"
    "cognito"
    "discord"
    "docusign"
    "dropbox"
    "entra_id"
    "github_app"
    "gitlab"
    "google_service_account"
    "gridshare"
    "hubspot"
    "intercom"
    "keycloak"
    "lavanda"
    "linkedin"
    "notion"
    "okta"
    "okta_api"
    "paypal"
    "pipedrive"
    "salesforce"
    "sendgrid"
    "shopify"
    "simacan"
    "slack"
    "spotify"
    "stripe"
    "twilio"
    "xero"
    "zendesk"
    "zoom"
);

/// The providers a run knows.
#[derive(Debug, Default)]
pub struct Catalogue {
    own: BTreeMap<Arc<str>, Arc<Provider>>,
    parsed: BTreeMap<&'static str, Arc<Provider>>,
}

impl Catalogue {
    /// The built-in providers alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider of the project; it stands in place of a built-in one of its name.
    ///
    /// # Errors
    /// Two files of the project that declare the same name.
    pub fn add(&mut self, provider: Provider) -> Result<(), Diagnostic> {
        let name = provider.name.clone();
        if let Some(other) = self.own.get(&name.value) {
            return Err(Diagnostic::error("provider.name", format!("two files declare the provider `{}`", name.value))
                .at(name.span, "")
                .at(other.name.span, "the first")
                .help("rename one of them, or remove it"));
        }
        self.own.insert(name.value, Arc::new(provider));
        Ok(())
    }

    /// The names of all providers, in their order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.own.keys().map(|name| &**name).chain(BUILT_IN.iter().map(|(name, _)| *name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The file of a built-in provider.
    pub fn built_in(name: &str) -> Option<&'static str> {
        entry(name).map(|(_, text)| text)
    }

    /// The provider of that name. The text of a built-in one is added to the sources, so that problems can point into
    /// it.
    ///
    /// # Errors
    /// There is no such provider; the caller adds the place that names it.
    pub fn find(&mut self, name: &str, sources: &mut Sources) -> Result<Arc<Provider>, Box<Diagnostic>> {
        if let Some(provider) = self.own.get(name).or_else(|| self.parsed.get(name)) {
            return Ok(provider.clone());
        }
        let Some((name, text)) = entry(name) else {
            return Err(Box::new(self.unknown(name)));
        };
        let file = sources.add(SourceFile::new(format!("(built in) specs/providers/{name}.yaml"), text));
        let mut reader = Reader::new(file, text);
        let read = match source::parse(file, text) {
            Ok(node) => Provider::read(&node, &mut reader, Path::new(".")).ok(),
            Err(problems) => {
                reader.problems.extend(problems);
                None
            }
        };
        match read {
            Some(provider) => {
                let provider = Arc::new(provider);
                self.parsed.insert(name, provider.clone());
                Ok(provider)
            }
            None => Err(Box::new(
                reader
                    .problems
                    .into_iter()
                    .find(|problem| problem.severity == Severity::Error)
                    .unwrap_or_else(|| Diagnostic::error("provider.unknown", format!("{name} cannot be read"))),
            )),
        }
    }

    /// The providers whose tokens a provider exchanges, and those whose tokens these exchange.
    ///
    /// # Errors
    /// One that is not there, and a circle, in which no token could be had first: at the name in the provider's file.
    pub fn others(
        &mut self,
        provider: &Arc<Provider>,
        sources: &mut Sources,
    ) -> Result<BTreeMap<String, Arc<Provider>>, Box<Diagnostic>> {
        let mut found = BTreeMap::new();
        self.follow(&mut vec![provider.clone()], sources, &mut found)?;
        Ok(found)
    }

    /// Looks at the last of `path`, whose elements wait for each other's tokens in their order.
    fn follow(
        &mut self,
        path: &mut Vec<Arc<Provider>>,
        sources: &mut Sources,
        found: &mut BTreeMap<String, Arc<Provider>>,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(last) = path.last().cloned() else { return Ok(()) };
        for whose in last.others() {
            let name = whose.provider.value.as_str();
            if path.iter().any(|before| &*before.name.value == name) {
                let first = &path[0].name.value;
                let others: Vec<&str> = path[1..].iter().map(|before| &*before.name.value).chain([name]).collect();
                let circle = others.join("`, which exchanges a token of `");
                let what = format!("no login can come first: `{first}` exchanges a token of `{circle}`");
                return Err(Box::new(
                    Diagnostic::error("provider.exchange", what)
                        .at(whose.provider.span, "")
                        .help("give one of these providers a flow with a login of its own"),
                ));
            }
            if found.contains_key(name) {
                continue;
            }
            let other = self.find(name, sources).map_err(|problem| Box::new(problem.at(whose.provider.span, "")))?;
            path.push(other.clone());
            self.follow(path, sources, found)?;
            path.pop();
            found.insert(name.to_owned(), other);
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> Diagnostic {
        let problem = Diagnostic::error("provider.unknown", format!("there is no provider `{name}`"));
        match suggestion(name, self.names()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => {
                problem.help("`callsheet provider list` lists all providers, `callsheet provider new` writes a new one")
            }
        }
    }
}

fn entry(name: &str) -> Option<(&'static str, &'static str)> {
    BUILT_IN.binary_search_by_key(&name, |(known, _)| *known).ok().map(|at| BUILT_IN[at])
}
