"""True variants of a sentence, made by program: clauses dropped, words exchanged for their like, passives."""

import re
from random import Random

# Rows of words that say the same in abstracts; lists of the check itself are not used, so that their words are unknown.
_ROWS = [
    "moreover|furthermore|additionally|in addition", "significantly|markedly|substantially|considerably",
    "crucial|essential|vital|key", "novel|new", "commonly|frequently|usually", "primarily|mainly|chiefly",
    "however|nevertheless|still", "investigate|examine|study|explore", "investigated|examined|studied|explored",
    "investigates|examines|studies|explores", "tackle|address|deal with", "tackles|addresses|deals with",
    "obtain|get|acquire", "obtained|acquired|gained", "conduct|perform|carry out", "conducted|performed|carried out",
    "due to|because of|owing to", "in order to|so as to|to", "leads to|results in|brings about", "led to|resulted in|brought about",
    "aim to|seek to|want to", "aims to|seeks to|tries to", "respectively|in that order", "since|because|as",
    "assess|evaluate|gauge", "assessed|evaluated|gauged", "illustrate|show|display", "regarding|concerning|about",
    "previous work|earlier work|prior research", "recent years|the last few years", "a variety of|a range of|diverse",
    "existing|current|present", "performance|results", "extract|pull out", "generate|produce|yield", "generated|produced|yielded",
    "generates|produces|yields", "determine|establish|ascertain", "determined|established|ascertained", "illness|disease",
    "children|kids", "drug|medicine", "patients|people treated", "physicians|doctors", "participants|subjects", "elderly|older",
    "fatal|deadly|lethal", "mortality|deaths|death rate", "therapy|treatment", "tumor|tumour|neoplasm", "cancer|malignancy",
    "heart attack|myocardial infarction", "high blood pressure|hypertension", "kidney|renal", "hepatic|liver",
    "cardiac|heart", "pulmonary|lung", "neural network|neural net", "large language models|LLMs", "texts|documents",
    "utterances|spoken sentences", "annotators|labellers", "annotated|labelled|labeled", "annotation|labelling", "errors|mistakes",
    "speed|pace", "costly|expensive", "cheap|inexpensive", "quickly|rapidly|fast", "accurately|precisely", "challenge|difficulty",
    "challenges|difficulties", "task|problem", "domain|field|area", "framework|scheme", "architecture|design", "notably|remarkably",
    "combine|merge|join", "combines|merges|joins", "combined|merged|joined", "select|choose|pick", "selected|chosen|picked",
    "necessary|needed", "sufficient|enough|adequate", "simple|plain|straightforward", "entire|whole", "begin|start", "begins|starts",
    "assist|help|aid", "allows|permits|lets", "allow|permit|let", "enables|makes possible", "is able to|can", "are able to|can",
    "consists of|comprises|is made up of", "relies on|depends on|is based on", "rely on|depend on", "focus on|concentrate on",
    "focuses on|concentrates on", "take into account|consider", "understanding|comprehension", "meaning|sense", "link|connection|tie",
    "association|relationship|link", "associated with|linked to|related to|tied to", "risk|danger|likelihood", "occurs|happens|takes place",
    "occur|happen|take place", "infants|babies", "adolescents|teenagers", "women|females", "men|males", "physician|doctor", "teach|instruct",
    "students|learners|pupils", "reveals|uncovers|brings to light", "support|back", "confirm|verify", "confirmed|verified",
    "response|reaction", "onset|beginning|start", "widely|broadly", "rapid|fast|quick", "robust|sturdy|stable", "promising|encouraging",
    "publicly available|open to the public", "in terms of|with respect to|as regards", "scarce|rare|in short supply",
]  # fmt: skip
_LIKE: dict[str, list[str]] = {}
for _row in _ROWS:
    for _word in _row.split("|"):
        _LIKE.setdefault(_word, []).extend(other for other in _row.split("|") if other != _word)
_ANY = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, _LIKE), key=len, reverse=True)) + r")\b")
_LEAD = re.compile(
    r"^(?:(?:In this (?:paper|work|study|article)|Here|However|Moreover|Furthermore|In addition|Additionally|Finally|Thus"
    r"|Therefore|To this end|In particular|Specifically|As a result|Overall|RESULTS|CONCLUSIONS?|METHODS|BACKGROUND),?:?\s)"
)
_WE = re.compile(r"^We\b")
_TAIL = re.compile(r",\s(?:which|where|who|with|including|such as|thus|thereby|while|and thus)\b[^,;]*[.;]?$")
_ASIDE = re.compile(r"\s\([^()]*\)")
_PASSIVE = re.compile(
    r"^We (propose|present|introduce|describe|develop|evaluate|compare|analyze|investigate|examine|study) (?=an?\b|the\b|two\b|three\b)(.+?)(?= (?:that|which|for|to|based|by|in|on|using|with)\b|[.,;])"
)
_PARTICIPLES = {
    "propose": "proposed", "present": "presented", "introduce": "introduced", "describe": "described", "develop": "developed",
    "evaluate": "evaluated", "compare": "compared", "analyze": "analyzed", "investigate": "looked into", "examine": "looked at",
    "study": "studied",
}  # fmt: skip
_AUTHORS = ("The authors", "They", "The paper", "This work", "The researchers")
_EXCHANGED = 3
_LEAST_WORDS = 5


def variant(text: str, random: Random) -> str:
    """Return a sentence that is true if the given one is, in other words where it knows some."""
    made = _LEAD.sub("", text)
    if _PASSIVE.match(made) and random.random() < 0.6:  # noqa: PLR2004
        made = _PASSIVE.sub(_passive, made)
    else:
        made = _WE.sub(random.choice(_AUTHORS), made)
    if random.random() < 0.7:  # noqa: PLR2004
        made = _ASIDE.sub("", made)
    if random.random() < 0.7:  # noqa: PLR2004
        made = _shortened(made)
    made = _exchanged(made, random)
    return made[:1].upper() + made[1:]


def _passive(match: re.Match[str]) -> str:
    plural = re.match(r"(?:two|three)\b", match.group(2)) is not None
    return f"{match.group(2)} {'are' if plural else 'is'} {_PARTICIPLES[match.group(1)]}"


def _shortened(text: str) -> str:
    short = _TAIL.sub(".", text)
    return short if len(short.split()) >= _LEAST_WORDS else text


def _exchanged(text: str, random: Random) -> str:
    places = list(_ANY.finditer(text))
    random.shuffle(places)
    for match in sorted(places[: random.randint(1, _EXCHANGED)], key=lambda m: -m.start()):
        text = text[: match.start()] + random.choice(_LIKE[match.group()]) + text[match.end() :]
    return text
