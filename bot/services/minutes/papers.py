"""Drafting minutes from the record, and sending each reader the parts of them that the reader may see."""

from collections.abc import Collection
from functools import partial

from bot.documents.minutes import MinutesFacts, render_minutes
from bot.documents.papers import File
from bot.domain.language.day_words import YearDay
from bot.domain.minutes import APPROVED_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes
from bot.models.people import Person
from bot.records.access.queries import Standing, Where, find_panel, local_time
from bot.records.minutes.changes import lock_minutes
from bot.records.minutes.queries import (
    MinutesView,
    find_held,
    latest_version,
    newest_for,
    require_minutes,
    view_minutes,
)
from bot.services.minutes.record import facts_for
from bot.services.minutes.versions import put_before_chair, write_version
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def draft_minutes(work: Work, actor: Actor, where: Where, on: YearDay | None = None) -> MinutesView:
    """Draft a meeting's minutes and put them before the chair.

    The chair and the person who drafts the minutes get them as a Word file. `on` is the meeting's day. Without it, take
    the latest closed meeting whose minutes are not approved. Raise Mistake if there is none, or if the minutes are
    approved already.
    """
    standing, meeting = find_held(work, actor, where, Verb.DRAFT_MINUTES, on)
    lock_minutes(work, id_of(meeting))
    before = latest_version(work, meeting)
    if before is not None and before.state in APPROVED_STATES:
        raise Mistake(
            "These minutes are approved, so nobody can change them. `/minutes export` sends them to you. "
            "`/minutes amend` adds a correction."
        )
    minutes = write_version(work, actor, standing, meeting, before, actor.person_id)
    put_before_chair(work, actor, standing, minutes)
    return view_minutes(work, standing, meeting, minutes)


def day_to_minute(work: Work, actor: Actor, where: Where, meeting_id: int) -> YearDay | None:
    """Return the day of a meeting by the panel's clock, for a command about its minutes.

    Return None for an unknown meeting.
    """
    panel = find_panel(work, actor, where, Verb.DRAFT_MINUTES).panel
    meeting = work.session.get(Meeting, meeting_id)
    return YearDay.of_date(local_time(work, panel, meeting.starts_at).date()) if meeting else None


def export_minutes(
    work: Work, actor: Actor, where: Where, *, request_key: str, on: YearDay | None = None
) -> MinutesView:
    """Send the asker the latest minutes that they may read, as a Word file. Only recorders and chairs get drafts.

    With `on`, send the minutes of the meeting on that day instead. `request_key` names this request, so that one
    request sends one file.
    """
    standing = find_panel(work, actor, where, Verb.READ_MINUTES)
    found = newest_for(work, standing, on)
    if found is None:
        raise Mistake(f"There are no minutes of {standing.panel.title} to send yet.")
    minutes, meeting = found
    work.audit(
        "export", "minutes", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id, sha256=minutes.digest
    )
    work.tell(actor.person_id, Notice.MINUTES_FILE, once=request_key, minutes_id=id_of(minutes))
    return view_minutes(work, standing, meeting, minutes)


def minutes_for_notice(work: Work, actor: Actor, minutes_id: int) -> MinutesView:
    """Return the view of minutes as they are now, for a message about them."""
    standing, meeting, minutes = require_minutes(work, actor, minutes_id)
    return view_minutes(work, standing, meeting, minutes)


def minutes_document(work: Work, actor: Actor, minutes_id: int) -> File:
    """Return minutes as a Word file, without what is kept from this reader.

    Raise NotForYou if the reader may not read these minutes.
    """
    standing, meeting, minutes = require_minutes(work, actor, minutes_id)
    facts, case_ids = version_facts(work, standing, minutes)
    definition = work.definition(standing.panel.definition)
    day = local_time(work, standing.panel, meeting.starts_at).date()
    mark = "approved" if minutes.state in APPROVED_STATES else "draft"
    return File(
        name=f"{standing.panel.key}-{day.isoformat()}-minutes-{mark}-v{minutes.version}.docx",
        title=f"Minutes, {standing.panel.title}, {day:%-d %B %Y} ({mark})",
        write=partial(render_minutes, facts, work.templates, definition.minutes_template),
        panel_id=standing.panel_id,
        meeting_id=minutes.meeting_id,
        case_ids=case_ids,
    )


def version_facts(
    work: Work, standing: Standing, minutes: Minutes, *, of_cases: Collection[int] | None = None
) -> tuple[MinutesFacts, frozenset[int]]:
    """Return the facts of a version that this reader may see, and the ids of the cases in it.

    The facts include who approved the version and when. With `of_cases`, they cover only these cases and the meeting as
    a whole.
    """
    facts, case_ids = facts_for(work, standing.actor, minutes, of_cases=of_cases)
    if minutes.approved_at is not None:
        approver = work.session.get_one(Person, minutes.approved_by_id)
        approval = {
            "is_draft": False,
            "approved_on": local_time(work, standing.panel, minutes.approved_at).date(),
            "approved_by": approver.name,
            "digest": minutes.digest or "",
        }
        facts = facts.model_copy(update=approval)
    return facts, case_ids
