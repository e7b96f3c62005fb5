//! The way through a provider's login pages as a browser would go it, until the provider sends the browser to the
//! redirect URI. That URI is recognised and never called.

use std::collections::BTreeSet;
use std::time::Duration;

use url::Url;

use super::form::{Button, ControlKind, Form, FormEncoding, Method, agreeing, entering};
use super::page::{self, Page};
use super::{Login, answer, line};
use crate::auth::attach::shown;
use crate::auth::error::{AuthError, Trouble};
use crate::http::{CookieJar, Request, Response, is_loopback, origin};

/// No login takes more requests than this; one that does goes round in a circle.
const STEPS: usize = 20;
/// Redirects in a row.
const REDIRECTS: usize = 10;
/// Consent pages.
const CONSENTS: usize = 3;

/// Where a login starts and where it must arrive.
pub(super) struct Route {
    /// The authorization request.
    pub(super) start: Url,
    /// The redirect URI.
    pub(super) target: Url,
    /// What is filled into the login form: input name and value.
    pub(super) fill: Vec<(String, String)>,
    /// How long each request may take.
    pub(super) timeout: Duration,
}

/// Goes the way to its end. Gives the parameters that the redirect URI was to be called with.
pub(super) async fn through(login: Login<'_>, route: Route) -> Result<Vec<(String, String)>, AuthError> {
    let jar = CookieJar::default();
    let mut walk = Walk { login, route: &route, filled: BTreeSet::new(), consents: 0 };
    let mut request = Request::new("GET", route.start.clone());
    request.timeout = route.timeout;
    let mut redirects = 0;
    for _ in 0..STEPS {
        request.headers.set("accept", "text/html,application/xhtml+xml");
        let response = login.send(&request, Some(&jar)).await?;
        let location = response.headers.get("location").filter(|_| (300..400).contains(&response.status));
        let next = if let Some(location) = location {
            redirects += 1;
            if redirects > REDIRECTS {
                return Err(walk.lost(&request, format!("it redirects more than {REDIRECTS} times"), None));
            }
            walk.redirected(&request, &response, location)?
        } else {
            redirects = 0;
            walk.page(&request, &response)?
        };
        request = match next {
            Next::Request(next) => *next,
            Next::Arrived(parameters) => return Ok(parameters),
        };
    }
    Err(walk.lost(&request, format!("it takes more than {STEPS} requests"), None))
}

enum Next {
    Request(Box<Request>),
    Arrived(Vec<(String, String)>),
}

struct Walk<'a> {
    login: Login<'a>,
    route: &'a Route,
    /// The inputs that have been filled in and sent.
    filled: BTreeSet<String>,
    consents: usize,
}

impl Walk<'_> {
    fn redirected(&self, request: &Request, response: &Response, location: &str) -> Result<Next, AuthError> {
        let url = request.url.join(location).map_err(|_| {
            self.lost(request, format!("it redirects to something that is not a URL: {}", self.show(location)), None)
        })?;
        if self.arrives(&url) {
            return Ok(Next::Arrived(pairs(&url)));
        }
        if !matches!(url.scheme(), "http" | "https") {
            let detail = format!("it redirects to {}, which is not the redirect URI {}", shown(&url), self.target());
            return Err(self.lost(request, detail, None));
        }
        // Only these two repeat a request with its body (RFC 9110, sections 15.4.8 and 15.4.9).
        let repeats = matches!(response.status, 307 | 308) && &*request.method == "POST";
        if repeats && origin(&url) != origin(&request.url) {
            let detail = format!("it would send the login form on to another site, {}", shown(&url));
            return Err(self.lost(request, detail, None));
        }
        let mut next = if repeats { request.clone() } else { Request::new("GET", url.clone()) };
        next.url = url;
        next.timeout = self.route.timeout;
        Ok(Next::Request(Box::new(next)))
    }

    /// What to do with a page: fill in the login, agree to a consent, or give up.
    fn page(&mut self, request: &Request, response: &Response) -> Result<Next, AuthError> {
        if response.status == 429 || response.status >= 500 {
            let said = Box::new(answer::said(response, self.login.redactor));
            let retry_after = response.headers.get("retry-after").map(Box::from);
            let trouble =
                Trouble::Unavailable { what: "the form login".into(), status: response.status, said, retry_after };
            return Err(self.at(request, trouble));
        }
        let kind = response.media_type();
        if !kind.is_empty() && !kind.contains("html") {
            let said = answer::said(response, self.login.redactor);
            let detail = format!("{} {} answered {}{said}", request.method, shown(&request.url), response.status);
            return Err(self.lost(
                request,
                detail,
                Some("the authorization endpoint may not know this client or its redirect URI"),
            ));
        }
        let page = page::read(&response.text(), &response.url);
        // `response_mode=form_post`: the parameters stand in a form that scripts submit.
        if let Some(form) = page.forms.iter().find(|form| self.arrives(&form.action)) {
            return Ok(Next::Arrived(form.controls.iter().map(|c| (c.name.clone(), c.value.clone())).collect()));
        }
        if let Some(form) = self.login_form(&page) {
            return self.fill_in(request, form, &page);
        }
        let consent = page
            .forms
            .iter()
            .find(|form| form.method != Method::Never && form.passwords() == 0 && agreeing(form).is_some());
        if let Some(form) = consent {
            self.consents += 1;
            if self.consents > CONSENTS {
                return Err(self.lost(request, "its consent page comes back each time it is confirmed".into(), None));
            }
            return self.submit(request, form, &[], agreeing(form));
        }
        if let Some(url) = &page.refresh {
            return self.redirected(request, response, url.as_str());
        }
        if let [form] = page.forms.as_slice()
            && form.sends_itself()
        {
            return self.submit(request, form, &[], None);
        }
        Err(self.nothing(request, response, &page))
    }

    /// The form to log in with: the one with most of the named inputs, else the one that asks for a password.
    fn login_form<'p>(&self, page: &'p Page) -> Option<&'p Form> {
        let named = |form: &Form| self.route.fill.iter().filter(|(name, _)| form.visible(name).is_some()).count();
        let candidates = || page.forms.iter().filter(|form| form.method != Method::Never && form.action.has_host());
        // Of equals the first: pages repeat their form for narrow screens.
        let best = candidates()
            .filter(|form| named(form) > 0)
            .min_by_key(|form| (form.is_another_kind(), std::cmp::Reverse(named(form)), form.passwords() == 0));
        best.filter(|form| !form.is_another_kind() || named(form) == self.route.fill.len())
            .or_else(|| candidates().find(|form| form.passwords() == 1 && !form.is_another_kind()))
    }

    fn fill_in(&mut self, request: &Request, form: &Form, page: &Page) -> Result<Next, AuthError> {
        let fill = self.values(form);
        let asks = form.names().join(", ");
        if fill.is_empty() {
            let wanted: Vec<&str> = self.route.fill.iter().map(|(name, _)| name.as_str()).collect();
            let detail = format!("its form has no input named {}; it has {asks}", wanted.join(" or "));
            return Err(self.lost(
                request,
                detail,
                Some("write the names of the page's inputs under `authorize.form`"),
            ));
        }
        if fill.iter().all(|(name, _)| self.filled.contains(name)) {
            let said = page.error.as_ref().map(|text| self.show(text).into());
            return Err(self.at(request, Trouble::LoginRefused { said }));
        }
        self.filled.extend(fill.iter().map(|(name, _)| name.clone()));
        self.submit(request, form, &fill, entering(form))
    }

    /// What goes into the inputs of a form. Without a list of inputs, the password goes where a password is asked for
    /// and the user name into the control before it.
    fn values(&self, form: &Form) -> Vec<(String, String)> {
        if !self.route.fill.is_empty() {
            return self.route.fill.iter().filter(|(name, _)| form.visible(name).is_some()).cloned().collect();
        }
        let credential = |name: &str| self.login.identity.credential(name).unwrap_or_default().to_owned();
        let mut fill = Vec::new();
        let password = form.controls.iter().position(|control| control.kind == ControlKind::Password);
        if let Some(at) = password {
            let user = form.controls[..at].iter().rev().find(|control| control.kind == ControlKind::Visible);
            fill.extend(user.map(|control| (control.name.clone(), credential("username"))));
            fill.push((form.controls[at].name.clone(), credential("password")));
        }
        fill
    }

    fn submit(
        &self,
        request: &Request,
        form: &Form,
        fill: &[(String, String)],
        button: Option<&Button>,
    ) -> Result<Next, AuthError> {
        if form.encoding == FormEncoding::Plain && form.method == Method::Post {
            return Err(self.lost(request, "its form is sent as text/plain, which is not supported".into(), None));
        }
        let next = form.submit(fill, button, self.route.timeout);
        let foreign = origin(&next.url) != origin(&request.url);
        if next.url.scheme() != "https" && (foreign || !is_loopback(&next.url)) {
            return Err(self.login.identity.error(Trouble::Insecure { url: shown(&next.url).into() }));
        }
        Ok(Next::Request(Box::new(next)))
    }

    /// Whether a URL is the redirect URI: the same but for the query (RFC 6749, section 3.1.2).
    fn arrives(&self, url: &Url) -> bool {
        let target = &self.route.target;
        origin(url) == origin(target) && url.path() == target.path()
    }

    fn target(&self) -> String {
        shown(&self.route.target)
    }

    fn nothing(&self, request: &Request, response: &Response, page: &Page) -> AuthError {
        let title = page.title.as_ref().map(|title| format!(" \"{}\"", self.show(title))).unwrap_or_default();
        let said = page.error.as_ref().map(|text| format!(", which says \"{}\"", self.show(text))).unwrap_or_default();
        let forms = match page.forms.len() {
            0 => "no login form".to_owned(),
            1 => format!("its form has {}", list(&page.forms[0].names())),
            count => format!("{count} forms, and none of them is a login or consent form"),
        };
        let detail =
            format!("{} answered {} with the page{title}{said}: {forms}", shown(&request.url), response.status);
        let help = if page.forms.is_empty() {
            "a page that is built with JavaScript needs a browser: `by: browser`"
        } else {
            "write the names of the page's inputs under `authorize.form`"
        };
        self.lost(request, detail, Some(help))
    }

    fn lost(&self, request: &Request, detail: String, help: Option<&str>) -> AuthError {
        self.at(request, Trouble::Page { detail: detail.into(), help: help.map(Into::into) })
    }

    fn at(&self, request: &Request, trouble: Trouble) -> AuthError {
        AuthError { request: Some(line(request).into()), ..self.login.identity.error(trouble) }
    }

    fn show(&self, text: &str) -> String {
        answer::excerpt(text, self.login.redactor)
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "hidden inputs only".to_owned() } else { names.join(", ") }
}

fn pairs(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
