import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.profiling.atoms import atoms
from tools.profiling.check import Allowed, violations
from tools.profiling.faithful import unfaithful

FACTS = {
    "papers": 19, "years": {2018: 3, 2023: 1290}, "share": 0.42, "percent": 42,
    "names": ["Anna Rumshisky", "Dirk Hovy", "Felice Dell’Orletta", "University of Turin", "Marie-Catherine de Marneffe"],
    "titles": ["Emicizumab Prophylaxis in Hemophilia A with Inhibitors", "What’s in Your GPT-3 Embedding", "国家自然科学基金委员会"],
}  # fmt: skip
ALLOWED = Allowed(FACTS)
SENTENCES = (
    "The most frequent are Anna Rumshisky (19 papers) and Dirk Hovy (3 papers).",
    "The first is from 2018 and the last from 2023.",
)


def found(text: str) -> list[str]:
    return [one.text for one in violations("s", text, ALLOWED)]


@pytest.mark.parametrize(
    "text",
    [
        "In 2018 there were 3 papers, 1,290 in 2023; 42% of the 19.",
        "Anna Rumshisky and Dirk Hovy worked with Felice Dell’Orletta at the University of Turin.",
        "Rumshisky's papers cite “What’s in Your GPT-3 Embedding” and 国家自然科学基金委员会.",
        "“Emicizumab Prophylaxis in Hemophilia A with Inhibitors” (2018) is by Marie-Catherine de Marneffe.",
        "One of the papers is from 2018–2023. Nineteen papers, three of them early.",
    ],
)
def test_what_the_facts_hold_passes(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There are 20 papers.", ["20"]),
        ("There are twenty papers, thirty-five in all.", ["twenty", "thirty", "five"]),
        ("There are 1,291 citations and 0.43 of them.", ["1291", "0.43"]),
        ("Anna Hovy wrote it.", ["Anna Hovy"]),
        ("It was made at the University of Padua.", ["University of Padua"]),
        ("Stanford is where the author works.", ["Stanford"]),
        ("The NSF paid, and GPT-4 helped.", ["The NSF", "GPT-4"]),
        ("A paper with 王芳.", ["王芳"]),
        ("In ٢٠١٧ and ²¹ there were 3.", ["٢٠١٧", "21"]),
        ("There is one paper.", ["one"]),
    ],
)
def test_what_the_facts_do_not_hold_is_caught(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@given(st.integers(0, 10**7))
def test_a_number_passes_only_when_it_is_a_fact(number: int) -> None:
    assert bool(found(f"There are {number:,} papers.")) is (
        str(number) not in {"19", "2018", "3", "2023", "1290", "42"}
    )


@given(st.sampled_from(FACTS["names"]), st.integers(0, 40), st.sampled_from("qxzjw"))
def test_a_perturbed_name_is_caught(name: str, place: int, letter: str) -> None:
    letters = [n for n, ch in enumerate(name) if ch.isalpha() and ch.isupper()]
    start = letters[place % len(letters)]
    perturbed = name[: start + 1] + letter + letter + name[start + 1 :]
    assert found(f"It is by {perturbed} too.")


@given(st.text(max_size=200))
def test_any_text_is_read_without_failing(text: str) -> None:
    for atom in atoms(text):
        assert atom.key


@given(st.text(alphabet="ABCdefg hij.,’-0123456789", min_size=1, max_size=60))
def test_a_text_never_breaks_its_own_facts(text: str) -> None:
    assert violations("s", f"On {text}", Allowed(f"On {text}")) == []


def test_a_faithful_rewording_passes() -> None:
    text = "Anna Rumshisky (19 papers) and Dirk Hovy (3 papers) are most frequent. The first is from 2018, the last from 2023."
    assert unfaithful("s", text, SENTENCES) == []


@pytest.mark.parametrize(
    "text",
    [
        "The most frequent are Dirk Hovy (19 papers) and Anna Rumshisky (3 papers). The first is from 2018 and the last from 2023.",
        "The most frequent are Anna Rumshisky (3 papers) and Dirk Hovy (19 papers). The first is from 2018 and the last from 2023.",
        "The first is from 2023 and the last from 2018. The most frequent are Anna Rumshisky (19 papers), Dirk Hovy (3 papers).",
        "The most frequent are Anna Rumshisky (19 papers).",
        "The most frequent are not Anna Rumshisky (19 papers) and Dirk Hovy (3 papers). The first is from 2018 and the last from 2023.",
        ("The renowned and prestigious Anna Rumshisky (19 papers) and brilliant Dirk Hovy (3 papers) pioneered groundbreaking methods."
        " The first is from 2018 and the last from 2023."),
        "",
    ],
)  # fmt: skip
def test_an_unfaithful_rewording_is_caught(text: str) -> None:
    assert unfaithful("s", text, SENTENCES)
