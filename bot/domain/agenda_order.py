"""The order of the agenda, and how long it takes: headings as the panel has them, children by need."""

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
    """What the order depends on, for one accepted flag."""

    flag_id: int
    reference: str
    urgency: Urgency
    below_highest: int  #: as of `Risk`; not assessed yet ranks with the highest level
    assessed_on: date | None  #: never assessed counts as stale
    last_heard_on: date | None  #: by this or a sister panel
    escalated: bool  #: a district sent it up
    presenter_id: int | None


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One line of the agenda before it is stored."""

    section_key: str
    title: str  #: the heading, or the case's reference
    minutes: int
    flag_id: int | None  #: none for a heading
    item_id: int | None = None  #: of an item that a person added


@dataclass(frozen=True, slots=True)
class OrderKey:
    """A fact by which cases are sorted. A case without it is sorted with the most pressing."""

    fact: str  #: of `CaseForAgenda`
    levels: tuple[Word, ...] = ()  #: from the most pressing on; none: the smallest value comes first
    is_staleness: bool = False  #: instead: a stale assessment comes first

    def place(self, case: CaseForAgenda, fresh: date) -> tuple[int, Any]:
        """Return where the case comes. `fresh` is the earliest day of an assessment that isn't stale."""
        value = getattr(case, self.fact)
        if self.levels:
            return (0 if value is None else self.levels.index(value)), None
        if self.is_staleness:
            return int(value is not None and value >= fresh), None
        return int(value is not None), value


#: Inside a band of equal urgency and risk a presenter's cases may come together.
# A child whose risk nobody has assessed must not be the one that a full meeting does not reach.
_BAND: Final = (OrderKey("urgency", tuple(Urgency)), OrderKey("below_highest"))

#: The order of cases everywhere, the most pressing first (SafeLives): each key decides where those before it tie.
MOST_PRESSING: Final = (
    *_BAND,
    OrderKey("assessed_on", is_staleness=True),
    OrderKey("last_heard_on"),  # the longest since; never heard comes first
    OrderKey("reference"),
    OrderKey("flag_id"),
)


def _presenter_groups(cases: Iterable[CaseForAgenda]) -> list[list[CaseForAgenda]]:
    groups: dict[object, list[CaseForAgenda]] = {}
    for case in cases:
        # A case without a presenter yet stands alone.
        key = ("flag", case.flag_id) if case.presenter_id is None else case.presenter_id
        groups.setdefault(key, []).append(case)
    return list(groups.values())


def _bring_presenters_together(ordered: Sequence[CaseForAgenda]) -> list[CaseForAgenda]:
    """Group cases by presenter so that people can leave, without putting lower urgency or risk first.

    Inside a band of equal urgency and risk a presenter's cases sit together, where the first of them stood.
    Where two bands meet, a presenter who has cases in both closes the one and opens the other. Urgency and
    risk are never traded for convenience: what stands last is what a full meeting does not reach.
    """
    bands = [
        list(cases) for _, cases in groupby(ordered, key=lambda case: [key.place(case, date.min) for key in _BAND])
    ]
    arranged: list[CaseForAgenda] = []
    for index, band in enumerate(bands):
        groups = _presenter_groups(band)
        if arranged and arranged[-1].presenter_id is not None:
            staying = arranged[-1].presenter_id
            groups.sort(key=lambda group: group[0].presenter_id != staying)  # stable: the others keep their order
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
    """Return the cases of one section as they are heard: the most pressing first, presenters together in a band."""
    fresh = fresh_from(meeting_on, stale_after_months)
    need = sorted(cases, key=lambda case: [key.place(case, fresh) for key in MOST_PRESSING])
    return tuple(_bring_presenters_together(need))


def plan_agenda(
    definition: PanelDefinition, cases: Iterable[CaseForAgenda], *, meeting_on: date
) -> tuple[PlannedItem, ...]:
    """Return the whole agenda: the definition's headings in their order, with the cases under the ones that hold them.

    A heading that holds cases yields one item for each case and none when there is no case.
    """
    filed: dict[str, list[CaseForAgenda]] = {section.key: [] for section in definition.agenda}
    for case in cases:
        repeat = is_repeat(case.last_heard_on, meeting_on, definition.repeat_within_months)
        # A body that hears no cases may still have some from before its definition was changed: none of them is lost.
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
    """Return when each item starts, in the zone of `starts_at`, right across a clock change."""
    # Adding to a zoned time moves the hands of the clock, not time itself: go through UTC.
    begins = starts_at.astimezone(UTC)
    elapsed = accumulate((item.minutes for item in items[:-1]), initial=0)
    starts = (begins + timedelta(minutes=minutes) for minutes in elapsed) if items else ()
    return tuple(start.astimezone(starts_at.tzinfo) for start in starts)


class Timed(Protocol):
    """One line of an agenda with its minutes."""

    @property
    def section(self) -> str:
        """Return the key of the line's section."""

    @property
    def minutes(self) -> int:
        """Return the minutes allotted to the line."""


@dataclass(frozen=True, slots=True)
class Overrun:
    """By how much an agenda exceeds its meeting, and which section takes most of the time."""

    minutes: int
    length: int  #: of the meeting
    heaviest: str  #: title of the section
    heaviest_minutes: int

    @property
    def words(self) -> str:
        """Return the sentence that chat and paper share."""
        more, booked, most = (length_words(count) for count in (self.minutes, self.length, self.heaviest_minutes))
        too_long = f"{more[:1].upper()}{more[1:]} more than the {booked} of the meeting."
        return f"{too_long} The longest part is {self.heaviest}: {most}."


def overrun_of(items: Iterable[Timed], length: int, titles: Mapping[str, str]) -> Overrun | None:
    """Return what exceeds the meeting's length in minutes, or None when everything fits.

    `titles` names the sections by key.
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
    """Return a length in words: `150` as "2 hours 30 minutes"."""
    parts = zip(divmod(minutes, 60), ("hour", "minute"), strict=True)
    return " ".join(f"{count} {noun}{'s' * (count > 1)}" for count, noun in parts if count) or "no minutes"
