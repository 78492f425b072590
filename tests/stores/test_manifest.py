"""The manifest: written whole or not at all, and no content of the file is more than a clear error."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.errors import QuodvideError, StoreError, StoreMissing
from stores.manifest import LARGEST, Manifest, digest_of


def make(**changes: object) -> Manifest:
    return Manifest.model_validate({"kind": "flat", "model": "m", "dimension": 3, "count": 2} | changes)


def test_written_and_read(tmp_path: Path) -> None:
    manifest = make(settings={"words": 512, "on": True, "none": None}, generation=7)
    manifest.write(tmp_path / "deep" / "manifest.json")
    assert Manifest.read(tmp_path / "deep" / "manifest.json") == manifest
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["manifest.json"]


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="quodvide rebuild"):
        Manifest.read(tmp_path / "manifest.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"kind": "flat"}',
        b"[" * 100_000,
        b" " * (LARGEST + 1),
        make().model_dump_json().encode()[:-10],
        make().model_dump_json().replace('"dimension":3', '"dimension":-3').encode(),
        make().model_dump_json().replace('"dimension":3', '"dimension":99999999999').encode(),
        make().model_dump_json().replace('"files":{}', '"files":{"../x":1}').encode(),
        make().model_dump_json().replace('"files":{}', '"files":{"/etc/passwd":1}').encode(),
        make().model_dump_json().replace('"kind"', '"extra":1,"kind"').encode(),
    ],
)
def test_damage_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Manifest.read(path)
    line = str(caught.value)
    assert "quodvide rebuild" in line
    assert "\n" not in line
    assert len(line) < 600 + len(str(path))


@given(st.binary(max_size=400), st.integers(0, 400))
def test_any_splice_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int) -> None:
    path = tmp_path_factory.mktemp("m") / "manifest.json"
    good = make().model_dump_json().encode()
    path.write_bytes(good[:at] + junk + good[at:])
    with contextlib.suppress(QuodvideError):
        assert Manifest.read(path).dimension >= 1


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        Manifest.read(tmp_path / "manifest.json")
    with pytest.raises(StoreError, match="cannot be written"):
        make().write(tmp_path / "manifest.json")
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_sizes_and_digest(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    manifest = make(files={"a": 5}, digest=digest_of([tmp_path / "a"]))
    manifest.check_sizes(tmp_path)
    manifest.check_digest(tmp_path)
    (tmp_path / "a").write_bytes(b"12340")
    manifest.check_sizes(tmp_path)
    with pytest.raises(StoreError, match="differ"):
        manifest.check_digest(tmp_path)
    (tmp_path / "a").write_bytes(b"1234")
    with pytest.raises(StoreError, match="cut short"):
        manifest.check_sizes(tmp_path)
    (tmp_path / "a").unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        manifest.check_digest(tmp_path)
