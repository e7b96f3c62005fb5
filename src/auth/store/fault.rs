//! Death on cue, for the tests that kill the process between any two of its writes. Release builds know nothing of it.

/// The variable that names where a debug build dies, as `mark:renamed`. For callsheet's own tests; it is no option.
#[cfg(debug_assertions)]
const VARIABLE: &str = "CALLSHEET_TEST_ABORT_AT";

/// Dies here if a test wants that: without unwinding, as after `kill -9`.
pub(in crate::auth) fn point(step: &str, place: &str) {
    #[cfg(debug_assertions)]
    if std::env::var_os(VARIABLE).is_some_and(|wanted| *wanted == *format!("{step}:{place}")) {
        std::process::abort();
    }
    #[cfg(not(debug_assertions))]
    let _ = (step, place);
}
