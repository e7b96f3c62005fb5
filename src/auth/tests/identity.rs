//! Who goes where: environments, their members, the host guard, and how a request carries a credential.

use super::{Desk, drawn, request};
use crate::auth::hosts::{Forbidden, HostGuard, Pattern};
use crate::http::Request;

fn guard(patterns: &[&str]) -> HostGuard {
    HostGuard::new(patterns.iter().map(|text| Pattern::parse(text).expect(text)).collect())
}

fn check(guard: &HostGuard, url: &str) -> Result<(), Forbidden> {
    guard.check(&url.parse().expect("a URL"))
}

#[test]
fn host_patterns_keep_staging_and_production_apart() {
    let prod = guard(&["*.services.simacan.com", "!*-stg.*"]);
    let stg = guard(&["*-stg.services.simacan.com"]);
    for (url, in_prod, in_stg) in [
        ("https://trips.services.simacan.com/x", true, false),
        ("https://TRIPS.services.simacan.com./x", true, false),
        ("https://a.b.services.simacan.com", true, false),
        ("https://trips-stg.services.simacan.com", false, true),
        ("https://services.simacan.com", false, false),
        ("https://trips.services.simacan.com.evil.example", false, false),
        ("https://evil.example/trips.services.simacan.com", false, false),
        ("https://trips.services.simacan.com@evil.example/", false, false),
        ("https://trips.services.simacan.com:8443", true, false),
    ] {
        assert_eq!(check(&prod, url).is_ok(), in_prod, "{url}");
        assert_eq!(check(&stg, url).is_ok(), in_stg, "{url}");
    }
    assert_eq!(check(&prod, "http://trips.services.simacan.com"), Err(Forbidden::Plain));
    let ports = guard(&["localhost:8080", "[::1]:9090", "http://*.internal:80"]);
    for (url, allowed) in [
        ("http://localhost:8080/", Ok(())),
        ("http://localhost/", Err(Forbidden::Host)),
        ("http://[::1]:9090/", Ok(())),
        ("http://[::1]:9091/", Err(Forbidden::Host)),
        ("http://api.internal/", Ok(())),
        ("https://api.internal/", Err(Forbidden::Host)),
    ] {
        assert_eq!(check(&ports, url), allowed, "{url}");
    }
    assert_eq!(check(&guard(&["!*.prod.example"]), "https://a.stg.example"), Ok(()));
    assert_eq!(check(&guard(&["*"]), "https://anything.example"), Ok(()));
    for bad in ["", "!", "https://a.example/x", "a.example:http", "a b", "u@a.example", "https://", ":80"] {
        assert!(Pattern::parse(bad).is_err(), "{bad}");
    }
    let slow = format!("{}b", "*a".repeat(200));
    assert_eq!(check(&guard(&[&slow]), &format!("https://{}.example", "a".repeat(60))), Err(Forbidden::Host));
}

const ACME: &str = "
provider: acme
flow: bearer
environments:
  stg: { base: 'https://login.acme.test/v1', api: 'https://api.acme.test:8443', region: '{{ env.region }}' }
  prod: { base: 'https://login.prod.test', hosts: ['{{ env.host }}', '!*.stg.*'] }
";

fn acme() -> Desk {
    let mut desk = Desk::of(ACME).set("ACME_TOKEN", "t0ken-t0ken");
    desk.env.insert("region".into(), "eu".into());
    desk.env.insert("host".into(), "*.prod.test".into());
    desk
}

fn attached(desk: &Desk, mut request: Request) -> Result<Request, String> {
    let identity = desk.identity();
    let token = identity.given.clone().expect("given");
    identity.attach(&mut request, &token).map(|()| request).map_err(|error| drawn(&error))
}

#[test]
fn without_hosts_a_credential_goes_to_the_providers_own_urls_only() {
    let desk = acme();
    assert_eq!(desk.identity().api(), Some("https://api.acme.test:8443"));
    assert_eq!(desk.identity().member("region"), Some("eu"));
    for url in ["https://login.acme.test/x", "https://api.acme.test:8443/devices"] {
        let sent = attached(&desk, request(url)).expect("allowed");
        assert_eq!(sent.headers.get("authorization"), Some("Bearer t0ken-t0ken"));
    }
    assert_eq!(
        attached(&desk, request("https://api.acme.test/x")).expect_err("another port"),
        "\
error[auth.host]: a credential of acme (stg) may not be sent to api.acme.test
 = note: the `hosts` of the provider allow only login.acme.test, api.acme.test:8443
 = help: is the URL right, and the environment? If the host is right, add it to the provider's `hosts`"
    );
}

#[test]
fn a_host_pattern_may_be_a_template() {
    let mut desk = acme();
    desk.environment = "prod".into();
    attached(&desk, request("https://api.prod.test/x")).expect("allowed");
    assert_eq!(
        attached(&desk, request("https://api.stg.prod.test:1/x")).expect_err("negated"),
        "\
error[auth.host]: a credential of acme (prod) may not be sent to api.stg.prod.test:1
 = note: the `hosts` of the provider allow only *.prod.test, !*.stg.*
 = help: is the URL right, and the environment? If the host is right, add it to the provider's `hosts`"
    );
    assert_eq!(
        attached(&desk, request("http://api.prod.test/x?k=1")).expect_err("plain"),
        "\
error[auth.insecure]: a credential of acme (prod) would be sent unencrypted, over plain http, to http://api.prod.test/x
 = help: use https; plain http is allowed to this machine, and to hosts that `hosts` lists as `http://HOST`"
    );
    desk.env.insert("host".into(), "https://x/y".into());
    assert_eq!(
        desk.refusal(),
        "\
error[provider.hosts]: `https://x/y` is not a host pattern: it is a URL, not a host
 --> p.yaml:6:52
  |
6 |   prod: { base: 'https://login.prod.test', hosts: ['{{ env.host }}', '!*.stg.*'] }
  |                                                    ^^^^^^^^^^^^^^^^
  |
  = help: write a host, such as `api.example.com`, or `*.example.com` for all hosts below it"
    );
}

#[test]
fn what_the_environment_lacks_is_told_with_the_place_to_define_it() {
    let mut desk = acme();
    desk.env.clear();
    desk.env.insert("regoin".into(), "eu".into());
    assert_eq!(
        desk.refusal(),
        "\
error[template.undefined]: `env` has no `region`
 --> p.yaml:5:93
  |
5 |   stg: { base: 'https://login.acme.test/v1', api: 'https://api.acme.test:8443', region: '{{ env.region }}' }
  |                                                                                             ^^^^^^^^^^
  |
  = help: did you mean `env.regoin`?
  = help: define it in callsheet.yaml: environments: { stg: { vars: … } }"
    );
}

#[test]
fn an_environment_that_is_not_there_is_named() {
    let mut desk = acme();
    for (name, help) in [
        ("prd", "did you mean `prod`?"),
        ("qa", "its environments are stg, prod: select one of them with --env, or add this one to the provider"),
    ] {
        desk.environment = name.into();
        let expected =
            format!("error[auth.environment]: the provider acme has no environment `{name}`\n = help: {help}");
        assert_eq!(desk.refusal(), expected);
    }
    let mut desk =
        Desk::of("{ provider: acme, flow: bearer, environments: { default: { api: 'https://{{ env.name }}.test' } } }");
    desk.env.insert("name".into(), "qa".into());
    desk.environment = "qa".into();
    assert_eq!(desk.set("ACME_QA_TOKEN", "t").identity().api(), Some("https://qa.test"));
}

#[test]
fn members_that_only_another_environment_has_are_missed_before_any_call() {
    let yaml = "
provider: acme
flow: client_credentials
environments: { stg: { base: 'https://a.test' }, prod: { base: 'https://b.test', tenant: t } }
login: { post: '{{ base }}/{{ tenant }}/{{ env.path }}' }
";
    let desk = Desk::of(yaml).set("ACME_CLIENT_ID", "i").set("ACME_CLIENT_SECRET", "s");
    let drawn = desk.refusal();
    assert!(drawn.contains("acme has no `tenant` in the environment `stg`"), "{drawn}");
    assert!(drawn.contains("`env` has no `path`"), "{drawn}");
}

#[test]
fn urls_of_the_environment_must_be_urls() {
    let mut desk = Desk::of("{ provider: acme, flow: none, environments: { stg: { api: '{{ env.host }}/v1' } } }");
    desk.env.insert("host".into(), "api.acme.test".into());
    assert_eq!(
        desk.refusal(),
        "\
error[provider.url]: `api` of acme is not an http URL: api.acme.test/v1
 --> p.yaml:1:59
  |
1 | { provider: acme, flow: none, environments: { stg: { api: '{{ env.host }}/v1' } } }
  |                                                           ^^^^^^^^^^^^^^^^^^^
  |
  = help: write a complete URL, for example https://api.example.com"
    );
}

#[test]
fn keys_are_carried_where_the_provider_wants_them() {
    let desk = |flow: &str, send: &str| {
        let desk = Desk::of(&format!("{{ provider: k, flow: {flow}, send: {send} }}"));
        desk.set("K_API_KEY", "k&y-k&y").set("K_TOKEN", "t0ken").set("K_USERNAME", "ü").set("K_PASSWORD", "p:w")
    };
    let header = desk("api_key", "{ header: X-Api-Key, value: 'Key {{ api_key }}' }");
    let mut written = request("https://a.test/");
    let sent = attached(&header, written.clone()).expect("sent");
    assert_eq!(sent.headers.get("x-api-key"), Some("Key k&y-k&y"));
    // What the step writes itself stays.
    written.headers.set("x-api-key", "mine");
    assert_eq!(attached(&header, written).expect("sent").headers.get("x-api-key"), Some("mine"));

    let query = desk("api_key", "{ query: key, value: '{{ api_key }}' }");
    let sent = attached(&query, request("https://a.test/x?a=%20b")).expect("sent");
    assert_eq!(sent.url.as_str(), "https://a.test/x?a=%20b&key=k%26y-k%26y");
    assert_eq!(attached(&query, sent).expect("sent").url.as_str(), "https://a.test/x?a=%20b&key=k%26y-k%26y");

    let cookie = desk("bearer", "{ cookie: sid, value: '{{ access_token }}' }");
    let mut written = request("https://a.test/");
    assert_eq!(attached(&cookie, written.clone()).expect("sent").headers.get("cookie"), Some("sid=t0ken"));
    written.headers.set("cookie", "lang=nl");
    assert_eq!(attached(&cookie, written).expect("sent").headers.get("cookie"), Some("lang=nl; sid=t0ken"));

    let basic = Desk::of("{ provider: k, flow: basic }").set("K_USERNAME", "ü").set("K_PASSWORD", "p:w");
    let sent = attached(&basic, request("https://a.test/")).expect("sent");
    assert_eq!(sent.headers.get("authorization"), Some("Basic w7w6cDp3"));
    assert_eq!(
        basic.redactor.redact("Basic w7w6cDp3"),
        "Basic {{auth.k.sent}}",
        "a short password is found in its Basic form, too"
    );
    assert_eq!(
        Desk::of("{ provider: k, flow: basic }").set("K_USERNAME", "a:b").set("K_PASSWORD", "x").refusal(),
        "error[auth.credentials]: the user name of k contains a `:`, which HTTP Basic cannot send\n = help: use a user name without `:`, or another flow"
    );
    let none = Desk::of("{ provider: k, flow: none }");
    let sent = attached(&none, request("http://a.test/")).expect("nothing is sent, so nothing is guarded");
    assert_eq!(sent.headers.iter().len(), 0);
}

#[test]
fn a_credential_without_any_host_goes_over_https_only() {
    let desk = Desk::of("{ provider: k, flow: bearer }").set("K_TOKEN", "t0ken");
    attached(&desk, request("https://anywhere.test/")).expect("sent");
    attached(&desk, request("http://127.0.0.1:1/")).expect("sent");
    assert!(attached(&desk, request("http://anywhere.test/")).expect_err("plain").starts_with("error[auth.insecure]"));
}
