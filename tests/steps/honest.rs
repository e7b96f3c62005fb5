//! An expectation fails when what it speaks of changes, and only then: one change at a time to a fixed document.

use serde_json::{Value, json};

use crate::bench::{project, scenario, text, told};

/// The document, and the expectation over each of its members that it fulfils.
fn members() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("count", json!(3), "3"),
        ("ratio", json!(1.5), "1.5"),
        ("big", json!(9_007_199_254_740_993_u64), "9007199254740993"),
        ("name", json!("Ann"), "Ann"),
        ("empty", json!(""), "''"),
        ("live", json!(true), "true"),
        ("none", json!(null), "null"),
        ("tags", json!(["a", "b", "c"]), "[a, b, c]"),
        ("nested", json!([[1], [2, 3]]), "[[1], [2, 3]]"),
        ("place", json!({ "city": "Utrecht", "geo": { "x": 1 } }), "{ city: Utrecht, geo: { x: 1 } }"),
        ("rows", json!([{ "id": "r1", "n": 1 }, { "id": "r2", "n": 2 }]), "[{ id: r1, n: 1 }, { id: r2, n: 2 }]"),
    ]
}

/// Every value that is this one but for one change, with the kind of the change.
fn changes(value: &Value) -> Vec<(String, Value)> {
    let mut changed = vec![];
    match value {
        Value::Null => changed.extend([("type".into(), json!(false)), ("value".into(), json!("null"))]),
        Value::Bool(of) => changed.extend([
            ("value".into(), json!(!of)),
            ("type".into(), json!(of.to_string())),
            ("null".into(), json!(null)),
        ]),
        Value::Number(number) => {
            changed.push(("type".into(), json!(number.to_string())));
            changed.push(("null".into(), json!(null)));
            let next = number.as_u64().map_or_else(|| json!(2.5), |number| json!(number - 1));
            changed.push(("value".into(), next));
        }
        Value::String(of) => {
            changed.extend([("value".into(), json!(format!("{of} "))), ("null".into(), json!(null))]);
            changed.push(("type".into(), json!([of])));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                changed.push((format!("removal at {at}"), array(items, |items| _ = items.remove(at))));
                changed.push((format!("addition at {at}"), array(items, |items| items.insert(at, item.clone()))));
                if at > 0 {
                    changed.push((format!("order at {at}"), array(items, |items| items.swap(at - 1, at))));
                }
                for (kind, inner) in changes(item) {
                    changed.push((format!("{kind} in {at}"), array(items, |items| items[at] = inner)));
                }
            }
            changed.push(("type".into(), json!({})));
        }
        Value::Object(object) => {
            for (name, member) in object {
                let mut without = object.clone();
                without.remove(name);
                changed.push((format!("removal of {name}"), Value::Object(without)));
                for (kind, inner) in changes(member) {
                    let mut with = object.clone();
                    with.insert(name.clone(), inner);
                    changed.push((format!("{kind} in {name}"), Value::Object(with)));
                }
            }
            changed.push(("type".into(), json!([value])));
        }
    }
    changed
}

fn array(items: &[Value], change: impl FnOnce(&mut Vec<Value>)) -> Value {
    let mut items = items.to_vec();
    change(&mut items);
    Value::Array(items)
}

#[test]
fn a_change_is_found_where_it_is_and_nowhere_else() {
    let members = members();
    let document: serde_json::Map<_, _> =
        members.iter().map(|(name, value, _)| ((*name).to_owned(), value.clone())).collect();
    let mut cases = vec![json!({ "member": "", "kind": "none", "document": document })];
    for (name, value, _) in &members {
        let mut without = document.clone();
        without.remove(*name);
        cases.push(json!({ "member": name, "kind": "removal", "document": without }));
        for (kind, changed) in changes(value) {
            let mut with = document.clone();
            with.insert((*name).to_owned(), changed);
            cases.push(json!({ "member": name, "kind": kind, "document": with }));
        }
    }
    // The order of members is no change, and neither is one that nobody asked for.
    let backwards: serde_json::Map<_, _> = document.clone().into_iter().rev().collect();
    cases.push(json!({ "member": "", "kind": "order of members", "document": backwards }));
    let mut more = document.clone();
    more.insert("more".to_owned(), json!(1));
    cases.push(json!({ "member": "", "kind": "addition", "document": more }));

    // A file a member, each run over all the cases.
    let mut project = project().file("cases.json", &serde_json::to_string(&cases).expect("a value is JSON"));
    for (name, _, expected) in &members {
        let step = format!(
            "cases: {{ file: cases.json }}\nsteps:\n  - post: /json\n    json: \"{{{{ case.document }}}}\"\n    expect:\n      json:\n        {name}: {expected}\n"
        );
        project = project.file(&format!("{name}.yaml"), &scenario(&step));
    }
    let (outcome, report) = told(&project);
    outcome.exits(1);
    assert_eq!(report.scenarios().len(), members.len() * cases.len());
    assert!(cases.len() > 80, "only {} cases", cases.len());
    for ran in report.scenarios() {
        let over = text(&ran["file"]).trim_end_matches(".yaml");
        let number = usize::try_from(ran["case"]["number"].as_u64().expect("a case has a number")).expect("small");
        let case = &cases[number - 1];
        let wanted = if text(&case["member"]) == over { "failed" } else { "passed" };
        assert_eq!(ran["verdict"], wanted, "an expectation over {over}, and {}: {}", case["member"], case["kind"]);
    }
}
