"""What a person can do with the buttons, menus and modals that Slack's client shows."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bot.practice.stopwatch import GIVE_UP_SECONDS
from bot.practice.workspace import block_kit, payloads, sights
from bot.practice.workspace.delivery import Courier, Delivery
from bot.practice.workspace.findings import ApiError, NotOffered
from bot.practice.workspace.manifest import Manifest
from bot.practice.workspace.records import Channel, Json, Message, User, View
from bot.practice.workspace.sights import Outcome, SeenMessage, SeenView
from bot.practice.workspace.state import State
from bot.practice.workspace.views_api import new_view, replace_definition, show

T = TypeVar("T")


class Onlooker:
    """A person who looks at Slack: messages, the open modal, the Home tab."""

    def __init__(self, state: State, manifest: Manifest, courier: Courier, user_id: str) -> None:
        self._state = state
        self._manifest = manifest
        self._courier = courier
        self.id = user_id

    def __repr__(self) -> str:
        return f"Person({self.id})"

    @property
    def user(self) -> User:
        """Return the person's account."""
        return self._state.users[self.id]

    @property
    def direct(self) -> str:
        """Return the id of the person's conversation with the app. Create the conversation if there is none."""
        with self._state.lock:
            return self._state.direct_message([self.id, self._state.bot.id])[0].id

    @property
    def view(self) -> SeenView | None:
        """Return the modal on top of the person's screen, or None if no modal is open."""
        with self._state.lock:
            stack = self._state.stack(self.id)
            return sights.view(stack[-1]) if stack else None

    @property
    def home(self) -> SeenView | None:
        """Return the app's Home tab as it was last published for this person, or None if it never was."""
        with self._state.lock:
            shown = self._state.homes.get(self.id)
            return None if shown is None else sights.view(self._state.views[shown])

    def messages(self, channel: str, *, thread_ts: str | None = None) -> list[SeenMessage]:
        """Return the messages that this person sees in a conversation, oldest first, or [] if they can't read it.

        With `thread_ts` only the messages of that thread are returned.
        """
        with self._state.lock:
            shown = self._state.seen(self.user, channel)
            return [sights.message(m) for m in shown if thread_ts is None or thread_ts in (m.ts, m.thread_ts)]

    def dm(self) -> list[SeenMessage]:
        """Return the messages in the person's conversation with the app."""
        return self.messages(self.direct)

    def waits_for(self, wanted: Callable[[], T], seconds: float = GIVE_UP_SECONDS) -> T:
        """Call `wanted` after each change until its result is true. Return this result.

        Raise TimeoutError after `seconds`.
        """
        return self._state.waits_for(wanted, seconds, f"what {self.id} should see")

    def reloads(self) -> None:
        """Restart Slack's client. Ephemeral messages and open modals are lost (chat.postEphemeral: not persisted)."""
        with self._state.lock:
            self._state.ephemerals.pop(self.id, None)
            self._state.close_views(self.id)
            self._state.touch()

    # --- what the client checks -------------------------------------------------------------------------

    def _must_be_active(self) -> None:
        if self.user.deleted:
            raise NotOffered(f"{self.id} is deactivated")

    def _may_write_to_app(self) -> bool:
        return self._manifest.messages_tab and not self._manifest.messages_tab_read_only

    def _place(self, channel: str) -> Channel:
        self._must_be_active()
        place = self._state.channels.get(channel)
        if place is None or self.id not in place.members:
            raise NotOffered(f"{self.id} is not in {channel}")
        if place.archived:
            raise NotOffered(f"{channel} is archived")
        return place

    def _visible(self, target: SeenMessage) -> Message:
        for message in self._state.seen(self.user, target.channel):
            if message.ts == target.ts:
                return message
        raise NotOffered(f"{self.id} no longer sees this message")

    def _open(self, target: SeenView) -> View:
        view = self._state.views.get(target.id)
        if view is None or view.user != self.id:
            raise NotOffered("this view is no longer open")
        return view


_MODAL = frozenset({"modal"})


def respond(state: State, view: View, answer: Any) -> dict[str, str]:
    """Carry out the app's answer to a submission. Return errors for fields. Raise ApiError for a malformed answer."""
    if answer in (None, "", {}):
        _close(state, view)
        return {}
    if not isinstance(answer, dict):
        raise ApiError("invalid_response")
    action = answer.get("response_action")
    if action == "clear":
        state.close_views(view.user)
    elif action == "errors":
        return _errors(view, answer.get("errors"))
    elif action == "update":
        replace_definition(state, view, block_kit.view(answer.get("view"), kinds=_MODAL))
    elif action == "push":
        show(state, new_view(state, view.user, block_kit.view(answer.get("view"), kinds=_MODAL)), on_top=True)
    else:
        raise ApiError("invalid_response")
    return {}


def _close(state: State, view: View) -> None:
    ids = state.stacks.get(view.user, [])
    # The app may have opened other modals since. Only this view closes, with the modals on top of it.
    if view.id in ids:
        state.close_views(view.user, keep=ids.index(view.id))


def _errors(view: View, errors: Any) -> dict[str, str]:
    fields = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or any(key not in fields for key in errors):
        raise ApiError("invalid_response")
    if any(not isinstance(sentence, str) or not 1 <= len(sentence) <= 2000 for sentence in errors.values()):
        raise ApiError("invalid_response")
    return dict(errors)


def response_urls(state: State, user: str, view: View) -> list[Json]:
    """Return a response_url for each conversation chosen in a field that has `response_url_enabled`."""
    issued = []
    for block, element in block_kit.interactive(view.blocks):
        if not element.get("response_url_enabled"):
            continue
        value = view.values[block["block_id"]][element["action_id"]]
        channel = value.get("selected_conversation") or value.get("selected_channel")
        if channel in state.channels:
            issued.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel,
                    "response_url": state.new_response_url("actions", channel, user),
                }
            )
    return issued


#: What Slack shows at a modal or button if the app did not acknowledge in time.
TROUBLE = "We had some trouble connecting. Try again?"


class FormUser(Onlooker):
    """An onlooker who also clicks, and fills in, submits and closes modals."""

    def clicks(
        self, target: SeenMessage | SeenView, action_id: str, value: Any = None, *, block_id: str | None = None
    ) -> Outcome:
        """Click a button, or choose in a menu or picker. If buttons share an action_id, `value` says which is meant.

        For menus and pickers `value` is what the person chooses, as in `payloads.filled`.
        """
        with self._state.lock:
            self._must_be_active()
            if not self._manifest.interactive:
                return Outcome(error="This app is not configured to handle interactive responses")
            if isinstance(target, SeenView):
                body = self._click_in_view(self._open(target), action_id, value, block_id)
            else:
                body = self._click_in_message(self._visible(target), action_id, value, block_id)
        return self._after_click(body)

    def _after_click(self, body: Json) -> Outcome:
        answer = self._courier.ask(Delivery("interactive", body, accepts_response=False))
        return Outcome(view=self.view, error=None if answer.reason == "ok" else TROUBLE)

    def _click_in_view(self, view: View, action_id: str, value: Any, block_id: str | None) -> Json:
        block, element = _find(view.blocks, action_id, value, block_id)
        chosen = self._chosen(element, value)
        if chosen is not None and element["type"] in payloads.FIELDS:
            view.values[block["block_id"]][element["action_id"]] = chosen
        if block["type"] == "input" and not block.get("dispatch_action", False):
            raise NotOffered(f"{action_id} is an input that does not dispatch actions: submit the view")
        action = payloads.action(element, block["block_id"], chosen, at=self._state.clock())
        return payloads.block_actions_in_view(self._state, self.user, view, action)

    def _click_in_message(self, message: Message, action_id: str, value: Any, block_id: str | None) -> Json:
        block, element = _find(message.blocks, action_id, value, block_id)
        chosen = self._chosen(element, value)
        values = payloads.initial_values(message.blocks)
        if chosen is not None and element["type"] in payloads.FIELDS:
            values[block["block_id"]][element["action_id"]] = chosen
        action = payloads.action(element, block["block_id"], chosen, at=self._state.clock())
        return payloads.block_actions_in_message(self._state, self.user, message, action=action, values=values)

    def _chosen(self, element: Json, value: Any) -> Json | None:
        if element["type"] in {"button", "workflow_button"}:
            return None
        if element["type"] == "overflow":
            return {"type": "overflow", "selected_option": payloads.option(element, value)}
        return self._filled(element, value)

    def _filled(self, element: Json, given: Any) -> Json:
        if element["type"] == "file_input" and given:
            ids = given if isinstance(given, list | tuple) else [given]
            if len(ids) > element.get("max_files", 10):
                raise NotOffered(f"at most {element['max_files']} files")
            return {"type": "file_input", "files": [self._state.files[i].payload(self._state.base_url) for i in ids]}
        filled = payloads.filled(element, given)
        wanted = [filled[key] for key in ("selected_user", "selected_users") if key in filled]
        for user_id in [u for w in wanted for u in (w if isinstance(w, list) else [w]) if u is not None]:
            if user_id not in self._state.users or self._state.users[user_id].deleted:
                raise NotOffered(f"{user_id} is not in the list of people")
        return filled

    # --- modals -----------------------------------------------------------------------------------------

    def fills(self, view: SeenView, values: Mapping[str, Any]) -> SeenView:
        """Put values into the fields of a modal without submitting it. The keys are block_ids or action_ids."""
        with self._state.lock:
            shown = self._open(view)
            for key, given in values.items():
                for block, element in block_kit.interactive(shown.blocks):
                    if key in (block["block_id"], element["action_id"]) and element["type"] in payloads.FIELDS:
                        shown.values[block["block_id"]][element["action_id"]] = self._filled(element, given)
                        break
                else:
                    raise NotOffered(f"no field {key} in this view")
            self._state.touch()
            return sights.view(shown)

    def submits(self, view: SeenView, values: Mapping[str, Any] | None = None) -> Outcome:
        """Fill in and submit a modal. If Slack's client itself objects to a value, nothing is sent to the app."""
        self.fills(view, values or {})
        with self._state.lock:
            self._must_be_active()
            shown = self._open(view)
            if shown.id != self._state.stacks[self.id][-1]:
                raise NotOffered("another modal lies on top of this one")
            if shown.definition.get("submit") is None:
                raise NotOffered("this modal has no submit button")
            objections = payloads.complaints(shown.blocks, shown.values)
            if objections:
                return Outcome(view=sights.view(shown), errors=objections)
            urls = response_urls(self._state, self.id, shown)
            body = payloads.view_submission(self._state, self.user, shown, urls)
        answer = self._courier.ask(Delivery("interactive", body, accepts_response=True))
        if answer.reason != "ok":
            return Outcome(view=self.view, error=TROUBLE)
        with self._state.lock:
            try:
                errors = respond(self._state, shown, answer.payload)
            except ApiError:
                return Outcome(view=self.view, error=TROUBLE)
            return Outcome(view=self.view, errors=errors)

    def closes(self, view: SeenView, *, whole_stack: bool = False) -> Outcome:
        """Close a modal or, with `whole_stack`, all modals. If a modal has `notify_on_close`, the app is told."""
        with self._state.lock:
            shown = self._open(view)
            keep = self._state.stacks[self.id].index(shown.id)
            clear = whole_stack or bool(shown.definition.get("clear_on_close"))
            gone = self._state.close_views(self.id, keep=0 if clear else keep)
            bodies = [
                payloads.view_closed(self._state, self.user, closed, is_cleared=clear)
                for closed in gone
                if closed.definition.get("notify_on_close") and self._manifest.interactive
            ]
        for body in bodies:
            self._courier.ask(Delivery("interactive", body, accepts_response=False))
        return Outcome(view=self.view)


def _find(blocks: list[Json], action_id: str, value: Any, block_id: str | None) -> tuple[Json, Json]:
    found = [
        (block, element)
        for block, element in block_kit.interactive(blocks)
        if element["action_id"] == action_id and block_id in (None, block["block_id"])
    ]
    if len(found) > 1 and value is not None:
        found = [(block, element) for block, element in found if element.get("value") == value]
    if len(found) != 1:
        raise NotOffered(f"{len(found)} elements with action_id {action_id}")
    return found[0]
