"""Damage to derived indexes is found, said in one line, and mended by a rebuild; the catalogue is never touched."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from agent import settings as settings_
from agent.loading import ingest_files
from agent.rebuilding import rebuild_home
from agent.upkeep import status, verify_home
from stores.catalogue import Catalogue
from stores.errors import StoreError
from stores.passages import PassageIndex

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_home, tmp_path / "home"))


def lose_vectors(home: Path) -> None:
    index = PassageIndex(home / "passages")
    index.delete(["vaswani-2017-attention#0"])
    index.close()


def swap_vectors(home: Path) -> None:
    index = PassageIndex(home / "passages")
    ids = sorted(index.ids())
    vectors = index.vectors(ids)
    for one, other in zip(ids, ids[1:] + ids[:1], strict=True):
        index.upsert([one], vectors[other].reshape(1, -1), ["x"])
    index.close()


def cut_documents(home: Path) -> None:
    path = next((home / "documents").glob("*.faiss"))
    path.write_bytes(path.read_bytes()[:-100])


def change_documents(home: Path) -> None:
    path = next((home / "documents").glob("*.faiss"))
    content = bytearray(path.read_bytes())
    content[-7] ^= 0xFF
    path.write_bytes(bytes(content))


def cut_manifest(home: Path) -> None:
    path = home / "names" / "manifest.json"
    path.write_text(path.read_text()[:50])


def lose_chroma(home: Path) -> None:
    (home / "passages" / "chroma.sqlite3").write_bytes(b"nothing of the kind" * 100)


@pytest.mark.parametrize(
    ("damage", "index"),
    [(lose_vectors, "passages"), (swap_vectors, "passages"), (lose_chroma, "passages"), (cut_documents, "documents"),
     (change_documents, "documents"), (cut_manifest, "names")],
)  # fmt: skip
def test_damage_is_found_and_mended(
    home: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], None], index: str
):
    assert verify_home(home) == 0
    damage(home)
    capsys.readouterr()
    assert verify_home(home) == 1
    printed = capsys.readouterr().out
    assert f"FAIL  {index}: " in printed
    assert printed.count("FAIL") == 1
    assert rebuild_home(home) == 0
    assert verify_home(home) == 0


def test_a_rebuild_is_the_same_again(home: Path):
    before = Catalogue(home / "catalogue.sqlite")
    papers = [paper for paper, _ in before.papers.all()]
    before.close()
    assert rebuild_home(home) == 0
    after = Catalogue(home / "catalogue.sqlite")
    assert [paper for paper, _ in after.papers.all()] == papers
    after.close()
    found = status(settings_.load(home))
    assert (found["papers"]["papers"], found["indexes"]["passages"]["count"]) == (99, 99)


def test_vectors_of_two_models_are_never_mixed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUODVIDE_EMBEDDING__MAX_TOKENS", "128")
    paper = tmp_path / "one.jsonl"
    paper.write_text('{"id": "new", "title": "New", "abstract": "Words."}\n')
    with pytest.raises(StoreError, match="quodvide rebuild"):
        ingest_files(home, [paper], None, None)
    assert rebuild_home(home) == 0
    assert ingest_files(home, [paper], None, None) == 0


def test_an_interrupted_ingest_is_noticed(home: Path, capsys: pytest.CaptureFixture[str]):
    catalogue = Catalogue(home / "catalogue.sqlite")
    with catalogue.database.transaction() as connection:
        connection.execute("UPDATE paper SET indexed = NULL WHERE id LIKE 'a%'")
    catalogue.close()
    assert verify_home(home) == 1
    assert "no vectors yet" in capsys.readouterr().out
    assert ingest_files(home, [ROOT / "evals" / "demo" / "papers.jsonl"], None, None) == 0
    assert verify_home(home) == 0


def test_names_that_only_papers_bring_are_indexed_too(tmp_path: Path):
    paper = tmp_path / "one.jsonl"
    paper.write_text(
        '{"id": "p", "title": "T", "abstract": "Words.", "topics": [{"id": "T1", "name": "Glaciology"}]}\n'
    )
    assert ingest_files(tmp_path / "home", [paper], None, None) == 0
    assert verify_home(tmp_path / "home") == 0
