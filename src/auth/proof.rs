//! What a login proves itself with beyond a password: JWTs that it signs (RFC 7521, RFC 7523) and the proofs of RFC 9449.
//! How the file writes them, and what has been checked of it.

use std::borrow::Cow;
use std::time::Duration as Time;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::check::Check;
use super::file::{ClientAuth, Encoding, Field, FlowName, ProviderFile};
use super::provider::{TokenEndpoint, TokenRequest};
use super::words;
use crate::jose::Algorithm;
use crate::source::{Diagnostic, Duration, Keys, Node, Read, Reader, Span, Spanned, Unread, mapping};
use crate::template::Template;

/// How long a JWT lives unless the file says otherwise.
const LIFETIME: Time = Time::from_mins(5);

mapping! {
    /// A JWT that the login signs.
    pub struct AssertionFile("an assertion") {
        required {}
        optional {
            /// The private key: PEM (PKCS#8, PKCS#1, SEC 1) or JWK. The credential `private_key` unless given; for
            /// `client_secret_jwt`, `client_secret`.
            "key" => key: Option<Template>,
            /// The algorithm; unless given, RS256 for RSA keys, ES256 or ES384 by the curve, EdDSA for Ed25519 keys and
            /// HS256 for secrets.
            "alg" => alg: Option<Spanned<Algorithm>>,
            /// Which key it is, for the header; that of a JWK unless given.
            "kid" => kid: Option<Template>,
            /// Who it is for: the claim `aud`. The token endpoint unless given.
            "audience" => audience: Option<Template>,
            /// How long it lives; `5m` unless given.
            "lifetime" => lifetime: Option<Duration>,
            /// More claims, or others in place of the usual ones; `null` leaves one out.
            "claims" => claims: Keys<Field>,
            /// More members of the header, or others in place of the usual ones.
            "headers" => headers: Keys<Field>,
        }
    }
}

/// Whether access tokens are bound to a key of the session (RFC 9449): `true`, or how.
#[derive(Debug, Clone)]
pub struct DpopFile {
    /// Whether they are.
    pub on: bool,
}

mapping! {
    /// How proofs of possession are signed.
    pub struct DpopKeyFile("`dpop`") {
        required {}
        optional {
            /// The algorithm; ES256 is the only one.
            "alg" => alg: Option<Spanned<Algorithm>>,
        }
    }
}

impl Read for Algorithm {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(word) = node.as_str() else { return Err(reader.expected("a signature algorithm", node)) };
        let known = Self::ALL.map(Self::word);
        Self::parse(word).ok_or_else(|| words::unknown("a signature algorithm", word, &known, node, reader))
    }
}

impl JsonSchema for Algorithm {
    fn schema_name() -> Cow<'static, str> {
        "SignatureAlgorithm".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::ALL.map(Self::word) })
    }
}

impl Read for DpopFile {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if node.entries().is_none() {
            return bool::read(node, reader).map(|on| Self { on });
        }
        let file = DpopKeyFile::read(node, reader)?;
        match file.alg {
            Some(alg) if alg.value != Algorithm::ES256 => Err(reader.report(
                Diagnostic::error("provider.alg", format!("`dpop` cannot sign with {}", alg.value.word()))
                    .at(alg.span, "")
                    .help("write `dpop: true`, which signs with ES256"),
            )),
            _ => Ok(Self { on: true }),
        }
    }
}

impl JsonSchema for DpopFile {
    fn schema_name() -> Cow<'static, str> {
        "Dpop".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Whether access tokens are bound to a key of the session (RFC 9449).",
            "anyOf": [
                { "type": "boolean" },
                { "type": "object", "properties": { "alg": { "enum": ["ES256"] } }, "additionalProperties": false }
            ]
        })
    }
}

/// A JWT that the login signs, whole and checked.
#[derive(Debug)]
pub struct Assertion {
    /// The key.
    pub key: Template,
    /// Whether the other side has the same key: a secret.
    pub shared: bool,
    /// The algorithm; `None` for that of the key's kind.
    pub alg: Option<Spanned<Algorithm>>,
    /// Which key it is.
    pub kid: Option<Template>,
    /// The claim `aud`; `None` for the token endpoint.
    pub audience: Option<Template>,
    /// How long it lives.
    pub lifetime: Time,
    /// Claims beside or in place of the usual ones.
    pub claims: Keys<Field>,
    /// Members of the header.
    pub headers: Keys<Field>,
    /// The key of the file it stands under.
    pub name: &'static str,
    /// Where it stands, or what asks for it.
    pub at: Span,
}

impl Assertion {
    /// Every template in it.
    pub(super) fn templates(&self) -> Vec<&Template> {
        let fields = self.claims.iter().chain(self.headers.iter()).flat_map(|(_, field)| field.templates());
        [&self.key].into_iter().chain(&self.kid).chain(&self.audience).chain(fields).collect()
    }
}

/// Reports keys of this file that the flow does not have, and those it lacks.
pub(super) fn keys_of_flow(file: &ProviderFile, reader: &mut Reader<'_>) {
    let flow = file.flow.value;
    let asks = !matches!(
        flow,
        FlowName::Bearer
            | FlowName::ApiKey
            | FlowName::Basic
            | FlowName::Digest
            | FlowName::AwsSigV4
            | FlowName::Custom
            | FlowName::None
    );
    for (key, fits, needed) in [
        ("client_assertion", asks, false),
        ("dpop", asks, false),
        ("assertion", flow == FlowName::JwtBearer, true),
        ("exchange", flow == FlowName::TokenExchange, true),
    ] {
        let problem = match file.at.key(key) {
            Some(at) if !fits => {
                Diagnostic::error("provider.flow", format!("`{key}` does not belong to the flow `{}`", flow.word()))
                    .at(at, "")
                    .help("remove it, or choose another flow")
            }
            None if fits && needed => {
                Diagnostic::error("format.missing-key", format!("the flow `{}` needs the key `{key}`", flow.word()))
                    .help(format!(
                        "`callsheet provider new NAME --flow {}` writes a complete file to compare with",
                        flow.word()
                    ))
            }
            _ => continue,
        };
        let label = if fits { "" } else { "the flow" };
        reader.report(problem.at(file.flow.span, label));
    }
}

/// The assertion of the flow `jwt_bearer`.
pub(super) fn assertion(file: AssertionFile, check: &mut Check<'_, '_>) -> Option<Assertion> {
    let shared = file.alg.as_ref().is_some_and(|alg| alg.value.is_symmetric());
    let at = file.at.span;
    whole(file, "assertion", shared, at, check)
}

/// How the client is to sign, where a request of the token endpoint, or the revocation, asks for that.
pub(super) fn signing(endpoint: Option<&TokenEndpoint>, revoke: Option<&TokenRequest>) -> Option<ClientAuth> {
    let refresh = endpoint.and_then(|endpoint| endpoint.refresh.as_ref()).map(|refresh| &refresh.request);
    let requests = endpoint.map(|endpoint| &endpoint.login).into_iter().chain(refresh).chain(revoke);
    requests.map(|request| request.client_auth).find(|auth| auth.signs())
}

/// With what the client signs. `asks` tells whether there is a token endpoint at all.
pub(super) fn client_assertion(
    file: Option<AssertionFile>,
    asks: bool,
    auth: Option<ClientAuth>,
    client_auth_at: Option<Span>,
    check: &mut Check<'_, '_>,
) -> Option<Assertion> {
    let at = file.as_ref().map(|file| file.at.span).or(client_auth_at).unwrap_or_default();
    let Some(auth) = auth else {
        if let (Some(file), true) = (file, asks) {
            check.reader.report(
                Diagnostic::error("provider.flow", "`client_assertion` is never used")
                    .at(file.at.span, "")
                    .help("write `client_auth: private_key_jwt` or `client_auth: client_secret_jwt` under `login`"),
            );
        }
        return None;
    };
    let shared = auth == ClientAuth::ClientSecretJwt;
    if let Some(alg) = file.as_ref().and_then(|file| file.alg.as_ref()).filter(|alg| alg.value.is_symmetric() != shared)
    {
        let (signs, other) =
            if shared { ("HS256, HS384 or HS512", "private_key_jwt") } else { ("a private key", "client_secret_jwt") };
        check.reader.report(
            Diagnostic::error(
                "provider.alg",
                format!("`{}` signs with {signs}, not {}", auth.word(), alg.value.word()),
            )
            .at(alg.span, "")
            .help(format!("choose another `alg`, or write `client_auth: {other}`")),
        );
        return None;
    }
    let file = file.unwrap_or_else(|| AssertionFile {
        key: None,
        alg: None,
        kid: None,
        audience: None,
        lifetime: None,
        claims: Keys::default(),
        headers: Keys::default(),
        at: crate::source::Written::default(),
    });
    whole(file, "client_assertion", shared, at, check)
}

fn whole(
    file: AssertionFile,
    name: &'static str,
    shared: bool,
    at: Span,
    check: &mut Check<'_, '_>,
) -> Option<Assertion> {
    let key = if let Some(key) = file.key {
        check.template(&key, &[]);
        key
    } else {
        let credential = if shared { "client_secret" } else { "private_key" };
        check.needs(&[credential], &format!("`{name}` without a `key`"), at);
        Template::parse(&format!("{{{{ {credential} }}}}")).ok()?
    };
    file.kid.iter().chain(&file.audience).for_each(|template| check.template(template, &["scope"]));
    for (name, field) in file.claims.iter().chain(file.headers.iter()) {
        check.field(name, field, Encoding::Json, &["scope"]);
    }
    let lifetime = file.lifetime.map_or(LIFETIME, |lifetime| lifetime.0);
    if lifetime < Time::from_secs(1) {
        check.reader.report(
            Diagnostic::error("format.value", "the lifetime of a JWT must be at least one second")
                .at(file.at.value("lifetime").unwrap_or(at), "")
                .help("for example `lifetime: 5m`"),
        );
    }
    Some(Assertion {
        key,
        shared,
        alg: file.alg,
        kid: file.kid,
        audience: file.audience,
        lifetime,
        claims: file.claims,
        headers: file.headers,
        name,
        at,
    })
}
