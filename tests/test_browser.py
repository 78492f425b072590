"""What a person sees: the playground, a profile page and an evaluation report, rendered by a browser without a screen."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is on the PATH")
# Nothing but what is asked for: no updates, no first run, no network of its own.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=15000",
)
Render = Callable[[str], str]


@pytest.fixture
def rendered(tmp_path: Path) -> Render:
    """Return what gives the elements of a page once its scripts have run."""

    def render(address: str) -> str:
        command = [str(BROWSER), *FLAGS, f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom", address]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout

    return render


@pytest.mark.parametrize(("route", "field"), [("ask", "Question"), ("profile", "Author Id"), ("themes", "Text")])
def test_a_playground_asks_for_its_input(url: str, rendered: Render, route: str, field: str) -> None:
    page = rendered(f"{url}/{route}/playground/")
    assert re.search(rf"<label[^>]*>{field}", page)
    assert ">Start<" in page


def test_a_profile_page_is_drawn(demo_home: Path, tmp_path: Path, rendered: Render) -> None:
    from agent.commands.answering import profile

    page = tmp_path / "profile.html"
    assert not profile("Christopher Manning", home=demo_home, target=str(page), form="html")
    seen = rendered(page.as_uri())
    assert seen.count("<svg") >= 3
    for heading in (
        "Main research areas and trends",
        "Emerging topics or new directions",
        "Collaboration and institutions",
        "Grants and funding",
        "Citations and influence",
        "Overall trajectory",
    ):
        assert heading in seen
