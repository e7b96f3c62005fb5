//! An API of items: the usual verbs with pages, validation, conflicts and conditional requests (RFC 9110,
//! section 13), so that scenarios have something honest to test.

use std::collections::BTreeMap;
use std::sync::Mutex;

use hyper::header::{ETAG, LINK, LOCATION};
use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::oauth;
use super::super::reply::{Answer, Reply};
use super::super::site::Site;
use super::super::state::{Millis, State, lock, rfc3339};

/// How many items are kept; a test that creates more has lost its way.
const MOST_ITEMS: usize = 10_000;
const STATUSES: [&str; 3] = ["draft", "active", "archived"];

/// The items, by their number.
pub(super) struct Items(Mutex<Shelf>);

struct Shelf {
    items: BTreeMap<u64, Item>,
    next: u64,
}

#[derive(Clone)]
struct Item {
    number: u64,
    content: Content,
    created: Millis,
    updated: Millis,
    version: u64,
}

/// What a client may set.
#[derive(Clone)]
struct Content {
    name: String,
    sku: String,
    price: f64,
    quantity: u64,
    tags: Vec<String>,
    status: String,
}

impl Items {
    pub(super) fn new(now: Millis) -> Self {
        let samples = [
            ("Bicycle bell", "BELL-1", 12.5, 40, ["bike", "sound"]),
            ("Head lamp", "LAMP-7", 39.95, 12, ["bike", "light"]),
            ("Rain jacket", "RAIN-3", 89.0, 5, ["clothes", "rain"]),
        ];
        let items = (1..)
            .zip(samples)
            .map(|(number, (name, sku, price, quantity, tags))| {
                let content = Content {
                    name: name.to_owned(),
                    sku: sku.to_owned(),
                    price,
                    quantity,
                    tags: tags.map(str::to_owned).to_vec(),
                    status: "active".to_owned(),
                };
                let item = Item { number, content, created: now, updated: now, version: 1 };
                (number, item)
            })
            .collect();
        Self(Mutex::new(Shelf { items, next: 4 }))
    }
}

impl Item {
    fn id(&self) -> String {
        format!("item-{}", self.number)
    }

    fn etag(&self) -> String {
        format!("\"{}-v{}\"", self.number, self.version)
    }

    fn to_json(&self) -> Value {
        let Content { name, sku, price, quantity, tags, status } = &self.content;
        json!({
            "id": self.id(),
            "name": name,
            "sku": sku,
            "price": price,
            "quantity": quantity,
            "tags": tags,
            "status": status,
            "createdAt": rfc3339(self.created),
            "updatedAt": rfc3339(self.updated),
            "version": self.version,
        })
    }

    fn reply(&self, status: StatusCode) -> Reply {
        Reply::json(status, &self.to_json()).with(ETAG, &self.etag())
    }
}

pub(super) fn answer(state: &State, call: &Call, path: &[&str]) -> Answer {
    let token = oauth::authorize(state, Site::Cognito, call)?;
    let may_read = || oauth::require_scope(Site::Cognito, &token, &["api/read", "api/write"]);
    let may_write = || oauth::require_scope(Site::Cognito, &token, &["api/write"]);
    let mut shelf = lock(&state.cognito.items.0);
    let now = state.clock.now();
    match (path, &call.method) {
        (["items"], &(Method::GET | Method::HEAD)) => may_read().and_then(|()| list(&shelf, call)),
        (["items"], &Method::POST) => may_write().and_then(|()| create(&mut shelf, call, &state.base, now)),
        (["items"], method) => Ok(Reply::not_allowed(method, "GET, HEAD, POST")),
        (["items", id], &(Method::GET | Method::HEAD)) => may_read().and_then(|()| read(&shelf, call, id)),
        (["items", id], &(Method::PUT | Method::PATCH)) => may_write().and_then(|()| change(&mut shelf, call, id, now)),
        (["items", id], &Method::DELETE) => may_write().and_then(|()| {
            let number = find(&shelf, id)?.number;
            require_match(call, &shelf.items[&number])?;
            shelf.items.remove(&number);
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }),
        (["items", _], method) => Ok(Reply::not_allowed(method, "GET, HEAD, PUT, PATCH, DELETE")),
        _ => Ok(Reply::not_found("there is nothing at this path")),
    }
}

/// A page of items: `limit` (1 to 100), `cursor` as the page before gave it, and `status` to select by.
fn list(shelf: &Shelf, call: &Call) -> Answer {
    let query = call.query();
    let limit = match query.get("limit").map(str::parse::<usize>) {
        None => 20,
        Some(Ok(limit @ 1..=100)) => limit,
        Some(_) => return Err(invalid_query("limit must be a number from 1 to 100")),
    };
    let after = match query
        .get("cursor")
        .map(|cursor| cursor.strip_prefix("after-").and_then(|number| number.parse::<u64>().ok()))
    {
        None => 0,
        Some(Some(number)) => number,
        Some(None) => return Err(invalid_query("cursor is none that a page gave")),
    };
    let status = query.get("status");
    let selected: Vec<_> =
        shelf.items.values().filter(|item| status.is_none_or(|status| item.content.status == status)).collect();
    let rest: Vec<_> = selected.iter().filter(|item| item.number > after).collect();
    let page: Vec<_> = rest.iter().take(limit).map(|item| item.to_json()).collect();
    let next = (rest.len() > limit).then(|| format!("after-{}", rest[limit - 1].number));
    let reply = Reply::ok(&json!({ "items": page, "total": selected.len(), "next": next }));
    Ok(match next {
        Some(cursor) => {
            let status = status.map_or(String::new(), |status| format!("&status={status}"));
            let link = format!("<{}?limit={limit}&cursor={cursor}{status}>; rel=\"next\"", call.path());
            reply.with(LINK, &link)
        }
        None => reply,
    })
}

fn invalid_query(message: &str) -> Box<Reply> {
    Box::new(Reply::error(StatusCode::BAD_REQUEST, "invalid_query", message))
}

fn create(shelf: &mut Shelf, call: &Call, base: &str, now: Millis) -> Answer {
    let content = Content::read(&oauth::json_object(call)?)?;
    require_unique(shelf, &content.sku, None)?;
    if shelf.items.len() >= MOST_ITEMS {
        return Err(Box::new(Reply::error(
            StatusCode::INSUFFICIENT_STORAGE,
            "full",
            "there are too many items; reset the mock",
        )));
    }
    let number = shelf.next;
    shelf.next += 1;
    let item = Item { number, content, created: now, updated: now, version: 1 };
    let location = format!("{base}/cognito/api/items/{}", item.id());
    let reply = item.reply(StatusCode::CREATED).with(LOCATION, &location);
    shelf.items.insert(number, item);
    Ok(reply)
}

fn read(shelf: &Shelf, call: &Call, id: &str) -> Answer {
    let item = find(shelf, id)?;
    let etag = item.etag();
    let unchanged = call.header("if-none-match").is_some_and(|known| names_etag(known, &etag));
    Ok(if unchanged { Reply::empty(StatusCode::NOT_MODIFIED).with(ETAG, &etag) } else { item.reply(StatusCode::OK) })
}

/// PUT replaces the content; PATCH merges into it (RFC 7396).
fn change(shelf: &mut Shelf, call: &Call, id: &str, now: Millis) -> Answer {
    let found = find(shelf, id)?.clone();
    if call.header("if-none-match").map(str::trim) == Some("*") {
        return Err(precondition_failed("the item exists already"));
    }
    require_match(call, &found)?;
    let given = oauth::json_object(call)?;
    let content = if call.method == Method::PATCH {
        let mut merged = found.to_json();
        if let Some(members) = merged.as_object_mut() {
            members.retain(|name, _| Content::MEMBERS.contains(&name.as_str()));
            for (name, value) in given {
                if value.is_null() {
                    members.remove(&name);
                } else {
                    members.insert(name, value);
                }
            }
            Content::read(members)?
        } else {
            found.content.clone()
        }
    } else {
        Content::read(&given)?
    };
    require_unique(shelf, &content.sku, Some(found.number))?;
    let item = Item { content, updated: now, version: found.version + 1, ..found };
    let reply = item.reply(StatusCode::OK);
    shelf.items.insert(item.number, item);
    Ok(reply)
}

fn find<'a>(shelf: &'a Shelf, id: &str) -> Result<&'a Item, Box<Reply>> {
    id.strip_prefix("item-")
        .and_then(|number| number.parse().ok())
        .and_then(|number: u64| shelf.items.get(&number))
        .ok_or_else(|| Box::new(Reply::not_found("there is no item with this id")))
}

fn require_match(call: &Call, item: &Item) -> Result<(), Box<Reply>> {
    match call.header("if-match") {
        Some(known) if !names_etag(known, &item.etag()) => {
            Err(precondition_failed("the item was changed in the meantime"))
        }
        _ => Ok(()),
    }
}

fn precondition_failed(message: &str) -> Box<Reply> {
    Box::new(Reply::error(StatusCode::PRECONDITION_FAILED, "precondition_failed", message))
}

/// Whether a list of entity tags, or `*`, covers this one.
fn names_etag(list: &str, etag: &str) -> bool {
    list.split(',').map(str::trim).any(|known| {
        let known = known.strip_prefix("W/").unwrap_or(known);
        known == "*" || known == etag
    })
}

fn require_unique(shelf: &Shelf, sku: &str, except: Option<u64>) -> Result<(), Box<Reply>> {
    let taken = shelf.items.values().any(|item| item.content.sku == sku && Some(item.number) != except);
    if taken {
        return Err(Box::new(Reply::error(StatusCode::CONFLICT, "conflict", "there is an item with this sku already")));
    }
    Ok(())
}

impl Content {
    const MEMBERS: [&str; 6] = ["name", "sku", "price", "quantity", "tags", "status"];

    /// Reads and validates content; the refusal names every invalid member (status 422, with a body
    /// after RFC 9457).
    fn read(given: &Map<String, Value>) -> Result<Self, Box<Reply>> {
        let mut errors = Vec::new();
        let mut invalid = |field: &str, message: &str| {
            errors.push(json!({ "field": field, "message": message }));
        };
        for name in given.keys() {
            if !Self::MEMBERS.contains(&name.as_str()) {
                invalid(name, "is not a member of an item");
            }
        }
        let name = text(given.get("name"));
        if !name.as_ref().is_some_and(|name| (1..=80).contains(&name.chars().count())) {
            invalid("name", "must be a text of 1 to 80 characters");
        }
        let sku = text(given.get("sku"));
        if sku.as_ref().is_none_or(String::is_empty) {
            invalid("sku", "must be a text that is not empty");
        }
        let price = given.get("price").and_then(Value::as_f64);
        if price.is_none_or(|price| price < 0.0) {
            invalid("price", "must be a number that is not negative");
        }
        let quantity = match given.get("quantity") {
            None => Some(0),
            Some(quantity) => quantity.as_u64(),
        };
        if quantity.is_none() {
            invalid("quantity", "must be an integer that is not negative");
        }
        let tags = match given.get("tags") {
            None => Some(Vec::new()),
            Some(Value::Array(tags)) => tags.iter().map(|tag| text(Some(tag))).collect(),
            Some(_) => None,
        };
        if tags.is_none() {
            invalid("tags", "must be an array of texts");
        }
        let status = match given.get("status") {
            None => Some("draft".to_owned()),
            Some(status) => text(Some(status)).filter(|status| STATUSES.contains(&status.as_str())),
        };
        if status.is_none() {
            invalid("status", "must be draft, active or archived");
        }
        match (name, sku, price, quantity, tags, status) {
            (Some(name), Some(sku), Some(price), Some(quantity), Some(tags), Some(status)) if errors.is_empty() => {
                Ok(Self { name, sku, price, quantity, tags, status })
            }
            _ => Err(unprocessable(&errors)),
        }
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    Some(value?.as_str()?.to_owned())
}

fn unprocessable(errors: &[Value]) -> Box<Reply> {
    let mut reply = Reply::json(
        StatusCode::UNPROCESSABLE_ENTITY,
        &json!({
            "type": "about:blank",
            "title": "The item is not valid",
            "status": 422,
            "errors": errors,
        }),
    );
    reply = reply.with(hyper::header::CONTENT_TYPE, "application/problem+json");
    Box::new(reply)
}
