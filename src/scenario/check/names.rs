//! The names that templates use: each must be known where it is used, and what is defined must be used.

use super::{Checker, Name};
use crate::source::{Diagnostic, Span, suggestion};
use crate::template::Reference;

/// Names that are always there.
const ALWAYS: [&str; 7] = ["env", "secrets", "steps", "auth", "provider", "run", "mock"];
/// The members of `run`.
const OF_RUN: [&str; 3] = ["id", "seed", "started_at"];
/// The members of `mock`.
const OF_MOCK: [&str; 1] = ["base"];
/// The names of an answer.
pub const OF_ANSWER: [&str; 7] = ["json", "text", "status", "headers", "cookies", "duration", "url"];

impl Checker<'_, '_> {
    /// A template refers to a name: it must be known here.
    pub(super) fn uses(&mut self, (reference, at): (&Reference, Span)) {
        if !reference.is_variable() {
            return;
        }
        let name = &*reference.path[0];
        if self.names.get(name).is_none_or(|known| known.at.is_none()) {
            self.named.add(reference);
        }
        if let Some(known) = self.names.get_mut(name) {
            known.used = true;
            return;
        }
        if self.for_answer && OF_ANSWER.contains(&name) || reference.guarded {
            return;
        }
        if !ALWAYS.contains(&name) {
            self.undefined(name, at);
            return;
        }
        let Some(member) = reference.path.get(1).map(|member| &**member) else { return };
        match name {
            "env" | "secrets" | "mock" if self.outside.lost.names(member) => {}
            "env" if member != "name" && !self.outside.env.contains(member) => {
                self.no_member(
                    "env",
                    member,
                    at,
                    &self.outside.env.iter().map(String::as_str).chain(["name"]).collect::<Vec<_>>(),
                );
            }
            "secrets" if !self.outside.secrets.contains(member) => {
                self.no_member(
                    "secrets",
                    member,
                    at,
                    &self.outside.secrets.iter().map(String::as_str).collect::<Vec<_>>(),
                );
            }
            "secrets" => drop(self.named.secrets.insert(member.to_owned())),
            "run" if !OF_RUN.contains(&member) => self.no_member("run", member, at, &OF_RUN),
            "mock" if !OF_MOCK.contains(&member) => self.no_member("mock", member, at, &OF_MOCK),
            "mock" if !self.outside.mock && !self.may_be_skipped && self.outside.lost.is_empty() => {
                let environment = &self.outside.environment;
                let what = format!("the environment `{environment}` has no `mock`: it does not have `serve: builtin`");
                self.problems.push(
                    Diagnostic::error("check.undefined", what)
                        .at(at, "")
                        .help("add `serve: builtin` to the environment, or skip the step elsewhere with `when: \"{{ env.name == 'mock' }}\"`"),
                );
            }
            "steps" => match self.steps.get(member) {
                Some((_, true)) => {}
                None if self.lost.names(member) => {}
                Some((_, false)) => self.problems.push(
                    Diagnostic::error("check.not-yet", format!("the step `{member}` runs later than this"))
                        .at(at, "")
                        .help(format!("move the step that uses the value after `{member}`")),
                ),
                None => {
                    let ids = self.steps.keys().cloned().collect::<Vec<_>>();
                    self.no_member("steps", member, at, &ids.iter().map(String::as_str).collect::<Vec<_>>());
                }
            },
            _ => {}
        }
    }

    fn undefined(&mut self, name: &str, at: Span) {
        if self.unknown_returns || self.lost.names(name) {
            return;
        }
        let mut problem =
            Diagnostic::error("check.undefined", format!("the variable `{name}` is not defined")).at(at, "");
        if let Some(captured) = self.later.get(name) {
            problem =
                problem.at(*captured, "captured here, after it is used").help("a capture exists only after its step");
            self.problems.push(problem);
            return;
        }
        let answer: &[&str] = if self.for_answer { &OF_ANSWER } else { &[] };
        let known = self.names.keys().map(String::as_str).chain(ALWAYS).chain(answer.iter().copied());
        problem = match suggestion(name, known) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None if OF_ANSWER.contains(&name) => problem.help(format!(
                "`{name}` exists only in `that` and `capture`; elsewhere write `steps.ID.response.{name}`"
            )),
            None if self.outside.env.contains(name) => problem.help(format!("did you mean `env.{name}`?")),
            None => {
                let own: Vec<&str> = self.names.keys().map(String::as_str).collect();
                let own = if own.is_empty() { String::new() } else { format!("defined here: {}; ", own.join(", ")) };
                problem.help(match name {
                    "item" | "index" => format!("`{name}` exists only in a step with `for_each`"),
                    "case" => "`case` exists only in a scenario with `cases`".to_owned(),
                    _ if self.is_fragment => {
                        format!("{own}declare it under `params`, or capture it in an earlier step")
                    }
                    _ => format!("{own}define it under `vars`, capture it in an earlier step, or give --var {name}=…"),
                })
            }
        };
        self.problems.push(problem);
    }

    fn no_member(&mut self, of: &str, member: &str, at: Span, known: &[&str]) {
        let where_it_would_be = match of {
            "env" => format!(" in the environment `{}`", self.outside.environment),
            "secrets" => format!(" among the secrets of the environment `{}`", self.outside.environment),
            _ => String::new(),
        };
        let mut problem =
            Diagnostic::error("check.undefined", format!("there is no `{of}.{member}`{where_it_would_be}")).at(at, "");
        problem = match (suggestion(member, known.iter().copied()), of) {
            (Some(meant), _) => problem.help(format!("did you mean `{of}.{meant}`?")),
            (None, "env") => problem.help(format!(
                "define it in callsheet.yaml under environments: {}: vars, or give --var env.{member}=…",
                self.outside.environment
            )),
            (None, "secrets") => problem
                .help(format!("define it in callsheet.yaml under environments: {}: secrets", self.outside.environment)),
            (None, "steps") if known.is_empty() => problem.help("no step has an `id`"),
            (None, "steps") => problem.help(format!("the steps with an `id` are {}", known.join(", "))),
            (None, _) => problem.help(format!("the members of `{of}` are {}", known.join(", "))),
        };
        self.problems.push(problem);
    }

    /// What is defined in this file and never used: most often the other half of a typo.
    pub(super) fn unused(&mut self) {
        for (name, Name { at, used, what }) in &self.names {
            if let (false, Some(at)) = (used, at)
                && !name.starts_with('_')
                && !self.lost.names(name)
            {
                self.problems.push(
                    Diagnostic::warning("check.unused", format!("the {what} `{name}` is never used"))
                        .at(*at, "")
                        .help(format!("remove it, or name it `_{name}` to keep it")),
                );
            }
        }
    }
}
