//! What a provider file may refer to. A variable that is not at hand is an error here, at its place, before any call is
//! made.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::discovery;
use super::file::{ClientAuth, Encoding, Environment, Field};
use super::provider::Credential;
use crate::source::{Diagnostic, Keys, Reader, Span, Spanned, suggestion};
use crate::template::{Reference, Template};

/// Names that mean something else in templates, so that no credential may have them.
pub(super) const RESERVED: &[&str] = &[
    "env",
    "base",
    "api",
    "hosts",
    "tls",
    "scope",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "token_type_hint",
    "assertion",
    "device_code",
    "access_token",
    "id_token",
    "token_type",
];

/// What templates may refer to, and what they did refer to.
pub(super) struct Check<'r, 't> {
    pub(super) reader: &'r mut Reader<'t>,
    credentials: Vec<Arc<str>>,
    members: Vec<Arc<str>>,
    pub(super) used: BTreeSet<Arc<str>>,
    /// Whether there is a discovery document, whose endpoints are then variables.
    pub(super) discovers: bool,
}

impl<'r, 't> Check<'r, 't> {
    pub(super) fn new(
        reader: &'r mut Reader<'t>,
        credentials: &[Credential],
        environments: &Keys<Environment>,
    ) -> Self {
        let credentials: Vec<Arc<str>> = credentials.iter().map(|credential| credential.name.value.clone()).collect();
        let mut members: Vec<Arc<str>> = Vec::new();
        for (name, environment) in environments.iter() {
            for (key, _) in environment.members.iter() {
                // Two things of one name would hide each other.
                let reserved = RESERVED.contains(&&*key.value) && !matches!(&*key.value, "base" | "api");
                if credentials.contains(&key.value) || reserved {
                    let what = if reserved { "a built-in variable" } else { "a credential" };
                    reader.report(
                        Diagnostic::error(
                            "provider.name",
                            format!("the name `{}` is already taken by {what}", key.value),
                        )
                        .at(key.span, format!("in the environment `{}`", name.value))
                        .help("choose another name"),
                    );
                }
                if !members.contains(&key.value) {
                    members.push(key.value.clone());
                }
            }
        }
        Self { reader, credentials, members, used: BTreeSet::new(), discovers: false }
    }

    pub(super) fn declares(&self, credential: &str) -> bool {
        self.credentials.iter().any(|known| &**known == credential)
    }

    /// Reports a credential that must be declared and is not.
    pub(super) fn needs(&mut self, credentials: &[&str], what: &str, at: Span) {
        for name in credentials {
            if self.declares(name) {
                self.used.insert((*name).into());
            } else {
                self.reader.report(
                    Diagnostic::error("provider.credential", format!("{what} needs the credential `{name}`"))
                        .at(at, "")
                        .help(format!("add it: `credentials: {{ {name}: {{}} }}`")),
                );
            }
        }
    }

    /// Whether a name is one that templates see, of the environment or a credential.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.declares(name) || self.members.iter().any(|member| &**member == name)
    }

    /// Makes a name one that templates see from here on.
    pub(super) fn define(&mut self, name: Arc<str>) {
        if !self.members.contains(&name) {
            self.members.push(name);
        }
    }

    /// Reports the variables of a template that are not at hand where it is rendered.
    pub(super) fn template(&mut self, template: &Template, flow: &[&'static str]) {
        self.references(template.references(), flow);
    }

    /// The same of anything that holds templates.
    pub(super) fn references<'s>(
        &mut self,
        references: impl Iterator<Item = (&'s Reference, Span)>,
        flow: &[&'static str],
    ) {
        for (reference, at) in references.filter(|(reference, _)| reference.is_variable()) {
            let name = &*reference.path[0];
            if self.declares(name) {
                self.used.insert(name.into());
                continue;
            }
            if name == "env" || flow.contains(&name) || self.members.iter().any(|member| &**member == name) {
                continue;
            }
            if self.discovers && discovery::is_endpoint(name) {
                continue;
            }
            let credentials = self.credentials.iter().map(|name| &**name);
            let known: Vec<&str> =
                credentials.chain(self.members.iter().map(|name| &**name)).chain(flow.iter().copied()).collect();
            let problem =
                Diagnostic::error("template.undefined", format!("the variable `{name}` is not defined")).at(at, "");
            let help = suggestion(name, known.iter().copied()).map_or_else(
                || format!("defined here: {}, env", known.join(", ")),
                |meant| format!("did you mean `{meant}`?"),
            );
            self.reader.report(problem.help(help));
        }
    }

    pub(super) fn field(&mut self, name: &Spanned<Arc<str>>, field: &Field, encoding: Encoding, flow: &[&'static str]) {
        if matches!(field, Field::List(_) | Field::Mapping(_)) && encoding != Encoding::Json {
            self.reader.report(
                Diagnostic::error(
                    "format.type",
                    format!("`{}` is a list or mapping, and only a JSON body can contain one", name.value),
                )
                .at(name.span, "")
                .help("write `encoding: json`, or a plain value"),
            );
        }
        field.templates().into_iter().for_each(|template| self.template(template, flow));
    }

    pub(super) fn status(&mut self, status: &Spanned<u32>) -> Option<u16> {
        let valid = u16::try_from(status.value).ok().filter(|status| (100..600).contains(status));
        if valid.is_none() {
            self.reader.report(
                Diagnostic::error("format.type", format!("{} is not an HTTP status", status.value))
                    .at(status.span, "")
                    .help("write a number from 100 to 599"),
            );
        }
        valid
    }

    /// Checks where the provider lives.
    pub(super) fn environments(&mut self, environments: &Keys<Environment>) {
        for (_, environment) in environments.iter() {
            for (_, member) in environment.members.iter() {
                self.template(member, &[]);
            }
            let tls = environment.tls.iter().flat_map(|tls| [&tls.ca, &tls.certificate, &tls.key]).flatten();
            tls.for_each(|template| self.template(template, &[]));
            for host in environment.hosts.iter().flatten() {
                self.template(host, &[]);
                if let Some(text) = host.as_literal()
                    && let Err(why) = super::hosts::Pattern::parse(text)
                {
                    self.reader.report(
                        Diagnostic::error("provider.hosts", format!("`{text}` is not a host pattern: {why}"))
                            .at(host.span(), "")
                            .help("write a host without `https://` and path, for example api.example.com, *.example.com or localhost:8080"),
                    );
                }
            }
        }
    }

    /// Warns of credentials that nothing uses.
    pub(super) fn unused(&mut self, credentials: &[Credential]) {
        for credential in credentials.iter().filter(|credential| !self.used.contains(&credential.name.value)) {
            self.reader.report(
                Diagnostic::warning(
                    "provider.unused",
                    format!("the credential `{}` is never used", credential.name.value),
                )
                .at(credential.name.span, "")
                .help("use it in a template, `{{ NAME }}`, or remove it"),
            );
        }
    }

    /// Reports that client authentication and the rest do not go together.
    pub(super) fn client_auth(&mut self, auth: ClientAuth, encoding: Encoding, at: Span) {
        if auth == ClientAuth::Json && encoding != Encoding::Json {
            self.reader.report(
                Diagnostic::error("provider.flow", "`client_auth: json` needs a JSON body")
                    .at(at, "")
                    .help("write `encoding: json`, or `client_auth: post`"),
            );
        }
        if auth != ClientAuth::None {
            let what = format!("`client_auth: {}`", auth.word());
            // What the client signs with is the affair of its assertion, what it shows that of its connection.
            let id_alone = auth.signs() || auth == ClientAuth::Tls;
            let needed: &[&str] = if id_alone { &["client_id"] } else { &["client_id", "client_secret"] };
            self.needs(needed, &what, at);
        }
    }
}
