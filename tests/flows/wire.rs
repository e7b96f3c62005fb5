//! What is sent, byte for byte: the requests of each flow as its provider's documentation has them.

use callsheet::mock::Site;
use snapbox::{assert_data_eq, str};

use crate::support::Stage;

const TRIPS: &str = r#"
scenario: Trips
base_url: "{{ env.trips }}"
auth: simacan
steps:
  - get: /trips
  - get: /trips
    headers: { x-mock-fault: early-expiry=once }
"#;

#[test]
fn simacan_sends_a_form_without_a_grant_type_and_refreshes_with_the_token_alone() {
    let stage = Stage::recorded().scenario(TRIPS);
    stage.run(&[]).exits(0);
    assert_data_eq!(
        stage.wire.told(),
        str![[r#"
POST /simacan/api/v1/auth/password
content-type: application/x-www-form-urlencoded
username=demo%40haulier.example&password=truck%2Btrailer+%26+100%25%3Dload

GET /simacan/trips-api/v1/trips
authorization: Bearer JWT

GET /simacan/trips-api/v1/trips
authorization: Bearer JWT

POST /simacan/api/v1/auth/refresh
content-type: application/x-www-form-urlencoded
refresh_token=REFRESH

GET /simacan/trips-api/v1/trips
authorization: Bearer JWT

"#]]
    );
}

#[test]
fn simacan_logs_in_again_only_when_the_refresh_is_refused() {
    let stage = Stage::recorded().scenario(TRIPS);
    stage.mock.inject(
        callsheet::mock::Fault::new(Site::Simacan, callsheet::mock::FaultKind::RefreshRefused(401))
            .path("/api/v1/auth/refresh"),
    );
    stage.run(&["-v"]).exits(0).says("logged in again after a 401, and replayed");
    assert_data_eq!(
        stage.wire.told(),
        str![[r#"
POST /simacan/api/v1/auth/password
content-type: application/x-www-form-urlencoded
username=demo%40haulier.example&password=truck%2Btrailer+%26+100%25%3Dload

GET /simacan/trips-api/v1/trips
authorization: Bearer JWT

GET /simacan/trips-api/v1/trips
authorization: Bearer JWT

POST /simacan/api/v1/auth/refresh
content-type: application/x-www-form-urlencoded
refresh_token=REFRESH

POST /simacan/api/v1/auth/password
content-type: application/x-www-form-urlencoded
username=demo%40haulier.example&password=truck%2Btrailer+%26+100%25%3Dload

GET /simacan/trips-api/v1/trips
authorization: Bearer JWT

"#]]
    );
}

#[test]
fn lavanda_sends_json() {
    let stage = Stage::recorded().scenario(
        r#"
scenario: Who am I
auth: lavanda
steps:
  - post: /
    graphql: { query: "{ viewer { id } }" }
  - post: /
    headers: { x-mock-fault: early-expiry=once }
    graphql: { query: "{ viewer { id } }" }
"#,
    );
    stage.run(&[]).exits(0);
    assert_data_eq!(
        stage.wire.told(),
        str![[r#"
POST /lavanda/v1/oauth2/token
content-type: application/json
{"grant_type":"client_credentials","client_id":"3lavanda7demo9manager1","client_secret":"demo-/"manager/"-secret-é"}

POST /lavanda/v1
content-type: application/json
authorization: Bearer JWT
{"query":"{ viewer { id } }"}

POST /lavanda/v1
content-type: application/json
authorization: Bearer JWT
{"query":"{ viewer { id } }"}

POST /lavanda/v1/oauth2/token
content-type: application/json
{"grant_type":"client_credentials","client_id":"3lavanda7demo9manager1","client_secret":"demo-/"manager/"-secret-é"}

POST /lavanda/v1
content-type: application/json
authorization: Bearer JWT
{"query":"{ viewer { id } }"}

"#]]
    );
}

#[test]
fn cognito_sends_basic_and_a_form_with_the_scope() {
    let stage = Stage::recorded().scenario(
        r#"
scenario: Items
auth: cognito
steps:
  - get: /items
  - get: /items
    headers: { x-mock-fault: early-expiry=once }
"#,
    );
    stage.run(&[]).exits(0);
    assert_data_eq!(
        stage.wire.told(),
        str![[r#"
POST /cognito/oauth2/token
content-type: application/x-www-form-urlencoded
authorization: Basic NGRlbW84d3JpdGVyMmNsaWVudDZpZDpkZW1vJTJCc2VjcmV0JTJGd2l0aCUzRHJlc2VydmVkJTNBY2hhcnMlMjUyMSUyNm1vcmU=
grant_type=client_credentials&scope=api%2Fwrite

GET /cognito/api/items
authorization: Bearer JWT

GET /cognito/api/items
authorization: Bearer JWT

POST /cognito/oauth2/token
content-type: application/x-www-form-urlencoded
authorization: Basic NGRlbW84d3JpdGVyMmNsaWVudDZpZDpkZW1vJTJCc2VjcmV0JTJGd2l0aCUzRHJlc2VydmVkJTNBY2hhcnMlMjUyMSUyNm1vcmU=
grant_type=client_credentials&scope=api%2Fwrite

GET /cognito/api/items
authorization: Bearer JWT

"#]]
    );
}

#[test]
fn gridshare_goes_through_login_and_consent_and_exchanges_the_code_with_basic() {
    let stage = Stage::recorded().scenario(
        r#"
scenario: Devices
auth: gridshare
steps:
  - get: /api/v1/devices
  - get: /api/v1/devices
    headers: { x-mock-fault: early-expiry=once }
  - get: /api/v1/devices
    headers: { x-mock-fault: early-expiry=twice }
"#,
    );
    stage.run(&[]).exits(0);
    assert_data_eq!(
        stage.wire.told(),
        str![[r#"
GET /gridshare/oauth2/authorize?response_type=code&client_id=1example23456789&redirect_uri=https%3A%2F%2Fwww.example.com&scope=lunar%2Fdevice.read+lunar%2Fdevice.write&state=STATE

GET /gridshare/login?response_type=code&client_id=1example23456789&redirect_uri=https%3A%2F%2Fwww.example.com&scope=lunar%2Fdevice.read+lunar%2Fdevice.write&state=STATE

POST /gridshare/login?response_type=code&client_id=1example23456789&redirect_uri=https%3A%2F%2Fwww.example.com&scope=lunar%2Fdevice.read+lunar%2Fdevice.write&state=STATE
content-type: application/x-www-form-urlencoded
_csrf=CSRF&username=homeowner%40example.com&password=sun+%26+battery%3D100%25&signIn=Sign+in

GET /gridshare/consent?response_type=code&client_id=1example23456789&redirect_uri=https%3A%2F%2Fwww.example.com&scope=lunar%2Fdevice.read+lunar%2Fdevice.write&state=STATE

POST /gridshare/consent?response_type=code&client_id=1example23456789&redirect_uri=https%3A%2F%2Fwww.example.com&scope=lunar%2Fdevice.read+lunar%2Fdevice.write&state=STATE
content-type: application/x-www-form-urlencoded
_csrf=CSRF&granted=lunar%2Fdevice.read+lunar%2Fdevice.write&action=approve

POST /gridshare/oauth2/token
content-type: application/x-www-form-urlencoded
authorization: Basic MWV4YW1wbGUyMzQ1Njc4OTpkZW1vJTJGZ3JpZHNoYXJlJTJCc2VjcmV0JTNEMQ==
grant_type=authorization_code&client_id=1example23456789&code=CODE&redirect_uri=https%3A%2F%2Fwww.example.com

GET /gridshare/api/v1/devices
authorization: Bearer JWT

GET /gridshare/api/v1/devices
authorization: Bearer JWT

POST /gridshare/oauth2/token
content-type: application/x-www-form-urlencoded
authorization: Basic MWV4YW1wbGUyMzQ1Njc4OTpkZW1vJTJGZ3JpZHNoYXJlJTJCc2VjcmV0JTNEMQ==
grant_type=refresh_token&client_id=1example23456789&refresh_token=REFRESH

GET /gridshare/api/v1/devices
authorization: Bearer JWT

GET /gridshare/api/v1/devices
authorization: Bearer JWT

POST /gridshare/oauth2/token
content-type: application/x-www-form-urlencoded
authorization: Basic MWV4YW1wbGUyMzQ1Njc4OTpkZW1vJTJGZ3JpZHNoYXJlJTJCc2VjcmV0JTNEMQ==
grant_type=refresh_token&client_id=1example23456789&refresh_token=REFRESH

GET /gridshare/api/v1/devices
authorization: Bearer JWT

"#]]
    );
    // The registered address of the partner is only ever compared, never called; and each login has a state of its own.
    let states: Vec<String> = stage
        .wire
        .seen()
        .iter()
        .filter(|seen| seen.path().ends_with("/authorize"))
        .map(|seen| seen.target.clone())
        .collect();
    assert_eq!(states.len(), 1);
    let refreshes: Vec<_> =
        stage.wire.seen().into_iter().filter(|seen| seen.text().contains("grant_type=refresh_token")).collect();
    assert_eq!(refreshes[0].body, refreshes[1].body, "the old refresh token stays in force");
}
