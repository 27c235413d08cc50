"""Amendment slips, which correct approved minutes, as one reader may see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col

from bot.models.meetings import AgendaItem, Meeting
from bot.models.minutes import AmendmentSlip, Minutes
from bot.models.panels import Panel
from bot.models.people import Person
from bot.records.access.queries import Standing, local_time, readable_cases
from bot.records.actions.queries import opened_or_erased
from bot.records.agenda.published import labels_for
from bot.records.agenda.queries import lines_for
from bot.records.diary.queries import OfMeeting, of_meeting
from bot.records.people.queries import names_of
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class SlipView(OfMeeting):
    """One amendment slip: what the minutes should say and why, who wrote the slip, and what the chair decided.

    Times are local.
    """

    id: int
    minutes_id: int
    item_id: int | None  #: none: of the minutes as a whole
    number: str  #: "6-1", the first to item 6; "1" if it is about no item; empty until it is approved
    item: str  #: number and title of its item; empty for the minutes as a whole
    says: str
    reason: str
    written_by: str
    written_at: datetime
    decided_by: str
    decided_at: datetime | None
    refusal: str = ""  #: why it was refused

    @property
    def is_approved(self) -> bool:
        """Return whether the amendment slip is approved. Only an approved slip has a number."""
        return bool(self.number)


def view_slip(work: Work, standing: Standing, meeting: Meeting, slip: AmendmentSlip) -> SlipView:
    """Return the view of an amendment slip. The caller has checked that the reader may see the slip."""
    (found,) = _view(work, standing.actor.person_id, standing.panel, meeting, [slip])
    return found


def approved_slips(
    work: Work, reader_id: int, panel: Panel, minutes: Minutes, *, of_cases: Collection[int] | None = None
) -> list[SlipView]:
    """Return the approved slips to these minutes that the reader may read, the earliest approved first.

    `of_cases` limits the slips to those about these cases.
    """
    slips = work.find_all(
        AmendmentSlip,
        col(AmendmentSlip.minutes_id) == id_of(minutes),
        col(AmendmentSlip.number).is_not(None),
        by=[col(AmendmentSlip.decided_at), col(AmendmentSlip.id)],
    )
    theirs = readable_cases(work, reader_id, [slip.case_id for slip in slips if slip.case_id is not None])
    slips = [slip for slip in slips if slip.case_id is None or slip.case_id in theirs]
    if of_cases is not None:
        slips = [slip for slip in slips if slip.case_id in of_cases]
    if not slips:
        return []
    return _view(work, reader_id, panel, work.session.get_one(Meeting, minutes.meeting_id), slips)


def items_by_label(work: Work, reader_id: int, meeting: Meeting) -> dict[int, tuple[str, AgendaItem]]:
    """Return a dict from agenda item id to a pair: the number that the reader sees for the item, and the item."""
    lines = lines_for(work, reader_id, meeting)
    labels = labels_for(work, reader_id, meeting, lines)
    return {id_of(line): (labels[line.id], line) for line in lines}


def _view(work: Work, reader_id: int, panel: Panel, meeting: Meeting, slips: list[AmendmentSlip]) -> list[SlipView]:
    items: Mapping[int, tuple[str, AgendaItem]] = items_by_label(work, reader_id, meeting)
    people = {number for slip in slips for number in (slip.written_by_id, slip.decided_by_id) if number is not None}
    names = names_of(work, Person, people)
    work.saw(reader_id, ((slip.case_id, id_of(panel)) for slip in slips))
    work.keys.fetch(work.session, (text for slip in slips for text in (slip.says, slip.reason, slip.refusal) if text))
    found = []
    for slip in slips:
        label, line = items.get(slip.item_id or 0, ("", None))
        number = "" if slip.number is None else f"{label}-{slip.number}" if label else str(slip.number)
        found.append(
            SlipView(
                *of_meeting(work, panel, meeting),
                id=id_of(slip),
                minutes_id=slip.minutes_id,
                item_id=slip.item_id,
                number=number,
                item=f"Item {label}, {line.title}" if line is not None else "",
                says=opened_or_erased(work, slip.says),
                reason=opened_or_erased(work, slip.reason),
                written_by=names.get(slip.written_by_id, ""),
                written_at=local_time(work, panel, slip.written_at),
                decided_by=names.get(slip.decided_by_id or 0, ""),
                decided_at=local_time(work, panel, slip.decided_at) if slip.decided_at else None,
                refusal=opened_or_erased(work, slip.refusal) if slip.refusal else "",
            )
        )
    return found
