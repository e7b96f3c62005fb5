//! The defaults of the standards: what a provider that follows RFC 6749 and RFC 6750 need not say.

use std::sync::Arc;
use std::time::Duration;

use super::check::Check;
use super::exchange::TokenExchange;
use super::file::{
    AuthorizeFile, ClientAuth, Encoding, Field, FlowName, LoginFile, Pkce, RefreshFile, ScopeList, TokenFile, TokenPath,
};
use super::provider::{Refresh, Send, SendPlace, TokenEndpoint, TokenMembers, TokenRequest};
use super::{authorize, discovery};
use crate::jsonpath::JsonPath;
use crate::source::{Diagnostic, Keys, Span, Spanned};
use crate::template::Template;

/// How long a provider may take unless its file says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How a token is sent (RFC 6750, section 2.1).
pub(super) fn send() -> Option<Send> {
    let value = Template::parse("Bearer {{ access_token }}").ok()?;
    Some(Send { place: SendPlace::Header, name: "Authorization".into(), value })
}

/// How a token is sent that may be bound to a key (RFC 9449, section 7.1); servers may answer with one that is not.
pub(super) fn send_with_proof() -> Option<Send> {
    let scheme = "{{ 'DPoP' if token_type | lower == 'dpop' else 'Bearer' }} {{ access_token }}";
    Some(Send { value: Template::parse(scheme).ok()?, ..send()? })
}

/// The token requests, with what the file leaves out filled in.
pub(super) fn endpoint(
    flow: FlowName,
    login: LoginFile,
    refresh: Option<RefreshFile>,
    token: Option<TokenFile>,
    authorize: Option<&AuthorizeFile>,
    exchange: Option<&TokenExchange>,
    check: &mut Check<'_, '_>,
) -> TokenEndpoint {
    let scope = match authorize.filter(|authorize| !authorize.scope.0.is_empty()) {
        Some(authorize) => authorize.scope.clone(),
        None => login.scope.clone(),
    };
    scope.0.iter().for_each(|part| check.template(part, &[]));
    let pkce =
        flow == FlowName::AuthorizationCode && authorize.is_some_and(|authorize| authorize.pkce != Some(Pkce::None));
    // An endpoint whose fields name no grant type is not the token endpoint of the RFC: nothing is known of how it renews.
    let standard = login.fields.as_ref().is_none_or(|fields| fields.get("grant_type").is_some());
    let (at, fields_at) = (login.at.span, login.at.key("fields"));
    let (audience, resource) = (login.audience, login.resource.0);
    audience.iter().chain(&resource).for_each(|template| check.template(template, &["scope"]));
    let mut first = request(
        flow.word(),
        Written {
            post: discovery::or_discovered(login.post, "token_endpoint", "`login` needs the key `post`", at, check),
            encoding: login.encoding,
            client_auth: login.client_auth,
            fields: login.fields,
            headers: login.headers,
            timeout: login.timeout.map(|timeout| timeout.0),
            at,
        },
        exchange.map_or_else(|| grant(flow, pkce), TokenExchange::grant),
        variables(flow),
        check,
    );
    if let Some(fields) = fields_at.filter(|_| pkce && !mentions(&first.fields, "code_verifier")) {
        check.reader.report(
            Diagnostic::error("provider.flow", "PKCE is on, but `fields` does not send the `code_verifier`")
                .at(fields, "")
                .help("add `code_verifier: \"{{ code_verifier }}\"`, or write `pkce: none` under `authorize`"),
        );
    }
    let renews_by_standard = refresh.as_ref().is_none_or(|refresh| refresh.fields.is_none());
    let refresh = match refresh {
        Some(file) => Some(renewal(file, &first, check)),
        // RFC 6749, section 4.4.3: client credentials come without a refresh token.
        None if standard && flow != FlowName::ClientCredentials => {
            let fields = with_client(refresh_grant(), &first, check);
            let request = TokenRequest { fields, ..first.clone() };
            Some(Refresh { request, rotates: false, rejected: None })
        }
        None => None,
    };
    authorize::for_services(&mut first, audience.as_ref(), &resource);
    let refresh = refresh.map(|mut refresh| {
        if renews_by_standard {
            authorize::for_services(&mut refresh.request, audience.as_ref(), &resource);
        }
        refresh
    });
    TokenEndpoint { login: first, refresh, token: members(token), scope, audience, resource }
}

/// What a file says of a token request.
struct Written {
    post: Template,
    encoding: Option<Spanned<Encoding>>,
    client_auth: Option<Spanned<ClientAuth>>,
    fields: Option<Keys<Field>>,
    headers: Keys<Template>,
    timeout: Option<Duration>,
    at: Span,
}

fn request(
    what: &str,
    file: Written,
    grant: Vec<(&'static str, &'static str)>,
    variables: &[&'static str],
    check: &mut Check<'_, '_>,
) -> TokenRequest {
    let json_auth = file.client_auth.as_ref().is_some_and(|auth| auth.value == ClientAuth::Json);
    let encoding = match &file.encoding {
        Some(encoding) => encoding.value,
        None if json_auth => Encoding::Json,
        None => Encoding::Form,
    };
    let (client_auth, auth_at) = match &file.client_auth {
        Some(auth) => (auth.value, auth.span),
        // Fields that name the secret themselves already say how the client authenticates.
        None if check.declares("client_secret") && !names_secret(file.fields.as_ref()) => (ClientAuth::Basic, file.at),
        None => (ClientAuth::None, file.at),
    };
    check.client_auth(client_auth, encoding, auth_at);
    check.template(&file.post, &[]);
    file.headers.iter().for_each(|(_, value)| check.template(value, variables));
    let mut request = TokenRequest {
        post: file.post,
        encoding,
        client_auth,
        fields: Vec::new(),
        headers: file.headers,
        timeout: file.timeout.unwrap_or(TIMEOUT),
    };
    request.fields = if let Some(fields) = file.fields {
        fields.iter().for_each(|(name, field)| check.field(name, field, encoding, variables));
        fields.0.into_iter().map(|(name, field)| (name.value, field)).collect()
    } else {
        for name in ["username", "password"].into_iter().filter(|name| grant.iter().any(|(key, _)| key == name)) {
            check.needs(&[name], &format!("the flow `{what}`"), file.at);
        }
        with_client(grant, &request, check)
    };
    request
}

fn names_secret(fields: Option<&Keys<Field>>) -> bool {
    fields.is_some_and(|fields| fields.iter().any(|(_, field)| field.refers_to("client_secret")))
}

fn mentions(fields: &[(Arc<str>, Field)], name: &str) -> bool {
    fields.iter().any(|(_, field)| field.refers_to(name))
}

/// A client that does not authenticate says who it is with `client_id` (RFC 6749, sections 3.2.1 and 4.1.3).
pub(super) fn with_client(
    mut grant: Vec<(&'static str, &'static str)>,
    request: &TokenRequest,
    check: &mut Check<'_, '_>,
) -> Vec<(Arc<str>, Field)> {
    if matches!(request.client_auth, ClientAuth::None | ClientAuth::Tls) && check.declares("client_id") {
        check.used.insert("client_id".into());
        grant.push(("client_id", "{{ client_id }}"));
    }
    let field = |(name, text): (&'static str, &'static str)| {
        Template::parse(text).ok().map(|template| (Arc::from(name), Field::Text(template)))
    };
    grant.into_iter().filter_map(field).collect()
}

/// The parameters of a flow's token request.
fn grant(flow: FlowName, pkce: bool) -> Vec<(&'static str, &'static str)> {
    let scope = ("scope", "{{ scope }}");
    match flow {
        FlowName::ClientCredentials => vec![("grant_type", "client_credentials"), scope],
        FlowName::Password => {
            vec![("grant_type", "password"), ("username", "{{ username }}"), ("password", "{{ password }}"), scope]
        }
        FlowName::AuthorizationCode => {
            let mut fields = vec![
                ("grant_type", "authorization_code"),
                ("code", "{{ code }}"),
                ("redirect_uri", "{{ redirect_uri }}"),
            ];
            if pkce {
                fields.push(("code_verifier", "{{ code_verifier }}"));
            }
            fields
        }
        FlowName::JwtBearer => {
            vec![("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", "{{ assertion }}"), scope]
        }
        // Its parameters are those of the exchange that the file describes.
        FlowName::TokenExchange => Vec::new(),
        FlowName::DeviceCode => {
            vec![("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", "{{ device_code }}")]
        }
        FlowName::Bearer | FlowName::ApiKey | FlowName::Basic | FlowName::Digest => Vec::new(),
        FlowName::AwsSigV4 | FlowName::Custom | FlowName::None => Vec::new(),
    }
}

fn refresh_grant() -> Vec<(&'static str, &'static str)> {
    vec![("grant_type", "refresh_token"), ("refresh_token", "{{ refresh_token }}")]
}

/// What a flow has at hand when it asks for the first token.
fn variables(flow: FlowName) -> &'static [&'static str] {
    match flow {
        FlowName::AuthorizationCode => &["scope", "code", "redirect_uri", "code_verifier"],
        FlowName::JwtBearer => &["scope", "assertion"],
        FlowName::TokenExchange => {
            &["scope", "subject_token", "subject_token_type", "actor_token", "actor_token_type", "requested_token_type"]
        }
        FlowName::DeviceCode => &["scope", "device_code"],
        _ => &["scope"],
    }
}

fn renewal(file: RefreshFile, login: &TokenRequest, check: &mut Check<'_, '_>) -> Refresh {
    let rejected = file.rejected.as_ref().and_then(|status| check.status(status));
    let at = file.at.span;
    let written = Written {
        post: file.post.unwrap_or_else(|| login.post.clone()),
        encoding: file.encoding.or_else(|| Some(Spanned::new(login.encoding, at))),
        client_auth: file.client_auth.or_else(|| Some(Spanned::new(login.client_auth, at))),
        fields: file.fields,
        headers: file.headers,
        timeout: file.timeout.map(|timeout| timeout.0).or(Some(login.timeout)),
        at,
    };
    let request = request("refresh", written, refresh_grant(), &["scope", "refresh_token"], check);
    Refresh { request, rotates: file.rotates, rejected }
}

fn members(file: Option<TokenFile>) -> TokenMembers {
    let expires_at = file.as_ref().and_then(|file| file.expires_at.clone());
    let (mut access_token, mut refresh_token, mut id_token, mut token_type, mut expires_in, mut scope) =
        (None, None, None, None, None, None);
    if let Some(file) = file {
        access_token = file.access_token;
        refresh_token = file.refresh_token;
        id_token = file.id_token;
        token_type = file.token_type;
        expires_in = file.expires_in;
        scope = file.scope;
    }
    let path = |given: Option<TokenPath>, name: &str| {
        given.map_or_else(|| JsonPath::parse(name).expect("a name of RFC 6749 is a JSONPath"), |path| path.0)
    };
    TokenMembers {
        access_token: path(access_token, "$.access_token"),
        refresh_token: path(refresh_token, "$.refresh_token"),
        id_token: path(id_token, "$.id_token"),
        token_type: path(token_type, "$.token_type"),
        expires_in: path(expires_in, "$.expires_in"),
        expires_at: expires_at.map(|path| path.0),
        scope: path(scope, "$.scope"),
    }
}

/// Where the members of a token stand among what a login of a service's own has captured.
pub(super) fn captured_members() -> TokenMembers {
    TokenMembers { expires_at: JsonPath::parse("$.expires_at").ok(), ..members(None) }
}

/// The default of a scope that nobody names.
pub(super) fn no_scope() -> &'static ScopeList {
    const NONE: &ScopeList = &ScopeList(Vec::new());
    NONE
}
