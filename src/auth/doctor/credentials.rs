//! The credentials: there or not, as they were meant or not, of this environment or of another.

use super::{Findings, State, Tools};
use crate::auth::credential::{CredentialOrigin, Wanted};
use crate::auth::provider::Credential;
use crate::auth::resolve::{self, Wish};
use crate::secret::Secret;
use crate::source::suggestion;
use crate::template::Scope;

pub(super) fn examine(wish: &Wish<'_>, tools: &Tools<'_>, found: &mut Findings) {
    let scope = Scope::new(0, wish.provider.folder.to_path_buf());
    scope.set("env", wish.env.clone());
    for credential in &wish.provider.credentials {
        one(wish, credential, &scope, tools, found);
    }
}

fn one(wish: &Wish<'_>, credential: &Credential, scope: &Scope, tools: &Tools<'_>, found: &mut Findings) {
    let name = &*credential.name.value;
    let wanted = resolve::whom(wish, name, false);
    let others = others(wish, tools, wanted);
    match resolve::look(wish, credential, scope) {
        Err(problem) => drop(found.problem("credential", name, &problem)),
        Ok(None) => missing(wish, wanted, tools, &others, found),
        Ok(Some((value, origin, warning))) => {
            // A default may be made of what was found before it.
            scope.set(name, minijinja::Value::from(value.expose()));
            let (place, from) = origin.told(name);
            let told = if place == name { format!("from {from}") } else { format!("{place}, from {from}") };
            if let Some(doubt) = doubt(value.expose(), credential, wish.environment) {
                let (state, text, help) = doubt;
                found.add("credential", state, name, format!("{text}; {told}")).advise(help);
                return;
            }
            if let Some(warning) = warning {
                let finding = found.add("credential", State::Doubtful, name, "has spaces or a line break around it");
                finding.notes.extend(warning.notes);
                finding.advise("callsheet sends it without them; other programs that read this variable may not");
                return;
            }
            let same = others.iter().find(|(_, _, other)| other.expose() == value.expose());
            if let (Some((environment, variable, _)), true) = (same, credential.secret) {
                let text = format!("{told}: the same value as {variable}, which is for {environment}");
                let finding = found.add("credential", State::Doubtful, name, text);
                finding.advise(format!(
                    "{} and {environment} usually have separate credentials: make sure that this one is for {0}",
                    wish.environment
                ));
                return;
            }
            let general =
                matches!(&origin, CredentialOrigin::Variable(variable) if **variable == *wanted.variables()[1]);
            if general && credential.secret && wish.provider.environments.names().len() > 1 {
                let text = format!("{told}, which is used for every environment");
                let help = format!("{} is for {} only", wanted.variables()[0], wish.environment);
                found.add("credential", State::Doubtful, name, text).advise(help);
                return;
            }
            found.add("credential", State::Good, name, told);
        }
    }
}

/// The same credential, named after other environments.
fn others(wish: &Wish<'_>, tools: &Tools<'_>, wanted: Wanted<'_>) -> Vec<(String, String, Secret)> {
    let own = wish.provider.environments.names().map(str::to_owned);
    let mut names: Vec<String> = own.chain(tools.environments.iter().cloned()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| name != wish.environment && name != "default");
    let named = |environment: String| {
        let (variable, value) = wish.sources.named_for(Wanted { environment: &environment, ..wanted })?;
        Some((environment, variable, value))
    };
    names.into_iter().filter_map(named).collect()
}

fn missing(
    wish: &Wish<'_>,
    wanted: Wanted<'_>,
    tools: &Tools<'_>,
    others: &[(String, String, Secret)],
    found: &mut Findings,
) {
    let [specific, general] = wanted.variables();
    let finding = found.add("credential", State::Wrong, wanted.name, "is missing");
    finding.note(format!("it was not found in {}", wish.sources.places(wanted)));
    if let Some((environment, variable, _)) = others.first() {
        finding.advise(format!(
            "{variable} is set, which is for {environment}: give --env {environment}, or set {specific} for {}",
            wish.environment
        ));
        return;
    }
    let names: Vec<&str> = tools.variables.iter().map(String::as_str).collect();
    let meant = suggestion(&specific, names.iter().copied()).or_else(|| suggestion(&general, names.iter().copied()));
    if let Some(meant) = meant {
        finding.advise(format!("{meant} is set: did you mean {specific}?"));
    }
    if wish.embedded.is_some() {
        finding.advise("the embedded provider has no such persona: `callsheet mock` lists its personas");
    } else {
        finding.advise(format!("set {specific}, or write it to .env.{}", wish.environment));
    }
}

/// What makes a value unlikely to be what was meant.
fn doubt(value: &str, credential: &Credential, environment: &str) -> Option<(State, String, &'static str)> {
    let lower = value.to_lowercase();
    if value.contains(['\n', '\r']) && !value.contains("-----BEGIN") {
        return Some((State::Wrong, "has a line break inside".into(), "copy it again, as one line"));
    }
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{a0}');
    if value.contains(hidden) {
        let text = "has an invisible character, as web pages and chats add them";
        return Some((State::Wrong, text.into(), "type it, or copy it as plain text"));
    }
    if value.contains(|c: char| matches!(c, '\u{2018}'..='\u{201f}')) {
        return Some((State::Wrong, "has curly quotes in it".into(), "copy it as plain text"));
    }
    if lower.starts_with("bearer ") || lower.starts_with("basic ") {
        let help = "remove it: it is added when the credential is sent";
        return Some((State::Wrong, "starts with the name of a scheme, such as `Bearer`".into(), help));
    }
    let placeholder = ["changeme", "change_me", "todo", "xxx", "your_", "your-", "<", "${", "{{"];
    if placeholder.iter().any(|word| lower.starts_with(word)) {
        return Some((State::Wrong, "looks like a placeholder".into(), "replace it with the real credential"));
    }
    if credential.secret {
        let kind = |word: &str| match word {
            "test" | "sandbox" | "stg" | "staging" | "dev" => Some(false),
            "live" | "prod" | "production" => Some(true),
            _ => None,
        };
        let of_value = lower.split(['_', '-']).take(3).find_map(|word| kind(word).map(|live| (word.to_owned(), live)));
        let of_environment = kind(&environment.to_lowercase());
        if let (Some((word, live)), Some(wanted)) = (of_value, of_environment)
            && live != wanted
        {
            let text = format!("contains `{word}`, and this is the environment {environment}");
            return Some((State::Wrong, text, "use the credential of this environment, or give another --env"));
        }
    }
    None
}
