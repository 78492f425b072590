"""The training and validation data of the tagger, made from forms, names and annotated text."""

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from evals.tagger.annotated import changed, intent_examples, tagged_examples, without_names
from evals.tagger.examples import Example, assemble, share
from evals.tagger.filling import Filler
from evals.tagger.forms import Form, read_forms
from evals.tagger.noise import noisy
from evals.tagger.pools import Names
from evals.tagger.sources import Reader
from stores.records import EntityType
from tools.ner.base import Intent

VALIDATION_FORMS = 15
_ANNOTATED, _INTENT_ONLY = 0.06, 0.01
_LONGEST = 600
_INTENTS: dict[Intent | None, float] = {
    "find_papers": 0.24, "paper_question": 0.16, "author_profile": 0.11, "entity_lookup": 0.11, "rank_themes": 0.09,
    "collaborators": 0.09, "similar_papers": 0.07, "out_of_scope": 0.08, "chitchat": 0.03, None: 0.02,
}  # fmt: skip
_OPEN: tuple[EntityType, ...] = ("author", "organization", "funder")


class Generator:
    """Makes examples; what it makes depends on the files and the seed alone.

    Args:
        folder: the user's data, in the formats of the shared data.
        seed: decides which forms are held out, and everything that is drawn.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.training_names, self.validation_names = Reader(folder).names()
        forms = read_forms()
        held = [form for form in forms if share(form.origin, seed) < VALIDATION_FORMS]
        taken = {form.text for form in held}
        self._forms = {True: _by_intent(held), False: _by_intent([form for form in forms if form.text not in taken])}
        annotated = list(tagged_examples(folder))
        names = _held_names(self.validation_names)
        self._annotated = without_names([e for e in annotated if share(e.text) >= VALIDATION_FORMS], names)
        self.annotated_validation = [e for e in annotated if share(e.text) < VALIDATION_FORMS]
        self._questions = list(intent_examples(folder))

    @property
    def forms(self) -> tuple[int, int]:
        """Return the number of forms for training and for validation."""
        return tuple(sum(map(len, self._forms[held].values())) for held in (False, True))  # type: ignore[return-value]

    def training(self, number: int) -> Iterator[Example]:
        """Yield examples for training: forms, annotated text and questions known by intent alone, in mixed order."""
        rng = random.Random(f"training {self.seed}")
        filler = Filler(self.training_names)
        made = 0
        while made < number:
            at = rng.random()
            if at < _ANNOTATED and self._annotated:
                example = changed(rng, rng.choice(self._annotated))
            elif at < _ANNOTATED + _INTENT_ONLY and self._questions:
                example = changed(rng, rng.choice(self._questions))
            else:
                example = self._question(rng, filler, held=False)
            if 0 < len(example.text) <= _LONGEST:
                made += 1
                yield example

    def validation(self, number: int) -> Iterator[Example]:
        """Yield questions of held-out forms filled with held-out names."""
        rng = random.Random(f"validation {self.seed}")
        filler = Filler(self.validation_names)
        made = 0
        while made < number:
            example = self._question(rng, filler, held=True)
            if 0 < len(example.text) <= _LONGEST:
                made += 1
                yield example

    def _question(self, rng: random.Random, filler: Filler, held: bool) -> Example:
        groups = self._forms[held]
        intents = [intent for intent in _INTENTS if groups.get(intent)]
        intent = rng.choices(intents, [_INTENTS[i] for i in intents])[0]
        return assemble(noisy(rng, filler.fill(rng, rng.choice(groups[intent]))), intent)


def _by_intent(forms: list[Form]) -> dict[Intent | None, list[Form]]:
    groups: dict[Intent | None, list[Form]] = defaultdict(list)
    for form in forms:
        groups[form.intent].append(form)
    return groups


def _held_names(names: Names) -> frozenset[str]:
    pools = (names.people, names.organizations, names.organization_lists, names.funders, names.funder_lists)
    return frozenset(text.casefold() for pool in pools for text in pool.texts)
