"""What retrieval returns."""

from stores.records import Record


class Hit(Record):
    """A retrieved passage.

    `score` is higher for better, comparable within one query only; `cosine` is that of its vector and the question's.
    """

    passage_id: str
    paper_id: str
    score: float
    start: int
    end: int
    cosine: float = 0.0
