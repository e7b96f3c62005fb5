//! Credentials that are wrong on purpose, to find out whether a service refuses them. They are made from a right one, go to
//! no host that the right one may not go to, are never kept, and are secrets as well: with the right one's beginning.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::identity::Identity;
use super::jwt;
use super::provider::Flow;
use super::token::{Token, TokenSet};
use crate::json::{Json, Number, ObjectBuilder};
use crate::secret::{Redactor, Secret};

/// How far back the expiry of an expired token lies, in seconds.
const AGO: i64 = 3600;

/// What is sent in place of a token that is no token at all.
const GARBAGE: &str = "not-a-token";

/// How a credential is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// It is no credential at all.
    Garbage,
    /// It is over, by its own words; what was signed is something else.
    Expired,
    /// One bit of its signature differs; of an opaque token, one letter.
    Tampered,
    /// It says that it needs no signature, and has none (RFC 7515, appendix A.5).
    AlgNone,
}

impl Identity {
    /// A wrong credential in place of a right one.
    ///
    /// # Errors
    /// Why this credential cannot be wrong in this way.
    pub fn forge(&self, token: &Token, how: Forgery, redactor: &Redactor) -> Result<Token, &'static str> {
        let Some(value) = token.attachment.value() else {
            return Err("this provider sends no token, so there is nothing to make wrong");
        };
        if matches!(self.provider.flow, Flow::Basic) && self.provider.send.is_none() {
            return match how {
                Forgery::Garbage => {
                    let wrong = STANDARD.encode(format!("nobody:{GARBAGE}"));
                    Ok(Self::wrong(token, &format!("Basic {wrong}"), GARBAGE))
                }
                _ => Err("this provider sends a user name and password, not a token"),
            };
        }
        let (sent, name) = match (sent(token), how) {
            (Some(sent), _) => (sent, how),
            (None, Forgery::Garbage) => return Ok(Self::wrong(token, GARBAGE, GARBAGE)),
            (None, _) => return Err("the token is sent in a form in which it cannot be changed"),
        };
        let wrong = match name {
            Forgery::Garbage => GARBAGE.to_owned(),
            how => forged(sent, how)?,
        };
        if how != Forgery::Garbage {
            redactor.learn(&self.masked("wrong_token"), &wrong);
        }
        Ok(Self::wrong(token, &value.replace(sent, &wrong), &wrong))
    }

    /// A credential that is given, in place of a right one.
    ///
    /// # Errors
    /// Why it is not allowed in its place.
    pub fn replace(&self, token: &Token, given: &str, redactor: &Redactor) -> Result<Token, &'static str> {
        redactor.learn(&self.masked("expired_token"), given);
        let value = token.attachment.value().zip(sent(token)).map(|(value, sent)| value.replace(sent, given));
        let value = value.ok_or("this provider sends no token, so no other can be sent instead")?;
        Ok(Self::wrong(token, &value, given))
    }

    fn wrong(token: &Token, value: &str, access: &str) -> Token {
        let mut wrong = Token::new(TokenSet::given(Secret::new(access)), token.attachment.with_value(value));
        // A proof of possession is made for it as for the right one: it is the token that must be refused.
        wrong.dpop.clone_from(&token.dpop);
        wrong
    }
}

impl Token {
    /// Whether requests carry the same with both.
    pub fn is_sent_like(&self, other: &Self) -> bool {
        self.attachment.value() == other.attachment.value()
    }
}

/// The token that requests carry: it stands in what is sent letter by letter.
fn sent(token: &Token) -> Option<&str> {
    let value = token.attachment.value()?;
    let tokens = [Some(&token.set.access), token.set.id.as_ref()];
    tokens.into_iter().flatten().map(Secret::expose).find(|text| !text.is_empty() && value.contains(text))
}

fn forged(token: &str, how: Forgery) -> Result<String, &'static str> {
    let Some(decoded) = jwt::decode(token) else {
        return match how {
            Forgery::Tampered => Ok(one_letter(token)),
            Forgery::Expired => {
                Err("the token is not a JWT, so its expiry cannot be changed; give an expired one with `expired`")
            }
            _ => Err("the token is not a JWT, so it has no algorithm"),
        };
    };
    let mut parts = token.splitn(3, '.');
    let mut part = || parts.next().unwrap_or_default();
    let (head, claims, signature) = (part(), part(), part());
    match how {
        Forgery::Tampered => {
            let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
            match bytes.first_mut() {
                Some(first) => *first ^= 1,
                None => return Err("the token has no signature that could be changed"),
            }
            Ok(format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode(bytes)))
        }
        Forgery::Expired if decoded.claims.get("exp").is_none() => Err("the token has no `exp`: it never expires"),
        Forgery::Expired => {
            let past = Number::from(Timestamp::now().as_second() - AGO);
            let claims = with(&decoded.claims, "exp", &Json::Number(past));
            Ok(format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string())))
        }
        _ => {
            let head = with(&decoded.header, "alg", &Json::from("none"));
            Ok(format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(head.to_string())))
        }
    }
}

/// The object with another value for a member, at its place.
fn with(object: &Json, name: &str, value: &Json) -> Json {
    let mut builder = ObjectBuilder::default();
    for (key, old) in object.as_object().into_iter().flat_map(crate::json::Object::iter) {
        builder.push(key.into(), if key == name { value.clone() } else { old.clone() });
    }
    Json::Object(builder.finish())
}

/// The text with the letter in its middle changed to another of the same kind.
fn one_letter(text: &str) -> String {
    let middle = text.chars().count() / 2;
    let other = |c: char| match c {
        '0'..='8' | 'a'..='y' | 'A'..='Y' => char::from_u32(c as u32 + 1).unwrap_or('x'),
        '9' => '0',
        'z' => 'a',
        'Z' => 'A',
        _ => 'x',
    };
    text.chars().enumerate().map(|(at, c)| if at == middle { other(c) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Forgery, forged};
    use crate::auth::jwt;

    const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJqb2UiLCJleHAiOjQwMDAwMDAwMDB9.c2lnbmF0dXJl";

    #[test]
    fn each_forgery_changes_what_it_says_and_nothing_else() {
        let parts = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let right = parts(TOKEN);
        let tampered = parts(&forged(TOKEN, Forgery::Tampered).expect("a JWT"));
        assert_eq!((&tampered[0], &tampered[1]), (&right[0], &right[1]));
        assert_ne!(tampered[2], right[2]);
        let expired = forged(TOKEN, Forgery::Expired).expect("a JWT");
        assert_eq!((&parts(&expired)[0], &parts(&expired)[2]), (&right[0], &right[2]));
        let claims = jwt::decode(&expired).expect("a JWT").claims.to_string();
        assert!(claims.starts_with(r#"{"sub":"joe","exp":"#) && !claims.contains("4000000000"), "{claims}");
        let unsigned = forged(TOKEN, Forgery::AlgNone).expect("a JWT");
        assert_eq!((parts(&unsigned)[1].clone(), parts(&unsigned)[2].as_str()), (right[1].clone(), ""));
        assert_eq!(jwt::decode(&unsigned).expect("a JWT").header.to_string(), r#"{"alg":"none","kid":"a"}"#);
    }

    #[test]
    fn an_opaque_token_can_only_be_misspelt() {
        assert_eq!(forged("abc-def", Forgery::Tampered).as_deref(), Ok("abcxdef"));
        assert_eq!(forged("abzde", Forgery::Tampered).as_deref(), Ok("abade"));
        assert!(forged("abc", Forgery::Expired).is_err_and(|why| why.contains("`expired`")));
        assert!(forged("abc", Forgery::AlgNone).is_err());
        let eternal = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";
        assert!(forged(eternal, Forgery::Expired).is_err_and(|why| why.contains("never expires")));
    }
}
