"""Amending approved minutes with numbered slips. A member writes a slip, and the chair approves it.

Everyone who had the minutes is told of an approved slip.
"""

from dataclasses import dataclass

from sqlalchemy import and_, or_
from sqlmodel import col, func, select

from bot.domain.language.day_words import YearDay, listed
from bot.domain.language.identifiers import accept_line, accept_text
from bot.domain.minutes import APPROVED_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.minutes import AmendmentSlip, Minutes, MinutesCopy
from bot.models.outbox import SlackFile, SlackFileCase
from bot.models.people import Person
from bot.models.vocabulary import Role
from bot.records.access.queries import Standing, Where, find_panel, local_time, readable_cases, require
from bot.records.diary.queries import OfMeeting, last_closed_meeting, of_meeting
from bot.records.minutes.queries import IS_APPROVED, held_on, latest_version
from bot.records.minutes.slips import SlipView, items_by_label, view_slip
from bot.records.people.queries import members
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class SlipForm(OfMeeting):
    """The items of approved minutes, for the form in which a person writes a slip."""

    minutes_id: int
    version: int
    items: tuple[tuple[int, str], ...]  #: each with its id and its number and title on the person's agenda


def offer_slip(work: Work, actor: Actor, where: Where, on: YearDay | None = None) -> SlipForm:
    """Return the form for a slip to the minutes of a meeting.

    `on` is the meeting's day. Without it, take the latest meeting with approved minutes. Raise Mistake if the minutes
    are not approved. The error says who can correct them.
    """
    standing = find_panel(work, actor, where, Verb.READ_MINUTES)
    if on is not None:
        meeting: Meeting | None = work.session.get_one(Meeting, held_on(work, standing, on))
    else:
        query = select(Meeting).join(Minutes, col(Minutes.meeting_id) == col(Meeting.id)).where(IS_APPROVED)
        query = query.where(col(Meeting.panel_id) == standing.panel_id).order_by(col(Meeting.starts_at).desc())
        meeting = work.session.exec(query.limit(1)).first() or last_closed_meeting(work, standing.panel_id)
    if meeting is None:
        raise Mistake(f"{standing.panel.title} has not held a meeting yet.")
    minutes = latest_version(work, meeting)
    if minutes is None:
        raise _not_approved(work, standing, meeting)
    return _form(work, standing, meeting, minutes)


def offer_slip_to(work: Work, actor: Actor, minutes_id: int) -> SlipForm:
    """Return the form for a slip to these minutes. Raise the same errors as `offer_slip`."""
    return _form(work, *_minutes(work, actor, minutes_id))


def _form(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> SlipForm:
    if minutes.state not in APPROVED_STATES:
        raise _not_approved(work, standing, meeting)
    items = items_by_label(work, standing.actor.person_id, meeting)
    return SlipForm(
        *of_meeting(work, standing.panel, meeting),
        minutes_id=id_of(minutes),
        version=minutes.version,
        items=tuple((number, f"{label} {line.title}") for number, (label, line) in items.items()),
    )


def write_slip(work: Work, actor: Actor, minutes_id: int, item_id: int | None, says: str, reason: str) -> SlipView:
    """Write a slip to approved minutes, and ask for approval.

    The slip goes to a person who may approve minutes, may read the item and did not write the slip. Raise Mistake,
    attached to the field at fault, if a text is missing or wrong. Raise Mistake also for a draft, or if nobody else may
    approve the slip. Raise NotForYou for an item that is kept from the writer.
    """
    standing, meeting, minutes = _minutes(work, actor, minutes_id)
    if minutes.state not in APPROVED_STATES:
        raise _not_approved(work, standing, meeting)
    said = accept_text(says, field="says", missing="What should the minutes say?", today=work.now.date())
    why = accept_line(
        reason, field="reason", missing="Why? Everyone who has the minutes can read this.", today=work.now.date()
    )
    case = _case_of(work, actor, meeting, item_id)
    approvers = _approvers(work, standing, actor.person_id, case)
    if not approvers:
        raise Mistake(
            "Nobody else who reads that item may approve the slip. The co-ordinator can give a person the place of "
            "vice-chair.",
            field="says",
        )
    key_id = case.data_key_id if case else standing.panel.data_key_id
    slip = AmendmentSlip(
        minutes_id=minutes_id,
        item_id=item_id,
        case_id=case.id if case else None,
        says=work.seal(key_id, said),
        reason=work.seal(key_id, why),
        written_by_id=actor.person_id,
        written_at=work.now,
    )
    work.session.add(slip)
    work.session.flush()
    _audit(work, standing, slip, "propose")
    first = approvers[0][1]
    for person, role in approvers:
        if role is first:
            work.tell(id_of(person), Notice.AMENDMENT_ASKED, slip_id=id_of(slip))
    return view_slip(work, standing, meeting, slip)


def show_slip(work: Work, actor: Actor, slip_id: int) -> tuple[SlipView, bool]:
    """Return a slip, and whether this person may decide on it now.

    Until a slip is approved, only its writer and people who may approve it can see it. Raise NotForYou for other
    people.
    """
    standing, meeting, slip = _slip(work, actor, slip_id)
    is_writer = slip.written_by_id == actor.person_id
    if slip.number is None and not is_writer and not standing.may(Verb.APPROVE_MINUTES):
        raise NotForYou("that slip")
    may = standing.may(Verb.APPROVE_MINUTES) and not is_writer and slip.decided_at is None
    return view_slip(work, standing, meeting, slip), may


def slip_to_refuse(work: Work, actor: Actor, slip_id: int) -> SlipView:
    """Return a slip that the person may refuse now. Raise the same errors as `decide_slip`."""
    standing, meeting, slip = _to_decide(work, actor, slip_id)
    _check_undecided(work, slip)
    return view_slip(work, standing, meeting, slip)


def _to_decide(work: Work, actor: Actor, slip_id: int) -> tuple[Standing, Meeting, AmendmentSlip]:
    """Return a slip, with the person's standing and the meeting, if the person may decide on the slip.

    Raise NotAllowed for the slip's writer, with the names of those who may decide.
    """
    standing, meeting, slip = _slip(work, actor, slip_id)
    require(work, actor, meeting.panel_id, Verb.APPROVE_MINUTES, noun="that slip")
    if slip.written_by_id == actor.person_id:
        case = work.session.get_one(Case, slip.case_id) if slip.case_id is not None else None
        others = [f"{one.name}, {role.label}" for one, role in _approvers(work, standing, actor.person_id, case)]
        raise NotAllowed(
            f"You wrote this slip, so another person must approve it: {listed(others, 'or') or 'a vice-chair'}."
        )
    return standing, meeting, slip


def _check_undecided(work: Work, slip: AmendmentSlip) -> None:
    if slip.decided_at is not None:
        by = work.session.get_one(Person, slip.decided_by_id)
        raise Mistake(f"{by.name} has {'approved' if slip.number else 'refused'} that slip already.")


def decide_slip(work: Work, actor: Actor, slip_id: int, *, approved: bool, refusal: str = "") -> SlipView:
    """Approve a slip, number it and tell everyone who had the minutes, or refuse it. The writer is told either way.

    Raise NotAllowed for its writer, with the names of those who may decide. Raise Mistake if the slip is decided
    already, or refused without a reason.
    """
    standing, meeting, slip = _to_decide(work, actor, slip_id)
    # Locked, so that two slips approved at once get different numbers.
    work.session.exec(select(Minutes.id).where(col(Minutes.id) == slip.minutes_id).with_for_update()).one()
    work.session.refresh(slip)
    _check_undecided(work, slip)
    if not approved:
        said = accept_text(refusal, field="refusal", missing=_NO_REFUSAL, today=work.now.date())
        key_id = standing.panel.data_key_id
        if slip.case_id is not None:
            key_id = work.session.get_one(Case, slip.case_id).data_key_id
        slip.refusal = work.seal(key_id, said)
    slip.decided_by_id, slip.decided_at = actor.person_id, work.now
    if approved:
        is_item = col(AmendmentSlip.item_id).is_not_distinct_from(slip.item_id)
        last = select(func.max(col(AmendmentSlip.number))).where(
            col(AmendmentSlip.minutes_id) == slip.minutes_id, is_item
        )
        slip.number = (work.session.exec(last).one() or 0) + 1
    work.session.add(slip)
    work.session.flush()
    _audit(work, standing, slip, "approve" if approved else "refuse")
    told = _had_them(work, slip) if approved else set()
    for person_id in sorted((told | {slip.written_by_id}) - {actor.person_id}):
        work.tell(person_id, Notice.MINUTES_AMENDED, slip_id=slip_id)
    return view_slip(work, standing, meeting, slip)


def slip_for_notice(work: Work, actor: Actor, slip_id: int) -> SlipView | None:
    """Return a slip for a message about it, or None if the slip is now kept from the person."""
    try:
        standing, meeting, slip = _slip(work, actor, slip_id)
    except NotForYou:
        return None
    return view_slip(work, standing, meeting, slip)


def _minutes(work: Work, actor: Actor, minutes_id: int) -> tuple[Standing, Meeting, Minutes]:
    minutes = work.session.get(Minutes, minutes_id)
    if minutes is None:
        raise NotForYou("those minutes")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    return require(work, actor, meeting.panel_id, Verb.READ_MINUTES, noun="those minutes"), meeting, minutes


def _slip(work: Work, actor: Actor, slip_id: int) -> tuple[Standing, Meeting, AmendmentSlip]:
    slip = work.session.get(AmendmentSlip, slip_id)
    if slip is None or (slip.case_id is not None and not readable_cases(work, actor.person_id, [slip.case_id])):
        raise NotForYou("that slip")
    minutes = work.session.get_one(Minutes, slip.minutes_id)
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    return require(work, actor, meeting.panel_id, Verb.READ_MINUTES, noun="that slip"), meeting, slip


def _case_of(work: Work, actor: Actor, meeting: Meeting, item_id: int | None) -> Case | None:
    if item_id is None:
        return None
    item = work.session.get(AgendaItem, item_id)
    if item is None or item.meeting_id != meeting.id:
        raise NotForYou("that item")
    if item.flag_id is None:
        return None
    case_id = work.session.get_one(Flag, item.flag_id).case_id
    if not readable_cases(work, actor.person_id, [case_id]):
        raise NotForYou("that item")
    return work.session.get_one(Case, case_id)


def _approvers(work: Work, standing: Standing, writer_id: int, case: Case | None) -> list[tuple[Person, Role]]:
    """Return the people who may approve a slip, with their roles, the chair first.

    They are chairs and vice-chairs who may read the slip's item and did not write the slip.
    """
    found = [
        (person, role)
        for role in (Role.CHAIR, Role.VICE_CHAIR)
        for person in members(work, standing.panel_id, {role})
        if person.id != writer_id
    ]
    if case is None:
        return found
    return [one for one in found if readable_cases(work, id_of(one[0]), [id_of(case)])]


_NO_REFUSAL = "Why are you refusing it? The person who wrote the slip can read this."

#: Papers made from one meeting's minutes.
_PAPERS = (Notice.MINUTES_FILE, Notice.SUMMARY_FILE, Notice.PACK_FILE, Notice.ANNEX_FILE, Notice.EXTRACT_FILE)


def _had_them(work: Work, slip: AmendmentSlip) -> set[int]:
    """Return the ids of the people who were told of the minutes, or who got them or a paper made from them.

    An extract over several meetings counts if it is about the slip's case. Papers in an export count too.
    """
    minutes = work.session.get_one(Minutes, slip.minutes_id)
    panel_id = work.session.get_one(Meeting, minutes.meeting_id).panel_id
    copies = work.find_all(MinutesCopy, col(MinutesCopy.minutes_id) == slip.minutes_id)
    of_case = select(SlackFileCase.file_id).where(col(SlackFileCase.case_id) == slip.case_id)
    of_several = and_(
        col(SlackFile.kind) == Notice.EXTRACT_FILE.value,
        col(SlackFile.meeting_id).is_(None),
        col(SlackFile.panel_id) == panel_id,
        col(SlackFile.id).in_(of_case),
    )
    of_meeting = and_(
        col(SlackFile.kind).in_([one.value for one in _PAPERS]), col(SlackFile.meeting_id) == minutes.meeting_id
    )
    files = work.find_all(SlackFile, or_(of_meeting, of_several), col(SlackFile.arrived_at).is_not(None))
    exported = select(AuditEntry.actor_id).where(
        col(AuditEntry.panel_id) == panel_id,
        col(AuditEntry.verb) == "disclose",
        col(AuditEntry.noun) == "export",
        col(AuditEntry.noun_id) == minutes.meeting_id,
        col(AuditEntry.outcome) == "done",
    )
    given = {number for number in work.session.exec(exported) if number is not None}
    return {copy.person_id for copy in copies} | {file.person_id for file in files} | given


def _not_approved(work: Work, standing: Standing, meeting: Meeting) -> Mistake:
    on = f"{local_time(work, standing.panel, meeting.starts_at):%-d %B %Y}"
    key = standing.panel.key
    how = f"you can correct them: `/minutes look {on} {key}`" if standing.may(Verb.DRAFT_MINUTES) else _ASK_THEM
    return Mistake(f"The minutes of {on} are not approved yet. Until they are, {how}.")


_ASK_THEM = "tell the minute-taker, the co-ordinator or the chair what is wrong"


def _audit(work: Work, standing: Standing, slip: AmendmentSlip, verb: str) -> None:
    work.audit(
        verb,
        "amendment",
        slip.id,
        panel_id=standing.panel_id,
        actor_id=standing.actor.person_id,
        case_id=slip.case_id,
    )
