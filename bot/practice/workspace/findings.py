"""The mistakes that Slack finds in a payload, in Slack's wording: `must be … [json-pointer:/blocks/0/text]`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.practice.workspace.records import Json


class Findings:
    """Collects the mistakes in a payload, each with the JSON pointer of the wrong value."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, line: str, pointer: str) -> None:
        """Add one mistake, worded as `line`, at a JSON pointer."""
        self.lines.append(f"{line} [json-pointer:{pointer}]")


#: Checks the value at a JSON pointer, and adds its faults to the findings.
Rule = Callable[[Findings, Any, str], None]


def anything(_found: Findings, _value: Any, _at: str) -> None:
    """Accept any value, for fields that are not checked here."""


def flag(found: Findings, value: Any, at: str) -> None:
    """Add a mistake unless the value is true or false."""
    if not isinstance(value, bool):
        found.add("must provide a boolean", at)


def string(most: int, *, least: int = 0) -> Rule:
    """Return the rule that a value is a string of `least` to `most` characters."""

    def check(found: Findings, value: Any, at: str) -> None:
        if not isinstance(value, str):
            found.add("must provide a string", at)
        elif len(value) < least:
            found.add(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            found.add(f"must be less than {most + 1} characters", at)

    return check


def number(least: int, most: int) -> Rule:
    """Return the rule that a value is a whole number from `least` to `most`."""
    return says(f"must be between {least} and {most}", lambda value: isinstance(value, int) and least <= value <= most)


def one_of(*words: str) -> Rule:
    """Return the rule that a value is one of `words`."""
    return says(f"must be a valid enum value: {', '.join(sorted(words))}", lambda value: value in words)


def says(line: str, is_right: Callable[[Any], bool]) -> Rule:
    """Return a rule that adds the mistake `line` if `is_right` returns false for a value."""

    def check(found: Findings, value: Any, at: str) -> None:
        if not is_right(value):
            found.add(line, at)

    return check


def maybe(rule: Rule) -> Rule:
    """Return a rule that accepts null, and otherwise checks a value by `rule`."""
    return lambda found, value, at: None if value is None else rule(found, value, at)


def listing(item: Rule, *, least: int = 0, most: int | None = None) -> Rule:
    """Return the rule that a value is an array of `least` to `most` items that follow the rule `item`."""

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
    """The rule for an object: the rules of its required and optional fields, and a check of all fields together.

    A field without a rule is unknown to Slack, and counts as a mistake.
    """

    needs: Mapping[str, Rule]
    may_have: Mapping[str, Rule]
    together: Callable[[Findings, Json, str], None] | None = None

    def __call__(self, found: Findings, value: Any, at: str) -> None:
        """Check an object and add its mistakes to `found`. `at` is the JSON pointer of the object."""
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
    """Return the rule that an object has a `type` from `allowed` and follows the rule for this type in `rules`.

    Without `allowed`, any type in `rules` may be used.
    """

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
    """Return the rule for a text object of up to `most` characters (…/composition-objects/text-object)."""
    words = {"text": string(most, least=1)}
    rules = {"plain_text": Shape(words, {"emoji": flag})}
    if plain:
        return any_of(rules)
    either = any_of(rules | {"mrkdwn": Shape(words, {"verbatim": flag})})

    def check(found: Findings, value: Any, at: str) -> None:
        before = len(found.lines)
        either(found, value, at)
        if any(line.endswith(f"[json-pointer:{at}/text]") for line in found.lines[before:]):
            # If both kinds of text are allowed, Slack first says that neither matched.
            found.lines.insert(before, f"failed to match all allowed schemas [json-pointer:{at}]")

    return check


class ApiError(Exception):
    """An answer of the Web API with `ok: false`. `error` is Slack's code, and `extra` is added to the body."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """Return the JSON body of Slack's answer."""
        return {"ok": False, "error": self.error, **self.extra}


def invalid_arguments(*messages: str) -> ApiError:
    """Return the error `invalid_arguments`, with each of `messages` in its `response_metadata`."""
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {line}" for line in messages]})


class NotOffered(Exception):
    """Raised if a person tries something that Slack's client would not let them do.

    For instance, the person is not a member of the channel, their account is deactivated, or there is no such button.
    """
