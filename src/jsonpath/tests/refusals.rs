//! What is no JSONPath is refused, at the right place and in words that help.

use super::JsonPath;

#[test]
fn refusals_say_where_what_and_what_instead() {
    // A query, the text at the place of the error, a part of the message, a part of the hint.
    for (query, at, message, hint) in [
        ("", "", "empty", "`$`"),
        (" $", " ", "starts with `$`", "white space"),
        ("owner.name", "o", "starts with `$`", "`$.owner.name`"),
        ("@.a", "@", "starts with `$`", "filter"),
        ("$a", "a", "not `a`", "dot"),
        ("$.a ", " ", "white space", "remove"),
        ("$. a", " ", "white space", "remove"),
        ("$.a.", ".", "a name is missing", ""),
        ("$...a", ".", "too many dots", "any depth"),
        ("$.items.0.id", "0", "start with a digit", "`[0]`"),
        ("$.1st", "1st", "start with a digit", "`['1st']`"),
        ("$.odd-key", "-", "`-` is not allowed", "`['odd-key']`"),
        ("$.foo bar", " ", "a space is not allowed", "`['foo bar']`"),
        ("$.$ref", "$", "start with `$`", "`['$ref']`"),
        ("$.'a'", "'", "brackets", "['name']"),
        ("$.[0]", ".", "must be no dot", "remove"),
        ("$.a[", "[", "not closed", "`[*]`"),
        ("$.a[0", "[", "not closed", "`]`"),
        ("$.a[]", "[]", "nothing is selected", "`[*]`"),
        ("$.a[1,]", "]", "missing before `]`", ""),
        ("$.a[name]", "name", "not a selector", "`['name']`"),
        ("$['a' 'b']", "'", "`]` was expected", "`,`"),
        ("$[01]", "01", "not written like an index", "`1`"),
        ("$[-0]", "-0", "not written like an index", "`0`"),
        ("$[9007199254740992]", "9007199254740992", "too large", "9007199254740991"),
        ("$[-9007199254740992:]", "-9007199254740992", "too large", "9007199254740991"),
        ("$[99999999999999999999]", "99999999999999999999", "too large", "9007199254740991"),
        ("$[(@.length-1)]", "(", "script", "`[-1]`"),
        ("$[@.a == 1]", "@", "filter", "`?`"),
        ("$[‘a’]", "‘", "typographic", "`'`"),
        ("$['a", "'", "not closed", "`'`"),
        ("$['a\tb']", "\t", "U+0009", "`\\t`"),
        (r"$['\x']", r"\x", "not an escape", r"`\\`"),
        (r#"$["\'"]"#, r"\'", "not an escape", "needs no"),
        (r"$['\ud83d']", r"\ud83d", "surrogate", "two escapes"),
        (r"$['\ud83dx']", r"\ud83d", "surrogate", "two escapes"),
        (r"$['\ud83d\u0041']", r"\ud83d\u0041", "surrogate", "two escapes"),
        (r"$['\u12']", r"\u12", "four hexadecimal", ""),
        ("$.a.length()", "(", "only inside a filter", "`$.items[?"),
        ("$.a == 1", "=", "only inside a filter", "`$.items[?"),
        ("$.a^", "^", "not part of JSONPath", ""),
        ("$[?]", "]", "missing before `]`", "`@.name`"),
        ("$[?@.a = 1]", "=", "not an operator", "`==`"),
        ("$[?@.a === 1]", "=", "not allowed", "`==`"),
        ("$[?@.a =~ /x/]", "=~", "not an operator", "match("),
        ("$[?@.a and @.b]", "and", "not an operator", "`&&`"),
        ("$[?@.a | @.b]", "|", "not an operator", "`||`"),
        ("$[?not @.a]", "not", "neither", "`!` negates"),
        ("$[?@.a == active]", "active", "neither a text nor a query", "`'active'`"),
        ("$[?@.a == True]", "True", "in small letters", "`true`"),
        ("$[?@.a == 1.]", "1.", "not a number", "both sides"),
        ("$[?@.a == .5]", ".", "starts with a digit", "`0`"),
        ("$[?@.a == 'x]", "'", "not closed", "`'`"),
        ("$[?@.odd-key]", "-", "not allowed", "`['odd-key']`"),
        ("$[?@.a - 1 == 2]", "-", "arithmetic", ""),
        ("$[?1 < @.a < 3]", "<", "only two sides", "`&&`"),
        ("$[?(@.a == 1]", "]", "`)` was expected", ""),
        ("$[?@.a == 1", "[", "not closed", "`]`"),
        ("$[?!@.a == 1]", "!", "before a test", "`!(@.a == 1)`"),
        ("$[?(@.a) == 1]", "(", "true or false", "parentheses"),
        ("$[?true]", "true", "tests nothing", "`@.name == true`"),
    ] {
        check(query, at, message, hint);
    }
}

/// RFC 9535 section 2.4.3.
#[test]
fn ill_typed_queries_are_refused() {
    for (query, at, message, hint) in [
        ("$[?@..a == 1]", "@..a", "several values", "`count(@..a)`"),
        ("$[?1 == @[*]]", "@[*]", "several values", "value(@[*])"),
        ("$[?count(@..*)]", "count(@..*)", "not a test", "compare"),
        ("$[?!length(@.a)]", "length(@.a)", "not a test", "compare"),
        ("$[?(value(@.a)) || @.b]", "value(@.a)", "not a test", "compare"),
        ("$[?match(@.a, 'x') == true]", "match(@.a, 'x')", "true or false", "by itself"),
        ("$[?length(@.*) > 1]", "@.*", "several values", "count"),
        ("$[?length(@.a == 1) > 1]", "@.a == 1", "true or false", "by itself"),
        ("$[?length((@.a)) > 1]", "(@.a)", "true or false", "by itself"),
        ("$[?length(match(@.a, 'x')) > 1]", "match(@.a, 'x')", "true or false", "by itself"),
        ("$[?match(@.*, 'x')]", "@.*", "several values", "count"),
        ("$[?search(@.a, @.*)]", "@.*", "several values", "count"),
        ("$[?count(1) > 1]", "1", "needs a query", "length"),
        ("$[?count(length(@.a)) > 1]", "length(@.a)", "needs a query", "length"),
        ("$[?value(@.a || @.b) > 1]", "@.a || @.b", "needs a query", "starts with"),
        ("$[?length() > 1]", "length()", "one argument", "length(@.name)"),
        ("$[?match(@.a)]", "match(@.a)", "two arguments", "match(@.name"),
        ("$[?size(@.a) > 1]", "size", "no function", "length(@.name)"),
        ("$[?in(@.a, $.b)]", "in", "no function", "`@.a == 1 ||"),
        ("$[?length (@.a) > 1]", "length", "white space is not allowed", "remove"),
        ("$[?Length(@.a) > 1]", "Length", "no function", "`length`"),
    ] {
        check(query, at, message, hint);
    }
}

fn check(query: &str, at: &str, message: &str, hint: &str) {
    let error = JsonPath::parse(query).expect_err(query);
    assert_eq!(&query[error.range.clone()], at, "{query}: {error:?}");
    assert!(error.message.contains(message), "{query}: {error:?}");
    assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{query}: {error:?}");
}

#[test]
fn nesting_is_bounded_and_length_is_not() {
    for (open, close) in [("(", ")"), ("@[?", "]"), ("!(", ")"), ("count(@[?", "]) > 0")] {
        let nested = |levels: usize| format!("$[?{}@.a{}]", open.repeat(levels), close.repeat(levels));
        assert!(JsonPath::parse(&nested(15)).is_ok(), "{}", nested(15));
        let error = JsonPath::parse(&nested(100_000)).expect_err("too deep");
        assert!(error.message.contains("32"), "{error}");
    }
    assert!(JsonPath::parse(&format!("${}", ".a".repeat(100_000))).is_ok());
    assert!(JsonPath::parse(&format!("$[?{}@.a]", "@.a || @.b && ".repeat(50_000))).is_ok());
    assert!(JsonPath::parse(&format!("$[{}0]", "0,".repeat(100_000))).is_ok());
    assert!(JsonPath::parse(&"(".repeat(100_000)).is_err());
}
