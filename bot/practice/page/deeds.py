"""The acts of a person in a window: type, click, fill in, submit.

After each act the page waits for the bot, as Slack's own client would.
"""

import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.practice.workspace import sights
from bot.practice.workspace.findings import NotOffered
from bot.practice.workspace.person import Person
from bot.practice.workspace.records import Json
from bot.practice.workspace.sights import Outcome, SeenMessage, SeenView
from bot.practice.workspace.state import State
from bot.practice.workspace.workspace import Workspace

#: The most bytes of a request. Slack's forms have at most 250 kB, and a window sends nothing larger.
MOST_BYTES = 300_000


class Malformed(Exception):
    """Raised for a request that the practice page itself never sends."""


class Deeds:
    """Everything that a person can do in a window, one method for each act. `done` has the methods by name."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.done: dict[str, Callable[[Person, Json], Json]] = {
            "say": self.say,
            "click": self.click,
            "submit": self.submit,
            "close": self.close,
            "home": self.home,
            "shortcut": self.shortcut,
            "join": self.join,
            "message": self.message_person,
        }

    async def answer(self, request: Request) -> Response:
        """Run the act that a request names, outside the event loop, and return its result as JSON."""
        deed = self.done.get(request.path_params["deed"])
        if deed is None:
            return JSONResponse({"error": "There is no such deed."}, status_code=404)
        try:
            given = await read_json(request)
            person = self._workspace.person(str(given["as"]))
            outcome = await run_in_threadpool(deed, person, given)
        except NotOffered as refused:
            return JSONResponse({"error": f"Slack does not offer this here: {refused}."})
        except (Malformed, KeyError, TypeError, ValueError) as wrong:
            return JSONResponse({"error": f"That could not be understood ({type(wrong).__name__})."}, status_code=400)
        return JSONResponse(outcome)

    @property
    def _state(self) -> State:
        return self._workspace.state

    def say(self, person: Person, given: Json) -> Json:
        """Send what a person typed, a message or a slash command, and return the answer."""
        line = str(given["line"]).strip()
        if not line:
            raise Malformed
        return _told(person.types(str(given["place"]), line, thread_ts=given.get("thread")))

    def click(self, person: Person, given: Json) -> Json:
        """Click a button, menu or picker. `fields` in `given` are the present values of the form's other fields."""
        target: SeenMessage | SeenView
        if "view" in given:
            target = self._view(given["view"])
            if given.get("fields"):
                target = person.fills(target, given["fields"])
        else:
            target = self._message(person, given)
        action_id, chosen = str(given["action_id"]), given.get("value")
        try:
            return _told(person.clicks(target, action_id, chosen, block_id=given.get("block_id")))
        except NotOffered:
            # A message that was edited since has new block ids. For the person its button is still the same.
            if isinstance(target, SeenView):
                raise
            return _told(person.clicks(target, action_id, chosen))

    def submit(self, person: Person, given: Json) -> Json:
        """Submit a modal with the values of its fields."""
        return _told(person.submits(self._view(given["view"]), given.get("fields") or {}))

    def close(self, person: Person, given: Json) -> Json:
        """Close a modal with its button or with Escape."""
        return _told(person.closes(self._view(given["view"]), whole_stack=bool(given.get("whole"))))

    def home(self, person: Person, _given: Json) -> Json:
        """Open the app's Home tab."""
        person.opens_home()
        return {}

    def shortcut(self, person: Person, given: Json) -> Json:
        """Use a shortcut from a message's menu or from the menu of shortcuts."""
        on = self._message(person, given) if "ts" in given else None
        return _told(person.uses_shortcut(str(given["callback_id"]), message=on))

    def join(self, person: Person, given: Json) -> Json:
        """Join a public channel."""
        person.joins(str(given["place"]))
        return {}

    def message_person(self, person: Person, given: Json) -> Json:
        """Return the id of the conversation with another person. Create the conversation if there is none."""
        with self._state.lock:
            wanted = str(given["with"])
            if wanted not in self._state.users:
                raise Malformed
            return {"place": self._state.direct_message(sorted({person.id, wanted}))[0].id}

    def _message(self, person: Person, given: Json) -> SeenMessage:
        for one in person.messages(str(given["channel"])):
            if one.ts == given["ts"]:
                return one
        raise NotOffered("this message is gone")

    def _view(self, view_id: Any) -> SeenView:
        with self._state.lock:
            found = self._state.views.get(str(view_id))
            if found is None:
                raise NotOffered("this view is no longer open")
            return sights.view(found)


def _told(outcome: Outcome) -> Json:
    """Return the replies to an act, its error and the errors of form fields, as JSON for the window.

    Messages and modals reach the window separately, by the live stream.
    """
    replies = [{"ts": one.ts, "text": one.text or one.words} for one in outcome.replies]
    return {"error": outcome.error, "errors": dict(outcome.errors), "replies": replies}


async def read_json(request: Request) -> Json:
    """Return the JSON object in a request. Raise Malformed for other content, such as a form sent by another site."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Malformed
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise Malformed
    given = json.loads(body)
    if not isinstance(given, dict):
        raise Malformed
    return given
