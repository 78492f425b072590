"""Every change of papers, records or vectors renews the catalogue's mark; what changes nothing does not."""

from pathlib import Path

from stores.catalogue import Catalogue
from stores.records import Authority, Paper


def test_marks_and_digests_follow_changes(tmp_path: Path):
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    seen = {(catalogue.changes.mark(), catalogue.changes.digest())}

    def changed() -> bool:
        now = (catalogue.changes.mark(), catalogue.changes.digest())
        new = all(now[0] != mark and now[1] != digest for mark, digest in seen)
        unchanged = now in seen
        seen.add(now)
        assert new != unchanged
        return new

    paper = Paper(id="p", title="T", abstract="Words.")
    record = Authority(id="x", type="funder", name="A Fund")
    with catalogue.database.transaction() as connection:
        catalogue.papers.put(connection, paper, [], "digest")
    assert changed()
    with catalogue.database.transaction() as connection:
        catalogue.authorities.put(connection, record)
    assert changed()
    with catalogue.database.transaction() as connection:
        assert catalogue.authorities.put(connection, record) == "unchanged"
        assert not catalogue.papers.remove(connection, "absent")
    assert not changed()
    with catalogue.database.transaction() as connection:
        catalogue.authorities.put(connection, record.model_copy(update={"name": "Another Fund"}))
    assert changed()
    with catalogue.database.transaction() as connection:
        catalogue.indexing.mark(connection, [("p", "digest", bytes(4))], "model")
    assert changed()
    with catalogue.database.transaction() as connection:
        catalogue.papers.remove(connection, "p")
    assert changed()
    catalogue.close()
