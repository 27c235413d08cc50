"""Flags that share one hearing: one flag of a case is live at its meeting, and the others are merged into it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.flag_state import LIVE_STATES
from bot.models.cases import Case, Flag
from bot.models.vocabulary import FlagState
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work

#: The agency's own flag beside a copy. The alias is made once, since SQLAlchemy makes one from every column.
_OWN = aliased(Flag)


def is_folded(flag: type[Flag] = Flag) -> ColumnElement[bool]:
    """Return the SQL condition on Flag (or an alias), true if the flag is merged into another flag.

    A merged flag is deferred without a reason.
    """
    return and_(col(flag.state) == FlagState.DEFERRED, col(flag.triage_reason).is_(None))


def is_merged_away(flag: Flag) -> bool:
    """Return whether a loaded flag is merged into another. The rule is that of `is_folded`, which is for queries."""
    return flag.state is FlagState.DEFERRED and flag.triage_reason is None


def is_copy(flag: Flag) -> bool:
    """Return whether the flag was copied to its meeting from an earlier flag, rather than made by an agency."""
    return flag.origin_id is not None or flag.carried_from_id is not None


def is_served(merged: type[Flag], live: type[Flag] = Flag) -> ColumnElement[bool]:
    """Return the SQL condition on two aliases of Flag, true if `merged` is merged into `live`.

    The two flags are then heard together. The caller has checked that `live` is the flag by which its meeting hears the
    case.
    """
    return and_(
        col(merged.case_id) == col(live.case_id), col(merged.meeting_id) == col(live.meeting_id), is_folded(merged)
    )


def is_concern_of(served: type[Flag], live: type[Flag] = Flag) -> ColumnElement[bool]:
    """Return the SQL condition on two aliases, true if `served` is a concern and is heard together with `live`.

    A concern is a merged flag that another agency made, or that uses another reference of the child.
    """
    return and_(
        is_served(served, live),
        # The newest facts of the live flag's own agency are on the live flag.
        or_(
            col(served.agency_id) != col(live.agency_id),
            col(served.named_id).is_distinct_from(col(live.named_id)),
        ),
        ~_is_said_again(served),
    )


def _is_said_again(flag: type[Flag]) -> ColumnElement[bool]:
    """Return the SQL condition, true if the flag is a copy and its agency also made a flag of its own to the meeting.

    The agency's own flag then says all that the copy says. On a closed item, both flags must be by the same person,
    since a colleague may not be one of the item's readers.
    """
    is_open_item = exists().where(col(Case.id) == col(flag.case_id), ~col(Case.is_closed))
    return and_(
        or_(col(flag.origin_id).is_not(None), col(flag.carried_from_id).is_not(None)),
        exists()
        .where(
            col(_OWN.case_id) == col(flag.case_id),
            col(_OWN.meeting_id) == col(flag.meeting_id),
            col(_OWN.agency_id) == col(flag.agency_id),
            col(_OWN.named_id).is_not_distinct_from(col(flag.named_id)),
            col(_OWN.origin_id).is_(None),
            col(_OWN.carried_from_id).is_(None),
            is_folded(_OWN),
            or_(col(_OWN.person_id) == col(flag.person_id), is_open_item.correlate(flag)),
        )
        .correlate(flag),
    )


def merged_into(work: Work, flags: Sequence[Flag]) -> dict[int, list[Flag]]:
    """Return a dict from the id of each live flag to the flags merged into it that are concerns.

    A concern is a flag that another agency made, or that uses another reference of the child.
    """
    live = {
        (flag.case_id, flag.meeting_id, flag.named_id if flag.is_apart else None): flag
        for flag in flags
        if flag.state in LIVE_STATES
    }
    if not live:
        return {}
    found = work.find_all(
        Flag,
        col(Flag.case_id).in_({case_id for case_id, *_ in live}),
        col(Flag.meeting_id).in_({meeting_id for _, meeting_id, _ in live}),
        is_folded(),
        ~_is_said_again(Flag),
        by=[col(Flag.flagged_at), col(Flag.id)],
    )
    there = ((one, (one.case_id, one.meeting_id)) for one in found)
    serving = ((live.get((*at, one.named_id)) or live.get((*at, None)), one) for one, at in there)
    # Flags of the live flag's own agency by the same reference are left out: their newest facts are on the live flag.
    return grouped(
        (id_of(by), one)
        for by, one in serving
        if by is not None and (by.agency_id, by.named_id) != (one.agency_id, one.named_id)
    )
