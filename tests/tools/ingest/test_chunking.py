"""Passages: exact offsets, nothing lost, bounded, shared words, the same every time."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores.records import Paper
from tools.ingest.chunking import CHARS_PER_WORD, chunk, document_text, passage_text

pieces = st.sampled_from(
    ["word", "a", "end.", "«Ja!»", "汉字。", "汉", "🙂", "\n\n", "  ", "\t", "\u3000", "x" * 45, "é\u0301"]
)
texts = st.lists(pieces | st.text(max_size=6), max_size=120).map(" ".join) | st.lists(pieces, max_size=120).map("".join)


def paper(abstract: str = "", full_text: str = "", title: str = "A title") -> Paper:
    return Paper(id="p", title=title, abstract=abstract, full_text=full_text)


@settings(max_examples=300, deadline=None)
@given(texts, texts, st.integers(1, 30), st.integers(0, 12), st.integers(1, 200))
def test_offsets_are_exact_and_nothing_is_lost(
    abstract: str, full_text: str, words: int, overlap: int, limit: int
) -> None:
    one = paper(abstract, full_text)
    passages = chunk(one, words, overlap, limit)
    assert passages == chunk(one, words, overlap, limit)
    assert 1 <= len(passages) <= limit
    assert [p.ordinal for p in passages] == list(range(len(passages)))
    covered: set[int] = set()
    for passage in passages:
        assert passage.text == one.section(passage.section)[passage.start : passage.end]
        assert passage.text == passage.text.strip() != ""
        assert len(passage.text) <= max(words * CHARS_PER_WORD, 40)
        covered.update(range(passage.start, passage.end))
    if not one.body.strip():
        assert [p.section for p in passages] == ["title"]
        return
    reached = len(one.body) if len(passages) < limit else passages[-1].end
    assert all(one.body[at].isspace() for at in set(range(reached)) - covered)
    starts = [p.start for p in passages]
    assert starts == sorted(set(starts))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 400), st.integers(2, 60), st.integers(0, 80))
def test_neighbours_share_so_many_words(count: int, words: int, overlap: int) -> None:
    one = paper(" ".join(f"w{n}" for n in range(count)))
    cut = [p.text.split() for p in chunk(one, words, overlap, 1000)]
    for before, after in itertools.pairwise(cut):
        shared = min(overlap, words // 2)
        assert len(before) == words
        assert before[words - shared :] == after[:shared]


def test_a_passage_ends_with_a_sentence_when_one_ends_near() -> None:
    text = "word " * 90 + 'stop." ' + "word " * 100
    first, second, *_ = chunk(paper(text), words=100, overlap=10)
    assert first.text.endswith('word stop."')
    assert second.text.split()[9] == 'stop."'
    far = "word " * 50 + "stop. " + "word " * 100
    assert len(chunk(paper(far), words=100)[0].text.split()) == 100


@pytest.mark.parametrize(
    "text", ["汉" * 100_000, "x" * 100_000, "长句子在这里。" * 9000, ("y" * 40 + " ") * 9000, "a" + " " * 20_000 + "b"]
)
def test_text_without_blanks_is_bounded(text: str) -> None:
    passages = chunk(paper(text))
    assert max(len(p.text) for p in passages) <= 512 * CHARS_PER_WORD
    assert len(passages) <= 100
    assert len(passages) >= min(len(text.replace(" ", "")) // 6200, 100)


def test_chinese_sentences_end_passages() -> None:
    first = chunk(paper("长句子在这里。" * 2000))[0]
    assert first.text.endswith("。")
    assert len(first.text) > 1500


def test_a_paper_without_a_body_has_its_title() -> None:
    (only,) = chunk(paper("  \n", title="  A title\n"))
    assert (only.id, only.section, only.start, only.end, only.text) == ("p#0", "title", 2, 9, "A title")
    (long,) = chunk(paper(title="word " * 100_000))
    assert len(long.text) < 6200
    (blank,) = chunk(paper(title=" "))
    assert (blank.start, blank.end) == (0, 1)


def test_only_what_is_needed_of_a_huge_text_is_split() -> None:
    assert len(chunk(paper("word " * 3_000_000), max_chunks=3)) == 3


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="0 words"):
        chunk(paper("x"), words=0)


def test_texts_for_embedding() -> None:
    one = paper("Abstract. " * 1000, "Full")
    assert document_text(one).startswith("A title. Abstract. Abstract.")
    assert len(document_text(one)) == 5000
    assert document_text(paper()) == "A title"
    assert passage_text(one, chunk(one)[0]).startswith("A title. Abstract.")
    asked = paper("Yes.", title="Is it?")
    assert passage_text(asked, chunk(asked)[0]) == "Is it? Yes."
    assert passage_text(paper(), chunk(paper())[0]) == "A title"
    assert not re.search(r"\s\Z", passage_text(one, chunk(one)[0]))
