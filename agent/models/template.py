"""Turn messages into a prompt's tokens with the model's own chat template.

Text in a message is data: a control token written out in it, such as `<|im_end|>`, stays plain text. The template is
rendered with a mark in the place of each text; if the finished prompt spells a control token anywhere that the template
alone does not, the texts are cut into tokens apart from the template, with control tokens off.
"""

import datetime
import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage

from agent.models.load import instant, native
from stores.errors import ModelError

if TYPE_CHECKING:
    from agent.models.engine import Engine

# Private-use characters that no template contains.
OPEN, CLOSE = "\ue000", "\ue001"
MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
# llama.cpp parses these kinds out of text when asked to: unknown (1) and control (8).
SPECIAL_KINDS = 1 | 8
# Templates that print the date would make the same question give another answer tomorrow.
TEMPLATE_DATE = datetime.date(2024, 7, 26)


class Turn(NamedTuple):
    """One message as templates take it."""

    role: str
    text: str


class Prompt(NamedTuple):
    """A prompt's tokens, of which the first `stable` end with the instructions."""

    tokens: list[int]
    stable: int


def turns(messages: Sequence[BaseMessage]) -> list[Turn]:
    """Return messages as turns: instructions first, neighbours of one role joined.

    Raises:
        ModelError: there is nothing to answer, or a message is not text.
    """
    found: list[Turn] = []
    for message in messages:
        turn = Turn(_role(message), _text(message))
        if turn.role == "system":
            at = 1 if found and found[0].role == "system" else 0
            found.insert(at, turn)
        else:
            found.append(turn)
    joined: list[Turn] = []
    for turn in found:
        if joined and joined[-1].role == turn.role:
            joined[-1] = Turn(turn.role, f"{joined[-1].text}\n\n{turn.text}")
        else:
            joined.append(turn)
    if not any(turn.role != "system" for turn in joined):
        raise ModelError("there is no message for the chat model to answer")
    return joined


def _role(message: BaseMessage) -> str:
    if isinstance(message, SystemMessage):
        return "system"
    if isinstance(message, AIMessage):
        return "assistant"
    if isinstance(message, HumanMessage | ToolMessage):
        return "user"
    if isinstance(message, ChatMessage) and message.role in {"system", "user", "assistant"}:
        return message.role
    raise ModelError(f"the chat model does not take a message of type {message.type!r}")


def _text(message: BaseMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    parts = []
    for block in message.content:
        if isinstance(block, str):
            parts.append(block)
        elif block.get("type") == "text" and isinstance(block.get("text"), str):
            parts.append(block["text"])
        else:
            raise ModelError(f"the chat model takes text only, not {block.get('type', 'an unknown part')!r}")
    return "".join(parts)


def _compiled(source: str) -> Any:
    """Compile a chat template in the sandbox, with the helpers that templates expect."""
    import jinja2.ext
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> None:
        raise jinja2.TemplateError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols]
    )
    environment.filters["tojson"] = lambda value, **options: json.dumps(value, ensure_ascii=False, **options)
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = TEMPLATE_DATE.strftime
    return environment.from_string(source)


class ChatTemplate:
    """The chat template of a loaded model.

    Args:
        engine: the model.
        source: a Jinja template; by default the one in the model file.

    Raises:
        ModelError: there is no template, or it cannot be used.
    """

    def __init__(self, engine: "Engine", source: str | None = None) -> None:
        c, vocab = native(), engine.vocab
        self._engine = engine
        self._bos = c.llama_vocab_bos(vocab)
        self._adds_bos = bool(c.llama_vocab_get_add_bos(vocab)) and self._bos >= 0
        source = engine.llama.metadata.get("tokenizer.chat_template") if source is None else source
        if not source:
            raise ModelError("the model file has no chat template", hint="Use an instruction-tuned (chat) GGUF model")
        names = {"bos_token": self._spelled(self._bos), "eos_token": self._spelled(c.llama_vocab_eos(vocab))}
        kind = instant("llama_vocab_get_attr")
        special = (token for token in range(engine.n_vocab) if kind(vocab, token) & SPECIAL_KINDS)
        spelled = sorted({self._spelled(token) for token in special} - {""}, key=len, reverse=True)
        self._special = re.compile("|".join(map(re.escape, spelled)) or r"(?!)")
        self._template, self._names = self._compile(source), names
        self._merges_system = not self._takes_system()

    @staticmethod
    def _compile(source: str) -> Any:
        import jinja2

        try:
            return _compiled(source)
        except jinja2.TemplateError as error:
            raise ModelError(f"the model's chat template cannot be read: {error}") from error

    def _spelled(self, token: int) -> str:
        text = native().llama_vocab_get_text(self._engine.vocab, token) if token >= 0 else b""
        return text.decode("utf-8", "replace") if text else ""

    def _render(self, roles: Sequence[str]) -> str:
        messages = [{"role": role, "content": f"{OPEN}{i}{CLOSE}"} for i, role in enumerate(roles)]
        return str(
            self._template.render(messages=messages, add_generation_prompt=True, enable_thinking=False, **self._names)
        )

    def _takes_system(self) -> bool:
        """Say whether the template shows a system message once; it must show a user's."""
        import jinja2

        try:
            if MARK.findall(self._render(["system", "user"])) == ["0", "1"]:
                return True
        except (jinja2.TemplateError, TypeError):
            pass
        try:
            if MARK.findall(self._render(["user"])) == ["0"]:
                return False
        except (jinja2.TemplateError, TypeError) as error:
            raise ModelError(f"the model's chat template cannot be used: {error}") from error
        raise ModelError("the model's chat template does not show the user's message")

    def prompt(self, messages: Sequence[BaseMessage]) -> Prompt:
        """Return the tokens of a conversation, ready for the model to answer.

        Raises:
            ModelError: the messages cannot be put into this template.
        """
        import jinja2

        parts = turns(messages)
        instructions = parts[0].text if parts[0].role == "system" else ""
        if instructions and self._merges_system:
            first = parts[1]
            if first.role != "user":
                parts[0] = Turn("user", instructions)
            else:
                parts[:2] = [Turn("user", f"{instructions}\n\n{first.text}")]
        try:
            rendered = self._render([turn.role for turn in parts])
        except (jinja2.TemplateError, TypeError) as error:
            raise ModelError(f"the model's chat template refuses this conversation: {error}") from error
        texts = [turn.text for turn in parts]
        if [int(mark) for mark in MARK.findall(rendered)] != list(range(len(texts))):
            raise ModelError("the model's chat template does not show every message of this conversation")
        tokens = self._tokens(rendered, texts)
        stable = 0
        if instructions:
            head = rendered[: MARK.search(rendered).end()]  # type: ignore[union-attr]
            beginning = self._tokens(head, [instructions])
            stable = next(
                (i for i, pair in enumerate(zip(beginning, tokens, strict=False)) if pair[0] != pair[1]), len(beginning)
            )
        return Prompt(tokens, stable)

    def _tokens(self, rendered: str, texts: Sequence[str]) -> list[int]:
        """Cut a rendered template, its marks replaced by the texts, into tokens."""
        # Odd elements are the marks' numbers.
        pieces = MARK.split(rendered)
        whole = "".join(texts[int(piece)] if i % 2 else piece for i, piece in enumerate(pieces))
        own = sum(len(self._special.findall(piece)) for piece in pieces[::2])
        if len(self._special.findall(whole)) == own:
            tokens = self._engine.tokenize(whole, special=True)
        else:
            tokens = [
                token
                for i, piece in enumerate(pieces)
                for token in self._engine.tokenize(texts[int(piece)] if i % 2 else piece, special=not i % 2)
            ]
        if self._adds_bos and tokens[:1] != [self._bos]:
            tokens.insert(0, self._bos)
        return tokens
