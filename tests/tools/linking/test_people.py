"""Names of persons: the quick way to their parts finds the same as nameparser, on names as they are and on odd ones."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from stores.catalogue import Catalogue
from stores.home import Home
from tools.linking.people import PersonName, _any_parts, _plain_parts, parse

WORDS = st.one_of(
    st.sampled_from(
        [
            "Ana",
            "J.",
            "J",
            "Dr.",
            "Prof.",
            "van",
            "de",
            "y",
            "e",
            "del",
            "Jr",
            "III",
            "PhD",
            "MD",
            "Sr.",
            "Ben",
            "Abu",
            "Le",
            "Sir",
            "O'Neil",
            "Núñez",
            "Müller-Lang",
            "Ir.",
            "Jac.",
            "St.",
            "Dela",
            "Ma",
        ]
    ),
    st.text("aábcdeéijnoópstuüyzABDJMSV-'’.,", min_size=1, max_size=7),
)


def test_the_names_of_a_registry(demo_home: Path) -> None:
    catalogue = Catalogue(Home(demo_home).catalogue)
    names = [text for _, _, _, text, _, _ in catalogue.authorities.names(["author"])]
    quick = [name for name in names if _plain_parts(name)]
    assert len(quick) > 0.8 * len(names)
    assert [_plain_parts(name) for name in quick] == [_any_parts(name) for name in quick]


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=5).map(" ".join))
def test_odd_names(text: str) -> None:
    assert _plain_parts(text) in (None, _any_parts(text))


def test_parts() -> None:
    assert parse("Christopher D. Manning") == PersonName(("christopher", "d"), ("manning",))
    assert parse("Manning, Christopher D.") == PersonName(("christopher", "d"), ("manning",))
    assert parse("Ludwig van Beethoven").family == ("van", "beethoven")
    assert parse("Rui-Bin Núñez-Álvarez") == PersonName(("rui", "bin"), ("nunez", "alvarez"))
