use super::*;
use crate::json;

fn why(matcher: &str, actual: &str) -> String {
    let parsed = Matcher::parse(matcher).unwrap_or_else(|problem| panic!("{matcher}: {problem:?}"));
    let actual = json::parse(actual.as_bytes()).unwrap_or_else(|error| panic!("{actual}: {error}"));
    let now = "2024-06-15T12:00:00Z".parse().expect("a moment");
    check(&parsed, Some(&actual), now).err().unwrap_or_default()
}

#[test]
fn every_matcher_holds_for_what_it_says() {
    for (matcher, all) in [
        ("<any>", &["null", "1", "{}"][..]),
        ("<string>", &["\"\"", "\"x\""]),
        ("<number>", &["1", "-0.5", "1e400"]),
        ("<integer>", &["1", "1.0", "1e3", "-0.0", "123456789012345678901234567890"]),
        ("<boolean>", &["true", "false"]),
        ("<array>", &["[]"]),
        ("<object>", &["{}"]),
        ("<null>", &["null"]),
        ("<optional string>", &["\"x\""]),
        ("<string or null>", &["\"x\"", "null"]),
        ("<empty>", &["\"\"", "[]", "{}"]),
        ("<not empty>", &["\"x\"", "[1]", "{\"a\":1}", "5"]),
        ("<length 3>", &["\"äöü\"", "[1,2,3]"]),
        ("<length 1..2>", &["\"a\"", "{\"a\":1,\"b\":2}"]),
        ("<length 1..>", &["[1]"]),
        ("<length ..1>", &["[]"]),
        ("<length > 1>", &["[1,2]"]),
        ("<integer >= 1>", &["1", "2.0"]),
        ("<number < 5>", &["4.99", "-1"]),
        ("<> 5>", &["5.0001", "9007199254740993"]),
        ("<== 1>", &["1", "1.0"]),
        ("<!= x>", &["\"y\"", "1"]),
        ("<string != x>", &["\"y\""]),
        ("<date >= 2024-01-01>", &["\"2024-01-01\"", "\"2025-12-31\""]),
        ("<datetime < 2024-01-01T00:00:00Z>", &["\"2024-01-01T01:00:00+02:00\""]),
        ("<datetime == 2024-01-01T00:00:00Z>", &["\"2024-01-01T02:00:00+02:00\""]),
        ("<between 1 and 5>", &["1", "5", "2.5"]),
        ("<400..499>", &["400", "499"]),
        ("<about 3.14 ± 0.01>", &["3.14", "3.15", "3.13", "3.1499"]),
        ("<about 9007199254740993 ± 0>", &["9007199254740993"]),
        ("<contains b c>", &["\"ab cd\""]),
        ("<starts with ab>", &["\"abc\""]),
        ("<ends with bc>", &["\"abc\""]),
        ("<matches ^a.c$>", &["\"abc\""]),
        ("<matches b>", &["\"abc\""]),
        ("<one of 1, \"1\", a, null>", &["1", "1.0", "\"1\"", "\"a\"", "null"]),
        (
            "<in the past>",
            &[
                "\"2024-06-15T11:59:59Z\"",
                "\"2024-06-14\"",
                "1718452799",
                "1718452799999",
                "\"Sat, 15 Jun 2024 11:00:00 GMT\"",
            ],
        ),
        ("<in the future>", &["\"2024-06-15T14:00:01+02:00\"", "\"2024-06-16\"", "1718452801"]),
        ("<within 5m of now>", &["\"2024-06-15T11:55:00Z\"", "1718453100", "1718452700000"]),
        ("<each integer>", &["[]", "[1,2]"]),
        ("<each string or null>", &["[\"a\",null]"]),
        ("<unique>", &["[]", "[1,\"1\",{\"a\":1},{\"a\":2}]"]),
        ("<sorted>", &["[]", "[1,1,2]", "[\"a\",\"b\"]"]),
        ("<sorted desc>", &["[2,1.5,1]"]),
        ("<not null>", &["1"]),
        ("<not absent>", &["1"]),
        ("<string and length 1..3>", &["\"ab\""]),
        ("<(integer or string) and not one of 0, x>", &["1", "\"y\""]),
    ] {
        for actual in all {
            assert_eq!(why(matcher, actual), "", "{matcher} {actual}");
        }
    }
}

#[test]
fn every_matcher_says_why_it_does_not_hold() {
    for (matcher, actual, reason) in [
        ("<string>", "1", "a number, not a string"),
        ("<number>", "\"1\"", "a string, not a number"),
        ("<integer>", "1.5", "it has a fraction"),
        ("<integer>", "null", "null, not an integer"),
        ("<boolean>", "\"true\"", "a string, not a boolean"),
        ("<array>", "{}", "an object, not an array"),
        ("<object>", "[]", "an array, not an object"),
        ("<null>", "\"\"", "a string, not null"),
        ("<absent>", "null", "it should not be there"),
        ("<optional string>", "null", "null, not a string"),
        ("<string or null>", "1", "a number, not a string, and not null"),
        ("<string or array>", "1", "a number, not a string; a number, not an array"),
        ("<empty>", "\"ab\"", "2 characters"),
        ("<empty>", "null", "null, not a string, an array or an object"),
        ("<not empty>", "[]", "it is <empty>"),
        ("<length 3>", "[1]", "1 element"),
        ("<length 1..10>", "{}", "0 members"),
        ("<length >= 1>", "\"\"", "0 characters"),
        ("<length 1>", "1", "a number, not a string, an array or an object"),
        ("<integer >= 1>", "0", "it is less"),
        ("<integer >= 1>", "\"2\"", "a string, not an integer"),
        ("<number < 5>", "5", "it is equal"),
        ("<<= 5>", "5.1", "it is greater"),
        ("<> 5>", "\"6\"", "a string, not a number"),
        ("<== x>", "\"y\"", "not equal"),
        ("<== 1>", "\"1\"", "a string, not a number"),
        ("<!= null>", "null", "equal"),
        ("<date >= 2024-01-01>", "\"2023-12-31\"", "it is earlier"),
        ("<datetime < 2024-01-01T00:00:00Z>", "\"2024-01-01T00:00:00Z\"", "it is equal"),
        ("<between 1 and 5>", "0", "it is less than 1"),
        ("<between 1 and 5>", "5.01", "it is greater than 5"),
        ("<400..499>", "500", "it is greater than 499"),
        ("<1..>", "null", "null, not a number"),
        ("<about 3.14 ± 0.01>", "3.2", "it is 0.06 away"),
        ("<about 10 ± 1>", "12", "it is 2 away"),
        ("<contains x>", "\"abc\"", "not found in its 3 characters"),
        ("<contains x>", "\"aXc\"", "found only in other upper and lower case"),
        ("<contains x>", "[\"x\"]", "an array, not a string; `$contains` looks for an element"),
        ("<starts with https://>", "\"http://a\"", "it starts with \"http://a\""),
        ("<ends with .json>", "\"a.xml\"", "it ends with \"a.xml\""),
        ("<matches ^a$>", "\"ab\"", "the pattern is not found in it"),
        ("<matches a>", "1", "a number, not a string"),
        ("<one of a, b>", "\"c\"", "it is none of these"),
        ("<one of 1, 2>", "\"1\"", "a string, and the list has the same text as a number"),
        ("<in the past>", "\"2024-06-15T12:52:00Z\"", "that is in 52 minutes"),
        ("<in the past>", "\"2024-06-15\"", "that is today"),
        ("<in the past>", "\"soon\"", "not a date or datetime: it must look like 2024-02-29T12:30:00Z (RFC 3339)"),
        ("<in the past>", "null", "null, not a date, a datetime or seconds since 1970"),
        ("<in the future>", "1718452740", "that was 60 seconds ago"),
        ("<in the future>", "\"2020-06-15T12:00:00Z\"", "that was 4 years ago"),
        ("<within 5m of now>", "\"2024-06-15T12:10:00Z\"", "that is in 10 minutes"),
        ("<within 5m of now>", "\"2024-06-15\"", "a date without a time"),
        ("<each integer>", "[1,\"x\",2,null]", "[1]: a string, not an integer (and 1 more of 4)"),
        ("<each integer>", "{}", "an object, not an array"),
        ("<unique>", "[1,2,1.0]", "[0] and [2] are equal"),
        ("<sorted>", "[1,3,2]", "[1] is greater than [2]"),
        ("<sorted desc>", "[1,2]", "[0] is less than [1]"),
        ("<sorted>", "[1,\"a\"]", "[0] is a number, and [1] is a string"),
        ("<sorted>", "[null,null]", "[0] is null, which has no order"),
        ("<not null>", "null", "it is null"),
        ("<not one of a, b>", "\"a\"", "it is <one of a, b>"),
        ("<string and length 3>", "\"ab\"", "2 characters"),
    ] {
        assert_eq!(why(matcher, actual), reason, "{matcher} {actual}");
    }
}

#[test]
fn every_format_takes_what_its_standard_says() {
    for (format, all) in [
        (
            "uuid",
            &[
                "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
                "00000000-0000-0000-0000-000000000000",
                "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
                "018f4b6a-3c1d-7000-8000-000000000000",
            ][..],
        ),
        ("email", &["a@b.example", "first.last+tag@sub.example.org", "o'brien@example.ie", "x@localhost"]),
        (
            "url",
            &[
                "https://example.org",
                "http://localhost:8080/x?y=1#z",
                "mailto:a@b.example",
                "urn:isbn:0451450523",
                "https://xn--bcher-kva.example/%20",
            ],
        ),
        ("date", &["2024-02-29", "0001-01-01"]),
        (
            "datetime",
            &[
                "2024-02-29T12:30:00Z",
                "2024-02-29t12:30:00.123456789z",
                "2024-02-29T12:30:00-00:00",
                "1990-12-31T23:59:60Z",
            ],
        ),
        ("time", &["12:30:00", "23:59:59.5Z", "00:00:00+02:00"]),
        ("duration", &["P1Y2M3DT4H5M6S", "PT0.5S", "P2W", "-PT1H", "PT36H"]),
        ("ipv4", &["0.0.0.0", "255.255.255.255"]),
        ("ipv6", &["::", "2001:db8::1", "::ffff:192.0.2.1"]),
        ("hostname", &["localhost", "a-b.example.org", "3com.com", "example.org."]),
        ("semver", &["1.2.3", "0.0.0", "1.0.0-alpha.1", "1.0.0-0A.is.legal", "1.0.0+build.007", "1.0.0-x-y-z.--+b"]),
        ("base64", &["aGk=", "aGkh", "/+8="]),
        ("hex", &["00ff", "DEADbeef"]),
        ("jwt", &["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "eyJhbGciOiJub25lIn0.e30."]),
        ("slug", &["a", "my-post-2"]),
        ("iso country", &["NL", "US", "SX"]),
        ("iso currency", &["EUR", "XXX", "ZWG"]),
    ] {
        for text in all {
            assert_eq!(why(&format!("<{format}>"), &Json::from(*text).to_string()), "", "{format} {text}");
        }
        assert!(why(&format!("<{format}>"), "\"\"").ends_with(": it is empty"), "{format}");
        assert_eq!(why(&format!("<{format}>"), "5"), "a number, not a string", "{format}");
    }
}

#[test]
fn every_format_says_why_it_refuses() {
    for (format, text, reason) in [
        ("uuid", "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "not a UUID: it has 35 characters, not 36"),
        ("uuid", "g81d4fae-7dec-11d0-a765-00a0c91e6bf6", "not a UUID: `g` is not a hexadecimal digit, at character 1"),
        ("uuid", "f81d4fae07dec-11d0-a765-00a0c91e6bf6", "not a UUID: `0` is where `-` should be, at character 9"),
        ("email", "a.b.example", "not an email address: it has no `@`"),
        ("email", "@b.example", "not an email address: there is nothing before the `@`"),
        ("email", "a b@c.example", "not an email address: ` ` is not allowed before the `@`"),
        (
            "email",
            "a..b@c.example",
            "not an email address: the part before the `@` starts or ends with `.`, or has two in a row",
        ),
        ("email", "a@b_c.example", "not an email address: its domain is not a hostname: `_` is not allowed in it"),
        ("url", "/trips/1", "not a URL: it must start with a scheme, such as `https://`"),
        ("url", "localhost:8080/x", "not a URL: it has no host, such as `example.org` in `https://example.org/path`"),
        ("url", " https://a.example", "not a URL: a space is not allowed in it"),
        ("url", "http://[::1", "not a URL: invalid IPv6 address"),
        ("date", "2024-02-30", "not a date: there is no such day"),
        ("date", "29.02.2024", "not a date: it must look like 2024-02-29 (RFC 3339)"),
        ("date", "2024-02-29T00:00:00Z", "not a date: it has 10 characters after the day"),
        ("datetime", "2024-02-29T12:30:00", "not a datetime: it has no offset, such as `Z` or `+02:00`, at its end"),
        ("datetime", "2024-02-29 12:30:00Z", "not a datetime: there must be a `T` between day and time"),
        ("datetime", "2024-02-29", "not a datetime: it has no time"),
        ("datetime", "2024-02-29T25:30:00Z", "not a datetime: there is no such time of day"),
        ("datetime", "2024-02-29T12:30:00+0200", "not a datetime: the offset must be `Z`, or look like `+02:00`"),
        ("datetime", "2023-02-29T12:30:00Z", "not a datetime: there is no such day"),
        ("datetime", "2024-02-29T12:30Z", "not a datetime: it has no seconds, such as 12:30:00"),
        ("datetime", "1718452800", "not a datetime: it must look like 2024-02-29T12:30:00Z (RFC 3339)"),
        ("time", "12:30", "not a time: it has no seconds, such as 12:30:00"),
        ("time", "24:00:01", "not a time: there is no such time of day"),
        ("time", "12:30:00.", "not a time: digits are missing after `.`"),
        ("duration", "5 minutes", "not a duration: it must start with `P`, such as PT30M (ISO 8601)"),
        ("duration", "P1X", "not a duration: it must look like P1DT2H30M (ISO 8601)"),
        (
            "ipv4",
            "256.1.1.1",
            "not an IPv4 address: it must be four numbers from 0 to 255, without leading zeros, joined by `.`",
        ),
        (
            "ipv4",
            "01.1.1.1",
            "not an IPv4 address: it must be four numbers from 0 to 255, without leading zeros, joined by `.`",
        ),
        ("ipv6", "fe80::1%eth0", "not an IPv6 address: the zone, from `%` on, is not part of the address"),
        ("ipv6", "1::2::3", "not an IPv6 address: it must look like 2001:db8::1 (RFC 4291)"),
        ("hostname", "a..b", "not a hostname: a part between dots is empty"),
        ("hostname", "-a.example", "not a hostname: a part between dots starts or ends with `-`"),
        ("hostname", "exämple.org", "not a hostname: `ä` is not allowed in it"),
        ("semver", "1.2", "not a semantic version: it has 2 numbers, not three"),
        ("semver", "v1.2.3", "not a semantic version: it starts with `v`"),
        ("semver", "1.02.3", "not a semantic version: `02` has a leading zero"),
        ("semver", "1.2.x", "not a semantic version: `x` is not a number"),
        ("semver", "1.2.3-01", "not a semantic version: `01` has a leading zero"),
        ("semver", "1.2.3-", "not a semantic version: a part after `-` is empty"),
        ("semver", "1.2.3+a..b", "not a semantic version: a part after `+` is empty"),
        ("base64", "aGk", "not base64: it has 3 characters, which is not a multiple of 4"),
        ("base64", "a-_=", "not base64: `-` is allowed only in base64url (RFC 4648 section 5)"),
        ("base64", "a b=", "not base64: ` ` is not in its alphabet"),
        ("base64", "aGl=", "not base64: its last character has bits that belong to no byte"),
        ("hex", "abc", "not hexadecimal: it has 3 digits, and each byte needs two"),
        ("hex", "0x1f", "not hexadecimal: `x` is not a hexadecimal digit"),
        ("jwt", "a.b", "not a JWT: it has 2 parts, not three joined by `.`"),
        ("jwt", "e30.e30.", "not a JWT: its header has no `alg`"),
        ("jwt", "eyJhbGciOiJub25lIn0.W10.", "not a JWT: its claims are not a JSON object"),
        ("jwt", "!.e30.", "not a JWT: its header is not base64url"),
        ("slug", "My-Post", "not a slug: `M` is not allowed in it"),
        ("slug", "a--b", "not a slug: it starts or ends with `-`, or has two in a row"),
        ("iso country", "XX", "not a country code: ISO 3166-1 alpha-2 has no such code"),
        ("iso country", "nl", "not a country code: it must be in upper case"),
        ("iso country", "NL BE", "not a country code: ISO 3166-1 alpha-2 has no such code"),
        ("iso currency", "EURO", "not a currency code: ISO 4217 has no such code"),
    ] {
        assert_eq!(why(&format!("<{format}>"), &Json::from(text).to_string()), reason, "{format} {text}");
    }
}

#[test]
fn absence_is_missing_for_all_that_do_not_speak_of_it() {
    let absent = |matcher: &str| {
        let now = Timestamp::UNIX_EPOCH;
        check(&Matcher::parse(matcher).expect(matcher), None, now).err().unwrap_or_default()
    };
    for matcher in ["<absent>", "<optional uuid>", "<string or absent>", "<optional not null>"] {
        assert_eq!(absent(matcher), "", "{matcher}");
    }
    for matcher in ["<any>", "<not null>", "<not absent>", "<null>", "<empty>", "<string and absent>"] {
        assert_eq!(absent(matcher), "missing", "{matcher}");
    }
}

proptest::proptest! {
    #[test]
    fn no_value_makes_a_matcher_panic(text in "\\PC{0,40}", number in proptest::num::f64::ANY) {
        let now = Timestamp::UNIX_EPOCH;
        let number = Number::from_f64(number).map_or(Json::Null, Json::Number);
        let all = crate::scenario::matcher::Format::ALL.map(|format| format!("<{}>", format.word()));
        let more = ["<in the past>", "<within 1s of now>", "<about 1 ± 1>", "<length 1>", "<contains x>", "<starts with x>"];
        for matcher in all.iter().map(String::as_str).chain(more) {
            let matcher = Matcher::parse(matcher).expect("a matcher");
            let _ = check(&matcher, Some(&Json::from(text.clone())), now);
            let _ = check(&matcher, Some(&number), now);
        }
    }
}
