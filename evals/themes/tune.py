"""Tune the encoder of themes on the list of fields and on our own texts, and write what changed as low-rank differences.

Two things are learned at once: to tell the field that a sentence, a list of words or a description was written for among
the others of its step (InfoNCE; van den Oord et al., 2018, "Representation Learning with Contrastive Predictive Coding"), and to order the
themes of a text as they were graded (ListNet; Cao et al., 2007, "Learning to Rank: From Pairwise Approach to Listwise Approach").

Beside the encoder that is shipped, one is tuned for each of four parts of the texts, without that part and without the fields that
came with it: the weights of the ranker are learned from texts as an encoder sees them that never saw them. On a GPU that
takes two minutes, on two cores hours.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from evals.themes.data import GradedText, own_texts
from stores.manifest import replace
from tools.embedding.model_folder import bundled_folder
from tools.themes.known import Field, fields

if TYPE_CHECKING:
    import torch

PARTS = ((0,), (1, 5), (2, 6), (3, 4, 7))
_RATE, _WARM = 5e-5, 30
_EPOCHS = 3
_BATCH, _TEXTS = 64, 8
_SHARPNESS = 18.0
_RANK = 24
_CUES = 6
_LONGEST = 160
_BY_LABEL = 0.3  # of the fields of a step are shown by their label alone


def part_name(part: tuple[int, ...]) -> str:
    """Return the name of the file of the encoder that did not see these batches."""
    return f"without-{'-'.join(map(str, part))}.safetensors"


def wordings(listed: list[Field]) -> list[tuple[str, str]]:
    """Return (what is said, the label of its field) of every field."""
    found = []
    for field in listed:
        lists = [", ".join(field.cues[n : n + _CUES]) for n in range(0, len(field.cues), _CUES)]
        found += [(one, field.label) for one in (*field.said, field.description, *lists)]
    return found


class Tuning:
    """One tuning of the bundled encoder.

    Args:
        device: torch's name of it.
        seed: of the order and the draws.
        without: batches of texts and fields to leave out.
    """

    def __init__(self, device: str, seed: int, without: tuple[int, ...] = ()) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer, logging

        # The pooler, which is not used, would be reported as unexpected.
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        torch.manual_seed(seed)
        self._draw, self._device = Random(seed), device
        self._listed = [one for one in fields() if not one.batch or one.batch not in without]
        self._texts = [one for one in own_texts(seed) if one.batch not in without]
        self._tokenizer = AutoTokenizer.from_pretrained(bundled_folder())
        self._model = AutoModel.from_pretrained(bundled_folder(), add_pooling_layer=False).to(device)
        self._before = {name: value.detach().clone() for name, value in self._model.encoder.state_dict().items()}
        for value in self._model.embeddings.parameters():
            value.requires_grad = False

    def run(self, epochs: int = _EPOCHS, most_steps: int | None = None) -> list[float]:
        """Tune; return the loss of each step."""
        import torch

        tuned = [value for value in self._model.parameters() if value.requires_grad]
        optimizer = torch.optim.AdamW(tuned, lr=_RATE, weight_decay=0.01)
        steps = list(self._steps(epochs))[:most_steps]
        losses = []
        self._model.train()
        for number, (said, texts) in enumerate(steps):
            for group in optimizer.param_groups:
                group["lr"] = _RATE * min(1, (number + 1) / _WARM) * max(0.02, 1 - number / len(steps))
            loss = self._loss(said, texts)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(tuned, 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
        return losses

    def differences(self) -> "dict[str, torch.Tensor]":
        """Return what tuning changed, in the form that `adapted` reads."""
        import torch

        found = {}
        for name, value in self._model.encoder.state_dict().items():
            change = (value - self._before[name]).detach().float()
            if change.dim() == 1:
                found[f"encoder.{name}.delta"] = change.half().cpu()
                continue
            left, sizes, right = torch.linalg.svd(change, full_matrices=False)
            roots = sizes[:_RANK].sqrt()
            found[f"encoder.{name}.up"] = (left[:, :_RANK] * roots).half().cpu().contiguous()
            found[f"encoder.{name}.down"] = (roots[:, None] * right[:_RANK]).half().cpu().contiguous()
        return found

    def _steps(self, epochs: int) -> Iterator[tuple[list[tuple[str, str]], list[GradedText]]]:
        said, texts = wordings(self._listed), list(self._texts)
        for _ in range(epochs):
            self._draw.shuffle(said)
            self._draw.shuffle(texts)
            for number in range(len(said) // _BATCH):
                place = number * _TEXTS
                few = [texts[(place + n) % len(texts)] for n in range(_TEXTS)]
                yield said[number * _BATCH : (number + 1) * _BATCH], few

    def _loss(self, said: list[tuple[str, str]], texts: list[GradedText]) -> "torch.Tensor":
        import torch
        from torch.nn.functional import cross_entropy

        known = {field.label: field for field in self._listed}
        lists = [
            [theme.label for theme in one.themes if theme.label in known and theme.label not in one.negated]
            for one in texts
        ]
        labels = list(dict.fromkeys([*(label for _, label in said), *(label for some in lists for label in some)]))
        place = {label: n for n, label in enumerate(labels)}
        shown = [label if self._draw.random() < _BY_LABEL else known[label].full for label in labels]
        vectors = self._encode([*(words for words, _ in said), *(one.text for one in texts)])
        near = vectors @ self._encode(shown).T * _SHARPNESS
        loss = cross_entropy(near[: len(said)], torch.tensor([place[label] for _, label in said], device=self._device))
        for row, one, some in zip(near[len(said) :], texts, lists, strict=True):
            gains = torch.tensor([2.0 ** one.relevant.get(label, 0) - 1 for label in some], device=self._device)
            if gains.sum() > 0:
                order = torch.log_softmax(row[[place[label] for label in some]], 0)
                loss = loss - (gains / gains.sum() * order).sum() / len(texts)
        return loss

    def _encode(self, texts: list[str]) -> "torch.Tensor":
        import torch

        tokens: Any = self._tokenizer(texts, padding=True, truncation=True, max_length=_LONGEST, return_tensors="pt")
        tokens = tokens.to(self._device)
        states = self._model(**tokens).last_hidden_state
        mask = tokens["attention_mask"][..., None]
        mean: torch.Tensor = (states * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(mean, dim=-1)


def main() -> None:
    """Tune the five encoders and write them to a folder."""
    import torch
    from safetensors.torch import save

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="the folder for encoder.safetensors and those of the parts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--steps", type=int, default=None, help="stop each tuning after so many steps")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for part in ((), *PARTS):
        tuning = Tuning(options.device, options.seed, part)
        losses = tuning.run(most_steps=options.steps)
        file = options.output / (part_name(part) if part else "encoder.safetensors")
        replace(file, save(tuning.differences()))
        print(f"{file.name}: {len(losses)} steps, loss {losses[0]:.2f} → {losses[-1]:.2f}", flush=True)
