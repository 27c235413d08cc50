"""Of which deadline somebody was last told, so that a meeting that moves is announced anew and nobody is told twice."""

from datetime import date

from sqlmodel import col, select

from bot.models.meetings import Meeting, Prompt
from bot.models.people import Person
from bot.models.vocabulary import PromptKind
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def is_news(work: Work, meeting: Meeting, kind: PromptKind, person: Person, deadline_on: date) -> bool:
    """Whether the person was last told of another deadline, or of none; it is noted that they are told of this one.

    What counts is the day: a meeting that moves by hours, or there and back before anybody was told, is no news.
    """
    told = work.session.exec(
        select(Prompt)
        .where(
            col(Prompt.meeting_id) == id_of(meeting), col(Prompt.kind) == kind, col(Prompt.person_id) == id_of(person)
        )
        .order_by(col(Prompt.queued_at), col(Prompt.id))
    ).all()
    if told and told[-1].deadline_on == deadline_on:
        return False
    again = next((prompt for prompt in told if prompt.deadline_on == deadline_on), None)
    prompt = again or Prompt(
        meeting_id=id_of(meeting), kind=kind, person_id=id_of(person), deadline_on=deadline_on, queued_at=work.now
    )
    prompt.queued_at = work.now
    work.session.add(prompt)
    return True
