//! Every provider that is compiled in: it reads without a word, and says what a user needs to know.

use std::collections::BTreeSet;
use std::path::Path;

use super::Desk;
use crate::auth::{Catalogue, FlowName};
use crate::source::Sources;

/// Every built-in provider, read without a warning, and its text.
fn all() -> Vec<(Desk, &'static str)> {
    let names: Vec<String> = Catalogue::new().names().into_iter().map(str::to_owned).collect();
    let text = |name: &String| Catalogue::built_in(name).unwrap_or_else(|| panic!("{name} is looked up by its place"));
    names.iter().map(|name| (Desk::of(text(name)), text(name))).collect()
}

/// With a value for every credential, none like another, and one for every variable of `env`, in one environment.
fn furnished(mut desk: Desk, environment: &str) -> Desk {
    environment.clone_into(&mut desk.environment);
    let provider = desk.provider.clone();
    for (at, credential) in provider.credentials.iter().enumerate() {
        let name = format!("{}_{environment}_{}", provider.name.value, credential.name.value);
        let name: String = name.to_uppercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let at = format!("value-{at}-of-it");
        let prompt = credential.prompt.as_deref().unwrap_or_default();
        let value = match &*credential.name.value {
            "private_key" => include_str!("../../../tests/outside/keys/rsa.pem").to_owned(),
            _ if prompt.contains("https://") => format!("https://{at}.example.com"),
            _ => at,
        };
        desk = desk.set(&name, &value);
    }
    let environment = provider.environments.get(environment).expect("an environment of the provider");
    let templates = environment.members.iter().map(|(_, template)| template);
    let own = provider.flow.token_endpoint().into_iter().flat_map(|endpoint| &endpoint.scope.0);
    for (reference, _) in templates.chain(environment.hosts.iter().flatten()).chain(own).flat_map(|t| t.references()) {
        if let ("env", Some(name), false) = (&*reference.path[0], reference.path.get(1), reference.guarded) {
            let host = format!("{}.example.com", name.trim_end_matches("_host").replace('_', "-"));
            let value = match name.rsplit_once('_') {
                // Its APIs are many, all under one name.
                Some(("google", "api")) => "https://storage.googleapis.com".to_owned(),
                Some((_, "api" | "url")) => format!("https://{host}"),
                Some((_, "host")) => host,
                _ => "one-word".to_owned(),
            };
            desk.env.insert(name.to_string(), value);
        }
    }
    desk
}

#[test]
fn every_file_is_compiled_in_under_its_own_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/providers");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().trim_end_matches(".yaml").to_owned())
        .collect();
    let known: BTreeSet<String> = all().iter().map(|(desk, _)| desk.provider.name.value.to_string()).collect();
    assert_eq!(known, files);
    let mut catalogue = Catalogue::new();
    for name in &known {
        assert_eq!(*catalogue.find(name, &mut Sources::default()).expect("it is there").name.value, **name);
    }
}

#[test]
fn every_provider_stands_in_the_reference() {
    let reference = include_str!("../../../specs/format.md");
    for (desk, _) in all() {
        let row = format!("| `{}` | ", desk.provider.name.value);
        assert!(reference.contains(&row), "the table of specs/format.md has no {row}");
    }
}

#[test]
fn every_provider_says_what_it_is_and_where_that_is_documented() {
    for (desk, text) in all() {
        let provider = &desk.provider;
        let name = &provider.name.value;
        assert!(provider.title.as_ref().is_some_and(|title| !title.is_empty()), "{name} has no title");
        // What Cognito's client was given as documentation is a page without an address.
        let told = provider.docs.as_ref().is_some_and(|docs| docs.starts_with("https://"));
        assert!(
            told || &**name == "cognito" || text.contains("# https://") || &**name == "simacan",
            "{name} has no docs"
        );
        assert!(text.starts_with("# "), "{name} does not begin with what it is");
    }
}

#[test]
fn every_environment_says_where_credentials_may_go() {
    for (desk, _) in all() {
        let provider = desk.provider.clone();
        let name = &provider.name.value;
        assert!(!provider.environments.is_empty(), "{name} has no environment");
        for (environment, members) in provider.environments.iter() {
            let desk = furnished(
                Desk { provider: provider.clone(), ..Desk::of("{ provider: p, flow: none }") },
                &environment.value,
            );
            let identity = desk.resolve().unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
            assert!(
                !identity.guard.written().is_empty(),
                "{name} ({}) would send credentials anywhere",
                environment.value
            );
            for (key, template) in members.members.iter().filter(|(key, _)| matches!(&*key.value, "base" | "api")) {
                let written = template.text();
                assert!(
                    written.starts_with("https://") || written.starts_with("{{"),
                    "{name}: {} {written}",
                    key.value
                );
                if &*key.value == "base" {
                    continue;
                }
                let url: url::Url = identity.member(&key.value).expect("it is there").parse().expect("a URL");
                let own = identity.guard.check(&url);
                assert!(own.is_ok(), "{name}: its own {} {url} is not among its hosts", key.value);
            }
        }
    }
}

#[test]
fn every_provider_has_a_secret_and_masks_it() {
    for (desk, _) in all() {
        let provider = desk.provider.clone();
        let name = &provider.name.value;
        let secrets: Vec<_> = provider.credentials.iter().filter(|credential| credential.secret).collect();
        assert!(!secrets.is_empty() || provider.flow_name() == FlowName::None, "{name} has no secret");
        for credential in &provider.credentials {
            let telling = ["secret", "password", "token", "private", "api_key"];
            let tells = telling.iter().any(|word| credential.name.value.contains(word))
                && !credential.name.value.ends_with("_id");
            assert!(credential.secret || !tells, "{name}: {} is no secret", credential.name.value);
            assert!(credential.prompt.is_some(), "{name}: a person is not told what {} is", credential.name.value);
        }
        for (environment, _) in provider.environments.iter() {
            let bare = Desk { provider: provider.clone(), ..Desk::of("{ provider: p, flow: none }") };
            let desk = furnished(bare, &environment.value);
            let identity = desk.resolve().unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
            for credential in &secrets {
                let value = identity.credential(&credential.name.value).expect("it was given");
                let masked = format!("{{{{credentials.{name}.{}}}}}", credential.name.value);
                assert_eq!(desk.redactor.redact(&format!("<{value}>")), format!("<{masked}>"));
            }
        }
    }
}

#[test]
fn what_lacks_because_a_credential_lacks_is_not_told_beside_it() {
    let desk = Desk::of(
        "{ provider: p, flow: basic, environments: { stg: { base: 'https://{{ shop }}.test', api: '{{ base }}/api', hosts: ['{{ shop }}.test'] } },
           credentials: { shop: {}, username: {}, password: {} } }",
    );
    let problems = desk.resolve().expect_err("refused");
    let ids: Vec<&str> = problems.iter().map(|problem| problem.id).collect();
    assert_eq!(ids, ["auth.credentials"]);
}
