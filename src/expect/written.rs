//! Values that came, as a file says that they are expected.

use jiff::Timestamp;

use super::nature::nature_of;
use crate::json::Json;
use crate::scenario::expected::Expected;

/// Values longer than this as JSON are not written into a scenario.
const LONGEST: usize = 64 * 1024;

/// A value as it is written to be expected, what differs by nature as matchers, in an object and an array as well.
///
/// # Errors
/// Why it cannot be written: a clause without a full stop.
pub(super) fn written(value: &Json, now: Timestamp) -> Result<Json, String> {
    if value.to_string().len() > LONGEST {
        return Err("it is too long for a scenario: expect a part of it, or a snapshot".to_owned());
    }
    tree(value, Some(now))
}

/// A value as it is written to be expected as it is.
///
/// # Errors
/// As [`written`].
pub(super) fn written_literally(value: &Json) -> Result<Json, String> {
    tree(value, None)
}

fn tree(value: &Json, now: Option<Timestamp>) -> Result<Json, String> {
    if let Some(matcher) = now.and_then(|now| nature_of(value, now)) {
        return Ok(Json::from(matcher));
    }
    Ok(match value {
        Json::String(text) => Json::from(literal(text)?),
        Json::Array(items) => Json::array(items.iter().map(|item| tree(item, now)).collect::<Result<Vec<_>, _>>()?),
        Json::Object(object) => {
            let members = object.iter().map(|(key, value)| Ok((member_name(key)?, tree(value, now)?)));
            Json::object(members.collect::<Result<Vec<_>, String>>()?)
        }
        scalar => scalar.clone(),
    })
}

/// A text as it is written where a matcher or a template could be meant.
fn literal(text: &str) -> Result<String, String> {
    if ["{{", "{%", "{#"].iter().any(|open| text.contains(open)) {
        if text.contains("endraw") {
            return Err("the text holds `endraw`, which ends what a template leaves alone".to_owned());
        }
        return Ok(format!("{{% raw %}}{text}{{% endraw %}}"));
    }
    Ok(Expected::escape(text).into_owned())
}

/// The name of a member as it is written where an operator could be meant.
///
/// # Errors
/// It cannot be written.
pub(super) fn member_name(name: &str) -> Result<String, String> {
    if name.contains("{{") {
        return Err(format!("the name of the member `{name}` holds `{{{{`, which a file cannot say"));
    }
    Ok(Expected::escape_name(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expect::diff::{Mode, compare};
    use crate::jsonpath::NormalizedPath;
    use crate::scenario::expected::Expected;
    use crate::source::{FileId, Read, Reader, parse};
    use crate::template::Scope;

    #[track_caller]
    fn holds(value: &Json, written: &Json) {
        // JSON is YAML, but for what JSON escapes.
        let text = written.to_string().replace('\u{7f}', "\\u007f");
        let node = parse(FileId::default(), &text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
        let mut reader = Reader::new(FileId::default(), &text);
        let expected = Expected::read(&node, &mut reader);
        let expected = expected.unwrap_or_else(|_| panic!("{text}: {:?}", reader.problems));
        let scope = Scope::new(7, "");
        let found = compare(&expected, Some(value), Mode::Exactly, &scope, &NormalizedPath::default());
        assert!(found.as_ref().is_ok_and(crate::expect::diff::Differences::is_empty), "{value} as {text}: {found:?}");
    }

    #[test]
    fn what_is_written_holds_for_what_came() {
        for text in [
            "x",
            "",
            "<uuid>",
            "<",
            "<>",
            "\\<uuid>",
            "\\\\<",
            "\\x",
            "\\",
            "<one of",
            "<p>hi</p>",
            "<string",
            "a <b>",
            "{{ x }}",
            "{% if %}",
            "{# x #}",
            "<{{ x }}>",
            "\\<{{ x }}>",
            "{{",
            "a }} b",
            " {{ x }}\n",
            "{{ x -}} y",
            "$each",
        ] {
            let value = Json::object([(text.replace("{{", "{"), Json::array([Json::from(text), Json::Null]))]);
            holds(&value, &written_literally(&value).unwrap_or_else(|why| panic!("{text}: {why}")));
        }
        for name in ["$each", "\\$each", "\\\\$x", "$", "\\", "a$"] {
            let value = Json::object([(name, Json::from(1_i64))]);
            holds(&value, &written_literally(&value).expect("a name"));
        }
        assert!(written_literally(&Json::from("{% raw %}{% endraw %}")).is_err());
        assert!(written_literally(&Json::object([("{{ x }}", Json::Null)])).is_err());
    }

    #[test]
    fn what_differs_by_nature_is_a_matcher_wherever_it_stands() {
        let now = "2026-03-01T12:00:00Z".parse().expect("a moment");
        let came = br#"{"id": "0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c11", "at": ["2026-03-01T12:00:01Z"], "state": "<x>"}"#;
        let came = crate::json::parse(came).expect("JSON");
        let result = written(&came, now).expect("written");
        assert_eq!(result.to_string(), r#"{"id":"<uuid>","at":["<datetime>"],"state":"\\<x>"}"#);
        holds(&came, &result);
        assert!(written(&Json::from("x".repeat(70_000)), now).is_err());
    }
}
