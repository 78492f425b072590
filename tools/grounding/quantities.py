"""Numbers with what they count or measure: units, signs, ranges and bounds.

`words.numbers` compares values alone. "12 ms" is not "12 s", "3 %" is not "3 points", "-0.4" is not "0.4", and "at least
50" is neither "50" nor "at most 50".
"""

import re
from typing import NamedTuple

_VALUE = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
# The units of a row mean the same.
_UNITS = {
    form: row.split()[0]
    for row in (
        "% percent pct", "points point pp", "ms millisecond milliseconds msec", "s sec secs second seconds",
        "min mins minute minutes", "h hr hrs hour hours", "d day days", "week weeks wk wks", "month months mo",
        "year years yr yrs", "mm millimeter millimeters millimetre millimetres", "cm centimeter centimeters",
        "km kilometer kilometers kilometre kilometres", "nm nanometers nm", "µm μm um micrometer micrometers micron microns",
        "mg milligram milligrams", "g gram grams", "kg kilogram kilograms", "µg μg ug mcg microgram micrograms", "ng nanogram",
        "ml milliliter milliliters", "µl μl ul microliter microliters", "l liter liters litre litres",
        "mmol millimole", "µm μm", "nmol", "µmol μmol umol micromol", "mol", "hz hertz", "khz", "mhz", "ghz",
        "kb kilobyte kilobytes", "mb megabyte megabytes", "gb gigabyte gigabytes", "tb terabyte terabytes",
        "fold times x", "°c celsius", "mmhg", "kcal", "$ dollar dollars usd", "€ euro euros eur", "£ pound pounds gbp",
    )
    for form in row.split()
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-)(?P<sign>(?<![\d%)])[-−](?=[\d.]))?(?P<money>[$€£])?(?P<value>{_VALUE})"
    rf"(?:[\s-]?(?P<scale>thousand|million|billion|trillion)\b)?"
    rf"(?:\s?[-–]?\s?(?P<points>(?:percentage|percent|%)[\s-](?:points?)\b)|[\s-]?(?P<percent>per\s?cent\b)"
    rf"|[\s-]?(?P<unit>{_UNIT})(?![\w]))?",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?P<low>{_VALUE})\s?(?P<unit>[^\W\d_]{{1,12}}|%)?\s?(?:[-–—]|to|and)\s?(?P<high>{_VALUE})", re.IGNORECASE
)
_LEAST = re.compile(
    r"(?:at least|more than|greater than|higher than|no (?:less|fewer) than|above|exceed(?:s|ed|ing)?|minimum of|>|≥|>=)\s*$",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"(?:at most|less than|fewer than|lower than|no more than|up to|below|under|within|maximum of|<|≤|<=|nearly|almost)\s*$",
    re.IGNORECASE,
)
_FALLS = re.compile(
    r"\b(?:negative|minus|decreas|drop|reduc|lower|loss|declin|fell|fall|less|fewer|worse|below)", re.IGNORECASE
)
_BOUND_REACH = 18


class Quantity(NamedTuple):
    """A number as it stands: its value without sign, canonical unit or "", whether negative, and its bound.

    `bound` is "least" ("at least 50"), "most" ("up to 50") or "".
    """

    value: float
    unit: str
    negative: bool
    bound: str


def quantities(text: str) -> list[Quantity]:
    """Return the numbers written in digits, in order."""
    return [_quantity(text, match) for match in _QUANTITY.finditer(text)]


def ranges(text: str) -> set[tuple[float, float]]:
    """Return the pairs of numbers that stand as a range: "5-10", "5 to 10 mg", "between 5 and 10"."""
    found = set()
    for match in _RANGE.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()].lower()
        joined = re.search(r"\band\b", match.group(), re.IGNORECASE) is not None
        if not joined or "between" in before:
            found.add((_number(match["low"]), _number(match["high"])))
    return found


def quantity_faults(sentence: str, evidence: str) -> list[str]:
    """Return the numbers of the sentence that the evidence gives in another unit, sign, range or bound."""
    theirs = quantities(evidence)
    units = {item.unit for item in theirs}
    faults = []
    for item in quantities(sentence):
        same = [other for other in theirs if other.value == item.value]
        if not same:
            continue  # the values themselves are compared elsewhere, in words as well
        if item.unit and not any(other.unit in {item.unit, ""} for other in same):
            faults.append(f"{item.value:g} {item.unit} is {same[0].value:g} {same[0].unit} there")
        elif item.unit and item.unit not in units:
            faults.append(f"{item.value:g} has no unit {item.unit} there")
        elif not any(other.bound == item.bound for other in same):
            faults.append(f"{item.value:g} has another bound there")
        elif not any(other.negative == item.negative for other in same) and (
            item.negative or not _FALLS.search(sentence)
        ):
            faults.append(f"{item.value:g} has another sign there")
    known = ranges(evidence)
    faults += [f"{a:g} to {b:g} is no range there" for a, b in sorted(ranges(sentence) - known)]
    return faults


def _quantity(text: str, match: re.Match[str]) -> Quantity:
    value = _number(match["value"]) * _SCALES.get((match["scale"] or "").lower(), 1.0)
    if match["points"]:
        unit = "points"
    elif match["percent"]:
        unit = "%"
    else:
        unit = _UNITS.get((match["money"] or match["unit"] or "").lower(), "")
    before = text[max(0, match.start() - _BOUND_REACH) : match.start()]
    bound = "least" if _LEAST.search(before) else "most" if _MOST.search(before) else ""
    return Quantity(value, unit, match["sign"] is not None, bound)


def _number(text: str) -> float:
    return float(text.replace(",", ""))
