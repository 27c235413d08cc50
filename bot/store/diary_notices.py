"""Who is told when the diary changes: every member who may see it but whoever did it, each once for each change.

What anybody was sent about the meeting before says what is so now.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.domain.permissions import Verb
from bot.models.meetings import Meeting
from bot.models.vocabulary import Notice
from bot.records.access.queries import Standing
from bot.records.invitations.changes import ASKING_NOTICES, ask_by_notice, notice_key, number_of
from bot.records.people.queries import members_who_may
from bot.store.outbox import Effect
from bot.store.sent_messages import rewrite_messages
from bot.store.unit_of_work import Work


def tell_of(work: Work, standing: Standing, meeting: Meeting, notice: Notice) -> None:
    """Tell every member but whoever did it, by direct message, asking who comes where the meeting is to come."""
    if notice in ASKING_NOTICES:
        ask_by_notice(work, standing.panel, meeting, besides=standing.actor.person_id)
    _tell(
        work,
        standing.panel_id,
        standing.actor.person_id,
        "meeting_notice",
        notice_key(notice, meeting, meeting.sequence),
        {"meeting_id": meeting.id, "notice": notice.value, "at": number_of(meeting.starts_at)},
    )
    rewrite_messages(work, [meeting])


def tell_of_many(
    work: Work,
    panel_id: int,
    key: str,
    changes: Sequence[tuple[Meeting, Notice, datetime | None]],
    *,
    besides: int | None,
    series_id: int | None = None,
) -> None:
    """One message a person about several meetings: each with what became of it, and when it was to be before.

    `besides` is whoever did it, and `series_id` a series under a new rule, which the message says.
    """
    listed = [
        {"meeting_id": meeting.id, "notice": notice.value, "before": before.isoformat() if before else None}
        for meeting, notice, before in changes
    ]
    facts = {"panel_id": panel_id, "series_id": series_id, "changes": listed}
    _tell(work, panel_id, besides, "diary_notice", key, facts)
    rewrite_messages(work, [meeting for meeting, _, _ in changes])


def _tell(work: Work, panel_id: int, besides: int | None, kind: str, key: str, payload: dict[str, Any]) -> None:
    for person in members_who_may(work, panel_id, Verb.SEE_DIARY):
        if person.id is None or person.id == besides:
            continue
        work.send(
            Effect(
                key=f"{key}:{person.id}",
                lane=f"person:{person.id}",
                kind=kind,
                payload={"person_id": person.id, **payload},
            )
        )
