//! `auth_check`: one call, made rightly once, so that the rest proves something, and then in every wrong way. Each way is
//! told by itself. What cannot be made is skipped with its reason; nothing passes that was not tried.

use std::sync::Arc;
use std::time::Instant;

use super::call::{Trial, auth_class, auth_problem, lost_finding, target};
use super::cut::Current;
use super::identity::{Acting, Actor};
use super::scenario::ScenarioRun;
use super::step::{Frame, place};
use super::{record, request};
use crate::auth::{AuthError, Forgery, Identity, Token};
use crate::event::{Class, Count, Step as StepEvent, Verdict};
use crate::expect;
use crate::http::Request;
use crate::scenario::{Auth, AuthCase, AuthCheck, AuthStep, StatusExpected, StatusPattern, Step};
use crate::source::Diagnostic;
use crate::template::Template;

/// What every way of the call has in common.
struct Matrix<'c> {
    step: &'c Step,
    check: &'c AuthCheck,
    frame: &'c Frame,
    auth: &'c AuthStep,
    acting: &'c Acting,
    prepared: &'c Request,
    refused: &'c StatusExpected,
    /// The event of each way, before it is tried.
    event: StepEvent,
    /// The method and the URL.
    line: String,
}

/// A wrong way.
enum Way<'c> {
    NoToken,
    Forged(Forgery),
    Given(&'c Template),
    Persona(String),
    Environment(String),
    /// It cannot be tried, for this reason.
    Missing(AuthCase, &'static str),
}

/// Why a way was not gone.
enum Unarmed {
    Skipped(String),
    Wrong(Class, Diagnostic),
}

impl Way<'_> {
    /// What the call is made with.
    fn told(&self) -> String {
        match self {
            Self::NoToken => "no token".to_owned(),
            Self::Forged(Forgery::Garbage) => "garbage".to_owned(),
            Self::Forged(Forgery::Expired) | Self::Given(_) | Self::Missing(AuthCase::Expired, _) => {
                "an expired token".to_owned()
            }
            Self::Forged(Forgery::Tampered) => "a tampered token".to_owned(),
            Self::Forged(Forgery::AlgNone) => "an unsigned token (alg none)".to_owned(),
            Self::Persona(name) => format!("the token of {name}"),
            Self::Environment(name) => format!("a token of {name}"),
            Self::Missing(AuthCase::OtherPersona, _) => "the token of another persona".to_owned(),
            Self::Missing(..) => "a token of another environment".to_owned(),
        }
    }
}

impl ScenarioRun<'_> {
    /// Makes the call rightly, then wrongly in every way. Tells of each, and whether the next step may run.
    pub(super) async fn auth_check(
        &mut self,
        step: &Step,
        check: &AuthCheck,
        frame: &Frame,
        mut event: StepEvent,
    ) -> bool {
        let started = Instant::now();
        let auth = step.auth.as_ref().or(self.instance.file.scenario.auth.as_ref());
        let Some(Auth::Provider(auth)) = auth else {
            let problem =
                Diagnostic::error("run.auth-check", "this step has no `auth`, so there is no token to make wrong");
            return self
                .give_up(event, &problem.at(check.span(), "").help("give the scenario or the step `auth: PROVIDER`"));
        };
        let actor = match self.actor_of(step, frame) {
            Ok(actor) => actor,
            Err(problems) => {
                problems.iter().for_each(|problem| self.find(&mut event, Class::Auth, problem));
                return self.ended(event, started);
            }
        };
        let prepared = match request::build(&check.call, &frame.scope, self.base_url.as_deref(), self.environment) {
            Ok(prepared) => prepared,
            Err(problem) => return self.give_up(event, &problem),
        };
        let Actor::Identity(acting) = &actor else { return self.ended(event, started) };
        let line = format!("{} {}", prepared.method, target(&prepared, self.base_url.as_deref()));
        event.target.clone_from(&line);
        let refused = check.refused.clone().unwrap_or_else(|| StatusExpected {
            span: check.span(),
            written: "401 or 403".to_owned(),
            alternatives: vec![StatusPattern::Range(401, 401), StatusPattern::Range(403, 403)],
        });
        let way = StepEvent { id: None, depth: event.depth + 1, ..event.clone() };
        let check =
            Matrix { step, check, frame, auth, acting, prepared: &prepared, refused: &refused, event: way, line };
        self.control(&check, &actor, &mut event).await;
        let proven = self.ended(event, started);
        let mut passed = proven;
        for way in self.ways(&check) {
            passed &= self.go(&check, &way, proven).await;
        }
        passed
    }

    /// The positive control: with the right token the call must not be refused, or no refusal proves anything.
    async fn control(&mut self, check: &Matrix<'_>, actor: &Actor, event: &mut StepEvent) {
        let Matrix { step, frame, prepared, .. } = *check;
        let call = &check.check.call;
        let trial = Trial { step, call, actor, prepared, scope: &frame.scope };
        let tried = self.tries(&trial, event).await;
        let problem = match &tried.outcome {
            Err(lost) => Some(lost_finding(lost, call, step)),
            Ok(response) => {
                let status = response.status;
                event.status = Some(status);
                let refused =
                    matches!(status, 401 | 403) || expect::status_matches(check.refused, status, &frame.scope);
                let class = if refused { Class::Auth } else { Class::Environment };
                (refused || status >= 500).then(|| {
                    let what = format!(
                        "{} gets {status} even with the right token, so a refusal would prove nothing",
                        check.line
                    );
                    let problem =
                        Diagnostic::error("auth.control", what).at(check.check.span(), "the positive control");
                    (class, problem.help("use a call that succeeds for the user of this scenario"))
                })
            }
        };
        event.expectations = Count { held: usize::from(problem.is_none()), total: 1 };
        if problem.is_none() {
            event.notes.push("the positive control".to_owned());
        }
        if let Some((class, problem)) = &problem {
            self.find(event, *class, problem);
        }
        if problem.is_some() || self.environment.options.record_all {
            let (redactor, limit) = (&self.environment.redactor, self.environment.options.excerpt);
            let response = tried.outcome.as_ref().ok();
            event.exchange = Some(Box::new(record::exchange(&tried.request, response, tried.took, redactor, limit)));
        }
    }

    /// The wrong ways, in their order.
    fn ways<'c>(&self, check: &Matrix<'c>) -> Vec<Way<'c>> {
        let mut ways = Vec::new();
        for case in AuthCase::ALL.into_iter().filter(|case| !check.check.except.contains(case)) {
            match case {
                AuthCase::NoToken => ways.push(Way::NoToken),
                AuthCase::Garbage => ways.push(Way::Forged(Forgery::Garbage)),
                AuthCase::Expired => ways.push(match &check.check.expired {
                    Some(given) => Way::Given(given),
                    None => Way::Forged(Forgery::Expired),
                }),
                AuthCase::Tampered => ways.push(Way::Forged(Forgery::Tampered)),
                AuthCase::AlgNone => ways.push(Way::Forged(Forgery::AlgNone)),
                AuthCase::OtherPersona => {
                    let own = check.acting.identity.persona();
                    let named: Vec<String> = check.check.personas.iter().map(|name| name.value.clone()).collect();
                    let known = || self.environment.identities.personas(&check.auth.provider.value);
                    let others = if named.is_empty() { known() } else { named };
                    let before = ways.len();
                    ways.extend(others.into_iter().filter(|name| name != own).map(Way::Persona));
                    if ways.len() == before {
                        let why = "no other persona is known here; add one with `personas: [NAME]`";
                        ways.push(Way::Missing(case, why));
                    }
                }
                AuthCase::OtherEnvironment if check.check.environments.is_empty() => {
                    let why = "no other environment is listed; add one with `environments: [NAME]`";
                    ways.push(Way::Missing(case, why));
                }
                AuthCase::OtherEnvironment => {
                    ways.extend(check.check.environments.iter().map(|name| Way::Environment(name.value.clone())));
                }
            }
        }
        ways
    }

    /// Makes the call in a wrong way, and tells what came of it.
    async fn go(&mut self, check: &Matrix<'_>, way: &Way<'_>, proven: bool) -> bool {
        let started = Instant::now();
        let mut event = check.event.clone();
        let told = way.told();
        // The way comes first: where lines are cut, what tells them apart stays.
        let label = ["an ", "a ", "the "].iter().find_map(|article| told.strip_prefix(article)).unwrap_or(&told);
        event.target = format!("{label}: {}", check.line);
        event.name = event.name.map(|name| format!("{label}: {name}"));
        if !proven {
            return self.skipped(event, "the positive control failed");
        }
        self.current = Some(Current::new(event.clone(), place(check.step)));
        let mut request = check.prepared.clone();
        match self.arm(check, way, &mut request, &mut event).await {
            Ok(()) => {}
            Err(Unarmed::Skipped(reason)) => return self.skipped(event, &reason),
            Err(Unarmed::Wrong(class, problem)) => {
                self.find(&mut event, class, &problem);
                return self.ended(event, started);
            }
        }
        // No cookies: a session that the right token opened would let every call in.
        let sent = Instant::now();
        let outcome = self.exchange_with(None, &request, &mut event).await;
        let response = outcome.as_ref().ok();
        event.status = response.map(|response| response.status);
        event.expectations.total = 1;
        let problem = match &outcome {
            Err(lost) => Some(lost_finding(lost, &check.check.call, check.step)),
            Ok(response) if expect::status_matches(check.refused, response.status, &check.frame.scope) => None,
            Ok(response) => Some((Class::Expectation, accepted(check, &told, response.status))),
        };
        event.expectations.held = usize::from(problem.is_none());
        if problem.is_some() || self.environment.options.record_all {
            let (redactor, limit) = (&self.environment.redactor, self.environment.options.excerpt);
            event.exchange = Some(Box::new(record::exchange(&request, response, sent.elapsed(), redactor, limit)));
        }
        if let Some((class, problem)) = &problem {
            self.find(&mut event, *class, problem);
            if let (Class::Expectation, Some(gathering)) = (class, &self.environment.gathering) {
                let looked = self.looked(check.step.at.span, event.title());
                gathering.looked(&looked, Vec::new(), std::slice::from_ref(problem));
            }
        }
        self.ended(event, started)
    }

    fn skipped(&mut self, mut event: StepEvent, reason: &str) -> bool {
        event.verdict = Verdict::Skipped;
        event.reason = Some(reason.to_owned());
        self.tell(event);
        true
    }

    /// Puts the wrong credential on the request.
    async fn arm(
        &self,
        check: &Matrix<'_>,
        way: &Way<'_>,
        request: &mut Request,
        event: &mut StepEvent,
    ) -> Result<(), Unarmed> {
        let identity = &check.acting.identity;
        let redactor = &self.environment.redactor;
        let refused = |error: &AuthError| Unarmed::Wrong(auth_class(error), auth_problem(error, check.check.span()));
        let right = match way {
            Way::NoToken => return Ok(()),
            Way::Missing(_, reason) => return Err(Unarmed::Skipped((*reason).to_owned())),
            _ => check.acting.grant(&self.environment.broker).await.map_err(|error| refused(&error))?,
        };
        let impossible = |why: &str| Unarmed::Skipped(why.to_owned());
        let attach =
            |request: &mut Request, token: &Token| identity.attach(request, token).map_err(|error| refused(&error));
        match way {
            Way::NoToken | Way::Missing(..) => Ok(()),
            Way::Forged(how) => {
                let wrong = identity.forge(&right.token, *how, redactor).map_err(impossible)?;
                if *how == Forgery::Expired {
                    event.notes.push("`exp` is an hour ago, the signature is unchanged".to_owned());
                }
                attach(request, &wrong)
            }
            Way::Given(given) => {
                let given =
                    given.render(&check.frame.scope).map_err(|problem| Unarmed::Wrong(Class::Scenario, problem))?;
                let wrong = identity.replace(&right.token, &given, redactor).map_err(impossible)?;
                attach(request, &wrong)
            }
            Way::Persona(name) => {
                let other = self.environment.identities.persona(check.auth, name);
                let other = other.map_err(|problems| missing(check, problems))?;
                self.attach_other(&other, &right.token, request, check).await
            }
            Way::Environment(name) => {
                let other = self.environment.identities.elsewhere(check.auth, name, identity.persona());
                let other = other.map_err(|problems| missing(check, problems))?;
                self.attach_other(&other, &right.token, request, check).await
            }
        }
    }

    /// Puts the token of another identity on the request: to the hosts of this one, and to no others.
    async fn attach_other(
        &self,
        other: &Arc<Identity>,
        right: &Token,
        request: &mut Request,
        check: &Matrix<'_>,
    ) -> Result<(), Unarmed> {
        let refused = |error: &AuthError| Unarmed::Wrong(auth_class(error), auth_problem(error, check.check.span()));
        let grant = self.environment.broker.acquire(other, false).await.map_err(|error| refused(&error))?;
        if grant.token.is_sent_like(right) {
            return Err(Unarmed::Skipped("it is the same token".to_owned()));
        }
        check.acting.identity.attach(request, &grant.token).map_err(|error| refused(&error))
    }
}

/// What stands in the way of another identity: that it has no credentials only means that it cannot be tried.
fn missing(check: &Matrix<'_>, mut problems: Vec<Diagnostic>) -> Unarmed {
    if problems.iter().all(|problem| problem.id == "auth.credentials") {
        return Unarmed::Skipped(problems.swap_remove(0).message);
    }
    let problem = problems.swap_remove(0);
    Unarmed::Wrong(Class::Auth, problem.at(check.check.span(), ""))
}

/// A wrong credential that was taken.
fn accepted(check: &Matrix<'_>, told: &str, status: u16) -> Diagnostic {
    let (line, written) = (&check.line, &check.refused.written);
    let what = format!("{line} with {told} gets {status}, but {written} is expected");
    let problem = Diagnostic::error("expect.auth-check", what).at(check.refused.span, format!("it is {status}"));
    match status {
        200..300 => problem.help("the service accepts a credential that it must refuse"),
        _ => problem.help("if the service refuses in this way, expect it: `auth_check: { request: …, expect: … }`"),
    }
}
