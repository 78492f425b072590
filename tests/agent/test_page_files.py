"""`quodvide profile --format`: pages as files, one or a folder of them, and one line for every mistake."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.pages.text import href, ranges, slug

ROOT = Path(__file__).resolve().parent.parent.parent


@given(st.text(max_size=100), st.text(max_size=100))
def test_files_are_named_safely_and_apart(one: str, two: str):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(one))
    assert len(slug(one)) <= 100
    assert (slug(one) == slug(two)) == (one == two)


def test_names_of_pages():
    assert slug("percy-liang") == "percy-liang"
    assert slug("con") != "con"
    assert len({slug("A1"), slug("a1"), slug("a-1"), slug("a/1"), slug("../a-1")}) == 5
    assert re.fullmatch(r"openalex-org-a1-[0-9a-f]{8}", slug("https://openalex.org/A1"))


@given(st.sets(st.integers(1, 40)))
def test_ranges_hold_exactly_their_numbers(numbers: set[int]):
    read = [part.split("–") for part in ranges(sorted(numbers)).split(", ") if part]
    assert [n for part in read for n in range(int(part[0]), int(part[-1]) + 1)] == sorted(numbers)


@pytest.mark.parametrize(
    ("id_", "address"),
    [
        ("https://openalex.org/W1", "https://openalex.org/W1"),
        ("https://doi.org/10.1/(a)b", "https://doi.org/10.1/%28a%29b"),
        ("https://doi.org/ü", "https://doi.org/%C3%BC"),
        *[
            (bad, "")
            for bad in ("javascript:x", "http://", "https://a b", 'https://a"b', "https://[", "//a", "p1", None)
        ],
    ],
)
def test_only_addresses_are_linked(id_: str | None, address: str):
    assert href(id_) == address


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", "from agent.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)


def test_a_page_of_one_author(demo_home: Path, tmp_path: Path):
    asked = ("profile", "percy-liang", "--home", demo_home, "--from", 2016, "--to", 2022)
    target = tmp_path / "page.html"
    done = run(*asked, "--format", "html", "--output", target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    page = target.read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>\n")
    assert [name for name in ("years", "topics", "network") if f'id="plot-{name}"' not in page] == []
    assert "by Percy Liang from 2016 to 2022" in page
    done = run(*asked, "--format", "markdown")
    assert done.stdout.startswith("# Percy Liang\n\nAuthor profile, 2016–2022 (the years asked for)")
    assert json.loads(run(*asked, "--format", "json").stdout)["author_id"] == "percy-liang"


def test_a_folder_of_pages(demo_home: Path, tmp_path: Path):
    source, folder = tmp_path / "in.jsonl", tmp_path / "pages" / "all"
    window = {"year_from": 2016, "year_to": 2022}
    records = [{"author_id": "percy-liang"}, {"author_id": "nobody"}, {"author_id": "chelsea-finn", "window": window}]
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    asked = ("profile", "--home", demo_home, "--format", "html", "--input", source, "--output", folder)
    assert run(*asked).returncode == 1
    lines = [json.loads(line) for line in (folder / "pages.jsonl").read_text("utf-8").splitlines()]
    assert [line.get("page") for line in lines] == ["percy-liang.html", None, "chelsea-finn_2016-2022.html"]
    assert sorted(path.name for path in folder.glob("*.html")) == sorted(
        line["page"] for line in lines if "page" in line
    )
    (folder / "percy-liang.html").unlink()
    assert run(*asked, "--resume").returncode == 1
    assert not (folder / "percy-liang.html").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("x", "--format", "pdf"), 2, "pdf"),
        (("x", "--format", "html", "--json"), 2, "--json and --format html are two formats"),
        (("percy-liang", "--format", "html", "--output", "none/page.html"), 2, "none/page.html: cannot be written"),
        (("percy-liang", "--format", "json", "--output", "none/page.json"), 2, "none/page.json: cannot be written"),
        (("--format", "html", "--input", "-"), 2, "need --output FOLDER"),
        (("--format", "html", "--input", "-", "--output", "pyproject.toml"), 2, "is no folder to write pages into"),
    ],
)
def test_mistakes_are_one_clear_line(demo_home: Path, arguments: tuple[str, ...], status: int, says: str):
    done = run("profile", "--home", demo_home, *arguments)
    assert done.returncode == status
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    if "pdf" not in arguments:
        assert len(done.stderr.splitlines()) == 1
