//! The JSONPath Compliance Test Suite (`cts.json` of jsonpath-standard/jsonpath-compliance-test-suite), where one is at
//! hand. The suite is not part of this repository; cases of our own stand beside the module.

use callsheet::json::{self, Json};
use callsheet::jsonpath::JsonPath;

const VARIABLE: &str = "CALLSHEET_JSONPATH_CTS";

#[test]
#[expect(clippy::print_stderr, reason = "a suite that was not run must not pass in silence")]
fn compliance_suite() {
    let Ok(file) = std::env::var(VARIABLE) else {
        eprintln!(
            "the JSONPath compliance suite was NOT run: {VARIABLE} is not set. To run it, set it to the path of cts.json \
             from https://github.com/jsonpath-standard/jsonpath-compliance-test-suite; \
             the built-in cases are run by `cargo test --lib jsonpath`"
        );
        return;
    };
    let text = std::fs::read(&file).unwrap_or_else(|error| panic!("{VARIABLE}={file}: {error}"));
    let suite = json::parse(&text).unwrap_or_else(|error| panic!("{VARIABLE}={file}: {error}"));
    let cases = suite.get("tests").and_then(Json::as_array).expect("the suite has `tests`");
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
    eprintln!("the JSONPath compliance suite: {} cases passed", cases.len());
}

fn check(case: &Json) -> Result<(), String> {
    let text = |key: &str| case.get(key).and_then(Json::as_str).unwrap_or_default();
    let failed = |why: String| Err(format!("{}: {}: {why}", text("name"), text("selector")));
    let path = match JsonPath::parse(text("selector")) {
        Err(_) if case.get("invalid_selector").is_some() => return Ok(()),
        Err(error) => return failed(format!("refused: {error}")),
        Ok(_) if case.get("invalid_selector").is_some() => return failed("accepted".into()),
        Ok(path) => path,
    };
    let document = case.get("document").ok_or("a case has no document")?;
    let nodes = path.nodes(document);
    let values = Json::array(nodes.iter().map(|node| node.value.clone()));
    let paths = Json::array(nodes.iter().map(|node| Json::from(node.path.to_string())));
    // Where objects leave the order open the suite lists every right answer, the paths at the same place as the values.
    let allowed = |one: &str, many: &str| -> Vec<Json> {
        case.get(one).into_iter().chain(case.get(many).and_then(Json::as_array).unwrap_or_default()).cloned().collect()
    };
    let (results, result_paths) = (allowed("result", "results"), allowed("result_paths", "results_paths"));
    if results.is_empty() || results.len() != result_paths.len() {
        return failed("the case lists no results, or not as many paths".into());
    }
    if !results.iter().zip(&result_paths).any(|wanted| wanted == (&values, &paths)) {
        return failed(format!("gives {values} at {paths}"));
    }
    if path.values(document).into_iter().ne(nodes.iter().map(|node| node.value)) {
        return failed("`values` and `nodes` differ".into());
    }
    if path.first(document) != nodes.first().map(|node| node.value) {
        return failed("`first` and `nodes` differ".into());
    }
    if path.explain_absence(document).is_some() != (path.is_singular() && nodes.is_empty()) {
        return failed("`explain_absence` contradicts `nodes`".into());
    }
    Ok(())
}
