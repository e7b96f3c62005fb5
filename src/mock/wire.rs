//! A TCP connection that can end in a reset. Hyper closes connections politely; a server that crashes
//! does not, and clients must be tested against that too.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Makes the connection it belongs to end in a reset.
#[derive(Clone, Default)]
pub(super) struct Fuse(Arc<AtomicBool>);

impl Fuse {
    /// From now on the connection ends in a reset.
    pub(super) fn light(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn burns(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The server's end of a connection.
pub(super) struct Wire {
    stream: TcpStream,
    fuse: Fuse,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, fuse: Fuse) -> Self {
        // Small answers must not wait for acknowledgements; if this cannot be set, they merely do.
        let _ = stream.set_nodelay(true);
        Self { stream, fuse }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.fuse.burns() {
            // With a linger time of zero, closing discards what is unsent and sends RST.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.fuse.burns() {
            // A shutdown would send FIN, and the client would see an ordinary end.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
