"""Topics, and a record for each subfield, field and domain that they name, so that broad terms can be linked."""

import re
from collections import Counter
from typing import Any

from stores.records import Authority
from tools.ingest.formats.fields import mapping
from tools.ingest.registries.names import Names, clean_name, compact, data_file, main_id, main_name

LEVELS = ("subfield", "field", "domain")
_WORD = re.compile(r"[^\W_]+")


class TopicReader:
    """Reads the topics of one file and remembers the levels above them."""

    def __init__(self) -> None:
        self._topics: set[str] = set()
        self._above: dict[tuple[str, str], Counter[tuple[str, ...]]] = {}

    def read(self, record: dict[str, Any]) -> Authority:
        """Read one topic."""
        name = main_name(record.get("name"), record.get("display_name"))
        levels = tuple(_level_name(record.get(level)) for level in LEVELS)
        authority = _authority(main_id(record.get("id")), name, 0, dict(zip(LEVELS, levels, strict=True)), "topic")
        self._topics.add(name.casefold())
        for n, level_name in enumerate(levels):
            if level_name:
                self._above.setdefault((LEVELS[n], level_name), Counter())[levels[n + 1 :]] += 1
        return authority

    def finish(self) -> list[Authority]:
        """Return the records of the levels above; a name that a topic or a lower level has is not repeated.

        Their prior is the number of topics beneath.
        """
        taken = set(self._topics)
        found: list[Authority] = []
        for level in LEVELS:
            for (own_level, name), parents in self._above.items():
                if own_level != level or name.casefold() in taken:
                    continue
                taken.add(name.casefold())
                above = dict(zip(LEVELS[LEVELS.index(level) + 1 :], parents.most_common(1)[0][0], strict=True))
                slug = "-".join(_WORD.findall(name.casefold()))
                found.append(_authority(f"{level}:{slug}", name, parents.total(), above, level))
        return found


def _authority(own_id: str, name: str, prior: int, above: dict[str, str], level: str) -> Authority:
    names = Names(name)
    names.add_known(data_file("acronyms.json").get(name, ()))
    if "&" in name:
        names.add(name.replace("&", "and"), "alias")
    return Authority(
        id=own_id,
        type="topic",
        name=name,
        names=names.pairs(),
        prior=float(prior),
        facts=compact({"level": level, **above}),
    )


def _level_name(value: Any) -> str:
    return clean_name(value) or clean_name(mapping(value).get("display_name"))
