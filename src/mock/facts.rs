//! What a client of the look-alikes needs to know: where each is found, and with which credentials.
//! The credentials are for demonstration and public; some hold characters that careless encoding breaks.

use serde::Serialize;

use super::site::Site;

/// Where a look-alike is found and who may use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderFacts {
    /// The provider.
    pub site: Site,
    /// Its name, as a provider file would give it.
    pub name: &'static str,
    /// What the provider's documentation calls the address of its authorization service.
    pub base: String,
    /// The address of its API.
    pub api: String,
    /// The address of its key set.
    pub jwks: String,
    /// Who may use it; the first is the default.
    pub personas: Vec<Persona>,
}

/// A named set of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Persona {
    /// The persona's name: `default`, or the role it plays.
    pub name: &'static str,
    /// What it may do.
    pub about: &'static str,
    /// The credentials, as pairs of a name (`client_id`, `password`…) and a value.
    pub credentials: &'static [(&'static str, &'static str)],
}

/// The facts of every provider served at this address.
pub(super) fn of_every_provider(base: &str) -> Vec<ProviderFacts> {
    let providers = [
        (Site::Lavanda, "", "/v1", super::lavanda::PERSONAS.as_slice()),
        (Site::Cognito, "", "/api", super::cognito::PERSONAS.as_slice()),
        (Site::Simacan, "/api/v1", "/trips-api/v1", super::simacan::PERSONAS.as_slice()),
        (Site::Gridshare, "", "", super::gridshare::PERSONAS.as_slice()),
    ];
    providers
        .into_iter()
        .map(|(site, auth, api, personas)| {
            let root = format!("{base}/{site}");
            ProviderFacts {
                site,
                name: site.name(),
                base: format!("{root}{auth}"),
                api: format!("{root}{api}"),
                jwks: format!("{root}/.well-known/jwks.json"),
                personas: personas.to_vec(),
            }
        })
        .collect()
}
