use std::time::{Duration, Instant};

use super::*;

fn told(kind: Kind, text: &str) -> String {
    match read(kind, text, true) {
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn media_types_say_what_a_body_is() {
    let kinds = [
        ("application/json", Kind::Json),
        ("application/problem+json", Kind::Json),
        ("application/x-ndjson", Kind::Lines),
        ("application/json-seq", Kind::Sequence),
        ("application/geo+json-seq", Kind::Sequence),
        ("text/csv", Kind::Csv),
        ("text/tab-separated-values", Kind::Tsv),
        ("application/x-www-form-urlencoded", Kind::Form),
        ("application/jwt", Kind::Jwt),
        ("application/at+jwt", Kind::Jwt),
        ("application/soap+xml", Kind::Xml),
        ("image/svg+xml", Kind::Xml),
        ("image/png", Kind::Binary),
        ("application/xhtml+xml", Kind::Html),
        ("text/plain", Kind::Text),
        ("", Kind::Unknown),
        ("application/octet-stream", Kind::Unknown),
    ];
    for (media_type, kind) in kinds {
        assert_eq!(Kind::of(media_type), kind, "{media_type}");
    }
}

#[test]
fn tables_are_read_by_their_header() {
    let rows = "[{\"id\":\"1\",\"name\":\"a\"},{\"id\":\"2\",\"name\":\"b, \\\"c\\\"\"}]";
    assert_eq!(told(Kind::Csv, "id,name\n1,a\n2,\"b, \"\"c\"\"\"\n"), rows);
    assert_eq!(told(Kind::Csv, "\u{feff}id;name\r\n1;a\r\n2;\"b, \"\"c\"\"\"\r\n"), rows);
    assert_eq!(told(Kind::Tsv, "id\tname\n1\ta\n2\t\"b, \"\"c\"\"\""), rows);
    assert_eq!(told(Kind::Csv, "id|name\n1|a\n2|\"b, \"\"c\"\"\"\n\n"), rows);
    assert_eq!(told(Kind::Csv, "id,text\n1,\"two\nlines\"\n"), "[{\"id\":\"1\",\"text\":\"two\\nlines\"}]");
    assert_eq!(told(Kind::Csv, "id\n"), "[]");
    assert_eq!(told(Kind::Csv, "id,5\" pipe\n1,x\n"), "[{\"id\":\"1\",\"5\\\" pipe\":\"x\"}]");
    let headless = read(Kind::Csv, "1,a\n2,b\n", false).expect("a table");
    assert_eq!(headless.to_string(), "[[\"1\",\"a\"],[\"2\",\"b\"]]");
}

#[test]
fn tables_that_are_none_are_told_by_line() {
    assert_eq!(told(Kind::Csv, "a,b\n1,2\n3\n"), "the row on line 3 has 1 cell, and the names above it are 2");
    assert_eq!(told(Kind::Csv, "a,b\n1,2,3\n"), "the row on line 2 has 3 cells, and the names above it are 2");
    assert_eq!(told(Kind::Csv, "a,b,a\n1,2,3\n"), "the columns 1 and 3 have one name, `a`");
    assert_eq!(told(Kind::Csv, "a,,\n1,2,3\n"), "columns 2 and 3 have no name in the first row");
    assert_eq!(told(Kind::Csv, "a,b\n1,\"2\n3,4\n"), "the quote that opens on line 2 is never closed");
    assert_eq!(told(Kind::Csv, "a,b\n1,\"2\"x\n"), "on line 2, a cell goes on behind its closing quote");
    assert_eq!(told(Kind::Csv, ""), "it is empty: not even the row with the names of the columns is there");
    assert_eq!(told(Kind::Csv, "\""), "the quote that opens on line 1 is never closed");
}

#[test]
fn json_lines_and_sequences() {
    assert_eq!(told(Kind::Lines, "{\"a\":1}\r\n\n2\n\"x\""), "[{\"a\":1},2,\"x\"]");
    assert_eq!(told(Kind::Lines, ""), "[]");
    assert_eq!(
        told(Kind::Lines, "1\n2\n{\"a\":\n4\n"),
        "line 3 is not JSON: EOF while parsing a value at column 5; it is `{\"a\":`"
    );
    assert_eq!(told(Kind::Sequence, "\u{1e}{\"a\":1}\n\u{1e}\u{1e}2\n"), "[{\"a\":1},2]");
    assert!(told(Kind::Sequence, "{\"a\":1}\n").starts_with("each value needs a record separator"));
    assert!(told(Kind::Sequence, "\u{1e}1\n\u{1e}{\n").starts_with("value 2 of the sequence is not JSON"));
}

#[test]
fn forms_give_lists_for_repeated_names() {
    assert_eq!(told(Kind::Form, "a=1&b=x+y&a=%C3%BC&c\r\n"), "{\"a\":[\"1\",\"ü\"],\"b\":\"x y\",\"c\":\"\"}");
    assert_eq!(told(Kind::Form, ""), "{}");
}

#[test]
fn tokens_give_their_header_and_claims() {
    assert_eq!(
        told(Kind::Jwt, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.\n"),
        "{\"header\":{\"alg\":\"none\"},\"claims\":{\"sub\":\"a\"}}"
    );
    assert_eq!(told(Kind::Jwt, "abc"), "a JWT has three parts with dots between them, and this has none");
    assert_eq!(told(Kind::Jwt, "a.b"), "a JWT has three parts with dots between them, and this has 2");
    assert_eq!(told(Kind::Jwt, "!.b.c"), "its header part is not base64url");
    assert!(told(Kind::Jwt, "eyJhbGciOiJub25lIn0.e30x.c").starts_with("its claims part is not JSON"));
    assert!(told(Kind::Jwt, "a.b.c.d.e").starts_with("it has five parts: the token is encrypted"));
}

#[test]
fn the_charset_is_the_one_that_is_named() {
    let text = |bytes: &[u8], content_type: &str| {
        let media_type = content_type.split(';').next().unwrap_or_default();
        let decoded = decode(bytes, content_type, Kind::of(media_type));
        (decoded.text.into_owned(), decoded.problem)
    };
    assert_eq!(text(b"K\xf6ln", "text/plain; charset=ISO-8859-1").0, "Köln");
    assert_eq!(text("Köln".as_bytes(), "text/plain").0, "Köln");
    let declared = b"<?xml version='1.0' encoding='iso-8859-1'?><a>K\xf6ln</a>";
    assert!(text(declared, "application/xml").0.contains("Köln"));
    assert!(text(b"<meta charset=windows-1252><p>K\xf6ln", "text/html").0.contains("Köln"));
    assert_eq!(text(b"\xff\xfeK\0\xf6\0", "text/plain; charset=utf-16").0, "Kö");
    let (shown, problem) = text(b"caf\xe9 au lait", "text/plain; charset=utf-8");
    assert_eq!(shown, "caf\u{fffd} au lait");
    assert_eq!(
        problem.as_deref(),
        Some("the body has bytes that are not UTF-8, the first at byte 3; they are shown as \u{fffd}")
    );
    for body in [&b"{\0\"\0\xeb\0\"\0"[..], b"\0{\0\"\0\xeb\0\""] {
        let problem = text(body, "application/json").1.expect("a problem");
        assert!(problem.contains("as in UTF-16 without a byte-order mark"), "{problem}");
    }
    let (_, problem) = text(b"abc", "text/plain; charset=klingon");
    assert_eq!(problem.as_deref(), Some("nobody knows the charset `klingon` of the answer; it was read as UTF-8"));
}

#[test]
fn bodies_that_are_made_to_cost_time_cost_none() {
    let started = Instant::now();
    let rows: String = (0..200_000).map(|at| format!("{at},name {at},{}\n", at * 2)).collect();
    let table = read(Kind::Csv, &format!("id,name,twice\n{rows}"), true).expect("a table");
    assert_eq!(table.as_array().map(<[Json]>::len), Some(200_000));
    let quotes = "\"".repeat(1_000_001);
    assert!(read(Kind::Csv, &quotes, true).is_err());
    let wide = (0..100_000).map(|at| at.to_string()).collect::<Vec<_>>().join(",");
    assert!(read(Kind::Csv, &format!("{wide}\n{wide}\n"), true).is_ok());
    assert!(read(Kind::Lines, &"[".repeat(100_000), true).is_err());
    assert!(read(Kind::Lines, &"1\n".repeat(500_000), true).is_ok());
    assert!(read(Kind::Form, &"a&".repeat(500_000), true).is_ok());
    assert!(read(Kind::Jwt, &".".repeat(1_000_000), true).is_err());
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}
