"""Mentions of institutions: any text can be read, spellings meet, and the countries that a text names are found."""

from functools import cache
from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stores.words import WordIndex
from tools.linking.mention import MOST_WORDS, MentionWords, find_places, read_mention
from tools.linking.registry import USUAL_TOTAL, usual_words
from tools.linking.wording import name_words

NAMES = (
    "Heidelberg University", "Universität Heidelberg", "Müller Institute", "Georgia Institute of Technology", "Universität Köln",
    "Brazil Foundation", "University of California San Diego", "Max Planck Institute for Physics", "Texas A&M University",
    "Technical University of Munich", "大学", "Łódź University of Technology", "AT&T Laboratories", "Science Museum",
)  # fmt: skip
pieces = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(categories=("Cc", "Cf", "Cs", "Mn", "So", "Lo", "Zs", "Zl")), max_size=12),
    st.sampled_from(
        [
            *NAMES,
            ", ",
            "; ",
            "&amp;",
            "&#",
            "\u202e",
            "\u200f",
            "\x00",
            "👩‍🔬",
            "Dept. of",
            "(USA)",
            "x" * 500,
            "Ünïçødé",
        ]
    ),
)
texts = st.lists(pieces, max_size=12).map("".join)


@cache
def index() -> WordIndex:
    return WordIndex.build([(name_words(name), n) for n, name in enumerate(NAMES)], usual_words(), USUAL_TOTAL)


def read(text: str) -> MentionWords:
    return read_mention(text, index())


def meant(mention: MentionWords) -> set[str]:
    """Return the words of names that a mention speaks for."""
    return {index().words[number] for number in mention.weights}


def check(mention: MentionWords) -> None:
    size = len(mention.words)
    assert size <= MOST_WORDS
    assert len(mention.parts) == len(mention.upper) == len(mention.ids) == size
    assert mention.parts == sorted(mention.parts)
    assert all(0 <= part < mention.count for part in mention.parts)
    assert all(word and word == word.strip() for word in mention.words)
    assert all(-1 <= number < len(index().words) for number in mention.ids)
    assert all(0 < weight <= 1 for weight in mention.weights.values())
    assert all(0 <= number < len(index().words) for number in mention.weights)
    assert mention.at.keys() == mention.weights.keys()
    assert all(0 <= place < size for places in mention.at.values() for place in places)
    assert all(number in mention.weights for number in mention.ids if number >= 0)
    place = mention.place
    assert all(len(code) == 2 and code.isupper() for code in place.said | place.implied)


@settings(max_examples=100, deadline=None)
@given(texts)
@example("")
@example("\u202e ., ?")
@example("\ud800 lone \udfff surrogates")
@example("İstanbul Üniversitesi ŉ ﬁ ㎏ Ⅷ")
@example("&amp;&amp;;&lt;")
def test_any_text_can_be_read(text: str) -> None:
    mention = read(text)
    check(mention)
    again = read(text)
    assert (again.words, again.weights, again.place) == (mention.words, mention.weights, mention.place)


@pytest.mark.parametrize(
    "text",
    [
        "University " * 9_000, "x" * 100_000, "é" * 50_000, "e" + "\u0301" * 99_999, "a&" * 50_000, "(" * 100_000,
        ". Abcd" * 16_000, "CamelCase" * 11_000, "New South Wales, " * 6_000, "".join(chr(0x4E00 + n) for n in range(9_999)) * 10,
        "\u202eمرحبا שלום 😀 " * 5_000,
    ],
    ids=range(11),
)  # fmt: skip
def test_a_hundred_kilobytes(text: str) -> None:
    began = perf_counter()
    check(read(text))
    assert perf_counter() - began < 5


def test_the_words_after_the_most_are_left_out() -> None:
    many = read(" ".join(f"word{n}" for n in range(500)))
    assert many.words == [f"word{n}" for n in range(MOST_WORDS)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Dept. of Physics, Heidelberg University, Germany", 3),
        ("Heidelberg University; Universität Köln", 2),
        ("Heidelberg University (Germany)", 2),
        ("Heidelberg University - Physics", 2),
        ("Heidelberg-Mannheim", 1),
        ("Univ of Heidelberg", 1),
        (",,;; , ", 0),
        ("of the, Heidelberg", 1),
    ],
)
def test_parts(text: str, parts: int) -> None:
    assert read(text).count == parts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Universität Köln", ["university", "koln"]),
        ("Univ. of Koln", ["university", "koln"]),
        ("TU Munich", ["technology", "university", "munich"]),
        ("MPI for Physics", ["max", "planck", "institute", "physics"]),
        ("UC San Diego", ["university", "california", "saint", "diego"]),
        ("Texas A&amp;M University", ["texas", "m", "university"]),
        ("AT&amp;T Labs", ["t", "laboratory"]),
        ("Alzheimer&#39;s &quot;Center&quot;", ["alzheimers", "center"]),
        ("HeidelbergUniversity", ["heidelberg", "university"]),
        ("Politechnika Łódzka", ["polytechnic", "lodzka"]),
        ("the of", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert read(text).words == words


def test_an_entity_reads_like_its_character() -> None:
    for entity, plain in (("Texas A&amp;M", "Texas A&M"), ("King&apos;s", "King's"), ("a &lt;b&gt;", "a <b>")):
        assert (read(entity).words, read(entity).text) == (read(plain).words, plain)


@pytest.mark.parametrize("text", ["Müller Institut", "Mueller Institut", "MUELLER INSTITUTE", "Muller Inst"])
def test_umlauts_meet(text: str) -> None:
    assert meant(read(text)) >= {"muller", "institute"}


@pytest.mark.parametrize(
    ("text", "word", "least"),
    [
        ("Heidelberg", "heidelberg", 1.0),
        ("Heidelburg", "heidelberg", 0.7),
        ("Heidleberg", "heidelberg", 0.7),
        ("Koeln", "koln", 0.95),
        ("Brazilian Foundation", "brazil", 0.95),
        ("Museums", "museum", 0.95),
    ],
)
def test_other_spellings_weigh_less(text: str, word: str, least: float) -> None:
    number = index().id_of(word)
    assert number is not None
    weight = read(text).weights[number]
    assert least <= weight <= 1
    assert (weight == 1) == (least == 1)


def test_capitals_are_known() -> None:
    assert read("WHO who Who").upper == [True, False, False]


@pytest.mark.parametrize(
    ("text", "said", "implied"),
    [
        ("Heidelberg, Germany", {"DE"}, set()),
        ("Seoul, Republic of Korea", {"KR"}, set()),
        ("Ann Arbor, Michigan", set(), {"US"}),
        ("Stanford, CA 94305, USA", {"US"}, {"US"}),
        ("Stanford, CA 94305", set(), {"US"}),
        ("Bavaria", set(), set()),
        ("Universidade de São Paulo", set(), {"BR"}),
        ("German Research Foundation", set(), {"DE"}),
        ("Brazilian and French", set(), {"BR", "FR"}),
        ("Oxford, U.K.", {"GB"}, set()),
        ("Oxford, uk", set(), set()),
        ("tell us more", set(), set()),
        ("Lausanne, Switzerland; Torino, Italy", {"CH", "IT"}, set()),
        ("", set(), set()),
        ("\u202e\x00😀", set(), set()),
    ],
)  # fmt: skip
def test_places(text: str, said: set[str], implied: set[str]) -> None:
    found = find_places(text)
    assert found.said == said
    assert implied <= found.implied <= implied | said


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("University of New Mexico, USA", "MX"),
        ("Queen's University, Northern Ireland", "IE"),
        ("Port Moresby, Papua New Guinea", "GN"),
        ("Juba, South Sudan", "SD"),
        ("Malabo, Equatorial Guinea", "GN"),
        ("Sydney, New South Wales, Australia", "GB"),
        ("Kinshasa, DR Congo", "CG"),
        ("Bissau, Guinea-Bissau", "GN"),
        ("Santo Domingo, Dominican Republic", "DM"),
        ("Pyongyang, North Korea", "KR"),
    ],
)
def test_a_country_inside_another_name_is_not_named(text: str, code: str) -> None:
    assert code not in find_places(text).said


@pytest.mark.parametrize(
    "text", ["Georgia Institute of Technology, Atlanta, GA, USA", "Georgia Inst. of Tech., Atlanta, GA"]
)
def test_a_state_that_is_called_like_a_country(text: str) -> None:
    assert "GE" not in find_places(text).said


@pytest.mark.parametrize(
    "text",
    [
        "Instituto de Física, La Plata",
        "Al-Azhar University",
        "UNIVERSIDAD DE CHILE",
        "AL-AZHAR UNIVERSITY, CAIRO",
        "Galapagos NV, Mechelen, Belgium",
    ],
)
def test_no_states(text: str) -> None:
    assert "US" not in find_places(text).implied


@pytest.mark.parametrize(
    "name",
    [
        *NAMES[:-2],
        "Cégep de l'Abitibi-Témiscamingue",
        "Ernst & Young",
        "Институт физики",
        "北京大学",
        "جامعة القاهرة",
        "Đại học Bách khoa Hà Nội",
        "Cole\u0301gio Santa Marcelina",
        "उत्कल विश्वविद्यालय",
        "สำนักงานคณะกรรมการส่งเสริมวิทยาศาสตร์",
    ],
)
def test_a_name_reads_the_same_as_a_mention(name: str) -> None:
    assert read(name).words == name_words(name)
