//! From the file to the [`Provider`]: the standards' defaults filled in, and everything refused that could only fail
//! later.

use std::path::Path;

use super::authorize;
use super::check::{self, Check};
use super::file::{ClientAuth, CredentialSpec, FlowName, ProviderFile, SendFile, SignFile};
use super::provider::{Credential, Flow, Provider, Send, SendPlace, Sign};
use super::requests;
use super::{exchange, proof, revoke, standard};
use crate::source::{Diagnostic, Keys, Reader, Severity, Span, Spanned, Unread};

/// Checks a provider file and fills in what it leaves to the standards.
pub(super) fn provider(mut file: ProviderFile, reader: &mut Reader<'_>, folder: &Path) -> Result<Provider, Unread> {
    let before = errors(reader);
    let flow = file.flow.value;
    check_name(&file.name, reader);
    keys_of_flow(&file, reader);
    proof::keys_of_flow(&file, reader);
    authorize::fill_in(&mut file);
    let client_auth = file.login.as_ref().and_then(|login| login.client_auth.as_ref()).map(|auth| auth.value);
    let signs_at = signs_at(&file);
    let dpop = file.dpop.as_ref().is_some_and(|dpop| dpop.on);
    let given = file.credentials.is_some();
    let asks_person = authorize::asks_person(file.authorize.as_ref());
    let credentials = credentials(flow, asks_person, client_auth, file.credentials, &file.flow, reader);
    let environments = file.environments.unwrap_or_default();
    let mut check = Check::new(reader, &credentials, &environments);
    check.discovers = file.discovery.is_some();

    check.environments(&environments);
    for credential in &credentials {
        credential.default.iter().for_each(|default| check.template(default, &[]));
    }
    let requests = file.requests.filter(|_| flow == FlowName::Custom);
    let (custom, token) = requests::custom(requests, file.token, file.send.as_ref(), &mut check);
    let send = send(flow, file.send.as_ref(), &mut check, file.flow.span);
    let send = if dpop && file.send.is_none() { standard::send_with_proof() } else { send };
    let assertion = match (flow, file.assertion) {
        (FlowName::JwtBearer, Some(assertion)) => proof::assertion(assertion, &mut check),
        _ => None,
    };
    let exchange = match (flow, file.exchange) {
        (FlowName::TokenExchange, Some(exchange)) => exchange::whole(exchange, &mut check),
        _ => None,
    };
    let endpoint = match file.login {
        Some(login) => {
            let authorize = file.authorize.as_ref();
            let grant = exchange.as_ref();
            Some(standard::endpoint(flow, login, file.refresh, token, authorize, grant, &mut check))
        }
        None => None,
    };
    let revoke = file.revoke.and_then(|file| Some(revoke::request(file, &endpoint.as_ref()?.login, &mut check)));
    let signs = proof::signing(endpoint.as_ref(), revoke.as_ref());
    let client_assertion =
        proof::client_assertion(file.client_assertion, endpoint.is_some(), signs, signs_at, &mut check);
    let device = file.device.zip(endpoint.as_ref());
    let device = device.map(|(device, endpoint)| authorize::device_request(device, endpoint, &mut check));
    let authorize = file.authorize.and_then(|authorize| authorize::request(flow, authorize, &mut check));
    for url in file.jwks.iter().chain(&file.discovery).chain(&file.issuer) {
        check.template(url, &[]);
    }
    let sign =
        file.sign.filter(|_| flow == FlowName::AwsSigV4).map(|sign| sign_requests(sign, file.flow.span, &mut check));
    let reauth_on = file.reauth_on.unwrap_or_else(|| vec![Spanned::new(401, Span::default())]);
    let reauth_on = reauth_on.into_iter().filter_map(|status| check.status(&status)).collect();
    if given {
        check.unused(&credentials);
    }
    let flow = match (flow, endpoint, authorize) {
        (FlowName::JwtBearer, Some(endpoint), _) => Flow::JwtBearer(assertion.ok_or(Unread)?, endpoint),
        (FlowName::TokenExchange, Some(endpoint), _) => Flow::TokenExchange(exchange.ok_or(Unread)?, endpoint),
        (FlowName::ClientCredentials, Some(endpoint), _) => Flow::ClientCredentials(endpoint),
        (FlowName::Password, Some(endpoint), _) => Flow::Password(endpoint),
        (FlowName::AuthorizationCode, Some(endpoint), Some(authorize)) => Flow::AuthorizationCode(authorize, endpoint),
        (FlowName::DeviceCode, Some(endpoint), _) if device.is_some() => {
            Flow::DeviceCode(device.ok_or(Unread)?, endpoint)
        }
        (FlowName::Bearer, ..) => Flow::Bearer,
        (FlowName::ApiKey, ..) => Flow::ApiKey,
        (FlowName::Basic, ..) => Flow::Basic,
        (FlowName::Digest, ..) => Flow::Digest,
        (FlowName::AwsSigV4, ..) => Flow::AwsSigV4(sign.ok_or(Unread)?),
        (FlowName::Custom, ..) => Flow::Custom(custom.ok_or(Unread)?),
        (FlowName::None, ..) => Flow::None,
        _ => return Err(unfinished(&file.flow, before, check.reader)),
    };
    if errors(reader) > before {
        return Err(Unread);
    }
    Ok(Provider {
        name: Spanned::new(file.name.value.as_str().into(), file.name.span),
        title: file.title,
        docs: file.docs,
        flow,
        environments,
        credentials,
        client_assertion,
        dpop,
        send,
        revoke,
        reauth_on,
        jwks: file.jwks,
        discovery: file.discovery,
        issuer: file.issuer,
        folder: folder.into(),
        written: Box::default(),
    })
}

/// Reports a name that environment variables could not be named after.
fn check_name(name: &Spanned<String>, reader: &mut Reader<'_>) {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        reader.report(
            Diagnostic::error("provider.name", format!("`{}` is not a valid name for a provider", name.value))
                .at(name.span, "")
                .help("use only letters, digits, `-` and `_`: the environment variables of its credentials start with this name"),
        );
    }
}

/// Where the file says that the client signs.
fn signs_at(file: &ProviderFile) -> Option<Span> {
    let login = file.login.as_ref().and_then(|login| login.client_auth.as_ref());
    let revoke = file.revoke.as_ref().and_then(|revoke| revoke.client_auth.as_ref());
    login.into_iter().chain(revoke).find(|auth| auth.value.signs()).map(|auth| auth.span)
}

/// What requests are signed for, and with what.
fn sign_requests(file: SignFile, at: Span, check: &mut Check<'_, '_>) -> Sign {
    check.template(&file.service, &[]);
    check.template(&file.region, &[]);
    check.needs(&["access_key_id", "secret_access_key"], "the flow `aws_sigv4`", at);
    check.used.insert("session_token".into());
    Sign { service: file.service, region: file.region }
}

/// A flow that lacks something. What it is has been reported; if not, it is said here that something is, so that no
/// provider vanishes without a word.
fn unfinished(flow: &Spanned<FlowName>, before: usize, reader: &mut Reader<'_>) -> Unread {
    if errors(reader) == before {
        let what = format!("the flow `{}` lacks something that a login needs", flow.value.word());
        reader.report(Diagnostic::error("provider.flow", what).at(flow.span, ""));
    }
    Unread
}

fn errors(reader: &Reader<'_>) -> usize {
    reader.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
}

/// Reports keys that the flow does not have, and those it lacks.
fn keys_of_flow(file: &ProviderFile, reader: &mut Reader<'_>) {
    let flow = file.flow.value;
    let (needs, has): (&[&str], &[&str]) = match flow {
        FlowName::JwtBearer | FlowName::TokenExchange => (&["login"], &["login", "refresh", "token", "send"]),
        FlowName::ClientCredentials | FlowName::Password => (&["login"], &["login", "refresh", "token", "send"]),
        FlowName::AuthorizationCode => (&["authorize", "login"], &["authorize", "login", "refresh", "token", "send"]),
        FlowName::DeviceCode => (&["device", "login"], &["device", "login", "refresh", "token", "send"]),
        FlowName::ApiKey => (&["send"], &["send"]),
        FlowName::Bearer | FlowName::Basic => (&[], &["send"]),
        FlowName::AwsSigV4 => (&["sign"], &["sign"]),
        FlowName::Custom => (&["requests"], &["requests", "token", "send"]),
        FlowName::Digest | FlowName::None => (&[], &[]),
    };
    let discovered = |key: &str| file.discovery.is_some() && matches!(key, "authorize" | "login" | "device");
    for key in needs.iter().filter(|key| file.at.key(key).is_none() && !discovered(key)) {
        reader.report(
            Diagnostic::error("format.missing-key", format!("the flow `{}` needs the key `{key}`", flow.word()))
                .at(file.flow.span, "")
                .help(format!(
                    "`callsheet provider new NAME --flow {}` writes a complete file to compare with",
                    flow.word()
                )),
        );
    }
    let has: Vec<&str> = has.iter().copied().chain(has.contains(&"refresh").then_some("revoke")).collect();
    for key in ["authorize", "device", "login", "refresh", "revoke", "requests", "sign", "token", "send"] {
        if let Some(at) = file.at.key(key).filter(|_| !has.contains(&key)) {
            reader.report(
                Diagnostic::error("provider.flow", format!("`{key}` does not belong to the flow `{}`", flow.word()))
                    .at(at, "")
                    .at(file.flow.span, "the flow")
                    .help("remove it, or choose another flow"),
            );
        }
    }
}

/// The credentials of the file, or those that the flow's standard names.
fn credentials(
    flow: FlowName,
    asks_person: bool,
    client_auth: Option<ClientAuth>,
    written: Option<Keys<CredentialSpec>>,
    at: &Spanned<FlowName>,
    reader: &mut Reader<'_>,
) -> Vec<Credential> {
    let Some(written) = written else {
        let proof = match client_auth {
            Some(ClientAuth::PrivateKeyJwt) => &["private_key"],
            Some(ClientAuth::Tls) => &[][..],
            Some(ClientAuth::Basic | ClientAuth::Post | ClientAuth::Json | ClientAuth::ClientSecretJwt) => {
                &["client_secret"]
            }
            // A client on a person's machine keeps no secret (RFC 8252, section 8.5).
            _ if flow == FlowName::DeviceCode || flow == FlowName::AuthorizationCode && asks_person => &[],
            _ => &["client_secret"],
        };
        let names: &[&str] = match flow {
            FlowName::ClientCredentials
            | FlowName::TokenExchange
            | FlowName::AuthorizationCode
            | FlowName::DeviceCode => &["client_id"],
            FlowName::JwtBearer => &["client_id", "private_key"],
            FlowName::Password | FlowName::Basic | FlowName::Digest => &["username", "password"],
            FlowName::Bearer => &["token"],
            FlowName::ApiKey => &["api_key"],
            FlowName::AwsSigV4 => &["access_key_id", "secret_access_key", "session_token"],
            FlowName::Custom | FlowName::None => &[],
        };
        let of_client = names == ["client_id"];
        let of_person: &[&str] =
            if flow == FlowName::AuthorizationCode && !asks_person { &["username", "password"] } else { &[] };
        let names = names.iter().chain(proof.iter().filter(|_| of_client)).chain(of_person);
        let credential = |name: &&str| Credential {
            name: Spanned::new((*name).into(), at.span),
            secret: names_a_secret(name),
            prompt: None,
            default: None,
            optional: *name == "session_token",
            shared: matches!(flow, FlowName::AuthorizationCode | FlowName::DeviceCode)
                && !matches!(*name, "username" | "password"),
        };
        return names.map(credential).collect();
    };
    let mut credentials: Vec<Credential> = Vec::new();
    for (name, spec) in written.0 {
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.starts_with(|c: char| c.is_ascii_alphabetic());
        if check::RESERVED.contains(&&*name.value) || !plain {
            let why = if plain {
                "this name already has a meaning in templates: choose another one"
            } else {
                "use only letters, digits and `_`"
            };
            reader.report(
                Diagnostic::error("provider.name", format!("`{}` is not a valid name for a credential", name.value))
                    .at(name.span, "")
                    .help(why),
            );
            continue;
        }
        let secret = spec.secret.unwrap_or_else(|| names_a_secret(&name));
        let (prompt, default, shared, optional) = (spec.prompt, spec.default, spec.shared, spec.optional);
        credentials.push(Credential { name, secret, prompt, default, shared, optional });
    }
    credentials
}

fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passphrase", "secret", "token", "api_key", "apikey", "private_key", "pin", "totp"]
        .iter()
        .any(|word| name == *word || word.len() > 3 && name.contains(word))
}

fn send(flow: FlowName, written: Option<&SendFile>, check: &mut Check<'_, '_>, at: Span) -> Option<Send> {
    let Some(written) = written else {
        return match flow {
            FlowName::Basic | FlowName::Digest => {
                check.needs(&["username", "password"], &format!("the flow `{}`", flow.word()), at);
                None
            }
            FlowName::ApiKey | FlowName::AwsSigV4 | FlowName::None => None,
            _ => {
                if flow == FlowName::Bearer {
                    check.needs(&["token"], "the flow `bearer`", at);
                }
                standard::send()
            }
        };
    };
    let places = [
        (SendPlace::Header, "header", &written.header),
        (SendPlace::Query, "query", &written.query),
        (SendPlace::Cookie, "cookie", &written.cookie),
    ];
    let named: Vec<_> =
        places.iter().filter_map(|(place, key, name)| name.as_ref().map(|name| (*place, *key, name))).collect();
    let known: &[&str] = if matches!(flow, FlowName::ApiKey | FlowName::Basic) {
        &[]
    } else {
        &["access_token", "id_token", "token_type"]
    };
    check.template(&written.value, known);
    if flow == FlowName::Bearer && check.declares("token") {
        check.used.insert("token".into());
    }
    let [(place, key, name)] = named.as_slice() else {
        check.reader.report(
            Diagnostic::error("provider.send", "`send` needs exactly one of `header`, `query` and `cookie`")
                .at(written.at.span, "")
                .help("for example `send: { header: X-Api-Key, value: \"{{ api_key }}\" }`"),
        );
        return None;
    };
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || *place != SendPlace::Query && !name.chars().all(token) {
        let at = written.at.value(key).unwrap_or(written.at.span);
        let problem = Diagnostic::error("provider.send", format!("`{name}` is not a valid name for a {key}"));
        check.reader.report(problem.at(at, "").help("a name cannot be empty, or contain spaces or other separators"));
    }
    Some(Send { place: *place, name: name.as_str().into(), value: written.value.clone() })
}
