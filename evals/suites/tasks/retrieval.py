"""Whether the right documents are found: judged queries in BEIR form, over a corpus of their own or the home folder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from agent import settings as settings_
from agent.wiring import Parts
from evals.measures import ndcg, recall
from evals.retrieval import documents, read_qrels
from evals.rows import QueryRow, read_rows
from evals.suites.bench import Bench
from evals.suites.task import Measure, Scores, Solved, Task, Ways
from tools.retrieval.terms import query_terms

_DEPTH = 100
_FIRST = 10


class Row(NamedTuple):
    """A judged query of a set."""

    id: str
    set: Path
    text: str
    grades: dict[str, int]


def _rows(bench: Bench) -> list[Row]:
    rows = []
    for queries in bench.files("retrieval/*/queries.jsonl"):
        texts = {str(row["_id"]): str(row["text"]) for row in read_rows(queries, QueryRow)}
        for qrels in bench.files(f"retrieval/{queries.parent.name}/qrels/*.tsv"):
            for id_, grades in read_qrels(qrels).items():
                if id_ in texts:
                    rows.append(Row(f"{queries.parent.name}:{id_}", queries.parent, texts[id_], grades))
    return rows


@contextmanager
def _solver(bench: Bench, rows: Sequence[Row]) -> Iterator[Ways[Row, list[str]]]:
    with ExitStack() as closing:
        homes: dict[Path, Parts] = {}
        for folder in dict.fromkeys(row.set for row in rows):
            homes[folder] = parts = _home(bench, folder, closing)
            parts.retriever.retrieve(rows[0].text, 1)  # the first query loads the model

        def solve(row: Row) -> Solved[list[str]]:
            hits = homes[row.set].retriever.retrieve(row.text, _DEPTH, per_paper=1, feedback=True)
            return Solved([hit.paper_id for hit in hits])

        def beside(way: Callable[[Parts, str], list[str]], row: Row) -> list[str]:
            return way(homes[row.set], row.text)

        yield Ways(solve, {"BM25": partial(beside, _lexical), "embedding": partial(beside, _dense)})


def _home(bench: Bench, folder: Path, closing: ExitStack) -> Parts:
    """Return the parts of the set's own corpus, or of the home folder where the set has none."""
    corpus = sorted(folder.glob("corpus.jsonl*"))
    if not corpus:
        return bench.parts
    parts = Parts(settings_.load(bench.home_of(folder.name, corpus)))
    closing.callback(parts.close)
    return parts


def _lexical(parts: Parts, text: str) -> list[str]:
    found = parts.catalogue.search.passages(query_terms(text), _DEPTH)
    return documents(parts.catalogue, [id_ for id_, _ in found])


def _dense(parts: Parts, text: str) -> list[str]:
    found = parts.passages.search(parts.embedder.embed_query(text), _DEPTH)
    return documents(parts.catalogue, [id_ for id_, _ in found])


def _score(row: Row, ranking: list[str]) -> Scores:
    of = row.set.name
    return {
        f"nDCG@10 ({of})": (ndcg(ranking, row.grades, _FIRST), 1.0),
        f"recall@100 ({of})": (recall(ranking, row.grades, _DEPTH), 1.0),
    }


def _shown(row: Row, ranking: list[str]) -> dict[str, Any]:
    return {"query": row.text, "wanted": row.grades, "given": ranking[:_FIRST]}


TASK = Task(
    name="retrieval",
    about="Documents found for judged queries, by words and meaning together.",
    measures={"nDCG@10": Measure(about="order of the first ten"), "recall@100": Measure(about="found in a hundred")},
    dataset=_rows,
    solver=_solver,
    scorer=_score,
    shown=_shown,
    failed=lambda _: [],
)
