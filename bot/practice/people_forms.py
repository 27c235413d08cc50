"""A person's hands on buttons, menus and modals, within what Slack's client offers."""

from collections.abc import Mapping
from typing import Any

from bot.practice import block_kit, inputs, payloads, sights, submissions
from bot.practice.delivery import Delivery
from bot.practice.people_seeing import Onlooker
from bot.practice.records import Json, Message, View
from bot.practice.refusals import ApiError, NotOffered
from bot.practice.sights import Outcome, SeenMessage, SeenView

#: What a modal or a button says when the app did not confirm in time.
TROUBLE = "We had some trouble connecting. Try again?"


class FormUser(Onlooker):
    """Somebody who clicks, fills in, submits and closes."""

    def clicks(
        self, target: SeenMessage | SeenView, action_id: str, value: Any = None, *, block_id: str | None = None
    ) -> Outcome:
        """Operate a button, menu or picker; for a button `value` tells apart several with one action_id.

        For menus and pickers `value` is what is chosen (see `inputs.filled`).
        """
        with self._state.lock:
            self._must_be_active()
            if not self._manifest.interactive:
                return Outcome(error="This app is not configured to handle interactive responses")
            if isinstance(target, SeenView):
                delivery = self._click_in_view(self._open(target), action_id, value, block_id)
            else:
                delivery = self._click_in_message(self._visible(target), action_id, value, block_id)
        answer = self._courier.ask(delivery)
        error = None if answer.reason == "ok" else TROUBLE
        return Outcome(view=self.view, error=error)

    def _click_in_view(self, view: View, action_id: str, value: Any, block_id: str | None) -> Delivery:
        block, element = _find(view.blocks, action_id, value, block_id)
        chosen = self._chosen(element, value)
        if chosen is not None and element["type"] in inputs.FIELDS:
            view.values[block["block_id"]][element["action_id"]] = chosen
        if block["type"] == "input" and not block.get("dispatch_action", False):
            raise NotOffered(f"{action_id} is an input that does not dispatch actions: submit the view")
        action = payloads.action(element, block["block_id"], chosen, at=self._state.clock())
        trigger = self._state.new_trigger(self.id, from_view=view.id if view.kind == "modal" else None)
        body = payloads.block_actions_in_view(self._state, self.user, view, action=action, trigger_id=trigger)
        return Delivery("interactive", body, accepts_response=False)

    def _click_in_message(self, message: Message, action_id: str, value: Any, block_id: str | None) -> Delivery:
        block, element = _find(message.blocks, action_id, value, block_id)
        chosen = self._chosen(element, value)
        values = inputs.initial_values(message.blocks)
        if chosen is not None and element["type"] in inputs.FIELDS:
            values[block["block_id"]][element["action_id"]] = chosen
        body = payloads.block_actions_in_message(
            self._state,
            self.user,
            message,
            action=payloads.action(element, block["block_id"], chosen, at=self._state.clock()),
            values=values,
            trigger_id=self._state.new_trigger(self.id),
            response_url=self._state.new_response_url(
                "actions", message.channel, self.id, message=message, thread_ts=message.thread_ts
            ),
        )
        return Delivery("interactive", body, accepts_response=False)

    def _chosen(self, element: Json, value: Any) -> Json | None:
        if element["type"] in {"button", "workflow_button"}:
            return None
        if element["type"] == "overflow":
            for option in element["options"]:
                if value in (option["value"], option["text"]["text"]):
                    return {"type": "overflow", "selected_option": option}
            raise NotOffered(f"no option {value!r} in {element['action_id']}")
        return self._filled(element, value)

    def _filled(self, element: Json, given: Any) -> Json:
        if element["type"] == "file_input" and given:
            ids = given if isinstance(given, list | tuple) else [given]
            if len(ids) > element.get("max_files", 10):
                raise NotOffered(f"at most {element['max_files']} files")
            return {"type": "file_input", "files": [self._state.files[i].payload(self._state.base_url) for i in ids]}
        filled = inputs.filled(element, given)
        wanted = [filled[key] for key in ("selected_user", "selected_users") if key in filled]
        for user_id in [u for w in wanted for u in (w if isinstance(w, list) else [w]) if u is not None]:
            if user_id not in self._state.users or self._state.users[user_id].deleted:
                raise NotOffered(f"{user_id} is not in the list of people")
        return filled

    # --- modals -----------------------------------------------------------------------------------------

    def fills(self, view: SeenView, values: Mapping[str, Any]) -> SeenView:
        """Put values into the fields of a modal without submitting it; keys are block_ids or action_ids."""
        with self._state.lock:
            shown = self._open(view)
            for key, given in values.items():
                for block, element in block_kit.interactive(shown.blocks):
                    if key in (block["block_id"], element["action_id"]) and element["type"] in inputs.FIELDS:
                        shown.values[block["block_id"]][element["action_id"]] = self._filled(element, given)
                        break
                else:
                    raise NotOffered(f"no field {key} in this view")
            self._state.touch("view", users=[self.id])
            return sights.view(shown)

    def submits(self, view: SeenView, values: Mapping[str, Any] | None = None) -> Outcome:
        """Fill in and submit a modal; what the client itself objects to never reaches the app."""
        self.fills(view, values or {})
        with self._state.lock:
            self._must_be_active()
            shown = self._open(view)
            if shown.id != self._state.stacks[self.id][-1]:
                raise NotOffered("another modal lies on top of this one")
            if shown.definition.get("submit") is None:
                raise NotOffered("this modal has no submit button")
            objections = inputs.complaints(shown.blocks, shown.values)
            if objections:
                return Outcome(view=sights.view(shown), errors=objections)
            delivery = Delivery(
                "interactive",
                payloads.view_submission(
                    self._state,
                    self.user,
                    shown,
                    trigger_id=self._state.new_trigger(self.id, from_view=shown.id),
                    response_urls=submissions.response_urls(self._state, self.id, shown),
                ),
                accepts_response=True,
            )
        answer = self._courier.ask(delivery)
        if answer.reason != "ok":
            return Outcome(view=self.view, error=TROUBLE)
        with self._state.lock:
            try:
                errors = submissions.respond(self._state, shown, answer.payload)
            except ApiError:
                return Outcome(view=self.view, error=TROUBLE)
            return Outcome(view=self.view, errors=errors)

    def closes(self, view: SeenView, *, whole_stack: bool = False) -> Outcome:
        """Dismiss a modal (or with `whole_stack` all of them); tells the app where `notify_on_close` asks for it."""
        with self._state.lock:
            shown = self._open(view)
            keep = self._state.stacks[self.id].index(shown.id)
            clear = whole_stack or bool(shown.definition.get("clear_on_close"))
            gone = self._state.close_views(self.id, keep=0 if clear else keep)
            deliveries = [
                Delivery(
                    "interactive",
                    payloads.view_closed(self._state, self.user, closed, is_cleared=clear),
                    accepts_response=False,
                )
                for closed in gone
                if closed.definition.get("notify_on_close") and self._manifest.interactive
            ]
        for delivery in deliveries:
            self._courier.ask(delivery)
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
