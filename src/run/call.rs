//! A call: credentials, the request, renewals, retries, polling, expectations, captures.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::executor::label;
use super::gather::{Gathering, Looked};
use super::identity::{Actor, told};
use super::scenario::ScenarioRun;
use super::scrutiny::JudgedWith;
use super::step::Frame;
use super::{capture, record, request, snapshot};
use crate::auth::AuthError;
use crate::event::{Class, Count, Exchange, Finding, Kind, Step as StepEvent, Verdict};
use crate::expect;
use crate::expect::snapshot::Shelf;
use crate::http::{CookieJar, HttpError, Problem, Request, Response};
use crate::scenario::{BodyWritten, Call, RetryCause, Step};
use crate::source::{Diagnostic, Sources, Span};
use crate::template::{Namespace, Scope, from_json};

/// Retries where `retry` says no number, and the statuses where it names none.
const RETRIES: u32 = 3;
const RETRY_STATUSES: [u16; 4] = [429, 502, 503, 504];
/// Replays of a request whose token is rejected each time.
const REPLAYS: u32 = 5;
const BACKOFF: Duration = Duration::from_millis(200);
/// No server makes us wait longer by its `Retry-After`.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The answers that are shown when a poll runs out of time.
const SHOWN_ANSWERS: usize = 3;

/// Why a call gave no answer that could be looked at.
pub(super) enum Lost {
    Http(HttpError),
    Auth(Arc<AuthError>),
}

/// What is tried.
pub(super) struct Trial<'c> {
    pub(super) step: &'c Step,
    pub(super) call: &'c Call,
    pub(super) actor: &'c Actor,
    pub(super) prepared: &'c Request,
    /// What a status that is expected is rendered with.
    pub(super) scope: &'c Scope,
}

/// One try.
pub(super) struct Tried {
    pub(super) request: Request,
    pub(super) outcome: Result<Response, Lost>,
    pub(super) took: Duration,
}

/// What the expectations and captures made of an answer.
#[derive(Default)]
struct Judged {
    count: Count,
    findings: Vec<(Class, Diagnostic)>,
    warnings: Vec<Diagnostic>,
    /// Whether another answer would be judged no better.
    is_final: bool,
    /// Whether nothing is wrong but that there is no snapshot yet.
    only_unstored: bool,
}

impl ScenarioRun<'_> {
    /// Makes a call and judges the answer. The event comes back with everything but its duration.
    ///
    /// # Errors
    /// The call could not be made at all: something in it could not be rendered.
    pub(super) async fn call(
        &mut self,
        step: &Step,
        call: &Call,
        frame: &Frame,
        mut event: StepEvent,
    ) -> Result<StepEvent, Diagnostic> {
        let environment = self.environment;
        let actor = match self.actor_of(step, frame) {
            Ok(actor) => actor,
            Err(problems) => {
                for problem in &problems {
                    self.find(&mut event, Class::Auth, problem);
                }
                return Ok(event);
            }
        };
        let shelf = snapshot::shelf(self.instance, environment, call, frame)?;
        let prepared = request::build(call, &frame.scope, self.base_url.as_deref(), environment)?;
        event.target = target(&prepared, self.base_url.as_deref());
        if let Some(current) = &mut self.current {
            current.event.target.clone_from(&event.target);
        }
        let asked = self.asked(step, call, shelf.as_ref());
        let poll = call.poll.as_deref();
        let every = poll.and_then(|poll| poll.every).map_or(Duration::from_secs(1), |every| every.0);
        let until = poll.map(|poll| Instant::now() + poll.limit.map_or(Duration::from_secs(30), |limit| limit.0));
        let mut earlier: VecDeque<Exchange> = VecDeque::new();
        loop {
            let trial = Trial { step, call, actor: &actor, prepared: &prepared, scope: &frame.scope };
            let tried = self.tries(&trial, &mut event).await;
            let Tried { request, outcome, took } = tried;
            let before = self.as_judged(call, &frame.scope);
            let judged = match &outcome {
                Ok(response) => {
                    let judged = judge(&asked, call, frame, response);
                    self.with_signature(judged, call, &actor, response, &frame.scope).await
                }
                Err(lost) => Judged { findings: vec![lost_finding(lost, call, step)], ..Judged::default() },
            };
            let response = outcome.as_ref().ok();
            event.status = response.map(|response| response.status);
            let failed = !judged.findings.is_empty();
            let show = failed || environment.options.record_all;
            let exchange = show.then(|| {
                record::exchange(&request, response, took, &environment.redactor, environment.options.excerpt)
            });
            if failed
                && !judged.is_final
                && let Some(until) = until
                && Instant::now() + every < until
            {
                earlier.extend(exchange);
                if earlier.len() >= SHOWN_ANSWERS {
                    earlier.pop_front();
                }
                if let Some(current) = &mut self.current {
                    current.event.status = event.status;
                    current.event.earlier = earlier.iter().cloned().collect();
                }
                tokio::time::sleep(every).await;
                continue;
            }
            self.unstored = judged.only_unstored;
            event.expectations = judged.count;
            event.exchange = exchange.map(Box::new);
            if failed && until.is_some() {
                event.notes.push(format!("polled {} times without success", event.attempts));
                event.earlier = earlier.into();
            } else if poll.is_some() && event.attempts > 1 {
                event.notes.push(format!("passed on call {}", event.attempts));
            }
            let sources = shelf.as_ref().map(|shelf| shelf.sources(&environment.sources));
            let sources = sources.as_ref().unwrap_or(&environment.sources);
            for (class, problem) in &judged.findings {
                find(&mut event, *class, problem, sources);
            }
            for problem in &judged.warnings {
                self.outbox.tell(Some(self.number), Kind::Warning { problem: problem.locate(sources) });
            }
            if let (Some(gathering), Some(response)) = (&environment.gathering, response) {
                self.gather(gathering, step, &asked, frame, response, &judged, &event);
            }
            if let Some(response) = response {
                self.remember(step, &request, response);
            }
            if let Ok(response) = outcome {
                let judged = JudgedWith { frame, scope: before, shelf: shelf.as_ref(), holds: !failed };
                self.scrutinise((step, call), judged, (&request, response), &mut event).await;
            }
            return Ok(event);
        }
    }

    /// Who a step acts as.
    pub(super) fn actor_of(&self, step: &Step, frame: &Frame) -> Result<Actor, Vec<Diagnostic>> {
        match &step.auth {
            Some(auth) => self.environment.identities.actor(auth, &frame.scope),
            None => Ok(self.actor.clone()),
        }
    }

    /// Sends until there is an answer that is not worth another try.
    pub(super) async fn tries(&mut self, trial: &Trial<'_>, event: &mut StepEvent) -> Tried {
        let retry = trial.call.retry.as_deref();
        let times = retry.map_or(self.environment.defaults.retries, |retry| retry.times.unwrap_or(RETRIES));
        let mut wait = retry.and_then(|retry| retry.backoff).map_or(BACKOFF, |backoff| backoff.0);
        let mut left = times;
        loop {
            let started = Instant::now();
            let mut request = trial.prepared.clone();
            let outcome = self.send(trial, &mut request, event).await;
            let tried = Tried { request, outcome, took: started.elapsed() };
            let cause = worth_a_retry(&tried, trial, times);
            if left == 0 || cause.is_none() {
                if let (Ok(_), true) = (&tried.outcome, left < times) {
                    event.verdict = event.verdict.max(Verdict::Flaky);
                }
                return tried;
            }
            left -= 1;
            let asked = tried.outcome.as_ref().ok().and_then(retry_after);
            let wait_now = asked.unwrap_or(wait).min(LONGEST_WAIT);
            event.notes.push(format!("tried again after {}", cause.unwrap_or_default()));
            tokio::time::sleep(wait_now).await;
            wait = wait.saturating_mul(2);
        }
    }

    /// Sends once; after a 401 once more, with a renewed token. Where others use that token too, one of them may have
    /// seen it end before it was sent here: then it is renewed again, [`REPLAYS`] times at most.
    async fn send(
        &mut self,
        trial: &Trial<'_>,
        request: &mut Request,
        event: &mut StepEvent,
    ) -> Result<Response, Lost> {
        let actor = trial.actor;
        let Actor::Identity(acting) = actor else { return self.exchange(actor, request, event).await };
        let environment = self.environment;
        let broker = &environment.broker;
        let mut grant = acting.grant(broker).await.map_err(Lost::Auth)?;
        let mut replays = 0;
        let mut nonce_given = false;
        loop {
            self.act_with(acting, &grant);
            acting.attach(request, &grant).map_err(Lost::Auth)?;
            let mut response = self.exchange(actor, request, event).await?;
            let mut answers = 0;
            while let Some(answered) = acting.identity.challenged(trial.prepared, &response, answers) {
                *request = answered;
                answers += 1;
                response = self.exchange(actor, request, event).await?;
            }
            if acting.identity.asks_for_a_nonce(&grant.token, &response) && !nonce_given {
                event.notes.push(format!("sent again with the nonce of the {}", response.status));
                nonce_given = true;
                *request = trial.prepared.clone();
                continue;
            }
            if !acting.identity.reauth_on(response.status) {
                grant.accept();
                return Ok(response);
            }
            let settled = replays > 0 && (replays == REPLAYS || !grant.is_shared());
            if !trial.step.reauth || trial.expects(response.status) {
                return Ok(response);
            }
            if settled {
                broker.distrust(&acting.identity, &grant);
                return Ok(response);
            }
            let Some(renewed) = broker.renew(&acting.identity, &grant).await.map_err(Lost::Auth)? else {
                event.notes.push(format!("a new token was rejected too, so this {} is reported", response.status));
                return Ok(response);
            };
            event.notes.push(format!("{} after a {}, and replayed", told(renewed.origin), response.status));
            grant = renewed;
            replays += 1;
            *request = trial.prepared.clone();
        }
    }

    async fn exchange(&mut self, actor: &Actor, request: &Request, event: &mut StepEvent) -> Result<Response, Lost> {
        let jar = self.jar(actor);
        self.exchange_with(Some(&jar), request, event).await
    }

    /// Sends, with the cookies of a jar or with none.
    pub(super) async fn exchange_with(
        &mut self,
        jar: Option<&CookieJar>,
        request: &Request,
        event: &mut StepEvent,
    ) -> Result<Response, Lost> {
        event.attempts += 1;
        if let Some(current) = &mut self.current {
            current.event.attempts = event.attempts;
            current.event.notes.clone_from(&event.notes);
            current.sent = Some((request.clone(), Instant::now()));
        }
        self.environment.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.client.send(request, jar).await;
        if let Some(current) = &mut self.current {
            current.sent = None;
        }
        answer.map_err(Lost::Http)
    }

    /// What is asked of the answer of a call.
    pub(super) fn asked<'c>(&self, step: &Step, call: &'c Call, snapshot: Option<&'c Shelf<'c>>) -> expect::Asked<'c> {
        expect::Asked {
            expect: &call.expect,
            call: super::step::place(step),
            graphql: matches!(call.body, BodyWritten::Graphql(_)),
            within: self.environment.defaults.within,
            snapshot,
        }
    }

    /// Keeps what could be accepted of an answer. Of a step that can run but once, nothing is told that has held.
    #[expect(clippy::too_many_arguments, reason = "a step, what came of it, and where that goes")]
    fn gather(
        &self,
        gathering: &Gathering,
        step: &Step,
        asked: &expect::Asked<'_>,
        frame: &Frame,
        response: &Response,
        judged: &Judged,
        event: &StepEvent,
    ) {
        let failed = judged.findings.iter().any(|(class, _)| *class == Class::Expectation);
        let several = self.instance.case.is_some() || step.for_each.is_some() || frame.depth > 0;
        // Where nothing could be concluded, nothing is known of what holds.
        let unknown = judged.count.total == 0 && !judged.findings.is_empty();
        if unknown || (!failed && !several) {
            return;
        }
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        if failed {
            found = expect::propose(asked, step.at.span, response, &frame.scope);
            problems.extend(judged.findings.iter().map(|(_, problem)| problem.clone()));
        }
        gathering.looked(&self.looked(step.at.span, event.title()), found, &problems);
    }

    /// What is told of a step that was looked at.
    pub(super) fn looked(&self, step: Span, title: String) -> Looked<'_> {
        let case = self.instance.case.as_ref().map(|case| match label(self.instance) {
            label if label.is_empty() => case.number.to_string(),
            label => format!("{} ({label})", case.number),
        });
        Looked { instance: self.instance, step, title, case }
    }

    /// What was judged, and the signature of a body that is a token, for which keys may have to be fetched.
    async fn with_signature(
        &self,
        mut judged: Judged,
        call: &Call,
        actor: &Actor,
        response: &Response,
        scope: &Scope,
    ) -> Judged {
        let mut outcome = expect::Outcome::default();
        if let Err(lost) = self.signature_of_body(call, actor, response, scope, &mut outcome).await {
            judged.findings.push(lost);
        }
        judged.count.held += outcome.held;
        judged.count.total += outcome.total;
        judged.findings.extend(outcome.findings.into_iter().map(|problem| (Class::Expectation, problem)));
        judged
    }

    /// Adds a finding to an event; the verdict follows from its class.
    pub(super) fn find(&self, event: &mut StepEvent, class: Class, problem: &Diagnostic) {
        find(event, class, problem, &self.environment.sources);
    }

    /// `steps.ID.request` and `steps.ID.response`.
    fn remember(&self, step: &Step, request: &Request, response: &Response) {
        let Some(id) = &step.id else { return };
        let whole = Namespace::default();
        let sent = Namespace::default();
        sent.set("method", minijinja::Value::from(&*request.method));
        sent.set("url", minijinja::Value::from(request.url.as_str()));
        sent.set("headers", expect::headers_value(&request.headers));
        let body = String::from_utf8_lossy(request.body.bytes());
        if let Ok(json) = crate::json::parse(request.body.bytes()) {
            sent.set("json", from_json(Arc::new(json)));
        }
        sent.set("text", minijinja::Value::from(&*body));
        whole.set("request", sent.value());
        whole.set("response", expect::answer_value(response));
        self.answers.set(&id.value, whole.value());
    }
}

/// Holds the expectations against an answer, and takes what is captured.
fn judge(asked: &expect::Asked<'_>, call: &Call, frame: &Frame, response: &Response) -> Judged {
    let mut found = Vec::new();
    let mut judged = Judged::default();
    match expect::evaluate(asked, response, &frame.scope) {
        Ok(outcome) => {
            judged.count = Count { held: outcome.held, total: outcome.total };
            judged.warnings = outcome.warnings;
            // What is not stored, or cannot be read, will not be there at the next try either.
            let only = outcome.findings.len() == usize::from(outcome.unstored);
            judged.is_final = only && (outcome.unstored || outcome.unread.is_some());
            judged.only_unstored = only && outcome.unstored;
            found.extend(outcome.findings.into_iter().map(|problem| (Class::Expectation, problem)));
            found.extend(outcome.unread.map(|problem| (Class::Scenario, problem)));
        }
        Err(problem) => found.push((Class::Scenario, *problem)),
    }
    let namespaces = call.expect.keys.as_ref().and_then(|keys| keys.namespaces.as_deref());
    // What can be captured is captured in any case, for the teardown; what cannot matters only if all else held.
    let missing = capture::take(&call.capture, namespaces, response, &frame.scope, &frame.store);
    if found.is_empty() {
        found.extend(missing.into_iter().map(|problem| (Class::Scenario, problem)));
    }
    Judged { findings: found, ..judged }
}

/// Adds a finding to an event; the verdict follows from its class.
fn find(event: &mut StepEvent, class: Class, problem: &Diagnostic, sources: &Sources) {
    let verdict = if class == Class::Expectation { Verdict::Failed } else { Verdict::Errored };
    // A step in which an expectation failed has failed, whatever else went wrong.
    let failed = event.findings.iter().any(|finding| finding.class == Class::Expectation);
    event.verdict = if failed { Verdict::Failed } else { verdict };
    event.findings.push(Finding::of(class, problem, sources));
}

/// The request line of a report: below the base only the path.
pub(super) fn target(request: &Request, base: Option<&str>) -> String {
    let whole = request.url.as_str();
    match base.and_then(|base| whole.strip_prefix(base.trim_end_matches('/'))) {
        Some(path) if path.starts_with(['/', '?']) => path.to_owned(),
        _ => whole.to_owned(),
    }
}

impl Trial<'_> {
    /// Whether the step's `status` names this status: then it is no reason for a renewal or a retry.
    fn expects(&self, status: u16) -> bool {
        let expected = self.call.expect.keys.as_ref().and_then(|keys| keys.status.as_ref());
        expected.is_some_and(|expected| expect::status_matches(expected, status, self.scope))
    }
}

/// Why another try is worth it, in words for the report.
fn worth_a_retry(tried: &Tried, trial: &Trial<'_>, times: u32) -> Option<String> {
    if times == 0 {
        return None;
    }
    let call = trial.call;
    let causes = call.retry.as_ref().and_then(|retry| retry.on.as_ref()).map(|on| on.0.as_slice());
    let named = |cause: RetryCause| causes.is_some_and(|causes| causes.contains(&cause));
    match &tried.outcome {
        Ok(response) => {
            // Without a `retry` of its own a step is tried again only where there was no answer at all.
            let by_default = call.retry.is_some() && causes.is_none() && RETRY_STATUSES.contains(&response.status);
            let wanted = by_default || named(RetryCause::Status(response.status));
            (wanted && !trial.expects(response.status)).then(|| format!("a {}", response.status))
        }
        Err(Lost::Http(error)) => {
            let cause = match error.problem {
                Problem::Timeout => RetryCause::Timeout,
                Problem::Connect | Problem::Proxy | Problem::Interrupted | Problem::Dns => RetryCause::Connect,
                _ => return None,
            };
            (causes.is_none() || named(cause)).then(|| match cause {
                RetryCause::Timeout => "a time-out".to_owned(),
                _ => "a failed connection".to_owned(),
            })
        }
        Err(Lost::Auth(_)) => None,
    }
}

/// How long the server asks us to wait: seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers.get("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let then = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    // A date that has passed asks for no wait at all.
    Some(Duration::try_from(then.duration_since(jiff::Timestamp::now())).unwrap_or_default())
}

pub(super) fn lost_finding(lost: &Lost, call: &Call, step: &Step) -> (Class, Diagnostic) {
    match lost {
        Lost::Http(error) => {
            let id = error.problem.id();
            let class = if error.problem == Problem::Request { Class::Scenario } else { Class::Environment };
            (class, Diagnostic::error(id, error.detail.clone()).at(call.url.span(), "").help(error.problem.advice()))
        }
        Lost::Auth(error) => (auth_class(error), auth_problem(error, step.at.key("auth").unwrap_or(call.url.span()))),
    }
}

/// A provider that cannot be reached is an environment that cannot be reached.
pub(super) fn auth_class(error: &AuthError) -> Class {
    if error.is_unreachable() {
        Class::Environment
    } else if error.needs_person() {
        Class::Person
    } else {
        Class::Auth
    }
}

/// The error with the scenario's place.
pub(super) fn auth_problem(error: &AuthError, at: Span) -> Diagnostic {
    Diagnostic::from(error).at(at, "")
}
