use super::*;
use crate::json::Json;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

const SECRET: &str = "pä$$ \"w\\rd/~*+100%é?";

fn redactor() -> Redactor {
    let redactor = Redactor::default();
    redactor.learn("secrets.key", SECRET);
    redactor
}

#[test]
fn a_secret_does_not_print_itself() {
    let secret = Secret::new("hunter2");
    assert_eq!(format!("{secret} {secret:?} {:#?}", Some(&secret)), "*** *** Some(\n    ***,\n)");
}

#[test]
fn every_form_is_masked_and_no_part_stays() {
    let form = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect::<String>();
    let json = serde_json::to_string(SECRET).expect("a string");
    let mut texts = vec![
        SECRET.to_owned(),
        form.clone(),
        form.replace('+', "%20"),
        form.replace("%C3%A4", "%c3%a4").replace('*', "%2A"),
        json.replace('ä', "\\u00e4").replace('é', "\\u00E9"),
        serde_json::to_string(&json).expect("a string").trim_matches('"').to_owned(),
        json.clone(),
        json.replace('/', "\\/"),
    ];
    for before in ["", "u", "us", "user:", "client-12:"] {
        for after in ["", "!", "!!", ":more"] {
            let text = format!("{before}{SECRET}{after}");
            texts.push(STANDARD.encode(&text));
            texts.push(URL_SAFE.encode(&text));
            texts.push(URL_SAFE_NO_PAD.encode(&text));
        }
    }
    for text in texts {
        let shown = redactor().redact(&format!("a: [{text}] z")).into_owned();
        let rest = shown.replace(['"', '\\'], "");
        assert_eq!(rest, "a: [{{secrets.key}}] z", "{text}");
    }
}

#[test]
fn overlapping_secrets_are_masked_whole_under_the_longest_name() {
    let redactor = Redactor::default();
    redactor.learn("a", "abcdefghij");
    redactor.learn("b", "hijklmnopqrstuvw");
    redactor.learn("c", "defg");
    assert_eq!(redactor.redact("xabcdefghijklmnopqrstuvwx"), "x{{b}}x");
    assert_eq!(redactor.redact("-abcdefghij-defg-"), "-{{a}}-{{c}}-");
}

#[test]
fn short_secrets_are_masked_as_words_only() {
    let redactor = Redactor::default();
    redactor.learn("pin", "123");
    redactor.learn("code", "12345");
    assert_eq!(redactor.redact("pin=123, 91234, 12345"), "pin={{pin}}, 91234, {{code}}");
}

#[test]
fn an_excerpt_never_shows_half_a_secret() {
    let redactor = redactor();
    let text = format!("0123456789{SECRET}0123456789");
    for limit in 0..text.len() + 2 {
        let shown = redactor.excerpt(&text, limit);
        let rest = shown.replace("{{secrets.key}}", "");
        assert!("01234567890123456789".starts_with(&rest), "{limit}: {shown}");
    }
}

#[test]
fn a_thousand_tokens_cost_no_more_than_one() {
    let redactor = Redactor::default();
    for serial in 0..1000 {
        redactor.learn("auth.bench.access_token", &format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiZW5jaCJ9.{serial:032}x"));
    }
    let text = format!("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiZW5jaCJ9.{:032}x end", 77);
    assert_eq!(redactor.redact(&text), "token {{auth.bench.access_token}} end");
}

proptest::proptest! {
    #[test]
    fn text_without_secrets_is_left_alone(text in "[a-z ]{0,40}") {
        let redactor = Redactor::default();
        redactor.learn("k", "NEVER-THERE-42");
        proptest::prop_assert_eq!(redactor.redact(&text), text.as_str());
    }
}

#[test]
fn what_was_cut_before_it_came_here_is_masked() {
    let redactor = Redactor::default();
    redactor.learn("auth.p.access_token", "abcdefghijklmnopqrstuvwxyz0123456789");
    redactor.learn("secrets.odd", r#"quoted"and\\slash"#);
    for (text, masked) in [
        ("\"Bearer abcdefghijklmnop…\"", "\"Bearer {{auth.p.access_token}}…\""),
        ("it ends with …uvwxyz0123456789\"", "it ends with …{{auth.p.access_token}}\""),
        ("…jklmnopqrst…", "…{{auth.p.access_token}}…"),
        ("…klm…", "…klm…"),
        ("abc…", "abc…"),
        (r#""quoted\"and\…"#, "\"{{secrets.odd}}…"),
        (r#""quoted\…"#, "\"{{secrets.odd}}…"),
        (r#""quoted\u00…"#, "\"{{secrets.odd}}…"),
        ("?k=quoted%22an…", "?k={{secrets.odd}}…"),
        ("?k=quoted%2…", "?k={{secrets.odd}}…"),
    ] {
        assert_eq!(redactor.redact(text), masked, "{text}");
    }
}

#[test]
fn json_inside_of_json_inside_of_json_is_seen_through() {
    let redactor = Redactor::default();
    redactor.learn("secrets.odd", "a\"quoted\\one");
    let mut text = "a\"quoted\\one".to_owned();
    for _ in 0..5 {
        text = Json::from(text).to_string();
        let masked = redactor.redact(&text);
        assert!(masked.contains("{{secrets.odd}}") && !masked.contains("quoted"), "{masked}");
    }
}
