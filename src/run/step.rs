//! One step: whether it runs, how often, and what it does.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use super::cut::Current;
use super::dispatcher::millis;
use super::scenario::ScenarioRun;
use crate::event::{Class, Finding, Phase, Step as StepEvent, Verdict};
use crate::json::Json;
use crate::project::FragmentFile;
use crate::scenario::{Action, Method, Step, UseFragment, check};
use crate::source::{Diagnostic, Span};
use crate::template::{Scope, from_json};

/// What surrounds a step: the scenario itself, or the fragment it stands in.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) phase: Phase,
    pub(super) depth: usize,
    /// What templates see.
    pub(super) scope: Scope,
    /// Where captures go.
    pub(super) store: Scope,
    /// The folder of the file the step stands in.
    pub(super) folder: PathBuf,
    /// The numbers of the items of the loops around it, from 1, the outermost first.
    pub(super) items: Vec<usize>,
}

impl<'r> ScenarioRun<'r> {
    /// The frame of the scenario's own steps.
    pub(super) fn frame(&self, phase: Phase) -> Frame {
        let folder = self.instance.file.folder.clone();
        Frame { phase, depth: 0, scope: self.scope.clone(), store: self.scope.clone(), folder, items: Vec::new() }
    }

    /// An event that tells what a step is.
    pub(super) fn head(&self, step: &Step, phase: Phase) -> StepEvent {
        let (action, target) = match &step.action {
            Action::Call(call) => match call.method {
                Method::Key(method) => (method.to_owned(), call.url.text().to_owned()),
                Method::Written => {
                    let (method, url) = call.url.text().split_once(' ').unwrap_or(("request", call.url.text()));
                    (method.to_owned(), url.to_owned())
                }
            },
            Action::AuthCheck(check) => ("auth_check".to_owned(), check.call.url.text().to_owned()),
            Action::Use(used) => ("use".to_owned(), used.file.value.clone()),
            Action::Pause(pause) => ("pause".to_owned(), pause.value.to_string()),
        };
        let mut event = self.bare(phase, &action, place(step));
        event.target = target;
        event.id = step.id.as_ref().map(|id| id.value.clone());
        // A name that holds templates is shown as it is written until it can be rendered.
        event.name = step.name.as_ref().map(|name| name.text().to_owned());
        event
    }

    /// Runs a step, once or for each element of its list. Tells whether the next one may run.
    pub(super) fn step<'s>(
        &'s mut self,
        step: &'r Step,
        frame: &'s Frame,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 's>> {
        Box::pin(async move {
            let mut event = self.head(step, frame.phase);
            event.depth = frame.depth;
            if let Some(when) = &step.when {
                match when.holds(&frame.scope) {
                    Ok(true) => {}
                    Ok(false) => {
                        event.verdict = Verdict::Skipped;
                        event.reason = Some(format!("`when` is false: {}", when.text().trim()));
                        self.tell(event);
                        return true;
                    }
                    Err(problem) => return self.give_up(event, &problem),
                }
            }
            let Some(list) = &step.for_each else { return self.once(step, frame, event).await };
            let items = match list.evaluate(&frame.scope) {
                Ok(items) => items,
                Err(problem) => return self.give_up(event, &problem),
            };
            let Json::Array(items) = &*items else {
                let problem = Diagnostic::error(
                    "run.for-each",
                    format!("`for_each` needs a list, and this is {}", items.kind().with_article()),
                )
                .at(list.span, "")
                .help("a template must give a list: `{{ range(3) | list }}`, or a capture such as `$.items[*].id`");
                return self.give_up(event, &problem);
            };
            if items.is_empty() {
                event.verdict = Verdict::Skipped;
                event.reason = Some("the list of `for_each` is empty".to_owned());
                self.tell(event);
                return true;
            }
            let mut passed = true;
            for (index, item) in items.iter().enumerate() {
                let scope = frame.scope.inner();
                scope.set("item", from_json(Arc::new(item.clone())));
                scope.set("index", minijinja::Value::from(index));
                let mut inner = Frame { scope, ..frame.clone() };
                inner.items.push(index + 1);
                let mut event = event.clone();
                event.notes.push(format!("{} of {}", index + 1, items.len()));
                passed &= self.once(step, &inner, event).await;
            }
            passed
        })
    }

    async fn once(&mut self, step: &'r Step, frame: &Frame, mut event: StepEvent) -> bool {
        if let Some(name) = &step.name {
            match name.render(&frame.scope) {
                Ok(name) => event.name = Some(name.into_owned()),
                Err(problem) => return self.give_up(event, &problem),
            }
        }
        let started = Instant::now();
        self.current = Some(Current::new(event.clone(), place(step)));
        let passed = match &step.action {
            Action::Call(call) => match self.call(step, call, frame, event.clone()).await {
                Ok(event) => self.ended(event, started) || std::mem::take(&mut self.unstored),
                Err(problem) => self.give_up(event, &problem),
            },
            Action::Pause(pause) => {
                tokio::time::sleep(pause.value.0).await;
                event.duration_ms = millis(started.elapsed());
                self.tell(event);
                true
            }
            Action::AuthCheck(check) => self.auth_check(step, check, frame, event).await,
            Action::Use(used) => self.fragment(used, frame, event).await,
        };
        self.current = None;
        passed
    }

    /// A step that could not even begin. A teardown step that lacks what a failed step would have captured has nothing
    /// to tidy up: it is skipped, so that one failure is not told as two.
    pub(super) fn give_up(&mut self, mut event: StepEvent, problem: &Diagnostic) -> bool {
        if event.phase == Phase::Teardown && problem.id == "template.undefined" && self.has_failed() {
            event.verdict = Verdict::Skipped;
            event.reason = Some(format!("{}, since an earlier step failed", problem.message));
            self.tell(event);
            return true;
        }
        event.verdict = Verdict::Errored;
        event.findings.push(Finding::of(Class::Scenario, problem, &self.environment.sources));
        event.rerun = Some(self.rerun(event.line));
        self.tell(event);
        false
    }

    /// Runs a fragment's steps with its parameters; what it returns goes to the caller.
    async fn fragment(&mut self, used: &'r UseFragment, frame: &Frame, event: StepEvent) -> bool {
        let key = (frame.folder.clone(), used.file.value.clone());
        let Some(file) = self.instance.file.fragments.get(&key) else {
            let problem = Diagnostic::error("fragment.file", format!("there is no file `{}`", used.file.value))
                .at(used.file.span, "")
                .help("the path starts from the folder of this file");
            return self.give_up(event, &problem);
        };
        let file: &'r FragmentFile = file;
        let scope = match self.parameters(used, frame, file) {
            Ok(scope) => scope,
            Err(problem) => return self.give_up(event, &problem),
        };
        let inner = Frame {
            phase: frame.phase,
            depth: frame.depth + 1,
            scope: scope.clone(),
            store: scope.clone(),
            folder: file.folder.clone(),
            items: frame.items.clone(),
        };
        let mut event = event;
        event.name = event.name.or_else(|| Some(file.fragment.title.value.clone()));
        self.tell(event.clone());
        if frame.depth == 0 {
            self.used_at = Some(event.line);
        }
        self.put_ahead(frame.phase, inner.depth, &file.fragment.steps);
        let passed = self.steps(&inner).await;
        if frame.depth == 0 {
            self.used_at = None;
        }
        if !passed {
            return false;
        }
        match give_back(used, file, &scope, frame) {
            Ok(()) => true,
            Err(problem) => self.give_up(event, &problem),
        }
    }

    /// The scope of a fragment: what every scenario sees from outside, and its parameters.
    fn parameters(&self, used: &UseFragment, frame: &Frame, file: &FragmentFile) -> Result<Scope, Diagnostic> {
        let scope = self.environment.scope.fragment(&frame.scope, &file.folder);
        scope.set("auth", self.tokens.value());
        scope.set("steps", crate::template::Namespace::default().value());
        for (name, param) in file.fragment.params.iter() {
            let given = used.with.get(&name.value);
            let value = match (given, &param.default) {
                (Some(tree), _) => tree.evaluate(&frame.scope)?,
                (None, Some(default)) => default.evaluate(&scope)?,
                (None, None) => continue,
            };
            if let Some(kind) = &param.kind
                && !check::fits(kind.value, &value)
            {
                let at = given.map_or(name.span, |tree| tree.span);
                let message = format!(
                    "the parameter `{}` must be {}, and this is {}",
                    name.value,
                    kind.value.with_article(),
                    value.kind().with_article()
                );
                return Err(Diagnostic::error("fragment.param", message)
                    .at(at, format!("the template gave {}", short(&value)))
                    .help("give another value, or change the parameter's `type` in the fragment"));
            }
            scope.set(&name.value, from_json(value));
        }
        Ok(scope)
    }
}

fn short(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() > 60 { text.chars().take(59).chain(['…']).collect() } else { text }
}

/// What a fragment returns: all of it under its own names, or what the caller picks.
fn give_back(used: &UseFragment, file: &FragmentFile, scope: &Scope, frame: &Frame) -> Result<(), Diagnostic> {
    let returned = frame.scope.inner();
    for (name, tree) in file.fragment.returns.iter() {
        let value = from_json(tree.evaluate(scope)?);
        if used.capture.is_empty() { &frame.store } else { &returned }.set(&name.value, value);
    }
    for capture in &used.capture {
        if let crate::scenario::Origin::Template(template) = &capture.from {
            frame.store.set(&capture.name.value, template.value(&returned)?);
        }
    }
    Ok(())
}

/// The key of a step that says what it does.
pub(super) fn place(step: &Step) -> Span {
    step.at.keys().find(|(key, _)| is_action(key)).map_or(step.at.span, |(_, at)| at)
}

/// Whether a key of a step says what it does.
fn is_action(key: &str) -> bool {
    matches!(
        key,
        "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "request" | "use" | "pause" | "auth_check"
    )
}
