"""Records of the scripted interface, made from our own; fields that are empty by nature are left out."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from graphs.question.state import Entity, Reply
from stores.records import AuthorityType
from stores.usage import OK, Call
from tools.grounding.base import Sentence
from tools.linking.base import Link
from tools.ner.base import Understanding
from tools.retrieval.base import Hit
from tools.retrieval.find import FoundPaper

# What was answered; the rest of a reply says what it cost, and what it was made from.
ANSWERED = (
    "outcome",
    "intent",
    "answer",
    "sentences",
    "papers",
    "total",
    "entities",
    "filters",
    "clarification",
    "reason",
    "rewritten",
)


def entity(found: Entity) -> dict[str, Any]:
    """Return a mention with its link."""
    record = {
        "start": found.start,
        "end": found.end,
        "text": found.text,
        "type": found.type,
        "confidence": round(found.confidence, 4),
        "source": found.source,
        **link(found.link),
    }
    if found.negated:
        record["negated"] = True
    return record


def link(found: Link) -> dict[str, Any]:
    """Return what became of a mention."""
    return {
        "nil": found.nil,
        "ambiguous": found.ambiguous,
        "link_confidence": round(found.confidence, 4),
        "candidates": [c.model_dump(exclude_defaults=True) for c in found.candidates],
        **({"also": list(found.also)} if found.also else {}),
    }


def linked(text: str, type_: AuthorityType, found: Link) -> dict[str, Any]:
    """Return the record of `quodvide link`."""
    return {"text": text, "type": type_, **link(found), "confidence": round(found.confidence, 4)}


def understood(found: Understanding, entities: tuple[Entity, ...], exclude: tuple[str, ...]) -> dict[str, Any]:
    """Return the record of `quodvide understand`."""
    filters = found.filters.model_dump(exclude_none=True, exclude={"exclude"})
    if exclude:
        filters["exclude"] = list(exclude)
    record: dict[str, Any] = {
        "intent": found.intent,
        "entities": [entity(each) for each in entities],
        "filters": filters,
    }
    if found.paper_ids:
        record["paper_ids"] = list(found.paper_ids)
    if found.rewritten:
        record["rewritten"] = found.rewritten
    return record


def paper(found: FoundPaper) -> dict[str, Any]:
    """Return a paper of a list."""
    record = found.model_dump(mode="json", exclude={"matches"})
    if found.matches:
        record["matches"] = [match.model_dump(mode="json", exclude_none=True) for match in found.matches]
    return record


def hit(found: Hit) -> dict[str, Any]:
    """Return a document with its best passage."""
    return {
        "doc_id": found.paper_id,
        "score": round(found.score, 6),
        "passage_id": found.passage_id,
        "start": found.start,
        "end": found.end,
    }


def sentence(found: Sentence) -> dict[str, Any]:
    """Return a sentence with the quotations behind it."""
    return found.model_dump(mode="json", exclude_none=True)


def reply(found: Reply) -> dict[str, Any]:
    """Return the record of `quodvide ask`."""
    record: dict[str, Any] = {
        "outcome": found.outcome,
        "intent": found.intent,
        "answer": found.answer,
        "sentences": [sentence(each) for each in found.sentences],
        "papers": [paper(each) for each in found.papers],
        "entities": [entity(each) for each in found.entities],
    }
    if found.total is not None:
        record["total"] = found.total
    if found.filters is not None:
        record["filters"] = found.filters.model_dump(mode="json", exclude_defaults=True)
    if found.satisfied:
        record["conditions"] = [one.model_dump(mode="json") for one in found.satisfied]
    if found.relaxations:
        record["relaxations"] = [one.model_dump(mode="json", exclude_defaults=True) for one in found.relaxations]
    if found.clarification:
        record["clarification"] = found.clarification.model_dump(mode="json")
    record |= {name: value for name in ("reason", "rewritten") if (value := getattr(found, name))}
    record |= {"model": found.model, "usage": found.usage.model_dump(), "timings": found.timings}
    if found.refinement:
        record["refinement"] = found.refinement.model_dump(mode="json", exclude_defaults=True)
    if found.calls:
        record["calls"] = [_call(one) for one in found.calls]
    if found.record:
        record |= {"record": found.record.model_dump(mode="json"), "digest": found.digest}
    return record


def _call(made: Call) -> dict[str, Any]:
    """Return a call of a chat model; what it took is in the timings, and when it was is nobody's business."""
    left_out = {"at", "seconds", "route", "thread"} | ({"code"} if made.code == OK else set())
    return made.model_dump(mode="json", exclude=left_out, exclude_none=True)


def digest(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a record of `quodvide ask` answers, over its fields in `ANSWERED` as compact sorted JSON."""
    answered = {name: record[name] for name in ANSWERED if name in record}
    return hashlib.sha256(orjson.dumps(answered, option=orjson.OPT_SORT_KEYS)).hexdigest()
