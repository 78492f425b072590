"""Of how many something is said to hold, and how surely: a wording may say less than its evidence, and never more."""

import re

from tools.grounding.rules import rules
from tools.grounding.words import stem
from tools.retrieval.terms import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_CLAUSE_END = re.compile(r"[;:]|\.\s|,\s|\b(?:but|while|whereas|although|though)\b", re.IGNORECASE)
_GOVERNS = 6  # content words after a word of reserve that it governs
_SHARE = 0.5


def quantifier_faults(sentence: str, evidence: str) -> list[str]:
    """Return the quantifiers that the evidence does not bear, and those of the evidence that the sentence leaves out.

    "Some models" is neither "all models" nor "models"; "all models" bears "some models". A quantifier may be left out
    with its noun.
    """
    ours, theirs = _quantified(sentence), _quantified(evidence)
    weaker = rules().weaker
    borne = {name for _, kind, _ in theirs for name in weaker[kind]}
    faults = [word for word, kind, _ in ours if kind not in borne and kind not in {"some", "many"}]
    kinds = {kind for _, kind, _ in ours}
    said = {stem(word) for word in _words(sentence)}
    for word, kind, noun in theirs:
        if kind in {"some", "most", "only"} and noun in said and not kinds & weaker[kind]:
            faults.append(f"{word} left out")
    return faults


def modality_faults(sentence: str, evidence: str) -> list[str]:
    """Return the words of reserve of the evidence whose matter the sentence states as a fact."""
    words = {word.lower() for word in _words(sentence)}
    if words & rules().reserve:
        return []
    said = {stem(word) for word in words if word not in STOP_WORDS}
    faults = []
    for word, scope in _reserved(evidence):
        if scope and len(scope & said) >= _SHARE * len(scope):
            faults.append(word)
    return faults


def reserved_words(text: str) -> int:
    """Return how many words of reserve a text has."""
    return sum(word.lower() in rules().reserve for word in _words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _quantified(text: str) -> list[tuple[str, str, str]]:
    """Return each quantifier with its class and the stem of the next content word."""
    words = [word.lower() for word in _words(text)]
    kinds = rules().quantifiers
    found = []
    for n, word in enumerate(words):
        if (kind := kinds.get(word)) is None:
            continue
        if word == "most" and n > 0 and words[n - 1] in {"the", "at"}:
            continue  # "the most", "at most": no share of a number of things
        noun = next((other for other in words[n + 1 :] if other not in STOP_WORDS and other not in kinds), "")
        found.append((word, kind, stem(noun) if noun else ""))
    return found


def _reserved(text: str) -> list[tuple[str, set[str]]]:
    """Return each word that leaves something open, with the stems of the content words that it governs."""
    found = []
    for match in _WORD.finditer(text):
        if match.group().lower() not in rules().unsure:
            continue
        end = _CLAUSE_END.search(text, match.end())
        words = [word.lower() for word in _words(text[match.end() : end.start() if end else len(text)])]
        content = [stem(word) for word in words if word not in STOP_WORDS][:_GOVERNS]
        found.append((match.group().lower(), set(content)))
    return found
