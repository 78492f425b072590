"""The figure by which drafts of profiles are chosen for a cloud model."""

from stores.catalogue import Catalogue
from tools.profiling.base import Section, Statement, Window
from tools.profiling.profile import profile
from tools.profiling.standing import standing, tellable

WINDOW = Window(year_from=2018, year_to=2022)


def test_the_total_is_made_of_its_parts(catalogue: Catalogue):
    found = profile(catalogue, "ada", WINDOW)
    figures = standing(found)
    told = [section for section in found.sections if len(section.statements) >= 2]
    assert list(tellable(found)) == told
    assert figures.sections == round(len(told) / 6, 3)
    assert figures.papers == round(len(found.facts.titles) / 20, 3) == 0.3
    assert 0.8 < figures.wording <= 1
    total = 50 * figures.sections + 30 * figures.papers + 20 * figures.wording
    assert abs(figures.total - total) < 0.1


def test_who_has_more_to_tell_stands_higher(catalogue: Catalogue):
    totals = [standing(profile(catalogue, author, WINDOW)).total for author in ("ada", "cy")]
    assert 100 >= totals[0] > totals[1] > 0


def test_where_no_section_has_two_statements_there_is_nothing_to_word(catalogue: Catalogue):
    found = profile(catalogue, "ada", WINDOW)
    one = Section.of("Only", [Statement(text="The catalogue holds 6 papers.", paper_ids=())])
    for sections in ((one,), ()):
        bare = found.model_copy(update={"sections": sections})
        assert not tellable(bare)
        figures = standing(bare)
        assert (figures.sections, figures.wording) == (0, 0)
        assert figures.total == round(30 * figures.papers, 1)
