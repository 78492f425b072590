"""Indexes of other models: each is searched with the model that made it, and a rebuild takes its place whole or not at all."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from agent import settings as settings_
from agent.loading import ingest_files
from agent.rebuilding import rebuild_home
from agent.upkeep import status, verify_home
from agent.wiring import Parts
from stores.catalogue import Catalogue
from stores.errors import StoreError

ROOT = Path(__file__).resolve().parents[2]
WORDS = [
    "bees",
    "gather",
    "nectar",
    "from",
    "clover",
    "while",
    "glaciers",
    "carve",
    "valleys",
    "and",
    "rivers",
    "carry",
    "silt",
    "down",
    "to",
    "slow",
    "deltas",
]


def static(folder: Path, dimension: int) -> Path:
    """Save a static model of random vectors."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    words = {"[UNK]": 0, **{word: n for n, word in enumerate(WORDS, start=1)}}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))  # noqa: S106 - a word
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.random.default_rng(dimension).normal(size=(len(words), dimension)).astype(np.float32)
    StaticModel(vectors, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {name: static(folder / name, dimension) for name, dimension in (("old", 8), ("new", 12))}


def papers(path: Path, *, changed: bool = False) -> Path:
    records = [
        {
            "id": f"p{n}",
            "title": f"{WORDS[n]} {WORDS[n + 1]}",
            "abstract": " ".join(WORDS[n : n + 4]) + (" again" if changed and n == 1 else ""),
            "topics": [{"id": f"T{n % 3}", "name": WORDS[n % 3]}],
        }
        for n in range(10)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def use(models: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the settings name a model for passages, and another for documents where one is given."""

    def named(texts: str | Path, documents: str | None = None) -> None:
        monkeypatch.setenv("QUODVIDE_EMBEDDING__BACKEND", "model2vec")
        monkeypatch.setenv("QUODVIDE_EMBEDDING__MODEL", str(models.get(str(texts), texts)))
        monkeypatch.setenv("QUODVIDE_DOCUMENTS__BACKEND", "model2vec")
        monkeypatch.setenv("QUODVIDE_DOCUMENTS__MODEL", str(models[documents]) if documents else "")

    named("old")
    return named


@pytest.fixture
def home(use: Callable[..., None], tmp_path: Path) -> Path:  # noqa: ARG001 - the settings
    assert ingest_files(tmp_path / "home", [papers(tmp_path / "papers.jsonl")], None, None) == 0
    return tmp_path / "home"


def found(home: Path) -> tuple[str, str, str]:
    """Return the best paper for a question, that for a text, and the model that found the first."""
    parts = Parts(settings_.load(home))
    try:
        by_passages = parts.retriever.retrieve("glaciers carve", 1)[0].paper_id
        by_document = parts.similar.to_text("glaciers carve valleys and rivers", 1)[0].paper_id
        return by_passages, by_document, parts.embedder.name.partition("@")[0]
    finally:
        parts.close()


def test_documents_have_a_model_of_their_own(home: Path, use, tmp_path: Path):
    use("old", "new")
    with pytest.raises(StoreError, match="vectors of documents were made by old@"):
        ingest_files(home, [papers(tmp_path / "papers.jsonl", changed=True)], None, None)
    assert rebuild_home(home, ["documents"]) == 0
    report = status(settings_.load(home))
    assert [report["indexes"][part]["model"][:4] for part in ("passages", "documents")] == ["old@", "new@"]
    assert [report["indexes"][part]["dimension"] for part in ("passages", "documents")] == [8, 12]
    assert found(home) == ("p6", "p6", "old")
    assert ingest_files(home, [papers(tmp_path / "papers.jsonl", changed=True)], None, None) == 0
    assert verify_home(home) == 0
    parts = Parts(settings_.load(home))
    assert {len(vector) for vector in parts.vectors([f"p{n}" for n in range(10)]).values()} == {12}
    assert parts.similar.to_paper("p1", 3)
    parts.close()


def test_a_new_home_with_two_models(use, tmp_path: Path):
    use("old", "new")
    assert ingest_files(tmp_path / "home", [papers(tmp_path / "papers.jsonl")], None, None) == 0
    assert verify_home(tmp_path / "home") == 0
    assert found(tmp_path / "home") == ("p6", "p6", "old")


def test_a_stale_index_is_said_and_serves(home: Path, use, capsys: pytest.CaptureFixture[str]):
    before = found(home)
    assert not status(settings_.load(home))["stale"]
    use("new")
    stale = status(settings_.load(home))["stale"]
    assert set(stale) == {"passages", "documents", "names"}
    assert all(line.startswith("made with old@") and "name new@" in line for line in stale.values())
    capsys.readouterr()
    assert found(home) == before
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(" was made")[0] for line in said] == [
        "quodvide: the passages index", "quodvide: the documents index"
    ]  # fmt: skip
    assert "until `quodvide rebuild passages`" in said[0]
    assert rebuild_home(home) == 0
    assert not status(settings_.load(home))["stale"]
    capsys.readouterr()
    assert found(home) == ("p6", "p6", "new")
    assert not capsys.readouterr().err


def test_a_stale_index_whose_model_is_gone_is_refused(use, models: dict[str, Path], tmp_path: Path):
    gone = shutil.copytree(models["old"], tmp_path / "gone")
    use(gone)
    assert ingest_files(tmp_path / "home", [papers(tmp_path / "papers.jsonl")], None, None) == 0
    shutil.rmtree(gone)
    use("new")
    with pytest.raises(StoreError, match=r"made with gone@.*the settings name new@.*quodvide rebuild"):
        found(tmp_path / "home")
    assert rebuild_home(tmp_path / "home") == 0
    assert found(tmp_path / "home")[2] == "new"


def test_a_reader_goes_on_through_a_rebuild(home: Path, use, tmp_path: Path):
    reader = Parts(settings_.load(home))
    before = reader.retriever.retrieve("glaciers carve", 3)
    use("new")
    assert rebuild_home(home) == 0
    assert reader.retriever.retrieve("glaciers carve valleys", 3)
    assert reader.retriever.retrieve("glaciers carve", 3) == before
    assert reader.embedder.name.startswith("old@")
    reader.close()
    assert sorted(path.name for path in home.glob("passages*")) == ["passages", "passages-2"]
    assert ingest_files(home, [tmp_path / "papers.jsonl"], None, None) == 0
    assert [path.name for path in home.glob("passages*")] == ["passages-2"]


def test_parts_are_rebuilt_by_themselves(home: Path, use):
    _, by_document, _ = found(home)
    use("new")
    assert rebuild_home(home, ["passages"]) == 0
    assert verify_home(home) == 1
    assert set(status(settings_.load(home))["stale"]) == {"documents", "names"}
    assert found(home) == ("p6", by_document, "new")
    assert rebuild_home(home, ["names"]) == 0
    assert rebuild_home(home, ["documents"]) == 0
    assert not status(settings_.load(home))["stale"]


DYING = """
import os, sys
from pathlib import Path
import agent.rebuilding as rebuilding
from agent.loading import cutting
from stores.catalogue.staging import Staging
method, left = sys.argv[2], int(sys.argv[3])
rebuilding.cutting = lambda settings: cutting(settings).model_copy(update={"batch": 2})
run = getattr(Staging, method)
def dying(*arguments):
    global left
    run(*arguments)
    left -= 1
    if not left:
        os._exit(9)
setattr(Staging, method, dying)
rebuilding.rebuild_home(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(("method", "calls"), [("mark", 1), ("mark", 4), ("swap", 1)])
def test_a_killed_rebuild_changes_nothing(home: Path, use, tmp_path: Path, method: str, calls: int):
    before = found(home)
    use("new")
    done = subprocess.run([sys.executable, "-c", DYING, str(home), method, str(calls)], cwd=ROOT, check=False)
    assert done.returncode == 9
    use("old")
    assert verify_home(home) == 0
    assert found(home) == before
    # The old index is whole, and takes what is new.
    assert ingest_files(home, [papers(tmp_path / "papers.jsonl", changed=True)], None, None) == 0
    use("new")
    catalogue = Catalogue(home / "catalogue.sqlite")
    due = catalogue.staging.due()
    catalogue.close()
    # The batch whose mark was not committed is due again, and the paper that changed.
    assert due == {("mark", 1): 10, ("mark", 4): 5, ("swap", 1): 1}[method, calls]
    assert rebuild_home(home) == 0
    assert found(home) == ("p6", "p6", "new")


def test_a_stage_whose_folder_was_lost_begins_anew(home: Path, use):
    use("new")
    subprocess.run([sys.executable, "-c", DYING, str(home), "mark", "4"], cwd=ROOT, check=False)
    shutil.rmtree(home / "passages-2")
    with pytest.raises(StoreError, match="vectors were lost on the way"):
        rebuild_home(home)
    use("old")
    assert verify_home(home) == 0
    use("new")
    assert rebuild_home(home) == 0


def test_killed_between_the_swap_and_the_index_of_documents(home: Path, use, tmp_path: Path):
    _, by_document, _ = found(home)
    use("new")
    program = f"import os, agent.rebuilding as r\nr.finish_vectors = lambda *_: os._exit(9)\nr.rebuild_home(r.Path({str(home)!r}))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 9
    # The index that was not replaced yet serves with its own model, and any ingest brings it up to date.
    assert "documents" in status(settings_.load(home))["stale"]
    assert verify_home(home, ["documents"]) == 1
    assert found(home) == ("p6", by_document, "new")
    assert ingest_files(home, [tmp_path / "papers.jsonl"], None, None) == 0
    assert verify_home(home) == 0
    assert found(home) == ("p6", "p6", "new")
