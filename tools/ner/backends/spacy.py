"""Any spaCy pipeline that finds entities, en_core_web_trf among them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stores.errors import ConfigError
from tools.ner.backends.base import Found, Label, LabelMap, one_line

if TYPE_CHECKING:
    from stores.records import EntityType
    from tools.ner.base import MentionSource

LABELS: "Mapping[str, EntityType]" = {
    "PERSON": "author", "PER": "author", "ORG": "organization", "GPE": "country", "LOC": "country",
    "DATE": "year", "FUNDER": "funder", "TOPIC": "topic", "VENUE": "venue", "AUTHOR": "author",
    "ORGANIZATION": "organization", "COUNTRY": "country", "YEAR": "year",
}  # fmt: skip
# spaCy's entities carry no score.
_CONFIDENCE = 0.8


class SpacyPipeline:
    """Implements `Finder` with a spaCy pipeline that is installed as a package or lies in a folder.

    Args:
        pipeline: the package's name or the folder.
        labels: what labels mean, beside the usual ones; a label that means nothing is dropped.

    Raises:
        ConfigError: spaCy or the pipeline is missing or broken, or it finds nothing that means anything.
    """

    source: "MentionSource" = "model"

    def __init__(self, pipeline: str, labels: Mapping[str, Label] | None = None) -> None:
        self._pipeline = _load(pipeline)
        self._map = LabelMap(LABELS, labels)
        found = {label for name in self._pipeline.pipe_names for label in self._pipeline.pipe_labels.get(name, ())}
        self.types = self._map.types(found)
        if not self.types:
            raise ConfigError(
                "this pipeline finds no entities that mean anything here", where=pipeline,
                hint="Take one with an entity recognizer, or say what its labels mean in understanding.labels",
            )  # fmt: skip

    def find(self, question: str) -> Sequence[Found]:
        """Return the entities of a question."""
        # An entity type without a label ("") comes from a cleared span.
        entities = self._pipeline(question).ents
        return [
            Found(each.start_char, each.end_char, type_, _CONFIDENCE)
            for each in entities
            if (type_ := self._map.get(each.label_))
        ]


def _load(pipeline: str) -> Any:
    try:
        import spacy
    except ImportError as error:
        raise ConfigError(
            f"the tagger spacy:{pipeline} needs the package spacy ({one_line(error)})",
            hint="pip install 'quodvide[spacy]'",
        ) from error
    try:
        return spacy.load(pipeline)
    except Exception as error:  # each library and file format fails in its own way
        raise ConfigError(
            f"spaCy cannot load this pipeline ({one_line(error)[:200]})", where=pipeline,
            hint="Install its package, or give its folder",
        ) from error  # fmt: skip
