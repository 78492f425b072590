"""`quodvide replay`: recorded questions answered again, and what differs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from agent import batch, wire
from agent import settings as settings_
from agent.recording import flat
from agent.wiring import open_session
from graphs.question.record import Asking
from stores.errors import InputError


def replay_records(home: Path | None, source: str, target: str, *, resume: bool) -> int:
    """Answer every record of `source` again; return 0 when all answers are the same bytes, else 1."""
    session, close = open_session(settings_.load(home))
    other = 0

    def handle(record: dict[str, Any]) -> dict[str, Any]:
        nonlocal other
        asking, environment = _recorded(record)
        again = session.ask(asking.question, asking.history, asking.choices, asking.today)
        answer = orjson.loads(orjson.dumps(wire.reply(again)))
        differs = [name for name in wire.ANSWERED if record.get(name) != answer.get(name)]
        same = not differs and record.get("digest") == again.digest
        other += not same
        now = again.record.environment.model_dump(mode="json") if again.record else {}
        return {"id": record.get("id"), "same": same, "differs": differs, "changed": list(_changed(environment, now))}

    try:
        failed = batch.run(source, target, handle, resume=resume)
    finally:
        close()
    return 1 if failed or other else 0


def _recorded(record: Mapping[str, Any]) -> tuple[Asking, dict[str, Any]]:
    """Return how a record's question was asked, and what it was answered from; fields of later versions are ignored."""
    hint = "Records are what `quodvide ask --json`, `ask --output` and `threads export` write"
    kept = record.get("record")
    if not isinstance(kept, dict) or not isinstance(kept.get("environment"), dict):
        raise InputError("holds no replay record", where=f"record {record.get('id', '')}".strip(), hint=hint)
    try:
        asking = Asking.model_validate({name: kept[name] for name in Asking.model_fields if name in kept})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("record", *first["loc"])))
        raise InputError(f"cannot be read ({place}: {first['msg']})", hint=hint) from error
    return asking, kept["environment"]


def _changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs between two environments, each thing once, in the order of now's."""
    before, after = dict(flat(then)), dict(flat(now))
    found = (_said(name) for name in after | before if before.get(name) != after.get(name))
    yield from dict.fromkeys(name for name in found if name)


def _said(name: str) -> str:
    """Return how a field of an environment is called; empty for what only repeats another."""
    group, _, rest = name.partition(".")
    if group in {"prompts", "settings", "libraries"}:
        return f"{ {'prompts': 'prompt', 'settings': 'settings', 'libraries': 'library'}[group] } {rest}"
    if group == "corpus":
        # A generation counts what happened to one home folder; the digest says whether it matters.
        return "" if rest == "generation" else "corpus"
    return {"settings_digest": "", "model_sha256": "model", "adapter_sha256": "adapter"}.get(group, group)
