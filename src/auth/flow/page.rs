//! A page of HTML as a login walks through it: its forms, and what it says is wrong. The tree of the page is not kept:
//! it cannot cross threads.

use std::collections::HashMap;

use scraper::{ElementRef, Html};
use url::Url;

use super::form::{Button, Control, ControlKind, Form, FormEncoding, Method};
use crate::markup::shallow;

/// No more of a page than this is read; login pages are a hundredth of it.
const LIMIT: usize = 1_000_000;

/// Forms and controls beyond these, and ancestors further away, are not looked at: a page that is made to cost time gets
/// none.
const FORMS: usize = 100;
const CONTROLS: usize = 2_000;
const ANCESTORS: usize = 200;
const ERRORS: usize = 50;

/// What is of interest in a page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) title: Option<String>,
    pub(super) forms: Vec<Form>,
    /// Where it sends the browser on by itself.
    pub(super) refresh: Option<Url>,
    /// What it says is wrong.
    pub(super) error: Option<String>,
}

/// The part of a page that is read.
pub(super) fn head(html: &str) -> &str {
    shallow(html, LIMIT)
}

/// Reads a page that came from that URL.
pub(super) fn read(html: &str, url: &Url) -> Page {
    let document = Html::parse_document(head(html));
    let root = document.root_element();
    let base = root
        .descendent_elements()
        .find(|element| element.value().name() == "base")
        .and_then(|element| url.join(element.attr("href")?).ok())
        .unwrap_or_else(|| url.clone());
    let mut forms: Vec<(Form, Option<&str>)> = Vec::new();
    let mut places = HashMap::new();
    for element in root.descendent_elements().filter(|element| element.value().name() == "form").take(FORMS) {
        places.insert(element.id(), forms.len());
        forms.push((form(element, url, &base), element.attr("id")));
    }
    let is_control =
        |element: &ElementRef<'_>| matches!(element.value().name(), "input" | "button" | "select" | "textarea");
    for element in root.descendent_elements().filter(is_control).take(CONTROLS) {
        if is_disabled(element) {
            continue;
        }
        let owner = match element.attr("form") {
            Some(id) => forms.iter().position(|(_, own)| *own == Some(id)),
            None => element.ancestors().take(ANCESTORS).find_map(|ancestor| places.get(&ancestor.id()).copied()),
        };
        if let Some((form, _)) = owner.and_then(|owner| forms.get_mut(owner)) {
            add(form, element, &base);
        }
    }
    let title = root
        .descendent_elements()
        .find(|element| element.value().name() == "title")
        .map(|element| text(element))
        .filter(|title| !title.is_empty());
    let refresh = refresh(root, &base);
    Page { title, forms: forms.into_iter().map(|(form, _)| form).collect(), refresh, error: error(root) }
}

fn form(element: ElementRef<'_>, url: &Url, base: &Url) -> Form {
    let attr = |name| element.attr(name).map(str::trim).unwrap_or_default();
    let action = match attr("action") {
        // Without an action a form goes back to the page itself, whatever `<base>` says.
        "" => url.clone(),
        action => base.join(action).unwrap_or_else(|_| url.clone()),
    };
    let encoding = match attr("enctype").to_ascii_lowercase().as_str() {
        "multipart/form-data" => FormEncoding::Multipart,
        "text/plain" => FormEncoding::Plain,
        _ => FormEncoding::Urlencoded,
    };
    let words = ["id", "name", "class", "role", "aria-label"].map(attr).join(" ");
    let words = format!("{words} {}", action.path()).to_lowercase();
    let sent = matches!(action.scheme(), "http" | "https");
    let method = if sent { method(attr("method")) } else { Method::Never };
    Form { action, method, encoding, controls: Vec::new(), buttons: Vec::new(), words }
}

fn method(text: &str) -> Method {
    match text.to_ascii_lowercase().as_str() {
        "post" => Method::Post,
        "dialog" => Method::Never,
        _ => Method::Get,
    }
}

fn is_disabled(element: ElementRef<'_>) -> bool {
    element.attr("disabled").is_some()
        || element
            .ancestors()
            .take(ANCESTORS)
            .filter_map(ElementRef::wrap)
            .any(|ancestor| ancestor.value().name() == "fieldset" && ancestor.attr("disabled").is_some())
}

fn add(form: &mut Form, element: ElementRef<'_>, base: &Url) {
    let attr = |name: &str| element.attr(name).map(str::to_owned);
    let kind = attr("type").unwrap_or_default().to_ascii_lowercase();
    let name = attr("name").filter(|name| !name.is_empty());
    let tag = element.value().name();
    let submits = match tag {
        "button" => matches!(kind.as_str(), "" | "submit"),
        "input" => matches!(kind.as_str(), "submit" | "image"),
        _ => false,
    };
    if submits {
        let value = attr("value").unwrap_or_default();
        let label = match tag {
            "button" => text(element),
            _ => attr("value").or_else(|| attr("alt")).unwrap_or_default(),
        };
        let action = attr("formaction").and_then(|action| base.join(action.trim()).ok());
        let method = attr("formmethod").map(|text| method(&text));
        form.buttons.push(Button { name, value, label, action, method });
        return;
    }
    let Some(name) = name else { return };
    let value = match (tag, kind.as_str()) {
        ("button", _) | ("input", "button" | "reset" | "file") => return,
        ("input", "checkbox" | "radio") if element.attr("checked").is_none() => return,
        ("input", "checkbox" | "radio") => attr("value").unwrap_or_else(|| "on".to_owned()),
        ("select", _) => match chosen(element) {
            Some(value) => value,
            None => return,
        },
        ("textarea", _) => element.text().collect(),
        _ => attr("value").unwrap_or_default(),
    };
    let kind = match (tag, kind.as_str()) {
        ("input", "hidden") => ControlKind::Hidden,
        ("input", "password") => ControlKind::Password,
        _ => ControlKind::Visible,
    };
    form.controls.push(Control { name, value, kind });
}

/// What a select box is submitted with: the option that is selected, else the first.
fn chosen(select: ElementRef<'_>) -> Option<String> {
    let options = || select.descendent_elements().filter(|element| element.value().name() == "option");
    let option = options()
        .filter(|option| option.attr("selected").is_some())
        .last()
        .or_else(|| options().find(|option| option.attr("disabled").is_none()))?;
    Some(option.attr("value").map_or_else(|| text(option), str::to_owned))
}

/// `<meta http-equiv="refresh" content="0; url=…">`
fn refresh(root: ElementRef<'_>, base: &Url) -> Option<Url> {
    root.descendent_elements()
        .filter(|element| element.value().name() == "meta")
        .filter(|element| element.attr("http-equiv").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("refresh")))
        .find_map(|element| {
            let (_, rest) = element.attr("content")?.split_once([';', ','])?;
            let (key, url) = rest.split_once('=')?;
            let url = url.trim().trim_matches(['"', '\'']);
            key.trim().eq_ignore_ascii_case("url").then(|| base.join(url).ok())?
        })
}

/// The text of an element on one line.
fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the page says is wrong: the first visible text of an element that is marked as an error.
fn error(root: ElementRef<'_>) -> Option<String> {
    let marked = |element: &ElementRef<'_>| {
        let attrs = ["id", "class", "role"].map(|name| element.attr(name).unwrap_or_default().to_lowercase()).join(" ");
        let words: Vec<&str> = attrs.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        ["alert", "invalid", "danger"].iter().any(|mark| words.contains(mark)) || attrs.contains("error")
    };
    root.descendent_elements()
        .filter(|element| {
            !matches!(element.value().name(), "script" | "style" | "form" | "body" | "html" | "input" | "template")
        })
        .filter(marked)
        .take(ERRORS)
        .filter(|element| !is_hidden(*element))
        .map(text)
        .find(|text| !text.is_empty() && text.len() <= 500)
}

fn is_hidden(element: ElementRef<'_>) -> bool {
    let hides = |element: ElementRef<'_>| {
        let style = element.attr("style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
        element.attr("hidden").is_some()
            || element.attr("aria-hidden") == Some("true")
            || style.contains("display:none")
            || style.contains("visibility:hidden")
    };
    hides(element) || element.ancestors().take(ANCESTORS).filter_map(ElementRef::wrap).any(hides)
}
