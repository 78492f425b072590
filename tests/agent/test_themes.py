"""`quodvide themes`: one text or many, with and without a home, kept results, and one line for bad input."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from agent import settings as settings_
from agent.theme_command import rank_themes
from agent.themes import Themes
from agent.wiring import Parts
from stores.errors import InputError
from tools.themes.base import Theme

TEXT = "We train a neural network that translates German sentences into English. It needs two weeks on one computer."
GIVEN = [
    {"label": "Solar cells", "description": "Photovoltaic materials and devices"},
    {"label": "Machine translation", "description": "Turning text from one language into another"},
    {"label": "Oral history"},
]
THEMES = tuple(Theme(**theme) for theme in GIVEN)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def run(home: Path | None, **given: Any) -> int:
    options: dict[str, Any] = {
        "text": None, "text_file": None, "themes_file": None, "source": "", "target": "-", "summary": False, "top": 10,
        "keep": True, "resume": False, "json": False,
    }  # fmt: skip
    return rank_themes(home, **{**options, **given})


def test_records_go_in_and_rankings_come_out(tmp_path: Path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given = [
        {"id": "a", "text": TEXT, "themes": GIVEN},
        {"id": "b", "text": " ", "themes": GIVEN},
        {"id": "c", "text": TEXT, "themes": []},
        {"id": "d", "text": TEXT},
        {"id": "e", "text": TEXT, "themes": [*GIVEN, {"label": "Oral history", "description": "Interviews"}]},
        {"id": "f", "text": TEXT, "themes": [GIVEN[1]]},
        {"id": "g", "themes": GIVEN},
    ]
    source.write_text("".join(json.dumps(each) + "\n" for each in given))
    home = tmp_path / "none"
    assert run(home, source=str(source), target=str(target), summary=True) == 1
    assert not home.exists()
    found = {record["id"]: record for record in records(target)}
    assert list(found) == list("abcdefg")
    assert {id_: record["error"]["code"] for id_, record in found.items() if "error" in record} == dict.fromkeys(
        "bcdeg", "bad_input"
    )
    assert "Oral history" in found["e"]["error"]["message"]
    assert "no themes are given" in found["d"]["error"]["message"]
    one = found["a"]
    assert {"id", "ranking", "top", "summary", "timings", "cached"} == one.keys()
    assert one["ranking"][0]["label"] == "Machine translation"
    assert {each["label"] for each in one["ranking"]} == {each["label"] for each in GIVEN}
    scores = [each["score"] for each in one["ranking"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 100 for score in scores)
    assert one["top"] == [each["label"] for each in one["ranking"]]
    assert TEXT[one["ranking"][0]["start"] : one["ranking"][0]["end"]].startswith("We train a neural network")
    for sentence in one["summary"]["sentences"]:
        assert TEXT[sentence["start"] : sentence["end"]] == sentence["quote"]
        assert sentence["theme"] in one["summary"]["text"]
    assert one["cached"] == []
    assert {"rank", "summary"} == one["timings"].keys()
    assert found["f"]["top"] == ["Machine translation"]
    source.write_text("".join(json.dumps({**each, "themes": GIVEN, "text": TEXT}) + "\n" for each in given))
    assert run(home, source=str(source), target=str(target), resume=True) == 0
    assert [record["id"] for record in records(target)] == list("afbcdeg")


def test_themes_of_a_file_and_those_of_the_record(tmp_path: Path):
    themes, source, target = tmp_path / "themes.txt", tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    themes.write_text("Law: courts\nMachine translation: between languages\n")
    source.write_text(
        json.dumps({"id": 1, "text": TEXT}) + "\n" + json.dumps({"id": 2, "text": TEXT, "themes": ["Art"]})
    )
    assert run(tmp_path, themes_file=themes, source=str(source), target=str(target)) == 0
    assert [[each["label"] for each in record["ranking"]] for record in records(target)] == [
        ["Machine translation", "Law"], ["Art"],
    ]  # fmt: skip


def test_results_are_kept_until_something_changes(tmp_path: Path):
    settings = settings_.load(tmp_path)
    first = Themes(settings, THEMES).rank(TEXT, summary=True)
    assert first.cached == ()
    again = Themes(settings, THEMES).rank(TEXT, summary=True)
    assert again.cached == ("rank", "summary")
    assert (again.ranking, again.summary) == (first.ranking, first.summary)
    assert Themes(settings, THEMES).rank(TEXT, GIVEN).cached == ("rank",)
    assert Themes(settings, THEMES).rank(TEXT + " ").cached == ()
    assert Themes(settings, THEMES[::-1]).rank(TEXT).cached == ()
    assert Themes(settings, THEMES, keep=False).rank(TEXT).cached == ()
    longer = settings.model_copy(update={"embedding": settings.embedding.model_copy(update={"max_tokens": 64})})
    # Themes have an encoder of their own; the summary asks that of papers too.
    assert Themes(longer, THEMES).rank(TEXT, summary=True).cached == ("rank",)
    none = settings.model_copy(update={"themes": settings.themes.model_copy(update={"cached": 0})})
    assert Themes(none, THEMES).rank(TEXT).cached == ()


def test_with_tools_of_another_nothing_is_opened_twice(demo_home: Path, tmp_path: Path):
    parts = Parts(settings_.load(Path(shutil.copytree(demo_home, tmp_path / "home"))))
    themes = Themes(parts.settings, THEMES, tools=parts)
    assert themes.rank(TEXT, summary=True).summary is not None
    assert "embedder" in vars(parts)
    assert "themes" in vars(parts._loaded)
    themes.close()
    assert parts.catalogue.papers.count(), "who opened them closes them"
    parts.close()


def test_damage_in_the_cache_is_no_failure(tmp_path: Path):
    settings = settings_.load(tmp_path)
    first = Themes(settings, THEMES).rank(TEXT)
    for path in (tmp_path / "cache" / "themes").iterdir():
        path.write_bytes(path.read_bytes().replace(b"Solar", b"Lunar"))
    again = Themes(settings, THEMES).rank(TEXT)
    assert again.cached == ()
    assert again.ranking == first.ranking


def test_a_home_without_the_option_to_keep_stays_as_it_is(tmp_path: Path):
    Themes(settings_.load(tmp_path), THEMES, keep=False).rank(TEXT)
    assert list(tmp_path.iterdir()) == []


def test_topics_of_the_library_are_the_themes_where_none_are_given(demo_home: Path):
    themes = Themes(settings_.load(demo_home), keep=False)
    found = themes.rank("An essay on translation by machine, from German into English.")
    assert len(found.ranking.scores) == 100
    assert "machine translation" in [score.label for score in found.ranking.top]


def test_the_chat_model_words_only_what_the_text_supports(tmp_path: Path):
    settings = settings_.with_chat(settings_.load(tmp_path / "none"), answer_calls=1)
    themes = Themes(settings, THEMES)
    try:
        found = themes.rank(TEXT, summary=True).summary
    finally:
        themes.close()
    assert found is not None
    assert not (tmp_path / "none").exists()
    assert found.usage.calls == min(1, len(found.sentences))
    assert found.model.endswith(".gguf")
    for sentence in found.sentences:
        assert sentence.quote == TEXT[sentence.start : sentence.end]
        if sentence.wording == "model":
            assert set(sentence.text.lower().strip(".").split()) - {"the", "a"} <= set(
                TEXT.lower().replace(".", "").split()
            )


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "is empty"), (" \n", "is empty"), ("?! ...", "no word"), ("x " * 1_000_001, "more than the 2,000,000")],
)
def test_texts_that_cannot_be_ranked_for(text: str, said: str, tmp_path: Path):
    with pytest.raises(InputError, match=said):
        Themes(settings_.load(tmp_path), THEMES).rank(text)


def test_a_person_sees_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    themes = tmp_path / "themes.txt"
    themes.write_text("[red]Law[/red]: courts\nMachine translation: between languages\nOral history\nArt\n")
    assert run(tmp_path / "none", text=TEXT, themes_file=themes, summary=True, top=3) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[1].startswith("Machine translation")
    assert "█" in lines[1]
    assert "1 more; --top shows them" in lines
    assert "Summary" in lines
    assert run(tmp_path / "none", text=TEXT, themes_file=themes, top=4) == 0
    assert "[red]Law[/red]" in capsys.readouterr().out


def test_one_record_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    themes, text = tmp_path / "themes.json", tmp_path / "text.txt"
    themes.write_text(json.dumps(GIVEN))
    text.write_text(TEXT)
    assert run(tmp_path / "none", text_file=text, themes_file=themes, json=True) == 0
    assert json.loads(capsys.readouterr().out)["top"][0] == "Machine translation"


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), (b"\xff\xfea", "not text in UTF-8"), (b"a\x00b", "not a text file")]
)
def test_text_files_that_are_none(tmp_path: Path, content: bytes | None, said: str):
    path = tmp_path / "text"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        run(tmp_path, text_file=path)
