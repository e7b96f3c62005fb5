//! A response body on its way: whole, in small chunks with pauses, or cut off before its end.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// How long a truncated body waits before it breaks off, so that what was sent is on the wire by then.
const BEFORE_BREAKING_OFF: Duration = Duration::from_millis(5);

/// A response body.
pub(super) enum Payload {
    /// Sent at once.
    Whole(Bytes),
    /// Sent piece by piece.
    Pieces(Pieces),
}

/// A body that is sent piece by piece.
pub(super) struct Pieces {
    left: VecDeque<Bytes>,
    pause: Option<Pin<Box<Sleep>>>,
    every: Duration,
    breaks_off: bool,
}

impl Payload {
    /// A body of at most 32 pieces, each of which comes so much later than the one before.
    pub(super) fn slow(body: &Bytes, every: Duration) -> Self {
        let size = body.len().div_ceil(32).max(1);
        let left = (0..body.len()).step_by(size).map(|start| body.slice(start..body.len().min(start + size))).collect();
        Self::Pieces(Pieces { left, pause: None, every, breaks_off: false })
    }

    /// The first half of a body, and then the end of the connection.
    pub(super) fn truncated(body: &Bytes) -> Self {
        Self::Pieces(Pieces {
            left: VecDeque::from([body.slice(..body.len() / 2)]),
            pause: None,
            every: Duration::ZERO,
            breaks_off: true,
        })
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(body) if body.is_empty() => Poll::Ready(None),
            Self::Whole(body) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(body))))),
            Self::Pieces(pieces) => pieces.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(body) if body.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.len() as u64),
            // The length is in the headers already, and may be a lie.
            Self::Pieces(_) => SizeHint::default(),
        }
    }
}

impl Pieces {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        if let Some(piece) = self.left.pop_front() {
            let last = self.left.is_empty();
            let pause = if last && self.breaks_off {
                Some(BEFORE_BREAKING_OFF)
            } else {
                (!last && !self.every.is_zero()).then_some(self.every)
            };
            self.pause = pause.map(|pause| Box::pin(tokio::time::sleep(pause)));
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        Poll::Ready(self.breaks_off.then(|| Err(io::Error::from(io::ErrorKind::UnexpectedEof))))
    }
}
