//! `callsheet provider list`, `show` and `new`.

use snapbox::{assert_data_eq, str};

use crate::support::Project;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn built_in_providers_and_those_of_the_project_are_listed() {
    let project = Project::new()
        .file("shop.yaml", "provider: shop\ntitle: The shop\nflow: basic\ndocs: https://shop.test/auth\n")
        .file("scenario.yaml", "scenario: x\nauth: { provider: shop }\nstepz: []\n");
    let listed = project.callsheet(&["provider", "list"]);
    listed.exits(0).says("\nshop ").says("https://shop.test/auth").says("\nstripe ");
    assert_data_eq!(
        project.callsheet(&["provider", "list", "sho"]).exits(0).stdout.clone(),
        str![[r#"
shop     The shop (basic; any)
  https://shop.test/auth
shopify  Shopify (client_credentials; any)
  https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant

"#]]
    );
    let all = json(&project.callsheet(&["provider", "list", "--json"]).exits(0).stdout);
    let all = all.as_array().expect("a list");
    assert!(all.len() > 30, "{}", all.len());
    let shop = all.iter().find(|one| one["name"] == "shop").expect("it is there");
    assert_eq!(
        shop.as_object().expect("an object").keys().collect::<Vec<_>>(),
        ["name", "title", "flow", "environments", "credentials", "docs", "built_in", "file"]
    );
    assert_eq!((&shop["built_in"], &shop["file"]), (&false.into(), &"shop.yaml".into()));
    project.callsheet(&["provider", "list", "nothing-is-called-so"]).exits(0).says("callsheet provider new NAME");
}

#[test]
fn a_broken_one_is_told_and_hides_no_other() {
    let project = Project::new().file("broken.yaml", "provider: broken\nflow: passwrd\n");
    project.callsheet(&["provider", "list"]).exits(2).says("\nstripe ").says("did you mean `password`?");
    project
        .callsheet(&["provider", "show", "broken"])
        .exits(2)
        .says("did you mean `password`?")
        .lacks("there is no provider");
}

#[test]
fn every_provider_is_shown_as_a_file_that_can_be_read() {
    let project = Project::new();
    let all = json(&project.callsheet(&["provider", "list", "--json"]).exits(0).stdout);
    for provider in all.as_array().expect("a list") {
        let name = provider["name"].as_str().expect("a name");
        let shown = project.callsheet(&["provider", "show", name]);
        shown.exits(0).says(&format!("provider: {name}\n"));
        let copy = Project::new()
            .file("own.yaml", &shown.stdout)
            .file("callsheet.yaml", "callsheet: 1\nproviders: [own.yaml]\n")
            .file("scenario.yaml", &format!("scenario: x\nauth: {name}\nsteps: [{{ get: \"https://x.test/\" }}]\n"));
        copy.callsheet(&["check"]).exits(0).says("no error").lacks("warning");
        let same = json(&copy.callsheet(&["provider", "show", name, "--json"]).exits(0).stdout);
        assert_eq!(same["credentials"], provider["credentials"]);
        assert_eq!(same["built_in"], false);
    }
    project.callsheet(&["provider", "show", "strpe"]).exits(2).says("did you mean `stripe`?");
}

#[test]
fn what_the_standards_fill_in_is_shown_below() {
    let project = Project::new().file(
        "own.yaml",
        "provider: own\nflow: password\nenvironments: { default: { base: \"https://id.test\" } }\nlogin: { post: \"{{ base }}/token\" }\n",
    );
    assert_data_eq!(
        project.callsheet(&["provider", "show", "own"]).exits(0).stdout.clone(),
        str![[r##"
# own.yaml
provider: own
flow: password
environments: { default: { base: "https://id.test" } }
login: { post: "{{ base }}/token" }

# What the file leaves out is filled in from the standards (RFC 6749, 6750, 7617):
#
# login:
#   encoding: form
#   client_auth: none
#   fields: { grant_type: password, username: "{{ username }}", password: "{{ password }}", scope: "{{ scope }}" }
#   timeout: 30 s
# refresh:
#   post: "{{ base }}/token"
#   encoding: form
#   client_auth: none
#   fields: { grant_type: refresh_token, refresh_token: "{{ refresh_token }}" }
#   timeout: 30 s
# token: { access_token: $.access_token, refresh_token: $.refresh_token, id_token: $.id_token, token_type: $.token_type, expires_in: $.expires_in, scope: $.scope }
# send: { header: Authorization, value: "Bearer {{ access_token }}" }
# reauth_on: [401]
# credentials: username, password

"##]]
    );
}

#[test]
fn a_new_provider_passes_check() {
    let token = ["--token-url", "https://id.test/oauth/token"];
    let code = [
        "--token-url",
        "https://id.test/t",
        "--authorize-url",
        "https://id.test/a",
        "--redirect-uri",
        "https://x.test/cb",
    ];
    let api = ["--api", "https://api.test/v1"];
    let flows: [(&str, &[&str]); 12] = [
        ("jwt_bearer", &token),
        ("token_exchange", &token),
        ("digest", &api),
        ("aws_sigv4", &api),
        ("custom", &api),
        ("client_credentials", &token),
        ("password", &token),
        ("authorization_code", &code),
        ("device_code", &token),
        ("bearer", &["--api", "https://api.test/v1"]),
        ("api_key", &["--api", "https://api.test/v1", "--header", "X-Key"]),
        ("basic", &["--api", "https://api.test/v1", "--title", "Our \"own\": shop #1", "--docs", "https://docs.test"]),
    ];
    for (flow, options) in flows {
        let project = Project::new()
            .file("callsheet.yaml", "callsheet: 1\nproviders: [providers]\nenvironments: { stg: {} }\n")
            .file("providers/other.yaml", "provider: other\nflow: none\n")
            .file("scenario.yaml", "scenario: x\nauth: own\nsteps: [{ get: \"https://x.test/\" }]\n");
        let made =
            project.callsheet(&[&["provider", "new", "own", "--flow", flow, "--scope", "a:b"], options].concat());
        made.exits(0).says("wrote providers/own.yaml; name it in a scenario: `auth: own`");
        project.callsheet(&["check"]).exits(0).says("no error").lacks("warning");
        let before = project.read("providers/own.yaml");
        project
            .callsheet(&[&["provider", "new", "own", "--flow", flow], options].concat())
            .exits(2)
            .says("providers/own.yaml already exists; nothing was written");
        assert_eq!(project.read("providers/own.yaml"), before);
    }
}

#[test]
fn a_new_provider_is_commented() {
    let project = Project::new();
    let made = project.callsheet(&[
        "provider",
        "new",
        "shop",
        "--flow",
        "client_credentials",
        "--token-url",
        "https://id.test/oauth/token",
        "--api",
        "https://api.test",
        "--env",
        "stg",
        "--client-auth",
        "post",
        "-o",
        "-",
    ]);
    assert_data_eq!(
        made.exits(0).stdout.clone(),
        str![[r##"
# shop
provider: shop
title: shop
# Where it documents its authentication:
# docs: https://…
flow: client_credentials

# By the project's environments; `default` serves any.
environments:
  stg:
    base: "https://id.test"
    api: "https://api.test"
    # Credentials go to the hosts of these URLs only; other hosts, and none else, by
    # hosts: ["*.example.com"]

# Looked for in the environment and in .env files: SHOP_STG_CLIENT_ID, …
credentials:
  client_id: { prompt: Client ID }
  client_secret: { secret: true, prompt: Client secret }

login:
  post: "{{ base }}/oauth/token"
  client_auth: post
  # What is asked for unless a scenario says otherwise:
  # scope: [read]

"##]]
    );
    assert!(project.names().is_empty());
}

#[test]
fn what_a_new_provider_needs_is_said() {
    let project = Project::new();
    for (arguments, said) in [
        (&["own", "--flow", "password"][..], "the flow `password` needs --token-url"),
        (&["own", "--flow", "authorization_code", "--token-url", "https://x.test"], "needs --authorize-url"),
        (&["own", "--flow", "password", "--token-url", "x.test"], "--token-url is not an http URL: x.test"),
        (&["my own", "--flow", "bearer"], "`my own` is not a valid name for a provider"),
        (&["own", "--flow", "passwrd"], "passwrd"),
    ] {
        project.callsheet(&[&["provider", "new"], arguments].concat()).exits(2).says(said);
    }
    assert!(project.names().is_empty());
}
