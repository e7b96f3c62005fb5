//! What a provider's file leaves to the standards, as comments below it: the file stays one that can be read.

use crate::auth::{Field, Provider, SendPlace, TokenRequest};
use crate::source::Node;

/// The lines below the file; none where it leaves nothing out.
pub(super) fn in_comments(provider: &Provider, written: Option<&Node>) -> String {
    let mut lines = Vec::new();
    let key = |name: &str| written.and_then(|written| written.get(name));
    if let Some(endpoint) = provider.flow.token_endpoint() {
        lines.extend(request("login", &endpoint.login, key("login")));
        match &endpoint.refresh {
            Some(refresh) => lines.extend(request("refresh", &refresh.request, key("refresh"))),
            None => lines.push("# no refresh: after its end a token is asked for anew".to_owned()),
        }
        let token = key("token");
        let members = [
            ("access_token", &endpoint.token.access_token),
            ("refresh_token", &endpoint.token.refresh_token),
            ("id_token", &endpoint.token.id_token),
            ("token_type", &endpoint.token.token_type),
            ("expires_in", &endpoint.token.expires_in),
            ("scope", &endpoint.token.scope),
        ];
        let left = members.iter().filter(|(name, _)| token.and_then(|token| token.get(name)).is_none());
        let left: Vec<String> = left.map(|(name, path)| format!("{name}: {}", path.source())).collect();
        if !left.is_empty() {
            lines.push(format!("# token: {{ {} }}", left.join(", ")));
        }
    }
    if key("send").is_none()
        && let Some(send) = &provider.send
    {
        let place = match send.place {
            SendPlace::Header => "header",
            SendPlace::Query => "query",
            SendPlace::Cookie => "cookie",
        };
        lines.push(format!("# send: {{ {place}: {}, value: {} }}", send.name, quoted(send.value.text())));
    }
    if key("reauth_on").is_none() && provider.flow.token_endpoint().is_some() {
        lines.push("# reauth_on: [401]".to_owned());
    }
    if key("credentials").is_none() && !provider.credentials.is_empty() {
        let names: Vec<&str> = provider.credentials.iter().map(|credential| &*credential.name.value).collect();
        lines.push(format!("# credentials: {}", names.join(", ")));
    }
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "\n# What the file leaves out is filled in from the standards (RFC 6749, 6750, 7617):\n#\n{}\n",
        lines.join("\n")
    )
}

/// The keys of a token request that its file leaves out; all of them where there is no such request in it.
fn request(name: &str, request: &TokenRequest, written: Option<&Node>) -> Vec<String> {
    let lacks = |key: &str| written.and_then(|written| written.get(key)).is_none();
    let mut left = Vec::new();
    if lacks("post") {
        left.push(format!("post: {}", quoted(request.post.text())));
    }
    if lacks("encoding") {
        left.push(format!("encoding: {}", request.encoding.word()));
    }
    if lacks("client_auth") {
        left.push(format!("client_auth: {}", request.client_auth.word()));
    }
    if lacks("fields") {
        let text = |field: &Field| match field {
            Field::Text(template) => quoted(template.text()),
            Field::Scalar(written, _) => written.to_string(),
            Field::List(_) | Field::Mapping(_) => "…".to_owned(),
        };
        let fields: Vec<String> =
            request.fields.iter().map(|(name, field)| format!("{name}: {}", text(field))).collect();
        if !fields.is_empty() {
            left.push(format!("fields: {{ {} }}", fields.join(", ")));
        }
    }
    if lacks("timeout") {
        left.push(format!("timeout: {}", crate::source::Duration(request.timeout)));
    }
    if left.is_empty() {
        return Vec::new();
    }
    std::iter::once(format!("# {name}:")).chain(left.into_iter().map(|line| format!("#   {line}"))).collect()
}

/// A text as YAML has it.
pub(super) fn quoted(text: &str) -> String {
    let plain =
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}
