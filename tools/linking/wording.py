"""Words of names of institutions as they are compared: small words left out, the same word of other languages made one."""

from functools import lru_cache
from typing import NamedTuple

from stores.keys import name_key
from tools.ner.lexicon import word_set

SMALL = word_set(
    "of the for and de la le les des du di da do dos das del della dell delle degli dei der die das dem den fur fuer und et in"
    " at on a an y e i to s von van het een en el los las na nad w we z und au aux sur per il lo gli d l no"
)
# The first of each row stands for all: the same noun in other languages, its plural and its usual abbreviations.
_GROUPS = (
    ("university universite universitat universitaet universita universidad universidade universiteit universitet universitas"
     " universitetet universitatea univ uni universities universitesi uniwersytet univerzita univerzitet egyetem yliopisto"
     " universitario universitaria universitaire universiti universitaires universitari"),
    "institute institut instituto istituto institutes inst instituut institutet instytut ustav intezet enstitusu institutul",
    "department dept departments departamento dipartimento departement deparment dep",
    "center centre centro centers centres centrum zentrum ctr cent centar central",
    "hospital hospitals hopital hospitalier ospedale krankenhaus klinikum hosp ziekenhuis sykehus sairaala hastanesi hospitalar",
    "national nacional nationale nazionale natl nat nationaal nationales nationaux",
    ("science sciences sci ciencia ciencias scienze wissenschaft wissenschaften scientific scientifique cientifico cientifica"
     " scientifica wetenschappen"),
    ("technology technologies technol tech technologie technologique tecnologia tecnologico tecnologica technological technische"
     " technical technischen technique techniques tecnica tecnico"),
    "academy acad academie academia akademie accademia akademia",
    "research recherche recherches investigacion investigaciones investigacao ricerca ricerche forschung res researches onderzoek",
    "medicine med medical medicina medicale medicinal medizin medizinische medica medico",
    "school sch schools escuela escola ecole scuola schule",
    "faculty fac faculdade facultad faculte facolta fakultat faculties",
    "college coll colleges colegio collegio",
    "laboratory lab laboratories labs laboratoire laboratoires laboratorio labor",
    "engineering eng engn ingenieria ingegneria ingenierie engenharia engineers engineer",
    "foundation fdn fundacion fundacao fondation fondazione stiftung fundacio stichting",
    "agency agence agencia agenzia agentur",
    "ministry ministerio ministere ministero ministerium minist",
    "society soc sociedad sociedade societe gesellschaft societa",
    "association assoc asociacion associacao associazione",
    "council consejo conselho conseil consiglio",
    "international int intl internacional internationale internazionale",
    "education educacion educacao educational",
    "health salud saude sante salute",
    "agriculture agricultural agr agric agronomique agronomica agropecuaria agricola",
    "polytechnic politecnico politecnica polytechnique politechnika polytechnical",
    "clinic clinica clinical clinique klinik clin clinics",
    "company co corp corporation inc ltd limited llc gmbh",
    "state estado estadual",
    "federal federale",
    "saint st sankt san santa santo sao sainte",
    "mount mt", "physics phys", "chemistry chem", "biology biol", "mathematics math", "general gen", "program programme",
    "development dev desarrollo desenvolvimento developpement",
    "affiliated affil affiliate", "southern south", "northern north", "eastern east", "western west",
)  # fmt: skip
# Short forms inside names, spelled out.
EXPANDED = {
    "TU": ("technical", "university"), "TH": ("technical", "university"), "MPI": ("max", "planck", "institute"),
    "UC": ("university", "california"), "SUNY": ("state", "university", "new", "york"),
}  # fmt: skip
_SAME = {word: row.split()[0] for row in _GROUPS for word in row.split()}


class Word(NamedTuple):
    """One word of a text as it is compared, and the number of the part of the text that it stands in."""

    text: str
    part: int


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Return what stands for a word of `name_key`."""
    return _SAME.get(word, word)


def name_words(text: str) -> list[str]:
    """Return the words of a name; a name of small words alone keeps them."""
    tokens = text.split()
    if len(tokens) > 1 and not EXPANDED.keys().isdisjoint(tokens):
        text = " ".join(word for token in tokens for word in EXPANDED.get(token, (token,)))
    words = name_key(text).split()
    kept = [fold(word) for word in words if word not in SMALL]
    return kept or [fold(word) for word in words]
