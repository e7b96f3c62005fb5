//! What the steps of one file take from each other: the variables that templates name, and the places of earlier answers
//! (`steps.ID.response.…`). What `that` and `capture` say of a step's own answer is no use of another.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::expected::{Expected, Tree as ExpectedTree};
use super::model::{Action, Auth, ExpectWritten, Fragment, Scenario, StatusPattern, Step};
use super::sending::{BodyWritten, PartWritten};
use super::step::Call;
use super::tree::Tree;
use crate::template::{Glance, Reference, Segment, Template};

/// What the templates of a file name.
#[derive(Debug, Default)]
pub struct Used {
    variables: BTreeSet<Arc<str>>,
    /// The id of a step, the part of its answer as `json`, and the way below that.
    answers: Vec<Glance>,
}

impl Used {
    /// What a scenario's steps name.
    pub fn by_scenario(scenario: &Scenario) -> Self {
        let mut used = Self::default();
        [&scenario.setup, &scenario.steps, &scenario.teardown].into_iter().flatten().for_each(|step| used.step(step));
        used
    }

    /// What a fragment's steps name, and what it returns.
    pub fn by_fragment(fragment: &Fragment) -> Self {
        let mut used = Self::default();
        fragment.steps.iter().for_each(|step| used.step(step));
        fragment.returns.iter().for_each(|(_, tree)| used.tree(tree));
        used
    }

    /// Whether a variable is named.
    pub fn names(&self, variable: &str) -> bool {
        self.variables.contains(variable)
    }

    /// The places in the answer of a step that are named: the part of the answer (`json`, `headers`), the way below it.
    pub fn of_answer<'u>(&'u self, id: &'u str) -> impl Iterator<Item = (&'u str, &'u [Segment], &'u Glance)> {
        self.answers.iter().filter_map(move |glance| match glance.path.as_slice() {
            [Segment::Name(step), Segment::Name(response), Segment::Name(part), below @ ..]
                if **step == *id && &**response == "response" =>
            {
                Some((&**part, below, glance))
            }
            _ => None,
        })
    }

    fn references<'r>(&mut self, found: impl Iterator<Item = (&'r Reference, crate::source::Span)>) {
        for (reference, _) in found.filter(|(reference, _)| reference.is_variable()) {
            self.variables.insert(reference.path[0].clone());
        }
    }

    fn glances(&mut self, found: Vec<Glance>) {
        self.answers.extend(found.into_iter().filter(|glance| &*glance.root == "steps"));
    }

    fn template(&mut self, template: &Template) {
        self.references(template.references());
        self.glances(template.glances());
    }

    fn tree(&mut self, tree: &Tree) {
        tree.templates().into_iter().for_each(|template| self.template(template));
    }

    fn expected(&mut self, expected: &Expected) {
        if !expected.is_templated() {
            return;
        }
        match &expected.tree {
            ExpectedTree::Template(template) => self.template(template),
            ExpectedTree::Matcher(matcher) => matcher.templates().into_iter().for_each(|inner| self.template(inner)),
            ExpectedTree::Array(items) => items.iter().for_each(|item| self.expected(item)),
            ExpectedTree::Object(members) => members.iter().for_each(|member| self.expected(&member.value)),
            ExpectedTree::Operators(operators) => operators.trees().for_each(|tree| self.expected(tree)),
            _ => {}
        }
    }

    fn step(&mut self, step: &Step) {
        if let Some(Auth::Provider(auth)) = &step.auth {
            auth.persona.iter().for_each(|persona| self.template(&persona.value));
        }
        if let Some(when) = &step.when {
            self.references(when.references());
            self.glances(when.glances());
        }
        step.for_each.iter().for_each(|list| self.tree(list));
        match &step.action {
            Action::Call(call) => self.call(call),
            Action::AuthCheck(check) => self.call(&check.call),
            Action::Use(used) => used.with.iter().for_each(|(_, tree)| self.tree(tree)),
            Action::Pause(_) => {}
        }
    }

    fn call(&mut self, call: &Call) {
        self.template(&call.url);
        for (_, values) in call.query.iter().chain(call.headers.iter()) {
            values.0.iter().for_each(|template| self.template(template));
        }
        self.body(&call.body);
        call.expect.keys.iter().for_each(|keys| self.expect(keys));
        for capture in &call.capture {
            if let super::Origin::Template(template) = &capture.from {
                self.template(template);
            }
        }
    }

    fn body(&mut self, body: &BodyWritten) {
        match body {
            BodyWritten::Empty => {}
            BodyWritten::Json(tree) => self.tree(tree),
            BodyWritten::Form(fields) => {
                for (_, values) in fields.iter() {
                    values.0.iter().for_each(|template| self.template(template));
                }
            }
            BodyWritten::Text(template) | BodyWritten::File(template) => self.template(template),
            BodyWritten::Graphql(graphql) => {
                [&graphql.query, &graphql.file].into_iter().flatten().for_each(|template| self.template(template));
                graphql.variables.iter().for_each(|(_, tree)| self.tree(tree));
            }
            BodyWritten::Multipart(parts) => {
                for part in parts.iter().flat_map(|(_, parts)| &parts.0) {
                    match part {
                        PartWritten::Text(text) => self.template(text),
                        PartWritten::Detailed(keys) => {
                            let texts = [&keys.file, &keys.text, &keys.filename, &keys.content_type];
                            texts.into_iter().flatten().for_each(|template| self.template(template));
                            keys.json.iter().for_each(|tree| self.tree(tree));
                        }
                    }
                }
            }
        }
    }

    fn expect(&mut self, keys: &ExpectWritten) {
        for pattern in keys.status.iter().flat_map(|status| &status.alternatives) {
            if let StatusPattern::Matches(expected) = pattern {
                self.expected(expected);
            }
        }
        let named = keys.headers.iter().chain(keys.cookies.iter()).map(|(_, expected)| expected);
        let trees = keys.json.iter().chain(keys.json_exactly.as_deref()).chain(keys.text.as_deref());
        let markup = keys.at_paths.1.iter().flat_map(|paths| paths.iter()).map(|(_, expected)| expected);
        let paths = keys.at_paths.0.iter().map(|(_, expected)| expected).chain(markup);
        let views = [&keys.csv, &keys.ndjson, &keys.form].into_iter().flatten().map(|expected| &**expected);
        let jwt = keys.jwt.iter().flat_map(|jwt| [&jwt.header, &jwt.claims]).flatten();
        let graphql = keys.graphql.iter().flat_map(|graphql| [&graphql.data, &graphql.errors]).flatten();
        named
            .chain(trees)
            .chain(paths)
            .chain(views)
            .chain(jwt)
            .chain(graphql)
            .for_each(|expected| self.expected(expected));
        keys.snapshot.iter().for_each(|snapshot| self.template(&snapshot.name));
        for condition in &keys.that.0 {
            self.references(condition.references());
            self.glances(condition.glances());
        }
    }
}
