"""Agencies as people call them: by name, by kind, by a short name, or by the name of a representative.

A note may quote several agencies: "Police: seen twice. Health – no attendances." becomes one line for each.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.language.day_words import any_of
from bot.domain.language.pictures import BULLETS, PICTURE
from bot.models.vocabulary import AgencyKind

#: What people in a meeting call each kind of agency, in lower case, in addition to its label.
SHORT_NAMES: Final[Mapping[AgencyKind, tuple[str, ...]]] = {
    AgencyKind.CHILDRENS_SOCIAL_CARE: (
        "csc", "cs", "soc care", "social care", "childrens services", "children's services", "social services",
        "social work",        "social worker", "sw", "children's social care", "childrens social care",
    ),
    AgencyKind.POLICE: ("police", "pol", "missing team", "exploitation team"),
    AgencyKind.HEALTH: ("health", "nhs", "icb", "school nurse", "school nursing", "hospital", "sexual health"),
    AgencyKind.EDUCATION: ("education", "ed", "school", "college", "virtual school", "inclusion"),
    AgencyKind.YOUTH_JUSTICE: ("yos", "yot", "yjs", "youth offending", "youth justice"),
    AgencyKind.EARLY_HELP: ("early help", "eh", "family support"),
    AgencyKind.YOUTH_SERVICE: ("youth service", "youth work", "youth worker", "youth workers"),
    AgencyKind.DISTRICT_COUNCIL: ("council", "district", "borough", "community safety", "csp", "licensing"),
    AgencyKind.HOUSING: ("housing", "housing association"),
    AgencyKind.SUBSTANCE_MISUSE: ("drugs", "drug service", "drug and alcohol", "substance misuse"),
    AgencyKind.ADULT_SERVICES: ("adults", "adult social care", "asc"),
    AgencyKind.PROBATION: ("probation",),
    AgencyKind.VOLUNTARY_SECTOR: ("charity", "voluntary sector", "vcs", "return interviews"),
    AgencyKind.CHILDRENS_HOMES: ("children's home", "childrens home", "home", "placement", "residential"),
    AgencyKind.TRANSPORT_POLICE: ("btp", "british transport police", "transport police"),
}  # fmt: skip
_OF_ANY_KIND: Final = frozenset(name.lower() for kind, names in SHORT_NAMES.items() for name in (kind.label, *names))
_COLON: Final = r"(?:\s*:|\s+[\u2013\u2014-]|\u2014)\s*"
#: Words that may stand where an agency's name would, but are no agency's name.
_HEAD: Final = re.compile(rf"\s*(?P<head>[^\W\d][\w&'\u2019./() -]{{1,40}}?){_COLON}(?=\S)")
#: Several agencies that share one text: "Police and Health: joint visit".
_WITH: Final = r"(?:\s*(?:&|/|\+|,)\s*(?:and\s+)?|\s+and\s+)"
#: The numbers of lines in a pasted list.
_LIST_NUMBER: Final = r"\(?[0-9]{1,2}[.)]\s*"
_LIST_NUMBER_LAST: Final = re.compile(r"\s\(?[0-9]{1,2}[.)]\s*$")
#: Punctuation left at the end of a part, before the next agency's part.
_BETWEEN_LINES: Final = f" \n,/\u2013\u2014-*{BULLETS}"
_MOST_WORDS: Final = 4
_ALL_QUOTED: Final = re.compile(r"(?:[\u201c\"][^\u201c\u201d\"]+[\u201d\"][\s,;.]*(?:and\s+)?){2,}")
_QUOTED: Final = re.compile(r"[\u201c\"][^\u201c\u201d\"]+[\u201d\"]")  # a whole note as it was pasted


@dataclass(frozen=True, slots=True)
class NamedAgency:
    """An agency with its id and all names that people may use for it."""

    id: int
    name: str
    key: str
    kind: AgencyKind
    people: tuple[str, ...] = ()  #: names of its people on this panel; empty if it has none
    short_names: tuple[str, ...] = ()  #: of the county file


@dataclass(frozen=True, slots=True)
class Shared:
    """A part of a note and the agency that shared it. Without an agency, the part is the panel's own discussion."""

    agency_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Attributed:
    """The parts of a note. `unplaced` is a name in the note that fits no agency, or more than one."""

    parts: tuple[Shared, ...]
    unplaced: str = ""


def attribute(text: str, agencies: Sequence[NamedAgency]) -> Attributed:
    """Return a note split into parts, each with the agency that is named at the beginning of the part."""
    called = _called(agencies)
    if _QUOTED.fullmatch(text):
        text = text[1:-1]
    elif _ALL_QUOTED.fullmatch(text.strip()):  # several notes, each in quotation marks: a line for each
        text = "\n".join(said[1:-1].strip() for said in _QUOTED.findall(text))
    text = _with_people_hyphens(said_by_agency(text, called) or text, agencies)
    # The text keeps its length, so positions stay the same: each curly apostrophe becomes a straight one.
    found = list(_names(called, _agencies_alone(agencies, called)).finditer(text.replace("\u2019", "'")))
    if not found:
        return Attributed((Shared(None, text),), _unplaced(text))
    is_listed = re.match(rf"\s*{_LIST_NUMBER}", text) is not None
    parts, unplaced = [Shared(None, text[: found[0].start()])], ""
    for number, one in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        end -= len(marker[0]) if is_listed and (marker := _LIST_NUMBER_LAST.search(text[one.end() : end])) else 0
        name = one["name"] or one["after_comma"] or one["piece"] or one["bare"]
        together = [called.get(plain_name(each)) for each in _each_of(name, called)]
        is_known = all(together)
        unplaced = unplaced or ("" if is_known else name)
        said = text[one.end() if is_known else one.start() : end].strip(" ,").rstrip(_BETWEEN_LINES)
        parts += [Shared(agency_id, said) for agency_id in (dict.fromkeys(together) if is_known else (None,))]
    return Attributed(tuple(part for part in parts if part.text.strip(" .;,")), unplaced)


def agency_called(name: str, agencies: Sequence[NamedAgency]) -> int | None:
    """Return the id of the agency with this name, or None if no agency or more than one has it."""
    return _called(agencies).get(plain_name(name))


def names_agency_first(text: str, agencies: Sequence[NamedAgency]) -> bool:
    """Return whether a note begins with the name of an agency and a colon or dash."""
    text = _with_people_hyphens(text.replace("\u2019", "'"), agencies)
    return _names(_called(agencies)).match(text) is not None


def take_agency(text: str, agencies: Sequence[NamedAgency]) -> tuple[int | None, str]:
    """Return the id of the agency named at the beginning of a task ("Police to ring", "Police: ring"), and the task.

    The id is None, and the task unchanged, if the text does not begin with an agency.
    """
    called, text = _called(agencies), _with_people_hyphens(text, agencies)
    names = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in called)
    said = rf"\s*@?(?P<name>{names})(?:\s+(?:(?:is|are)\s+)?to\s+|\s+will\s+|{_COLON}|\s+-\s+)(?=\S)"
    found = re.match(said, text.replace("\u2019", "'"), re.IGNORECASE) if called else None
    return (called[plain_name(found["name"])], text[found.end() :]) if found else (None, text)


#: Verbs of disagreement after an agency's name.
_DISAGREES: Final = re.compile(
    r"(?:would|wants?|wanted|does|do|disagrees?|dissents?|thinks?|thought|feels?|felt|says?|objects?|believes?|is|was|are|were"
    r"|opposes?|opposed|remains?|not|(?:do|does|did|would|could|can|was|is|are)n't|can't|cannot|won't)\b",
    re.IGNORECASE,
)


#: Verbs with which an agency tells something: "Police say he was seen". "Told the mother" and "report to follow" don't
#: count.
_SAYS: Final = (
    r"(?:(?:has\s+|have\s+)?(?:says?|said)(?!\s+(?:to|no\s+to)\b)|saying|(?:tells?|told)\s+us"
    r"|(?:reports?|reported|advises?|advised|confirms?|confirmed|notes?|noted)\s+that)(?:\s+that)?(?:\s*[:,\u2013-])?"
    r"\s+(?=\S+\s+\S)"
)
#: Agencies that are quoted as often as they speak: "school said" may be what another agency heard there.
_SPOKEN_OF: Final = frozenset(
    {"school", "college", "home", "placement", "hospital", "council", "district", "residential", "charity", "drugs"}
    | {"social worker", "sw", "youth worker", "youth workers", "school nurse", "licensing", "borough", "adults"}
)
#: One of these speaks itself if the verb is in the present tense: "School say attendance is 43%".
_SPEAKS_TOO: Final = frozenset({"school", "college", "housing association", "placement", "hospital", "school nurse"})
_NOTHING: Final = re.compile(
    r"\s*(?P<what>nothing(?:\s+(?:new|further|else|more))?(?:\s+to\s+(?:report|add|share|say))?"
    r"|no\s+(?:update|information|contact|involvement|change))\s+(?:for|from|by)\s+(?:the\s+)?(?P<name>.+?)[\s.]*",
    re.IGNORECASE,
)


def said_by_agency(text: str, called: Collection[str] = _OF_ANY_KIND) -> str | None:
    """Return a note with a colon after the agency that is quoted, such as "Police: seen" for "Police say seen".

    "Nothing to report from Health" becomes "Health: nothing to report". Return None if the note quotes no agency.
    `called` are the agencies' names in lower case.
    """
    plain = text.replace("\u2019", "'")
    names = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in called if name not in _SPOKEN_OF)
    found = re.match(rf"\s*(?:the\s+)?(?P<name>{names})\s+{_SAYS}", plain, re.IGNORECASE) if names else None
    if found is None and (own := any_of(re.escape(name) for name in called if name in _SPEAKS_TOO)):
        found = re.match(
            rf"\s*(?P<name>{own})\s+(?:says?|reports?\s+that)\s+(?:that\s+)?(?=\S+\s+\S)(?!no\s+to\b|to\b)",
            plain,
            re.IGNORECASE,
        )
    if found is not None:
        name = text[found.start("name") : found.end("name")]
        return f"{name[:1].upper()}{name[1:]}: {text[found.end() :]}"
    nothing = _NOTHING.fullmatch(plain)
    if nothing is not None and (plain_name(nothing["name"]) in called or nothing["name"].startswith("<@")):
        name = text[nothing.start("name") : nothing.end("name")]
        return f"{name[:1].upper()}{name[1:]}: {nothing['what'].lower()}"
    return None


_DASHES_FIRST: Final = re.compile(r"^[\s:,\u2013\u2014-]+(?=\S)")


def with_colon(text: str, agencies: Sequence[NamedAgency]) -> str:
    """Return a dissent with a colon after the agency's name: "Health: would retain" for "Health would retain".

    A text that does not begin with an agency's dissent gets no colon.
    """
    text = _with_people_hyphens(_DASHES_FIRST.sub("", text), agencies)
    called, words = _called(agencies), text.split(" ")
    for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        rest = " ".join(words[count:])
        if plain_name(" ".join(words[:count])) in called and _DISAGREES.match(rest.replace("\u2019", "'")):
            return f"{' '.join(words[:count])}: {rest}"
    return text


def is_kind_of_agency(name: str) -> bool:
    """Return whether a name is a common name for a kind of agency, such as "health" or "social care"."""
    return plain_name(name) in _OF_ANY_KIND


def plain_name(name: str) -> str:
    """Return a name in the form used for comparison: lower case, single spaces, straight apostrophes."""
    return " ".join(name.lower().replace("\u2019", "'").split())


_DASH_IN_NAME: Final = re.compile(r"(?<=[^\W\d_])[\u2010-\u2015\u2212](?=[^\W\d_])")


def with_name_hyphens(text: str, names: Iterable[str]) -> str:
    """Return a text with a hyphen for each dash inside one of these names, such as "Mensah-Lowe" typed with a dash.

    The text keeps its length. Word processors and telephones write such dashes.
    """
    if not _DASH_IN_NAME.search(text):
        return text
    double = {re.escape(word) for name in names for word in name.split() if "-" in word}
    if not double:
        return text
    written = any_of(word.replace(r"\-", "[-\u2010-\u2015\u2212]") for word in double)
    return re.sub(
        rf"(?<!\w)(?:{written})(?!\w)", lambda found: _DASH_IN_NAME.sub("-", found[0]), text, flags=re.IGNORECASE
    )


def _with_people_hyphens(text: str, agencies: Sequence[NamedAgency]) -> str:
    return with_name_hyphens(text, (person for agency in agencies for person in agency.people))


def _each_of(name: str, called: Mapping[str, int]) -> list[str]:
    """Return the names of the agencies in a text: "Police and Health" has two, "drug and alcohol" has one."""
    return [name] if plain_name(name) in called else re.split(_WITH, name)


def _agencies_alone(agencies: Sequence[NamedAgency], called: Iterable[str]) -> set[str]:
    """Return the names that mean an agency anywhere in a note, not only at its beginning.

    Names that a person has too are left out, and so are common words.
    """
    people = {
        plain_name(name) for agency in agencies for person in agency.people for name in (person, *person.split()[:1])
    }
    return {*called} - people - _SPOKEN_OF


#: Words before the name of an agency that belong to it: "Mental Health: none", "seen with Police: yes".
_NOT_OF_A_NAME: Final = "".join(
    rf"(?<!\b{word})"
    for word in """
        mental public sexual community occupational primary adult child children children's young local county british
        transport the a and or with from for to of by in on at via re per as than vs not no
        """.split()  # noqa: SIM905 - words to be read and added to
)


def _names(called: Iterable[str], alone: Iterable[str] = ()) -> re.Pattern[str]:
    """Return a pattern that finds the name of an agency or kind of agency at the beginning of a note or sentence.

    The names in `alone` are also found after a comma, dash or slash, as in "Police - seen twice, YJS - no offences".
    """
    names = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in {*called, *_OF_ANY_KIND})
    pieces = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in alone)
    piece = (
        rf"|(?:,|\s[/|\u2013\u2014-]|\s\(?[0-9]{{1,2}}[.)])\s*(?P<piece>{pieces}){_COLON}(?=\S)"
        rf"|{_NOT_OF_A_NAME}\s(?=(?-i:[A-Z]))(?P<bare>{pieces}):\s*(?=\S)"
        if pieces
        else "|(?P<piece>(?!))(?P<bare>(?!))"
    )
    return re.compile(
        rf"(?:^|(?<=[.;!?\n*{BULLETS}])|(?<=[.;!?\n*{BULLETS}] ))(?:[\s\u2013\u2014*{BULLETS}-]|{PICTURE})*"
        rf"(?:{_LIST_NUMBER})?(?:(?:a\s+)?notes?\s+)?(?:(?:from|for|by)\s+(?:the\s+)?)?"
        rf"(?P<name>(?:{names})(?:{_WITH}(?:{names}))*)(?:{_COLON}|;\s*)(?=\S)"
        rf"|(?<=,)\s*(?P<after_comma>{names})\s*:\s*(?=\S){piece}",
        re.IGNORECASE,
    )


def _called(agencies: Sequence[NamedAgency]) -> dict[str, int]:
    """Return a dict from name, in lower case, to the agency's id. Names that several agencies have are left out."""
    meant: dict[str, set[int]] = {}
    present = [agency for agency in agencies if agency.people]

    def add(names: Iterable[str], agency: NamedAgency) -> None:
        for name in names:
            meant.setdefault(plain_name(name), set()).add(agency.id)

    for agency in agencies:
        add((agency.name, agency.key, *agency.short_names), agency)
    by_name = {name: min(numbers) for name, numbers in meant.items() if len(numbers) == 1}
    meant.clear()
    for agency in present or agencies:
        add((agency.kind.label, *SHORT_NAMES[agency.kind]), agency)
        add((*agency.people, *(person.split(" ")[0] for person in agency.people)), agency)
    by_kind = {name: min(numbers) for name, numbers in meant.items() if len(numbers) == 1}
    return by_kind | by_name


def _unplaced(text: str) -> str:
    found = _HEAD.match(text)
    return found["head"].strip() if found and len(found["head"].split()) <= _MOST_WORDS else ""
