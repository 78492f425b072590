from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from stores.catalogue import Catalogue
from stores.errors import InputError, ModelError
from tools.profiling.base import Window
from tools.profiling.clusters import groups
from tools.profiling.contributions import contribution
from tools.profiling.profile import profile
from tools.profiling.scoring import score

WINDOW = Window(year_from=2018, year_to=2022)
TITLES = [
    "Main research areas and trends",
    "Emerging topics or new directions",
    "Collaboration and institutions",
    "Grants and funding",
    "Citations and influence",
    "Overall trajectory",
]


class Reworder(BaseChatModel):
    """Answers with the sentences it was given, changed by one replacement, or fails."""

    change: tuple[str, str] = ("", "")
    fails: bool = False

    @property
    def _llm_type(self) -> str:
        return "reworder"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        if self.fails:
            raise ModelError("the model is gone")
        text = str(messages[-1].content).partition("\n\n")[2].replace(*self.change) if self.change[0] else "Nothing."
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])


def texts(catalogue: Catalogue, author: str, window: Window | None = WINDOW) -> Mapping[str, str]:
    return {section.title: section.text for section in profile(catalogue, author, window).sections}


def test_six_sections_in_plain_english(catalogue: Catalogue) -> None:
    found = texts(catalogue, "ada")
    assert list(found) == TITLES
    assert found["Grants and funding"] == (
        "Funders are recorded for 1 of 6 papers, namely National Science Foundation (1 paper, 2022, grants IIS-17 and BCS-9)."
        " 1 paper carries a funding statement."
    )
    assert "44 citations in all, 14.7 a paper, and an h-index of 2" in found["Citations and influence"]
    assert "“Syntax” is new since 2021: 2 of the 3 papers since 2021, and none before." in found[TITLES[1]]
    assert "1 paper is by Ada Øst alone." in found["Collaboration and institutions"]


def test_absent_data_is_said_and_not_guessed(catalogue: Catalogue) -> None:
    found = texts(catalogue, "bo", Window(year_from=2019, year_to=2019))
    assert found["Grants and funding"] == "No funding is recorded for this paper."
    assert found["Emerging topics or new directions"].startswith("The papers cover too few years")
    empty = profile(catalogue, "bo", Window(year_from=1990, year_to=1991))
    assert empty.sections[0].text == (
        "The catalogue holds no paper by Bo Lindqvist from 1990 to 1991. It holds 3 papers of other years."
    )
    assert empty.checks.violations == ()


@pytest.mark.parametrize("author", ["ada", "bo", "cy", "bo-2"])
@pytest.mark.parametrize("window", [WINDOW, Window(), None, Window(year_from=2019), Window(year_to=1980)])
def test_every_number_and_name_is_in_the_facts(catalogue: Catalogue, author: str, window: Window | None) -> None:
    found = profile(catalogue, author, window)
    assert found.checks.violations == found.checks.rejected == ()
    assert len(found.sections) == 6
    assert all(section.text for section in found.sections)


def test_an_unknown_author_is_an_error_that_says_what_to_do(catalogue: Catalogue) -> None:
    with pytest.raises(InputError, match=r"no author with id 'nobody'.*quodvide link --type author"):
        profile(catalogue, "nobody")
    with pytest.raises(InputError, match=r"ends .2018. before it begins .2020."):
        profile(catalogue, "ada", Window(year_from=2020, year_to=2018))


def test_a_model_words_within_the_checks(catalogue: Catalogue) -> None:
    found = profile(catalogue, "ada", WINDOW, Reworder(change=("The catalogue holds", "There are")), max_calls=1)
    assert (found.checks.model_sections, found.usage.calls) == (1, 1)
    assert found.sections[0].wording == "model"
    assert found.sections[0].text.startswith("There are 6 papers by Ada Øst")


@pytest.mark.parametrize(
    "change", [("6", "7"), ("2022", "2018"), ("Ada Øst", "Cy O’Hara"), ("The", "Not the"), ("", "")]
)
def test_a_model_that_changes_facts_is_put_aside(catalogue: Catalogue, change: tuple[str, str]) -> None:
    found = profile(catalogue, "ada", WINDOW, Reworder(change=change))
    assert found.usage.calls == 2
    assert found.sections[0].wording == "program"
    assert found.sections[0].text == texts(catalogue, "ada")[TITLES[0]]
    assert found.checks.rejected
    assert found.checks.violations == ()


def test_a_fault_of_the_model_leaves_the_program_s_words(catalogue: Catalogue) -> None:
    found = profile(catalogue, "ada", WINDOW, Reworder(fails=True))
    assert {one.kind for one in found.checks.rejected} == {"model"}
    assert [section.text for section in found.sections] == list(texts(catalogue, "ada").values())


@pytest.fixture
def blobs() -> dict[str, Any]:
    random = np.random.default_rng(7)
    centres = np.eye(3, 16)
    return {f"d{n:02}": (centres[n % 3] + 0.05 * random.normal(size=16)).astype(np.float32) for n in range(30)}


def test_clusters_find_the_groups_and_are_the_same_every_time(blobs: dict[str, Any]) -> None:
    found = groups(sorted(blobs), blobs)
    assert sorted(sorted({int(id_[1:]) % 3 for id_ in group}) for group in found) == [[0], [1], [2]]
    assert found == groups(sorted(blobs), blobs)
    assert groups(sorted(blobs)[:5], blobs) == []


def test_papers_with_equal_or_zero_vectors_do_not_break_clustering() -> None:
    same = {f"d{n}": np.zeros(4, dtype=np.float32) for n in range(8)}
    assert sorted(id_ for group in groups(sorted(same), same) for id_ in group) == sorted(same)


def test_profile_with_vectors_names_clusters(catalogue: Catalogue) -> None:
    vectors = {f"p{n}": np.eye(2, dtype=np.float32)[int(n > 3)] + 0.01 * n for n in range(1, 7)}
    found = profile(catalogue, "ada", WINDOW, vectors=vectors)
    clusters = [topic for topic in found.facts.topics if topic.kind == "cluster"]
    assert (
        sorted(topic.paper_ids for topic in clusters) == [("p1", "p2", "p3"), ("p4", "p5", "p6")] or len(clusters) == 2
    )
    assert found.checks.violations == ()


def test_the_contribution_is_copied_exactly() -> None:
    abstract = "Parsing is hard. In this paper, we propose X, which scores 0.9. It works."
    assert contribution(abstract) == "In this paper, we propose X, which scores 0.9."
    assert contribution("Parsing is hard.") == ""


def test_the_best_of_several_drafts_is_shown(catalogue: Catalogue) -> None:
    class Varied(Reworder):
        """Says all in the first draft, nothing true in the second, and the most in the third."""

        def _generate(self, messages: list[BaseMessage], *_: Any, **kwargs: Any) -> ChatResult:
            source = str(messages[-1].content).partition("\n\n")[2]
            seed = kwargs.get("seed", 0)
            text = {0: source[: source.find(".") + 1], 1: "There are 99 papers by Nobody Atall.", 2: source}[seed]
            return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    found = profile(catalogue, "ada", WINDOW, Varied(change=("", "")), max_calls=1, per_section=3)
    assert found.usage.calls == 3
    by_origin = {one.origin: one for one in found.drafts}
    assert set(by_origin) == {"program", "model, seed 0", "model, seed 1", "model, seed 2"}
    assert [one.origin for one in found.drafts if one.chosen] == ["model, seed 2"]
    assert found.sections[0].wording == "model"
    assert not by_origin["model, seed 1"].passed
    assert by_origin["model, seed 1"].score.coverage < by_origin["model, seed 0"].score.coverage < 1
    assert by_origin["model, seed 2"].score.coverage == by_origin["model, seed 2"].score.support == 1


def test_the_figures_of_a_draft_say_what_is_wrong_with_it() -> None:
    sentences = ["Ada Øst has 6 papers from 2018 to 2022.", "The most frequent coauthor is Bo Lindqvist (3 papers)."]
    whole = score(" ".join(sentences), sentences)
    assert (whole.coverage, whole.support, whole.length) == (1, 1, 1)
    half = score(sentences[0], sentences)
    assert half.coverage < 1
    assert half.support == 1
    false = score("Ada Øst has 7 papers from 2018 to 2022. The most frequent coauthor is Bo Lindqvist.", sentences)
    assert false.support == 0.5
    again = score(" ".join(sentences * 3), sentences)
    assert again.repetition > 0.5
    assert again.length == 0
    assert whole.total > half.total
    assert whole.total > false.total
    assert whole.total > again.total
    assert score("", sentences).total < 20
