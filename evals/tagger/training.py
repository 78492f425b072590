"""Trains the network."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter

import torch
from torch import Tensor
from torch.nn import functional

from evals.tagger.batches import IGNORED, Batch, Row, batches
from evals.tagger.network import Network

BATCH = 48
RATE, HEAD_RATE = 1e-4, 1e-3
# The piece [MASK] of BERT's vocabulary.
MASK = 103
_WARM_UP = 0.05
_SMOOTHING = 0.03
_INTENT_WEIGHT = 0.5
_DECAY = 0.01
_REPORT_EVERY = 100


def best_device() -> torch.device:
    """Return the GPU when there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def loss_of(network: Network, batch: Batch, device: torch.device) -> Tensor:
    """Return the loss of one batch: cross entropy over words, and over intents where they are known."""
    ids, shapes, mask, labels, intents = (
        torch.from_numpy(array).to(device)
        for array in (batch.ids, batch.shapes, batch.mask, batch.labels, batch.intents)
    )
    with torch.autocast(device.type, dtype=torch.bfloat16):
        of_labels, of_intents = network(ids, shapes, mask)
    return _entropy(of_labels.flatten(0, 1), labels.flatten()) + _INTENT_WEIGHT * _entropy(of_intents, intents)


def _entropy(scores: Tensor, right: Tensor) -> Tensor:
    known = right != IGNORED
    if not bool(known.any()):
        return scores.sum() * 0
    return functional.cross_entropy(scores[known].float(), right[known], label_smoothing=_SMOOTHING)


def train(
    network: Network,
    data: Sequence[Row],
    *,
    epochs: int,
    seed: int,
    batch: int = BATCH,
    report: Callable[[str], None] = print,
) -> list[float]:
    """Train the network in place, the rate falling to zero over all epochs; return the loss of each step.

    Args:
        network: moved to the best device there is.
        data: the examples.
        epochs: how often each is seen.
        seed: of the order and of dropout.
        batch: examples a step.
        report: takes a line now and then.
    """
    torch.manual_seed(seed)
    device = best_device()
    network.to(device).train()
    heads = [p for name, p in network.named_parameters() if name.startswith(("labels", "intents", "shapes"))]
    body = [p for name, p in network.named_parameters() if not name.startswith(("labels", "intents", "shapes"))]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=_DECAY, fused=True
    )
    steps = epochs * math.ceil(len(data) / batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    losses: list[float] = []
    begin = perf_counter()
    for part in _all_batches(data, epochs, seed, batch):
        loss = loss_of(network, part, device)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if len(losses) % _REPORT_EVERY == 0:
            speed = len(losses) * batch / (perf_counter() - begin)
            recent = sum(losses[-_REPORT_EVERY:]) / _REPORT_EVERY
            report(f"step {len(losses):,} of {steps:,}: loss {recent:.4f}, {speed:.0f} examples a second")
    network.eval()
    return losses


def _all_batches(data: Sequence[Row], epochs: int, seed: int, batch: int) -> Iterator[Batch]:
    for epoch in range(epochs):
        yield from batches(random.Random(f"order {seed} {epoch}"), data, batch, MASK)


def _rate(step: int, steps: int) -> float:
    """Return the share of the full rate: rising at first, then falling as a cosine."""
    warm = max(1, int(steps * _WARM_UP))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, steps - warm))))
