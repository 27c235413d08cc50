"""How flags change: flagged, merged, moved and withdrawn, and how an assessment is copied between flags.

When several agencies flag one case to one meeting, one flag is live. The other flags are merged into the live flag:
they are deferred at the same meeting, without a reason from the chair. One hearing serves all of them.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot.domain.case_facts import ASSESSMENT, NARRATIVE, CaseFacts
from bot.domain.flag_state import TAKES_OFF_AGENDA, FlagEvent, next_state
from bot.models.cases import AgencyReference, Case, CaseReader, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.vocabulary import FlagState, ReviewAnswer
from bot.records.access.queries import readable_cases
from bot.records.cases.queries import IS_OWN_WITHHELD, awaits_assessment, live_flag, merged_flags
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def add_case(work: Work, reference: str, area_id: int, *, is_closed: bool) -> Case:
    """Add a new case with its own data key, and return the case."""
    case = Case(
        reference=reference,
        area_id=area_id,
        is_closed=is_closed,
        data_key_id=work.keys.new_key(work.session, "case", work.now),
        created_at=work.now,
    )
    work.session.add(case)
    work.session.flush()
    return case


def write_own_reference(work: Work, case: Case, reference: str, *, agency_id: int, person_id: int) -> None:
    """Store an agency's own reference for the child, in place of any earlier one.

    An empty reference deletes the stored one.
    """
    if not reference:
        row = work.session.get(AgencyReference, (id_of(case), agency_id))
        if row is not None:
            work.session.delete(row)
        return
    sealed = work.seal(case.data_key_id, reference)
    work.session.merge(
        AgencyReference(
            case_id=id_of(case), agency_id=agency_id, reference=sealed, person_id=person_id, written_at=work.now
        )
    )


def new_flag(
    work: Work, case: Case, meeting: Meeting, facts: CaseFacts, *, agency_id: int, person_id: int, is_late: bool = False
) -> Flag:
    """Return a flag with these facts that is not stored yet. Its words are sealed under the case's key."""
    return Flag(
        case_id=id_of(case),
        panel_id=meeting.panel_id,
        meeting_id=id_of(meeting),
        agency_id=agency_id,
        person_id=person_id,
        is_late=is_late,
        flagged_at=work.now,
        **columns_of(work, case, facts),
    )


def columns_of(work: Work, case: Case, facts: CaseFacts) -> dict[str, Any]:
    """Return the values of a flag's columns for these facts. The agency's words are sealed under the case's key."""
    columns: dict[str, Any] = {name: getattr(facts, name) for name in CaseFacts.model_fields}
    for name in NARRATIVE:
        columns[name] = work.seal(case.data_key_id, columns[name]) if columns[name] else None
    columns["answers"] = work.seal(case.data_key_id, _as_json(facts)) if facts.answers else None
    columns["themes"] = [theme.value for theme in facts.themes]
    return columns


def _as_json(facts: CaseFacts) -> str:
    return json.dumps([answer.model_dump(mode="json") for answer in facts.answers], ensure_ascii=False)


def share_assessment(work: Work, flag: Flag, *, is_withheld: bool) -> None:
    """Copy a flag's assessment to the agency's other flags of the case that still lack one, on any panel.

    If the flagger may not read the case (`is_withheld`), only the flagger's own flags are changed. Otherwise flags that
    colleagues made without being readers of the case are left out, but later copies of those flags are changed. This
    way nobody learns of a flag that is kept from them.
    """
    theirs = work.session.exec(
        select(Flag)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(
            col(Flag.case_id) == flag.case_id,
            col(Flag.agency_id) == flag.agency_id,
            awaits_assessment(work),
            col(Flag.person_id) == flag.person_id if is_withheld else ~IS_OWN_WITHHELD,
        )
    )
    for one in theirs:
        for name in ASSESSMENT:
            setattr(one, name, getattr(flag, name))


def flag_again(
    work: Work, flag: Flag, event: FlagEvent, panel_id: int, meeting_id: int, *, is_escalated: bool | None = None
) -> Flag:
    """Return a copy of a flag for a later meeting, with the same facts, still sealed. The copy is not stored yet."""
    return Flag(
        case_id=flag.case_id,
        panel_id=panel_id,
        meeting_id=meeting_id,
        agency_id=flag.agency_id,
        person_id=flag.person_id,
        state=next_state(flag.state if event is FlagEvent.CARRIED_FORWARD else None, event),
        is_escalated=flag.is_escalated if is_escalated is None else is_escalated,
        origin_id=flag.origin_id,
        carried_from_id=flag.id,
        named_id=flag.named_id,
        # Ask the agency again before the later meeting.
        review_answer=None if flag.review_answer is None else ReviewAnswer.AWAITED,
        # No two flags of a case may have the same moment, and the clock may not have advanced. See also `give_moments`.
        flagged_at=max(work.now, flag.flagged_at + timedelta(microseconds=1)),
        **{name: getattr(flag, name) for name in CaseFacts.model_fields},
    )


def give_moments(work: Work, panel_id: int, flags: Iterable[Flag]) -> None:
    """Set `flagged_at` of new flags so that each is later than the case's other flags.

    The database doesn't allow two flags of one case to one panel to have the same moment. The new flags are not stored
    yet.
    """
    flags = list(flags)
    of_cases = col(Flag.case_id).in_({flag.case_id for flag in flags})
    moments = select(Flag.case_id, Flag.flagged_at).where(col(Flag.panel_id) == panel_id, of_cases)
    latest: dict[int, datetime] = {}
    for case_id, flagged_at in work.session.execute(moments):
        latest[case_id] = max(flagged_at, latest.get(case_id, flagged_at))
    for flag in flags:
        if (last := latest.get(flag.case_id)) is not None:
            flag.flagged_at = max(flag.flagged_at, last + timedelta(microseconds=1))
        latest[flag.case_id] = flag.flagged_at


def change_flag(work: Work, flag: Flag, event: FlagEvent, *, meeting_id: int | None = None) -> None:
    """Set the state of a flag after an event, and its meeting if one is given.

    No other function sets a flag's state. Raise Mistake if the flag's present state does not allow the event.
    """
    if event in TAKES_OFF_AGENDA and flag.id is not None:
        # Delete the flag's line on the agenda. If the meeting is not held, the case would otherwise look unheard
        # for ever.
        for item in work.find_all(AgendaItem, col(AgendaItem.flag_id) == flag.id):
            work.session.delete(item)
        work.session.flush()
    flag.state = next_state(flag.state, event)
    if meeting_id is not None:
        flag.meeting_id = meeting_id
    work.session.add(flag)
    work.session.flush()


def merge_flag(work: Work, flag: Flag, into: Flag, *, said_at: datetime | None = None) -> None:
    """Merge the flag into the live flag `into`, so that one hearing serves both.

    If either flag was accepted, the live flag is accepted. If another panel escalated either flag, the live flag is
    escalated. If one agency made both, the live flag gets the newer facts, unless its presenter may not know of the
    other flag. `said_at` is when the facts of a copied flag were given.
    """
    is_newer = (said_at or flag.flagged_at) > into.flagged_at
    if is_newer and _is_flagged_again(work, flag, into) and not _is_unseen(work, flag, into):
        for name in CaseFacts.model_fields:
            setattr(into, name, getattr(flag, name))
        into.person_id = flag.person_id
    into.is_escalated = into.is_escalated or flag.is_escalated
    if flag.state is FlagState.ACCEPTED:
        flag.triaged_at = flag.triaged_at or work.now  # a review that is due needs no triage by the chair
        if into.state is FlagState.OPEN:
            into.triaged_by_id, into.triaged_at = flag.triaged_by_id, flag.triaged_at
            change_flag(work, into, FlagEvent.ACCEPTED)
    change_flag(work, flag, FlagEvent.MERGED, meeting_id=into.meeting_id)


def _is_unseen(work: Work, copied: Flag, into: Flag) -> bool:
    """Return whether `copied` comes from an earlier flag which the presenter of `into` may not know about."""
    is_brought = copied.origin_id is not None
    return is_brought and not readable_cases(work, into.person_id, [into.case_id])


def move_merged(work: Work, case_id: int, before: int, after: int) -> None:
    """Move a case's merged flags from the meeting with the id `before` to the meeting with the id `after`."""
    for flag in merged_flags(work, case_id, before):
        change_flag(work, flag, FlagEvent.MOVED, meeting_id=after)


def withdraw_flag(work: Work, flag: Flag, by_id: int, reason: str) -> list[Flag]:
    """Withdraw a flag and the same agency's flags that were merged into it. Return every flag that was withdrawn.

    A merged copy from an earlier hearing is withdrawn only if `flag` comes from the same hearing. If the withdrawn flag
    was live, another flag that was merged into it, such as another agency's, becomes live. If the chair had accepted
    that other flag, it is accepted again.
    """
    sealed = work.seal(work.session.get_one(Case, flag.case_id).data_key_id, reason)
    withdrawn, merged = [flag], list[Flag]()
    for one in merged_flags(work, flag.case_id, flag.meeting_id):
        if one.id != flag.id:
            (withdrawn if _goes_with(work, one, flag) else merged).append(one)
    for one in withdrawn:
        one.withdrawn_by_id, one.withdrawn_at, one.withdrawn_reason = by_id, work.now, sealed
        change_flag(work, one, FlagEvent.WITHDRAWN)
    there = live_flag(work, flag.case_id, flag.meeting_id)
    for one in [*([there] if there else []), *merged]:
        if one.review_answer is not None and _is_flagged_again(work, flag, one):
            answer_review(one, ReviewAnswer.AWAITED, None, None)
    if merged and there is None:
        _ask_for_hearing(work, merged[0])
    return withdrawn


def _goes_with(work: Work, merged: Flag, flag: Flag) -> bool:
    """Return whether a merged flag is withdrawn together with `flag`.

    If the merged flag was copied from an earlier hearing, it is withdrawn only if `flag` comes from the same hearing.
    Other merged flags are withdrawn if the same agency made both flags.
    """
    if merged.origin_id is not None:
        return merged.origin_id == flag.origin_id
    return _is_flagged_again(work, merged, flag)


def answer_review(flag: Flag, answer: ReviewAnswer, by_id: int | None, at: datetime | None) -> None:
    """Record the agency's answer to the review of its flag: what has changed in the case.

    `by_id` and `at` are who answered and when. Both are None for an answer that is still awaited.
    """
    flag.review_answer, flag.reviewed_by_id, flag.reviewed_at = answer, by_id, at


def _ask_for_hearing(work: Work, flag: Flag) -> None:
    """Make a merged flag the live flag after the live flag was withdrawn."""
    change_flag(work, flag, FlagEvent.UNMERGED)
    if flag.triaged_at is not None:
        change_flag(work, flag, FlagEvent.ACCEPTED)
    work.audit("return", "case", flag.case_id, panel_id=flag.panel_id)


def _is_flagged_again(work: Work, flag: Flag, other: Flag) -> bool:
    """Return whether the newer flag's facts replace the older flag's facts, because one agency made both.

    On a closed item, a colleague's flag counts only if both people are named readers.
    """
    if flag.agency_id != other.agency_id or flag.person_id == other.person_id:
        return flag.agency_id == other.agency_id
    case = work.session.get_one(Case, flag.case_id)
    readers = (work.session.get(CaseReader, (flag.case_id, one.person_id)) for one in (flag, other))
    return not case.is_closed or all(readers)
