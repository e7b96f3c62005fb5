//! Numbers that keep their value: an identifier beyond 2^53 or an amount with twenty digits compares exactly.

use std::cmp::Ordering;
use std::fmt;

/// A JSON number. Compares and orders by value, whatever its spelling.
#[derive(Debug, Clone)]
pub struct Number(Repr);

#[derive(Debug, Clone)]
enum Repr {
    Int(i64),
    /// Only where the shortest decimal that yields this float is the number as written.
    Float(f64),
    /// Everything else: the number as written.
    Exact(Box<str>),
}

/// A decimal as sign, significant digits (no zero at either end) and the exponent of the first digit, so that
/// `0.d1d2d3… × 10^exponent` is the value. Zero has no digits.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Number {
    /// Reads a number in the grammar of RFC 8259; the caller has checked that grammar.
    pub(crate) fn from_json_text(text: &str) -> Self {
        let integer = !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
        if integer {
            if let Ok(int) = text.parse::<i64>() {
                return Self(if int == 0 && text.starts_with('-') { Repr::Float(-0.0) } else { Repr::Int(int) });
            }
        } else if text.len() <= 17 {
            // At most 15 significant digits and a small exponent survive the way through f64 unharmed.
            let digits =
                text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit).count();
            if digits <= 15
                && let Ok(float) = text.parse::<f64>()
                && float.is_finite()
                && (float == 0.0) == Decimal::of(text).digits.is_empty()
                && (float == 0.0 || float.abs() > 1e-290)
            {
                return Self(Repr::Float(float));
            }
        }
        Self(Repr::Exact(text.into()))
    }

    /// Reads a number in the grammar of RFC 8259, or says that it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('-').unwrap_or(text).as_bytes();
        let digits = |rest: &mut &[u8]| {
            let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            *rest = &rest[count..];
            count
        };
        let leading_zero = rest.first() == Some(&b'0');
        let whole = digits(&mut rest);
        if whole == 0 || (leading_zero && whole > 1) {
            return None;
        }
        if let Some(after) = rest.strip_prefix(b".") {
            rest = after;
            if digits(&mut rest) == 0 {
                return None;
            }
        }
        if let Some(after) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
            rest = after.strip_prefix(b"+").or_else(|| after.strip_prefix(b"-")).unwrap_or(after);
            if digits(&mut rest) == 0 {
                return None;
            }
        }
        rest.is_empty().then(|| Self::from_json_text(text))
    }

    /// A float; `None` for what JSON cannot hold (NaN and the infinities).
    pub fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(Repr::Float(value)))
    }

    /// The value, if it has no fraction and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(int) => Some(*int),
            #[expect(clippy::cast_possible_truncation, reason = "the guard keeps to what an i64 holds exactly")]
            Repr::Float(float) => (float.fract() == 0.0 && float.abs() < 9e15).then_some(*float as i64),
            Repr::Exact(text) => Decimal::of(text).as_i64(),
        }
    }

    /// The nearest float.
    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
            Repr::Int(int) => *int as f64,
            Repr::Float(float) => *float,
            Repr::Exact(text) => text.parse().unwrap_or(f64::NAN),
        }
    }

    /// Whether the value has no fraction (`1.0` and `1e3` have none).
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Int(_) => true,
            Repr::Float(float) => float.fract() == 0.0,
            Repr::Exact(text) => Decimal::of(text).is_integer(),
        }
    }

    /// Whether the value is a whole multiple of another, exactly: `0.3` is one of `0.1`. Nothing but zero is one of zero.
    pub fn is_multiple_of(&self, divisor: &Self) -> bool {
        self.decimal().is_multiple_of(&divisor.decimal())
    }

    fn decimal(&self) -> Decimal {
        match &self.0 {
            Repr::Exact(text) => Decimal::of(text),
            _ => Decimal::of(&self.to_string()),
        }
    }
}

impl Decimal {
    fn of(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        // A power beyond i64 still orders rightly against everything that fits a machine.
        let power = power.parse::<i64>().unwrap_or(if power.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 });
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let zeros = all.iter().take_while(|digit| **digit == b'0').count();
        let kept = all.len() - all.iter().rev().take_while(|digit| **digit == b'0').count();
        if zeros >= kept {
            return Self { negative: false, digits: Vec::new(), exponent: 0 };
        }
        let exponent = i64::try_from(whole.len()).unwrap_or(i64::MAX / 4) - i64::try_from(zeros).unwrap_or(0);
        Self { negative, digits: all[zeros..kept].to_vec(), exponent: exponent.saturating_add(power) }
    }

    fn is_integer(&self) -> bool {
        self.digits.is_empty() || i64::try_from(self.digits.len()).is_ok_and(|count| count <= self.exponent)
    }

    fn as_i64(&self) -> Option<i64> {
        if !self.is_integer() || self.exponent > 19 {
            return None;
        }
        let mut value: i128 = 0;
        for place in 0..usize::try_from(self.exponent).unwrap_or(0) {
            value = value * 10 + i128::from(self.digits.get(place).map_or(0, |digit| digit - b'0'));
        }
        i64::try_from(if self.negative { -value } else { value }).ok()
    }

    fn is_multiple_of(&self, divisor: &Self) -> bool {
        if self.digits.is_empty() || divisor.digits.is_empty() {
            return self.digits.is_empty();
        }
        // As whole numbers with a power of ten: the last digit of either is none of zero.
        let power = |decimal: &Self| decimal.exponent.saturating_sub_unsigned(decimal.digits.len() as u64);
        let shift = power(self).saturating_sub(power(divisor));
        // What ends in fewer zeros than the divisor cannot be a multiple of it.
        let Ok(shift) = u64::try_from(shift) else { return false };
        let mut rest = remainder(&self.digits, &divisor.digits);
        // The digits of the divisor decide after few steps: multiplying by ten comes around, or arrives at zero.
        let factors = divisor.digits.len() as u64 * 4 + 1;
        for _ in 0..shift.min(factors) {
            if rest.is_empty() {
                return true;
            }
            rest.push(b'0');
            rest = remainder(&rest, &divisor.digits);
        }
        rest.is_empty()
    }

    fn order(&self, other: &Self) -> Ordering {
        let sign = |decimal: &Self| match (decimal.digits.is_empty(), decimal.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        };
        sign(self).cmp(&sign(other)).then_with(|| {
            let magnitude = self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
            if self.negative { magnitude.reverse() } else { magnitude }
        })
    }
}

/// What is left when one row of digits is divided by another, without leading zeros; of zero nothing is left.
fn remainder(digits: &[u8], divisor: &[u8]) -> Vec<u8> {
    let mut rest: Vec<u8> = Vec::with_capacity(divisor.len() + 1);
    for digit in digits {
        if !rest.is_empty() || *digit != b'0' {
            rest.push(*digit);
        }
        while rest.len() > divisor.len() || rest.len() == divisor.len() && *rest >= *divisor {
            let mut borrow = 0;
            for at in (0..rest.len()).rev() {
                let below = rest.len() - 1 - at;
                let taken = borrow + divisor.len().checked_sub(below + 1).map_or(0, |at| divisor[at] - b'0');
                let have = rest[at] - b'0';
                borrow = u8::from(have < taken);
                rest[at] = b'0' + have + 10 * borrow - taken;
            }
            let zeros = rest.iter().take_while(|digit| **digit == b'0').count();
            rest.drain(..zeros);
        }
    }
    rest
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a.cmp(b),
            (Repr::Float(a), Repr::Float(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            // A float's value here is a short decimal, and integers up to 2^53 are floats exactly.
            (Repr::Int(a), Repr::Float(b)) if a.unsigned_abs() <= 1 << 53 =>
            {
                #[expect(clippy::cast_precision_loss, reason = "the guard keeps to what an f64 holds exactly")]
                (*a as f64).partial_cmp(b).unwrap_or(Ordering::Equal)
            }
            (Repr::Float(_), Repr::Int(_)) => other.cmp(self).reverse(),
            _ => self.decimal().order(&other.decimal()),
        }
    }
}

impl fmt::Display for Number {
    /// Prints the number as JSON, as it was written where that matters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(int) => write!(f, "{int}"),
            Repr::Float(float) if float.abs() >= 1e17 || (*float != 0.0 && float.abs() < 1e-7) => {
                write!(f, "{float:e}")
            }
            // Without a precision these are the shortest digits; with one they would be the float's own.
            Repr::Float(float) if float.fract() == 0.0 => write!(f, "{float}.0"),
            Repr::Float(float) => write!(f, "{float}"),
            Repr::Exact(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Int(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self(Repr::Exact(value.to_string().into())), |int| Self(Repr::Int(int)))
    }
}
