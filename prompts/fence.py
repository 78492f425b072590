"""Makes a text that others wrote safe for a prompt.

Whatever goes into a blank of a prompt passes through `fenced`, a question as well as a sentence of a paper. Afterwards it
is one line of visible characters, in which no control token of a chat template, no mark of a citation, no markup and no
fence of code can be spelled: such signs are drawn apart by a blank, so that nothing but white space is changed and
"p < 0.05" or "[0, 1]" keep their meaning. NFC, not NFKC, which would make 102 of 10².
"""

import re
import unicodedata

from prompts.characters import visible

__all__ = ["fenced"]

LONGEST = 600  # characters; the longest of real abstracts' sentences but for a few lists
# Where a blank goes in: after "<" (not of "<0.05" or "<="), "[" before a word or "/", "{"; and into "|>", "}}".
# ChatML, Llama 3, Phi: <|user|>; Llama 2, Mistral: [INST], <<SYS>>, </s>; Gemma: <start_of_turn>; DeepSeek: <｜User｜>.
_APART = re.compile(r"(?<=<)(?=[^\s\d=.,+-])|(?<=\[)(?=[\w/])|(?<=\{)(?=\S)|(?<=[|｜])(?=>)|(?<=\})(?=\})")
_RUNS = re.compile(r"`{3,}|~{3,}|#{2,}")


def fenced(text: str, longest: int = LONGEST) -> str:
    """Return a text as a prompt may hold it.

    Args:
        text: a sentence, a paragraph or a name, of a paper or of the user.
        longest: how many characters are kept.
    """
    text = unicodedata.normalize("NFC", visible(text))
    text = _RUNS.sub(lambda run: " ".join(run.group()), text)
    return " ".join(_APART.sub(" ", text).split())[:longest].rstrip()
