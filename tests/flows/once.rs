//! One login for all, one renewal for all, and no refresh token twice.

use callsheet::mock::{Fault, FaultKind, Site, Violations};

use crate::support::Stage;

/// A scenario with so many cases, each of which makes these calls.
fn cases(count: usize, auth: &str, steps: &str) -> (String, String) {
    let rows: String = (0..count).map(|row| format!("{row}\n")).collect();
    let scenario = format!(
        "scenario: Many\nbase_url: \"{{{{ env.trips }}}}\"\nauth: {auth}\ncases: {{ file: cases.csv }}\nsteps:\n{steps}"
    );
    (scenario, format!("n\n{rows}"))
}

/// All of them hold one token and are waiting for an answer when the first is told that it has expired.
const ALL_AT_ONCE: &str = r#"
  - get: /trips/T-1001
  - pause: 500ms
  - get: /trips/T-1001
    headers: { x-mock-fault: "early-expiry=all, slow=1500" }
"#;

fn many(stage: Stage, count: usize, auth: &str, steps: &str) -> Stage {
    let (scenario, rows) = cases(count, auth, steps);
    stage.scenario(&scenario).with(|project| project.file("cases.csv", &rows))
}

#[test]
fn a_thousand_scenarios_make_one_login() {
    for (provider, grant, call) in [
        ("simacan", "password", "  - get: /trips/T-1001\n"),
        (
            "lavanda",
            "client_credentials",
            "  - post: \"{{ provider.lavanda.api }}\"\n    graphql: { query: \"{ viewer { id } }\" }\n",
        ),
        ("cognito", "client_credentials", "  - get: \"{{ provider.cognito.api }}/items/item-1\"\n"),
        ("gridshare", "authorization_code", "  - get: \"{{ provider.gridshare.api }}/api/v1/devices/dev-1001\"\n"),
    ] {
        let stage = many(Stage::new(), 1000, provider, call);
        stage.run(&["-q", "--jobs", "16"]).exits(0).says("1000 passed");
        let site = Site::PROVIDERS.into_iter().find(|site| site.name() == provider).expect("it is a provider");
        let counters = stage.mock.counters();
        assert_eq!(stage.token_requests(site, grant), 1, "{provider}: {counters:?}");
        assert_eq!(counters.sites[&site].token_requests.values().sum::<u64>(), 1, "{provider}: {counters:?}");
        assert_eq!(counters.violations, Violations::default(), "{provider}");
    }
}

#[test]
fn a_hundred_concurrent_401s_make_one_refresh() {
    let stage = many(Stage::new(), 100, "simacan", ALL_AT_ONCE);
    stage.run(&["-q", "--jobs", "100"]).exits(0).says("100 passed");
    let counters = stage.mock.counters();
    assert!(counters.sites[&Site::Simacan].unauthorized > 50, "they met the 401 together: {counters:?}");
    assert_eq!(counters.sites[&Site::Simacan].refreshes, 1, "{counters:?}");
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 1, "{counters:?}");
    assert_eq!(counters.violations, Violations::default());
}

#[test]
fn a_refused_refresh_makes_one_login_for_all() {
    let stage = many(Stage::new(), 100, "simacan", ALL_AT_ONCE);
    stage.mock.inject(Fault::new(Site::Simacan, FaultKind::RefreshRefused(401)).always());
    stage.run(&["-q", "--jobs", "100"]).exits(0).says("100 passed");
    assert!(stage.mock.counters().sites[&Site::Simacan].unauthorized > 50, "they met the 401 together");
    assert_eq!(stage.token_requests(Site::Simacan, "refresh_token"), 1);
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 2);
}

#[test]
fn no_rotated_refresh_token_is_sent_twice() {
    let steps = "  - for_each: [1, 2, 3, 4, 5]\n    get: /trips/T-1001\n    headers: { x-mock-fault: \"early-expiry={{ uuid() }}\" }\n";
    let stage = many(Stage::new(), 12, "{ provider: simacan, fresh: true }", steps);
    stage.run(&["-q", "--jobs", "4"]).exits(0).says("12 passed");
    let counters = stage.mock.counters();
    assert_eq!(counters.violations.rotated_refresh_token_reused, 0, "{counters:?}");
    assert_eq!(counters.sites[&Site::Simacan].refreshes, 60, "{counters:?}");
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 12, "{counters:?}");
}

#[test]
fn a_shared_token_that_ends_between_renewal_and_replay_is_renewed_again() {
    // Each request lets the shared token expire that another scenario may just be replaying its step with.
    let steps = "  - for_each: [1, 2, 3, 4, 5]\n    get: /trips/T-1001\n    headers: { x-mock-fault: \"early-expiry={{ uuid() }}\" }\n";
    let stage = many(Stage::new(), 12, "simacan", steps);
    stage.run(&["-q", "--jobs", "2"]).exits(0).says("12 passed");
    let counters = stage.mock.counters();
    assert_eq!(counters.violations, Violations::default());
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 1, "{counters:?}");
}

#[test]
fn a_401_that_is_meant_ends_after_a_few_requests() {
    let stage = many(Stage::new(), 12, "simacan", "  - get: /trips/T-1001\n");
    stage.mock.inject(Fault::new(Site::Simacan, FaultKind::Status(401, None)).path("/trips-api").always());
    stage.run(&["-q", "--jobs", "4"]).exits(1).says("12 failed");
    let counters = stage.mock.counters();
    // Nothing has accepted any of the tokens, so soon they are renewed no more.
    assert!(counters.sites[&Site::Simacan].refreshes <= 3, "{counters:?}");
    let calls = stage.mock.journal().iter().filter(|entry| entry.path.contains("/trips")).count();
    // One at the least for each scenario: who comes last finds that new tokens have not helped anybody.
    assert!((12..=72).contains(&calls), "{calls} requests");
}

#[test]
fn a_token_that_nobody_else_has_is_renewed_once() {
    let stage = many(Stage::new(), 1, "simacan", "  - get: /trips/T-1001\n");
    stage.mock.inject(Fault::new(Site::Simacan, FaultKind::Status(401, None)).path("/trips-api").always());
    stage.run(&["-q"]).exits(1);
    assert_eq!(stage.mock.counters().sites[&Site::Simacan].refreshes, 1);
    assert_eq!(stage.mock.journal().iter().filter(|entry| entry.path.contains("/trips")).count(), 2);
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    let stage = Stage::new().scenario(
        r#"
scenario: A short life
base_url: "{{ env.trips }}"
auth: simacan
steps:
  - get: /trips
  - pause: 1500ms
  - get: /trips
"#,
    );
    stage.mock.inject(Fault::new(Site::Simacan, FaultKind::ShortLife(1)));
    stage.run(&[]).exits(0);
    let counters = stage.mock.counters();
    assert_eq!(counters.sites[&Site::Simacan].unauthorized, 0, "it is not waited for: {counters:?}");
    assert_eq!(counters.sites[&Site::Simacan].refreshes, 1, "{counters:?}");
}

#[test]
fn a_wrong_password_is_tried_once_for_a_thousand_scenarios() {
    let stage = many(Stage::new(), 1000, "simacan", "  - get: /trips\n")
        .with(|project| project.variable("SIMACAN_TEST_PASSWORD", "wrong"));
    stage.run(&["-q", "--jobs", "16"]).exits(3).says("1000 errored");
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 1);
    assert_eq!(stage.mock.counters().sites[&Site::Simacan].requests, 1);
}

#[test]
fn a_fresh_token_is_nobody_elses() {
    let steps = "  - get: /trips/T-1001\n";
    let stage = many(Stage::new(), 5, "{ provider: simacan, fresh: true }", steps);
    stage.run(&[]).exits(0);
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 5);
    let carried: std::collections::BTreeSet<_> =
        stage.mock.journal().into_iter().filter_map(|entry| entry.token).collect();
    assert_eq!(carried.len(), 5, "{carried:?}");
}
