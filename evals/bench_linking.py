"""How fast mentions are linked, one by one and from several threads, beside the plain loop in the same run.

The plain loop is what a simple program does: embed the mention on its own, search a flat FAISS index of the same names,
take the record of the nearest. It embeds by sentence-transformers, in turns because that library is not safe under
threads; and, to see what is due to the encoder alone, by our own in single precision. The linker is asked by the same
threads for the same mentions, in turns with the loops. A thread asks for its next mention when the last is answered.

Mentions come from the labelled ones, none of them twice while there are enough; their spellings stay in the index for
all, so the share that is right only says that speed was not bought with quality. `quodvide eval linking` says how good
the links are.
"""

import argparse
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from statistics import mean
from threading import Lock
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from agent import settings as settings_
from agent.wiring import Parts
from evals.linker.gold import FILES as INSTITUTIONS
from evals.linker.persons import FILE as PERSONS
from evals.linker.persons import context_of
from evals.measures import quantile
from evals.printed import print_measured
from evals.rows import MentionRow, read_rows
from stores.errors import InputError
from stores.records import AuthorityType, Record
from tools.embedding.model_folder import BUNDLED, locate
from tools.embedding.open import open_embedder
from tools.linking.base import LinkContext

FILES: dict[str, str] = {**INSTITUTIONS, "author": PERSONS}
PLAIN, ENCODER, LINKER, TOGETHER = (
    "plain loop",
    "plain loop, our encoder",
    "linker",
    "linker, all at once",
)
ALL = "all"
TIMES = 3.0  # the target: links a second against the plain loop
_SEED, _WARMING, _NEAREST = 13, 20, 10
# Thread pools of the libraries wait actively for some milliseconds after their work.
SETTLE_S = 0.3


class Mention(NamedTuple):
    """A labelled mention: what it says, what stands around it, and the ids that are right."""

    text: str
    context: LinkContext
    ids: frozenset[str]


class Timed(Record):
    """How one way did with the mentions of one type, asked by some threads; `right` is of those that name a record.

    Of all types together, times are means of theirs.
    """

    type: str
    way: str
    threads: int
    mentions: int
    p50_ms: float
    p95_ms: float
    a_second: float
    right: float


# Gives the id of the first record, or None; embeds one text, float32 of shape (1, dimension).
Link = Callable[[Mention], str | None]
Encoder = Callable[[str], NDArray[np.float32]]


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data, with gold/ in it")
    parser.add_argument("--home", type=Path, default=None, help="home folder with all authorities; also QUODVIDE_HOME")
    parser.add_argument("--types", nargs="+", default=list(FILES), choices=list(FILES))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2, 4, 8])
    parser.add_argument("--number", type=int, default=50, help="mentions of a type in each round")
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often the ways take turns for each number of threads"
    )
    parser.add_argument("--json", action="store_true", help="print everything that was measured")
    options = parser.parse_args()
    parts = Parts(settings_.load(options.home))
    mentions_of = {type_: read_mentions(options.data / "gold" / FILES[type_]) for type_ in options.types}
    own = open_embedder(max_tokens=parts.settings.embedding.max_tokens, threads=parts.settings.embedding.threads)
    encoders = {PLAIN: sentence_transformer(), ENCODER: lambda text: own.embed([text])}
    found: list[Timed] = []
    for type_, mentions in cast("dict[AuthorityType, list[Mention]]", mentions_of).items():
        chosen = ways(type_, parts, encoders)
        found += measure(type_, mentions, chosen, options.threads, options.number, options.rounds)
        found.append(together(type_, mentions, parts, options.number * options.rounds))
    parts.close()
    found += overall(found)
    if options.json:
        print_measured(found, missed(found))
        return
    console = Console()
    console.print(table(found))
    console.print(
        f"{options.rounds} rounds of {options.number} mentions each; {os.cpu_count()} cores, load average now"
        f" {os.getloadavg()[0]:.1f}"
    )
    for line in missed(found) or [f"The linker makes {TIMES:.0f} times as many links as the plain loop, and more."]:
        console.print(line, highlight=False)


def read_mentions(path: Path) -> list[Mention]:
    """Return the labelled mentions of a file, each text once, in an order that is not that of the file.

    Raises:
        InputError: the file is missing, empty, or a line is no labelled mention.
    """
    try:
        rows = read_rows(path, MentionRow)
    except OSError as error:
        raise InputError("the file of labelled mentions is missing", where=str(path)) from error
    once = {row["text"]: row for row in reversed(rows)}
    if not once:
        raise InputError("holds no labelled mention", where=str(path))
    found = [Mention(text, context_of(row), frozenset(row["gold_ids"])) for text, row in sorted(once.items())]
    Random(_SEED).shuffle(found)
    return found


def ways(type_: AuthorityType, parts: Parts, encoders: Mapping[str, Encoder]) -> dict[str, Link]:
    """Return what links mentions of one type: a plain loop for each encoder, and the linker."""
    names, ids = name_vectors(type_, parts)
    linker = parts.linker

    def link(mention: Mention) -> str | None:
        candidates = linker.link(type_, mention.text, mention.context).candidates
        return candidates[0].id if candidates else None

    return {**{way: plain_loop(names, ids, embed) for way, embed in encoders.items()}, LINKER: link}


def name_vectors(type_: AuthorityType, parts: Parts) -> tuple[NDArray[np.float32], list[str]]:
    """Return the vectors of the names of one type, (names, dimension), and the id of each one's record."""
    rows = {
        str(row): (id_, text)
        for row, _, id_, text, _, kind in parts.catalogue.authorities.names([type_])
        if kind != "acronym"
    }
    stored = parts.names.vectors(rows) if parts.names is not None else {}
    if not stored:  # the index holds no persons
        matrix = parts.name_embedder.embed([text for _, text in rows.values()])
        return matrix, [id_ for id_, _ in rows.values()]
    return np.stack(list(stored.values())), [rows[row][0] for row in stored]


def plain_loop(names: NDArray[np.float32], ids: Sequence[str], embed: Encoder) -> Link:
    """Return the plain loop: `embed` one text, shape (1, dimension), and search a flat index."""
    import faiss

    index: Any = faiss.IndexFlatIP(names.shape[1])
    index.add(names)

    def link(mention: Mention) -> str | None:
        _, rows = index.search(embed(mention.text), _NEAREST)
        return ids[rows[0][0]] if len(ids) else None

    return link


def sentence_transformer() -> Encoder:
    """Return what embeds one text by the bundled model in sentence-transformers, one thread at a time."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model, turn = SentenceTransformer(str(locate(BUNDLED)[0]), device="cpu"), Lock()

    def embed(text: str) -> NDArray[np.float32]:
        with turn:
            found: NDArray[np.float32] = model.encode([text], normalize_embeddings=True, show_progress_bar=False)
        return found

    return embed


def measure(
    type_: str, mentions: Sequence[Mention], found: dict[str, Link], threads: Sequence[int], number: int, rounds: int
) -> list[Timed]:
    """Time every way with each number of threads; all of them are asked for the same mentions."""
    for link in found.values():
        for mention in mentions[:_WARMING]:
            link(mention)
    start = _WARMING
    timed = []
    for count in threads:
        runs: dict[str, list[_Run]] = {way: [] for way in found}
        for _ in range(rounds):
            part = [mentions[n % len(mentions)] for n in range(start, start + number)]
            start += number
            for way, link in found.items():
                time.sleep(SETTLE_S)
                runs[way].append(_run(link, part, count))
        timed += [_timed(type_, way, count, each) for way, each in runs.items()]
    return timed


def together(type_: AuthorityType, mentions: Sequence[Mention], parts: Parts, number: int) -> Timed:
    """Time the linker when it gets all mentions in one call; each waits for the last."""
    part = mentions[-number:]
    started = time.perf_counter()
    links = parts.linker.link_all(type_, [one.text for one in part], [one.context for one in part])
    seconds = time.perf_counter() - started
    first = [link.candidates[0].id if link.candidates else None for link in links]
    return _timed(type_, TOGETHER, 1, [_Run([seconds] * len(part), seconds, _right(part, first))])


class _Run(NamedTuple):
    """One round: seconds of each mention, seconds of all, and for each mention that names a record whether it was found."""

    each: list[float]
    seconds: float
    right: list[bool]


def _run(link: Link, mentions: Sequence[Mention], threads: int) -> _Run:
    def one(mention: Mention) -> tuple[str | None, float]:
        started = time.perf_counter()
        return link(mention), time.perf_counter() - started

    with ThreadPoolExecutor(threads) as pool:
        started = time.perf_counter()
        found = list(pool.map(one, mentions))
        seconds = time.perf_counter() - started
    return _Run([each for _, each in found], seconds, _right(mentions, [id_ for id_, _ in found]))


def _right(mentions: Sequence[Mention], first: Sequence[str | None]) -> list[bool]:
    return [id_ in mention.ids for mention, id_ in zip(mentions, first, strict=True) if mention.ids]


def _timed(type_: str, way: str, threads: int, runs: Sequence[_Run]) -> Timed:
    each = [1000 * seconds for run in runs for seconds in run.each]
    right = [value for run in runs for value in run.right]
    return Timed(
        type=type_,
        way=way,
        threads=threads,
        mentions=len(each),
        p50_ms=quantile(each, 0.5),
        p95_ms=quantile(each, 0.95),
        a_second=len(each) / sum(run.seconds for run in runs),
        right=mean(right) if right else 0.0,
    )


def overall(found: Sequence[Timed]) -> list[Timed]:
    """Return how each way did with all types, as many mentions of each; nothing where there is but one type."""
    alike: dict[tuple[str, int], list[Timed]] = {}
    for each in found:
        alike.setdefault((each.way, each.threads), []).append(each)
    return [
        Timed(
            type=ALL,
            way=way,
            threads=threads,
            mentions=sum(each.mentions for each in group),
            p50_ms=mean(each.p50_ms for each in group),
            p95_ms=mean(each.p95_ms for each in group),
            a_second=len(group) / sum(1 / each.a_second for each in group),
            right=mean(each.right for each in group),
        )
        for (way, threads), group in alike.items()
        if len(group) > 1
    ]


def table(found: Sequence[Timed]) -> Table:
    """Return a row for each type, number of threads and way."""
    shown = Table("", box=None, pad_edge=False, header_style="bold")
    for name in ("threads", "p50 ms", "p95 ms", "links/s", "times plain", "first right"):
        shown.add_column(name, justify="right", no_wrap=True)
    for each in found:
        plain = _plain(found, each)
        times = f"{each.a_second / plain.a_second:.1f}" if plain else ""
        figures = (f"{each.p50_ms:.1f}", f"{each.p95_ms:.1f}", f"{each.a_second:,.0f}")
        shown.add_row(f"{each.type}, {each.way}", str(each.threads), *figures, times, f"{each.right:.3f}")
    return shown


def missed(found: Sequence[Timed]) -> list[str]:
    """Return a line for each number of threads with which the linker is not fast enough, or less often right.

    Types count together where there are several.
    """
    lines = []
    for each in [one for one in found if one.type == ALL] or found:
        plain = _plain(found, each)
        if each.way != LINKER or plain is None:
            continue
        where = f"{each.type}, {each.threads} threads"
        if (times := each.a_second / plain.a_second) < TIMES:
            lines.append(f"{where}: {times:.1f} times the links of the plain loop, under {TIMES:.0f}")
        if each.right < plain.right:
            lines.append(f"{where}: first right {each.right:.3f}, less than the plain loop's {plain.right:.3f}")
    return lines


def _plain(found: Sequence[Timed], one: Timed) -> Timed | None:
    alike = (each for each in found if each.way == PLAIN and (each.type, each.threads) == (one.type, one.threads))
    return next(alike, None)


if __name__ == "__main__":
    main()
