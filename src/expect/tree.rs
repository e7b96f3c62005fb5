//! stub
use crate::json::Json;
use crate::scenario::expected::Expected;
use crate::source::Diagnostic;
use crate::template::Scope;
#[derive(Clone, Copy)]
pub(super) enum Mode {
    Contains,
    Exactly,
}
#[derive(Default)]
pub(super) struct Difference(String);
pub(super) fn compare(
    expected: &Expected,
    actual: Option<&Json>,
    _: Mode,
    _: &Scope,
) -> Result<Vec<Difference>, Box<Diagnostic>> {
    Ok(match expected.as_json() {
        Some(json) if Some(&json) != actual => vec![Difference(format!("- {json}"))],
        _ => vec![],
    })
}
pub(super) fn compare_text(
    expected: &Expected,
    actual: Option<&Json>,
    scope: &Scope,
) -> Result<Vec<Difference>, Box<Diagnostic>> {
    compare(expected, actual, Mode::Contains, scope)
}
pub(super) fn title(_: &[Difference]) -> String {
    "differs".into()
}
pub(super) fn diagnostic(id: &'static str, title: &str, d: &[Difference], _: Option<&Json>) -> Diagnostic {
    Diagnostic::error(id, title).details(d.iter().map(|d| d.0.clone()).collect::<Vec<_>>().join("\n"))
}
