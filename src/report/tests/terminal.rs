//! What people read.

use super::super::{Report, Screen, Terminal, Verbosity};
use super::run::{self, Run, TRIP, auth, exchange, failed, finding, place, skipped, step};
use super::{Paper, tell};
use crate::event::{Case, Class, Event, Excerpt, Kind, Phase, Step, Verdict};
use crate::source::{Colour, Located, Severity};
use snapbox::{assert_data_eq, file};

fn shown(events: &[Event], screen: Screen, verbosity: Verbosity) -> String {
    let paper = Paper::default();
    tell(&mut Terminal::new(Box::new(paper.clone()), screen, verbosity), events);
    paper.text()
}

fn plain(events: &[Event]) -> String {
    shown(events, Screen::plain(), Verbosity::Normal)
}

/// Some of everything.
fn mixed() -> Vec<Event> {
    let mut run = Run::of(9);
    let calls =
        || vec![auth("fetched, 60m left"), step("POST", "/trips", 201, 34.0), step("GET", "/trips/T-1", 200, 12.4)];
    run.scenario(0, "A device can be renamed", "examples/gridshare/rename.yaml", Verdict::Passed, calls());
    run.scenario(1, "A trip pushed to staging can be read back", TRIP, Verdict::Failed, run::trip_differs());
    run.scenario(2, "Trips are listed page by page", "examples/simacan/pages.yaml", Verdict::Passed, calls());
    run.begin(3, "Only where writing is allowed", "examples/simacan/write.yaml");
    run.end(3, Verdict::Skipped, Some("prod is read-only"), 0.0);
    let retried = Step { verdict: Verdict::Flaky, attempts: 3, ..step("GET", "/devices", 200, 640.0) };
    run.scenario(4, "Devices are listed", "examples/gridshare/list.yaml", Verdict::Flaky, vec![retried]);
    run.scenario(5, "A planner may log in", TRIP, Verdict::Errored, run::auth_refused());
    run.scenario(6, "An auditor may read trips", "examples/simacan/audit.yaml", Verdict::Errored, run::auth_refused());
    run.scenario(7, "A trip can be planned", TRIP, Verdict::Errored, run::unreachable());
    run.scenario(8, "And all is well in the end", "examples/simacan/end.yaml", Verdict::Passed, calls());
    run.finished(1)
}

#[test]
fn a_run_of_which_everything_passed() {
    let mut run = Run::of(2);
    run.scenario(
        0,
        "A device can be renamed",
        "a.yaml",
        Verdict::Passed,
        vec![auth("reused"), step("GET", "/a", 200, 412.0)],
    );
    run.scenario(1, "Devices are listed", "b.yaml", Verdict::Passed, vec![step("GET", "/b", 200, 2412.0)]);
    let expected = "\
✓ A device can be renamed                                         stg · 412 ms
✓ Devices are listed                                              stg · 2.41 s

2 passed · 6 requests · 2.82 s · stg · seed 7
";
    assert_data_eq!(plain(&run.finished(0)), expected);
}

#[test]
fn some_of_everything() {
    let screen = Screen { columns: 80, rows: Some(24), ..Screen::plain() };
    assert_data_eq!(plain(&mixed()), file!["../snapshots/mixed.txt"].raw());
    assert_data_eq!(shown(&mixed(), screen, Verbosity::Normal), file!["../snapshots/mixed-80.txt"].raw());
    assert_data_eq!(shown(&mixed(), Screen::plain(), Verbosity::Quiet), file!["../snapshots/mixed-quiet.txt"].raw());
    let screen = Screen { colour: Colour::Always, ..Screen::plain() };
    assert_data_eq!(shown(&mixed(), screen, Verbosity::Normal), file!["../snapshots/mixed-colour.txt"].raw());
}

#[test]
fn more_is_said_where_more_is_asked_for() {
    let mut run = Run::of(2);
    let mut created = exchange("POST", "https://trips-stg.services.example.com/trips", 201, r#"{"id":"T-1001"}"#);
    created.request_body = Some(Excerpt { text: r#"{"plate":"AB-12-CD"}"#.to_owned(), bytes: 20, cut: false });
    let create =
        Step { name: Some("Create a trip".to_owned()), exchange: Some(created), ..step("POST", "/trips", 201, 34.0) };
    run.scenario(0, "A trip can be made", TRIP, Verdict::Passed, vec![auth("fetched, 60m left"), create]);
    run.scenario(1, "A trip pushed to staging can be read back", TRIP, Verdict::Failed, run::trip_differs());
    let events = run.finished(1);
    assert_data_eq!(shown(&events, Screen::plain(), Verbosity::Verbose), file!["../snapshots/verbose.txt"].raw());
    assert_data_eq!(shown(&events, Screen::plain(), Verbosity::Full), file!["../snapshots/full.txt"].raw());
}

#[test]
fn setup_and_teardown_are_told_apart_from_the_steps() {
    let in_part = |phase, step| Step { phase, ..step };
    let dead = || finding(Class::Expectation, "expect.status", "the status is 500, not 2xx or 3xx", vec![]);
    let mut run = Run::of(2);
    let setup = failed(in_part(Phase::Setup, step("POST", "/fleet", 500, 5.0)), vec![dead()]);
    let reason = "the setup failed";
    let steps = vec![
        auth("reused, 52m left"),
        setup,
        skipped(step("GET", "/trips", 0, 0.0), reason),
        in_part(Phase::Teardown, step("DELETE", "/fleet", 204, 3.0)),
    ];
    run.scenario(0, "The fleet is there first", TRIP, Verdict::Errored, steps);
    let teardown = failed(in_part(Phase::Teardown, step("DELETE", "/fleet", 500, 5.0)), vec![dead()]);
    let steps =
        vec![in_part(Phase::Setup, step("POST", "/fleet", 201, 5.0)), step("GET", "/trips", 200, 9.0), teardown];
    run.scenario(1, "The fleet is gone after", TRIP, Verdict::Failed, steps);
    assert_data_eq!(plain(&run.finished(1)), file!["../snapshots/setup.txt"].raw());
}

#[test]
fn cases_fragments_polls_and_long_tables() {
    let mut run = Run::of(4);
    let case = |number, label: &str| Some(Case { number, label: label.to_owned() });
    run.begin_case(0, "Greeted in the right language", "greet.yaml", case(1, "lang=nl"));
    run.end(0, Verdict::Passed, None, 31.0);
    run.begin_case(1, "Greeted in the right language", "greet.yaml", case(2, ""));
    run.end(1, Verdict::Passed, None, 30.0);

    let deep = |depth, step: Step| Step { depth, file: "fragments/create.yaml".to_owned(), ..step };
    let waits = finding(
        Class::Expectation,
        "expect.json",
        "$.state is not what was expected",
        vec![place("fragments/create.yaml", 9, ["      json: { state: ", "DONE", " }"], "the answer has \"PENDING\"")],
    );
    let answer = || *exchange("GET", "https://jobs.example.com/jobs/1", 200, r#"{"state":"PENDING","progress":0.5}"#);
    let polled = Step {
        attempts: 31,
        notes: vec!["polled for 30s".to_owned()],
        exchange: Some(Box::new(answer())),
        earlier: vec![answer(), answer()],
        ..failed(deep(1, step("GET", "/jobs/1", 200, 30_012.0)), vec![waits])
    };
    let steps = vec![
        Step { status: None, ..step("use", "fragments/create.yaml", 0, 30_100.0) },
        deep(1, step("POST", "/jobs", 202, 20.0)),
        polled,
    ];
    run.scenario(2, "A job comes to its end", "jobs.yaml", Verdict::Failed, steps);

    let mut steps: Vec<Step> = (0..40).map(|at| step("GET", &format!("/items/{at}"), 200, 2.0)).collect();
    let missing = finding(Class::Scenario, "capture.nothing", "$.next names nothing in the answer", vec![]);
    steps.push(failed(step("GET", "/items/40", 200, 2.0), vec![missing]));
    steps.extend((41..60).map(|at| skipped(step("GET", &format!("/items/{at}"), 0, 0.0), "a step before it failed")));
    run.scenario(3, "Every item is there", "items.yaml", Verdict::Errored, steps);
    assert_data_eq!(plain(&run.finished(1)), file!["../snapshots/tables.txt"].raw());
}

#[test]
fn an_interrupted_run_says_what_it_did() {
    let mut run = Run::of(100);
    run.scenario(0, "Done in time", "a.yaml", Verdict::Passed, vec![step("GET", "/a", 200, 9.0)]);
    run.begin(1, "Never ends", "b.yaml");
    run.step(1, step("GET", "/slow", 200, 4000.0));
    run.begin(3, "Was the first to end", "d.yaml");
    run.end(3, Verdict::Passed, None, 10.0);
    run.add(None, Kind::Interrupted);
    let expected = "\
✓ Done in time                                                    stg · 9 ms

interrupted: no new step starts, and teardowns are run; press Ctrl-C again to stop at once

! Never ends                                                      stg · 4.00 s · b.yaml
  ✓ GET   /slow                   200 · 4.00 s
  ! interrupted

✓ Was the first to end                                            stg · 10 ms

2 passed, 1 errored · 4.01 s · stg · seed 7
interrupted: 97 of 100 scenarios did not run
";
    assert_data_eq!(plain(&run.events), expected.replace("2 passed, 1 errored", "1 errored, 2 passed"));
}

#[test]
fn scenarios_are_shown_in_the_order_of_the_plan() {
    let paper = Paper::default();
    let mut report = Terminal::new(Box::new(paper.clone()), Screen::plain(), Verbosity::Normal);
    let mut run = Run::of(3);
    for at in 0..3 {
        run.begin(at, &format!("Number {at}"), "a.yaml");
    }
    run.end(1, Verdict::Passed, None, 1.0);
    let told = run.events.len();
    run.events.iter().for_each(|event| report.event(event).unwrap());
    report.idle().unwrap();
    assert_eq!(paper.text(), "", "the first one goes on");
    run.end(0, Verdict::Passed, None, 2.0);
    run.events[told..].iter().for_each(|event| report.event(event).unwrap());
    report.idle().unwrap();
    let lines: Vec<String> = paper.text().lines().map(|line| line.chars().take(10).collect()).collect();
    assert_eq!(lines, ["✓ Number 0", "✓ Number 1"]);
}

#[test]
fn long_and_wide_names_stay_in_their_columns() {
    let mut run = Run::of(4);
    let long =
        "A title that goes on and on, because whoever wrote it wanted to say everything at once, and then some more";
    let path = "examples/a/folder/within/a/folder/within/a/folder/within/a/folder/within/a/folder/trip.yaml";
    let target = format!("/trips?filter={}", "x".repeat(120));
    run.scenario(0, long, path, Verdict::Passed, vec![]);
    run.scenario(1, "旅程を作成して読み戻すことができる 🚚📦", path, Verdict::Passed, vec![]);
    let wrong = finding(
        Class::Expectation,
        "expect.json",
        "$.city is not what was expected",
        vec![place(path, 24, ["        city: ", "東京", " # 🚚"], "the answer has \"大阪\"")],
    );
    let named = Step { name: Some("旅程を読む".to_owned()), ..step("GET", "/t", 200, 1.0) };
    run.scenario(2, long, path, Verdict::Failed, vec![named, failed(step("GET", &target, 200, 7.0), vec![wrong])]);
    run.scenario(3, "Red \u{1b}[31mtitle\u{1b}[2J\r\nof two lines", path, Verdict::Passed, vec![]);
    let events = run.finished(1);
    assert_data_eq!(plain(&events), file!["../snapshots/wide.txt"].raw());
    let screen = Screen { columns: 60, rows: Some(24), ..Screen::plain() };
    assert_data_eq!(shown(&events, screen, Verbosity::Normal), file!["../snapshots/wide-60.txt"].raw());
}

#[test]
fn bodies_of_every_kind() {
    let wrong = || vec![finding(Class::Expectation, "expect.status", "the status is 500, not 2xx or 3xx", vec![])];
    let answered = |body: &str, bytes, cut| {
        let mut exchange = exchange("GET", "https://api.example.com/x", 500, "");
        if let Some(answer) = &mut exchange.response {
            answer.body = Some(Excerpt { text: body.to_owned(), bytes, cut });
        }
        Step { exchange: Some(exchange), ..failed(step("GET", "/x", 500, 7.0), wrong()) }
    };
    let html = "<html>\n\t<h1>\u{1b}[31mOops\u{1b}[0m</h1>\n</html>\n";
    let items: Vec<String> =
        (0..50).map(|at| format!(r#"{{"id":{at},"name":"item {at}","text":"{}"}}"#, "x".repeat(60))).collect();
    let long = format!("[{}]", items.join(","));
    let mut run = Run::of(5);
    run.scenario(0, "Empty", "a.yaml", Verdict::Failed, vec![answered("", 0, false)]);
    run.scenario(1, "Bytes", "a.yaml", Verdict::Failed, vec![answered("\u{fffd}PNG\r\n\u{1a}\n\0\0\0", 20_123, true)]);
    run.scenario(2, "HTML", "a.yaml", Verdict::Failed, vec![answered(html, html.len(), false)]);
    run.scenario(3, "Long", "a.yaml", Verdict::Failed, vec![answered(&long, long.len(), false)]);
    run.scenario(4, "Cut", "a.yaml", Verdict::Failed, vec![answered(&long[..300], long.len(), true)]);
    assert_data_eq!(plain(&run.finished(1)), file!["../snapshots/bodies.txt"].raw());
}

#[test]
fn a_dead_host_is_told_of_once() {
    let mut run = Run::of(1000);
    for at in 0..1000 {
        run.scenario(at, &format!("Number {at}"), TRIP, Verdict::Errored, run::unreachable());
    }
    let text = plain(&run.finished(4));
    assert_eq!(text.matches("error[environment.connect]").count(), 1);
    assert_eq!(text.matches("environment.connect, as above").count(), 999);
    let expected = "\
! Number 999                                                      environment.connect, as above

  ! Number 0  examples/simacan/trip.yaml:12  environment.connect
    and 999 more for the same reason

1000 errored · 3000 requests · 3.00 s · stg · seed 7
1000 could not reach stg
";
    let end = text.rfind("! Number 999").unwrap();
    assert_data_eq!(&text[end..], expected);
}

#[test]
fn warnings_are_shown_where_they_belong() {
    let mut run = Run::of(1);
    let problem = |message: &str| Located {
        severity: Severity::Warning,
        ..finding(
            Class::Scenario,
            "project.unused",
            message,
            vec![place("callsheet.yaml", 3, ["  ", "stage", ": {}"], "")],
        )
        .problem
    };
    run.add(None, Kind::Warning { problem: problem("environment stage is never used") });
    run.begin(0, "Passes all the same", "a.yaml");
    run.step(0, step("GET", "/a", 200, 3.0));
    run.add(Some(0), Kind::Warning { problem: problem("a cookie was refused") });
    run.end(0, Verdict::Passed, None, 3.0);
    assert_data_eq!(plain(&run.finished(0)), file!["../snapshots/warnings.txt"].raw());
}

/// Not asserted, as machines differ; shown with `--nocapture`.
#[test]
fn a_thousand_passing_scenarios_cost_little() {
    let mut run = Run::of(1000);
    for at in 0..1000 {
        let steps = (0..7).map(|at| step("GET", &format!("/items/{at}"), 200, 2.0)).collect();
        run.scenario(at, &format!("Scenario number {at} passes"), "examples/simacan/trip.yaml", Verdict::Passed, steps);
    }
    let events = run.finished(0);
    let paper = Paper::default();
    let mut report = Terminal::new(Box::new(paper.clone()), Screen::plain(), Verbosity::Normal);
    let begun = std::time::Instant::now();
    tell(&mut report, &events);
    let took = begun.elapsed();
    assert_eq!(paper.text().lines().count(), 1002);
    let mut err = std::io::stderr();
    std::io::Write::write_fmt(&mut err, format_args!("1000 scenarios of 7 steps: {took:?}\n")).unwrap();
}
