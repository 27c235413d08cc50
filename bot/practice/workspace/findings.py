"""The faults that Slack finds in a payload, in its wording: `must be … [json-pointer:/blocks/0/text]`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.practice.workspace.records import Json


class Findings:
    """A collector of faults, each with the JSON pointer of what is wrong."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, line: str, pointer: str) -> None:
        """Note one fault at a JSON pointer."""
        self.lines.append(f"{line} [json-pointer:{pointer}]")


#: Notes what is wrong with a value that stands at a JSON pointer.
Rule = Callable[[Findings, Any, str], None]


def anything(_found: Findings, _value: Any, _at: str) -> None:
    """Accept any value, since what Slack says of this field is not checked here."""


def flag(found: Findings, value: Any, at: str) -> None:
    """Check for true or false."""
    if not isinstance(value, bool):
        found.add("must provide a boolean", at)


def string(most: int, *, least: int = 0) -> Rule:
    """Return the rule of a string with between `least` and `most` characters."""

    def check(found: Findings, value: Any, at: str) -> None:
        if not isinstance(value, str):
            found.add("must provide a string", at)
        elif len(value) < least:
            found.add(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            found.add(f"must be less than {most + 1} characters", at)

    return check


def number(least: int, most: int) -> Rule:
    """Return the rule that a value is a whole number between `least` and `most`."""
    return says(f"must be between {least} and {most}", lambda value: isinstance(value, int) and least <= value <= most)


def one_of(*words: str) -> Rule:
    """Return the rule of one of a few words."""
    return says(f"must be a valid enum value: {', '.join(sorted(words))}", lambda value: value in words)


def says(line: str, is_right: Callable[[Any], bool]) -> Rule:
    """Return the rule that reports `line` unless the value is right."""

    def check(found: Findings, value: Any, at: str) -> None:
        if not is_right(value):
            found.add(line, at)

    return check


def maybe(rule: Rule) -> Rule:
    """Return the rule that also accepts null."""
    return lambda found, value, at: None if value is None else rule(found, value, at)


def listing(item: Rule, *, least: int = 0, most: int | None = None) -> Rule:
    """Return the rule of an array with between `least` and `most` items, each of which follows a rule."""

    def check(found: Findings, value: Any, at: str) -> None:
        if not isinstance(value, list):
            found.add("must provide an array", at)
        elif len(value) < least:
            found.add(f"no fewer than {least} items allowed", at)
        elif most is not None and len(value) > most:
            found.add(f"no more than {most} items allowed", at)
        else:
            for index, one in enumerate(value):
                item(found, one, f"{at}/{index}")

    return check


@dataclass(frozen=True, slots=True)
class Shape:
    """The rule of an object: the rule of each field, which fields are required, and what they must satisfy together.

    A field that stands in neither table is one that Slack does not know.
    """

    needs: Mapping[str, Rule]
    may_have: Mapping[str, Rule]
    together: Callable[[Findings, Json, str], None] | None = None

    def __call__(self, found: Findings, value: Any, at: str) -> None:
        """Note what is wrong with a value at a JSON pointer."""
        if not isinstance(value, dict):
            found.add("must provide an object", at)
            return
        missing = [key for key in self.needs if value.get(key) is None]
        for key in missing:
            found.add(f"missing required field: {key}", at)
        for key, given in value.items():
            rule = self.needs.get(key) or self.may_have.get(key)
            if rule is not None and key not in missing:
                rule(found, given, f"{at}/{key}")
            elif rule is None and key != "type":
                found.add(f"invalid additional property: {key}", at)
        if self.together is not None:
            self.together(found, value, at)


def any_of(rules: Mapping[str, Rule], allowed: Collection[str] | None = None) -> Rule:
    """Return the rule of an object whose `type` says which of these rules applies."""

    def check(found: Findings, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            found.add("must provide an object", at)
            return
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in (rules if allowed is None else allowed):
            found.add(f"unsupported type: {kind}", f"{at}/type")
            return
        rules[kind](found, value, at)

    return check


def text(most: int, *, plain: bool = False) -> Rule:
    """Return the rule of a text of at most `most` characters (reference/block-kit/composition-objects/text-object)."""
    words = {"text": string(most, least=1)}
    rules = {"plain_text": Shape(words, {"emoji": flag})}
    if plain:
        return any_of(rules)
    either = any_of(rules | {"mrkdwn": Shape(words, {"verbatim": flag})})

    def check(found: Findings, value: Any, at: str) -> None:
        before = len(found.lines)
        either(found, value, at)
        if any(line.endswith(f"[json-pointer:{at}/text]") for line in found.lines[before:]):
            # Where two kinds of text are allowed, Slack first says that neither fitted.
            found.lines.insert(before, f"failed to match all allowed schemas [json-pointer:{at}]")

    return check


class ApiError(Exception):
    """A Web API answer with `ok: false`. `error` is Slack's code, `extra` joins the body (Web API: responses)."""

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
