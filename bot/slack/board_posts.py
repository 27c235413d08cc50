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
    """Record where in Slack the message with a meeting's board is. If that message is gone, have a new board posted."""
    if not isinstance(call, Post | Rewrite) or call.board_of is None or outcome.treatment is not None:
        return
    ts = outcome.result.get("ts")
    if isinstance(call, Post) and ts is not None:
        note_board(work, call.board_of, call.channel_id, str(ts))
    elif isinstance(call, Rewrite) and ts is None:
        replace_board(work, call.board_of, call.ts)
    forget_refused_boards(work, call.board_of)


def note_lost(work: Work, call: Call) -> None:
    """If it is unknown whether Slack accepted the post of a board, queue a redraw of the boards that may be lost."""
    if isinstance(call, Post) and call.board_of is not None:
        redraw_lost_boards(work)


def part_refused(work: Work, claim: Claim, call: Call, error: str) -> Claim:
    """Return a refused claim with only the effects that a person must be told of. Of a meeting's board, this is the
    first.

    An archived channel refuses the board at every change, and one undelivered message about that is enough.
    """
    if not isinstance(call, Post | Rewrite) or call.board_of is None:
        return claim
    told = 0 if refused_boards(work, call.board_of) else 1
    finish(work.session, claim.only(range(told, len(claim.ids))), EffectState.DROPPED, error=error)
    return claim.only(range(told))
