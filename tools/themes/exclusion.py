"""What a text says that it is not about: "nothing to do with translation", "unlike sentiment analysis", "no batteries are involved".

Only wordings that set a subject aside count. "Nobody can say why" and "it must not invent a dose" deny something within
the subject, and leave it as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WE = r"(?:we|i|our (?:group|team|lab|work|project|study)|my (?:work|project|study|thesis)|this (?:work|project|study|paper|text)|this|it|that|none of (?:this|it|us))"
_NOT = r"(?:(?:am|are|is|was|were|do|does|did|has|have|had|will)(?:(?: also| really| actually| however)? not|n[\'’]t)|never|cannot|don[\'’]t|\'m not|[\'’]re not|(?:am|are|is) neither)"
_MODIFIER = (
    r"(?: (?:at all|really|actually|primarily|in any way|either|also|even|a project|a study|interested|meant to be))*"
)
_SUBJECT = r"(?P<subject>[^,;:.!?()]{3,120}?)"
_ENDS = r"(?=[,;:.!?()\n]|$|\s(?:but|and (?:we|i|it|the|our|my)|although|though|because|since|as|whatever|so|yet|where|when)\s)"

_BEFORE = (
    rf"\b(?:nothing|little) (?:at all )?(?:to do|in common) with {_SUBJECT}{_ENDS}",
    rf"\bno (?:interest|expertise|part|share) in {_SUBJECT}{_ENDS}",
    rf"\b(?:unlike|as opposed to|in contrast to|in contrast with|other than) (?:(?:most|many|other|all) (?:people|groups|work|studies|others) (?:in|on) )?{_SUBJECT}{_ENDS}",
    rf"\b(?:{_WE}) {_NOT}{_MODIFIER} (?:about|on|in|into|concerned with|a matter of|a question of|a case of|dealing with|deal with|of) {_SUBJECT}{_ENDS}",
    rf"(?:^|(?<=[.!?;,:] )|\b(?:but|and) )not{_MODIFIER} (?:about|on|in|concerned with|a matter of) {_SUBJECT}{_ENDS}",
    rf"\b(?:is|are) not{_MODIFIER} (?:about|concerned with|on) {_SUBJECT}{_ENDS}",
    rf"\b(?:we|i|our group|our team|our lab|my group) (?:do not|don[\'’]t|did not|never|cannot|will not)(?: ever)?(?: actually| really)? (?:do|work on|work in|work with|study|use|touch|cover|treat|address|consider|look at|deal with|teach|try to|claim|care about|generate|build|make|research) {_SUBJECT}{_ENDS}",
    rf"\b(?:we|i|our|my)\b[^.,;:!?]{{0,40}}\b(?:ignore|exclude|leave out|leave aside|set aside|stay away from|steer clear of|avoid) {_SUBJECT}{_ENDS}",
    rf"\b(?:a|any|this) (?:is )?not a (?:study|project|work|paper|book|piece of work) (?:of|on|about|in) {_SUBJECT}{_ENDS}",
    rf"\b(?:is|are|am|was) (?:not|neither) (?:an? |one of the |our |my )(?:[^,;:.!?()]{{0,20}} )?(?:study|project|paper|matter|question|work|book) (?:of|on|about|in) {_SUBJECT}{_ENDS}",
    rf"\bdo not (?:mistake|confuse) (?:it|this|us|me) (?:for|with) {_SUBJECT}{_ENDS}",
    r"(?:^|(?<=[.!?;] ))not an? (?P<subject>[^,;:.!?()]{3,60}? (?:study|project|paper|question|problem))\b",
    rf"\b(?:nor (?:do|am|are|is) (?:we|i|it|this)|(?:we|i) (?:am|are) neither) (?:do |work on |study |about |on |an? )?{_SUBJECT}{_ENDS}",
    rf"\bwithout (?:any )?(?:use of|recourse to) {_SUBJECT}{_ENDS}",
)
_AFTER = (
    r"\b(?:leave|left|leaving) (?P<subject>[^,;:.!?()]{3,60}?) (?:to (?:others|other|colleagues)|aside|out)\b",
    r"\b(?:no|neither) (?P<subject>[^,;:.!?()]{3,80}? (?:is|are) involved(?: and no [^,;:.!?()]{3,40})?)(?=[,;:.!?()])",
    r"\b(?:no|neither) (?P<subject>[^,;:.!?()]{3,80}?) (?:is|are|was|were) (?:involved|used|needed|meant|intended|made|built|part of)\b",
    r"(?:^|(?<=[.!?;,:] )|\band |\bnor )(?P<subject>[^,;:.!?()]{3,60}?) (?:is|are) (?:none of (?:our|my) (?:business|concern)|not (?:used|involved|covered|considered|treated|studied|our (?:topic|subject|business|concern)|my (?:topic|subject|concern)|part of (?:this|it|our|the)|in scope|what (?:we|i)))",
    r"(?:^|(?<=[.!?;,:] )|\band )(?P<subject>[^,;:.!?()]{3,60}?) (?:plays?|has|have) no (?:part|role)\b",
    r"\bthere (?:is|are|was|were) no (?P<subject>[^,;:.!?()]{3,60}?)(?= in (?:it|this|my|our)\b|[,;:.!?()])",
)
_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in (*_BEFORE, *_AFTER))
_CONDITIONED = re.compile(r"\b(?:only|just|merely|solely|alone|easy|simple|enough|without doubt)\b", re.IGNORECASE)


_JOINED = re.compile(r"(?: (?:is|are) involved)? (?:and|or|nor)(?: no)? |, ")
_SHORTEST = 4


@dataclass(frozen=True)
class Excluded:
    """What a text sets aside.

    Attributes:
        start: where the wording begins in the text.
        end: where it ends, exclusive.
        subject: what is set aside, as written.
    """

    start: int
    end: int
    subject: str

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the subject and, where it joins several, each of them."""
        parts = [part for part in _JOINED.split(self.subject) if len(part) >= _SHORTEST]
        return (self.subject, *parts) if len(parts) > 1 else (self.subject,)


def exclusions(text: str) -> Iterator[Excluded]:
    """Yield what the text sets aside, in order, without overlaps; "not only about X" sets nothing aside."""
    found = [match for pattern in _PATTERNS for match in pattern.finditer(text)]
    last = -1
    for match in sorted(found, key=lambda one: (one.start(), -one.end())):
        lead = text[match.start() : match.start("subject")]
        if match.start() < last or _CONDITIONED.search(lead) or _CONDITIONED.match(match["subject"].strip()):
            continue
        last = match.end()
        yield Excluded(match.start(), match.end(), match["subject"].strip())
