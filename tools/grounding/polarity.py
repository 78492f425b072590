"""Where a text denies something, and which way its comparisons go."""

import re

from tools.grounding.rules import rules
from tools.grounding.words import stem, tokens
from tools.retrieval.terms import STOP_WORDS

_NEGATION = re.compile(
    r"\b(?:not(?! only| just| merely)|no(?=\s)|never|neither|nor|none|cannot|without|unable|lack(?:s|ed|ing)?|hardly|nobody"
    r"|nothing|(?<!a )little(?=\s)|fail(?:s|ed)?|impossible|non(?=[- ])|pas)\b|n[\'’]t\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,;:()]|\.\s|\b(?:and|but|while|whereas|because|although|though)\b", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:un|in|im|ir|il|non-?|dis|de-?|mis|anti-?|a|under|over|hypo|hyper)(?=[a-z]{4})")
_LEAST_TURNED = 4
_SCOPE = 4  # content words after a negation that it governs
_COMPARATOR = re.compile(
    r"\b(?:outperform(?:s|ed|ing)?|surpass(?:es|ed|ing)?|exceed(?:s|ed|ing)?|beat(?:s|ing)?|than|versus|over|compared (?:to|with))\b",
    re.IGNORECASE,
)
_REACH = 20  # content words on each side of a comparison


def negation_scopes(text: str) -> list[set[str]]:
    """Return, for each negation of a text, the stems of the words that it governs."""
    scopes = []
    for negation in _NEGATION.finditer(text):
        end = _CLAUSE_END.search(text, negation.end())
        words = tokens(text[negation.end() : end.start() if end else len(text)])
        scopes.append({stem(word) for word in [w for w in words if w.lower() not in STOP_WORDS][:_SCOPE]})
    return scopes


def polarity_differs(sentence: str, evidence: str) -> bool:
    """Return whether the sentence denies what the evidence asserts, or asserts what it denies."""
    theirs = negation_scopes(evidence)
    for scope in negation_scopes(sentence):
        same = next((other for other in theirs if scope & other or not scope or not other), None)
        if same is None:
            return True
        theirs.remove(same)
    said = {stem(word) for word in tokens(sentence)}
    return any(scope and 2 * len(scope & said) >= len(scope) for scope in theirs)


def denying_words(sentence: str, evidence: str) -> list[str]:
    """Return the words of a sentence that deny without a "not", and that its evidence does not bear.

    "Unrelated", "the same", "negligible"; and words that differ from one of the evidence by a prefix that turns them:
    "inaccurate" for "accurate", "activates" for "deactivates".
    """
    ours, theirs = ({token.lower() for token in tokens(text)} for text in (sentence, evidence))
    denials = rules().denials
    found = [word for word in ours if word in denials and not denials[word] & theirs]
    known, said = {stem(word) for word in theirs}, {stem(word) for word in ours}
    for word in ours:
        own = stem(word)
        if own in known or word in STOP_WORDS or len(own) < _LEAST_TURNED:
            continue
        bare = _PREFIX.sub("", word)
        turned = bare != word and stem(bare) in known and stem(bare) not in said
        if turned or any(_PREFIX.sub("", other) != other and stem(_PREFIX.sub("", other)) == own for other in theirs):
            found.append(word)
    return sorted(set(found))


def comparison_reversed(sentence: str, evidence: str) -> bool:
    """Return whether the two sides of a comparison changed places."""
    ours = _sides(sentence)
    if ours is None:
        return False
    left, right = ours
    for match in _COMPARATOR.finditer(evidence):
        their_left, their_right = _around(evidence, match)
        straight = len(left & their_left) + len(right & their_right)
        crossed = len(left & their_right) + len(right & their_left)
        if crossed > straight and (left & their_right) and (right & their_left):
            return True
    return False


def _sides(text: str) -> tuple[set[str], set[str]] | None:
    match = _COMPARATOR.search(text)
    return _around(text, match) if match else None


def _around(text: str, match: re.Match[str]) -> tuple[set[str], set[str]]:
    left = [stem(w) for w in tokens(text[: match.start()]) if w.lower() not in STOP_WORDS][-_REACH:]
    right = [stem(w) for w in tokens(text[match.end() :]) if w.lower() not in STOP_WORDS][:_REACH]
    both = set(left) & set(right)
    return set(left) - both, set(right) - both
