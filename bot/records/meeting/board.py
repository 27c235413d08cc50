"""The board of an open meeting, which everyone in the panel's channel sees: what it shows, and when it is updated.

The board never shows a closed item, or a case in which anyone on the panel declared an interest. While such a case is
discussed, the board stays as it was.
"""

from uuid import uuid4

from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Board, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import ItemState, MeetingState
from bot.records.access.queries import kept_from_nobody
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def items_for_all(work: Work, meeting: Meeting) -> list[AgendaItem]:
    """Return the meeting's items in order, without those whose case is kept from anyone on the panel."""
    return list(
        work.session.exec(
            select(AgendaItem)
            .join(Flag, col(Flag.id) == col(AgendaItem.flag_id), isouter=True)
            .join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
            .where(
                col(AgendaItem.meeting_id) == id_of(meeting),
                col(AgendaItem.flag_id).is_(None) | kept_from_nobody(work, meeting.panel_id),
            )
            .order_by(col(AgendaItem.position))
        )
    )


def post_board(work: Work, panel: Panel, meeting: Meeting) -> None:
    """Queue a new post of the board at the bottom of the panel's channel, if the panel has a channel."""
    if panel.channel_id is None:
        return
    board = _board_of(work, meeting)
    board.posts += 1
    work.tell(panel.channel_id, Notice.BOARD_POSTED, meeting_id=id_of(meeting), post=board.posts)


def redraw_board(work: Work, panel: Panel, meeting: Meeting, item_id: int | None = None) -> None:
    """Queue an update of the board's message in the channel.

    With `item_id`, an update is queued only if the board shows that item.
    """
    if panel.channel_id is None:
        return
    board = work.session.get(Board, id_of(meeting))
    if board is None:
        if item_id is None:
            post_board(work, panel, meeting)  # the meeting was opened before there were boards
    elif item_id is None or item_id == _shown_item(work, meeting, board):
        work.tell(panel.channel_id, Notice.BOARD_CHANGED, once=uuid4().hex, meeting_id=id_of(meeting))


def redraw_for(work: Work, meeting_id: int | None, item_id: int | None = None) -> None:
    """Queue an update of the meeting's board, as `redraw_board` does, if the meeting is open."""
    meeting = work.session.get_one(Meeting, meeting_id) if meeting_id is not None else None
    if meeting is not None and meeting.state is MeetingState.OPEN:
        redraw_board(work, work.session.get_one(Panel, meeting.panel_id), meeting, item_id)


def redraw_for_line(work: Work, meeting: Meeting, flag_id: int | None = None) -> None:
    """Queue an update of the board after a line was added to the agenda of an open meeting.

    `flag_id` is the flag of the line's case, or None for an item that is not a case. If that case is kept from anyone
    on the panel, nothing is queued.
    """
    if meeting.state is MeetingState.OPEN and flag_id in {None, *(one.flag_id for one in items_for_all(work, meeting))}:
        redraw_board(work, work.session.get_one(Panel, meeting.panel_id), meeting)


def redraw_for_case(work: Work, case_id: int) -> None:
    """Queue updates of the boards of open meetings that list a case, after a change of who may see the case.

    A board that may no longer show the case shows no item from then on. A board that shows no item then shows the item
    being discussed, if everyone may see that item.
    """
    query = (
        select(Meeting, Panel)
        .join(Panel, col(Panel.id) == col(Meeting.panel_id))
        .join(AgendaItem, col(AgendaItem.meeting_id) == col(Meeting.id))
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id))
        .where(col(Meeting.state) == MeetingState.OPEN, col(Flag.case_id) == case_id)
        .order_by(col(Meeting.id))
    )
    for meeting, panel in work.session.execute(query):
        board = work.session.get(Board, id_of(meeting))
        if board is not None and _shown_item(work, meeting, board) is None:
            current = next((one for one in items_for_all(work, meeting) if one.state is ItemState.CURRENT), None)
            board.item_id = current.id if current is not None else None
            board.item_since = work.now if current is not None else None
        redraw_board(work, panel, meeting)


def remove_board(work: Work, meeting: Meeting) -> None:
    """Queue the removal of a postponed meeting's board from the channel."""
    board = work.session.get(Board, id_of(meeting))
    if board is None:
        return
    if board.channel_id is not None and board.ts is not None:
        work.tell(board.channel_id, Notice.BOARD_REMOVED, ts=board.ts)
    board.item_id = board.item_since = board.channel_id = board.ts = None


def arrive_on_board(work: Work, panel: Panel, meeting: Meeting, arriving: AgendaItem | None) -> None:
    """Post the board again, showing the item `arriving`, or no item if `arriving` is None.

    If the item's case is kept from anyone on the panel, nothing changes.
    """
    item_id = arriving.id if arriving is not None else None
    if arriving is not None and item_id not in {one.id for one in items_for_all(work, meeting)}:
        return
    board = _board_of(work, meeting)
    if board.item_id == item_id:
        return
    board.item_id = item_id
    board.item_since = work.now if item_id is not None else None
    post_board(work, panel, meeting)


def shows_item(work: Work, meeting: Meeting, item_id: int) -> bool:
    """Return whether the board shows this item or, for `item_id` 0, whether it shows no item."""
    board = work.session.get(Board, id_of(meeting))
    return board is not None and (_shown_item(work, meeting, board) or 0) == item_id


def _shown_item(work: Work, meeting: Meeting, board: Board) -> int | None:
    """Return the id of the item that the board shows, or None if it shows none or must no longer show the item."""
    return board.item_id if board.item_id in {one.id for one in items_for_all(work, meeting)} else None


def _board_of(work: Work, meeting: Meeting) -> Board:
    board = work.session.get(Board, id_of(meeting))
    if board is None:
        board = Board(meeting_id=id_of(meeting))
        work.session.add(board)
    return board
