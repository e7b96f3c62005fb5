//! The examples of RFC 9535, and what its text says beyond them.

use super::{compile, json};
use crate::json::Json;

/// Each case: a query, what it finds, and where.
fn check(document: &str, cases: &[(&str, &str, &[&str])]) {
    let document = json(document);
    for (query, values, paths) in cases {
        let path = compile(query);
        let nodes = path.nodes(&document);
        assert_eq!(Json::array(nodes.iter().map(|node| node.value.clone())), json(values), "{query}");
        assert_eq!(nodes.iter().map(|node| node.path.to_string()).collect::<Vec<_>>(), *paths, "{query}");
        assert_eq!(path.values(&document), nodes.iter().map(|node| node.value).collect::<Vec<_>>(), "{query}");
        assert_eq!(path.first(&document), nodes.first().map(|node| node.value), "{query}");
    }
}

/// As `check` where only the values are of interest.
fn check_values(document: &str, cases: &[(&str, &str)]) {
    let document = json(document);
    for (query, values) in cases {
        let found = Json::array(compile(query).values(&document).into_iter().cloned());
        assert_eq!(found, json(values), "{query}");
    }
}

const STORE: &str = r#"{ "store": {
    "book": [
      { "category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95 },
      { "category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99 },
      { "category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553-21311-3", "price": 8.99 },
      { "category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord of the Rings", "isbn": "0-395-19395-8",
        "price": 22.99 } ],
    "bicycle": { "color": "red", "price": 399 } } }"#;

#[test]
fn the_bookstore() {
    check_values(
        STORE,
        &[
            ("$.store.book[*].author", r#"["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"]"#),
            ("$..author", r#"["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"]"#),
            ("$.store..price", "[8.95, 12.99, 8.99, 22.99, 399]"),
            ("$..book[2].author", r#"["Herman Melville"]"#),
            ("$..book[2].publisher", "[]"),
            ("$..book[-1].title", r#"["The Lord of the Rings"]"#),
            ("$..book[0,1].title", r#"["Sayings of the Century","Sword of Honour"]"#),
            ("$..book[:2].title", r#"["Sayings of the Century","Sword of Honour"]"#),
            ("$..book[?@.isbn].title", r#"["Moby Dick","The Lord of the Rings"]"#),
            ("$..book[?@.price<10].title", r#"["Sayings of the Century","Moby Dick"]"#),
            ("$.store.book[?@.price > $.store.book[0].price && @.price < 20].price", "[12.99, 8.99]"),
            ("$.store.book[?@.category == 'reference' || @.isbn].price", "[8.95, 8.99, 22.99]"),
        ],
    );
    assert_eq!(compile("$..*").values(&json(STORE)).len(), 27);
}

#[test]
fn names() {
    check(
        r#"{"o":{"j j":{"k.k":3}},"'":{"@":2}}"#,
        &[
            ("$.o['j j']", r#"[{"k.k":3}]"#, &["$['o']['j j']"]),
            ("$.o['j j']['k.k']", "[3]", &["$['o']['j j']['k.k']"]),
            (r#"$.o["j j"]["k.k"]"#, "[3]", &["$['o']['j j']['k.k']"]),
            (r#"$["'"]["@"]"#, "[2]", &[r"$['\'']['@']"]),
            (r"$['\'']['\u0040']", "[2]", &[r"$['\'']['@']"]),
            ("$.o.missing", "[]", &[]),
        ],
    );
    check_values(
        r#"{"é":1,"e\u0301":2,"😀":3,"a/b":4,"":5}"#,
        &[
            ("$.é", "[1]"),
            (r"$['\u00E9']", "[1]"),
            (r"$['e\u0301']", "[2]"),
            (r"$['\uD83D\ude00']", "[3]"),
            ("$.😀", "[3]"),
            (r"$['a\/b']", "[4]"),
            ("$['']", "[5]"),
        ],
    );
}

#[test]
fn wildcards() {
    check(
        r#"{"o":{"j":1,"k":2},"a":[5,3]}"#,
        &[
            ("$[*]", r#"[{"j":1,"k":2},[5,3]]"#, &["$['o']", "$['a']"]),
            ("$.o[*]", "[1,2]", &["$['o']['j']", "$['o']['k']"]),
            ("$.o[*, *]", "[1,2,1,2]", &["$['o']['j']", "$['o']['k']", "$['o']['j']", "$['o']['k']"]),
            ("$.a.*", "[5,3]", &["$['a'][0]", "$['a'][1]"]),
            ("$.a[0].*", "[]", &[]),
        ],
    );
}

#[test]
fn indices_and_slices() {
    check(
        r#"["a","b","c","d","e","f","g"]"#,
        &[
            ("$[1]", r#"["b"]"#, &["$[1]"]),
            ("$[-2]", r#"["f"]"#, &["$[5]"]),
            ("$[7]", "[]", &[]),
            ("$[-8]", "[]", &[]),
            ("$[1:3]", r#"["b","c"]"#, &["$[1]", "$[2]"]),
            ("$[5:]", r#"["f","g"]"#, &["$[5]", "$[6]"]),
            ("$[1:5:2]", r#"["b","d"]"#, &["$[1]", "$[3]"]),
            ("$[5:1:-2]", r#"["f","d"]"#, &["$[5]", "$[3]"]),
            ("$[::-3]", r#"["g","d","a"]"#, &["$[6]", "$[3]", "$[0]"]),
            ("$[ -2 : : ]", r#"["f","g"]"#, &["$[5]", "$[6]"]),
            ("$[::0]", "[]", &[]),
            ("$[-9007199254740991:9007199254740991:9007199254740991]", r#"["a"]"#, &["$[0]"]),
            ("$[9007199254740991::-9007199254740991]", r#"["g"]"#, &["$[6]"]),
            ("$[0,3,0]", r#"["a","d","a"]"#, &["$[0]", "$[3]", "$[0]"]),
            ("$[0:2,5]", r#"["a","b","f"]"#, &["$[0]", "$[1]", "$[5]"]),
        ],
    );
    check_values(r#"{"0":1}"#, &[("$[0]", "[]"), ("$[:]", "[]"), ("$['0']", "[1]")]);
    check_values("[]", &[("$[::-1]", "[]"), ("$[0]", "[]"), ("$[-1]", "[]")]);
}

/// Table 11: each comparison as a filter that keeps both or neither of two elements.
#[test]
fn comparisons() {
    let document = json(r#"{"obj":{"x":"y"},"arr":[2,3],"both":[0,0]}"#);
    for (comparison, holds) in [
        ("$.absent1 == $.absent2", true),
        ("$.absent1 <= $.absent2", true),
        ("$.absent == 'g'", false),
        ("$.absent1 != $.absent2", false),
        ("$.absent != 'g'", true),
        ("1 <= 2", true),
        ("1 > 2", false),
        ("13 == '13'", false),
        ("'a' <= 'b'", true),
        ("'a' > 'b'", false),
        ("$.obj == $.arr", false),
        ("$.obj != $.arr", true),
        ("$.obj == $.obj", true),
        ("$.obj != $.obj", false),
        ("$.arr == $.arr", true),
        ("$.arr != $.arr", false),
        ("$.obj == 17", false),
        ("$.obj != 17", true),
        ("$.obj <= $.arr", false),
        ("$.obj < $.arr", false),
        ("$.obj <= $.obj", true),
        ("$.arr <= $.arr", true),
        ("1 <= $.arr", false),
        ("1 >= $.arr", false),
        ("1 > $.arr", false),
        ("1 < $.arr", false),
        ("true <= true", true),
        ("true > true", false),
        ("null >= null", true),
        ("null < 1", false),
        // By Unicode scalar values, where UTF-16 would have it the other way round.
        ("'\u{FFFD}' < '\u{1F600}'", true),
        ("1e2 == 100", true),
        ("-0 == 0", true),
    ] {
        let found = compile(&format!("$.both[?{comparison}]")).values(&document).len();
        assert_eq!(found, if holds { 2 } else { 0 }, "{comparison}");
    }
}

#[test]
fn filters() {
    let document = r#"{"a":[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}],
                       "o":{"p":1,"q":2,"r":3,"s":5,"t":{"u":6}},"e":"f"}"#;
    check(
        document,
        &[
            ("$.a[?@.b == 'kilo']", r#"[{"b":"kilo"}]"#, &["$['a'][9]"]),
            ("$.a[?(@.b == 'kilo')]", r#"[{"b":"kilo"}]"#, &["$['a'][9]"]),
            ("$.a[?@>3.5]", "[5,4,6]", &["$['a'][1]", "$['a'][4]", "$['a'][5]"]),
            ("$[?@.*].e", "[]", &[]),
            ("$[?@[?@.b]]['p', 0]", "[3]", &["$['a'][0]"]),
            ("$.o[?@<3, ?@<3]", "[1,2,1,2]", &["$['o']['p']", "$['o']['q']", "$['o']['p']", "$['o']['q']"]),
            ("$.o[?@>1 && @<4]", "[2,3]", &["$['o']['q']", "$['o']['r']"]),
            ("$.o[?@.u || @.x]", r#"[{"u":6}]"#, &["$['o']['t']"]),
        ],
    );
    check_values(
        document,
        &[
            ("$.a[?@.b]", r#"[{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}]"#),
            ("$.a[?@<2 || @.b == 'k']", r#"[1,{"b":"k"}]"#),
            ("$.a[?match(@.b, '[jk]')]", r#"[{"b":"j"},{"b":"k"}]"#),
            ("$.a[?search(@.b, '[jk]')]", r#"[{"b":"j"},{"b":"k"},{"b":"kilo"}]"#),
            ("$.a[?@.b == $.x]", "[3,5,1,2,4,6]"),
            ("$.a[?@ == @]", r#"[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}]"#),
            ("$.a[?!@.b && !(@ > 2)]", "[1,2]"),
            ("$.o[? @ == 1 || @ == 2 && @ == 3 ]", "[1]"),
        ],
    );
}

#[test]
fn functions() {
    check_values(
        r#"{"t":"añ😀","v":[{"a":[1,2],"s":"abc"},{"a":{"x":0},"s":"b"},{"a":5}],"re":"b.*"}"#,
        &[
            ("$[?length(@) == 3][?@.s].s", r#"["abc","b"]"#),
            ("$[?length(@) == 3 && @ == 'añ😀']", r#"["añ😀"]"#),
            ("$.v[?length(@.a) == 2].s", r#"["abc"]"#),
            ("$.v[?length(@.a) == length($.none)].a", "[5]"),
            ("$.v[?length(@.s) >= 1].s", r#"["abc","b"]"#),
            ("$.v[?count(@.*) == 1].a", "[5]"),
            ("$.v[?count(@..*) > 3].s", r#"["abc"]"#),
            ("$.v[?count(@.none) == 0 && @.s == 'b'].s", r#"["b"]"#),
            ("$.v[?value(@..x) == 0].s", r#"["b"]"#),
            ("$.v[?value(@.a.*) == 1]", "[]"),
            ("$.v[?match(@.s, $.re)].s", r#"["b"]"#),
            ("$.v[?search(@.s, $.re)].s", r#"["abc","b"]"#),
            ("$.v[?!match(@.s, 'b')].s", r#"["abc"]"#),
            ("$.v[?match('b', @.s)].s", r#"["b"]"#),
        ],
    );
}

#[test]
fn segments() {
    check(
        r#"{"o":{"j":1,"k":2},"a":[5,3,[{"j":4},{"k":6}]]}"#,
        &[
            ("$..j", "[1,4]", &["$['o']['j']", "$['a'][2][0]['j']"]),
            ("$..[0]", r#"[5,{"j":4}]"#, &["$['a'][0]", "$['a'][2][0]"]),
            ("$..o", r#"[{"j":1,"k":2}]"#, &["$['o']"]),
            ("$.o..[*, *]", "[1,2,1,2]", &["$['o']['j']", "$['o']['k']", "$['o']['j']", "$['o']['k']"]),
            ("$.a..[0, 1]", r#"[5,3,{"j":4},{"k":6}]"#, &["$['a'][0]", "$['a'][1]", "$['a'][2][0]", "$['a'][2][1]"]),
            ("$..['k','j']", "[2,1,4,6]", &["$['o']['k']", "$['o']['j']", "$['a'][2][0]['j']", "$['a'][2][1]['k']"]),
            ("$..[2]..j", "[4]", &["$['a'][2][0]['j']"]),
            ("$ .o ['k']", "[2]", &["$['o']['k']"]),
        ],
    );
    check_values(
        r#"{"a":[{"a":[{"a":1}]}]}"#,
        &[
            ("$..a..a", r#"[[{"a":1}],1,1]"#),
            ("$..[?@.a]", r#"[{"a":[{"a":1}]},{"a":1}]"#),
            ("$..[?@[?@.a]][0].a", r#"[[{"a":1}],1]"#),
        ],
    );
}

#[test]
fn null_is_a_value() {
    check_values(
        r#"{"a":null,"b":[null],"c":[{}],"null":1}"#,
        &[
            ("$.a", "[null]"),
            ("$.a[0]", "[]"),
            ("$.a.d", "[]"),
            ("$.b[0]", "[null]"),
            ("$.b[?@]", "[null]"),
            ("$.b[?@==null]", "[null]"),
            ("$.c[?@.d==null]", "[]"),
            ("$.null", "[1]"),
        ],
    );
}
