"""What becomes of an effect, of its lane and of its method once its call was answered."""

import logging
from dataclasses import dataclass

from bot.models.outbox import EffectState
from bot.slack.outgoing import Call, PostToPerson, Upload
from bot.slack.sender import Outcome
from bot.slack.slack_errors import Treatment
from bot.store.outbox import Claim, finish, mark_opened, put_back
from bot.store.slack_methods import (
    EVERYTHING,
    METHOD_OF,
    OPENING,
    forget_channel,
    hold,
    hold_unreachable,
    release,
    remember_channel,
    rest_method,
)
from bot.store.unit_of_work import Work

log = logging.getLogger(__name__)

MOST_TRIES = 8  # of what keeps failing: then a person decides
_LONGEST_WAIT = 600.0  # seconds between two tries of one effect


@dataclass(frozen=True, slots=True)
class Settled:
    """A lane that may be looked at again in `rest` seconds."""

    lane: str
    rest: float


def settle(work: Work, claim: Claim, call: Call, outcome: Outcome, *, rest: float, longest_rest: float) -> Settled:
    """Record what came of a call. Return when its lane is worth a look.

    `rest` is the lane's after a message that was taken, `longest_rest` that of a method which is refused.
    """
    session = work.session
    if isinstance(call, PostToPerson | Upload) and outcome.opened is not None:
        remember_channel(session, call.team_id, call.user_id, outcome.opened)
    if isinstance(call, PostToPerson | Upload) and (claim.may_open and outcome.method != OPENING):
        mark_opened(session, claim.lane, is_opened=True)
    treatment = outcome.treatment
    if treatment is None:
        longest = finish(session, claim, EffectState.DONE, result=outcome.result, rest=rest)
        _passed(work, claim, claim.trials)
        return Settled(claim.lane, longest)
    method = outcome.method if outcome.method == OPENING else METHOD_OF[claim.way]
    if treatment in (Treatment.UNREACHABLE, Treatment.NO_ANSWER) and EVERYTHING in claim.trials:
        # Slack answered a moment ago: it is this method that fails, and the others can go on.
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
        _passed(work, claim, claim.trials)  # Slack looked at it, so that others may go
    return Settled(claim.lane, _settle_effect(work, claim, call, outcome, treatment))


def _settle_effect(work: Work, claim: Claim, call: Call, outcome: Outcome, treatment: Treatment) -> float:
    """End the effect or put it back. Return after how many seconds its lane goes on."""
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
            return 0.0
        wait = 0.0 if claim.tries == 1 else wait
    elif treatment is Treatment.REBUILD and not is_last:
        wait = 0.0
    elif treatment is Treatment.REOPEN and isinstance(call, PostToPerson | Upload) and outcome.opened is None:
        forget_channel(work.session, call.team_id, call.user_id)
        mark_opened(work.session, claim.lane, is_opened=False)
        wait = 0.0
    elif treatment is not Treatment.LATER or is_last:
        log.warning("effect %s (%s) was refused: %s", claim.ids, claim.kind, error)
        finish(work.session, claim, EffectState.DEAD, error=error)
        return 0.0
    put_back(work.session, claim, wait=wait, error=error)
    return wait


def _hold(work: Work, claim: Claim, name: str, outcome: Outcome, longest: float) -> None:
    if hold(work.session, name, outcome.error, was_tried=name in claim.trials, longest=longest):
        what = "nothing is sent" if name == EVERYTHING else f"nothing is sent by {name}"
        log.error("Slack refuses %s (%s): %s until that is put right", outcome.method, outcome.error, what)


def _passed(work: Work, claim: Claim, names: frozenset[str] | set[str]) -> None:
    """What this call was tried for works: others may follow."""
    for name in sorted(names & claim.trials):
        was = release(work.session, name)
        if was is not None:
            log.warning("Slack takes messages again%s (%s is over)", "" if name == EVERYTHING else f" by {name}", was)
