use super::*;
use crate::json;
use crate::template::from_json;

fn part(text: &str, word: &str, value: Value) -> Shown {
    Shown { at: text.find(word).expect(word), seen: Seen::Value(value) }
}

#[test]
fn values_stand_below_their_parts_also_after_wide_characters() {
    let text = "json['名前'] == \"Ümit\" and a";
    let parts = [
        part(text, "json", Value::from("x".repeat(100))),
        part(text, "['", Value::from("山田")),
        part(text, "==", Value::from(false)),
        Shown { at: text.rfind('a').expect("a"), seen: Seen::NotEvaluated },
    ];
    let expected = "  json['名前'] == \"Ümit\" and a\n  \
                    |   |        |             |\n  \
                    |   |        false         not evaluated\n  \
                    |   \"山田\"\n  \
                    \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\" (100 characters)\n";
    assert_eq!(drawn(text, &parts), expected);
}

#[test]
fn a_long_line_is_broken_where_its_parts_are_joined() {
    let text = format!("{} == 1 and ({} or b) and c", "a".repeat(60), "d".repeat(40));
    let parts = [
        part(&text, "==", Value::from(true)),
        part(&text, "and", Value::from(false)),
        part(&text, "or", Value::from(false)),
        Shown { at: text.rfind("and").expect("and"), seen: Seen::Value(Value::from(false)) },
    ];
    let drawn = drawn(&text, &parts);
    let begins: Vec<&str> = drawn.lines().map(|line| line.trim_start().split(' ').next().unwrap_or_default()).collect();
    assert_eq!(begins, [&"a".repeat(60), "|", "true", "and", "|", "false", "and", "|", "false"], "{drawn}");
}

#[test]
fn what_is_long_is_cut_and_its_length_said() {
    let shown = |text: &str| value(&from_json(std::sync::Arc::new(json::parse(text.as_bytes()).expect("JSON")))).text;
    let numbers = (0..500).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    assert!(shown(&format!("[{numbers}]")).ends_with(" …] (500 elements)"), "{}", shown(&format!("[{numbers}]")));
    let members = (0..50).map(|n| format!("\"member{n}\":{n}")).collect::<Vec<_>>().join(",");
    assert!(shown(&format!("{{{members}}}")).ends_with(" … } (50 members)"));
    assert_eq!(shown("[1, 2]"), "[1, 2]");
    assert_eq!(shown("123456789012345678901"), "123456789012345678901");
    assert_eq!(shown("\"a\\u001b[2Jb\""), r#""a\u001b[2Jb""#);
}
