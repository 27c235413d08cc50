"""The agenda as one reader may see it, with its lines, times and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, or_, select

from bot.domain.agenda_order import Overrun, PlannedItem, Timed, overrun_of, timetable
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import ItemKind, ItemState
from bot.records.access.queries import local_time, readable
from bot.records.actions.queries import opened_or_erased
from bot.records.agenda.heard_urgently import UrgentHearing, heard_urgently
from bot.records.agenda.published import Version, labels_for
from bot.records.cases.queries import FLAGS_AND_CASES, FlagView, view_flags
from bot.store.rows import WHOLE, Page, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ItemView:
    """One line of an agenda as one reader sees it."""

    id: int
    number: str  #: as this reader knows it: "6", or "6a" for an item added after item 6 of a published agenda
    section: str
    title: str
    prompt: str  #: what the chair is reminded to cover
    minutes: int
    starts_at: datetime  #: the panel's own time, if the meeting keeps to its plan
    state: ItemState
    flag: FlagView | None
    kind: ItemKind | None = None  #: of an item that a person added
    presenter: str = ""  #: who brings such an item
    is_pinned: bool = False
    is_called: bool = False  #: the meeting came to it, if only for a moment
    tabled: tuple[UrgentHearing, ...] = ()  #: under matters arising, cases heard urgently since the last meeting

    @property
    def heading(self) -> str:
        """Return the kind of an added item with a capital letter, or an empty string if no person added the item."""
        return "" if self.kind is None else f"{self.kind.label[:1].upper()}{self.kind.label[1:]}"


def has_agenda(work: Work, meeting: Meeting) -> bool:
    """Return whether the meeting's agenda has been laid out."""
    return work.find(AgendaItem, col(AgendaItem.meeting_id) == id_of(meeting)) is not None


def lines_for(work: Work, reader_id: int | None, meeting: Meeting) -> list[AgendaItem]:
    """Return the lines of an agenda that this reader may see, or every line if `reader_id` is None."""
    query = select(AgendaItem).where(col(AgendaItem.meeting_id) == id_of(meeting)).order_by(col(AgendaItem.position))
    if reader_id is not None:
        query = (
            query.join(Flag, col(Flag.id) == col(AgendaItem.flag_id), isouter=True)
            .join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
            .where(or_(col(AgendaItem.flag_id).is_(None), readable(reader_id)))
        )
    return list(work.session.exec(query))


def view_items(
    work: Work,
    reader_id: int | None,
    panel: Panel,
    meeting: Meeting,
    *,
    lines: Sequence[AgendaItem] | None = None,
    page: Page = WHOLE,
    with_words: bool = True,
) -> tuple[ItemView, ...]:
    """Return the items of the agenda that this reader may see, with the numbers that the reader knows.

    The audit notes the cases on the page as read. `lines` is the result of `lines_for`, if the caller has it already.
    If `with_words` is False, what agencies wrote is left out.
    """
    if lines is None:
        lines = lines_for(work, reader_id, meeting)
    sections = work.definition(panel.definition).agenda
    prompts = {section.key: section.prompt for section in sections}
    arising = {section.key for section in sections if section.kind.lists_actions}
    plan = [PlannedItem(item.section, item.title, item.minutes, item.flag_id) for item in lines]
    starts = timetable(plan, local_time(work, panel, meeting.starts_at))
    last = len(lines) if page.most is None else page.first + page.most
    shown = list(zip(lines, starts, strict=True))[page.first : last]
    labels = labels_for(work, reader_id, meeting, lines)
    work.keys.fetch(work.session, (words for item, _ in shown for words in (item.words, item.presenter)))
    numbers = [item.flag_id for item, _ in shown if item.flag_id is not None]
    rows = work.session.execute(FLAGS_AND_CASES.where(col(Flag.id).in_(numbers))).all()
    work.saw(reader_id, ((flag.case_id, id_of(panel)) for flag, _ in rows))
    views = view_flags(work, [(flag, case, panel, meeting) for flag, case in rows], with_words=with_words)
    flags = {view.id: view for view in views}
    tabled = {
        id_of(item): heard_urgently(work, reader_id, panel, meeting, with_words=with_words)
        for item, _ in shown
        if item.section in arising and item.kind is None
    }
    return tuple(
        ItemView(
            id=id_of(item),
            number=labels[item.id],
            section=item.section,
            title=title_of(work, item),
            prompt="" if item.kind else prompts.get(item.section, ""),
            minutes=item.minutes,
            starts_at=starts_at,
            state=item.state,
            flag=flags[item.flag_id] if item.flag_id is not None else None,
            kind=item.kind,
            presenter=opened_or_erased(work, item.presenter) if item.presenter else "",
            is_pinned=item.is_pinned,
            is_called=item.reached_at is not None,
            tabled=tabled.get(id_of(item), ()),
        )
        for item, starts_at in shown
    )


def unlisted_cases(version: Version, items: Sequence[ItemView], panel_id: int) -> list[tuple[int, int]]:
    """Return the cases that the version's changes name but `items` lacks.

    Each case is a pair (case id, `panel_id`).
    """
    listed = {item.flag.case_id for item in items if item.flag is not None}
    return [(case_id, panel_id) for case_id in sorted(version.case_ids - listed)]


def title_of(work: Work, item: AgendaItem) -> str:
    """Return the title that a person gave to this line, or else its heading or case reference."""
    return opened_or_erased(work, item.words) if item.words else item.title


def overrun_at(work: Work, panel: Panel, meeting: Meeting, items: Sequence[Timed]) -> Overrun | None:
    """Return by how many minutes these items exceed the meeting's length, or None if they don't exceed it."""
    length = int((meeting.ends_at - meeting.starts_at).total_seconds()) // 60
    titles = {section.key: section.title for section in work.definition(panel.definition).agenda}
    return overrun_of(items, length, titles)
