//! The API of home batteries: what they are and how they fare, their operation mode, and their plans. Each
//! part needs a scope of its own, and each user sees only the devices that are theirs.

use std::sync::Mutex;

use hyper::header::LOCATION;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::call::Call;
use super::super::oauth;
use super::super::reply::{Answer, Reply};
use super::super::site::Site;
use super::super::state::{Millis, State, lock, rfc3339};
use super::USERS;

const MODES: [&str; 4] = ["SELF_CONSUMPTION", "BACKUP", "TIME_OF_USE", "EXPORT"];
/// How many plans a device keeps.
const MOST_PLANS: usize = 1000;

/// The batteries.
pub(super) struct Devices(Mutex<Vec<Device>>);

struct Device {
    id: &'static str,
    name: &'static str,
    model: &'static str,
    owner: &'static str,
    capacity_wh: u64,
    charge_percent: f64,
    power_w: i64,
    online: bool,
    mode: String,
    plans: Vec<Value>,
    next_plan: usize,
    updated: Millis,
}

impl Devices {
    pub(super) fn new(now: Millis) -> Self {
        let [homeowner, viewer] = [USERS[0].name, USERS[1].name];
        let device = |id, name, owner, capacity_wh, charge_percent, power_w| Device {
            id,
            name,
            model: "Eternalplanet 12",
            owner,
            capacity_wh,
            charge_percent,
            power_w,
            online: true,
            mode: MODES[0].to_owned(),
            plans: Vec::new(),
            next_plan: 1,
            updated: now,
        };
        let mut devices = vec![
            device("dev-1001", "Garage", homeowner, 12_000, 81.5, -1_350),
            device("dev-1002", "Cellar", homeowner, 9_800, 46.0, 2_100),
            device("dev-1003", "Shed", homeowner, 9_800, 12.0, 0),
            device("dev-2001", "Neighbour", viewer, 12_000, 64.0, 300),
        ];
        devices[2].online = false;
        Self(Mutex::new(devices))
    }
}

impl Device {
    fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "model": self.model,
            "online": self.online,
            "operationMode": self.mode,
            "capacityWh": self.capacity_wh,
            "updatedAt": rfc3339(self.updated),
        })
    }

    fn telemetry(&self, now: Millis) -> Value {
        json!({
            "deviceId": self.id,
            "stateOfChargePercent": self.charge_percent,
            "powerW": self.power_w,
            "measuredAt": rfc3339(now),
        })
    }
}

pub(super) fn answer(state: &State, call: &Call, path: &[&str]) -> Answer {
    let token = oauth::authorize(state, Site::Gridshare, call)?;
    let needs = |scope| oauth::require_scope(Site::Gridshare, &token, &[scope]);
    let owner = token.subject.as_str();
    let mut devices = lock(&state.gridshare.devices.0);
    let now = state.clock.now();
    match (path, &call.method) {
        (["devices"], &(Method::GET | Method::HEAD)) => {
            needs("lunar/device.read")?;
            let own: Vec<_> = devices.iter().filter(|device| device.owner == owner).map(Device::to_json).collect();
            Ok(Reply::ok(&json!({ "devices": own, "total": own.len() })))
        }
        (["devices", id], &(Method::GET | Method::HEAD)) => {
            needs("lunar/device.read")?;
            Ok(Reply::ok(&find(&mut devices, owner, id)?.to_json()))
        }
        (["devices", id], &Method::PATCH) => {
            needs("lunar/device.write")?;
            let device = find(&mut devices, owner, id)?;
            set_mode(device, call, now)
        }
        (["devices", _], method) => Ok(Reply::not_allowed(method, "GET, HEAD, PATCH")),
        (["devices", id, "telemetry"], &(Method::GET | Method::HEAD)) => {
            needs("lunar/device.read")?;
            Ok(Reply::ok(&find(&mut devices, owner, id)?.telemetry(now)))
        }
        (["devices", id, "plans"], &(Method::GET | Method::HEAD)) => {
            needs("lunar/plan.read")?;
            let plans = &find(&mut devices, owner, id)?.plans;
            Ok(Reply::ok(&json!({ "plans": plans, "total": plans.len() })))
        }
        (["devices", id, "plans"], &Method::POST) => {
            needs("lunar/plan.write")?;
            let device = find(&mut devices, owner, id)?;
            add_plan(device, call, &state.base, now)
        }
        (["devices", _, "plans"], method) => Ok(Reply::not_allowed(method, "GET, HEAD, POST")),
        (["devices", id, "plans", plan], &(Method::GET | Method::HEAD)) => {
            needs("lunar/plan.read")?;
            let plans = &find(&mut devices, owner, id)?.plans;
            match plans.iter().find(|known| known["id"] == **plan) {
                Some(plan) => Ok(Reply::ok(plan)),
                None => Ok(Reply::not_found("there is no plan with this id")),
            }
        }
        (["devices"] | ["devices", _, "telemetry"] | ["devices", _, "plans", _], method) => {
            Ok(Reply::not_allowed(method, "GET, HEAD"))
        }
        _ => Ok(Reply::not_found("there is nothing at this path")),
    }
}

/// A device of this owner; those of others do not exist for them.
fn find<'a>(devices: &'a mut [Device], owner: &str, id: &str) -> Result<&'a mut Device, Box<Reply>> {
    devices
        .iter_mut()
        .find(|device| device.owner == owner && device.id == id)
        .ok_or_else(|| Box::new(Reply::not_found("there is no device with this id")))
}

fn set_mode(device: &mut Device, call: &Call, now: Millis) -> Answer {
    let given = oauth::json_object(call)?;
    let mode = given.get("operationMode").and_then(Value::as_str);
    match mode.filter(|mode| MODES.contains(mode) && given.len() == 1) {
        Some(_) if !device.online => Err(Box::new(Reply::error(
            StatusCode::CONFLICT,
            "device_offline",
            "the device is offline and cannot be changed",
        ))),
        Some(mode) => {
            mode.clone_into(&mut device.mode);
            device.updated = now;
            Ok(Reply::ok(&device.to_json()))
        }
        None => Err(unprocessable(&format!(
            "the body must be an operationMode and nothing else: one of {}",
            MODES.join(", ")
        ))),
    }
}

/// Adds a plan: a name and the windows of time in which the device is to be in a mode.
fn add_plan(device: &mut Device, call: &Call, base: &str, now: Millis) -> Answer {
    let given = oauth::json_object(call)?;
    let name = given.get("name").and_then(Value::as_str);
    let windows = given.get("windows").and_then(Value::as_array);
    let (Some(name), Some(windows)) = (name, windows) else {
        return Err(unprocessable("a plan needs a name and windows"));
    };
    if windows.is_empty() || !windows.iter().all(is_window) {
        return Err(unprocessable("each window needs a start before its end, both RFC 3339, and a mode"));
    }
    if device.plans.len() >= MOST_PLANS {
        return Err(unprocessable("the device has too many plans"));
    }
    let id = format!("plan-{}", device.next_plan);
    device.next_plan += 1;
    let plan = json!({
        "id": id,
        "deviceId": device.id,
        "name": name,
        "windows": windows,
        "createdAt": rfc3339(now),
    });
    let location = format!("{base}/gridshare/api/v1/devices/{}/plans/{id}", device.id);
    let reply = Reply::json(StatusCode::CREATED, &plan).with(LOCATION, &location);
    device.plans.push(plan);
    Ok(reply)
}

fn is_window(window: &Value) -> bool {
    let text = |name| window.get(name).and_then(Value::as_str);
    let moment = |name| text(name)?.parse::<jiff::Timestamp>().ok();
    match (moment("start"), moment("end"), text("mode")) {
        (Some(start), Some(end), Some(mode)) => start < end && MODES.contains(&mode),
        _ => false,
    }
}

fn unprocessable(message: &str) -> Box<Reply> {
    Box::new(Reply::error(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", message))
}
