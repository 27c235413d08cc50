"""Corrections made to a meeting's record since the first draft of its minutes, as one reader may see them."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot.models.meetings import AgendaItem, Meeting
from bot.models.minutes import Correction, Minutes
from bot.models.people import Person
from bot.models.vocabulary import CorrectionKind
from bot.records.access.queries import Standing, local_time, readable_cases
from bot.records.actions.queries import opened_or_erased
from bot.records.people.queries import names_of
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """One correction: the old and the new words, who made it, when and why."""

    item_id: int | None
    title: str  #: of the item; empty: attendance
    kind: CorrectionKind
    before: str  #: empty: nothing was said
    after: str  #: empty: the entry was removed
    reason: str
    of_name: str  #: whose entry it was; empty for what was forgotten
    by_name: str
    at: datetime  #: on the panel's clock
    version: int  #: the version that had the old words


def corrections_since(work: Work, standing: Standing, meeting: Meeting) -> list[CorrectionView]:
    """Return the corrections since the first draft of the minutes that the reader may read, the latest first."""
    query = (
        select(Correction, Minutes.version, AgendaItem.title)
        .join(Minutes, col(Minutes.id) == col(Correction.minutes_id))
        .join(AgendaItem, col(AgendaItem.id) == col(Correction.item_id), isouter=True)
        .where(col(Minutes.meeting_id) == id_of(meeting))
        .order_by(col(Correction.id).desc())
    )
    rows = work.session.execute(query).all()
    reader_id = standing.actor.person_id
    theirs = readable_cases(work, reader_id, [one.case_id for one, *_ in rows if one.case_id is not None])
    rows = [row for row in rows if row[0].case_id is None or row[0].case_id in theirs]
    work.saw(reader_id, ((one.case_id, standing.panel_id) for one, *_ in rows))
    sealed = (text for one, *_ in rows for text in (one.before, one.after, one.reason))
    work.keys.fetch(work.session, sealed)
    people = {number for one, *_ in rows for number in (one.by_id, one.of_id) if number is not None}
    names = names_of(work, Person, people)
    return [
        CorrectionView(
            item_id=one.item_id,
            title=title or "",
            kind=one.kind,
            before=opened_or_erased(work, one.before) if one.before else "",
            after=opened_or_erased(work, one.after) if one.after else "",
            reason=opened_or_erased(work, one.reason),
            of_name=names.get(one.of_id, "") if one.of_id is not None else "",
            by_name=names.get(one.by_id, ""),
            at=local_time(work, standing.panel, one.at),
            version=version,
        )
        for one, version, title in rows
    ]
