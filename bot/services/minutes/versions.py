"""Versions of the minutes: written from the record, put before the chair, and approved."""

from collections.abc import Collection, Sequence

from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.models.cases import Case
from bot.models.meetings import Decision, Meeting, Note
from bot.models.minutes import Minutes, MinutesPart
from bot.models.people import Person
from bot.models.vocabulary import MinutesStep
from bot.records.access.queries import Standing, readable_cases
from bot.records.minutes.changes import change_minutes
from bot.records.minutes.queries import approvers_of
from bot.records.people.queries import members_who_may
from bot.records.people.readings import readers_of
from bot.services.minutes.proof import digest_now, freeze
from bot.services.minutes.record import record_parts
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work


def write_version(
    work: Work, actor: Actor, standing: Standing, meeting: Meeting, before: Minutes | None, drafted_by_id: int
) -> Minutes:
    """Write the next version of the minutes as a draft. It replaces the version `before`. Return the new version.

    `drafted_by_id` is the person who took the minutes. That person may not approve them.
    """
    if before is not None:
        change_minutes(work, actor, before, MinutesStep.REPLACED)
    minutes = Minutes(
        meeting_id=id_of(meeting),
        version=before.version + 1 if before else 1,
        drafted_by_id=drafted_by_id,
        drafted_at=work.now,
    )
    work.session.add(minutes)
    work.session.flush()
    change_minutes(work, actor, minutes, MinutesStep.DRAFTED)
    record_parts(work, standing, meeting, minutes)
    _audit(work, actor, standing, "draft", minutes, digest_now(work, minutes))
    return minutes


def put_before_chair(work: Work, actor: Actor, standing: Standing, minutes: Minutes) -> None:
    """Send a draft to the chair for approval, and to the person who drafted it.

    If the chair wrote the draft, or there is no chair, the draft goes to the vice-chairs. If nobody except the writer
    may approve the draft, its state stays "draft".
    """
    approvers = approvers_of(work, standing.panel_id, minutes)
    asked = [id_of(person) for person, role in approvers if role is approvers[0][1]]
    if asked:
        change_minutes(work, actor, minutes, MinutesStep.SUBMITTED)
    for person_id in sorted({*asked, minutes.drafted_by_id}):
        work.tell(person_id, Notice.MINUTES_FILE, once="drafted", minutes_id=id_of(minutes))
        work.tell(person_id, Notice.MINUTES_DRAFTED, once="", minutes_id=id_of(minutes))


def approve_version(work: Work, actor: Actor, standing: Standing, minutes: Minutes) -> tuple[str, ...] | None:
    """Approve a version and store its hash.

    Closed items that the approver recorded or may not read need the approval of another reader, who is asked. Return
    the names of the readers asked about items that the approver recorded. Return None if there are no such items.
    """
    change_minutes(work, actor, minutes, MinutesStep.APPROVED)
    freeze(work, minutes)
    _audit(work, actor, standing, "approve", minutes, minutes.digest)
    return _ask_another(work, actor, standing, minutes)


def _audit(work: Work, actor: Actor, standing: Standing, verb: str, minutes: Minutes, digest: str | None) -> None:
    work.audit(verb, "minutes", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id, sha256=digest)


def annex_of(work: Work, minutes: Minutes) -> list[MinutesPart]:
    """Return the closed items of an approved version that another reader has yet to approve."""
    waits = (col(MinutesPart.needs_another), col(MinutesPart.approved_at).is_(None))
    return work.find_all(MinutesPart, col(MinutesPart.minutes_id) == id_of(minutes), *waits)


def writers_of(work: Work, item_ids: Collection[int]) -> dict[int, set[int]]:
    """Return a dict from item id to the ids of the people who recorded it, even if their entries were corrected later.

    Lines and decisions count.
    """
    notes = select(Note.item_id, Note.written_by_id).where(
        col(Note.item_id).in_(item_ids), col(Note.undone_at).is_(None)
    )
    decisions = select(Decision.item_id, Decision.decided_by_id).where(
        col(Decision.item_id).in_(item_ids), col(Decision.undone_at).is_(None)
    )
    rows = grouped((item_id, by_id) for query in (notes, decisions) for item_id, by_id in work.session.execute(query))
    return {item_id: set(writers) for item_id, writers in rows.items()}


def approvable(work: Work, person_id: int, parts: Sequence[MinutesPart]) -> list[MinutesPart]:
    """Return the closed items in `parts` that a person may approve.

    The person must be able to read the item and must not have recorded it.
    """
    theirs = readable_cases(work, person_id, [part.case_id for part in parts if part.case_id is not None])
    writers = writers_of(work, [part.item_id for part in parts if part.item_id is not None])
    return [part for part in parts if part.case_id in theirs and person_id not in writers.get(part.item_id or 0, ())]


def _ask_another(work: Work, actor: Actor, standing: Standing, minutes: Minutes) -> tuple[str, ...] | None:
    of_case = (col(MinutesPart.minutes_id) == id_of(minutes), col(MinutesPart.item_id).is_not(None))
    parts = work.find_all(MinutesPart, *of_case, col(MinutesPart.case_id).is_not(None))
    is_closed = (col(Case.id).in_({part.case_id for part in parts}), col(Case.is_closed))
    closed = {case.id for case in work.find_all(Case, *is_closed)}
    parts = [part for part in parts if part.case_id in closed]
    writers = writers_of(work, {part.item_id for part in parts if part.item_id is not None})
    theirs = readable_cases(work, actor.person_id, [part.case_id for part in parts if part.case_id is not None])
    own = [part for part in parts if part.item_id is not None and actor.person_id in writers.get(part.item_id, ())]
    unread = [part for part in parts if part.case_id not in theirs]
    readers = readers_of(
        work, standing.panel_id, {part.case_id for part in (*own, *unread) if part.case_id is not None}
    )
    seated = {id_of(person) for person in members_who_may(work, standing.panel_id, Verb.READ_MINUTES)}
    asked: set[int] = set()
    told: set[int] = set()
    for part in (*own, *(one for one in unread if one not in own)):
        part.needs_another = True
        work.session.add(part)
        others = {*readers.get(part.case_id or 0, ())} & seated - writers.get(part.item_id or 0, set())
        told |= others
        if part.case_id in theirs:  # naming the readers of an item kept from the approver would reveal the item
            asked |= others
    for person_id in sorted(told):
        work.tell(person_id, Notice.MINUTES_ANNEX, minutes_id=id_of(minutes))
    work.session.flush()
    if not any(part.case_id in theirs for part in own):
        return None
    people = work.find_all(Person, col(Person.id).in_(asked), by=[col(Person.name)])
    return tuple(person.name for person in people)
