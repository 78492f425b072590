"""Funders, with the spellings that publishers assert and the number of works as the prior."""

from typing import Any

from stores.records import Authority
from tools.ingest.formats.fields import Notes, count, country, mapping, text_or_none, unique_texts
from tools.ingest.registries.names import Names, compact, main_id, main_name
from tools.ingest.registries.organizations import MAX_FUNDER_IDS, status_of


def read_funder(record: dict[str, Any]) -> Authority:
    """Read one funder."""
    names = Names(main_name(record.get("name")))
    names.add(record.get("aliases"), "alias")
    names.add(record.get("acronyms"), "acronym")
    labels = record.get("labels")
    names.add([mapping(label).get("value") for label in labels] if isinstance(labels, list) else [], "label")
    names.add(record.get("asserted_names"), "asserted")
    works = count(record.get("crossref_works"), "crossref_works", Notes())
    facts = {
        "country": text_or_none(record.get("country")),
        "types": _texts(record.get("types")),
        "ror_id": text_or_none(record.get("ror_id")),
        "crossref_funder_ids": _texts(record.get("crossref_funder_ids"))[:MAX_FUNDER_IDS],
        "crossref_works": works,
        "source": text_or_none(record.get("source")),
    }
    return Authority(
        id=main_id(record.get("id")),
        type="funder",
        name=names.main,
        names=names.pairs(),
        country_code=country(record.get("country_code")),
        prior=float(works or 0),
        status=status_of(record),
        facts=compact(facts),
    )


def _texts(value: Any) -> list[str]:
    return unique_texts(value) if isinstance(value, list) else []
