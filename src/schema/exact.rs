//! Bodies as the validator looks at them: as they are, without a copy, and numbers exactly.
//!
//! A schema is handed to the validator as `serde_json::Value`, whose floats cannot hold every number. One that they cannot
//! hold is handed over as one of the tiniest floats, which stands for its number in a table.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use jsonschema::JsonType;
use jsonschema::json::{self as form, JsonNumber, NodeIdentity};
use serde_json::Value;

use crate::json::{Json, Number, Object};

/// The form in which bodies are validated.
pub(super) struct Body;

impl form::Json for Body {
    type Node<'a> = &'a Json;
    type PreparedKey = Box<str>;
    type StringBuffer = Json;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(buffer: &mut Json, string: &str, f: impl FnOnce(&Json) -> T) -> T {
        *buffer = Json::from(string);
        f(buffer)
    }
}

impl<'a> form::Node<'a, Body> for &'a Json {
    type Object = &'a Object;
    type Array = &'a [Json];
    type Number = &'a Number;

    fn as_object(&self) -> Option<&'a Object> {
        tick();
        Json::as_object(self)
    }

    fn as_array(&self) -> Option<&'a [Json]> {
        tick();
        Json::as_array(self)
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        tick();
        Json::as_str(self).map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<&'a Number> {
        tick();
        Json::as_number(self)
    }

    fn as_boolean(&self) -> Option<bool> {
        Json::as_bool(self)
    }

    fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    fn json_type(&self) -> JsonType {
        tick();
        match self {
            Json::Null => JsonType::Null,
            Json::Bool(_) => JsonType::Boolean,
            Json::Number(_) => JsonType::Number,
            Json::String(_) => JsonType::String,
            Json::Array(_) => JsonType::Array,
            Json::Object(_) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        **self == from_value(expected, &Numbers::default())
    }

    // Nothing is decided by it: violations are told by the body itself, which need not be copied for each of them. The
    // validator asks for it once for each error it makes.
    fn to_value(&self) -> Cow<'a, Value> {
        erred();
        Cow::Owned(Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref::<Json>(self) as usize))
    }
}

impl JsonNumber for &Number {
    fn as_u64(&self) -> Option<u64> {
        self.to_string().parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        Number::as_i64(self)
    }

    fn as_f64(&self) -> Option<f64> {
        Some(Number::as_f64(self)).filter(|float| float.is_finite())
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        let float = Number::as_f64(self).clamp(f64::MIN, f64::MAX);
        Cow::Owned(serde_json::Number::from_f64(float).unwrap_or_else(|| 0.into()))
    }

    fn is_integer(&self) -> bool {
        Number::is_integer(self)
    }

    fn is_written_as_integer(&self) -> bool {
        !self.to_string().contains(['.', 'e', 'E'])
    }
}

impl<'a> form::Object<'a, Body> for &'a Object {
    type Node = &'a Json;
    type MemberName = &'a str;
    type MembersIter = Box<dyn Iterator<Item = (&'a str, &'a Json)> + 'a>;

    fn len(&self) -> usize {
        Object::len(self)
    }

    fn get(&self, key: &Box<str>) -> Option<&'a Json> {
        Object::get(self, key)
    }

    fn members(&self) -> Self::MembersIter {
        Box::new(self.iter())
    }
}

impl<'a> form::Array<'a, Body> for &'a [Json] {
    type Node = &'a Json;
    type ElementsIter = std::slice::Iter<'a, Json>;

    fn len(&self) -> usize {
        <[Json]>::len(self)
    }

    fn elements(&self) -> Self::ElementsIter {
        self.iter()
    }

    fn is_unique(&self) -> bool {
        twice(self).is_none()
    }
}

/// The first two elements that are equal.
pub(super) fn twice(items: &[Json]) -> Option<(usize, usize)> {
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        tick();
        let alike = seen.entry(fingerprint(item)).or_default();
        if let Some(earlier) = alike.iter().find(|earlier| items[**earlier] == *item) {
            return Some((*earlier, at));
        }
        alike.push(at);
    }
    None
}

/// Equal values have the same.
fn fingerprint(value: &Json) -> u64 {
    let mut hasher = DefaultHasher::new();
    match value {
        Json::Null => 0_u8.hash(&mut hasher),
        Json::Bool(value) => (1_u8, value).hash(&mut hasher),
        Json::Number(number) => {
            // Numbers of one value have one nearest float; both zeros are one value.
            let float = number.as_f64();
            (2_u8, if float == 0.0 { 0 } else { float.to_bits() }).hash(&mut hasher);
        }
        Json::String(text) => (3_u8, text).hash(&mut hasher),
        Json::Array(items) => items.iter().for_each(|item| fingerprint(item).hash(&mut hasher)),
        Json::Object(object) => {
            let sum = object.iter().fold(5_u64, |sum, (key, value)| {
                let mut hasher = DefaultHasher::new();
                (key, fingerprint(value)).hash(&mut hasher);
                sum.wrapping_add(hasher.finish())
            });
            sum.hash(&mut hasher);
        }
    }
    hasher.finish()
}

thread_local! {
    static TICKS: Cell<u32> = const { Cell::new(0) };
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    /// How many more errors may be made.
    static ERRORS: Cell<u32> = const { Cell::new(u32::MAX) };
}

/// A validation may make this many errors before it is ended: some hundred bytes each.
const MOST_ERRORS: u32 = 100_000;

/// What a validation is ended with that takes too long, or too much.
struct TooLong;

/// The validator looks at a value once more. A schema can be made so that it does this without end.
fn tick() {
    TICKS.with(|ticks| {
        let next = ticks.get().wrapping_add(1);
        ticks.set(next);
        if next.is_multiple_of(4096) && DEADLINE.get().is_some_and(|deadline| Instant::now() > deadline) {
            // Only the catch below sees it: no message is printed, as none is with `resume_unwind`.
            std::panic::resume_unwind(Box::new(TooLong));
        }
    });
}

/// The validator makes an error. Alternatives within alternatives can make more than a machine holds.
fn erred() {
    let left = ERRORS.get();
    if left == 0 {
        std::panic::resume_unwind(Box::new(TooLong));
    }
    ERRORS.set(left - 1);
}

/// Does something with the validator, for so long at most; `None` if it took longer or too much memory.
pub(super) fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> Option<T> {
    let before = DEADLINE.replace(Some(Instant::now() + limit));
    ERRORS.set(MOST_ERRORS);
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    DEADLINE.set(before);
    ERRORS.set(u32::MAX);
    match done {
        Ok(done) => Some(done),
        Err(cause) if cause.is::<TooLong>() => None,
        Err(cause) => std::panic::resume_unwind(cause),
    }
}

/// The numbers of a schema that floats cannot hold, by the tiniest floats.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers(Vec<Number>);

impl Numbers {
    /// A part of a schema, for the validator.
    pub(super) fn value(&mut self, json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => Value::Number(self.number(number)),
            Json::String(text) => Value::String(text.to_string()),
            Json::Array(items) => Value::Array(items.iter().map(|item| self.value(item)).collect()),
            Json::Object(object) => {
                Value::Object(object.iter().map(|(key, value)| (key.to_owned(), self.value(value))).collect())
            }
        }
    }

    fn number(&mut self, number: &Number) -> serde_json::Number {
        let text = number.to_string();
        if let Ok(int) = text.parse::<i64>() {
            return int.into();
        }
        if let Ok(int) = text.parse::<u64>() {
            return int.into();
        }
        let float = number.as_f64();
        let exact = float == 0.0 || float.is_normal();
        if exact && Number::from_f64(float).as_ref() == Some(number) {
            return serde_json::Number::from_f64(float).unwrap_or_else(|| 0.into());
        }
        let known = self.0.iter().position(|known| known == number);
        let at = known.unwrap_or_else(|| {
            self.0.push(number.clone());
            self.0.len() - 1
        });
        // The sign is kept, for what must not be negative.
        let token = f64::from_bits(at as u64 + 1);
        let negative = text.starts_with('-');
        serde_json::Number::from_f64(if negative { -token } else { token }).unwrap_or_else(|| 0.into())
    }

    pub(super) fn of(&self, number: &serde_json::Number) -> Number {
        let float = number.as_f64().unwrap_or_default();
        let token = float.is_subnormal().then(|| float.abs().to_bits().saturating_sub(1));
        let found = token.and_then(|token| self.0.get(usize::try_from(token).ok()?)).cloned();
        found
            .or_else(|| Number::parse(&number.to_string()))
            .or_else(|| Number::from_f64(float))
            .unwrap_or_else(|| Number::from(0_i64))
    }
}

/// The value that a part of a schema stands for.
pub(super) fn from_value(value: &Value, numbers: &Numbers) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => Json::Number(numbers.of(number)),
        Value::String(text) => Json::from(text.as_str()),
        Value::Array(items) => Json::array(items.iter().map(|item| from_value(item, numbers))),
        Value::Object(members) => {
            Json::object(members.iter().map(|(key, value)| (key.as_str(), from_value(value, numbers))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_no_float_holds_comes_back_as_it_was() {
        let mut numbers = Numbers::default();
        let text = "[0.1,1e400,-1e400,9007199254740993,18446744073709551615,123456789012345678901234567890,5e-324,-0.0,1.5,1e400]";
        let json = crate::json::parse(text.as_bytes()).expect("JSON");
        let value = numbers.value(&json);
        assert_eq!(numbers.0.len(), 4, "{value}");
        assert_eq!(from_value(&value, &numbers), json);
        assert!(value[1].as_f64() > Some(0.0) && value[2].as_f64() < Some(0.0));
    }

    #[test]
    fn what_takes_too_long_is_ended() {
        let json = Json::Null;
        let endless = || loop {
            std::hint::black_box(form::Node::<Body>::json_type(&&json));
        };
        assert!(within::<()>(Duration::from_millis(20), endless).is_none());
        assert_eq!(within(Duration::from_mins(1), || 1), Some(1));
    }
}
