//! From the bytes of a body to its text: encodings and charsets that are right, wrong and unheard of, as servers send them.

use snapbox::{assert_data_eq, str};

use crate::support::{Outcome, Project, Recorder};

/// `{"a":1}`, compressed.
const GZIP: &[u8] = &[
    0x1f, 0x8b, 0x8, 0x0, 0x0, 0x0, 0x0, 0x0, 0x2, 0x3, 0xab, 0x56, 0x4a, 0x54, 0xb2, 0x32, 0xac, 0x5, 0x0, 0xaf, 0xac,
    0x1b, 0x56, 0x7, 0x0, 0x0, 0x0,
];
const ZLIB: &[u8] = &[0x78, 0x9c, 0xab, 0x56, 0x4a, 0x54, 0xb2, 0x32, 0xac, 0x5, 0x0, 0x8, 0x2a, 0x2, 0x9];
/// The same without the envelope of zlib that RFC 9110 asks for.
const BARE: &[u8] = &[0xab, 0x56, 0x4a, 0x54, 0xb2, 0x32, 0xac, 0x5, 0x0];

/// The answer to a path.
fn answer(path: &str) -> Vec<u8> {
    let json = "application/json";
    let (content_type, encoding, body): (&str, &str, &[u8]) = match path {
        "/gzip" => (json, "gzip", GZIP),
        "/deflate" => (json, "deflate", ZLIB),
        "/cut" => (json, "gzip", &GZIP[..GZIP.len() - 9]),
        "/bare" => (json, "deflate", BARE),
        "/lie" => (json, "gzip", b"{\"a\":1}"),
        "/zorp" => (json, "zorp", b"\x01\x02\x03garbage"),
        "/bare-bytes" => ("", "", b"\xff\x01\xfe\x02"),
        "/latin" => (json, "", b"{\"name\":\"Zo\xeb\",\"a\":1}"),
        "/latin-named" => ("application/json; charset=iso-8859-1", "", b"{\"name\":\"Zo\xeb\",\"a\":1}"),
        "/latin-csv" => ("text/csv", "", b"id;name\r\n1;Zo\xeb\r\n"),
        "/utf-16" => (json, "", b"\xff\xfe{\0\"\0a\0\"\0:\x001\0}\0"),
        "/utf-16-unmarked" => (json, "", b"{\0\"\0a\0\"\0:\x001\0}\0"),
        _ => (json, "", b"{\"a\":1}\n{\"a\":2}\n"),
    };
    let encoding = if encoding.is_empty() { String::new() } else { format!("content-encoding: {encoding}\r\n") };
    let length = body.len();
    let kind = if content_type.is_empty() { String::new() } else { format!("content-type: {content_type}\r\n") };
    let head = format!("HTTP/1.1 200 OK\r\n{kind}content-length: {length}\r\n{encoding}connection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// One step, its answer from the server above.
fn step(path: &str, expect: &str) -> Outcome {
    let server = Recorder::start(|seen| answer(seen.path()));
    let base = server.base();
    let scenario = format!("scenario: Bytes\nbase_url: {base}\nsteps:\n  - get: {path}\n    expect: {{ {expect} }}\n");
    Project::new().file("bytes.yaml", &scenario).callsheet(&["run"])
}

#[test]
fn what_is_rightly_encoded_is_read() {
    for path in ["/gzip", "/deflate", "/utf-16", "/latin-named"] {
        step(path, "json: { a: 1 }").exits(0);
    }
    step("/latin-named", "json: { name: Zoë }").exits(0);
}

#[test]
fn what_cannot_be_decompressed_is_no_broken_connection() {
    let said: String =
        ["/cut", "/bare", "/lie"].iter().map(|path| step(path, "json: { a: 1 }").exits(4).diagnostics()).collect();
    assert_data_eq!(
        said,
        str![[r#"
error[http.decode]: the body cannot be decompressed: unexpected end of file
 --> bytes.yaml:4:10
  |
4 |   - get: /cut
  |          ^^^^
  |
  = help: the service says that the body is compressed, but it is not, or only a part of it
error[http.decode]: the body cannot be decompressed: deflate decompression error
 --> bytes.yaml:4:10
  |
4 |   - get: /bare
  |          ^^^^^
  |
  = help: the service says that the body is compressed, but it is not, or only a part of it
error[http.decode]: the body cannot be decompressed: Invalid gzip header
 --> bytes.yaml:4:10
  |
4 |   - get: /lie
  |          ^^^^
  |
  = help: the service says that the body is compressed, but it is not, or only a part of it

"#]]
    );
}

#[test]
fn what_is_no_http_is_no_fault_of_the_request() {
    let answers: [&'static [u8]; 5] = [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        b"\x15\x03\x01\0\x02\x02\x16",
    ];
    let said: String = answers
        .into_iter()
        .map(|answer| {
            let server = Recorder::start(move |_| answer.to_vec());
            let scenario = format!("scenario: Bytes\nsteps:\n  - get: {}\n", server.base());
            Project::new().file("bytes.yaml", &scenario).callsheet(&["run"]).exits(4).diagnostics()
        })
        .collect();
    assert_data_eq!(
        said,
        str![[r#"
error[http.malformed]: what 127.0.0.1:PORT answers is not HTTP: invalid HTTP version parsed
 --> bytes.yaml:3:10
  |
3 |   - get: http://127.0.0.1:PORT
  |          ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: check the port, and whether the URL must start with `https`; `curl -v` shows what comes
error[http.malformed]: what 127.0.0.1:PORT answers is not HTTP: invalid HTTP header parsed
 --> bytes.yaml:3:10
  |
3 |   - get: http://127.0.0.1:PORT
  |          ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: check the port, and whether the URL must start with `https`; `curl -v` shows what comes
error[http.malformed]: what 127.0.0.1:PORT answers is not HTTP: invalid content-length parsed
 --> bytes.yaml:3:10
  |
3 |   - get: http://127.0.0.1:PORT
  |          ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: check the port, and whether the URL must start with `https`; `curl -v` shows what comes
error[http.malformed]: what 127.0.0.1:PORT answers is not HTTP: Invalid chunk size line: missing size digit
 --> bytes.yaml:3:10
  |
3 |   - get: http://127.0.0.1:PORT
  |          ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: check the port, and whether the URL must start with `https`; `curl -v` shows what comes
error[http.malformed]: what 127.0.0.1:PORT answers is not HTTP: invalid HTTP version parsed
 --> bytes.yaml:3:10
  |
3 |   - get: http://127.0.0.1:PORT
  |          ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: check the port, and whether the URL must start with `https`; `curl -v` shows what comes

"#]]
    );
}

#[test]
fn what_was_read_wrongly_is_told_beside_what_differs() {
    let said: String = [
        ("/latin", "json: { name: Zoë }"),
        ("/latin", "at: { $.name: Zoë }"),
        ("/latin-csv", "csv: [{ id: 1, name: Zoë }]"),
        ("/utf-16-unmarked", "json: { a: 1 }"),
        ("/lines", "json: { a: 1 }"),
        ("/zorp", "json: { a: 1 }"),
        ("/bare-bytes", "json: { a: 1 }"),
    ]
    .iter()
    .map(|(path, expect)| step(path, expect).exits(1).diagnostics())
    .collect();
    assert_data_eq!(
        said,
        str![[r#"
error[expect.json]: $.name is not what was expected
 --> bytes.yaml:5:29
  |
5 |     expect: { json: { name: Zoë } }
  |                             ^^^ the answer has "Zo�"
  |
  = note: the body has bytes that are not UTF-8, the first at byte 11; they are shown as �
error[expect.at]: $.name is not what was expected
 --> bytes.yaml:5:29
  |
5 |     expect: { at: { $.name: Zoë } }
  |                             ^^^ the answer has "Zo�"
  |
  = note: the body has bytes that are not UTF-8, the first at byte 11; they are shown as �
error[expect.csv]: $[0].name is not what was expected
 --> bytes.yaml:5:36
  |
5 |     expect: { csv: [{ id: 1, name: Zoë }] }
  |                                    ^^^ the answer has "Zo�"
  |
  = note: the body has bytes that are not UTF-8, the first at byte 13; they are shown as �
error[expect.body]: the answer says it is application/json, but it is not valid JSON: key must be a string at line 1, column 2
 --> bytes.yaml:5:21
  |
5 |     expect: { json: { a: 1 } }
  |                     ^^^^^^^^ JSON is expected here
  |
  = note: every second byte is zero, as in UTF-16 without a byte-order mark; its content type should name the charset
error[expect.body]: the answer says it is application/json, but it is not valid JSON: trailing characters at line 2, column 1
 --> bytes.yaml:5:21
  |
5 |     expect: { json: { a: 1 } }
  |                     ^^^^^^^^ JSON is expected here
  |
  = help: each line is JSON by itself: expect it with `ndjson`
error[expect.body]: the answer says it is application/json, but it is not valid JSON: expected value at line 1, column 1
 --> bytes.yaml:5:21
  |
5 |     expect: { json: { a: 1 } }
  |                     ^^^^^^^^ JSON is expected here
  |
  = note: the body is as it came: the service says it is encoded as `zorp` (content-encoding), which is not known here
error[expect.body]: the answer has no content type and is not JSON; it starts with `�␁�␂`
 --> bytes.yaml:5:21
  |
5 |     expect: { json: { a: 1 } }
  |                     ^^^^^^^^ JSON is expected here
  |
  = note: the body has bytes that are not UTF-8, the first at byte 0; they are shown as �

"#]]
    );
    // What does not differ is as it was expected, all the same.
    step("/latin", "json: { a: 1 }").exits(0);
}
