"""What time does to places: those that lapsed are ended, those for one meeting follow it, and nothing is left behind.

Access never waits for this: a lapsed place holds no more from its minute on. What it gave somebody to do is passed on
here, in working hours, so that nobody is woken by it; the same sweep finds what reached somebody just as they left.
"""

from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.permissions import Verb
from bot.models.actions import Action
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.vocabulary import MeetingState
from bot.store.departures import deputies_of
from bot.store.diary import local_time
from bot.store.inheritance import pass_on, sits, unconfirmed_actions, waiting_flags
from bot.store.places import day_ends, is_to_hold
from bot.store.rows import id_of
from bot.store.running import is_running
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work


def tidy_places(work: Work) -> int:
    """End what lapsed, move what follows a meeting, pass on what nobody holds any more; how much was done."""
    return _follow_meetings(work) + _end_lapsed(work) + _pass_on_orphans(work)


def _follow_meetings(work: Work) -> int:
    """A deputy for one meeting comes to it wherever it is moved, and no more once it is cancelled."""
    rows = work.session.execute(
        select(Membership, Meeting, Panel)
        .join(Meeting, col(Meeting.id) == col(Membership.meeting_id))
        .join(Panel, col(Panel.id) == col(Membership.panel_id))
        .where(is_to_hold(work.now), is_running(work))
    ).all()
    done = 0
    for place, meeting, panel in rows:
        lapses_at = day_ends(work, panel, local_time(work, panel, meeting.ends_at).date())
        if meeting.state is MeetingState.CANCELLED:
            place.ended_at = work.now
        elif place.lapses_at != lapses_at and lapses_at > max(work.now, place.began_at):
            place.lapses_at = lapses_at
        else:
            continue
        work.session.add(place)
        work.audit("end" if place.ended_at else "move", "membership", place.person_id, panel_id=place.panel_id)
        done += 1
    work.session.flush()
    return done


def _end_lapsed(work: Work) -> int:
    lapsed = work.session.exec(
        select(Membership).where(col(Membership.ended_at).is_(None), col(Membership.lapses_at) <= work.now)
    ).all()
    for place in lapsed:
        place.ended_at = place.lapses_at
        work.session.add(place)
        work.audit("lapse", "membership", place.person_id, panel_id=place.panel_id)
    work.session.flush()
    return len(lapsed)


def _pass_on_orphans(work: Work) -> int:
    """What is held by who left, or no longer sits there; to whom a deputy stood in for first."""
    awake = [
        id_of(panel)
        for panel in work.session.exec(select(Panel).where(is_running(work)))
        if within_working_hours(
            local_time(work, panel, work.now), work.definition(panel.definition).bank_holiday_subdivision
        )
    ]
    holding = sits(work, col(Action.panel_id), col(Action.holder_id), Verb.HOLD_ACTIONS)
    presenting = sits(work, col(Flag.panel_id), col(Flag.person_id), Verb.FLAG)
    actions = unconfirmed_actions(work, col(Action.panel_id).in_(awake), ~holding)
    flags = waiting_flags(work, col(Flag.panel_id).in_(awake), ~presenting)
    if not actions and not flags:
        return 0
    deputies = deputies_of(work)

    def nearest(panel_id: int, holder_id: int) -> list[int]:
        return [*_stood_in_for(work, panel_id, holder_id), *deputies.get((panel_id, holder_id), ())]

    return sum(one.to_id is not None for one in pass_on(work, actions, flags, nearest))


def _stood_in_for(work: Work, panel_id: int, holder_id: int) -> list[int]:
    absent = work.session.exec(
        select(Membership.deputy_for_id)
        .where(
            col(Membership.panel_id) == panel_id,
            col(Membership.person_id) == holder_id,
            col(Membership.deputy_for_id).is_not(None),
        )
        .order_by(col(Membership.id).desc())
    ).first()
    return [] if absent is None else [absent]


#: The tidying of places, as the tick asks for it.
PLACES = Sweep.of_one_piece(tidy_places)
