//! Made-up runs: a builder for the events of any, and some that show what can happen.

use crate::event::{
    Answer, Case, Class, Count, Event, Excerpt, Exchange, Finding, Kind, Phase, RunFinished, RunStarted,
    ScenarioFinished, ScenarioStarted, Step, VERSION, Verdict,
};
use crate::source::{Located, Place, Severity};

/// The events of a run, as they come.
pub(super) struct Run {
    pub(super) events: Vec<Event>,
    elapsed_ms: f64,
    planned: usize,
    verdicts: Vec<Verdict>,
    file: String,
}

impl Run {
    pub(super) fn of(planned: usize) -> Self {
        let mut run = Self { events: Vec::new(), elapsed_ms: 0.0, planned, verdicts: Vec::new(), file: String::new() };
        run.add(
            None,
            Kind::RunStarted(RunStarted {
                version: VERSION,
                tool: "callsheet 0.1.0".to_owned(),
                environment: "stg".to_owned(),
                seed: 7,
                scenarios: planned,
                jobs: 16,
            }),
        );
        run
    }

    pub(super) fn add(&mut self, instance: Option<usize>, kind: Kind) {
        let seconds = self.elapsed_ms / 1000.0;
        self.events.push(Event {
            run: "3f2504e0-4f89-41d3-9a0c-0305e82c3301".to_owned(),
            at: format!("2026-11-03T10:00:{seconds:06.3}Z"),
            elapsed_ms: self.elapsed_ms,
            instance,
            kind,
        });
    }

    pub(super) fn begin(&mut self, instance: usize, title: &str, file: &str) {
        self.begin_case(instance, title, file, None);
    }

    pub(super) fn begin_case(&mut self, instance: usize, title: &str, file: &str, case: Option<Case>) {
        self.file = file.to_owned();
        let tags = vec!["smoke".to_owned()];
        let started = ScenarioStarted { title: title.to_owned(), case, file: file.to_owned(), line: 1, tags };
        self.add(Some(instance), Kind::ScenarioStarted(started));
    }

    pub(super) fn step(&mut self, instance: usize, step: Step) {
        self.elapsed_ms += step.duration_ms;
        let step = if step.file.is_empty() { Step { file: self.file.clone(), ..step } } else { step };
        self.add(Some(instance), Kind::StepFinished(std::sync::Arc::new(step)));
    }

    pub(super) fn end(&mut self, instance: usize, verdict: Verdict, reason: Option<&str>, duration_ms: f64) {
        self.verdicts.push(verdict);
        let reason = reason.map(str::to_owned);
        self.add(Some(instance), Kind::ScenarioFinished(ScenarioFinished { verdict, reason, duration_ms }));
    }

    /// A whole scenario.
    pub(super) fn scenario(&mut self, instance: usize, title: &str, file: &str, verdict: Verdict, steps: Vec<Step>) {
        self.begin(instance, title, file);
        let duration_ms = steps.iter().map(|step| step.duration_ms).sum();
        for step in steps {
            self.step(instance, step);
        }
        self.end(instance, verdict, None, duration_ms);
    }

    /// The events, the last one included.
    pub(super) fn finished(mut self, exit_code: u8) -> Vec<Event> {
        let number = |verdict| self.verdicts.iter().filter(|other| **other == verdict).count();
        let finished = RunFinished {
            passed: number(Verdict::Passed),
            flaky: number(Verdict::Flaky),
            failed: number(Verdict::Failed),
            errored: number(Verdict::Errored),
            skipped: number(Verdict::Skipped),
            requests: self.planned * 3,
            login_requests: 0,
            duration_ms: self.elapsed_ms,
            exit_code,
        };
        self.add(None, Kind::RunFinished(finished));
        self.events
    }
}

pub(super) fn step(action: &str, target: &str, status: u16, duration_ms: f64) -> Step {
    Step {
        phase: Phase::Steps,
        id: None,
        name: None,
        action: action.to_owned(),
        target: target.to_owned(),
        file: String::new(),
        line: 12,
        depth: 0,
        verdict: Verdict::Passed,
        reason: None,
        status: Some(status),
        duration_ms,
        attempts: 1,
        expectations: Count { held: 2, total: 2 },
        notes: Vec::new(),
        findings: Vec::new(),
        exchange: None,
        earlier: Vec::new(),
        coverage: None,
        mutants: None,
        rerun: None,
    }
}

pub(super) fn auth(note: &str) -> Step {
    let step = step("auth", "simacan as planner", 200, 0.0);
    Step {
        phase: Phase::Auth,
        status: None,
        notes: vec![note.to_owned()],
        expectations: Count::default(),
        line: 3,
        ..step
    }
}

pub(super) fn skipped(step: Step, reason: &str) -> Step {
    Step { verdict: Verdict::Skipped, status: None, duration_ms: 0.0, reason: Some(reason.to_owned()), ..step }
}

pub(super) fn failed(step: Step, findings: Vec<Finding>) -> Step {
    let failed = findings.iter().filter(|finding| finding.class == Class::Expectation).count();
    let verdict = if failed == findings.len() { Verdict::Failed } else { Verdict::Errored };
    let total = if failed == 0 { 0 } else { failed + 3 };
    let rerun = Some(format!("--only 'examples/simacan/trip.yaml:{}' --env stg --seed 7", step.line));
    Step { verdict, expectations: Count { held: total - failed, total }, findings, rerun, ..step }
}

pub(super) fn finding(class: Class, id: &str, message: &str, places: Vec<Place>) -> Finding {
    let problem = Located {
        id: id.to_owned(),
        severity: Severity::Error,
        message: message.to_owned(),
        places,
        notes: Vec::new(),
        help: Vec::new(),
        details: String::new(),
    };
    Finding { class, problem, differences: Vec::new() }
}

pub(super) fn place(path: &str, line: usize, source: [&str; 3], text: &str) -> Place {
    let column = source[0].chars().count() + 1;
    Place { path: path.to_owned(), line, column, source: source.map(str::to_owned), text: text.to_owned() }
}

pub(super) fn exchange(method: &str, url: &str, status: u16, body: &str) -> Box<Exchange> {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let answer_headers = vec![
        field("date", "Tue, 03 Nov 2026 10:00:00 GMT"),
        field("content-type", "application/json"),
        field("x-request-id", "c0ffee"),
    ];
    Box::new(Exchange {
        method: method.to_owned(),
        url: url.to_owned(),
        request_headers: vec![
            field("accept", "*/*"),
            field("authorization", "Bearer {{auth.simacan.access_token}}"),
            field("user-agent", "callsheet/0.1.0"),
        ],
        request_body: None,
        response: Some(Answer {
            status,
            http: "2".to_owned(),
            headers: answer_headers,
            body: Some(Excerpt { text: body.to_owned(), bytes: body.len(), cut: false }),
        }),
        curl: format!("curl -sS -X {method} -H 'authorization: Bearer {{{{auth.simacan.access_token}}}}' '{url}'"),
        duration_ms: 12.0,
    })
}

pub(super) const TRIP: &str = "examples/simacan/trip.yaml";

/// The failure that the format's reference shows, and more of its kind.
pub(super) fn trip_differs() -> Vec<Step> {
    let mut state = finding(
        Class::Expectation,
        "expect.json",
        "$.state is not what was expected",
        vec![place(TRIP, 24, ["        state: ", "PLANNED", ""], "the answer has \"CANCELLED\"")],
    );
    state.problem.details = "  $.state\n-   \"PLANNED\"\n+   \"CANCELLED\"\n  $.stops                      (3 expected, 4 came)\n    [0] …                      same\n+   [1] { \"id\": \"S-9\", … }     not expected\n    [2] …                      same".to_owned();
    let header = finding(
        Class::Expectation,
        "expect.headers",
        "header date is not what was expected",
        vec![place(
            TRIP,
            27,
            ["        date: ", "<in the future>", ""],
            "the answer has \"Tue, 03 Nov 2026 10:00:00 GMT\"",
        )],
    );
    let body = r#"{"id":"T-1001","state":"CANCELLED","plate":"AB-12-CD","stops":[{"id":"S-1","at":"2026-11-03T10:00:00Z"},{"id":"S-9","at":"2026-11-03T10:30:00Z"},{"id":"S-2","at":"2026-11-03T11:00:00Z"},{"id":"S-3","at":"2026-11-03T12:00:00Z"}],"links":{"self":"/trips/T-1001"}}"#;
    let read = Step { line: 20, ..step("GET", "/trips/T-1001", 200, 12.0) };
    let exchange = exchange("GET", "https://trips-stg.services.example.com/trips/T-1001", 200, body);
    vec![
        auth("reused, 52m left"),
        step("POST", "/trips", 201, 34.0),
        Step { exchange: Some(exchange), ..failed(read, vec![state, header]) },
    ]
}

/// A provider that refuses.
pub(super) fn auth_refused() -> Vec<Step> {
    let mut refused = finding(
        Class::Auth,
        "auth.refused",
        "simacan (stg) refused the password login: 401 invalid_grant \"Bad credentials\"",
        vec![place(TRIP, 3, ["auth: ", "simacan", ""], "")],
    );
    refused.problem.notes = vec!["POST https://auth-service-stg.services.simacan.com/api/v1/auth/password".to_owned()];
    refused.problem.help = vec![
        "SIMACAN_STG_USERNAME came from .env.stg, SIMACAN_STG_PASSWORD from the environment; staging and production have separate credentials".to_owned(),
    ];
    let login = Step { duration_ms: 88.0, notes: Vec::new(), ..auth("") };
    let reason = "the auth step failed";
    vec![
        failed(login, vec![refused]),
        skipped(step("POST", "/trips", 0, 0.0), reason),
        skipped(step("GET", "/trips/T-1001", 0, 0.0), reason),
    ]
}

/// A host that is not there.
pub(super) fn unreachable() -> Vec<Step> {
    let mut dead = finding(
        Class::Environment,
        "environment.connect",
        "could not connect to trips-stg.services.example.com:443: connection refused",
        vec![place(TRIP, 12, ["  - post: ", "/trips", ""], "")],
    );
    dead.problem.help = vec!["is the environment up? try: curl -sS https://trips-stg.services.example.com/".to_owned()];
    let mut exchange = exchange("POST", "https://trips-stg.services.example.com/trips", 0, "");
    exchange.response = None;
    exchange.request_body =
        Some(Excerpt { text: r#"{"plate":"AB-12-CD","stops":3}"#.to_owned(), bytes: 30, cut: false });
    exchange.duration_ms = 3.0;
    let call = Step { status: None, ..step("POST", "/trips", 0, 3.0) };
    vec![auth("reused, 52m left"), Step { exchange: Some(exchange), ..failed(call, vec![dead]) }]
}
