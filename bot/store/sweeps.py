"""Periodic work in pieces: found by a look that takes no locks, and each piece done in a short transaction.

On SQLite a command waits for the transaction that is being written. A sweep writes many short ones, so that a command
waits for one of them at most.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.store.unit_of_work import Store, Work

Report = Callable[[BaseException], object]


@dataclass(frozen=True, slots=True)
class Sweep:
    """Work that is due again and again: how its pieces are found, and how one is done."""

    #: Return what is due now, in pieces that one short transaction can do; asked in a reading unit of work.
    find: Callable[[Work], Sequence[Any]]
    #: Do one piece, which another process may have done since it was found. Return how much was done.
    do: Callable[[Work, Any], int]

    @classmethod
    def of_a_look(cls, look: Callable[[Work], object]) -> "Sweep":
        """Return a sweep that looks and writes nothing, so that nobody waits for it."""

        def find(work: Work) -> Sequence[Any]:
            look(work)
            return ()

        return cls(find, lambda _work, _piece: 0)


def run_sweep(
    store: Store, sweep: Sweep, report: Report | None = None, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Do every due piece, and return how much was done.

    A piece that fails is given to `report` and keeps no other from being done; without `report` it raises.
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
