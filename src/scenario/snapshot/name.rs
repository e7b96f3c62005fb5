//! Names of snapshots: the same file on every system, and never one outside of its folder.

/// What the folder of a scenario's snapshots is called, behind the scenario's name without its ending.
pub const FOLDER_ENDING: &str = ".snapshots";

/// File systems hold 255 bytes; what is added for cases, items and the ending needs some of them.
const LONGEST: usize = 180;

/// Names that are devices on Windows, whatever ending follows.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Why a name cannot be that of a snapshot, if it cannot: a clause without a full stop.
pub fn name_fault(name: &str) -> Option<String> {
    let fault = |text: &str| Some(text.to_owned());
    if name.trim().is_empty() {
        return fault("it is empty");
    }
    if let Some(found) = name.chars().find(|c| matches!(c, '/' | '\\')) {
        return Some(format!("`{found}` would lead to another folder"));
    }
    if let Some(found) = name.chars().find(|c| matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|')) {
        return Some(format!("`{found}` is not possible in a file name on Windows"));
    }
    if name.chars().any(char::is_control) {
        return fault("it contains a control character");
    }
    if name.starts_with('.') {
        return fault("it starts with a dot");
    }
    if name.ends_with('.') || name.trim() != name {
        return fault("it starts or ends with a space, or ends with a dot");
    }
    if name.len() > LONGEST {
        return Some(format!("it is longer than {LONGEST} bytes"));
    }
    let device = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = ["com", "lpt"].iter().any(|kind| {
        device.strip_prefix(kind).is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']) || is_superscript(rest))
    });
    if DEVICES.contains(&&*device) || numbered {
        return fault("it is the name of a device on Windows");
    }
    if is_numbered(name) {
        return fault("its end looks like what is added for a case or an item");
    }
    None
}

/// `COM¹` is the same device as `COM1`.
fn is_superscript(text: &str) -> bool {
    matches!(text, "¹" | "²" | "³")
}

/// Whether it ends with `.case-N` or `.item-N`.
fn is_numbered(name: &str) -> bool {
    let number = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    name.rsplit_once('.').is_some_and(|(_, end)| {
        let end = end.to_ascii_lowercase();
        ["case-", "item-"].iter().any(|kind| end.strip_prefix(kind).is_some_and(number))
    })
}

/// The name of a snapshot's file without its ending: for a case, and for each item of the loops around it, a number from
/// 1 is added, unless a template gave the name.
pub fn file_stem(name: &str, templated: bool, case: Option<usize>, items: &[usize]) -> String {
    let mut stem = name.to_owned();
    if !templated {
        stem.extend(case.map(|number| format!(".case-{number}")));
        stem.extend(items.iter().map(|number| format!(".item-{number}")));
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_every_system_can_have() {
        for name in ["trips", "Ritten van vandaag", "v1.2", "naïve", "a-b_c", "com", "com10", "case-1", "日本"] {
            assert_eq!(name_fault(name), None, "{name}");
        }
        for name in [
            "",
            " ",
            "../trips",
            "..",
            ".",
            "a/b",
            "a\\b",
            "c:trips",
            "a*",
            "what?",
            "a\"b",
            "<a>",
            "a|b",
            "a\nb",
            "a\0",
            ".hidden",
            "a.",
            "a ",
            " a",
            "CON",
            "nul",
            "aux.json",
            "Com1",
            "LPT9.x",
            "com¹",
            "trips.case-1",
            "trips.Item-12",
        ] {
            assert!(name_fault(name).is_some(), "{name:?}");
        }
        assert!(name_fault(&"é".repeat(91)).is_some());
    }

    #[test]
    fn cases_and_items_have_files_of_their_own() {
        assert_eq!(file_stem("trips", false, None, &[]), "trips");
        assert_eq!(file_stem("trips", false, Some(2), &[]), "trips.case-2");
        assert_eq!(file_stem("trips", false, Some(2), &[1, 3]), "trips.case-2.item-1.item-3");
        assert_eq!(file_stem("trips-nl", true, Some(2), &[1]), "trips-nl");
    }
}
