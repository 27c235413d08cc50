"""The rows of an agenda: laid out from accepted flags, moved, and added at the end of an open meeting's agenda."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, update
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.agenda_numbers import Key, give_keys, insert_late, keep_places
from bot.domain.agenda_order import CaseForAgenda, PlannedItem, plan_agenda
from bot.domain.risk import HIGHEST
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting, PublishedAgenda, PublishedLine
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState, ItemKind, Urgency
from bot.records.access.queries import local_time
from bot.records.agenda.published import VersionLine, digests_of, published_lines, readers_of
from bot.records.cases.queries import FLAGS_AND_CASES, days_heard, last_before
from bot.records.cases.served import merged_into
from bot.store.rows import add_rows, id_of, table_of
from bot.store.unit_of_work import Work

_UNSEEN = {"synchronize_session": False}  # the session no longer has the rows that such a statement changes


def compile_items(work: Work, panel: Panel, meeting: Meeting) -> None:
    """Lay out the agenda of a meeting that has not begun, from its accepted flags.

    Pinned lines, and lines whose numbers are already published, keep their order.
    """
    definition = work.definition(panel.definition)
    day = local_time(work, panel, meeting.starts_at).date()
    accepted = (col(Flag.meeting_id) == id_of(meeting), col(Flag.state) == FlagState.ACCEPTED)
    rows = work.session.execute(FLAGS_AND_CASES.where(*accepted)).all()
    heard = days_heard(work, {id_of(case) for _, case in rows})
    merged = merged_into(work, [flag for flag, _ in rows])
    cases = [
        for_agenda(work, flag, case, heard.get(id_of(case), ()), meeting, merged.get(id_of(flag), ()))
        for flag, case in rows
    ]
    standing = _standing(work, meeting)
    plan = [*plan_agenda(definition, cases, meeting_on=day)]
    if meeting.is_extraordinary:
        plan = [one for one in plan if one.flag_id is not None]
    for line in standing:
        if line.kind is not None:
            _plan_added(plan, line)
    of_case = {id_of(flag): id_of(case) for flag, case in rows}
    _lay_out(work, meeting, plan, standing, of_case)


def add_line(work: Work, panel: Panel, meeting: Meeting, flag: Flag, case: Case) -> None:
    """Add a case at the end of the agenda of an open meeting."""
    day = local_time(work, panel, meeting.starts_at).date()
    heard = days_heard(work, [flag.case_id]).get(flag.case_id, ())
    # A single line needs no order, so other agencies' flags of its case make no difference.
    added = for_agenda(work, flag, case, heard, meeting, ())
    plan = plan_agenda(work.definition(panel.definition), [added], meeting_on=day)
    planned = next(one for one in plan if one.flag_id == flag.id)
    work.session.add(
        AgendaItem(
            meeting_id=id_of(meeting),
            **_place_at_end(work, meeting, flag.case_id),
            section=planned.section_key,
            title=planned.title,
            minutes=planned.minutes,
            flag_id=planned.flag_id,
        )
    )
    work.session.flush()


def _place_at_end(work: Work, meeting: Meeting, case_id: int | None = None) -> dict[str, Any]:
    """Return the columns `position`, `number` and `late` of a new last line, as a dict from column to value.

    On a published agenda, a new line gets the last line's number, and readers see a letter after it, such as 7a. `late`
    says in which order such lines were added. A case that was on the published agenda before gets its old number back.
    """
    lines = _standing(work, meeting)
    published = published_lines(work, None, meeting)
    number, late = max((line.number for line in lines), default=0) + 1, 0
    if published:
        kept = None if case_id is None else {one.case_id: one.key for one in published}.get(case_id)
        given = [*(one.key for one in published), *((line.number, line.late) for line in lines)]
        number, late = kept or (lines[-1].number if lines else 0, max(late for _, late in given) + 1)
    position = max((line.position for line in lines), default=0) + 1
    return {"position": position, "number": number, "late": late}


def add_item_line(
    work: Work,
    meeting: Meeting,
    kind: ItemKind,
    *,
    section: str,
    minutes: int,
    words: bytes,
    presenter: bytes | None,
) -> None:
    """Add an item that is not a case at the end of an agenda.

    When the agenda is next laid out, the item moves under its heading. The agenda of an open meeting is not laid out
    again, so there the item stays at the end.
    """
    work.session.add(
        AgendaItem(
            meeting_id=id_of(meeting),
            **_place_at_end(work, meeting),
            section=section,
            title=kind.label,
            minutes=minutes,
            is_timed=True,
            kind=kind,
            words=words,
            presenter=presenter,
        )
    )
    work.session.flush()


def carry_items(work: Work, panel: Panel, meeting: Meeting, to: Meeting) -> None:
    """Move the items added by hand from a cancelled meeting's agenda to the agenda of the meeting `to`.

    The meeting `to` hears the cancelled meeting's cases.
    """
    added = work.find_all(
        AgendaItem,
        col(AgendaItem.meeting_id) == id_of(meeting),
        col(AgendaItem.kind).is_not(None),
        by=[col(AgendaItem.position)],
    )
    if not added:
        return
    last = max((line.position for line in _standing(work, to)), default=0)
    for position, item in enumerate(added, start=last + 1):
        item.meeting_id, item.position, item.number, item.late, item.is_pinned = id_of(to), position, 0, 0, False
    work.session.flush()
    compile_items(work, panel, to)


def place_line(
    work: Work,
    meeting: Meeting,
    item: AgendaItem,
    *,
    before: AgendaItem | None = None,
    after: AgendaItem | None = None,
) -> None:
    """Pin the line `item` directly before or after another line of the agenda."""
    item.is_pinned = True
    work.session.flush()
    order = [line.id for line in _standing(work, meeting) if line.id != item.id]
    if before is not None:
        order.insert(order.index(before.id), item.id)
    elif after is not None:
        order.insert(order.index(after.id) + 1, item.id)
    _set_aside(work, meeting)
    places = [{"id": number, "position": position} for position, number in enumerate(order, start=1)]
    work.session.execute(update(AgendaItem), places)


def _set_aside(work: Work, meeting: Meeting) -> None:
    """Give the lines of an agenda negative positions, so that the new positions can then be set one by one.

    No two lines may have the same position, even between two statements.
    """
    for item in [one for one in work.session if isinstance(one, AgendaItem)]:
        work.session.expire(item)
    aside = update(AgendaItem).where(col(AgendaItem.meeting_id) == id_of(meeting))
    work.session.execute(aside.values(position=-col(AgendaItem.position)), execution_options=_UNSEEN)


def keep_version(work: Work, meeting: Meeting) -> None:
    """Record a new published version of an agenda: its lines with their numbers, and who may see each line."""
    meeting.agenda_version += 1
    meeting.agenda_published_at = work.now
    agenda = PublishedAgenda(
        meeting_id=id_of(meeting),
        version=meeting.agenda_version,
        published_at=work.now,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        venue=meeting.venue,
    )
    work.session.add(agenda)
    work.session.flush()
    rows = work.session.execute(
        select(AgendaItem, Case.id, Case.is_closed)
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id), isouter=True)
        .join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
        .where(col(AgendaItem.meeting_id) == id_of(meeting))
    ).all()
    readers, stepped_back = readers_of(work, [case_id for _, case_id, _ in rows if case_id is not None])
    digests = digests_of(work, [item for item, *_ in rows])
    lines = [
        PublishedLine(
            agenda_id=id_of(agenda),
            **{name: getattr(item, name) for name in _KEPT},
            is_closed=bool(is_closed),
            readers=sorted(readers.get(case_id, ())),
            stepped_back=sorted(stepped_back.get(case_id, ())),
            facts_digest=digests.get((item.number, item.late)),
        )
        for item, case_id, is_closed in rows
    ]
    add_rows(work.session, lines)


#: Columns of a line that a published version copies.
_KEPT: Final = ("position", "number", "late", "section", "title", "minutes", "flag_id", "kind")


def for_agenda(
    work: Work, flag: Flag, case: Case, heard: Sequence[datetime], meeting: Meeting, concerns: Sequence[Flag]
) -> CaseForAgenda:
    """Return the facts that decide where a case is placed on an agenda.

    `heard` has the start times of the case's earlier hearings, the earliest first. `concerns` are the flags that are
    heard together with `flag`.
    """
    every = (flag, *concerns)
    risks = [work.risk(one.risk_tool, one.risk_level) for one in every]
    return CaseForAgenda(
        flag_id=id_of(flag),
        reference=case.reference,
        urgency=min((one.urgency for one in every), key=[*Urgency].index),
        below_highest=min(risk.below_highest if risk else HIGHEST for risk in risks),
        assessed_on=flag.assessed_on,
        last_heard_on=last_before(heard, meeting),
        escalated=flag.is_escalated,
        presenter_id=flag.person_id,
    )


def _standing(work: Work, meeting: Meeting) -> list[Any]:
    """Return the present lines of an agenda in order, as plain rows rather than ORM objects."""
    table = table_of(AgendaItem)
    names = ("id", "position", "number", "late", "section", "title", "minutes", "flag_id", "kind")
    query = tables_select(*(table.c[name] for name in (*names, "is_timed", "is_pinned")))
    return list(
        work.session.execute(query.where(table.c.meeting_id == id_of(meeting)).order_by(table.c.position)).all()
    )


def _plan_added(plan: list[PlannedItem], line: Any) -> None:
    """Insert an item that was added by hand into the plan, after the last line under the item's heading.

    If no line has that heading, the item goes to the end.
    """
    last = max((at for at, one in enumerate(plan) if one.section_key == line.section), default=len(plan) - 1)
    plan.insert(last + 1, PlannedItem(line.section, line.title, line.minutes, None, line.id))


#: Identifies a line of an agenda: by its flag, by its added item, or by its heading.
_Line = tuple[str, int | str]


def _line_of(section: str, flag_id: int | None, item_id: int | None) -> _Line:
    if flag_id is not None:
        return "flag", flag_id
    return ("item", item_id) if item_id is not None else ("heading", section)


def _lay_out(
    work: Work, meeting: Meeting, plan: Sequence[PlannedItem], standing: Sequence[Any], of_case: Mapping[int, int]
) -> None:
    """Change the agenda's lines so that they match the plan.

    A line that is still in the plan keeps its database row, since the notes of a postponed meeting refer to this row.
    `standing` are the present lines. `of_case` is a dict from flag id to case id.
    """
    planned = {_line_of(one.section_key, one.flag_id, one.item_id): one for one in plan}
    before = {_line_of(one.section, one.flag_id, one.id if one.kind else None): one for one in standing}
    pinned = [line for line, one in before.items() if one.is_pinned]
    published = published_lines(work, None, meeting)
    if published:
        keys = _published_keys(published, planned, before, of_case)
        fixed = [line for line in before if line in keys or line in pinned]
        order = insert_late([*planned], fixed, keys)
        numbers = give_keys(order, keys, (one.key for one in published))
    else:
        order = keep_places([*planned], [*before], pinned)
        numbers = {line: (number, 0) for number, line in enumerate(order, start=1)}
    changed: list[dict[str, Any]] = []
    added: list[AgendaItem] = []
    for position, line in enumerate(order, start=1):
        one, kept = planned[line], before.pop(line, None)
        facts: dict[str, Any] = {
            "position": position,
            "number": numbers[line][0],
            "late": numbers[line][1],
            "section": one.section_key,
            "title": one.title,
            "minutes": kept.minutes if kept is not None and kept.is_timed else one.minutes,
            "flag_id": one.flag_id,
        }
        if kept is None:
            added.append(AgendaItem(meeting_id=id_of(meeting), **facts))
        else:
            changed.append({"id": kept.id, **facts})
    _set_aside(work, meeting)
    if before:
        gone = delete(AgendaItem).where(col(AgendaItem.id).in_([one.id for one in before.values()]))
        work.session.execute(gone, execution_options=_UNSEEN)
    if changed:
        work.session.execute(update(AgendaItem), changed)
    add_rows(work.session, added)


def _published_keys(
    published: Sequence[VersionLine],
    planned: Mapping[_Line, PlannedItem],
    before: Mapping[_Line, Any],
    of_case: Mapping[int, int],
) -> dict[_Line, Key]:
    """Return the number and letter of each planned line that was published before, since published lines keep them.

    A case that comes back on the agenda keeps its earlier number.
    """
    given = {one.key for one in published}
    # Two cases of a version may have been merged since. Looking by flag first lets each line keep its own number.
    flags = {one.line.flag_id: one.key for one in published if one.line.flag_id is not None}
    cases = {one.case_id: one.key for one in published if one.case_id is not None}
    headings = {one.line.section: one.key for one in published if one.case_id is None and one.line.kind is None}
    found: dict[_Line, Key] = {}
    for line, one in planned.items():
        if one.flag_id is not None:
            key = flags.get(one.flag_id) or cases.get(of_case[one.flag_id])
        elif one.item_id is None:
            key = headings.get(one.section_key)
        else:
            key = (before[line].number, before[line].late)
        if key is not None and key in given:
            found[line] = key
    return found
