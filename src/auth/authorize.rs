//! From the file to the requests that a person agrees to: the authorization request and the device authorization request,
//! with what the standards and the discovery document say filled in.

use std::sync::Arc;
use std::time::Duration;

use super::check::Check;
use super::discovery;
use super::file::{
    AuthorizeFile, By, DeviceFile, Encoding, Field, FlowName, LoginFile, Par, Pkce, ProviderFile, ResourceList,
    ScopeList,
};
use super::provider::{Authorize, TokenEndpoint, TokenRequest};
use super::standard;
use crate::source::{Diagnostic, Keys, Span, Written};
use crate::template::Template;

/// How long a person may take to log in.
const PATIENCE: Duration = Duration::from_mins(5);

/// Where a browser comes back to unless the file says otherwise: any free port of this machine (RFC 8252, section 7.3).
const LOOPBACK: &str = "http://127.0.0.1/callback";

/// Whether a login by this request needs a person.
pub(super) fn asks_person(authorize: Option<&AuthorizeFile>) -> bool {
    authorize.is_none_or(|authorize| way(authorize) != By::Form)
}

fn way(authorize: &AuthorizeFile) -> By {
    match &authorize.by {
        Some(by) => by.value,
        None if authorize.at.key("form").is_some() => By::Form,
        None => By::Browser,
    }
}

/// Where there is a discovery document, the mappings that would only name endpoints need not be written.
pub(super) fn fill_in(file: &mut ProviderFile) {
    let at = file.flow.span;
    let asks = matches!(
        file.flow.value,
        FlowName::ClientCredentials
            | FlowName::Password
            | FlowName::AuthorizationCode
            | FlowName::DeviceCode
            | FlowName::JwtBearer
            | FlowName::TokenExchange
    );
    if file.discovery.is_none() || !asks {
        return;
    }
    file.login.get_or_insert_with(|| unwritten_login(at));
    match file.flow.value {
        FlowName::AuthorizationCode => {
            file.authorize.get_or_insert_with(|| unwritten(at));
        }
        FlowName::DeviceCode => {
            file.device.get_or_insert_with(|| DeviceFile { post: None, fields: None, at: Written::new(at) });
        }
        _ => {}
    }
}

fn unwritten_login(at: Span) -> LoginFile {
    LoginFile {
        post: None,
        encoding: None,
        client_auth: None,
        fields: None,
        headers: Keys::default(),
        scope: ScopeList::default(),
        audience: None,
        resource: ResourceList::default(),
        timeout: None,
        at: Written::new(at),
    }
}

fn unwritten(at: Span) -> AuthorizeFile {
    AuthorizeFile {
        url: None,
        redirect_uri: None,
        scope: ScopeList::default(),
        pkce: None,
        params: Keys::default(),
        by: None,
        form: Keys::default(),
        par: None,
        nonce: None,
        timeout: None,
        at: Written::new(at),
    }
}

/// The authorization request, checked.
pub(super) fn request(flow: FlowName, file: AuthorizeFile, check: &mut Check<'_, '_>) -> Option<Authorize> {
    if flow != FlowName::AuthorizationCode {
        return None;
    }
    let (at, by) = (file.at.span, way(&file));
    let lacks = "`authorize` needs the key `url`";
    let url = discovery::or_discovered(file.url, "authorization_endpoint", lacks, at, check);
    check.template(&url, &[]);
    let redirect_uri =
        file.redirect_uri.unwrap_or_else(|| {
            if by != By::Browser {
                let what = format!("`authorize` with `by: {}` needs the key `redirect_uri`", by.word());
                check.reader.report(Diagnostic::error("format.missing-key", what).at(at, "").help(
                    "write the redirect URI that is registered for this client; only `by: browser` has a default",
                ));
            }
            Template::literal(LOOPBACK, at)
        });
    check.template(&redirect_uri, &[]);
    check.needs(&["client_id"], "the authorization request", at);
    file.scope.0.iter().for_each(|scope| check.template(scope, &[]));
    file.params.iter().for_each(|(_, value)| check.template(value, &["scope", "redirect_uri"]));
    file.form.iter().for_each(|(_, value)| check.template(value, &[]));
    inputs(&file.form, file.at.key("form"), file.by.as_ref().map(|by| by.span), by, at, check);
    let par = match file.par {
        Some(Par::Url(url)) => Some(url),
        Some(Par::Discovered(true)) => {
            let lacks = "`par: true` needs the key `discovery`";
            let endpoint = "pushed_authorization_request_endpoint";
            Some(discovery::or_discovered(None, endpoint, lacks, file.at.key("par").unwrap_or(at), check))
        }
        Some(Par::Discovered(false)) | None => None,
    };
    par.iter().for_each(|url| check.template(url, &[]));
    Some(Authorize {
        url,
        redirect_uri,
        pkce: file.pkce.unwrap_or(Pkce::S256),
        params: file.params,
        by,
        form: file.form,
        par,
        nonce: file.nonce,
        timeout: file.timeout.map_or(PATIENCE, |timeout| timeout.0),
    })
}

/// What `form` says must go with `by`.
fn inputs(
    form: &Keys<Template>,
    written: Option<Span>,
    by_at: Option<Span>,
    by: By,
    at: Span,
    check: &mut Check<'_, '_>,
) {
    let problem = match written {
        Some(form_at) if form.is_empty() => Diagnostic::error("provider.form", "`form` is empty")
            .at(form_at, "")
            .help("name the inputs of the login page: `form: { username: \"{{ username }}\", … }`")
            .help("or write `by: form` without `form`: then the inputs are guessed"),
        Some(form_at) if by != By::Form => Diagnostic::error(
            "provider.form",
            format!("`form` is not used with `by: {}`: a person fills in the page", by.word()),
        )
        .at(form_at, "")
        .at(by_at.unwrap_or(at), "")
        .help("write `by: form`, or remove `form`"),
        _ => {
            if by == By::Form && form.is_empty() {
                check.needs(&["username", "password"], "`by: form` without `form`", at);
            }
            return;
        }
    };
    check.reader.report(problem);
}

/// The device authorization request (RFC 8628, section 3.1). The client proves who it is as it does at the token endpoint.
pub(super) fn device_request(file: DeviceFile, endpoint: &TokenEndpoint, check: &mut Check<'_, '_>) -> TokenRequest {
    let at = file.at.span;
    let lacks = "`device` needs the key `post`";
    let post = discovery::or_discovered(file.post, "device_authorization_endpoint", lacks, at, check);
    check.template(&post, &[]);
    let mut request =
        TokenRequest { post, encoding: Encoding::Form, headers: Keys::default(), ..endpoint.login.clone() };
    if let Some(fields) = file.fields {
        fields.iter().for_each(|(name, field)| check.field(name, field, Encoding::Form, &["scope"]));
        request.fields = fields.0.into_iter().map(|(name, field)| (name.value, field)).collect();
    } else {
        check.needs(&["client_id"], "the device authorization request", at);
        request.fields = standard::with_client(vec![("scope", "{{ scope }}")], &request, check);
        for_services(&mut request, endpoint.audience.as_ref(), &endpoint.resource);
    }
    request
}

/// Names the services that a token is for.
pub(super) fn for_services(request: &mut TokenRequest, audience: Option<&Template>, resource: &[Template]) {
    let written = |request: &TokenRequest, name: &str| request.fields.iter().any(|(known, _)| &**known == name);
    if let Some(audience) = audience.filter(|_| !written(request, "audience")) {
        request.fields.push((Arc::from("audience"), Field::Text(audience.clone())));
    }
    if written(request, "resource") {
        return;
    }
    let mut each: Vec<Field> = resource.iter().cloned().map(Field::Text).collect();
    if request.encoding == Encoding::Json && each.len() > 1 {
        // A JSON object has each name once.
        each = vec![Field::List(each)];
    }
    request.fields.extend(each.into_iter().map(|one| (Arc::from("resource"), one)));
}
