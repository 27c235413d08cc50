"""What only practice has: moving the clock, starting again, outages of Slack, restarting the bot."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.domain.deadlines import is_working_day
from bot.errors import PanelbotError
from bot.practice.page import guide
from bot.practice.page.deeds import Malformed, read_json
from bot.practice.page.screen import Marks
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.records import Json
from bot.store.outbox import count_unfinished

if TYPE_CHECKING:
    from bot.practice.mode import PracticeMode

log = logging.getLogger(__name__)

#: Beyond half a year the sample county's diary is empty.
FARTHEST = timedelta(days=200)
#: What is due is decided by the day and by working hours, so three looks a day miss nothing; a short way is
#: walked in quarters of an hour all the same, since people watch it.
_HOURS = ((9, 1), (13, 0), (16, 59))
_SHORT = timedelta(hours=30)
_QUARTER = timedelta(minutes=15)
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.02


def hops(start: datetime, target: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments to stop at while the clock moves, the target last."""
    if target - start <= _SHORT:
        local = start.astimezone(zone)
        at = local.replace(minute=local.minute // 15 * 15, second=0, microsecond=0) + _QUARTER
        while at < target:
            if is_working_day(at.date()) and 9 <= at.hour < 17:
                yield at
            at += _QUARTER
    else:
        day = start.astimezone(zone).date()
        while day <= target.astimezone(zone).date():
            for hour, minute in _HOURS:
                at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                if start < at < target and is_working_day(day):
                    yield at
            day += timedelta(days=1)
    yield target


class Travel:
    """The moving of the clock, one move at a time, in its own thread. Windows follow it by `look`."""

    def __init__(self, practice: "PracticeMode") -> None:
        self._practice = practice
        self._going: Json | None = None
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    @property
    def under_way(self) -> bool:
        """Tell whether the clock is being moved."""
        return self._thread is not None and self._thread.is_alive()

    def look(self) -> Json:
        """Return how many seconds the workspace's clock is ahead of the machine's, and how far a move has come."""
        ahead = self._practice.clock.now().timestamp() - time.time()
        return {"ahead": round(ahead), "going": self._going}

    def go(self, target: datetime, *, then: Callable[[], None] = lambda: None) -> None:
        """Start to move the clock. Raise ValueError if the target is past or too far ahead, or the clock is moving."""
        now = self._practice.clock.now()
        if self.under_way:
            raise ValueError("The clock is being moved already.")
        if target <= now:
            raise ValueError("The clock only moves forward.")
        if target - now > FARTHEST:
            raise ValueError("The sample county's diary does not reach that far.")
        self._ending.clear()
        self._going = {"to": target.timestamp(), "at": now.timestamp(), "share": 0.0}
        self._thread = threading.Thread(target=self._walk, args=(now, target, then), name="time-travel", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End a journey at its next hop."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS + 1)

    def _walk(self, start: datetime, target: datetime, then: Callable[[], None]) -> None:
        zone = ZoneInfo(self._practice.county.county.timezone)
        try:
            for at in hops(start, target, zone):
                if self._ending.is_set():
                    return
                self._practice.clock.move_to(max(at, self._practice.clock.now()))
                if self._practice.bot is not None:
                    self._practice.bot.ticks.run_all()
                self._wait_until_quiet()
                share = (at - start) / (target - start)
                self._going = {"to": target.timestamp(), "at": at.timestamp(), "share": round(share, 3)}
                self._practice.workspace.state.touch()
        finally:
            self._going = None
            then()
            self._practice.workspace.state.touch()

    def _wait_until_quiet(self) -> None:
        """Let the bot send what fell due, so that messages carry the time they would have had."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and not self._ending.is_set():
            with self._practice.store.reading() as work:
                if count_unfinished(work.session) == 0:
                    return
            time.sleep(_LOOK_SECONDS)
        if not self._ending.is_set():
            log.warning("travelling on although messages still wait to be sent")


#: More calls than an outage in practice ever meets; it ends when Slack is well again.
_FOR_NOW = 100_000
_WEATHER: dict[str, Fault | None] = {
    "well": None,
    "slow": Fault.slow(2.5),  # the bot gives a modal two seconds
    "limited": Fault.rate_limited(5),
    "down": Fault.server_error(503),
}
_PROGRESS_SECONDS = 0.25


class Controls:
    """The controls by name. Only one runs at a time, off the event loop."""

    def __init__(self, practice: "PracticeMode", marks: Marks) -> None:
        self._practice = practice
        self._marks = marks
        self.travel = Travel(practice)
        self._weather = "well"
        self._busy = ""
        self._turn = threading.Lock()
        self._progress: tuple[float, list[Json]] = (0.0, [])
        self._before = 0
        self.remember_beginning()
        self.done: dict[str, Callable[[Json], Json]] = {
            "ahead": self.look_ahead,
            "travel": self.set_out,
            "reset": self.reset,
            "weather": self.change_weather,
            "restart": self.restart,
        }
        #: What windows show beside the workspace; called from any thread.
        self.looks: dict[str, Callable[[], Any]] = {
            "clock": self.travel.look,
            "bot": self._bot,
            "guide": self._guide,
        }

    async def answer(self, request: Request) -> Response:
        """Do what one control says."""
        control = self.done.get(request.path_params["control"])
        if control is None:
            return JSONResponse({"error": "There is no such control."}, status_code=404)
        try:
            given = await read_json(request)
            return JSONResponse(await run_in_threadpool(control, given))
        except (Malformed, KeyError, TypeError) as wrong:
            return JSONResponse({"error": f"That could not be understood ({type(wrong).__name__})."}, status_code=400)
        except ValueError as refused:
            return JSONResponse({"error": str(refused)})
        except (PanelbotError, TimeoutError) as failed:
            log.warning("the bot did not start: %s", failed)
            return JSONResponse({"error": f"The bot did not start: {failed} Let Slack be well, then restart it."})

    def remember_beginning(self) -> None:
        """Note what the county came with: the guide counts only what is done from now on."""
        with self._practice.store.reading() as work:
            self._before = guide.newest_flag(work)

    def look_ahead(self, given: Json) -> Json:
        """Return the moments that a person can move the clock to."""
        zone = ZoneInfo(self._practice.county.county.timezone)
        with self._practice.store.reading() as work:
            panels = guide.panels_of(work, str(given["as"]), given.get("place"))
            found = {"deadline": guide.next_deadline(work, panels), "meeting": guide.next_meeting(work, panels)}
        now = self._practice.clock.now()
        hour, day = now + timedelta(hours=1), _same_time_tomorrow(now, zone)
        return {
            "hour": {"at": hour.timestamp(), "what": ""},
            "day": {"at": day.timestamp(), "what": ""},
            **{
                name: None if mark is None else {"at": mark.at.timestamp(), "what": mark.what}
                for name, mark in found.items()
            },
        }

    def set_out(self, given: Json) -> Json:
        """Move the clock to a moment."""
        self.travel.go(datetime.fromtimestamp(float(given["to"]), UTC), then=self._forget_progress)
        self._practice.workspace.state.touch()
        return {}

    def reset(self, given: Json) -> Json:
        """Forget everything that was done, with or without the sample cases."""
        with self._alone("Beginning afresh …"):
            self._change_weather("well")
            self.travel.stop()
            self._practice.begin_afresh(with_cases=bool(given.get("cases", True)))
            self._marks.clear()
            self.remember_beginning()
        return {}

    def restart(self, _given: Json) -> Json:
        """End the bot and start it again, as after a crash of its machine."""
        if self.travel.under_way:
            raise ValueError("The clock is being moved. Wait until it has arrived.")
        with self._alone("The bot restarts …"):
            self._practice.restart_bot()
        return {}

    def change_weather(self, given: Json) -> Json:
        """Let Slack be slow, rate-limited, down or well again."""
        if given["weather"] not in _WEATHER:
            raise Malformed
        self._change_weather(str(given["weather"]))
        self._practice.workspace.state.touch()
        return {}

    def _change_weather(self, weather: str) -> None:
        fault = _WEATHER[weather]
        self._practice.workspace.faults.clear()
        if fault is not None:
            self._practice.workspace.faults.next("*", fault, _FOR_NOW)
        if weather == "down":
            self._practice.workspace.disconnect_sockets(None)
        self._weather = weather

    @contextmanager
    def _alone(self, words: str) -> Iterator[None]:
        """Hold the turn, so that nothing else starts or resets meanwhile and every window says why."""
        if not self._turn.acquire(blocking=False):
            raise ValueError("One thing at a time: the bot is being started.")
        try:
            self._busy = words
            self._practice.workspace.state.touch()
            yield
        finally:
            self._busy = ""
            self._forget_progress()
            self._turn.release()
            self._practice.workspace.state.touch()

    def _forget_progress(self) -> None:
        self._progress = (0.0, self._progress[1])

    def _bot(self) -> Json:
        connected = bool(self._practice.workspace.sockets.connections)
        return {"connected": connected, "weather": self._weather, "busy": self._busy}

    def _guide(self) -> list[Json]:
        """Return the steps, read at most four times a second however many windows ask."""
        looked_at, steps = self._progress
        if time.monotonic() - looked_at < _PROGRESS_SECONDS or self._busy:
            return steps
        zone = ZoneInfo(self._practice.county.county.timezone)
        try:
            with self._practice.store.reading() as work:
                steps = guide.told(guide.read_progress(work, zone, self._before))
        except SQLAlchemyError:
            # The county was changed under the question; a guide that lags must not take the windows down.
            log.exception("the guide could not be read")
        self._progress = (time.monotonic(), steps)
        return steps


def _same_time_tomorrow(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the same local time tomorrow, also when the clocks change overnight."""
    local = now.astimezone(zone)
    return (local.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
