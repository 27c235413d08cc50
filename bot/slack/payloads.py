"""Models of Slack's payloads, with only the fields that the bot reads. Types of payloads are checked nowhere else.

Bolt reads many fields of a payload and fails if one has an unexpected type. So Bolt gets only the fields declared
here, and a payload that doesn't fit them is refused.
"""

import logging
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from slack_bolt import App, BoltRequest, BoltResponse

from bot.slack.incidents import incident
from bot.store.budget import Budget
from bot.store.unit_of_work import Store

log = logging.getLogger(__name__)


def _without_nothings(facts: Any) -> Any:
    """Return a dict without its None values, since Slack sends null where a field could also be left out."""
    return {name: fact for name, fact in facts.items() if fact is not None} if isinstance(facts, dict) else facts


class _Read(BaseModel):
    """A part of a payload, with strictly typed fields. Fields that are not declared are left out."""

    model_config = ConfigDict(strict=True, extra="ignore")

    without_nothings = model_validator(mode="before")(_without_nothings)


#: An id of Slack. Its form is checked because the database is queried with it before anything else happens.
_Id = Annotated[str, Field(pattern="^[!-~]{0,64}$")]


class _Named(_Read):
    id: _Id


class _Account(_Named):
    team_id: _Id | None = None


class _Option(_Read):
    value: str


class _Element(_Read):
    selected_option: _Option | None = None
    selected_options: list[_Option] | None = None
    selected_users: list[str] | None = None
    value: str | None = None
    selected_user: str | None = None
    selected_date: str | None = None
    selected_time: str | None = None


class _Action(_Element):
    action_id: str
    type: str = ""
    block_id: str = ""
    action_ts: str = ""


class _State(_Read):
    values: dict[str, dict[str, _Element]]


class _Block(BaseModel):
    """A block of a message or a view.

    All its fields are kept, since the bot sends the block back to Slack unchanged.
    """

    model_config = ConfigDict(strict=True, extra="allow")

    type: str
    block_id: str = ""


class _View(_Named):
    type: str
    callback_id: str = ""
    private_metadata: str = ""
    hash: str = ""
    blocks: list[_Block] = []
    state: _State | None = None


class _Submitted(_View):
    state: _State


class _Container(_Read):
    view_id: str | None = None
    channel_id: str | None = None
    message_ts: str | None = None


class _Message(_Read):
    ts: str = ""
    text: str = ""
    user: str = ""
    blocks: list[_Block] = []


class _Command(_Read):
    command: str
    team_id: _Id
    user_id: _Id
    channel_id: _Id | None = None
    text: str = ""
    trigger_id: str = ""
    response_url: str | None = None


class _Interaction(_Read):
    type: str
    user: _Account
    team: _Named | None = None
    trigger_id: str = ""
    response_url: str | None = None


class _Clicked(_Interaction):
    actions: Annotated[list[_Action], Field(min_length=1)]
    container: _Container = _Container()
    channel: _Named | None = None
    message: _Message | None = None
    view: _View | None = None


class _Submission(_Interaction):
    view: _Submitted


class _Closed(_Interaction):
    view: _View


class _Shortcut(_Interaction):
    callback_id: str
    channel: _Named | None = None
    message: _Message | None = None


class _ChangedAccount(_Account):
    deleted: bool = False


#: How each event that the bot listens to names its person, and which of these events belong to a channel.
_WHOSE: Final[dict[str, type]] = {
    "user_change": _ChangedAccount,
    "app_home_opened": str,
    "member_joined_channel": str,
    "app_mention": str,
}
_OF_A_CHANNEL: Final = frozenset({"app_mention", "channel_shared", "channel_unshared", "member_joined_channel"})


class _Event(_Read):
    type: str
    user: _ChangedAccount | _Id | None = None
    user_team: _Id | None = None
    channel: _Id | _Named | None = None  #: its id in the events that the bot handles
    is_ext_shared: bool | None = None
    tab: str | None = None
    text: str = ""
    thread_ts: _Id | None = None

    @model_validator(mode="after")
    def _is_somebodys(self) -> Self:
        wanted = _WHOSE.get(self.type)
        if wanted is not None and not isinstance(self.user, wanted):
            raise ValueError("nobody is named")
        if self.type in _OF_A_CHANNEL and not isinstance(self.channel, str):
            raise ValueError("no channel is named")
        return self


class _Authorization(_Read):
    user_id: _Id | None = None  #: the bot's own account


class _Happened(_Read):
    type: str
    team_id: _Id
    event_id: _Id
    event: _Event
    authorizations: list[_Authorization] = []


class _Handshake(_Read):
    type: str
    challenge: str


_KINDS: Final[dict[str, type[_Read]]] = {
    "block_actions": _Clicked,
    "view_submission": _Submission,
    "view_closed": _Closed,
    "message_action": _Shortcut,
    "shortcut": _Shortcut,
    "event_callback": _Happened,
    "url_verification": _Handshake,
}
NOTING_SECONDS: Final = 2.5
UNREADABLE: Final = "Slack does not send this; it was refused."


def fitting(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return the declared fields of a payload, or None if Slack would not send such a payload."""
    kind = body.get("type")
    shape = _KINDS.get(kind) if isinstance(kind, str) else _Command if kind is None and "command" in body else None
    try:
        return None if shape is None else shape.model_validate(body).model_dump(exclude_unset=True)
    except (ValidationError, RecursionError):
        return None


def dispatch(app: App, store: Store, body: Any, context: dict[str, Any]) -> BoltResponse:
    """Pass a payload to Bolt and return its response, or status 400 if Slack would not send such a payload."""
    found = fitting(body) if isinstance(body, dict) else None
    if found is not None:
        return app.dispatch(BoltRequest(mode="socket_mode", body=found, context=context))
    log.warning(UNREADABLE)
    try:
        with store.work(Budget.of(NOTING_SECONDS)) as work:
            work.audit("use", "payload", outcome="refused")
    except Exception as unexpected:  # noqa: BLE001 - a refusal that cannot be noted is still a refusal
        incident(unexpected)
    return BoltResponse(status=400)
