"""The courier, which claims effects in the outbox, renders them, calls Slack and records the results.

One thread works with the database, and a small pool of threads calls Slack. The thread wakes when a commit queues
effects and when Slack answers a call. In one transaction the thread records answers and claims new effects. It also
frees the claims of processes that died. Rendering checks access again, and each call is recorded before it is made. An
effect is sent again only if Slack refused it before accepting it, or if sending it twice shows the same as once. After
any other unknown outcome, a person decides.

After a message of a gathered kind its lane rests for a few seconds. Effects queued meanwhile go out in one message.
"""

import logging
import math
import os
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bot.domain.notices import Way
from bot.errors import PanelbotError
from bot.models.outbox import EffectState
from bot.services.diary.channels import note_channel, note_guests
from bot.services.meeting.board import redraw_lost_boards
from bot.slack.board_posts import note_lost, note_shown, part_refused
from bot.slack.incidents import incident
from bot.slack.outgoing import (
    Call,
    Gathering,
    LookAtMembers,
    Outgoing,
    Post,
    PostToPerson,
    RemoveFile,
    Renderer,
    Rewrite,
    Upload,
)
from bot.slack.sender import HTTP_SECONDS, MOST_CALLS, Outcome, Sender
from bot.slack.treatments import Treatment
from bot.store.faults import is_unreachable
from bot.store.outbox import (
    LEASE_SECONDS,
    Claim,
    begin_together,
    claim_due,
    finish,
    look,
    mark_opened,
    put_back,
    reap_expired,
)
from bot.store.slack_files import forget_file, mark_arrived, mark_removed, note_file
from bot.store.slack_methods import (
    EVERYTHING,
    LONGEST_REST,
    METHOD_OF,
    OPENING,
    PACES,
    Pace,
    begin_trial,
    channel_of,
    end_trials,
    forget_channel,
    hold,
    hold_unreachable,
    release,
    remember_channel,
    rest_method,
    try_one,
)
from bot.store.unit_of_work import Store, Work

log = logging.getLogger(__name__)

POOL = 16
#: The most calls of one way at once, so that slow posts leave room for answers to clicks.
MOST_OF_ONE_WAY = 12
REAP_SECONDS = 5.0
GATHERING_SECONDS = 5.0  # a lane's pause after a message of a gathered kind
_TOGETHER = 0.02  # commits that follow each other this closely are looked at together
_NOTHING_TO_HAVE = 0.25  # no effect could be claimed: another process holds it, or a clock was set back
_SHORTEST_SLEEP = 0.02  # another process may hold the due effects: look again soon, but don't spin
_NOT_THEIRS = "no longer for its addressee"
_BROKEN = (PanelbotError, LookupError, TypeError, ValueError, AttributeError, AssertionError)
MOST_TRIES = 8  # tries of an effect that keeps failing, after which a person decides
_LONGEST_WAIT = 600.0  # seconds between two tries of one effect


def settle(work: Work, claim: Claim, call: Call, outcome: Outcome, *, rest: float, longest_rest: float) -> float:
    """Record the result of a call. Return the seconds until the effects of its lane may be claimed again.

    `rest` is the pause in seconds that follows a message accepted by Slack. `longest_rest` is the longest pause for a
    method that Slack refused.
    """
    session = work.session
    if isinstance(call, PostToPerson | Upload):
        if outcome.opened is not None:
            remember_channel(session, call.team_id, call.user_id, outcome.opened)
        if claim.may_open and outcome.method != OPENING:
            mark_opened(session, claim.lane, is_opened=True)
    treatment = outcome.treatment
    _note_files(work, call, outcome)
    _note_channel(work, call, outcome)
    note_shown(work, call, outcome)
    if treatment is None:
        longest = finish(session, claim, EffectState.DONE, result=outcome.result, rest=rest)
        _passed(work, claim, claim.trials)
        return longest
    method = outcome.method if outcome.method == OPENING else METHOD_OF[claim.way]
    if treatment in (Treatment.UNREACHABLE, Treatment.NO_ANSWER) and EVERYTHING in claim.trials:
        # Slack answered another call a moment ago, so only this method fails, and calls of other methods go on.
        _passed(work, claim, {EVERYTHING})
        rest_method(session, method, None, was_tried=True, longest=longest_rest)
        treatment = Treatment.LATER if treatment is Treatment.UNREACHABLE else Treatment.UNCERTAIN
    elif treatment in (Treatment.UNREACHABLE, Treatment.NO_ANSWER):
        if hold_unreachable(session, was_tried=False):
            log.warning("Slack does not answer (%s): it is asked again every second", outcome.error)
    elif treatment is Treatment.HOLD:
        _hold(work, claim, EVERYTHING, outcome, longest_rest)
    elif treatment is Treatment.HOLD_METHOD:
        _passed(work, claim, claim.trials & {EVERYTHING})
        _hold(work, claim, method, outcome, longest_rest)
    elif treatment is Treatment.REST or treatment is Treatment.UNCERTAIN:
        _passed(work, claim, claim.trials & {EVERYTHING})
        rest_method(session, method, outcome.wait, was_tried=method in claim.trials, longest=longest_rest)
    else:
        _passed(work, claim, claim.trials)  # Slack handled the call, so other calls of the method may go
    return _settle_effect(work, claim, call, outcome, treatment)


def _note_channel(work: Work, call: Call, outcome: Outcome) -> None:
    """Record what Slack said about a panel's channel: whether it is shared, or which accounts are in it."""
    is_shared = outcome.treatment is Treatment.SHARED
    if isinstance(call, Post | Rewrite) and (is_shared or "is_shared" in outcome.result):
        note_channel(work, call.channel_id, shared=is_shared)
    if isinstance(call, LookAtMembers) and outcome.treatment is None:
        note_guests(work, call.panel_id, **outcome.result)


def _note_files(work: Work, call: Call, outcome: Outcome) -> None:
    """Record whether a file arrived in Slack, was refused by Slack, or is removed from Slack.

    A file whose outcome is unknown keeps its row, so that it is removed from Slack later in any case.
    """
    file_id = outcome.result.get("file")
    if file_id is None:
        return
    if isinstance(call, RemoveFile):
        mark_removed(work.session, file_id, work.now)
    elif outcome.treatment is None:
        mark_arrived(work.session, file_id, work.now)
    elif outcome.treatment not in (Treatment.NO_ANSWER, Treatment.UNCERTAIN):
        forget_file(work.session, file_id)


def _settle_effect(work: Work, claim: Claim, call: Call, outcome: Outcome, treatment: Treatment) -> float:
    """Finish the effects of a failed call or queue them again. Return the seconds until their lane may send again."""
    wait = min(_LONGEST_WAIT, 2.0**claim.tries)
    is_last = claim.tries >= MOST_TRIES
    error = f"{outcome.error}"[:200]
    if treatment in (Treatment.HOLD, Treatment.HOLD_METHOD, Treatment.REST, Treatment.UNREACHABLE):
        put_back(work.session, claim, wait=0.0, error=error, was_tried=False)
        return 0.0
    if treatment in (Treatment.NO_ANSWER, Treatment.UNCERTAIN):
        if not call.repeatable or is_last:
            log.warning("effect %s (%s) may or may not have arrived: %s", claim.ids, claim.kind, error)
            finish(work.session, claim, EffectState.AMBIGUOUS, error=error)
            note_lost(work, call)
            return 0.0
        wait = 0.0 if claim.tries == 1 else wait
    elif treatment is Treatment.SHARED:
        finish(work.session, claim, EffectState.DROPPED, error=error)
        return 0.0
    elif treatment is Treatment.REBUILD and not is_last:
        wait = 0.0
    elif treatment is Treatment.REOPEN and isinstance(call, PostToPerson | Upload) and outcome.opened is None:
        forget_channel(work.session, call.team_id, call.user_id)
        mark_opened(work.session, claim.lane, is_opened=False)
        wait = 0.0
    elif treatment is not Treatment.LATER or is_last:
        log.warning("effect %s (%s) was refused: %s", claim.ids, claim.kind, error)
        claim = part_refused(work, claim, call, error)
        finish(work.session, claim, EffectState.DEAD, error=error)
        return 0.0
    put_back(work.session, claim, wait=wait, error=error)
    return wait


def _hold(work: Work, claim: Claim, name: str, outcome: Outcome, longest: float) -> None:
    if hold(work.session, name, outcome.error, was_tried=name in claim.trials, longest=longest):
        what = "nothing is sent" if name == EVERYTHING else f"nothing is sent by {name}"
        log.error("Slack refuses %s (%s): %s until that is put right", outcome.method, outcome.error, what)


def _passed(work: Work, claim: Claim, names: frozenset[str] | set[str]) -> None:
    """Stop holding back the methods in `names` that this call has shown to work again.

    The call worked, so other calls of these methods can be made again.
    """
    for name in sorted(names & claim.trials):
        was = release(work.session, name)
        if was is not None:
            log.warning("Slack takes messages again%s (%s is over)", "" if name == EVERYTHING else f" by {name}", was)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A claim with its rendered effect and, for a direct message, the channel or None if the channel is unknown."""

    claim: Claim
    outgoing: Outgoing
    channel_id: str | None
    looked: Work  #: the unit of work of the rendering, whose audit entries are written when the effect is sent


class Courier:
    """The background thread that sends effects of the outbox. If several processes have one, they share the effects."""

    def __init__(
        self,
        store: Store,
        renderers: Mapping[str, Renderer],
        sender: Sender,
        *,
        gathering: float = GATHERING_SECONDS,
        paces: Mapping[str, Pace] = PACES,
        longest_rest: float = LONGEST_REST,
    ) -> None:
        self._store = store
        self._renderers = renderers
        self._sender = sender
        self._gathering = gathering
        self._paces = paces
        self._longest_rest = longest_rest
        self._owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._stopping = threading.Event()
        self._turn = threading.Condition()  # its lock may be taken again by the thread that has it
        self._look_at = 0.0  # monotonic, as below: when the thread looks at the outbox next
        self._resting: dict[str, float] = {}  # lanes that send or have just sent, and when to look at them again
        self._reap_at = 0.0
        self._is_careful = False  # a turn failed, so results are recorded one by one
        self._flying: Counter[Way] = Counter()  # calls under way; only the thread counts them
        self._landed: deque[tuple[_Ready, Outcome]] = deque()  # answered, and not yet recorded
        self._answers: deque[Outcome] = deque()  # Slack's answers when asked whether it accepts the token again
        self._pool: ThreadPoolExecutor | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the courier's thread and its pool of senders."""
        self._stopping.clear()
        self._pool = ThreadPoolExecutor(POOL, thread_name_prefix="courier")
        self._store.on_effects = self._wake
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the courier after the calls under way have ended and their results are recorded."""
        self._stopping.set()
        self._look_by(0.0)
        if self._thread is not None:
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            try:
                with self._store.work() as work:
                    self._record(work, self._landed, self._answers)
                self._forget(list(self._landed), list(self._answers))
            except Exception as unexpected:  # noqa: BLE001 - without a database its lease runs out, and a person decides
                incident(unexpected)

    def is_running(self) -> bool:
        """Return whether the courier's thread runs and sends effects."""
        return self._thread is not None and self._thread.is_alive() and not self._stopping.is_set()

    def wake(self) -> None:
        """Have the courier's thread look at the outbox at once."""
        self._look_by(0.0)

    def _wake(self, lanes: frozenset[str]) -> None:
        """Have the thread look for new effects in these lanes as soon as one of the lanes may send."""
        with self._turn:
            self._look_by(min(self._resting.get(lane, 0.0) for lane in lanes))

    def _look_by(self, moment: float) -> None:
        with self._turn:
            if moment < self._look_at:
                self._look_at = moment
                self._turn.notify()

    def _run(self) -> None:
        self._reap_at = time.monotonic() + REAP_SECONDS
        while not self._stopping.is_set():
            with self._turn:
                self._look_at = math.inf
            try:
                pause = self._take_turn()
                self._is_careful = False
            except Exception as unexpected:  # noqa: BLE001 - the database may be away for a while; the courier is not
                incident(unexpected)
                if self._is_careful and not is_unreachable(unexpected):
                    self._forget(list(self._landed)[:1], ())  # it can't be recorded even alone, so its lease runs out
                self._is_careful = True
                pause = 1.0
            self._look_by(time.monotonic() + pause)
            with self._turn:
                while not self._stopping.is_set() and (wait := self._look_at - time.monotonic()) > 0.0:
                    self._turn.wait(wait)
            if not self._landed or len(self._landed) < self._flying.total():
                self._stopping.wait(_TOGETHER)  # else nothing more is under way, and people may answer already

    def _take_turn(self) -> float:
        """Record the results of finished calls and send the effects now due. Return the seconds until the next turn."""
        landed, answers = list(self._landed)[: 1 if self._is_careful else None], list(self._answers)
        flying = self._flying - Counter(ready.claim.way for ready, _ in landed)
        free = POOL - flying.total()
        room = {way: MOST_OF_ONE_WAY - flying[way] for way in Way}
        must_reap = time.monotonic() >= self._reap_at
        # A look blocks nobody, but a claim takes the database's writer, which commands need. So look first.
        with self._store.reading() as work:
            outlook = look(work.session, [way for way, number in room.items() if number <= 0])
        is_due = outlook.wait == 0.0 and free > 0
        claims: list[Claim] = []
        must_ask = False
        if landed or answers or must_reap or is_due:
            with self._store.work() as work:
                settled = self._record(work, landed, answers)
                if must_reap and reap_expired(work.session):
                    redraw_lost_boards(work)
                if is_due and outlook.must_ask:
                    must_ask = begin_trial(work.session, EVERYTHING)
                elif is_due:
                    claims = claim_due(
                        work.session, self._owner, most=free, gathered=self._gathered, room=room, paces=self._paces
                    )
            self._forget(landed, answers)
            with self._turn:
                for lane, rest in settled.items():
                    self._resting[lane] = time.monotonic() + rest
                    self._look_by(self._resting[lane])
            if must_reap:
                self._reap_at = time.monotonic() + REAP_SECONDS
        if must_ask and self._pool is not None:
            self._pool.submit(self._ask)
        with self._turn:
            self._resting |= {claim.lane: time.monotonic() + LEASE_SECONDS for claim in claims}
        self._launch(claims)
        if free == 0 or outlook.wait is None:
            return REAP_SECONDS  # the next answer wakes it
        if is_due and not claims:
            return _NOTHING_TO_HAVE
        return min(REAP_SECONDS, max(_SHORTEST_SLEEP, outlook.wait))

    @property
    def _gathered(self) -> dict[str, int]:
        return {kind: how.most for kind, how in self._renderers.items() if isinstance(how, Gathering)}

    def _launch(self, claims: Sequence[Claim]) -> None:
        """Render claimed effects, record that they are being sent, and hand their calls to the pool of threads."""
        ready = [found for claim in claims if (found := self._rendered(claim)) is not None]
        if not ready or self._pool is None:
            return
        with self._store.work() as work:
            parted = [found for one in ready if (found := self._parted(work, one)) is not None]
            kept: set[str] = set()
            for lease in {_lease_for(one.outgoing.call) for one in parted}:
                together = [one.claim for one in parted if _lease_for(one.outgoing.call) == lease]
                kept |= begin_together(work.session, together, lease=lease)
            begun = [one for one in parted if one.claim.lane in kept]
            for one in parted:
                if one.claim.lane not in kept:
                    end_trials(work.session, one.claim.trials)
            for one in begun:
                work.take_over(one.looked)
        for one in begun:
            self._flying[one.claim.way] += 1
            self._pool.submit(self._deliver, one)

    def _parted(self, work: Work, ready: _Ready) -> _Ready | None:
        """Remove the effects from a claim that should not be sent now. Return the claim with the other effects.

        Effects that are no longer meant for their addressee are dropped. Effects that must wait are queued again.
        Return None if nothing can be sent now.
        """
        claim, outgoing = ready.claim, ready.outgoing
        if outgoing.dropped:
            finish(work.session, claim.only(outgoing.dropped), EffectState.DROPPED, error=_NOT_THEIRS)
        if outgoing.waiting:
            put_back(work.session, claim.only(outgoing.waiting), wait=0.0)
        apart = {*outgoing.dropped, *outgoing.waiting}
        claim = claim.only(each for each in range(len(claim.ids)) if each not in apart)
        if isinstance(outgoing.call, PostToPerson | Upload) and ready.channel_id is None and not claim.may_open:
            # The channel became unknown after the claim, which may not open one. The effect waits for a claim that may.
            put_back(work.session, claim, wait=0.0, was_tried=False)
            mark_opened(work.session, claim.lane, is_opened=False)
            end_trials(work.session, claim.trials)
            return None
        return _Ready(claim, outgoing, ready.channel_id, ready.looked)

    def _deliver(self, ready: _Ready) -> None:
        self._landed.append((ready, self._sender.send(ready.outgoing.call, ready.channel_id, self._note_file)))
        self.wake()

    def _note_file(self, call: Upload, file_id: str, channel_id: str, digest: str) -> None:
        """Record a file before Slack shows the file, so that it is removed later even if this process dies now."""
        with self._store.work() as work:
            number = note_file(work.session, call.record, file_id, channel_id, work.now, digest)
            of, by = call.record.panel_id, call.record.person_id
            work.audit("make", "file", number, panel_id=of, actor_id=by, sha256=digest)

    def _ask(self) -> None:
        self._answers.append(self._sender.ask())
        self.wake()

    def _record(
        self, work: Work, landed: Sequence[tuple[_Ready, Outcome]], answers: Sequence[Outcome]
    ) -> dict[str, float]:
        """Record the results of calls, and Slack's answers about the token. Return how many seconds each lane rests."""
        for answer in answers:
            self._heard(work, answer)
        rests: dict[str, float] = {}
        for ready, outcome in landed:
            claim = ready.claim
            how = self._renderers[claim.kind]
            rest = 0.0
            if isinstance(how, Gathering):
                rest = self._gathering if how.rest is None else how.rest
            rests[claim.lane] = settle(
                work, claim, ready.outgoing.call, outcome, rest=rest, longest_rest=self._longest_rest
            )
        return rests

    def _forget(self, landed: Sequence[tuple[_Ready, Outcome]], answers: Sequence[Outcome]) -> None:
        for _ in answers:
            self._answers.popleft()
        for ready, _ in landed:
            self._landed.popleft()
            self._flying[ready.claim.way] -= 1

    def _heard(self, work: Work, answer: Outcome) -> None:
        """Record whether Slack accepts the token. If so, send one effect as a trial. Otherwise hold all effects."""
        if answer.treatment is None:
            try_one(work.session)
        elif answer.treatment in (Treatment.HOLD, Treatment.HOLD_METHOD):
            if hold(work.session, EVERYTHING, answer.error, was_tried=True, longest=self._longest_rest):
                log.error("Slack refuses the bot (%s): nothing is sent until that is put right", answer.error)
        else:
            hold_unreachable(work.session, was_tried=True)

    def _rendered(self, claim: Claim) -> _Ready | None:
        renderer = self._renderers.get(claim.kind)
        if renderer is None:
            self._finish(claim, EffectState.DEAD, "no such kind of message")
            return None
        try:
            with self._store.reading(may_audit=True) as work:
                if isinstance(renderer, Gathering):
                    outgoing = renderer.render(work, claim.payloads)
                else:
                    outgoing = renderer(work, claim.payloads[0])
                channel_id = None
                if outgoing is not None and isinstance(call := outgoing.call, PostToPerson | Upload):
                    channel_id = channel_of(work.session, call.team_id, call.user_id)
        except _BROKEN as broken:
            if len(claim.ids) > 1:
                self._set_apart(claim)
            elif isinstance(broken, PanelbotError):
                self._finish(claim, EffectState.DROPPED, type(broken).__name__)
            else:
                # The same rows would fail again, so a person must be told.
                self._finish(claim, EffectState.DEAD, incident(broken)[-60:])
            return None
        if outgoing is None:
            self._finish(claim, EffectState.DROPPED, _NOT_THEIRS)
            return None
        return _Ready(claim, outgoing, channel_id, work)

    def _set_apart(self, claim: Claim) -> None:
        """Render each effect of a claim alone. End those that can't be rendered, and queue the others again."""
        for position in range(len(claim.ids)):
            alone = claim.only([position])
            if self._rendered(alone) is not None:
                with self._store.work() as work:
                    put_back(work.session, alone, wait=0.0)
                    end_trials(work.session, alone.trials)

    def _finish(self, claim: Claim, state: EffectState, error: str) -> None:
        with self._store.work() as work:
            finish(work.session, claim, state, error=error[:200], was_called=False)
            end_trials(work.session, claim.trials)
        self._resting.pop(claim.lane, None)  # effects queued next in the lane need not wait


def _lease_for(call: Call) -> float:
    """Return the seconds for which effects stay claimed while sent, so that no other process sends them too."""
    has_several = isinstance(call, Post | PostToPerson | Upload | LookAtMembers)
    return HTTP_SECONDS * MOST_CALLS + LEASE_SECONDS if has_several else LEASE_SECONDS
