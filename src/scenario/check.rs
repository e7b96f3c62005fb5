//! What can be known before any call is made: names that no template will find, what is defined and never used, steps
//! that can never run. Names are followed in the order of the steps: a capture exists only after its step.

mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

pub use self::names::OF_ANSWER;
use super::capture::{name_problem, taken};
use super::expected::Expected;
use super::parameters::mistyped;
pub use super::parameters::{fits, parameters};
use super::{
    Action, Auth, AuthCheck, BodyWritten, Call, Cases, Expect, Fragment, Graphql, Origin, PartWritten, Scenario,
    SignatureExpected, StatusPattern, Step, Tree, UseFragment, snapshot,
};
use crate::json::Json;
use crate::source::{Diagnostic, Lost, Span, Spanned};
use crate::template::Reference;

/// What is known from outside of the scenario.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// The members of `env`.
    pub env: BTreeSet<String>,
    /// The members of `secrets`.
    pub secrets: BTreeSet<String>,
    /// Variables given on the command line.
    pub vars: BTreeSet<String>,
    /// The environment's name, for messages.
    pub environment: String,
    /// Whether the environment serves the embedded providers, so that there is a `mock`.
    pub mock: bool,
    /// What is not known, because the project file could not be read.
    pub lost: Lost,
}

/// What templates name of what is known from outside.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// Members of `secrets`.
    pub secrets: BTreeSet<String>,
    /// Members of `env`; all of them, as the empty name, where `env` is taken as a whole.
    pub env: BTreeSet<String>,
    /// Variables that the command line may give: those that nothing in the file gives before, and those of `vars`.
    pub vars: BTreeSet<String>,
}

impl Named {
    /// Adds what another file names.
    pub fn extend(&mut self, other: Self) {
        self.secrets.extend(other.secrets);
        self.env.extend(other.env);
        self.vars.extend(other.vars);
    }

    /// Adds a reference of a file that defines no names of its own.
    pub fn add(&mut self, reference: &Reference) {
        match (&*reference.path[0], reference.path.get(1)) {
            _ if !reference.is_variable() => {}
            ("env", member) => drop(self.env.insert(member.map_or_else(String::new, ToString::to_string))),
            (name, _) if taken(name).is_some() => {}
            (name, _) => drop(self.vars.insert(name.to_owned())),
        }
    }
}

/// Finds the fragment that a step uses.
pub type FindFragment<'f> = dyn Fn(&Path, &str) -> Option<(&'f Fragment, &'f Path)> + 'f;

/// Checks a scenario. Tells what its templates name.
pub fn scenario<'f>(
    scenario: &'f Scenario,
    lost: &Lost,
    folder: &'f Path,
    outside: &Outside,
    find: &FindFragment<'f>,
    problems: &mut Vec<Diagnostic>,
) -> Named {
    let mut checker = Checker::new(outside, lost, find, problems);
    for name in &outside.vars {
        checker.names.insert(name.clone(), Name { at: None, used: true, what: "variable" });
    }
    if scenario.at.key("cases").is_some() {
        checker.names.insert("case".into(), Name { at: None, used: true, what: "case" });
        if let Some(Cases::Inline(cases)) = &scenario.cases {
            cases.iter().flat_map(Tree::references).for_each(|found| checker.uses(found));
        }
    }
    for (name, value) in scenario.vars.iter() {
        value.references().for_each(|found| checker.uses(found));
        checker.define_named(name, "variable");
        checker.named.vars.insert(name.value.to_string());
    }
    scenario.base_url.iter().flat_map(|url| url.references()).for_each(|found| checker.uses(found));
    scenario.auth.iter().for_each(|auth| checker.auth(auth));
    let phases = [&scenario.setup, &scenario.steps, &scenario.teardown];
    for step in phases.into_iter().flatten() {
        checker.collect(step);
    }
    // A teardown also runs after a failure: what steps capture is for it a name that may be missing, and still a name.
    for step in phases.into_iter().flatten() {
        checker.step(step, folder);
    }
    for step in phases.into_iter().flatten() {
        let acts = matches!(step.auth.as_ref().or(scenario.auth.as_ref()), Some(Auth::Provider(_)));
        if let (Action::AuthCheck(check), false) = (&step.action, acts) {
            checker.problems.push(
                Diagnostic::error("check.auth-check", "this step has no `auth`, so there is no token to make wrong")
                    .at(check.span(), "")
                    .help("give the scenario or the step `auth: PROVIDER`"),
            );
        }
    }
    checker.problems.extend(snapshot::named::shared(&snapshot::named::named(scenario, folder, find)));
    checker.unused();
    if phases.into_iter().all(Vec::is_empty) && scenario.auth.is_none() && lost.is_empty() {
        checker.problems.push(
            Diagnostic::error("check.empty", "this scenario does nothing: it has no steps and no auth step")
                .at(scenario.title.span, "")
                .help("add `steps`"),
        );
    }
    checker.named
}

/// Checks a fragment by itself: its steps see its parameters. Tells what its templates name.
pub fn fragment<'f>(
    fragment: &'f Fragment,
    lost: &Lost,
    folder: &'f Path,
    outside: &Outside,
    find: &FindFragment<'f>,
    problems: &mut Vec<Diagnostic>,
) -> Named {
    let mut checker = Checker::new(outside, lost, find, problems);
    checker.is_fragment = true;
    for (name, param) in fragment.params.iter() {
        if let (Some(kind), Some(default)) = (&param.kind, &param.default) {
            checker.problems.extend(mistyped(&name.value, kind.value, default));
        }
        checker.define_named(name, "parameter");
    }
    for step in &fragment.steps {
        checker.collect(step);
    }
    for step in &fragment.steps {
        checker.step(step, folder);
    }
    for (name, value) in fragment.returns.iter() {
        checker.problems.extend(name_problem(name));
        value.references().for_each(|found| checker.uses(found));
    }
    let snapshots = snapshot::named::named_by(fragment.steps.iter(), folder, find);
    checker.problems.extend(snapshot::named::shared(&snapshots));
    checker.unused();
    checker.named
}

/// A name that templates can use.
struct Name {
    /// Where it is defined, if in this file.
    at: Option<Span>,
    used: bool,
    what: &'static str,
}

struct Checker<'c, 'f> {
    outside: &'c Outside,
    /// What of the file could not be read: what it names is not called undefined.
    lost: &'c Lost,
    /// Whether a fragment that could not be read may have given back any name.
    unknown_returns: bool,
    find: &'c FindFragment<'f>,
    names: BTreeMap<String, Name>,
    /// Ids of steps, where they are given, and whether each has been passed.
    steps: BTreeMap<String, (Span, bool)>,
    /// Names that some step captures, and where: for telling "not yet" from "not at all".
    later: BTreeMap<String, Span>,
    problems: &'c mut Vec<Diagnostic>,
    /// Whether the file is a fragment, which sees its parameters and no variable from outside.
    is_fragment: bool,
    /// Whether the names of an answer are visible: in `that` and `capture`.
    for_answer: bool,
    /// Whether the step has a `when`, which may keep it from running where there is no `mock`.
    may_be_skipped: bool,
    /// What templates name of what is outside.
    named: Named,
}

impl<'c, 'f> Checker<'c, 'f> {
    fn new(
        outside: &'c Outside,
        lost: &'c Lost,
        find: &'c FindFragment<'f>,
        problems: &'c mut Vec<Diagnostic>,
    ) -> Self {
        let (names, steps, later) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self {
            outside,
            lost,
            unknown_returns: false,
            find,
            names,
            steps,
            later,
            problems,
            is_fragment: false,
            for_answer: false,
            may_be_skipped: false,
            named: Named::default(),
        }
    }

    /// Defines a name, if it is one that templates can use.
    fn define_named(&mut self, name: &Spanned<Arc<str>>, what: &'static str) {
        let problem = name_problem(name);
        // A name that is refused is known all the same: that it is used is no second mistake.
        let (at, used) = (Some(name.span), problem.is_some());
        self.names.insert(name.value.to_string(), Name { at, used, what });
        self.problems.extend(problem);
    }

    fn define(&mut self, name: &Spanned<String>, what: &'static str) {
        self.names.insert(name.value.clone(), Name { at: Some(name.span), used: false, what });
    }

    /// Takes in what a step will define, before any step is checked.
    fn collect(&mut self, step: &Step) {
        if let Some(id) = &step.id
            && let Some((first, _)) = self.steps.insert(id.value.clone(), (id.span, false))
        {
            self.problems.push(
                Diagnostic::error("check.duplicate-id", format!("two steps have the id `{}`", id.value))
                    .at(id.span, "")
                    .at(first, "first here")
                    .help("give one of them another `id`"),
            );
        }
        let captures = match &step.action {
            Action::Call(call) => &call.capture,
            Action::Use(used) => &used.capture,
            Action::AuthCheck(_) | Action::Pause(_) => return,
        };
        for capture in captures {
            self.later.entry(capture.name.value.to_string()).or_insert(capture.name.span);
        }
    }

    fn step(&mut self, step: &'f Step, folder: &'f Path) {
        if let Some(when) = &step.when {
            when.references().for_each(|found| self.uses(found));
            if matches!(when.text().trim(), "false" | "False" | "none" | "0" | "''" | "\"\"") {
                self.unreachable(step, "its `when` is always false");
            }
        }
        self.may_be_skipped = step.when.is_some();
        let is_loop = step.at.key("for_each").is_some();
        if let Some(list) = &step.for_each {
            list.references().for_each(|found| self.uses(found));
            match list.as_literal().map(|json| &**json) {
                Some(Json::Array(items)) if items.is_empty() => {
                    self.unreachable(step, "its `for_each` is an empty list");
                }
                Some(Json::Array(_)) | None => {}
                Some(other) => self.problems.push(
                    Diagnostic::error(
                        "check.for-each",
                        format!("`for_each` needs a list, and this is {}", other.kind().with_article()),
                    )
                    .at(list.span, "")
                    .help("write a list, such as `for_each: [a, b]`, or a template that gives one"),
                ),
            }
        }
        let in_loop = ["item", "index"].map(|name| {
            is_loop.then(|| self.names.insert(name.into(), Name { at: None, used: true, what: "variable" })).flatten()
        });
        step.name.iter().flat_map(|name| name.references()).for_each(|found| self.uses(found));
        step.auth.iter().for_each(|auth| self.auth(auth));
        match &step.action {
            Action::Call(call) => self.call(call),
            Action::Use(used) => self.fragment(used, folder),
            Action::AuthCheck(check) => self.auth_check(check),
            Action::Pause(_) => {}
        }
        if is_loop {
            for (name, before) in ["item", "index"].into_iter().zip(in_loop) {
                match before {
                    Some(before) => self.names.insert(name.into(), before),
                    None => self.names.remove(name),
                };
            }
        }
        self.may_be_skipped = false;
        if let Some(id) = &step.id {
            self.steps.insert(id.value.clone(), (id.span, true));
        }
    }

    fn unreachable(&mut self, step: &Step, why: &str) {
        let at = step.at.keys().next().map_or(step.at.span, |(_, at)| at);
        self.problems.push(
            Diagnostic::warning("check.unreachable", format!("this step never runs: {why}"))
                .at(at, "")
                .help("remove the step, or correct the condition"),
        );
    }

    fn call(&mut self, call: &'f Call) {
        call.url.references().for_each(|found| self.uses(found));
        for (_, values) in call.query.iter().chain(call.headers.iter()) {
            values.references().for_each(|found| self.uses(found));
        }
        self.body(&call.body);
        self.expect(&call.expect);
        self.idle(call);
        for capture in &call.capture {
            self.for_answer = true;
            capture.references().for_each(|found| self.uses(found));
            self.for_answer = false;
            self.define(&Spanned::new(capture.name.value.to_string(), capture.name.span), "capture");
        }
    }

    fn auth_check(&mut self, check: &'f AuthCheck) {
        self.call(&check.call);
        check.expired.iter().flat_map(|expired| expired.references()).for_each(|found| self.uses(found));
        for pattern in check.refused.iter().flat_map(|refused| &refused.alternatives) {
            if let StatusPattern::Matches(expected) = pattern {
                expected.references().into_iter().for_each(|found| self.uses(found));
            }
        }
    }

    fn body(&mut self, body: &'f BodyWritten) {
        match body {
            BodyWritten::Empty => {}
            BodyWritten::Json(tree) => tree.references().for_each(|found| self.uses(found)),
            BodyWritten::Form(fields) => {
                fields.iter().flat_map(|(_, values)| values.references()).for_each(|found| self.uses(found));
            }
            BodyWritten::Text(template) | BodyWritten::File(template) => {
                template.references().for_each(|found| self.uses(found));
            }
            BodyWritten::Graphql(graphql) => self.graphql(graphql),
            BodyWritten::Multipart(parts) => {
                for part in parts.iter().flat_map(|(_, parts)| &parts.0) {
                    match part {
                        PartWritten::Text(text) => text.references().for_each(|found| self.uses(found)),
                        PartWritten::Detailed(keys) => {
                            let templates = [&keys.file, &keys.text, &keys.filename, &keys.content_type];
                            templates
                                .into_iter()
                                .flatten()
                                .flat_map(|template| template.references())
                                .for_each(|found| self.uses(found));
                            keys.json.iter().flat_map(Tree::references).for_each(|found| self.uses(found));
                        }
                    }
                }
            }
        }
    }

    fn graphql(&mut self, graphql: &'f Graphql) {
        let templates = [&graphql.query, &graphql.file, &graphql.operation];
        templates.into_iter().flatten().flat_map(|template| template.references()).for_each(|found| self.uses(found));
        graphql.variables.iter().flat_map(|(_, tree)| tree.references()).for_each(|found| self.uses(found));
    }

    fn expect(&mut self, expect: &'f Expect) {
        let Some(keys) = &expect.keys else { return };
        let patterns = keys.status.iter().flat_map(|status| &status.alternatives);
        let mut trees: Vec<&Expected> = patterns
            .filter_map(|one| if let StatusPattern::Matches(expected) = one { Some(expected) } else { None })
            .collect();
        trees.extend(keys.headers.iter().chain(keys.cookies.iter()).map(|(_, expected)| expected));
        trees.extend(keys.json.iter().chain(keys.json_exactly.as_deref()).chain(keys.text.as_deref()));
        trees.extend(keys.at_paths.0.iter().map(|(_, expected)| expected));
        trees.extend(keys.at_paths.1.iter().flat_map(|paths| paths.iter()).map(|(_, expected)| expected));
        trees.extend([&keys.csv, &keys.ndjson, &keys.form].into_iter().flatten().map(|expected| &**expected));
        trees.extend(keys.bytes.iter().filter_map(|bytes| bytes.length.as_ref()));
        trees.extend(keys.jwt.iter().flat_map(|jwt| [&jwt.header, &jwt.claims]).flatten());
        let bytes = keys.bytes.iter().flat_map(|bytes| bytes.references());
        bytes.chain(keys.jwt.iter().flat_map(|jwt| jwt.references())).for_each(|found| self.uses(found));
        trees.extend(keys.graphql.iter().flat_map(|graphql| [&graphql.data, &graphql.errors]).flatten());
        for found in trees.into_iter().flat_map(Expected::references) {
            self.uses(found);
        }
        keys.snapshot.iter().flat_map(|snapshot| snapshot.name.references()).for_each(|found| self.uses(found));
        self.for_answer = true;
        for condition in &keys.that.0 {
            condition.references().for_each(|found| self.uses(found));
            if condition.references().next().is_none() {
                self.problems.push(
                    Diagnostic::warning(
                        "check.constant",
                        "this condition does not use the answer, so it is always the same",
                    )
                    .at(condition.span(), "")
                    .help("use a part of the answer: `status`, `json`, `headers`, `text`, `duration`"),
                );
            }
        }
        self.for_answer = false;
    }

    /// Keys of `expect` that are written, and look at nothing of the answer.
    fn idle(&mut self, call: &Call) {
        let Some(keys) = &call.expect.keys else { return };
        // What could not be read may have been what it looks at.
        if !self.lost.is_empty() {
            return;
        }
        let written = |names: &[&str]| names.iter().any(|name| keys.at.key(name).is_some());
        let finds_markup =
            keys.at_paths.1.is_some() || call.capture.iter().any(|capture| matches!(capture.from, Origin::Markup(_)));
        let no_path = keys.at_paths.0.is_empty() && keys.at_paths.1.is_none();
        let no_bytes =
            keys.bytes.as_ref().is_some_and(|it| it.length.is_none() && it.sha256.is_none() && it.magic.is_none());
        let idle = [
            ("headers", keys.headers.is_empty(), "name a header field: `headers: { ETag: <string> }`"),
            ("cookies", keys.cookies.is_empty(), "name a cookie: `cookies: { SESSION: <string> }`"),
            ("at", no_path, "name a path: `at: { $.id: 1 }`"),
            ("that", keys.that.0.is_empty(), "write a condition: `that: json.id == 1`"),
            ("bytes", no_bytes, "name `length`, `sha256` or `magic`"),
            ("namespaces", !finds_markup, "an XPath uses it, in `at` or `capture`: add one"),
            (
                "ignore",
                !written(&["json", "json_exactly", "snapshot"]),
                "it works with `json`, `json_exactly` and `snapshot`: add one of them",
            ),
        ];
        for (key, is_idle, help) in idle {
            if let (Some(at), true) = (keys.at.key(key), is_idle) {
                self.problems.push(
                    Diagnostic::warning("check.unused", format!("this `{key}` has no effect"))
                        .at(at, "")
                        .help(format!("{help}, or remove it")),
                );
            }
        }
    }

    fn fragment(&mut self, used: &'f UseFragment, folder: &'f Path) {
        used.with.iter().flat_map(|(_, tree)| tree.references()).for_each(|found| self.uses(found));
        let found = (self.find)(folder, &used.file.value);
        let unknown_before = self.unknown_returns;
        self.unknown_returns |= found.is_none();
        let returns: Vec<String> =
            found.into_iter().flat_map(|(fragment, _)| fragment.returns.names().map(str::to_owned)).collect();
        if used.capture.is_empty() {
            for name in returns {
                self.names.insert(name, Name { at: None, used: true, what: "variable" });
            }
            return;
        }
        let before: Vec<(String, Option<Name>)> = returns
            .into_iter()
            .map(|name| (name.clone(), self.names.insert(name, Name { at: None, used: true, what: "variable" })))
            .collect();
        for capture in &used.capture {
            capture.references().for_each(|found| self.uses(found));
        }
        self.unknown_returns = unknown_before;
        for (name, old) in before {
            match old {
                Some(old) => self.names.insert(name, old),
                None => self.names.remove(&name),
            };
        }
        for capture in &used.capture {
            self.define(&Spanned::new(capture.name.value.to_string(), capture.name.span), "capture");
        }
    }

    fn auth(&mut self, auth: &'f Auth) {
        let Auth::Provider(step) = auth else { return };
        step.persona.iter().flat_map(|persona| persona.value.references()).for_each(|found| self.uses(found));
        if let Some(expect) = &step.expect {
            let trees = [
                &expect.expires_in,
                &expect.token_type,
                &expect.scope,
                &expect.refresh_token,
                &expect.id_token,
                &expect.claims,
            ];
            trees.into_iter().flatten().flat_map(Expected::references).for_each(|found| self.uses(found));
            expect.signature.iter().flat_map(SignatureExpected::references).for_each(|found| self.uses(found));
        }
    }
}
