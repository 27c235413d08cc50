"""Apologies at the opening of a meeting: what people answered beforehand becomes its attendance."""

from bot.models.meetings import Meeting
from bot.models.vocabulary import AttendanceStatus, Reply
from bot.records.meeting.queries import attendance_rows
from bot.store.replies import expected_at
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work


def record_apologies(work: Work, meeting: Meeting) -> None:
    """At the opening: who sent apologies, or a deputy, is recorded so, with what their agency sent and when.

    Whoever is known to take part already stays as they are.
    """
    away = [one for one in expected_at(work, meeting) if one.reply in (Reply.APOLOGIES, Reply.DEPUTY)]
    rows = attendance_rows(work, meeting, {one.person_id: id_of(one.agency) for one in away})
    added = []
    for one in away:
        row = rows[one.person_id]
        if row.id is not None:
            continue
        row.status = AttendanceStatus.APOLOGIES
        if one.information is not None:
            row.information_sent, row.information_sent_at = one.information, one.replied_at
        added.append(row)
    add_rows(work.session, added)
