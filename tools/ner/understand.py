"""Understanding a question: what it names, what it wants, and under which conditions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from stores.catalogue import Catalogue
from stores.errors import InputError
from tools.ner.base import Intent, Mention, Message, QuestionFilters, Tagger, Understanding
from tools.ner.filters import find_filters
from tools.ner.followup import Followup, complete, inherited
from tools.ner.gazetteer import Gazetteer
from tools.ner.intent import classify
from tools.ner.neural.labels import INTENTS
from tools.ner.neural.model import NeuralReader
from tools.ner.paper_refs import find_references, resolve_references
from tools.ner.tagger import RuleTagger
from tools.themes.asked import without_text

LONGEST_QUESTION = 20_000


class Understander:
    """Understands questions with the names of a catalogue.

    Args:
        catalogue: where names and papers are known; None to go by rules alone.
        tagger: finds the mentions; by default the rules.
        today: gives the current date, for words like "this decade".
        reader: the trained model, whose view of the intent counts beside that of the rules; None to go without.
    """

    def __init__(
        self,
        catalogue: Catalogue | None,
        tagger: Tagger | None = None,
        today: Callable[[], date] = date.today,
        reader: NeuralReader | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._today = today
        self._reader = reader
        self._tagger = tagger or RuleTagger(Gazetteer(catalogue), today)

    def understand(self, question: str, history: Sequence[Message] = ()) -> Understanding:
        """Return what a question means.

        Raises:
            InputError: the question is empty or too long.
        """
        if not question.strip():
            raise InputError("the question is empty", hint="Ask about papers, people, organizations or funders")
        if len(question) > LONGEST_QUESTION:
            raise InputError(
                f"the question has {len(question):,} characters, more than the {LONGEST_QUESTION:,} that are read",
                hint="Shorten it, or ingest the text as a paper",
            )
        mentions = tuple(self._tagger.tag(question))
        references = find_references(question, self._catalogue)
        followup = complete(question, mentions, history, self._tag_turn)
        before = inherited(followup, self._intent_alone) if followup else None
        context = followup.context if followup else ()
        intent = classify(question, mentions, references, before, context, self._probable(question))
        if intent != "rank_themes" and (rest := without_text(question)) and self._intent_alone(rest) == "rank_themes":
            # The words of a text that themes are ranked for say nothing of what is wanted.
            intent = "rank_themes"
        return Understanding(
            question=question,
            intent=intent,
            mentions=mentions,
            filters=self._filters(question, mentions, intent, followup),
            paper_ids=resolve_references(references, self._catalogue),
            rewritten=followup.rewritten if followup else None,
            context=followup.context if followup else (),
        )

    def _filters(
        self, question: str, mentions: Sequence[Mention], intent: Intent, followup: Followup | None
    ) -> QuestionFilters:
        """Return the filters of a question; a list that is asked for again keeps the years of the list before it."""
        filters = find_filters(question, mentions, intent, self._today())
        if followup is None or followup.dated is None or intent != "find_papers":
            return filters
        earlier = find_filters(followup.dated, self._tag_turn(followup.dated), intent, self._today())
        years = {"year_from": earlier.year_from, "year_to": earlier.year_to, "last_n_years": earlier.last_n_years}
        return filters.model_copy(update=years)

    def _tag_turn(self, turn: str) -> Sequence[Mention]:
        return self._tagger.tag(turn[:LONGEST_QUESTION])

    def _intent_alone(self, question: str) -> Intent:
        question = question[:LONGEST_QUESTION]
        references = find_references(question, self._catalogue)
        return classify(question, self._tagger.tag(question), references, probable=self._probable(question))

    def _probable(self, question: str) -> Mapping[Intent, float]:
        if self._reader is None:
            return {}
        return dict(zip(INTENTS, map(float, self._reader.read(question).intents), strict=True))
