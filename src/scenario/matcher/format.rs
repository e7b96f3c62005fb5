//! The formats that a matcher can name, each with the standard it follows.

/// A format of strings. What each accepts stands with its check, in `expect::matcher::format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `uuid`: RFC 9562.
    Uuid,
    /// `email`: RFC 5321 and 5322, the dot-atom form.
    Email,
    /// `url`: an absolute URL of the WHATWG standard.
    Url,
    /// `date`: `full-date` of RFC 3339.
    Date,
    /// `datetime`: `date-time` of RFC 3339.
    Datetime,
    /// `time`: `partial-time` of RFC 3339, with or without an offset.
    Time,
    /// `duration`: ISO 8601.
    Duration,
    /// `ipv4`: dotted decimal.
    Ipv4,
    /// `ipv6`: RFC 4291.
    Ipv6,
    /// `hostname`: RFC 1123.
    Hostname,
    /// `semver`: Semantic Versioning 2.0.0.
    Semver,
    /// `base64`: RFC 4648 section 4.
    Base64,
    /// `hex`: RFC 4648 section 8, either case.
    Hex,
    /// `jwt`: the compact form of RFC 7519.
    Jwt,
    /// `slug`: lower-case letters, digits and single hyphens.
    Slug,
    /// `iso country`: ISO 3166-1 alpha-2.
    IsoCountry,
    /// `iso currency`: ISO 4217.
    IsoCurrency,
}

impl Format {
    /// All of them, in the order of the reference.
    pub const ALL: [Self; 17] = [
        Self::Uuid,
        Self::Email,
        Self::Url,
        Self::Date,
        Self::Datetime,
        Self::Time,
        Self::Duration,
        Self::Ipv4,
        Self::Ipv6,
        Self::Hostname,
        Self::Semver,
        Self::Base64,
        Self::Hex,
        Self::Jwt,
        Self::Slug,
        Self::IsoCountry,
        Self::IsoCurrency,
    ];

    /// The word or words it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Email => "email",
            Self::Url => "url",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Hostname => "hostname",
            Self::Semver => "semver",
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Jwt => "jwt",
            Self::Slug => "slug",
            Self::IsoCountry => "iso country",
            Self::IsoCurrency => "iso currency",
        }
    }

    /// The format of that word.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}
