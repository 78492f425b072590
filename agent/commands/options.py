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
