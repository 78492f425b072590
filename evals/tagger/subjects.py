"""Research subjects as people name them, taken from topic names and from titles of papers."""

import re
from collections.abc import Iterator

from tools.ner.lexicon import word_set

_PARTS = re.compile(r",\s+(?:and\s+)?|\s+and\s+|\s*&\s*|\s*/\s*")
_CUTS = re.compile(
    r"[^\w\s\-'’]|\b(?:for|of|with|without|in|on|via|using|and|or|from|to|by|towards?|through|at|as|an?|the|under|over|is|are|be|"
    r"do|does|can|how|what|why|when|where|which|who|we|you|your|our|its|their|beyond|between|against|into|across|based|toward|not|it|"
    r"that|this|than|vs|about|after|during|leveraging|improving|exploring|learning to|enhancing|understanding|evaluating|analyzing|"
    r"investigating|building|exploiting|combining|applying|generating|modeling|predicting|detecting|identifying|extracting)\b",
    re.IGNORECASE,
)
_EMPTY = word_set(
    """study studies approach approaches analysis case evaluation overview survey review dataset data corpus corpora method methods
    model models system systems task tasks shared framework results empirical investigation comparison comparative team submission
    improved better efficient effective simple new novel large-scale resource resources toolkit tool tools application applications
    report findings role impact effect effects use experiments proceedings introduction challenge challenges perspective workshop
    language languages first second end-to-end robust joint paper research work part part-of benchmark first-order development
    construction design patients adults women men children trial users people information performance features representations
    strategy strategies perspectives issues problem problems baseline baselines preliminary systematic meta-analysis randomized
    lessons towards beyond exploration practice practices quality word words text texts sentence sentences english evidence
    knowledge proposal two three one multiple different types various via pre-trained pretrained context it all"""
)
_LONGEST, _LONGEST_PART = 4, 5
_GENERAL_TAIL = re.compile(
    r"\s(?:studies|research|analysis|applications|techniques|methods|and|issues|effects|theories|developments|practices|models"
    r"|perspectives|strategies|systems|technologies)$",
    re.IGNORECASE,
)


def split_topic(name: str) -> Iterator[str]:
    """Yield the subjects of a topic's name: "Hearing Loss and Rehabilitation" has two; whole names are subjects as well."""
    parts = [part for part in _PARTS.split(name) if part]
    if len(parts) == 1:
        yield name
        if _GENERAL_TAIL.search(name):
            yield _GENERAL_TAIL.sub("", name)
        return
    if len(name.split()) <= _LONGEST:
        yield name
    for part in parts:
        if len(part) > 3 and len(part.split()) <= _LONGEST_PART and part.lower() not in _EMPTY:  # noqa: PLR2004
            yield part


def title_phrases(title: str) -> Iterator[str]:
    """Yield stretches of a title that may name a subject: what stands between its small words."""
    for part in _CUTS.split(title):
        words = part.split()
        if not 1 <= len(words) <= _LONGEST or words[0].lower() in _EMPTY or any(word[0].isdigit() for word in words):
            continue
        if len(words) == 1 and (len(part.strip()) < 6 or not part.strip().islower()):  # noqa: PLR2004
            continue
        if words[-1].lower() not in _EMPTY or (
            len(words) > 1 and words[-1].lower() in {"models", "corpora", "analysis"}
        ):
            yield " ".join(word if _acronym(word) else word.lower() for word in words)


def in_sentence(subject: str) -> str:
    """Return a subject as it stands inside a sentence: acronyms keep their capitals."""
    return " ".join(word if _acronym(word) else word.lower() for word in subject.split())


def _acronym(word: str) -> bool:
    return sum(ch.isupper() for ch in word) > 1 or any(ch.isdigit() for ch in word)
