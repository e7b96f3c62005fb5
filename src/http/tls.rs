//! TLS of a service's own: authorities that the machine does not know, and the certificate by which a client is known.
//! Everything that can be wrong with them is found when they are read, before any connection.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls::InconsistentKeys;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::{self, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::validity::validity;
use crate::secret::Secret;

/// What a connection over TLS is made with, beside what the machine trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Certificates in DER.
    authorities: Vec<Vec<u8>>,
    /// The client's chain and key in PEM.
    identity: Option<Secret>,
}

/// Why a file is of no use for TLS, in words that follow the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// There is no certificate in it.
    #[error("contains no certificate in PEM format")]
    NoCertificate,
    /// A certificate in it cannot be read.
    #[error("contains a certificate that cannot be read")]
    BadCertificate,
    /// There is no private key in it.
    #[error("contains no private key in PEM format")]
    NoKey,
    /// The key is behind a password.
    #[error("contains an encrypted private key")]
    Encrypted,
    /// The key is of a kind that TLS does not use, or no key.
    #[error("contains a private key that cannot be used: {0}")]
    BadKey(String),
    /// The key belongs to another certificate.
    #[error("contains the key of another certificate")]
    Mismatch,
    /// The certificate is no longer valid.
    #[error("contains a certificate that expired on {0}")]
    Expired(String),
    /// The certificate is not valid yet.
    #[error("contains a certificate that is not valid before {0}")]
    NotYet(String),
}

impl Unusable {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoCertificate | Self::BadCertificate => {
                "PEM is text that starts with -----BEGIN CERTIFICATE-----; openssl x509 -inform der -in FILE converts DER to it"
            }
            Self::NoKey => {
                "PEM is text that starts with -----BEGIN PRIVATE KEY-----; PKCS#8, PKCS#1 and SEC1 can be read"
            }
            Self::Encrypted => {
                "decrypt it with openssl pkey -in FILE -out KEY, and keep the result where only you can read it"
            }
            Self::BadKey(_) => "RSA, P-256, P-384, P-521 and Ed25519 keys can be used",
            Self::Mismatch => {
                "`certificate` and `key` must belong together; the client's own certificate must be the first in its file"
            }
            Self::Expired(_) => "ask whoever issued it for a new one",
            Self::NotYet(_) => "check the clock of this machine",
        }
    }
}

impl Tls {
    /// Adds the authorities in a PEM text to those that the machine knows.
    ///
    /// # Errors
    /// Why the text is of no use.
    pub fn trust(&mut self, text: &str) -> Result<(), Unusable> {
        let certificates = certificates(text)?;
        self.authorities.extend(certificates.into_iter().map(|certificate| certificate.to_vec()));
        Ok(())
    }

    /// Takes the client's certificate, with those that lead to its authority behind it.
    ///
    /// # Errors
    /// Why the certificate, or else why the key is of no use; `true` for the certificate.
    pub fn identify(&mut self, certificate: &str, key: &str, now: Timestamp) -> Result<(), (bool, Unusable)> {
        let chain = certificates(certificate).map_err(|why| (true, why))?;
        let (label, key) = private_key(key).map_err(|why| (false, why))?;
        if let Some((from, until)) = validity(&chain[0]) {
            if until < now {
                return Err((true, Unusable::Expired(day(until))));
            }
            if now < from {
                return Err((true, Unusable::NotYet(day(from))));
            }
        }
        let signing =
            any_supported_type(&key).map_err(|error| (false, Unusable::BadKey(error.to_string().to_lowercase())))?;
        match CertifiedKey::new(chain.clone(), signing).keys_match() {
            Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                return Err((false, Unusable::Mismatch));
            }
            Err(rustls::Error::InvalidCertificate(_)) => return Err((true, Unusable::BadCertificate)),
            // A key that does not tell its public half is found out by the handshake.
            _ => {}
        }
        let mut text: String = chain.iter().map(|certificate| section("CERTIFICATE", certificate)).collect();
        text.push_str(&section(label, key.secret_der()));
        self.identity = Some(Secret::new(text));
        Ok(())
    }

    /// Both: the authorities of this one and of the other, and the certificate of this one if it has any.
    #[must_use]
    pub fn over(&self, other: Option<&Self>) -> Self {
        let mut both = self.clone();
        if let Some(other) = other {
            both.authorities.extend(other.authorities.iter().cloned());
            both.identity = both.identity.or_else(|| other.identity.clone());
        }
        both
    }

    /// The same for a host that must not know the client.
    #[must_use]
    pub fn without_certificate(&self) -> Self {
        Self { authorities: self.authorities.clone(), identity: None }
    }

    /// Whether a client certificate is shown to whoever asks for one.
    pub fn has_certificate(&self) -> bool {
        self.identity.is_some()
    }

    /// What tells connections of one profile from those of another.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        let identity = self.identity.as_ref().map(Secret::expose).unwrap_or_default();
        for part in self.authorities.iter().map(Vec::as_slice).chain([identity.as_bytes()]) {
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(context.finish().as_ref());
        fingerprint
    }

    /// Gives a client what it is made with.
    pub(super) fn apply(&self, mut builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, reqwest::Error> {
        let authorities = self.authorities.iter().map(|der| reqwest::Certificate::from_der(der));
        builder = builder.tls_certs_merge(authorities.collect::<Result<Vec<_>, _>>()?);
        match &self.identity {
            Some(identity) => Ok(builder.identity(reqwest::Identity::from_pem(identity.expose().as_bytes())?)),
            None => Ok(builder),
        }
    }
}

fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let mut found = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((kind, der)) = pem::from_buf(&mut rest).map_err(|_| Unusable::BadCertificate)? {
        if kind == SectionKind::Certificate {
            if validity(&der).is_none() {
                return Err(Unusable::BadCertificate);
            }
            found.push(CertificateDer::from(der));
        }
    }
    if found.is_empty() { Err(Unusable::NoCertificate) } else { Ok(found) }
}

/// The key, and the label that its kind has in PEM (RFC 7468, section 10; RFC 5915; RFC 8017).
fn private_key(text: &str) -> Result<(&'static str, PrivateKeyDer<'static>), Unusable> {
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(Unusable::Encrypted);
    }
    let mut rest = text.as_bytes();
    while let Some((kind, der)) =
        pem::from_buf(&mut rest).map_err(|_| Unusable::BadKey("its PEM is damaged".to_owned()))?
    {
        match kind {
            SectionKind::PrivateKey => return Ok(("PRIVATE KEY", PrivateKeyDer::Pkcs8(der.into()))),
            SectionKind::RsaPrivateKey => return Ok(("RSA PRIVATE KEY", PrivateKeyDer::Pkcs1(der.into()))),
            SectionKind::EcPrivateKey => return Ok(("EC PRIVATE KEY", PrivateKeyDer::Sec1(der.into()))),
            _ => {}
        }
    }
    Err(Unusable::NoKey)
}

fn section(label: &str, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in encoded.as_bytes().chunks(64) {
        _ = writeln!(text, "{}", String::from_utf8_lossy(line));
    }
    text + &format!("-----END {label}-----\n")
}

fn day(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests;
