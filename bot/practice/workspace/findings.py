"""The faults Slack names in a payload, in its wording: `must be … [json-pointer:/blocks/0/text]`."""

from collections.abc import Collection, Iterable
from typing import Any

from bot.practice.workspace.records import Json


class Findings:
    """Collects faults; every check returns whether the value may be looked into further."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, line: str, pointer: str) -> bool:
        """Note one fault at a JSON pointer; always False, so that a check can return it."""
        self.lines.append(f"{line} [json-pointer:{pointer}]")
        return False

    def is_object(self, value: Any, pointer: str) -> bool:
        """Check for a JSON object."""
        return isinstance(value, dict) or self.add("must provide an object", pointer)

    def is_list(self, value: Any, pointer: str, *, least: int = 0, most: int | None = None) -> bool:
        """Check for an array with between `least` and `most` items."""
        if not isinstance(value, list):
            return self.add("must provide an array", pointer)
        if len(value) < least:
            return self.add(f"no fewer than {least} items allowed", pointer)
        if most is not None and len(value) > most:
            return self.add(f"no more than {most} items allowed", pointer)
        return True

    def is_string(self, value: Any, pointer: str, *, least: int = 0, most: int | None = None) -> bool:
        """Check for a string with between `least` and `most` characters."""
        if not isinstance(value, str):
            return self.add("must provide a string", pointer)
        if len(value) < least:
            return self.add(f"must be more than {least - 1} characters", pointer)
        if most is not None and len(value) > most:
            return self.add(f"must be less than {most + 1} characters", pointer)
        return True

    def is_one_of(self, value: Any, allowed: Collection[str], pointer: str) -> bool:
        """Check for one of a few words."""
        return value in allowed or self.add(f"must be a valid enum value: {', '.join(sorted(allowed))}", pointer)

    def booleans(self, value: Json, keys: Iterable[str], pointer: str) -> None:
        """Check that these fields, where present, are true or false."""
        for key in keys:
            if key in value and not isinstance(value[key], bool):
                self.add("must provide a boolean", f"{pointer}/{key}")

    def keys(self, value: Json, *, required: Iterable[str], optional: Iterable[str], pointer: str) -> bool:
        """Check that nothing is missing and nothing is there that Slack does not know."""
        missing = [key for key in required if value.get(key) is None]
        for key in missing:
            self.add(f"missing required field: {key}", pointer)
        for key in value:
            if key not in {"type", *required, *optional}:
                self.add(f"invalid additional property: {key}", pointer)
        return not missing

    def text(self, value: Any, pointer: str, *, most: int, plain: bool = False) -> bool:
        """Check a text object of at most `most` characters (reference/block-kit/composition-objects/text-object)."""
        if not self.is_object(value, pointer):
            return False
        kind = value.get("type")
        if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
            return self.add(f"unsupported type: {kind}", f"{pointer}/type")
        optional = ["emoji"] if kind == "plain_text" else ["verbatim"]
        if not self.keys(value, required=["text"], optional=optional, pointer=pointer):
            return False
        self.booleans(value, optional, pointer)
        before = len(self.lines)
        if self.is_string(value["text"], f"{pointer}/text", least=1, most=most):
            return True
        if not plain:
            # Where two kinds of text are allowed, Slack first says that neither fitted.
            self.lines.insert(before, f"failed to match all allowed schemas [json-pointer:{pointer}]")
        return False


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
