"""Authority files: forms, names with kinds, levels above topics, faults."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stores.errors import InputError
from stores.records import Authority
from tools.ingest.formats import BadRecord
from tools.ingest.registries import ReadAuthority, read_authorities
from tools.ingest.registries.names import data_file

ROR_V1 = {
    "id": "https://ror.org/04jr1s763", "name": "University of Florence", "types": ["Education"], "established": 1321,
    "links": ["https://www.unifi.it"], "aliases": ["UniFi University"], "acronyms": ["UNIFI "],
    "labels": [{"label": "Università degli Studi di Firenze", "iso639": "it"}], "status": "Active",
    "country": {"country_name": "Italy", "country_code": "IT"},
    "addresses": [{"city": "Florence", "geonames_city": {"city": "Florence"}}],
    "relationships": [{"type": "Child", "label": "A Lab", "id": "https://ror.org/1"},
                      {"type": "Related", "label": "B", "id": "https://ror.org/2"}],
    "external_ids": {"FundRef": {"preferred": "501100004434", "all": ["501100004434", "7"]}},
}  # fmt: skip
ROR_V2 = {
    "id": "https://ror.org/04jr1s763", "types": ["education"], "established": 1321, "status": "active",
    "names": [{"value": "Università degli Studi di Firenze", "types": ["label"], "lang": "it"},
              {"value": "University of Florence", "types": ["label", "ror_display"], "lang": "en"},
              {"value": "UNIFI", "types": ["acronym"], "lang": None},
              {"value": "UniFi University", "types": ["alias"], "lang": None}],
    "locations": [{"geonames_id": 1, "geonames_details": {"name": "Florence", "country_code": "IT",
                                                           "country_name": "Italy"}}],
    "links": [{"type": "wikipedia", "value": "https://w"}, {"type": "website", "value": "https://www.unifi.it"}],
    "relationships": [{"type": "child", "label": "A Lab", "id": "https://ror.org/1"},
                      {"type": "related", "label": "B", "id": "https://ror.org/2"}],
    "external_ids": [{"type": "fundref", "preferred": "501100004434", "all": ["501100004434", "7"]}],
    "admin": {},
}  # fmt: skip


def write(folder: Path, *records: object, name: str = "records.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


def read(path: Path, kind: str | None = None) -> list[Authority]:
    return [item.authority for item in read_authorities(path, kind) if isinstance(item, ReadAuthority)]


def test_ror_dump_as_published_in_both_schemas(tmp_path: Path) -> None:
    v1, v2 = tmp_path / "v1.json", tmp_path / "v2.json"
    v1.write_text(json.dumps([ROR_V1] * 3, indent=4))
    v2.write_text(json.dumps([ROR_V2] * 3, indent=4))
    packed = tmp_path / "ror.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("v1.50-2024-07-29-ror-data.csv", "id,name\n")
        archive.writestr("v1.50-2024-07-29-ror-data.json", json.dumps([ROR_V1] * 9))
        archive.writestr("v1.50-2024-07-29-ror-data_schema_v2.json", json.dumps([ROR_V2] * 3))
    for path in (v1, v2, packed):
        found = read(path)
        assert len(found) == 3
        one = found[0]
        assert (one.id, one.type, one.name) == (ROR_V1["id"], "organization", "University of Florence")
        assert set(one.names) == {
            ("UNIFI", "acronym"), ("UniFi University", "alias"), ("Università degli Studi di Firenze", "label"),
        }  # fmt: skip
        assert (one.country_code, one.status, one.prior) == ("IT", "active", 4.0)
        assert one.facts == {
            "city": "Florence", "country": "Italy", "types": ["education"], "established": 1321,
            "link": "https://www.unifi.it", "ror_id": one.id, "crossref_funder_ids": ["501100004434", "7"],
            "relationships": [{"type": "child", "id": "https://ror.org/1", "label": "A Lab"}],
        }  # fmt: skip
        funder = read(path, "funder")[0]
        assert (funder.type, funder.id) == ("funder", one.id)


def test_funders_and_people(tmp_path: Path) -> None:
    funder = {
        "id": "f", "name": "ANR", "aliases": ["Agence"], "acronyms": ["ANR "], "country_code": None, "status": None,
        "types": ["funder"], "ror_id": "https://ror.org/x", "crossref_funder_ids": ["1"], "crossref_works": 12,
        "asserted_names": ["R&amp;D Agency", "Agence"], "source": "ROR",
    }  # fmt: skip
    person = {
        "id": "p", "name": "Ann  Lee", "variants": ["A. Lee"], "comment": "Rome", "similar": ["q"], "n_papers": 9,
        "affiliations": [{"name": f"U{n}", "n": 1, "last_year": 2020} for n in range(8)], "first_year": 2016,
        "last_year": 2020, "venues": {"A": 1, "B": 3, "C": 1, "D": 1, "E": 1, "F": 2}, "top_coauthors": list("abcdefg"),
    }  # fmt: skip
    one, two = read(write(tmp_path, funder, person))
    assert one.names == (("Agence", "alias"), ("R&D Agency", "asserted"))
    assert (one.type, one.prior, one.status) == ("funder", 12.0, "active")
    assert (two.type, two.name, two.names, two.prior) == ("author", "Ann Lee", (("A. Lee", "variant"),), 9.0)
    assert list(two.facts["venues"].items()) == [("B", 3), ("F", 2), ("A", 1), ("C", 1), ("D", 1)]
    assert len(two.facts["affiliations"]) == len(two.facts["top_coauthors"]) == 5
    assert (two.facts["comment"], two.facts["similar"]) == ("Rome", ["q"])


def test_topics_bring_the_levels_above_them(tmp_path: Path) -> None:
    above = {"field": "Computer Science", "domain": "Physical Sciences"}
    records = [
        {"id": "T1", "name": "Robots", "subfield": "Artificial Intelligence & Machine Learning", **above},
        {"id": "T2", "name": "Machine Learning and Algorithms", "subfield": "Robots", **above},
        {"id": "T3", "display_name": "X", "subfield": {"display_name": "Computer Vision"}, "field": {}, "domain": ""},
    ]
    found = {a.id: a for a in read(write(tmp_path, *records))}
    assert list(found) == [
        "T1", "T2", "T3", "subfield:artificial-intelligence-machine-learning", "subfield:computer-vision",
        "field:computer-science", "domain:physical-sciences",
    ]  # fmt: skip
    ai = found["subfield:artificial-intelligence-machine-learning"]
    assert ("AI", "acronym") in ai.names
    assert ("Artificial Intelligence and Machine Learning", "alias") in ai.names
    assert ai.facts == {"level": "subfield", **above}
    assert ("ML", "acronym") in found["T2"].names
    assert found["field:computer-science"].prior == 2.0
    assert found["T3"].facts == {"level": "topic", "subfield": "Computer Vision"}


def test_countries_have_iso_names_and_demonyms(tmp_path: Path) -> None:
    records = [
        {"code": "GB", "name": "United Kingdom", "variants": [], "other_names": []},
        {"code": "UK", "name": "gb", "variants": ["london", "great britain", "uk"]},
        {"code": "BR", "name": "brazil", "variants": ["brazil"]},
        {"code": "US", "name": "United States", "variants": ["in", "or", "texas", "ill", "georgia"]},
        {"code": "GE", "name": "Georgia"},
        {"code": "AD", "name": "Andorra"},
    ]
    found = {a.id: a for a in read(write(tmp_path, *records))}
    assert list(found) == ["GB", "BR", "US", "GE", "AD"]
    names = {code: dict(a.names) for code, a in found.items()}
    assert names["GB"]["Scottish"] == "variant"
    assert names["GB"]["Scotland"] == "alias"
    assert names["GB"]["UK"] == "acronym"
    assert found["BR"].name == "Brazil"
    assert names["BR"]["Federative Republic of Brazil"] == "alias"
    assert (names["BR"]["Brazilian"], names["BR"]["BRA"]) == ("variant", "acronym")
    assert names["US"]["texas"] == "variant"
    assert not {"in", "or", "ill", "georgia"} & names["US"].keys()
    assert "AND" not in names["AD"]
    assert found["AD"].facts["alpha_3"] == "AND"
    folded = [n.casefold() for n in names["GB"]]
    assert len(folded) == len(set(folded))


def test_our_own_data_files_are_sound() -> None:
    data = data_file("demonyms.json")
    assert len(data["demonyms"]) > 200
    for part in ("demonyms", "names", "not_names"):
        assert all(len(code) == 2 and code.isupper() and names for code, names in data[part].items())
    assert all(data_file("acronyms.json").values())


def test_own_records_come_back(tmp_path: Path) -> None:
    record = Authority(id="x", type="funder", name="X", names=(("Y", "alias"),), prior=2, facts={"a": [1]})
    assert read(write(tmp_path, record.model_dump(mode="json"))) == [record]


def test_bad_records_never_stop_the_rest(tmp_path: Path) -> None:
    good = {"code": "FR", "name": "France"}
    organization = {"id": "o", "name": "O", "city": "X"}
    bad: list[Any] = [
        {"id": "o", "city": "X"}, {"name": "O", "city": "X"}, {"id": ["o"], "name": "O", "city": "X"}, {"x": 1}, 5,
        {"code": "FRA", "name": "France"}, {"id": "p", "title": "T", "aliases": []},
        {"id": "x", "name": "x", "type": "ship", "facts": {}},
        {"id": "x", "name": "x", "type": "topic", "facts": {"n": json.loads("[" * 300 + "]" * 300)}},
        {"id": "x", "name": "x", "type": "topic", "prior": float("nan")},
    ]  # fmt: skip
    path = write(tmp_path, organization, *bad, good)
    items = list(read_authorities(path))
    faults = [item for item in items if isinstance(item, BadRecord)]
    assert [f.where for f in faults] == [f"{path}:{n}" for n in range(2, 2 + len(bad))]
    assert "has no name" in faults[0].what
    assert "has no id" in faults[1].what
    assert "a paper" in faults[6].what
    assert [i.authority.id for i in items if isinstance(i, ReadAuthority)] == ["o", "FR"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"id,name,city\n1,2,3\n4,5,6\n", "CSV"),
        (b'{"id": "x", "title": "T", "abstract": ""}\n', "this is a paper"),
        (b'{"foo": 1}\n', "these fields: foo"),
        (b"PK\x03\x04 damaged", "zip archive is damaged"),
    ],
)
def test_faults_of_a_whole_file(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(read_authorities(path))


def test_zip_without_data_and_unknown_kind(tmp_path: Path) -> None:
    path = tmp_path / "file.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("read.me", "x")
    with pytest.raises(InputError, match="no JSON file"):
        read_authorities(path)
    with pytest.raises(InputError, match="Kinds: author"):
        read_authorities(path, "planet")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
keys = st.sampled_from(
    [*ROR_V1, *ROR_V2, "code", "variants", "venues", "affiliations", "n_papers", "crossref_works", "asserted_names",
     "ror_id", "subfield", "field", "domain", "country_code", "city", "facts", "type", "other_names"]
)  # fmt: skip
BASE = {"id": "x", "name": "X"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(keys, values | st.lists(st.dictionaries(keys, values, max_size=3), max_size=2), max_size=4),
        max_size=3,
    )
)
def test_no_values_end_in_another_error(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    path = write(tmp_path, {"code": "FR", "name": "France"}, *({**BASE, **r} for r in records))
    for item in read_authorities(path):
        if isinstance(item, ReadAuthority):
            item.authority.model_dump_json().encode()


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("organizations.jsonl.gz", 51_370), ("funders.jsonl.gz", 15_551), ("people.jsonl.gz", 61_390),
        ("openalex_topics.jsonl", 4_872), ("countries.jsonl", 252),
    ],
)  # fmt: skip
def test_shared_files_are_read_whole(shared_data: Path, name: str, count: int) -> None:
    items = list(read_authorities(shared_data / name))
    assert not [item for item in items if isinstance(item, BadRecord)]
    assert len(items) == count
