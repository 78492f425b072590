"""Each rule that no verifier overrules: what it must catch, and what it must let be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.grounding.directions import direction_faults, sides_exchanged
from tools.grounding.hard import hard_faults
from tools.grounding.names import name_faults, spelled_out
from tools.grounding.polarity import denying_words
from tools.grounding.quantities import Quantity, quantities, quantity_faults, ranges
from tools.grounding.reserve import modality_faults, quantifier_faults


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It takes 12 ms.", [Quantity(12, "ms", False, "")]),
        ("It takes 12 seconds.", [Quantity(12, "s", False, "")]),
        ("up 3.5 percentage points", [Quantity(3.5, "points", False, "")]),
        ("3.5 per cent, 3.5%", [Quantity(3.5, "%", False, "")] * 2),
        ("3 million words", [Quantity(3e6, "", False, "")]),
        ("$5 and 20 mg/day", [Quantity(5, "$", False, ""), Quantity(20, "mg", False, "")]),
        ("a change of -0.5 points", [Quantity(0.5, "points", True, "")]),
        ("5-10 days", [Quantity(5, "", False, ""), Quantity(10, "d", False, "")]),
        ("at least 50 and up to 60", [Quantity(50, "", False, "least"), Quantity(60, "", False, "most")]),
        ("p < 0.05", [Quantity(0.05, "", False, "most")]),
        ("GPT-2 and F1", []),
    ],
)
def test_quantities(text: str, found: list[Quantity]) -> None:
    assert quantities(text) == found


def test_ranges() -> None:
    assert ranges("5-10 days, 3 to 4%, between 7 and 9, 1 and 2") == {(5, 10), (3, 4), (7, 9)}


@pytest.mark.parametrize(
    ("sentence", "evidence", "fault"),
    [
        ("It answers in 12 ms.", "It answers in 12 milliseconds.", False),
        ("It answers in 12 s.", "It answers in 12 ms.", True),
        ("It answers in 12 ms.", "It answers 12 questions.", True),
        ("Accuracy rose by 3%.", "Accuracy rose by 3 points.", True),
        ("Accuracy is 78.9.", "Accuracy is 78.9%.", False),
        ("It was 71%.", "It was 71 vs 61%.", False),
        ("It has 3 billion words.", "It has 3 billion words.", False),
        ("The change was 0.5.", "The change was -0.5.", True),
        ("It fell by 0.5.", "The change was -0.5.", False),
        ("The change was -0.5.", "The change was 0.5.", True),
        ("At least 50 took part.", "More than 50 took part.", False),
        ("50 took part.", "At most 50 took part.", True),
        ("At most 50 took part.", "At least 50 took part.", True),
        ("It lasts 5-10 days.", "It lasts 5 to 10 days.", False),
        ("It lasts 5 to 10 days.", "Five groups: 5 had 3 days, 10 had 4 days.", True),
    ],
)
def test_quantities_are_compared(sentence: str, evidence: str, fault: bool) -> None:
    assert bool(quantity_faults(sentence, evidence)) == fault


@pytest.mark.parametrize(
    ("sentence", "evidence", "strange"),
    [
        ("Interleukin rises in Tokyo.", "It rises there.", ["Tokyo"]),
        ("The IL-6 level rises.", "Levels of IL6 rise.", []),
        ("The IL-6 level rises.", "Levels of IL-8 rise in 6 patients.", ["IL-6"]),
        ("It uses NMT.", "It uses neural machine translation.", []),
        ("It uses NMT.", "It uses statistical machine translation.", ["NMT"]),
        ("It uses LLMs.", "It uses an LLM.", []),
        ("It is by Germany's team.", "It is by a team of Germany.", []),
        ("It beats BERT and T5.", "It beats BERT.", ["T5"]),
        ("Code is at github.com/a/B1.", "Code is at github.com/a/B1.", []),
    ],
)
def test_names(sentence: str, evidence: str, strange: list[str]) -> None:
    assert name_faults(sentence, [evidence]) == strange


def test_an_acronym_stands_for_neighbouring_words() -> None:
    assert spelled_out("CRFs", "a linear conditional random field here")
    assert not spelled_out("CRF", "conditional fields, random")


@pytest.mark.parametrize(
    ("sentence", "evidence", "fault"),
    [
        ("Age is unrelated to risk.", "Age is related to risk.", True),
        ("Age is unrelated to risk.", "Age and risk are uncorrelated.", False),
        ("The test is inaccurate.", "The test is accurate.", True),
        ("It activates Ras.", "It deactivates Ras.", True),
        ("The test is accurate.", "The test is accurate.", False),
        ("Its role is negligible.", "Its role is described.", True),
        ("Results are the same.", "Results are similar.", False),
    ],
)
def test_denial_without_a_not(sentence: str, evidence: str, fault: bool) -> None:
    assert bool(denying_words(sentence, evidence)) == fault


@pytest.mark.parametrize(
    ("sentence", "evidence", "fault"),
    [
        ("Dropout lowers recall.", "Dropout reduces recall.", False),
        ("Dropout raises recall.", "Dropout reduces recall.", True),
        ("Dropout improves recall.", "Dropout is used for recall.", True),
        ("The drug encourages growth.", "The drug blocks growth.", True),
        ("Precision rises.", "There is higher precision and lower recall.", False),
        ("Recall rises.", "There is higher precision and lower recall.", True),
        ("It comes after parsing.", "It comes before parsing.", True),
        ("It is the best system.", "It is a system.", True),
        ("Results got worse.", "Results deteriorated.", False),
    ],
)
def test_directions(sentence: str, evidence: str, fault: bool) -> None:
    assert bool(direction_faults(sentence, evidence)) == fault


@pytest.mark.parametrize(
    ("sentence", "evidence", "fault"),
    [
        ("Smoke causes cancer.", "Smoke causes cancer.", False),
        ("Cancer causes smoke.", "Smoke causes cancer.", True),
        ("Cancer is caused by smoke.", "Smoke causes cancer.", False),
        ("Smoke is caused by cancer.", "Smoke causes cancer.", True),
    ],
)
def test_sides_of_a_verb(sentence: str, evidence: str, fault: bool) -> None:
    assert bool(sides_exchanged(sentence, evidence)) == fault


@pytest.mark.parametrize(
    ("sentence", "evidence", "fault"),
    [
        ("All models fail.", "Some models fail.", True),
        ("Most models fail.", "Some models fail.", True),
        ("Some models fail.", "All models fail.", False),
        ("Models fail.", "Some models fail.", True),
        ("It fails.", "Some models fail.", False),
        ("The majority of models fail.", "Most models fail.", False),
        ("Parsers work for French.", "Parsers only work for French.", True),
        ("Only parsers work for French.", "Parsers work for French.", True),
        ("It is the most common error.", "It is the most common error.", False),
    ],
)
def test_quantifiers(sentence: str, evidence: str, fault: bool) -> None:
    assert bool(quantifier_faults(sentence, evidence)) == fault


@pytest.mark.parametrize(
    ("sentence", "evidence", "fault"),
    [
        ("Aspirin prevents strokes.", "Aspirin may prevent strokes.", True),
        ("Aspirin may prevent strokes.", "Aspirin may prevent strokes.", False),
        ("Aspirin possibly prevents strokes.", "Aspirin could prevent strokes.", False),
        ("Aspirin prevents strokes.", "We asked whether aspirin prevents strokes.", True),
        ("The authors examined whether aspirin helps.", "We asked whether aspirin helps.", False),
        ("Parsing comes first.", "Parsing should come first.", True),
        ("Aspirin was given daily.", "Aspirin was given daily, which may explain headaches.", False),
    ],
)
def test_modality(sentence: str, evidence: str, fault: bool) -> None:
    assert bool(modality_faults(sentence, evidence)) == fault


@pytest.mark.parametrize(
    "text", ["Yes, it uses parsing.", "No. It uses parsing.", "The answer to the question is parsing."]
)
def test_a_sentence_says_what_the_evidence_says(text: str) -> None:
    assert hard_faults(text, "It uses parsing as the answer.")
    assert not hard_faults("No parsing is used.", "No parsing is used.")


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_judged(sentence: str, evidence: str) -> None:
    hard_faults(sentence, evidence, [evidence])


WORDS = (
    "the model improves recall by 12 ms % may not all some increased lower than before IL-6 and , . ( ) -3 to 5 cause"
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=14).map(" ".join))
def test_nothing_but_order_speaks_against_a_sentence_itself(text: str) -> None:
    sentence = text[:1].upper() + text[1:] + "."
    assert not quantity_faults(sentence, sentence)
    assert not name_faults(sentence, [sentence])
    assert not denying_words(sentence, sentence)
    assert not sides_exchanged(sentence, sentence)
