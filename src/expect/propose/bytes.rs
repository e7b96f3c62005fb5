//! What could be accepted of a body of any bytes: its length, its digest, and how it begins.

use std::fmt::Write;

use super::{Found, Mode};
use crate::json::Json;
use crate::pending::{Change, Offer, digest};
use crate::scenario::{BytesExpect, Magic, Sha256};
use crate::source::{Span, Spanned};

const ID: &str = "expect.bytes";
/// So many bytes are shown of a beginning that has no name.
const SHOWN: usize = 8;

impl Found<'_> {
    pub(super) fn bytes(&mut self, expected: &BytesExpect, body: &[u8]) {
        let first = self.proposals.len();
        if let Some(length) = &expected.length {
            let came = Json::from(body.len() as u64);
            self.value(ID, "bytes.length", length, None, Some(&came), &[], Mode::Contains);
        }
        if let Some(sha256) = &expected.sha256 {
            self.sha256(sha256, body);
        }
        let Some(magic) = expected.magic.as_ref().filter(|magic| !magic.value.begins(body)) else { return };
        self.magic(magic, body);
        // An image that is now a page is mostly no image that has changed.
        let kind = Magic::of(body).map(|kind| format!(": {kind}")).unwrap_or_default();
        for proposal in &mut self.proposals[first..] {
            if let Offer::Change(change) = &proposal.offer {
                proposal.offer = Offer::Ask(change.clone(), format!("what came is a file of another kind{kind}"));
            }
        }
    }

    fn sha256(&mut self, expected: &Spanned<Sha256>, body: &[u8]) {
        let path = "bytes.sha256";
        let came = digest(body);
        match &expected.value {
            Sha256::Hex(wanted) => {
                if wanted.render(self.scope).is_ok_and(|wanted| wanted.trim().eq_ignore_ascii_case(&came)) {
                    return;
                }
                let change = text(expected.span, came);
                let offer = if wanted.as_literal().is_some() {
                    Offer::Change(change)
                } else {
                    Offer::Ask(change, format!("a template stands here: {}", wanted.text()))
                };
                self.add(ID, expected.span, path, offer);
            }
            Sha256::File(file) => {
                let Ok(file) = file.render(self.scope) else { return };
                let stored = std::fs::read(self.scope.folder().join(&*file));
                if stored.is_ok_and(|stored| stored != body) {
                    let why = format!("{file} itself would have to be replaced by what came");
                    self.refuse(ID, expected.span, path, &why);
                }
            }
        }
    }

    fn magic(&mut self, expected: &Spanned<Magic>, body: &[u8]) {
        let path = "bytes.magic";
        let refused = match (&expected.value, Magic::of(body)) {
            (_, _) if body.is_empty() => "what came is empty".to_owned(),
            (Magic::Bytes(bytes), _) => {
                let change = text(expected.span, hex(&body[..bytes.len().min(body.len())]));
                return self.add(ID, expected.span, path, Offer::Change(change));
            }
            (Magic::Known(_), Some(kind)) => {
                return self.add(ID, expected.span, path, Offer::Change(text(expected.span, kind.to_owned())));
            }
            (Magic::Known(_), None) => {
                let begins = hex(&body[..SHOWN.min(body.len())]);
                format!("what came is of no kind of file that has a name here: it begins with `{begins}`")
            }
        };
        self.refuse(ID, expected.span, path, &refused);
    }
}

fn text(at: Span, to: String) -> Change {
    Change::Replace { at: at.into(), to: Json::from(to), matcher: None }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a `String` cannot fail.
        _ = write!(out, "{byte:02x}");
        out
    })
}
