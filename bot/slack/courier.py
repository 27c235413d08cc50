"""Sends what transactions promised: claim, render with a new access check, say so, call, record.

One thread hands out work to a small pool. It is woken by commits that queued effects, sleeps until the next is due,
and frees what dead processes held. Nothing is sent twice: only a refusal before acceptance is tried again, and an
outcome that nobody knows is left for a person, unless repeating it shows the same.

Chase people, do not hound them: who was just told something is left in peace for a moment, and what they are to be
told meanwhile comes in one message.
"""

import logging
import math
import os
import secrets
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from bot.errors import PanelbotError
from bot.models.outbox import EffectState
from bot.slack.incidents import incident
from bot.slack.outgoing import Gathering, Outgoing, Renderer
from bot.slack.sender import NotAccepted, Refused, Sender, Unknown
from bot.store.outbox import (
    LEASE_SECONDS,
    Claim,
    begin_sending,
    claim_next,
    finish,
    put_back,
    reap_expired,
    seconds_until_next,
)
from bot.store.unit_of_work import Store, Work

log = logging.getLogger(__name__)

POOL = 4
REAP_SECONDS = 5.0
GATHERING_SECONDS = 5.0  # a lane's rest after a message of a kind that is gathered
_LONGEST_WAIT = 60.0  # seconds between tries while Slack cannot be reached
_MOST_TRIES = 8  # of what may be repeated and keeps failing in ways that nobody understands
_TOGETHER = 0.02  # commits that follow each other this closely are looked at together
_SHORTEST_SLEEP = 0.02  # another process may hold what is due: look again soon, but do not spin
_NOT_THEIRS = "no longer for its addressee"
_BROKEN = (PanelbotError, LookupError, TypeError, ValueError, AttributeError, AssertionError)


class Courier:
    """The sending half of one process."""

    def __init__(
        self, store: Store, renderers: Mapping[str, Renderer], sender: Sender, *, gathering: float = GATHERING_SECONDS
    ) -> None:
        self._store = store
        self._renderers = renderers
        self._sender = sender
        self._gathering = gathering
        self._owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._stopping = threading.Event()
        self._turn = threading.Condition()  # its lock may be taken again by who holds it
        self._look_at = 0.0  # monotonic, as below: when the thread looks at the outbox next
        self._resting: dict[str, float] = {}  # lanes that send or have just sent: it is no use to look at them before
        self._free = threading.BoundedSemaphore(POOL)
        self._pool: ThreadPoolExecutor | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send."""
        self._stopping.clear()
        self._pool = ThreadPoolExecutor(POOL, thread_name_prefix="courier")
        self._store.on_effects = self._wake
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being sent, begin nothing more."""
        self._stopping.set()
        self._look_by(0.0)
        if self._thread is not None:
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def is_running(self) -> bool:
        """Whether what is promised now will be sent."""
        return self._thread is not None and self._thread.is_alive() and not self._stopping.is_set()

    def _wake(self, lanes: frozenset[str]) -> None:
        """Effects were queued: look, but not before one of their lanes may send."""
        with self._turn:
            self._look_by(min(self._resting.get(lane, 0.0) for lane in lanes))

    def _look_again(self, lane: str, rest: float) -> None:
        with self._turn:
            self._resting[lane] = time.monotonic() + rest
            self._look_by(self._resting[lane])

    def _look_by(self, moment: float) -> None:
        with self._turn:
            if moment < self._look_at:
                self._look_at = moment
                self._turn.notify()

    def _run(self) -> None:
        reap_at = time.monotonic() + REAP_SECONDS
        while not self._stopping.is_set():
            with self._turn:
                self._look_at = math.inf
            try:
                if time.monotonic() >= reap_at:
                    reap_at = time.monotonic() + REAP_SECONDS
                    self._reap()
                pause = self._hand_out()
            except Exception as unexpected:  # noqa: BLE001 - the database may be away for a while; the courier is not
                incident(unexpected)
                pause = 1.0
            self._look_by(time.monotonic() + pause)
            with self._turn:
                while not self._stopping.is_set() and (wait := self._look_at - time.monotonic()) > 0.0:
                    self._turn.wait(wait)
            self._stopping.wait(_TOGETHER)

    def _reap(self) -> None:
        with self._store.work() as work:
            reap_expired(work.session)

    def _hand_out(self) -> float:
        """Give out all that is due now; the seconds until it is worth looking again."""
        while not self._stopping.is_set() and self._pool is not None:
            # A look keeps nobody waiting, a claim is in line with every command: first look.
            with self._store.reading() as work:
                wait = seconds_until_next(work.session)
            if wait is None or wait > 0.0:
                return REAP_SECONDS if wait is None else min(REAP_SECONDS, max(_SHORTEST_SLEEP, wait))
            # Nothing is leased before somebody is free to send it.
            self._free.acquire()
            claim = None
            try:
                if not self._stopping.is_set():
                    with self._store.work() as work:
                        claim = claim_next(work.session, self._owner, self._gathered)
            finally:
                if claim is None:
                    self._free.release()
            if claim is None:
                break
            with self._turn:
                self._resting[claim.lane] = time.monotonic() + LEASE_SECONDS
            self._pool.submit(self._deliver, claim)
        return _SHORTEST_SLEEP

    @property
    def _gathered(self) -> dict[str, int]:
        return {kind: how.most for kind, how in self._renderers.items() if isinstance(how, Gathering)}

    def _deliver(self, claim: Claim) -> None:
        rest = 0.0
        try:
            rest = self._send(claim)
        except Exception as unexpected:  # noqa: BLE001 - its lease will run out, and then it is decided anew
            incident(unexpected)
        finally:
            self._free.release()
            self._look_again(claim.lane, rest)

    def _send(self, claim: Claim) -> float:
        """Send what was claimed, once; for how many seconds its lane is then left in peace."""
        outgoing = self._rendered(claim)
        if outgoing is None:
            return 0.0
        with self._store.work() as work:
            if outgoing.dropped:
                finish(work.session, claim.only(outgoing.dropped), EffectState.DROPPED, error=_NOT_THEIRS)
            if outgoing.waiting:
                put_back(work.session, claim.only(outgoing.waiting), wait=0.0)
            apart = {*outgoing.dropped, *outgoing.waiting}
            claim = claim.only(each for each in range(len(claim.ids)) if each not in apart)
            if not begin_sending(work.session, claim):
                work.abandon()
                return 0.0
            for entry in outgoing.audit:
                work.audit(
                    entry.verb,
                    entry.noun,
                    entry.noun_id,
                    panel_id=entry.panel_id,
                    actor_id=entry.actor_id,
                    outcome=entry.outcome,
                )
        try:
            result = self._sender.send(outgoing.call)
        except NotAccepted as later:
            wait = min(_LONGEST_WAIT, 2.0 ** min(claim.tries, 6)) if later.wait is None else later.wait
            self._again(claim, wait, later.error)
        except Refused as refused:
            log.warning("effect %s (%s) was refused: %s", claim.ids, claim.kind, refused.error)
            self._finish(claim, EffectState.DEAD, refused.error)
        except Unknown as unknown:
            if outgoing.call.repeatable and claim.tries < _MOST_TRIES:
                self._again(claim, 2.0 ** min(claim.tries, 5), unknown.error)
            else:
                log.warning("effect %s (%s) may or may not have arrived: %s", claim.ids, claim.kind, unknown.error)
                self._finish(claim, EffectState.AMBIGUOUS, unknown.error)
        else:
            rest = self._gathering if isinstance(self._renderers[claim.kind], Gathering) else 0.0
            with self._store.work() as work:
                finish(work.session, claim, EffectState.DONE, result=result, rest=rest)
            return rest
        return 0.0

    def _rendered(self, claim: Claim) -> Outgoing | None:
        renderer = self._renderers.get(claim.kind)
        if renderer is None:
            self._finish(claim, EffectState.DEAD, "no such kind of message")
            return None
        try:
            with self._store.reading() as work:
                outgoing = _render(renderer, work, claim)
        except _BROKEN as broken:
            if len(claim.ids) > 1:
                self._set_apart(claim)
            elif isinstance(broken, PanelbotError):
                self._finish(claim, EffectState.DROPPED, type(broken).__name__)
            else:
                # The same rows will break it again: a person must see it.
                self._finish(claim, EffectState.DEAD, incident(broken)[-60:])
            return None
        if outgoing is None:
            self._finish(claim, EffectState.DROPPED, _NOT_THEIRS)
        return outgoing

    def _set_apart(self, claim: Claim) -> None:
        """End those that cannot be rendered, so that their companions can go without them."""
        for position in range(len(claim.ids)):
            alone = claim.only([position])
            if self._rendered(alone) is not None:
                with self._store.work() as work:
                    put_back(work.session, alone, wait=0.0)

    def _finish(self, claim: Claim, state: EffectState, error: str) -> None:
        with self._store.work() as work:
            finish(work.session, claim, state, error=error[:200])

    def _again(self, claim: Claim, wait: float, error: str) -> None:
        with self._store.work() as work:
            put_back(work.session, claim, wait=wait, error=error[:200])


def _render(renderer: Renderer, work: Work, claim: Claim) -> Outgoing | None:
    if isinstance(renderer, Gathering):
        return renderer.render(work, claim.payloads)
    return renderer(work, claim.payloads[0])
