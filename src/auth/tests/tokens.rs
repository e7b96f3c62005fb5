//! What is read out of a token response.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Desk;
use crate::auth::attach::Attachment;
use crate::auth::token::{Token, TokenSet};
use crate::auth::{Flow, jwt};
use crate::json;

fn token(response: &str) -> Result<Token, String> {
    token_at(response, "{}")
}

fn token_at(response: &str, members: &str) -> Result<Token, String> {
    let desk = Desk::of(&format!(
        "{{ provider: a, flow: client_credentials, login: {{ post: 'https://a.test' }}, token: {members} }}"
    ));
    let Flow::ClientCredentials(endpoint) = &desk.provider.flow else { panic!("another flow") };
    let json = Arc::new(json::parse(response.as_bytes()).expect("JSON"));
    let set =
        TokenSet::read(&json, 200, &endpoint.token, Instant::now()).map_err(|lacking| lacking.path.to_string())?;
    let identity = desk.set("A_CLIENT_ID", "i").set("A_CLIENT_SECRET", "s").identity();
    let attachment = Attachment::of(&identity, &set).expect("sent");
    Ok(Token::new(set, attachment))
}

fn jwt(claims: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", part(r#"{"alg":"none"}"#), part(claims))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn left(response: &str) -> Option<u64> {
    // The clock ran on since the token came.
    token(response).expect("a token").left().map(|left| (left + Duration::from_millis(500)).as_secs())
}

#[test]
fn a_token_lives_as_long_as_the_shorter_of_both_says() {
    assert_eq!(left(r#"{"access_token":"opaque"}"#), None);
    assert_eq!(left(r#"{"access_token":"opaque","expires_in":3600}"#), Some(3600));
    assert_eq!(left(r#"{"access_token":"opaque","expires_in":" 60 "}"#), Some(60));
    for odd in ["0", "-5", "null", "\"soon\"", "\"NaN\"", "true", "{}"] {
        assert_eq!(left(&format!(r#"{{"access_token":"opaque","expires_in":{odd}}}"#)), None, "{odd}");
    }
    assert!(left(r#"{"access_token":"opaque","expires_in":1e300}"#).is_some());
    let (soon, late, past) = (now() + 100, now() + 9000, now() - 500);
    let with = |claims: &str| {
        let round = |left: Option<u64>| left.map(|left| left.div_ceil(10) * 10);
        round(left(&format!(r#"{{"access_token":"{}","expires_in":3600}}"#, jwt(claims))))
    };
    assert_eq!(with(&format!(r#"{{"exp":{soon}}}"#)), Some(100));
    assert_eq!(with(&format!(r#"{{"exp":{late}}}"#)), Some(3600));
    // A clock that is wrong: the token's own length of life counts.
    assert_eq!(with(&format!(r#"{{"exp":{past},"iat":{}}}"#, past - 300)), Some(300));
    assert_eq!(with(&format!(r#"{{"exp":{past}}}"#)), Some(3600));
}

#[test]
fn members_are_read_where_the_provider_says() {
    let members = "{ access_token: \"$.data['tokens'][0].value\", refresh_token: $.data.refresh, expires_in: $.ttl }";
    let response =
        r#"{"data":{"tokens":[{"value":" t "}],"refresh":"r"},"ttl":"120","token_type":"bearer","scope":"a b"}"#;
    let token = token_at(response, members).expect("a token");
    assert_eq!((token.access().expose(), token.refresh().expect("one").expose()), ("t", "r"));
    assert_eq!((token.token_type(), token.scope(), token.status()), (Some("bearer"), Some("a b"), 200));
    assert!(token.claims().is_none());
    assert_eq!(token_at(r#"{"access_token":"x"}"#, members).expect_err("elsewhere"), "$.data['tokens'][0].value");
    for none in [r#"{"access_token":""}"#, r#"{"access_token":5}"#, "[]", "null", "\"t\""] {
        assert_eq!(super::tokens::token(none).expect_err(none), "$.access_token");
    }
    let token = super::tokens::token(&format!(r#"{{"access_token":"{}"}}"#, jwt(r#"{"sub":"x"}"#))).expect("a token");
    assert_eq!(token.claims().map(ToString::to_string).as_deref(), Some(r#"{"sub":"x"}"#));
}

#[test]
fn what_is_no_jwt_is_not_decoded() {
    let padded = format!("{}.{}.", base64::engine::general_purpose::URL_SAFE.encode("{}"), "e30=");
    assert!(jwt::decode(&padded).is_some());
    for text in ["", "..", "a.b", "e30.e30", "e30.e30.x.y", "e30.W10.x", "e30.!!.x", "é.é.é", "e30.e3.x"] {
        assert!(jwt::decode(text).is_none(), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_decoder_panic(text in ".{0,80}", parts in "[A-Za-z0-9_=-]{0,20}\\.[A-Za-z0-9_=-]{0,20}\\.[a-z]{0,3}") {
        let _ = jwt::decode(&text);
        let _ = jwt::decode(&parts);
    }
}
