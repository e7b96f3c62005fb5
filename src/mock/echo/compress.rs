//! The content codings that the echo service can answer in (RFC 9110, section 8.4.1).

use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// A content coding.
#[derive(Clone, Copy)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// The coding that a path names.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "brotli" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// What the `Content-Encoding` header calls it.
    pub(super) fn token(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The body in this coding. What HTTP calls deflate is the zlib format.
    pub(super) async fn encode(self, body: &[u8]) -> Vec<u8> {
        match self {
            Self::Gzip => all(GzipEncoder::new(body)).await,
            Self::Deflate => all(ZlibEncoder::new(body)).await,
            Self::Brotli => all(BrotliEncoder::new(body)).await,
            Self::Zstd => all(ZstdEncoder::new(body)).await,
        }
    }
}

async fn all(mut encoder: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut body = Vec::new();
    // Reading from memory and writing to it cannot fail.
    let _ = encoder.read_to_end(&mut body).await;
    body
}
