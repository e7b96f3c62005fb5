//! `callsheet auth inspect`: what is shown of a token, and that the token is not.

use crate::support::{Project, Stage};

#[test]
fn a_token_is_shown_in_its_parts_and_never_whole() {
    let stage = Stage::new();
    let outcome = stage.project.callsheet(&["auth", "inspect", "gridshare", "--env", "test"]);
    outcome.exits(0);
    outcome.says("the access token of gridshare (test)").says("alg  RS256").says("token_use").says("issued ");
    outcome.says("expires in 60 minutes").says("signature  valid (RS256, by the key gridshare-2026-1)");
    outcome.says("clock      the same as the provider's").lacks("eyJ");
}

#[test]
fn a_token_that_is_given_is_looked_at_without_a_login() {
    let stage = Stage::new();
    let right = stage.project.callsheet(&["auth", "token", "cognito", "--env", "test"]);
    let right = right.exits(0).stdout.trim().to_owned();
    let inspect = |token: &str| stage.project.callsheet(&["auth", "inspect", "cognito", "--env", "test", token]);
    inspect(&right).exits(0).says("the token of cognito (test)").says("signature  valid").lacks(&right);
    let (signed, signature) = right.rsplit_once('.').expect("a JWT");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let tampered = format!("{signed}.{first}{}", &signature[1..]);
    inspect(&tampered).exits(1).says("signature  wrong").lacks(&tampered);
    inspect("opaque-token").exits(0).says("it is not a JWT").lacks("opaque-token");
    // No credentials, so nobody to ask for keys: it is shown all the same.
    let bare = Project::new().callsheet(&["auth", "inspect", "simacan", "--env", "stg", &right]);
    bare.exits(0).says("signature  not checked: credentials for simacan (stg) are missing");
}

#[test]
fn a_token_may_come_on_standard_input() {
    let stage = Stage::new();
    // Nothing is piped in: that is told, and nothing hangs.
    stage
        .project
        .callsheet(&["auth", "inspect", "cognito", "--env", "test", "-"])
        .exits(2)
        .says("there is no token on standard input");
}
