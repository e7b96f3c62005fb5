//! Between a token in memory, which ends by the clock of the process, and a session on disk, which ends by that on the
//! wall.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{SessionOrigin, StoredSession};
use crate::auth::attach::shown;
use crate::auth::identity::Identity;
use crate::auth::token::{Expiry, Token, TokenSet};
use crate::json::Json;
use crate::secret::Secret;

impl StoredSession {
    /// A session of that identity, issued now, without tokens as yet.
    pub fn new(identity: &Identity, origin: SessionOrigin) -> Self {
        let key = &identity.key;
        let endpoint = identity.provider.flow.token_endpoint();
        let url = endpoint.and_then(|endpoint| endpoint.login.post.render(&identity.scope).ok());
        let url = url.and_then(|url| url.parse().ok()).map(|url| shown(&url));
        Self {
            provider: (&*key.provider).into(),
            environment: key.environment.clone(),
            persona: key.persona.clone(),
            scope: key.scope.clone(),
            client: key.client.clone(),
            issuer: url.as_deref().or(identity.member("base")).unwrap_or_default().into(),
            origin,
            issued_at: Timestamp::now(),
            expires_at: None,
            access_token: None,
            refresh_token: None,
            id_token: None,
            token_type: None,
            granted_scope: None,
            expires_in: None,
            status: 200,
            response: Arc::new(Json::Null),
            bound: Default::default(),
            in_use_since: None,
        }
    }

    /// The session of a token; `refresh` is the refresh token to use next.
    pub(in crate::auth) fn of(
        identity: &Identity,
        token: &Token,
        refresh: Option<Secret>,
        origin: SessionOrigin,
    ) -> Self {
        let (now, wall, set) = (Instant::now(), Timestamp::now(), &token.set);
        // Beyond the last year that the clock knows, a token never ends.
        let moment = |at: Instant| match at.checked_duration_since(now) {
            Some(left) => wall.checked_add(left).ok(),
            None => wall.checked_sub(now.duration_since(at)).ok(),
        };
        Self {
            issued_at: moment(token.acquired).unwrap_or(wall),
            expires_at: set.expires.and_then(|expiry| moment(expiry.moment())),
            access_token: Some(set.access.clone()),
            refresh_token: refresh,
            id_token: set.id.clone(),
            token_type: set.token_type.clone(),
            granted_scope: set.scope.clone(),
            expires_in: set.expires_in,
            status: set.status,
            response: set.response.clone(),
            bound: set.bound.clone(),
            ..Self::new(identity, origin)
        }
    }

    /// The tokens, and how long ago they were issued; `None` where there is no access token.
    pub(in crate::auth) fn tokens(&self) -> Option<(TokenSet, Duration)> {
        let (now, wall) = (Instant::now(), Timestamp::now());
        let life = self.life().unwrap_or_default();
        let end = |left| now.checked_add(left).map(|at| Expiry::at(at, life));
        let set = TokenSet {
            access: self.access_token.clone()?,
            refresh: self.refresh_token.clone(),
            id: self.id_token.clone(),
            token_type: self.token_type.clone(),
            scope: self.granted_scope.clone(),
            expires_in: self.expires_in,
            expires: self.left(wall).and_then(end),
            status: self.status,
            response: self.response.clone(),
            bound: self.bound.clone(),
        };
        Some((set, self.age(wall)))
    }
}
