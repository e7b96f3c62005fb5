#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::*;

mod conformance;

fn xml(text: &str) -> Xml {
    Xml::parse(text).expect("it is XML")
}

/// What a path gives: the texts of nodes with bars between them.
fn found(path: &str, document: &Xml) -> String {
    bound(path, document, &|_| None)
}

fn bound<'n>(path: &str, document: &'n Xml, namespaces: Namespaces<'n>) -> String {
    match XPath::parse(path).unwrap_or_else(|error| panic!("{path}: {}", error.message)).evaluate(document, namespaces)
    {
        Ok(Found::Nodes(nodes)) => nodes.join(" | "),
        Ok(Found::Text(text) | Found::Number(_, text)) => text,
        Ok(Found::Boolean(value)) => value.to_string(),
        Err(why) => format!("refused: {why}"),
    }
}

const SOAP: &str = r#"<s:Envelope xmlns:s="urn:soap"><s:Body>
  <Orders xmlns="urn:orders" xmlns:x="urn:x"><Order id="1"><x:Note>n</x:Note></Order><Größe x:é="ü">5</Größe></Orders>
</s:Body></s:Envelope>"#;

#[test]
fn names_without_a_prefix_are_those_written_without_one() {
    let document = xml(SOAP);
    assert_eq!(found("/s:Envelope/s:Body/Orders/Order/@id", &document), "1");
    assert_eq!(found("/Envelope", &document), "");
    assert_eq!(found("//Note", &document), "");
    assert_eq!(found("//x:Note", &document), "n");
    assert_eq!(found("//x:*", &document), "n");
    assert_eq!(found("//Größe[@x:é='ü']", &document), "5");
    assert_eq!(found("namespace-uri(//Order)", &document), "urn:orders");
    let own = |prefix: &str| match prefix {
        "o" => Some("urn:orders"),
        // A prefix of the user's stands before one of the document's.
        "x" => Some("urn:orders"),
        _ => None,
    };
    assert_eq!(bound("//o:Order/@id", &document, &own), "1");
    assert_eq!(bound("//x:Order/@id", &document, &own), "1");
    assert_eq!(found("//q:Order", &document), "refused: the prefix `q` is not declared; the answer declares s, x");
    assert_eq!(found("//q:a", &xml("<a/>")), "refused: the prefix `q` is not declared: the answer declares none");
}

#[test]
fn a_path_that_finds_nothing_tells_how_far_it_leads() {
    let document = xml(SOAP);
    let explained = |path: &str| {
        let (said, meant) = XPath::parse(path).expect(path).explain_absence(&document, &|_| None).expect(path);
        format!("{said}{}", meant.map(|meant| format!(" ({meant}?)")).unwrap_or_default())
    };
    assert_eq!(explained("/Envelope/Body"), "the root element is `s:Envelope`, not `Envelope` (s:Envelope?)");
    assert_eq!(explained("/s:Envelope/s:Bdy"), "`/s:Envelope` has no `s:Bdy`; it has s:Body (s:Body?)");
    assert_eq!(explained("//Order/@ids"), "`//Order` has no `@ids`; it has @id (@id?)");
    assert_eq!(explained("//Ordr/@id"), "there is no `Ordr` anywhere in the answer (Order?)");
    assert_eq!(explained("//Order/Lost"), "`//Order` has no `Lost`; it has x:Note");
    assert_eq!(explained("//Order/Note/Lost"), "`//Order` has no `Note`; it has x:Note (x:Note?)");
    assert_eq!(explained("//Order[@id='2']/x:Note"), "the one before the `[` of `Order[@id='2']` is not as it says");
    assert_eq!(explained("//x:Note/a"), "`//x:Note` has no `a`; it has no elements in it");
    assert_eq!(explained("//s:Body//Nothing"), "there is no `Nothing` anywhere in `//s:Body`");
}

#[test]
fn what_is_wrong_with_a_path_is_told_where_it_stands() {
    let refused: Vec<(&str, &str)> = [
        "//a[1",
        "//a[]",
        "//a[@x='1]",
        "//a)",
        "//a]",
        "/a/",
        "//",
        "//a = ",
        "(//a",
        "//$x",
        "//a:: b",
        "//childs::a",
        "//namespace::a",
        "cont(//a)",
        "//a/ends-with(., 'x')",
        "//a/count(b)",
        "contains(//a)",
        "count(1)",
        "//a | 1",
        "'a'[1]",
        "//a ! b",
        "//a : b",
        "//\u{1f44d}",
        "1.2.3",
        "//a b",
        "$x",
        "//@",
        "",
    ]
    .into_iter()
    .map(|path| {
        let error = XPath::parse(path).expect_err(path);
        assert!(error.range.end <= path.len().max(1), "{path}: {:?}", error.range);
        (path, path.get(error.range).unwrap_or_default())
    })
    .collect();
    let told: String = refused.iter().fold(String::new(), |mut out, (path, at)| {
        let error = XPath::parse(path).expect_err(path);
        writeln!(out, "{path} @ `{at}`: {}", error.message).expect("a string takes it");
        out
    });
    snapbox::assert_data_eq!(
        told,
        snapbox::str![[r#"
//a[1 @ `[`: this is not closed by `]`
//a[] @ `]`: the name of an element is expected, and here is `]`
//a[@x='1] @ `'1]`: this text has no closing quote
//a) @ `)`: there is nothing that this `)` closes
//a] @ `]`: there is nothing that this `]` closes
/a/ @ `/`: the name of an element is expected, and the path ends
// @ `//`: the name of an element is expected, and the path ends
//a =  @ `=`: a path or a value is expected, and the path ends
(//a @ `(`: this is not closed by `)`
//$x @ `$x`: the name of an element is expected, and here is `$x`
//a:: b @ `a::`: there is no axis `a`
//childs::a @ `childs::`: there is no axis `childs`
//namespace::a @ `namespace::`: there is no axis `namespace`
cont(//a) @ `cont`: XPath 1.0 has no function `cont`
//a/ends-with(., 'x') @ `ends-with`: XPath 1.0 has no function `ends-with`
//a/count(b) @ `count`: `count(…)` cannot be a step
contains(//a) @ `contains`: `contains` takes 2 arguments, and here is 1
count(1) @ `count`: `count` takes a path, and here is a value
//a | 1 @ `|`: `|` joins what two paths find, and here is a value
'a'[1] @ `[`: what stands before this is a value, and not what a path finds
//a ! b @ `!`: `!` alone is no operator
//a : b @ `:`: a prefix and its name stand without a space between them
//👍 @ `👍`: `👍` does not belong in an XPath
1.2.3 @ `1.2.3`: `1.2.3` is not a number
//a b @ `b`: `b` is not expected here
$x @ `$x`: there are no variables in such a path
//@ @ `@`: the name of an attribute is expected, and the path ends
 @ ``: a path or a value is expected, and the path ends

"#]]
    );
}

#[test]
fn paths_that_are_too_much_are_refused() {
    for path in [
        "(".repeat(5000),
        format!("{}1{}", "(".repeat(100), ")".repeat(100)),
        format!("//a{}", "[a".repeat(50)),
        vec!["1"; 1000].join("+"),
        vec!["/a"; 1000].join("|"),
        "/a".repeat(5000),
    ] {
        assert!(XPath::parse(&path).is_err(), "{}", &path[..20]);
    }
    assert_eq!(found(&format!("{}1", "-".repeat(4001)), &xml("<a/>")), "-1");
}

#[test]
fn hostile_documents_are_refused_or_read_in_no_time() {
    let started = Instant::now();
    let refused = |text: &str| Xml::parse(text).map(|_| ()).expect_err(&text[..text.len().min(60)]).to_string();
    let bomb = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]>\n<lolz>&lol2;</lolz>";
    assert_eq!(
        refused(bomb),
        "entities (`<!ENTITY …>`) are refused, for they can make a small document a huge one: one is declared at line 1, \
         column 17"
    );
    assert_eq!(refused(&"<a>".repeat(100_000)), "elements nest deeper than 512 levels at line 1, column 1537");
    let crowded = format!("<r {}/>", (0..100_000).map(|at| format!("a{at}='1' ")).collect::<String>());
    assert_eq!(refused(&crowded), "an element has more than 1000 attributes at line 1, column 1");
    for text in [
        "",
        " ",
        "text",
        "<",
        "<a",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>\0</a>",
        "<p:a/>",
        "<a x='1' x='2'/>",
        "<a>&x;</a>",
        "<!--",
        "<![CDATA[",
        "<?xml",
        "<a b='",
        "</a>",
        "\u{feff}",
    ] {
        let said = refused(text);
        assert!(said.contains(" at line "), "{text}: {said}");
    }
    let deep = format!("{}x{}", "<a>".repeat(500), "</a>".repeat(500));
    assert_eq!(found("count(//a)", &xml(&deep)), "500");
    assert_eq!(found("//a[not(a)]", &xml(&deep)), "x");
    // A reference to a DTD is no entity of the document's own, and nothing is fetched.
    assert_eq!(
        found("/plist", &xml("<!DOCTYPE plist PUBLIC \"-//A\" \"http://127.0.0.1:1/x.dtd\"><plist>1</plist>")),
        "1"
    );
    let wide = format!("<r>{}</r>", "<i><n>1</n></i>".repeat(50_000));
    let wide = xml(&wide);
    assert_eq!(found("count(//n)", &wide), "50000");
    assert!(found("count(//i[count(//n) > 1])", &wide).contains("was given up"));
    assert!(found("//n[.=//n]/preceding::n[1]", &wide).contains("was given up"));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

const PAGE: &str = "<!DOCTYPE html><html lang=en><head><title> A\n page </title><script>var x = '<p>no</p>'</script></head><body>\
    <DIV id=main class='a b'><p>One<br>two <b>three</b></p><ul><li>x</li><li>y</li></ul>\
    <form><input name=csrf value='c&amp;1'><input name=q></form><a href=/next>more</a></div></body></html>";

fn selected(css: &str) -> String {
    let page = Html::parse(PAGE);
    let path = CssPath::parse(css).unwrap_or_else(|error| panic!("{css}: {}", error.message));
    let texts = path.evaluate(&page).into_iter().map(|text| text.unwrap_or_else(|| "-".to_owned()));
    texts.collect::<Vec<_>>().join(" | ")
}

#[test]
fn selectors_give_texts_and_attributes() {
    assert_eq!(selected("title"), "A page");
    assert_eq!(selected("#main > p"), "One two three");
    assert_eq!(selected("ul"), "x y");
    assert_eq!(selected("li"), "x | y");
    assert_eq!(selected("input[name=csrf] @value"), "c&1");
    assert_eq!(selected("input@value"), "c&1 | -");
    assert_eq!(selected("div.a.b @class"), "a b");
    assert_eq!(selected("body script"), "");
    assert_eq!(selected("a[href='/next']"), "more");
    assert_eq!(selected(".lost"), "");
    let lost = CssPath::parse("#main ul > lost").expect("a selector");
    assert_eq!(
        lost.explain_absence(&Html::parse(PAGE)).expect("some of it is there"),
        "`#main ul` is there, and has li in it"
    );
}

#[test]
fn xpaths_lead_through_pages_too() {
    let page = Html::parse(PAGE).to_xml();
    assert_eq!(found("//title", &page), "A page");
    assert_eq!(found("//div[@id='main']/p/b", &page), "three");
    assert_eq!(found("//form/input[@name='csrf']/@value", &page), "c&1");
    assert_eq!(found("count(//li)", &page), "2");
    assert_eq!(found("id('main')/ul/li[2]", &page), "y");
    assert_eq!(found("//li[lang('en')][1]", &page), "x");
}

#[test]
fn what_is_wrong_with_a_selector_is_told_where_it_stands() {
    let told: String = [
        "",
        "h1 >",
        "h1[",
        "input[name=x",
        "a)",
        "a..b",
        "h1 % h2",
        "!",
        "h1:foo",
        "a @",
        "@x",
        "a @b c",
        "a[x='1]",
        "👍",
    ]
    .into_iter()
    .map(|css| match CssPath::parse(css) {
        Ok(_) => format!("{css}: a selector\n"),
        Err(error) => {
            let at = css.get(error.range.clone()).unwrap_or_default();
            format!("{css} @ `{at}`: {}\n", error.message)
        }
    })
    .collect();
    snapbox::assert_data_eq!(
        told,
        snapbox::str![[r#"
 @ ``: there is no selector
h1 > @ `>`: something is expected after this `>`
h1[ @ `[`: this is not closed by `]`
input[name=x @ `[`: this is not closed by `]`
a) @ `)`: there is nothing that this `)` closes
a..b @ `.`: `.` is not expected here
h1 % h2 @ `%`: `%` is not expected here
! @ `!`: it does not begin like one
h1:foo @ `:`: this pseudo-class is not known, or says nothing of a page that nobody looks at
a @ @ `@`: the name of one attribute is expected after `@`
@x @ `@`: there is no selector
a @b c @ `@b c`: the name of one attribute is expected after `@`
a[x='1] @ `'`: this text has no closing quote
👍: a selector

"#]]
    );
}

#[test]
fn hostile_pages_take_no_time() {
    let started = Instant::now();
    for text in [
        "<div>".repeat(100_000),
        "<table>".repeat(50_000),
        "<b><i>".repeat(50_000),
        "\0".repeat(10_000),
        "<!--".into(),
        "<p".into(),
        "<script>".repeat(1000),
    ] {
        let page = Html::parse(&text);
        let path = CssPath::parse("div div div").expect("a selector");
        assert!(path.evaluate(&page).len() < 100_000);
        assert_eq!(found("count(//nix)", &page.to_xml()), "0");
    }
    assert!(Html::parse(&"<div>".repeat(1000)).cut);
    assert!(!Html::parse("<div>").cut);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn pages_are_known_by_their_beginning() {
    assert_eq!(title(PAGE).as_deref(), Some("A page"));
    assert_eq!(title("<p>no title"), None);
    assert!(begins_like_html("\u{feff}\n<!doctype HTML><p>"));
    assert!(!begins_like_html("<?xml version='1.0'?><a/>"));
    assert!(!begins_like_html("{}"));
}
