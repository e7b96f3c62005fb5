//! Numbers and lengths.

use std::cmp::Ordering;

use super::time::Moment;
use super::{Verdict, count, given, not, number};
use crate::json::{Json, Number};
use crate::scenario::matcher::{Argument, Comparison, Domain, Extent, Relation};

pub(super) fn empty(actual: &Json) -> Verdict {
    match measured(actual)? {
        (0, _) => Ok(()),
        (length, what) => Err(count(length, what)),
    }
}

pub(super) fn length(extent: &Extent, actual: &Json) -> Verdict {
    let (length, what) = measured(actual)?;
    let fits = |relation: Relation, bound: &Argument<u64>| {
        given(bound).map(|bound| holds(relation, (length as u64).cmp(bound)))
    };
    let fits = match extent {
        Extent::Exactly(exact) => fits(Relation::Equal, exact)?,
        Extent::Compare(relation, bound) => fits(*relation, bound)?,
        Extent::Range(low, high) => {
            let low = low.as_ref().map_or(Ok(true), |low| fits(Relation::AtLeast, low))?;
            low && high.as_ref().map_or(Ok(true), |high| fits(Relation::AtMost, high))?
        }
    };
    if fits { Ok(()) } else { Err(count(length, what)) }
}

/// How long a value is: characters (Unicode scalar values), elements or members.
pub(in crate::expect) fn measured(actual: &Json) -> Result<(usize, &'static str), String> {
    match actual {
        Json::String(text) => Ok((text.chars().count(), "character")),
        Json::Array(items) => Ok((items.len(), "element")),
        Json::Object(object) => Ok((object.len(), "member")),
        _ => Err(not(actual, "a string, an array or an object")),
    }
}

pub(super) fn compare(comparison: &Comparison, actual: &Json) -> Verdict {
    let operand = given(&comparison.operand)?;
    let relation = comparison.relation;
    if !relation.orders() && comparison.domain != Domain::Moment {
        return match (relation, actual == operand) {
            (Relation::Equal, true) | (Relation::Unequal, false) => Ok(()),
            (Relation::Equal, false) if actual.kind() != operand.kind() => {
                Err(not(actual, operand.kind().with_article()))
            }
            (Relation::Equal, false) => Err("not equal".to_owned()),
            _ => Err("equal".to_owned()),
        };
    }
    if let Some(operand) = operand.as_number() {
        let order = number(actual)?.cmp(operand);
        return if holds(relation, order) { Ok(()) } else { Err(said(order, ["less", "equal", "greater"])) };
    }
    let order = Moment::of(actual)?.order(&Moment::of(operand)?);
    if holds(relation, order) { Ok(()) } else { Err(said(order, ["earlier", "equal", "later"])) }
}

fn said(order: Ordering, words: [&str; 3]) -> String {
    format!("it is {}", words[usize::from(order != Ordering::Less) + usize::from(order == Ordering::Greater)])
}

fn holds(relation: Relation, order: Ordering) -> bool {
    match relation {
        Relation::Greater => order == Ordering::Greater,
        Relation::AtLeast => order != Ordering::Less,
        Relation::Less => order == Ordering::Less,
        Relation::AtMost => order != Ordering::Greater,
        Relation::Equal => order == Ordering::Equal,
        Relation::Unequal => order != Ordering::Equal,
    }
}

pub(super) fn range(low: Option<&Argument<Number>>, high: Option<&Argument<Number>>, actual: &Json) -> Verdict {
    let value = number(actual)?;
    let (low, high) = (low.map(given).transpose()?, high.map(given).transpose()?);
    match (low, high) {
        (Some(low), _) if value < low => Err(format!("it is less than {low}")),
        (_, Some(high)) if value > high => Err(format!("it is greater than {high}")),
        _ => Ok(()),
    }
}

pub(super) fn about(value: &Argument<Number>, tolerance: &Argument<Number>, actual: &Json) -> Verdict {
    let (value, tolerance, actual) = (given(value)?, given(tolerance)?, number(actual)?);
    if let (Some(value), Some(tolerance), Some(actual)) = (value.as_i64(), tolerance.as_i64(), actual.as_i64()) {
        let distance = (i128::from(value) - i128::from(actual)).abs();
        return if distance <= i128::from(tolerance) { Ok(()) } else { Err(format!("it is {distance} away")) };
    }
    let (value, tolerance, actual) = (value.as_f64(), tolerance.as_f64(), actual.as_f64());
    let distance = (value - actual).abs();
    // 3.15 is within 0.01 of 3.14, though the difference of the floats is a little more.
    let slack = 4.0 * f64::EPSILON * value.abs().max(actual.abs());
    if distance <= tolerance + slack { Ok(()) } else { Err(format!("it is {} away", rounded(distance))) }
}

/// A distance without the noise of floats.
fn rounded(distance: f64) -> String {
    let text = format!("{distance:.9}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "0" { format!("{distance:e}") } else { text.to_owned() }
}
