"""The calls that make effects real, and what each that failed says of the effect and of what waits behind it."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from slack_sdk import WebClient

from bot.errors import PanelbotError
from bot.slack.incidents import incident
from bot.slack.outgoing import Call, Post, PostToPerson, PublishHome, Respond, Rewrite, Upload
from bot.slack.slack_errors import Treatment, treatment_of
from bot.slack.web_calls import Answer, NoAnswer, NotReached, WebCalls

#: Well below the lease of twenty seconds, after which another process would take over.
HTTP_SECONDS = 10

#: How many calls of HTTP_SECONDS one effect may make, so that its lease outlasts them.
MOST_CALLS = 4

_JSON = "application/json; charset=utf-8"
_FORM = "application/x-www-form-urlencoded"
#: Addresses that Slack gave for one purpose: when they do not answer, the Web API may do so all the same.
_ELSEWHERE = ("response_url", "upload")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one effect."""

    treatment: Treatment | None = None  #: None: Slack took it
    method: str = ""  #: that failed
    error: str = ""
    wait: float | None = None  #: seconds that Slack wants not to be asked
    result: dict[str, Any] = field(default_factory=dict)  #: channel and time stamp, where there are any
    opened: str | None = None  #: the channel of a direct message that was opened for it


class _Failed(Exception):
    """A call that did not do what it should."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome


def web_client(token: str, base_url: str, context: ssl.SSLContext, *, timeout: int = HTTP_SECONDS) -> WebClient:
    """Return a client that never repeats a call by itself: slack_sdk's default posts again after a lost answer."""
    return WebClient(token=token, base_url=base_url, ssl=context, timeout=timeout, retry_handlers=[])


class Sender:
    """Makes the calls of one effect; raises nothing."""

    def __init__(self, client: WebClient, context: ssl.SSLContext) -> None:
        self._base_url = client.base_url
        self._token = client.token or ""
        self._web = WebCalls(context, client.timeout)

    def ask(self) -> Outcome:
        """Ask Slack whether it takes this token now, which shows nothing to anybody."""
        try:
            self._call("auth.test", {}, shows=False)
        except _Failed as failed:
            return failed.outcome
        return Outcome()

    def send(self, call: Call, channel_id: str | None = None) -> Outcome:
        """Send; `channel_id` is that of the direct message, which is opened where it is not known."""
        opened: str | None = None
        try:
            if channel_id is None and isinstance(call, PostToPerson | Upload):
                channel_id = opened = self._open(call.user_id)
            return Outcome(result=self._send(call, channel_id or ""), opened=opened)
        except _Failed as failed:
            return replace(failed.outcome, opened=opened)
        except Exception as unexpected:  # noqa: BLE001 - whatever broke, it may have been after Slack took it
            return Outcome(Treatment.NO_ANSWER, error=incident(unexpected)[-60:], opened=opened)

    def _send(self, call: Call, channel_id: str) -> dict[str, Any]:
        match call:
            case Post():
                return self._post(call.channel_id, call.text, list(call.blocks))
            case PostToPerson():
                return self._post(channel_id, call.text, list(call.blocks))
            case Rewrite():
                body = {"channel": call.channel_id, "ts": call.ts, "text": call.text, "blocks": list(call.blocks)}
                return _place(self._call("chat.update", body))
            case PublishHome():
                self._call("views.publish", {"user_id": call.user_id, "view": call.view})
                return {}
            case Respond():
                self._respond(call)
                return {}
            case Upload():
                return self._upload(call, channel_id)

    def _post(self, channel_id: str, text: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
        body: dict[str, Any] = {"channel": channel_id, "text": text, "unfurl_links": False, "unfurl_media": False}
        if blocks:
            body["blocks"] = blocks
        return _place(self._call("chat.postMessage", body))

    def _open(self, user_id: str) -> str:
        channel = self._call("conversations.open", {"users": user_id}, shows=False).get("channel")
        if not isinstance(channel, dict) or not channel.get("id"):
            raise _Failed(Outcome(Treatment.UNREACHABLE, "conversations.open", "no channel in the answer"))
        return str(channel["id"])

    def _upload(self, call: Upload, channel_id: str) -> dict[str, Any]:
        content = _written(call)
        asked = {"filename": call.name, "length": len(content)}
        place = self._call("files.getUploadURLExternal", asked, shows=False, as_form=True)
        url = str(place.get("upload_url", ""))
        sent = self._http("upload", url, content, "application/octet-stream", shows=False)
        if sent.status != 200 or sent.body.lstrip().startswith(b"<"):
            # The address is good for one file and for a while: another one is asked for.
            raise _Failed(Outcome(Treatment.LATER, "upload", f"HTTP {sent.status}"))
        shared: dict[str, Any] = {"files": [{"id": place["file_id"], "title": call.title}], "channel_id": channel_id}
        if call.comment:
            shared["initial_comment"] = call.comment
        self._call("files.completeUploadExternal", shared)
        return {"channel": channel_id, "file": place["file_id"]}

    def _respond(self, call: Respond) -> None:
        answer = self._http("response_url", call.url, json.dumps(dict(call.body)).encode(), _JSON)
        if answer.status == 200 and (answer.data is None or answer.data["ok"]):
            if answer.data is not None or answer.body.strip() in (b"ok", b""):
                return
            raise _Failed(_not_slacks("response_url", answer))
        raise _Failed(_refused_answer(answer))

    def _call(
        self, method: str, body: Mapping[str, Any], *, shows: bool = True, as_form: bool = False
    ) -> Mapping[str, Any]:
        """Call a method of the Web API; `shows` says that people see something of it once Slack has taken it."""
        content = (urlencode(body) if as_form else json.dumps(body)).encode()
        answer = self._http(method, self._base_url + method, content, _FORM if as_form else _JSON, shows=shows)
        data = answer.data
        if data is not None and data["ok"] and answer.status == 200:
            return data
        outcome = _not_slacks(method, answer) if data is None else _refusal(method, answer, data)
        raise _Failed(outcome if shows else _nothing_shown(outcome))

    def _http(self, method: str, url: str, content: bytes, content_type: str, *, shows: bool = True) -> Answer:
        if not url.startswith(("https://", "http://")):
            raise _Failed(Outcome(Treatment.REFUSED, method, "not a web address"))
        headers = {"Content-Type": content_type}
        is_api = method not in _ELSEWHERE
        if is_api:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            answer = self._web.post(url, content, headers)
        except NotReached as failed:
            away = Treatment.UNREACHABLE if is_api else Treatment.LATER
            raise _Failed(Outcome(away, method, str(failed))) from None
        except NoAnswer as failed:
            lost = Outcome(Treatment.NO_ANSWER, method, str(failed))
            raise _Failed(lost if shows else _nothing_shown(lost)) from None
        if answer.status == 429:
            raise _Failed(Outcome(Treatment.REST, method, "ratelimited", answer.retry_after))
        return answer


def _written(call: Upload) -> bytes:
    try:
        return call.write()
    except PanelbotError as faulty:
        raise _Failed(Outcome(Treatment.REFUSED, "upload", str(faulty)[:200])) from None
    except Exception as broken:  # noqa: BLE001 - the same facts will break it again: a person must see it
        raise _Failed(Outcome(Treatment.REFUSED, "upload", incident(broken)[-60:])) from None


def _place(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"channel": answer.get("channel"), "ts": answer.get("ts")}


def _refusal(method: str, answer: Answer, data: Mapping[str, Any]) -> Outcome:
    """What Slack says in its own words."""
    error = str(data.get("error") or f"HTTP {answer.status}")[:100]
    treatment = treatment_of(method, error)
    if answer.status >= 500 and treatment is Treatment.REFUSED:
        treatment = Treatment.UNCERTAIN
    return Outcome(treatment, method, error, answer.retry_after)


def _refused_answer(answer: Answer) -> Outcome:
    """The address of a click answers in words of its own, as an object or as plain text."""
    if answer.data is not None:
        return _refusal("response_url", answer, answer.data)
    word = answer.body[:100].decode(errors="replace").strip()
    if answer.status < 500 and word.replace("_", "").isalpha():
        return Outcome(treatment_of("response_url", word), "response_url", word)
    return _not_slacks("response_url", answer)


def _not_slacks(method: str, answer: Answer) -> Outcome:
    return Outcome(Treatment.NO_ANSWER, method, f"HTTP {answer.status}, not in Slack's words")


def _nothing_shown(outcome: Outcome) -> Outcome:
    """A call that shows nothing to anybody may simply be made again."""
    again = {Treatment.NO_ANSWER: Treatment.UNREACHABLE, Treatment.UNCERTAIN: Treatment.LATER}
    treatment = outcome.treatment
    return outcome if treatment is None else replace(outcome, treatment=again.get(treatment, treatment))
