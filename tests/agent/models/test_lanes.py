"""Several contexts answer side by side, each call as it would be answered alone."""

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
        assert [track.calls for track in pool._lanes._tracks] == [0, 0]
        assert all(track.lane._opened is not None for track in pool._lanes._tracks)
    finally:
        pool.close()
