//! Arithmetic of decimal numbers without rounding: `None` where the exact result is no `Decimal`.

use rust_decimal::Decimal;

/// The largest mantissa of a `Decimal`.
const MAX_MANTISSA: u128 = (1 << 96) - 1;
/// How many digits a fraction has at most.
const MAX_SCALE: u32 = Decimal::MAX_SCALE;

fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// The number with this mantissa and as many digits behind the point.
fn decimal(mantissa: i128, scale: u32) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

/// A number without zeros at the end of its fraction does not fit where its mantissa is too large. So both mantissas are
/// brought to the longer fraction, whose last digit stays what it is.
pub(super) fn add(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left, right) = (left.normalize(), right.normalize());
    let scale = left.scale().max(right.scale());
    let scaled = |number: Decimal| number.mantissa().checked_mul(power_of_ten(scale - number.scale())?);
    let (mut sum, mut scale) = (scaled(left)?.checked_add(scaled(right)?)?, scale);
    while scale > 0 && sum % 10 == 0 {
        sum /= 10;
        scale -= 1;
    }
    decimal(sum, scale)
}

pub(super) fn subtract(left: Decimal, right: Decimal) -> Option<Decimal> {
    add(left, -right)
}

/// The twos and fives that make zeros at the end of the fraction are taken out before the product is made, which then
/// either fits or never does.
pub(super) fn multiply(left: Decimal, right: Decimal) -> Option<Decimal> {
    let negative = left.is_sign_negative() != right.is_sign_negative();
    let mut scale = left.scale() + right.scale();
    let mut factors = [left.mantissa().unsigned_abs(), right.mantissa().unsigned_abs()];
    if factors.contains(&0) {
        return Some(Decimal::ZERO);
    }
    while scale > 0
        && let Some(two) = factors.iter().position(|factor| factor % 2 == 0)
        && let Some(five) = factors.iter().position(|factor| factor % 5 == 0)
    {
        factors[two] /= 2;
        factors[five] /= 5;
        scale -= 1;
    }
    let product = factors[0].checked_mul(factors[1]).filter(|product| *product <= MAX_MANTISSA)?;
    let product = i128::try_from(product).ok()?;
    decimal(if negative { -product } else { product }, scale)
}

/// What is left of a division to a whole number, with the sign of the dividend.
pub(super) fn remainder(dividend: Decimal, divisor: Decimal) -> Option<Decimal> {
    let scale = dividend.scale().max(divisor.scale());
    let modulus = match power_of_ten(scale - divisor.scale())?.checked_mul(divisor.mantissa()) {
        Some(modulus) => modulus.checked_abs()?,
        // The divisor is larger than every number with this fraction.
        None => return Some(dividend),
    };
    let mut rest = dividend.mantissa().checked_rem(modulus)?;
    for _ in dividend.scale()..scale {
        rest = rest.checked_mul(10)?.checked_rem(modulus)?;
    }
    decimal(rest, scale)
}

/// A sum in the making, in which numbers of any size cancel each other out in any order.
#[derive(Default)]
pub(super) struct Total {
    whole: i128,
    /// In units of the smallest `Decimal`; not of the sign of the whole part, and larger than one after a while.
    fraction: i128,
}

impl Total {
    /// `None` after more rows than a table has.
    pub(super) fn add(&mut self, number: Decimal) -> Option<()> {
        let unit = power_of_ten(number.scale())?;
        let (whole, fraction) = (number.mantissa() / unit, number.mantissa() % unit);
        self.whole = self.whole.checked_add(whole)?;
        self.fraction = self.fraction.checked_add(fraction * power_of_ten(MAX_SCALE - number.scale())?)?;
        Some(())
    }

    /// Takes out a number that was added before.
    pub(super) fn subtract(&mut self, number: Decimal) -> Option<()> {
        self.add(-number)
    }

    pub(super) fn value(&self) -> Option<Decimal> {
        let one = power_of_ten(MAX_SCALE)?;
        let whole = self.whole.checked_add(self.fraction / one)?;
        add(decimal(whole, 0)?, decimal(self.fraction % one, MAX_SCALE)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn sum(numbers: &[&str]) -> Option<Decimal> {
        let mut total = Total::default();
        numbers.iter().for_each(|number| total.add(dec(number)).unwrap());
        total.value()
    }

    const MAX: &str = "79228162514264337593543950335";
    const SMALLEST: &str = "0.0000000000000000000000000001";

    #[test]
    fn sums_are_exact_or_nothing() {
        assert_eq!(add(dec("0.1"), dec("0.2")), Some(dec("0.3")));
        assert_eq!(add(dec("1.50"), dec("-1.5")), Some(Decimal::ZERO));
        assert_eq!(add(dec("7922816251426433759354395033.4"), dec("0.1")), Some(dec("7922816251426433759354395033.5")));
        assert_eq!(add(dec("7922816251426433759354395033.5"), dec("0.5")), Some(dec("7922816251426433759354395034")));
        assert_eq!(subtract(Decimal::MAX, Decimal::MAX), Some(Decimal::ZERO));
        assert_eq!(subtract(Decimal::MAX, dec("1.000")), Some(dec("79228162514264337593543950334")));
        for (left, right) in [(MAX, "0.4"), (MAX, "1"), (MAX, SMALLEST), ("10", SMALLEST), ("8", SMALLEST)] {
            assert_eq!((add(dec(left), dec(right)), add(dec(right), dec(left))), (None, None), "{left} + {right}");
        }
        assert_eq!(add(dec("7"), dec(SMALLEST)), Some(dec("7.0000000000000000000000000001")));
    }

    #[test]
    fn products_are_exact_or_nothing() {
        assert_eq!(multiply(dec("1.5"), dec("-0.2")), Some(dec("-0.3")));
        assert_eq!(multiply(dec("-0"), dec("5")), Some(Decimal::ZERO));
        // Twos on one side and fives on the other make 28 zeros.
        let (twos, fives) = (dec("0.0000000000000000000268435456"), dec("37252902984619140625"));
        assert_eq!(multiply(twos, fives), Some(dec("1")));
        assert_eq!(multiply(dec("0.00000000000001"), dec("0.00000000000001")), Some(dec(SMALLEST)));
        assert_eq!(multiply(dec(MAX), dec("1.000")), Some(Decimal::MAX));
        assert_eq!(
            multiply(dec("0.5"), dec("79228162514264337593543950334")),
            Some(dec("39614081257132168796771975167"))
        );
        assert_eq!(multiply(dec(MAX), dec("0.1")), Some(dec("7922816251426433759354395033.5")));
        for (left, right) in [(MAX, "2"), (MAX, "0.3"), (SMALLEST, "0.1"), ("0.00000000000001", "0.000000000000003")] {
            assert_eq!(multiply(dec(left), dec(right)), None, "{left} * {right}");
        }
    }

    #[test]
    fn remainders_are_exact() {
        for (dividend, divisor, rest) in [
            ("5.5", "2", "1.5"),
            ("-5.5", "2", "-1.5"),
            ("5.5", "-2", "1.5"),
            ("6", "1.5", "0"),
            ("1", "0.3", "0.1"),
            (MAX, "0.7", "0.0"),
            (MAX, SMALLEST, "0"),
            (SMALLEST, MAX, SMALLEST),
            ("0.3", MAX, "0.3"),
            (MAX, "10.1", "7.9"),
        ] {
            let exact = remainder(dec(dividend), dec(divisor));
            assert_eq!(exact.map(|rest| rest.normalize()), Some(dec(rest).normalize()), "{dividend} % {divisor}");
        }
        assert_eq!(remainder(dec("1"), Decimal::ZERO), None);
    }

    #[test]
    fn totals_do_not_depend_on_the_order() {
        assert_eq!(sum(&[MAX, "0.4", "-0.4"]), Some(Decimal::MAX));
        assert_eq!(sum(&["0.4", MAX, MAX, "-0.4", &format!("-{MAX}")]), Some(Decimal::MAX));
        assert_eq!(sum(&["-0.1", "-0.9", "1.5", "0.50"]), Some(dec("1")));
        assert_eq!(sum(&["-1", "0.25"]), Some(dec("-0.75")));
        assert_eq!(sum(&[MAX, "0.4"]), None);
        assert_eq!(sum(&[MAX, "0.4", "0.6"]), None);
    }
}
