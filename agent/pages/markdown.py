"""A profile as Markdown (CommonMark with tables): no text from a paper becomes markup, a link or an image."""

import re

from agent.pages.made import made
from agent.pages.places import placed
from agent.pages.tables import tables
from agent.pages.text import clean, ranges
from agent.pages.view import Cell, Reference, Table, view
from tools.profiling.base import Profile

_LISTED = 25  # rows of a table; the JSON has all
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$^{}@]|(?<=[A-Za-z]):(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_NUMBERED = re.compile(r"[0-9]+[.)]")


def to_markdown(profile: Profile) -> str:
    """Return the page of a profile: the same text for the same facts and words."""
    shown, listed = view(profile), tables(profile.facts)
    chapters, rest = placed(shown.chapters, (), listed)
    name = f"[{escaped(shown.id)}](<{shown.href}>)" if shown.href else escaped(shown.id)
    parts = [
        f"# {escaped(shown.name)}",
        f"Author profile, {shown.window} ({shown.reason}) · {name}",
        " · ".join(f"**{number}** {label}" for number, label in shown.tiles),
    ]
    if "years" in listed:
        parts.append(_table(listed["years"]))
    for one in chapters:
        parts.append(f"## {escaped(one.chapter.title)}")
        parts += [f"{escaped(said.text)}{_behind(said.numbers)}" for said in one.chapter.said]
        if one.chapter.by_model:
            parts.append("*Worded by the model within the checks.*")
        parts += [_table(listed[table]) for table in one.tables]
    for table in rest.tables:
        parts += [f"## {escaped(listed[table].title)}", _table(listed[table])]
    if shown.references:
        parts += ["## Papers", "\n".join(_reference(one) for one in shown.references)]
    how = made(profile)
    parts += ["## How this page was made", "\n".join(f"- **{term}:** {escaped(text)}" for term, text in how.lines)]
    if how.put_aside:
        aside = "\n".join(f"- {escaped(line)}" for line in how.put_aside)
        parts += ["Wordings of the model were put aside for these findings:", aside]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return a text that Markdown shows as itself, on one line."""
    text = _SPECIAL.sub(r"\\\g<0>", clean(text))
    # What would begin a heading, a list or a rule where a line begins.
    if text[:1] in "#+-=:!~" and text:
        return "\\" + text
    if found := _NUMBERED.match(text):
        return f"{found.group()[:-1]}\\{text[found.end() - 1 :]}"
    return text


def _behind(numbers: tuple[int, ...]) -> str:
    return f" \\[{ranges(numbers)}\\]" if numbers else ""


def _table(table: Table) -> str:
    numeric = [cell.number for cell in table.rows[0]]
    lines = [
        _row(list(map(escaped, table.columns))),
        _row(["---:" if number else "---" for number in numeric]),
        *(_row([_cell(cell) for cell in row]) for row in table.rows[:_LISTED]),
    ]
    notes = [table.note] if table.note else []
    if len(table.rows) > _LISTED:
        notes.insert(0, f"And {len(table.rows) - _LISTED:,} more.")
    return "\n".join(lines) + (f"\n\n{escaped(' '.join(notes))}" if notes else "")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    return f"[{escaped(cell.text)}](<{cell.href}>)" if cell.href else escaped(cell.text)


def _reference(one: Reference) -> str:
    paper = one.paper
    title = escaped(paper.title)
    details = [str(paper.year)] if paper.year is not None else []
    if paper.cited_by_count is not None:
        details.append(f"cited {paper.cited_by_count:,} {'time' if paper.cited_by_count == 1 else 'times'}")
    details.append(escaped(paper.id))
    return f"{one.number}. {f'[{title}](<{one.href}>)' if one.href else title} ({', '.join(details)})"
