//! Every matcher and every operator with a value that it takes and one that it does not, through the binary.

use snapbox::{assert_data_eq, str};

use crate::bench::{Report, carets, project, scenario, text, told};

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";

/// What is expected, a value that is as expected, and one that is not; none is a member that is not there.
type Row = (&'static str, &'static str, &'static str);

const TYPES: &[Row] = &[
    ("<any>", "null", ""),
    ("<string>", "\"1\"", "1"),
    ("<number>", "1.5", "\"1.5\""),
    ("<integer>", "3.0", "3.5"),
    ("<boolean>", "false", "0"),
    ("<array>", "[]", "{}"),
    ("<object>", "{}", "[]"),
    ("<null>", "null", "false"),
    ("<absent>", "", "null"),
    ("<optional integer>", "", "null"),
    ("<optional integer>", "1", "\"1\""),
    ("<integer or null>", "null", "\"\""),
    ("<null or string>", "\"\"", "7"),
];

const SIZES: &[Row] = &[
    ("<empty>", "\"\"", "\"a\""),
    ("<empty>", "[]", "[0]"),
    ("<not empty>", "{\"a\":1}", "{}"),
    ("<length 3>", "\"é€😀\"", "\"ab\""),
    ("<length 1..10>", "[1]", "[]"),
    ("<length >= 1>", "{\"a\":1}", "{}"),
    ("<length < 2>", "\"a\"", "\"ab\""),
];

const NUMBERS: &[Row] = &[
    ("<integer >= 1>", "1", "0"),
    ("<number < 5>", "4.99", "5"),
    ("<> 0>", "0.1", "0"),
    ("<>= 0>", "0", "-1"),
    ("<<= 3>", "3", "3.01"),
    ("<== 2>", "2.0", "2.1"),
    ("<!= 2>", "3", "2"),
    ("<between 1 and 5>", "5", "6"),
    ("<400..499>", "499", "500"),
    ("<about 3.14 ± 0.01>", "3.145", "3.2"),
    ("<integer or > 10>", "10.5", "9.5"),
];

const FORMATS: &[Row] = &[
    ("<uuid>", "\"9b2a1f6e-6d0f-4b7a-8c3e-0a1b2c3d4e5f\"", "\"9b2a1f6e\""),
    ("<email>", "\"a.b+c@example.org\"", "\"a.b.example.org\""),
    ("<url>", "\"https://example.org/a?b=c\"", "\"/a\""),
    ("<date>", "\"2024-02-29\"", "\"2023-02-29\""),
    ("<datetime>", "\"2024-02-29T23:59:59.5+01:00\"", "\"2024-02-29\""),
    ("<time>", "\"23:59:59Z\"", "\"24:00:00Z\""),
    ("<duration>", "\"P1DT2H\"", "\"2h\""),
    ("<ipv4>", "\"127.0.0.1\"", "\"127.0.0.256\""),
    ("<ipv6>", "\"fe80::1\"", "\"fe80::1::2\""),
    ("<hostname>", "\"a-b.example.org\"", "\"-a.example.org\""),
    ("<semver>", "\"1.2.3-rc.1+5\"", "\"1.2\""),
    ("<base64>", "\"aGk=\"", "\"aGk\""),
    ("<hex>", "\"00ffAA\"", "\"0x00\""),
    ("<jwt>", "\"JWT\"", "\"a.b.c\""),
    ("<slug>", "\"a-b-3\"", "\"A b\""),
    ("<iso country>", "\"NL\"", "\"XX\""),
    ("<iso currency>", "\"EUR\"", "\"ERU\""),
    ("<uuid>", "\"9b2a1f6e-6d0f-4b7a-8c3e-0a1b2c3d4e5f\"", "5"),
];

const TEXTS: &[Row] = &[
    ("<contains b c>", "\"a b c\"", "\"a bc\""),
    ("<starts with https://>", "\"https://x\"", "\"http://x\""),
    ("<ends with .png>", "\"a.png\"", "\"a.png \""),
    ("<matches ^T-\\d+$>", "\"T-12\"", "\"XT-12\""),
    ("<matches \\d>", "\"a1b\"", "\"ab\""),
    ("<one of a, b, c>", "\"b\"", "\"d\""),
    ("<one of 1, 2>", "2", "\"2\""),
    ("<one of \"1\", x>", "\"1\"", "1"),
    ("<contains {{ word }}>", "\"a <any> b\"", "\"a b\""),
    ("{{ word }}", "\"<any>\"", "\"any\""),
    ("\\<any>", "\"<any>\"", "\"x\""),
];

const TIMES: &[Row] = &[
    ("<in the past>", "\"2001-01-01T00:00:00Z\"", "\"2999-01-01T00:00:00Z\""),
    ("<in the past>", "978307200", "32503680000"),
    ("<in the future>", "32503680000000", "978307200000"),
    ("<in the future>", "\"2999-01-01\"", "\"2001-01-01\""),
    ("<within 5m of now>", "\"{{ now() }}\"", "\"2001-01-01T00:00:00Z\""),
];

const LISTS: &[Row] = &[
    ("<each integer>", "[1, 2]", "[1, \"2\", 3]"),
    ("<each (string and not empty)>", "[\"a\"]", "[\"\"]"),
    ("<unique>", "[1, 2, \"1\"]", "[1, 2, 1.0]"),
    ("<sorted>", "[1, 2, 2]", "[1, 3, 2]"),
    ("<sorted desc>", "[\"b\", \"a\"]", "[\"a\", \"b\"]"),
];

const JOINED: &[Row] = &[
    ("<not null>", "0", "null"),
    ("<integer and > 3>", "4", "3"),
    ("<uuid or email>", "\"a@example.org\"", "\"a\""),
    ("<not string and not null>", "1", "null"),
    ("<string or integer and > 3>", "4", "2"),
    ("<(string or array) and not empty>", "[1]", "[]"),
    ("<contains \"x and y\" or contains z>", "\"x and y\"", "\"x y\""),
];

const LITERALS: &[Row] = &[
    ("1", "1.0", "\"1\""),
    ("text", "\"text\"", "\"Text\""),
    ("true", "true", "\"true\""),
    ("null", "null", ""),
    ("[1, [2]]", "[1, [2]]", "[1, [2, 3]]"),
    ("{ a: { b: 1 } }", "{\"a\":{\"b\":1,\"c\":2},\"d\":3}", "{\"a\":{\"b\":2,\"c\":2}}"),
    ("{ a: 1 }", "{\"a\":1}", "[{\"a\":1}]"),
];

const OPERATORS: &[Row] = &[
    ("{ $each: { id: <integer> } }", "[{\"id\":1},{\"id\":2}]", "[{\"id\":1},{\"id\":\"2\"}]"),
    ("{ $each: <string>, $length: 2 }", "[\"a\",\"b\"]", "[\"a\"]"),
    ("{ $length: <length 1..2> }", "[1]", "[1,2,3]"),
    ("{ $length: <> 1> }", "\"ab\"", "\"a\""),
    ("{ $contains: smoke }", "[\"a\",\"smoke\"]", "[\"a\",\"b\"]"),
    ("{ $contains: { id: 2 } }", "[{\"id\":1},{\"id\":2,\"n\":0}]", "[{\"id\":1}]"),
    (
        "{ $unordered: [{ id: S-1 }, { id: S-2 }] }",
        "[{\"id\":\"S-2\"},{\"id\":\"S-1\"}]",
        "[{\"id\":\"S-2\"},{\"id\":\"S-3\"}]",
    ),
    ("{ $unordered: [1, 2] }", "[2, 1]", "[2, 1, 1]"),
    (
        "{ $by: sku, $unordered: [{ sku: A, n: 1 }, { sku: B, n: 2 }] }",
        "[{\"sku\":\"B\",\"n\":2},{\"sku\":\"A\",\"n\":1}]",
        "[{\"sku\":\"B\",\"n\":1},{\"sku\":\"A\",\"n\":1}]",
    ),
    ("{ $by: sku, $exactly: [{ sku: A, n: 1 }] }", "[{\"sku\":\"A\",\"n\":1}]", "[{\"sku\":\"A\",\"n\":1,\"m\":0}]"),
    (
        "{ $by: sku, $contains: { sku: A, n: 1 } }",
        "[{\"sku\":\"B\"},{\"sku\":\"A\",\"n\":1}]",
        "[{\"sku\":\"B\"},{\"sku\":\"A\",\"n\":2}]",
    ),
    ("{ $exactly: { city: Utrecht } }", "{\"city\":\"Utrecht\"}", "{\"city\":\"Utrecht\",\"zip\":1}"),
    ("{ \\$each: 1 }", "{\"$each\":1}", "{\"each\":1}"),
];

/// A scenario a row, each posting its value and expecting it.
fn run(rows: &[Row], value: impl Fn(&Row) -> &'static str) -> (i32, Report) {
    let mut project = project();
    for (index, row) in rows.iter().enumerate() {
        // In single quotes YAML takes everything as it stands.
        let expected = if row.0.starts_with(['<', '\\']) || row.0.starts_with("{{") {
            format!("'{}'", row.0)
        } else {
            row.0.to_owned()
        };
        let member = match value(row) {
            "" => String::new(),
            value => format!("v: {}", value.replace("JWT", JWT)),
        };
        let step = format!(
            "vars: {{ word: '<any>' }}\nsteps:\n  - post: /json\n    json: {{ {member} }}\n    expect:\n      json:\n        v: {expected}\n"
        );
        project = project.file(&format!("row{index:03}.yaml"), &scenario(&step));
    }
    let (outcome, report) = told(&project);
    (outcome.code, report)
}

/// Asserts that all the good values pass, and gives what is said of each of the bad ones.
#[track_caller]
fn said(rows: &[Row]) -> String {
    let (code, report) = run(rows, |row| row.1);
    assert_eq!(report.scenarios().len(), rows.len());
    for (row, scenario) in rows.iter().zip(report.scenarios()) {
        assert_eq!(scenario["verdict"], "passed", "{row:?}: {:?}", carets(&scenario["steps"][0]));
    }
    assert_eq!(code, 0);
    let (code, report) = run(rows, |row| row.2);
    assert_eq!(code, 1);
    let mut said = String::new();
    for (row, scenario) in rows.iter().zip(report.scenarios()) {
        let step = &scenario["steps"][0];
        assert_eq!(scenario["verdict"], "failed", "{row:?}: {step:#}");
        let value = if row.2.is_empty() { "nothing" } else { row.2 };
        said.push_str(&format!("{} over {value}\n", row.0));
        for caret in carets(step) {
            said.push_str(&format!("    {caret}\n"));
        }
    }
    let years = regex::Regex::new(r"\d+ years").expect("the pattern is one");
    years.replace_all(&said, "N years").into_owned()
}

/// What the listings say of the bad values.
#[track_caller]
fn listed(rows: &[Row]) -> String {
    let (_, report) = run(rows, |row| row.2);
    let mut listed = String::new();
    for (row, scenario) in rows.iter().zip(report.scenarios()) {
        listed.push_str(&format!(
            "{} over {}\n{}",
            row.0,
            row.2,
            text(&scenario["steps"][0]["findings"][0]["problem"]["details"])
        ));
    }
    listed
}

#[test]
fn types_and_presence() {
    assert_data_eq!(
        said(TYPES),
        str![[r#"
<any> over nothing
    the answer has no `v`
<string> over 1
    the answer has 1: a number, not a string
<number> over "1.5"
    the answer has "1.5": a string, not a number
<integer> over 3.5
    the answer has 3.5: it has a fraction
<boolean> over 0
    the answer has 0: a number, not a boolean
<array> over {}
    the answer has {}: an object, not an array
<object> over []
    the answer has []: an array, not an object
<null> over false
    the answer has false: a boolean, not null
<absent> over null
    the answer has null: it should not be there
<optional integer> over null
    the answer has null: null, not an integer
<optional integer> over "1"
    the answer has "1": a string, not an integer
<integer or null> over ""
    the answer has "": a string, not an integer, and not null
<null or string> over 7
    the answer has 7: a number, not a string, and not null

"#]]
    );
}

#[test]
fn sizes() {
    assert_data_eq!(
        said(SIZES),
        str![[r#"
<empty> over "a"
    the answer has "a": 1 character
<empty> over [0]
    the answer has [0]: 1 element
<not empty> over {}
    the answer has {}: it is <empty>
<length 3> over "ab"
    the answer has "ab": 2 characters
<length 1..10> over []
    the answer has []: 0 elements
<length >= 1> over {}
    the answer has {}: 0 members
<length < 2> over "ab"
    the answer has "ab": 2 characters

"#]]
    );
}

#[test]
fn numbers() {
    assert_data_eq!(
        said(NUMBERS),
        str![[r#"
<integer >= 1> over 0
    the answer has 0: it is less
<number < 5> over 5
    the answer has 5: it is equal
<> 0> over 0
    the answer has 0: it is equal
<>= 0> over -1
    the answer has -1: it is less
<<= 3> over 3.01
    the answer has 3.01: it is greater
<== 2> over 2.1
    the answer has 2.1: not equal
<!= 2> over 2
    the answer has 2: equal
<between 1 and 5> over 6
    the answer has 6: it is greater than 5
<400..499> over 500
    the answer has 500: it is greater than 499
<about 3.14 ± 0.01> over 3.2
    the answer has 3.2: it is 0.06 away
<integer or > 10> over 9.5
    the answer has 9.5: it has a fraction; it is less

"#]]
    );
}

#[test]
fn formats() {
    assert_data_eq!(
        said(FORMATS),
        str![[r#"
<uuid> over "9b2a1f6e"
    the answer has "9b2a1f6e": not a UUID: it has 8 characters, not 36
<email> over "a.b.example.org"
    the answer has "a.b.example.org": not an email address: it has no `@`
<url> over "/a"
    the answer has "/a": not a URL: it must start with a scheme, such as `https://`
<date> over "2023-02-29"
    the answer has "2023-02-29": not a date: there is no such day
<datetime> over "2024-02-29"
    the answer has "2024-02-29": not a datetime: it has no time
<time> over "24:00:00Z"
    the answer has "24:00:00Z": not a time: there is no such time of day
<duration> over "2h"
    the answer has "2h": not a duration: it must start with `P`, such as PT30M (ISO 8601)
<ipv4> over "127.0.0.256"
    the answer has "127.0.0.256": not an IPv4 address: it must be four numbers from 0 to 255, without leading zeros, joined by `.`
<ipv6> over "fe80::1::2"
    the answer has "fe80::1::2": not an IPv6 address: it must look like 2001:db8::1 (RFC 4291)
<hostname> over "-a.example.org"
    the answer has "-a.example.org": not a hostname: a part between dots starts or ends with `-`
<semver> over "1.2"
    the answer has "1.2": not a semantic version: it has 2 numbers, not three
<base64> over "aGk"
    the answer has "aGk": not base64: it has 3 characters, which is not a multiple of 4
<hex> over "0x00"
    the answer has "0x00": not hexadecimal: `x` is not a hexadecimal digit
<jwt> over "a.b.c"
    the answer has "a.b.c": not a JWT: its header is not base64url
<slug> over "A b"
    the answer has "A b": not a slug: `A` is not allowed in it
<iso country> over "XX"
    the answer has "XX": not a country code: ISO 3166-1 alpha-2 has no such code
<iso currency> over "ERU"
    the answer has "ERU": not a currency code: ISO 4217 has no such code
<uuid> over 5
    the answer has 5: a number, not a string

"#]]
    );
}

#[test]
fn texts_and_choices() {
    assert_data_eq!(
        said(TEXTS),
        str![[r#"
<contains b c> over "a bc"
    the answer has "a bc": not found in its 4 characters
<starts with https://> over "http://x"
    the answer has "http://x": it starts with "http://x"
<ends with .png> over "a.png "
    the answer has "a.png ": it ends with "…png "
<matches ^T-/d+$> over "XT-12"
    the answer has "XT-12": the pattern is not found in it
<matches /d> over "ab"
    the answer has "ab": the pattern is not found in it
<one of a, b, c> over "d"
    the answer has "d": it is none of these
<one of 1, 2> over "2"
    the answer has "2": a string, and the list has the same text as a number
<one of "1", x> over 1
    the answer has 1: a number, and the list has the same text as a string
<contains {{ word }}> over "a b"
    the answer has "a b": not found in its 3 characters
{{ word }} over "any"
    the answer has "any"
/<any> over "x"
    the answer has "x"

"#]]
    );
}

#[test]
fn times() {
    assert_data_eq!(
        said(TIMES),
        str![[r#"
<in the past> over "2999-01-01T00:00:00Z"
    the answer has "2999-01-01T00:00:00Z": that is in N years
<in the past> over 32503680000
    the answer has 32503680000: that is in N years
<in the future> over 978307200000
    the answer has 978307200000: that was N years ago
<in the future> over "2001-01-01"
    the answer has "2001-01-01": that was N years ago
<within 5m of now> over "2001-01-01T00:00:00Z"
    the answer has "2001-01-01T00:00:00Z": that was N years ago

"#]]
    );
}

#[test]
fn lists() {
    assert_data_eq!(
        said(LISTS),
        str![[r#"
<each integer> over [1, "2", 3]
    the answer has [1, "2", 3]: [1]: a string, not an integer
<each (string and not empty)> over [""]
    the answer has [""]: [0]: it is <empty>
<unique> over [1, 2, 1.0]
    the answer has [1, 2, 1.0]: [0] and [2] are equal
<sorted> over [1, 3, 2]
    the answer has [1, 3, 2]: [1] is greater than [2]
<sorted desc> over ["a", "b"]
    the answer has ["a", "b"]: [0] is less than [1]

"#]]
    );
}

#[test]
fn matchers_joined() {
    assert_data_eq!(
        said(JOINED),
        str![[r#"
<not null> over null
    the answer has null: it is null
<integer and > 3> over 3
    the answer has 3: it is equal
<uuid or email> over "a"
    the answer has "a": not a UUID: it has 1 character, not 36; not an email address: it has no `@`
<not string and not null> over null
    the answer has null: it is null
<string or integer and > 3> over 2
    the answer has 2: a number, not a string; it is less
<(string or array) and not empty> over []
    the answer has []: it is <empty>
<contains "x and y" or contains z> over "x y"
    the answer has "x y": not found in its 3 characters

"#]]
    );
}

#[test]
fn literals() {
    assert_data_eq!(
        said(LITERALS),
        str![[r#"
1 over "1"
    the answer has "1", a string of the same text, not a number
text over "Text"
    the answer has "Text"
true over "true"
    the answer has "true", a string of the same text, not a boolean
null over nothing
    the answer has no `v`
[1, [2]] over [1, [2, 3]]
    the answer also has 3 at [1]
{ a: { b: 1 } } over {"a":{"b":2,"c":2}}
    the answer has 2
{ a: 1 } over [{"a":1}]
    the answer has [{ "a": 1 }], the same in an array of one

"#]]
    );
}

#[test]
fn operators() {
    assert_data_eq!(
        said(OPERATORS),
        str![[r#"
{ $each: { id: <integer> } } over [{"id":1},{"id":"2"}]
    the answer has "2": a string, not an integer
{ $each: <string>, $length: 2 } over ["a"]
    the answer has 1 element
{ $length: <length 1..2> } over [1,2,3]
    the answer has 3 elements
{ $length: <> 1> } over "a"
    the answer has 1 character
{ $contains: smoke } over ["a","b"]
    no element is like this; the nearest is [0]
{ $contains: { id: 2 } } over [{"id":1}]
    no element is like this; the nearest is [0]
{ $unordered: [{ id: S-1 }, { id: S-2 }] } over [{"id":"S-2"},{"id":"S-3"}]
    the answer has "S-3"
{ $unordered: [1, 2] } over [2, 1, 1]
    the answer also has 1 at [2]
{ $by: sku, $unordered: [{ sku: A, n: 1 }, { sku: B, n: 2 }] } over [{"sku":"B","n":1},{"sku":"A","n":1}]
    the answer has 1
{ $by: sku, $exactly: [{ sku: A, n: 1 }] } over [{"sku":"A","n":1,"m":0}]
    the answer also has `m`: 0
{ $by: sku, $contains: { sku: A, n: 1 } } over [{"sku":"B"},{"sku":"A","n":2}]
    no element is like this; the nearest is [1]
{ $exactly: { city: Utrecht } } over {"city":"Utrecht","zip":1}
    the answer also has `zip`: 1
{ /$each: 1 } over {"each":1}
    the answer has no `$each`; was it renamed to `each`?

"#]]
    );
}

#[test]
fn listings_of_operators() {
    assert_data_eq!(
        listed(OPERATORS),
        str![[r#"
{ $each: { id: <integer> } } over [{"id":1},{"id":"2"}]
  $.v[1].id                    a string, not an integer
-   <integer>
+   "2"
{ $each: <string>, $length: 2 } over ["a"]
  $.v
-   length 2
+   1 element
{ $length: <length 1..2> } over [1,2,3]
  $.v
-   <length 1..2>
+   3 elements
{ $length: <> 1> } over "a"
  $.v
-   length <> 1>
+   1 character
{ $contains: smoke } over ["a","b"]
  $.v                          no element is like this; the nearest is [0]
-   "smoke"
+   "a"
{ $contains: { id: 2 } } over [{"id":1}]
  $.v                          no element is like this; the nearest is [0]
-   { "id": 2 }
+   { "id": 1 }
  $.v[0].id
-   2
+   1
{ $unordered: [{ id: S-1 }, { id: S-2 }] } over [{"id":"S-2"},{"id":"S-3"}]
  $.v[1].id
-   "S-1"
+   "S-3"
{ $unordered: [1, 2] } over [2, 1, 1]
  $.v                          (2 expected, 3 came)
    [0..1] …                   same
+   [2] 1                      not expected
{ $by: sku, $unordered: [{ sku: A, n: 1 }, { sku: B, n: 2 }] } over [{"sku":"B","n":1},{"sku":"A","n":1}]
  $.v[0].n
-   2
+   1
{ $by: sku, $exactly: [{ sku: A, n: 1 }] } over [{"sku":"A","n":1,"m":0}]
  $.v[0].m                     not expected
+   0
{ $by: sku, $contains: { sku: A, n: 1 } } over [{"sku":"B"},{"sku":"A","n":2}]
  $.v                          no element is like this; the nearest is [1]
-   { "sku": "A", "n": 1 }
+   { "sku": "A", "n": 2 }
  $.v[1].n
-   1
+   2
{ $exactly: { city: Utrecht } } over {"city":"Utrecht","zip":1}
  $.v.zip                      not expected
+   1
{ /$each: 1 } over {"each":1}
  $.v["$each"]                 renamed?
-   "$each": 1
+   "each": 1

"#]]
    );
}
