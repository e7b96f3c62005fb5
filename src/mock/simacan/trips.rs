//! The API of trips: a lorry's plate, a state that moves by rules, and stops with their expected times of
//! arrival. A dispatched trip gets under way a little later, so that polling can be shown.

use std::collections::BTreeMap;
use std::sync::Mutex;

use hyper::header::LOCATION;
use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::oauth;
use super::super::reply::{Answer, Reply};
use super::super::site::Site;
use super::super::state::{Millis, State, lock, rfc3339};

/// How many trips are kept; a test that creates more has lost its way.
const MOST_TRIPS: usize = 10_000;
const MOST_STOPS: u64 = 50;
/// How long a dispatched trip takes to get under way.
const SETTING_OUT: Millis = 400;
const MINUTE: Millis = 60_000;

/// The trips, by their number.
pub(super) struct Trips(Mutex<Depot>);

struct Depot {
    trips: BTreeMap<u64, Trip>,
    next: u64,
}

#[derive(Clone)]
struct Trip {
    number: u64,
    plate: String,
    progress: Progress,
    /// When a dispatched trip gets under way.
    sets_out: Option<Millis>,
    stops: Vec<Stop>,
    created: Millis,
    updated: Millis,
}

#[derive(Clone)]
struct Stop {
    id: String,
    name: String,
    eta: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Planned,
    UnderWay,
    Arrived,
    Cancelled,
}

impl Progress {
    const ALL: [Self; 4] = [Self::Planned, Self::UnderWay, Self::Arrived, Self::Cancelled];

    fn name(self) -> &'static str {
        match self {
            Self::Planned => "PLANNED",
            Self::UnderWay => "UNDERWAY",
            Self::Arrived => "ARRIVED",
            Self::Cancelled => "CANCELLED",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|progress| progress.name() == name)
    }

    fn may_become(self, next: Self) -> bool {
        self == next
            || matches!(
                (self, next),
                (Self::Planned, Self::UnderWay | Self::Cancelled) | (Self::UnderWay, Self::Arrived | Self::Cancelled)
            )
    }
}

impl Trips {
    pub(super) fn new(now: Millis) -> Self {
        let samples = [
            (1001, "BX-24-KL", Progress::Planned, 3),
            (1002, "VD-881-P", Progress::UnderWay, 2),
            (1003, "91-BNT-7", Progress::Arrived, 4),
        ];
        let trips = samples
            .into_iter()
            .map(|(number, plate, progress, stops)| {
                let trip = Trip {
                    number,
                    plate: plate.to_owned(),
                    progress,
                    sets_out: None,
                    stops: (1..=stops).map(|stop| Stop::sample(number, stop, now)).collect(),
                    created: now,
                    updated: now,
                };
                (number, trip)
            })
            .collect();
        Self(Mutex::new(Depot { trips, next: 1004 }))
    }
}

impl Stop {
    fn sample(trip: u64, position: u64, now: Millis) -> Self {
        const PLACES: [&str; 5] = ["Amersfoort", "Utrecht", "Venlo", "Duisburg", "Köln"];
        let index = usize::try_from(position - 1).unwrap_or_default() % PLACES.len();
        Self { id: format!("S-{trip}-{position}"), name: PLACES[index].to_owned(), eta: expected(position, now) }
    }
}

fn expected(position: u64, now: Millis) -> String {
    rfc3339(now.saturating_add_unsigned(position.saturating_mul(45 * MINUTE.unsigned_abs())))
}

impl Trip {
    fn id(&self) -> String {
        format!("T-{}", self.number)
    }

    fn to_json(&self) -> Value {
        let stops: Vec<_> =
            self.stops.iter().map(|Stop { id, name, eta }| json!({ "id": id, "name": name, "eta": eta })).collect();
        json!({
            "id": self.id(),
            "plate": self.plate,
            "state": self.progress.name(),
            "stops": stops,
            "created": rfc3339(self.created),
            "updated": rfc3339(self.updated),
        })
    }

    /// Brings a dispatched trip up to date.
    fn catch_up(&mut self, now: Millis) {
        if self.sets_out.is_some_and(|moment| moment <= now) {
            self.sets_out = None;
            if self.progress == Progress::Planned {
                self.progress = Progress::UnderWay;
                self.updated = now;
            }
        }
    }
}

pub(super) fn answer(state: &State, call: &Call, path: &[&str]) -> Answer {
    let token = oauth::authorize(state, Site::Simacan, call)?;
    let may_read = || oauth::require_scope(Site::Simacan, &token, &["trips.read"]);
    let may_write = || oauth::require_scope(Site::Simacan, &token, &["trips.write"]);
    let mut depot = lock(&state.simacan.trips.0);
    let now = state.clock.now();
    for trip in depot.trips.values_mut() {
        trip.catch_up(now);
    }
    match (path, &call.method) {
        (["trips"], &(Method::GET | Method::HEAD)) => may_read().and_then(|()| list(&depot, call)),
        (["trips"], &Method::POST) => may_write().and_then(|()| create(&mut depot, call, &state.base, now)),
        (["trips"], method) => Ok(Reply::not_allowed(method, "GET, HEAD, POST")),
        (["trips", id], &(Method::GET | Method::HEAD)) => {
            may_read().and_then(|()| Ok(Reply::ok(&find(&mut depot, id)?.to_json())))
        }
        (["trips", id], &(Method::PUT | Method::PATCH)) => may_write().and_then(|()| {
            let trip = find(&mut depot, id)?;
            let mut changed = trip.clone();
            change(&mut changed, call, now)?;
            *trip = changed;
            Ok(Reply::ok(&trip.to_json()))
        }),
        (["trips", id], &Method::DELETE) => may_write().and_then(|()| {
            let number = find(&mut depot, id)?.number;
            depot.trips.remove(&number);
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }),
        (["trips", _], method) => Ok(Reply::not_allowed(method, "GET, HEAD, PUT, PATCH, DELETE")),
        (["trips", id, "dispatch"], &Method::POST) => may_write().and_then(|()| {
            let trip = find(&mut depot, id)?;
            if trip.progress != Progress::Planned {
                return Err(conflict("only a planned trip can be dispatched"));
            }
            trip.sets_out = Some(now + SETTING_OUT);
            Ok(Reply::json(StatusCode::ACCEPTED, &trip.to_json()))
        }),
        (["trips", _, "dispatch"], method) => Ok(Reply::not_allowed(method, "POST")),
        _ => Ok(Reply::not_found("there is nothing at this path")),
    }
}

/// The trips, all or those with the `state` or `plate` that the query names.
fn list(depot: &Depot, call: &Call) -> Answer {
    let query = call.query();
    let progress = match query.get("state") {
        None => None,
        Some(name) => Some(Progress::named(name).ok_or_else(|| {
            Box::new(Reply::error(
                StatusCode::BAD_REQUEST,
                "invalid_query",
                "state must be PLANNED, UNDERWAY, ARRIVED or CANCELLED",
            ))
        })?),
    };
    let plate = query.get("plate");
    let trips: Vec<_> = depot
        .trips
        .values()
        .filter(|trip| progress.is_none_or(|progress| trip.progress == progress))
        .filter(|trip| plate.is_none_or(|plate| trip.plate == plate))
        .map(Trip::to_json)
        .collect();
    Ok(Reply::ok(&json!({ "trips": trips, "total": trips.len() })))
}

fn create(depot: &mut Depot, call: &Call, base: &str, now: Millis) -> Answer {
    let given = oauth::json_object(call)?;
    if depot.trips.len() >= MOST_TRIPS {
        return Err(Box::new(Reply::error(
            StatusCode::INSUFFICIENT_STORAGE,
            "full",
            "there are too many trips; reset the mock",
        )));
    }
    let number = depot.next;
    let mut errors = unknown_members(&given, &["plate", "stops"]);
    let plate = read_plate(given.get("plate")).map_err(|error| errors.push(error));
    let stops = read_stops(given.get("stops"), number, now).map_err(|error| errors.push(error));
    let (Ok(plate), Ok(stops), true) = (plate, stops, errors.is_empty()) else {
        return Err(unprocessable(&errors));
    };
    depot.next += 1;
    let trip = Trip { number, plate, progress: Progress::Planned, sets_out: None, stops, created: now, updated: now };
    let location = format!("{base}/simacan/trips-api/v1/trips/{}", trip.id());
    let reply = Reply::json(StatusCode::CREATED, &trip.to_json()).with(LOCATION, &location);
    depot.trips.insert(number, trip);
    Ok(reply)
}

/// PATCH changes what is given; PUT needs a plate, and without stops leaves none.
fn change(trip: &mut Trip, call: &Call, now: Millis) -> Result<(), Box<Reply>> {
    let given = oauth::json_object(call)?;
    let whole = call.method == Method::PUT;
    let mut errors = unknown_members(&given, &["plate", "state", "stops"]);
    if whole || given.contains_key("plate") {
        match read_plate(given.get("plate")) {
            Ok(plate) => trip.plate = plate,
            Err(error) => errors.push(error),
        }
    }
    if whole || given.contains_key("stops") {
        match read_stops(given.get("stops"), trip.number, now) {
            Ok(stops) => trip.stops = stops,
            Err(error) => errors.push(error),
        }
    }
    let progress = match given.get("state") {
        None => Some(trip.progress),
        Some(state) => state.as_str().and_then(Progress::named),
    };
    let Some(progress) = progress else {
        errors.push(json!({
            "field": "state",
            "message": "must be PLANNED, UNDERWAY, ARRIVED or CANCELLED",
        }));
        return Err(unprocessable(&errors));
    };
    if !errors.is_empty() {
        return Err(unprocessable(&errors));
    }
    if !trip.progress.may_become(progress) {
        return Err(conflict(&format!("a trip that is {} cannot become {}", trip.progress.name(), progress.name())));
    }
    trip.progress = progress;
    trip.updated = now;
    Ok(())
}

fn find<'a>(depot: &'a mut Depot, id: &str) -> Result<&'a mut Trip, Box<Reply>> {
    id.strip_prefix("T-")
        .and_then(|number| number.parse().ok())
        .and_then(|number: u64| depot.trips.get_mut(&number))
        .ok_or_else(|| Box::new(Reply::not_found("there is no trip with this id")))
}

fn unknown_members(given: &Map<String, Value>, known: &[&str]) -> Vec<Value> {
    given
        .keys()
        .filter(|name| !known.contains(&name.as_str()))
        .map(|name| json!({ "field": name, "message": "is not a member of a trip" }))
        .collect()
}

fn read_plate(given: Option<&Value>) -> Result<String, Value> {
    given
        .and_then(Value::as_str)
        .filter(|plate| (1..=16).contains(&plate.chars().count()))
        .map(str::to_owned)
        .ok_or_else(|| json!({ "field": "plate", "message": "must be a text of 1 to 16 characters" }))
}

/// Stops are an array of names with optional expected times, or just how many there are to be.
fn read_stops(given: Option<&Value>, trip: u64, now: Millis) -> Result<Vec<Stop>, Value> {
    let invalid = || {
        json!({
            "field": "stops",
            "message": "must be an array of at most 50 objects with a name, or their number",
        })
    };
    match given {
        None => Ok(Vec::new()),
        Some(Value::Number(count)) => {
            let count = count.as_u64().filter(|count| *count <= MOST_STOPS);
            let count = count.ok_or_else(invalid)?;
            Ok((1..=count).map(|position| Stop::sample(trip, position, now)).collect())
        }
        Some(Value::Array(stops)) if stops.len() as u64 <= MOST_STOPS => (1..)
            .zip(stops)
            .map(|(position, stop)| {
                let name = stop.get("name").and_then(Value::as_str);
                let eta = match stop.get("eta") {
                    None => Some(expected(position, now)),
                    Some(eta) => eta.as_str().filter(|eta| eta.parse::<jiff::Timestamp>().is_ok()).map(str::to_owned),
                };
                match (name, eta) {
                    (Some(name), Some(eta)) if !name.is_empty() => {
                        Ok(Stop { id: format!("S-{trip}-{position}"), name: name.to_owned(), eta })
                    }
                    _ => Err(invalid()),
                }
            })
            .collect(),
        Some(_) => Err(invalid()),
    }
}

fn conflict(message: &str) -> Box<Reply> {
    Box::new(Reply::error(StatusCode::CONFLICT, "conflict", message))
}

fn unprocessable(errors: &[Value]) -> Box<Reply> {
    Box::new(Reply::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "error": "invalid_trip", "errors": errors })))
}
