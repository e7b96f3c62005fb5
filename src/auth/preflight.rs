//! What a provider's templates will need once the environment is known, looked for before any call is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::proof::Assertion;
use super::provider::{Flow, Provider, TokenRequest};
use super::resolve::Wish;
use crate::source::{Diagnostic, suggestion};
use crate::template::Template;

/// Reports members of the environment and variables of `env` that templates name and that are not there.
pub(super) fn check(wish: &Wish<'_>, members: &BTreeMap<Arc<str>, Box<str>>, problems: &mut Vec<Diagnostic>) {
    let provider = wish.provider;
    for template in templates(provider) {
        for (reference, at) in template.references() {
            if reference.guarded || !reference.is_variable() {
                continue;
            }
            let name = &reference.path[0];
            let elsewhere =
                || provider.environments.iter().any(|(_, environment)| environment.members.get(name).is_some());
            if let (true, Some(variable)) = (&**name == "env", reference.path.get(1)) {
                let known = wish.env.get_attr(variable).is_ok_and(|value| !value.is_undefined());
                if !known {
                    let what = format!("`env` has no `{variable}`");
                    problems.push(where_to_define(Diagnostic::error("template.undefined", what).at(at, ""), wish));
                }
            } else if !members.contains_key(name) && elsewhere() {
                let what = format!("{} has no `{name}` in the environment `{}`", provider.name.value, wish.environment);
                let problem = Diagnostic::error("template.undefined", what).at(at, "");
                problems.push(match suggestion(name, members.keys().map(|key| &**key)) {
                    Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                    None => problem,
                });
            }
        }
    }
}

/// Says where a variable of `env` is defined.
pub(super) fn where_to_define(problem: Diagnostic, wish: &Wish<'_>) -> Diagnostic {
    if problem.message.starts_with("`env` has no") {
        let place = format!("define it in callsheet.yaml: environments: {{ {}: {{ vars: … }} }}", wish.environment);
        return problem.help(place);
    }
    problem
}

pub(super) fn templates(provider: &Provider) -> Vec<&Template> {
    let mut all: Vec<&Template> = Vec::new();
    if let Some(endpoint) = provider.flow.token_endpoint() {
        all.extend(of_request(&endpoint.login));
        all.extend(endpoint.audience.iter().chain(&endpoint.resource));
        all.extend(endpoint.refresh.iter().flat_map(|refresh| of_request(&refresh.request)));
    }
    if let Flow::AuthorizationCode(authorize, _) = &provider.flow {
        all.extend([&authorize.url, &authorize.redirect_uri]);
        all.extend(&authorize.par);
        all.extend(authorize.params.iter().chain(authorize.form.iter()).map(|(_, value)| value));
    }
    all.extend(provider.client_assertion.iter().flat_map(Assertion::templates));
    match &provider.flow {
        Flow::JwtBearer(assertion, _) => all.extend(assertion.templates()),
        Flow::TokenExchange(exchange, _) => all.extend(exchange.templates()),
        _ => {}
    }
    if let Flow::DeviceCode(device, _) = &provider.flow {
        all.extend(of_request(device));
    }
    all.extend(provider.revoke.iter().flat_map(of_request));
    all.extend(provider.send.iter().map(|send| &send.value));
    all
}

fn of_request(request: &TokenRequest) -> Vec<&Template> {
    let mut all = vec![&request.post];
    all.extend(request.headers.iter().map(|(_, value)| value));
    all.extend(request.fields.iter().flat_map(|(_, field)| field.templates()));
    all
}
