use reqwest::Method;
use serde_json::{Value, json};

use super::{FORM, JSON, Stage};

#[tokio::test]
async fn anything_is_described() {
    let stage = Stage::new().await;
    let headers = [("content-type", FORM), ("cookie", "a=1; b=2"), ("x-twice", "1"), ("x-twice", "2")];
    let answer = stage.send(Method::PUT, "/echo/anything/x?q=1&q=2&z=%C3%A9", &headers, "p=1&p=%20").await.json();
    assert_eq!((&answer["method"], &answer["path"]), (&json!("PUT"), &json!("/echo/anything/x")));
    assert_eq!(answer["query"], json!({ "q": ["1", "2"], "z": "é" }));
    assert_eq!(answer["query_list"], json!([["q", "1"], ["q", "2"], ["z", "é"]]));
    assert_eq!(answer["cookies"], json!({ "a": "1", "b": "2" }));
    assert_eq!(answer["headers"]["x-twice"], json!(["1", "2"]));
    assert_eq!((&answer["form"], &answer["text"]), (&json!({ "p": ["1", " "] }), &json!("p=1&p=%20")));
    let json = stage.post("/echo/anything", JSON, "{\"b\":1,\"a\":[null]}").await.json();
    assert_eq!(json["json"].to_string(), "{\"b\":1,\"a\":[null]}");
}

#[tokio::test]
async fn multipart_parts_are_described() {
    let stage = Stage::new().await;
    let body = "preamble\r\n--b 1\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n\
        --b 1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a;b.txt\"\r\nContent-Type: text/plain\r\n\r\n\
        line\r\n--b \r\n\r\n--b 1--\r\nepilogue";
    let answer = stage.post("/echo/anything", "multipart/form-data; boundary=\"b 1\"", body).await.json();
    assert_eq!(
        answer["parts"],
        json!([
            { "name": "note", "filename": null, "content_type": null, "size": 5, "text": "hello" },
            { "name": "file", "filename": "a;b.txt", "content_type": "text/plain", "size": 12, "text": "line\r\n--b \r\n" },
        ])
    );
    for broken in ["", "--b 1\r\n", "--b 1\r\nx", "--b 1--", "--b 1 --"] {
        let answer = stage.post("/echo/anything", "multipart/form-data; boundary=\"b 1\"", broken).await;
        assert_eq!(answer.status, 200);
    }
    let unbounded = stage.post("/echo/anything", "multipart/form-data", "x").await.json();
    assert!(unbounded["multipart_error"].is_string());
}

#[tokio::test]
async fn json_and_bodies_come_back_byte_for_byte() {
    let stage = Stage::new().await;
    let body = "{ \"b\": 1.0,\n \"a\": 123456789012345678901234567890 }";
    let answer = stage.post("/echo/json?status=404", JSON, body).await;
    assert_eq!((answer.status, answer.body.as_str(), answer.header("content-type")), (404, body, JSON));
    assert_eq!(stage.post("/echo/json", JSON, "{").await.status, 400);
    assert_eq!(stage.get("/echo/json", "").await.status, 405);
    let answer = stage.post("/echo/body", "text/csv", "a,b\n").await;
    assert_eq!((answer.body.as_str(), answer.header("content-type")), ("a,b\n", "text/csv"));
    assert_eq!(stage.get("/echo/json/3", "").await.json()[2]["nested"]["square"], 9);
    assert_eq!(stage.get("/echo/json/100001", "").await.status, 400);
}

#[tokio::test]
async fn statuses_redirects_and_cookies_come_as_asked_for() {
    let stage = Stage::new().await;
    for status in [200, 204, 301, 304, 401, 404, 418, 429, 500, 599] {
        assert_eq!(stage.get(&format!("/echo/status/{status}"), "").await.status, status);
    }
    for status in ["100", "600", "x"] {
        assert_eq!(stage.get(&format!("/echo/status/{status}"), "").await.status, 400);
    }
    let redirect = stage.get("/echo/redirect/2?status=307", "").await;
    assert_eq!((redirect.status, redirect.header("location")), (307, "/echo/redirect/1?status=307"));
    assert_eq!(stage.get("/echo/redirect/0", "").await.status, 200);
    assert_eq!(stage.get("/echo/redirect/1?status=200", "").await.status, 400);
    let redirect = stage.get("/echo/redirect-to?url=https%3A%2F%2Fexample.com%2F%3Fa&status=308", "").await;
    assert_eq!((redirect.status, redirect.header("location")), (308, "https://example.com/?a"));
    assert_eq!(stage.get("/echo/redirect-to", "").await.status, 400);
    assert_eq!(stage.get("/echo/redirect-to?url=a%0d%0ab", "").await.status, 400);

    let set = stage.get("/echo/cookies/set?a=1&b=2", "").await;
    let cookies: Vec<_> = set.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(cookies, ["a=1; Path=/echo", "b=2; Path=/echo"]);
    let shown = stage.send(Method::GET, "/echo/cookies", &[("cookie", "a=1")], "").await.json();
    assert_eq!(shown, json!({ "cookies": { "a": "1" } }));
    assert!(stage.get("/echo/cookies/delete?a", "").await.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn codings_charsets_and_bytes_come_as_asked_for() {
    let stage = Stage::new().await;
    for (path, coding) in [("gzip", "gzip"), ("deflate", "deflate"), ("brotli", "br"), ("zstd", "zstd")] {
        // The client decodes what it understands, so that reading the JSON proves the coding.
        assert_eq!(stage.get(&format!("/echo/{path}"), "").await.json()["coding"], coding);
    }
    let url = format!("{}/echo/charset/", stage.mock.base());
    let get = async |name: &str| {
        let response = stage.client.get(format!("{url}{name}")).send().await.unwrap();
        response.bytes().await.unwrap()
    };
    assert!(get("latin1").await.starts_with(b"Gr\xfc\xdfe"));
    assert!(get("utf-16").await.starts_with(b"\xff\xfeG\0r\0\xfc\0"));
    assert_eq!(stage.get("/echo/charset/ebcdic", "").await.status, 404);
    assert_eq!(stage.get("/echo/bytes/300", "").await.header("content-length"), "300");
    assert_eq!(stage.get("/echo/bytes/99999999999", "").await.status, 400);

    let answer = stage.get("/echo/headers?x-a=1&x-a=2&content-type=text/plain&etag=%22v%22", "").await;
    assert_eq!(answer.headers.get_all("x-a").iter().count(), 2);
    assert_eq!((answer.header("content-type"), answer.header("etag")), ("text/plain", "\"v\""));
    assert_eq!(stage.get("/echo/headers?content-length=5", "").await.status, 400);
    assert_eq!(stage.get("/echo/headers?a=%0a", "").await.status, 400);
    assert!(stage.get("/echo/html", "").await.body.contains("<h1>A sample page</h1>"));
    assert_eq!(stage.get("/echo/xml", "").await.header("content-type"), "application/xml");
}

#[tokio::test]
async fn some_paths_count() {
    let stage = Stage::new().await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(stage.get("/echo/flaky/k?fail=2", "").await.status);
    }
    assert_eq!(statuses, [503, 503, 200, 200]);
    assert_eq!(stage.get("/echo/flaky/other?fail=0", "").await.status, 200);
    assert_eq!(stage.get("/echo/flaky/other?fail=x", "").await.status, 400);
    let count = async || stage.get("/echo/counter/k", "").await.json()["count"].clone();
    assert_eq!((count().await, count().await), (json!(1), json!(2)));
    stage.send(Method::DELETE, "/echo/counter/k", &[], "").await;
    assert_eq!(count().await, json!(1));
    assert_eq!(stage.get("/echo/delay/5", "").await.json(), json!({ "delayed": 5 }));
    assert_eq!(stage.get("/echo/delay/999999999", "").await.status, 400);
    assert_eq!(stage.get("/echo/nothing", "").await.json()["error"], Value::from("not_found"));
}
