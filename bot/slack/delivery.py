"""Slack's deliveries as one class: the person, what they did and where, and the key under which the answer is stored.

The key is made of the parts of a payload that stay the same when Slack delivers the same act again. The workspace and
the person are read from the payload. Bolt does not check them, and people of other workspaces (Slack Connect) can act
too.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.slack.request import Carried, Clicked, Deed, Message, Value

Kind = Literal["command", "click", "submission", "shortcut"]
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Deed):
    """One act of a person (a command, click, submission or shortcut), as Slack delivered it."""

    kind: Kind
    name: str  #: `/action`, or the `noun.verb` of a button, modal or shortcut
    team_id: str
    user_id: str
    trigger_id: str = ""
    response_url: str | None = None
    view: Mapping[str, Any] | None = None  #: the modal or home that was clicked or submitted

    @property
    def from_modal(self) -> bool:
        """Return whether the act was in a modal. If the answer is another modal, that one opens on top of the first."""
        return self.view is not None and self.view.get("type") == "modal"

    @property
    def from_home(self) -> bool:
        """Return whether the act was in Home or in a form opened from Home, so that Home must be published again."""
        return (self.view is not None and self.view.get("type") == "home") or "places" in self.metadata.facts

    @property
    def places(self) -> dict[str, int]:
        """Return a dict from each part of Home to the number of the page that was shown when the person acted."""
        found = self.metadata.facts.get("places")
        if not isinstance(found, dict):
            return {}
        return {str(part): number for part, number in found.items() if isinstance(number, int)}

    @property
    def number(self) -> int | None:
        """Return the number of the action, meeting or other subject of the act, or None if there is no number."""
        chosen = (self.metadata.facts.get(name, self.values.get(name)) for name in _ABOUT)
        return next((int(str(one)) for one in (self.value, *chosen) if _NUMBER.fullmatch(str(one))), None)

    @property
    def words(self) -> str:
        """Return all words of the act: those typed or chosen, and those in the button's value or the form's metadata.

        Numbers that only identify something, such as an action's number, are left out.
        """
        carried = (one for one in (self.value, *self.metadata.facts.values()) if not _NUMBER.fullmatch(str(one)))
        chosen = (value for name, value in self.values.items() if name not in _ABOUT)
        return " ".join(map(str, (self.text, *carried, *chosen)))


#: The names under which a form carries the number of its subject, the most specific first. Nobody types these.
_ABOUT = ("action", "flag", "item", "meeting", "series")
_NUMBER = re.compile("[0-9]{1,9}")
_TIME_STAMP = re.compile(r"[0-9]{1,12}\.[0-9]{1,8}")


def from_command(body: Body) -> Delivery:
    """Return the delivery for a slash command."""
    parts = [
        body.get(name, "")
        for name in ("trigger_id", "team_id", "user_id", "channel_id", "command", "text", "response_url")
    ]
    return Delivery(
        kind="command",
        name=body["command"].lower(),
        team_id=body["team_id"],
        user_id=body["user_id"],
        key=_key("command", *parts),
        channel_id=body.get("channel_id"),
        text=body.get("text", ""),
        trigger_id=body.get("trigger_id", ""),
        response_url=body.get("response_url"),
    )


def from_click(body: Body) -> Delivery:
    """Return the delivery for a click on a button or menu in a message, a modal or Home.

    Slack sends one action in each payload, and any others are ignored.
    """
    action = body["actions"][0]
    container = body.get("container", {})
    view = body.get("view")
    place = container.get("view_id") or f"{container.get('channel_id')}/{container.get('message_ts')}"
    clicked = (
        part
        for each in body["actions"]
        for part in (each.get("action_id", ""), _canonical(_value(each)), each.get("action_ts", ""))
    )
    value = _value(action)
    return _interaction(
        body,
        "click",
        action["action_id"].partition(":")[0],
        _key("click", body.get("trigger_id", ""), body["user"]["id"], place, *clicked),
        channel_id=(body.get("channel") or {}).get("id"),
        value=value if isinstance(value, str) else "",
        clicked=Clicked(
            place="message" if view is None else "home" if view.get("type") == "home" else "modal",
            block_id=action.get("block_id", ""),
            blocks=tuple((body.get("message") or {}).get("blocks", ())),
            ts="" if view is not None or container.get("is_ephemeral") else _ts(container.get("message_ts")),
        ),
    )


def _ts(found: object) -> str:
    return found if isinstance(found, str) and _TIME_STAMP.fullmatch(found) else ""


def from_submission(body: Body) -> Delivery:
    """Return the delivery for a submitted modal."""
    view = body["view"]
    key = _key(
        "submission",
        view["id"],
        view.get("hash", ""),
        body["user"]["id"],
        view.get("private_metadata", ""),
        _canonical(view["state"]["values"]),
    )
    return _interaction(body, "submission", view["callback_id"], key)


def from_shortcut(body: Body) -> Delivery:
    """Return the delivery for a shortcut chosen from a message's menu."""
    message = body.get("message") or {}
    channel_id = (body.get("channel") or {}).get("id")
    name, sent = body["callback_id"], message.get("ts", "")
    return _interaction(
        body,
        "shortcut",
        name,
        _key("shortcut", body.get("trigger_id", ""), body["user"]["id"], name, sent),
        channel_id=channel_id,
        message=Message(channel_id or "", sent, message.get("text", ""), message.get("user", "")),
    )


def _interaction(body: Body, kind: Kind, name: str, key: str, **facts: Any) -> Delivery:
    view = body.get("view")
    return Delivery(
        kind=kind,
        name=name,
        team_id=_team(body),
        user_id=body["user"]["id"],
        key=key,
        values=_values(view["state"]["values"]) if view and view.get("state") else {},
        metadata=_metadata(view),
        trigger_id=body.get("trigger_id", ""),
        response_url=body.get("response_url"),
        view=view,
        **facts,
    )


def _key(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode(errors="backslashreplace")).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _team(body: Body) -> str:
    """Return the id of the workspace in which the person acted.

    In an Enterprise Grid organisation the user's own team is the organisation (E…). The payload's team is used then.
    """
    user_team = str(body["user"].get("team_id") or "")
    return user_team if user_team.startswith("T") else str((body.get("team") or {}).get("id") or user_team)


def _metadata(view: Mapping[str, Any] | None) -> Carried:
    if not view or not view.get("private_metadata"):
        return Carried()
    try:
        found = json.loads(view["private_metadata"])
    except (ValueError, RecursionError):
        found = None
    return Carried(found if isinstance(found, dict) else {})


def _values(state: Mapping[str, Mapping[str, Any]]) -> dict[str, Value]:
    return {
        block_id: _value(element) for block_id, elements in state.items() for element in list(elements.values())[:1]
    }


def _value(element: Mapping[str, Any]) -> Value:
    """Return the content of one form element: its text, or the chosen value, user, date, time or tuple of values."""
    option = element.get("selected_option")
    if option:
        return str(option["value"])
    options = element.get("selected_options")
    if options is not None:
        return tuple(str(each["value"]) for each in options)
    users = element.get("selected_users")
    if users is not None:
        return tuple(str(each) for each in users)
    for name in ("value", "selected_user", "selected_date", "selected_time"):
        if element.get(name) is not None:
            return str(element[name])
    return None
