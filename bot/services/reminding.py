"""Reminding a chair by hand of what only a chair can do; at most once a day for each meeting."""

from sqlmodel import col, select

from bot.domain.deadlines import meeting_deadlines
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.minutes import Minutes
from bot.models.vocabulary import MeetingState, MinutesState, PromptKind
from bot.records.access.clocks import local_time, today_at
from bot.records.access.queries import Standing, require_meeting
from bot.records.people.queries import presiding
from bot.store.outbox import Effect
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def remind_of_triage(work: Work, actor: Actor, meeting_id: int) -> str:
    """Tell the panel's chairs once more that flags wait for them; the panel's title."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.COMPILE)
    if meeting.state is not MeetingState.SCHEDULED:
        raise Mistake("That meeting has begun or is over.")
    day = local_time(work, standing.panel, meeting.starts_at).date()
    due_on = meeting_deadlines(work.definition(standing.panel.definition), day).triage
    for person_id in _chairs(work, standing):
        work.send(
            Effect(
                key=f"triage-again:{meeting_id}:{person_id}:{today_at(work, standing.panel).isoformat()}",
                lane=f"person:{person_id}",
                kind="prompt",
                payload={
                    "person_id": person_id,
                    "meeting_id": meeting_id,
                    "prompt": PromptKind.TRIAGE.value,
                    "deadline_on": due_on.isoformat(),
                },
            )
        )
    work.audit("remind", "meeting", meeting_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return standing.panel.title


def resend_draft(work: Work, actor: Actor, meeting_id: int) -> str:
    """Send the panel's chairs the latest draft of a meeting's minutes once more; the panel's title."""
    standing, _ = require_meeting(work, actor, meeting_id, Verb.COMPILE)
    draft = work.session.exec(
        select(Minutes)
        .where(col(Minutes.meeting_id) == meeting_id, col(Minutes.state) == MinutesState.DRAFT)
        .order_by(col(Minutes.version).desc())
    ).first()
    if draft is None:
        raise Mistake("There is no draft of those minutes.")
    for person_id in _chairs(work, standing):
        work.send(
            Effect(
                key=f"minutes-file:{draft.id}:{person_id}:again-{today_at(work, standing.panel).isoformat()}",
                lane=f"person:{person_id}",
                kind="minutes_file",
                payload={"person_id": person_id, "minutes_id": id_of(draft)},
            )
        )
    work.audit("remind", "minutes", draft.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return standing.panel.title


def _chairs(work: Work, standing: Standing) -> list[int]:
    chairs = presiding(work, standing.panel_id)
    if not chairs:
        raise Mistake(f"{standing.panel.title} has no chair to remind.")
    return [id_of(person) for person in chairs]
