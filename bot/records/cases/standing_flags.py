"""The flag that a person means by a case's reference: a flag of their own agency, or else another agency's."""

from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.errors import NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.vocabulary import FlagState
from bot.records.access.queries import Standing, readable
from bot.records.cases.queries import is_merged, withheld_own_flags
from bot.records.cases.references import is_flagged_as, is_meant
from bot.store.unit_of_work import Work


def flag_of_agency(work: Work, standing: Standing, reference: str) -> tuple[Flag, Case, Meeting]:
    """Return the flag, live or merged, that the person means by a reference, with its case and meeting.

    Only flags to meetings that have not closed count. A flag of the person's own agency is preferred to other agencies'
    flags. If they may not read the case, only their own flag of the case counts. Raise NotForYou if there is no such
    flag.
    """
    actor = standing.actor
    rows = work.session.execute(
        select(Flag, Case, Meeting)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(
            col(Flag.panel_id) == standing.panel_id,
            is_meant(reference),
            col(Flag.state).in_([*LIVE_STATES, FlagState.DEFERRED]),
            col(Meeting.closed_at).is_(None),
            readable(actor.person_id),
        )
        .order_by(col(Flag.id).desc())
    ).all()
    # The agency's own flag comes first, even if it is merged into another agency's live flag.
    found = sorted(
        ((flag, case, meeting) for flag, case, meeting in rows if flag.state in LIVE_STATES or is_merged(work, flag)),
        key=lambda row: (
            row[0].agency_id != actor.agency_id,
            row[0].origin_id is not None,
            row[0].state not in LIVE_STATES,
        ),
    ) or withheld_own_flags(work, actor, standing, is_flagged_as(reference))
    if not found:
        raise NotForYou(f"a flag for {reference}")
    return found[0]
