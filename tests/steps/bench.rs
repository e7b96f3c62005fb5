//! A project over the echo service, and its JSON report as something to ask.

use serde_json::Value;

use crate::support::{Outcome, Project};

/// Serves the echo service.
pub(crate) const CONFIG: &str = "callsheet: 1\nenvironments: { mock: { serve: builtin } }\n";

/// An empty project in an environment that serves the echo service.
pub(crate) fn project() -> Project {
    Project::new().file("callsheet.yaml", CONFIG)
}

/// A scenario over the echo service; `body` begins with its keys (`steps:` and the like).
pub(crate) fn scenario(body: &str) -> String {
    format!("scenario: Echo\nbase_url: \"{{{{ mock.base }}}}/echo\"\n{body}")
}

/// A project with one such scenario.
pub(crate) fn with(body: &str) -> Project {
    project().file("echo.yaml", &scenario(body))
}

/// Runs one scenario.
pub(crate) fn run(body: &str) -> Outcome {
    with(body).run(&[])
}

/// Runs the project and gives its JSON report too.
pub(crate) fn told(project: &Project) -> (Outcome, Report) {
    let outcome = project.run(&["--report", "json=report.json"]);
    let report = std::panic::catch_unwind(|| project.read("report.json"));
    let report = report.unwrap_or_else(|_| panic!("there is no report\n{}", outcome.all()));
    (outcome, Report(serde_json::from_str(&report).expect("a report is JSON")))
}

/// A JSON report.
#[derive(Debug)]
pub(crate) struct Report(pub(crate) Value);

impl Report {
    /// The scenarios.
    pub(crate) fn scenarios(&self) -> &[Value] {
        list(&self.0["scenarios"])
    }

    /// The steps of the first scenario.
    pub(crate) fn steps(&self) -> &[Value] {
        list(&self.scenarios()[0]["steps"])
    }

    /// The step of that `id` or `name`.
    #[track_caller]
    pub(crate) fn step(&self, name: &str) -> &Value {
        let found = self.steps().iter().find(|step| step["id"] == name || step["name"] == name);
        found.unwrap_or_else(|| panic!("there is no step {name}: {:#}", self.0))
    }

    /// A line a step of the first scenario: how it ended, what it did, and what is worth saying of it.
    pub(crate) fn outline(&self) -> String {
        let mut lines = String::new();
        for step in self.steps() {
            let name = step["name"].as_str().or(step["id"].as_str()).or(step["target"].as_str()).unwrap_or_default();
            lines.push_str(&format!("{} {}: {}", text(&step["phase"]), name, text(&step["verdict"])));
            if step["attempts"].as_u64().is_some_and(|attempts| attempts > 1) {
                lines.push_str(&format!(", {} attempts", step["attempts"]));
            }
            for note in list(&step["notes"]).iter().chain(step.get("reason")) {
                lines.push_str(&format!(", {}", text(note)));
            }
            for finding in list(&step["findings"]) {
                lines.push_str(&format!(
                    ", [{}] {}",
                    text(&finding["problem"]["id"]),
                    text(&finding["problem"]["message"])
                ));
            }
            lines.push('\n');
        }
        crate::support::plain(&lines)
    }
}

/// A list, empty where there is none.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text, empty where there is none.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What the findings of a step say beside the places they point at: the text below the first caret, and where that says
/// nothing the message.
pub(crate) fn carets(step: &Value) -> Vec<String> {
    let all = list(&step["findings"]).iter();
    all.map(|finding| {
        let problem = &finding["problem"];
        let label = text(&problem["places"][0]["text"]);
        if label.is_empty() { text(&problem["message"]).to_owned() } else { label.to_owned() }
    })
    .collect()
}
