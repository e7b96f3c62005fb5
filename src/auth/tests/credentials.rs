//! Where credentials are looked for, in which order, and what is said of those that cannot be right.

use std::collections::BTreeMap;

use super::Desk;
use crate::auth::{CredentialOrigin, DotEnv, Embedded, Override};
use crate::secret::Secret;

fn desk() -> Desk {
    Desk::of(
        "{ provider: my-api, flow: basic, environments: { stg: { base: 'https://my.test' }, prod: { base: 'https://p.test' } } }",
    )
}

fn with_user(desk: Desk) -> Desk {
    desk.set("MY_API_STG_USERNAME", "u")
}

fn password(desk: &Desk) -> (String, CredentialOrigin) {
    let identity = desk.identity();
    let origin = identity.origins().find(|(name, _)| *name == "password").map(|(_, origin)| origin.clone());
    (identity.credential("password").expect("a password").to_owned(), origin.expect("an origin"))
}

fn dotenv(files: &[(&str, &str)]) -> DotEnv {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    DotEnv::read(folder.path(), "stg").expect("readable")
}

#[test]
fn the_places_are_looked_in_in_the_order_of_the_reference() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "from-a-file\r\n").expect("written");
    let at = format!("my-api.password=@{}", file.path().display());
    let mut desk = with_user(desk());
    desk.secrets.insert("my_api_password".into(), "9-secret".into());
    assert_eq!(password(&desk), ("9-secret".into(), CredentialOrigin::Secret("my_api_password".into())));
    let origin = |file: &str, variable: &str| CredentialOrigin::DotEnv { file: file.into(), variable: variable.into() };
    for (files, value, from) in [
        (vec![(".env", "MY_API_PASSWORD=8")], "8", (".env", "MY_API_PASSWORD")),
        (vec![(".env", "MY_API_PASSWORD=8\nMY_API_STG_PASSWORD='7'")], "7", (".env", "MY_API_STG_PASSWORD")),
        (
            vec![(".env", "MY_API_STG_PASSWORD=7"), (".env.stg", "MY_API_PASSWORD=6")],
            "6",
            (".env.stg", "MY_API_PASSWORD"),
        ),
    ] {
        desk.dotenv = dotenv(&files);
        assert_eq!(password(&desk), (value.into(), origin(from.0, from.1)));
    }
    for (variable, value) in [("MY_API_PASSWORD", "5"), ("MY_API_STG_PASSWORD", "4")] {
        desk = desk.set(variable, value);
        assert_eq!(password(&desk), (value.into(), CredentialOrigin::Variable(variable.into())));
    }
    for (option, value, origin) in [
        (at.as_str(), "from-a-file", CredentialOrigin::OptionFile(file.path().into())),
        ("my-api.password=2=x", "2=x", CredentialOrigin::Option),
        ("my-api.default.password=@@1", "@1", CredentialOrigin::Option),
    ] {
        desk.overrides.push(Override::parse(option).expect("an option"));
        assert_eq!(password(&desk), (value.into(), origin));
    }
}

#[test]
fn a_persona_has_credentials_of_its_own() {
    let mut desk = with_user(desk()).set("MY_API_STG_PASSWORD", "of-default").persona("night-shift");
    assert_eq!(
        desk.refusal(),
        "\
error[auth.credentials]: credentials for my-api (stg) as night-shift are missing: `username`, `password`
 = note: `username` was not found in --credential my-api.night-shift.username, the environment variables (MY_API_STG_NIGHT_SHIFT_USERNAME, MY_API_NIGHT_SHIFT_USERNAME), the project's secrets (my_api_night_shift_username)
 = note: `password` was not found in --credential my-api.night-shift.password, the environment variables (MY_API_STG_NIGHT_SHIFT_PASSWORD, MY_API_NIGHT_SHIFT_PASSWORD), the project's secrets (my_api_night_shift_password)
 = help: set MY_API_STG_NIGHT_SHIFT_USERNAME and MY_API_STG_NIGHT_SHIFT_PASSWORD, or write them to .env.stg
 = help: each persona has its own credentials: those of the default persona are not used for it"
    );
    desk = desk.set("MY_API_STG_NIGHT_SHIFT_USERNAME", "n");
    desk.overrides.push(Override::parse("my-api.night-shift.password=np").expect("an option"));
    assert_eq!(password(&desk).0, "np");
}

#[test]
fn a_credential_that_is_shared_serves_every_persona() {
    let yaml = "
provider: acme
flow: password
environments: { stg: { base: 'https://acme.test' } }
credentials: { client_id: { shared: true }, username: {}, password: {}, realm: { default: '{{ env.name }}-realm' } }
login: { post: '{{ base }}/{{ realm }}' }
";
    let mut desk = Desk::of(yaml).set("ACME_CLIENT_ID", "c").persona("p");
    desk = desk.set("ACME_P_USERNAME", "u").set("ACME_P_PASSWORD", "pw");
    desk.env.insert("name".into(), "stg".into());
    let identity = desk.identity();
    assert_eq!(identity.credential("client_id"), Some("c"));
    assert_eq!(identity.credential("realm"), Some("stg-realm"));
}

#[test]
fn what_is_missing_is_named_with_every_place() {
    let mut desk = desk();
    desk.dotenv = dotenv(&[(".env", "OTHER=1")]);
    assert_eq!(
        desk.refusal(),
        "\
error[auth.credentials]: credentials for my-api (stg) are missing: `username`, `password`
 = note: `username` was not found in --credential my-api.username, the environment variables (MY_API_STG_USERNAME, MY_API_USERNAME), .env.stg (no such file), .env, the project's secrets (my_api_username)
 = note: `password` was not found in --credential my-api.password, the environment variables (MY_API_STG_PASSWORD, MY_API_PASSWORD), .env.stg (no such file), .env, the project's secrets (my_api_password)
 = help: set MY_API_STG_USERNAME and MY_API_STG_PASSWORD, or write them to .env.stg"
    );
}

#[test]
fn what_cannot_be_right_is_refused_where_it_came_from() {
    for (value, said) in [
        ("", "is empty"),
        (" \n", "is empty"),
        ("\u{201c}xxx\u{201d}", "has curly quotes around it"),
        ("\u{201c}xxx\"", "has curly quotes around it"),
        ("\u{2018}xxx\u{2019}", "has curly quotes around it"),
        ("\"xxx\"", "has straight quotes around it"),
        (" 'xxx' ", "has straight quotes around it"),
    ] {
        let help = "\n = help: remove the quotes: they would be sent as a part of the credential";
        let help = if said.contains("quotes") { help } else { "\n = help: give it a value there" };
        assert_eq!(
            with_user(desk()).set("MY_API_STG_PASSWORD", value).refusal(),
            format!(
                "error[auth.credentials]: the credential my-api.password {said}\n \
                 = note: MY_API_STG_PASSWORD came from environment variables{help}"
            ),
            "{value:?}"
        );
    }
    let identity = with_user(desk()).set("MY_API_STG_PASSWORD", " x y\n").identity();
    assert_eq!(identity.credential("password"), Some("x y"));
    assert_eq!(
        identity.warnings()[0].message,
        "the credential my-api.password has spaces or line breaks around it; it is sent without them"
    );
    // A single quote inside is nobody's business.
    for fine in ["it's", "\"", "'a"] {
        let identity = with_user(desk()).set("MY_API_STG_PASSWORD", fine).identity();
        assert_eq!(identity.credential("password"), Some(fine));
        assert!(identity.warnings().is_empty());
    }
}

#[test]
fn options_that_are_none_are_refused() {
    for bad in ["", "my-api", "password=x", "a.b.c.d=x", "my-api.=x", ".password=x"] {
        let problem = Override::parse(bad).expect_err(bad);
        assert_eq!(problem.message, "--credential needs PROVIDER.NAME=VALUE or PROVIDER.PERSONA.NAME=VALUE", "{bad}");
        assert!(problem.notes.iter().all(|note| !note.contains("=x")), "the value is not shown");
    }
    let mut desk = with_user(desk()).set("MY_API_PASSWORD", "x");
    desk.overrides.push(Override::parse("my-api.pasword=secret").expect("an option"));
    assert_eq!(
        desk.refusal(),
        "error[cli.credential]: --credential: my-api has no credential `pasword`\n = help: did you mean `password`?"
    );
    desk.overrides = vec![Override::parse("my-api.password=@/no/such/file").expect("an option")];
    assert!(
        desk.refusal()
            .starts_with("error[auth.credentials]: the file of --credential my-api.password cannot be read: ")
    );
}

#[test]
fn a_broken_dotenv_file_is_told_without_its_text() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(".env.stg"), "A=1\n# why\nPASSWORD=two words\n").expect("written");
    let problem = DotEnv::read(folder.path(), "stg").expect_err("broken");
    assert_eq!(problem.message, "line 3 of .env.stg is not in the form NAME=value");
    assert!(!format!("{problem:?}").contains("two words"));
}

#[test]
fn a_developers_credentials_never_reach_the_embedded_provider() {
    let person = |user: &str| {
        BTreeMap::from([("username".to_owned(), user.to_owned()), ("password".to_owned(), format!("{user}-demo"))])
    };
    let mut desk = desk().set("MY_API_PASSWORD", "real").set("MY_API_USERNAME", "real");
    desk.dotenv = dotenv(&[(".env", "MY_API_STG_PASSWORD=real")]);
    desk.embedded = Some(Embedded {
        members: BTreeMap::from([("base".to_owned(), "http://127.0.0.1:4711".to_owned())]),
        hosts: Vec::new(),
        credentials: BTreeMap::from([
            ("default".to_owned(), person("demo")),
            ("planner".to_owned(), person("planner")),
        ]),
    });
    assert_eq!(password(&desk), ("demo-demo".into(), CredentialOrigin::Demo));
    assert_eq!(desk.identity().member("base"), Some("http://127.0.0.1:4711"));
    desk.persona = "planner".into();
    assert_eq!(password(&desk), ("planner-demo".into(), CredentialOrigin::Demo));
    desk.persona = "stranger".into();
    assert_eq!(
        desk.refusal(),
        "\
error[auth.credentials]: credentials for my-api (stg) as stranger are missing: `username`, `password`
 = note: `username` was not found in --credential my-api.stranger.username, the environment variables (MY_API_STG_STRANGER_USERNAME), .env.stg (no such file), the built-in provider's personas, the project's secrets (my_api_stranger_username)
 = note: `password` was not found in --credential my-api.stranger.password, the environment variables (MY_API_STG_STRANGER_PASSWORD), .env.stg (no such file), the built-in provider's personas, the project's secrets (my_api_stranger_password)
 = help: the personas of the built-in provider are default, planner"
    );
    desk.persona = "default".into();
    // What is named for this environment is meant for it.
    desk = desk.set("MY_API_STG_PASSWORD", "on-purpose");
    assert_eq!(password(&desk).0, "on-purpose");
}

#[test]
fn secrets_do_not_print_themselves() {
    let identity = with_user(desk()).set("MY_API_STG_PASSWORD", "hunter22").identity();
    let shown = format!("{identity:?} {:?} {:?}", identity.given, Secret::new("hunter22"));
    assert!(!shown.contains("hunter22"), "{shown}");
    assert!(!shown.contains("aHVudGVyMjI"), "{shown}");
}
