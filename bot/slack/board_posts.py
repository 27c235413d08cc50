"""What the courier records about a board's message: where it is in Slack, or that it is gone, lost or refused."""

from bot.models.outbox import EffectState
from bot.services.meeting.board import (
    forget_refused_boards,
    note_board,
    redraw_lost_boards,
    refused_boards,
    replace_board,
)
from bot.slack.outgoing import Call, Post, Rewrite
from bot.slack.sender import Outcome
from bot.store.outbox import Claim, finish
from bot.store.unit_of_work import Work


def note_shown(work: Work, call: Call, outcome: Outcome) -> None:
    """Record where in Slack the message with a meeting's board is. If that message is gone, queue a new board."""
    if not isinstance(call, Post | Rewrite) or call.board_of is None or outcome.treatment is not None:
        return
    ts = outcome.result.get("ts")
    if isinstance(call, Post) and ts is not None:
        note_board(work, call.board_of, call.channel_id, str(ts))
    elif isinstance(call, Rewrite) and ts is None:
        replace_board(work, call.board_of, call.ts)
    forget_refused_boards(work, call.board_of)


def note_lost(work: Work, call: Call) -> None:
    """Queue a redraw of boards that may be lost, if Slack's answer to the post of a board never came."""
    if isinstance(call, Post) and call.board_of is not None:
        redraw_lost_boards(work)


def part_refused(work: Work, claim: Claim, call: Call, error: str) -> Claim:
    """Return only those effects of a refused claim that a person must be told about. Drop the others.

    An archived channel refuses its board at every change. So a person is told only of the first refused board.
    """
    if not isinstance(call, Post | Rewrite) or call.board_of is None:
        return claim
    told = 0 if refused_boards(work, call.board_of) else 1
    finish(work.session, claim.only(range(told, len(claim.ids))), EffectState.DROPPED, error=error)
    return claim.only(range(told))
