use super::*;
use crate::source::{self, FileId, Read, Reader};

fn scope() -> Scope {
    let scope = Scope::new(1, ".");
    scope.set("n", minijinja::Value::from(3));
    scope.set("text", minijinja::Value::from("3"));
    scope.set("sly", minijinja::Value::from("x> or any"));
    scope.set("uuid_matcher", minijinja::Value::from("<uuid>"));
    scope.set("day", minijinja::Value::from("2024-01-01"));
    scope.set("open", minijinja::Value::from("("));
    scope.set("wait", minijinja::Value::from("5m"));
    scope
}

fn rendered(text: &str) -> Result<String, (String, String)> {
    let node = source::parse(FileId::default(), text).expect("YAML");
    let mut reader = Reader::new(FileId::default(), text);
    let expected = Expected::read(&node, &mut reader).unwrap_or_else(|_| panic!("{text}: {:?}", reader.problems));
    match render(&expected, &scope()) {
        Ok(tree) => Ok(match &tree.tree {
            Tree::Matcher(matcher) => matcher.to_string(),
            other => format!("{other:?}"),
        }),
        Err(problem) => Err((problem.message.clone(), text[problem.span().expect("a place").range()].to_owned())),
    }
}

#[test]
fn arguments_are_rendered_and_stay_arguments() {
    for (text, wanted) in [
        ("<integer >= {{ n }}>", "<integer >= 3>"),
        ("<{{ n }}..9>", "<3..9>"),
        ("<length {{ n }}>", "<length 3>"),
        ("<about {{ n }} ± 1>", "<about 3 ± 1>"),
        ("<between {{ n }} and {{ n }}>", "<between 3 and 3>"),
        ("<one of {{ n }}, {{ text }}, a{{ n }}>", "<one of 3, \"3\", a3>"),
        ("<contains {{ n }}>", "<contains 3>"),
        ("<starts with {{ sly }}>", "<starts with \"x> or any\">"),
        ("<contains {{ uuid_matcher }}>", "<contains <uuid>>"),
        ("<matches ^{{ n }}$>", "<matches ^3$>"),
        ("<date > {{ day }}>", "<date > 2024-01-01>"),
        ("<== {{ text }}>", "<== \"3\">"),
        ("<within {{ wait }} of now>", "<within 5m of now>"),
        ("'{{ uuid_matcher }}'", "String(\"<uuid>\")"),
        ("'\\<{{ n }}>'", "String(\"<3>\")"),
    ] {
        assert_eq!(rendered(text).as_deref(), Ok(wanted), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_an_error_at_its_place() {
    for (text, message, marked) in [
        ("<integer >= {{ text }}>", "this argument must be a number, but `{{ text }}` gives \"3\"", "{{ text }}"),
        ("<length {{ text }}>", "this argument must be a number, but `{{ text }}` gives \"3\"", "{{ text }}"),
        (
            "<length {{ n / 2 }}>",
            "this argument must be a whole number, 0 or more, but `{{ n / 2 }}` gives 1.5",
            "{{ n / 2 }}",
        ),
        ("<date > {{ n }}>", "this argument must be a date or a datetime, but `{{ n }}` gives 3", "{{ n }}"),
        ("<matches a{{ open }}>", "this regular expression is not valid: unclosed group", "a{{ open }}"),
        (
            "<within {{ n }} of now>",
            "this argument must be a duration such as 5m, but `{{ n }}` gives \"3\"",
            "{{ n }}",
        ),
        ("<contains {{ nn }}>", "the variable `nn` is not defined", "nn"),
        ("$unordered: '{{ n }}'", "`$unordered` needs a list, and this template gives something else", "'{{ n }}'"),
        ("$length: '{{ text }}'", "`$length` needs a number, and this template gives something else", "'{{ text }}'"),
    ] {
        assert_eq!(rendered(text), Err((message.to_owned(), marked.to_owned())), "{text}");
    }
}

#[test]
fn what_holds_no_template_is_borrowed_or_shared() {
    let literal = Expected::from_json(&Json::array([Json::Null]), crate::source::Span::default());
    assert!(matches!(render(&literal, &scope()), Ok(Cow::Borrowed(_))));
}
