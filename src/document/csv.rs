//! CSV (RFC 4180): rows under the names of the first row. What many readers pass over in silence is told here: a row that is
//! shorter or longer than the others, two columns of one name, a quote that never closes.

use std::collections::HashMap;
use std::sync::Arc;

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use crate::json::{Json, ObjectBuilder};

/// The delimiter that a table is most probably written with: the one that parts its first row most often.
pub(super) fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(delimiter, _)| *delimiter == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // Of several that are equally often there, the first.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// The rows: objects under the names of the first row, or lists where there is no such row.
pub(super) fn table(text: &str, delimiter: u8, header: bool) -> Result<Json, String> {
    quotes(text, delimiter)?;
    let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut rows = Vec::new();
    let mut begun = false;
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => return Err(ragged(&error, header)),
        }
        if header && !begun {
            names = columns(&record)?;
        } else if header {
            let mut row = ObjectBuilder::default();
            names.iter().zip(&record).for_each(|(name, cell)| row.push(name.clone(), Json::from(cell)));
            rows.push(Json::Object(row.finish()));
        } else {
            rows.push(Json::array(record.iter().map(Json::from)));
        }
        begun = true;
    }
    if header && !begun {
        return Err("it is empty: not even the row with the names of the columns is there".to_owned());
    }
    Ok(Json::array(rows))
}

/// The names of the columns, each once.
fn columns(record: &StringRecord) -> Result<Vec<Arc<str>>, String> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (at, name) in record.iter().enumerate() {
        if let Some(first) = seen.insert(name, at) {
            let (first, second) = (first + 1, at + 1);
            return Err(match name {
                "" => format!("columns {first} and {second} have no name in the first row"),
                name => format!("the columns {first} and {second} have one name, `{name}`"),
            });
        }
    }
    Ok(record.iter().map(Arc::from).collect())
}

fn ragged(error: &csv::Error, header: bool) -> String {
    match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            let first = if header { "the names above it" } else { "the row above it" };
            let cells = if *len == 1 { "cell" } else { "cells" };
            format!("the row on line {line} has {len} {cells}, and {first} are {expected_len}")
        }
        _ => error.to_string(),
    }
}

/// Refuses quotes that no reader agrees on: one that never closes, and text behind one that has closed.
fn quotes(text: &str, delimiter: u8) -> Result<(), String> {
    enum At {
        Begin,
        Plain,
        Quoted { since: usize },
        Closed,
    }
    let (mut at, mut line) = (At::Begin, 1);
    for byte in text.bytes() {
        let ends = byte == delimiter || byte == b'\n' || byte == b'\r';
        at = match at {
            At::Quoted { .. } if byte == b'"' => At::Closed,
            At::Quoted { since } => At::Quoted { since },
            At::Begin if byte == b'"' => At::Quoted { since: line },
            // Two quotes are one that is meant.
            At::Closed if byte == b'"' => At::Quoted { since: line },
            _ if ends => At::Begin,
            At::Closed => return Err(format!("on line {line}, a cell goes on behind its closing quote")),
            At::Begin | At::Plain => At::Plain,
        };
        line += usize::from(byte == b'\n');
    }
    match at {
        At::Quoted { since } => Err(format!("the quote that opens on line {since} is never closed")),
        _ => Ok(()),
    }
}
