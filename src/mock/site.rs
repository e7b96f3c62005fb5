//! The sites of the mock: the four look-alike providers and the echo service, each under a path prefix of its own.
//! What differs between providers is written in their own modules; this only names them.

use serde::Serialize;

/// One of the services that the mock serves, each under its own path prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Site {
    /// Client credentials posted as JSON, and a GraphQL API.
    Lavanda,
    /// The machine-to-machine client of a Cognito user pool, and an API of items.
    Cognito,
    /// A password login with rotating refresh tokens, and an API of trips.
    Simacan,
    /// The authorization code flow with a login and a consent page, and an API of devices.
    Gridshare,
    /// Endpoints that answer what they are asked to, for tests of expectations.
    Echo,
}

impl Site {
    /// Every site, in the order in which they are documented.
    pub const ALL: [Self; 5] = [Self::Lavanda, Self::Cognito, Self::Simacan, Self::Gridshare, Self::Echo];

    /// The sites that issue tokens.
    pub const PROVIDERS: [Self; 4] = [Self::Lavanda, Self::Cognito, Self::Simacan, Self::Gridshare];

    /// The name of the site, which is also its first path segment.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lavanda => "lavanda",
            Self::Cognito => "cognito",
            Self::Simacan => "simacan",
            Self::Gridshare => "gridshare",
            Self::Echo => "echo",
        }
    }

    /// The site of that name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|site| site.name() == name)
    }
}

impl std::fmt::Display for Site {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}
