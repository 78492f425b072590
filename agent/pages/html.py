"""A profile as one HTML file that stands alone: no script, nothing loaded, every text from a paper escaped."""

from functools import cache
from typing import TYPE_CHECKING, Any

from agent.pages.figures import figures
from agent.pages.made import made
from agent.pages.places import placed
from agent.pages.tables import tables
from agent.pages.text import clean, ranges
from agent.pages.view import view
from tools.profiling.base import Profile

if TYPE_CHECKING:
    from jinja2 import Template


def to_html(profile: Profile) -> str:
    """Return the page of a profile: the same bytes for the same facts and words."""
    from markupsafe import Markup

    shown = view(profile)
    drawn, listed = figures(profile), tables(profile.facts)
    # Only the drawings are markup; matplotlib escaped the names in them.
    drawings = {name: Markup(figure.svg) for name, figure in drawn.items()}  # noqa: S704
    chapters, rest = placed(shown.chapters, drawn, listed)
    return _template().render(
        view=shown, chapters=chapters, rest=rest, figures=drawn, drawings=drawings, tables=listed, made=made(profile)
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("agent.pages", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
        keep_trailing_newline=True,
    )
    environment.filters["ranges"] = ranges
    return environment.get_template("page.html")


def _finalize(value: Any) -> Any:
    """Clean what is written into the page; markup is ours and stays as it is."""
    return clean(value) if type(value) is str else value
