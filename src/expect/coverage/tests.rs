use super::*;
use crate::json;
use crate::source::Span;

fn expected(text: &str) -> Expected {
    // A matcher of the format stands for itself; all else is literal.
    fn tree(value: &json::Json) -> Expected {
        use crate::scenario::expected::Member;
        use crate::scenario::matcher::Matcher;
        use crate::source::Spanned;
        let made = match value {
            json::Json::String(text) if Matcher::is_written(text) => {
                Tree::Matcher(std::sync::Arc::new(Matcher::parse(text).expect("a matcher")))
            }
            json::Json::Array(items) => Tree::Array(items.iter().map(tree).collect()),
            json::Json::Object(object) => Tree::Object(
                object
                    .iter()
                    .map(|(key, value)| Member { key: Spanned::new(key.into(), Span::default()), value: tree(value) })
                    .collect(),
            ),
            other => return Expected::from_json(other, Span::default()),
        };
        Expected::new(made, Span::default())
    }
    tree(&json::parse(text.as_bytes()).expect("JSON"))
}

fn seen(body: &str, look: impl FnOnce(&mut Looks, &json::Json)) -> String {
    let response = Response::of(200, &[("content-type", "application/json")], body);
    let mut looks = Looks::default();
    look(&mut looks, response.json().expect("JSON"));
    let view = view(&Expect::default(), &response);
    let shape = shape(&response, &view, &looks);
    let told = shape.members.iter().filter(|member| member.path.starts_with('$'));
    told.map(|member| format!("{} {:?}", member.path, member.look)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_tree_looks_at_what_it_names_as_closely_as_it_says() {
    let body = r#"{"id":"a","n":1,"list":[{"x":1,"y":2},{"x":3,"z":4}],"deep":{"a":{"b":null}},"none":[]}"#;
    let told = seen(body, |looks, root| {
        let wanted = r#"{"id":"<any>","n":"<integer>","list":[{"x":1},{"z":"<number > 3>"}],"deep":"<object>"}"#;
        looks.tree(&expected(wanted), root, Timestamp::now());
    });
    assert_eq!(
        told,
        "$.id Presence\n$.n Type\n$.list[*].x Value\n$.list[*].y Unseen\n$.list[*].z Value\n$.deep.a.b Unseen\n$.none Unseen"
    );
}

#[test]
fn paths_and_expressions_look_at_the_nodes_they_find() {
    let body = r#"{"a":[{"x":1,"y":2},{"x":3,"y":4}],"b":{"c":1,"d":{"e":2}},"2031-05-01":3,"17":4}"#;
    let told = seen(body, |looks, root| {
        let path = crate::jsonpath::JsonPath::parse("$.a[*].x").expect("a path");
        looks.path(&path, &expected(r#""<each number>""#), root, Timestamp::now());
        looks.glance(&[Segment::Name("b".into())], Aspect::Whole, Look::Presence, root);
        looks.glance(&[Segment::Name("b".into()), Segment::Name("c".into())], Aspect::Whole, Look::Value, root);
        assert!(looks.is_open(root.get("a").expect("a")));
    });
    assert_eq!(told, "$.a[*].x Type\n$.a[*].y Unseen\n$.b.c Value\n$.b.d.e Presence\n$.* Unseen");
}

/// What the filters of a path look at, besides what it finds.
fn filtered(path: &str, body: &str) -> String {
    seen(body, |looks, root| {
        let path = crate::jsonpath::JsonPath::parse(path).expect("a path");
        looks.path(&path, &expected(r#""<each any>""#), root, Timestamp::now());
    })
}

#[test]
fn filters_look_at_what_decides_which_nodes_are_found() {
    let body = r#"{"a":[{"id":1,"n":"x","e":0},{"id":2,"n":"y","e":0}],"id":2}"#;
    assert_eq!(filtered("$.a[?@.id == 2].n", body), "$.a[*].id Value\n$.a[*].n Presence\n$.a[*].e Unseen\n$.id Unseen");
    assert_eq!(
        filtered("$.a[?@.id == $.id].n", body),
        "$.a[*].id Value\n$.a[*].n Presence\n$.a[*].e Unseen\n$.id Value"
    );
    assert_eq!(filtered("$.a[?@.e].n", body), "$.a[*].id Unseen\n$.a[*].n Presence\n$.a[*].e Presence\n$.id Unseen");
    assert_eq!(
        filtered("$.a[?search(@.n, 'x') && !(@.e > 1)].id", body),
        "$.a[*].id Presence\n$.a[*].n Value\n$.a[*].e Value\n$.id Unseen"
    );
    // None is found because of what stands in all of them.
    assert_eq!(filtered("$.a[?@.id == 7]", body), "$.a[*].id Value\n$.a[*].n Unseen\n$.a[*].e Unseen\n$.id Unseen");
    // By its length only, and by how many there are.
    let lists = r#"{"a":[{"l":[1],"m":[2]}]}"#;
    assert_eq!(filtered("$.a[?length(@.l) == 1].x", lists), "$.a[*].l[*] Unseen\n$.a[*].m[*] Unseen");
    assert_eq!(filtered("$.a[?count(@.m[?@ == 2]) == 1].x", lists), "$.a[*].l[*] Unseen\n$.a[*].m[*] Value");
    assert_eq!(filtered("$..[?@.m].x", lists), "$.a[*].l[*] Unseen\n$.a[*].m[*] Unseen");
    assert_eq!(filtered("$.a[?@.m == @.l].x", lists), "$.a[*].l[*] Value\n$.a[*].m[*] Value");
}

#[test]
fn what_a_filter_did_not_take_is_looked_at_no_closer_than_by_its_presence() {
    let body = r#"{"a":[{"id":1},{"id":2}]}"#;
    let json = json::parse(body.as_bytes()).expect("JSON");
    let path = crate::jsonpath::JsonPath::parse("$.a[?@.id == 2]").expect("a path");
    let mut looks = Looks::default();
    looks.kept(&path, &json);
    looks.path(&path, &expected(r#""<each any>""#), &json, Timestamp::now());
    let look = |path: &str| {
        looks.at(crate::jsonpath::JsonPath::parse(path).expect("a path").first(&json).expect(path), Look::Unseen).0
    };
    assert_eq!((look("$.a[0].id"), look("$.a[1].id")), (Look::Presence, Look::Value));
}

#[test]
fn what_could_be_expected_follows_from_the_value() {
    let of = |path: &str, value: &str| proposal(path, &json::parse(value.as_bytes()).expect("JSON"));
    assert_eq!(of("$.trip.state", r#""PLANNED""#), "PLANNED");
    assert_eq!(of("$.name", r#""PLANNED""#), "<string>");
    assert_eq!(of("$.state", r#""no""#), "<string>");
    assert_eq!(of("$.n", "3"), "<integer >= 0>");
    assert_eq!(of("$.n", "-3.5"), "<number>");
    assert_eq!(of("$.n", "0.5"), "<number >= 0>");
    assert_eq!(of("$.ok", "true"), "true");
    assert_eq!(of("$.at", r#""2001-01-01T00:00:00Z""#), "<datetime>");
    assert_eq!(of("$.id", r#""5f0c7a52-2d0e-4c5b-9a43-0c7f4bd1d5a1""#), "<uuid>");
}
