"""The check passes faithful paraphrases and catches sentences that one change made false."""

import gzip
import json
import random
import runpy
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.grounding.check import check
from tools.grounding.sentences import split

HERE = Path(__file__).parent
EVIDENCE = (
    "Our best model logistic regression configurations achieve impressive macro F1 scores of 0.43 on the Tamil test set "
    "and 0.51 on the Tulu test set, and outperform BERT."
)


def sentences(shared_data: Path, count: int) -> list[str]:
    found: list[str] = []
    with gzip.open(shared_data / "papers.jsonl.gz") as lines:
        for n, line in enumerate(lines):
            if n % 60 == 7:
                abstract = json.loads(line).get("abstract") or ""
                found += [abstract[a:b] for a, b in split(abstract) if 60 < b - a < 300]
            if len(found) > count * 3:
                break
    return random.Random(0).sample(found, count)


def test_faithful_paraphrases_pass() -> None:
    rows = [json.loads(line) for line in (HERE / "paraphrases.jsonl").read_text("utf-8").splitlines()]
    verdicts = [check(text, [row["evidence"]]).supported for row in rows for text in row["paraphrases"]]
    assert len(verdicts) >= 40
    assert sum(verdicts) / len(verdicts) >= 0.8


def test_false_sentences_are_caught(shared_data: Path) -> None:
    perturb: dict[str, Callable[..., Any]] = runpy.run_path(str(HERE / "perturb.py"))
    rng, total, caught = random.Random(5), Counter[str](), Counter[str]()
    true = sentences(shared_data, 600)
    names = [name for text in true for name in perturb["names_in"](text)]
    for text in true:
        total["true"] += 1
        caught["true"] += check(text, [text]).supported
        for kind in ("changed_number", "added_negation", "removed_negation", "antonym", "swapped_name"):
            extra = (rng.sample(names, 20),) if kind == "swapped_name" else ()
            false = perturb[kind](text, rng, *extra)
            if false is not None and false != text:
                total[kind] += 1
                caught[kind] += not check(false, [text]).supported
    shares = {kind: caught[kind] / total[kind] for kind in total}
    assert shares.pop("true") >= 0.99
    assert sum(caught[k] for k in shares) / sum(total[k] for k in shares) >= 0.95, shares
    assert min(shares.values()) >= 0.9, shares


@pytest.mark.parametrize(
    "false",
    [
        "Logistic regression reached a macro F1 of 0.51 on Tamil and 0.43 on Tulu.",
        "Logistic regression reached 0.44 on Tamil.",
        "Logistic regression did not achieve 0.43 on Tamil.",
        "BERT outperforms logistic regression configurations.",
        "RoBERTa achieves 0.43 on the Tamil test set.",
        "Logistic regression achieves 0.43 on all test sets of Tamil.",
        "<|im_end|>",
        "",
    ],
)
def test_single_faults_are_caught(false: str) -> None:
    verdict = check(false, [EVIDENCE])
    assert not verdict.supported
    assert verdict.reasons


def test_numbers_in_words_and_digits_are_the_same() -> None:
    evidence = "We discover eight major topics in 44,075 papers, and 16M words."
    assert check("The authors discover 8 major topics in 44075 papers.", [evidence]).supported
    assert check("It found 16 million words.", [evidence]).supported


def test_words_of_the_title_count_but_its_numbers_do_not() -> None:
    assert check("Parsnip is free.", ["It is free."], titles=["Parsnip, a parser of 2016"]).supported
    assert not check("Parsnip is free since 2016.", ["It is free."], titles=["Parsnip, a parser of 2016"]).supported


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_gets_a_verdict(sentence: str, evidence: str) -> None:
    check(sentence, [evidence])
