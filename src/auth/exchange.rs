//! The token exchange of RFC 8693 as the file writes it, and what has been checked of it: whose token is exchanged, and
//! on whose behalf.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::check::Check;
use crate::source::{Diagnostic, Node, Read, Reader, Span, Spanned, Unread, mapping};
use crate::template::Template;

/// The type of a token unless the file says otherwise (RFC 8693, section 3).
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

mapping! {
    /// A token exchange (RFC 8693, section 2.1).
    pub struct ExchangeFile("`exchange`") {
        required {}
        optional {
            /// The provider whose token is exchanged, also `{ provider: NAME, as: PERSONA }`.
            "subject" => subject: Option<WhoseToken>,
            /// A token that is given, in place of `subject`.
            "subject_token" => subject_token: Option<Template>,
            /// Its type; that of an access token unless given.
            "subject_token_type" => subject_token_type: Option<Template>,
            /// The provider whose token acts for the subject.
            "actor" => actor: Option<WhoseToken>,
            /// A token that is given, in place of `actor`.
            "actor_token" => actor_token: Option<Template>,
            /// Its type; that of an access token unless given.
            "actor_token_type" => actor_token_type: Option<Template>,
            /// The type of the token that is asked for; the server's choice unless given.
            "requested_token_type" => requested_token_type: Option<Template>,
        }
    }
}

/// Whose token: a provider, and a persona unless it is that of the one who asks.
#[derive(Debug, Clone)]
pub struct WhoseToken {
    /// The provider.
    pub provider: Spanned<String>,
    /// The persona.
    pub persona: Option<Spanned<String>>,
}

mapping! {
    /// Whose token.
    pub struct WhoseTokenFile("whose token") {
        required {
            /// The provider.
            "provider" => provider: Spanned<String>,
        }
        optional {
            /// The persona; that of the scenario unless given.
            "as" => persona: Option<Spanned<String>>,
        }
    }
}

impl Read for WhoseToken {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if node.entries().is_some() {
            let file = WhoseTokenFile::read(node, reader)?;
            return Ok(Self { provider: file.provider, persona: file.persona });
        }
        Spanned::read(node, reader).map(|provider| Self { provider, persona: None })
    }
}

impl JsonSchema for WhoseToken {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WhoseToken".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A provider, also with a persona.",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": { "provider": { "type": "string" }, "as": { "type": "string" } },
                    "required": ["provider"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

/// A token exchange, whole and checked.
#[derive(Debug)]
pub struct TokenExchange {
    /// Whose rights are asked for.
    pub subject: Exchanged,
    /// Who acts for the subject.
    pub actor: Option<Exchanged>,
    /// The type of the token that is asked for.
    pub requested_token_type: Option<Template>,
}

/// A token that takes part in an exchange.
#[derive(Debug)]
pub struct Exchanged {
    /// Where it comes from.
    pub from: TokenSource,
    /// Its type.
    pub kind: Template,
}

/// Where a token comes from.
#[derive(Debug)]
pub enum TokenSource {
    /// From another provider's login.
    Login(WhoseToken),
    /// It is given.
    Given(Template),
}

impl TokenExchange {
    /// The providers whose tokens it takes.
    pub fn others(&self) -> impl Iterator<Item = &WhoseToken> {
        [Some(&self.subject), self.actor.as_ref()].into_iter().flatten().filter_map(|exchanged| match &exchanged.from {
            TokenSource::Login(bearer) => Some(bearer),
            TokenSource::Given(_) => None,
        })
    }

    /// Every template in it.
    pub(super) fn templates(&self) -> Vec<&Template> {
        let mut all = Vec::new();
        for exchanged in [Some(&self.subject), self.actor.as_ref()].into_iter().flatten() {
            all.push(&exchanged.kind);
            if let TokenSource::Given(template) = &exchanged.from {
                all.push(template);
            }
        }
        all.extend(&self.requested_token_type);
        all
    }

    /// The fields of its request that the standard names.
    pub(super) fn grant(&self) -> Vec<(&'static str, &'static str)> {
        let mut fields = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", "{{ subject_token }}"),
            ("subject_token_type", "{{ subject_token_type }}"),
        ];
        if self.actor.is_some() {
            fields.extend([("actor_token", "{{ actor_token }}"), ("actor_token_type", "{{ actor_token_type }}")]);
        }
        if self.requested_token_type.is_some() {
            fields.push(("requested_token_type", "{{ requested_token_type }}"));
        }
        fields.push(("scope", "{{ scope }}"));
        fields
    }
}

/// Checks an exchange and fills in what it leaves to the standard.
pub(super) fn whole(file: ExchangeFile, check: &mut Check<'_, '_>) -> Option<TokenExchange> {
    let at = file.at.span;
    let kind_of = |key| file.at.key(key);
    if let (None, None, Some(at)) = (&file.actor, &file.actor_token, kind_of("actor_token_type")) {
        check.reader.report(
            Diagnostic::error("provider.exchange", "`actor_token_type` is given, but no actor token")
                .at(at, "")
                .help("add `actor` or `actor_token`, or remove `actor_token_type`"),
        );
    }
    let subject = exchanged("subject", file.subject, file.subject_token, file.subject_token_type, at, check);
    let actor = exchanged("actor", file.actor, file.actor_token, file.actor_token_type, at, check);
    file.requested_token_type.iter().for_each(|kind| check.template(kind, &[]));
    if subject.is_none() {
        check.reader.report(
            Diagnostic::error("format.missing-key", "`exchange` does not say which token to exchange")
                .at(at, "")
                .help("write `subject: PROVIDER` or `subject_token: \"{{ … }}\"`"),
        );
    }
    Some(TokenExchange { subject: subject?, actor, requested_token_type: file.requested_token_type })
}

fn exchanged(
    what: &str,
    login: Option<WhoseToken>,
    given: Option<Template>,
    kind: Option<Template>,
    at: Span,
    check: &mut Check<'_, '_>,
) -> Option<Exchanged> {
    if let (Some(bearer), Some(given)) = (&login, &given) {
        check.reader.report(
            Diagnostic::error("provider.exchange", format!("`{what}` and `{what}_token` both say which token to use"))
                .at(bearer.provider.span, "one")
                .at(given.span(), "the other")
                .help("remove one of the two"),
        );
    }
    if let Some(persona) = login.as_ref().and_then(|bearer| bearer.persona.as_ref()).filter(|name| name.is_empty()) {
        check.reader.report(
            Diagnostic::error("format.value", "the name of a persona is empty")
                .at(persona.span, "")
                .help("give the name, or remove `persona`"),
        );
    }
    let from = match (login, given) {
        (Some(bearer), _) => TokenSource::Login(bearer),
        (None, given) => TokenSource::Given(given?),
    };
    if let TokenSource::Given(template) = &from {
        check.template(template, &[]);
    }
    kind.iter().for_each(|kind| check.template(kind, &[]));
    let kind = kind.unwrap_or_else(|| Template::literal(ACCESS_TOKEN, at));
    Some(Exchanged { from, kind })
}
