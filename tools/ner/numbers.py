"""Numbers written as words."""

NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "a dozen": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "fifty": 50,
    "hundred": 100,
    "a hundred": 100,
}


def number(text: str, more: dict[str, int] | None = None) -> int:
    """Return the number that digits or a word say; `more` holds further words, such as "a couple of"."""
    word = " ".join(text.lower().split())
    return int(word) if word.isdecimal() else {**NUMBERS, **(more or {})}[word]
