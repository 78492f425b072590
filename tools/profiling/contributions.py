"""The sentence of an abstract that tells what the paper does."""

import re

from tools.grounding.sentences import split

_DOES = re.compile(
    r"\b(?:we|this (?:paper|article|study|work|thesis|chapter|survey|review)|(?:our|the present) (?:study|paper|work))\b"
    r"(?:\W+\w+){0,3}?\W+(?:propos|present|introduc|describ|investigat|stud|explor|examin|develop|releas|address|analy[sz]|"
    r"compar|evaluat|review|survey|report|argu|show|demonstrat|test|assess|creat|build|offer|provid|aim)",
    re.IGNORECASE,
)
_LONGEST = 300


def contribution(abstract: str) -> str:
    """Return the first sentence that says what the authors do, copied exactly, or an empty string."""
    for start, end in split(abstract):
        sentence = abstract[start:end]
        if len(sentence) <= _LONGEST and _DOES.search(sentence):
            return sentence
    return ""
