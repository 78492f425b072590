"""What goes to a cloud model, and what it may cost: the best drafts by a visible score, an estimate first, a budget throughout."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from agent import offline
from agent.chat_models import price, remote
from agent.metering import Price
from agent.settings import LOCAL, Settings
from prompts.characters import printable
from stores.errors import ConfigError
from tools.grounding.base import TokenUsage

_CHARACTERS_A_TOKEN = 4  # of English; figures and names take more, so what is written is counted by its limit
_A_MILLION = 1_000_000
_SHOWN = 10  # drafts that are named before they go


@dataclass(frozen=True)
class Wish:
    """What the user asks for.

    Attributes:
        drafts: how many of the best are to be refined; 0 for none.
        refiner: a name of `remotes`, or provider:model; empty for the first of roles.refine.
        yes: whether the cost is agreed to beforehand.
        budget: US dollars at most; None for no limit.
    """

    drafts: int = 0
    refiner: str = ""
    yes: bool = False
    budget: float | None = None


@dataclass(frozen=True)
class Prompt:
    """One call: the characters that are sent, and the tokens that may come back."""

    characters: int
    max_tokens: int


@dataclass(frozen=True)
class Draft:
    """A draft that may be refined.

    Attributes:
        place: among all drafts.
        name: for a person.
        score: by which drafts are chosen.
        prompts: what its refinement would send.
    """

    place: int
    name: str
    score: float
    prompts: Sequence[Prompt]


@dataclass(frozen=True)
class Cost:
    """Tokens, and US dollars where the price is known."""

    input_tokens: int
    output_tokens: int
    dollars: float | None

    def __str__(self) -> str:
        """Return it in words."""
        money = "at a price that the settings do not name" if self.dollars is None else f"${self.dollars:.4f}"
        return f"{self.input_tokens:,} tokens read and {self.output_tokens:,} written, {money}"


def with_refiner(settings: Settings, wish: Wish) -> Settings:
    """Return the settings with the refiner that the user names, or that they name themselves.

    Raises:
        ConfigError: neither names one, or it is not described, or this run is to stay offline.
    """
    names = (wish.refiner,) if wish.refiner else settings.roles.of("refine")
    if not names:
        raise ConfigError(
            "no model is named that refines", hint="Give --refiner NAME, or set roles.refine in settings.toml"
        )
    for name in names:
        if name != LOCAL:
            remote(settings, name)
    roles = settings.roles.model_copy(update={"refine": names})
    chosen = settings.model_copy(update={"roles": roles})
    if chosen.offline:
        offline.check(chosen)
    return chosen


def price_of(settings: Settings) -> Price | None:
    """Return what the tokens of the first refiner cost; None where nobody said."""
    name = settings.roles.of("refine")[0]
    return Price(input=0, output=0) if name == LOCAL else price(remote(settings, name))


def best(drafts: Sequence[Draft], most: int) -> list[Draft]:
    """Return the drafts with the highest scores that have something to refine, the best first."""
    return sorted((one for one in drafts if one.prompts), key=lambda one: (-one.score, one.place))[:most]


def at_most(prompts: Sequence[Prompt], cost: Price | None) -> Cost:
    """Return what calls can cost at most, by the length of what is sent and the limit of what comes back."""
    read = sum(-(-one.characters // _CHARACTERS_A_TOKEN) for one in prompts)
    written = sum(one.max_tokens for one in prompts)
    return Cost(read, written, None if cost is None else _dollars(read, written, cost))


def spent(usage: TokenUsage, cost: Price | None) -> Cost:
    """Return what calls did cost."""
    dollars = None if cost is None else _dollars(usage.input_tokens, usage.output_tokens, cost)
    return Cost(usage.input_tokens, usage.output_tokens, dollars)


def _dollars(read: int, written: int, cost: Price) -> float:
    return (read * cost.input + written * cost.output) / _A_MILLION


def agree(chosen: Sequence[Draft], wish: Wish, model: str, cost: Price | None) -> bool:
    """Show what would be sent, and return whether it may be.

    Raises:
        ConfigError: it would cost more than the budget, or cannot be priced, or nobody is there to ask.
    """
    total = at_most([prompt for one in chosen for prompt in one.prompts], cost)
    if wish.budget is not None and total.dollars is None:
        raise ConfigError(
            "a budget needs the price of the model", hint="Set input_price and output_price of it in settings.toml"
        )
    for one in chosen[:_SHOWN]:
        typer.echo(f"{one.score:6.1f}  {printable(one.name)}", err=True)
    if len(chosen) > _SHOWN:
        typer.echo(f"        and {len(chosen) - _SHOWN:,} more", err=True)
    typer.echo(f"{len(chosen):,} drafts would go to {model}: at most {total}.", err=True)
    if wish.yes or not chosen:
        return bool(chosen)
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to agree to it", hint="Give --yes")
    return typer.confirm("Send them?", err=True)


class Purse:
    """What has been spent of a budget.

    Args:
        budget: US dollars; None for no limit.
        cost: of tokens; None where it is not known.
    """

    def __init__(self, budget: float | None, cost: Price | None) -> None:
        self._budget, self._cost = budget, cost
        self.usage = TokenUsage()

    def allows(self, prompts: Sequence[Prompt]) -> bool:
        """Return whether what these calls can cost at most is still there."""
        if self._budget is None:
            return True
        more, so_far = at_most(prompts, self._cost).dollars, spent(self.usage, self._cost).dollars
        return more is not None and so_far is not None and so_far + more <= self._budget

    def pay(self, usage: TokenUsage) -> None:
        """Count what calls used."""
        self.usage = self.usage.plus(usage)

    def said(self) -> str:
        """Return what was spent, in words."""
        return f"{self.usage.calls:,} calls: {spent(self.usage, self._cost)}"
