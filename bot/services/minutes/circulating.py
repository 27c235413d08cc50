"""Approved minutes circulated: every member is told once, and says with one button that they have them."""

from sqlmodel import col

from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import NotForYou
from bot.models.meetings import Minutes, MinutesCopy
from bot.models.vocabulary import MinutesStep
from bot.records.access.queries import Standing
from bot.records.minutes.changes import change_minutes
from bot.records.minutes.queries import MinutesView, require_minutes, view_minutes
from bot.records.people.queries import members_who_may
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work


def circulate(work: Work, standing: Standing, minutes: Minutes) -> None:
    """Tell every member of approved minutes who was not told yet, and keep to which person that was."""
    told = {copy.person_id for copy in work.find_all(MinutesCopy, col(MinutesCopy.minutes_id) == id_of(minutes))}
    people = [id_of(person) for person in members_who_may(work, standing.panel_id, Verb.READ_MINUTES)]
    new = [person_id for person_id in people if person_id not in told]
    rows = [MinutesCopy(minutes_id=id_of(minutes), person_id=person_id, told_at=work.now) for person_id in new]
    for row in rows:
        if row.person_id == standing.actor.person_id:
            row.acknowledged_at = work.now  # who approves has them
    add_rows(work.session, rows)
    for person_id in new:
        work.tell(person_id, Notice.MINUTES_APPROVED, minutes_id=id_of(minutes))
    change_minutes(work, standing.actor, minutes, MinutesStep.CIRCULATED)


def acknowledge_minutes(work: Work, actor: Actor, minutes_id: int) -> MinutesView:
    """Note that a member has the minutes; pressed again it stays as it was. Raises NotForYou for drafts."""
    standing, meeting, minutes = require_minutes(work, actor, minutes_id)
    copy = work.find(
        MinutesCopy, col(MinutesCopy.minutes_id) == minutes_id, col(MinutesCopy.person_id) == actor.person_id
    )
    if copy is None:
        raise NotForYou("those minutes")
    if copy.acknowledged_at is None:
        copy.acknowledged_at = work.now
        work.session.add(copy)
        work.audit("acknowledge", "minutes", minutes_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view_minutes(work, standing, meeting, minutes)
