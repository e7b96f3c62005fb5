//! The closed sets of words of a provider file.

use crate::auth::words::words;

words! {
    /// How the first token is had.
    pub enum FlowName("a flow") {
        /// RFC 6749, section 4.4.
        "client_credentials" => ClientCredentials,
        /// RFC 6749, section 4.3.
        "password" => Password,
        /// RFC 6749, section 4.1.
        "authorization_code" => AuthorizationCode,
        /// RFC 7523, section 2.1.
        "jwt_bearer" => JwtBearer,
        /// RFC 8693.
        "token_exchange" => TokenExchange,
        /// RFC 8628.
        "device_code" => DeviceCode,
        /// A token that is given, sent as RFC 6750 says.
        "bearer" => Bearer,
        /// A key that is given.
        "api_key" => ApiKey,
        /// RFC 7617.
        "basic" => Basic,
        /// RFC 7616.
        "digest" => Digest,
        /// AWS Signature Version 4: each request is signed.
        "aws_sigv4" => AwsSigV4,
        /// Requests of the file's own.
        "custom" => Custom,
        /// Nothing is sent.
        "none" => None,
        ;
    }
}

words! {
    /// How the fields of a token request are written.
    pub enum Encoding("an encoding") {
        /// `application/x-www-form-urlencoded`
        "form" => Form,
        /// `application/json`
        "json" => Json,
        /// In the URL's query.
        "query" => Query,
        ;
    }
}

words! {
    /// How the client proves at the token endpoint who it is.
    pub enum ClientAuth("a way of client authentication") {
        /// `client_id` and `client_secret` as HTTP Basic, both form-encoded first (RFC 6749, section 2.3.1).
        "basic" => Basic,
        /// Both as fields of the request.
        "post" => Post,
        /// Both as members of a JSON body.
        "json" => Json,
        /// With a JWT that a private key signs (RFC 7523, section 2.2).
        "private_key_jwt" => PrivateKeyJwt,
        /// With a JWT that the client's secret signs.
        "client_secret_jwt" => ClientSecretJwt,
        /// Not at all.
        "none" => None,
        /// By the client certificate of the connection (RFC 8705, section 2); `client_id` is a field.
        "tls" => Tls,
        ;
    }
}

impl ClientAuth {
    /// Whether the client signs a JWT.
    pub fn signs(self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::ClientSecretJwt)
    }
}

words! {
    /// The code challenge of RFC 7636.
    pub enum Pkce("a code challenge method") {
        /// SHA-256.
        "S256" => S256,
        /// No challenge is sent.
        "none" => None,
        ; "plain"
    }
}

words! {
    /// How the provider's login page is got through.
    pub enum By("a way through the login page") {
        /// A person's browser opens it, and comes back to a listener on this machine (RFC 8252).
        "browser" => Browser,
        /// A person opens it anywhere and pastes the URL it ends at.
        "paste" => Paste,
        /// Its HTML form is filled in, with no person.
        "form" => Form,
        ;
    }
}
