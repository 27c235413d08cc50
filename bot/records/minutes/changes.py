"""The only way in which the state of a version of the minutes changes."""

from bot.domain.minutes import next_minutes_state
from bot.domain.permissions import Actor
from bot.models.meetings import Minutes, MinutesEvent
from bot.models.vocabulary import MinutesStep
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def change_minutes(
    work: Work, actor: Actor, minutes: Minutes, step: MinutesStep, *, remarks: bytes | None = None
) -> None:
    """Give a version its next state, and record who did so and when. Raise Mistake if its state doesn't allow it.

    `remarks` are sealed.
    """
    if step is not MinutesStep.DRAFTED:
        minutes.state = next_minutes_state(minutes.state, step)
    if step is MinutesStep.APPROVED:
        minutes.approved_by_id, minutes.approved_at = actor.person_id, work.now
    work.session.add(minutes)
    work.session.add(
        MinutesEvent(minutes_id=id_of(minutes), step=step, by_id=actor.person_id, at=work.now, remarks=remarks)
    )
    work.session.flush()
