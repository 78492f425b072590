"""What retrieval returns."""

from stores.records import Record


class Hit(Record):
    """A retrieved passage; `score` is higher for better, comparable within one query only."""

    passage_id: str
    paper_id: str
    score: float
    start: int
    end: int
