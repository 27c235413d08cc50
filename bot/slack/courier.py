"""Sends what transactions promised: claim, render with a new access check, say so, call, record.

One thread hands out work to a small pool. It is woken by each commit that queued effects, sleeps until the next is
due, and frees what dead processes held. Nothing is sent twice: only a refusal before acceptance is tried again,
and an outcome that nobody knows is left for a person, unless repeating it shows the same.
"""

import logging
import os
import secrets
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from bot.errors import PanelbotError
from bot.models.outbox import EffectState
from bot.slack.incidents import incident
from bot.slack.outgoing import Outgoing, Renderer
from bot.slack.sender import NotAccepted, Refused, Sender, Unknown
from bot.store.outbox import (
    Claim,
    begin_sending,
    claim_next,
    finish,
    put_back,
    reap_expired,
    seconds_until_next,
)
from bot.store.unit_of_work import Store

log = logging.getLogger(__name__)

POOL = 4
REAP_SECONDS = 5.0
_LONGEST_WAIT = 60.0  # seconds between tries while Slack cannot be reached
_MOST_TRIES = 8  # of what may be repeated and keeps failing in ways that nobody understands
_TOGETHER = 0.02  # commits that follow each other this closely are looked at together
_SHORTEST_SLEEP = 0.02  # another process may hold what is due: look again soon, but do not spin


class Courier:
    """The sending half of one process."""

    def __init__(self, store: Store, renderers: Mapping[str, Renderer], sender: Sender) -> None:
        self._store = store
        self._renderers = renderers
        self._sender = sender
        self._owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._free = threading.BoundedSemaphore(POOL)
        self._pool: ThreadPoolExecutor | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send."""
        self._stopping.clear()
        self._pool = ThreadPoolExecutor(POOL, thread_name_prefix="courier")
        self._store.on_effects = self._wake.set
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being sent, begin nothing more."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def is_running(self) -> bool:
        """Whether what is promised now will be sent."""
        return self._thread is not None and self._thread.is_alive() and not self._stopping.is_set()

    def _run(self) -> None:
        reap_at = time.monotonic() + REAP_SECONDS
        while not self._stopping.is_set():
            try:
                self._wake.clear()
                if time.monotonic() >= reap_at:
                    reap_at = time.monotonic() + REAP_SECONDS
                    self._reap()
                pause = self._hand_out()
            except Exception as unexpected:  # noqa: BLE001 - the database may be away for a while; the courier is not
                incident(unexpected)
                pause = 1.0
            self._wake.wait(pause)
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
                        claim = claim_next(work.session, self._owner)
            finally:
                if claim is None:
                    self._free.release()
            if claim is None:
                break
            self._pool.submit(self._deliver, claim)
        return _SHORTEST_SLEEP

    def _deliver(self, claim: Claim) -> None:
        try:
            self._send(claim)
        except Exception as unexpected:  # noqa: BLE001 - its lease will run out, and then it is decided anew
            incident(unexpected)
        finally:
            self._free.release()
            self._wake.set()

    def _send(self, claim: Claim) -> None:
        outgoing = self._rendered(claim)
        if outgoing is None:
            return
        with self._store.work() as work:
            if not begin_sending(work.session, claim):
                return
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
            log.warning("effect %s (%s) was refused: %s", claim.id, claim.kind, refused.error)
            self._finish(claim, EffectState.DEAD, refused.error)
        except Unknown as unknown:
            if outgoing.call.repeatable and claim.tries < _MOST_TRIES:
                self._again(claim, 2.0 ** min(claim.tries, 5), unknown.error)
            else:
                log.warning("effect %s (%s) may or may not have arrived: %s", claim.id, claim.kind, unknown.error)
                self._finish(claim, EffectState.AMBIGUOUS, unknown.error)
        else:
            with self._store.work() as work:
                finish(work.session, claim, EffectState.DONE, result=result)

    def _rendered(self, claim: Claim) -> Outgoing | None:
        renderer = self._renderers.get(claim.kind)
        if renderer is None:
            self._finish(claim, EffectState.DEAD, "no such kind of message")
            return None
        try:
            with self._store.reading() as work:
                outgoing = renderer(work, claim.payload)
        except PanelbotError as gone:
            self._finish(claim, EffectState.DROPPED, type(gone).__name__)
            return None
        except (LookupError, TypeError, ValueError, AttributeError, AssertionError) as broken:
            # The same rows will break it again: a person must see it.
            self._finish(claim, EffectState.DEAD, incident(broken)[-60:])
            return None
        if outgoing is None:
            self._finish(claim, EffectState.DROPPED, "no longer for its addressee")
        return outgoing

    def _finish(self, claim: Claim, state: EffectState, error: str) -> None:
        with self._store.work() as work:
            finish(work.session, claim, state, error=error[:200])

    def _again(self, claim: Claim, wait: float, error: str) -> None:
        with self._store.work() as work:
            put_back(work.session, claim, wait=wait, error=error[:200])
