"""A new series of meetings: a rule in words that fills a panel's diary."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from bot.domain.language.rhythm_rule import Recurrence
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.vocabulary import BankHolidays
from bot.records.access.clocks import rules_of, today_at
from bot.records.access.queries import Standing, Where, find_panel
from bot.records.diary.changes import Dates, begin_series, dates_for
from bot.records.diary.clashes import Clash, clashes_at
from bot.records.diary.queries import is_open_ended, lock_diary, rules_in_force
from bot.records.rescheduling.queries import remarks_on, words_of
from bot.store.unit_of_work import Work

MAX_COUNT: Final = 60
AS_THE_KIND: Final = "definition"  # bank holidays as the kind of panel says
BankHolidayRule = BankHolidays | Literal["definition"]


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A rule in words and the dates it gives."""

    panel_key: str
    panel_title: str
    rule: str
    dates: tuple[datetime, ...]
    moved: tuple[tuple[date, datetime, str], ...]  #: the rule's day, the date instead, why
    already_there: tuple[datetime, ...] = ()
    goes_on: bool = False  #: the diary is kept filled ahead
    clashes: tuple[Clash, ...] = ()
    remarks: tuple[str, ...] = ()  #: what is unusual about the first date
    beside: tuple[str, ...] = ()  #: the rules by which the panel meets already


def preview_series(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    rule: str,
    starts_on: date | None = None,
    count: int | None = None,
    bank_holidays: BankHolidayRule | None = None,
) -> SeriesView:
    """The dates a rule would give; nothing is saved."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    return _dates(work, standing, parse_rule(rule), starts_on, count, _rules(work, standing, bank_holidays))[0]


def create_series(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    rule: str,
    starts_on: date | None = None,
    count: int | None = None,
    bank_holidays: BankHolidayRule | None = None,
) -> SeriesView:
    """Put a series of meetings into the panel's diary; a date that is there already stays as it is.

    Without a count or an end in its rule it goes on: twelve meetings now, and the diary is kept filled. The rule for
    bank holidays, where one is given, is the panel's from now on.
    """
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    lock_diary(work, standing.panel_id)
    recurrence = parse_rule(rule)
    rules = _rules(work, standing, bank_holidays)
    view, dates = _dates(work, standing, recurrence, starts_on, count, rules)
    if not view.dates:
        raise Mistake(f"Every date of {view.rule} is in the diary already.")
    if bank_holidays is not None:
        standing.panel.bank_holidays = None if bank_holidays == AS_THE_KIND else BankHolidays(bank_holidays)
        work.session.add(standing.panel)
    series = begin_series(
        work,
        standing.panel,
        recurrence,
        dates.new,
        starts_on=starts_on or today_at(work, standing.panel),
        count=count,
        created_by_id=actor.person_id,
    )
    work.audit("create", "series", series.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view


def _rules(work: Work, standing: Standing, bank_holidays: BankHolidayRule | None) -> PanelDefinition:
    """The panel's rules, with the choice for bank holidays that is being made."""
    if bank_holidays is None:
        return rules_of(work, standing.panel)
    definition = work.definition(standing.panel.definition)
    if bank_holidays == AS_THE_KIND:
        return definition
    return definition.model_copy(update={"bank_holidays": str(bank_holidays)})


def _dates(
    work: Work,
    standing: Standing,
    rule: Recurrence,
    starts_on: date | None,
    count: int | None,
    rules: PanelDefinition,
) -> tuple[SeriesView, Dates]:
    if count is not None and not 1 <= count <= MAX_COUNT:
        raise Mistake(f"A series has between 1 and {MAX_COUNT} meetings.", field="count")
    panel = standing.panel
    start = starts_on or today_at(work, panel)
    dates = dates_for(work, panel, rule, start=start, count=count, rules=rules)
    if not dates.new and not dates.already_there:
        raise Mistake("That gives no date in the future. Say from when, or another rule.", field="rule")
    starts = tuple(one.starts_at for one in dates.new)
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    both = sorted((*dates.new, *dates.already_there), key=lambda one: one.starts_at)
    view = SeriesView(
        panel_key=panel.key,
        panel_title=panel.title,
        rule=rule.settled(start).describe(),
        dates=starts,
        moved=tuple((one.rule_on, one.starts_at, one.moved) for one in both if one.moved),
        already_there=tuple(one.starts_at for one in dates.already_there),
        goes_on=is_open_ended(rule, count),
        clashes=clashes_at(work, standing, starts, lasts=lasts, venue=panel.venue),
        remarks=remarks_on(work, standing, starts[0].replace(tzinfo=None)) if starts else (),
        beside=tuple(words_of(rule) for rule in rules_in_force(work, standing.panel_id)),
    )
    return view, dates
