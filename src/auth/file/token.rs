//! Where the members of a token response stand.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::jsonpath::JsonPath;
use crate::source::{Diagnostic, Node, Read, Reader, Unread, mapping};

mapping! {
    /// Where the members of a token response stand. Each is the name of RFC 6749, section 5.1, unless given.
    pub struct TokenFile("`token`") {
        required {}
        optional {
            /// The access token.
            "access_token" => access_token: Option<TokenPath>,
            /// The refresh token.
            "refresh_token" => refresh_token: Option<TokenPath>,
            /// The id token of OpenID Connect.
            "id_token" => id_token: Option<TokenPath>,
            /// The type.
            "token_type" => token_type: Option<TokenPath>,
            /// The lifetime in seconds.
            "expires_in" => expires_in: Option<TokenPath>,
            /// The moment it ends, where the answer says that in place of a lifetime: RFC 3339, or seconds since 1970.
            "expires_at" => expires_at: Option<TokenPath>,
            /// The scope that was granted.
            "scope" => scope: Option<TokenPath>,
        }
    }
}

impl TokenFile {
    /// Each member that is written, by its key.
    pub(in crate::auth) fn members(&self) -> impl Iterator<Item = (&'static str, &TokenPath)> {
        let members = [
            ("access_token", &self.access_token),
            ("refresh_token", &self.refresh_token),
            ("id_token", &self.id_token),
            ("token_type", &self.token_type),
            ("expires_in", &self.expires_in),
            ("expires_at", &self.expires_at),
            ("scope", &self.scope),
        ];
        members.into_iter().filter_map(|(key, path)| Some((key, path.as_ref()?)))
    }
}

/// A place in a token response; in the flow `custom` a variable, which is a place among all that was captured.
#[derive(Debug, Clone)]
pub struct TokenPath(pub JsonPath, pub(in crate::auth) Option<Arc<str>>);

impl Read for TokenPath {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(text) = node.as_str() else { return Err(reader.expected("a JSONPath", node)) };
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_name = text.chars().all(letter) && text.starts_with(|c: char| !c.is_ascii_digit());
        let (path, name) = if is_name { (format!("$.{text}"), Some(text.into())) } else { (text.to_owned(), None) };
        JsonPath::parse(&path).map(|path| Self(path, name)).map_err(|error| {
            let mut problem = Diagnostic::error("format.jsonpath", error.message.clone()).at(node.span, "");
            if let Some(hint) = error.hint {
                problem = problem.help(hint);
            }
            reader.report(problem)
        })
    }
}

impl JsonSchema for TokenPath {
    fn schema_name() -> Cow<'static, str> {
        "TokenPath".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(\\$|[A-Za-z_][A-Za-z0-9_]*$)",
            "description": "A JSONPath (RFC 9535); in the flow custom the name of a variable."
        })
    }
}
