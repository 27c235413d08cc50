"""The definition of a kind of panel, as read from `agendas/*.toml`. Panels differ by this data, not by code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.models.vocabulary import AgencyKind, DecisionKind


def _fault(sentence: str, *place: str | int) -> PydanticCustomError:
    """Return an error about several keys, reported at `place`, the one key that should be changed."""
    return PydanticCustomError("placed", "{sentence}", {"sentence": sentence, "place": place})


Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,30}$")]
Minutes = Annotated[int, Field(ge=1, le=480)]
MOST_SCORE: Final = 99
#: The marking on every page, and on everything that all people in a meeting see.
MARKING: Final = "OFFICIAL-SENSITIVE"
_Word = TypeVar("_Word")
#: Files and forms have text and lists only: these alone are turned into another type, also where a record is strict.
Chosen = Annotated[_Word, Field(strict=False)]
AgencyKinds = Chosen[tuple[Chosen[AgencyKind], ...]]
Decisions = Chosen[tuple[Chosen[DecisionKind], ...]]


def _text(least: int, most: int) -> StringConstraints:
    """Return the type of a text field of `least` to `most` characters, with the spaces around it removed."""
    return StringConstraints(strip_whitespace=True, min_length=least, max_length=most)


class Strict(BaseModel):
    """The base class for parts of a definition. Such models are frozen, refuse unknown keys and convert no values."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Holds(StrEnum):
    """The kinds of content under a heading."""

    STANDING = "standing"  # nothing: the heading is the item
    LAST_MINUTES = "last_minutes"  # the accuracy of the last minutes
    MATTERS_ARISING = "matters_arising"  # the actions still open
    NEW_CASES = "new_cases"  # children not seen by this panel in the last year
    REVIEW_CASES = "review_cases"  # those seen
    CASES = "cases"  # every child
    ESCALATED_CASES = "escalated_cases"  # children that districts sent up
    SENT_UP = "sent_up"  # those that this meeting just escalated


class RecordPart(StrEnum):
    """A part of the form that records a case in the meeting."""

    AGENCIES = "agencies"  # what each agency shared
    SUMMARY = "summary"  # of the discussion
    RISK = "risk"  # the risk summary: what may happen, what raises it, what protects
    CHILDS_VIEW = "childs_view"
    DISSENT = "dissent"
    DECISIONS = "decisions"
    ACTIONS = "actions"


@dataclass(frozen=True, slots=True)
class HeadingKind:
    """The rules for headings of one kind."""

    #: Whether it takes a case that is escalated, repeat or both; each is a line then. None: the heading is one line.
    takes: Callable[[bool, bool], bool] | None = None
    is_once: bool = True  #: an agenda has at most one heading of this kind
    lists_actions: bool = False  #: the panel's open actions are gone through there
    lists_sent_up: bool = False  #: what this meeting escalated is named there
    accepts_minutes: bool = False  #: its notes are printed as corrections of the last minutes


Parts = Chosen[tuple[Chosen[RecordPart], ...]]
#: A case goes under the first of these headings on the agenda that takes it.
HEADING_KINDS: Final[Mapping[Holds, HeadingKind]] = MappingProxyType(
    {
        Holds.STANDING: HeadingKind(is_once=False),
        Holds.LAST_MINUTES: HeadingKind(accepts_minutes=True),
        Holds.MATTERS_ARISING: HeadingKind(lists_actions=True),
        Holds.SENT_UP: HeadingKind(lists_sent_up=True),
        Holds.ESCALATED_CASES: HeadingKind(takes=lambda escalated, _: escalated),
        Holds.REVIEW_CASES: HeadingKind(takes=lambda _, repeat: repeat),
        Holds.NEW_CASES: HeadingKind(takes=lambda _, repeat: not repeat),
        Holds.CASES: HeadingKind(takes=lambda *_: True),
    }
)


class Section(Strict):
    """One heading of the standing agenda. `minutes` is the time for the whole heading, or for each case under it."""

    key: Key
    title: Annotated[str, _text(1, 120)]
    minutes: Minutes
    holds: Chosen[Holds] = Holds.STANDING
    prompt: Annotated[str, _text(0, 400)] = ""  # what the chair is reminded to cover

    @property
    def kind(self) -> HeadingKind:
        """Return the rules for this kind of heading."""
        return HEADING_KINDS[self.holds]


class Deadlines(Strict):
    """A meeting's deadlines in working days from the meeting.

    Days before the meeting are negative. A panel may change each default.
    """

    # 0 is the day of the meeting, for meetings called within a day or two, which have no working day before them.
    flags_open: Annotated[int, Field(ge=-60, le=0)] = -15
    flags_close: Annotated[int, Field(ge=-60, le=0)] = -10
    triage: Annotated[int, Field(ge=-60, le=0)] = -8
    agenda: Annotated[int, Field(ge=-60, le=0)] = -5
    returns: Annotated[int, Field(ge=-60, le=0)] = -2
    summary: Annotated[int, Field(ge=0, le=60)] = 1
    draft_minutes: Annotated[int, Field(ge=0, le=60)] = 5
    approved_minutes: Annotated[int, Field(ge=0, le=60)] = 10

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """Refuse a deadline that falls before the deadline listed above it."""
        for first, second in pairwise(type(self).model_fields):
            earlier, later = getattr(self, first), getattr(self, second)
            if earlier > later:
                blamed = second if second in self.model_fields_set else first
                other = first if blamed == second else second
                default = "" if other in self.model_fields_set else f"; {other} is not given, so its default counts"
                raise _fault(f"{first} ({earlier}) must not come after {second} ({later}){default}", blamed)
        return self


class ChaseLadder(Strict):
    """The steps of the chase ladder, in working days from an action's due date."""

    before: Annotated[int, Field(ge=-20, le=-1)] = -3
    due: Literal[0] = 0
    overdue: Annotated[int, Field(ge=1, le=20)] = 1
    deputy: Annotated[int, Field(ge=1, le=40)] = 3
    chair: Annotated[int, Field(ge=1, le=60)] = 5

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """Refuse a ladder whose steps are not in rising order of days."""
        if not self.overdue < self.deputy < self.chair:
            blamed = next((name for name in ("overdue", "deputy", "chair") if name in self.model_fields_set), "chair")
            raise _fault(
                f"overdue ({self.overdue}), deputy ({self.deputy}) and chair ({self.chair}) must rise in this order",
                blamed,
            )
        return self


class Quorum(Strict):
    """The agencies that must be present. The rule counts kinds of agency, not people."""

    all_of: AgencyKinds = ()
    any_of: AgencyKinds = ()
    at_least: Annotated[int, Field(ge=0, le=len(AgencyKind))] = 0
    of: AgencyKinds = ()  # at_least counts these, or every kind when empty

    @model_validator(mode="after")
    def can_be_met(self) -> Self:
        """Refuse `of` without `at_least`, and an `at_least` that is more than the kinds in `of`."""
        kinds = len(set(self.of))
        if kinds and not self.at_least:
            raise _fault("these are not counted without at_least; say how many of them must be there", "of")
        if kinds and self.at_least > kinds:
            raise _fault(
                f"{self.at_least} can never be there: of names {kinds} {'kind' if kinds == 1 else 'kinds'}, and a kind "
                "counts once, however many of its agencies come",
                "at_least",
            )
        return self


class RiskLevel(Strict):
    """One level of a risk tool. `from_score` is the lowest score of this level."""

    key: Key
    title: Annotated[str, _text(1, 30)]
    from_score: Annotated[int, Field(ge=0, le=MOST_SCORE)] | None = None


class RiskTool(Strict):
    """An instrument for assessing risk, with its own levels, the lowest first."""

    key: Key
    title: Annotated[str, _text(1, 40)]  # with a level's title it fits one entry of a list
    levels: Annotated[tuple[RiskLevel, ...], Field(min_length=2, max_length=12, strict=False)]

    @model_validator(mode="after")
    def levels_are_in_order(self) -> Self:
        """Refuse equal levels, and scores that do not begin at 0 or do not rise with the levels."""
        _once([level.key for level in self.levels], "levels", "key", 'an earlier level has the key "{}" already')
        _once([level.title for level in self.levels], "levels", "title", 'an earlier level is called "{}" already')
        scores = [level.from_score for level in self.levels]
        if set(scores) == {None}:
            return self
        for index, score in enumerate(scores):
            least = 0 if index == 0 else (scores[index - 1] or 0) + 1
            if score is None:
                raise _fault("give from_score for each level of the tool, or for none", "levels", index)
            if (score != 0) if index == 0 else (score < least):
                need = "0 at the lowest level" if index == 0 else f"{least} or more, since scores rise with the levels"
                raise _fault(f"must be {need}, not {score}", "levels", index, "from_score")
        return self

    def level_of_score(self, score: int) -> RiskLevel | None:
        """Return the level of a score, or None for a tool without scores."""
        reached = [level for level in self.levels if level.from_score is not None and level.from_score <= score]
        return reached[-1] if reached else None


class FactKind(StrEnum):
    """The ways in which an optional fact can be answered."""

    ONE = "one"  # one of its choices
    SEVERAL = "several"  # any of its choices
    WORDS = "words"  # a line in the agency's own words


class FactChoice(Strict):
    """One choice offered for an optional fact."""

    key: Key
    title: Annotated[str, _text(1, 75)]  # the most that an entry of a form's list takes


class OptionalFact(Strict):
    """A question about a case that this panel asks beyond the usual ones. An agency may always leave it unanswered."""

    key: Key
    title: Annotated[str, _text(1, 60)]
    kind: Chosen[FactKind] = FactKind.ONE
    choices: Annotated[tuple[FactChoice, ...], Field(max_length=40, strict=False)] = ()

    @model_validator(mode="after")
    def choices_fit_the_kind(self) -> Self:
        """Refuse choices for a fact answered in words. Refuse equal choices, or fewer than two, for any other fact."""
        if self.kind is FactKind.WORDS:
            if self.choices:
                raise _fault('kind = "words" has no choices; take one of the two away', "choices")
            return self
        if len(self.choices) < 2:
            raise _fault(f'kind = "{self.kind}" needs two choices or more', "choices")
        _once([one.key for one in self.choices], "choices", "key", 'an earlier choice has the key "{}" already')
        _once([one.title for one in self.choices], "choices", "title", 'an earlier choice is called "{}" already')
        return self


class PanelDefinition(Strict):
    """The definition of one kind of panel: its agenda, deadlines, quorum, risk tools and papers."""

    key: Key
    title: Annotated[str, _text(3, 80)]
    level: Literal["district", "county"]
    duration: Minutes
    start: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "14:00"
    timezone: str = "Europe/London"
    bank_holidays: Literal["next", "previous", "skip", "keep"] = "next"
    bank_holiday_subdivision: Literal["ENG", "WLS", "SCT", "NIR"] = "ENG"
    clashing_members: Annotated[int, Field(ge=1, le=30)] = 2  # so many core members in two panels at once are a clash
    stale_after_months: Annotated[int, Field(ge=1, le=24)] = 3
    new_date_within: Annotated[int, Field(ge=1, le=60)] = 10  # working days, after a meeting that was not quorate
    repeat_within_months: Annotated[int, Field(ge=1, le=60)] = 12
    free_extensions: Annotated[int, Field(ge=0, le=9)] = 1  # more extensions need the chair
    agenda_template: Annotated[str, Field(pattern=r"^[a-z0-9_-]+\.docx$")] = "agenda.docx"
    minutes_template: Annotated[str, Field(pattern=r"^[a-z0-9_-]+\.docx$")] = "minutes.docx"
    confidentiality: Annotated[str, _text(20, 4000)]
    handling: Annotated[str, _text(0, 120)] = ""  # printed after the marking, on each page
    legal_basis: Annotated[str, _text(0, 600)] = ""  # printed on papers after the statement, as is the next
    statement: Annotated[str, _text(0, 1000)] = ""
    hears_cases: bool = True  # false: the panel works on a plan and gets no cases
    decisions: Decisions = tuple(DecisionKind)
    record: Parts = tuple(RecordPart)  # what is asked when a case is recorded
    receives: Decisions = ()  # decisions of other panels that put a case onto this one's agenda
    deadlines: Deadlines = Deadlines()
    chasing: ChaseLadder = ChaseLadder()
    quorum: Quorum = Quorum()
    risk_tools: Annotated[tuple[RiskTool, ...], Field(max_length=20, strict=False)] = ()  # read from a file: never none
    optional_facts: Annotated[tuple[OptionalFact, ...], Field(max_length=20, strict=False)] = ()
    agenda: Annotated[tuple[Section, ...], Field(min_length=1, strict=False)]

    @property
    def marking(self) -> str:
        """Return the protective marking that papers of this kind of panel print, with its handling line."""
        return f"{MARKING} \u2013 {self.handling}" if self.handling else MARKING

    @property
    def printed_statement(self) -> str:
        """Return the text on confidentiality that papers print.

        It has the statement that is read out, the legal basis, and any other text.
        """
        basis = f"Legal basis: {self.legal_basis}" if self.legal_basis else ""
        return "\n\n".join(filter(None, (self.confidentiality, basis, self.statement)))

    @model_validator(mode="after")
    def sections_differ(self) -> Self:
        """Refuse repeated keys, repeated kinds of heading, and an agenda that doesn't match `hears_cases`."""
        _once([tool.key for tool in self.risk_tools], "risk_tools", "key", 'an earlier tool has the key "{}" already')
        facts = [fact.key for fact in self.optional_facts]
        _once(facts, "optional_facts", "key", 'an earlier fact has the key "{}" already')
        _once([section.key for section in self.agenda], "agenda", "key", 'an earlier section has the key "{}" already')
        holds = [section.holds if section.kind.is_once else None for section in self.agenda]
        _once(holds, "agenda", "holds", 'an earlier section holds "{}" already, and only one can')
        place = next((n for n, section in enumerate(self.agenda) if section.kind.takes), None)
        if not self.hears_cases:
            if place is not None:
                raise _fault(
                    f'"{self.agenda[place].holds}" are cases, and hears_cases is false; take one of the two away',
                    "agenda",
                    place,
                    "holds",
                )
            if self.receives:
                raise _fault("these are decisions about cases, and hears_cases is false; take one away", "receives")
        elif not all(self.section_for(escalated=False, repeat=repeat) for repeat in (True, False)):
            raise _fault(
                'the agenda needs a section with holds = "cases", or one each with "new_cases" and "review_cases"; '
                "a body that hears no case says hears_cases = false"
            )
        elif not self.decisions:
            raise _fault(
                "must not be empty where cases are heard: each is left by a decision; without this key all are offered",
                "decisions",
            )
        return self

    def section_for(self, *, escalated: bool, repeat: bool) -> Section | None:
        """Return the heading for an escalated or repeat case, or None if no heading takes such a case."""
        held = {section.holds: section for section in self.agenda}
        taking = (holds for holds, kind in HEADING_KINDS.items() if kind.takes and kind.takes(escalated, repeat))
        return next((held[holds] for holds in taking if holds in held), None)


def _once(values: Sequence[str | None], table: str, field: str, sentence: str) -> None:
    for index, value in enumerate(values):
        if value is not None and value in values[:index]:
            raise _fault(sentence.format(value), table, index, field)
