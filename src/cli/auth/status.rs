//! `callsheet auth status`: the sessions that are kept on this machine.

use std::path::PathBuf;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::doctor::wrapped;
use super::ground::no_store;
use crate::auth::store::{Keeping, StoredSession};
use crate::cli::args::auth::StatusOptions;
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::json::Json;
use crate::source::{Diagnostic, Duration, Sources};

pub(super) fn command(options: &StatusOptions, output: &Output) -> ExitCode {
    let working = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let Some(store) = Keeping::of(options.store.token_store.as_deref(), &working).store().cloned() else {
        return no_store(output);
    };
    let listed = match store.list() {
        Ok(listed) => listed,
        Err(error) => {
            output.problems(&[Diagnostic::error("auth.store", error.to_string())], &Sources::default());
            return ExitCode::Run(3);
        }
    };
    let (mut sessions, mut unreadable) = (Vec::new(), Vec::new());
    for (_, session) in listed {
        match session {
            Ok(session) => sessions.push(session),
            Err(error) => unreadable.push(Diagnostic::warning("auth.store", error.to_string())),
        }
    }
    sessions.retain(|session| {
        options.provider.as_deref().is_none_or(|provider| *session.provider == *provider)
            && options.env.as_deref().is_none_or(|environment| *session.environment == *environment)
    });
    let order = |session: &StoredSession| {
        (session.provider.clone(), session.environment.clone(), session.persona.clone(), session.scope.clone())
    };
    sessions.sort_by_key(order);
    output.problems(&unreadable, &Sources::default());
    let now = Timestamp::now();
    if options.json {
        output.print(&(Json::array(sessions.iter().map(|session| json(session, now))).to_pretty() + "\n"));
    } else if sessions.is_empty() {
        output.print(&format!("no sessions in {}\n", store.folder().display()));
    } else {
        output.print(&table(&sessions, now, output.stdout.columns));
    }
    ExitCode::Passed
}

/// What is stable: the names of these members and their meaning.
fn json(session: &StoredSession, now: Timestamp) -> Json {
    let text = |text: &str| Json::from(text);
    let moment = |moment: Timestamp| Json::from(&*format!("{moment:.3}"));
    let whole = |number: u64| crate::json::Number::parse(&number.to_string()).map_or(Json::Null, Json::Number);
    let left = session.left(now).map(|left| whole(left.as_secs()));
    Json::object([
        ("provider", text(&session.provider)),
        ("environment", text(&session.environment)),
        ("persona", text(&session.persona)),
        ("client", text(&session.client)),
        ("issuer", text(&session.issuer)),
        ("scope", text(session.granted_scope.as_deref().unwrap_or(&session.scope))),
        ("asked_scope", text(&session.scope)),
        ("issued_at", moment(session.issued_at)),
        ("expires_at", session.expires_at.map_or(Json::Null, moment)),
        ("expires_in", left.unwrap_or(Json::Null)),
        ("renewable", Json::Bool(session.refresh_token.is_some())),
        ("origin", text(session.origin.name())),
    ])
}

fn table(sessions: &[StoredSession], now: Timestamp, columns: usize) -> String {
    let mut rows = vec![["PROVIDER", "PERSONA", "ENV", "EXPIRES IN", "ORIGIN", "SCOPES"].map(str::to_owned)];
    for session in sessions {
        let scopes = session.granted_scope.as_deref().unwrap_or(&session.scope);
        rows.push([
            session.provider.to_string(),
            session.persona.to_string(),
            session.environment.to_string(),
            ends(session, now),
            session.origin.name().to_owned(),
            if scopes.is_empty() { "-".to_owned() } else { scopes.to_owned() },
        ]);
    }
    let widths: Vec<usize> =
        (0..5).map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0)).collect();
    let before: usize = widths.iter().map(|width| width + 2).sum();
    // Scopes are many and long: they go on below, in their own column.
    let room = columns.saturating_sub(before).max(20);
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row[..5].iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width + 2 - cell.width()));
        }
        for (at, part) in wrapped(&row[5], room).iter().enumerate() {
            if at > 0 {
                line = " ".repeat(before);
            }
            text.push_str(format!("{line}{part}").trim_end());
            text.push('\n');
        }
    }
    text
}

/// When the access token ends, and whether it is renewed then.
fn ends(session: &StoredSession, now: Timestamp) -> String {
    let renewable = session.refresh_token.is_some();
    match session.left(now) {
        _ if session.access_token.is_none() && renewable => "renewed when used".to_owned(),
        _ if session.access_token.is_none() => "rejected".to_owned(),
        None => "not said".to_owned(),
        Some(left) if left.is_zero() && renewable => "renewed when used".to_owned(),
        Some(left) if left.is_zero() => "expired".to_owned(),
        Some(left) => {
            let left = Duration(std::time::Duration::from_secs(left.as_secs()));
            if renewable { format!("{left}, renewable") } else { left.to_string() }
        }
    }
}
