//! The person at the terminal. All of it goes to standard error: what a command prints may be read by a script.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::process::{Command, Stdio};

use url::Url;

use crate::auth::{Answer, Person, Then, Visit};
use crate::source::Duration;

/// Someone who reads standard error and writes standard input.
#[derive(Debug)]
pub(super) struct Terminal {
    /// Whether a browser is opened.
    pub(super) browser: bool,
}

impl Person for Terminal {
    fn visit(&self, visit: &Visit<'_>) {
        let who = visit.who;
        let mut text = if self.browser {
            format!("Log in to {who} in the browser. If it does not open, go to\n")
        } else {
            format!("To log in to {who}, go to\n")
        };
        text.push_str(&format!("\n    {}\n", visit.url));
        if let Some(code) = visit.code {
            text.push_str(&format!("\nand enter the code {}, or check that the page shows it.\n", plain(code)));
        }
        text.push_str(&match visit.then {
            Then::ComesBack | Then::Waits => {
                format!("\nThis waits for {}; Ctrl-C ends it.\n", Duration(visit.patience))
            }
            Then::Pastes => {
                let patience = Duration(visit.patience);
                format!(
                    "\nAfter the login, the browser may end at an error page. Copy the complete URL of that page.\n\
                     This waits for {patience}; Ctrl-C ends it.\n"
                )
            }
        });
        say(&text);
        if self.browser {
            open(visit.url);
        }
    }

    fn paste(&self) -> Answer<'_> {
        say("Paste the URL: ");
        Box::pin(async {
            // A thread of its own, which nothing waits for: a line that never comes must not keep the program alive.
            let (sender, receiver) = tokio::sync::oneshot::channel();
            std::thread::spawn(move || {
                let mut line = String::new();
                let read = io::stdin().read_line(&mut line).and_then(|bytes| match bytes {
                    0 => Err(io::Error::other("standard input ended")),
                    _ => Ok(line),
                });
                // Whoever asked may have gone.
                let _ = sender.send(read);
            });
            receiver.await.unwrap_or_else(|_| Err(io::Error::other("standard input cannot be read")))
        })
    }

    fn hear(&self, news: &str) {
        say(&format!("{}\n", plain(news)));
    }
}

/// A text of someone else's, without what would steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

fn say(text: &str) {
    let mut out = io::stderr().lock();
    // Where nobody reads, nobody is told.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Opens a URL as the user's machine does. Where nothing opens, the URL stands in the terminal.
fn open(url: &Url) {
    for words in openers(std::env::var_os("BROWSER").as_deref(), url.as_str()) {
        let Some((program, arguments)) = words.split_first() else { continue };
        let started = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Ok(mut child) = started {
            // Nothing depends on how it ends, but it must not stay behind as a zombie.
            std::thread::spawn(move || child.wait());
            return;
        }
    }
}

/// The commands to try, in their order. `BROWSER` is a list with `:` between commands, each of words, in which `%s` stands
/// for the URL; without it the URL is the last word. No shell sees any of it.
fn openers(browser: Option<&OsStr>, url: &str) -> Vec<Vec<OsString>> {
    let mut openers: Vec<Vec<OsString>> = Vec::new();
    let browser = browser.and_then(OsStr::to_str).unwrap_or_default();
    for command in browser.split(if cfg!(windows) { ';' } else { ':' }).filter(|command| !command.trim().is_empty()) {
        let mut words: Vec<OsString> =
            command.split_whitespace().map(|word| OsString::from(word.replace("%s", url))).collect();
        if !command.contains("%s") {
            words.push(url.into());
        }
        openers.push(words);
    }
    let platform: &[&str] = if cfg!(target_os = "macos") {
        &["open"]
    } else if cfg!(windows) {
        // `start` is a word of the shell, which would read the URL's `&` as its own.
        &["rundll32", "url.dll,FileProtocolHandler"]
    } else {
        &["xdg-open"]
    };
    openers.push(platform.iter().map(OsString::from).chain([url.into()]).collect());
    openers
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::{openers, plain};

    fn words(browser: Option<&str>) -> Vec<Vec<String>> {
        let openers = openers(browser.map(OsStr::new), "https://a/?b=c&d");
        openers.into_iter().map(|words| words.into_iter().map(|word| word.into_string().unwrap()).collect()).collect()
    }

    #[test]
    fn a_browser_of_the_users_own_comes_first() {
        assert_eq!(words(None).len(), 1);
        assert_eq!(words(Some("")).len(), 1);
        assert_eq!(words(Some("firefox"))[0], ["firefox", "https://a/?b=c&d"]);
        #[cfg(not(windows))]
        assert_eq!(
            words(Some("lynx -x %s --:w3m"))[..2],
            [vec!["lynx", "-x", "https://a/?b=c&d", "--"], vec!["w3m", "https://a/?b=c&d"]]
        );
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(plain("AB\u{1b}[2J-CD\r\n"), "AB\u{fffd}[2J-CD\u{fffd}\u{fffd}");
    }
}
