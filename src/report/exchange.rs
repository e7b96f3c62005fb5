//! What was sent and what came, as lines to be read. What they look like is up to the report.

use super::body::{self, Room};
use super::text::{cut_middle, duration, one_line, size};
use crate::event::{Answer, Exchange, Step};

/// A line about an exchange.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it begins with, as `request`; empty on the lines that follow.
    pub(crate) label: &'static str,
    /// Whether it is only of interest to who looks closer: a header field.
    pub(crate) aside: bool,
    /// The text.
    pub(crate) text: String,
}

/// How much of an exchange is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The request line, the status, and the header fields that matter.
    Head,
    /// The bodies, too, as far as they are soon read.
    Excerpt,
    /// Everything that was kept.
    Whole,
}

/// The columns of the labels, the space behind them included.
pub(crate) const LABEL_COLUMNS: usize = 10;

/// A body of more bytes is only hinted at.
const LARGE: usize = 4096;

/// What was sent and what came in the last call of a step, the answers before that are worth showing, and how to make
/// the same call and to run the same step again. `columns` is what the texts may take.
pub(crate) fn lines(step: &Step, detail: Detail, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(exchange) = &step.exchange {
        let shown = Shown { step, detail, columns };
        shown.request(exchange, &mut lines);
        step.earlier.iter().enumerate().for_each(|(at, earlier)| shown.earlier(at, earlier, &mut lines));
        shown.response(exchange, &mut lines);
        if detail != Detail::Head {
            push(&mut lines, "by hand", exchange.curl.clone());
        }
    }
    lines
}

struct Shown<'s> {
    step: &'s Step,
    detail: Detail,
    columns: usize,
}

impl Shown<'_> {
    fn request(&self, exchange: &Exchange, lines: &mut Vec<Line>) {
        let url = one_line(&exchange.url);
        let room = self.columns.saturating_sub(exchange.method.len() + 1);
        let url = if self.detail == Detail::Whole { url } else { cut_middle(&url, room).into_owned().into() };
        push(lines, "request", format!("{} {url}", exchange.method));
        self.headers(&exchange.request_headers, lines);
        self.body(exchange.request_body.as_ref(), 4, lines);
    }

    fn response(&self, exchange: &Exchange, lines: &mut Vec<Line>) {
        let Some(answer) = &exchange.response else {
            push(lines, "response", format!("none after {}", duration(exchange.duration_ms)));
            return;
        };
        let mut head = head(answer, exchange.duration_ms);
        match &answer.body {
            None => head.push_str(" · no body"),
            Some(body) => {
                head.push_str(" · ");
                head.push_str(&size(body.bytes));
            }
        }
        push(lines, "response", head);
        self.headers(&answer.headers, lines);
        // The beginning of a large body says little; the differences have been listed with their paths.
        let large = answer.body.as_ref().is_some_and(|body| body.bytes > LARGE);
        self.body(answer.body.as_ref(), if large { 3 } else { 8 }, lines);
    }

    fn earlier(&self, at: usize, earlier: &Exchange, lines: &mut Vec<Line>) {
        let mut text = match &earlier.response {
            None => format!("none after {}", duration(earlier.duration_ms)),
            Some(answer) => head(answer, earlier.duration_ms),
        };
        if let Some(body) = earlier.response.as_ref().and_then(|answer| answer.body.as_ref())
            && self.detail != Detail::Head
        {
            let room =
                if self.detail == Detail::Whole { usize::MAX } else { self.columns.saturating_sub(text.len() + 2) };
            text.push_str("  ");
            text.push_str(&body::brief(body, room));
        }
        push(lines, if at == 0 { "earlier" } else { "" }, text);
    }

    fn headers(&self, headers: &[(String, String)], lines: &mut Vec<Line>) {
        for (name, value) in headers {
            if self.detail != Detail::Whole && !matters(name, value) && !self.is_spoken_of(name) {
                continue;
            }
            let text = format!("{}: {}", one_line(name), one_line(value));
            let text = if self.detail == Detail::Whole { text } else { cut_middle(&text, self.columns).into_owned() };
            lines.push(Line { label: "", aside: true, text });
        }
    }

    fn body(&self, body: Option<&crate::event::Excerpt>, most: usize, lines: &mut Vec<Line>) {
        let room = match self.detail {
            Detail::Head => return,
            Detail::Excerpt => Room { columns: Some(self.columns), lines: most },
            Detail::Whole => Room::ENDLESS,
        };
        let body = body.map(|body| body::lines(body, room)).unwrap_or_default();
        lines.extend(body.into_iter().map(|text| Line { label: "", aside: false, text }));
    }

    /// Whether a finding is about this header field.
    fn is_spoken_of(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let findings = self.step.findings.iter().map(|finding| &finding.problem);
        findings.filter(|problem| problem.id.contains("header") || problem.id.contains("cookie")).any(|problem| {
            problem.message.to_ascii_lowercase().contains(&name) || problem.details.to_ascii_lowercase().contains(&name)
        })
    }
}

fn head(answer: &Answer, ms: f64) -> String {
    let reason = hyper::StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason());
    format!("{} {} · {}", answer.status, reason.unwrap_or_default(), duration(ms)).replace("  ", " ")
}

fn push(lines: &mut Vec<Line>, label: &'static str, text: String) {
    lines.push(Line { label, aside: false, text });
}

/// Whether a header field tells something about why a call went as it did.
fn matters(name: &str, value: &str) -> bool {
    const TELLING: [&str; 14] = [
        "accept",
        "allow",
        "authorization",
        "content-type",
        "etag",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "location",
        "retry-after",
        "set-cookie",
        "traceparent",
        "www-authenticate",
        "x-api-key",
    ];
    let name = name.to_ascii_lowercase();
    if name == "accept" && value == "*/*" {
        return false;
    }
    // Whoever looks for the call in the server's log needs the id that it has there.
    TELLING.contains(&name.as_str()) || name.ends_with("request-id") || name.ends_with("trace-id")
}
