"""What goes to a cloud model, and what it may cost: the best drafts by a visible score, an estimate first, a budget throughout."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import typer

from agent import offline, purpose
from agent.chat_models import ChatModels, price, remote
from agent.metering import FREE, Price
from agent.settings import LOCAL, Settings
from prompts.characters import printable
from stores.errors import ConfigError
from stores.records import Record
from stores.usage import OK

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from stores.usage import Call

T = TypeVar("T")

_CHARACTERS_A_TOKEN = 3  # English has four or more, but figures and names fewer, and an estimate must not be too low
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


def wish_of(drafts: int, refiner: str, budget: float | None, *, yes: bool) -> Wish | None:
    """Return what the options of a command ask for; None for no refinement.

    Raises:
        ConfigError: an option stands there without --refine.
    """
    if drafts:
        return Wish(drafts, refiner, yes=yes, budget=budget)
    if refiner or yes or budget is not None:
        raise ConfigError("--refiner, --yes and --budget go with --refine N")
    return None


@dataclass(frozen=True)
class Prompt:
    """One call: the characters that are sent, and the tokens that may come back."""

    characters: int
    max_tokens: int


def prompts_of(asked: "Iterable[tuple[Sequence[BaseMessage], int]]") -> list[Prompt]:
    """Return what calls would send and get back: from messages and the most tokens of each answer."""
    return [Prompt(sum(len(str(each.content)) for each in messages), most) for messages, most in asked]


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


class Better(NamedTuple):
    """What a refinement came to.

    Attributes:
        worded: the parts that the model words now.
        faults: why others stand as they were.
    """

    worded: tuple[str, ...]
    faults: tuple[str, ...]


class Refinement(Record):
    """What became of a draft that was chosen, as its record tells.

    Attributes:
        model: that answered, or that was to.
        score: by which it was chosen.
        worded: the parts that the model words now: sections of a profile, themes of a summary.
        reason: why the others stand as they were; empty where none does.
        fallback_reason: why another model than the first answered.
        input_tokens: that the model read.
        output_tokens: that it wrote.
        cost: US dollars; None where the price is not known.
    """

    model: str
    score: float
    worded: tuple[str, ...] = ()
    reason: str = ""
    fallback_reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None


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


def check(settings: Settings, wish: Wish) -> None:
    """Refuse at once what could not be sent later.

    Raises:
        ConfigError: as `with_refiner`; its library or key is missing, a budget has no price to go by, or nobody is there
            to agree to the cost.
    """
    settings = with_refiner(settings, wish)
    models = ChatModels(settings)
    chat = models.of("refine")
    models.close()
    if chat is None:
        raise ConfigError(
            "the model that refines is the local one, and chat.model is none", where="setting roles.refine"
        )
    if wish.budget is not None and price_of(settings) is None:
        raise ConfigError(
            "a budget needs the price of the model", hint="Set input_price and output_price of it in settings.toml"
        )
    if not wish.yes and not sys.stdin.isatty():
        raise ConfigError("nobody is there to agree to the cost of --refine", hint="Give --yes, and perhaps --budget")


def price_of(settings: Settings) -> Price | None:
    """Return what the tokens of the refiners cost at most; None where nobody said."""
    prices = [FREE if name == LOCAL else price(remote(settings, name)) for name in settings.roles.of("refine")]
    known = [each for each in prices if each is not None]
    if len(known) < len(prices):
        return None
    return Price(input=max(each.input for each in known), output=max(each.output for each in known))


def best(drafts: Sequence[Draft], most: int) -> list[Draft]:
    """Return the drafts with the highest scores that have something to refine, the best first."""
    return sorted((one for one in drafts if one.prompts), key=lambda one: (-one.score, one.place))[:most]


def at_most(prompts: Sequence[Prompt], cost: Price | None) -> Cost:
    """Return what calls can cost at most, by the length of what is sent and the limit of what comes back."""
    read = sum(-(-one.characters // _CHARACTERS_A_TOKEN) for one in prompts)
    written = sum(one.max_tokens for one in prompts)
    return Cost(read, written, None if cost is None else _dollars(read, written, cost))


def spent(calls: "Sequence[Call]", cost: Price | None) -> Cost:
    """Return what calls did cost, by whichever model each was answered; one that failed counts nothing."""
    read, written = sum(one.input_tokens or 0 for one in calls), sum(one.output_tokens or 0 for one in calls)
    return Cost(read, written, None if cost is None else sum(one.cost or 0.0 for one in calls))


def _dollars(read: int, written: int, cost: Price) -> float:
    return (read * cost.input + written * cost.output) / _A_MILLION


def run(
    settings: Settings,
    wish: Wish,
    route: str,
    found: Sequence[T],
    draft_of: Callable[[int, T], Draft | None],
    better: "Callable[[T, BaseChatModel, str], tuple[T, Better]]",
) -> "Iterator[tuple[T, Refinement | None]]":
    """Yield everything in order, the best drafts in the words of the refiner as far as these pass their checks.

    Args:
        settings: in force.
        wish: how many, by which model, at what price.
        route: what the calls serve, in the log of usage.
        found: drafts, and what is none.
        draft_of: a place and what is there to a draft; None for what is none.
        better: has a draft refined, given the model and its name.

    Raises:
        ConfigError: as `with_refiner`.
    """
    settings = with_refiner(settings, wish)
    models = ChatModels(settings)
    try:
        drafts = [draft for place, one in enumerate(found) if (draft := draft_of(place, one)) is not None]
        chosen = best(drafts, wish.drafts)
        name, cost = models.name("refine"), price_of(settings)
        if not agree(chosen, wish, name, cost):
            chosen = []
        purse = Purse(wish.budget, cost)
        done: dict[int, tuple[T, Refinement]] = {}
        # The best first, so that a budget goes to them.
        for draft in chosen:
            done[draft.place] = _refined(found[draft.place], draft, models, purse, route, better)
        if done:
            worded = sum(bool(about.worded) for _, about in done.values())
            typer.echo(f"{worded:,} of {len(done):,} are in its words now; {purse.said()}", err=True)
        for place, one in enumerate(found):
            yield done.get(place, (one, None))
    finally:
        models.close()


def _refined(
    one: T,
    draft: Draft,
    models: ChatModels,
    purse: "Purse",
    route: str,
    better: "Callable[[T, BaseChatModel, str], tuple[T, Better]]",
) -> "tuple[T, Refinement]":
    chat, name = models.of("refine"), models.name("refine")
    assert chat is not None, "a refiner was named"  # noqa: S101
    if not purse.allows(draft.prompts):
        return one, Refinement(model=name, score=draft.score, reason="the budget is used up", cost=0.0)
    with purpose.serving(route) as serves:
        changed, came = better(one, chat, name)
    calls = list(serves.calls)
    cost = spent(calls, purse.cost)
    purse.pay(cost, len(calls))
    about = Refinement(
        model=", ".join(dict.fromkeys(call.model for call in calls if call.code == OK)) or name,
        score=draft.score,
        worded=came.worded,
        reason="; ".join(came.faults),
        fallback_reason="; ".join(dict.fromkeys(call.fallback_reason for call in calls if call.fallback_reason)),
        input_tokens=cost.input_tokens,
        output_tokens=cost.output_tokens,
        cost=cost.dollars,
    )
    return (changed if came.worded else one), about


def agree(chosen: Sequence[Draft], wish: Wish, model: str, cost: Price | None) -> bool:
    """Show what would be sent, and return whether it may be."""
    total = at_most([prompt for one in chosen for prompt in one.prompts], cost)
    for one in chosen[:_SHOWN]:
        typer.echo(f"{one.score:6.1f}  {printable(one.name)}", err=True)
    if len(chosen) > _SHOWN:
        typer.echo(f"        and {len(chosen) - _SHOWN:,} more", err=True)
    many = "1 draft" if len(chosen) == 1 else f"{len(chosen):,} drafts"
    typer.echo(f"{many} would go to {model}: at most {total}.", err=True)
    if wish.yes or not chosen:
        return bool(chosen)
    return typer.confirm("Send them?", err=True)


class Purse:
    """What has been spent of a budget.

    Args:
        budget: US dollars; None for no limit.
        cost: of tokens; None where it is not known.

    Attributes:
        cost: as given.
    """

    def __init__(self, budget: float | None, cost: Price | None) -> None:
        self._budget, self.cost = budget, cost
        self._calls, self._spent = 0, Cost(0, 0, None if cost is None else 0.0)

    def allows(self, prompts: Sequence[Prompt]) -> bool:
        """Return whether what these calls can cost at most is still there."""
        if self._budget is None:
            return True
        more, so_far = at_most(prompts, self.cost).dollars, self._spent.dollars
        return more is not None and so_far is not None and so_far + more <= self._budget

    def pay(self, cost: Cost, calls: int) -> None:
        """Count what calls did cost."""
        before = self._spent
        dollars = None if before.dollars is None or cost.dollars is None else before.dollars + cost.dollars
        self._calls += calls
        self._spent = Cost(before.input_tokens + cost.input_tokens, before.output_tokens + cost.output_tokens, dollars)

    def said(self) -> str:
        """Return what was spent, in words."""
        return f"{self._calls:,} calls: {self._spent}"
