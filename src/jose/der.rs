//! As much of DER (X.690) as it takes to write an RSA key of a JWK down in the form that the cryptography library reads:
//! `RSAPrivateKey` of RFC 8017, appendix A.1.2.

/// `RSAPrivateKey` with these integers: n, e, d, p, q, dp, dq, qi, each big-endian.
pub(super) fn rsa_private_key(integers: &[Vec<u8>; 8]) -> Vec<u8> {
    let mut body = Vec::new();
    // The version: two primes.
    element(0x02, &[0], &mut body);
    for integer in integers {
        let digits = &integer[integer.iter().position(|byte| *byte != 0).unwrap_or(integer.len())..];
        // A set first bit would make it negative.
        let sign: &[u8] = if digits.first().is_none_or(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
        element(0x02, &[sign, digits].concat(), &mut body);
    }
    let mut whole = Vec::new();
    element(0x30, &body, &mut whole);
    whole
}

fn element(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1)..];
    match digits {
        [short] if *short < 0x80 => out.push(*short),
        _ => {
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend(digits);
        }
    }
    out.extend(content);
}
