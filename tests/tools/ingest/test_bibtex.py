"""Bibliographies: LaTeX becomes Unicode, names are turned round, a broken entry costs itself."""

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stores.errors import InputError
from stores.records import Paper
from tools.ingest.formats import BadRecord, ReadItem, ReadPaper, read_papers
from tools.ingest.formats.latex import plain

LIBRARY = r"""% Somebody's library, with an @ sign
@string{acl = "Annual Meeting of the " # assoc}
@string{assoc2 = {Association for Computational Linguistics}}
@comment{jabref-meta: @article{no, title={No}}}
@inproceedings{smith-2020,
  title = "{BERT} for {\"O}kologie: $\alpha$ and
     more",
  author = "Smith, John  and  M{\"u}ller, J{\"o}rg and {World Health Organization} and van der Berg, Jr., Jan and Ada Lovelace and others",
  booktitle = assoc2 # ", Part " # 2,
  year = 2020, month = jan, doi = {10.1000/a\_b}, keywords = {x, y},
  abstract = {One {nested} text.
@ sign. Second line 50% off.

A new paragraph with 3\,\% \& \emph{more}.},
}
@article{broken,
  title = {Never closed,
  author = {A B}

@article(paren, title = "P (x)", year = 1999)
@article{dup, title={Dup}, title={Other}, year="in press", author={Plain Name}}
@book{k, title = {A book}, editor={Ed, Itor}, year={c2001}}@misc{k2, title={Two}, eprint={2001.01234}}
@article{noTitle, year=2000}
@article{early, title = {Early}},
  year = {2020},
}
@article{last, title = {Last}, date={2021-05-03}, journaltitle={J. of X}}
"""


def read(folder: Path, content: str, name: str = "library.bib") -> list[ReadItem]:
    path = folder / name
    path.write_text(content, "utf-8")
    return list(read_papers(path))


def papers(items: list[ReadItem]) -> list[Paper]:
    return [item.paper for item in items if isinstance(item, ReadPaper)]


def test_a_library_with_everything(tmp_path: Path) -> None:
    found = read(tmp_path, LIBRARY)
    first, paren, dup, book, two, early, last = papers(found)
    assert first.id == "doi:10.1000/a_b"
    assert first.title == "BERT for Ökologie: α and more"
    assert [author.name for author in first.authors] == [
        "John Smith", "Jörg Müller", "World Health Organization", "Jan van der Berg Jr.", "Ada Lovelace",
    ]  # fmt: skip
    assert first.venue == "Association for Computational Linguistics, Part 2"
    assert first.abstract == "One nested text. @ sign. Second line 50% off.\n\nA new paragraph with 3 % & more."
    assert (first.year, first.keywords) == (2020, ("x", "y"))
    assert (paren.title, paren.year) == ("P (x)", 1999)
    assert (dup.title, dup.year, dup.authors[0].name) == ("Dup", None, "Plain Name")
    assert (book.authors[0].name, book.year) == ("Itor Ed", 2001)
    assert two.url == "https://arxiv.org/abs/2001.01234"
    assert (early.title, last.year, last.venue) == ("Early", 2021, "J. of X")
    bad = [item for item in found if isinstance(item, BadRecord)]
    assert [item.where.rsplit(":", 1)[1] for item in bad] == ["16", "23", "25"]
    assert [part in item.what for part, item in zip(("cannot be read", "no title", "outside"), bad, strict=True)]


def test_one_key_in_two_libraries_is_two_papers(tmp_path: Path) -> None:
    one, other = (
        papers(read(tmp_path, f"@misc{{smith2020, title={{{title}}}}}", f"{title}.bib"))[0] for title in ("A", "B")
    )
    assert one.id.startswith("bib:smith2020-")
    assert one.id != other.id


def test_a_library_is_told_by_content_and_gzip_works(tmp_path: Path) -> None:
    path = tmp_path / "library"
    path.write_bytes(gzip.compress(LIBRARY.encode()))
    assert len(papers(list(read_papers(path)))) == 7
    with pytest.raises(InputError, match="there is no entry"):
        read(tmp_path, "nothing\n")


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"Erd\H{o}s and {\'E}cole", "Erdős and École"),
        (r"\'{\i} \'\i \v{S} \c{c} {\ss} \L{}ukasz \o re \aa ngstr\"om", "í í Š ç ß Łukasz øre ångström"),
        (r"50% of 3\% \& \_ \# \$5 and $6 or $7", "50% of 3% & _ # $5 and $6 or $7"),
        (r"$\alpha_{i} \leq \mathcal{O}(n^2)$, H$_2$O", "α_i ≤ O(n^2), H_2O"),
        (r"{\textless}p{\textgreater} \{a\} \textit{In vivo}", "<p> {a} In vivo"),
        (r"a~b -- c ``q'' takes ~5 ms", "a b – c “q” takes ~5 ms"),
        ("\\", ""),
    ],
)
def test_latex(latex: str, text: str) -> None:
    assert plain(latex) == text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("\\{}$'\"`^~=.Hcvi aé\n%_-"))))
def test_latex_never_fails(text: str) -> None:
    assert "\n\n\n" not in plain(text)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(["@", "{", "}", '"', ",", "=", "#", "\n", "a", "title", "article", "(", ")", "1", " "]),
        max_size=40,
    )
)
def test_no_bytes_end_in_another_error_or_stop_the_last_entry(tmp_path: Path, pieces: list[str]) -> None:
    found = read(tmp_path, "@misc{a, title={First}}\n" + "".join(pieces) + "\n@misc{z, title={Last}}\n")
    assert papers(found)[0].title == "First"
    assert papers(found)[-1].title == "Last"


def test_abbreviations_do_not_grow_without_bounds(tmp_path: Path) -> None:
    doubling = "".join(f"@string{{s{n + 1} = s{n} # s{n}}}\n" for n in range(60))
    found = read(tmp_path, f'@string{{s0 = "lol"}}\n{doubling}@misc{{a, title = s5}}\n')
    assert papers(found)[0].title == "lol" * 32
    assert any(isinstance(item, BadRecord) and "too long" in item.what for item in found)


def test_many_braces_cost_linear_time(tmp_path: Path) -> None:
    started = time.process_time()
    found = read(tmp_path, '@misc{a, title="' + "{x}" * 200_000 + '"}\n')
    assert len(papers(found)[0].title) == 200_000
    assert time.process_time() - started < 10


def escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "{}%&#$_" else "{\\textasciitilde}" if c == "~" else c for c in text)


def test_real_papers_come_back_from_a_bibliography(tmp_path: Path, shared_data: Path) -> None:
    with gzip.open(shared_data / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        given_ = [json.loads(line) for _, line in zip(range(200), lines, strict=False)]
    given_ = [record for record in given_ if not set(f"{record['title']}{record['abstract']}") & set("{}\\`")]
    entries = []
    for record in given_:
        names = " and ".join(", ".join(reversed(a["name"].rsplit(" ", 1))) for a in record["authors"])
        fields = {key: escaped(record[key] or "") for key in ("title", "abstract", "venue")}
        entries.append(
            f"@inproceedings{{{record['id']},\n  title = {{{fields['title']}}},\n  author = {{{names}}},\n"
            f"  booktitle = {{{fields['venue']}}},\n  year = {record['year']},\n  abstract = {{{fields['abstract']}}}\n}}\n"
        )
    found = papers(read(tmp_path, "\n".join(entries)))
    assert len(found) == len(given_) > 100
    for paper, record in zip(found, given_, strict=True):
        assert record["id"] in paper.id
        wanted = " ".join(record["abstract"].split()) if record["abstract"] else ""
        assert " ".join(paper.abstract.split()) == wanted.replace("---", "—").replace("--", "–").replace("''", "”")
        assert paper.title == " ".join(record["title"].split()).replace("--", "–").replace("''", "”")
        assert [a.name for a in paper.authors] == [" ".join(a["name"].split()) for a in record["authors"]]
        assert (paper.year, paper.venue) == (int(record["year"]), record["venue"])
