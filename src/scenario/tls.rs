//! `tls`: what connections over TLS are made with, in an environment of the project or of a provider.

use crate::source::mapping;
use crate::template::Template;

mapping! {
    /// What connections over TLS are made with.
    pub struct TlsFile("`tls`") {
        required {}
        optional {
            /// Authorities beside those that the machine knows: a PEM file, or the PEM itself.
            "ca" => ca: Option<Template>,
            /// The client's certificate, with those that lead to its authority behind it: a PEM file, or the PEM itself.
            "certificate" => certificate: Option<Template>,
            /// Its private key, not encrypted: a PEM file, or the PEM itself.
            "key" => key: Option<Template>,
        }
    }
}
