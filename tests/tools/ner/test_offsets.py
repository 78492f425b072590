"""Whatever the text, mentions are exact spans of it, in order and apart."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.ner.base import Mention, Message
from tools.ner.tokens import tokenize
from tools.ner.understand import Understander

UNDERSTANDER = Understander(None)
PIECES = st.sampled_from(
    ["papers", "by", "Anna de la Vega", "on", "AI", "in", "the", "U.S.", "funded by", "2019-2021", "'s", "“Some Title Here”", "NSF",
     "\u202e", "\u200d", "👩‍🔬", "not", "é", "e\u0301", "ﬁ", "İ", "中国", "10.1000/x", "rank", ",", "?", "\n", "\x00", "who is", "W18-5622"]
)  # fmt: skip


def check(text: str, mentions: Sequence[Mention]) -> None:
    last = 0
    for mention in mentions:
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        last = mention.end


@given(st.text(max_size=200))
def test_tokens_are_exact(text: str) -> None:
    last = 0
    for token in tokenize(text):
        assert text[last : token.start] == token.gap
        assert text[token.start : token.end] == token.text
        last = token.end


@settings(deadline=None)
@given(st.one_of(st.text(min_size=1, max_size=120), st.lists(PIECES, min_size=1, max_size=12).map(" ".join)))
def test_mentions_are_exact(text: str) -> None:
    if text.strip():
        check(text, UNDERSTANDER.understand(text).mentions)


@settings(deadline=None, max_examples=50)
@given(st.lists(PIECES, min_size=1, max_size=8).map(" ".join), st.lists(PIECES, min_size=1, max_size=8).map(" ".join))
def test_context_is_exact_in_the_rewritten_question(turn: str, question: str) -> None:
    if not question.strip():
        return
    result = UNDERSTANDER.understand(question, [Message(role="user", content=turn)])
    check(result.rewritten or "", result.context)
