"""The index of names by words: the same answers as plain loops over the names, and nothing served damaged from disk."""

from collections.abc import Callable
from math import log
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from stores.errors import StoreError, StoreMissing
from stores.manifest import Manifest, digest_of
from stores.word_build import run_hash
from stores.words import TOO_FREQUENT, WordIndex, hashes_of_runs

Names = list[list[str]]
LONGEST_RUN = 14
TOTAL = 10_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"
REAL = [
    "heidelberg", "chulalongkorn", "massachusetts", "johannesburg", "polytechnic", "astrophysics", "california",
    "copenhagen", "edinburgh", "gothenburg", "kirchhoff", "lausanne", "mathematics", "neuroscience", "oceanography",
    "pharmaceutical", "queensland", "rensselaer", "singapore", "tsinghua", "vanderbilt", "wageningen", "yokohama",
    "zoological", "brandenburg", "cambridge", "dortmund",
]  # fmt: skip

words = st.sampled_from(["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "über", "大学"])
some_names = st.lists(st.lists(words, max_size=5), max_size=30)
QUICK = settings(max_examples=60, deadline=None)


def index_of(names: Names, usual: dict[str, int] | None = None, total: int = 0) -> WordIndex:
    return WordIndex.build([(name, n // 2) for n, name in enumerate(names)], usual, total)


def ids(index: WordIndex, text: list[str]) -> list[int]:
    found = [index.id_of(word) for word in text]
    return [-1 if number is None else number for number in found]


def plain_runs(names: Names, text: list[str]) -> set[tuple[int, int, int]]:
    return {
        (first, first + len(name), row)
        for row, name in enumerate(names)
        for first in range(len(text))
        if 0 < len(name) <= LONGEST_RUN and text[first : first + len(name)] == name
    }


@QUICK
@given(some_names, st.lists(st.one_of(words, st.just("unheard")), max_size=12), st.data())
def test_every_name_that_is_a_run_of_words_is_found(names: Names, text: list[str], data: st.DataObject) -> None:
    if names:
        inside = data.draw(st.sampled_from(names))
        at = data.draw(st.integers(0, len(text)))
        text = [*text[:at], *inside, *text[at:]]
    index = index_of(names)
    found = index.runs(ids(index, text))
    assert len(found) == len(set(found))
    assert set(found) == plain_runs(names, text)


@QUICK
@given(st.lists(words, max_size=9), st.integers(1, 5))
def test_hashes_of_all_runs(text: list[str], longest: int) -> None:
    found = [(int(first), int(last), int(one)) for first, last, one in zip(*hashes_of_runs(text, longest), strict=True)]
    assert found == [
        (first, last, run_hash(text[first:last]))
        for first in range(len(text))
        for last in range(first + 1, min(first + longest, len(text)) + 1)
    ]


@QUICK
@given(some_names, st.lists(st.integers(0, 29), max_size=8))
def test_words_of_several_names_at_once(names: Names, rows: list[int]) -> None:
    index = index_of(names)
    rows = [row for row in rows if row < len(names)]
    found, lengths = index.names(np.array(rows, np.int64))
    assert [index.words[word] for word in found] == [word for row in rows for word in names[row]]
    assert lengths.tolist() == [len(names[row]) for row in rows]


def test_the_longest_name_that_is_found_as_a_run() -> None:
    names = [[f"w{n}" for n in range(length)] for length in (LONGEST_RUN, LONGEST_RUN + 1)]
    index = index_of(names)
    assert index.runs(ids(index, ["x", *names[1]])) == [(1, LONGEST_RUN + 1, 0)]


@QUICK
@given(some_names, st.dictionaries(words, st.floats(0.1, 1.0), max_size=5), st.sets(words), st.booleans())
def test_masses_equal_a_plain_recomputation(
    names: Names, wanted: dict[str, float], common: set[str], large: bool
) -> None:
    total = TOTAL if large else 0
    usual = dict.fromkeys(sorted(common), TOTAL // 2) if large else {}
    index = index_of(names, usual, total)
    of = max(total, len(names))
    found = {word: max(usual.get(word, 1), sum(word in name for name in names)) for name in names for word in name}
    idf = {word: log((of + 1) / count) for word, count in found.items()}
    wanted = {word: weight for word, weight in wanted.items() if word in found}
    rare = {word: weight for word, weight in wanted.items() if found[word] <= TOO_FREQUENT * of}
    expected = {}
    for row, name in enumerate(names):
        if rare:
            mass = sum(idf[word] * weight for word, weight in rare.items() if word in name)
        else:
            mass = sum(idf[word] * weight for word, weight in wanted.items()) if set(wanted) <= set(name) else 0.0
        if mass:
            expected[row] = mass
    rows, masses = index.holding({number: weight for word, weight in wanted.items() for number in ids(index, [word])})
    assert dict(zip(rows.tolist(), masses.tolist(), strict=True)) == pytest.approx(expected, rel=1e-5)
    every = np.arange(len(names))
    assert index.lengths(every).tolist() == [len(name) for name in names]
    rare_masses = [sum(idf[word] for word in name if found[word] <= TOO_FREQUENT * of) for name in names]
    assert index.rare_mass(every).tolist() == pytest.approx(rare_masses, rel=1e-4, abs=1e-4)
    assert [[index.words[word] for word in index.name(row)] for row in range(len(names))] == names
    assert all(index.frequent(n) == (found[word] > TOO_FREQUENT * of) for n, word in enumerate(index.words))


def test_a_small_index_weighs_words_like_a_large_one() -> None:
    names = [["university", "heidelberg"], ["university", "basel"]]
    alone, told = index_of(names), index_of(names, {"university": 9000}, TOTAL)
    assert alone.frequent(0)
    assert alone.frequent(1)
    assert [told.frequent(number) for number in range(3)] == [True, False, False]
    assert told.idf[0] == pytest.approx(log((TOTAL + 1) / 9000))
    assert told.unknown_idf < told.idf[1]


@st.composite
def misspelled(draw: st.DrawFn) -> tuple[str, str]:
    word = draw(st.sampled_from(REAL))
    at = draw(st.integers(0, len(word) - 2))
    letter = draw(st.sampled_from(LETTERS))
    forms = (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return word, draw(st.sampled_from(forms))


@settings(max_examples=100, deadline=None)
@given(misspelled())
def test_one_letter_typos_are_found(pair: tuple[str, str]) -> None:
    word, typo = pair
    found = _real().close_words(typo)
    assert _real().id_of(word) in {number for number, _ in found}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert all(0.8 <= score <= 1 for _, score in found)
    assert len(found) <= 4


_INDEX: list[WordIndex] = []


def _real() -> WordIndex:
    if not _INDEX:
        random = Random(1)
        other = ["".join(random.choices(LETTERS, k=random.randrange(3, 12))) for _ in range(3000)]
        _INDEX.append(index_of([[word] for word in (*REAL, *other)]))
    return _INDEX[0]


@pytest.mark.parametrize(("word", "typo"), [("harvard", "harvrad"), ("delft", "deift"), ("uppsala", "upspala")])
def test_one_letter_typos_of_short_words_are_found(word: str, typo: str) -> None:
    index = index_of([[one] for one in ("harvard", "delft", "uppsala")])
    assert [index.words[number] for number, _ in index.close_words(typo)] == [word]


@pytest.mark.parametrize("word", ["", "abc", "qqqqqqqq", "\x00\u202e😀☃", "é" * 500, "x" * 10_000])
def test_what_is_spelled_like_nothing(word: str) -> None:
    assert _real().close_words(word) == ()


@QUICK
@given(st.text(max_size=60))
def test_any_word_may_be_asked_for(word: str) -> None:
    assert all(0 <= number < len(_real().words) for number, _ in _real().close_words(word))


@settings(max_examples=10, deadline=None)
@given(names=st.lists(st.lists(words, max_size=5), min_size=1, max_size=30))
def test_what_is_saved_is_what_is_loaded(names: Names, tmp_path_factory: pytest.TempPathFactory) -> None:
    names = [*names, ["omega"]]
    folder = tmp_path_factory.mktemp("words")
    built = index_of(names, {"beta": 500}, TOTAL)
    built.extra = {"extra.kind": np.arange(len(names), dtype=np.uint8)}
    manifest = built.save(folder, {"form": 3})
    loaded = WordIndex.load(folder)
    assert (manifest.count, manifest.settings, manifest.kind) == (len(names), {"form": 3}, "words")
    assert Manifest.read(folder / "manifest.json") == manifest
    assert loaded.words == built.words
    assert set(loaded.extra) == set(built.extra)
    for one in ("record", "idf", "_hash", "_hash_name", "_post", "_post_start", "_tri", "_tri_start", "_name_words"):
        ours, theirs = getattr(built, one), getattr(loaded, one)
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs), one
    assert np.array_equal(loaded.extra["extra.kind"], built.extra["extra.kind"])
    for name in names:
        assert loaded.runs(ids(loaded, name)) == built.runs(ids(built, name))
        every = dict.fromkeys(ids(built, name), 0.5)
        rows, masses = built.holding(every)
        assert np.array_equal(loaded.holding(every)[0], rows)
        assert np.array_equal(loaded.holding(every)[1], masses)
    assert loaded.close_words("epsilom") == built.close_words("epsilom")
    assert loaded.save(folder).generation == 2
    assert WordIndex.load(folder).words == built.words


@pytest.mark.parametrize("names", [[], [[]], [[], ["alpha"]]])
def test_nothing_at_all(names: Names, tmp_path: Path) -> None:
    built = index_of(names)
    built.save(tmp_path)
    for index in (built, WordIndex.load(tmp_path)):
        assert len(index) == len(names)
        assert index.runs([]) == index.runs([-1, -1]) == []
        assert index.holding({})[0].tolist() == []
        assert index.close_words("heidelberg") == ()
        assert index.id_of("heidelberg") is None


def test_a_generation_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    assert index_of([["alpha"]]).save(tmp_path).generation == 1
    reader = WordIndex.load(tmp_path)
    assert index_of([["beta"], ["gamma"]]).save(tmp_path).generation == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.json", "words-2.safetensors"]
    assert (reader.words, WordIndex.load(tmp_path).words) == (["alpha"], ["beta", "gamma"])


def _rewrite(folder: Path, content: bytes) -> None:
    """Put other content there with a manifest that fits it."""
    path = folder / "words-1.safetensors"
    path.write_bytes(content)
    manifest = Manifest.read(folder / "manifest.json")
    changed = {"files": {path.name: len(content)}, "digest": digest_of([path])}
    manifest.model_copy(update=changed).write(folder / "manifest.json")


def test_what_cannot_be_trusted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        WordIndex.load(tmp_path)
    index_of([["alpha", "beta"], ["beta"]]).save(tmp_path)
    path, manifest = tmp_path / "words-1.safetensors", tmp_path / "manifest.json"
    whole, described = path.read_bytes(), manifest.read_bytes()
    arrays = load(whole)
    cases: dict[str, Callable[[], object]] = {
        "cut short": lambda: path.write_bytes(whole[:-20]),
        "empty": lambda: path.write_bytes(b""),
        "header": lambda: path.write_bytes(b"\xff" * 16 + whole[16:]),
        "gone": path.unlink,
        "foreign": lambda: _rewrite(tmp_path, b"PK\x03\x04" + b"x" * 200),
        "other arrays": lambda: _rewrite(tmp_path, save({"x": np.zeros(3)})),
        "no vocabulary": lambda: _rewrite(tmp_path, save({k: v for k, v in arrays.items() if k != "vocabulary"})),
        "no text": lambda: _rewrite(tmp_path, save({**arrays, "vocabulary": np.full(9, 0xFF, np.uint8)})),
        "other version": lambda: manifest.write_bytes(described.replace(b"words-1", b"words-0")),
        "manifest cut": lambda: manifest.write_bytes(described[:40]),
    }
    for name, damage in cases.items():
        path.write_bytes(whole)
        manifest.write_bytes(described)
        assert WordIndex.load(tmp_path).words == ["alpha", "beta"]
        damage()
        with pytest.raises(StoreError) as caught:
            WordIndex.load(tmp_path)
        assert "\n" not in str(caught.value), name


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError):
        index_of([["alpha"]]).save(tmp_path / "file" / "words")
