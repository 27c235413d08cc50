"""What only practice has: moving the clock, beginning afresh, bad weather at Slack, restarting the bot."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.errors import PanelbotError
from bot.practice.page import ahead, guide
from bot.practice.page.deeds import Malformed, read_json
from bot.practice.page.screen import Marks, Surroundings
from bot.practice.page.travel import Travel
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.records import Json

if TYPE_CHECKING:
    from bot.practice.mode import PracticeMode

log = logging.getLogger(__name__)

#: Longer than anybody rehearses an outage; ended by choosing fair weather.
_FOR_NOW = 100_000
_WEATHER: dict[str, Fault | None] = {
    "well": None,
    "slow": Fault.slow(2.5),  # the bot gives a modal two seconds
    "limited": Fault.rate_limited(5),
    "down": Fault.server_error(503),
}
_PROGRESS_SECONDS = 0.25


class Controls:
    """Each control by name; one at a time, off the event loop."""

    def __init__(self, practice: "PracticeMode", surroundings: Surroundings, marks: Marks) -> None:
        self._practice = practice
        self._surroundings = surroundings
        self._marks = marks
        self.travel = Travel(practice, surroundings)
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
        surroundings.add("clock", self.travel.look)
        surroundings.add("bot", self._bot)
        surroundings.add("guide", self._guide)

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
        """Where a person could travel to."""
        zone = ZoneInfo(self._practice.county.county.timezone)
        with self._practice.store.reading() as work:
            panels = ahead.panels_of(work, str(given["as"]), given.get("place"))
            found = {"deadline": ahead.next_deadline(work, panels), "meeting": ahead.next_meeting(work, panels)}
        hour, day = self._practice.clock.now() + timedelta(hours=1), _same_time_tomorrow(self._now(), zone)
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
        self._surroundings.say()
        return {}

    def reset(self, given: Json) -> Json:
        """Forget everything that was done, with or without the sample cases."""
        with self._alone("Beginning afresh …"):
            self._change_weather("well")
            self.travel.stop()
            self._practice.begin_afresh(with_cases=bool(given.get("cases", True)))
            self._marks.forget()
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
        self._surroundings.say()
        return {}

    def _change_weather(self, weather: str) -> None:
        fault = _WEATHER[weather]
        self._practice.workspace.faults.clear()
        if fault is not None:
            self._practice.workspace.faults.next("*", fault, _FOR_NOW)
        if weather == "down":
            self._practice.workspace.disconnect_sockets(None)
        self._weather = weather

    def _now(self) -> datetime:
        return self._practice.clock.now()

    @contextmanager
    def _alone(self, words: str) -> Iterator[None]:
        """Hold the turn: meanwhile nothing else is started or reset, and every window says why."""
        if not self._turn.acquire(blocking=False):
            raise ValueError("One thing at a time: the bot is being started.")
        try:
            self._busy = words
            self._surroundings.say()
            yield
        finally:
            self._busy = ""
            self._forget_progress()
            self._turn.release()
            self._surroundings.say()

    def _forget_progress(self) -> None:
        self._progress = (0.0, self._progress[1])

    def _bot(self) -> Json:
        connected = bool(self._practice.workspace.sockets.connections)
        return {"connected": connected, "weather": self._weather, "busy": self._busy}

    def _guide(self) -> list[Json]:
        """The steps; looked up anew at most four times a second however many windows ask."""
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
    """By the clock on the wall, also when the clocks change overnight."""
    local = now.astimezone(zone)
    return (local.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
