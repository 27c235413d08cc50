"""Approving draft minutes, or sending a draft back. Closed items may need the approval of another reader."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col

from bot.domain.language.day_words import YearDay
from bot.domain.language.identifiers import accept_text
from bot.domain.minutes import APPROVED_STATES, OPEN_STATES, approved_by, next_minutes_state
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb, who_may
from bot.errors import Mistake, NotAllowed, NotForYou, NotYourRole
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes, MinutesEvent
from bot.models.people import Person
from bot.models.vocabulary import MinutesState, MinutesStep
from bot.records.access.queries import Standing, Where, find_panel, local_time, require
from bot.records.actions.queries import opened_or_erased
from bot.records.diary.queries import OfMeeting, of_meeting
from bot.records.minutes.changes import change_minutes, lock_minutes
from bot.records.minutes.queries import (
    MinutesView,
    approver_names,
    approvers_of,
    corrections_of,
    find_held,
    latest_version,
    require_minutes,
    view_minutes,
)
from bot.services.minutes.circulating import circulate
from bot.services.minutes.versions import annex_of, approvable, approve_version, put_before_chair, write_version
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_NO_DRAFT = "There is no draft yet. To write one: `/minutes draft`."


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft of minutes, as a person who writes or approves minutes sees it."""

    minutes: MinutesView
    drafted_by: str
    may_approve: bool


@dataclass(frozen=True, slots=True)
class RemarksView(OfMeeting):
    """The remarks with which a draft was sent back."""

    minutes_id: int
    version: int
    by_name: str
    at: datetime  #: on the panel's clock
    remarks: str


def approve_minutes(work: Work, actor: Actor, where: Where, on: YearDay | None = None) -> MinutesView:
    """Approve the draft of a meeting's minutes. Raise the same errors as `approve_this`.

    `on` is the meeting's day. Without it, take the latest meeting whose draft is not approved.
    """
    standing, meeting = _held(work, actor, where, on)
    lock_minutes(work, id_of(meeting))
    minutes = latest_version(work, meeting)
    if minutes is None:
        raise Mistake(_NO_DRAFT)
    return _approve(work, standing, meeting, minutes)


def approve_this(work: Work, actor: Actor, minutes_id: int) -> MinutesView:
    """Approve a version of the minutes, which never changes again. Tell members where to get it.

    If the record was corrected since the draft, a new version is put before the chair instead, so that nobody approves
    a text that they have not read. Raise NotAllowed for the person who took the minutes, with the names of those who
    may approve. Raise Mistake if another version has replaced this one, or if it is approved already.
    """
    standing, meeting, minutes = _found(work, actor, minutes_id, to_change=True)
    return _approve(work, standing, meeting, minutes)


def _approve(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> MinutesView:
    actor = standing.actor
    if minutes.state in OPEN_STATES:
        _refuse_writer(work, standing, minutes)
    _submit_if_draft(work, actor, minutes)
    next_minutes_state(minutes.state, MinutesStep.APPROVED)
    if corrections_of(work, None, minutes):
        is_seen = corrections_of(work, actor.person_id, minutes) > 0
        minutes = write_version(work, actor, standing, meeting, minutes, minutes.drafted_by_id)
        if is_seen:
            put_before_chair(work, actor, standing, minutes)
            return replace(view_minutes(work, standing, meeting, minutes), is_rewritten=True)
        # All corrections are of items that are kept from this person, who reads the same as before.
        change_minutes(work, actor, minutes, MinutesStep.SUBMITTED)
    annex = approve_version(work, actor, standing, minutes)
    circulate(work, standing, minutes)
    return replace(view_minutes(work, standing, meeting, minutes), annex=annex)


def send_back(work: Work, actor: Actor, where: Where, remarks: str, on: YearDay | None = None) -> MinutesView:
    """Send the draft of a meeting's minutes back. Raise the same errors as `send_this_back`.

    `on` is the meeting's day. Without it, take the latest meeting whose draft is not approved.
    """
    standing, meeting = _held(work, actor, where, on)
    lock_minutes(work, id_of(meeting))
    minutes = latest_version(work, meeting)
    if minutes is None:
        raise Mistake(_NO_DRAFT)
    return _send_back(work, standing, meeting, minutes, remarks)


def send_this_back(work: Work, actor: Actor, minutes_id: int, remarks: str) -> MinutesView:
    """Send a draft back, with remarks, to the person who wrote it.

    Raise Mistake without remarks, or if the draft is not with the chair. Raise NotAllowed for the person who wrote it.
    """
    standing, meeting, minutes = _found(work, actor, minutes_id, to_change=True)
    return _send_back(work, standing, meeting, minutes, remarks)


def draft_to_send_back(work: Work, actor: Actor, minutes_id: int) -> MinutesView:
    """Return a draft that the person may send back now. Raise the same errors as `send_this_back`."""
    standing, meeting, minutes = _found(work, actor, minutes_id)
    _check_to_send_back(work, standing, minutes)
    return view_minutes(work, standing, meeting, minutes)


def _send_back(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes, remarks: str) -> MinutesView:
    _check_to_send_back(work, standing, minutes)
    said = accept_text(remarks, field="remarks", missing=_NO_REMARKS, today=work.now.date())
    sealed = work.seal(standing.panel.data_key_id, said)
    _submit_if_draft(work, standing.actor, minutes)
    change_minutes(work, standing.actor, minutes, MinutesStep.SENT_BACK, remarks=sealed)
    work.audit("send_back", "minutes", minutes.id, panel_id=standing.panel_id, actor_id=standing.actor.person_id)
    work.tell(minutes.drafted_by_id, Notice.MINUTES_SENT_BACK, minutes_id=id_of(minutes))
    return view_minutes(work, standing, meeting, minutes)


_NO_REMARKS = "What should be different? The person who drafted the minutes can read this."


def _check_to_send_back(work: Work, standing: Standing, minutes: Minutes) -> None:
    if minutes.state in OPEN_STATES:
        _refuse_writer(work, standing, minutes)
    if minutes.state is not MinutesState.DRAFT:
        next_minutes_state(minutes.state, MinutesStep.SENT_BACK)


def _submit_if_draft(work: Work, actor: Actor, minutes: Minutes) -> None:
    """Put a draft before the chair if its writer was the only possible approver until now."""
    if minutes.state is MinutesState.DRAFT:
        change_minutes(work, actor, minutes, MinutesStep.SUBMITTED)


def draft_for_notice(work: Work, actor: Actor, minutes_id: int) -> DraftView | None:
    """Return a draft for the message about it, or None if the draft has been approved or replaced."""
    standing, meeting, minutes = require_minutes(work, actor, minutes_id)
    if minutes.state not in OPEN_STATES:
        return None
    approvers = {id_of(person) for person, _ in approvers_of(work, standing.panel_id, minutes)}
    writer = work.session.get_one(Person, minutes.drafted_by_id)
    return DraftView(view_minutes(work, standing, meeting, minutes), writer.name, actor.person_id in approvers)


def remarks_on(work: Work, actor: Actor, minutes_id: int) -> RemarksView | None:
    """Return the remarks with which a draft was last sent back, or None if it was not sent back.

    Only people who write minutes may read the remarks.
    """
    minutes = work.session.get(Minutes, minutes_id)
    if minutes is None:
        raise NotForYou("those minutes")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    standing = require(work, actor, meeting.panel_id, Verb.DRAFT_MINUTES, noun="those minutes")
    of_it = (col(MinutesEvent.minutes_id) == minutes_id, col(MinutesEvent.step) == MinutesStep.SENT_BACK)
    event = work.find(MinutesEvent, *of_it, by=[col(MinutesEvent.id).desc()])
    if event is None or event.remarks is None:
        return None
    by = work.session.get_one(Person, event.by_id)
    return RemarksView(
        *of_meeting(work, standing.panel, meeting),
        minutes_id=minutes_id,
        version=minutes.version,
        by_name=by.name,
        at=local_time(work, standing.panel, event.at),
        remarks=opened_or_erased(work, event.remarks),
    )


def annex_for_notice(work: Work, actor: Actor, minutes_id: int) -> MinutesView | None:
    """Return minutes whose closed items this person may approve, or None if there are no such items."""
    standing, meeting, minutes = require_minutes(work, actor, minutes_id)
    if not approvable(work, actor.person_id, annex_of(work, minutes)):
        return None
    return view_minutes(work, standing, meeting, minutes)


def approve_annex(work: Work, actor: Actor, minutes_id: int) -> MinutesView:
    """Approve closed items that the approver of the minutes could not approve.

    The approver recorded these items, or may not read them. The actor must be another named reader of the items, who
    did not record them. Raise NotForYou if there are no such items.
    """
    standing, meeting, minutes = require_minutes(work, actor, minutes_id)
    theirs = approvable(work, actor.person_id, annex_of(work, minutes))
    if not theirs:
        raise NotForYou("those minutes")
    change_minutes(work, actor, minutes, MinutesStep.ANNEX_APPROVED)
    for part in theirs:
        part.approved_by_id, part.approved_at = actor.person_id, work.now
        work.session.add(part)
        work.audit(
            "approve",
            "minutes_part",
            part.id,
            panel_id=standing.panel_id,
            actor_id=actor.person_id,
            case_id=part.case_id,
        )
    work.session.flush()
    return view_minutes(work, standing, meeting, minutes)


def _held(work: Work, actor: Actor, where: Where, on: YearDay | None) -> tuple[Standing, Meeting]:
    """Return the meeting whose draft a person may approve. Raise NotYourRole for other people.

    For people who write minutes, the error says how they can correct the draft.
    """
    try:
        return find_held(work, actor, where, Verb.APPROVE_MINUTES, on)
    except NotYourRole as refusal:
        standing = find_panel(work, actor, where, Verb.READ_MINUTES)
        raise (_not_approver(standing) if standing.may(Verb.DRAFT_MINUTES) else refusal) from None


def _not_approver(standing: Standing) -> NotYourRole:
    look = f"`/minutes look {standing.panel.key}`"
    return NotYourRole(f"On {standing.panel.title}, {who_may(Verb.APPROVE_MINUTES)}. To correct a draft, use {look}.")


def _found(work: Work, actor: Actor, minutes_id: int, *, to_change: bool = False) -> tuple[Standing, Meeting, Minutes]:
    """Return a version for a person who may approve minutes. Raise Mistake if a newer version has replaced it.

    With `to_change`, lock the minutes first, so that a correction is saved either before the approval or after it.
    """
    minutes = work.session.get(Minutes, minutes_id)
    if minutes is None:
        raise NotForYou("those minutes")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    standing = require(work, actor, meeting.panel_id, Verb.READ_MINUTES, noun="those minutes")
    if not standing.may(Verb.APPROVE_MINUTES):
        raise _not_approver(standing) if standing.may(Verb.DRAFT_MINUTES) else NotForYou("those minutes")
    if to_change:
        lock_minutes(work, id_of(meeting))
    newest = latest_version(work, meeting)
    if newest is not None and newest.version != minutes.version:
        what = "approved" if newest.state in APPROVED_STATES else "written"
        raise Mistake(
            f"Version {newest.version} was {what} in the meantime, so I left version {minutes.version} as it was. "
            f"`/minutes export` sends you the newest version."
        )
    return standing, meeting, minutes


def _refuse_writer(work: Work, standing: Standing, minutes: Minutes) -> None:
    """Raise NotAllowed for the person who took the minutes, with the names of those who may approve them."""
    if minutes.drafted_by_id != standing.actor.person_id:
        return
    raise NotAllowed(f"You drafted these minutes. {approved_by(approver_names(work, standing.panel_id, minutes))}")
