"""Where flags come from: earlier decisions, other panels, and meetings that did not hear the case."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy import case as sql_case
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.case_origin import FLAGGED_HERE, CaseOrigin, Decided, Passed, PassedOver, SentOn
from bot.domain.flag_state import LIVE_STATES
from bot.models.cases import Flag
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind, FlagState, MeetingState
from bot.records.access.queries import local_time
from bot.records.cases.decisions import IS_DECIDED, IS_FLAG_HEARD, STANDS, came_back
from bot.records.cases.served import is_served
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work

#: Aliases for a second row of a table in one query. They are made once, since SQLAlchemy makes one from every column.
ORIGIN, _THERE, _BROUGHT = aliased(Flag), aliased(Flag), aliased(Flag)
_HERE, _AT = aliased(Flag), aliased(Meeting)


def sent_to(panel_ids: Collection[int]) -> ColumnElement[bool]:
    """Return the SQL condition on Flag, true if the flag's hearing sent the case on to one of these panels."""
    is_it = (col(_THERE.origin_id) == col(Flag.id), col(_THERE.panel_id).in_(panel_ids))
    return exists().where(*is_it, col(_THERE.state) != FlagState.WITHDRAWN)


def sent_from(panel_ids: Collection[int], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the SQL condition on Flag, true if one of these panels sent the flag's case to the flag's panel.

    The sending panel may learn the outcome. If the case was on the agenda already, the sent flag was merged into the
    flag on the agenda. The condition is then true for the flag on the agenda. `conditions` are SQL conditions on
    `ORIGIN`, the flag at the sending panel.
    """
    by_its_own = exists().where(col(ORIGIN.id) == col(Flag.origin_id), col(ORIGIN.panel_id).in_(panel_ids), *conditions)
    by_merged = exists().where(
        is_served(_BROUGHT), col(ORIGIN.id) == col(_BROUGHT.origin_id), col(ORIGIN.panel_id).in_(panel_ids), *conditions
    )
    return or_(by_its_own, by_merged.correlate(Flag))


def origins_served(work: Work, flags: Sequence[Flag]) -> dict[int, list[int]]:
    """Return a dict from flag id to the ids of the earlier flags that brought the case to this flag's meeting.

    The flag's own earlier flag comes first, then the earlier flags of the flags merged into it. At most one statement
    is run.
    """
    found = {id_of(flag): [] if flag.origin_id is None else [flag.origin_id] for flag in flags}
    live = [id_of(flag) for flag in flags if flag.state in LIVE_STATES]
    if live:
        rows = work.session.execute(
            select(Flag.id, _BROUGHT.origin_id)
            .join(_BROUGHT, is_served(_BROUGHT))
            .where(col(Flag.id).in_(live), col(_BROUGHT.origin_id).is_not(None))
            .order_by(col(_BROUGHT.id))
        )
        for number, origin_id in rows:
            if number is not None and origin_id not in found[number]:
                found[number].append(origin_id)
    return found


def panels_that_sent(work: Work, flag: Flag) -> list[int]:
    """Return the ids of the other panels that sent the case to the flag's meeting, even if it was not heard there."""
    rows = work.session.exec(
        select(ORIGIN.panel_id)
        .join(Flag, col(Flag.origin_id) == col(ORIGIN.id))
        .where(
            col(Flag.case_id) == flag.case_id,
            col(Flag.meeting_id) == flag.meeting_id,
            col(Flag.state) != FlagState.WITHDRAWN,
            col(ORIGIN.panel_id) != flag.panel_id,
        )
        .distinct()
    )
    return sorted(rows)


def panel_that_sent(work: Work, flag: Flag) -> Panel | None:
    """Return the other panel that sent this flag, or None if no other panel did."""
    if flag.origin_id is None:
        return None
    return work.find(
        Panel, col(Panel.id) == col(ORIGIN.panel_id), col(ORIGIN.id) == flag.origin_id, col(Panel.id) != flag.panel_id
    )


def reasons_sent(work: Work, flags: Sequence[Flag], origins: Mapping[int, Sequence[int]]) -> dict[int, bytes]:
    """Return a dict from flag id to the sealed reason why another panel sent the case to the flag's panel.

    The reason is what the other panel's chair wrote at triage, or the rationale of the last decision that sent the
    case. `origins` is what `origins_served` returns. At most two statements are run.
    """
    numbers = {number for flag in flags for number in origins[id_of(flag)]}
    if not numbers:
        return {}
    signposted = (col(Flag.id).in_(numbers), col(Flag.state) == FlagState.SIGNPOSTED)
    reasons = dict(tuple(row) for row in work.session.execute(select(Flag.id, Flag.triage_reason).where(*signposted)))
    decided = work.session.execute(
        select(col(Flag.id), col(Flag.panel_id), Decision)
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id))
        .join(Decision, col(Decision.item_id) == col(AgendaItem.id))
        .where(col(Flag.id).in_(numbers), STANDS)
        .order_by(col(Decision.id))
    )
    panels: dict[int, int] = {}
    for origin_id, panel_id, decision in decided:
        if _brings_here(decision, is_own=False):
            panels[origin_id], reasons[origin_id] = panel_id, decision.rationale
    found: dict[int, bytes] = {}
    for flag in flags:
        for origin_id in origins[id_of(flag)]:
            reason = reasons.get(origin_id)
            if reason is not None and panels.get(origin_id) != flag.panel_id:
                found[id_of(flag)] = reason
    return found


def panels_sent_to(work: Work, flags: Sequence[Flag]) -> dict[int, str]:
    """Return a dict from the id of each signposted flag to the title of the panel to which the chair sent the case.

    At most one statement is run.
    """
    numbers = {id_of(flag) for flag in flags if flag.state is FlagState.SIGNPOSTED}
    if not numbers:
        return {}
    rows = work.session.execute(
        select(Flag.origin_id, Panel.title)
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(col(Flag.origin_id).in_(numbers))
        .order_by(col(Flag.id).desc())
    )
    return {origin_id: title for origin_id, title in rows if origin_id is not None}


class _Earlier(NamedTuple):
    flag: Flag
    meeting: Meeting
    panel: Panel
    is_heard: bool = False  #: the meeting heard the case; known only where no decision was made


class _Known(NamedTuple):
    """Everything that `origins_of` has read from the database to say where flags come from."""

    earlier: dict[int, _Earlier]
    carried: dict[int, int]
    passed: dict[int, _Earlier]
    decisions: dict[int, list[Decision]]
    still_due: dict[int, list[tuple[Meeting, Decision]]]


def origins_of(work: Work, flags: Sequence[Flag], origins: Mapping[int, Sequence[int]]) -> dict[int, CaseOrigin]:
    """Return a dict from flag id to why the case is before the flag's meeting.

    `origins` is what `origins_served` returns. At most five statements are run.
    """
    numbers = {number for flag in flags for number in origins[id_of(flag)]}
    earlier = _earlier(work, numbers)
    carried = _carried(work, flags)
    passed = _passed(work, [flag for flag in flags if id_of(flag) in carried])
    decisions = _decided_at(work, numbers)
    still_due = _still_due(work, _own_hearings(flags, origins, earlier))
    known = _Known(earlier, carried, passed, decisions, still_due)
    return {id_of(flag): _origin(work, flag, origins[id_of(flag)], known) for flag in flags}


def _earlier(work: Work, numbers: Collection[int]) -> dict[int, _Earlier]:
    if not numbers:
        return {}
    rows = work.session.execute(
        select(Flag, Meeting, Panel)
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(col(Flag.id).in_(numbers))
    )
    return {id_of(flag): _Earlier(flag, meeting, panel) for flag, meeting, panel in rows}


def _carried(work: Work, flags: Sequence[Flag]) -> dict[int, int]:
    """Return a dict from flag id to the id of the earlier flag from which it was carried over.

    A flag is carried over from a meeting that did not hear its case. If a live flag was not carried over, but a flag
    merged into it was, the dict has the earlier flag of the merged flag.
    """
    found = {id_of(flag): flag.carried_from_id for flag in flags if flag.carried_from_id is not None}
    live = [id_of(flag) for flag in flags if flag.state in LIVE_STATES and flag.carried_from_id is None]
    if live:
        rows = work.session.execute(
            select(col(Flag.id), col(_BROUGHT.carried_from_id))
            .join(_BROUGHT, is_served(_BROUGHT))
            .where(col(Flag.id).in_(live), col(_BROUGHT.carried_from_id).is_not(None))
            .order_by(col(_BROUGHT.id).desc())
        )
        found |= {number: carried_id for number, carried_id in rows if carried_id is not None}
    return found


def _passed(work: Work, flags: Sequence[Flag]) -> dict[int, _Earlier]:
    """Return all flags of the same cases and panels as `flags`, by id. Each comes with its meeting and panel.

    With these, callers follow a flag back through the meetings that did not hear the case.
    """
    if not flags:
        return {}
    rows = work.session.execute(
        select(Flag, Meeting, Panel)
        .add_columns(IS_FLAG_HEARD)
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(
            col(Flag.case_id).in_({flag.case_id for flag in flags}),
            col(Flag.panel_id).in_({flag.panel_id for flag in flags}),
        )
    )
    return {id_of(flag): _Earlier(flag, meeting, panel, bool(said)) for flag, meeting, panel, said in rows}


def _decided_at(work: Work, flag_ids: Collection[int]) -> dict[int, list[Decision]]:
    """Return a dict from flag id to the decisions in force where the flag's case was heard, the earliest first."""
    if not flag_ids:
        return {}
    rows = work.session.execute(
        select(col(AgendaItem.flag_id), Decision)
        .join(Decision, col(Decision.item_id) == col(AgendaItem.id))
        .where(col(AgendaItem.flag_id).in_(flag_ids), STANDS)
        .order_by(col(Decision.id))
    )
    return grouped((flag_id, decision) for flag_id, decision in rows if flag_id is not None)


def _own_hearings(
    flags: Sequence[Flag], origins: Mapping[int, Sequence[int]], earlier: Mapping[int, _Earlier]
) -> dict[int, int]:
    """Return a dict from flag id to the id of the earlier flag by which the same panel last heard the case.

    The earlier flag is one of those in `origins`. If none of them is to the same panel, the flag has no entry.
    `origins` is what `origins_served` returns, and `earlier` is what `_passed` returns.
    """
    found = {}
    for flag in flags:
        own = [number for number in origins[id_of(flag)] if earlier[number].flag.panel_id == flag.panel_id]
        if own:
            found[id_of(flag)] = max(own)
    return found


def _still_due(work: Work, hearings: Mapping[int, int]) -> dict[int, list[tuple[Meeting, Decision]]]:
    """Return a dict from flag id to the panel's earlier decisions that also bring the case to the flag's meeting.

    Each decision is paired with the meeting that made it. `hearings` is what `_own_hearings` returns. A flag's
    decisions are only those made before the flag's hearing in `hearings`.
    """
    if not hearings:
        return {}
    is_earlier = and_(
        col(Flag.case_id) == col(_HERE.case_id),
        col(Flag.panel_id) == col(_HERE.panel_id),
        col(Flag.id) < sql_case(dict(hearings), value=col(_HERE.id)),
    )
    rows = work.session.execute(
        select(col(_HERE.id), Meeting, Decision)
        .join(_AT, col(_AT.id) == col(_HERE.meeting_id))
        .join(Flag, is_earlier)
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id))
        .join(Decision, IS_DECIDED)
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(col(_HERE.id).in_(hearings), col(Meeting.state) == MeetingState.CLOSED, came_back(_HERE, _AT))
        .order_by(col(Decision.id))
    )
    return grouped((flag_id, (meeting, decision)) for flag_id, meeting, decision in rows)


def _origin(work: Work, flag: Flag, origins: Sequence[int], known: _Known) -> CaseOrigin:
    decided, passed_over, sent_on = list[Decided](), list[PassedOver](), None
    for number in origins:
        there = known.earlier[number]
        is_own = there.flag.panel_id == flag.panel_id
        made = [one for one in known.decisions.get(number, ()) if _brings_here(one, is_own=is_own)]
        if made:
            decided.append(_decided(work, there.panel, there.meeting, made, is_own=is_own))
        elif there.flag.state is FlagState.SIGNPOSTED and not is_own:
            at = there.flag.triaged_at or there.flag.flagged_at
            sent_on = SentOn(there.panel.title, local_time(work, there.panel, at).date())
    there_before = (known.earlier[number] for number in origins)
    own = next((one for one in there_before if one.flag.panel_id == flag.panel_id), None)
    if own is not None:
        named = {id_of(one) for number in origins for one in known.decisions.get(number, ())}
        due = ((meeting, one) for meeting, one in known.still_due.get(id_of(flag), ()) if one.id not in named)
        before = grouped((meeting.starts_at, (meeting, one)) for meeting, one in due)
        for several in before.values():
            meeting = several[0][0]
            decided.append(_decided(work, own.panel, meeting, [one for _, one in several], is_own=True))
    decided.sort(key=lambda one: one.on, reverse=True)
    carried = known.passed.get(known.carried.get(id_of(flag), 0))
    while carried is not None:
        on = local_time(work, carried.panel, carried.meeting.starts_at).date()
        how = how_passed(carried.flag, carried.meeting, is_heard=carried.is_heard)
        passed_over.insert(0, PassedOver(how, on))
        carried = known.passed.get(carried.flag.carried_from_id or 0)
    ends = tuple(passed_over) if len(passed_over) < 2 else (passed_over[0], passed_over[-1])
    return CaseOrigin(tuple(decided), ends, sent_on) if decided or passed_over or sent_on else FLAGGED_HERE


def _decided(work: Work, panel: Panel, meeting: Meeting, made: Sequence[Decision], *, is_own: bool) -> Decided:
    on = local_time(work, panel, meeting.starts_at).date()
    return Decided(tuple((one.kind, one.review_on) for one in made), panel.title, on, is_own)


def _brings_here(decision: Decision, *, is_own: bool) -> bool:
    if is_own:
        return decision.review_on is not None or decision.kind is DecisionKind.TRANSFER
    return decision.kind not in (DecisionKind.RETAIN, DecisionKind.CLOSE, DecisionKind.STEP_DOWN)


def passed_at(work: Work, flag: Flag, meeting: Meeting, is_heard: bool) -> Passed | None:
    """Return why the case of a live flag got no decision at the flag's meeting.

    Return None if the flag is not live, or if the meeting is not over.
    """
    is_over = meeting.state is not MeetingState.OPEN and meeting.ends_at <= work.now
    if flag.state not in LIVE_STATES or not (is_over or meeting.state is MeetingState.CLOSED):
        return None
    return how_passed(flag, meeting, is_heard=is_heard)


def how_passed(flag: Flag, meeting: Meeting, *, is_heard: bool) -> Passed:
    """Return what became of a flag that its meeting did not decide on. The meeting is over."""
    if flag.state is FlagState.DEFERRED:
        return Passed.DEFERRED
    was_held = meeting.state is MeetingState.CLOSED or meeting.elsewhere_at is not None
    if not was_held:
        return Passed.NOT_HELD
    if is_heard or (meeting.is_extraordinary and meeting.elsewhere_at is not None):  # it was held to hear this case
        return Passed.UNDECIDED
    return Passed.NOT_TRIAGED if flag.state is FlagState.OPEN else Passed.NOT_REACHED
