//! A login of a service's own making: a page that sets a cookie and a CSRF token, a form that takes both, and a session
//! token that ends.

use hyper::header::{HeaderName, SET_COOKIE};
use hyper::{Method, StatusCode};
use serde_json::json;

use super::super::call::Call;
use super::super::reply::{Answer, Reply};
use super::super::state::{State, lock};

const USER: (&str, &str) = ("anna", "open sesame");
const LIFE: u64 = 3600;

/// `GET /start`, `POST /open`, and `GET /who` for whoever has a session.
pub(super) fn answer(state: &State, call: &Call, path: &str) -> Answer {
    let refused = |status, why: &str| Box::new(Reply::error(status, "no_session", why));
    match (path, &call.method) {
        ("start", &Method::GET) => {
            let number = lock(&state.echo.sessions).begin();
            let page = format!("<form><input name=\"ticket\" value=\"ticket-{number}-of-the-page\"></form>");
            Ok(Reply::html(StatusCode::OK, page)
                .and(SET_COOKIE, &format!("visit=visit-{number}-cookie; Path=/echo; HttpOnly"))
                .with(HeaderName::from_static("x-csrf"), &format!("csrf-{number}-of-the-header")))
        }
        ("open", &Method::POST) => {
            let visit = call.cookie("visit").and_then(|visit| visit.strip_prefix("visit-")?.strip_suffix("-cookie"));
            let Some(number) = visit.and_then(|number| number.parse::<u64>().ok()) else {
                return Err(refused(StatusCode::FORBIDDEN, "the cookie of the page is missing"));
            };
            let form = call.form();
            if call.header("x-csrf") != Some(&*format!("csrf-{number}-of-the-header"))
                || form.get("ticket") != Some(&*format!("ticket-{number}-of-the-page"))
            {
                return Err(refused(StatusCode::FORBIDDEN, "the ticket of the page is missing"));
            }
            if (form.get("user").unwrap_or_default(), form.get("password").unwrap_or_default()) != USER {
                return Err(refused(StatusCode::UNAUTHORIZED, "the name or the password is wrong"));
            }
            let session = lock(&state.echo.sessions).open(number);
            let life = call.query().get("life").and_then(|life| life.parse().ok()).unwrap_or(LIFE);
            Ok(Reply::ok(&json!({ "session": { "id": session, "lives": life }, "ok": true })).no_store())
        }
        ("who", _) => {
            let id = call.header("x-session").unwrap_or_default();
            if !lock(&state.echo.sessions).is_open(id) {
                return Err(refused(StatusCode::UNAUTHORIZED, "the session has ended"));
            }
            Ok(Reply::ok(&json!({ "user": USER.0 })))
        }
        ("end", &Method::POST) => {
            lock(&state.echo.sessions).end();
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }
        _ => Ok(Reply::not_found("there are start, open, who and end")),
    }
}

/// The sessions that are open, and how many visits began.
#[derive(Default)]
pub(super) struct Sessions {
    visits: u64,
    open: Vec<String>,
}

impl Sessions {
    fn begin(&mut self) -> u64 {
        self.visits += 1;
        self.visits
    }

    fn open(&mut self, number: u64) -> String {
        let session = format!("session-{number}-that-is-open");
        self.open.push(session.clone());
        session
    }

    fn is_open(&self, id: &str) -> bool {
        self.open.iter().any(|session| session == id)
    }

    fn end(&mut self) {
        self.open.clear();
    }
}
