use super::*;
use crate::json;
use crate::source::FileId;

fn scope() -> Scope {
    let scope = Scope::new(7, ".");
    let doc = json::parse(br#"{"id":"T-1","n":3,"on":true,"none":null,"list":[{"x":1},{"x":2.5}]}"#).expect("JSON");
    scope.set("trip", from_json(Arc::new(doc)));
    scope.set("plate", Value::from("AB-1"));
    scope
}

fn render(text: &str) -> Result<String, Diagnostic> {
    Template::parse(text).and_then(|template| template.render(&scope()).map(Cow::into_owned))
}

fn evaluate(text: &str) -> Json {
    Template::parse(text)
        .and_then(|template| template.evaluate(&scope()))
        .unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

#[test]
fn text_around_expressions_prints_json_forms() {
    let out = render(
        "{{ plate }}/{{trip.on}}/{{ trip.none }}/{{ trip.list }}/{{ trip.list[1].x }}/{{ {'a': '}}'} }}/{{ 1.0 }}",
    );
    assert_eq!(out.expect("renders"), r#"AB-1/true/null/[{"x":1},{"x":2.5}]/2.5/{"a":"}}"}/1.0"#);
    assert_eq!(render("no template { here }").expect("renders"), "no template { here }");
    let block = render("{% for t in trip.list %}{{ t.x }};{% endfor %}{# not shown #}{% if trip.on %}y{% endif %}");
    assert_eq!(block.expect("renders"), "1;2.5;y");
}

#[test]
fn a_single_expression_keeps_its_type() {
    assert_eq!(evaluate("{{ trip.n }}"), Json::from(3_i64));
    assert_eq!(evaluate("{{ trip.none }}"), Json::Null);
    assert_eq!(evaluate("{{ trip.list | map(attribute='x') | sum }}").to_string(), "3.5");
    assert_eq!(evaluate("{{ trip }}").get("id"), Some(&Json::from("T-1")));
    assert_eq!(evaluate("n{{ trip.n }}"), Json::from("n3"));
    assert_eq!(evaluate("{{ trip | jsonpath('$.list[*].x') }}").to_string(), "[1,2.5]");
    assert_eq!(evaluate("{{ '{\"a\":9007199254740993}' | fromjson }}").to_string(), "{\"a\":9007199254740993}");
}

#[test]
fn what_is_undefined_is_named_with_the_nearest_known() {
    for text in ["{{ plat }}", "x{{ plat }}", "{% if plat %}{% endif %}", "{{ plat.x }}", "{{ plat | upper }}"] {
        let error = render(text).expect_err(text);
        assert_eq!(error.message, "the variable `plat` is not defined", "{text}");
        assert_eq!(error.help, ["did you mean `plate`?"], "{text}");
    }
    let error = render("{{ trip.lst }}").expect_err("undefined");
    assert_eq!((&*error.message, &*error.help[0]), ("`trip` has no `lst`", "did you mean `trip.list`?"));
    assert_eq!(render("{{ nothing | default('d') }}").expect("guarded"), "d");
    assert_eq!(render("{{ nothing is defined }}").expect("guarded"), "false");
}

#[test]
fn mistakes_are_found_when_compiling() {
    for text in ["{{ }}", "{{ a", "{{ 'a }}", "{{ a b }}", "{{ a | uper }}", "{% if %}", "{{ fake.plates() }}"] {
        assert!(Template::parse(text).is_err(), "{text}");
    }
    let error = Template::parse("{{ a | uper }}").expect_err("unknown");
    assert_eq!(error.help, ["did you mean `upper`?"]);
}

#[test]
fn errors_point_into_the_file() {
    let text = "a: \"x {{ plat }}\"\n";
    let node = crate::source::parse(FileId::default(), text).expect("YAML");
    let mut reader = Reader::new(FileId::default(), text);
    let template = Template::read(node.get("a").expect("a"), &mut reader).expect("reads");
    let span = template.render(&scope()).expect_err("undefined").span().expect("a place");
    assert_eq!(&text[span.range()], "plat");
    let references: Vec<_> =
        template.references().map(|(reference, at)| (reference.path.join("."), &text[at.range()])).collect();
    assert_eq!(references, [("plat".to_owned(), "plat")]);
}

#[test]
fn everything_random_repeats_with_the_seed() {
    let text = Template::parse("{{ uuid() }} {{ random_int(1, 1000) }} {{ random_string(8) }} {{ fake.name() }}")
        .expect("compiles");
    let with = |seed| text.render(&Scope::new(seed, ".")).expect("renders").into_owned();
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
}

#[test]
fn filters_and_functions_do_what_they_are_named_for() {
    for (text, out) in [
        ("{{ 'ä?>' | b64encode }}", "w6Q/Pg=="),
        ("{{ 'ä?>' | b64url }}", "w6Q_Pg"),
        ("{{ 'w6Q_Pg' | b64decode }}", "ä?>"),
        ("{{ 'a b&c' | urlencode }}", "a%20b%26c"),
        ("{{ '' | sha256 }}", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            "{{ 'The quick brown fox jumps over the lazy dog' | hmac_sha256('key') }}",
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
        ),
        ("{{ 'AZ' | hex }}", "415a"),
        ("{{ 86400 | date('%Y-%m-%d') }}", "1970-01-02"),
        ("{{ '2024-02-29T12:00:00+02:00' | date('%H:%M') }}", "10:00"),
        ("{{ 'id=42;' | regex_capture('id=(\\\\d+)') }}", "42"),
        ("{{ '<a>' | tojson }}", "\"<a>\""),
        ("{{ jwt_sign({'a': 1}, 'k') | length > 50 }}", "true"),
        ("{{ now('-1d', '%Y') | length }}", "4"),
    ] {
        assert_eq!(render(text).unwrap_or_else(|error| panic!("{text}: {error:?}")), out, "{text}");
    }
    for text in [
        "{{ random_int(2, 1) }}",
        "{{ file('no/such/file') }}",
        "{{ env_var('CALLSHEET_NO_SUCH') }}",
        "{{ now('soon') }}",
    ] {
        assert_eq!(render(text).expect_err(text).id, "template.failed", "{text}");
    }
}

#[test]
fn a_template_that_runs_away_is_stopped() {
    let error = render("{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}")
        .expect_err("fuel");
    assert!(error.message.contains("more than a million steps"), "{error:?}");
}

/// The parts of a false expression with their values, in the order they stand.
fn explained(text: &str) -> Vec<(&str, String)> {
    let file = format!("a: |-\n  {}\n", text.replace('\n', "\n  "));
    let node = crate::source::parse(FileId::default(), &file).expect("YAML");
    let mut reader = Reader::new(FileId::default(), &file);
    let expression = Expression::of(node.get("a").expect("a"), &mut reader).expect("compiles");
    let (verdict, explained) = expression.judge(&scope());
    assert!(!matches!(verdict, Ok(true)), "{text}");
    let mut parts = explained.expect("it is not true").parts;
    parts.sort_by_key(|part| part.at);
    let end = |at: usize| {
        let rest = &text[at..];
        let end = if rest.starts_with('[') {
            rest.find(']').map(|end| end + 1)
        } else {
            rest.find([' ', '(', '.', '[', '|'])
        };
        end.map_or(text.len(), |end| at + end)
    };
    let shown = |seen: &Seen| match seen {
        Seen::Value(value) => to_json(value).to_string(),
        Seen::Whole(value) => format!("whole {}", to_json(value)),
        other => format!("{other:?}"),
    };
    parts.iter().map(|part| (&text[part.at..end(part.at)], shown(&part.seen))).collect()
}

#[track_caller]
fn shows(text: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(part, value)| (*part, (*value).to_owned())).collect();
    assert_eq!(explained(text), expected, "{text}");
}

#[test]
fn every_part_of_a_false_expression_has_its_value() {
    let trip = r#"whole {"id":"T-1","n":3,"on":true,"none":null,"list":[{"x":1},{"x":2.5}]}"#;
    let list = r#"[{"x":1},{"x":2.5}]"#;
    shows(
        "trip.n == (trip.list | length) and trip.on",
        &[
            ("trip", trip),
            ("n", "3"),
            ("==", "false"),
            ("list", list),
            ("length)", "2"),
            ("and", "false"),
            ("trip", "NotEvaluated"),
        ],
    );
    shows(
        "not trip.list[1].x > -trip.n + 1",
        &[
            ("not", "false"),
            ("trip", trip),
            ("list", list),
            ("[1]", r#"{"x":2.5}"#),
            ("x", "2.5"),
            (">", "true"),
            ("-trip", "-3"),
            ("n", "3"),
            ("+", "-2"),
        ],
    );
    shows("plate not in ['AB-1', plate]", &[("plate", "\"AB-1\""), ("not", "false"), ("plate]", "\"AB-1\"")]);
    shows("plate is not string", &[("plate", "\"AB-1\""), ("string", "false")]);
    shows(
        "1 < trip.n < 3 < trip.x",
        &[("<", "true"), ("trip", trip), ("n", "3"), ("<", "false"), ("trip", "NotEvaluated")],
    );
    shows("nothing is defined", &[("nothing", "Undefined"), ("defined", "false")]);
    shows(
        "plate[0:2] == 'x' if trip.on else plate",
        &[
            ("plate", "whole \"AB-1\""),
            ("[0:2]", "\"AB\""),
            ("==", "false"),
            ("if", "false"),
            ("trip", trip),
            ("on", "true"),
            ("plate", "NotEvaluated"),
        ],
    );
    shows(
        "plate | replace('A', to='x') == trip.nil",
        &[
            ("plate", "\"AB-1\""),
            ("replace", "Failed(\"cannot convert kwargs to string\")"),
            ("trip", trip),
            ("nil", "Undefined"),
        ],
    );
}

#[test]
fn what_gives_another_value_each_time_is_not_asked_twice() {
    let text = "a: uuid() == random_int(1, 1000000) ~ fake.plate()\n";
    let node = crate::source::parse(FileId::default(), text).expect("YAML");
    let mut reader = Reader::new(FileId::default(), text);
    let expression = Expression::of(node.get("a").expect("a"), &mut reader).expect("compiles");
    let (asked, judged) = (scope(), scope());
    let mut drawn: Vec<String> = ["{{ uuid() }}", "{{ random_int(1, 1000000) }}", "{{ fake.plate() }}", "{{ uuid() }}"]
        .iter()
        .map(|text| Template::parse(text).expect("a template").render(&asked).expect("renders").into_owned())
        .collect();
    let next = drawn.pop().expect("four");
    let (verdict, explained) = expression.judge(&judged);
    assert!(!verdict.expect("evaluates"));
    let mut parts = explained.expect("it is false").parts;
    parts.sort_by_key(|part| part.at);
    let shown: Vec<String> = parts
        .iter()
        .filter_map(|part| if let Seen::Value(value) = &part.seen { Some(value.to_string()) } else { None })
        .collect();
    assert_eq!(shown, [&*drawn[0], "False", &drawn[1], &format!("{}{}", drawn[1], drawn[2]), &drawn[2]]);
    // The next value is the one that the run would have had without the failure.
    assert_eq!(Template::parse("{{ uuid() }}").expect("a template").render(&judged).expect("renders"), next);
}

#[test]
fn what_is_made_of_a_secret_is_not_shown() {
    let scope = scope();
    scope.set("secrets", from_texts([("pin", "90210-hush")]));
    scope.set("auth", from_texts([("own", from_texts([("access_token", "tok-hush")]))]));
    let shown = |text: &str| {
        let explained = explain::explain(text, &scope, Vec::new());
        explained.parts.iter().map(|part| format!("{:?}", part.seen)).collect::<Vec<_>>().join(" ")
    };
    assert!(shown("secrets.pin == 'x'").contains("90210-hush"), "as it is: the redactor knows it");
    for text in [
        "secrets.pin | upper | lower == 'x'",
        "secrets.pin[0] == 'x'",
        "secrets.pin[:4] ~ 'x' == 'x'",
        "secrets.pin | length == 9",
        "auth.own.access_token | replace('-', '+') == 'x'",
        "(secrets | items | list)[0][1] == 'x'",
        "secrets == 1 or auth == 2",
    ] {
        let shown = shown(text);
        assert!(shown.contains("Hidden"), "{text}: {shown}");
        assert!(!shown.to_lowercase().contains("90210,") && !shown.contains("tok+"), "{text}: {shown}");
    }
}

#[test]
fn every_named_filter_exists() {
    for name in filters::NAMES {
        let error = render(&format!("{{{{ 'x' | {name} }}}}")).err();
        assert!(error.is_none_or(|error| !error.message.contains("unknown filter")), "{name}");
    }
}

/// The engine says of `{% ժ` that it ends within the letter.
#[test]
fn an_error_within_a_letter_of_several_bytes_is_told() {
    for text in ["{%ӄ\r\n", "un3{%֪f1", "{{ ժ", "{{ 'ժ }}", "{{ a ժ b }}"] {
        let error = Template::parse(text).expect_err(text);
        assert!(error.id.starts_with("template."), "{text}: {}", error.id);
    }
}
