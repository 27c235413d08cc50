"""One POST over HTTP, and what is known when it fails: whether Slack was reached, and whether the answer is Slack's.

slack_sdk would say less: it takes a proxy's page for a broken answer and a list for a mistake of the caller.
"""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class NotReached(Exception):
    """The connection could not be made, or not all was handed over: nobody can have acted on it."""


class NoAnswer(Exception):
    """All was handed over, and no whole answer came back: nobody knows what was made of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]  #: names in small letters
    body: bytes

    @property
    def data(self) -> Mapping[str, Any] | None:
        """Slack's own answer, which is an object that says whether it is `ok`; None for anything else."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) and isinstance(found.get("ok"), bool) else None

    @property
    def retry_after(self) -> float | None:
        """How many seconds Slack wants not to be asked; None where it does not say."""
        said = self.headers.get("retry-after", "").strip()
        return float(said) if said.isdecimal() else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is not Slack's: following it would turn the POST into a GET."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Follow nothing."""


class WebCalls:
    """Makes calls, each over a connection of its own: one kept open may have been closed at the other end."""

    def __init__(self, context: ssl.SSLContext, timeout: float) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirect())
        self._timeout = timeout

    def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Post and return the answer, whatever its status. Raises NotReached or NoAnswer."""
        request = urllib.request.Request(url, data=content, headers=dict(headers))  # noqa: S310 - checked by callers
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return Answer(answer.status, _lowered(answer.headers), answer.read())
        except urllib.error.HTTPError as refused:
            return _read(refused)
        except urllib.error.URLError as failed:
            # urllib says so of all that goes wrong before the last byte was handed over, and of nothing after it.
            raise NotReached(_name(failed.reason)) from None
        except (OSError, http.client.HTTPException) as failed:
            raise NoAnswer(_name(failed)) from None


def _read(refused: urllib.error.HTTPError) -> Answer:
    with refused:
        try:
            return Answer(refused.code, _lowered(refused.headers), refused.read())
        except (OSError, http.client.HTTPException) as failed:
            raise NoAnswer(_name(failed)) from None


def _lowered(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _name(failed: object) -> str:
    return type(failed).__name__ if isinstance(failed, Exception) else str(failed)[:60]
