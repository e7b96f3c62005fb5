//! Who a step acts as, what is expected of a token, and which 401 is left alone.

use callsheet::mock::Site;
use snapbox::{assert_data_eq, str};

use crate::support::{Project, Recorder, Stage, json};

#[test]
fn auth_none_sends_nothing() {
    let stage = Stage::recorded().scenario(
        "scenario: Nobody\nauth: none\nbase_url: \"{{ env.trips }}\"\nsteps:\n  - get: /trips\n    expect: 401\n",
    );
    stage.run(&[]).exits(0);
    assert_data_eq!(
        stage.wire.told(),
        str![[r#"
GET /simacan/trips-api/v1/trips

"#]]
    );
}

#[test]
fn a_step_acts_as_somebody_else_and_the_next_one_does_not() {
    let stage = Stage::new().scenario(
        r#"
scenario: Two personas
base_url: "{{ env.trips }}"
auth: { provider: simacan, as: planner }
steps:
  - post: /trips
    json: { plate: AB-12-CD }
    expect: 201
    capture: { trip: $.id }
  - delete: "/trips/{{ trip }}"
    auth: { provider: simacan, as: auditor }
    expect: 403
  - delete: "/trips/{{ trip }}"
    expect: 204
"#,
    );
    stage.run(&[]).exits(0);
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 2);
    let carried: Vec<_> = stage.mock.journal().into_iter().filter_map(|entry| entry.token).collect();
    assert_eq!(carried, ["simacan/access-1", "simacan/access-2", "simacan/access-1"]);
}

#[test]
fn a_scope_of_the_auth_step_replaces_the_providers_own() {
    let stage = Stage::recorded().scenario(
        "scenario: A scope\nauth: { provider: cognito, scope: [api/read] }\nsteps:\n  - post: /items\n    json: {}\n    expect: 403\n",
    );
    stage.run(&[]).exits(0);
    assert_eq!(stage.wire.seen()[0].text(), "grant_type=client_credentials&scope=api%2Fread");
}

const EXPECTS: &str = r#"
scenario: The token itself
auth:
  provider: cognito
  expect:
    expires_in: EXPIRES
    token_type: <matches (?i)bearer>
    refresh_token: <absent>
    claims: { token_use: access, scope: SCOPE, exp: <in the future>, iat: <within 5m of now> }
steps: []
"#;

#[test]
fn what_is_expected_of_a_token_holds() {
    let stage = Stage::new().scenario(&EXPECTS.replace("EXPIRES", "<integer >= 300>").replace("SCOPE", "api/write"));
    stage.run(&[]).exits(0);
}

#[test]
fn what_is_expected_of_a_token_does_not_hold() {
    let stage = Stage::new().scenario(&EXPECTS.replace("EXPIRES", "60").replace("SCOPE", "api/everything"));
    assert_data_eq!(
        stage.run(&[]).exits(1).diagnostics(),
        str![[r#"
error[expect.token]: `expires_in` of the token response is not what was expected
 --> scenario.yaml:6:17
  |
6 |     expires_in: 60
  |                 ^^ the answer has 3600
error[expect.claims]: the claims of the access token are not what was expected
 --> scenario.yaml:9:41
  |
9 |     claims: { token_use: access, scope: api/everything, exp: <in the future>, iat: <within 5m...
  |                                         ^^^^^^^^^^^^^^ the answer has "api/write"

"#]]
    );
}

/// A provider wraps its answer; at the top of it stand other things by the names of RFC 6749.
#[test]
fn a_token_response_is_looked_into_where_the_provider_says() {
    let server = Recorder::start(|_| {
        json(
            200,
            r#"{"data":{"token":"t-0123456789","ttl":900,"kind":"Bearer","again":"r-0123456789","may":"read write","who":"i-0123456789"},"expires_in":1,"token_type":"envelope","refresh_token":7,"scope":null}"#,
        )
    });
    let project = Project::with_vars(&[("at", &server.base())])
        .file(
            "providers/own.yaml",
            "provider: own\nflow: client_credentials\nenvironments: { default: { base: \"{{ env.at }}\" } }\ncredentials: { client_id: { default: me }, client_secret: { default: a-shared-secret } }\nlogin: { post: \"{{ base }}/token\" }\ntoken: { access_token: $.data.token, expires_in: $.data.ttl, token_type: $.data.kind, refresh_token: $.data.again, scope: $.data.may, id_token: $.data.who }\n",
        )
        .file(
            "scenario.yaml",
            "scenario: Wrapped\nauth:\n  provider: own\n  expect: { expires_in: 900, token_type: Bearer, refresh_token: <any>, scope: read write, id_token: <matches ^i-> }\nsteps: []\n",
        );
    project.run(&["--token-store", "kept"]).exits(0);
    // A session of the store says the same.
    project.run(&["-v", "--token-store", "kept"]).exits(0).says("from the token store");
    assert_eq!(server.seen().len(), 1);
    project.write(
        "scenario.yaml",
        "scenario: Wrapped\nauth: { provider: own, expect: { expires_in: 1, token_type: envelope, refresh_token: 7, scope: read } }\nsteps: []\n",
    );
    let outcome = project.run(&[]);
    outcome.exits(1).lacks("r-0123456789");
    assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[expect.token]: `expires_in` of the token response is not what was expected
 --> scenario.yaml:2:46
  |
2 | auth: { provider: own, expect: { expires_in: 1, token_type: envelope, refresh_token: 7, scope...
  |                                              ^ the answer has 900
error[expect.token]: `token_type` of the token response is not what was expected
 --> scenario.yaml:2:61
  |
2 | ...{ expires_in: 1, token_type: envelope, refresh_token: 7, scope: read } }
  |                                 ^^^^^^^^ the answer has "Bearer"
error[expect.token]: `scope` of the token response is not what was expected
 --> scenario.yaml:2:96
  |
2 | ...pe, refresh_token: 7, scope: read } }
  |                                 ^^^^ the answer has "read write"
error[expect.token]: `refresh_token` of the token response is not what was expected
 --> scenario.yaml:2:86
  |
2 | ...sh_token: 7, scope: read } }
  |              ^ the answer has "{{auth.own.refresh_token}}", a string, not a number

"#]]
    );
}

#[test]
fn a_step_that_expects_a_401_is_left_alone() {
    let stage = Stage::new().scenario(
        r#"
scenario: A 401 that is meant
base_url: "{{ env.trips }}"
auth: simacan
steps:
  - get: /trips
    headers: { x-mock-fault: "status=401" }
    expect: { status: 401 }
  - get: /trips
    headers: { x-mock-fault: "status=401" }
    expect: { status: 4xx }
  - get: /trips
    headers: { x-mock-fault: "status=401" }
    reauth: false
    expect: { status: "<400..499>" }
"#,
    );
    stage.run(&[]).exits(0);
    assert_eq!(stage.token_requests(Site::Simacan, "refresh_token"), 0);
    assert_eq!(stage.mock.counters().sites[&Site::Simacan].requests, 4);
}

#[test]
fn reauth_false_leaves_the_401_to_the_expectations() {
    let stage = Stage::new().scenario(
        "scenario: No renewal\nbase_url: \"{{ env.trips }}\"\nauth: simacan\nsteps:\n  - get: /trips\n    headers: { x-mock-fault: \"status=401\" }\n    reauth: false\n",
    );
    assert_data_eq!(
        stage.run(&[]).exits(1).diagnostics(),
        str![[r#"
error[expect.status]: the answer is 401 Unauthorized, and 2xx or 3xx is expected (no `status` is written)
 --> scenario.yaml:5:5
  |
5 |   - get: /trips
  |     ^^^ the answer is 401

"#]]
    );
    assert_eq!(stage.token_requests(Site::Simacan, "refresh_token"), 0);
}

#[test]
fn a_service_that_rejects_every_token_is_believed_after_one_replay() {
    let stage = Stage::new().scenario(
        "scenario: Rejected\nbase_url: \"{{ env.trips }}\"\nauth: simacan\nsteps:\n  - get: /trips\n    headers: { x-mock-fault: \"status=401\" }\n",
    );
    let outcome = stage.run(&[]);
    outcome.exits(1).says("refreshed after a 401, and replayed");
    assert_eq!(stage.token_requests(Site::Simacan, "refresh_token"), 1);
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 1);
    assert_eq!(stage.mock.counters().sites[&Site::Simacan].requests, 4);
}

#[test]
fn templates_see_the_token_in_use_also_after_a_renewal() {
    let stage = Stage::new().scenario(
        r#"
scenario: The claims of now
base_url: "{{ env.trips }}"
auth: simacan
steps:
  - get: /trips
    capture: { first: "{{ auth.simacan.claims.jti }}", whole: "{{ auth.simacan.access_token }}" }
  - get: /trips
    headers: { x-mock-fault: early-expiry=once }
    expect: { that: [auth.simacan.claims.jti != first, auth.simacan.access_token != whole] }
  - get: /trips
    auth: { provider: simacan, as: planner }
    expect: { that: auth.simacan.claims.sub == "demo@haulier.example" }
"#,
    );
    stage.run(&[]).exits(0);
}
