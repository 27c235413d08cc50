"""How Slack writes what people typed: `& < >` escaped, picked names as ids (messaging/formatting-message-text)."""

import re

from bot.practice.state import State

#: A name or channel the person picked from the list, already as its id.
_PICKED = re.compile(r"<([@#])([A-Z0-9]+)(?:\|[^>]*)?>")


def in_message(state: State, typed: str) -> str:
    """Return the text of an ordinary message: `<@U1>`, `<#C1|general>`, everything else escaped."""
    return _write(state, typed, with_names=False, ids=True)


def in_command(state: State, typed: str, *, should_escape: bool) -> str:
    """Return the text of a slash command: `<@U1|alex>` when the command escapes, else `@alex` as typed."""
    return _write(state, typed, with_names=True, ids=should_escape)


def escape(text: str) -> str:
    """Replace the three characters Slack keeps for itself."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _write(state: State, typed: str, *, with_names: bool, ids: bool) -> str:
    people = {user.name: user.id for user in state.users.values() if not user.deleted}
    places = {channel.name: channel.id for channel in state.channels.values() if channel.kind == "public"}
    # The longest name first, so that @alexandra is not read as @alex; a name ends where a word ends.
    at = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True)) or r"(?!)"
    hash_ = "|".join(re.escape(name) for name in sorted(places, key=len, reverse=True)) or r"(?!)"
    named = re.compile(rf"(?<!\w)(?:@(?P<person>{at})|#(?P<place>{hash_}))(?![\w-])")

    def mention(kind: str, target: str) -> str | None:
        if kind == "@" and target in state.users:
            name = state.users[target].name
            if not ids:
                return f"@{name}"
            return f"<@{target}|{name}>" if with_names else f"<@{target}>"
        if kind == "#" and target in state.channels:
            name = state.channels[target].name
            return f"<#{target}|{name}>" if ids else f"#{name}"
        return None

    def plain(text: str) -> str:
        out, at_ = [], 0
        for found in named.finditer(text):
            out.append(escape(text[at_ : found.start()]))
            kind = "@" if found["person"] else "#"
            target = people[found["person"]] if kind == "@" else places[found["place"]]
            out.append(mention(kind, target) or escape(found[0]))
            at_ = found.end()
        return "".join([*out, escape(text[at_:])])

    written, position = [], 0
    for found in _PICKED.finditer(typed):
        known = mention(found[1], found[2])
        if known is None:
            continue
        written += [plain(typed[position : found.start()]), known]
        position = found.end()
    return "".join([*written, plain(typed[position:])])
