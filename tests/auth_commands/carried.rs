//! `auth export` and `auth import`: a session on its way to another machine.

use callsheet::mock::Site;
use snapbox::{assert_data_eq, str};

use crate::support::{Outcome, Stage};

/// A key pair of age, made for these tests alone.
const PUBLIC: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
const PRIVATE: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

fn stage() -> Stage {
    Stage::new().with(|project| project.variable("PASS", "correct horse battery").variable("OTHER_PASS", "wrong"))
}

fn here(stage: &Stage, arguments: &[&str]) -> Outcome {
    stage.project.callsheet(&[&["auth"], arguments, &["--token-store", "here"]].concat())
}

fn there(stage: &Stage, arguments: &[&str]) -> Outcome {
    stage.project.callsheet(&[&["auth"], arguments, &["--token-store", "there"]].concat())
}

#[test]
fn a_session_goes_to_another_machine_and_is_used_there() {
    let stage = stage();
    let exported = here(&stage, &["export", "simacan", "-o", "s.age", "--passphrase-env", "PASS"]);
    assert_data_eq!(
        exported.exits(0).plain(),
        str![[r#"
simacan (test): written to s.age
  its refresh token is replaced with each use, so only one machine can go on with this session;
  `--move` leaves it to the other one

"#]]
    );
    let token = here(&stage, &["token", "simacan"]).exits(0).stdout.clone();
    let file = stage.project.read("s.age");
    assert!(file.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"), "{file}");
    assert!(!file.contains(token.trim()) && !file.contains("simacan"));
    // A secret of a CI server, without the line break at its end.
    stage.project.write("s.age", file.trim_end());
    there(&stage, &["import", "s.age", "--passphrase-env", "PASS"])
        .exits(0)
        .says("simacan (test): kept in ")
        .lacks(token.trim());
    assert_eq!(there(&stage, &["token", "simacan"]).exits(0).stdout, token);
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 1, "no second login was made");
    there(&stage, &["status"]).exits(0).says("import");
}

#[test]
fn another_passphrase_opens_nothing() {
    let stage = stage();
    here(&stage, &["export", "simacan", "-o", "s.age", "--passphrase-env", "PASS"]).exits(0);
    assert_data_eq!(
        there(&stage, &["import", "s.age", "--passphrase-env", "OTHER_PASS"]).exits(2).plain(),
        str![[r#"
error[auth.import]: s.age: the passphrase is wrong


"#]]
    );
    there(&stage, &["status"]).exits(0).says("no sessions in ");
    there(&stage, &["import", "s.age"]).exits(2).says("there is no terminal to ask for the passphrase");
    there(&stage, &["import", "s.age", "--passphrase-env", "NONE"])
        .exits(2)
        .says("NONE, which should contain the passphrase, is not set");
    stage.project.write("key.txt", PRIVATE);
    there(&stage, &["import", "s.age", "--key-file", "key.txt"])
        .exits(2)
        .says("it was encrypted to a passphrase, and private keys were given");
    let damaged = stage.project.read("s.age").replacen("\nY", "\nZ", 1);
    stage.project.write("damaged.age", &damaged[..damaged.len() / 2]);
    there(&stage, &["import", "damaged.age", "--passphrase-env", "PASS"])
        .exits(2)
        .says("damaged.age: it is not an encrypted session");
    stage.project.write("plain.json", "{ \"version\": 1 }");
    there(&stage, &["import", "plain.json"]).exits(2).says("it does not start with -----BEGIN AGE ENCRYPTED FILE-----");
}

#[test]
fn a_session_is_encrypted_to_public_keys() {
    let stage = stage()
        .with(|project| project.file("key.txt", &format!("# made for a test\n{PRIVATE}\n")).variable("KEY", PRIVATE));
    let printed = here(&stage, &["export", "simacan", "-o", "-", "--to", PUBLIC]);
    stage.project.write("s.age", &printed.exits(0).stdout);
    there(&stage, &["import", "s.age", "--key-file", "key.txt"]).exits(0);
    there(&stage, &["import", "s.age", "--key-env", "KEY"]).exits(0);
    there(&stage, &["import", "s.age"]).exits(2).says("give the private key: --key-file FILE or --key-env NAME");
    // A private key that is given by mistake is not shown.
    here(&stage, &["export", "simacan", "-o", "t.age", "--to", PRIVATE])
        .exits(2)
        .says("it is a private key; the public one starts with age1")
        .lacks("GFPYYSJZ");
    assert!(!stage.project.names().contains(&"t.age".to_owned()));
}

#[test]
fn nothing_is_overwritten() {
    let stage = stage().with(|project| project.file("s.age", "mine"));
    here(&stage, &["export", "simacan", "-o", "s.age", "--passphrase-env", "PASS"])
        .exits(2)
        .says("s.age already exists");
    assert_eq!(stage.project.read("s.age"), "mine");
    here(&stage, &["export", "simacan", "-o", "old.age", "--passphrase-env", "PASS"]).exits(0);
    here(&stage, &["logout", "simacan"]).exits(0);
    here(&stage, &["token", "simacan"]).exits(0);
    here(&stage, &["import", "old.age", "--passphrase-env", "PASS"])
        .exits(2)
        .says("there is already a newer session of simacan (test) here");
    here(&stage, &["import", "old.age", "--passphrase-env", "PASS", "--force"]).exits(0);
}

#[test]
fn a_session_is_kept_only_where_it_belongs() {
    let stage = stage().with(|project| {
        let config = project.read("callsheet.yaml") + "  stg: {}\n";
        project.file("callsheet.yaml", &config)
    });
    let test = ["--env", "test"];
    here(&stage, &[&["export", "cognito", "-o", "s.age", "--passphrase-env", "PASS"][..], &test].concat()).exits(0);
    there(&stage, &["import", "s.age", "--passphrase-env", "PASS", "--env", "stg"])
        .exits(2)
        .says("the session is for the environment test, but --env says stg");
    there(&stage, &["import", "s.age", "--passphrase-env", "PASS", "--credential", "cognito.client_id=another"])
        .exits(2)
        .says("but here cognito (test) has the client another");
    here(&stage, &[&["export", "simacan", "-o", "m.age", "--passphrase-env", "PASS", "--move"][..], &test].concat())
        .exits(0)
        .says("forgotten here");
    here(&stage, &["status", "simacan"]).exits(0).says("no sessions in ");
}

#[test]
fn what_is_no_session_cannot_be_exported() {
    let stage = stage().with(|project| project.variable("STRIPE_SECRET_KEY", "sk_1"));
    here(&stage, &["export", "stripe", "-o", "s.age", "--passphrase-env", "PASS"])
        .exits(2)
        .says("stripe has no session to export: its flow `bearer` needs no login");
    here(
        &stage,
        &["export", "simacan", "-o", "s.age", "--passphrase-env", "PASS", "--credential", "simacan.password=no"],
    )
    .exits(3)
    .says("error[auth.refused]");
    assert!(!stage.project.names().contains(&"s.age".to_owned()));
}
