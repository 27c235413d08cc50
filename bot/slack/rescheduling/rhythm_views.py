"""The form for how often a panel meets: four pickers, and a field to type the rule in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.domain.language.day_words import WEEKDAYS
from bot.domain.language.rhythm_rule import LAST, Picks, Recurrence, Unit
from bot.domain.language.rhythm_words import parse_rule
from bot.errors import Mistake
from bot.models.vocabulary import BankHolidays
from bot.records.diary.queries import Clash
from bot.services.diary.series import AS_THE_KIND, SeriesView
from bot.services.rescheduling.series import SeriesChange, SeriesChoice
from bot.slack.blocks import (
    Option,
    context,
    counted,
    cut,
    day,
    day_input,
    escape,
    field,
    modal,
    number_input,
    section,
    select,
    text_input,
    watched,
)
from bot.slack.request import Block, Request, View
from bot.slack.rescheduling.views import dates_of, line_of

#: For each option of the first picker, its label and its rule, with braces in place of the day.
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


BESIDE = 6  # dates shown beside the fields
#: The names of the events when a field of the form for a new series, or for a new rule, changes.
NEW_RHYTHM, OTHER_RHYTHM = "panel.new_rhythm", "panel.other_rhythm"
NOTHING_CHOSEN = "Choose how often and on which day. You'll then see the first dates here."
NOTHING_CHANGED = "Choose how often the panel should meet. You'll then see the changes here."
_HOLIDAYS = (
    (AS_THE_KIND, "As the kind of panel says"),
    (BankHolidays.NEXT.value, "The next working day"),
    (BankHolidays.PREVIOUS.value, "The working day before"),
    (BankHolidays.SKIP.value, "Leave that meeting out"),
    (BankHolidays.KEEP.value, "Meet all the same"),
)
#: The fields of a rhythm. When one of them changes, the form is drawn again.
FIELDS: Final = ("often", "which", "weekday", "clock", "rule")


def pickers(action: str, rule: str = "", chosen: Mapping[str, str] | None = None) -> list[Block]:
    """Return the fields for a rule, filled in from `rule`. A rule that the pickers can't show is filled in as words.

    Each change of a field sends a click named `action`. `chosen` are the fields' present values if the form is redrawn.
    """
    shown = _picked(rule) if rule else {"often": "1-month"}
    words = rule if rule and "often" not in shown else ""
    if chosen is not None:
        shown, words = {name: value for name, value in chosen.items() if value}, chosen.get("rule", "")
    often: Sequence[Option] = [(key, label) for key, (label, _) in _OFTEN.items()]
    which: Sequence[Option] = [(str(position), word.capitalize()) for position, word in _WHICH.items()]
    on: Sequence[Option] = [(key, name.capitalize()) for key, name in _ON.items()]
    fields = [
        field("often", "How often", select(often, initial=shown.get("often")), optional=True),
        field(
            "which",
            "Which one in it",
            select(which, initial=shown.get("which")),
            optional=True,
            hint="Use this if the panel meets every month or quarter, such as on the second Tuesday.",
        ),
        field("weekday", "Which day", select(on, initial=shown.get("weekday")), optional=True),
        field(
            "clock",
            "At",
            {"type": "timepicker", **({"initial_time": shown["clock"]} if "clock" in shown else {})},
            optional=True,
            hint="If you leave this empty, I'll use the panel's usual time.",
        ),
        field(
            "rule",
            "Or in words",
            text_input(
                initial=words,
                placeholder="first and third Wednesday at 10:00",
                most=200,
            ),
            optional=True,
            hint="Use this instead of the lists above. Press Enter to see the dates.",
        ),
    ]
    return [watched(each, action) for each in fields]


def rule_of(request: Request) -> str:
    """Return the rule of a series in words, typed or chosen. Raise Mistake if a picker is empty or doesn't fit."""
    words = request.field("rule").strip()
    if words:
        return words
    if not request.field("often"):
        raise Mistake("Choose how often the panel meets, or say it in words.", field="often")
    often = request.option("often", _OFTEN)
    if not request.field("weekday"):
        raise Mistake("Choose the day on which the panel meets.", field="weekday")
    on, unit = request.option("weekday", _ON), often.partition("-")[2]
    if unit in _OF_A_TIME:
        if not request.field("which"):
            raise Mistake(f"Choose which one in the {unit}, such as the second.", field="which")
        day = f"{_WHICH[int(request.option('which', map(str, _WHICH)))]} {_ON[on]}"
    elif on == _WORKING_DAY:
        raise Mistake("Choose a day such as Monday, because a week has several working days.", field="weekday")
    elif request.field("which"):
        raise Mistake(
            "If the panel meets every week or every few weeks, leave this empty. If not, choose months or quarters "
            "above.",
            field="which",
        )
    else:
        day = _ON[on]
    clock = request.field("clock")
    return _OFTEN[often][1].format(day) + (f" at {clock}" if clock else "")


def _picked(words: str) -> dict[str, str]:
    """Return the values of the pickers that show a rule, or an empty dict if they can't show it."""
    try:
        rule = parse_rule(words)
    except Mistake:  # the rule is shown as it was typed, so that the person can correct it
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


def rule_form(
    panel_title: str,
    bank_holidays: BankHolidays | None,
    metadata: dict[str, Any],
    *,
    chosen: Mapping[str, str] | None = None,
    beside: Block | None = None,
) -> View:
    """Return the form for a new series. `chosen` are the values chosen so far, and `beside` shows the first dates."""
    held = chosen or {}
    count, on_holidays = held.get("count", ""), bank_holidays.value if bank_holidays else AS_THE_KIND
    from_on = field(
        "starts_on",
        "Counting from",
        day_input(initial=held.get("starts_on", "")),
        optional=True,
        hint="If you choose no day, I'll count from today.",
    )
    holidays = field(
        "bank_holidays",
        "A date that is a bank holiday",
        select(_HOLIDAYS, initial=held.get("bank_holidays") or on_holidays),
        hint="This applies to all meetings of this panel from now on.",
    )
    blocks = [
        context(f"For {escape(panel_title)}. I won't save anything until you've seen the dates."),
        *pickers(NEW_RHYTHM, chosen=chosen),
        beside or not_yet(NOTHING_CHOSEN),
        watched(from_on, NEW_RHYTHM),
        field(
            "count",
            "How many meetings",
            number_input(least=1, most=60, initial=int(count) if count.isdecimal() and 1 <= int(count) <= 60 else None),
            optional=True,
            hint="If you leave this empty, the series has no last date. I keep the next twelve meetings in the diary.",
        ),
        watched(holidays, NEW_RHYTHM),
    ]
    return modal("panel.preview", "New series of meetings", blocks, submit="Show dates", metadata=metadata)


def not_yet(why: str) -> Block:
    """Return the block that is shown in place of a rule's dates, saying `why` there are none yet."""
    return {**section(f":calendar: {escape(why)}"), "block_id": "beside"}


def dates_beside(series: SeriesView) -> Block:
    """Return the block with the first dates of the series described in a form, and what clashes with these dates."""
    lines = [f":calendar: *{escape(series.rule)}*", *dates_of(series, shown=BESIDE), *_clashing(series.clashes)]
    return {**section("\n".join(lines)), "block_id": "beside"}


def changes_beside(change: SeriesChange) -> Block:
    """Return the block with the meetings that a new rule would move, what they clash with, and what can't be saved."""
    moved = [line_of(one).partition("\n")[0] for one in change.dates if one.is_change]
    more = [f"\u2026 and {len(moved) - BESIDE} more"] if len(moved) > BESIDE else []
    lines = [f":calendar: *{escape(change.rule_after)}*", *moved[:BESIDE], *more, *_clashing(change.clashes)]
    lines += [f":no_entry: {escape(why)}" for why in change.cannot]
    return {**section("\n".join(lines)), "block_id": "beside"}


def _clashing(found: Sequence[Clash]) -> list[str]:
    days = ", ".join(day(clash.starts_at.date()) for clash in found[:BESIDE])
    return [f":warning: {counted(len(found), 'date')} with a clash: {days}"] if found else []


def change_form(
    choices: Sequence[SeriesChoice],
    *,
    panel_title: str,
    metadata: dict[str, Any],
    rule: str = "",
    chosen: Mapping[str, str] | None = None,
    beside: Block | None = None,
) -> View:
    """Return the form for a new rule of a series. If the panel has several series, the form also asks which one.

    `rule` is a typed rule. `chosen` are the form's present values, and `beside` shows the changes that these would
    make.
    """
    blocks: list[Block] = [context(f"For {escape(panel_title)}. I won't save anything until you've seen what changes.")]
    if len(choices) > 1:
        options = [(str(one.id), cut(f"{one.rule}, next {day(one.next_at)}", 75)) for one in choices]
        which = (chosen or {}).get("series") or options[0][0]
        blocks.append(watched(field("series", "Which series", select(options, initial=which)), OTHER_RHYTHM))
    else:
        metadata = {**metadata, "series": choices[0].id}
    blocks.append(
        context("Each coming meeting moves to one of the new dates, with its cases. Past meetings keep their dates.")
    )
    blocks += pickers(OTHER_RHYTHM, rule or choices[0].rule, chosen)
    blocks.append(beside or not_yet(NOTHING_CHANGED))
    return modal("panel.rule", "Change the series", blocks, submit="Show what changes", metadata=metadata)
