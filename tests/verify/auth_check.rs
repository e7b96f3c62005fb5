//! `auth_check`: every way of making a call wrongly, refused by a service that is right and taken by one that is not.

use callsheet::mock::Site;
use snapbox::{assert_data_eq, str};

use crate::support::{Project, Recorder, Seen, Stage, json};

const DEVICES: &str = "scenario: Devices\nauth: gridshare\nsteps:\n  - auth_check: ";

fn devices(check: &str) -> Stage {
    Stage::new().scenario(&format!("{DEVICES}{check}\n"))
}

#[test]
fn a_service_that_is_right_refuses_each_way_and_each_is_told() {
    let outcome = devices("GET /api/v1/devices").run(&["-v"]);
    outcome.exits(0);
    assert_data_eq!(
        outcome.plain(),
        str![[r#"
✓ Devices  test · TIME
  ✓ auth  gridshare  fetched · TIME  http://127.0.0.1:PORT/gridshare/oauth2/token in TIME
  ✓ auth_check  GET /api/v1/devices  200 · TIME  the positive control
      request   GET http://127.0.0.1:PORT/gridshare/api/v1/devices
                Authorization: Bearer {{auth.gridshare.access_token}}
      response  200 OK · TIME · 512 B
                content-type: application/json
    ✓ auth_check  no token: GET /api/…  401 · TIME
        request   GET http://127.0.0.1:PORT/gridshare/api/v1/devices
        response  401 Unauthorized · TIME · 105 B
                  content-type: application/json
                  www-authenticate: Bearer realm="gridshare"
    ✓ auth_check  garbage: GET /api/v…  401 · TIME
        request   GET http://127.0.0.1:PORT/gridshare/api/v1/devices
                  Authorization: Bearer not-a-token
        response  401 Unauthorized · TIME · 77 B
                  content-type: application/json
                  www-authenticate: Bearer realm="gridshare…cription="the access token is malformed"
    ✓ auth_check  expired token: GET …  401 · TIME  `exp` is an hour ago, the signature is unchanged
        request   GET http://127.0.0.1:PORT/gridshare/api/v1/devices
                  Authorization: Bearer {{auth.gridshare.wrong_token}}
        response  401 Unauthorized · TIME · 99 B
                  content-type: application/json
                  www-authenticate: Bearer realm="gridshare…e of the access token is not valid here"
    ✓ auth_check  tampered token: GET…  401 · TIME
        request   GET http://127.0.0.1:PORT/gridshare/api/v1/devices
                  Authorization: Bearer {{auth.gridshare.wrong_token}}
        response  401 Unauthorized · TIME · 99 B
                  content-type: application/json
                  www-authenticate: Bearer realm="gridshare…e of the access token is not valid here"
    ✓ auth_check  unsigned token (alg…  401 · TIME
        request   GET http://127.0.0.1:PORT/gridshare/api/v1/devices
                  Authorization: Bearer {{auth.gridshare.wrong_token}}
        response  401 Unauthorized · TIME · 77 B
                  content-type: application/json
                  www-authenticate: Bearer realm="gridshare…cription="the access token is malformed"
    - auth_check  token of another pe…  no other persona is known here; add one with `personas: [NAME]`
    - auth_check  token of another en…  no other environment is listed; add one with `environments: [NAME]`

1 passed · 6 requests + 6 to log in · TIME · test · seed 7

"#]]
    );
}

#[test]
fn every_way_has_its_line_in_every_report() {
    let stage = devices("{ request: GET /api/v1/devices, headers: { x-mock-fault: lax=alg-none } }");
    let outcome =
        stage.run(&["--report", "junit=junit.xml", "--report", "json=run.json", "--report", "events=run.ndjson"]);
    outcome.exits(1);
    let ways = [
        "no token",
        "garbage",
        "expired token",
        "tampered token",
        "unsigned token (alg none)",
        "token of another persona",
        "token of another environment",
    ];
    for file in ["junit.xml", "run.json", "run.ndjson"] {
        let text = stage.project.read(file);
        for way in ways {
            assert!(text.contains(&format!("{way}: GET /api/v1/devices")), "{file}: {way}");
        }
    }
    let junit = stage.project.read("junit.xml");
    assert!(junit.contains("failures=\"1\"") && junit.contains("errors=\"0\""), "{junit}");
    assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[expect.auth-check]: GET /api/v1/devices with an unsigned token (alg none) gets 200, but 401 or 403 is expected
 --> scenario.yaml:4:28
  |
4 |   - auth_check: { request: GET /api/v1/devices, headers: { x-mock-fault: lax=alg-none } }
  |                            ^^^^^^^^^^^^^^^^^^^ it is 200
  |
  = help: the service accepts a credential that it must refuse

"#]]
    );
}

/// The name of each way, the lax service that takes it, and what a run says then.
#[test]
fn a_service_that_is_lax_fails_in_its_way_alone() {
    for (lax, told) in [
        ("anonymous", "no token"),
        ("garbage", "garbage"),
        ("signature+expired", "an expired token"),
        ("signature", "a tampered token"),
        ("alg-none", "an unsigned token (alg none)"),
    ] {
        let stage = devices(&format!("{{ request: GET /api/v1/devices, headers: {{ x-mock-fault: lax={lax} }} }}"));
        let outcome = stage.run(&[]);
        outcome.exits(1).says(&format!("GET /api/v1/devices with {told} gets 200, but 401 or 403 is expected"));
        let failures = outcome.stdout.matches("error[expect.auth-check]").count();
        // Who does not look at signatures takes what was signed by nobody, too.
        assert_eq!(failures, if lax == "signature+expired" { 2 } else { 1 }, "{lax}\n{}", outcome.stdout);
    }
}

#[test]
fn a_token_that_has_truly_expired_can_be_given() {
    let scenario = |lax: &str| {
        format!(
            r#"
scenario: Over
auth: cognito
steps:
  - post: "{{{{ env.at }}}}/__mock/faults"
    auth: none
    json: {{ kind: early_expiry, provider: cognito, path: /oauth2/token, expires_in: 1, times: 1 }}
    expect: 201
  - post: "{{{{ env.at }}}}/cognito/oauth2/token"
    auth: none
    headers: {{ authorization: "Basic {{{{ 'CLIENT' }}}}" }}
    form: {{ grant_type: client_credentials }}
    capture: {{ old: $.access_token }}
  - pause: 1500ms
  - auth_check: {{ request: GET /items, expired: "{{{{ old }}}}", except: [no_token, garbage, tampered, alg_none]{lax} }}
"#
        )
    };
    for (lax, code) in [("", 0), (", headers: { x-mock-fault: lax=expired }", 1)] {
        let stage = Stage::new();
        let persona =
            stage.mock.facts().into_iter().find(|facts| facts.site == Site::Cognito).expect("cognito").personas[0];
        let basic = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            format!("{}:{}", persona.credentials[0].1, persona.credentials[1].1),
        );
        let stage = stage.scenario(&scenario(lax).replace("{{ 'CLIENT' }}", &basic));
        let outcome = stage.run(&["-v"]);
        outcome.exits(code).says("expired token: GET");
        if code == 1 {
            outcome.says("GET /items with an expired token gets 200");
        }
    }
}

#[test]
fn another_personas_token_is_refused_where_it_may_not() {
    let check = |request: &str, more: &str| {
        Stage::new().scenario(&format!(
            "scenario: Roles\nbase_url: \"{{{{ env.trips }}}}\"\nauth: simacan\nsteps:\n  - auth_check: {{ request: {request}, personas: [auditor], except: [no_token, garbage, expired, tampered, alg_none, other_environment]{more} }}\n"
        ))
    };
    let post = ", json: { plate: AB-12-CD }";
    check("POST /trips", post).run(&["-v"]).exits(0).says("token of auditor");
    let outcome = check("GET /trips", "").run(&[]);
    outcome.exits(1).says("GET /trips with the token of auditor gets 200");
    check("POST /trips", &format!("{post}, expect: 401")).run(&[]).exits(1).says("gets 403, but 401 is expected");
    let nobody = check("GET /trips", "").with(|project| project.without("SIMACAN_TEST_AUDITOR_USERNAME"));
    nobody.run(&["-v"]).exits(0).says("credentials for simacan (test) as auditor are missing");
}

#[test]
fn a_persona_that_files_name_is_tried_by_itself() {
    let stage = devices("GET /api/v1/devices").with(|project| {
        project.file("viewer.yaml", "scenario: Viewer\nauth: { provider: gridshare, as: viewer }\nsteps: []\n")
    });
    let outcome = stage.run(&[]);
    outcome.exits(1).says("GET /api/v1/devices with the token of viewer gets 200");
    // Each sees what is theirs: such a call is no matter of personas.
    let stage = stage.scenario(&format!("{DEVICES}{{ request: GET /api/v1/devices, except: [other_persona] }}\n"));
    stage.run(&[]).exits(0);
}

/// Two mocks: the second is the other environment.
fn two(provider: &str, check: &str) -> (Stage, Stage) {
    let (here, there) = (Stage::new(), Stage::new());
    let facts = here.mock.facts().into_iter().find(|facts| facts.name == provider).expect("the provider");
    let moved = |url: &str| url.replace(&here.mock.base(), &there.mock.base());
    let environments = format!(
        "environments:\n  test: {{ base: \"{}\", api: \"{}\" }}\n  stg: {{ base: \"{}\", api: \"{}\" }}\n",
        facts.base,
        facts.api,
        moved(&facts.base),
        moved(&facts.api)
    );
    let file = crate::support::with_environments(&crate::support::built_in(provider), &environments);
    let config = format!(
        "callsheet: 1\nproviders: [providers]\ndefault_environment: test\nenvironments:\n  test: {{ vars: {{ at: \"{}\" }} }}\n  stg: {{}}\n  safe: {{ read_only: true }}\n",
        here.mock.base()
    );
    let here = here.with(|mut project| {
        for (name, value) in facts.personas[0].credentials {
            project = project.variable(&format!("{provider}_STG_{name}").to_uppercase(), value);
        }
        project
            .file(&format!("providers/{provider}.yaml"), &file)
            .file("callsheet.yaml", &config)
            .file("scenario.yaml", &format!("scenario: Elsewhere\nauth: {provider}\nsteps:\n  - auth_check: {check}\n"))
    });
    (here, there)
}

#[test]
fn a_token_of_another_environment_is_sent_only_where_the_file_allows_it() {
    let (here, there) = two("simacan", "{ request: GET /trips, environments: [stg] }");
    here.run(&["-v"]).exits(0).says("token of stg");
    // It was logged in there and called here: nothing of here was sent there.
    let asked: Vec<_> = there.mock.journal().into_iter().map(|entry| entry.path).collect();
    assert_eq!(asked, ["/simacan/api/v1/auth/password"]);
    let (here, _there) =
        two("simacan", "{ request: GET /trips, environments: [stg], headers: { x-mock-fault: lax=foreign } }");
    here.run(&[]).exits(1).says("GET /trips with a token of stg gets 200");
    let (here, there) = two("simacan", "GET /trips");
    here.run(&["-v"]).exits(0).says("no other environment is listed");
    assert!(there.mock.journal().is_empty());
}

#[test]
fn credentials_that_serve_any_environment_are_not_taken_for_another() {
    let (here, there) = two("simacan", "{ request: GET /trips, environments: [stg] }");
    let here = here.with(|project| {
        let project = project.without("SIMACAN_STG_USERNAME").without("SIMACAN_STG_PASSWORD");
        project
            .variable("SIMACAN_USERNAME", "any")
            .variable("SIMACAN_PASSWORD", "any")
            .file(".env", "SIMACAN_USERNAME=any\n")
    });
    here.run(&["-v"]).exits(0).says("credentials for simacan (stg) are missing");
    assert!(there.mock.journal().is_empty());
}

#[test]
fn tokens_of_production_are_never_sent_elsewhere() {
    for name in ["prod", "production", "eu-prod", "LIVE"] {
        let (here, _there) = two("simacan", &format!("{{ request: GET /trips, environments: [{name}] }}"));
        here.run(&[]).exits(2).says("are never sent to another environment").says("looks like production");
    }
    let (here, _there) = two("simacan", "{ request: GET /trips, environments: [safe] }");
    here.run(&[]).exits(2).says("it is read-only");
    let (here, _there) = two("simacan", "{ request: GET /trips, environments: [test] }");
    here.run(&[]).exits(2).says("`test` is the environment of this run");
    let (here, _there) = two("simacan", "{ request: GET /trips, environments: [stq] }");
    here.run(&[]).exits(2).says("did you mean `stg`?");
}

#[test]
fn a_control_that_is_refused_makes_the_check_an_error() {
    // The auditor may not add trips: that others may not either proves nothing.
    let stage = Stage::new().scenario(
        "scenario: No proof\nbase_url: \"{{ env.trips }}\"\nauth: { provider: simacan, as: auditor }\nsteps:\n  - auth_check: { request: POST /trips, json: { plate: AB-12-CD } }\n",
    );
    let outcome = stage.run(&[]);
    outcome.exits(3).says("so a refusal would prove nothing").says("the positive control failed");
    let posts = stage.mock.journal().into_iter().filter(|entry| entry.path.ends_with("/trips")).count();
    assert_eq!(posts, 1, "nothing but the control was sent");
    let stage = devices("{ request: GET /api/v1/devices, headers: { x-mock-fault: status=503 } }");
    stage.run(&[]).exits(4).says("gets 503 even with the right token");
}

#[test]
fn no_refusal_is_met_with_a_new_login() {
    let stage = devices("GET /api/v1/devices");
    stage.run(&[]).exits(0);
    assert_eq!(stage.token_requests(Site::Gridshare, "authorization_code"), 1);
    assert_eq!(stage.token_requests(Site::Gridshare, "refresh_token"), 0);
    let called = stage.mock.journal().into_iter().filter(|entry| entry.path.ends_with("/devices")).count();
    assert_eq!(called, 6, "the control and five wrong ways");
}

/// An API that wants a key, a user and a password, or an opaque token, as `send` of each says.
fn guarded(flow: &str, right: &'static str, header: &'static str) -> (Project, Recorder) {
    let server = Recorder::start(move |seen: &Seen| {
        let given = seen.header(header).unwrap_or_default();
        json(if given == right { 200 } else { 401 }, "{}")
    });
    let provider = format!(
        "provider: own\n{flow}environments: {{ default: {{ base: \"{{{{ env.at }}}}\", api: \"{{{{ env.at }}}}\" }} }}\n"
    );
    let project = Project::with_vars(&[("at", &server.base())])
        .file("providers/own.yaml", &provider)
        .file("scenario.yaml", "scenario: Guarded\nauth: own\nsteps:\n  - auth_check: GET /things\n");
    (project, server)
}

fn sent(server: &Recorder, header: &str) -> Vec<String> {
    server.seen().iter().map(|seen| seen.header(header).unwrap_or("nothing").to_owned()).collect()
}

#[test]
fn what_is_no_jwt_is_wrong_in_fewer_ways() {
    let (project, server) = guarded(
        "flow: api_key\nsend: { header: x-api-key, value: \"{{ api_key }}\" }\n",
        "k3y-0123456789",
        "x-api-key",
    );
    let outcome = project.variable("OWN_API_KEY", "k3y-0123456789").run(&["-v"]);
    outcome.exits(0).says("the token is not a JWT, so it has no algorithm").says("give an expired one with `expired`");
    assert_eq!(sent(&server, "x-api-key"), ["k3y-0123456789", "nothing", "not-a-token", "k3y-0124456789"]);

    let (project, server) = guarded("flow: basic\n", "Basic YW5uYTpodXNoLWh1c2g=", "authorization");
    let project = project.variable("OWN_USERNAME", "anna").variable("OWN_PASSWORD", "hush-hush");
    project.run(&["-v"]).exits(0).says("this provider sends a user name and password, not a token");
    assert_eq!(
        sent(&server, "authorization"),
        ["Basic YW5uYTpodXNoLWh1c2g=", "nothing", "Basic bm9ib2R5Om5vdC1hLXRva2Vu"]
    );

    let (project, server) =
        guarded("flow: api_key\nsend: { cookie: session, value: \"{{ api_key }}\" }\n", "session=k3y", "cookie");
    project.variable("OWN_API_KEY", "k3y").run(&[]).exits(0);
    assert_eq!(sent(&server, "cookie"), ["session=k3y", "nothing", "session=not-a-token", "session=k4y"]);
}

#[test]
fn a_session_cookie_of_the_right_token_lets_no_wrong_one_in() {
    let server = Recorder::start(|seen: &Seen| {
        let right = seen.header("authorization") == Some("Bearer right-token-0123") || seen.header("cookie").is_some();
        let cookie: &[(&str, &str)] = if right { &[("set-cookie", "session=1; Path=/")] } else { &[] };
        crate::support::reply(if right { 200 } else { 401 }, cookie, "{}")
    });
    let project = Project::with_vars(&[("at", &server.base())])
        .file(
            "providers/own.yaml",
            "provider: own\nflow: bearer\nenvironments: { default: { base: \"{{ env.at }}\", api: \"{{ env.at }}\" } }\n",
        )
        .file("scenario.yaml", "scenario: Session\nauth: own\nsteps:\n  - get: /login\n  - auth_check: GET /things\n")
        .variable("OWN_TOKEN", "right-token-0123");
    project.run(&[]).exits(0);
}

#[test]
fn it_goes_with_a_name_a_condition_and_a_list() {
    let stage = Stage::new().scenario(
        r#"
scenario: Many
auth: gridshare
steps:
  - name: "{{ item }} is closed to strangers"
    for_each: [devices, devices/dev-1001]
    auth_check: "GET /api/v1/{{ item }}"
  - auth_check: GET /nowhere
    when: "{{ false }}"
"#,
    );
    stage.run(&["--report", "junit=junit.xml"]).exits(0);
    let junit = stage.project.read("junit.xml");
    for name in ["no token: devices is closed to strangers", "garbage: devices/dev-1001 is closed to strangers"] {
        assert!(junit.contains(name), "{junit}");
    }
}

#[test]
fn what_is_written_wrongly_is_told_before_any_call() {
    let check = |step: &str| {
        let text = format!("scenario: Wrong\nauth: simacan\nsteps:\n  - {step}\n");
        Project::new().file("scenario.yaml", &text).callsheet(&["check"])
    };
    check("auth_check: /devices").exits(2).says("a method and a URL are needed here");
    check("auth_check: { request: GET /a, except: [no_tokn] }").exits(2).says("did you mean `no_token`?");
    check("auth_check: { except: [garbage] }").exits(2).says("request");
    check("auth_check: GET /a\n    json: { a: 1 }")
        .exits(2)
        .says("write it inside: `auth_check: { request: …, json: … }`");
    check("auth_check: GET /a\n    expect: 403")
        .exits(2)
        .says("`expect` belongs to a call, and this step has `auth_check`");
    check("auth_check: GET /a\n    capture: { a: $.b }").exits(2).says("`capture` belongs to a call");
    check("auth_check: GET /a\n    get: /b").exits(2).says("a step does only one thing");
    check("auth_check: GET /a\n    auth: none").exits(2).says("this step has no `auth`");
    check("auth_check: \"GET /{{ nowhere }}\"").exits(2).says("the variable `nowhere` is not defined");
    check("auth_check: GET /a").exits(0);
}
