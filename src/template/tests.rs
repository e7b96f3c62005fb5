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

#[test]
fn a_false_condition_shows_its_parts() {
    let text = "a: trip.n == (trip.list | length) and trip.on\n";
    let node = crate::source::parse(FileId::default(), text).expect("YAML");
    let mut reader = Reader::new(FileId::default(), text);
    let expression = Expression::of(node.get("a").expect("a"), &mut reader).expect("compiles");
    assert!(!expression.holds(&scope()).expect("evaluates"));
    let shown: Vec<_> = expression.shown(&scope()).into_iter().map(|part| (part.text, part.value)).collect();
    assert_eq!(shown[0], ("trip.n".into(), "3".into()));
    assert!(shown[1].0.contains("trip.list | length") && shown[1].1 == "2", "{shown:?}");
    assert_eq!(shown[2], ("trip.on".into(), "true".into()));
}

#[test]
fn every_named_filter_exists() {
    for name in filters::NAMES {
        let error = render(&format!("{{{{ 'x' | {name} }}}}")).err();
        assert!(error.is_none_or(|error| !error.message.contains("unknown filter")), "{name}");
    }
}
