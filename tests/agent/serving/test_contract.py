"""No request that the OpenAPI document lets through, and none that it does not, is answered with a 500."""

import subprocess
import sys
from pathlib import Path

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"


def test_schemathesis_finds_no_500(url: str, tmp_path: Path) -> None:
    command = [str(SCHEMATHESIS), "run", f"{url}/openapi.json", "--checks", "not_a_server_error"]
    command += ["--phases", "fuzzing", "--max-examples", "8", "--seed", "1", "--warnings", "off", "--no-color"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "passed" in done.stdout


def test_a_stream_says_what_went_wrong_and_ends(url: str) -> None:
    import httpx

    for route, given in (("profile", {"author_id": "nobody at all"}), ("themes", {"text": "Bees.", "themes": []})):
        for way in ("stream", "stream_log", "stream_events"):
            with httpx.stream("POST", f"{url}/{route}/{way}", json={"input": given}, timeout=60) as response:
                text = response.read().decode()
            assert response.status_code == 200
            assert '"code"' in text, (route, way)
            assert "Internal Server Error" not in text
            assert "Traceback" not in text
