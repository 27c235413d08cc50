"""The published versions of an agenda as one reader saw them: the numbers that the reader knows, and what changed."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, literal, or_, select

from bot.domain.agenda_numbers import AgendaChanges, Key, ShownLine, compare, label_lines
from bot.domain.case_facts import NARRATIVE, CaseFacts
from bot.domain.language.day_words import full_date
from bot.models.cases import Case, CaseReader, Flag, Recusal
from bot.models.meetings import AgendaItem, Meeting, PublishedAgenda, PublishedLine
from bot.models.panels import Panel
from bot.records.access.queries import local_time, readable
from bot.records.cases.served import merged_into
from bot.store.key_ring import Erased
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One line of a published version. It says whether a reader could see the line then, and may see it now."""

    version: int
    line: PublishedLine
    case_id: int | None
    is_held: bool  #: this reader could see it when it was published
    is_shown: bool  #: they may see it now

    @property
    def key(self) -> Key:
        """Return the line's number and letter, which stay the same in every version."""
        return self.line.number, self.line.late


def published_lines(work: Work, reader_id: int | None, meeting: Meeting) -> list[VersionLine]:
    """Return the lines of all published versions of an agenda, in order.

    Each line comes with whether this reader could see it when it was published, and whether they may see it now. With
    `reader_id` None, every line counts as visible.
    """
    if not meeting.agenda_version:
        return []
    is_shown = literal(True) if reader_id is None else or_(col(PublishedLine.flag_id).is_(None), readable(reader_id))
    rows = work.session.execute(
        select(PublishedAgenda.version, PublishedLine, Flag.case_id, is_shown)
        .join(PublishedAgenda, col(PublishedAgenda.id) == col(PublishedLine.agenda_id))
        .join(Flag, col(Flag.id) == col(PublishedLine.flag_id), isouter=True)
        .join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
        .where(col(PublishedAgenda.meeting_id) == meeting.id)
        .order_by(col(PublishedAgenda.version), col(PublishedLine.position))
    )
    return [
        VersionLine(version, line, case_id, _was_held(line, reader_id), bool(is_now))
        for version, line, case_id, is_now in rows
    ]


def _was_held(line: PublishedLine, reader_id: int | None) -> bool:
    if reader_id is None:
        return True
    return reader_id not in line.stepped_back and (not line.is_closed or reader_id in line.readers)


def number_lines(published: Sequence[VersionLine], live: Sequence[AgendaItem]) -> dict[Key, str]:
    """Return a dict from each line's key to the number under which the reader knows the line.

    `published` are the lines of all published versions, and `live` are the lines that the reader sees now.
    """
    first: dict[Key, int] = {}
    seen: dict[Key, int] = {}
    for one in published:
        first.setdefault(one.key, one.version)
        if one.is_held:
            seen.setdefault(one.key, one.version)
    return label_lines(first, seen, [(item.number, item.late) for item in live])


def labels_for(
    work: Work, reader_id: int | None, meeting: Meeting, live: Sequence[AgendaItem]
) -> dict[int | None, str]:
    """Return a dict from the row id of each line in `live` to the number that the reader sees on the line.

    `live` are the lines that the reader sees now.
    """
    labels = number_lines(published_lines(work, reader_id, meeting), live)
    return {item.id: labels[item.number, item.late] for item in live}


@dataclass(frozen=True, slots=True)
class Version:
    """The newest published version of an agenda that has something new for one reader."""

    number: int  #: as this reader counts them; 0 until it is published
    published_at: datetime | None = None
    changes: AgendaChanges | None = None  #: against the version before, as far as they may see it now
    pending: AgendaChanges | None = None  #: what is different now and not published yet
    case_ids: frozenset[int] = frozenset()  #: the cases that the changes name

    @property
    def words(self) -> str:
        """Return sentences that say what has changed since the version before, or "" for the first version."""
        if self.changes is None or not self.changes.is_any:
            return ""
        return f"Changed since version {self.changes.since}. {self.changes.words}"


@dataclass(frozen=True, slots=True)
class _Step:
    """One published version of an agenda, and what changed from the version before, as a reader may see it now."""

    agenda: PublishedAgenda
    number: int  #: as the reader counts versions: one that told them nothing new has the number of the one before
    lines: list[ShownLine]
    changes: AgendaChanges | None  #: none for the first, and where they could see nothing new


def _steps(
    work: Work,
    panel: Panel,
    meeting: Meeting,
    published: Sequence[VersionLine],
    labels: Mapping[Key, str],
) -> list[_Step]:
    of_meeting = col(PublishedAgenda.meeting_id) == meeting.id
    of_version = grouped((one.version, one) for one in published)
    steps: list[_Step] = []
    before: list[ShownLine] = []
    for agenda in work.find_all(PublishedAgenda, of_meeting, by=[col(PublishedAgenda.version)]):
        theirs = [one for one in of_version.get(agenda.version, ()) if one.is_held]
        # Leave a case that the reader could not see in this version out of the changes. They would show what this
        # version said of the case.
        concealed = {one.key for one in of_version.get(agenda.version, ()) if not one.is_held}
        lines = [_shown(one, labels) for one in theirs]
        shown = [_shown(one, labels) for one in theirs if one.is_shown]
        if not steps:
            steps.append(_Step(agenda, agenda.version, shown, None))
        else:
            last = steps[-1]
            sitting = _sitting(work, panel, last.agenda, agenda)
            earlier = [line for line in before if line.key not in concealed]
            is_news = compare(last.number, earlier, lines, sitting).is_any
            seen = [line for line in last.lines if line.key not in concealed]
            changes = compare(last.number, seen, shown, sitting) if is_news else None
            steps.append(_Step(agenda, last.number + is_news, shown, changes))
        before = lines
    return steps


def has_news(
    work: Work, reader_id: int, panel: Panel, meeting: Meeting, live: Sequence[AgendaItem], version: int
) -> bool:
    """Return whether a version of the agenda told the reader something new that they may still see.

    The first version always counts as news.
    """
    published = published_lines(work, reader_id, meeting)
    steps = _steps(work, panel, meeting, published, number_lines(published, live))
    found = next((step for step in steps if step.agenda.version == version), None)
    is_first = not steps or found is steps[0]
    return is_first or (found is not None and found.changes is not None and found.changes.is_any)


def version_for(
    work: Work,
    reader_id: int | None,
    panel: Panel,
    meeting: Meeting,
    live: Sequence[AgendaItem],
    *,
    with_facts: bool = False,
) -> Version:
    """Return the newest version of the agenda that has news for a reader. Versions without news for them are skipped.

    `live` are the lines that the reader sees now. `with_facts` is set for people who may publish. They are also shown
    facts that agencies gave about these cases since the last version, as changes that are not published yet.
    """
    if not meeting.agenda_version:
        return Version(0)
    published = published_lines(work, reader_id, meeting)
    labels = number_lines(published, live)
    steps = _steps(work, panel, meeting, published, labels)
    if not steps:
        return Version(meeting.agenda_version, meeting.agenda_published_at)
    newest = next((step for step in reversed(steps) if step.changes is not None), steps[0])
    keys = [(item.number, item.late) for item in live]
    digests = digests_of(work, live) if with_facts else {}
    now = [
        ShownLine(key, labels[key], item.title, item.minutes, digests.get(key))
        for key, item in zip(keys, live, strict=True)
    ]
    pending = compare(newest.number, steps[-1].lines, now, _sitting(work, panel, steps[-1].agenda, meeting))
    named = {line.key for found in (newest.changes, pending) if found for line in found.lines}
    case_ids = frozenset(one.case_id for one in published if one.key in named and one.case_id is not None)
    return Version(newest.number, newest.agenda.published_at, newest.changes, pending, case_ids)


def _shown(one: VersionLine, labels: Mapping[Key, str]) -> ShownLine:
    return ShownLine(one.key, labels[one.key], one.line.title, one.line.minutes, one.line.facts_digest)


def digests_of(work: Work, items: Sequence[AgendaItem]) -> dict[Key, str]:
    """Return a dict from each line's key to a keyed hash of all that agencies said about the case on that line.

    The hash of a line changes if an agency changes what it said. Hashes of different lines always differ. Erased cases
    are left out.
    """
    numbers = [item.flag_id for item in items if item.flag_id is not None]
    flags = {id_of(flag): flag for flag in work.find_all(Flag, col(Flag.id).in_(numbers))} if numbers else {}
    merged = merged_into(work, list(flags.values()))
    every = [*flags.values(), *(flag for one in merged.values() for flag in one)]
    work.keys.fetch(work.session, (getattr(flag, name) for flag in every for name in (*NARRATIVE, "answers")))
    found: dict[Key, str] = {}
    for item in items:
        if item.flag_id is not None:
            key = item.number, item.late
            said = [flags[item.flag_id], *merged.get(item.flag_id, ())]
            with suppress(Erased):
                facts = [_said(work, flag) for flag in said]
                found[key] = work.keys.digest("facts of a published line", item.meeting_id, *key, json.dumps(facts))
    return found


def _said(work: Work, flag: Flag) -> dict[str, Any]:
    """Return what one flag says of its case, without empty facts.

    Empty facts are left out so that adding a fact to the form later does not change the hash of older flags.
    """
    said: dict[str, Any] = {name: getattr(flag, name) for name in sorted(CaseFacts.model_fields)}
    for name in NARRATIVE:
        said[name] = work.open(said[name]) if said[name] else None
    said["answers"] = json.loads(work.open(said["answers"])) if said["answers"] else None
    given = {name: value for name, value in said.items() if value not in (None, [])}
    dated = {name: value.isoformat() for name, value in given.items() if isinstance(value, date)}
    return {"agency": flag.agency_id, **given, **dated}


def _sitting(work: Work, panel: Panel, before: PublishedAgenda, after: PublishedAgenda | Meeting) -> str:
    """Return the meeting's new time and venue (from `after`) in words, or an empty string if neither has changed.

    A later end alone is no change: members were told of it when the meeting was lengthened.
    """
    if (before.starts_at, before.venue) == (after.starts_at, after.venue) and before.ends_at <= after.ends_at:
        return ""
    starts, ends = local_time(work, panel, after.starts_at), local_time(work, panel, after.ends_at)
    place = f", {after.venue}" if after.venue else ""
    return f"on {full_date(starts.date())}, {starts:%H:%M} to {ends:%H:%M}{place}"


def readers_of(work: Work, case_ids: Sequence[int]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return the named readers of these cases, and the people who declared an interest in them.

    Each is a dict from case id to person ids.
    """
    readers = work.find_all(CaseReader, col(CaseReader.case_id).in_(case_ids))
    interests = work.find_all(Recusal, col(Recusal.case_id).in_(case_ids), col(Recusal.withdrawn_at).is_(None))
    return (
        grouped((one.case_id, one.person_id) for one in readers),
        grouped((one.case_id, one.person_id) for one in interests),
    )
