//! Reports that cannot be written, and what is asked for wrongly.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::{Fanout, Format, Report, ReportError, ReportSpec, Screen, Target, Terminal, Verbosity};
use super::Paper;
use super::run::{Run, step};
use crate::event::{Event, Verdict};

fn passing() -> Vec<Event> {
    let mut run = Run::of(1);
    run.scenario(0, "Passes", "a.yaml", Verdict::Passed, vec![step("GET", "/a", 200, 3.0)]);
    run.finished(0)
}

/// Tells a report of a run, but not that it will hear no more.
fn hear(report: &mut dyn Report) {
    for event in passing() {
        report.event(&event).unwrap();
    }
}

fn open(kind: &str, path: &Path) -> Result<Box<dyn Report>, ReportError> {
    let spec = ReportSpec::parse(&format!("{kind}={}", path.display())).unwrap();
    spec.open(|| unreachable!("it goes to a file"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A place where nothing can be written.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn files_are_there_when_they_are_complete_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["junit", "json", "events"] {
        let path = folder.path().join("new/folder").join(kind);
        let mut report = open(kind, &path).unwrap();
        hear(&mut *report);
        report.idle().unwrap();
        assert!(!path.exists(), "{kind}");
        report.finish().unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("Passes"), "{kind}");
    }
    assert_eq!(names(&folder.path().join("new/folder")), ["events", "json", "junit"]);
}

#[test]
fn what_a_killed_run_did_is_found_beside_the_stream() {
    let folder = tempfile::tempdir().unwrap();
    let mut report = open("events", &folder.path().join("run.ndjson")).unwrap();
    hear(&mut *report);
    report.idle().unwrap();
    // A process that is killed drops nothing.
    std::mem::forget(report);
    assert_eq!(names(folder.path()), ["run.ndjson.partial"]);
    let written = fs::read(folder.path().join("run.ndjson.partial")).unwrap();
    assert_eq!(super::super::events::read("", written.as_slice()).unwrap().events, passing());
}

#[cfg(unix)]
#[test]
fn reports_can_be_read_by_others_links_stay_links_and_devices_devices() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real.xml"), folder.path().join("link.xml"));
    fs::write(&real, "old").unwrap();
    symlink(&real, &link).unwrap();
    let mut report = open("junit", &link).unwrap();
    report.finish().unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().starts_with("<?xml"));
    let ordinary = fs::File::create(folder.path().join("ordinary")).unwrap().metadata().unwrap().permissions();
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode(), ordinary.mode());
    open("json", Path::new("/dev/null")).unwrap().finish().unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_place_that_cannot_be_written_to_is_known_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let error = open("junit", folder.path()).err().unwrap();
    let problem = error.diagnostic();
    assert_eq!(
        (problem.id, problem.help.as_slice()),
        ("report.write", ["name a file, not a folder".to_owned()].as_slice())
    );
    assert!(
        problem.message.starts_with(&format!("could not write {}: ", folder.path().display())),
        "{}",
        problem.message
    );
    fs::write(folder.path().join("file"), "").unwrap();
    assert!(open("json", &folder.path().join("file/report.json")).is_err());
    assert!(open("events", &folder.path().join("file/report.json")).is_err());
}

#[test]
fn one_report_that_fails_does_not_take_the_others_with_it() {
    let (first, last) = (Paper::default(), Paper::default());
    let to = |out: Box<dyn Write + Send>| ReportSpec::parse("json=-").unwrap().open(|| out).unwrap();
    let broken = Terminal::new(Box::new(Full), Screen::plain(), Verbosity::Normal);
    let mut fanout = Fanout::new(vec![to(Box::new(first.clone())), Box::new(broken)]);
    fanout.add(to(Box::new(Full)));
    fanout.add(to(Box::new(last.clone())));
    for event in passing() {
        fanout.event(&event);
    }
    fanout.idle();
    let errors: Vec<String> = fanout.finish().iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        ["could not write the terminal report: no storage space", "could not write standard output: no storage space"]
    );
    assert_eq!(first.text(), last.text());
    assert!(first.text().contains("Passes"));
}

#[test]
fn a_report_that_could_not_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xml");
    fs::write(&path, "the one before").unwrap();
    let mut destination = super::super::Destination::file(&path).unwrap();
    destination.write(|out| out.write_all(b"half").and(Err(io::ErrorKind::StorageFull.into()))).unwrap_err();
    assert_eq!(names(folder.path()), ["report.xml"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "the one before");
    let mut growing = super::super::Destination::file(&path).unwrap().grow().unwrap();
    growing.write(|_| Err(io::ErrorKind::StorageFull.into())).unwrap_err();
    assert_eq!(names(folder.path()), ["report.xml"]);
}

#[test]
fn what_is_asked_for_is_understood() {
    let spec = ReportSpec::parse("junit=out/a=b.xml").unwrap();
    assert_eq!(spec, ReportSpec { format: Format::Junit, target: Target::File(PathBuf::from("out/a=b.xml")) });
    assert_eq!(ReportSpec::parse("events=-").unwrap().target, Target::Stdout);
}

#[test]
fn what_is_asked_for_wrongly_is_said_with_what_was_probably_meant() {
    let problems = ReportSpec::parse_all(["jnuit=a.xml", "html=b", "json", "json=c", "junit=c", "junit"]).unwrap_err();
    let said: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {} | {}", problem.id, problem.message, problem.help.join(" | ")))
        .collect();
    assert_eq!(
        said,
        [
            "report.unknown-kind: --report jnuit=a.xml: there is no report `jnuit` | did you mean junit=a.xml? | write KIND=FILE; the kinds are junit, json, events, coverage, mutation",
            "report.unknown-kind: --report html=b: there is no report `html` | write KIND=FILE; the kinds are junit, json, events, coverage, mutation",
            "report.no-path: --report json does not say where to write | write --report json=FILE, or json=- for standard output",
            "report.same-place: --report junit=c: another report is already written to c | give each report its own file",
            "report.no-path: --report junit does not say where to write | write --report junit=FILE, or junit=- for standard output",
        ]
    );
}
