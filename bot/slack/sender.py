"""The sender, which makes the calls to Slack for effects and decides what happens to an effect whose call failed."""

import hashlib
import http.client
import json
import logging
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from slack_sdk import WebClient

from bot.errors import PanelbotError
from bot.slack.incidents import incident
from bot.slack.outgoing import (
    Call,
    Delete,
    LookAtMembers,
    Post,
    PostToPerson,
    PublishHome,
    RemoveFile,
    Respond,
    Rewrite,
    Upload,
    Whisper,
)
from bot.slack.treatments import COMMON, Treatment, treatment_of


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response to a call."""

    status: int
    headers: Mapping[str, str]  #: names in small letters
    body: bytes

    @property
    def data(self) -> Mapping[str, Any] | None:
        """Return the body as a dict if it is Slack's own answer, a JSON object with `ok`, or else None."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) and isinstance(found.get("ok"), bool) else None

    @property
    def retry_after(self) -> float | None:
        """Return the seconds for which Slack asks the bot to wait, or None if Slack doesn't ask for this."""
        said = self.headers.get("retry-after", "").strip()
        return float(said) if said.isdecimal() else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirects: Slack never redirects, and a redirect would turn the POST into a GET."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Return None, so that the redirect is not followed."""


def _name(failed: object) -> str:
    return type(failed).__name__ if isinstance(failed, Exception) else str(failed)[:60]


#: Well below the lease of twenty seconds, after which another process would take the effect over.
HTTP_SECONDS = 10

#: How many calls of HTTP_SECONDS one effect may make, so that its lease outlasts them.
MOST_CALLS = 4

#: A panel's channel has about sixty people. A public channel with far more is looked at in part.
_PAGE, _MOST_PAGES = 200, 10
_MOST_ASKED = 30  # accounts that nobody enrolled and that were not seen before, in one look

_JSON = "application/json; charset=utf-8"
_FORM = "application/x-www-form-urlencoded"
#: Calls to addresses that Slack gave for one purpose. If one fails, the Web API may still work.
_ELSEWHERE = ("response_url", "upload")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of the calls for one effect: Slack's result, or the error and its treatment."""

    treatment: Treatment | None = None  #: None: Slack took it
    method: str = ""  #: the method that failed
    error: str = ""
    wait: float | None = None  #: seconds for which Slack asks the bot to wait
    #: Channel, time stamp and file, if there are any. A file that was uploaded but not shown is included.
    result: dict[str, Any] = field(default_factory=dict)
    opened: str | None = None  #: the channel of a direct message that was opened for it


class _Failed(Exception):
    """Raised for a call that failed, with its outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome


@cache
def tls_context() -> ssl.SSLContext:
    """Return the TLS settings that all connections of this process share. Reading certificates takes up to 80 ms."""
    return ssl.create_default_context()


#: slack_sdk logs each failed call before it raises. Callers report the failure in their own words.
_UNHEARD: Final = logging.getLogger("panelbot.slack_sdk")
_UNHEARD.setLevel(logging.CRITICAL)


def web_client(token: str, base_url: str, *, timeout: int = HTTP_SECONDS) -> WebClient:
    """Return a client that never repeats a call. Clients of slack_sdk would post again after a lost answer."""
    return WebClient(
        token=token, base_url=base_url, ssl=tls_context(), timeout=timeout, retry_handlers=[], logger=_UNHEARD
    )


#: Called before people see a file, with its upload, the file's id, the channel and the file's SHA-256.
NoteFile = Callable[[Upload, str, str, str], None]


def _note_nothing(_call: Upload, _file_id: str, _channel_id: str, _digest: str) -> None:
    """Do nothing. A sender whose files need no record uses this as `note_file`."""


class Sender:
    """Makes the calls for effects. Its methods return an outcome and never raise.

    Each call has a new connection, since Slack may have closed an idle one. slack_sdk isn't used for these calls, since
    it misreports answers that are not Slack's own: a proxy's web page as a broken answer, and a JSON list as an error
    of the caller.
    """

    def __init__(self, client: WebClient) -> None:
        self._base_url = client.base_url
        self._token = client.token or ""
        self._timeout = client.timeout
        self._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls_context()), _NoRedirect())

    def ask(self) -> Outcome:
        """Ask Slack whether the bot's token is accepted, by a call that shows nothing to people. Return the outcome."""
        try:
            self._call("auth.test", {}, shows=False)
        except _Failed as failed:
            return failed.outcome
        return Outcome()

    def send(self, call: Call, channel_id: str | None = None, note_file: NoteFile = _note_nothing) -> Outcome:
        """Make the calls for one effect. `channel_id` is a direct message's channel, or None to open one first.

        `note_file` is called with the upload, the file's id, the channel and the SHA-256 before people see the file.
        """
        opened: str | None = None
        try:
            if channel_id is None and isinstance(call, PostToPerson | Upload):
                channel_id = opened = self._open(call.user_id)
            return Outcome(result=self._send(call, channel_id or "", note_file), opened=opened)
        except _Failed as failed:
            return replace(failed.outcome, opened=opened)
        except Exception as unexpected:  # noqa: BLE001 - whatever broke, it may have been after Slack took it
            return Outcome(Treatment.NO_ANSWER, error=incident(unexpected)[-60:], opened=opened)

    def _send(self, call: Call, channel_id: str, note_file: NoteFile) -> dict[str, Any]:
        match call:
            case Post() | PostToPerson():
                to = call.channel_id if isinstance(call, Post) else channel_id
                seen = self._look(call) if isinstance(call, Post) and call.is_for_panel else {}
                body = {"channel": to, "text": call.text, "unfurl_links": False, "unfurl_media": False}
                blocks = {"blocks": list(call.blocks)} if call.blocks else {}
                return seen | _place(self._call("chat.postMessage", {**body, **blocks}))
            case Whisper():
                body = {"channel": call.channel_id, "user": call.user_id, "text": call.text}
                thread = {"thread_ts": call.thread_ts} if call.thread_ts else {}
                self._call("chat.postEphemeral", {**body, **thread, "blocks": list(call.blocks)})
                return {}
            case Rewrite():
                seen = self._look(call) if call.is_for_panel else {}
                body = {"channel": call.channel_id, "ts": call.ts, "text": call.text, "blocks": list(call.blocks)}
                return seen | _place(self._call("chat.update", body))
            case Delete():
                self._call("chat.delete", {"channel": call.channel_id, "ts": call.ts})
                return {}
            case PublishHome():
                self._call("views.publish", {"user_id": call.user_id, "view": call.view})
                return {}
            case Respond():
                self._respond(call)
                return {}
            case RemoveFile():
                self._call("files.delete", {"file": call.file_id})
                return {"file": call.file_id}
            case Upload():
                return self._upload(call, channel_id, note_file)
            case LookAtMembers():
                return self._look_at_members(call)

    def _open(self, user_id: str) -> str:
        channel = self._call("conversations.open", {"users": user_id}, shows=False).get("channel")
        if not isinstance(channel, dict) or not channel.get("id"):
            raise _Failed(Outcome(Treatment.UNREACHABLE, "conversations.open", "no channel in the answer"))
        return str(channel["id"])

    def _look(self, call: Post | Rewrite) -> dict[str, Any]:
        """Ask Slack about a panel's channel just before posting. Raise _Failed if another workspace sees the channel.

        If the bot lacks the scope to ask, rely on `was_shared`, which was recorded from Slack's events. A missing scope
        must not stop a meeting from opening.
        """
        shared = _Failed(Outcome(Treatment.SHARED, "conversations.info", "another workspace sees the channel"))
        try:
            answer = self._call("conversations.info", {"channel": call.channel_id}, shows=False, as_form=True)
        except _Failed as unseen:
            if unseen.outcome.treatment not in (Treatment.REFUSED, Treatment.HOLD_METHOD):
                raise
            if call.was_shared:
                raise shared from None
            return {}
        found = answer.get("channel")
        if not isinstance(found, dict):
            raise _Failed(Outcome(Treatment.UNREACHABLE, "conversations.info", "no channel in the answer"))
        if found.get("is_ext_shared"):
            raise shared
        return {"is_shared": False}

    def _look_at_members(self, call: LookAtMembers) -> dict[str, Any]:
        """Return the unexpected accounts in a channel, which of them are apps, and whether the whole channel was read.

        Unexpected accounts are those not in `call.expected`. Reading stops before the effect's lease runs out. The
        accounts not read by then are read the next time.
        """
        give_up_at = time.monotonic() + HTTP_SECONDS * (MOST_CALLS - 1)
        guests: list[str] = []
        cursor = ""
        for _ in range(_MOST_PAGES):
            asked = {"channel": call.channel_id, "limit": _PAGE} | ({"cursor": cursor} if cursor else {})
            page = self._call("conversations.members", asked, shows=False, as_form=True)
            guests += [str(one) for one in page.get("members") or () if one not in call.expected]
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor or time.monotonic() > give_up_at:
                break
        strangers = [one for one in guests if one not in call.known]
        bots: list[str] = []
        for count, one in enumerate(strangers):
            if count == _MOST_ASKED or time.monotonic() > give_up_at:
                left = set(strangers[count:])
                return {"guests": [one for one in guests if one not in left], "bots": bots, "is_whole": False}
            if self._is_bot(one):
                bots.append(one)
        return {"guests": guests, "bots": bots, "is_whole": not cursor}

    def _is_bot(self, user_id: str) -> bool:
        """Return whether an account is an app. If Slack does not answer for the account, it counts as a person."""
        try:
            found = self._call("users.info", {"user": user_id}, shows=False, as_form=True).get("user")
        except _Failed as failed:
            outcome = failed.outcome
            if outcome.treatment is not Treatment.TOLD:
                raise
            if outcome.error in COMMON:
                raise _Failed(_nothing_shown(replace(outcome, treatment=COMMON[outcome.error]))) from None
            return False
        return isinstance(found, dict) and bool(found.get("is_bot"))

    def _upload(self, call: Upload, channel_id: str, note_file: NoteFile) -> dict[str, Any]:
        try:
            content = call.write()
        except PanelbotError as faulty:
            raise _Failed(Outcome(Treatment.REFUSED, "upload", str(faulty)[:200])) from None
        except Exception as broken:  # noqa: BLE001 - the same facts will break it again: a person must see it
            raise _Failed(Outcome(Treatment.REFUSED, "upload", incident(broken)[-60:])) from None
        asked = {"filename": call.name, "length": len(content)}
        place = self._call("files.getUploadURLExternal", asked, shows=False, as_form=True)
        url = str(place.get("upload_url", ""))
        sent = self._http("upload", url, content, "application/octet-stream", shows=False)
        if sent.status != 200 or sent.body.lstrip().startswith(b"<"):
            # The upload address works once and for a limited time, so another is asked for.
            raise _Failed(Outcome(Treatment.LATER, "upload", f"HTTP {sent.status}"))
        file_id = str(place["file_id"])
        try:
            note_file(call, file_id, channel_id, hashlib.sha256(content).hexdigest())
        except Exception as broken:  # noqa: BLE001 - a file that is not recorded would never be removed: not shown
            raise _Failed(Outcome(Treatment.LATER, "upload", incident(broken)[-60:])) from None
        shared = {"files": [{"id": file_id, "title": call.title}], "channel_id": channel_id}
        try:
            self._call("files.completeUploadExternal", {**shared, "initial_comment": call.comment})
        except _Failed as failed:
            raise _Failed(replace(failed.outcome, result={"file": file_id})) from None
        return {"channel": channel_id, "file": file_id}

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
        """Call a method of the Web API and return Slack's answer.

        `shows` says whether people see what the call does.
        """
        content = (urlencode(body) if as_form else json.dumps(body)).encode()
        answer = self._http(method, self._base_url + method, content, _FORM if as_form else _JSON, shows=shows)
        data = answer.data
        if data is not None and data["ok"] and answer.status == 200:
            return data
        outcome = _not_slacks(method, answer) if data is None else _refusal(method, answer, data)
        if data is not None and outcome.treatment is Treatment.GONE:
            return data
        raise _Failed(outcome if shows else _nothing_shown(outcome))

    def _http(self, method: str, url: str, content: bytes, content_type: str, *, shows: bool = True) -> Answer:
        """Send a POST and return the response. Raise _Failed if no response came, or if its status is 429."""
        if not url.startswith(("https://", "http://")):
            raise _Failed(Outcome(Treatment.REFUSED, method, "not a web address"))
        headers = {"Content-Type": content_type}
        is_api = method not in _ELSEWHERE
        if is_api:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(url, data=content, headers=headers)  # noqa: S310 - checked above
        try:
            try:
                answered = self._opener.open(request, timeout=self._timeout)
            except urllib.error.HTTPError as refused:
                answered = refused
            with answered:
                named = {name.lower(): value for name, value in answered.headers.items()}
                answer = Answer(answered.status, named, answered.read())
        except urllib.error.URLError as failed:
            # urllib raises URLError for everything that fails before the whole request is sent, and only for that. So
            # Slack can't have acted on the request.
            away = Treatment.UNREACHABLE if is_api else Treatment.LATER
            raise _Failed(Outcome(away, method, _name(failed.reason))) from None
        except (OSError, http.client.HTTPException) as failed:
            # The whole request was sent and no whole answer came back, so nobody knows whether Slack acted on it.
            lost = Outcome(Treatment.NO_ANSWER, method, _name(failed))
            raise _Failed(lost if shows else _nothing_shown(lost)) from None
        if answer.status == 429:
            raise _Failed(Outcome(Treatment.REST, method, "ratelimited", answer.retry_after))
        return answer


def _place(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"channel": answer.get("channel"), "ts": answer.get("ts")}


def _refusal(method: str, answer: Answer, data: Mapping[str, Any]) -> Outcome:
    """Return the outcome of a call that Slack refused, with Slack's own error code."""
    error = str(data.get("error") or f"HTTP {answer.status}")[:100]
    treatment = treatment_of(method, error)
    if answer.status >= 500 and treatment is Treatment.REFUSED:
        treatment = Treatment.UNCERTAIN
    return Outcome(treatment, method, error, answer.retry_after)


def _refused_answer(answer: Answer) -> Outcome:
    """Return the outcome of a message that Slack refused at a click's response address.

    At this address, Slack gives its error code as JSON or plain text. Any other response is treated as one that did not
    come from Slack.
    """
    if answer.data is not None:
        return _refusal("response_url", answer, answer.data)
    word = answer.body[:100].decode(errors="replace").strip()
    if answer.status < 500 and word.replace("_", "").isalpha():
        return Outcome(treatment_of("response_url", word), "response_url", word)
    return _not_slacks("response_url", answer)


def _not_slacks(method: str, answer: Answer) -> Outcome:
    return Outcome(Treatment.NO_ANSWER, method, f"HTTP {answer.status}, not in Slack's words")


def _nothing_shown(outcome: Outcome) -> Outcome:
    """Return the outcome of a failed call that has shown nothing to people, so that the call is repeated.

    Such a call is safe to repeat. A treatment that may leave the effect to a person is replaced by a treatment that
    tries the call again.
    """
    again = {Treatment.NO_ANSWER: Treatment.UNREACHABLE, Treatment.UNCERTAIN: Treatment.LATER}
    treatment = outcome.treatment
    return outcome if treatment is None else replace(outcome, treatment=again.get(treatment, treatment))
