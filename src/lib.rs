//! callsheet runs API workflows that are written down in YAML: an auth step, then calls with expectations.
//!
//! The binary is a thin front door over this library. Reading order, which is also the order of imports:
//! `cli` → `project` → `scenario` → `plan` → `run` → `event` → `report`; a step goes
//! `template` → `auth` → `http` → `expect`.

pub mod auth;
pub mod cli;
pub mod document;
pub mod event;
pub mod expect;
pub mod http;
pub mod jose;
pub mod json;
pub mod jsonpath;
pub mod markup;
pub mod mock;
pub mod pending;
pub mod plan;
pub mod project;
pub mod report;
pub mod run;
pub mod scenario;
pub mod schema;
pub mod secret;
pub mod source;
pub mod template;
