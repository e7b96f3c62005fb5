//! What a 401 asks for (RFC 9110, section 11.6.1): the challenges of `WWW-Authenticate`, taken apart.

/// One challenge: its scheme, and its parameters with their names in lower case.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// A parameter's value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The challenges of a field, which may hold several, each with several parameters, all with commas between them.
    pub(super) fn read(field: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        for part in parts(field) {
            let word = part.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(part.len());
            let (first, rest) = part.split_at(word);
            let rest = rest.trim_start();
            let parameter = if let Some(value) = rest.strip_prefix('=') {
                Some((first, value))
            } else {
                challenges.push(Self { scheme: first.to_ascii_lowercase(), parameters: Vec::new() });
                rest.split_once('=')
            };
            if let (Some(challenge), Some((name, value))) = (challenges.last_mut(), parameter) {
                challenge.parameters.push((name.trim().to_ascii_lowercase(), unquoted(value.trim())));
            }
        }
        challenges
    }
}

/// What stands between the commas that no quotes enclose.
fn parts(field: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in field.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(&field[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&field[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let mut text = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(c) = letters.next() {
        match c {
            '"' => break,
            '\\' => text.extend(letters.next()),
            _ => text.push(c),
        }
    }
    text
}

/// A value in quotes.
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_challenges_in_a_field_are_told_apart() {
        let field = r#"Newauth realm="apps", type=1, title="Login to \"apps\", please", Negotiate, Basic abc==,Digest realm = "a,b" , qop="auth, auth-int""#;
        let challenges = Challenge::read(field);
        let schemes: Vec<&str> = challenges.iter().map(|challenge| &*challenge.scheme).collect();
        assert_eq!(schemes, ["newauth", "negotiate", "basic", "digest"]);
        assert_eq!(challenges[0].get("title"), Some("Login to \"apps\", please"));
        assert_eq!(challenges[0].get("type"), Some("1"));
        assert_eq!(challenges[3].get("realm"), Some("a,b"));
        assert_eq!(challenges[3].get("qop"), Some("auth, auth-int"));
    }

    #[test]
    fn what_is_no_challenge_is_taken_as_it_is() {
        for field in ["", ",,", "=", "= x", "\"", "a=\"\\", "Digest", "Digest realm", "Digest realm=\"never closed"] {
            let _ = Challenge::read(field);
        }
        assert_eq!(Challenge::read("Digest realm=\"never closed")[0].get("realm"), Some("never closed"));
    }
}
