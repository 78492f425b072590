"""The normal form in which names are compared."""

import re
import unicodedata

_NOT_WORD = re.compile(r"[\W_]+")


def name_key(text: str) -> str:
    """Return `text` without case, accents and punctuation, words separated by one blank.

    Letters that do not decompose are spelled out as catalogues do (ß, ø, ł), so that "Łódź" and "Lodz" meet.
    """
    text = text.translate(_LETTERS) if not text.isascii() else text
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(ch for ch in decomposed if not unicodedata.combining(ch)) if not text.isascii() else text
    return _NOT_WORD.sub(" ", bare.replace("'", "").replace("\u2019", "").replace("&", " and ")).strip().casefold()


_LETTERS = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "Œ": "Oe",
        "ð": "d",
        "Ð": "D",
        "þ": "th",
        "Þ": "Th",
    }
)
