"""Periodic work, listed in one table. Each tick does one kind of work in short transactions.

APScheduler stores nothing: what is due is found in the database at each tick, so an outage only delays work. Times here
are in UTC. The use cases work in the time zone of each panel and person.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import SystemClock
from bot.export import make_exports
from bot.records.access.queries import standing_still
from bot.services.actions import chasing
from bot.services.agenda import return_prompts
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import assessments, nrm_chasing, reviews
from bot.services.county.agreements import AGREEMENT_REVIEWS
from bot.services.county.slack_files import FILE_REMOVALS
from bot.services.diary import prompts
from bot.services.diary.channels import CHANNEL_LOOKS
from bot.services.diary.series import DIARIES
from bot.services.invitations import asking
from bot.services.leaving import places
from bot.services.meeting.left_open import MEETINGS_LEFT_OPEN
from bot.store.audit_check import CHECKPOINTS, audit_head
from bot.store.requests import FORGETTING
from bot.store.sweeps import Sweep, run_sweep
from bot.store.unit_of_work import Store, Work

log = logging.getLogger(__name__)
#: Logs daily facts for the record, even if other logging is off. They appear where a real workspace is served.
daily = logging.getLogger("panelbot.daily")


def _name_panels_that_stand_still(work: Work) -> None:
    for panel in standing_still(work.session, work.definitions):
        log.error("the panel %s stands still: its definition %s is missing", panel.key, panel.definition)


def _tell_head(work: Work) -> None:
    """Log the audit's last entry, since a database administrator who changes the audit can't change the log."""
    head = audit_head(work.session.connection())
    daily.info("audit_head entry=%d digest=%s", head.number, head.short)


@dataclass(frozen=True, slots=True)
class Tick:
    """One entry of the table TICKS: a sweep that does some periodic work, and how often it is done."""

    name: str
    every: timedelta
    sweep: Sweep


@dataclass(frozen=True, slots=True)
class Job:
    """Periodic work that is too long for one transaction. The work opens its own transactions."""

    name: str
    every: timedelta
    do: Callable[[Store, Callable[[], bool], Callable[[BaseException], object]], int]


#: The table of ticks. Use cases decide what is due, such as one digest a day in working hours. Ticks only ask often.
TICKS = (
    # Invitations run before prompts: if both are due on the day flags open, one message says both.
    Tick("invitations", timedelta(minutes=5), asking.INVITATIONS),
    Tick("prompts", timedelta(minutes=5), prompts.PROMPTS),
    Tick("owed", timedelta(seconds=20), GATHERINGS),  # so often that the chair soon sees cases that were just sent
    Tick("places", timedelta(minutes=5), places.PLACES),  # before reminders, so that these go to present holders
    Tick("returns", timedelta(minutes=5), return_prompts.RETURN_PROMPTS),
    Tick("reviews", timedelta(minutes=5), reviews.REVIEW_PROMPTS),
    Tick("assessments", timedelta(minutes=5), assessments.ASSESSMENT_PROMPTS),
    Tick("referrals", timedelta(minutes=5), nrm_chasing.NRM_CHASES),
    Tick("chasing", timedelta(minutes=5), chasing.DIGESTS),
    Tick("meetings left open", timedelta(minutes=5), MEETINGS_LEFT_OPEN),
    Tick("slack files", timedelta(minutes=5), FILE_REMOVALS),
    Tick("channels", timedelta(hours=1), CHANNEL_LOOKS),
    Tick("sharing agreements", timedelta(hours=1), AGREEMENT_REVIEWS),
    Tick("diaries", timedelta(hours=1), DIARIES),
    Tick("panels", timedelta(hours=1), Sweep.of_a_look(_name_panels_that_stand_still)),
    Tick("checkpoints", timedelta(hours=1), CHECKPOINTS),
    Tick("audit head", timedelta(days=1), Sweep.of_a_look(_tell_head)),
    Tick("forgetting", timedelta(days=1), FORGETTING),
)


JOBS = (Job("exports", timedelta(seconds=3), make_exports),)  # so often that a person sees the export begin


class Ticks:
    """Does the work of the table TICKS periodically until it is stopped. Several processes may do so at once."""

    def __init__(
        self, store: Store, report: Callable[[BaseException], object], ticks: tuple[Tick, ...] = TICKS
    ) -> None:
        self._store = store
        self._report = report  #: what is done about a tick that fails
        self._ticks = ticks
        self._stopping = threading.Event()
        self._scheduler: BackgroundScheduler | None = None

    def start(self) -> None:
        """Start the scheduler. Each tick runs once immediately, since work may have fallen due while nothing ran."""
        self._stopping.clear()
        scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for tick in self._all():
            trigger = IntervalTrigger(seconds=int(tick.every.total_seconds()), timezone=UTC)
            scheduler.add_job(self.run, trigger, args=[tick], id=tick.name, next_run_time=SystemClock().now())
        scheduler.start()
        self._scheduler = scheduler

    def begin_no_more(self) -> None:
        """Let no further piece of work begin, and return at once. The piece being done now is finished."""
        self._stopping.set()

    def stop(self) -> None:
        """Let no further piece of work begin, and wait until the piece being done now is finished."""
        self._stopping.set()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def run(self, tick: Tick | Job) -> None:
        """Do the work of one tick now. Errors are logged, and the work is tried again at the next tick."""

        def failed(unexpected: BaseException) -> None:
            log.error("the tick %s failed", tick.name)
            self._report(unexpected)

        try:
            if isinstance(tick, Job):
                tick.do(self._store, self._stopping.is_set, failed)
            else:
                run_sweep(self._store, tick.sweep, failed, self._stopping.is_set)
        except Exception as unexpected:  # noqa: BLE001 - one broken tick must not end the others
            failed(unexpected)

    def run_all(self) -> None:
        """Do the work of every tick once now, for practice and tests, in which the clock is moved."""
        for tick in self._all():
            self.run(tick)

    def _all(self) -> list[Tick | Job]:
        return [*self._ticks, *JOBS]
