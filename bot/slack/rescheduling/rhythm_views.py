"""Choosing how often a panel meets: four pickers, and a line of words for other rhythms."""

from collections.abc import Sequence
from typing import Final

from bot.domain.language.day_words import WEEKDAYS
from bot.domain.language.rhythm_rule import LAST, Picks, Recurrence, Unit
from bot.domain.language.rhythm_words import parse_rule
from bot.errors import Mistake
from bot.slack.blocks import Option, field, select, text_input
from bot.slack.request import Block, Request

#: What a rule says of each, with the place of "which day" in braces.
_OFTEN: Final = {
    "1-week": ("Every week", "every {}"),
    "2-week": ("Every other week", "every other {}"),
    "4-week": ("Every four weeks", "every 4 weeks on {}"),
    "6-week": ("Every six weeks", "every 6 weeks on {}"),
    "1-month": ("Every month", "{} of the month"),
    "2-month": ("Every other month", "every 2 months on the {}"),
    "1-quarter": ("Every quarter", "{} of each quarter"),
}
_WHICH: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", LAST: "last"}
_WORKING_DAY: Final = "working"
_ON: Final = {**{str(number): name for number, name in enumerate(WEEKDAYS[:5])}, _WORKING_DAY: "working day"}
_OF_A_TIME: Final = ("month", "quarter")


def pickers(rule: str = "") -> list[Block]:
    """Return the fields of a rhythm for a rule: in the pickers if these offer it, otherwise in words."""
    shown = _picked(rule) if rule else {"often": "1-month"}
    often: Sequence[Option] = [(key, label) for key, (label, _) in _OFTEN.items()]
    which: Sequence[Option] = [(str(position), word.capitalize()) for position, word in _WHICH.items()]
    on: Sequence[Option] = [(key, name.capitalize()) for key, name in _ON.items()]
    return [
        field("often", "How often", select(often, initial=shown.get("often")), optional=True),
        field(
            "which",
            "Which one in it",
            select(which, initial=shown.get("which")),
            optional=True,
            hint="For months and quarters, such as the second Tuesday.",
        ),
        field("weekday", "Which day", select(on, initial=shown.get("weekday")), optional=True),
        field(
            "clock",
            "At",
            {"type": "timepicker", **({"initial_time": shown["clock"]} if "clock" in shown else {})},
            optional=True,
            hint="The panel's usual hour where you leave it empty.",
        ),
        field(
            "rule",
            "Or in words",
            text_input(
                initial=rule if rule and "often" not in shown else "",
                placeholder="first and third Wednesday at 10:00",
                most=200,
            ),
            optional=True,
            hint="Use this if the pickers don't offer what you need. It replaces them.",
        ),
    ]


def rule_of(request: Request) -> str:
    """Return the entered rule in words. Raise Mistake on a picker that is empty or does not fit."""
    words = request.field("rule").strip()
    if words:
        return words
    if not request.field("often"):
        raise Mistake("Choose how often the panel meets, or say it in words.", field="often")
    often = request.option("often", _OFTEN)
    if not request.field("weekday"):
        raise Mistake("Choose the day on which it meets.", field="weekday")
    on, unit = request.option("weekday", _ON), often.partition("-")[2]
    if unit in _OF_A_TIME:
        if not request.field("which"):
            raise Mistake(f"Choose which one in the {unit}, such as the second.", field="which")
        day = f"{_WHICH[int(request.option('which', map(str, _WHICH)))]} {_ON[on]}"
    elif on == _WORKING_DAY:
        raise Mistake("A week has several working days: choose one by its name.", field="weekday")
    elif request.field("which"):
        raise Mistake("A week has each day only once. Leave this empty, or choose months or quarters.", field="which")
    else:
        day = _ON[on]
    clock = request.field("clock")
    return _OFTEN[often][1].format(day) + (f" at {clock}" if clock else "")


def _picked(words: str) -> dict[str, str]:
    """Return what the pickers show of a rule, or nothing if they don't offer it."""
    try:
        rule = parse_rule(words)
    except Mistake:  # it is shown as it was typed, to be put right
        return {}
    often = f"{rule.every}-{rule.unit.value}"
    if often not in _OFTEN or rule.begins or rule.ends or rule.times or rule.months:
        return {}
    one_day = len(rule.weekdays) == 1 and rule.weekdays[0] < 5
    shown = {"often": often, **({"clock": f"{rule.at:%H:%M}"} if rule.at else {})}
    if rule.unit is Unit.WEEK:
        return {**shown, "weekday": str(rule.weekdays[0])} if one_day else {}
    if len(rule.positions) != 1 or rule.positions[0] not in _WHICH:
        return {}
    weekday = _day_picked(rule)
    return {**shown, "which": str(rule.positions[0]), "weekday": weekday} if weekday else {}


def _day_picked(rule: Recurrence) -> str:
    if rule.picks is Picks.WORKING_DAY:
        return _WORKING_DAY
    is_weekday = rule.picks is Picks.WEEKDAY and len(rule.weekdays) == 1 and rule.weekdays[0] < 5
    return str(rule.weekdays[0]) if is_weekday else ""
