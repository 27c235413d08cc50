"""Confirming at a meeting that the minutes of the last meeting are accurate, or that they need corrections."""

from sqlmodel import col

from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.meetings import AgendaItem
from bot.models.minutes import MinutesAccuracy
from bot.models.vocabulary import Accuracy
from bot.records.access.queries import Where
from bot.records.meeting.accuracy import LastMinutes, last_minutes
from bot.records.meeting.queries import open_sitting
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def confirm_accuracy(work: Work, actor: Actor, where: Where, item_id: int, answer: Accuracy) -> LastMinutes:
    """Record the open meeting's answer on the last minutes: accurate, or in need of corrections.

    The new answer replaces an earlier one. Raise Mistake if the item belongs to another meeting, or if there are no
    approved minutes to confirm.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE)
    item = work.session.get(AgendaItem, item_id)
    if item is None or item.meeting_id != meeting.id:
        raise Mistake("That button belongs to an earlier meeting. `/meeting now` shows the current item.")
    found = last_minutes(work, standing.panel, meeting)
    if found is None:
        raise Mistake("This is the first meeting on record, so there are no earlier minutes.")
    if found.minutes_id is None:
        raise Mistake(
            f"The minutes {found.words} are not approved yet, so there is nothing to confirm. "
            "The chair can approve them "
            f"with `/minutes approve {standing.panel.key}`."
        )
    row = work.find(MinutesAccuracy, col(MinutesAccuracy.meeting_id) == id_of(meeting))
    if row is None:
        row = MinutesAccuracy(
            meeting_id=id_of(meeting), minutes_id=found.minutes_id, answer=answer, by_id=actor.person_id, at=work.now
        )
    row.answer, row.by_id, row.at = answer, actor.person_id, work.now
    work.session.add(row)
    work.session.flush()
    work.audit("confirm", "minutes", found.minutes_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return LastMinutes(found.held_on, found.minutes_id, found.version, answer, actor.name)
