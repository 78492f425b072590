"""Learn what theme ranking ships: the fields in the space of the encoder of themes, and the weights of the features.

The weights are learned from our own texts (`texts.jsonl`), on themes written out in full, by label alone and by description
alone. Each text is read by an encoder that was tuned without it (`tune`). What it prints is measured by cross-validation over
texts: a text never has a part in the weights that rank it. The fields, whose words were written without the texts, are the
same in every fold.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evals.measures import line, ndcg
from evals.themes.data import OWN_TEXTS, own_texts
from evals.themes.tune import PARTS, part_name
from stores.manifest import replace
from tools.themes.base import Theme
from tools.themes.encoder import SHIPPED, theme_encoder
from tools.themes.features import FEATURES, OWN, Evidence, ThemeFacts, facts
from tools.themes.known import FOLDER, Known, fields, learn, same_model
from tools.themes.pieces import read
from tools.themes.rank import encoded
from tools.themes.weighing import Regression, Weighing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.embedding.base import Embedder

_FOLDS = 5
_DRAWS = 2
_STRENGTH = 0.3  # inverse of the regularisation
FORMS = ("full", "label", "description", "strange")
_Row = tuple[int, int, str, str, "NDArray[np.float32]", float, int]


@dataclass(frozen=True)
class Rows:
    """Features of (text, theme) pairs.

    Attributes:
        text: number of the text, of shape (n,).
        draw: number of the list of themes that was drawn for it, of shape (n,).
        label: of each theme.
        form: how the theme was written; "strange" is in full, as if its field were not on the list.
        features: of shape (n, len(FEATURES)).
        familiar: of shape (n,).
        grade: 0 to 3, of shape (n,).
    """

    text: "NDArray[np.int64]"
    draw: "NDArray[np.int64]"
    label: tuple[str, ...]
    form: "NDArray[np.str_]"
    features: "NDArray[np.float32]"
    familiar: "NDArray[np.float32]"
    grade: "NDArray[np.int64]"


def gather(encoders: Path, path: Path = OWN_TEXTS) -> Rows:
    """Return the features of our own texts with their themes, in each form, for the first draws.

    Args:
        encoders: the folder of those that were tuned without a part of the texts.
        path: the texts.
    """
    rows: list[_Row] = []
    for part in PARTS:
        encoder = theme_encoder(differences=encoders / part_name(part))
        rows += _rows_of(part, encoder, halved(learn(encoder)), path)
    texts, draws, labels, forms, features, familiar, grades = zip(*rows, strict=True)
    return Rows(
        np.array(texts), np.array(draws), labels, np.array(forms),
        np.stack(features), np.array(familiar, np.float32), np.array(grades),
    )  # fmt: skip


def _rows_of(part: tuple[int, ...], embedder: "Embedder", known: Known, path: Path) -> "Iterator[_Row]":
    place = {field.label: n for n, field in enumerate(fields())}
    told = [facts_of(embedder, known, form) for form in FORMS]
    for draw in range(_DRAWS):
        for number, graded in enumerate(own_texts(draw, path)):
            if graded.batch not in part:
                continue
            evidence = Evidence(read(graded.text, embedder), known)
            for theme in graded.themes:
                if theme.label in graded.negated:
                    continue  # what is set aside is the business of `denial`
                for form, of_form in zip(FORMS, told, strict=True):
                    fact = of_form[place[theme.label]]
                    grade = graded.relevant.get(theme.label, 0)
                    yield number, draw, theme.label, form, evidence.of(fact), fact.familiar, grade


def facts_of(embedder: "Embedder", known: Known, form: str) -> list[ThemeFacts]:
    """Return the facts of every field as a theme in that form."""
    themes = [_in_form(field.label, field.description, form) for field in fields()]
    vectors = embedder.embed([encoded(theme) for theme in themes])
    labels = embedder.embed([theme.label for theme in themes])
    return [
        facts(theme, vector, label, known, n if form == "strange" else None)
        for n, (theme, vector, label) in enumerate(zip(themes, vectors, labels, strict=True))
    ]


def _in_form(label: str, description: str, form: str) -> Theme:
    if form == "label":
        return Theme(label=label)
    return Theme(label=description) if form == "description" else Theme(label=label, description=description)


def fit(rows: Rows, chosen: "NDArray[np.bool_]", embedder: str, seed: int = 0) -> Weighing:
    """Return the weights learned from the chosen rows."""
    seen = chosen & (rows.form != "strange")
    return Weighing(
        embedder=embedder,
        features=FEATURES,
        familiar=_regression(rows.features[seen], rows.grade[seen]),
        strange=_regression(rows.features[chosen][:, : len(OWN)], rows.grade[chosen]),
        seed=seed,
        texts=len(set(rows.text[chosen].tolist())),
    )


def _regression(features: "NDArray[np.float32]", grade: "NDArray[np.int64]") -> Regression:
    """Return a logistic regression of relevance without negative slopes; what is relevant weighs what it gains in nDCG.

    Both sides weigh the same in all, so that even odds part them best however many themes are given.

    All features speak for a theme. Free slopes would learn that who describes own work avoids the field's name, which is so
    in our texts because they were written so.
    """
    from scipy.optimize import minimize

    middle, scale = features.mean(axis=0).astype(np.float64), features.std(axis=0).astype(np.float64) + 1e-9
    columns = np.column_stack([(features - middle) / scale, np.ones(len(grade))])
    signs, weights = np.where(grade > 0, 1.0, -1.0), np.maximum(2.0**grade - 1, 1)
    weights[grade == 0] *= weights[grade > 0].sum() / (grade == 0).sum()

    def loss(slopes: "NDArray[np.float64]") -> "tuple[float, NDArray[np.float64]]":
        margins = signs * (columns @ slopes)
        wrong = weights * signs / (1 + np.exp(margins))
        penalty = slopes[:-1] / _STRENGTH
        value = float(weights @ np.logaddexp(0, -margins)) + float(slopes[:-1] @ penalty) / 2
        return value, np.append(penalty, 0.0) - columns.T @ wrong

    size = features.shape[1]
    bounds = [(0.0, None)] * size + [(None, None)]
    found = minimize(loss, np.zeros(size + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    slopes = found[:-1] / scale
    intercept = float(found[-1] - slopes @ middle)
    return Regression(slopes=tuple(round(float(one), 5) for one in slopes), intercept=round(intercept, 5))


def cross_validate(rows: Rows, seed: int = 0) -> list[str]:
    """Return the lines of a report: nDCG@5 and the two shares at 50 of each form, over texts left out in turn."""
    texts = np.random.default_rng(seed).permutation(len(set(rows.text.tolist())))
    odds = np.zeros(len(rows.text))
    for fold in range(_FOLDS):
        out = np.isin(rows.text, texts[fold::_FOLDS])
        weights = fit(rows, ~out, "")
        odds[out] = [
            weights.log_odds(*one) for one in zip(rows.features[out], rows.familiar[out].tolist(), strict=True)
        ]
    return [row for form in FORMS for row in _figures(rows, odds, form)]


def _figures(rows: Rows, odds: "NDArray[np.float64]", form: str) -> list[str]:
    gains, first, above, below = [], [], [], []
    for text, draw in sorted(set(zip(rows.text.tolist(), rows.draw.tolist(), strict=True))):
        here = np.flatnonzero((rows.text == text) & (rows.draw == draw) & (rows.form == form))
        order: Sequence[int] = here[np.argsort(-odds[here], kind="stable")].tolist()
        labels = [rows.label[n] for n in order]
        grades = {rows.label[n]: int(rows.grade[n]) for n in here}
        gains.append(ndcg(labels, grades, 5))
        first.append(float(grades[labels[0]] > 0))
        above += [float(odds[n] > 0) for n in here if rows.grade[n]]
        below += [float(odds[n] <= 0) for n in here if not rows.grade[n]]
    names = ("nDCG@5", "first relevant", "relevant above 50", "irrelevant at most 50")
    return [line(f"{form}: {name}", values) for name, values in zip(names, (gains, first, above, below), strict=True)]


def main() -> None:
    """Learn, print what cross-validation says, and write the three files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("encoders", type=Path, help="the folder that `quodvide train theme-encoder` wrote")
    parser.add_argument("--output", type=Path, default=FOLDER, help="the folder for known.safetensors and weights.json")
    parser.add_argument("--seed", type=int, default=0, help="of the folds")
    options = parser.parse_args()
    rows = gather(options.encoders)
    print("\n".join(cross_validate(rows, options.seed)))
    encoder = theme_encoder(differences=options.encoders / SHIPPED.name)
    known = halved(learn(encoder))
    weights = fit(rows, np.ones(len(rows.text), bool), same_model(encoder), options.seed)
    options.output.mkdir(parents=True, exist_ok=True)
    replace(options.output / SHIPPED.name, (options.encoders / SHIPPED.name).read_bytes())
    replace(options.output / "known.safetensors", serialized(known))
    replace(options.output / "weights.json", weights.model_dump_json(indent=1).encode() + b"\n")
    print(f"written to {options.output}")


def halved(known: Known) -> Known:
    """Return the same in half precision, as it is shipped."""
    return Known(*(array.astype(np.float16).astype(np.float32) for array in vars(known).values()))


def serialized(known: Known) -> bytes:
    """Return the bytes of `known.safetensors`."""
    from safetensors.numpy import save

    return save({name: array.astype(np.float16) for name, array in vars(known).items()})
