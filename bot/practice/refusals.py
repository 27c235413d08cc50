"""What this Slack says no with: one exception for the Web API, one for what Slack's client would not offer."""

from typing import Any


class ApiError(Exception):
    """A Web API answer with `ok: false`; `error` is Slack's code, `extra` joins the body (Web API: responses)."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """Return the JSON body Slack answers with."""
        return {"ok": False, "error": self.error, **self.extra}


def invalid_arguments(*messages: str) -> ApiError:
    """Return `invalid_arguments` with one sentence per fault in `response_metadata.messages`."""
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {line}" for line in messages]})


class NotOffered(Exception):
    """Slack's own client does not let this person do this (not a member, deactivated, no such button …)."""
