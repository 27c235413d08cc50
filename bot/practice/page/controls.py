"""The controls that only practice mode has: move the clock, start again, make Slack fail, restart the bot."""

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
#: Deadlines fall on days and in working hours, so three stops a day miss none. A short move stops every quarter of
#: an hour, since people watch it.
_HOURS = ((9, 1), (13, 0), (16, 59))
_SHORT = timedelta(hours=30)
_QUARTER = timedelta(minutes=15)
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.02


def hops(start: datetime, target: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments at which the clock stops while it is moved. The last one is the target."""
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
    """Moves the practice clock in a thread of its own, one move at a time. Browser windows show what `look` returns."""

    def __init__(self, practice: "PracticeMode") -> None:
        self._practice = practice
        self._going: Json | None = None
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    @property
    def under_way(self) -> bool:
        """Return whether the clock is being moved."""
        return self._thread is not None and self._thread.is_alive()

    def look(self) -> Json:
        """Return how many seconds the workspace's clock is ahead of real time, and any move under way, as JSON."""
        ahead = self._practice.clock.now().timestamp() - time.time()
        return {"ahead": round(ahead), "going": self._going}

    def go(self, target: datetime, *, then: Callable[[], None] = lambda: None) -> None:
        """Start to move the clock to `target`, and call `then` when the move has ended.

        Raise ValueError if the target is past or too far ahead, or the clock already moves.
        """
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
        """End the clock's move at its next stop, and wait until the move has ended."""
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
        """Wait until the bot has sent all messages that are due, so that each message is dated when it was due."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and not self._ending.is_set():
            with self._practice.store.reading() as work:
                if count_unfinished(work.session) == 0:
                    return
            time.sleep(_LOOK_SECONDS)
        if not self._ending.is_set():
            log.warning("travelling on although messages still wait to be sent")


#: How many calls an outage fails, more than practice ever needs. It ends when a person sets Slack to "well".
_FOR_NOW = 100_000
_WEATHER: dict[str, Fault | None] = {
    "well": None,
    "slow": Fault.slow(2.5),  # the bot gives a modal two seconds
    "limited": Fault.rate_limited(5),
    "down": Fault.server_error(503),
}
_PROGRESS_SECONDS = 0.25


class Controls:
    """The controls of practice mode, which requests choose by name. Starts and resets of the bot run one at a time."""

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
        #: The parts of a window that don't come from the workspace. Any thread may call these.
        self.looks: dict[str, Callable[[], Any]] = {
            "clock": self.travel.look,
            "bot": self._bot,
            "guide": self._guide,
        }

    async def answer(self, request: Request) -> Response:
        """Run the control that a request names. Return its result, or the error that it raised, as JSON."""
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
        """Store the number of the newest flag, so that the guide counts only flags made from now on."""
        with self._practice.store.reading() as work:
            self._before = guide.newest_flag(work)

    def look_ahead(self, given: Json) -> Json:
        """Return the moments to which the clock can move: in an hour, in a day, the next deadline, the next meeting."""
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
        """Start to move the clock to the moment in the request."""
        self.travel.go(datetime.fromtimestamp(float(given["to"]), UTC), then=self._forget_progress)
        self._practice.workspace.state.touch()
        return {}

    def reset(self, given: Json) -> Json:
        """Start again with a new county, with or without the sample cases."""
        with self._alone("Beginning afresh …"):
            self._change_weather("well")
            self.travel.stop()
            self._practice.begin_afresh(with_cases=bool(given.get("cases", True)))
            self._marks.clear()
            self.remember_beginning()
        return {}

    def restart(self, _given: Json) -> Json:
        """Stop the bot and start it again, as after a crash."""
        if self.travel.under_way:
            raise ValueError("The clock is being moved. Wait until it has arrived.")
        with self._alone("The bot restarts …"):
            self._practice.restart_bot()
        return {}

    def change_weather(self, given: Json) -> Json:
        """Make the local Slack slow, rate-limited or unavailable, or let it work normally again."""
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
        """Prevent other starts and resets while the `with` block runs, and show `words` in every window meanwhile.

        Raise ValueError if a start or reset is running already.
        """
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
        """Return the steps of the guide. The database is read at most four times a second, however many windows ask."""
        looked_at, steps = self._progress
        if time.monotonic() - looked_at < _PROGRESS_SECONDS or self._busy:
            return steps
        zone = ZoneInfo(self._practice.county.county.timezone)
        try:
            with self._practice.store.reading() as work:
                steps = guide.told(guide.read_progress(work, zone, self._before))
        except SQLAlchemyError:
            # The county was replaced during the query. The windows go on with the earlier steps.
            log.exception("the guide could not be read")
        self._progress = (time.monotonic(), steps)
        return steps


def _same_time_tomorrow(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment tomorrow with the same local time, even if the clocks change overnight."""
    local = now.astimezone(zone)
    return (local.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
