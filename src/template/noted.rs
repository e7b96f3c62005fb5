//! What functions gave that give another value each time. Where an expression turns out false, its parts are evaluated
//! once more to be shown: these values are then taken from here, not drawn again, so that what is shown is what was, and
//! nothing random comes out differently for the rest of the run.

use std::cell::RefCell;

use minijinja::{Error, Value};

/// Functions whose values are noted, beside those of `fake`.
pub(super) const FUNCTIONS: [&str; 6] = ["uuid", "now", "random_int", "random_string", "jwt_sign", "totp"];

/// Values in the order in which they were given, each with the name of its function.
pub(super) type Noted = Vec<(&'static str, Value)>;

thread_local! {
    /// Evaluation never leaves its thread.
    static NOTES: RefCell<Option<Noted>> = const { RefCell::new(None) };
}

/// Notes what the functions give that are called meanwhile.
pub(super) fn noting<T>(evaluate: impl FnOnce() -> T) -> (T, Noted) {
    let before = NOTES.replace(Some(Noted::new()));
    let result = evaluate();
    (result, NOTES.replace(before).unwrap_or_default())
}

/// Passes on what a function gives, and notes it where somebody wants to know.
pub(super) fn note<T: Into<Value>>(function: &'static str, given: Result<T, Error>) -> Result<Value, Error> {
    let given: Value = given?.into();
    NOTES.with_borrow_mut(|notes| {
        if let Some(notes) = notes {
            notes.push((function, given.clone()));
        }
    });
    Ok(given)
}
