"""The order and timing of an agenda: headings as in the panel's definition, cases with the most pressing first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, groupby
from typing import Any, Final, Protocol

from bot.domain.case_facts import fresh_from, is_repeat
from bot.domain.panel_definition import PanelDefinition
from bot.models.vocabulary import Urgency, Word


@dataclass(frozen=True, slots=True)
class CaseForAgenda:
    """The facts of one accepted flag that decide its place on the agenda.

    If several agencies flagged the case, urgency and level are the most pressing that any of them gave.
    """

    flag_id: int
    reference: str
    urgency: Urgency
    below_highest: int  #: as in `Risk`; a case that is not assessed ranks with the highest level
    assessed_on: date | None  #: never assessed counts as stale
    last_heard_on: date | None  #: by this or a sister panel
    escalated: bool  #: a district sent it up
    presenter_id: int | None


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One line of an agenda that is not stored yet."""

    section_key: str
    title: str  #: the heading, or the case's reference
    minutes: int
    flag_id: int | None  #: none for a heading
    item_id: int | None = None  #: of an item that a person added


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One fact by which cases are sorted. A case that lacks this fact is sorted with the most pressing cases."""

    fact: str  #: of `CaseForAgenda`
    levels: tuple[Word, ...] = ()  #: from the most pressing on; none: the smallest value comes first
    is_staleness: bool = False  #: instead: a stale assessment comes first
    is_of_all: bool = False  #: the most pressing of all agencies that flagged the case counts

    def place(self, case: CaseForAgenda, fresh: date) -> tuple[int, Any]:
        """Return the sort key that this fact gives to a case.

        An assessment made before the day `fresh` is stale.
        """
        value = getattr(case, self.fact)
        if self.levels:
            return (0 if value is None else self.levels.index(value)), None
        if self.is_staleness:
            return int(value is not None and value >= fresh), None
        return int(value is not None), value


#: Cases of equal urgency and risk form a band. Only inside a band may a presenter's cases be brought together. A case
#: whose risk is not assessed sorts with the highest risk, so that a meeting that runs out of time doesn't miss it.
#: The same for every agency that flagged the case: what one of them fears counts, even if another fears less.
_BAND: Final = (OrderKey("urgency", tuple(Urgency), is_of_all=True), OrderKey("below_highest", is_of_all=True))

#: The order of cases everywhere, the most pressing first (SafeLives): each key decides where those before it tie.
MOST_PRESSING: Final = (
    *_BAND,
    OrderKey("assessed_on", is_staleness=True),
    OrderKey("last_heard_on"),  # the longest ago comes first, and a case never heard before all
    OrderKey("reference"),
    OrderKey("flag_id"),
)


def _presenter_groups(cases: Iterable[CaseForAgenda]) -> list[list[CaseForAgenda]]:
    groups: dict[object, list[CaseForAgenda]] = {}
    for case in cases:
        # A case without a presenter yet is a group of its own.
        key = ("flag", case.flag_id) if case.presenter_id is None else case.presenter_id
        groups.setdefault(key, []).append(case)
    return list(groups.values())


def _bring_presenters_together(ordered: Sequence[CaseForAgenda]) -> list[CaseForAgenda]:
    """Return the cases with each presenter's cases next to each other, so that presenters can leave early.

    Cases are regrouped only inside a band of equal urgency and risk, because a full meeting may not reach the last
    items. A presenter with cases in two neighbouring bands comes last in the first band and first in the second.
    """
    bands = [
        list(cases) for _, cases in groupby(ordered, key=lambda case: [key.place(case, date.min) for key in _BAND])
    ]
    arranged: list[CaseForAgenda] = []
    for index, band in enumerate(bands):
        groups = _presenter_groups(band)
        if arranged and arranged[-1].presenter_id is not None:
            staying = arranged[-1].presenter_id
            groups.sort(key=lambda group: group[0].presenter_id != staying)  # stable, so the others keep their order
        if len(groups) > 1 and index + 1 < len(bands):
            needed_next = {case.presenter_id for case in bands[index + 1]} - {None}
            first = 1 if arranged and groups[0][0].presenter_id == arranged[-1].presenter_id else 0
            continuing = [g for g in groups[first:] if g[0].presenter_id in needed_next]
            if continuing:
                groups.remove(continuing[-1])
                groups.append(continuing[-1])
        arranged += [case for group in groups for case in group]
    return arranged


def order_cases(
    cases: Iterable[CaseForAgenda], *, meeting_on: date, stale_after_months: int
) -> tuple[CaseForAgenda, ...]:
    """Return the cases of one section in the order of hearing, the most pressing first.

    Cases of equal urgency and risk are grouped by presenter.
    """
    fresh = fresh_from(meeting_on, stale_after_months)
    need = sorted(cases, key=lambda case: [key.place(case, fresh) for key in MOST_PRESSING])
    return tuple(_bring_presenters_together(need))


def plan_agenda(
    definition: PanelDefinition, cases: Iterable[CaseForAgenda], *, meeting_on: date
) -> tuple[PlannedItem, ...]:
    """Return the whole agenda: the definition's headings in their order, each with its cases.

    A heading for cases yields one item for each case, and no item if it has no case.
    """
    filed: dict[str, list[CaseForAgenda]] = {section.key: [] for section in definition.agenda}
    for case in cases:
        repeat = is_repeat(case.last_heard_on, meeting_on, definition.repeat_within_months)
        # A panel that hears no cases may have some from before its definition was changed. These are kept.
        under = definition.section_for(escalated=case.escalated, repeat=repeat) or definition.agenda[-1]
        filed[under.key].append(case)
    items: list[PlannedItem] = []
    for section in definition.agenda:
        if not section.kind.takes:
            items.append(PlannedItem(section.key, section.title, section.minutes, None))
        heard = order_cases(filed[section.key], meeting_on=meeting_on, stale_after_months=definition.stale_after_months)
        items += [PlannedItem(section.key, case.reference, section.minutes, case.flag_id) for case in heard]
    return tuple(items)


def timetable(items: Sequence[PlannedItem], starts_at: datetime) -> tuple[datetime, ...]:
    """Return the start of each item, in the time zone of `starts_at`. Clock changes are taken into account."""
    # Adding to a local time ignores clock changes, so add in UTC.
    begins = starts_at.astimezone(UTC)
    elapsed = accumulate((item.minutes for item in items[:-1]), initial=0)
    starts = (begins + timedelta(minutes=minutes) for minutes in elapsed) if items else ()
    return tuple(start.astimezone(starts_at.tzinfo) for start in starts)


class Timed(Protocol):
    """An agenda line with its section and its length in minutes."""

    @property
    def section(self) -> str:
        """Return the key of the line's section."""

    @property
    def minutes(self) -> int:
        """Return how many minutes the line is planned to take."""


@dataclass(frozen=True, slots=True)
class Overrun:
    """The number of minutes by which an agenda is too long, and the section that takes most of the time."""

    minutes: int
    length: int  #: of the meeting
    heaviest: str  #: title of the section
    heaviest_minutes: int

    @property
    def words(self) -> str:
        """Return the overrun as a sentence for Slack and Word."""
        more, booked, most = (length_words(count) for count in (self.minutes, self.length, self.heaviest_minutes))
        too_long = f"The agenda is {more} longer than the meeting, which lasts {booked}."
        return f"{too_long} The longest part is {self.heaviest}, with {most}."


def overrun_of(items: Iterable[Timed], length: int, titles: Mapping[str, str]) -> Overrun | None:
    """Return by how many minutes the items exceed the meeting's `length`, or None if they fit.

    `titles` maps each section's key to its title.
    """
    shares: dict[str, int] = {}
    for item in items:
        shares[item.section] = shares.get(item.section, 0) + item.minutes
    more = sum(shares.values()) - length
    if more <= 0:
        return None
    heaviest = max(shares, key=lambda key: shares[key])  # the first of equals
    return Overrun(more, length, titles.get(heaviest, heaviest), shares[heaviest])


def length_words(minutes: int) -> str:
    """Return a number of minutes in words: `150` as "2 hours 30 minutes"."""
    parts = zip(divmod(minutes, 60), ("hour", "minute"), strict=True)
    return " ".join(f"{count} {noun}{'s' * (count > 1)}" for count, noun in parts if count) or "no minutes"
