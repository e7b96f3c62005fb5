//! Between [`Json`] and the engine's values. A large answer is not copied into a template: it is looked into.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};

use crate::json::{Json, Number, ObjectBuilder};

/// A place in a document that a template looks at.
#[derive(Debug)]
struct Lazy {
    root: Arc<Json>,
    /// Positions of elements and members from the root down.
    path: Vec<u32>,
}

impl Lazy {
    fn node(&self) -> &Json {
        let mut node = &*self.root;
        for at in &self.path {
            let at = *at as usize;
            let child = match node {
                Json::Array(items) => items.get(at),
                Json::Object(object) => object.iter().nth(at).map(|(_, value)| value),
                _ => None,
            };
            let Some(child) = child else { return &Json::Null };
            node = child;
        }
        node
    }

    fn child(&self, at: usize, child: &Json) -> Value {
        let path = || self.path.iter().copied().chain([u32::try_from(at).unwrap_or(u32::MAX)]).collect();
        scalar(child).unwrap_or_else(|| Value::from_object(Self { root: self.root.clone(), path: path() }))
    }
}

impl Object for Lazy {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if matches!(self.node(), Json::Array(_)) { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match self.node() {
            Json::Array(items) => {
                let at = key.as_usize()?;
                items.get(at).map(|item| self.child(at, item))
            }
            Json::Object(object) => {
                let at = object.position(key.as_str()?)?;
                object.iter().nth(at).map(|(_, value)| self.child(at, value))
            }
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.node() {
            Json::Array(items) => Enumerator::Seq(items.len()),
            Json::Object(object) => Enumerator::Values(object.keys().map(Value::from).collect()),
            _ => Enumerator::Empty,
        }
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.node())
    }
}

fn scalar(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.to_string().parse::<i128>()) {
            (Some(int), _) if !number.to_string().contains(['.', 'e', 'E']) => Value::from(int),
            (_, Ok(int)) => Value::from(int),
            _ => Value::from(number.as_f64()),
        },
        Json::String(text) => Value::from(&**text),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

/// A document as the engine's value; nothing of it is copied but the scalars that are looked at.
pub fn from_json(json: Arc<Json>) -> Value {
    scalar(&json).unwrap_or_else(|| Value::from_object(Lazy { root: json, path: Vec::new() }))
}

/// What a template made, as JSON. What JSON cannot hold (NaN, bytes that are no text) becomes its text.
pub fn to_json(value: &Value) -> Json {
    if let Some(lazy) = value.downcast_object_ref::<Lazy>() {
        return lazy.node().clone();
    }
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Json::Null,
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => number(value).map_or_else(|| Json::from(value.to_string()), Json::Number),
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter().map_or(Json::Null, |items| Json::array(items.map(|item| to_json(&item))))
        }
        ValueKind::Map => {
            let mut object = ObjectBuilder::default();
            for key in value.try_iter().into_iter().flatten() {
                let member = value.get_item(&key).unwrap_or_default();
                object.push(key.as_str().map_or_else(|| key.to_string().into(), Into::into), to_json(&member));
            }
            Json::Object(object.finish())
        }
        _ => Json::from(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
    }
}

/// Looks at a value as JSON; what is a part of a document is not copied for that.
pub fn looked_at<T>(value: &Value, look: impl FnOnce(&Json) -> T) -> T {
    match value.downcast_object_ref::<Lazy>() {
        Some(lazy) => look(lazy.node()),
        None => look(&to_json(value)),
    }
}

fn number(value: &Value) -> Option<Number> {
    if value.is_integer() {
        return Number::parse(&value.to_string());
    }
    f64::try_from(value.clone()).ok().and_then(Number::from_f64)
}

/// A mapping of texts; of two with one name the first stands.
pub fn from_texts<N: Into<String>, T: Into<Value>>(pairs: impl IntoIterator<Item = (N, T)>) -> Value {
    let mut members: std::collections::BTreeMap<String, Value> = std::collections::BTreeMap::new();
    for (name, text) in pairs {
        members.entry(name.into()).or_insert_with(|| text.into());
    }
    Value::from(members)
}
