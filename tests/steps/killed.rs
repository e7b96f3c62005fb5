//! A run that is ended from outside: whoever looks for its report finds the one before it, or a whole new one.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{CONFIG, scenario};

const OLD: &str = "the report of the run before";

/// Much is told of it, so that writing it takes a moment.
const LONG: &str = "steps:\n  - { get: /json/200, for_each: '{{ range(150) }}' }\n";

const PATIENCE: Duration = Duration::from_mins(1);

fn start(folder: &Path, body: &str) -> Child {
    fs::write(folder.join("callsheet.yaml"), CONFIG).expect("a file can be written");
    fs::write(folder.join("echo.yaml"), scenario(body)).expect("a file can be written");
    for report in ["r.json", "r.xml", "r.jsonl"] {
        fs::write(folder.join(report), OLD).expect("a file can be written");
    }
    Command::new(env!("CARGO_BIN_EXE_callsheet"))
        .args(["run", "-v", "--report", "json=r.json", "--report", "junit=r.xml", "--report", "events=r.jsonl"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts")
}

fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("`kill` starts").success(), "the run was over before it could be ended");
}

/// Waits until something holds that the run must come to while it goes on.
#[track_caller]
fn wait(child: &mut Child, mut until: impl FnMut() -> bool) {
    let since = Instant::now();
    while !until() {
        assert!(since.elapsed() < PATIENCE, "it never came to that");
        assert!(child.try_wait().expect("a child can be asked").is_none(), "the run ended before it came to that");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The part of a report that has been written, beside its place.
fn half_written(folder: &Path) -> bool {
    fs::read_dir(folder).expect("the folder is there").flatten().any(|entry| {
        entry.file_name().to_string_lossy().starts_with(".callsheet-")
            && entry.metadata().is_ok_and(|found| found.len() > 0)
    })
}

/// Each report is the old one, or a whole new one. Tells how many are new.
#[track_caller]
fn whole(folder: &Path) -> usize {
    let mut new = 0;
    let mut look = |name: &str, is_whole: fn(&str) -> bool| {
        let text = text(folder, name);
        assert!(text == OLD || is_whole(&text), "{name} is half a report of {} bytes", text.len());
        new += usize::from(text != OLD);
    };
    look("r.json", |text| serde_json::from_str::<serde_json::Value>(text).is_ok());
    look("r.xml", |text| text.trim_end().ends_with("</testsuites>"));
    look("r.jsonl", |text| {
        let last = text.lines().last().unwrap_or_default();
        text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
            && last.contains("\"run_finished\"")
    });
    new
}

#[test]
fn killed_while_a_report_is_written() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut run = start(folder.path(), LONG);
    wait(&mut run, || half_written(folder.path()));
    signal(&run, "-KILL");
    assert_eq!(run.wait().expect("it ends").code(), None, "a signal ended it");
    assert!(whole(folder.path()) < 3, "it was killed before all were written");
    // What was left behind is in nobody's way.
    let mut again = start(folder.path(), "steps: [{ get: /anything }]\n");
    assert!(again.wait().expect("it ends").success());
    assert_eq!(whole(folder.path()), 3);
}

#[test]
fn killed_while_steps_run() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut run = start(folder.path(), "steps:\n  - { name: done, get: /anything }\n  - get: /delay/60000\n");
    let told = || fs::read_to_string(folder.path().join("r.jsonl.partial")).unwrap_or_default();
    wait(&mut run, || told().contains("\"done\""));
    signal(&run, "-KILL");
    run.wait().expect("it ends");
    assert_eq!(whole(folder.path()), 0);
    let events: Vec<_> = told().lines().map(serde_json::from_str::<serde_json::Value>).collect();
    assert!(events.iter().all(Result::is_ok), "what was done until then can be read");
}

#[test]
fn told_to_stop_while_a_report_is_written() {
    for stop in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut run = start(folder.path(), LONG);
        wait(&mut run, || half_written(folder.path()));
        signal(&run, stop);
        run.wait().expect("it ends");
        assert_eq!(whole(folder.path()), 3, "the reports are written to their end after {stop}");
        assert!(!half_written(folder.path()), "nothing is left behind after {stop}");
    }
}

#[test]
fn told_to_stop_while_steps_run_and_again_in_the_teardown() {
    for stop in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let body = "steps:\n  - { name: done, get: /anything }\n  - { name: cut, get: /delay/60000 }\n  - { name: never, get: /anything }\n\
                    teardown:\n  - { name: tidied, get: /anything }\n  - { name: slow, get: /delay/60000 }\n  - { name: left, get: /anything }\n";
        let mut run = start(folder.path(), body);
        let told = || fs::read_to_string(folder.path().join("r.jsonl.partial")).unwrap_or_default();
        wait(&mut run, || told().contains("\"done\""));
        signal(&run, stop);
        wait(&mut run, || told().contains("\"tidied\""));
        signal(&run, stop);
        let since = Instant::now();
        assert_eq!(run.wait().expect("it ends").code(), Some(130), "after {stop}");
        assert!(since.elapsed() < Duration::from_secs(20), "it took {:?}", since.elapsed());
        assert_eq!(whole(folder.path()), 3, "after {stop}");
        let report = crate::bench::Report(serde_json::from_str(&text(folder.path(), "r.json")).expect("it is JSON"));
        assert_eq!(
            report.outline(),
            "steps done: passed\nsteps cut: errored, interrupted\nsteps never: skipped, interrupted\n\
             teardown tidied: passed\nteardown slow: errored, interrupted\nteardown left: skipped, interrupted\n"
        );
    }
}
