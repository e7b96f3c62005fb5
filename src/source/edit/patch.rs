//! From an edit to a piece of text: the ways there are to write it at its place, the best one first. Whether one of them
//! means what it should is found out by reading it.

use std::ops::Range;

use super::text::Text;
use super::tree::{Branch, Form, Member};
use super::write::{self, Manner};
use crate::json::Json;
use crate::source::Style;

/// A text in place of another.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    at: Range<usize>,
    with: String,
}

impl Patch {
    fn new(at: Range<usize>, with: impl Into<String>) -> Self {
        Self { at, with: with.into() }
    }

    pub(super) fn applied(&self, text: &str) -> Option<String> {
        let (before, after) = (text.get(..self.at.start)?, text.get(self.at.end..)?);
        Some([before, &self.with, after].concat())
    }
}

/// How a file is written: as its first mapping within a mapping, and its first list within one, are.
pub(super) fn manner(text: &str, root: &Branch) -> Manner {
    let newline =
        if text.find('\n').is_some_and(|at| at > 0 && text.as_bytes()[at - 1] == b'\r') { "\r\n" } else { "\n" };
    let text = Text(text);
    let mut steps = (None, None);
    collect_steps(text, root, &mut steps);
    let step = steps.0.unwrap_or(2).clamp(1, 8);
    Manner { step, list_step: steps.1.unwrap_or(step).min(8), newline }
}

fn collect_steps(text: Text<'_>, branch: &Branch, steps: &mut (Option<usize>, Option<usize>)) {
    if branch.alias || (steps.0.is_some() && steps.1.is_some()) {
        return;
    }
    for member in branch.own().into_iter().filter(|_| branch.is_block()) {
        let key = text.column(member.at.start);
        match &member.value.form {
            Form::Map(_) if member.value.is_block() && !member.value.alias => {
                let first = member.value.own().first().map(|first| first.at.start);
                let step = first.and_then(|first| text.column(first).checked_sub(key)).filter(|step| *step > 0);
                steps.0 = steps.0.or(step);
            }
            Form::List(_) if member.value.is_block() && !member.value.alias => {
                let step = text.dash(&member.value, 0).and_then(|dash| text.column(dash).checked_sub(key));
                steps.1 = steps.1.or(step);
            }
            _ => {}
        }
        collect_steps(text, &member.value, steps);
    }
    branch.items().iter().for_each(|item| collect_steps(text, item, steps));
}

/// Where a value hangs: behind a key or a dash in lines, or between brackets.
struct Slot {
    /// Past the colon or dash, and past an anchor.
    past: usize,
    /// Whether an anchor or a tag stands there.
    anchored: bool,
    /// The column of the key or dash.
    column: usize,
    in_flow: bool,
    in_list: bool,
}

fn slot(text: Text<'_>, path: &[&Branch]) -> Option<Slot> {
    let [.., parent, value] = path else { return None };
    let in_flow = parent.style == Style::Flow;
    let (owner, behind, in_list) = match &parent.form {
        Form::List(items) => {
            let at = items.iter().position(|item| std::ptr::eq(item, *value))?;
            if in_flow {
                (value.span.start, text.before_properties(value.span.start), true)
            } else {
                let dash = text.dash(parent, at)?;
                (dash, dash + 1, true)
            }
        }
        Form::Map(members) => {
            let member = members.iter().find(|member| std::ptr::eq(&raw const member.value, *value))?;
            (member.at.start, text.colon(member.at.end)?, false)
        }
        Form::Scalar(_) => return None,
    };
    let past = text.properties_below(text.past_properties(behind), value);
    Some(Slot { past, anchored: past != behind, column: text.column(owner), in_flow, in_list })
}

fn is_collection(value: &Json) -> bool {
    match value {
        Json::Array(items) => !items.is_empty(),
        Json::Object(object) => !object.is_empty(),
        _ => false,
    }
}

/// Another value at the end of a path.
pub(super) fn replace(text: &str, path: &[&Branch], value: &Json, manner: Manner) -> Vec<Patch> {
    let text = Text(text);
    let Some(old) = path.last() else { return Vec::new() };
    let Some(slot) = slot(text, path) else { return Vec::new() };
    let mut ways = Vec::new();
    let in_lines = !slot.in_flow && is_collection(value) && old.style != Style::Flow;
    if old.style == Style::BlockScalar {
        if let Some(came) = value.as_str() {
            ways.extend(block_scalar(text, old, came, &slot, manner));
        }
    } else if !slot.in_flow && matches!(old.style, Style::Plain) && write::multiline(value).is_some() {
        ways.extend(literal(text, old, value, &slot, manner));
    }
    if in_lines {
        ways.extend(lines(text, old, value, &slot, manner));
    }
    let style = if matches!(old.form, Form::Scalar(Json::String(_))) { old.style } else { Style::Plain };
    for style in [style, Style::DoubleQuoted] {
        ways.extend(in_line(text, old, &write::inline(value, style, slot.in_flow), &slot));
    }
    ways
}

/// A value in one line in place of whatever stands there.
fn in_line(text: Text<'_>, old: &Branch, written: &str, slot: &Slot) -> Option<Patch> {
    if old.style == Style::BlockScalar {
        let block = text.block_scalar(old)?;
        return Some(Patch::new(block.header..block.end, format!("{written}{}", block.comment)));
    }
    if old.is_block() && !old.is_empty_collection() {
        let end = text.end(old, Some(slot.past))?;
        let start = if matches!(old.form, Form::List(_)) { text.dash(old, 0)? } else { old.own().first()?.at.start };
        // What stands between the key and the collection: comments.
        let between = text.0.get(slot.past..start)?.trim_end();
        // A comment behind the last of what goes belonged to that.
        let end = text.rest(end).map_or(end, |rest| end + rest.len());
        return Some(Patch::new(slot.past..end, format!(" {written}{between}")));
    }
    if old.span.is_empty() {
        return Some(Patch::new(slot.past..slot.past, format!(" {written}")));
    }
    Some(Patch::new(old.span.clone(), written))
}

/// A collection in lines in place of whatever stands there.
fn lines(text: Text<'_>, old: &Branch, value: &Json, slot: &Slot, manner: Manner) -> Option<Patch> {
    let is_list = matches!(value, Json::Array(_));
    let step = if slot.in_list {
        2
    } else if is_list {
        manner.list_step
    } else {
        manner.step
    };
    if old.is_block() && !old.is_empty_collection() {
        let was_list = matches!(old.form, Form::List(_));
        let start = if was_list { text.dash(old, 0)? } else { old.own().first()?.at.start };
        let end = text.end(old, Some(slot.past))?;
        let column = text.column(start);
        let further = if is_list == was_list || column > slot.column { 0 } else { manner.step };
        let block = write::block(value, column + further, manner);
        return Some(Patch::new(start..end, format!("{}{block}", " ".repeat(further))));
    }
    let (end, comment) = if old.style == Style::BlockScalar {
        let block = text.block_scalar(old)?;
        (block.end, block.comment)
    } else {
        let end = old.span.end.max(slot.past);
        let rest = text.rest(end)?;
        (end + rest.len(), rest)
    };
    // Comments that stand between the key and what goes.
    let above = if old.style == Style::BlockScalar { slot.past } else { old.span.start.max(slot.past) };
    let above = text.0.get(slot.past..above)?.trim_end();
    let start = if old.style == Style::BlockScalar { text.block_scalar(old)?.header } else { slot.past };
    let start = text.0[..start].trim_end_matches(' ').len().max(slot.past);
    let column = slot.column + step;
    let block = write::block(value, column, manner);
    Some(if slot.in_list && !slot.anchored && comment.is_empty() && above.is_empty() {
        Patch::new(start..end, format!(" {block}"))
    } else {
        let next = format!("{}{}", manner.newline, " ".repeat(column));
        let comment = match (above, comment.trim_start()) {
            ("", _) => comment.to_owned(),
            (above, "") => above.to_owned(),
            (above, comment) => format!("{above}{next}{comment}"),
        };
        Patch::new(start..end, format!("{comment}{next}{block}"))
    })
}

/// A literal block in place of a plain scalar.
fn literal(text: Text<'_>, old: &Branch, value: &Json, slot: &Slot, manner: Manner) -> Option<Patch> {
    let block = write::literal_block(write::multiline(value)?, slot.column + manner.step, manner)?;
    let end = old.span.end.max(slot.past);
    let comment = text.rest(end)?;
    let (header, rest) = block.split_once(manner.newline)?;
    // Comments that stand between the key and the text stay where they are.
    let between = text.0.get(slot.past..old.span.start).is_some_and(|between| !between.trim().is_empty());
    let (start, space) = if between { (old.span.start, "") } else { (slot.past, " ") };
    Some(Patch::new(start..end + comment.len(), format!("{space}{header}{comment}{}{rest}", manner.newline)))
}

/// A text in a block that stays one.
fn block_scalar(text: Text<'_>, old: &Branch, came: &str, slot: &Slot, manner: Manner) -> Vec<Patch> {
    let Some(block) = text.block_scalar(old) else { return Vec::new() };
    let column = if block.explicit { slot.column + manner.step } else { block.column };
    let folded = if block.folded { write::folded_block(came, column, manner) } else { None };
    let mut ways = Vec::new();
    for written in folded.into_iter().chain(write::literal_block(came, column, manner)) {
        let Some((header, rest)) = written.split_once(manner.newline) else { continue };
        let body = format!("{}{}{rest}", block.comment, manner.newline);
        if block.keeps && !header.ends_with(['-', '+']) {
            ways.push(Patch::new(block.header..block.end, format!("{header}+{body}")));
        }
        ways.push(Patch::new(block.header..block.end, format!("{header}{body}")));
    }
    ways
}

/// Another name for the member of a mapping.
pub(super) fn rename(text: &str, path: &[&Branch], at: usize, to: &str) -> Vec<Patch> {
    let Some(map) = path.last() else { return Vec::new() };
    let own = map.own();
    let Some(member) = own.get(at) else { return Vec::new() };
    let style = match text[member.at.clone()].as_bytes().first() {
        Some(b'\'') => Style::SingleQuoted,
        Some(b'"') => Style::DoubleQuoted,
        _ => Style::Plain,
    };
    let written = |style| Patch::new(member.at.clone(), write::key(to, style, map.style == Style::Flow));
    vec![written(style), written(Style::DoubleQuoted)]
}

/// A member less.
pub(super) fn remove_member(text: &str, path: &[&Branch], at: usize) -> Vec<Patch> {
    let text = Text(text);
    let Some(map) = path.last() else { return Vec::new() };
    let own = map.own();
    let parts: Option<Vec<Range<usize>>> =
        own.iter().map(|member| Some(member.at.start..text.member_end(member)?)).collect();
    let Some(parts) = parts else { return Vec::new() };
    if map.style == Style::Flow {
        return remove_in_flow(text, map, &parts, at, "{}");
    }
    if parts.len() == 1 {
        return slot(text, path).and_then(|slot| in_line(text, map, "{}", &slot)).into_iter().collect();
    }
    remove_lines(text, &parts, at)
}

/// An element less; the path ends with it.
pub(super) fn remove_element(text: &str, path: &[&Branch], at: usize) -> Vec<Patch> {
    let text = Text(text);
    let [around @ .., _] = path else { return Vec::new() };
    let Some(list) = around.last() else { return Vec::new() };
    let items = list.items();
    if list.style == Style::Flow {
        let place = |item: &Branch| (!item.alias).then(|| text.before_properties(item.span.start)..item.span.end);
        let parts: Option<Vec<_>> = items.iter().map(place).collect();
        return parts.map(|parts| remove_in_flow(text, list, &parts, at, "[]")).unwrap_or_default();
    }
    if items.len() == 1 {
        return slot(text, around).and_then(|slot| in_line(text, list, "[]", &slot)).into_iter().collect();
    }
    let part = |at: usize| {
        let dash = text.dash(list, at)?;
        Some(dash..text.end(&items[at], Some(dash + 1))?)
    };
    let parts: Option<Vec<_>> = (0..items.len()).map(part).collect();
    parts.map(|parts| remove_lines(text, &parts, at)).unwrap_or_default()
}

/// An element at another place, with its lines and what stands behind them.
pub(super) fn move_lines(text: &str, path: &[&Branch], from: usize, to: usize) -> Vec<Patch> {
    let text = Text(text);
    let Some(list) = path.last().filter(|list| list.is_block()) else { return Vec::new() };
    // Past the line on which an element ends, and the beginning of the one on which it begins.
    let lines = |at: usize| {
        let dash = text.dash(list, at)?;
        let end = text.end(&list.items()[at], Some(dash + 1))?;
        let next = text.next_line(end + text.rest(end)?.len());
        // Of an element that seems to end before its dash, it is not known which lines are its own.
        let known = text.line_start(dash) < next && text.0[..next].ends_with('\n');
        (known && text.is_first(dash)).then(|| text.line_start(dash)..next)
    };
    // What stands above an element stays above it.
    let target = if to == 0 { lines(0).map(|lines| lines.start) } else { lines(to - 1).map(|lines| lines.end) };
    let (Some(moved), Some(target)) = (lines(from), target) else { return Vec::new() };
    let words = &text.0[moved.clone()];
    if target <= moved.start {
        vec![Patch::new(target..moved.end, format!("{words}{}", &text.0[target..moved.start]))]
    } else if target >= moved.end {
        vec![Patch::new(moved.start..target, format!("{}{words}", &text.0[moved.end..target]))]
    } else {
        Vec::new()
    }
}

/// One of several members or elements in lines goes, with its lines.
fn remove_lines(text: Text<'_>, parts: &[Range<usize>], at: usize) -> Vec<Patch> {
    let Range { start, end } = parts[at].clone();
    let Some(rest) = text.rest(end) else { return Vec::new() };
    let end = end + rest.len();
    if text.is_first(start) {
        let (from, to) = (text.line_start(start), text.next_line(end));
        // The last line of a file that does not end with a line break takes the break before it along.
        let unended = to == text.0.len() && !text.0.ends_with('\n');
        let from = if unended { text.0[..from].trim_end_matches(['\n', '\r']).len() } else { from };
        return vec![Patch::new(from..to, "")];
    }
    // It stands behind a dash, and what follows takes its place there.
    match parts.get(at + 1) {
        Some(next) if !text.has_comment(end..next.start) => vec![Patch::new(start..next.start, "")],
        Some(_) => vec![Patch::new(text.0[..start].trim_end_matches(' ').len()..end, "")],
        None => Vec::new(),
    }
}

/// One of several members or elements between brackets goes, with its comma.
fn remove_in_flow(text: Text<'_>, around: &Branch, parts: &[Range<usize>], at: usize, empty: &str) -> Vec<Patch> {
    if parts.len() == 1 {
        return vec![Patch::new(around.span.clone(), empty)];
    }
    let part = parts[at].clone();
    let mut ways = Vec::new();
    match parts.get(at + 1) {
        Some(next) if !text.has_comment(part.end..next.start) => ways.push(Patch::new(part.start..next.start, "")),
        Some(_) => {}
        None if !text.has_comment(parts[at - 1].end..part.start) => {
            ways.push(Patch::new(parts[at - 1].end..part.end, ""));
        }
        None => {}
    }
    // With a comma that is left over, or the comma behind it.
    let comma = text.0[part.end..].trim_start_matches(' ');
    if comma.starts_with(',') {
        let end = text.0.len() - comma.len() + 1;
        ways.push(Patch::new(part.start..end, ""));
    }
    ways.push(Patch::new(part, ""));
    ways
}

/// A member more.
pub(super) fn add(text: &str, path: &[&Branch], name: &str, value: &Json, manner: Manner) -> Vec<Patch> {
    let Some(map) = path.last() else { return Vec::new() };
    if map.is_empty_collection() {
        return replace(text, path, &Json::object([(name, value.clone())]), manner);
    }
    let text = Text(text);
    let own = map.own();
    let Some((last, end)) = own.last().and_then(|last| Some((*last, text.member_end(last)?))) else {
        return Vec::new();
    };
    if map.style == Style::Flow {
        let written = format!("{}: {}", write::key(name, Style::Plain, true), write::inline(value, Style::Plain, true));
        return add_in_flow(text, last.at.start, end, &written, manner);
    }
    let Some(rest) = text.rest(end) else { return Vec::new() };
    let column = own.first().map_or(0, |first| text.column(first.at.start));
    let mut member = format!("{}:", write::key(name, Style::Plain, false));
    let mut ways = Vec::new();
    let flow = format!("{member} {}", write::inline(value, Style::Plain, false));
    write::member(value, column, manner, &mut member);
    let (first, second) = if prefers_flow(value, last) { (&flow, &member) } else { (&member, &flow) };
    for written in [first, second] {
        let at = end + rest.len();
        ways.push(Patch::new(at..at, format!("{}{}{written}", manner.newline, " ".repeat(column))));
    }
    ways
}

/// Whether a collection is written between brackets because its neighbour is.
fn prefers_flow(value: &Json, neighbour: &Member) -> bool {
    is_collection(value) && neighbour.value.style == Style::Flow
}

fn add_in_flow(text: Text<'_>, last_start: usize, last_end: usize, written: &str, manner: Manner) -> Vec<Patch> {
    let separator = if text.is_first(last_start) {
        // Each stands on a line of its own.
        format!(",{}{}", manner.newline, " ".repeat(text.column(last_start)))
    } else {
        ", ".to_owned()
    };
    vec![Patch::new(last_end..last_end, format!("{separator}{written}"))]
}

/// An element more, before the one that stands at `at`.
pub(super) fn insert(text: &str, path: &[&Branch], at: usize, value: &Json, manner: Manner) -> Vec<Patch> {
    let Some(list) = path.last() else { return Vec::new() };
    let items = list.items();
    if items.is_empty() {
        return replace(text, path, &Json::array([value.clone()]), manner);
    }
    let text = Text(text);
    let written = write::inline(value, Style::Plain, true);
    if list.style == Style::Flow {
        if at == 0 {
            let open = list.span.start..list.span.start + 1;
            let inside = &text.0[open.end..];
            let space = &inside[..inside.len() - inside.trim_start().len()];
            let (before, between) = if space.is_empty() { ("", " ") } else { (space, "") };
            return vec![Patch::new(open, format!("[{before}{written},{between}"))];
        }
        let Some(end) = text.end(&items[at - 1], None) else { return Vec::new() };
        return add_in_flow(text, text.before_properties(items[at - 1].span.start), end, &written, manner);
    }
    let Some(first) = text.dash(list, 0) else { return Vec::new() };
    let column = text.column(first);
    let spaces = text.0[first + 1..].bytes().take_while(|byte| *byte == b' ').count().clamp(1, 8);
    let gap = " ".repeat(spaces);
    let mut element = String::new();
    write::element(value, column + 1 + spaces, manner, &mut element);
    let neighbour = &items[at.saturating_sub(1)];
    let flow = is_collection(value) && neighbour.style == Style::Flow && !neighbour.alias;
    let written = write::inline(value, Style::Plain, false);
    let ways = if flow { [written, element] } else { [element, written] };
    let indent = " ".repeat(column);
    let patch = |way: &String| {
        if at == 0 {
            return Some(Patch::new(first..first + 1, format!("-{gap}{way}{}{indent}-", manner.newline)));
        }
        let end = text.end(&items[at - 1], Some(text.dash(list, at - 1)? + 1))?;
        let end = end + text.rest(end)?.len();
        Some(Patch::new(end..end, format!("{}{indent}-{gap}{way}", manner.newline)))
    };
    ways.iter().filter_map(patch).collect()
}
