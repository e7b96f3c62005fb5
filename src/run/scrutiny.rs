//! How closely a call looks at its answer, for `--coverage` and `mutate`: told of the answer that was judged last.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use tokio::sync::Semaphore;
use url::Url;

use super::scenario::ScenarioRun;
use super::step::Frame;
use crate::event::{Coverage, Endpoint, Mutants, Step as StepEvent};
use crate::expect::mutation::{self, Held, SnapshotOf};
use crate::expect::snapshot::Shelf;
use crate::http::{Request, Response};
use crate::plan::Instance;
use crate::scenario::{BodyWritten, Call, Method, Step, Used};
use crate::template::Scope;

/// So many answers are looked at closely at once: one processor is left for the calls.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new(processors.saturating_sub(1).max(1))
});

/// Somebody who waits for what comes of an answer.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What an answer was judged with.
pub(super) struct JudgedWith<'c> {
    pub(super) frame: &'c Frame,
    /// The scope as the expectations saw it.
    pub(super) scope: Option<Scope>,
    pub(super) shelf: Option<&'c Shelf<'c>>,
    /// Whether it was as expected.
    pub(super) holds: bool,
}

impl ScenarioRun<'_> {
    /// Tells how closely a step looks at its answer, where that was asked for.
    pub(super) async fn scrutinise(
        &mut self,
        (step, call): (&Step, &Call),
        judged: JudgedWith<'_>,
        (request, response): (&Request, Response),
        event: &mut StepEvent,
    ) {
        let JudgedWith { frame, scope, shelf, holds } = judged;
        let options = &self.environment.options;
        let (looks, mutates) = (options.coverage, options.mutate && holds);
        let Some(scope) = scope.filter(|_| looks || mutates) else { return };
        let endpoint = endpoint(call, request);
        let asked = self.asked(step, call, shelf);
        let (call_at, graphql, within) = (asked.call, asked.graphql, asked.within);
        let held = Held {
            expect: call.expect.clone(),
            call: call_at,
            graphql,
            reads: graphql || matches!(&*request.method, "GET" | "HEAD" | "OPTIONS"),
            within,
            snapshot: shelf.map(|_| self.snapshot_of(frame)),
            captures: call.capture.clone(),
            id: step.id.as_ref().map(|id| id.value.clone()),
            used: used(step, self.instance),
            response,
            scope,
            given_up: Arc::default(),
        };
        let status = held.response.status;
        // Where the run is interrupted this is dropped, and the thread has nobody to go on for.
        let _waiting = Waiting(held.given_up.clone());
        self.pauses.begin();
        // On a thread of its own: the calls of other scenarios are not to be kept waiting, and measured too long.
        let turn = TURNS.acquire().await;
        let told = tokio::task::spawn_blocking(move || {
            (looks.then(|| mutation::shape(&held)), mutates.then(|| mutation::mutants(&held)))
        });
        let (shape, mutants) = told.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        drop(turn);
        self.paused = self.pauses.end();
        event.mutants =
            mutants.map(|(tried, more)| Box::new(Mutants { endpoint: endpoint.clone(), status, tried, more }));
        event.coverage = shape.map(|shape| Box::new(Coverage { endpoint, members: shape.members, more: shape.more }));
    }

    fn snapshot_of(&self, frame: &Frame) -> SnapshotOf {
        let file = &self.instance.file;
        SnapshotOf {
            path: file.path.clone(),
            folder: file.folder.clone(),
            case: self.instance.case.as_ref().map(|case| case.number),
            items: frame.items.clone(),
            sources: self.environment.sources.clone(),
            redactor: self.environment.redactor.clone(),
        }
    }

    /// The scope of a step as it is before anything is kept of the answer, where that is needed later: what a capture
    /// overwrites is what the expectations saw.
    pub(super) fn as_judged(&self, call: &Call, scope: &Scope) -> Option<Scope> {
        let options = &self.environment.options;
        (options.coverage || options.mutate).then(|| {
            let judged = scope.aside();
            for capture in &call.capture {
                let name = &capture.name.value;
                scope.get(name).into_iter().for_each(|value| judged.set(name, value));
            }
            judged
        })
    }
}

/// What the steps of the file that a step stands in take from each other.
pub(super) fn used(step: &Step, instance: &Instance) -> Used {
    let file = &instance.file;
    let within = file.fragments.values().find(|fragment| fragment.file == step.at.span.file);
    match within {
        Some(fragment) if file.file != step.at.span.file => Used::by_fragment(&fragment.fragment),
        _ => Used::by_scenario(&file.scenario),
    }
}

/// What a call is grouped by in reports.
pub(super) fn endpoint(call: &Call, request: &Request) -> Endpoint {
    let written = match call.method {
        Method::Key(_) => call.url.text(),
        Method::Written => call.url.text().split_once(' ').map_or("", |(_, url)| url),
    };
    let path = folded(written.trim());
    let operation = match call.body {
        BodyWritten::Graphql(_) => operation(request),
        _ => None,
    };
    let call = format!("{} {path}{}", request.method, operation.map(|name| format!(" {name}")).unwrap_or_default());
    Endpoint { call, base: base(&request.url, &path) }
}

/// The path of a URL as it was written, each template folded to its last word: `/trips/{trip_id}`. What stands before the
/// path, and the query, is left out.
fn folded(written: &str) -> String {
    let parts = crate::template::split(written).unwrap_or_default();
    let mut folded = String::new();
    for (range, is_expression) in parts {
        let text = &written[range];
        if is_expression {
            let words = |c: char| !(c.is_alphanumeric() || c == '_');
            let name = text.split('|').next().unwrap_or_default();
            let name = name.trim().rsplit(words).find(|word| !word.is_empty()).unwrap_or("…");
            folded.push_str(&format!("{{{name}}}"));
        } else {
            folded.push_str(text);
        }
    }
    let path = folded.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        // A template in front of a path is what the path is relative to.
        None if path.starts_with('{') => path.find("}/").map_or(path, |at| &path[at + 1..]),
        None => path,
    };
    if path.starts_with(['/', '{']) { path.to_owned() } else { format!("/{path}") }
}

/// What stands before the path: so many segments of the URL as the path has are taken off its end.
fn base(url: &Url, path: &str) -> String {
    let whole = url.path().trim_end_matches('/');
    let segments = path.split('/').filter(|segment| !segment.is_empty()).count();
    let kept = (0..segments).fold(whole, |left, _| left.rfind('/').map_or("", |at| &left[..at]));
    let host = url.host_str().unwrap_or_default();
    format!("{host}{}{kept}", url.port().map(|port| format!(":{port}")).unwrap_or_default())
}

/// The operation of a GraphQL request: its name, else the first field it asks for.
fn operation(request: &Request) -> Option<String> {
    let body = crate::json::parse(request.body.bytes()).ok()?;
    if let Some(name) = body.get("operationName").and_then(|name| name.as_str()) {
        return Some(name.to_owned());
    }
    let query = body.get("query")?.as_str()?;
    let query: String =
        query.lines().map(|line| line.split('#').next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let (head, fields) = query.split_once('{')?;
    let mut words = head.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let kind = words.next().unwrap_or("query");
    // Behind a `(` stand the variables, not the name.
    let name = head.split('(').next().unwrap_or_default().split_whitespace().nth(1).map(str::to_owned);
    let field = || {
        let first = fields.split(|c: char| !(c.is_alphanumeric() || c == '_')).find(|word| !word.is_empty());
        first.map(|field| format!("{{ {field} }}"))
    };
    Some(format!("{kind} {}", name.or_else(field)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_folded_to_what_they_are_of() {
        assert_eq!(folded("/trips/{{ trip_id }}/stops?at={{ x }}"), "/trips/{trip_id}/stops");
        assert_eq!(folded("{{ env.base }}/trips/{{ steps.new.response.json.id | urlencode }}"), "/trips/{id}");
        assert_eq!(folded("https://api.example.com/v1/trips#a"), "/v1/trips");
        assert_eq!(folded("https://{{ host }}/v1"), "/v1");
        assert_eq!(folded("{{ link }}"), "{link}");
        assert_eq!(folded("trips"), "/trips");
        assert_eq!(folded(""), "/");
    }

    #[test]
    fn the_base_is_what_the_path_does_not_say() {
        let of = |url: &str, path: &str| base(&Url::parse(url).expect("a URL"), path);
        assert_eq!(of("http://127.0.0.1:1/api/v1/trips/42?x=1", "/trips/{id}"), "127.0.0.1:1/api/v1");
        assert_eq!(of("https://example.com/graphql", "/"), "example.com/graphql");
        assert_eq!(of("https://example.com/x", "{link}"), "example.com");
    }

    #[test]
    fn a_graphql_operation_is_called_by_its_name_or_its_first_field() {
        let of = |body: &str| {
            let mut request = Request::new("POST", Url::parse("http://x/").expect("a URL"));
            request.body =
                crate::http::Body::json(&crate::json::Json::object([("query", crate::json::Json::from(body))]));
            operation(&request)
        };
        assert_eq!(of("query Trips($a: ID) { trips { id } }").as_deref(), Some("query Trips"));
        assert_eq!(of("query ($a: ID) { trips(a: $a) { id } }").as_deref(), Some("query { trips }"));
        assert_eq!(of("# all\n{ trips { id } }").as_deref(), Some("query { trips }"));
        assert_eq!(of("mutation{book{id}}").as_deref(), Some("mutation { book }"));
        assert_eq!(of("nonsense"), None);
    }
}
