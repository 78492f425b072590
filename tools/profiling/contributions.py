"""The sentence of an abstract that tells what the paper does."""

import re
from collections.abc import Sequence

from tools.grounding.sentences import split

_SELF = r"(?:this|the present|the current|our) (?:paper|article|study|work|thesis|chapter|survey|review|report|research|trial)"
_WE = rf"\b(?:we|{_SELF}|(?:in|with) this (?:paper|work|study), i)\b"
_BETWEEN = r"(?:\W+\w+){0,3}?\W+"
_AIM = r"\b(?:the|our|its|an?)(?: primary| main| overall| principal| present)? (?:aims?|objectives?|purposes?|goals?)"
_MAKES = "propos|present|introduc|develop|describ|releas|creat|design|build|built|construct|contribut|offer|provid"
_ASKS = (
    "investigat|stud(?:y|ies|ied)|explor|examin|address|analy[sz]|compar|review|survey|assess|test|determin|tackl|focus|"
    "discuss|propose|aim|seek|sought|evaluat|extend|adapt|apply|argu|describ|ask|consider|outlin|summari[sz]"
)
_TELLS = "show|demonstrat|report|find|found|us(?:e|ed|es|ing)\\b|conduct|perform|collect|observ|train"
# The first that a sentence matches gives its worth.
_WORTH = (
    (6, re.compile(rf"{_WE}{_BETWEEN}(?:{_MAKES})", re.IGNORECASE)),
    (
        6,
        re.compile(
            rf"{_AIM} (?:of|in) [^.]{{0,60}}\b(?:was|were|is|are)\b|{_AIM} (?:was|is) (?:here )?to\b", re.IGNORECASE
        ),
    ),
    (
        6,
        re.compile(
            r"^\W*(?:background and |study )?(?:aims?|objectives?|purpose|goal)s?\b[^.]{0,20}[:.]?\s*to\b",
            re.IGNORECASE,
        ),
    ),
    (5, re.compile(rf"{_WE}{_BETWEEN}(?:{_ASKS})", re.IGNORECASE)),
    (
        5,
        re.compile(
            r"\b(?:is|are) (?:hereby )?(?:proposed|presented|introduced|described) (?:in|here)\b", re.IGNORECASE
        ),
    ),
    (
        4,
        re.compile(
            r"^to (?:assess|evaluate|determine|investigate|compare|examine|describe|test|study|review)", re.IGNORECASE
        ),
    ),
    (3, re.compile(rf"{_WE}{_BETWEEN}(?:{_TELLS})", re.IGNORECASE)),
    (2, re.compile(r"^this (?:paper|article|study|work|chapter|survey|review)\b", re.IGNORECASE)),
)
_HERE = re.compile(
    rf"\b(?:in|with) {_SELF}\b|^{_SELF}\b|^here,? we\b|\bto this end\b|\bto (?:address|tackle|fill|solve|bridge)\b",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"\b(?:propose|present|introduce|develop|describe|release)s? (?:an?|the|our|two|three|\w+[A-Z]\w*)\b|\bcalled\b|\bnamed\b"
)
# Steps on the way, what came out, and what is left to do.
_ASIDE = re.compile(
    r"\b(?:we|then) (?:first|firstly|further|furthermore|also|additionally|then|finally|next|hope|believe)\b|"
    r"^(?:first|furthermore|moreover|additionally|finally|besides|also|in addition|experiment|results|conclusions?|extensive)|"
    r"\bfollowing\b[^:]*:|\bunderlying\b|\bexperiment(?:s|al results)\b|"
    r"\bfuture\b|\bfurther (?:exploration|research|work|stud(?:y|ies)|investigation)|\b(?:is|are) needed\b|\bcode\b|\b(?:p ?[<=]|95 ?%)",
    re.IGNORECASE,
)
# What came out, unless the same sentence also says what was made.
_SHOWS = re.compile(
    r"\b(?:show|demonstrate|report|find|found|observe|argue)s?d?(?: that\b| this\b| the\b)", re.IGNORECASE
)
_MADE = 6
_VAGUE = re.compile(
    r"\bwe (?:try|attempt)\b|\b(?:this|these|the) (?:issue|problem|question|task|limitation|gap|challenge)s? (?:in|with|by) (?:this|our)\b",
    re.IGNORECASE,
)
_SHORT, _LONGEST = 50, 350


def contribution(abstract: str) -> str:
    """Return the sentence that best says what the authors do, copied exactly, or an empty string."""
    sentences = [abstract[start:end] for start, end in split(abstract)]
    scores = [_score(sentence, place, sentences) for place, sentence in enumerate(sentences)]
    best = max(scores, default=0.0)
    return sentences[scores.index(best)] if best > 0 else ""


def _score(sentence: str, place: int, sentences: Sequence[str]) -> float:
    """Return how well a sentence tells it; 0 or less when not at all."""
    worth = next((worth for worth, pattern in _WORTH if pattern.search(sentence)), 0)
    if not worth or len(sentence) > _LONGEST:
        return 0.0
    score = worth + 1.5 * bool(_HERE.search(sentence)) + 1.0 * bool(_NAMES.search(sentence))
    score -= 2.5 * bool(_ASIDE.search(sentence)) + 2.5 * bool(_VAGUE.search(sentence)) + 2.0 * (len(sentence) < _SHORT)
    score -= 2.5 * (worth < _MADE and bool(_SHOWS.search(sentence)))
    # Of two that tell it, the earlier one is the plainer one.
    return max(score - 1.5 * place / max(len(sentences), 1), 0.1)
