//! One scenario from its auth step to its teardown.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::event::{Class, Count, Finding, Kind, Phase, ScenarioFinished, Step as StepEvent, Verdict};
use crate::http::{Client, CookieJar};
use crate::plan::{CaseValues, Instance};
use crate::scenario::Step;
use crate::source::{Diagnostic, Span};
use crate::template::{Namespace, Scope, from_json};

use super::cut::{Current, Cut};
use super::dispatcher::{Outbox, millis};
use super::executor::Environment;
use super::identity::Actor;
use super::limit::Pauses;
use super::step::Frame;

/// A teardown may take this long, so that an interrupted run ends.
pub(super) const TEARDOWN_LIMIT: Duration = Duration::from_secs(30);

/// A scenario while it runs.
pub(super) struct ScenarioRun<'r> {
    pub(super) number: usize,
    pub(super) instance: &'r Instance,
    pub(super) environment: &'r Environment,
    /// The connections of the thread it runs on.
    pub(super) client: &'r Client,
    pub(super) outbox: &'r Outbox,
    pub(super) scope: Scope,
    /// `steps`
    pub(super) answers: Namespace,
    /// `auth`
    pub(super) tokens: Namespace,
    /// Cookies, one jar a persona: two identities share no session.
    jars: Mutex<BTreeMap<String, Arc<CookieJar>>>,
    /// Who the scenario acts as.
    pub(super) actor: Actor,
    pub(super) base_url: Option<String>,
    /// The step that runs now, for telling what was abandoned.
    pub(super) current: Option<Current>,
    /// The lists of steps that are run now, each with what is left of it: the innermost is the last.
    ahead: Vec<Ahead<'r>>,
    /// Whether setup was reached: before that nothing is done that would have to be tidied up.
    begun: bool,
    /// The line of the step through which a fragment runs now.
    pub(super) used_at: Option<usize>,
    pub(super) seen: Seen,
    /// Whether the last call failed for want of its snapshot alone: what follows can be looked at all the same.
    pub(super) unstored: bool,
    /// Time of the current step that is not the call's: spent on looking at its answer more closely.
    pub(super) paused: Duration,
    /// The same of all steps.
    pub(super) pauses: Arc<Pauses>,
}

/// What the steps came to so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    flaky: bool,
    failed: bool,
    pub(super) errored: bool,
    skipped: bool,
}

/// Steps that are still to be run.
#[derive(Debug)]
struct Ahead<'r> {
    phase: Phase,
    depth: usize,
    steps: &'r [Step],
}

impl<'r> ScenarioRun<'r> {
    pub(super) fn new(
        number: usize,
        instance: &'r Instance,
        environment: &'r Environment,
        client: &'r Client,
        outbox: &'r Outbox,
    ) -> Self {
        let scope = environment.scope.scenario(instance.seed, &instance.file.folder);
        let (answers, tokens) = (Namespace::default(), Namespace::default());
        scope.set("steps", answers.value());
        scope.set("auth", tokens.value());
        Self {
            number,
            instance,
            environment,
            client,
            outbox,
            scope,
            answers,
            tokens,
            jars: Mutex::default(),
            actor: Actor::Nobody,
            base_url: None,
            current: None,
            ahead: Vec::new(),
            begun: false,
            used_at: None,
            seen: Seen::default(),
            unstored: false,
            paused: Duration::ZERO,
            pauses: Arc::default(),
        }
    }

    pub(super) async fn run(mut self) -> ScenarioFinished {
        let started = Instant::now();
        if let Some(gathering) = &self.environment.gathering {
            gathering.ran(&self.instance.file.path);
        }
        let scenario = &self.instance.file.scenario;
        let reason = match self.prepare() {
            Ok(()) => {
                self.put_ahead(Phase::Steps, 0, &scenario.steps);
                self.put_ahead(Phase::Setup, 0, &scenario.setup);
                let cut = self.phases(scenario.timeout.map(|timeout| timeout.0)).await;
                let reason = cut.and_then(|cut| self.cut(&cut));
                self.teardown().await;
                reason
            }
            Err(problem) => {
                let span = problem.span().unwrap_or(scenario.title.span);
                self.tell_problem(Phase::Setup, "vars", span, Class::Scenario, &problem);
                Some("its variables could not be evaluated".to_owned())
            }
        };
        if self.seen.skipped || self.seen.errored || reason.is_some() {
            self.environment.snapshots.incomplete(self.instance);
        }
        let took = started.elapsed().saturating_sub(self.pauses.so_far());
        ScenarioFinished { verdict: self.verdict(), reason, duration_ms: millis(took) }
    }

    /// Gives the scope the case and the variables.
    fn prepare(&mut self) -> Result<(), Diagnostic> {
        let file = &self.instance.file;
        if let Some(case) = &self.instance.case {
            let values = match (&case.values, case.written(file)) {
                (CaseValues::Given(values), _) => values.clone(),
                (_, Some(tree)) => tree.evaluate(&self.scope)?,
                _ => Arc::default(),
            };
            self.scope.set("case", from_json(values));
        }
        for (name, tree) in file.scenario.vars.iter() {
            // A variable of the command line stands in place of the scenario's own.
            if self.environment.scope.get(&name.value).is_none() {
                self.scope.set(&name.value, from_json(tree.evaluate(&self.scope)?));
            }
        }
        Ok(())
    }

    /// The auth step, setup and steps, unless the user or the scenario's time cuts them short.
    async fn phases(&mut self, limit: Option<Duration>) -> Option<Cut> {
        let stopper = self.environment.stopper.clone();
        let pauses = self.pauses.clone();
        let limit_or_for_ever = async move {
            match limit {
                Some(limit) => pauses.ended(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = stopper.interrupted() => Some(Cut::Interrupted),
            () = limit_or_for_ever => limit.map(Cut::TimedOut),
            passed = self.in_order() => if passed { None } else { Some(Cut::Failed) },
        }
    }

    async fn in_order(&mut self) -> bool {
        let scenario = &self.instance.file.scenario;
        if let Some(auth) = &scenario.auth
            && !self.auth_step(auth).await
        {
            self.skip_all("the auth step failed");
            return false;
        }
        if let Err(problem) = self.find_base() {
            self.tell_problem(Phase::Setup, "base_url", problem.span().unwrap_or_default(), Class::Scenario, &problem);
            self.skip_all("the base URL is missing");
            return false;
        }
        self.begun = true;
        if !self.steps(&self.frame(Phase::Setup)).await {
            self.skip_all("setup failed");
            return false;
        }
        self.steps(&self.frame(Phase::Steps)).await
    }

    /// What relative URLs resolve against: the scenario's own base, else the API of its provider.
    fn find_base(&mut self) -> Result<(), Diagnostic> {
        self.base_url = match &self.instance.file.scenario.base_url {
            Some(template) => Some(template.render(&self.scope)?.into_owned()),
            None => self.actor.api(),
        };
        Ok(())
    }

    /// Puts steps before all others that are still to be run.
    pub(super) fn put_ahead(&mut self, phase: Phase, depth: usize, steps: &'r [Step]) {
        self.ahead.push(Ahead { phase, depth, steps });
    }

    /// Runs the steps that were put ahead last, until one fails. Boxed where it recurses, through fragments.
    pub(super) async fn steps(&mut self, frame: &Frame) -> bool {
        while let Some(step) = self.next_step() {
            if !self.step(step, frame).await {
                self.skip_list("an earlier step failed");
                return false;
            }
            if frame.phase == Phase::Steps && frame.depth == 0 && self.is_last(step) {
                self.skip_list("--only names an earlier step");
                return true;
            }
        }
        self.ahead.pop();
        true
    }

    fn next_step(&mut self) -> Option<&'r Step> {
        let list = self.ahead.last_mut()?;
        let (next, left) = list.steps.split_first()?;
        list.steps = left;
        Some(next)
    }

    /// Whether `--only FILE:LINE` ends the scenario with this step.
    fn is_last(&self, step: &Step) -> bool {
        self.instance.until_line.is_some_and(|line| {
            let Some(file) = self.environment.sources.get(step.at.span.file) else { return false };
            file.position((step.at.span.end as usize).saturating_sub(1)).0 >= line
        })
    }

    async fn teardown(&mut self) {
        let steps = &self.instance.file.scenario.teardown;
        (self.current, self.used_at) = (None, None);
        self.put_ahead(Phase::Teardown, 0, steps);
        if !self.begun {
            return self.skip_list("nothing was done that must be cleaned up");
        }
        let frame = self.frame(Phase::Teardown);
        let (stopper, pauses) = (self.environment.stopper.clone(), self.pauses.clone());
        // Every teardown step is run, whatever became of those before it.
        let all = async {
            while let Some(step) = self.next_step() {
                self.step(step, &frame).await;
            }
        };
        let cut = tokio::select! {
            biased;
            () = stopper.at_once() => Cut::Interrupted,
            () = pauses.ended(TEARDOWN_LIMIT) => Cut::TeardownTimedOut,
            () = all => return,
        };
        self.cut(&cut);
    }

    /// What the scenario came to. One that failed has failed, whatever else went wrong: an expectation did not hold.
    fn verdict(&self) -> Verdict {
        match self.seen {
            Seen { failed: true, .. } => Verdict::Failed,
            Seen { errored: true, .. } => Verdict::Errored,
            Seen { flaky: true, .. } => Verdict::Flaky,
            _ => Verdict::Passed,
        }
    }

    /// Whether a step of the scenario has not passed.
    pub(super) fn has_failed(&self) -> bool {
        self.seen.failed || self.seen.errored
    }

    /// Tells that what is left of the innermost list is not run.
    fn skip_list(&mut self, reason: &str) {
        let Some(Ahead { phase, depth, steps }) = self.ahead.pop() else { return };
        for step in steps {
            let mut event = self.head(step, phase);
            event.depth = depth;
            event.verdict = Verdict::Skipped;
            event.reason = Some(reason.to_owned());
            self.tell(event);
        }
    }

    /// The same of everything that is still to be run.
    pub(super) fn skip_all(&mut self, reason: &str) {
        while !self.ahead.is_empty() {
            self.skip_list(reason);
        }
    }

    /// Tells the dispatcher of a step, and remembers its verdict.
    pub(super) fn tell(&mut self, step: StepEvent) {
        match step.verdict {
            Verdict::Passed => {}
            Verdict::Skipped => self.seen.skipped = true,
            Verdict::Flaky => self.seen.flaky = true,
            Verdict::Failed => self.seen.failed = true,
            Verdict::Errored => self.seen.errored = true,
        }
        self.outbox.tell(Some(self.number), Kind::StepFinished(Arc::new(step)));
    }

    /// Tells of a step that has come to its end, and how to run it again where it did not pass. Gives whether it did.
    pub(super) fn ended(&mut self, mut event: StepEvent, started: Instant) -> bool {
        event.duration_ms = millis(started.elapsed().saturating_sub(std::mem::take(&mut self.paused)));
        let passed = event.verdict < Verdict::Failed;
        if !passed {
            event.rerun = Some(self.rerun(event.line));
        }
        self.tell(event);
        passed
    }

    /// Tells of a problem that belongs to no step.
    fn tell_problem(&mut self, phase: Phase, action: &str, span: Span, class: Class, problem: &Diagnostic) {
        let mut event = self.bare(phase, action, span);
        event.verdict = Verdict::Errored;
        event.findings.push(Finding::of(class, problem, &self.environment.sources));
        self.tell(event);
    }

    /// An event of which only the place is known.
    pub(super) fn bare(&self, phase: Phase, action: &str, span: Span) -> StepEvent {
        let file = self.environment.sources.get(span.file);
        StepEvent {
            phase,
            id: None,
            name: None,
            action: action.to_owned(),
            target: String::new(),
            file: file.map_or_else(String::new, |file| file.name().to_owned()),
            line: file.map_or(1, |file| file.position(span.start as usize).0),
            depth: 0,
            verdict: Verdict::Passed,
            reason: None,
            status: None,
            duration_ms: 0.0,
            attempts: 0,
            expectations: Count::default(),
            notes: Vec::new(),
            findings: Vec::new(),
            exchange: None,
            earlier: Vec::new(),
            coverage: None,
            mutants: None,
            rerun: None,
        }
    }

    /// The jar of whoever acts now.
    pub(super) fn jar(&self, actor: &Actor) -> Arc<CookieJar> {
        let mut jars = self.jars.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jar) = jars.get(actor.key()) {
            return jar.clone();
        }
        jars.entry(actor.key().to_owned()).or_default().clone()
    }

    /// The options that repeat the scenario up to a line; within a fragment, up to the step that uses it.
    pub(super) fn rerun(&self, line: usize) -> String {
        let line = self.used_at.unwrap_or(line);
        let file = &self.instance.file.path;
        let case = self.instance.case.as_ref().map(|case| format!("#{}", case.number)).unwrap_or_default();
        format!("{file} --only '{file}:{line}{case}' --seed {}", self.environment.seed)
    }
}
