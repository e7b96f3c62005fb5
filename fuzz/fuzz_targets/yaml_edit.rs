//! The edits that `callsheet accept` makes in a file. Whatever the file, an edit is refused and changes nothing, or
//! gives a file that reads as the old one with that change and no other, and every byte before and behind the lines of
//! the edited value is as it was.

#![no_main]

use std::ops::Range;

use callsheet::json::{Json, ObjectBuilder};
use callsheet::source::edit::{Edit, Edited};
use callsheet::source::{FileId, Kind, Node, Style, parse};
use libfuzzer_sys::fuzz_target;

/// A step from a value to one below it.
type Path = Vec<usize>;

/// Every value of the tree with its place and the way to it.
fn values<'n>(node: &'n Node, path: &Path, found: &mut Vec<(Path, &'n Node)>) {
    found.push((path.clone(), node));
    let below: Vec<&Node> = match &node.kind {
        Kind::Sequence(items) => items.iter().collect(),
        Kind::Mapping(entries) => entries.iter().map(|entry| &entry.value).collect(),
        _ => Vec::new(),
    };
    for (at, next) in below.into_iter().enumerate() {
        let mut path = path.clone();
        path.push(at);
        values(next, &path, found);
    }
}

/// The value with what stands at the end of the way changed by `with`; `None` takes it out.
fn changed(value: &Json, path: &[usize], with: &dyn Fn(&Json) -> Option<Json>) -> Option<Json> {
    let Some((at, rest)) = path.split_first() else { return with(value) };
    match value {
        Json::Array(items) => Some(Json::array(
            items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| if index == *at { changed(item, rest, with) } else { Some(item.clone()) }),
        )),
        Json::Object(object) => {
            let mut builder = ObjectBuilder::default();
            for (index, (name, member)) in object.iter().enumerate() {
                let kept = if index == *at { changed(member, rest, with) } else { Some(member.clone()) };
                if let Some(kept) = kept {
                    builder.push(name.into(), kept);
                }
            }
            Some(Json::Object(builder.finish()))
        }
        other => Some(other.clone()),
    }
}

fn lines_around(text: &str, place: &Range<usize>) -> (usize, usize) {
    let start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[place.end..].find('\n').map_or(text.len(), |at| place.end + at + 1);
    (start, end)
}

/// How many bytes two texts begin and end alike with.
fn alike(one: &str, other: &str) -> usize {
    let same = |(a, b): &(u8, u8)| a == b;
    let begin = one.bytes().zip(other.bytes()).take_while(same).count();
    begin + one.bytes().rev().zip(other.bytes().rev()).take_while(same).count()
}

/// The last line, without what it is indented by.
fn last_line(text: &str) -> &str {
    text[text.rfind('\n').map_or(0, |at| at + 1)..].trim_start()
}

fuzz_target!(|input: (&str, &str, u8, u8)| {
    let (text, value, pick, what) = input;
    let Ok(tree) = parse(FileId::default(), text) else { return };
    let Ok(mut edited) = Edited::new(text) else { return };
    let value = callsheet::json::parse(value.as_bytes()).unwrap_or_else(|_| Json::from(value));
    let mut found = Vec::new();
    values(&tree, &Vec::new(), &mut found);
    let (path, node) = &found[usize::from(pick) % found.len()];
    let at = node.span.range();
    if edited.is_shared(&at) {
        return;
    }
    let whole = tree.to_json();
    let parent = path.split_last().and_then(|(last, above)| {
        found.iter().find(|(known, _)| known == above).map(|(_, parent)| (*last, above, *parent))
    });
    let (edit, wanted) = match (what % 8, path.split_last()) {
        (4, _) if matches!(parent.map(|(_, _, parent)| &parent.kind), Some(Kind::Sequence(_))) => {
            let (last, above, parent) = parent.expect("it is above");
            let edit = Edit::Insert { list: parent.span.range(), before: Some(at), value: value.clone() };
            let more = |list: &Json| {
                let mut items: Vec<Json> = list.as_array().unwrap_or_default().to_vec();
                items.insert(last, value.clone());
                Some(Json::array(items))
            };
            (edit, changed(&whole, above, &more))
        }
        (5, _) if matches!(parent.map(|(_, _, parent)| &parent.kind), Some(Kind::Sequence(_))) => {
            let (last, above, parent) = parent.expect("it is above");
            let Kind::Sequence(items) = &parent.kind else { return };
            let to = usize::from(what / 8) % (items.len() + 1);
            let edit =
                Edit::Move { list: parent.span.range(), at, before: items.get(to).map(|item| item.span.range()) };
            let moved = |list: &Json| {
                let mut items: Vec<Json> = list.as_array().unwrap_or_default().to_vec();
                let item = items.remove(last);
                items.insert(if to > last { to - 1 } else { to }, item);
                Some(Json::array(items))
            };
            (edit, changed(&whole, above, &moved))
        }
        (6, _) if matches!(parent.map(|(_, _, parent)| &parent.kind), Some(Kind::Mapping(_))) => {
            let (last, above, parent) = parent.expect("it is above");
            let Kind::Mapping(entries) = &parent.kind else { return };
            let name = value.as_str().unwrap_or("fuzz_y");
            if parent.get(name).is_some() {
                return;
            }
            let edit = Edit::Rename { key: entries[last].key.span.range(), to: name.into() };
            let renamed = |object: &Json| {
                let mut builder = ObjectBuilder::default();
                for (at, (known, member)) in object.as_object().into_iter().flat_map(|object| object.iter()).enumerate()
                {
                    builder.push(if at == last { name.into() } else { known.into() }, member.clone());
                }
                Some(Json::Object(builder.finish()))
            };
            (edit, changed(&whole, above, &renamed))
        }
        (0, Some((last, above))) => {
            let parent = &found.iter().find(|(known, _)| known == above).expect("it is above").1;
            match &parent.kind {
                Kind::Mapping(entries) => {
                    let edit = Edit::RemoveMember { key: entries[*last].key.span.range() };
                    (edit, changed(&whole, path, &|_| None))
                }
                _ => {
                    let edit = Edit::RemoveElement { list: parent.span.range(), at };
                    (edit, changed(&whole, path, &|_| None))
                }
            }
        }
        (1, _) if matches!(node.kind, Kind::Sequence(_)) => {
            let edit = Edit::Insert { list: at, before: None, value: value.clone() };
            let more = |list: &Json| {
                let items = list.as_array().unwrap_or_default().iter().cloned();
                Some(Json::array(items.chain([value.clone()])))
            };
            (edit, changed(&whole, path, &more))
        }
        (2, _) if matches!(node.kind, Kind::Mapping(_)) && node.get("fuzz_x").is_none() => {
            let edit = Edit::Add { to: at, name: "fuzz_x".into(), value: value.clone() };
            let more = |object: &Json| {
                let mut builder = ObjectBuilder::default();
                for (name, member) in object.as_object().into_iter().flat_map(|object| object.iter()) {
                    builder.push(name.into(), member.clone());
                }
                builder.push("fuzz_x".into(), value.clone());
                Some(Json::Object(builder.finish()))
            };
            (edit, changed(&whole, path, &more))
        }
        _ => {
            let edit = Edit::Replace { at, value: value.clone() };
            (edit, changed(&whole, path, &|_| Some(value.clone())))
        }
    };
    let place = edit.place().clone();
    match edited.apply(&edit) {
        Err(refused) => {
            assert!(!refused.to_string().is_empty());
            assert_eq!(edited.text(), text, "what is refused changes nothing");
        }
        Ok(()) => {
            let new = edited.text();
            let read = parse(FileId::default(), new).unwrap_or_else(|_| panic!("{text:?} became {new:?} by {edit:?}"));
            assert_eq!(Some(read.to_json()), wanted, "{text:?} became {new:?} by {edit:?}");
            let size = match &node.kind {
                Kind::Sequence(items) => items.len(),
                Kind::Mapping(entries) => entries.len(),
                _ => 0,
            };
            let siblings = || match path.split_last().map(|(_, above)| above) {
                Some(above) => {
                    found.iter().filter(|(known, _)| known.len() == path.len() && known.starts_with(above)).count()
                }
                None => 0,
            };
            // What comes changes nothing of what is there, and what goes goes in one piece; but for brackets that are
            // put where nothing is left, or taken from where nothing was.
            match edit {
                Edit::Insert { before: Some(_), .. } => {
                    assert!(alike(text, new) >= text.len(), "{text:?} became {new:?} by {edit:?}");
                }
                Edit::Rename { ref key, .. } => {
                    assert!(
                        new.starts_with(&text[..key.start]) && new.ends_with(&text[key.end..]),
                        "{text:?} became {new:?} by {edit:?}"
                    );
                }
                Edit::Insert { .. } | Edit::Add { .. } if size > 0 => {
                    assert!(alike(text, new) >= text.len(), "{text:?} became {new:?} by {edit:?}");
                }
                Edit::RemoveMember { .. } | Edit::RemoveElement { .. } if siblings() > 1 => {
                    assert!(alike(text, new) >= new.len(), "{text:?} became {new:?} by {edit:?}");
                }
                _ => {}
            }
            if matches!(edit, Edit::Replace { .. }) {
                // A block scalar has its header on the line before, and what stands below its key may be replaced by
                // what stands, or begins, beside it: comments between the two stay, below it.
                let mut above = text[..place.start].trim_end();
                while node.style == Style::Block && last_line(above).starts_with('#') {
                    assert!(new.contains(last_line(above)), "{text:?} became {new:?} by {edit:?}");
                    above = above[..above.len() - last_line(above).len()].trim_end();
                }
                let above = if node.style == Style::BlockScalar {
                    above.trim_end_matches(|c| !matches!(c, '|' | '>'))
                } else {
                    above
                };
                let before = above.rfind('\n').map_or(0, |at| at + 1).min(place.start);
                let (start, end) = lines_around(text, &(before..place.end));
                assert!(new.starts_with(&text[..start]), "{text:?} became {new:?} by {edit:?}");
                assert!(new.ends_with(&text[end..]), "{text:?} became {new:?} by {edit:?}");
            }
        }
    }
});
