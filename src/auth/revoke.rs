//! Revocation (RFC 7009): a token is given back, so that nobody can use it any more.

use std::sync::Arc;

use minijinja::Value;

use super::broker::Broker;
use super::check::Check;
use super::discovery;
use super::error::{AuthError, Trouble};
use super::file::{ClientAuth, Encoding, Field};
use super::flow;
use super::identity::Identity;
use super::provider::TokenRequest;
use crate::secret::Secret;
use crate::source::{Duration, Keys, Spanned, mapping};
use crate::template::Template;

mapping! {
    /// The request that gives a token back (RFC 7009).
    pub struct RevokeFile("`revoke`") {
        required {}
        optional {
            /// The revocation endpoint. May be left out where there is `discovery`.
            "post" => post: Option<Template>,
            /// How the fields are written; `form` unless given.
            "encoding" => encoding: Option<Spanned<Encoding>>,
            /// How the client proves who it is; as for `login` unless given.
            "client_auth" => client_auth: Option<Spanned<ClientAuth>>,
            /// The fields, and no others; `token` and `token_type_hint` unless given.
            "fields" => fields: Option<Keys<Field>>,
            /// More header fields.
            "headers" => headers: Keys<Template>,
            /// How long the provider may take; as for `login` unless given.
            "timeout" => timeout: Option<Duration>,
        }
    }
}

/// What a revocation has at hand.
const VARIABLES: &[&str] = &["token", "token_type_hint", "scope"];

/// The request, with what the file leaves out taken from the login and from the standard.
pub(super) fn request(file: RevokeFile, login: &TokenRequest, check: &mut Check<'_, '_>) -> TokenRequest {
    let lacks = "`revoke` needs the key `post`";
    let post = discovery::or_discovered(file.post, "revocation_endpoint", lacks, file.at.span, check);
    check.template(&post, &[]);
    file.headers.iter().for_each(|(_, value)| check.template(value, VARIABLES));
    let mut request = login.clone();
    request.encoding = file.encoding.map_or(Encoding::Form, |encoding| encoding.value);
    if let Some(auth) = &file.client_auth {
        check.client_auth(auth.value, request.encoding, auth.span);
        request.client_auth = auth.value;
    } else if request.client_auth == ClientAuth::Json && request.encoding != Encoding::Json {
        request.client_auth = ClientAuth::Post;
    }
    request.post = post;
    request.headers = file.headers;
    request.timeout = file.timeout.map_or(login.timeout, |timeout| timeout.0);
    request.fields = if let Some(fields) = file.fields {
        fields.iter().for_each(|(name, field)| check.field(name, field, request.encoding, VARIABLES));
        fields.0.into_iter().map(|(name, field)| (name.value, field)).collect()
    } else {
        let client = request.client_auth == ClientAuth::None && check.declares("client_id");
        let standard = [("token", "{{ token }}"), ("token_type_hint", "{{ token_type_hint }}")];
        let client = client.then_some(("client_id", "{{ client_id }}"));
        let field = |(name, text): (&str, &str)| Some((name.into(), Field::Text(Template::parse(text).ok()?)));
        standard.into_iter().chain(client).filter_map(field).collect()
    };
    request
}

/// The kind of a token, in the words of RFC 7009, section 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `access_token`
    Access,
    /// `refresh_token`
    Refresh,
}

impl TokenKind {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Access => "access_token",
            Self::Refresh => "refresh_token",
        }
    }

    /// For people.
    pub fn told(self) -> &'static str {
        match self {
            Self::Access => "access token",
            Self::Refresh => "refresh token",
        }
    }
}

/// Gives a token back. That the provider did not know it is as good (section 2.2). `Ok(false)` where the provider's file
/// names no revocation endpoint.
///
/// # Errors
/// The provider refused, or there was no answer.
pub async fn revoke(
    broker: &Broker,
    identity: &Arc<Identity>,
    kind: TokenKind,
    token: &Secret,
) -> Result<bool, AuthError> {
    let Some(written) = &identity.provider.revoke else { return Ok(false) };
    let login = broker.looking(identity);
    login.redactor.learn(&identity.masked(kind.word()), token.expose());
    login.discover().await?;
    let scope = identity.scope.inner();
    scope.set("token", Value::from(token.expose()));
    scope.set("token_type_hint", Value::from(kind.word()));
    let request = login.build(written, &scope)?;
    let response = login.send(&request, None).await?;
    let status = response.status;
    if (200..300).contains(&status) {
        return Ok(true);
    }
    let said = Box::new(flow::said(&response, login.redactor));
    let what = format!("the revocation of the {}", kind.told()).into();
    let trouble = match status {
        429 | 500.. => {
            let retry_after = response.headers.get("retry-after").map(Box::from);
            Trouble::Unavailable { what, status, said, retry_after }
        }
        _ => Trouble::Refused { what, status, said },
    };
    Err(AuthError { request: Some(flow::line(&request).into()), ..identity.error(trouble) })
}
