//! `callsheet auth doctor`: why a login fails, as a checklist.

use unicode_width::UnicodeWidthStr;

use super::ground::Ground;
use crate::auth::doctor::{Finding, Findings, State, Tools, examine};
use crate::auth::store::Keeping;
use crate::cli::args::auth::DoctorOptions;
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::json::Json;
use crate::source::Colour;

pub(super) async fn command(options: &DoctorOptions, output: &Output) -> ExitCode {
    let mut ground = match Ground::of(&options.identity.ground, output).await {
        Ok(ground) => ground,
        Err(code) => return code,
    };
    let code = match look(options, &mut ground, output).await {
        Ok(code) | Err(code) => code,
    };
    ground.end().await;
    code
}

async fn look(options: &DoctorOptions, ground: &mut Ground, output: &Output) -> Result<ExitCode, ExitCode> {
    let provider = ground.provider(&options.identity.provider, output)?;
    let secret = |name: &str| ground.secret(name);
    let others = |name: &str, persona: &str| ground.other(name, persona);
    let persona = options.identity.persona.as_deref().unwrap_or("default");
    let wish = ground.wish(&provider, persona, &options.identity.scope, &secret, &others);
    // What is kept would hide what is wrong with a login: a new one is made, and kept by nobody.
    // Where a login takes a person, what is kept is all that can be looked at.
    let person = provider.flow.needs_person();
    let broker = if person { ground.broker() } else { ground.broker().keeping(Keeping::Memory) };
    let environments: Vec<String> = ground.project.config.environments.names().map(str::to_owned).collect();
    let variables: Vec<String> = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    let mut found = examine(
        &wish,
        &Tools {
            client: &ground.client,
            redactor: &ground.redactor,
            broker: &broker,
            environments: &environments,
            variables: &variables,
            probe: options.probe,
            say: &|text| output.say(&ground.redactor.redact(text)),
        },
    )
    .await;
    // Before lines are broken: a secret with a space in it would be broken, too.
    found.redact(&ground.redactor);
    let environment = &ground.selected.name;
    if options.json {
        let report = Json::object([
            ("provider", Json::from(&*provider.name.value)),
            ("environment", Json::from(environment.as_str())),
            ("persona", Json::from(persona)),
            ("healthy", Json::Bool(found.healthy())),
            ("findings", Json::array(found.0.iter().map(json))),
        ]);
        output.print(&(report.to_pretty() + "\n"));
    } else {
        let whose = if persona == "default" { String::new() } else { format!(" as {persona}") };
        let mut text = format!("{} ({environment}){whose}\n\n", provider.name.value);
        text.push_str(&checklist(&found, output.stdout.columns, output.stdout.colour));
        output.print(&text);
    }
    Ok(if found.healthy() { ExitCode::Passed } else { ExitCode::Run(3) })
}

/// What is stable: the names of these members, their meaning, and the words of `id` and `state`.
fn json(finding: &Finding) -> Json {
    let text = |text: &str| Json::from(text);
    Json::object([
        ("id", Json::from(finding.id)),
        ("state", Json::from(finding.state.word())),
        ("subject", text(&finding.subject)),
        ("text", text(&finding.text)),
        ("notes", Json::array(finding.notes.iter().map(|note| text(note)))),
        ("help", Json::array(finding.help.iter().map(|help| text(help)))),
    ])
}

/// A line for what is right; for what is not, what to do below it.
fn checklist(found: &Findings, columns: usize, colour: Colour) -> String {
    let width = found.0.iter().map(|finding| finding.subject.width()).max().unwrap_or(0);
    let before = " ".repeat(width + 6);
    let room = columns.saturating_sub(before.len()).max(30);
    let mut text = String::new();
    for finding in &found.0 {
        let (mark, code) = match finding.state {
            State::Good => ("✓", "\u{1b}[32m"),
            State::Doubtful => ("!", "\u{1b}[33m"),
            State::Wrong => ("✗", "\u{1b}[1;31m"),
            State::Skipped => ("-", "\u{1b}[2m"),
        };
        let mark = if colour == Colour::Never { mark.to_owned() } else { format!("{code}{mark}\u{1b}[0m") };
        let padding = " ".repeat(width - finding.subject.width());
        let mut lead = format!("  {mark} {}{padding}  ", finding.subject);
        for line in wrapped(&finding.text, room) {
            text.push_str(&format!("{lead}{line}\n"));
            lead.clone_from(&before);
        }
        let below = finding.notes.iter().map(|note| ("  ", note)).chain(finding.help.iter().map(|help| ("→ ", help)));
        for (sign, told) in below {
            let mut sign = sign;
            for line in wrapped(told, room - 2) {
                text.push_str(&format!("{before}{sign}{line}\n"));
                sign = "  ";
            }
        }
    }
    let wrong = found.0.iter().filter(|finding| finding.state == State::Wrong).count();
    text.push_str(&match wrong {
        0 => "\nnothing is wrong\n".to_owned(),
        1 => "\n1 thing is wrong\n".to_owned(),
        count => format!("\n{count} things are wrong\n"),
    });
    text
}

/// Words on lines of that width; a longer word has a line of its own.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.is_empty() { vec![String::new()] } else { lines }
}
