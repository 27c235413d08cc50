"""The board, which is one message about the open meeting in its panel's channel: content, place and reposting."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import union_all
from sqlmodel import col, func, or_, select

from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import QuorumView
from bot.errors import Mistake
from bot.models.actions import Action
from bot.models.cases import Case
from bot.models.meetings import AgendaItem, Attendance, Board, Decision, Guest, Meeting, Note
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import (
    ActionKind,
    ActionState,
    AttendanceStatus,
    DecisionKind,
    ItemState,
    MeetingState,
    NoteKind,
)
from bot.records.access.queries import Where, kept_from_nobody, local_time, rules_of
from bot.records.cases.decisions import NOTE_STANDS, decisions_in_force
from bot.records.diary.queries import is_shared, meeting_after
from bot.records.meeting.attendance import IN_THE_ROOM
from bot.records.meeting.board import items_for_all, post_board
from bot.records.meeting.queries import open_sitting, quorum_at
from bot.store.outbox import decide
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: The states of a post that will show the present facts. A post that is being sent is not among them, since no other
#: message of its lane can be sent meanwhile, unless the sending process has died.
_PENDING_POST = (EffectState.READY, EffectState.CLAIMED)


@dataclass(frozen=True, slots=True)
class BoardAction:
    """An action as the board shows it, without its text."""

    id: int
    kind: ActionKind
    state: ActionState
    agency_name: str
    holder_name: str
    due_on: date


@dataclass(frozen=True, slots=True)
class BoardItem:
    """The item that the board shows, with counts in place of the recorded words."""

    id: int
    title: str
    is_case: bool
    minutes: int  #: planned
    since: datetime  #: on the panel's clock
    notes: int
    dissents: int
    decisions: tuple[tuple[DecisionKind, date | None], ...]
    actions: tuple[BoardAction, ...]

    @property
    def until(self) -> datetime:
        """Return the planned end of the item."""
        return self.since + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class BoardView:
    """The facts on the board: what everyone in the panel's channel may see of a meeting."""

    meeting_id: int
    channel_id: str  #: of the panel
    is_shared: bool  #: another workspace sees the channel, as far as is known
    panel_key: str
    panel_title: str
    now: datetime  #: on the panel's clock
    starts_at: datetime
    opened_at: datetime
    planned: int  #: minutes from its beginning to its end
    is_over: bool
    is_interim: bool
    confidentiality: str
    quorum: QuorumView
    here: tuple[tuple[str, int], ...]  #: how many are present by agency, in attendance, observing, and guests
    item: BoardItem | None
    has_begun: bool  #: an item was discussed, or is
    left: int  #: items that are still to come
    heard: int  #: items that were discussed
    decisions: tuple[tuple[DecisionKind, int], ...]  #: of the whole meeting, by kind
    actions: int  #: of the whole meeting
    closed_at: datetime | None = None
    next_meeting_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BoardPlace:
    """The channel and time stamp of the board's message in Slack."""

    channel_id: str
    ts: str


def compose_board(work: Work, meeting_id: int) -> BoardView | None:
    """Return what the board shows now.

    Return None if the panel has no channel, or if the meeting has not been opened, or was postponed or cancelled.
    """
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None or meeting.opened_at is None or meeting.state not in (MeetingState.OPEN, MeetingState.CLOSED):
        return None
    panel = work.session.get_one(Panel, meeting.panel_id)
    if panel.channel_id is None:
        return None
    items = items_for_all(work, meeting)
    numbers = [id_of(one) for one in items]
    board = work.session.get(Board, meeting_id)
    shown = next((one for one in items if board is not None and one.id == board.item_id), None)
    decisions = decisions_in_force(work, numbers)
    is_over = meeting.state is MeetingState.CLOSED
    following = meeting_after(work, meeting.panel_id, meeting.starts_at) if is_over else None
    item = None
    if shown is not None and board is not None and board.item_since is not None and not is_over:
        since = local_time(work, panel, board.item_since)
        item = _item(work, shown, since, [one for one in decisions if one.item_id == shown.id])
    kinds = Counter(one.kind for one in decisions)
    left = [
        one
        for one in items
        if one.state is (ItemState.NOT_REACHED if is_over else ItemState.PENDING) and (is_over or one is not shown)
    ]
    return BoardView(
        meeting_id=meeting_id,
        channel_id=panel.channel_id,
        is_shared=is_shared(work, panel.channel_id),
        panel_key=panel.key,
        panel_title=panel.title,
        now=local_time(work, panel, work.now),
        starts_at=local_time(work, panel, meeting.starts_at),
        opened_at=local_time(work, panel, meeting.opened_at),
        planned=round((meeting.ends_at - meeting.starts_at).total_seconds() / 60),
        is_over=is_over,
        is_interim=meeting.is_interim,
        confidentiality=rules_of(work, panel).confidentiality,
        quorum=quorum_at(work, panel, meeting),
        here=_here(work, meeting_id),
        item=item,
        has_begun=shown is not None or any(one.state is not ItemState.PENDING for one in items),
        left=len(left),
        heard=sum(one.state is ItemState.DISCUSSED for one in items),
        decisions=tuple((kind, kinds[kind]) for kind in DecisionKind if kinds[kind]),
        actions=_count_actions(work, meeting),
        closed_at=local_time(work, panel, meeting.closed_at) if meeting.closed_at else None,
        next_meeting_at=local_time(work, panel, following.starts_at) if following else None,
    )


def _item(work: Work, shown: AgendaItem, since: datetime, decisions: list[Decision]) -> BoardItem:
    kinds = Counter(work.session.exec(select(Note.kind).where(col(Note.item_id) == id_of(shown), NOTE_STANDS)).all())
    rows = work.session.execute(
        select(Action, Agency.name, Person.name)
        .join(Agency, col(Agency.id) == col(Action.agency_id))
        .join(Person, col(Person.id) == col(Action.holder_id))
        .where(col(Action.item_id) == id_of(shown), col(Action.state) != ActionState.WITHDRAWN)
        .order_by(col(Action.created_at), col(Action.id))
    ).all()
    return BoardItem(
        id=id_of(shown),
        title=shown.title,
        is_case=shown.flag_id is not None,
        minutes=shown.minutes,
        since=since,
        notes=kinds.total() - kinds[NoteKind.DISSENT],
        dissents=kinds[NoteKind.DISSENT],
        decisions=tuple((one.kind, one.review_on) for one in decisions),
        actions=tuple(
            BoardAction(id_of(action), action.kind, action.state, agency, holder, action.due_on)
            for action, agency, holder in rows
        ),
    )


def _here(work: Work, meeting_id: int) -> tuple[tuple[str, int], ...]:
    """Return how many people are in the room, by agency name. People who don't speak for an agency come last.

    Observers and people in attendance don't speak for an agency. They are counted apart, so that an agency that is
    missing for the quorum never looks present. Names of agencies that were typed by hand are left out, since the board
    stays in Slack.
    """
    members = (
        select(Agency.name, Attendance.status)
        .join(Attendance, col(Attendance.agency_id) == col(Agency.id))
        .where(
            col(Attendance.meeting_id) == meeting_id,
            col(Attendance.status).in_(IN_THE_ROOM),
            col(Attendance.left_at).is_(None),
        )
    )
    guests = (
        select(Agency.name, Guest.status)
        .select_from(Guest)
        .join(Agency, col(Agency.id) == col(Guest.agency_id), isouter=True)
        .where(col(Guest.meeting_id) == meeting_id, col(Guest.undone_at).is_(None), col(Guest.left_at).is_(None))
    )
    present: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for name, status in work.session.execute(union_all(members, guests)):
        if name is None:
            others["guests"] += 1
        elif status is AttendanceStatus.PRESENT:
            present[name] += 1
        else:
            others["observing" if status is AttendanceStatus.OBSERVER else "in attendance"] += 1
    return (*sorted(present.items()), *sorted(others.items()))


def _count_actions(work: Work, meeting: Meeting) -> int:
    """Return the number of actions given at a meeting. Actions on a case that is kept from any member don't count."""
    query = (
        select(func.count())
        .select_from(Action)
        .join(Case, col(Case.id) == col(Action.case_id), isouter=True)
        .where(
            col(Action.meeting_id) == id_of(meeting),
            col(Action.state) != ActionState.WITHDRAWN,
            col(Action.case_id).is_(None) | kept_from_nobody(work, meeting.panel_id),
        )
    )
    return work.session.exec(query).one()


def place_of_board(work: Work, meeting_id: int) -> BoardPlace | None:
    """Return where the board's message is, or None if Slack has not accepted a message with the board yet."""
    board = work.session.get(Board, meeting_id)
    if board is None or board.channel_id is None or board.ts is None:
        return None
    return BoardPlace(board.channel_id, board.ts)


def is_overtaken(work: Work, meeting_id: int, post: int) -> bool:
    """Return whether the board has been posted again since the post with the number `post` was queued."""
    board = work.session.get(Board, meeting_id)
    return board is not None and board.posts > post


def is_post_coming(work: Work, meeting_id: int) -> bool:
    """Return whether a post of the board is in the queue and will show the meeting's present state."""
    board = work.session.get(Board, meeting_id)
    if board is None:
        return False
    key = Notice.BOARD_POSTED.key.format(meeting_id=meeting_id, post=board.posts)
    return bool(
        work.session.exec(
            select(OutboxRow.id).where(col(OutboxRow.key) == key, col(OutboxRow.state).in_(_PENDING_POST))
        ).first()
    )


def note_board(work: Work, meeting_id: int, channel_id: str, ts: str) -> None:
    """Record which message in Slack is the board.

    If two messages now show the board, queue the removal of the earlier one.
    """
    board = work.session.get_one(Board, meeting_id)
    if (board.channel_id, board.ts) == (channel_id, ts):
        return
    if board.ts is not None and board.channel_id == channel_id and _moment(ts) < _moment(board.ts):
        work.tell(channel_id, Notice.BOARD_REMOVED, once=work.now.isoformat(), ts=ts)
        return
    if board.ts is not None and board.channel_id is not None:
        work.tell(board.channel_id, Notice.BOARD_REMOVED, ts=board.ts)
    board.channel_id, board.ts = channel_id, ts


def replace_board(work: Work, meeting_id: int, ts: str) -> None:
    """Post the board again because its message with the time stamp `ts` is gone.

    Do nothing if another message is the board by now.
    """
    board = work.session.get_one(Board, meeting_id)
    if board.ts != ts:
        return
    board.channel_id = board.ts = None
    meeting = work.session.get_one(Meeting, meeting_id)
    post_board(work, work.session.get_one(Panel, meeting.panel_id), meeting)


def redraw_lost_boards(work: Work) -> None:
    """Queue a redraw of each board whose post may or may not have reached Slack, so that no outdated board remains."""
    query = (
        select(Board, Panel.channel_id)
        .join(Meeting, col(Meeting.id) == col(Board.meeting_id))
        .join(Panel, col(Panel.id) == col(Meeting.panel_id))
        .where(col(Meeting.state) == MeetingState.OPEN, col(Panel.channel_id).is_not(None))
        .order_by(col(Board.meeting_id))
    )
    posts = {
        Notice.BOARD_POSTED.key.format(meeting_id=board.meeting_id, post=board.posts): (board, str(channel_id))
        for board, channel_id in work.session.exec(query)
    }
    is_lost = (col(OutboxRow.key).in_(posts), col(OutboxRow.state) == EffectState.AMBIGUOUS)
    for key in work.session.exec(select(OutboxRow.key).where(*is_lost).order_by(col(OutboxRow.id))):
        board, channel_id = posts[key]
        work.tell(channel_id, Notice.BOARD_CHANGED, once=f"lost.{board.posts}", meeting_id=board.meeting_id)


def refused_boards(work: Work, meeting_id: int) -> list[OutboxRow]:
    """Return the posts and redraws of a meeting's board that Slack refused, unless sent again or dismissed since."""
    notices = (Notice.BOARD_POSTED, Notice.BOARD_CHANGED)
    is_its = or_(*(col(OutboxRow.key).startswith(f"{one.key.partition(':')[0]}:{meeting_id}:") for one in notices))
    return work.find_all(OutboxRow, col(OutboxRow.state) == EffectState.DEAD, is_its, by=[col(OutboxRow.id)])


def forget_refused_boards(work: Work, meeting_id: int) -> None:
    """Dismiss a board's refused messages, since Slack accepts messages again.

    If a post was refused, post the board again.
    """
    refused = refused_boards(work, meeting_id)
    if not refused:
        return
    decide(work.session, [id_of(row) for row in refused], EffectState.DROPPED)
    meeting = work.session.get_one(Meeting, meeting_id)
    if meeting.state is MeetingState.OPEN and any(row.kind == Notice.BOARD_POSTED for row in refused):
        post_board(work, work.session.get_one(Panel, meeting.panel_id), meeting)


def tidy_boards(work: Work, _actor: Actor, channel_id: str, ts: str) -> None:
    """Make sure that a channel has one board, after a button was pressed on the message at `ts`.

    If this message is older than the board, it is removed. If it is newer, Slack's answer to its post was lost: it then
    becomes the board, and the earlier message is removed.
    """
    query = (
        select(Board)
        .join(Meeting, col(Meeting.id) == col(Board.meeting_id))
        .join(Panel, col(Panel.id) == col(Meeting.panel_id))
        .where(col(Meeting.state) == MeetingState.OPEN, col(Panel.channel_id) == channel_id)
    )
    board = work.session.exec(query).first()
    if board is None or (board.channel_id, board.ts) == (channel_id, ts):
        return
    note_board(work, board.meeting_id, channel_id, ts)
    work.tell(channel_id, Notice.BOARD_CHANGED, once=f"found.{ts}", meeting_id=board.meeting_id)


def _moment(ts: str) -> tuple[int, ...]:
    return tuple(int(part) for part in ts.split("."))


def put_at_bottom(work: Work, actor: Actor, where: Where) -> str:
    """Post the board of the open meeting again, at the bottom of its channel. Return the panel's title.

    Raise Mistake if the panel has no channel, or one that another workspace can see.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.SEE_AGENDA)
    channel_id = standing.panel.channel_id
    if channel_id is None or is_shared(work, channel_id):
        why = "has no channel" if channel_id is None else "has a channel that another workspace sees"
        raise Mistake(f"{standing.panel.title} {why}, so there is no board. `/meeting now` shows where the meeting is.")
    post_board(work, standing.panel, meeting)
    work.audit("show_board", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return standing.panel.title
