use super::*;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
}

#[test]
fn a_float_is_the_shortest_decimal_that_gives_it() {
    for float in [2.576_991_474_318_263e16, 9_007_199_254_740_994.0, 9e16, 5e22, -0.0, 0.1, 1e-7, 123_456_789.0_f64] {
        let number_of = Number::from_f64(float).expect("a number");
        assert_eq!(number(&format!("{float:e}")), number_of, "{number_of}");
        assert_eq!(number(&number_of.to_string()), number_of, "{number_of}");
    }
}

#[test]
fn numbers_compare_by_value_and_exactly() {
    for (a, b) in
        [("1", "1.0"), ("100", "1e2"), ("-0", "0"), ("0.10", "0.1"), ("1E400", "10e399"), ("5e-324", "0.5e-323")]
    {
        assert_eq!(number(a), number(b), "{a} {b}");
    }
    for (less, more) in [
        ("9007199254740992", "9007199254740993"),
        ("18446744073709551615", "18446744073709551616"),
        ("0.1", "0.10000000000000000001"),
        ("-2", "-1.5"),
        ("1e399", "1e400"),
        ("0", "1e-400"),
        ("-1e-400", "0"),
    ] {
        assert!(number(less) < number(more), "{less} {more}");
        assert_ne!(number(less), number(more), "{less} {more}");
    }
    assert_eq!(number("1e3").as_i64(), Some(1000));
    assert_eq!(number("9223372036854775807").as_i64(), Some(i64::MAX));
    assert_eq!(number("9223372036854775808").as_i64(), None);
    assert_eq!(number("1.5").as_i64(), None);
    assert!(number("12345678901234567890.0").is_integer());
    assert!(Number::parse("01").is_none() && Number::parse("1.").is_none() && Number::parse("+1").is_none());
}

#[test]
fn a_document_survives_reading_and_printing() {
    let text = r#"{"a":[1,2.5,-3e2,null,true,"x\n\"\u0001"],"b":{},"c":[],"big":123456789012345678901234567890}"#;
    let value = parse(text.as_bytes()).expect("it is JSON");
    assert_eq!(value.to_string(), text.replace("-3e2", "-300.0"));
    assert_eq!(parse(value.to_pretty().as_bytes()).expect("so is what was printed"), value);
    assert_eq!(value.get("a").and_then(Json::as_array).map(<[Json]>::len), Some(6));
}

#[test]
fn objects_find_their_members_and_keep_the_last_of_two() {
    for count in [3_usize, 40] {
        let mut members: Vec<String> = (0..count).map(|i| format!("\"k{i}\":{i}")).collect();
        members.push("\"k1\":\"last\"".into());
        let value = parse(format!("{{{}}}", members.join(",")).as_bytes()).expect("it is JSON");
        let object = value.as_object().expect("an object");
        assert_eq!(object.len(), count);
        assert_eq!(object.get("k1"), Some(&Json::from("last")));
        assert_eq!(object.position("k2"), Some(2));
        assert_eq!(object.get("zz"), None);
        assert_eq!(object.keys().next(), Some("k0"));
    }
}

#[test]
fn equality_ignores_the_order_of_members_only() {
    let parsed = |text: &str| parse(text.as_bytes()).expect("it is JSON");
    assert_eq!(parsed(r#"{"a":1,"b":[1,2]}"#), parsed(r#"{"b":[1.0,2],"a":1e0}"#));
    assert_ne!(parsed("[1,2]"), parsed("[2,1]"));
    assert_ne!(parsed("1"), parsed("\"1\""));
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    for text in ["", "{", "[1,]", "{\"a\" 1}", "nul", "01", "\"\u{1}\"", "[1] 2", "NaN", "\"\\ud800\"", "'a'"] {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
    }
    assert!(parse(b"\"\xff\"").is_err());
    let error = parse(b"{\n  \"a\": x}").expect_err("not JSON");
    assert_eq!((error.line, error.column), (2, 8), "{error}");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(parse(deep.as_bytes()).expect_err("too deep").reason.contains("512"));
    let fine = format!("{}{}", "[".repeat(500), "]".repeat(500));
    assert!(parse(fine.as_bytes()).is_ok());
}
