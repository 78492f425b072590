"""Replies as a person reads them in a terminal."""

import textwrap
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from graphs.question.state import Clarification, Entity, Reply
from prompts.characters import printable
from stores.keys import name_key
from stores.records import Paper
from tools.grounding.base import Citation, Sentence
from tools.retrieval.find import FoundPaper

_MATCHED = 100  # characters of a string that satisfies a condition
# What the line of a paper shows by itself.
_PLAIN = {"author", "venue", "year"}
_HEADING_CHARS = 80  # of a section's heading that are shown
_AROUND = 700  # characters shown before and after a quotation that is opened
_LEAST = 20  # characters of a line's text, however narrow the terminal
_MENTIONS = 8  # named in the line below an answer
_AUTHORS = 3  # named of a paper in a list; the rest are "et al."


def safe(text: str) -> str:
    """Return a text that prints as itself: nothing hidden, nothing that drives the terminal, no markup."""
    return escape(printable(text))


def one_line(text: str) -> str:
    """Return a text that prints as itself on one line: a title cannot pass for the next entry of its list."""
    return safe(" ".join(text.split()))


def entry(console: Console, head: str, markup: str, indent: int | None = None) -> None:
    """Print an entry of a list, wrapped at words, its further lines below its text and not below its number.

    Args:
        console: to print on.
        head: what stands before the text, as markup.
        markup: the text.
        indent: of further lines; by default as wide as the head.
    """
    first = Text.from_markup(head, emoji=False)
    indent = first.cell_len if indent is None else indent
    room = console.width - max(indent, first.cell_len)
    for n, line in enumerate(Text.from_markup(markup, emoji=False).wrap(console, max(_LEAST, room))):
        line.rstrip()
        console.print(Text.assemble(" " * indent if n else first, line), highlight=False, soft_wrap=True)


class Shown:
    """Numbers the citations of one answer as they come, so that a sentence can be printed before the next exists.

    Args:
        console: to print on.
        folded: whether sources are named and not quoted, because they can be opened afterwards.
    """

    def __init__(self, console: Console, *, folded: bool = False) -> None:
        self._console = console
        self._folded = folded
        self._heading: str | None = None
        self.citations: dict[Citation, int] = {}

    def sentence(self, sentence: Sentence) -> None:
        """Print a sentence with the numbers of what it cites."""
        numbers = "".join(f"[{self.citations.setdefault(c, len(self.citations) + 1)}]" for c in sentence.citations)
        if sentence.paper_ids:
            numbers += f"[+{len(sentence.paper_ids) - len(sentence.citations):,}]"
        text = f"“{sentence.text}”" if sentence.wording == "quotation" else sentence.text
        if sentence.heading is not None and sentence.heading != self._heading:
            self._heading = sentence.heading
            self._console.print(f"\n[bold]{one_line(sentence.heading)}[/bold]", highlight=False)
        entry(self._console, "", f"{safe(text)} [cyan]{safe(numbers)}[/cyan]" if numbers else safe(text))

    def sources(self, papers: Iterable[FoundPaper] = ()) -> None:
        """Print what the numbers stand for: the quotation, its paper and where it stands there."""
        known = {paper.paper_id: paper for paper in papers}
        if self.citations:
            self._console.print()
        for citation, number in self.citations.items():
            paper = known.get(citation.paper_id)
            title = f"{describe(paper)}" if paper else citation.paper_id
            place = where(citation)
            head = f"[cyan]{safe(f'[{number}]')}[/cyan] "
            entry(self._console, head, f"{one_line(title)} [dim]({one_line(place)})[/dim]")
            if self._folded or (paper and citation.section == "title" and citation.quote == paper.title):
                continue  # it stands there already, or can be opened
            quote = textwrap.shorten(citation.quote, 400, placeholder=" …")
            entry(self._console, "    ", f"[dim]“{safe(quote)}”[/dim]")


def quoted(console: Console, number: int, citation: Citation) -> None:
    """Print what a number stands for: the place and the whole quotation."""
    head = f"[cyan]{safe(f'[{number}]')}[/cyan] "
    entry(console, head, f"[cyan]{one_line(where(citation))}[/cyan]\n“{safe(citation.quote)}”")


def paper(console: Console, found: Paper) -> None:
    """Print a paper: its title, who wrote it, where and when, its abstract and a link."""
    entry(console, "", f"[bold]{one_line(found.title)}[/bold]")
    if found.authors:
        entry(console, "", one_line(", ".join(author.name for author in found.authors)), indent=2)
    link = found.url or (f"https://doi.org/{found.doi}" if found.doi else "")
    cited = f"cited {found.cited_by_count:,} times" if found.cited_by_count is not None else ""
    about = ", ".join(part for part in (found.venue or "", str(found.year or ""), cited) if part)
    if about:
        entry(console, "", f"[dim]{one_line(about)}[/dim]", indent=2)
    abstract = found.abstract or (found.full_text[:_AROUND] + " …" if found.full_text else "(no abstract is stored)")
    entry(console, "", safe(abstract))
    console.print(f"[dim]{one_line(f'{found.id} {link}')}[/dim]".rstrip(), highlight=False, soft_wrap=True)


def understood(console: Console, entities: Sequence[Entity]) -> None:
    """Print in one dim line what a question was understood to name, and how sure each link is."""
    said = []
    for entity in entities[:_MENTIONS]:
        best = entity.link.candidates[0] if entity.link.candidates and not entity.link.nil else None
        linked = f"{best.name} {entity.link.confidence:.2f}" if best else entity.text
        unknown = ": no match" if entity.link.nil else ""
        said.append(f"{'not ' if entity.negated else ''}{entity.type} {one_line(linked)}{unknown}")
    if said:
        more = " · …" if len(entities) > _MENTIONS else ""
        entry(console, "", f"[dim]{' · '.join(said)}{more}[/dim]", indent=2)


def hints(reply: Reply, shown: Shown) -> str:
    """Return what can be opened of an answer."""
    said = ["/sources N opens one" if shown.citations else "", "/paper N shows one" if reply.lists else ""]
    return "; ".join(each for each in said if each)


def opened(console: Console, citation: Citation, paper: Paper | None) -> None:
    """Print the text around a quotation, the quotation marked and between quotation marks."""
    console.print(f"[cyan]{one_line(where(citation))}[/cyan]", highlight=False)
    if paper is None or paper.section(citation.section)[citation.start : citation.end] != citation.quote:
        console.print(
            f"“{safe(citation.quote)}”\n[yellow](the paper has changed or gone since)[/yellow]", highlight=False
        )
        return
    if citation.section != "title":
        console.print(f"[bold]{one_line(paper.title)}[/bold]", highlight=False)
    text = paper.section(citation.section)
    before, after = text[: citation.start], text[citation.end :]
    head = before if len(before) <= _AROUND else "… " + before[-_AROUND:].partition(" ")[2]
    tail = after if len(after) <= _AROUND else after[:_AROUND].rpartition(" ")[0] + " …"
    console.print(
        f"[dim]{safe(head)}[/dim][bold yellow]“{safe(citation.quote)}”[/bold yellow][dim]{safe(tail)}[/dim]",
        highlight=False,
    )


def where(citation: Citation) -> str:
    """Return where a quotation stands: paper, page and section where they are known, and offsets."""
    parts = (
        citation.paper_id,
        f"p. {citation.page}" if citation.page else "",
        textwrap.shorten(citation.heading or "", _HEADING_CHARS, placeholder=" …"),
        f"{citation.section} {citation.start}–{citation.end}",
    )
    return ", ".join(part for part in parts if part)


def describe(paper: FoundPaper) -> str:
    """Return authors, year, title and venue of a paper in one line."""
    names = ", ".join(paper.authors[:_AUTHORS]) + (" et al." if len(paper.authors) > _AUTHORS else "")
    year = f" ({paper.year})" if paper.year else ""
    cited = f", cited {paper.cited_by_count:,} times" if paper.cited_by_count is not None else ""
    title = paper.title.rstrip(".")
    venue = f"{'' if title.endswith(('?', '!')) else '.'} {paper.venue}" if paper.venue else ""
    return f"{names}{year}. {title}{venue}{cited}".lstrip(" .")


def matched(paper: FoundPaper) -> str:
    """Return how a paper satisfies the conditions, in one line: only what the line above it does not show."""
    said = []
    for match in paper.matches:
        if match.type in _PLAIN or match.source == "title" or name_key(match.text) in name_key(match.condition):
            continue
        place = "text" if match.source == "body" else match.source
        said.append(f"{match.condition}: {place} “{textwrap.shorten(match.text, _MATCHED, placeholder=' …')}”")
    return "; ".join(said)


def end(console: Console, shown: Shown, reply: Reply) -> None:
    """Print what follows the sentences: a list, sources, or why there is no answer."""
    if reply.outcome == "needs_clarification" and reply.clarification:
        question(console, reply.clarification)
    elif reply.outcome != "answered":
        colour, word = ("yellow", "No answer") if reply.outcome == "refused" else ("red", "Failed")
        console.print(f"[{colour}]{word}:[/{colour}] {safe(reply.reason or '')}", highlight=False)
    if reply.lists:
        for n, listed in enumerate(reply.papers, start=1):
            entry(console, f"{n:3}. ", f"{one_line(describe(listed))} [dim]({one_line(listed.paper_id)})[/dim]")
            if why := matched(listed):
                entry(console, "     ", f"[dim]{one_line(why)}[/dim]")
    shown.sources(reply.papers)


def question(console: Console, clarification: Clarification) -> None:
    """Print what must be chosen."""
    console.print(f"[yellow]{safe(clarification.question)}[/yellow]", highlight=False)
    for n, option in enumerate(clarification.options, start=1):
        facts = f" – {option.facts}" if option.facts else ""
        entry(console, f"{n:3}. ", f"{one_line(option.name + facts)} [dim]({one_line(option.id)})[/dim]")
