//! `callsheet auth inspect`: what a token says of itself, whether its signature holds, and how old it is. The token itself is
//! not printed.

use std::fmt::Write as _;
use std::io::Read as _;
use std::sync::Arc;

use jiff::Timestamp;

use super::ground::Ground;
use super::refused;
use crate::auth::Identity;
use crate::auth::jwt::{self, Decoded};
use crate::cli::args::auth::InspectOptions;
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::json::Json;
use crate::source::{Diagnostic, Sources};

/// Clocks that differ by less are the same.
const SAME: i64 = 5;

pub(super) async fn command(options: &InspectOptions, output: &Output) -> ExitCode {
    let mut ground = match Ground::of(&options.identity.ground, output).await {
        Ok(ground) => ground,
        Err(code) => return code,
    };
    let code = match inspect(options, &mut ground, output).await {
        Ok(code) | Err(code) => code,
    };
    ground.end().await;
    code
}

async fn inspect(options: &InspectOptions, ground: &mut Ground, output: &Output) -> Result<ExitCode, ExitCode> {
    let given = match options.token.as_deref() {
        Some("-") => Some(standard_input(output)?),
        given => given.map(str::to_owned),
    };
    let provider = ground.provider(&options.identity.provider, output)?;
    let (name, environment) = (provider.name.value.clone(), ground.selected.name.clone());
    let mut tokens = Vec::new();
    let identity = if let Some(given) = given {
        ground.redactor.learn("token", given.trim());
        tokens.push(("the token", given.trim().to_owned()));
        // A token that is given can be looked at without the credentials of a login.
        ground
            .resolve(&provider, &options.identity)
            .map(Arc::new)
            .map_err(|problems| problems.into_iter().next().map(|problem| problem.message).unwrap_or_default())
    } else {
        let identity = ground.identity(&options.identity, output)?;
        let grant = ground.broker().acquire(&identity, false).await;
        let token = grant.map_err(|error| refused(&error, &ground.sources, output))?.token;
        tokens.push(("the access token", token.access().expose().to_owned()));
        tokens.extend(token.id().map(|id| ("the id token", id.expose().to_owned())));
        Ok(identity)
    };
    let mut code = ExitCode::Passed;
    let mut text = String::new();
    for (what, token) in tokens {
        if token.is_empty() {
            let problem = format!("{name} has no token: its flow is `{}`", provider.flow_name().word());
            output.problems(
                &[Diagnostic::error("auth.token", problem)
                    .help("give one to look at: `callsheet auth inspect PROVIDER -`")],
                &Sources::default(),
            );
            return Err(ExitCode::Run(3));
        }
        _ = writeln!(text, "{}{what} of {name} ({environment})", if text.is_empty() { "" } else { "\n" });
        match jwt::decode(&token) {
            Some(decoded) => {
                parts(&mut text, &decoded);
                let checked = signature(&mut text, ground, &identity, &token).await;
                code = if code == ExitCode::Passed { checked } else { code };
            }
            None => text.push_str("  it is not a JWT: only the provider can read it\n"),
        }
    }
    output.print(&ground.redactor.redact(&text));
    Ok(code)
}

fn standard_input(output: &Output) -> Result<String, ExitCode> {
    let mut text = String::new();
    match std::io::stdin().lock().read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => Ok(text),
        Ok(_) => Err("there is no token on standard input".to_owned()),
        Err(error) => Err(format!("standard input cannot be read: {error}")),
    }
    .map_err(|what| {
        output.problems(
            &[Diagnostic::error("auth.token", what).help("for example `pbpaste | callsheet auth inspect PROVIDER -`")],
            &Sources::default(),
        );
        ExitCode::Usage
    })
}

/// The header and the claims, moments in words.
fn parts(text: &mut String, decoded: &Decoded) {
    let now = Timestamp::now().as_second();
    for (part, json) in [("header", &decoded.header), ("claims", &decoded.claims)] {
        _ = writeln!(text, "  {part}");
        let members: Vec<_> = json.as_object().into_iter().flat_map(crate::json::Object::iter).collect();
        let width = members.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in members {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let shown: String = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let aside = moment(name, value, now).map(|words| format!("  ({words})")).unwrap_or_default();
            _ = writeln!(text, "    {name:width$}  {shown}{aside}");
        }
    }
}

/// What a claim that is a moment means now.
fn moment(name: &str, value: &Json, now: i64) -> Option<String> {
    let (past, future) = match name {
        "exp" => ("expired", "expires"),
        "iat" => ("issued", "will be issued"),
        "nbf" => ("valid since", "valid only"),
        "auth_time" => ("logged in", "will be logged in"),
        _ => return None,
    };
    let Json::Number(number) = value else { return None };
    #[expect(clippy::cast_possible_truncation, reason = "a moment of seconds; what is beyond is cut to the last one")]
    let at = number.as_f64() as i64;
    let whole = Timestamp::from_second(at).map(|at| at.to_string()).ok()?;
    let words = words(at.abs_diff(now));
    Some(match at <= now {
        true if name == "nbf" => format!("{past} {words}; {whole}"),
        true => format!("{past} {words} ago; {whole}"),
        false => format!("{future} in {words}; {whole}"),
    })
}

/// A span of time in the unit that says most: `52 minutes`.
fn words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..90 => (seconds, "second"),
        90..5400 => ((seconds + 30) / 60, "minute"),
        5400..172_800 => ((seconds + 1800) / 3600, "hour"),
        _ => ((seconds + 43_200) / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Whether the signature holds, and how the clocks differ.
async fn signature(
    text: &mut String,
    ground: &Ground,
    identity: &Result<Arc<Identity>, String>,
    token: &str,
) -> ExitCode {
    let identity = match identity {
        Ok(identity) => identity,
        Err(why) => {
            _ = writeln!(text, "  signature  not checked: {why}");
            return ExitCode::Passed;
        }
    };
    let broker = ground.broker();
    let code = match broker.keys().verify(identity, None, token).await {
        Ok(Ok(verified)) => {
            let key = verified.kid.map(|kid| format!(", by the key {kid}")).unwrap_or_default();
            _ = writeln!(text, "  signature  valid ({}{key})", verified.alg);
            ExitCode::Passed
        }
        Ok(Err(why)) => {
            let notes: String = why.notes().iter().map(|note| format!("; {note}")).collect();
            _ = writeln!(text, "  signature  wrong: {why}{notes}");
            ExitCode::Failed
        }
        Err(error) => {
            _ = writeln!(text, "  signature  not checked: {error}");
            return ExitCode::Passed;
        }
    };
    if let Some(ahead) = broker.keys().clock(identity).await {
        let words = words(ahead.unsigned_abs());
        _ = match ahead {
            ahead if ahead.abs() <= SAME => writeln!(text, "  clock      the same as the provider's"),
            ..0 => writeln!(text, "  clock      this machine's is {words} behind the provider's"),
            _ => writeln!(text, "  clock      this machine's is {words} ahead of the provider's"),
        };
    }
    code
}

#[cfg(test)]
mod tests {
    use super::{moment, words};
    use crate::json::Json;

    #[test]
    fn ages_are_told_in_words() {
        for (seconds, told) in [
            (1, "1 second"),
            (89, "89 seconds"),
            (3120, "52 minutes"),
            (5400, "2 hours"),
            (90_000, "25 hours"),
            (864_000, "10 days"),
        ] {
            assert_eq!(words(seconds), told);
        }
        let at =
            |name: &str, seconds: &str| moment(name, &crate::json::parse(seconds.as_bytes()).expect("JSON"), 1_000_000);
        assert_eq!(at("exp", "1003120").as_deref(), Some("expires in 52 minutes; 1970-01-12T14:38:40Z"));
        assert_eq!(at("exp", "999990").as_deref(), Some("expired 10 seconds ago; 1970-01-12T13:46:30Z"));
        assert_eq!(at("iat", "999520").as_deref(), Some("issued 8 minutes ago; 1970-01-12T13:38:40Z"));
        assert_eq!(at("sub", "1"), None);
        assert_eq!(moment("exp", &Json::from("soon"), 0), None);
        assert_eq!(at("exp", "1e300"), None);
    }
}
