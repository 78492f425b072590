"""Several contexts answer side by side, each call as it would be answered alone."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from agent.models.local import ChatLlama

PROMPTS = [f"Name {n} colours." for n in range(2, 8)]


def said(model: ChatLlama, prompt: str) -> str:
    return str(model.invoke(prompt, max_tokens=12).content)


def test_answers_do_not_depend_on_the_lane() -> None:
    alone = ChatLlama()
    expected = [said(alone, prompt) for prompt in PROMPTS]
    alone.close()
    pool = ChatLlama(n_contexts=2)
    try:
        with ThreadPoolExecutor(max_workers=6) as threads:
            assert list(threads.map(lambda prompt: said(pool, prompt), PROMPTS)) == expected
        assert all(lane._opened is not None for lane in pool._lanes._lanes)
    finally:
        pool.close()
    assert all(lane._opened is None for lane in pool._lanes._lanes)


def test_no_call_waits_behind_a_long_one_while_a_lane_is_free() -> None:
    pool = ChatLlama(n_contexts=2).load()
    ended: list[str] = []

    def ask(name: str, tokens: int) -> None:
        pool.invoke("Tell a long story of the sea.", max_tokens=tokens, grammar='root ::= "a" root')
        ended.append(name)

    try:
        with ThreadPoolExecutor(max_workers=3) as threads:
            long = threads.submit(ask, "long", 300)
            for name in ("first", "second"):
                threads.submit(ask, name, 3)
            long.result()
        assert ended == ["first", "second", "long"]
    finally:
        pool.close()


def test_one_call_after_another_loads_one_model() -> None:
    pool = ChatLlama(n_contexts=2)
    try:
        for prompt in PROMPTS[:3]:
            said(pool, prompt)
        assert sum(lane._opened is not None for lane in pool._lanes._lanes) == 1
    finally:
        pool.close()


_LOADING = """
import sys, threading, time
from agent.models.local import ChatLlama

def load():
    chat = ChatLlama(n_ctx=512, n_contexts=2, max_tokens=2).load()
    chat.invoke("Hello")
    chat.close()

thread = threading.Thread(target=load)
thread.start()
n = 0
while thread.is_alive():
    print(n, flush=True)
    print(n, file=sys.stderr, flush=True)
    n += 1
    time.sleep(0.002)
print(n, "at the end", flush=True)
"""


def test_what_others_write_while_models_load_is_not_lost_and_nothing_comes_between() -> None:
    found = subprocess.run([sys.executable, "-c", _LOADING], capture_output=True, text=True, check=True)
    *lines, last = found.stdout.splitlines()
    assert len(lines) > 10
    assert last == f"{len(lines)} at the end"
    assert lines == found.stderr.splitlines() == [str(n) for n in range(len(lines))]
