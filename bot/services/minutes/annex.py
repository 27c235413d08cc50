"""The closed annex: the closed items of a meeting's minutes, as a separate paper for their named readers.

A named reader finds these items in their full minutes too.
"""

from functools import partial

from sqlmodel import col, select

from bot.documents.minutes import ANNEX, render_minutes
from bot.documents.papers import File
from bot.domain.language.day_words import YearDay
from bot.domain.minutes import APPROVED_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case
from bot.models.minutes import Minutes, MinutesPart
from bot.records.access.queries import Where, find_panel, local_time, readable
from bot.records.diary.queries import OfMeeting, of_meeting
from bot.records.minutes.queries import newest_for, require_minutes
from bot.services.minutes.papers import version_facts
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def export_annex(work: Work, actor: Actor, where: Where, *, request_key: str, on: YearDay | None = None) -> OfMeeting:
    """Send the asker the closed items of one meeting's minutes, by default the latest that the asker may have.

    Raise Mistake if the asker may read none of the closed items. The error doesn't tell whether the minutes have any.
    """
    standing = find_panel(work, actor, where, Verb.READ_MINUTES)
    found = newest_for(work, standing, on)
    if found is None or not closed_in(work, actor, found[0]):
        raise Mistake(f"The minutes of {standing.panel.title} have no closed item that you may read.")
    minutes, meeting = found
    work.audit("export", "minutes", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    work.tell(actor.person_id, Notice.ANNEX_FILE, once=request_key, minutes_id=id_of(minutes))
    return OfMeeting(*of_meeting(work, standing.panel, meeting))


def annex_document(work: Work, actor: Actor, minutes_id: int) -> File:
    """Return a Word file of the closed items that this person may read.

    Raise NotForYou if the person may read none of them.
    """
    standing, meeting, minutes = require_minutes(work, actor, minutes_id)
    closed = closed_in(work, actor, minutes)
    if not closed:
        raise NotForYou("those minutes")
    facts, case_ids = version_facts(work, standing, minutes, of_cases=closed)
    day = local_time(work, standing.panel, meeting.starts_at).date()
    mark = "approved" if minutes.state in APPROVED_STATES else "draft"
    return File(
        name=f"{standing.panel.key}-{day.isoformat()}-annex-{mark}-v{minutes.version}.docx",
        title=f"Closed annex, {standing.panel.title}, {day:%-d %B %Y} ({mark})",
        write=partial(render_minutes, facts, work.templates, ANNEX),
        panel_id=standing.panel_id,
        meeting_id=minutes.meeting_id,
        case_ids=case_ids,
    )


def closed_in(work: Work, actor: Actor, minutes: Minutes) -> set[int]:
    """Return the ids of the closed cases in a version of the minutes that the person may read."""
    in_it = select(MinutesPart.case_id).where(col(MinutesPart.minutes_id) == id_of(minutes))
    query = select(Case.id).where(col(Case.id).in_(in_it), col(Case.is_closed), readable(actor.person_id))
    return {number for number in work.session.exec(query) if number is not None}
