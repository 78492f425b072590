"""The rules of the house that a machine can check."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("agent", "tools", "graphs", "prompts", "stores", "evals", "tests")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
LONGEST = 400


def test_imports_go_one_way():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_top_level_folders_are_the_users():
    packages = {path.parent.name for path in ROOT.glob("*/*.py")} - {"tests"}
    assert packages <= set(FOLDERS)


def test_files_are_short_and_named_after_their_subject():
    assert not [path for path in SOURCES if len(path.read_text("utf-8").splitlines()) > LONGEST]
    assert not [path for path in SOURCES if path.stem.startswith("util")]


HEAVY = (
    "torch",
    "sentence_transformers",
    "llama_cpp",
    "chromadb",
    "langgraph",
    "onnxruntime",
    "faiss",
    "langchain_core",
    "matplotlib",
    "jinja2",
    "networkx",
)


@pytest.mark.parametrize(
    "module", ["agent.cli", "agent.settings", "stores.catalogue", "tools.ner.base", "tools.linking.base"]
)
def test_nothing_heavy_happens_at_import(module: str):
    code = f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not done.stdout.split()
