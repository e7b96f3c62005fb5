//! `tls` as files write it, read: a private authority and a client certificate, checked before any connection is made.

use std::path::Path;

use jiff::Timestamp;

use crate::http::{Tls, Unusable};
use crate::scenario::TlsFile;
use crate::secret::Redactor;
use crate::source::{Diagnostic, Span, os_words};
use crate::template::{Scope, Template};

/// What stands in a PEM text, and never in a path.
const PEM: &str = "-----BEGIN ";

/// Reads the files that `tls` names, relative to a folder. The private key is taught to the redactor.
///
/// # Errors
/// Everything that is wrong with them, each at its key.
pub fn tls(file: &TlsFile, scope: &Scope, folder: &Path, redactor: &Redactor) -> Result<Tls, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut text = |template: Option<&Template>, name: Option<&str>| {
        let found = template.map(|template| Pem::read(template, scope, folder)).transpose();
        let found = found.map_err(|problem| problems.push(*problem)).ok().flatten();
        // Whatever else is wrong with it: it is a key.
        if let (Some(found), Some(name)) = (&found, name) {
            redactor.learn(name, &found.text);
        }
        found
    };
    let authorities = text(file.ca.as_ref(), None);
    let certificate = text(file.certificate.as_ref(), None);
    let key = text(file.key.as_ref(), Some("tls.key"));
    let mut tls = Tls::default();
    if let Some(pem) = &authorities {
        problems.extend(tls.trust(&pem.text).err().map(|why| pem.problem("ca", &why)));
    }
    match (&certificate, &key) {
        (Some(certificate), Some(key)) => {
            let identified = tls.identify(&certificate.text, &key.text, Timestamp::now());
            problems.extend(identified.err().map(|(of_certificate, why)| {
                if of_certificate { certificate.problem("certificate", &why) } else { key.problem("key", &why) }
            }));
        }
        // One file may hold both, as `cat certificate key` makes it.
        (Some(both), None) if file.key.is_none() => match tls.identify(&both.text, &both.text, Timestamp::now()) {
            Ok(()) => redactor.learn("tls.key", &both.text),
            Err((false, Unusable::NoKey)) => problems.push(alone("certificate", "key", both.at)),
            Err((_, why)) => problems.push(both.problem("certificate", &why)),
        },
        (None, Some(key)) if file.certificate.is_none() => problems.push(alone("key", "certificate", key.at)),
        _ => {}
    }
    if problems.is_empty() { Ok(tls) } else { Err(problems) }
}

fn alone(key: &str, other: &str, at: Span) -> Diagnostic {
    Diagnostic::error("tls.incomplete", format!("`{key}` cannot be used without `{other}`"))
        .at(at, "")
        .help(format!("add `{other}: FILE` next to it"))
}

/// A PEM text and where it is from.
struct Pem {
    text: String,
    /// The path, as it was written.
    path: Option<String>,
    at: Span,
}

impl Pem {
    fn read(template: &Template, scope: &Scope, folder: &Path) -> Result<Self, Box<Diagnostic>> {
        let (at, text) = (template.span(), template.render(scope)?.into_owned());
        if text.contains(PEM) {
            return Ok(Self { text, path: None, at });
        }
        if text.trim().is_empty() {
            let problem = Diagnostic::error("tls.file", "this is empty, and the name of a file is expected").at(at, "");
            return Err(Box::new(problem.help("write the name of a PEM file, or the PEM text itself")));
        }
        let unreadable = |why: String| {
            let problem = Diagnostic::error("tls.file", format!("{} cannot be read: {why}", text.trim())).at(at, "");
            Box::new(problem.help("the path starts from the folder of this file"))
        };
        let bytes = std::fs::read(folder.join(text.trim())).map_err(|error| unreadable(os_words(&error)))?;
        // DER is told of as what it is: no PEM.
        Ok(Self { text: String::from_utf8_lossy(&bytes).into_owned(), path: Some(text.trim().to_owned()), at })
    }

    fn problem(&self, key: &str, why: &Unusable) -> Diagnostic {
        let what = self.path.clone().unwrap_or_else(|| format!("`{key}`"));
        Diagnostic::error("tls.unusable", format!("{what} {why}")).at(self.at, "").help(why.help())
    }
}
