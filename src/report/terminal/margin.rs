//! Standard error as the progress line sees it: a little narrower than it is. A terminal shows `^C` where the cursor
//! stands, which is behind the line; were there no room for it, it would break the line, and half of that would stay.

use std::io::{self, Write};

use indicatif::TermLike;
use terminal_size::terminal_size_of;

/// The columns left free at the end of the line.
const FREE: u16 = 4;

/// The size of a terminal that does not tell it.
const SIZE: (u16, u16) = (80, 24);

/// Standard error without its last columns.
#[derive(Debug)]
pub(super) struct Margin;

impl Margin {
    /// Asked anew each time: whoever makes the window narrower wants no broken lines.
    fn size() -> (u16, u16) {
        terminal_size_of(io::stderr()).map_or(SIZE, |(columns, rows)| (columns.0, rows.0))
    }

    /// Moves the cursor (ECMA-48, CUU and what follows it).
    fn move_cursor(by: usize, direction: char) -> io::Result<()> {
        if by == 0 { Ok(()) } else { write!(io::stderr(), "\u{1b}[{by}{direction}") }
    }
}

impl TermLike for Margin {
    fn width(&self) -> u16 {
        Self::size().0.saturating_sub(FREE).max(1)
    }

    fn height(&self) -> u16 {
        Self::size().1
    }

    fn move_cursor_up(&self, by: usize) -> io::Result<()> {
        Self::move_cursor(by, 'A')
    }

    fn move_cursor_down(&self, by: usize) -> io::Result<()> {
        Self::move_cursor(by, 'B')
    }

    fn move_cursor_right(&self, by: usize) -> io::Result<()> {
        Self::move_cursor(by, 'C')
    }

    fn move_cursor_left(&self, by: usize) -> io::Result<()> {
        Self::move_cursor(by, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        writeln!(io::stderr(), "{text}")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        io::stderr().write_all(text.as_bytes())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write_str("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        io::stderr().flush()
    }
}
