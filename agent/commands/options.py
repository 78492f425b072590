"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option("--home", help="The home folder; also QUODVIDE_HOME.", show_default=False),
]
Input = Annotated[
    str, typer.Option("--input", "-i", help="JSON Lines to answer, one record each; - for standard input.")
]
Output = Annotated[
    str, typer.Option("--output", "-o", help="Where the answers go; - for standard output; .gz compresses.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Skip records that the output already answers.")]
Json = Annotated[bool, typer.Option("--json", help="Print the record as JSON.")]
Top = Annotated[int, typer.Option("--top", min=1, max=1000, help="How many results.")]
Refine = Annotated[
    int,
    typer.Option(
        "--refine",
        min=0,
        help="Have a model elsewhere word the best N better, by a score that is shown; the cost is estimated first, and"
        " what fails the checks stays as it was.",
        show_default=False,
    ),
]
Refiner = Annotated[
    str,
    typer.Option(
        "--refiner",
        help="The model for --refine: a name of the setting remotes, or provider:model; by default roles.refine.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Agree to the estimated cost.")]
Budget = Annotated[
    float | None,
    typer.Option("--budget", min=0, help="Dollars that --refine may cost at most.", show_default=False),
]
