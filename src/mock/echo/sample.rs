//! Bodies of the kinds that APIs answer beside JSON, and some that are not what they say: for tests of what can be
//! expected of them.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use serde_json::json;

use super::super::reply::Reply;

/// The shared secret that signs the token.
const SECRET: &[u8] = b"the echo service signs with this";

/// The sample of that name.
pub(super) fn answer(name: &str) -> Reply {
    let (content_type, body): (_, Vec<u8>) = match name {
        "soap" => ("text/xml; charset=utf-8", include_bytes!("sample/soap.xml").to_vec()),
        "shop" => ("text/html; charset=utf-8", include_bytes!("sample/shop.html").to_vec()),
        "login" => ("text/html", include_bytes!("sample/login.html").to_vec()),
        "csv" => (
            "text/csv; charset=utf-8",
            b"id,item,price,note\r\n1,Bell,12.50,\r\n2,\"Lamp, \"\"big\"\"\",39.95,\"two\nlines\"\r\n".to_vec(),
        ),
        "csv-semicolon" => ("text/csv", "\u{feff}id;item;price\n1;Bell;12,50\n2;K\u{fc}hler;39,95\n".into()),
        "tsv" => ("text/tab-separated-values", b"id\titem\n1\tBell\n2\tLamp\n".to_vec()),
        "ndjson" => (
            "application/x-ndjson",
            b"{\"seq\":1,\"event\":\"created\"}\n{\"seq\":2,\"event\":\"paid\"}\n\n{\"seq\":3,\"event\":\"sent\"}\n"
                .to_vec(),
        ),
        "ndjson-broken" => ("application/x-ndjson", b"{\"seq\":1}\n{\"seq\":2}\n{\"seq\":3\n{\"seq\":4}\n".to_vec()),
        "json-seq" => ("application/json-seq", b"\x1e{\"seq\":1}\n\x1e{\"seq\":2}\n".to_vec()),
        "form" => ("application/x-www-form-urlencoded", b"state=done&tag=a&tag=b&message=all+is+well&left=3".to_vec()),
        "png" => ("image/png", include_bytes!("sample/pixel.png").to_vec()),
        "jwt" => ("application/jwt", token().into()),
        "json-as-text" => ("text/plain; charset=utf-8", b"{ \"id\": 7, \"state\": \"open\" }".to_vec()),
        "json-in-text" => {
            let payload = json!({ "id": 7, "tags": ["a", "b"] }).to_string();
            ("application/json", json!({ "topic": "orders", "payload": payload }).to_string().into())
        }
        "html-as-json" => ("application/json", include_bytes!("sample/login.html").to_vec()),
        "latin1.xml" => (
            "application/xml",
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<city name=\"K\xf6ln\">Gr\xfc\xdfe</city>\n".to_vec(),
        ),
        "not-utf8" => ("text/plain; charset=utf-8", b"caf\xe9\n".to_vec()),
        _ => {
            return Reply::not_found(
                "the samples are soap, shop, login, csv, csv-semicolon, tsv, ndjson, ndjson-broken, json-seq, form, png, jwt, json-as-text, json-in-text, html-as-json, latin1.xml and not-utf8",
            );
        }
    };
    Reply::new(StatusCode::OK, content_type, body)
}

/// A token that never ends, of nobody's.
fn token() -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "alg": "HS256", "typ": "JWT", "kid": "echo-1" }));
    let claims = part(json!({
        "iss": "urn:example:echo",
        "sub": "alice",
        "aud": ["orders", "fleet"],
        "scope": "orders/read",
        "iat": 1_700_000_000,
        "exp": 4_102_444_800_u64,
    }));
    let signed = format!("{header}.{claims}");
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
