"""The shipped list of words that may blame a child, read from `agendas/wording/shipped.toml`."""

import tomllib
from functools import cache
from importlib.resources import files

from bot.domain.language.wording import Wording


@cache
def shipped_wordings() -> tuple[Wording, ...]:
    """Return the shipped words that may blame a child, each with a better wording, in the order of the file."""
    raw = tomllib.loads(files("agendas").joinpath("wording", "shipped.toml").read_text(encoding="utf-8"))
    return tuple(Wording(tuple(one["says"]), one["instead"]) for one in raw["words"])
