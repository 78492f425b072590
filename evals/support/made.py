"""Pairs that a program makes of sentences of abstracts: true variants, and false ones with one change."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from evals.support.corruptions import KINDS, Abstract, corrupted
from evals.support.pairs import Pair, fold_of, sentences
from evals.support.variants import variant
from tools.grounding.verifiers.base import Claim
from tools.grounding.words import content_stems, stem

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

_CHARS = (60, 320)
_PER_TEXT = 2
_FALSE_PER_SENTENCE = 4
_NEIGHBOURS = 12
_NEAR = (0.35, 0.72)  # cosine of words of like meaning that are seldom the same thing
_VOCABULARY = 4000


def made_pairs(
    texts: Iterable[tuple[str, str, str]], source: str, near: Callable[[str, Random], str | None], seed: int
) -> Iterator[Pair]:
    """Yield true and false variants of sentences.

    Args:
        texts: id, title and abstract of each paper.
        source: named in the pairs.
        near: a word to one of like meaning, or None.
        seed: of all choices.
    """
    random = Random(seed)
    names: list[str] = []
    for id_, title, text in texts:
        every = sentences(text)
        fit = [sentence for sentence in every if _CHARS[0] < len(sentence) < _CHARS[1]]
        names = (names + [word for word in text.split() if word[:1].isupper() and word.isalpha()])[-300:]
        for sentence in random.sample(fit, min(_PER_TEXT, len(fit))):
            abstract = Abstract([other for other in every if other != sentence], names, near)
            fold = fold_of(id_)
            yield Pair(Claim(variant(sentence, random), sentence, title), True, "variant", source, fold)
            for kind in random.sample(list(KINDS), _FALSE_PER_SENTENCE):
                basis = variant(sentence, random) if random.random() < 0.5 else sentence  # noqa: PLR2004
                if false := corrupted(basis, kind, abstract, random):
                    yield Pair(Claim(false, sentence, title), False, kind, source, fold)
            if others := abstract.others:
                other = nearest(sentence, others)
                yield Pair(Claim(variant(sentence, random), other, title), False, "same abstract", source, fold)


def nearest(sentence: str, others: Sequence[str]) -> str:
    """Return the one of other sentences that shares most content words with a sentence."""
    words = content_stems(sentence)
    return max(others, key=lambda text: len(words & content_stems(text)))


def rarity_of(texts: Iterable[str], most: int) -> dict[str, float]:
    """Return the logarithm of how seldom texts have each of the words that most of them have, by stem."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update(content_stems(text))
        total += 1
    return {word: log(total / count) for word, count in counts.most_common(most)}


def near_words(texts: Sequence[str], embedder: "Embedder") -> Callable[[str, Random], str | None]:
    """Return what finds for a frequent word another of like meaning that is seldom the same thing."""
    counts = Counter(
        word
        for text in texts
        for word in set(text.lower().replace(".", " ").replace(",", " ").split())
        if word.isalpha()
    )
    common = [word for word, _ in counts.most_common(_VOCABULARY + 300)[300:]]
    vectors = embedder.embed(common)
    place: Mapping[str, int] = {word: n for n, word in enumerate(common)}

    def near(word: str, random: Random) -> str | None:
        if word not in place:
            return None
        closeness = vectors @ vectors[place[word]]
        order = np.argsort(-closeness)
        fit = [
            common[n]
            for n in order[:200]
            if _NEAR[0] < closeness[n] < _NEAR[1] and stem(common[n]) != stem(word) and common[n][:4] != word[:4]
        ]
        return random.choice(fit[:_NEIGHBOURS]) if fit else None

    return near
