//! `signature`: with which keys the signature of a token is checked, and of which tokens.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::sending::OneOrMore;
use crate::jose::Algorithm;
use crate::source::{Diagnostic, Kind, Node, Read, Reader, Span, Spanned, Unread, mapping, suggestion};
use crate::template::{Reference, Template};

/// What the signatures of a token response must be.
#[derive(Debug, Clone)]
pub struct SignatureExpected {
    /// Where it stands.
    pub span: Span,
    /// Where the keys come from.
    pub keys: SignedBy,
    /// The tokens that are looked at.
    pub of: Vec<SignedToken>,
    /// The algorithms that are accepted; all that the keys may verify where there is none.
    pub alg: Vec<Spanned<String>>,
}

/// Where keys come from.
#[derive(Debug, Clone)]
pub enum SignedBy {
    /// The key set that the provider publishes.
    Provider,
    /// The key set at this URL.
    Url(Template),
    /// A file beside the scenario: a JWK Set, a JWK, a public key in PEM.
    File(Template),
    /// A shared secret.
    Secret(Template),
    /// The shared secret that the credential `client_secret` is.
    ClientSecret,
}

/// A token of a token response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedToken {
    /// `access_token`
    Access,
    /// `id_token`
    Id,
    /// The body of an answer that is a token; no token response has it.
    Body,
}

impl SignedToken {
    /// Its name in a token response.
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access_token",
            Self::Id => "id_token",
            Self::Body => "token",
        }
    }
}

mapping! {
    /// With which keys signatures are checked: at most one of `jwks`, `file` and `secret`.
    pub struct SignatureKeys("`signature`") {
        required {}
        optional {
            /// The URL of a key set. Without any key, the provider's own.
            "jwks" => jwks: Option<Template>,
            /// A file beside the scenario: a JWK Set, a JWK, a public key in PEM.
            "file" => file: Option<Template>,
            /// A shared secret, for HS256, HS384 and HS512.
            "secret" => secret: Option<Template>,
            /// The tokens that are looked at: `access_token` (the default), `id_token`, or both.
            "of" => of: Option<OneOrMore<SignedToken>>,
            /// The algorithms that are accepted; those of the keys unless given.
            "alg" => alg: Option<OneOrMore<Spanned<String>>>,
        }
    }
}

impl SignatureExpected {
    /// What its templates refer to.
    pub fn references(&self) -> impl Iterator<Item = (&Reference, Span)> {
        let template = match &self.keys {
            SignedBy::Url(template) | SignedBy::File(template) | SignedBy::Secret(template) => Some(template),
            SignedBy::Provider | SignedBy::ClientSecret => None,
        };
        template.into_iter().flat_map(Template::references)
    }
}

impl Read for SignatureExpected {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let access = vec![SignedToken::Access];
        if let Kind::String(text) = &node.kind {
            let keys = match &**text {
                "jwks" => SignedBy::Provider,
                "client_secret" => SignedBy::ClientSecret,
                url if url.starts_with("http://") || url.starts_with("https://") => {
                    SignedBy::Url(Template::read(node, reader)?)
                }
                // A file's name has a dot or a slash in it; without one it is a word that was meant.
                word if !word.contains(['.', '/', '\\', '{']) => {
                    let problem =
                        Diagnostic::error("format.signature", format!("`{word}` does not say where the keys are"))
                            .at(node.span, "");
                    return Err(reader.report(match suggestion(word, ["jwks", "client_secret"]) {
                        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                        None => problem.help("write `jwks` for the provider's keys, `client_secret`, the URL of a key set, or a file with keys"),
                    }));
                }
                _ => SignedBy::File(Template::read(node, reader)?),
            };
            return Ok(Self { span: node.span, keys, of: access, alg: Vec::new() });
        }
        if node.entries().is_none() {
            return Err(reader.expected("`jwks`, `client_secret`, a URL, a file, or a mapping", node));
        }
        let written = SignatureKeys::read(node, reader)?;
        let sources: Vec<_> = written.at.keys().filter(|(key, _)| matches!(*key, "jwks" | "file" | "secret")).collect();
        if let [(first, first_at), (second, second_at), ..] = sources[..] {
            let what = format!("the keys must come from one place, and this has both `{first}` and `{second}`");
            let problem =
                Diagnostic::error("format.signature", what).at(second_at, "the second").at(first_at, "the first");
            return Err(reader.report(problem.help("remove one of the two")));
        }
        let keys = match (written.jwks, written.file, written.secret) {
            (Some(url), ..) => SignedBy::Url(url),
            (_, Some(file), _) => SignedBy::File(file),
            (.., Some(secret)) => SignedBy::Secret(secret),
            _ => SignedBy::Provider,
        };
        let alg = written.alg.map(|alg| alg.0).unwrap_or_default();
        let known = Algorithm::ALL.map(Algorithm::word);
        let mut whole = Ok(());
        for other in alg.iter().filter(|alg| !known.contains(&&*alg.value)) {
            let problem = Diagnostic::error("format.value", format!("`{}` is not a signature algorithm", other.value))
                .at(other.span, "");
            whole = Err(reader.report(match suggestion(&other.value, known) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem.help(format!("the algorithms are {}", known.join(", "))),
            }));
        }
        whole?;
        Ok(Self { span: node.span, keys, of: written.of.map_or(access, |of| of.0), alg })
    }
}

impl JsonSchema for SignatureExpected {
    fn schema_name() -> Cow<'static, str> {
        "Signature".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let keys = generator.subschema_for::<SignatureKeys>();
        json_schema!({ "anyOf": [
            { "type": "string", "description": "`jwks`: the provider's own keys; `client_secret`; a URL; or a file of keys." },
            keys
        ] })
    }
}

impl Read for SignedToken {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match node.as_str() {
            Some("access_token") => Ok(Self::Access),
            Some("id_token") => Ok(Self::Id),
            _ => Err(reader.expected("`access_token` or `id_token`", node)),
        }
    }
}

impl JsonSchema for SignedToken {
    fn schema_name() -> Cow<'static, str> {
        "SignedToken".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": ["access_token", "id_token"] })
    }
}
