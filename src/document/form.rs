//! Forms as bodies (`application/x-www-form-urlencoded`): names and texts, a list where a name is repeated.

use std::collections::HashMap;
use std::sync::Arc;

use crate::json::{Json, ObjectBuilder};

/// The fields of a form, in the order of their first appearance.
pub(super) fn fields(text: &str) -> Json {
    let mut order: Vec<(String, Vec<Json>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(text.trim_end_matches(['\r', '\n']).as_bytes()) {
        let at = *places.entry(name.clone().into_owned()).or_insert_with(|| {
            order.push((name.into_owned(), Vec::new()));
            order.len() - 1
        });
        order[at].1.push(Json::from(&*value));
    }
    let mut builder = ObjectBuilder::default();
    for (name, mut values) in order {
        let value = if values.len() == 1 { values.remove(0) } else { Json::array(values) };
        builder.push(Arc::from(name), value);
    }
    Json::Object(builder.finish())
}
