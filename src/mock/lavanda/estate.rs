//! The properties and reservations behind the GraphQL API, and what its fields and mutations do with them.

use std::sync::Mutex;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::super::state::{Millis, lock, rfc3339};
use super::graphql::{FieldError, Resolution};

/// How many reservations are kept; a test that creates more has lost its way.
const MOST_RESERVATIONS: usize = 10_000;

/// The properties and reservations, each in the form that the API gives it, with the references to one
/// another as hidden members.
pub(super) struct Estate(Mutex<Books>);

struct Books {
    properties: Vec<Value>,
    reservations: Vec<Value>,
}

impl Estate {
    pub(super) fn new(now: Millis) -> Self {
        let property = |number: u32, name, street, city, postcode, country, bedrooms: u32, rate, currency| {
            json!({
                "id": format!("prop-{number}"),
                "name": name,
                "address": { "line1": street, "city": city, "postcode": postcode, "country": country },
                "bedrooms": bedrooms,
                "maxGuests": bedrooms * 2,
                "amenities": ["wifi", "kitchen", "washing machine"],
                "listed": true,
                "nightlyRate": { "amount": rate, "currency": currency },
            })
        };
        let properties = vec![
            property(101, "Canal Loft", "12 Wharf Road", "London", "N1 7GR", "GB", 2, 185.0, "GBP"),
            property(102, "Garden Flat", "4 Rose Lane", "London", "E2 8AA", "GB", 1, 120.0, "GBP"),
            property(103, "Casa do Rio", "Rua da Praia 9", "Porto", "4050-513", "PT", 3, 140.5, "EUR"),
            property(104, "Atelier Lumière", "8 rue du Lac", "Lyon", "69003", "FR", 1, 99.0, "EUR"),
        ];
        let mut books = Books { properties, reservations: Vec::new() };
        let stays = [
            ("prop-101", "2027-03-01", "2027-03-05", "Ada Byron", "ada@example.com"),
            ("prop-101", "2027-04-10", "2027-04-12", "José Núñez", "jose@example.com"),
            ("prop-103", "2027-03-20", "2027-03-27", "Mei Lin", "mei@example.com"),
        ];
        for (property, from, to, name, email) in stays {
            let input = json!({
                "propertyId": property,
                "checkIn": from,
                "checkOut": to,
                "guest": { "name": name, "email": email },
            });
            // The samples are valid, so that each of them is taken.
            let _ = books.reserve(&input, now);
        }
        Self(Mutex::new(books))
    }
}

/// Somebody who reads or changes the books.
pub(super) struct Visit<'a> {
    pub(super) estate: &'a Estate,
    pub(super) client: &'a str,
    pub(super) may_change: bool,
    pub(super) now: Millis,
}

impl Visit<'_> {
    /// The value of a field.
    pub(super) fn resolve(&self, wanted: &Resolution<'_>) -> Result<Value, FieldError> {
        let arguments = wanted.arguments;
        if wanted.of == "Mutation" && !self.may_change {
            return Err(forbidden("reservations.write"));
        }
        let mut books = lock(&self.estate.0);
        match (wanted.of, wanted.field) {
            ("Query", "viewer") => Ok(json!({
                "id": self.client,
                "permissions": self.permissions(),
            })),
            ("Query", "property") => Ok(found(&books.properties, text(arguments, "id"))),
            ("Query", "reservation") => Ok(found(&books.reservations, text(arguments, "id"))),
            ("Query", "properties") => {
                let city = arguments.get("city").and_then(Value::as_str);
                let is_wanted = |property: &&Value| city.is_none_or(|city| property["address"]["city"] == city);
                connection(books.properties.iter().filter(is_wanted), arguments)
            }
            ("Query", "reservations") => {
                let of = arguments.get("propertyId").and_then(Value::as_str);
                let selected = books.reservations_of(of, arguments.get("status"));
                connection(selected.into_iter(), arguments)
            }
            ("Property", "reservations") => {
                let of = wanted.source["id"].as_str();
                let selected = books.reservations_of(of, arguments.get("status"));
                Ok(selected.into_iter().cloned().collect())
            }
            ("Reservation", "property") => {
                Ok(found(&books.properties, wanted.source["propertyId"].as_str().unwrap_or_default()))
            }
            ("Guest", "email") if !self.may_change => Err(forbidden("guests.read")),
            ("Mutation", "createReservation") => books.reserve(input(arguments), self.now),
            ("Mutation", "cancelReservation") => books.cancel(arguments),
            ("Mutation", "updateProperty") => books.update(arguments),
            _ => Ok(wanted.source[wanted.field].clone()),
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        if self.may_change {
            &["properties.read", "properties.write", "reservations.read", "reservations.write", "guests.read"]
        } else {
            &["properties.read", "reservations.read"]
        }
    }
}

impl Books {
    fn reservations_of(&self, property: Option<&str>, status: Option<&Value>) -> Vec<&Value> {
        let status = status.filter(|status| !status.is_null());
        self.reservations
            .iter()
            .filter(|stay| property.is_none_or(|property| stay["propertyId"] == property))
            .filter(|stay| status.is_none_or(|status| stay["status"] == *status))
            .collect()
    }

    fn reserve(&mut self, input: &Value, now: Millis) -> Result<Value, FieldError> {
        let id = input["propertyId"].as_str().unwrap_or_default();
        let property = found(&self.properties, id);
        if property.is_null() {
            return Err(not_found("property"));
        }
        let date = |name: &str| {
            input[name]
                .as_str()
                .and_then(|text| text.parse::<Date>().ok())
                .ok_or_else(|| bad_input(&format!("{name} must be a date such as 2027-05-01")))
        };
        let (from, to) = (date("checkIn")?, date("checkOut")?);
        let nights = from.until(to).map_or(0, |span| span.get_days());
        if nights <= 0 {
            return Err(bad_input("checkOut must come after checkIn"));
        }
        let (from, to) = (from.to_string(), to.to_string());
        let is_taken = self.reservations.iter().any(|stay| {
            // Dates in this form compare as text.
            stay["propertyId"] == id
                && stay["status"] != "CANCELLED"
                && stay["checkIn"].as_str() < Some(to.as_str())
                && stay["checkOut"].as_str() > Some(from.as_str())
        });
        if is_taken {
            return Err(FieldError {
                message: "The property is reserved for part of that time.".to_owned(),
                code: "CONFLICT",
            });
        }
        if self.reservations.len() >= MOST_RESERVATIONS {
            return Err(bad_input("there are too many reservations; reset the mock"));
        }
        let rate = &property["nightlyRate"];
        let total = rate["amount"].as_f64().unwrap_or_default() * f64::from(nights);
        let reservation = json!({
            "id": format!("res-{}", 5001 + self.reservations.len()),
            "propertyId": id,
            "guest": input["guest"],
            "checkIn": from,
            "checkOut": to,
            "nights": nights,
            "status": "CONFIRMED",
            "total": { "amount": total, "currency": rate["currency"] },
            "cancellationReason": null,
            "createdAt": rfc3339(now),
        });
        self.reservations.push(reservation.clone());
        Ok(reservation)
    }

    fn cancel(&mut self, arguments: &Map<String, Value>) -> Result<Value, FieldError> {
        let id = text(arguments, "id");
        let reservation =
            self.reservations.iter_mut().find(|stay| stay["id"] == id).ok_or_else(|| not_found("reservation"))?;
        if reservation["status"] != "CONFIRMED" {
            return Err(FieldError {
                message: "Only a confirmed reservation can be cancelled.".to_owned(),
                code: "CONFLICT",
            });
        }
        reservation["status"] = json!("CANCELLED");
        reservation["cancellationReason"] = arguments.get("reason").cloned().unwrap_or_default();
        Ok(reservation.clone())
    }

    fn update(&mut self, arguments: &Map<String, Value>) -> Result<Value, FieldError> {
        let id = text(arguments, "id");
        let property =
            self.properties.iter_mut().find(|property| property["id"] == id).ok_or_else(|| not_found("property"))?;
        let input = input(arguments);
        if input["nightlyRate"].as_f64().is_some_and(|rate| rate <= 0.0) {
            return Err(bad_input("nightlyRate must be greater than 0"));
        }
        for name in ["name", "listed"] {
            if !input[name].is_null() {
                property[name] = input[name].clone();
            }
        }
        if !input["nightlyRate"].is_null() {
            property["nightlyRate"]["amount"] = input["nightlyRate"].clone();
        }
        Ok(property.clone())
    }
}

fn input(arguments: &Map<String, Value>) -> &Value {
    arguments.get("input").unwrap_or(&Value::Null)
}

fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> &'a str {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The entry with this id, or null.
fn found(entries: &[Value], id: &str) -> Value {
    entries.iter().find(|entry| entry["id"] == id).cloned().unwrap_or_default()
}

/// A page: `first` entries (1 to 100) after the one whose id is `after`.
fn connection<'a>(
    entries: impl Iterator<Item = &'a Value>,
    arguments: &Map<String, Value>,
) -> Result<Value, FieldError> {
    let first = match arguments.get("first") {
        None | Some(Value::Null) => 20,
        Some(first) => first
            .as_u64()
            .and_then(|first| usize::try_from(first).ok())
            .filter(|first| (1..=100).contains(first))
            .ok_or_else(|| bad_input("first must be from 1 to 100"))?,
    };
    let entries: Vec<_> = entries.collect();
    let start = match arguments.get("after").and_then(Value::as_str) {
        None => 0,
        Some(cursor) => entries
            .iter()
            .position(|entry| entry["id"] == cursor)
            .map(|index| index + 1)
            .ok_or_else(|| bad_input("after is no cursor that a page gave"))?,
    };
    let end = entries.len().min(start + first);
    let page = &entries[start..end];
    Ok(json!({
        "nodes": page,
        "totalCount": entries.len(),
        "pageInfo": {
            "hasNextPage": end < entries.len(),
            "endCursor": page.last().map(|entry| &entry["id"]),
        },
    }))
}

fn forbidden(permission: &str) -> FieldError {
    FieldError { message: format!("The client lacks the permission {permission}."), code: "FORBIDDEN" }
}

fn not_found(what: &str) -> FieldError {
    FieldError { message: format!("There is no such {what}."), code: "NOT_FOUND" }
}

fn bad_input(message: &str) -> FieldError {
    FieldError { message: message.to_owned(), code: super::graphql::BAD_USER_INPUT }
}
