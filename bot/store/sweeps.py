"""Periodic work, done in pieces. Each piece is one transaction.

One query without locks finds the pieces, and each piece is done in its own short transaction.

On SQLite, a command must wait while another transaction writes. With short transactions, it waits for one at most.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.store.unit_of_work import Store, Work

Report = Callable[[BaseException], object]


@dataclass(frozen=True, slots=True)
class Sweep:
    """A kind of periodic work: how to find the pieces that are due, and how to do one piece."""

    #: Returns the pieces that are due, each small enough for one short transaction. It runs in a reading unit of work.
    find: Callable[[Work], Sequence[Any]]
    #: Does one piece, which another process may have done meanwhile. Returns how much was done.
    do: Callable[[Work, Any], int]

    @classmethod
    def of_a_look(cls, look: Callable[[Work], object]) -> "Sweep":
        """Return a sweep that only calls `look`.

        The sweep writes nothing, so other transactions never wait for it.
        """

        def find(work: Work) -> Sequence[Any]:
            look(work)
            return ()

        return cls(find, lambda _work, _piece: 0)


def run_sweep(
    store: Store, sweep: Sweep, report: Report | None = None, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Do every piece of the sweep that is due. Return how much was done in all.

    If a piece fails and there is a `report`, call `report` with the error and go on with the next piece. Without
    `report`, raise the error.
    """
    with store.reading() as work:
        pieces = sweep.find(work)
    done = 0
    for piece in pieces:
        if is_stopping():
            break
        try:
            with store.work() as work:
                done += sweep.do(work, piece)
        except Exception as unexpected:
            if report is None:
                raise
            report(unexpected)
    return done
