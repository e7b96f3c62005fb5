//! Where a redirect leads, and what may go along.

use std::sync::Arc;

use url::Url;

use super::{Body, Request, origin};

/// Header fields that may follow a request to another origin: they hold no credentials. All others stay behind, a
/// custom `X-Api-Key` too.
const HARMLESS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "content-language",
    "content-type",
    "pragma",
    "user-agent",
];

/// The request that follows a response of that status and `Location`; `None` where it is no redirect.
pub(super) fn follow(request: &Request, status: u16, location: Option<&str>) -> Option<Request> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let url: Url = request.url.join(location?).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut next = request.clone();
    // RFC 9110, section 15.4: 303 asks for a GET; after 301 and 302 everyone turns a POST into one.
    let becomes_get = match status {
        303 => &*request.method != "HEAD",
        301 | 302 => &*request.method == "POST",
        _ => false,
    };
    if becomes_get {
        next.method = "GET".into();
        next.body = Body::Empty;
        next.headers.retain(|name| !name.to_ascii_lowercase().starts_with("content-"));
    }
    if origin(&url) != origin(&request.url) {
        next.headers.retain(|name| HARMLESS.contains(&name.to_ascii_lowercase().as_str()));
        next.tls = next.tls.map(|tls| Arc::new(tls.without_certificate()));
        next.resign = None;
    }
    next.url = url;
    if let Some(resign) = next.resign.clone() {
        resign.sign(&mut next);
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str) -> Request {
        let mut request = Request::new(method, "https://a.example/x/y?q=1".parse().expect("a URL"));
        for (name, value) in
            [("Authorization", "Bearer t"), ("X-Api-Key", "k"), ("Accept", "*/*"), ("Content-Type", "text/plain")]
        {
            request.headers.append(name, value);
        }
        request.body = Body::text("hello".into(), "text/plain");
        request
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        for location in ["https://b.example/", "http://a.example/", "https://a.example:444/", "//b.example/"] {
            let next = follow(&request("GET"), 302, Some(location)).expect("a redirect");
            assert_eq!(
                next.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
                ["Accept", "Content-Type"],
                "{location}"
            );
        }
        let next = follow(&request("GET"), 302, Some("../z")).expect("a redirect");
        assert_eq!(next.url.as_str(), "https://a.example/z");
        assert_eq!(next.headers.get("x-api-key"), Some("k"));
    }

    #[test]
    fn what_was_signed_is_signed_again_within_its_origin() {
        let mut first = request("POST");
        first.resign = Some(crate::http::Resign::new(|request| {
            let proof = format!("{} {}", request.method, request.url);
            request.headers.set("DPoP", &proof);
        }));
        let next = follow(&first, 302, Some("/z")).expect("a redirect");
        assert_eq!(next.headers.get("dpop"), Some("GET https://a.example/z"));
        let next = follow(&next, 307, Some("https://b.example/")).expect("a redirect");
        assert_eq!(next.headers.get("dpop"), None);
        assert!(next.resign.is_none());
    }

    #[test]
    fn methods_change_as_the_standard_says() {
        for (method, status, expected) in [
            ("POST", 301, "GET"),
            ("POST", 302, "GET"),
            ("PUT", 302, "PUT"),
            ("PUT", 303, "GET"),
            ("HEAD", 303, "HEAD"),
            ("POST", 307, "POST"),
            ("DELETE", 308, "DELETE"),
        ] {
            let next = follow(&request(method), status, Some("/z")).expect("a redirect");
            assert_eq!(&*next.method, expected, "{method} {status}");
            assert_eq!(next.body.bytes().is_empty(), expected == "GET", "{method} {status}");
        }
        assert!(follow(&request("GET"), 304, Some("/z")).is_none());
        assert!(follow(&request("GET"), 302, None).is_none());
        assert!(follow(&request("GET"), 302, Some("ftp://b.example/")).is_none());
    }
}
