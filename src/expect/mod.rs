//! Expectations: what a step expects, held against what came. All that does not hold is found, not the first of it.

mod answer;
mod body;
mod capture;
pub mod coverage;
pub mod diff;
mod lines;
mod markup;
pub mod matcher;
pub mod mutation;
pub mod nature;
mod propose;
pub mod render;
mod schema;
mod signature;
pub mod snapshot;
mod status;
mod that;
mod token;
mod tree;
mod untyped;
mod written;

pub use answer::{answer_scope, answer_value, headers_value, not_json};
pub use capture::captured;
pub use markup::Pages;
pub use propose::{Proposal, propose, propose_token, refusal};
pub use signature::{other_algorithm, unsigned};
pub use status::status_matches;
pub use token::{TokenFacts, TokenSaid, evaluate_token};

use crate::document::Kind;
use crate::http::Response;
use crate::json::Json;
use crate::jsonpath::{Absence, JsonPath};
use crate::scenario::expected::Expected;
use crate::scenario::{Expect, ExpectWritten};
use crate::source::{Diagnostic, Duration, Keys, Span, Spanned};
use crate::template::Scope;

/// What is asked of an answer.
#[derive(Debug)]
pub struct Asked<'e> {
    /// What the step expects.
    pub expect: &'e Expect,
    /// Where the call stands, for what is expected without being written.
    pub call: Span,
    /// Whether the call was a GraphQL query.
    pub graphql: bool,
    /// How long an answer may take where the step does not say.
    pub within: Option<Duration>,
    /// Where the snapshot lies that the step names, if it names one.
    pub snapshot: Option<&'e snapshot::Shelf<'e>>,
}

/// What became of the expectations of a step.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Those that held.
    pub held: usize,
    /// Those that were looked at.
    pub total: usize,
    /// What did not hold.
    pub findings: Vec<Diagnostic>,
    /// What makes no difference to the verdict, and is worth knowing.
    pub warnings: Vec<Diagnostic>,
    /// What is wrong with the snapshot's file, so that nobody knows whether it holds.
    pub unread: Option<Diagnostic>,
    /// Whether there is no snapshot yet: another answer would not make it hold.
    pub unstored: bool,
}

impl Outcome {
    /// Counts one expectation, which held if there are no findings.
    pub(crate) fn add(&mut self, findings: impl IntoIterator<Item = Diagnostic>) {
        let before = self.findings.len();
        self.findings.extend(findings);
        self.total += 1;
        self.held += usize::from(self.findings.len() == before);
    }
}

/// Holds all expectations against an answer.
///
/// # Errors
/// A template in an expectation could not be rendered: nothing can be concluded.
pub fn evaluate(asked: &Asked<'_>, response: &Response, scope: &Scope) -> Result<Outcome, Box<Diagnostic>> {
    let mut outcome = Outcome::default();
    let none = None;
    let keys = asked.expect.keys.as_deref();
    let status = keys.map_or(&none, |keys| &keys.status);
    outcome.add(status::check(status.as_ref(), asked.call, response, scope)?);
    let within = keys.and_then(|keys| keys.within.as_ref());
    if let Some(limit) = within.map(|limit| limit.value).or(asked.within) {
        outcome.add(slow(limit, within.map_or(asked.call, |limit| limit.span), response));
    }
    if let Some(keys) = keys {
        headers(&keys.headers, response, scope, &mut outcome)?;
        cookies(&keys.cookies, response, scope, &mut outcome)?;
        let before = outcome.findings.len();
        body(keys, response, scope, &mut outcome)?;
        markup::evaluate(keys, response, scope, &mut outcome)?;
        self::body::evaluate(keys, response, scope, &mut outcome)?;
        answer::misread(&mut outcome.findings[before..], response);
        that::conditions(&keys.that, response, scope, &mut outcome)?;
    }
    if let Some(shelf) = asked.snapshot {
        snapshot::check(shelf, response, scope, &mut outcome)?;
    }
    let graphql = keys.and_then(|keys| keys.graphql.as_deref());
    if asked.graphql || graphql.is_some() {
        self::graphql(asked, graphql, response, scope, &mut outcome)?;
    }
    Ok(outcome)
}

fn slow(limit: Duration, at: Span, response: &Response) -> Option<Diagnostic> {
    let took = response.timings.total;
    (took > limit.0).then(|| {
        Diagnostic::error(
            "expect.within",
            format!("the answer took {}, and at most {limit} are allowed", Duration(took)),
        )
        .at(at, format!("it took {}", Duration(took)))
    })
}

fn headers(
    expected: &Keys<Expected>,
    response: &Response,
    scope: &Scope,
    outcome: &mut Outcome,
) -> Result<(), Box<Diagnostic>> {
    for (name, expected) in expected.iter() {
        let values: Vec<Json> = response.headers.all(&name.value).map(Json::from).collect();
        let mut found = named("header", name, expected, &values, scope)?;
        if values.is_empty()
            && let Some(problem) = found.first_mut()
            && let Some(meant) = crate::source::suggestion(&name.value, response.headers.iter().map(|(name, _)| name))
        {
            problem.help.push(format!("the answer has a header {meant}"));
        }
        outcome.add(found);
    }
    Ok(())
}

fn cookies(
    expected: &Keys<Expected>,
    response: &Response,
    scope: &Scope,
    outcome: &mut Outcome,
) -> Result<(), Box<Diagnostic>> {
    for (name, expected) in expected.iter() {
        // The last one of a name stands: it is the one that the jar keeps.
        let value = response.cookies.iter().rev().find(|(known, _)| known.eq_ignore_ascii_case(&name.value));
        let values: Vec<Json> = value.map(|(_, value)| Json::from(value.as_str())).into_iter().collect();
        outcome.add(named("cookie", name, expected, &values, scope)?);
    }
    Ok(())
}

/// A named text that may be there several times: one of them must match.
fn named(
    what: &str,
    name: &Spanned<std::sync::Arc<str>>,
    expected: &Expected,
    values: &[Json],
    scope: &Scope,
) -> Result<Vec<Diagnostic>, Box<Diagnostic>> {
    let mut first = None;
    let candidates: Vec<Option<&Json>> = if values.is_empty() { vec![None] } else { values.iter().map(Some).collect() };
    for candidate in candidates {
        let differences = tree::compare_text(expected, candidate, scope)?;
        if differences.is_empty() {
            return Ok(Vec::new());
        }
        first.get_or_insert(differences);
    }
    let id = if what == "header" { "expect.header" } else { "expect.cookie" };
    let title = match values {
        [] => format!("the answer has no {what} {}", name.value),
        _ => format!("the {what} {} is not what was expected", name.value),
    };
    let mut problem = tree::diagnostic(id, &title, &first.unwrap_or_default(), None);
    if values.is_empty() {
        // The title says it all: a listing of what is not there has nothing to add.
        problem.details.clear();
        problem.labels.truncate(1);
    } else if problem.details.trim_start().starts_with("$ ") || problem.details.trim_start().starts_with("$\n") {
        // A header is no document: it has no paths, and the caret has said why already.
        let after = problem.details.find('\n').map_or(0, |end| end + 1);
        problem.details.drain(..after);
    }
    Ok(vec![problem])
}

fn body(
    keys: &ExpectWritten,
    response: &Response,
    scope: &Scope,
    outcome: &mut Outcome,
) -> Result<(), Box<Diagnostic>> {
    if let Some(expected) = &keys.text {
        let text = Json::from(&*response.text());
        let differences = tree::compare(expected, Some(&text), tree::Mode::Contains, scope)?;
        let title = "the body is not the text that was expected";
        outcome.add((!differences.is_empty()).then(|| {
            let problem = tree::diagnostic("expect.text", title, &differences, Some(&text));
            let problem = match lines::listing(expected, text.as_str().unwrap_or_default(), scope) {
                Some(listing) => problem.details(listing),
                None => problem,
            };
            answer::advised(problem, response)
        }));
    }
    let wants_json = keys
        .json
        .as_ref()
        .or(keys.json_exactly.as_deref())
        .map(|expected| expected.span)
        .or(keys.at_paths.0.first().map(|(path, _)| path.span))
        .or(keys.schema.as_ref().map(|schema| schema.span));
    let Some(at) = wants_json else { return Ok(()) };
    let json = match response.document() {
        Ok(json) => json,
        Err(error) => {
            let problem = answer::unfit("expect.body", response, Kind::Json, &error);
            outcome.add([problem.at(at, "JSON is expected here")]);
            return Ok(());
        }
    };
    for (expected, mode) in
        [(keys.json.as_ref(), tree::Mode::Contains), (keys.json_exactly.as_deref(), tree::Mode::Exactly)]
    {
        let Some(expected) = expected else { continue };
        let json = &*untyped::of(expected, json, response, scope)?;
        outcome.add(document(expected, json, mode, "expect.json", keys, scope)?);
    }
    for (path, expected) in &keys.at_paths.0 {
        outcome.add(at_path(path, expected, json, response.is_untyped(), scope)?);
    }
    if let Some(expected) = &keys.schema {
        outcome.add(schema::check(expected, json));
    }
    Ok(())
}

/// A whole document, without what the step ignores.
fn document(
    expected: &Expected,
    json: &Json,
    mode: tree::Mode,
    id: &'static str,
    keys: &ExpectWritten,
    scope: &Scope,
) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let ignore = keys.ignore.as_ref().map_or(&[][..], |ignore| &ignore.0);
    let differences = diff::compare_but(expected, json, mode, ignore, scope)?;
    if differences.is_empty() {
        return Ok(None);
    }
    let problem = tree::diagnostic(id, &tree::title(&differences), &differences, Some(json));
    Ok(Some(idle(problem, &differences, ignore)))
}

/// Notes what of `ignore` finds nothing.
fn idle(problem: Diagnostic, differences: &diff::Differences, ignore: &[Spanned<JsonPath>]) -> Diagnostic {
    differences.idle.iter().fold(problem, |problem, at| {
        problem.note(format!(
            "`ignore: {}` finds nothing, neither in the answer nor in what is expected",
            ignore[*at].source()
        ))
    })
}

/// A singular query gives its value, any other the list of its nodes.
fn at_path(
    path: &Spanned<JsonPath>,
    expected: &Expected,
    root: &Json,
    is_untyped: bool,
    scope: &Scope,
) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let (list, typed);
    let mut found = if path.is_singular() {
        path.first(root)
    } else {
        list = Json::array(path.values(root).into_iter().cloned());
        Some(&list)
    };
    if let (true, Some(texts)) = (is_untyped, found) {
        typed = untyped::typed(expected, texts, scope)?;
        found = Some(&typed);
    }
    let mut differences = tree::compare(expected, found, tree::Mode::Contains, scope)?;
    if differences.is_empty() {
        return Ok(None);
    }
    let Some(found) = found else {
        let absence = path.explain_absence(root);
        let title =
            absence.as_ref().map_or_else(|| format!("the answer has no {}", path.source()), ToString::to_string);
        let mut problem = tree::diagnostic("expect.at", &title, &differences, None).at(path.span, "");
        // The title says it all: a listing of what is not there has nothing to add.
        problem.details.clear();
        return Ok(Some(
            match (absence.as_ref().and_then(Absence::nearest), absence.as_ref().and_then(Absence::instead)) {
                (Some(meant), _) => problem.help(format!("did you mean `{meant}`?")),
                (None, Some(instead)) => problem.help(instead),
                (None, None) => problem,
            },
        ));
    };
    let mut document = found;
    if path.is_singular()
        && let Some(node) = path.nodes(root).into_iter().next()
    {
        // Once more, for a listing with the paths of the whole document.
        differences = tree::compare_below(expected, Some(found), tree::Mode::Contains, scope, &node.path)?;
        document = root;
    }
    let title = format!("{} is not what was expected", path.source());
    Ok(Some(tree::diagnostic("expect.at", &title, &differences, Some(document))))
}

/// A GraphQL answer with `errors` is a failure unless the step expects them, whatever its status says.
fn graphql(
    asked: &Asked<'_>,
    expected: Option<&crate::scenario::GraphqlExpect>,
    response: &Response,
    scope: &Scope,
    outcome: &mut Outcome,
) -> Result<(), Box<Diagnostic>> {
    let place = expected.map_or(asked.call, |expected| expected.at.span);
    let json = match response.document() {
        Ok(json) => json,
        Err(error) => {
            // Where the status was found wrong already, the body of an error page is no second failure.
            if outcome.findings.is_empty() {
                outcome.add([answer::unfit("expect.graphql", response, Kind::Json, &error)
                    .at(place, "a GraphQL answer is expected here")]);
            }
            return Ok(());
        }
    };
    let errors = json.get("errors").filter(|errors| !matches!(errors, Json::Null));
    match expected.and_then(|expected| expected.errors.as_ref()) {
        Some(expected) => {
            let differences = tree::compare(expected, errors, tree::Mode::Contains, scope)?;
            outcome.add((!differences.is_empty()).then(|| {
                tree::diagnostic("expect.graphql", "the `errors` are not what was expected", &differences, errors)
            }));
        }
        None => outcome.add(errors.map(|errors| {
            let items = errors.as_array().unwrap_or_default();
            let mut problem = Diagnostic::error(
                "expect.graphql",
                format!("the answer has {} GraphQL error{}", items.len(), if items.len() == 1 { "" } else { "s" }),
            )
            .at(place, "no errors are expected here");
            for item in items.iter().take(5) {
                let message = item.get("message").and_then(Json::as_str).unwrap_or("an error without a message");
                let code = item.get("extensions").and_then(|extensions| extensions.get("code")).and_then(Json::as_str);
                problem = problem.note(code.map_or_else(|| message.to_owned(), |code| format!("{message} ({code})")));
            }
            problem.help("to expect them, write `expect: { graphql: { errors: … } }`")
        })),
    }
    if let Some(expected) = expected.and_then(|expected| expected.data.as_ref()) {
        let data = json.get("data");
        let differences = tree::compare(expected, data, tree::Mode::Contains, scope)?;
        outcome
            .add((!differences.is_empty()).then(|| {
                tree::diagnostic("expect.graphql", "the `data` is not what was expected", &differences, data)
            }));
    }
    Ok(())
}
