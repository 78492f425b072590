"""Organizations and funders are linked by the trained ranker: the right one first, with true reasons, or no match."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.loading import load_authorities
from stores.catalogue import Catalogue
from stores.manifest import Manifest
from stores.records import Authority, AuthorityType, NameKind
from stores.vectors import VectorIndex
from tools.embedding.open import open_embedder
from tools.linking.base import Link, LinkContext
from tools.linking.features import FEATURES, candidates
from tools.linking.linker import CatalogueLinker
from tools.linking.registry import Registry, build_registry, open_registry, registry_state, save_registry

Names = tuple[tuple[str, NameKind], ...]


def record(
    id_: str, name: str, country: str, city: str, names: Names = (), prior: float = 20, **facts: object
) -> Authority:
    return Authority(
        id=id_, type="organization", name=name, names=names, country_code=country, prior=prior,
        facts={"types": ["education"], "city": city, **facts},
    )  # fmt: skip


RECORDS = [
    record("heidelberg", "Heidelberg University", "DE", "Heidelberg",
           (("Universität Heidelberg", "label"), ("University of Heidelberg", "alias")), 30),
    record("heidelberg-hospital", "University Hospital Heidelberg", "DE", "Heidelberg", types=["healthcare"],
           relationships=[{"type": "parent", "id": "heidelberg"}, {"type": "parent", "id": "unknown"}]),
    record("gatech", "Georgia Institute of Technology", "US", "Atlanta", (("Georgia Tech", "alias"),), 30),
    record("gtu", "Georgian Technical University", "GE", "Tbilisi", prior=3),
    record("unm", "University of New Mexico", "US", "Albuquerque"),
    record("unam", "National Autonomous University of Mexico", "MX", "Mexico City", (("UNAM", "acronym"),)),
    record("who", "World Health Organization", "CH", "Geneva", (("WHO", "acronym"),), types=["government"]),
    record("tum", "Technical University of Munich", "DE", "Munich", (("Technische Universität München", "label"), ("TUM", "acronym"))),
    record("trinity-ie", "Trinity College Dublin", "IE", "Dublin", (("Trinity College", "alias"),)),
    record("trinity-us", "Trinity College", "US", "Hartford", prior=3),
    record("cologne", "Universität zu Köln", "DE", "Cologne", (("University of Cologne", "label"),)),
    Authority(id="dfg", type="funder", name="Deutsche Forschungsgemeinschaft", country_code="DE", prior=100_000,
              names=(("German Research Foundation", "label"), ("DFG", "acronym"))),
]  # fmt: skip
STRINGS = [
    ("Department of Physics, Heidelberg University, Im Neuenheimer Feld 226, 69120 Heidelberg, Germany", "heidelberg"),
    ("Dept. of Computer Science, Czech Technical University in Prague, Karlovo náměstí 13, Praha 2", "ctu"),
    ("Georgia Tech, Atlanta, USA", "gatech"),
    ("Georgia Institute of Technology", "gatech"),
    ("School of Medicine, University of New Mexico, Albuquerque, NM 87131, USA", "unm"),
    ("Trinity College, Dublin, Ireland", "trinity-ie"),
    ("Trinity College, Hartford, CT, USA", "trinity-us"),
    ("Universty of Heidelburg", "heidelberg"),
    ("Stanfrod University", "stanford"),
    ("stanford univ", "stanford"),
    ("UNIV HEIDELBERG", "heidelberg"),
    ("Univ. Heidelberg", "heidelberg"),
    ("Universitaet zu Koeln", "cologne"),
    ("Uni Köln", "cologne"),
    ("TU München", "tum"),
    ("TUM", "tum"),
    ("WHO, Geneva", "who"),
    ("UCSD", "ucsd"),
]
INVENTED = [
    "Institute for Verdant Computation", "Zorblatt Polytechnic of Quuxville", "Department of Physics", "12345", "the of",
    "Center for people who care", "patients who were ill", "\u202e ., ?", "😀😀😀", "x" * 500, "",
]  # fmt: skip


def put(catalogue: Catalogue, *records: Authority) -> None:
    with catalogue.database.transaction() as connection:
        for one in records:
            catalogue.authorities.put(connection, one)


def remove(catalogue: Catalogue, id_: str) -> None:
    with catalogue.database.transaction() as connection:
        ((row,),) = connection.execute("SELECT rowid FROM authority WHERE id = ?", (id_,)).fetchall()
        catalogue.authorities.remove(connection, row)


@pytest.fixture(scope="module")
def extended(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """Return a catalogue of the usual organizations and funders, and some more."""
    found = Catalogue(tmp_path_factory.mktemp("institutions") / "catalogue.sqlite", create=True)
    types: tuple[AuthorityType, ...] = ("organization", "funder")
    for type_ in types:
        ids = list(dict.fromkeys(id_ for _, _, id_, *_ in catalogue.authorities.names([type_])))
        put(found, *catalogue.authorities.get(type_, ids))
    put(found, *RECORDS)
    yield found
    found.close()


@pytest.fixture(scope="module")
def linker(extended: Catalogue) -> CatalogueLinker:
    return CatalogueLinker(extended)


@pytest.fixture(scope="module")
def registry(extended: Catalogue) -> Registry:
    return Registry(build_registry(extended, "organization"))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Catalogue]:
    found = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    put(found, RECORDS[0], RECORDS[1], RECORDS[-1])
    yield found
    found.close()


def ids(link: Link) -> list[str]:
    return [one.id for one in link.candidates]


def reasons(link: Link, id_: str) -> tuple[str, ...]:
    return next(one.reasons for one in link.candidates if one.id == id_)


@pytest.mark.parametrize(("text", "expected"), STRINGS)
def test_affiliation_strings(linker: CatalogueLinker, text: str, expected: str) -> None:
    link = linker.link("organization", text)
    assert not link.nil
    assert ids(link)[0] == expected
    assert link.candidates[0].score == link.confidence
    scores = [one.score for one in link.candidates]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Stanford University; Heidelberg University", {"stanford", "heidelberg"}),
        ("Universität Heidelberg, and Czech Technical University in Prague", {"heidelberg", "ctu"}),
        ("Heidelberg University and University Hospital Heidelberg", {"heidelberg", "heidelberg-hospital"}),
    ],
)
def test_two_organizations_are_both_candidates(linker: CatalogueLinker, text: str, expected: set[str]) -> None:
    link = linker.link("organization", text)
    assert set(ids(link)[:2]) == expected
    assert not link.nil
    assert all("one of its names stands in the mention" in reasons(link, id_) for id_ in expected)


def test_a_string_with_two_organizations_names_both(linker: CatalogueLinker) -> None:
    link = linker.link("organization", "Stanford University; Heidelberg University")
    assert {link.candidates[0].id, *link.also} == {"stanford", "heidelberg"}
    assert not link.ambiguous
    assert linker.link("organization", "Stanford University").also == ()


@pytest.mark.parametrize("text", INVENTED)
def test_invented_names_match_nothing(linker: CatalogueLinker, text: str) -> None:
    assert linker.link("organization", text).nil
    assert linker.link("funder", text).nil


def test_an_acronym_is_no_word(linker: CatalogueLinker) -> None:
    stands = "one of its names stands in the mention"
    assert stands in reasons(linker.link("organization", "WHO, Geneva"), "who")
    assert linker.link("organization", "WHO").candidates[0].method == "acronym"
    for one in linker.link("organization", "people who care").candidates:
        assert stands not in one.reasons


def test_the_country_of_the_context_decides(linker: CatalogueLinker) -> None:
    plain, ireland, states = (
        linker.link("organization", "Trinity College", LinkContext(countries=countries))
        for countries in ((), ("Ireland",), ("US",))
    )
    assert plain.ambiguous
    assert (ids(ireland)[0], ids(states)[0]) == ("trinity-ie", "trinity-us")
    assert not ireland.ambiguous
    assert ireland.confidence > plain.confidence
    assert "in the country that is named" in reasons(ireland, "trinity-ie")
    assert "in another country than the one named" in reasons(ireland, "trinity-us")
    assert not any("country" in reason for one in plain.candidates for reason in one.reasons)


@pytest.mark.parametrize(
    ("type_", "text", "id_", "expected"),
    [
        ("organization", "Stanford University", "stanford", {"the mention is one of its names"}),
        ("organization", "Physics, Stanford University", "stanford", {"one of its names stands in the mention"}),
        ("organization", "Stanford", "stanford-hospital", {"% of the weight of a name's words stands in the mention"}),
        ("organization", "Stanfrod University", "stanford", {"spelled a little differently"}),
        ("organization", "Heidelberg University, Heidelberg, Germany", "heidelberg",
         {"in the country that is named", "its city is named"}),
        ("organization", "Trinity College, Hartford", "trinity-us", {"its city is named", "not the best known of 2 of this name"}),
        ("organization", "Trinity College", "trinity-ie", {"the best known of 2 of this name"}),
        ("funder", "German Research Foundation", "dfg", {"the mention is one of its names"}),
    ],
)  # fmt: skip
def test_reasons(linker: CatalogueLinker, type_: AuthorityType, text: str, id_: str, expected: set[str]) -> None:
    found = reasons(linker.link(type_, text), id_)
    assert all(any(reason.endswith(wanted) for reason in found) for wanted in expected), found


@pytest.mark.parametrize(
    ("text", "id_"),
    [("Univ New Mexico, Albuquerque, NM", "unm"), ("Georgia Institute of Technology, Atlanta, GA", "gatech")],
)
def test_no_false_reasons(linker: CatalogueLinker, text: str, id_: str) -> None:
    assert "in another country than the one named" not in reasons(linker.link("organization", text), id_)


def test_a_typo_is_not_exact(linker: CatalogueLinker) -> None:
    assert linker.link("organization", "Stanfrod University").candidates[0].method == "fuzzy"


def test_together_as_one_by_one(linker: CatalogueLinker) -> None:
    texts = [text for text, _ in STRINGS] + INVENTED
    contexts = [LinkContext(countries=("Germany",) if n % 3 == 0 else ()) for n in range(len(texts))]
    types: tuple[AuthorityType, ...] = ("organization", "funder")
    for type_ in types:
        one_by_one = [linker.link(type_, text, context) for text, context in zip(texts, contexts, strict=True)]
        assert linker.link_all(type_, texts, contexts) == one_by_one
        assert linker.link_all(type_, 5 * texts, 5 * contexts) == 5 * one_by_one  # more than are linked in one go
        assert linker.link_all(type_, [], []) == []
    assert [len(linker.link("organization", "Stanford", top=top).candidates) for top in (0, 1)] == [0, 1]


def test_threads_get_what_they_would_get_alone(near: CatalogueLinker) -> None:
    asked = [
        (text, LinkContext(countries=("Germany",) if n % 3 == 0 else ()), n % 4) for n, (text, _) in enumerate(STRINGS)
    ]
    alone = [near.link("funder", *one) for one in asked]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda one: near.link("funder", *one), 3 * asked)) == 3 * alone


@settings(max_examples=50, deadline=None)
@given(
    st.text(max_size=80),
    st.sampled_from([text for text, _ in STRINGS]),
    st.lists(st.sampled_from(["DE", "", "😀", "Mars"])),
)
@example("\ud800\x00\u202e", "&amp;", [])
@example("Heidelberg " * 9_000, "", ["US"])
def test_any_text_can_be_linked(
    linker: CatalogueLinker, registry: Registry, noise: str, text: str, countries: list[str]
) -> None:
    text = f"{noise} {text} {noise}"
    link = linker.link("organization", text, LinkContext(countries=tuple(countries)))
    assert 0 <= link.confidence <= 1
    assert all(0 <= one.score <= link.confidence for one in link.candidates)
    assert len(set(ids(link))) == len(link.candidates)
    pool = candidates(registry, text, near=[(0, 0.9), (len(registry.index) - 1, 0.5)])
    assert pool.matrix.shape == (len(pool.records), len(FEATURES))
    assert np.isfinite(pool.matrix).all()
    assert len(set(pool.records)) == len(pool.records) <= 40


@pytest.fixture(scope="module")
def near(extended: Catalogue) -> CatalogueLinker:
    """Return a linker that finds names near in meaning too, as it is wired at run time."""
    rows = [(row, text) for row, _, _, text, *_ in extended.authorities.names()]
    embedder = open_embedder(threads=1)
    index = VectorIndex.build([str(row) for row, _ in rows], embedder.embed([text for _, text in rows]))
    return CatalogueLinker(extended, index, embedder)


def test_names_near_in_meaning_add_candidates(linker: CatalogueLinker, near: CatalogueLinker) -> None:
    text = "Forschungsgemeinschaft der Deutschen"
    assert ids(near.link("funder", text))[0] == "dfg"
    assert any(reason.startswith("near in meaning") for reason in reasons(near.link("funder", text), "dfg"))
    far = "Foundation for medical charity"
    assert set(ids(near.link("funder", far))) > set(ids(linker.link("funder", far)))
    texts = ["German Research Foundation", far, text, "NSF", *INVENTED[:5]]
    contexts = [LinkContext()] * len(texts)
    one_by_one = [near.link("funder", one) for one in texts]
    for found, expected in zip(near.link_all("funder", texts, contexts), one_by_one, strict=True):
        assert ids(found) == ids(expected)
        assert found.confidence == pytest.approx(expected.confidence, abs=0.01)


@pytest.mark.parametrize("text", ["", " ", "\u202e ., ?"])
def test_what_has_no_words_is_no_match(near: CatalogueLinker, text: str) -> None:
    assert near.link("funder", text).nil
    assert near.link_all("funder", [text], [LinkContext()])[0] == near.link("funder", text)


def test_what_is_hidden_is_no_candidate(registry: Registry) -> None:
    text = "Heidelberg University"
    number = registry.number["heidelberg"]
    rows = frozenset(np.flatnonzero(registry.index.record == number).tolist())
    assert number in candidates(registry, text).records
    assert number not in candidates(registry, text, hidden=frozenset((number,))).records
    assert number not in candidates(registry, text, without=rows, near=[(min(rows), 0.9)]).records
    assert registry.parents(registry.number["heidelberg-hospital"]) == [number]


def test_the_registry_on_disk_is_used_while_it_is_fresh(small: Catalogue, tmp_path: Path) -> None:
    folder = tmp_path / "organization"
    state = registry_state(small, "organization")
    # What is saved says that it belongs to this catalogue, but holds one record less: so it shows which one is read.
    with closing(Catalogue(tmp_path / "other.sqlite", create=True)) as other:
        put(other, RECORDS[0])
        build_registry(other, "organization").save(folder, state)
    assert open_registry(small, "organization", folder).ids == ["heidelberg"]
    assert open_registry(small, "organization", None).ids == ["heidelberg", "heidelberg-hospital"]
    assert not save_registry(small, "organization", folder)
    next(folder.glob("*.safetensors")).write_bytes(b"damaged")
    assert open_registry(small, "organization", folder).ids == ["heidelberg", "heidelberg-hospital"]


def test_the_registry_follows_the_catalogue(small: Catalogue, tmp_path: Path) -> None:
    folder = tmp_path / "organization"
    assert save_registry(small, "organization", folder)
    assert not save_registry(small, "organization", folder)
    steps: list[Callable[[], None]] = [
        lambda: put(small, record("cologne", "Universität zu Köln", "DE", "Cologne")),
        lambda: put(small, record("cologne", "Universität zu Köln", "DE", "Köln")),
        lambda: put(small, record("cologne", "Cologne University", "DE", "Köln")),
        lambda: remove(small, "cologne"),
        lambda: remove(small, "heidelberg"),
        lambda: put(small, RECORDS[-1].model_copy(update={"id": "twin"})),
    ]
    for step in steps:
        step()
        fresh = Registry(build_registry(small, "organization"))
        opened = open_registry(small, "organization", folder)
        assert (opened.ids, opened.index.words) == (fresh.ids, fresh.index.words)
        assert opened.city.tolist() == fresh.city.tolist()
        before = Manifest.read(folder / "manifest.json").generation
        assert save_registry(small, "organization", folder)
        assert Manifest.read(folder / "manifest.json").generation == before + 1
    remove(small, "heidelberg-hospital")
    linker = CatalogueLinker(small, registries=tmp_path)
    assert linker.link("organization", "Heidelberg University") == Link()


def test_a_record_removed_since_is_no_link(small: Catalogue) -> None:
    linker = CatalogueLinker(small)
    assert ids(linker.link("organization", "Heidelberg University"))[0] == "heidelberg"
    remove(small, "heidelberg")
    link = linker.link("organization", "Heidelberg University")
    assert link.nil or link.confidence < 0.5


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "\u200b"},
        {"country_code": "éé", "facts": {"types": "x", "city": None, "relationships": []}},
        {"status": "unheard", "prior": 1e30},
        {"name": " "},
        {"id": "a\nb"},
    ],
)
def test_odd_records_do_no_harm(small: Catalogue, tmp_path: Path, changed: dict[str, object]) -> None:
    put(
        small,
        record("odd", "Odd", "DE", "X").model_copy(update=changed),
        record("cologne", "Universität zu Köln", "DE", "Cologne"),
    )
    save_registry(small, "organization", tmp_path / "organization")
    linker = CatalogueLinker(small, registries=tmp_path)
    assert ids(linker.link("organization", "Universität zu Köln"))[0] == "cologne"


def test_an_authorities_file_with_an_id_twice(tmp_path: Path) -> None:
    row = {"id": "https://ror.org/038t36y30", "names": [{"value": "Heidelberg University", "types": ["ror_display", "label"], "lang": "en"}],
           "status": "active", "types": ["education"], "established": 1386, "links": [], "external_ids": [], "relationships": [],
           "locations": [{"geonames_id": 1, "geonames_details": {"name": "Heidelberg", "country_code": "DE", "country_name": "Germany"}}],
           "domains": [], "admin": {}}  # fmt: skip
    renamed = {**row, "names": [{"value": "Ruperto Carola", "types": ["ror_display", "label"], "lang": "la"}]}
    path = tmp_path / "ror.json"
    path.write_bytes(orjson.dumps([row, row, renamed]))
    assert load_authorities(tmp_path / "home", [path], None) == 0
    with closing(Catalogue(next((tmp_path / "home").rglob("*.sqlite")))) as found:
        registry = open_registry(found, "organization", None)
        assert registry.ids == [row["id"]]
        assert ids(CatalogueLinker(found).link("organization", "Ruperto Carola")) == [row["id"]]
        assert CatalogueLinker(found).link("organization", "Heidelberg University").nil
