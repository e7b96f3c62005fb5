//! Paths into XML and HTML: what they find, and what is told where they find nothing.

use std::cell::OnceCell;
use std::sync::Arc;

use minijinja::Value;

use super::{Outcome, answer, render, tree, untyped};
use crate::document::Kind;
use crate::http::Response;
use crate::json::{Json, Number};
use crate::markup::{Found, Html, Xml, begins_like_html};
use crate::scenario::expected::{Expected, Tree};
use crate::scenario::matcher::{Matcher, Noun};
use crate::scenario::{ExpectWritten, MarkupPath};
use crate::source::{Diagnostic, Keys, Spanned};
use crate::template::{Scope, from_json};

/// An answer as XML and as HTML: each read once, and only if a path leads into it.
pub struct Pages<'r> {
    response: &'r Response,
    namespaces: Option<&'r Keys<String>>,
    xml: OnceCell<Result<Xml, Diagnostic>>,
    html: OnceCell<Result<Html, Diagnostic>>,
}

/// What a path found.
enum Given {
    /// Nodes, in their order; an attribute may be missing.
    Several(Vec<Option<String>>),
    /// A value that is no node.
    Value(Json),
}

impl<'r> Pages<'r> {
    /// Nothing of it is read yet. `namespaces` are the prefixes that the step names.
    pub fn of(response: &'r Response, namespaces: Option<&'r Keys<String>>) -> Self {
        Self { response, namespaces, xml: OnceCell::new(), html: OnceCell::new() }
    }

    /// The answer.
    pub fn response(&self) -> &'r Response {
        self.response
    }

    fn html(&self) -> Result<&Html, Diagnostic> {
        let read = self.html.get_or_init(|| {
            let (response, kind) = (self.response, self.response.kind());
            let text = response.text();
            // Everything can be read as HTML, so that only what is called so, or looks like it, is.
            let looks =
                begins_like_html(&text) || (response.media_type().is_empty() && text.trim_start().starts_with('<'));
            if kind == Kind::Html && !text.trim().is_empty() || matches!(kind, Kind::Text | Kind::Unknown) && looks {
                return Ok(Html::parse(&text));
            }
            Err(answer::unfit("expect.body", response, Kind::Html, &"it does not start like a page"))
        });
        read.as_ref().map_err(Clone::clone)
    }

    fn xml(&self) -> Result<&Xml, Diagnostic> {
        let read = self.xml.get_or_init(|| {
            let (response, kind) = (self.response, self.response.kind());
            let text = response.text();
            let begins = text.trim_start_matches('\u{feff}').trim_start();
            let page = begins_like_html(&text) && kind != Kind::Xml;
            // XHTML is XML, and where it is not, browsers that are sent it as HTML read it all the same.
            if begins.starts_with("<?xml") || !(kind == Kind::Html || page) {
                match Xml::parse(&text) {
                    Ok(xml) => return Ok(xml),
                    Err(_) if kind == Kind::Html => {}
                    Err(error) => return Err(answer::unfit("expect.body", response, Kind::Xml, &error)),
                }
            }
            self.html().map(Html::to_xml)
        });
        read.as_ref().map_err(Clone::clone)
    }

    /// A problem, with what was not looked at because the page goes on behind what was read of it.
    fn told(&self, problem: Diagnostic) -> Diagnostic {
        match self.html.get() {
            Some(Ok(page)) if page.cut => {
                problem.note("only the first part of the page was read: it is too long or too deep")
            }
            _ => problem,
        }
    }

    fn namespace(&self, prefix: &str) -> Option<&str> {
        self.namespaces.and_then(|namespaces| namespaces.get(prefix)).map(String::as_str)
    }

    fn find(&self, path: &MarkupPath) -> Result<Given, Diagnostic> {
        Ok(match path {
            MarkupPath::Css(path) => Given::Several(path.evaluate(self.html()?)),
            MarkupPath::XPath(path) => {
                let found = path.evaluate(self.xml()?, &|prefix| self.namespace(prefix));
                let refused = |why: String| {
                    let undeclared = why.starts_with("the prefix");
                    let problem = Diagnostic::error("expect.at", why);
                    let advice = "declare it next to `at`: `namespaces: { PREFIX: URI }`";
                    if undeclared { problem.help(advice) } else { problem }
                };
                match found.map_err(refused)? {
                    Found::Nodes(nodes) => Given::Several(nodes.into_iter().map(Some).collect()),
                    Found::Text(text) => Given::Value(Json::from(text)),
                    Found::Boolean(value) => Given::Value(Json::Bool(value)),
                    // NaN and the infinities, which JSON does not have, are texts.
                    Found::Number(_, written) => Given::Value(match Number::parse(&written) {
                        Some(number) => Json::Number(number),
                        None => Json::from(written),
                    }),
                }
            }
        })
    }

    /// What is told where a path found nothing: how far it leads, and what was probably meant.
    fn absence(&self, path: &MarkupPath) -> (String, Option<String>) {
        let nothing = format!("{} finds nothing in the answer", path.source());
        match path {
            MarkupPath::XPath(xpath) => match self.xml() {
                Ok(xml) => xpath.explain_absence(xml, &|prefix| self.namespace(prefix)).unwrap_or((nothing, None)),
                Err(_) => (nothing, None),
            },
            MarkupPath::Css(css) => {
                let further = self.html().ok().and_then(|page| css.explain_absence(page));
                (further.map_or(nothing.clone(), |further| format!("{nothing}: {further}")), None)
            }
        }
    }

    /// The value that a capture takes.
    pub(super) fn captured(
        &self,
        path: &MarkupPath,
        nothing: &dyn Fn(String) -> Diagnostic,
    ) -> Result<Value, Diagnostic> {
        let found = self.find(path).map_err(|problem| {
            let mut told = nothing(problem.message);
            told.notes.extend(problem.notes);
            told.help.extend(problem.help);
            told
        })?;
        let texts = match found {
            Given::Value(value) => return Ok(from_json(Arc::new(value))),
            Given::Several(texts) => texts,
        };
        let several = texts.len() > 1;
        let mut values: Vec<Json> = texts.into_iter().flatten().map(Json::from).collect();
        if several {
            return Ok(from_json(Arc::new(Json::array(values))));
        }
        values.pop().map(|value| from_json(Arc::new(value))).ok_or_else(|| {
            let (what, meant) = self.absence(path);
            let problem = nothing(what);
            match meant {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem,
            }
        })
    }
}

/// Holds what is expected at paths into XML and HTML against an answer.
///
/// # Errors
/// A template that cannot be rendered.
pub(super) fn evaluate(
    keys: &ExpectWritten,
    response: &Response,
    scope: &Scope,
    outcome: &mut Outcome,
) -> Result<(), Box<Diagnostic>> {
    let Some(paths) = &keys.at_paths.1 else { return Ok(()) };
    let pages = Pages::of(response, keys.namespaces.as_deref());
    let mut unfit = Vec::new();
    for (path, expected) in paths.iter() {
        match pages.find(&path.value) {
            Ok(found) => outcome.add(at_path(path, expected, found, &pages, scope)?.map(|problem| pages.told(problem))),
            Err(problem) => {
                // A body that is of another kind is one failure, however many paths lead into it.
                if problem.id == "expect.body" && unfit.contains(&problem.message) {
                    continue;
                }
                unfit.push(problem.message.clone());
                outcome.add([problem.at(path.span, "")]);
            }
        }
    }
    Ok(())
}

fn at_path(
    path: &Spanned<MarkupPath>,
    expected: &Expected,
    found: Given,
    pages: &Pages<'_>,
    scope: &Scope,
) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let expected = &*render::render(expected, scope).map_err(Box::new)?;
    let source = path.value.source();
    let texts = match found {
        Given::Value(value) => return differs(source, expected, &value, scope),
        Given::Several(texts) => texts,
    };
    let count = texts.len();
    let bare = count > 0 && texts.iter().all(Option::is_none);
    let mut values: Vec<Json> = texts.into_iter().map(|text| text.map_or(Json::Null, Json::from)).collect();
    if !bare && (count > 1 || asks_for_list(expected)) {
        let problem = differs(source, expected, &Json::array(values), scope)?;
        // Where nothing was found at all, how far the path leads says more than a list of what is missing.
        return Ok(problem.map(|problem| if count > 0 { problem } else { explained(problem, &path.value, pages) }));
    }
    match values.pop() {
        Some(value) if !matches!(value, Json::Null) => differs(source, expected, &value, scope),
        // The elements are there, and have no such attribute.
        _ => {
            let differences = tree::compare(expected, None, tree::Mode::Contains, scope)?;
            if differences.is_empty() {
                return Ok(None);
            }
            let title = match count {
                1 => format!("{source} finds an element, which has no such attribute"),
                _ => format!("{source} finds {count} elements, none of which has such an attribute"),
            };
            let problem = tree::diagnostic("expect.at", &title, &differences, None).at(path.span, "").details("");
            Ok(Some(if bare { problem } else { explained(problem, &path.value, pages) }))
        }
    }
}

/// What a path finds for what is expected of it, in the types that are expected; nothing where it finds nothing.
///
/// # Errors
/// The body is of another kind, or a template cannot be rendered.
pub(super) fn found(
    path: &MarkupPath,
    expected: &Expected,
    pages: &Pages<'_>,
    scope: &Scope,
) -> Result<Option<Json>, Box<Diagnostic>> {
    let expected = &*render::render(expected, scope).map_err(Box::new)?;
    let mut values: Vec<Json> = match pages.find(path).map_err(Box::new)? {
        Given::Value(value) => return untyped::typed(expected, &value, scope).map(Some),
        Given::Several(texts) => texts.into_iter().map(|text| text.map_or(Json::Null, Json::from)).collect(),
    };
    let value = if values.len() > 1 || (asks_for_list(expected) && values != [Json::Null]) {
        Some(Json::array(values))
    } else {
        values.pop().filter(|value| !matches!(value, Json::Null))
    };
    value.map(|value| untyped::typed(expected, &value, scope)).transpose()
}

/// The problem of a path that found nothing, with how far it leads in place of what is missing.
fn explained(mut problem: Diagnostic, path: &MarkupPath, pages: &Pages<'_>) -> Diagnostic {
    let (what, meant) = pages.absence(path);
    (problem.message, problem.details) = (what, String::new());
    // That it is the wrong page explains most of what is not on it.
    let response = pages.response();
    if response.kind() == Kind::Html {
        let title = crate::markup::title(&response.text());
        problem = answer::advised(problem, response);
        problem.notes.extend(title.map(|title| format!("the page has the title \"{title}\"")));
    }
    match meant {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem,
    }
}

/// The differences of what a path found, whose texts have no types.
fn differs(
    source: &str,
    expected: &Expected,
    found: &Json,
    scope: &Scope,
) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let found = untyped::typed(expected, found, scope)?;
    let mut differences = tree::compare(expected, Some(&found), tree::Mode::Contains, scope)?;
    if differences.is_empty() {
        return Ok(None);
    }
    differences.list.iter_mut().for_each(tree::untyped);
    let title = format!("{source} is not what was expected");
    let mut problem = tree::diagnostic("expect.at", &title, &differences, Some(&found));
    // What was found is no document of its own: the first line of its listing would name its root, `$`.
    if problem.details.trim_start().starts_with("$ ") || problem.details.trim_start().starts_with("$\n") {
        let after = problem.details.find('\n').map_or(0, |end| end + 1);
        problem.details.drain(..after);
    }
    Ok(Some(problem))
}

/// Whether what is expected speaks of a list: then also one node, or none, is one.
fn asks_for_list(expected: &Expected) -> bool {
    match &expected.tree {
        Tree::Array(_) => true,
        Tree::Operators(operators) => {
            operators.each.is_some()
                || operators.contains.is_some()
                || operators.unordered.is_some()
                || operators.length.is_some()
                || operators.exactly.as_ref().is_some_and(asks_for_list)
        }
        Tree::Matcher(matcher) => of_list(matcher),
        _ => false,
    }
}

fn of_list(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::Each(_) | Matcher::Unique | Matcher::Sorted { .. } | Matcher::Type(Noun::Array) => true,
        Matcher::Not(inner) | Matcher::Optional(inner) => of_list(inner),
        Matcher::And(all) | Matcher::Or(all) => all.iter().any(of_list),
        _ => false,
    }
}
