"""What the README shows is run: the examples of its section on the server, against a real one over the demo corpus."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parent.parent / "README.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(section: str) -> list[tuple[str, str]]:
    """Return language and text of each example of a section."""
    text = README.read_text("utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    return _BLOCK.findall(text)


def told(example: str, url: str) -> str:
    """Return an example, with the address of this server in the place of the usual one."""
    return re.sub(r"(?:http://)?(?:127\.0\.0\.1|localhost):8000", url, example)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_works_as_shown(url: str) -> None:
    commands = [line for language, text in blocks("Server") if not language for line in text.splitlines() if line]
    assert len(commands) >= 2
    for command in commands:
        assert command.startswith("curl ")
        done = subprocess.run(
            ["bash", "-c", told(command, url) + " --fail-with-body"], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout
        answer = json.loads(done.stdout)
        assert "error" not in answer
        assert len(answer) > 1


def test_python_works_as_shown(url: str) -> None:
    (program,) = [text for language, text in blocks("Server") if language == "python"]
    done = subprocess.run(
        [sys.executable, "-c", told(program, url)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "'sentences'" in done.stdout
    assert "'outcome': 'answered'" in done.stdout
