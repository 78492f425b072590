"""The tagger of rules: names that are known, shapes of names, cues around them, years and topics."""

from collections.abc import Callable, Sequence
from datetime import date

from tools.ner import cues
from tools.ner.base import Mention
from tools.ner.fused import doubted, model_spans, weighed
from tools.ner.gazetteer import Gazetteer
from tools.ner.known import country_spans, known_spans
from tools.ner.neural.model import NeuralReader
from tools.ner.paper_refs import find_references
from tools.ner.shapes import shape_spans
from tools.ner.spans import Span, choose, mention
from tools.ner.tokens import Token, tokenize
from tools.ner.topics import topic_spans
from tools.ner.years import Period, find_periods

_JOINING = frozenset(("and", "or", "nor"))


class RuleTagger:
    """Finds mentions by rules and the names of a catalogue.

    Args:
        gazetteer: the names.
        today: gives the current date, for words like "this decade".
        reader: the trained model, whose evidence then counts beside that of the rules.
    """

    def __init__(
        self, gazetteer: Gazetteer, today: Callable[[], date] = date.today, reader: NeuralReader | None = None
    ) -> None:
        self._gazetteer = gazetteer
        self._today = today
        self._reader = reader

    def tag(self, question: str) -> Sequence[Mention]:
        """Return non-overlapping mentions in order; names of papers (ids, quoted titles) hold none."""
        reading = self._reader.read(question) if self._reader else None
        tokens = tokenize(question) if reading is None else list(reading.tokens)
        hidden = [(ref.start, ref.end) for ref in find_references(question, self._gazetteer.catalogue)]
        blocked = [any(start < token.end and token.start < end for start, end in hidden) for token in tokens]
        spans = known_spans(tokens, self._gazetteer.look_up(tokens))
        spans += country_spans(tokens)
        spans += shape_spans(tokens, self._gazetteer, spans)
        if reading is not None:
            spans = weighed(spans, reading.labels) + model_spans(reading.labels)
        chosen = choose(spans, len(tokens), blocked)
        taken = [blocked[n] or any(span.first <= n < span.last for span in chosen) for n in range(len(tokens))]
        periods = [p for p in self._periods(question, hidden) if not _inside(p, chosen, tokens)]
        for n, token in enumerate(tokens):
            taken[n] = taken[n] or any(period.start < token.end and token.start < period.end for period in periods)
        topics = topic_spans(tokens, taken, self._gazetteer)
        chosen += topics if reading is None else [span for span in topics if not doubted(span, reading.labels)]
        mentions = [_mention(question, tokens, span) for span in chosen]
        mentions += [mention(question, p.start, p.end, "year", 0.98, "rule") for p in periods]
        return carry_negation(question, sorted(mentions, key=lambda m: m.start))

    def _periods(self, question: str, hidden: list[tuple[int, int]]) -> list[Period]:
        periods = find_periods(question, self._today())
        return [p for p in periods if all(p.end <= start or end <= p.start for start, end in hidden)]


def _inside(period: Period, chosen: Sequence[Span], tokens: Sequence[Token]) -> bool:
    return any(tokens[s.first].start < period.end and period.start < tokens[s.last - 1].end for s in chosen)


def _mention(question: str, tokens: Sequence[Token], span: Span) -> Mention:
    start, end = tokens[span.first].start, tokens[span.last - 1].end - span.cut
    negated = cues.negated(tokens, span.first)
    return mention(question, start, end, span.type, span.confidence, span.source, negated=negated)


def carry_negation(question: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Carry a negation over to the further members of a list: "not on parsing or tagging"."""
    result: list[Mention] = []
    for item in mentions:
        before = result[-1] if result else None
        if before is not None and before.negated and before.type == item.type:
            between = question[before.end : item.start].strip().lower()
            if between in _JOINING:
                result.append(item.model_copy(update={"negated": True}))
                continue
        result.append(item)
    return result
