import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.profiles import read_gold
from evals.questions import read_questions
from evals.retrieval import read_qrels
from evals.rows import AnsweredRow, Form, MentionRow, UnderstoodRow, read_rows
from stores.errors import InputError

ROW = b'{"id": 1, "question": "Why?", "answerable": true, "more": 2}'


def test_rows_are_read_as_they_stand_packed_or_not(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_bytes(b"\n" + ROW + b"\r\n\n")
    packed.write_bytes(gzip.compress(ROW + b"\n"))
    wanted = [{"id": 1, "question": "Why?", "answerable": True, "more": 2}]
    assert read_rows(plain, AnsweredRow) == read_rows(packed, AnsweredRow) == read_rows(plain) == wanted


@pytest.mark.parametrize(
    ("form", "line", "said"),
    [
        (None, "[]", "is not a JSON object"),
        (AnsweredRow, '{"id": 1, "question": 2, "answerable": true}', "question: Input should be a valid string"),
        (AnsweredRow, '{"id": 1, "question": "", "answerable": "no"}', "answerable: Input should be a valid boolean"),
        (
            UnderstoodRow,
            '{"id": 1, "question": "", "intent": "", "filters": {}, "entities": [{"end": 1}]}',
            "lacks 'entities.0.start'",
        ),
        (MentionRow, '{"text": "", "source": "", "gold_ids": "x"}', "gold_ids: Input should be a valid list"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_line(
    tmp_path: Path, form: type[Form] | None, line: str, said: str
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(f"\n{line}\n", "utf-8")
    with pytest.raises(InputError, match=rf"rows\.jsonl:2: {said}"):
        read_rows(file, form)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=80), cut=st.integers(0, 60))
def test_any_file_is_rows_or_a_clear_error(tmp_path: Path, content: bytes, cut: int) -> None:
    for name, written in (("a.jsonl", content), ("a.gz", content), ("b.gz", gzip.compress(ROW)[:cut])):
        file = tmp_path / name
        file.write_bytes(written)
        for read in (read_rows, read_questions, read_gold, read_qrels):
            with suppress(InputError):
                assert len(read(file)) <= 80


def test_judgements_are_read_with_and_without_names(tmp_path: Path) -> None:
    file = tmp_path / "test.tsv"
    file.write_bytes(b"query-id\tcorpus-id\tscore\r\nq\td\t2\r\nq\te\t-1\r\n\r\n")
    assert read_qrels(file) == {"q": {"d": 2, "e": 0}}
    file.write_bytes(b"q\td\t2\n")
    assert read_qrels(file) == {"q": {"d": 2}}
    file.write_bytes(b"query-id\tcorpus-id\tscore\nq 0 d 2\n")
    with pytest.raises(InputError, match=r"test\.tsv:2: is not query, document and grade"):
        read_qrels(file)
