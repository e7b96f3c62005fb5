//! The pages of the authorization service. They hold what real pages hold beside the form that matters,
//! so that a client which takes the first form it finds, or forgets hidden inputs, gets nowhere.

use std::fmt::Write as _;

use hyper::StatusCode;

use super::super::reply::Reply;

/// The login page: four forms, of which the third looks like a login and is not.
pub(super) fn login(action: &str, csrf: &str, client: &str, error: Option<&str>) -> Reply {
    let (action, csrf, client) = (escape(action), escape(csrf), escape(client));
    let error =
        error.map_or(String::new(), |error| format!("<p class=\"error\" role=\"alert\">{}</p>\n", escape(error)));
    let body = format!(
        r#"<header>
<form action="/gridshare/search" method="get" role="search">
<input type="search" name="q" placeholder="Search help"><button>Search</button>
</form>
<form action="/gridshare/language" method="post">
<select name="lang"><option value="en" selected>English</option><option value="nl">Nederlands</option></select>
<button name="set" value="language">OK</button>
</form>
</header>
<section id="new">
<h2>New here?</h2>
<form action="/gridshare/signup" method="post">
<input type="email" name="email" required><input type="password" name="new_password" autocomplete="new-password">
<input type="password" name="new_password_again" autocomplete="new-password">
<input type="submit" name="signUp" value="Sign up">
</form>
</section>
<section id="known">
<h2>Sign in to continue to {client}</h2>
{error}<form name="loginForm" action="{action}" method="post">
<input type="hidden" name="_csrf" value="{csrf}">
<label>Username <input type="text" name="username" autocomplete="username" required></label>
<label>Password <input type="password" name="password" autocomplete="current-password" required></label>
<label><input type="checkbox" name="remember" value="yes"> Remember me</label>
<button type="submit" name="signIn" value="Sign in">Sign in</button>
</form>
</section>
"#
    );
    page(StatusCode::OK, "Sign in", &body)
}

/// The consent page.
pub(super) fn consent(action: &str, csrf: &str, user: &str, client: &str, scopes: &[&str]) -> Reply {
    let (action, csrf) = (escape(action), escape(csrf));
    let (user, client) = (escape(user), escape(client));
    let mut list = String::new();
    for scope in scopes {
        // Writing to a string cannot fail.
        let _ = writeln!(list, "<li>{}</li>", escape(scope));
    }
    let granted = escape(&scopes.join(" "));
    let body = format!(
        r#"<h2>{client} would like to</h2>
<ul>
{list}</ul>
<p>You are signed in as {user}.</p>
<form name="consentForm" action="{action}" method="post">
<input type="hidden" name="_csrf" value="{csrf}">
<input type="hidden" name="granted" value="{granted}">
<button type="submit" name="action" value="deny">Deny</button>
<button type="submit" name="action" value="approve">Approve</button>
</form>
"#
    );
    page(StatusCode::OK, "Give access", &body)
}

/// A page that says what is wrong.
pub(super) fn problem(status: StatusCode, problem: &str) -> Reply {
    let body = format!("<p class=\"error\" role=\"alert\">{}</p>\n", escape(problem));
    page(status, "Something is wrong", &body)
}

/// Where the other forms lead.
pub(super) fn elsewhere() -> Reply {
    problem(StatusCode::NOT_FOUND, "This form leads nowhere here; it is not the login form.")
}

fn page(status: StatusCode, title: &str, body: &str) -> Reply {
    Reply::html(
        status,
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title} - \
             Gridshare</title></head>\n<body>\n{body}</body>\n</html>\n"
        ),
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
