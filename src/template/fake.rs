//! `fake.…()`: believable values for test data, drawn from the run's seed.

use std::sync::Arc;

use minijinja::value::Object;
use minijinja::{Error, State, Value};

use super::filters::invalid;
use super::functions::drawn;
use super::noted::note;

/// The generators.
pub(super) const NAMES: &[&str] = &[
    "name",
    "first_name",
    "last_name",
    "email",
    "username",
    "phone",
    "company",
    "street",
    "city",
    "postcode",
    "country",
    "country_code",
    "currency",
    "plate",
    "word",
    "sentence",
    "paragraph",
    "url",
    "ipv4",
    "colour",
    "date",
    "latitude",
    "longitude",
    "boolean",
    "iban",
];

const FIRST: &[&str] = &[
    "Aisha", "Bram", "Chiara", "Daan", "Elif", "Femke", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lena", "Marek",
    "Noor", "Olga", "Pieter", "Quinn", "Rosa", "Sven", "Tomás", "Uma", "Victor", "Wanda", "Xander", "Yara", "Zoë",
];
const LAST: &[&str] = &[
    "Almeida",
    "Bakker",
    "Costa",
    "de Vries",
    "Eriksson",
    "Fischer",
    "Garcia",
    "Horvat",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Peeters",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "van Dijk",
    "Weber",
    "Yilmaz",
];
const WORDS: &[&str] = &[
    "amber", "bridge", "copper", "delta", "ember", "field", "garden", "harbour", "island", "juniper", "kettle",
    "lantern", "meadow", "north", "orchard", "paper", "quiet", "river", "silver", "timber", "upper", "valley",
    "willow", "yellow",
];
const CITIES: &[&str] = &[
    "Amersfoort",
    "Antwerp",
    "Bilbao",
    "Bristol",
    "Cork",
    "Gdańsk",
    "Ghent",
    "Graz",
    "Leeds",
    "Lille",
    "Lyon",
    "Malmö",
    "Ostrava",
    "Porto",
    "Rotterdam",
    "Tartu",
    "Turin",
    "Utrecht",
];
const COUNTRIES: &[(&str, &str, &str)] = &[
    ("Austria", "AT", "EUR"),
    ("Belgium", "BE", "EUR"),
    ("Czechia", "CZ", "CZK"),
    ("Denmark", "DK", "DKK"),
    ("France", "FR", "EUR"),
    ("Germany", "DE", "EUR"),
    ("Ireland", "IE", "EUR"),
    ("Italy", "IT", "EUR"),
    ("Japan", "JP", "JPY"),
    ("Netherlands", "NL", "EUR"),
    ("Norway", "NO", "NOK"),
    ("Poland", "PL", "PLN"),
    ("Portugal", "PT", "EUR"),
    ("Spain", "ES", "EUR"),
    ("Sweden", "SE", "SEK"),
    ("United Kingdom", "GB", "GBP"),
];
const COLOURS: &[&str] = &["red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "grey"];

/// The object behind the name `fake`.
#[derive(Debug)]
pub(super) struct Fake;

impl Object for Fake {
    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        if !args.is_empty() {
            return Err(invalid(format!("`fake.{method}()` takes no arguments")));
        }
        let made = drawn(state, |chance| make(method, chance))?;
        note("fake", made.ok_or_else(|| invalid(format!("there is no generator `fake.{method}()`"))))
    }
}

fn pick<T: Copy>(chance: &mut fastrand::Rng, from: &[T]) -> T {
    from[chance.usize(..from.len())]
}

fn digits(chance: &mut fastrand::Rng, count: usize) -> String {
    (0..count).map(|_| chance.digit(10)).collect()
}

/// Lower-case ASCII for addresses.
fn plain(text: &str) -> String {
    let folded =
        text.to_lowercase().replace(['á', 'à'], "a").replace(['ë', 'é'], "e").replace('ö', "o").replace('ń', "n");
    folded.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn words(chance: &mut fastrand::Rng, count: usize) -> String {
    let mut text = (0..count).map(|_| pick(chance, WORDS)).collect::<Vec<_>>().join(" ");
    text[..1].make_ascii_uppercase();
    text + "."
}

fn make(generator: &str, chance: &mut fastrand::Rng) -> Option<Value> {
    let text = match generator {
        "first_name" => pick(chance, FIRST).to_owned(),
        "last_name" => pick(chance, LAST).to_owned(),
        "name" => format!("{} {}", pick(chance, FIRST), pick(chance, LAST)),
        "username" => format!("{}{}", plain(pick(chance, FIRST)), digits(chance, 4)),
        // RFC 2606: these names never reach a person.
        "email" => {
            let (first, last) = (plain(pick(chance, FIRST)), plain(pick(chance, LAST)));
            format!("{first}.{last}{}@example.com", digits(chance, 3))
        }
        "url" => format!("https://{}.example.com/{}", pick(chance, WORDS), pick(chance, WORDS)),
        "phone" => format!("+3120{}", digits(chance, 7)),
        "company" => {
            format!("{} {}", pick(chance, LAST), pick(chance, &["Group", "Logistics", "Energy", "Stays", "Labs"]))
        }
        "street" => {
            let mut street = pick(chance, WORDS).to_owned();
            street[..1].make_ascii_uppercase();
            format!("{street} {} {}", pick(chance, &["Street", "Lane", "Road", "Square"]), chance.u32(1..200))
        }
        "city" => pick(chance, CITIES).to_owned(),
        "postcode" => digits(chance, 5),
        "country" => pick(chance, COUNTRIES).0.to_owned(),
        "country_code" => pick(chance, COUNTRIES).1.to_owned(),
        "currency" => pick(chance, COUNTRIES).2.to_owned(),
        // Consonants only, as on Dutch plates, so that no word comes out.
        "plate" => {
            let mut letters = |count| {
                (0..count)
                    .map(|_| pick(chance, &['B', 'D', 'F', 'G', 'H', 'K', 'N', 'P', 'R', 'T', 'X', 'Z']))
                    .collect::<String>()
            };
            let (front, back) = (letters(2), letters(1));
            format!("{front}-{}-{back}", digits(chance, 3))
        }
        "word" => pick(chance, WORDS).to_owned(),
        "sentence" => words(chance, 7),
        "paragraph" => (0..4).map(|_| words(chance, 9)).collect::<Vec<_>>().join(" "),
        // RFC 5737: addresses that lead nowhere.
        "ipv4" => format!("203.0.113.{}", chance.u32(1..255)),
        "colour" => pick(chance, COLOURS).to_owned(),
        "date" => format!("{}-{:02}-{:02}", chance.u32(1990..2030), chance.u32(1..13), chance.u32(1..29)),
        "iban" => {
            let account = digits(chance, 10);
            // ISO 13616: the check digits make the whole, letters as numbers, leave 1 modulo 97. "CSHT" is no bank.
            let number = format!("12281729{account}232100");
            let rest = number.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
            format!("NL{:02}CSHT{account}", 98 - rest)
        }
        "latitude" => return Some(Value::from(f64::from(chance.i32(-900_000..900_001)) / 10_000.0)),
        "longitude" => return Some(Value::from(f64::from(chance.i32(-1_800_000..1_800_001)) / 10_000.0)),
        "boolean" => return Some(Value::from(chance.bool())),
        _ => return None,
    };
    Some(Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_generator_makes_something_and_repeats_it_for_the_same_seed() {
        for name in NAMES {
            let made = |seed| make(name, &mut fastrand::Rng::with_seed(seed)).map(|value| value.to_string());
            assert!(made(1).is_some_and(|text| !text.is_empty()), "{name}");
            assert_eq!(made(7), made(7), "{name}");
        }
        assert!(make("nothing", &mut fastrand::Rng::with_seed(1)).is_none());
    }

    #[test]
    fn the_check_digits_of_an_iban_are_right() {
        for seed in 0..50 {
            let iban =
                make("iban", &mut fastrand::Rng::with_seed(seed)).map(|value| value.to_string()).unwrap_or_default();
            let turned = format!("{}{}", &iban[4..], &iban[..4]);
            let number: String = turned.chars().map(|c| c.to_digit(36).unwrap_or(0).to_string()).collect();
            let rest = number.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
            assert_eq!(rest, 1, "{iban}");
        }
    }
}
