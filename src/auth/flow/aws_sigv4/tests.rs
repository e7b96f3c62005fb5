//! The examples that AWS publishes: its test suite of Signature Version 4, the IAM example of its guide, and the S3 API
//! reference.

use super::*;

fn signer(service: &str, key: (&str, &str)) -> SigV4 {
    SigV4 {
        access_key_id: key.0.to_owned(),
        secret_access_key: Secret::new(key.1),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: service.to_owned(),
        redactor: Arc::default(),
        mask: "auth.aws.signature".to_owned(),
    }
}

const SUITE: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
const S3: (&str, &str) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut request = Request::new(method, url.parse().expect("a URL"));
    for (name, value) in headers {
        request.headers.append(name, value);
    }
    if !body.is_empty() {
        request.body = Body::Bytes { bytes: body.to_owned().into(), content_type: None };
    }
    request
}

fn signed(signer: &SigV4, mut request: Request, moment: &str) -> String {
    signer.sign_at(&mut request, moment.parse().expect("a moment"));
    request.headers.get("authorization").expect("a signature").to_owned()
}

#[test]
fn the_test_suite() {
    let signer = signer("service", SUITE);
    let at = "https://example.amazonaws.com";
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for (case, request, names, signature) in [
        (
            "get-vanilla",
            request("GET", at, &[], ""),
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "get-vanilla-query-order-key-case",
            request("GET", &format!("{at}/?Param2=value2&Param1=value1"), &[], ""),
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "post-vanilla",
            request("POST", at, &[], ""),
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "get-header-value-trim",
            request("GET", at, &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")], ""),
            "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "get-header-key-duplicate",
            request("GET", at, &[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")], ""),
            "host;my-header1;x-amz-date",
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
        (
            "post-x-www-form-urlencoded",
            request("POST", at, &[form], "Param1=value1"),
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ] {
        let field = signed(&signer, request, "2015-08-30T12:36:00Z");
        assert_eq!(
            field,
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={names}, Signature={signature}"
            ),
            "{case}"
        );
    }
}

#[test]
fn the_example_of_the_guide() {
    let content = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    let request = request("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", &[content], "");
    let field = signed(&signer("iam", SUITE), request, "2015-08-30T12:36:00Z");
    assert!(field.ends_with("Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"), "{field}");
}

#[test]
fn the_examples_of_s3() {
    let signer = signer("s3", S3);
    let at = "https://examplebucket.s3.amazonaws.com";
    for (request, signature) in [
        (
            request("GET", &format!("{at}/test.txt"), &[("Range", "bytes=0-9")], ""),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            request(
                "PUT",
                &format!("{at}/test$file.text"),
                &[("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
                "Welcome to Amazon S3.",
            ),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            request("GET", &format!("{at}/?lifecycle"), &[], ""),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            request("GET", &format!("{at}/?max-keys=2&prefix=J"), &[], ""),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        let url = request.url.clone();
        let field = signed(&signer, request, "2013-05-24T00:00:00Z");
        assert!(field.ends_with(&format!("Signature={signature}")), "{url}: {field}");
    }
}

#[test]
fn what_is_sent_is_what_is_signed() {
    let spelt = |url: &str| {
        let mut url: Url = url.parse().expect("a URL");
        spell_out(&mut url);
        url.to_string()
    };
    assert_eq!(
        spelt("https://a.test/x(1)/ü%20'/$?q=a+b&r=%2B&s&t=a:b/c*"),
        "https://a.test/x%281%29/%C3%BC%20%27/%24?q=a%20b&r=%2B&s&t=a%3Ab%2Fc%2A"
    );
    assert_eq!(spelt("https://a.test/"), "https://a.test/");
    let canonical = |service: &str, url: &str| {
        let mut request = request("GET", url, &[], "");
        spell_out(&mut request.url);
        let (text, _) = signer(service, SUITE).canonical(&request, "");
        text.lines().nth(1).expect("a path").to_owned()
    };
    assert_eq!(canonical("s3", "https://a.test/a%20b//c"), "/a%20b//c");
    assert_eq!(canonical("execute-api", "https://a.test/a%20b//c"), "/a%2520b/c");
}

#[test]
fn temporary_credentials_are_signed_too() {
    // post-sts-header-before of the test suite.
    let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
    let signer = SigV4 { session_token: Some(Secret::new(token)), ..signer("service", SUITE) };
    let field = signed(&signer, request("POST", "https://example.amazonaws.com/", &[], ""), "2015-08-30T12:36:00Z");
    assert_eq!(
        field,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
    );
}
