"""The `views.*` methods: modals on a person's screen and their Home tab (docs.slack.dev surfaces/modals, app-home)."""

import secrets

from bot.practice.workspace import block_kit, payloads
from bot.practice.workspace.calls import Call, Method
from bot.practice.workspace.findings import ApiError, invalid_arguments
from bot.practice.workspace.records import Json, Trigger, View
from bot.practice.workspace.state import MAX_STACK, TRIGGER_SECONDS, State

_MODAL = frozenset({"modal"})
_HOME = frozenset({"home"})


def _redeem(call: Call) -> Trigger:
    """Return the trigger in a call's arguments. Raise Slack's error for a trigger that is unknown, used or expired."""
    wanted = call.args.text("trigger_id") or call.args.text("interactivity_pointer") or ""
    if not wanted:
        raise invalid_arguments("missing required field: trigger_id")
    trigger = call.state.triggers.get(wanted)
    if trigger is None:
        raise ApiError("invalid_trigger_id")
    if trigger.used:
        raise ApiError("exchanged_trigger_id")
    if call.state.stopwatch.seconds() - trigger.issued > TRIGGER_SECONDS:
        raise ApiError("expired_trigger_id")
    return trigger


def _definition(call: Call, kinds: frozenset[str], *, except_view: str | None = None) -> Json:
    if call.args.raw.get("view") is None:
        raise invalid_arguments("missing required field: view")
    definition = block_kit.view(call.args.raw["view"], kinds=kinds)
    external = definition.get("external_id")
    if external and any(
        view.definition.get("external_id") == external and view.id != except_view for view in call.state.views.values()
    ):
        raise ApiError("duplicate_external_id")
    return definition


def new_view(state: State, user: str, definition: Json) -> View:
    """Return a new view that nobody sees yet. The caller puts it on the screen."""
    view_id = state.new_id("V")
    return View(
        view_id,
        state.team.id,
        user,
        state.app_id,
        state.bot.bot_id or "",
        definition,
        new_hash(state),
        root_id=view_id,
        values=payloads.initial_values(definition["blocks"]),
    )


def new_hash(state: State) -> str:
    """Return a new hash, which identifies one version of a view."""
    return f"{int(state.clock())}.{secrets.token_hex(4)}"


def show(state: State, view: View, *, on_top: bool) -> View:
    """Put a modal on the person's screen: on top of the others with `on_top`, or else in their place.

    Return the modal.
    """
    if not on_top:
        state.close_views(view.user)
    stack = state.stacks.setdefault(view.user, [])
    if len(stack) >= MAX_STACK:
        raise ApiError("push_limit_reached")
    if stack:
        view.root_id, view.previous_id = stack[0], stack[-1]
    state.views[view.id] = view
    stack.append(view.id)
    state.touch()
    return view


def replace_definition(state: State, view: View, definition: Json) -> View:
    """Give an open view a new definition, and return the view.

    Typed values are kept in fields with the same block_id and action_id.
    """
    kept = payloads.initial_values(definition["blocks"])
    for block_id, actions in view.values.items():
        for action_id, value in actions.items():
            old = kept.get(block_id, {}).get(action_id)
            if old is not None and old["type"] == value["type"]:
                kept[block_id][action_id] = value
    view.definition, view.values, view.hash = definition, kept, new_hash(state)
    state.touch()
    return view


def open_view(call: Call) -> Json:
    """Answer views.open: show a modal to the person who got the trigger."""
    trigger = _redeem(call)
    definition = _definition(call, _MODAL)
    trigger.used = True
    return {"view": show(call.state, new_view(call.state, trigger.user, definition), on_top=False).payload()}


def push_view(call: Call) -> Json:
    """Answer views.push: show a modal on top of the one in which the trigger was issued. At most three may be open."""
    trigger = _redeem(call)
    definition = _definition(call, _MODAL)
    stack = call.state.stacks.get(trigger.user, [])
    if not stack or trigger.from_view not in stack:
        raise ApiError("not_found")
    view = show(call.state, new_view(call.state, trigger.user, definition), on_top=True)
    trigger.used = True
    return {"view": view.payload()}


def update_view(call: Call) -> Json:
    """Answer views.update: change an open view. If a `hash` is given, it must be the hash of the version shown."""
    view_id, external = call.args.text("view_id"), call.args.text("external_id")
    if not view_id and not external:
        raise invalid_arguments("missing required field: view_id")
    found = [
        v
        for v in call.state.views.values()
        if v.id == view_id or (external and v.definition.get("external_id") == external)
    ]
    if not found or (view_id and found[0].id != view_id):
        raise ApiError("not_found")
    view = found[0]
    definition = _definition(call, frozenset({view.kind}), except_view=view.id)
    _check_hash(call, view)
    return {"view": replace_definition(call.state, view, definition).payload()}


def publish_view(call: Call) -> Json:
    """Answer views.publish: set one person's Home tab. Raise `not_enabled` or `hash_conflict`."""
    user = call.user(call.args.required("user_id"))
    if not call.manifest.home_tab:
        raise ApiError("not_enabled")
    shown = call.state.homes.get(user.id)
    definition = _definition(call, _HOME, except_view=shown)
    if shown is not None:
        view = call.state.views[shown]
        _check_hash(call, view)
        return {"view": replace_definition(call.state, view, definition).payload()}
    view = new_view(call.state, user.id, definition)
    call.state.views[view.id] = view
    call.state.homes[user.id] = view.id
    call.state.touch()
    return {"view": view.payload()}


def _check_hash(call: Call, view: View) -> None:
    wanted = call.args.text("hash")
    if wanted and wanted != view.hash:
        raise ApiError("hash_conflict")


METHODS = {
    "views.open": Method(open_view, tier=4),
    "views.push": Method(push_view, tier=4),
    "views.update": Method(update_view, tier=4),
    "views.publish": Method(publish_view, tier=4),
}
