"""What a person does in a window: say, click, fill in, submit; each waits for the bot as Slack's own client would."""

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

#: A form of Slack's holds at most 250 kB; nothing that a window sends is larger.
MOST_BYTES = 300_000


class Malformed(Exception):
    """The page sent something that no page of ours sends."""


class Deeds:
    """Everything a window can ask for, one method each. `done` lists them by the names in addresses."""

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
        """Do one deed off the event loop, which the bot's answer needs, and say what came of it."""
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
        """Send a message or a slash command."""
        line = str(given["line"]).strip()
        if not line:
            raise Malformed
        return _told(person.types(str(given["place"]), line, thread_ts=given.get("thread")))

    def click(self, person: Person, given: Json) -> Json:
        """Operate a button, menu or picker. `fields` is what else the form around it holds by now."""
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
            # A message that was edited meanwhile has new block ids; to the person the button is the same.
            if isinstance(target, SeenView):
                raise
            return _told(person.clicks(target, action_id, chosen))

    def submit(self, person: Person, given: Json) -> Json:
        """Press a modal's submit button."""
        return _told(person.submits(self._view(given["view"]), given.get("fields") or {}))

    def close(self, person: Person, given: Json) -> Json:
        """Close a modal, by its button or by Escape."""
        return _told(person.closes(self._view(given["view"]), whole_stack=bool(given.get("whole"))))

    def home(self, person: Person, _given: Json) -> Json:
        """Bring the app's Home tab to the front."""
        person.opens_home()
        return {}

    def shortcut(self, person: Person, given: Json) -> Json:
        """Use a shortcut from a message's menu, or from the menu of shortcuts."""
        on = self._message(person, given) if "ts" in given else None
        return _told(person.uses_shortcut(str(given["callback_id"]), message=on))

    def join(self, person: Person, given: Json) -> Json:
        """Enter a public channel."""
        person.joins(str(given["place"]))
        return {}

    def message_person(self, person: Person, given: Json) -> Json:
        """Return the place of a direct message with a person, opened if need be."""
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
    """Return what Slack's client itself shows; messages and modals reach every window by its live stream."""
    replies = [{"ts": one.ts, "text": one.text or one.words} for one in outcome.replies]
    return {"error": outcome.error, "errors": dict(outcome.errors), "replies": replies}


async def read_json(request: Request) -> Json:
    """Return the JSON object in a request. Raises Malformed; a form of another site cannot send this content type."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Malformed
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise Malformed
    given = json.loads(body)
    if not isinstance(given, dict):
        raise Malformed
    return given
