"""Cases that a meeting transfers to an area of this county: the chair of the receiving panel is told how many."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot.domain.language.agency_names import plain_name
from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.panels import Panel
from bot.models.people import Area
from bot.models.vocabulary import DecisionKind, MeetingState
from bot.records.access.queries import is_running, kept_from_nobody, local_time
from bot.records.actions.queries import opened_or_erased
from bot.records.cases.decisions import IS_DECIDED
from bot.records.people.queries import presiding, presiding_or_office
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class TransferToPanel:
    """How many cases a meeting transfers to the area of another panel. The cases themselves are not named."""

    panel_title: str  #: the receiving panel's
    from_title: str
    held_at: datetime  #: on the sending panel's clock
    cases: int
    chairs: tuple[str, ...]  #: the names of the sending panel's chair, or of the vice-chairs


def tell_receivers(work: Work, meeting: Meeting, *, except_for: int) -> None:
    """Tell the chairs of this county's panels to whose areas a closed meeting transfers cases.

    If nobody chairs a panel, its co-ordinators are told. The person `except_for` is not told.
    """
    words = _areas_named(work, meeting)
    for panel_id in _panels_of(work, meeting, set(words)) if words else ():
        if not _count(work, meeting, panel_id):
            continue
        for person in presiding_or_office(work, panel_id):
            if person.id != except_for:
                work.tell(id_of(person), Notice.TRANSFER_DECIDED, meeting_id=id_of(meeting), panel_id=panel_id)


def transfer_for_notice(work: Work, actor: Actor, meeting_id: int, panel_id: int) -> TransferToPanel | None:
    """Return how many cases a meeting transfers to the panel's area, or None if none is left to tell of.

    Return None also to a person who no longer chairs the receiving panel.
    """
    meeting, panel = work.session.get(Meeting, meeting_id), work.session.get(Panel, panel_id)
    if meeting is None or panel is None or meeting.state is not MeetingState.CLOSED:
        return None
    is_chair = actor.person_id in {person.id for person in presiding_or_office(work, panel_id)}
    cases = _count(work, meeting, panel_id) if is_chair and panel.is_active else 0
    if not cases:
        return None
    sender = work.session.get_one(Panel, meeting.panel_id)
    chairs = tuple(person.name for person in presiding(work, meeting.panel_id))
    return TransferToPanel(panel.title, sender.title, local_time(work, sender, meeting.starts_at), cases, chairs)


def _panels_of(work: Work, meeting: Meeting, names: set[str]) -> list[int]:
    """Return the ids of the other running panels whose area has one of these names, in lower case."""
    query = select(Panel.id, Area.name).join(Area, col(Area.id) == col(Panel.area_id))
    rows = work.session.execute(
        query.where(is_running(work), col(Panel.id) != meeting.panel_id).order_by(col(Panel.id))
    )
    return [number for number, name in rows if plain_name(name) in names]


def _count(work: Work, meeting: Meeting, panel_id: int) -> int:
    """Return how many cases the meeting transfers to the panel's area, without those kept from any member of it."""
    area = work.session.get_one(Area, work.session.get_one(Panel, panel_id).area_id)
    return _areas_named(work, meeting, panel_id).count(plain_name(area.name))


def _areas_named(work: Work, meeting: Meeting, receiver_id: int | None = None) -> list[str]:
    """Return the area of each transfer in force that the meeting decided, in lower case.

    Closed items, and cases in which a member of the panel or of the receiving panel has an interest, are left out.
    """
    panels = {meeting.panel_id, receiver_id} - {None}
    rows = work.session.exec(
        select(Decision.area)
        .join(AgendaItem, IS_DECIDED)
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id))
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(
            col(AgendaItem.meeting_id) == id_of(meeting),
            col(Decision.kind) == DecisionKind.TRANSFER,
            *(kept_from_nobody(work, panel_id) for panel_id in panels if panel_id is not None),
        )
    ).all()
    sealed = [area for area in rows if area is not None]
    work.keys.fetch(work.session, sealed)
    return [plain_name(opened_or_erased(work, area)) for area in sealed]
