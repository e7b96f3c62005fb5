use super::*;
use crate::source::{self, FileId};

/// The matcher, printed again.
fn canonical(text: &str) -> String {
    let matcher = Matcher::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
    let printed = matcher.to_string();
    let again = Matcher::parse(&printed).unwrap_or_else(|problem| panic!("{text} -> {printed}: {problem:?}"));
    assert_eq!(format!("{again:?}"), format!("{matcher:?}"), "{text} -> {printed}");
    printed
}

#[test]
fn every_matcher_reads_and_prints_again() {
    for text in [
        "<any>",
        "<string>",
        "<number>",
        "<integer>",
        "<boolean>",
        "<array>",
        "<object>",
        "<null>",
        "<absent>",
        "<optional string>",
        "<string or null>",
        "<optional string or null>",
        "<empty>",
        "<not empty>",
        "<length 3>",
        "<length 1..10>",
        "<length 1..>",
        "<length ..10>",
        "<length >= 1>",
        "<integer >= 1>",
        "<number < 5>",
        "<> 5>",
        "<>= 5>",
        "<< 5>",
        "<<= 5>",
        "<== x>",
        "<!= null>",
        "<string != \"a b\">",
        "<date >= 2024-01-01>",
        "<datetime < 2024-01-01T00:00:00Z>",
        "<between 1 and 5>",
        "<about 3.14 ± 0.01>",
        "<400..499>",
        "<-1.5..>",
        "<..0>",
        "<contains x>",
        "<starts with https://cognito-idp.>",
        "<ends with .json>",
        "<matches (?i)^bearer$>",
        "<matches ^<a>$>",
        "<contains terms and conditions>",
        "<one of a, b, c>",
        "<one of 1, \"1\", true, null>",
        "<one of \"In Progress\", Done>",
        "<in the past>",
        "<in the future>",
        "<within 5m of now>",
        "<within 90s of now>",
        "<within 250ms of now>",
        "<each string>",
        "<each integer >= 1>",
        "<each string or null>",
        "<unique>",
        "<sorted>",
        "<sorted desc>",
        "<not null>",
        "<not (not null)>",
        "<string and length 1..10>",
        "<string and not empty or null>",
        "<(string or null) and not empty>",
        "<not (string or null)>",
        "<not integer >= 5>",
        "<array and each string>",
        "<(each string) and unique>",
        "<(optional string) or null>",
        "<contains \"a\" and starts with \"b\">",
        "<matches \"^a\" or matches '\"'>",
        "<(one of a, b) or null>",
        "<starts with {{ x }}>",
        "<integer >= {{ n }}>",
        "<one of {{ a }}, b-{{ c }}, d>",
        "<{{ a }}..{{ b }}>",
        "<length {{ n }}>",
        "<matches ^{{ x }}$>",
        "<within {{ d }} of now>",
    ] {
        let printed = canonical(text);
        // Templates and quotes aside, what stands in this list is written in the canonical way already.
        let expected = match text {
            "<contains terms and conditions>" => "<contains \"terms and conditions\">",
            "<array and each string>" => "<array and (each string)>",
            text => text,
        };
        assert_eq!(printed, expected);
    }
    for format in Format::ALL {
        let text = format!("<{}>", format.word());
        assert_eq!(canonical(&text), text);
    }
}

#[test]
fn other_spellings_print_in_the_canonical_way() {
    for (text, printed) in [
        ("< string >", "<string>"),
        ("<about 3.14 +- 0.01>", "<about 3.14 ± 0.01>"),
        ("<about 3.14 +/- 1e-2>", "<about 3.14 ± 0.01>"),
        ("<integer>=1>", "<integer >= 1>"),
        ("<length 3 .. 5>", "<length 3..5>"),
        ("<one of  'a b' ,c>", "<one of \"a b\", c>"),
        ("<one of 'it''s'>", "<one of \"it's\">"),
        ("<contains \"\\u00e9\\n\">", "<contains \"é\\n\">"),
        ("<contains 'a'>", "<contains a>"),
        ("<sorted asc>", "<sorted>"),
        ("<((string))>", "<string>"),
        ("<(contains f(x)) and string>", "<contains \"f(x)\" and string>"),
        ("<(matches a\\)b) or null>", "<matches \"a\\)b\" or null>"),
        ("<within 60m of now>", "<within 1h of now>"),
        ("<contains this or any other>", "<contains \"this or any other\">"),
    ] {
        assert_eq!(canonical(text), printed, "{text}");
    }
}

#[test]
fn and_binds_tighter_than_or_and_not_tightest() {
    let Matcher::Or(all) = Matcher::parse("<not string and empty or null>").expect("reads") else { panic!("or") };
    let Matcher::And(both) = &all[0] else { panic!("and") };
    assert!(matches!(both[0], Matcher::Not(_)) && matches!(both[1], Matcher::Empty));
    let Matcher::Optional(inner) = Matcher::parse("<optional string or null>").expect("reads") else { panic!() };
    assert!(matches!(*inner, Matcher::Or(_)));
    let Matcher::Between(..) = Matcher::parse("<between 1 and 5>").expect("reads") else { panic!("between") };
}

/// The message, what is marked, and the first help.
fn refused(text: &str) -> (String, String, String) {
    let yaml = format!("'{}'", text.replace('\'', "''"));
    let node = source::parse(FileId::default(), &yaml).expect("YAML");
    let reader = Reader::new(FileId::default(), &yaml);
    let Err(problem) = Matcher::of(&node, text, &reader) else { panic!("{text} is read") };
    let marked = yaml[problem.span().expect("a place").range()].to_owned();
    (problem.message, marked, problem.help.first().cloned().unwrap_or_default())
}

const LITERAL: &str = "if this is plain text and not a matcher, write `\\<…>`";

/// A matcher, what is wrong with it, what is marked, and the first help.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("<strng>", "there is no matcher `strng`", "strng", "did you mean `string`?"),
    ("<int>", "there is no matcher `int`", "int", "did you mean `integer`?"),
    ("<date-time>", "there is no matcher `date-time`", "date-time", "did you mean `datetime`?"),
    ("<startswith x>", "there is no matcher `startswith`", "startswith", "did you mean `starts with`?"),
    ("<in_the_past>", "there is no matcher `in_the_past`", "in_the_past", "did you mean `in the past`?"),
    ("<UUID>", "there is no matcher `UUID`", "UUID", "did you mean `uuid`?"),
    ("<b>bold</b>", "there is no matcher `b`", "b", LITERAL),
    ("</p>", "a matcher cannot start with `/p`", "/p", LITERAL),
    (
        "<>",
        "there is no matcher between `<` and `>`",
        "<>",
        "`<any>` accepts every value; if this is plain text, write `\\<>`",
    ),
    ("<string or>", "a matcher is missing here", ">", "for example `<not empty>` or `<uuid or null>`"),
    ("<not>", "a matcher is missing here", ">", "for example `<not empty>` or `<uuid or null>`"),
    (
        "<string null>",
        "`and` or `or` is expected here, not `null`",
        "null",
        "join two matchers with `and` or `or`; a text with spaces belongs in quotes",
    ),
    ("<string adn null>", "`and` or `or` is expected here, not `adn`", "adn", "did you mean `and`?"),
    (
        "<integer 1..5>",
        "`and` or `or` is expected here, not `1..5`",
        "1..5",
        "join two matchers with `and` or `or`; a text with spaces belongs in quotes",
    ),
    ("<(string or null>", "this `(` is never closed", "(", ""),
    ("<string)>", "this `)` has no `(` before it", ")", ""),
    ("<start with x>", "there is no matcher `start`", "start", "did you mean `starts with`?"),
    ("<starts wiht x>", "`with` is expected after `starts`", "wiht", "did you mean `with`?"),
    ("<one a, b>", "`of` is expected after `one`", "a", ""),
    ("<in the pst>", "`past` or `future` is expected after `in the`", "pst", "did you mean `past`?"),
    ("<iso contry>", "`country` or `currency` is expected after `iso`", "contry", "did you mean `country`?"),
    ("<length>", "a number is expected after `length`", ">", ""),
    ("<length x>", "a number is expected after `length`, not `x`", "x", ""),
    ("<length 1.5>", "a length is a whole number, 0 or more, not `1.5`", "1.5", ""),
    ("<length -1>", "a length is a whole number, 0 or more, not `-1`", "-1", ""),
    ("<between 1 5>", "`and` is expected here", "5", "for example `<between 1 and 5>`"),
    ("<about 3>", "`about` needs a tolerance: `±` (or `+-`) and a number", ">", "for example `<about 3.14 ± 0.01>`"),
    ("<integer >= abc>", "`>=` needs a number, not `\"abc\"`", "abc", ""),
    ("<date > 5>", "`>` needs a date or a datetime, not `5`", "5", ""),
    ("<> abc>", "`>` needs a number, a date or a datetime, not `\"abc\"`", "abc", ""),
    ("<integer >=>", "a value to compare with is missing after `>=`", ">", "for example `<number >= 1>`"),
    (
        "<200>",
        "`200` alone is not a matcher",
        "200",
        "write `<== 200>` for exactly this value, `<200..>` for this or more",
    ),
    (
        "<{{ x }}>",
        "a template alone is not a matcher: it can only be an argument of one",
        "{{ x }}",
        "write `<== {{ x }}>` for exactly this value, `<{{ x }}..>` for this or more",
    ),
    (
        "<{% if x %}string{% endif %}>",
        "a matcher cannot contain `{% … %}` or `{# … #}`",
        "{% if x %}string{% endif %}",
        "use `{{ … }}` as an argument; if this is plain text, write `\\<…>`",
    ),
    ("<contains>", "a value is missing after `contains`", ">", "write a text; the empty text is `\"\"`"),
    (
        "<contains \"a>",
        "this quote is never closed",
        "\"a",
        "if it is part of the text, put the other kind of quotes around all of it",
    ),
    (
        "<contains \"a\" b>",
        "after a quoted text, only `and` or `or` is possible",
        "b",
        "if the quotes are part of the text, put the other kind of quotes around all of it",
    ),
    (
        "<contains \"\\d\">",
        "this text in double quotes is not a valid JSON string",
        "\"\\d\"",
        "use single quotes: in them, `\\` is an ordinary character",
    ),
    (
        "<contains a or starts with b>",
        "this `or` may be part of the text, or join two matchers",
        "or",
        "quote the text: `\"a or …\"` as one text, `\"a\" or …` as two matchers",
    ),
    (
        "<one of a, b or null>",
        "this `or` may be part of the text, or join two matchers",
        "or",
        "quote the text: `\"b or …\"` as one text, `\"b\" or …` as two matchers",
    ),
    ("<one of a,>", "a value is missing after `,`", ">", "remove the last comma, or write the empty text as `\"\"`"),
    (
        "<matches a(b>",
        "this regular expression is not valid: unclosed group",
        "(",
        "close it, or write `\\(` or `\\[` for the character itself",
    ),
    (
        "<matches \\d{2,1}>",
        "this regular expression is not valid: invalid repetition count range, the start must be <= the end",
        "{",
        "the syntax is that of RE2; `\\` before a character takes away its special meaning",
    ),
    (
        "<within 5 of now>",
        "a duration is expected after `within`",
        "5",
        "write a number and a unit, for example `<within 5m of now>`; the units are ms, s, m, h and d",
    ),
    ("<within 5m>", "`of` is expected after `within`", ">", ""),
    (
        "<starts with {{ x>",
        "this `{{` has no `}}`",
        "{{ x>",
        "close it with `}}`, and close every quote that is opened in between",
    ),
    (
        "<starts with {{ a b }}>",
        "`b` is not expected here",
        "b",
        "is an operator missing? `~` joins texts, `|` applies a filter, `and` and `or` join conditions",
    ),
];

#[test]
fn mistakes_are_named_at_their_word() {
    for (text, message, marked, help) in MISTAKES {
        assert_eq!(refused(text), ((*message).to_owned(), (*marked).to_owned(), (*help).to_owned()), "{text}");
    }
}

#[test]
fn nesting_is_bounded() {
    for text in [
        format!("<{}string{}>", "(".repeat(500), ")".repeat(500)),
        format!("<{}string>", "not ".repeat(500)),
        format!("<{}string>", "each ".repeat(500)),
        format!("<{}string>", "optional not ".repeat(500)),
    ] {
        let problem = Matcher::parse(&text).expect_err("too deep");
        assert!(problem.message.contains("levels deep") || problem.message.contains("too many"), "{problem:?}");
    }
}

#[test]
fn an_ambiguous_text_of_any_length_is_refused_quickly() {
    let text = format!("<contains {}>", "a and contains ".repeat(300));
    let start = std::time::Instant::now();
    let _ = Matcher::parse(&text);
    assert!(start.elapsed().as_millis() < 500);
}

#[test]
fn references_of_arguments_are_known() {
    let matcher = Matcher::parse("<string and (contains {{ a.b }}) or one of {{ c }}, 1>").expect("reads");
    let names: Vec<_> = matcher.references().iter().map(|(reference, _)| reference.path.join(".")).collect();
    assert_eq!(names, ["a.b", "c"]);
    assert!(matcher.is_templated() && !Matcher::parse("<any>").expect("reads").is_templated());
}

#[test]
fn only_what_speaks_of_absence_allows_it() {
    for (text, allows) in [
        ("<absent>", true),
        ("<optional string>", true),
        ("<string or absent>", true),
        ("<null>", false),
        ("<not null>", false),
        ("<any>", false),
        ("<optional string and not empty>", true),
        ("<absent and string>", false),
    ] {
        assert_eq!(Matcher::parse(text).expect(text).allows_absence(), allows, "{text}");
    }
}

#[test]
fn a_template_with_blanks_around_it_keeps_them_when_printed() {
    for text in ["<one of \" {{ x }} \">", "<one of a, \" {{ x }}\", b>", "<one of {{ x }}, 1>"] {
        let printed = Matcher::parse(text).expect("reads").to_string();
        assert_eq!(Matcher::parse(&printed).expect("reads again").to_string(), printed, "{text}");
    }
    assert_eq!(Matcher::parse("<one of \" {{ x }} \">").expect("reads").to_string(), "<one of \" {{ x }} \">");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_grammar_panic(inner in "[a-z0-9 <>=!.,\"'(){}|±+\\\\é-]{0,40}") {
        let _ = Matcher::parse(&format!("<{inner}>"));
    }

    #[test]
    fn no_row_of_words_makes_the_grammar_panic(words in proptest::collection::vec(
        proptest::sample::select(vec![
            "string", "integer", "and", "or", "not", "(", ")", "optional", "each", "one of", ",", "a", "\"b\"", "'c'",
            "contains", "matches", "length", "1", "..", ">=", "{{ x }}", "about", "±", "between", "5m", "within", "of",
            "now", "in the", "past", "sorted", "desc", "-", "\\", "\"",
        ]),
        0..12,
    )) {
        let text = format!("<{}>", words.join(" "));
        let read = Matcher::parse(&text);
        // Printing is for messages: not every text around a template has a quoted form that reads back.
        if text.contains("{{") {
            return Ok(());
        }
        if let Ok(matcher) = read {
            let printed = matcher.to_string();
            let again = Matcher::parse(&printed);
            proptest::prop_assert!(again.is_ok(), "{text} -> {printed}: {again:?}");
            proptest::prop_assert_eq!(again.expect("reads").to_string(), printed, "{}", text);
        }
    }
}

#[test]
fn a_pattern_in_every_element_of_a_list_is_compiled_once() {
    let one = Pattern::compile("^[a-z]+$").expect("compiles");
    for at in 0..20 {
        let other = Pattern::compile(&format!("^{at}$")).expect("compiles");
        assert_eq!(other.text(), format!("^{at}$"));
    }
    let again = Pattern::compile("^[a-z]+$").expect("compiles");
    assert!(std::ptr::eq(one.regex(), again.regex()));
    assert!(Pattern::compile("(").is_err() && Pattern::compile("(").is_err());
}
