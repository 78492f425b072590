"""A profile as a page: nothing but its own markup, nothing from elsewhere, the same bytes every time."""

import re
import shutil
import subprocess
import sys
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agent.pages.html import to_html
from agent.pages.markdown import escaped, to_markdown
from agent.pages.network import MOST, network, ring
from agent.pages.tables import by_year, organization_years
from agent.pages.text import clean, initials, short_name
from tools.profiling.base import Profile
from tools.profiling.fact_records import Facts

ROOT = Path(__file__).resolve().parent.parent.parent
HOSTILE = (
    "<script>alert(1)</script> ](javascript:x) ![a](http://evil.test/b) \u202eevil $x^2$ &lt; \x1b[2J" + '" onload="x'
)
VOID = {"meta", "br", "hr", "img", "input", "link"}
TAGS = set(
    """
    html head meta title style body a header p h1 h2 h3 bdi span dl div dt dd main section figure figcaption details
    summary table caption thead tbody tr th td ul ol li footer svg g path defs use clippath rect text desc
    """.split()  # noqa: SIM905
)
NEUTRAL: dict[str, Any] = {
    "papers_in_window": 0, "papers_per_year": {}, "first_year_in_window": None, "last_year_in_window": None,
    "papers_in_catalogue": 0, "single_author_papers": 0, "venues": {}, "top_venues": (), "top_venues_tied_beyond": (),
    "n_coauthors": 0, "coauthors_per_year": {}, "circle": None, "coauthor_pairs": (), "coauthors": (),
    "top_coauthors": (), "coauthors_tied_beyond_10": (), "organizations": (), "papers_with_affiliation": 0,
    "countries_of_work": (), "funders": (), "papers_with_funding": 0, "funding_statements": 0, "citations": {},
    "topics": (), "n_venues": 0, "n_organizations": 0, "n_groups": 0, "emerging_since": None, "papers_since": 0,
    "papers_before": 0, "busiest_years": (), "halves": (), "titles": (),
}  # fmt: skip
PAPERS = {
    "papers_in_window": 3, "papers_in_catalogue": 4, "papers_per_year": {2019: 0, 2020: 1, 2021: 2},
    "titles": [
        {"id": "https://openalex.org/W1", "year": 2020, "title": HOSTILE, "cited_by_count": 1200},
        {"id": "p2", "year": 2021, "title": "1. A list?", "cited_by_count": 1},
        {"id": "javascript:alert(1)", "year": None, "title": "Plain | pipe", "cited_by_count": None},
    ],
    "venues": {"ACL": 2}, "n_venues": 1,
}  # fmt: skip
COAUTHORS = {
    "n_coauthors": 3,
    "coauthors_per_year": {2020: 2, 2021: 3},
    "coauthors": [
        {"id": "a", "name": HOSTILE, "papers": 3, "first_year": 2020, "last_year": 2021},
        {"id": "b", "name": "王 小明", "papers": 2},
        {"id": "c", "name": "Cy", "papers": 1},
    ],
    "coauthor_pairs": [{"a": "a", "b": "c", "papers": 2}],
}
REST = {
    "citations": {"total": 1201, "papers_with_count": 2, "h_index": 1, "mean": 600.5, "per_year": {2020: 1200, 2021: 1},
                  "most_cited": [PAPERS["titles"][0]]},
    "organizations": [{"id": "https://ror.org/x", "name": HOSTILE, "papers": 2, "per_year": {2020: 1, 2021: 1}}],
    "n_organizations": 1, "papers_with_affiliation": 2,
    "funders": [{"id": None, "name": "NSF | other", "papers": 1, "grants": [f"G-{n}" for n in range(14)]}],
    "emerging_since": 2021,
    "topics": [
        {"name": HOSTILE, "kind": "cluster", "papers": 2, "percent": 67, "per_year": {2020: 1, 2021: 1},
         "share_per_year": {2020: 1.0, 2021: 0.5}, "papers_before": 1, "percent_before": 100, "percent_recent": 50,
         "fading": True},
    ],
}  # fmt: skip


def profile(name: str = "Ada Øst", **facts: Any) -> Profile:
    known = [paper["id"] for paper in facts.get("titles", ())]
    said = {"text": f"All by {name}.", "paper_ids": known}
    return Profile.model_validate({
        "author_id": "https://openalex.org/A1", "name": name, "window": {"year_from": 2019, "year_to": 2021},
        "window_reason": "asked", "facts": Facts.model_validate(NEUTRAL | facts), "checks": {"numbers": 4, "names": 2},
        "model": None,
        "sections": [
            {"title": "Main research areas and trends", "text": "x", "statements": [said, {"text": "No more."}]},
            {"title": "A section of its own", "text": "The whole.", "paper_ids": known[:1], "wording": "model"},
        ],
    })  # fmt: skip


def crowd(n: int) -> dict[str, Any]:
    people = [{"id": f"c{i:03}", "name": f"Given{i} Family-Name {i}", "papers": 1 + (n - i) // 9} for i in range(n)]
    pairs = [{"a": f"c{i:03}", "b": f"c{j:03}", "papers": 1} for i in range(1, 30) for j in range(i + 3, 30, 3)]
    return {"coauthors": people, "n_coauthors": n, "coauthor_pairs": pairs}


PROFILES = {
    "full": profile(HOSTILE, **PAPERS, **COAUTHORS, **REST),
    "no citations": profile(**PAPERS, **COAUTHORS),
    "no coauthors": profile(**PAPERS, **REST),
    "no papers": profile(),
    "a crowd": profile(**PAPERS, **REST, **crowd(300)),
    "one coauthor": profile(**PAPERS, **crowd(1)),
    "a long life": profile(
        papers_in_window=3, papers_per_year=dict.fromkeys(range(1700, 2022), 0) | {1901: 1, 1999: 2}
    ),
    "topics that overlap": profile(**PAPERS, **REST | {"topics": [
        {"name": f"T{n}", "kind": "topic", "papers": 2, "percent": 67, "share_per_year": {2020: 1.0, 2021: 0.5}}
        for n in range(9)
    ]}),
}  # fmt: skip


@cache
def page(which: str) -> str:
    return to_html(PROFILES[which])


class Parsed(HTMLParser):
    """Reads a page strictly: what is opened is closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: dict[str, str] = {}
        self._ids: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), tag
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
            self._ids.append(dict(attrs).get("id") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.open[-3:], self.getpos())
        self._ids.pop()

    def handle_data(self, data: str) -> None:
        for id_ in filter(None, self._ids):
            self.texts[id_] = self.texts.get(id_, "") + data

    def values(self, *names: str) -> list[str]:
        return [value for _, name, value in self.attributes if name in names]


@pytest.mark.parametrize("which", PROFILES)
def test_a_page_is_well_formed_and_stands_alone(which: str):
    found = Parsed(page(which))
    assert set(found.tags) <= TAGS
    assert not [name for _, name, _ in found.attributes if name.startswith("on") or name in {"src", "srcset", "action"}]
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    pointed = [id_ for value in found.values("aria-labelledby", "aria-describedby") for id_ in value.split()]
    links = found.values("href", "xlink:href")
    pointed += [link[1:] for link in links if link.startswith("#")]
    assert set(pointed) <= set(ids)
    assert all(link.startswith(("#", "https://openalex.org/", "https://ror.org/")) for link in links)
    assert not re.search(r"url\((?!#)|@import|javascript:[^)]*['\"]", page(which))
    assert not set(page(which)) & set("\u202e\x1b")
    assert found.tags.count("svg") == found.values("role").count("img") == sum(id_.endswith("-desc") for id_ in ids)


@pytest.mark.parametrize(
    ("which", "there", "absent"),
    [
        ("full", ["h-index", "plot-topics", "plot-network", "1,200", "(fading)", "and 2 more"], ["DejaVu", "#0000"]),
        ("no citations", ["plot-network"], ["h-index", "itation", "plot-topics", "plot-organizations"]),
        ("no coauthors", ["h-index"], ["plot-network", "oauthor"]),
        ("no papers", ["A section of its own"], ["<figure", 'id="papers"', "<table"]),
        ("a crowd", [f"the {MOST} most frequent of 300 coauthors", "Given299"], []),
        ("a long life", [">1999<"], [">1700<", ">2021<"]),
        ("topics that overlap", ["the 8 most frequent of 9 topics"], ['swatch"']),
    ],
)  # fmt: skip
def test_a_page_says_what_is_recorded_and_no_more(which: str, there: list[str], absent: list[str]):
    body = page(which).partition("</style>")[2]
    assert [text for text in there if text not in body] == []
    assert [text for text in absent if text in body] == []


def test_statements_open_to_their_papers_and_tell_who_worded_them():
    found = Parsed(page("full"))
    assert found.texts["paper-1"].startswith(clean(HOSTILE))
    assert "All by" in found.texts["main"]
    assert "Worded by the model" in found.texts["main"]
    assert page("full").count('href="#paper-1"') == 2
    assert "4 numbers and 2 names in the text were looked up in the facts; all are there." in page("full")
    text = to_markdown(PROFILES["full"])
    assert r"The whole. \[1\]" in text
    assert r". \[1–3\]" in text
    beyond = PROFILES["full"].sections[0].statements[0].model_copy(update={"paper_ids": ("elsewhere", "p2")})
    sections = (PROFILES["full"].sections[0].model_copy(update={"statements": (beyond,)}),)
    text = to_markdown(PROFILES["full"].model_copy(update={"sections": sections}))
    assert r"\[2, 4\]" in text
    assert "\n4. elsewhere (elsewhere)" in text


def test_the_same_profile_is_the_same_bytes_in_another_process():
    assert to_html(PROFILES["full"]) == page("full")
    code = (
        "import sys; from agent.pages.html import to_html; from tools.profiling.base import Profile; from hashlib import "
        "sha256; print(sha256(to_html(Profile.model_validate_json(sys.stdin.read())).encode()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=PROFILES["full"].model_dump_json(), capture_output=True, text=True,
        check=True, cwd=ROOT, env={"PYTHONHASHSEED": "7", "PATH": "", "HOME": str(Path.home())},
    )  # fmt: skip
    assert done.stdout.strip() == sha256(page("full").encode()).hexdigest()


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.text(), st.text("<>&\"'`{}%#/!-[] \n\u202e;=ascript")))
def test_no_title_becomes_markup(title: str):
    facts = {"titles": [{"id": "p", "year": None, "title": title}], "papers_in_window": 1, "venues": {title: 1}}
    found, plain = (
        Parsed(to_html(profile(title, **facts))),
        Parsed(to_html(profile("x", **facts | {"venues": {"x": 1}}))),
    )
    assert found.tags == plain.tags
    assert found.texts["paper-1"].split() == [*clean(title).split(), "p"]


@settings(deadline=None, max_examples=20)
@given(st.one_of(st.text(min_size=1, max_size=40), st.text("$\\{}^_ab <&", min_size=1, max_size=12)))
def test_names_in_a_drawing_are_text_and_nothing_else(name: str):
    facts = Facts.model_validate(NEUTRAL | {"coauthors": [{"id": "a", "name": name, "papers": 2}], "n_coauthors": 1})
    drawn = list(ET.fromstring(network("n", name, name, facts)).iter())  # noqa: S314 - ours
    texts = ["".join(one.itertext()).strip() for one in drawn if one.tag.endswith("}text")]
    assert " ".join(texts).split() == " ".join([short_name(name), "2", initials(name)]).split()
    assert {one.tag.partition("}")[2] for one in drawn} <= TAGS | {"clipPath"}


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@given(st.one_of(st.text(), st.text("#+-=_*~`[]()<>!|\\&;:.@^$/123 ahtpsw\n")))
def test_markdown_shows_any_text_as_itself(text: str):
    wanted = clean(text)
    for before, after in (("", ""), ("1. ", ""), ("- ", ""), ("| a |\n| --- |\n| ", " |")):
        inline = [token for token in MARKDOWN.parse(f"{before}{escaped(text)}{after}") if token.type == "inline"]
        parts = list(inline[-1].children or ()) if wanted else []
        assert {child.type for child in parts} <= {"text", "text_special"}
        assert "".join(child.content for child in parts) == wanted


@pytest.mark.parametrize("which", PROFILES)
def test_markdown_has_only_its_own_links_and_no_html(which: str):
    tokens = MARKDOWN.parse(to_markdown(PROFILES[which]))
    inline = [child for token in tokens if token.type == "inline" for child in token.children or ()]
    assert not {child.type for child in inline} & {"image", "html_inline", "code_inline"}
    assert not [token for token in tokens if token.type in {"html_block", "fence", "code_block"}]
    links = [str(child.attrs["href"]) for child in inline if child.type == "link_open"]
    assert all(link.startswith(("https://openalex.org/", "https://ror.org/")) for link in links)
    headings = [tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings[-1] == "How this page was made"
    assert "Main research areas and trends" in headings


def test_coauthors_of_one_group_stand_side_by_side():
    around = ring(PROFILES["a crowd"].facts)
    assert len(around.people) == MOST
    groups = [group for n, group in enumerate(around.groups) if n == 0 or around.groups[n - 1] != group]
    assert groups == [0, 1, 2, None]
    assert {around.people[a].id for a, _, _ in around.links} <= {f"c{n:03}" for n in range(MOST)}


def test_years_of_a_table():
    assert [row[0].text for row in by_year(PROFILES["full"].facts).rows] == ["2019", "2020", "2021"]
    table = organization_years(PROFILES["full"].facts)
    assert [cell.heat for cell in table.rows[0]] == [None, 1.0, 1.0]


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_a_browser_finds_nothing_to_complain_of(tmp_path: Path):
    (tmp_path / "page.html").write_text(page("full"), "utf-8")
    done = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'user'}",
         "--enable-logging=stderr", "--dump-dom", (tmp_path / "page.html").as_uri()],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    assert 'id="paper-1"' in done.stdout
