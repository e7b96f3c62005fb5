//! Provider files: what is refused before any call, and what the built-in ones do.

use std::sync::Arc;

use super::server::{Answer, Server};
use super::{Desk, problems, read};
use crate::auth::{Catalogue, Flow, FlowName, Provider, ProviderFile};
use crate::source::Sources;

#[test]
fn what_is_not_built_is_refused_where_it_stands() {
    let yaml = "{ provider: p, flow: authorization_code, authorize: { url: 'https://p.test', redirect_uri: 'https://p.test', pkce: plain }, login: { post: 'https://p.test' } }";
    let drawn = problems(yaml);
    assert!(drawn.starts_with("error[format.unsupported]: `plain` is not supported yet\n"), "{drawn}");
}

/// A file and what is said of it.
const MISTAKES: &[(&str, &str)] = &[
    (
        "provider: p\nflow: pasword\n",
        "\
error[format.value]: `pasword` is not a flow
 --> p.yaml:2:7
  |
2 | flow: pasword
  |       ^^^^^^^
  |
  = help: did you mean `password`?",
    ),
    (
        "provider: p\nflow: password\nlogin: { post: 'https://p.test', fields: { u: '{{ usrname }}', p: '{{ password }}' } }\ncredentials: { username: {}, password: {} }\n",
        "\
error[template.undefined]: the variable `usrname` is not defined
 --> p.yaml:3:51
  |
3 | login: { post: 'https://p.test', fields: { u: '{{ usrname }}', p: '{{ password }}' } }
  |                                                   ^^^^^^^
  |
  = help: did you mean `username`?
warning[provider.unused]: the credential `username` is never used
 --> p.yaml:4:16
  |
4 | credentials: { username: {}, password: {} }
  |                ^^^^^^^^
  |
  = help: use it in a template, `{{ NAME }}`, or remove it",
    ),
    (
        "provider: p\nflow: client_credentials\nlogin: { post: 'https://p.test/{{ code }}' }\n",
        "\
error[template.undefined]: the variable `code` is not defined
 --> p.yaml:3:35
  |
3 | login: { post: 'https://p.test/{{ code }}' }
  |                                   ^^^^
  |
  = help: defined here: client_id, client_secret, env",
    ),
    (
        "provider: p\nflow: password\n",
        "\
error[format.missing-key]: the flow `password` needs the key `login`
 --> p.yaml:2:7
  |
2 | flow: password
  |       ^^^^^^^^
  |
  = help: `callsheet provider new NAME --flow password` writes a complete file to compare with",
    ),
    (
        "provider: p\nflow: bearer\nlogin: { post: 'https://p.test' }\n",
        "\
error[provider.flow]: `login` does not belong to the flow `bearer`
 --> p.yaml:3:1
  |
2 | flow: bearer
  |       ------ the flow
3 | login: { post: 'https://p.test' }
  | ^^^^^
  |
  = help: remove it, or choose another flow",
    ),
    (
        "provider: p\nflow: client_credentials\nlogin: { post: 'https://p.test', client_auth: post }\ncredentials: { client_id: {} }\n",
        "\
error[provider.credential]: `client_auth: post` needs the credential `client_secret`
 --> p.yaml:3:47
  |
3 | login: { post: 'https://p.test', client_auth: post }
  |                                               ^^^^
  |
  = help: add it: `credentials: { client_secret: {} }`",
    ),
    (
        "provider: p\nflow: client_credentials\nlogin: { post: 'https://p.test', client_auth: json, encoding: form }\n",
        "\
error[provider.flow]: `client_auth: json` needs a JSON body
 --> p.yaml:3:47
  |
3 | login: { post: 'https://p.test', client_auth: json, encoding: form }
  |                                               ^^^^
  |
  = help: write `encoding: json`, or `client_auth: post`",
    ),
    (
        "provider: p\nflow: client_credentials\nlogin: { post: 'https://p.test', fields: { a: [1] } }\n",
        "\
error[format.type]: `a` is a list or mapping, and only a JSON body can contain one
 --> p.yaml:3:44
  |
3 | login: { post: 'https://p.test', fields: { a: [1] } }
  |                                            ^
  |
  = help: write `encoding: json`, or a plain value",
    ),
    (
        "provider: p\nflow: api_key\nsend: { header: X Key, value: '{{ api_key }}' }\n",
        "\
error[provider.send]: `X Key` is not a valid name for a header
 --> p.yaml:3:17
  |
3 | send: { header: X Key, value: '{{ api_key }}' }
  |                 ^^^^^
  |
  = help: a name cannot be empty, or contain spaces or other separators",
    ),
    (
        "provider: p\nflow: api_key\nsend: { header: X, query: y, value: '{{ api_key }}' }\n",
        "\
error[provider.send]: `send` needs exactly one of `header`, `query` and `cookie`
 --> p.yaml:3:7
  |
3 | send: { header: X, query: y, value: '{{ api_key }}' }
  |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: for example `send: { header: X-Api-Key, value: \"{{ api_key }}\" }`",
    ),
    (
        "provider: p q\nflow: none\n",
        "\
error[provider.name]: `p q` is not a valid name for a provider
 --> p.yaml:1:11
  |
1 | provider: p q
  |           ^^^
  |
  = help: use only letters, digits, `-` and `_`: the environment variables of its credentials start with this name",
    ),
    (
        "provider: p\nflow: bearer\ncredentials: { token: {}, scope: {} }\n",
        "\
error[provider.name]: `scope` is not a valid name for a credential
 --> p.yaml:3:27
  |
3 | credentials: { token: {}, scope: {} }
  |                           ^^^^^
  |
  = help: this name already has a meaning in templates: choose another one",
    ),
    (
        "provider: p\nflow: bearer\nenvironments: { stg: { token: x, hosts: ['https://a/b'] } }\n",
        "\
error[provider.name]: the name `token` is already taken by a credential
 --> p.yaml:3:24
  |
3 | environments: { stg: { token: x, hosts: ['https://a/b'] } }
  |                        ^^^^^ in the environment `stg`
  |
  = help: choose another name
error[provider.hosts]: `https://a/b` is not a host pattern: it is a URL, not a host
 --> p.yaml:3:42
  |
3 | environments: { stg: { token: x, hosts: ['https://a/b'] } }
  |                                          ^^^^^^^^^^^^^
  |
  = help: write a host without `https://` and path, for example api.example.com, *.example.com or localhost:8080",
    ),
    (
        "provider: p\nflow: bearer\nreauth_on: [401, 1000]\n",
        "\
error[format.type]: 1000 is not an HTTP status
 --> p.yaml:3:18
  |
3 | reauth_on: [401, 1000]
  |                  ^^^^
  |
  = help: write a number from 100 to 599",
    ),
    (
        "provider: p\nflow: client_credentials\nlogin: { post: 'https://p.test' }\ntoken: { access_token: access_token }\n",
        "\
error[format.jsonpath]: a JSONPath starts with `$`, the whole document
 --> p.yaml:4:24
  |
4 | token: { access_token: access_token }
  |                        ^^^^^^^^^^^^
  |
  = help: write `$.access_token`",
    ),
];

#[test]
fn mistakes_are_told_with_their_place() {
    for (yaml, expected) in MISTAKES {
        assert_eq!(problems(yaml), *expected, "{yaml}");
    }
}

#[test]
fn a_code_challenge_without_its_verifier_is_refused() {
    let yaml = |pkce: &str| {
        format!(
            "provider: p\nflow: authorization_code\nlogin: {{ post: 'https://p.test', fields: {{ code: '{{{{ code }}}}' }} }}\n\
             authorize: {{ url: 'https://p.test', redirect_uri: 'https://p.test', by: form{pkce} }}\n"
        )
    };
    assert_eq!(
        problems(&yaml("")),
        "\
error[provider.flow]: PKCE is on, but `fields` does not send the `code_verifier`
 --> p.yaml:3:34
  |
3 | login: { post: 'https://p.test', fields: { code: '{{ code }}' } }
  |                                  ^^^^^^
  |
  = help: add `code_verifier: \"{{ code_verifier }}\"`, or write `pkce: none` under `authorize`"
    );
    assert_eq!(problems(&yaml(", pkce: none")), "");
    // Without `by` and `form` a person logs in.
    assert_eq!(problems(&yaml(", pkce: none").replace(", by: form", "")), "");
}

#[test]
fn the_files_own_provider_stands_in_place_of_a_built_in_one() {
    let own = || read("{ provider: simacan, flow: none }").0.expect("a provider");
    let mut catalogue = Catalogue::new();
    catalogue.add(own()).expect("added");
    assert!(catalogue.add(own()).expect_err("twice").message.contains("two files declare the provider `simacan`"));
    let mut sources = Sources::default();
    assert_eq!(catalogue.find("simacan", &mut sources).expect("own").flow_name(), FlowName::None);
    assert_eq!(catalogue.find("lavanda", &mut sources).expect("built in").flow_name(), FlowName::ClientCredentials);
    assert_eq!(sources.len(), 1);
    catalogue.find("lavanda", &mut sources).expect("built in");
    assert_eq!(sources.len(), 1, "it is parsed once");
    let names = catalogue.names();
    assert_eq!(names.iter().filter(|name| **name == "simacan").count(), 1, "{names:?}");
    assert!(names.is_sorted() && names.contains(&"stripe"), "{names:?}");
}

fn built_in(name: &str) -> Arc<Provider> {
    Catalogue::new().find(name, &mut Sources::default()).expect(name)
}

/// A built-in provider in the environment it has, at a server of the test.
fn at(name: &str, environment: &str, server: &Server) -> Desk {
    let provider = built_in(name);
    let base = provider.environments.get(environment).expect("an environment").members.get("base").expect("a base");
    let host = base.text().split('/').take(3).collect::<Vec<_>>().join("/");
    let text = Catalogue::built_in(name).expect("built in").replace(&host, &server.url);
    let text = text
        .replace("{{ env.cognito_api }}", "https://api.test")
        .replace("{{ env.gridshare_api }}", "https://api.test");
    let mut desk = Desk::of(&text.replace("{{ env.gridshare_api_host }}", "api.test"));
    desk.environment = environment.into();
    let upper = name.to_uppercase();
    for credential in &desk.provider.clone().credentials {
        let variable = format!("{upper}_{}", credential.name.to_uppercase());
        desk = desk.set(&variable, &format!("my-{}", *credential.name));
    }
    desk
}

#[test]
fn built_in_providers_read_without_a_word() {
    for name in Catalogue::new().names() {
        let (provider, problems, _) = read(Catalogue::built_in(name).expect("built in"));
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert_eq!(&*provider.expect("a provider").name.value, name);
    }
}

#[tokio::test]
async fn lavanda_is_asked_as_its_page_says() {
    let server =
        Server::start(|_| Answer::json(200, r#"{"access_token":"xxx","expires_in":3600,"token_type":"Bearer"}"#)).await;
    let desk = at("lavanda", "prod", &server);
    desk.login().await.expect("a token");
    let asked = server.last();
    assert_eq!((&*asked.path, asked.header("content-type")), ("/v1/oauth2/token", "application/json"));
    assert_eq!(
        asked.body,
        r#"{"grant_type":"client_credentials","client_id":"my-client_id","client_secret":"my-client_secret"}"#
    );
    let real = built_in("lavanda");
    let prod = &real.environments.get("prod").expect("prod").members;
    assert_eq!(prod.get("api").expect("an api").text(), "https://platapi.lavanda.app/v1");
}

#[tokio::test]
async fn cognito_is_asked_as_its_page_says() {
    let server = Server::start(|_| Answer::json(200, r#"{"access_token":"xxx"}"#)).await;
    at("cognito", "dev", &server).login().await.expect("a token");
    let asked = server.last();
    assert_eq!((&*asked.path, &*asked.body), ("/oauth2/token", "grant_type=client_credentials&scope=api%2Fwrite"));
    assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(asked.header("authorization"), "Basic bXktY2xpZW50X2lkOm15LWNsaWVudF9zZWNyZXQ=");
}

#[tokio::test]
async fn simacan_is_asked_as_its_page_says() {
    let server = Server::start(|_| {
        Answer::json(
            200,
            r#"{"access_token":"a-1","refresh_token":"r-1","id_token":"i","token_type":"bearer","expires_in":3600}"#,
        )
    })
    .await;
    let desk = at("simacan", "stg", &server);
    let (broker, identity) = (desk.broker(), desk.identity());
    let grant = broker.acquire(&identity, false).await.expect("a token");
    assert_eq!(
        (&*server.last().path, &*server.last().body),
        ("/api/v1/auth/password", "username=my-username&password=my-password")
    );
    broker.renew(&identity, &grant).await.expect("a token").expect("renewable");
    assert_eq!((&*server.last().path, &*server.last().body), ("/api/v1/auth/refresh", "refresh_token=r-1"));
    assert_eq!(
        (server.last().header("authorization"), identity.reauth_on(401), identity.reauth_on(403)),
        ("", true, false)
    );
    let Flow::Password(endpoint) = &desk.provider.flow else { panic!("another flow") };
    assert!(endpoint.refresh.as_ref().is_some_and(|refresh| refresh.rotates && refresh.rejected == Some(401)));
}

#[tokio::test]
async fn gridshare_is_asked_as_its_page_says() {
    let server = Server::start(|asked| match (&*asked.method, &*asked.path) {
        ("GET", "/oauth2/authorize") => Answer::redirect(302, &format!("/login?{}", asked.query)),
        ("GET", "/login") => {
            Answer::html("<form method=post><input name=username><input type=password name=password></form>")
        }
        ("POST", "/login") => {
            Answer::redirect(302, &format!("https://www.example.com?code=c0de-c0de&state={}", asked.param("state")))
        }
        _ => Answer::json(200, r#"{"access_token":"a-1","refresh_token":"r-1"}"#),
    })
    .await;
    let desk = at("gridshare", "prod", &server);
    let (broker, identity) = (desk.broker(), desk.identity());
    let grant = broker.acquire(&identity, false).await.expect("a token");
    let authorize = &server.asked()[0];
    assert_eq!(authorize.param("scope"), "lunar/device.read lunar/device.write");
    assert_eq!((authorize.param("response_type"), authorize.param("code_challenge")), ("code".into(), String::new()));
    let basic = "Basic bXktY2xpZW50X2lkOm15LWNsaWVudF9zZWNyZXQ=";
    assert_eq!(server.last().header("authorization"), basic);
    assert_eq!(
        server.last().body,
        "grant_type=authorization_code&client_id=my-client_id&code=c0de-c0de&redirect_uri=https%3A%2F%2Fwww.example.com"
    );
    broker.renew(&identity, &grant).await.expect("a token").expect("renewable");
    assert_eq!(server.last().header("authorization"), basic);
    assert_eq!(server.last().body, "grant_type=refresh_token&client_id=my-client_id&refresh_token=r-1");
    assert_eq!(identity.api(), Some("https://api.test"));
}

#[test]
fn the_schema_knows_the_keys_and_words() {
    let schema = serde_json::to_value(schemars::schema_for!(ProviderFile)).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for name in Catalogue::new().names() {
        let file: serde_json::Value = serde_yaml::from_str(Catalogue::built_in(name).expect("built in")).expect("YAML");
        let errors: Vec<String> = validator.iter_errors(&file).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    for bad in [
        serde_json::json!({ "provider": "p", "flow": "device" }),
        serde_json::json!({ "provider": "p", "flow": "none", "flows": 1 }),
        serde_json::json!({ "provider": "p" }),
        serde_json::json!({ "provider": "p", "flow": "bearer", "environments": { "stg": { "hosts": "a" } } }),
    ] {
        assert!(!validator.is_valid(&bad), "{bad}");
    }
}
