"""The Web API: a table of its methods with their tokens and rate limits.

The methods about tokens and people are here too.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from bot.practice.workspace import files_api, messages_api, views_api
from bot.practice.workspace.calls import Arguments, Call, Method
from bot.practice.workspace.findings import ApiError
from bot.practice.workspace.manifest import Manifest
from bot.practice.workspace.records import Json
from bot.practice.workspace.state import State

#: Calls per minute in each of Slack's tiers. Slack documents "1+", "20+", "50+" and "100+", read strictly here.
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The rate limits: posts per second in a channel, posts in one burst, and calls per minute in each tier.

    `posts_per_minute` limits the whole workspace ("several hundred messages per minute", chat.postMessage: rate
    limiting). Slack gives no exact number, so by default there is no such limit.
    """

    enabled: bool = True
    posts_per_second: float = 1.0
    post_burst: int = 1
    posts_per_minute: int | None = None
    tiers: Mapping[int, int] = field(default_factory=lambda: dict(TIERS))

    @classmethod
    def off(cls) -> "RateLimits":
        """Return limits that never refuse a call, for tests that are not about rate limits."""
        return cls(enabled=False)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limiter:
    """Counts calls against the rate limits. It takes the time from `monotonic`, so that tests need not wait."""

    def __init__(self, limits: RateLimits, monotonic: Callable[[], float]) -> None:
        self.limits = limits
        self._monotonic = monotonic
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def wait_for(self, method: str, tier: int, channel: str) -> int:
        """Count one call. Return 0 if it may go ahead, or the whole seconds to wait (`Retry-After`)."""
        if not self.limits.enabled:
            return 0
        if method == "chat.postMessage":
            everywhere = self.limits.posts_per_minute
            if everywhere is not None and (wait := self._take((method, ""), float(everywhere), everywhere / 60)):
                return wait
            return self._take((method, channel), float(self.limits.post_burst), self.limits.posts_per_second)
        capacity = float(self.limits.tiers[tier])
        return self._take((method, ""), capacity, capacity / 60)

    def _take(self, key: tuple[str, str], capacity: float, per_second: float) -> int:
        now = self._monotonic()
        bucket = self._buckets.setdefault(key, _Bucket(capacity, now))
        bucket.left = min(capacity, bucket.left + (now - bucket.at) * per_second)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return max(1, math.ceil((1 - bucket.left) / per_second))


def auth_test(call: Call) -> Json:
    """Answer auth.test with the bot to which the token belongs."""
    state = call.state
    return {
        "url": f"{state.base_url}/",
        "team": state.team.name,
        "user": state.bot.name,
        "team_id": state.team.id,
        "user_id": state.bot.id,
        "bot_id": state.bot.bot_id,
        "is_enterprise_install": False,
    }


def info(call: Call) -> Json:
    """Answer users.info with one account, which may be deactivated or belong to another workspace."""
    user, with_email = call.user(call.args.required("user")), "users:read.email" in call.manifest.scopes
    return {"user": user.payload(at=call.state.clock(), home_team=call.state.team.id, with_email=with_email)}


METHODS: dict[str, Method] = {
    "auth.test": Method(auth_test, tier=4),
    "users.info": Method(info, tier=4, scopes=("users:read",), takes_json=False),
    **messages_api.METHODS,
    **views_api.METHODS,
    **files_api.METHODS,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer of the Web API."""

    body: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One call to the Web API, kept for tests that count calls. `error` is None if the call worked."""

    method: str
    args: Json
    error: str | None


def read_body(content_type: str, query: str, body: bytes) -> tuple[Json, bool]:
    """Return a call's arguments, and whether they came as JSON. Raise Slack's error if the body can't be read."""
    args: Json = dict(parse_qsl(query, keep_blank_values=True))
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return args, False
    if kind == "application/json":
        try:
            given = json.loads(body)
        except ValueError:
            raise ApiError("invalid_json") from None
        if not isinstance(given, dict):
            raise ApiError("json_not_object")
        return args | given, True
    if kind == "application/x-www-form-urlencoded":
        try:
            return args | dict(parse_qsl(body.decode(), keep_blank_values=True)), False
        except UnicodeDecodeError:
            raise ApiError("invalid_charset") from None
    if kind == "multipart/form-data":
        return args | _multipart(content_type, body), False
    raise ApiError("missing_post_type" if not kind else "invalid_post_type")


def _multipart(content_type: str, body: bytes) -> Json:
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise ApiError("invalid_form_data")
    fields: Json = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = content.decode(errors="replace")
    return fields


class WebApi:
    """Answers calls to the Web API. The state's lock is held during a call, so each call is atomic."""

    def __init__(
        self,
        state: State,
        manifest: Manifest,
        limiter: Limiter,
        *,
        bot_token: str,
        app_token: str,
        max_file_bytes: int,
    ) -> None:
        self.state = state
        self.manifest = manifest
        self.limiter = limiter
        self.methods = dict(METHODS)
        self.recorded: list[Recorded] = []
        self._tokens = {bot_token: "bot", app_token: "app"}
        self._max_file_bytes = max_file_bytes

    def call(self, name: str, raw: Json, *, is_json: bool, bearer: str | None) -> Answer:
        """Run one method of the Web API. Return its answer, or Slack's refusal as an answer. Never raise ApiError."""
        method = self.methods.get(name)
        args = dict(raw)
        # A token in a JSON body is ignored: callers with JSON must send the Authorization header (Web API: basics).
        in_body = args.pop("token", None)
        token = bearer or (None if is_json else in_body)
        headers = {} if method is None else self._scope_headers(method)
        try:
            with self.state.lock:
                if method is None:
                    raise ApiError("unknown_method", req_method=name)
                self._admit(method, token)
                if is_json and not method.takes_json:
                    # This method takes only form encoding, so arguments in a JSON body are ignored.
                    args = {}
                call = Call(self.state, self.manifest, Arguments(args), self._max_file_bytes)
                call.require(*method.scopes)
                wait = self.limiter.wait_for(name, method.tier, self._channel_key(args))
                if wait:
                    return self._note(name, args, Answer(rate_limited(), 429, headers | {"Retry-After": str(wait)}))
                body = {"ok": True, **method.handler(call)}
        except ApiError as refused:
            body = refused.body()
        return self._note(name, args, Answer(body, 200, headers))

    def is_bot(self, token: str) -> bool:
        """Return whether a token is the bot's token."""
        return self._tokens.get(token) == "bot"

    def refused(self, name: str, error: str) -> Answer:
        """Record and return the refusal of a call that did not reach its method."""
        return self._note(name, {}, Answer({"ok": False, "error": error}))

    def _note(self, name: str, args: Json, answer: Answer) -> Answer:
        with self.state.lock:
            self.recorded.append(Recorded(name, args, None if answer.body["ok"] else str(answer.body["error"])))
            self.state.wake()
        return answer

    def _admit(self, method: Method, token: Any) -> None:
        if not token:
            raise ApiError("not_authed")
        kind = self._tokens.get(str(token))
        if kind is None:
            raise ApiError("invalid_auth")
        if kind != method.caller:
            raise ApiError("not_allowed_token_type")

    def _scope_headers(self, method: Method) -> dict[str, str]:
        headers = {"X-OAuth-Scopes": ",".join(sorted(self.manifest.scopes))}
        if method.scopes:
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
        return headers

    def _channel_key(self, args: Json) -> str:
        wanted = str(args.get("channel", ""))
        if wanted in self.state.users:
            # A post to a person counts for the same conversation as one to the person's direct message.
            members = sorted([wanted, self.state.bot.id])
            for channel in self.state.channels.values():
                if channel.kind == "im" and sorted(channel.members) == members:
                    return channel.id
        return wanted


def rate_limited() -> Json:
    """Return the JSON body of HTTP 429 (Web API: rate limits)."""
    return {"ok": False, "error": "ratelimited"}
