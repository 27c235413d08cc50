"""Payloads as Slack sends them, spoiled in all the ways that chance finds; the same number gives the same bytes."""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Final
from urllib.parse import quote

from tests.proof import desk
from tests.proof.authorisation import Row, table
from tests.proof.desk import Body

SEED: Final = 20261129
_WORDS: Final = (
    "", " ", "x", "0", "1", "2", "3", "5", "-1", "²", "9" * 19, str(2**63), "1e9", "nan", "x" * 5_000, "\0", "a\0b",
    "\ud800", "\u202e", "\r\n", "<script>", "<@UNURSE>", "<!channel>", "'; DROP TABLE person; --", "%s {0} {x}", "null",
    ":", "|", "||", "1:", ":1", "west-met:", "west-met|", "west-met", "shire-met", "west-met:1:1", "west-met|0.0.0",
    "west-met|" + ".".join(["1"] * 400), "2026-03-24", "2026-13-45", "0001-01-01", "9999-12-31", "2026-03-24T14:00:00",
    "2026-03-24T14:00:00+00:00", "14:00", "25:00", "all", "closed", "WEST-0001", "WEST-0666", "USTRANGER", "UNURSE",
    "UMATRON", "T0OTHER", "E0ORG", "CWEST", "C9", "SELF", "modal", "home", "message", "{}", "[]", '{"panel":1}',
)  # fmt: skip
_VALUES: Final = (
    None, True, False, 0, 1, 2, 3, -1, 1.5, 1e308, float("nan"), float("inf"), 2**31, 2**63, 10**30,
    [], {}, [None], ["x"], [[1]], [{}], {"x": 1}, {"value": 1}, {"id": None}, {"user_id": "UNURSE"},
)  # fmt: skip
#: How many spoiled payloads there are for each that is only of another person, or whole.
_SPOILED: Final = 19
Place = tuple[Any, Any]  #: what holds it, and its key or number there


def payload(number: int) -> tuple[bytes, str]:
    """Return the bytes and the content type of the payload of this number."""
    chance = random.Random(f"{SEED}:{number}")  # noqa: S311 - for tests
    desk.number_from(number * 20)
    body = _whole(chance)
    if chance.randrange(_SPOILED + 1):
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            _spoil(chance, body)
    return _broken(chance, *_written(body))


def _whole(chance: random.Random) -> Body:
    """Return a payload with nothing wrong: a line of the table, or what no line says, of a person."""
    row = chance.choice(table())
    persona = chance.choice(tuple(row.may))
    if chance.random() < 0.5:  # who is refused at once shows little of what lies behind
        persona = next(iter(row.may))
    kind = chance.randrange(12)
    if kind == 0:
        happened = chance.choice(("app_home_opened", "app_mention", "channel_shared", "member_joined_channel"))
        said = "<@UBOT> ACTION: Nurse to ring the school by Friday"
        return desk.event(persona, happened, channel=chance.choice(("D1", "CWEST")), tab="home", text=said)
    if kind == 1:
        account = {"id": f"U{persona.upper()}", "team_id": "T0PRACTICE", "deleted": chance.random() < 0.5}
        return desk.event(persona, "user_change") | {"event": {"type": "user_change", "user": account}}
    if kind == 2:
        return desk.closed(persona, "case.flag", {"panel": "west-met"})
    body = row.sent_by(persona)
    if row.kind == "Clicked" and kind == 3 and "view" in body:
        body["view"]["type"] = "home"
    return body


def _spoil(chance: random.Random, body: Body) -> None:
    """Change one thing somewhere in the payload, or in what a form carries through Slack."""
    metadata = _metadata(body)
    places = list(_places(body)) + 3 * list(_telling(body)) + 3 * list(_places(metadata))
    holder, key = chance.choice(places)
    how = chance.choice(_WAYS)
    if how is _another_line:
        how(chance, body, key)
    else:
        how(chance, holder, key)
    if metadata and isinstance(view := body.get("view"), dict) and holder is not view:
        view["private_metadata"] = json.dumps(metadata)


def _metadata(body: Body) -> Any:
    view = body.get("view")
    try:
        return json.loads(view["private_metadata"]) if isinstance(view, dict) else {}
    except (KeyError, TypeError, ValueError):
        return {}


def _places(found: Any) -> Iterator[Place]:
    """Yield every place in a payload where something stands."""
    each = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in each:
        yield found, key
        yield from _places(value)


def _telling(body: Body) -> Iterator[Place]:
    """Yield the places that say what is asked for."""
    for name in ("text", "command", "callback_id"):
        if name in body:
            yield body, name
    for part in (body.get("actions"), body.get("view"), body.get("user"), body.get("event")):
        yield from _places(part if not isinstance(part, dict) else {k: v for k, v in part.items() if k != "blocks"})


def _drop(_: random.Random, holder: Any, key: Any) -> None:
    del holder[key]


def _value(chance: random.Random, holder: Any, key: Any) -> None:
    holder[key] = deepcopy(chance.choice(_VALUES))


def _word(chance: random.Random, holder: Any, key: Any) -> None:
    holder[key] = chance.choice(_WORDS)


def _edit(chance: random.Random, holder: Any, key: Any) -> None:
    """Put something into what is there, or take something out."""
    text = str(holder[key])
    at = chance.randrange(len(text) + 1)
    holder[key] = text[:at] + chance.choice(_WORDS) + text[at + chance.randrange(3) :]


def _other_type(chance: random.Random, holder: Any, key: Any) -> None:
    holder[key] = chance.choice((lambda it: [it], lambda it: {"id": it}, str, lambda it: [it, it]))(holder[key])


def _other_number(chance: random.Random, holder: Any, key: Any) -> None:
    number = chance.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 10**9))
    holder[key] = number if isinstance(holder[key], int) else str(number)


def _junk(chance: random.Random, holder: Any, key: Any) -> None:
    nested: Any = deepcopy(chance.choice(_VALUES))
    for _ in range(chance.choice((2, 20, 100))):
        nested = [nested] if chance.random() < 0.5 else {"x": nested}
    holder[key] = nested


def _rename(chance: random.Random, holder: Any, key: Any) -> None:
    if isinstance(holder, dict):
        holder[chance.choice(("id", "value", "x", "panel", "meeting", "selected_option", "user"))] = holder.pop(key)


def _more(chance: random.Random, holder: Any, _: Any) -> None:
    """Add something that is usually not there."""
    if isinstance(holder, dict):
        names = ("places", "selected_option", "selected_options", "selected_users", "channel", "view", "message", "tab")
        holder[chance.choice(names)] = deepcopy(chance.choice((*_VALUES, {"stranded": 2**70}, {"x": -1}, {"": True})))
    else:
        holder.append(deepcopy(chance.choice(_VALUES)))


def _another_line(chance: random.Random, body: Body, _: Any) -> None:
    """Forge: the value, the fields, the metadata or the name are another line's."""
    other: Row = chance.choice(table())
    taken = other.sent_by("chair")
    part = chance.choice(("actions", "view", "text", "command", "callback_id", "user", "team", "channel", "event"))
    if part in taken:
        body[part] = taken[part]


_WAYS: Final[tuple[Callable[[random.Random, Any, Any], None], ...]] = (
    _drop, _value, _value, _word, _word, _word, _edit, _edit, _other_type, _other_number, _other_number, _junk, _rename,
    _more, _another_line,
)  # fmt: skip


def _written(body: Body) -> tuple[bytes, str]:
    if "command" in body and body.get("type") is None:
        pairs = (f"{_quoted(name)}={_quoted(value)}" for name, value in body.items())
        return "&".join(pairs).encode(), desk.FORM
    text = json.dumps(body)
    if "event" in body:
        return text.encode(), "application/json"
    return f"payload={_quoted(text)}".encode(), desk.FORM


def _quoted(value: Any) -> str:
    return quote(str(value), safe="", errors="surrogatepass")


def _broken(chance: random.Random, raw: bytes, content_type: str) -> tuple[bytes, str]:
    """Spoil one in thirty as bytes as well: cut off, doubled, too deep, of another type."""
    how = chance.randrange(240)
    at = chance.randrange(len(raw) + 1)
    if how == 0:
        return raw[:at], content_type
    if how == 1:
        return raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :], content_type
    if how == 2:
        return raw, chance.choice(("application/json", "text/plain", "", desk.FORM.upper(), "multipart/form-data"))
    if how == 3:
        return raw + b"&" + raw, content_type
    if how == 4:
        deep = chance.choice((b"[", b'{"x":')) * chance.choice((900, 20_000))
        return (b"payload=" + deep, desk.FORM) if chance.random() < 0.5 else (deep, "application/json")
    if how == 5:
        return chance.choice(
            (b"", b"payload=", b"payload=null", b"payload=[]", b"null", b"[]", b"1", b"{}")
        ), content_type
    if how == 6:  # a key that is there twice
        return raw.replace(b"%7B%22", b"%7B%22id%22%3A1%2C%22user%22%3A%22x%22%2C%22", 3).replace(
            b'{"', b'{"id":1,"user":"x","'
        ), content_type
    if how == 7:
        return json.dumps(
            {"type": chance.choice(("x", None, 1, [])), "user": chance.choice(_VALUES)}
        ).encode(), content_type
    return raw, content_type
