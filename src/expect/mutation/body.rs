//! The body of a changed document, in the form that the answer had.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::document::Kind;
use crate::event::Change;
use crate::json::Json;

/// How a document becomes a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    Compact,
    Pretty,
    /// The bytes stay as they came: an expectation goes by how the text is laid out, and none of the others has that.
    AsItCame,
    /// As something else than JSON.
    As(Kind),
}

impl Printed {
    /// The manners in which a document of that kind may be written, the most likely first.
    pub(super) fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Lines => &[Self::As(Kind::Lines)],
            Kind::Sequence => &[Self::As(Kind::Sequence)],
            Kind::Csv => &[Self::As(Kind::Csv)],
            Kind::Tsv => &[Self::As(Kind::Tsv)],
            Kind::Form => &[Self::As(Kind::Form)],
            Kind::Jwt => &[Self::As(Kind::Jwt)],
            _ => &[Self::Compact, Self::Pretty, Self::AsItCame],
        }
    }

    /// Whether what is changed can be read only out of the body.
    pub(super) fn is_other(self) -> bool {
        matches!(self, Self::As(_))
    }
}

/// Whether a change makes sense in a document of that kind: what has no types can be neither null nor of another type.
pub(super) fn fits(change: Change, kind: Kind) -> bool {
    !(kind.is_untyped() && matches!(change, Change::Null | Change::Type))
}

/// The text of a document. `whole` is the document as it came, which has the columns of a table that has lost its rows.
/// Nothing where it cannot be written so.
pub(super) fn text(document: &Json, kind: Kind, whole: &Json) -> Option<String> {
    match kind {
        Kind::Lines => Some(document.as_array()?.iter().map(|value| format!("{value}\n")).collect()),
        Kind::Sequence => Some(document.as_array()?.iter().map(|value| format!("\u{1e}{value}\n")).collect()),
        Kind::Csv => table(document, ",", whole),
        Kind::Tsv => table(document, "\t", whole),
        Kind::Form => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in document.as_object()?.iter() {
                for value in value.as_array().unwrap_or(std::slice::from_ref(value)) {
                    form.append_pair(name, &plain(value));
                }
            }
            Some(form.finish())
        }
        Kind::Jwt => {
            let part = |name: &str| document.get(name).map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
            Some(format!("{}.{}.c2ln", part("header")?, part("claims")?))
        }
        _ => None,
    }
}

/// A table; without rows, the columns that it had.
fn table(document: &Json, delimiter: &str, whole: &Json) -> Option<String> {
    let rows = document.as_array()?;
    let first = rows.first().or(whole.as_array()?.first())?;
    let mut text = String::new();
    let mut line = |cells: Vec<Cow<'_, str>>| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(delimiter));
        text.push('\n');
    };
    if let Some(columns) = first.as_object() {
        line(columns.keys().map(Cow::Borrowed).collect());
    }
    for row in rows {
        match row {
            Json::Object(cells) => line(cells.iter().map(|(_, cell)| plain(cell)).collect()),
            Json::Array(cells) => line(cells.iter().map(plain).collect()),
            _ => return None,
        }
    }
    Some(text)
}

fn plain(value: &Json) -> Cow<'_, str> {
    value.as_str().map_or_else(|| value.to_string().into(), Cow::Borrowed)
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// A table with one column more or less: a single row that has another number of cells is no table.
pub(super) fn column(document: &Json, positions: &[usize], change: Change) -> Option<Json> {
    let change_row = |row: &Json| match (row, change, positions) {
        (Json::Object(cells), Change::Removed, [_, column]) => Some(Json::Object(cells.changed(*column, None))),
        (Json::Object(_), Change::Extra, [_]) => super::changed(row, &[], change),
        _ => None,
    };
    let rows: Option<Vec<Json>> = document.as_array()?.iter().map(change_row).collect();
    rows.map(Json::array)
}
