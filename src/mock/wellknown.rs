//! The documents a provider publishes about itself: its key set (RFC 7517) and its OpenID Connect
//! configuration (Discovery 1.0).

use serde_json::{Value, json};

use super::reply::Reply;
use super::site::Site;
use super::state::State;

/// The key set of a provider.
pub(super) fn jwks(state: &State, site: Site) -> Reply {
    let keys: Vec<_> = state.authority(site).map(|authority| &authority.key.jwk).into_iter().collect();
    Reply::ok(&json!({ "keys": keys }))
}

/// The configuration document of a provider.
pub(super) fn configuration(state: &State, site: Site) -> Reply {
    let Some(authority) = state.authority(site) else {
        return Reply::not_found("there is no such document");
    };
    let root = format!("{}/{site}", state.base);
    let mut document = json!({
        "issuer": authority.issuer,
        "jwks_uri": format!("{root}/.well-known/jwks.json"),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [format!("{:?}", authority.key.algorithm)],
    });
    let particular = match site {
        Site::Lavanda => json!({
            "token_endpoint": format!("{root}/v1/oauth2/token"),
            "grant_types_supported": ["client_credentials"],
            "scopes_supported": [super::lavanda::SCOPE],
            "token_endpoint_auth_methods_supported": ["client_secret_json"],
        }),
        Site::Cognito => json!({
            "token_endpoint": format!("{root}/oauth2/token"),
            "grant_types_supported": ["client_credentials"],
            "scopes_supported": super::cognito::SCOPES,
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }),
        Site::Simacan => json!({
            "token_endpoint": format!("{root}/api/v1/auth/password"),
            "grant_types_supported": ["password", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
        }),
        Site::Gridshare => json!({
            "authorization_endpoint": format!("{root}/oauth2/authorize"),
            "token_endpoint": format!("{root}/oauth2/token"),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "scopes_supported": super::gridshare::SCOPES,
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }),
        Site::Echo => Value::Null,
    };
    if let (Some(document), Value::Object(particular)) = (document.as_object_mut(), particular) {
        document.extend(particular);
    }
    Reply::ok(&document)
}
