"""Patterns for names, addresses and schools, such as "brother Kai" (a relation and a name) or a number with a street.

The patterns depend on capital letters. A name without a relation before it can't be recognised reliably.
"""

import re
from typing import Final

from bot.domain.language.day_words import MONTHS, WEEKDAYS, any_of

NAME: Final = "name"
ADDRESS: Final = "address"
SCHOOL: Final = "named school"

_RELATIONS: Final = """
    mum mom mam mummy mother stepmum step-mum stepmother dad daddy father stepdad step-dad stepfather brother sister
    half-brother half-sister sibling twin son daughter nan nana nanny gran granny grandma grandmother grandad
    granddad grandfather aunt auntie uncle cousin niece nephew boyfriend girlfriend partner ex-partner ex friend
    aunty carer neighbour girl boy mate pal bf gf called named nicknamed nickname alias aka
    """.split()  # noqa: SIM905 - words to be read and added to
#: Words with a capital that follow a relation without being a name.
_NOT_A_NAME: Final = frozenset(word.lower() for word in (*WEEKDAYS, *MONTHS)) | frozenset(
    """
    i the he she they we it and but or in on at to of for with from has had is was will not no who that this if
    police health social education housing children childrens school college council camhs district panel court mase
    met nrm csc yos yjs sarc nhs mash lado operation op a&e english british polish romanian albanian somali muslim
    christian sikh hindu roma early family youth probation ambulance foster form team unit service office child area
    tongue section unknown support dispute agencies agency services crimestoppers barnardos connected reunited home
    house next see then as after before when while due now both all any yes none review visit meeting plan work
    worker mum mom dad mother father nan gran grandad carers residential ward group stated said reported reports
    asked wants thinks believes disclosed attended missing
    """.split()  # noqa: SIM905 - words to be read and added to
)
_NAME: Final = r"[A-Z][a-z'\u2019-]{2,}(?: [A-Z][a-z'\u2019-]+)?"
_OPENS: Final = r"(?: |, |: | - | of | [(\"'\u2018\u201c]|: [\"'\u201c])"
_AFTER_RELATION: Final = re.compile(
    rf"\b(?i:{any_of(_RELATIONS)}|known as|go(?:es|ing)? by(?: the (?:street )?name(?: of)?)?|street name"
    r"|(?:calls|called) (?:himself|herself|themselves|themself))(?: (?i:is|was) (?i:called|named))?"
    rf"(?P<opens>{_OPENS})(?P<name>{_NAME})(?P<end>.?)"
)
_TITLED: Final = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx)\.? [A-Z][a-z'\u2019-]+(?: [A-Z][a-z'\u2019-]+)?")
#: A title and a name after the role of a professional: "IRO Ms Clarke". A child's carers have no such role.
_PROFESSIONAL: Final = re.compile(
    r"\b(?:IRO|SW|ASW|TM|PC|PS|DC|DS|DI|DSL|SENCO|SENCo|HV|GP|YOT worker|[Ss]ocial [Ww]orker|[Tt]eam [Mm]anager"
    r"|[Hh]ead ?[Tt]eacher|[Dd]eputy [Hh]ead|[Hh]ead of [Yy]ear|[Hh]ealth [Vv]isitor|[Ss]chool [Nn]urse|[Nn]urse"
    r"|[Ss]olicitor|[Bb]arrister|[Jj]udge|[Cc]hair|[Rr]eviewing [Oo]fficer|[Pp]robation [Oo]fficer|[Cc]ouncillor|Cllr"
    r"|[Cc]onsultant|[Pp]sychiatrist|[Pp]sychologist|[Ii]nspector|[Ss]ergeant|[Mm]anager|[Dd]irector|[Cc]oordinator"
    r"|[Cc]o-ordinator|[Tt]utor|[Tt]eacher),? $"
)
_INITIALS: Final = re.compile(r"\b[A-Z]\. ?[A-Z]\.? ?\([0-9]{1,2}\)")

_LONGEST_ROLE: Final = 30

_STREET: Final = """
    Street St Road Rd Lane Ln Avenue Ave Close Cl Drive Way Court Ct Crescent Cres Place Pl Gardens Gdns Terrace Tce
    Grove Hill Row Square Sq Walk Mews Rise View Green Parade Approach Vale Wharf Quay Wynd
    Esplanade Promenade Villas Fold Croft Dene Cottages
    """.split()  # noqa: SIM905 - words to be read and added to
_HOUSE: Final = """
    House Court Heights Towers Tower Lodge Point Mansions Buildings Block
    """.split()  # noqa: SIM905 - words to be read and added to
_WORDS: Final = r"(?:[A-Z][\w'\u2019-]*[ \u00a0]){1,3}"
_ADDRESSES: Final = tuple(
    re.compile(shape)
    for shape in (
        rf"\b[0-9]{{1,4}}[A-Za-z]?,?[ \u00a0]{_WORDS}(?:{any_of(_STREET)})\b",
        rf"\b(?:[Ff]lat|[Aa]partment|[Aa]pt)[ \u00a0][0-9]{{1,4}}[A-Za-z]?,?[ \u00a0]{_WORDS}(?:{any_of(_HOUSE)})\b",
        r"\b(?i:lives? at|living at|stay(?:s|ing) at) [0-9]{1,4}[A-Za-z]?,? [A-Z][a-z]{2,}\b",
        rf"\b(?i:lives? at|living at|stay(?:s|ing) at|address(?: is)?:?) [0-9]{{1,4}}[a-z]?,? (?:[a-z]+ ){{1,2}}"
        rf"(?i:{any_of(_STREET)})\b",
    )
)

#: Words before "school" that do not name a school.
_NO_SCHOOL: Final = frozenset(
    """
    the her his their a an our this that each every any another new old current former previous next last local
    primary secondary high junior infant middle special virtual independent boarding state private nursery sunday
    summer after pre out-of contact ring call visit ask tell at from to in and or both mainstream catholic church
    community free art sixth further early police education health email e-mail year named which what no if when
    where
    """.split()  # noqa: SIM905 - words to be read and added to
)
_SCHOOL: Final = re.compile(
    r"(?P<name>(?:(?:St\.?|[A-Z][\w'\u2019-]+)[ \u00a0])(?:(?:[A-Z][\w'\u2019-]*|of|and|the)[ \u00a0]){0,4})"
    r"(?:School|Academy|College|Primary|Grammar|Infants|Juniors|Sixth Form|PRU)\b"
)
_ROLL: Final = re.compile(
    r"\b(?:(?i:pupil|student|on (?:the )?roll|enrolled) (?i:at|of)"
    r"|(?i:excluded|expelled|suspended) from) (?:the |The )?"
    r"(?P<name>[A-Z][a-z'\u2019]{2,}(?: [A-Z][a-z]+){0,2})"
)
_SCHOOL_YEAR: Final = re.compile(r"\b(?i:year|yr|y) ?[0-9]{1,2} at (?P<name>[A-Z][a-z'\u2019]{2,})")


def _first_word(text: str) -> str:
    return re.split(r"[ \u00a0]", text, maxsplit=1)[0].lower().replace("'", "")


def find_names(text: str) -> list[tuple[str, int, int]]:
    """Return the names, addresses and schools found in a text, each with its kind, start and end."""
    found = [(NAME, one.start(), one.end("name")) for one in _AFTER_RELATION.finditer(text) if _is_name(one)]
    found += [
        (NAME, *one.span())
        for shape in (_TITLED, _INITIALS)
        for one in shape.finditer(text)
        if _PROFESSIONAL.search(text[max(0, one.start() - _LONGEST_ROLE) : one.start()]) is None
    ]
    found += [(ADDRESS, *one.span()) for shape in _ADDRESSES for one in shape.finditer(text)]
    found += [(SCHOOL, *one.span()) for one in _SCHOOL.finditer(text) if _first_word(one["name"]) not in _NO_SCHOOL]
    found += [(SCHOOL, *one.span()) for one in _SCHOOL_YEAR.finditer(text)]
    found += [(SCHOOL, *one.span()) for one in _ROLL.finditer(text) if _first_word(one["name"]) not in _NOT_A_NAME]
    return found


def _is_name(found: re.Match[str]) -> bool:
    if _first_word(found["name"]) in _NOT_A_NAME:
        return False
    if found["opens"] in {" - ", " of "}:
        return " " in found["name"]
    # "the boyfriend, Kai, picked her up", but not "ring mum, Health to visit".
    return found["opens"] != ", " or found["end"] == ","
