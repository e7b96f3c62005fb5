//! Wrong tokens begin like right ones: they are secrets, in every report.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::Stage;

#[test]
fn no_wrong_token_is_shown_anywhere() {
    let text = "scenario: Secret\nauth: gridshare\nsteps:\n  - auth_check: { request: GET /api/v1/devices, headers: { x-mock-fault: lax=anonymous+garbage+signature+expired+alg-none } }\n";
    let stage = Stage::recorded().scenario(text);
    let outcome = stage.run(&[
        "-vv",
        "--report",
        "junit=junit.xml",
        "--report",
        "json=run.json",
        "--report",
        "events=run.ndjson",
    ]);
    outcome.exits(1).says("wrong_token}}");
    let sent: Vec<String> = stage
        .wire
        .seen()
        .iter()
        .filter(|seen| seen.path().ends_with("/devices"))
        .filter_map(|seen| seen.header("authorization")?.strip_prefix("Bearer ").map(str::to_owned))
        .collect();
    assert_eq!(sent.len(), 5, "the right token, garbage, expired, tampered, unsigned");
    let mut written = outcome.all();
    for file in ["junit.xml", "run.json", "run.ndjson"] {
        written.push_str(&stage.project.read(file));
    }
    assert!(written.contains("not-a-token"), "what is no secret is shown");
    for token in sent.iter().filter(|token| *token != "not-a-token") {
        for part in token.split('.').filter(|part| part.len() > 20) {
            assert!(!written.contains(part), "a part of a token is shown: {part}");
            let middle = &part[part.len() / 2 - 8..part.len() / 2 + 8];
            assert!(!written.contains(middle), "a piece of a token is shown: {middle}");
        }
        let whole = URL_SAFE_NO_PAD.encode(token);
        assert!(!written.contains(&whole[..whole.len().min(60)]));
    }
}
