"""What the nodes of the profiles graph need, handed in by its caller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from langchain_core.language_models import BaseChatModel

from stores.catalogue import Catalogue
from tools.linking.base import Linker
from tools.profiling.windows import Counted


@dataclass(frozen=True)
class Context:
    """The parts that the graph is run with.

    Attributes:
        catalogue: papers and records.
        linker: a name to a person.
        vectors: paper ids to document vectors, for topics by clustering.
        chat: rewords sections within the checks; None for the program's own sentences.
        calls: how many sections of a profile it may try.
        drafts: how many drafts of each.
        counted: what the default window is counted back from.
        today: the current date.
    """

    catalogue: Catalogue
    linker: Callable[[], Linker]
    vectors: Callable[[list[str]], Mapping[str, np.ndarray]]
    chat: BaseChatModel | None = None
    calls: int = 0
    drafts: int = 1
    counted: Counted = "data"
    today: Callable[[], date] = date.today
