"""The card that is written beside the trained verifier."""

from pathlib import Path

from stores.manifest import replace

_TEXT = """# Verifier of answer sentences

Gradient-boosted trees (LightGBM, exported to ONNX) that say how probable it is that a quotation bears a sentence which
uses words that the quotation has not. It decides only where no rule speaks against the sentence (`hard.py`: numbers with
units, names, denial, directions, sides, quantifiers, reserve); `grounding.verifier = "words"` does without it.

- Made by `quodvide train support`, seed {seed}, from SciFact claims with supporting and contradicting sentences, from
  sentences of abstracts with true and false variants made by program, and from half of PubMedQA. No question set.
- Features: similarity of vectors (all-MiniLM-L6-v2), words in common by their rarity, the nearest word of the quotation for each
  unknown one, order, numbers, denials, directions, reserve, lengths. `support.json` holds the rarity of {words:,} word stems.
- Held out: a fifth of the claims and abstracts, joined where a claim or an abstract is shared, and the other half of PubMedQA.
  Scale and threshold ({threshold}) were set on pairs that their trees had not seen, so that at most {share:.0%} of false pairs
  pass it, and of no kind more than twice that.
- The default is "words" all the same: on claims and conclusions that people wrote it passes hardly more than that does, and
  what it adds on sentences that a program varied is not free of false ones. See the rows "supported" and "conclusion".
- Limits: the rules were written by somebody who had read SciFact claims, held-out ones too; their share in the figures is
  seen in the row "rules alone". Sentences that nobody marked count as false although some support the claim. What a
  program changed is not what a model gets wrong. English alone.

{table}
"""


def write_card(path: Path, table: str, *, seed: int, threshold: float, share: float, words: int) -> None:
    """Write the card."""
    text = _TEXT.format(seed=seed, threshold=threshold, share=share, words=words, table=table)
    replace(path, text.encode())
