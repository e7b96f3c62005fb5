//! Codes of ISO 3166-1 and ISO 4217, compared with the lists of Debian's iso-codes as of February 2026.

/// ISO 3166-1:2020 alpha-2: the officially assigned codes, as they have stood since South Sudan joined in 2011. What is
/// reserved or left to users (`UK`, `EU`, `XK`) is none of them.
const COUNTRIES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD \
CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF \
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN \
KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI \
SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI \
VN VU WF WS YE YT ZA ZM ZW";

/// ISO 4217: the active alphabetic codes of list one of 1 January 2026 (the day the lev gave way to the euro), those of
/// funds, metals and units of account included, and those for tests (`XTS`) and for no currency (`XXX`).
const CURRENCIES: &str = "\
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW \
CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG \
HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK \
MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR \
SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW \
UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG";

/// ISO 3166-1 alpha-2, upper case.
pub(super) fn country(text: &str) -> Result<(), String> {
    listed(COUNTRIES, text, "ISO 3166-1 alpha-2 has no such code")
}

/// ISO 4217, upper case.
pub(super) fn currency(text: &str) -> Result<(), String> {
    listed(CURRENCIES, text, "ISO 4217 has no such code")
}

fn listed(codes: &str, text: &str, otherwise: &str) -> Result<(), String> {
    let has = |wanted: &str| codes.split(' ').any(|code| code == wanted);
    if has(text) {
        Ok(())
    } else if has(&text.to_uppercase()) {
        Err("it must be in upper case".to_owned())
    } else {
        Err(otherwise.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_whole_and_in_order() {
        for (codes, count) in [(COUNTRIES, 249), (CURRENCIES, 178)] {
            let codes: Vec<&str> = codes.split(' ').collect();
            assert!(codes.is_sorted() && codes.windows(2).all(|pair| pair[0] != pair[1]));
            assert_eq!(codes.len(), count);
        }
    }

    #[test]
    fn recent_changes_are_in_the_lists() {
        for new in ["XCG", "SLE", "VED", "VES", "MRU", "STN", "UYW", "XAD", "ZWG", "CHE", "USN", "XTS", "XXX"] {
            assert_eq!(currency(new), Ok(()), "{new}");
        }
        for gone in ["ANG", "SLL", "HRK", "BGN", "CUC", "ZWL", "VEF", "MRO", "STD", "LTL", "USS"] {
            assert!(currency(gone).is_err(), "{gone} was withdrawn");
        }
        for there in ["SS", "BQ", "CW", "SX", "AX", "ME", "RS", "TW", "PS", "EH"] {
            assert_eq!(country(there), Ok(()), "{there}");
        }
        for never in ["UK", "EU", "XK", "AN", "CS", "SU", "YU", "TP", "ZZ"] {
            assert!(country(never).is_err(), "{never} is not officially assigned");
        }
        assert_eq!(currency("eur"), Err("it must be in upper case".to_owned()));
    }
}
