"""The forms of due phrases, each with the function that works out the day meant. Forms are in lower case.

A *named* day (a date, a weekday, tomorrow) is kept even if it isn't a working day. A *counted* day ("in 2 weeks") moves
to the next working day. An *end* ("end of March") is the last working day of the period. If a phrase has two meanings,
the refusal offers both days. If a phrase names no day, the refusal offers three days.
"""

import re
from datetime import date
from typing import Final

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from bot.domain.deadlines import FRIDAY, ONE_DAY
from bot.domain.language.day_words import (
    ANY_MONTH,
    FULL_YEAR,
    MONTH,
    MONTH_OF,
    MONTHS,
    NAMED_DAYS,
    NUMBER_OF,
    WEEKDAY,
    WEEKDAY_OF,
    WEEKDAYS,
    YEAR,
    any_of,
    days_in_month,
    full_date,
)
from bot.domain.language.due_counts import COUNT, UNIT, WITHIN, count_of, counted, counted_from, span, too_many_years
from bot.domain.language.due_dates import DATE_FORMS, Reader, Said, feast_day, named_day
from bot.domain.language.due_reading import (
    ONE_WEEK,
    Asked,
    DueKind,
    DueReading,
    end_of_month,
    month_of,
    thirds,
)

SUNDAY: Final = 6

_END: Final = "(?:(?:the |at the )?end(?: of)?|close of) (?:the |this )?"
_START: Final = "(?:the )?(?:start|beginning) of (?:the |this )?"
_PERIOD: Final = "(?P<period>week|fortnight|month|quarter|year)"
_NTH: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": -1}
_WHICH: Final = f"(?P<nth>{any_of(_NTH)})"
_OF_MONTH: Final = f"(?:in|of) (?:(?:the|this) month|(?P<next>next) month|{MONTH}(?: {FULL_YEAR})?)"


def _today(_: Said, asked: Asked) -> DueReading:
    return asked.one(asked.today)


def _in_days(days: int) -> Reader:
    def read(_: Said, asked: Asked) -> DueReading:
        day = asked.today + days * ONE_DAY
        return asked.one(day) if days >= 0 else asked.past(f"{full_date(day)} has passed.", asked.working(asked.today))

    return read


def _few(said: Said, asked: Asked) -> DueReading:
    return asked.nothing("", *(counted_from(asked.today, count, said["unit"], asked) for count in (2, 3, 4)))


def _within_the(said: Said, asked: Asked) -> DueReading:
    """Return the two days that "within the week" may mean: seven days from now, and this Friday."""
    if said["period"] == "fortnight":
        return asked.one(counted_from(asked.today, 1, "fortnight", asked))
    return asked.either(counted_from(asked.today, 1, said["period"], asked), end_of(said["period"], asked))


def _weekday(said: Said, asked: Asked) -> DueReading:
    """Return the day that "Friday", "Friday week" or "2 weeks on Friday" means."""
    weekday = WEEKDAY_OF[said["weekday"]]
    weeks = count_of(said["count"]) if said["count"] else {"": 0, "week": 1, "fortnight": 2}[said["unit"]]
    day = asked.coming(weekday) + weeks * ONE_WEEK
    if asked.today.weekday() == weekday and not said["coming"]:
        reason = f'Today is a {WEEKDAYS[weekday]}, so "{asked.phrase}" may be either.'
        return asked.either(day - ONE_WEEK, day, reason)
    return asked.one(day)


def _next_weekday(said: Said, asked: Asked) -> DueReading:
    # Some people mean the coming one and others the one after, so no rule suits both.
    day = asked.coming(WEEKDAY_OF[said["weekday"]])
    return asked.either(day, day + ONE_WEEK)


def _weekday_after_next(said: Said, asked: Asked) -> DueReading:
    day = asked.coming(WEEKDAY_OF[said["weekday"]])
    return asked.either(day + ONE_WEEK, day + 2 * ONE_WEEK)


def _weekday_this_week(said: Said, asked: Asked) -> DueReading:
    return asked.one(asked.monday() + WEEKDAY_OF[said["weekday"]] * ONE_DAY)


def _weekday_next_week(said: Said, asked: Asked) -> DueReading:
    day = asked.monday(1) + WEEKDAY_OF[said["weekday"]] * ONE_DAY
    if asked.today.weekday() == SUNDAY:  # for some the week begins today
        return asked.either(day, day + ONE_WEEK, f'On a Sunday people read "{asked.phrase}" in two ways.')
    return asked.one(day)


def _weekday_next_week_but_one(said: Said, asked: Asked) -> DueReading:
    found = _weekday_next_week(said, asked)
    later = [day + ONE_WEEK for day in found.days]
    return asked.one(later[0]) if len(later) == 1 else asked.either(later[0], later[1], found.reason)


def _last_week(said: Said, asked: Asked) -> DueReading:
    weekday = WEEKDAY_OF.get(said["weekday"], FRIDAY)
    return asked.past(f'"{asked.phrase}" has passed.', asked.coming(weekday))


def end_of(period: str, asked: Asked, ahead: int = 0) -> date:
    """Return the last working day of this week, month, quarter or year, or of the one `ahead` periods later."""
    today = asked.today
    if period == "week":
        return asked.last_working(asked.monday(ahead) + FRIDAY * ONE_DAY)
    months = {"month": today.month, "quarter": -(-today.month // 3) * 3, "year": 12}[period]
    length = {"month": 1, "quarter": 3, "year": 12}[period]
    return asked.last_working(end_of_month(date(today.year, months, 1) + relativedelta(months=ahead * length)))


def _end(said: Said, asked: Asked) -> DueReading:
    today, ahead = asked.today.weekday(), 1 if said["next"] else 0
    if said["period"] == "fortnight":
        return asked.one(counted_from(asked.today, 1, "fortnight", asked))
    if said["period"] == "week" and (today == SUNDAY or (today > FRIDAY and not ahead)):
        coming = asked.coming(FRIDAY)
        reason = f'At a weekend people read "{asked.phrase}" in two ways.'
        return asked.either(coming, coming + ONE_WEEK, reason)
    return _ending(end_of(said["period"], asked, ahead), asked)


def _end_of_month(said: Said, asked: Asked) -> DueReading:
    first = month_of(asked, MONTH_OF[said["month"]])
    if said["year"]:
        first = first.replace(year=int(said["year"]) + (2000 if len(said["year"]) == 2 else 0))
    return _ending(asked.last_working(end_of_month(first)), asked)


def _end_of_week_after_next(_: Said, asked: Asked) -> DueReading:
    return asked.one(end_of("week", asked, 2))


def _end_of_quarter(said: Said, asked: Asked) -> DueReading:
    """Return the two days that "end of Q1" may mean: by the calendar (March), or by councils' financial year (June)."""
    quarter = int(said["which"])
    ends = [
        asked.last_working(end_of_month(month_of(asked, month))) for month in (3 * quarter, (3 * quarter + 2) % 12 + 1)
    ]
    return asked.either(ends[0], ends[1])


def _end_of_financial_year(_: Said, asked: Asked) -> DueReading:
    return _ending(asked.last_working(end_of_month(month_of(asked, 3))), asked)


def _ending(day: date, asked: Asked) -> DueReading:
    if day < asked.today:
        after = asked.working(asked.today)
        return asked.past(f"The last working day there was {full_date(day)}.", after)
    return asked.one(day)


def start_of(said: Said, asked: Asked) -> date:
    """Return the first day of a period: this week, month, quarter or year, the next one, or a named month."""
    if said["month"]:
        first = month_of(asked, MONTH_OF[said["month"]])
        if said["year"]:
            return first.replace(year=int(said["year"]))
        return first + relativedelta(years=1) if first < asked.today.replace(day=1) else first
    ahead = 1 if said["next"] else 0
    if said["period"] == "week":
        return asked.monday(ahead)
    today = asked.today
    months = {"month": today.month, "quarter": (today.month - 1) // 3 * 3 + 1, "year": 1}[said["period"]]
    length = {"month": 1, "quarter": 3, "year": 12}[said["period"]]
    return date(today.year, months, 1) + relativedelta(months=ahead * length)


def _start(said: Said, asked: Asked) -> DueReading:
    first = start_of(said, asked)
    if first < asked.today and said["month"] and not said["year"]:
        first += relativedelta(years=1)
    if first < asked.today:
        return asked.past(f"{full_date(first)} has passed.", asked.working(asked.today))
    return asked.either(asked.working(first), first)


def _nth_of_month(said: Said, asked: Asked) -> DueReading:
    """Return the day that "first Monday in February", "last working day of the month" or "last day of March" means."""
    today, nth = asked.today, _NTH[said["nth"]]
    first = month_of(asked, MONTH_OF[said["month"]]) if said["month"] else today.replace(day=1)
    if said["year"]:
        first = first.replace(year=int(said["year"]))
    first += relativedelta(months=1 if said["next"] else 0)
    day = _nth(first, nth, said, asked)
    if day is not None and day < today and said["month"] and not said["year"]:
        first += relativedelta(years=1)
        day = _nth(first, nth, said, asked)
    if day is None:
        return asked.no_such(f"{MONTHS[first.month - 1]} {first.year} has no such day.", end_of_month(first))
    return asked.one(day)


def _nth(first: date, nth: int, said: Said, asked: Asked) -> date | None:
    days = [first + number * ONE_DAY for number in range(days_in_month(first.year, first.month))]
    if said["working"]:
        days = [day for day in days if asked.working(day) == day]
    elif said["weekday"]:
        days = [day for day in days if day.weekday() == WEEKDAY_OF[said["weekday"]]]
    if nth > len(days):
        return None
    return days[nth if nth < 0 else nth - 1]


def next_meeting(_: Said, asked: Asked) -> DueReading:
    """Return the day of the panel's next meeting, or a refusal if no meeting is in the diary."""
    if not asked.meetings_on:
        return asked.nothing("The next meeting is not in the diary yet.")
    return asked.one(asked.meetings_on[0])


def _meeting_of_kind(said: Said, asked: Asked) -> DueReading:
    if said["kind"] not in asked.panel_words:
        return asked.nothing(f'"{asked.phrase}" is not a meeting of this panel.', *asked.meetings_on[:1])
    return next_meeting(said, asked)


def _meeting_after_next(_: Said, asked: Asked) -> DueReading:
    if len(asked.meetings_on) < 2:
        return asked.nothing("The meeting after next is not in the diary yet.", *asked.meetings_on[:1])
    return asked.one(asked.meetings_on[1])


def _meeting_of_month(said: Said, asked: Asked) -> DueReading:
    month = MONTH_OF[said["month"]]
    found = [day for day in asked.meetings_on if day.month == month]
    if not found:
        return asked.nothing(f"No meeting in {MONTHS[month - 1]} is in the diary.", *asked.meetings_on[:1])
    return asked.one(found[0])


def _meeting_on(said: Said, asked: Asked) -> DueReading:
    """Return the day that "the meeting on 3 February" means. Refuse a date on which the panel has no meeting."""
    found = named_day(said, asked)
    if found.kind is DueKind.ONE_DAY and found.days[0] not in asked.meetings_on:
        return asked.nothing(f"The panel has no meeting on {full_date(found.days[0])}.", *asked.meetings_on[:1])
    return found


def _of_the_meeting(said: Said, asked: Asked) -> DueReading:
    """Return the two days that "10 working days of the meeting" may mean: from this meeting, and from the next."""
    count, unit = count_of(said["count"]), said["unit"]
    if too_many_years(unit, count):
        return asked.nothing(f'"{asked.phrase}" is more than two years ahead.', asked.limit)
    days = [counted_from(day, count, unit, asked) for day in (asked.today, *asked.meetings_on[:1])]
    if said["this"]:
        return asked.one(days[0])
    if said["next"]:
        return asked.one(days[1]) if len(days) > 1 else next_meeting(said, asked)
    if len(days) < 2:
        return asked.one(days[0])
    return asked.either(days[0], days[1], f'"{asked.phrase}" may count from this meeting or the next.')


def _month_alone(said: Said, asked: Asked) -> DueReading:
    first = start_of(said, asked)
    if first.year > asked.limit.year:
        return asked.nothing()
    return asked.nothing(f'"{asked.phrase}" is a month, not a day.', *thirds(asked, first, end_of_month(first)))


def _part_of_month(said: Said, asked: Asked) -> DueReading:
    first = start_of(said, asked)
    begin, end = {"early": (1, 10), "mid": (10, 20), "middle": (10, 20), "late": (20, 28)}[said["part"]]
    days = thirds(asked, first + (begin - 1) * ONE_DAY, first + (end - 1) * ONE_DAY)
    return asked.nothing("", *days)


def _week_alone(said: Said, asked: Asked) -> DueReading:
    monday = asked.monday(1 if said["next"] else 0)
    if end_of("week", asked) < asked.today:
        monday = asked.monday(1)
    return asked.nothing(f'"{asked.phrase}" is a week, not a day.', *thirds(asked, monday, monday + FRIDAY * ONE_DAY))


def _week_of_month(said: Said, asked: Asked) -> DueReading:
    first = start_of(said, asked)
    nth = _NTH[said["nth"]]
    monday = (first if nth > 0 else end_of_month(first) - 6 * ONE_DAY) + (max(nth, 1) - 1) * ONE_WEEK
    return asked.nothing(f'"{asked.phrase}" is a week, not a day.', *thirds(asked, monday, monday + FRIDAY * ONE_DAY))


def _week_after_next(_: Said, asked: Asked) -> DueReading:
    monday = asked.monday(2)
    return asked.nothing(f'"{asked.phrase}" is a week, not a day.', *thirds(asked, monday, monday + FRIDAY * ONE_DAY))


def _weekend(said: Said, asked: Asked) -> DueReading:
    saturday = asked.monday(1 if said["next"] else 0) + 5 * ONE_DAY
    after = asked.working(saturday + 2 * ONE_DAY)
    return asked.nothing(f'"{asked.phrase}" is two days.', asked.working_before(saturday), saturday + ONE_DAY, after)


def _period_alone(said: Said, asked: Asked) -> DueReading:
    first = start_of(said, asked)
    return asked.nothing("", *thirds(asked, first, end_of(said["period"], asked, 1 if said["next"] else 0)))


def _at_once(_: Said, asked: Asked) -> DueReading:
    today = asked.working(asked.today)
    return asked.nothing("", today, asked.working(today + ONE_DAY), asked.working(today + 3 * ONE_DAY))


#: Each form in full, and what it means. A form that is always refused still counts as a due phrase.
FORMS: Final[tuple[tuple[re.Pattern[str], Reader], ...]] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        ("today|now|tonight|(?:later )?this (?:morning|afternoon|evening)|(?:within )?(?:the|an) hour", _today),
        ("tomorrow|tmrw?|tmw|tomo|(?:the )?(?:following|next) day|(?:within|in) a day", _in_days(1)),
        ("(?:the )?day after tomorrow", _in_days(2)),
        ("yesterday", _in_days(-1)),
        (f"last (?:week|month|{WEEKDAY})", _last_week),
        (f"(?:this |(?P<coming>(?:this |the )?(?:coming|upcoming) ))?{WEEKDAY}", _weekday),
        (f"(?:this )?{WEEKDAY} (?P<coming>coming)", _weekday),
        (f"next {WEEKDAY}", _next_weekday),
        (f"(?:the )?{WEEKDAY} after next", _weekday_after_next),
        (f"(?:this )?{WEEKDAY}(?: or)? next", _next_weekday),
        (f"{WEEKDAY} (?:of |in )?(?:the )?week after next", _weekday_next_week_but_one),
        (f"{WEEKDAY} (?:of )?this week", _weekday_this_week),
        (f"this week (?:on )?{WEEKDAY}", _weekday_this_week),
        (f"{WEEKDAY} (?:of )?next week", _weekday_next_week),
        (f"next week (?:on )?{WEEKDAY}", _weekday_next_week),
        (f"{WEEKDAY} (?P<unit>week|fortnight)", _weekday),
        (f"(?:{COUNT} weeks?|a (?P<unit>fortnight|week)) (?:(?:on|from|this) )?{WEEKDAY}", _weekday),
        (f"(?P<unit>fortnight|week) (?:on|from) {WEEKDAY}", _weekday),
        (f"{WEEKDAY} (?:in )?{COUNT} weeks?(?: time)?", _weekday),
        ("(?:the )?next (?P<unit>working day|business day)", counted),
        (f"{WITHIN}{COUNT} {UNIT}(?: time)?(?: from (?:today|now))?", counted),
        ("(?:in|within|over|during) (?:the )?next (?P<unit>fortnight)", counted),
        ("(?:within|over|during) the next (?P<unit>week|month|year)", counted),
        (f"{COUNT} {UNIT} (?:from )?(?:today|now|(?P<tomorrow>tomorrow))", counted),
        ("(?P<unit>fortnight|month|year)(?: (?:from )?(?:today|now)|s? time)", counted),
        ("(?P<unit>fortnight)", counted),
        ("(?P<unit>week) (?:from )?(?:today|now)", counted),
        ("(?:today|(?P<tomorrow>tomorrow)) (?P<unit>week|fortnight)", counted),
        (f"(?:in |within )?(?P<low>[0-9]{{1,3}}|{any_of(NUMBER_OF)}) ?(?:-|to|or) ?{COUNT} {UNIT}(?: time)?", span),
        (f"(?:in |within )?(?:the next )?(?:a )?(?:few|several|some) {UNIT}(?: time)?", _few),
        (f"within (?:the|this) {_PERIOD}", _within_the),
        (f"{_END}(?:(?P<next>next) |calendar (?=year))?{_PERIOD}", _end),
        ("(?:the )?(?P<period>month|quarter|year)[ -]end", _end),
        (f"{_END}week after next", _end_of_week_after_next),
        (f"{_END}(?:q|quarter )(?P<which>[1-4])", _end_of_quarter),
        (f"{_END}{MONTH}(?: {YEAR})?", _end_of_month),
        (f"{_END}(?:financial|fiscal|fin) year|(?:financial |fiscal |fin )year[ -]end", _end_of_financial_year),
        (f"{_START}(?:(?P<next>next) )?(?P<period>week|month|quarter|year)", _start),
        (f"{_START}{MONTH}(?: {FULL_YEAR})?", _start),
        (f"(?:the )?{_WHICH} (?:(?P<working>working )day|day|{WEEKDAY}) {_OF_MONTH}", _nth_of_month),
        ("(?:the |our )?next (?:panel meeting|meeting|panel|one)", next_meeting),
        ("(?:the )?next time (?:we|the panel) meets?|(?:we|the panel) next meets?", next_meeting),
        ("(?:the |our )?(?:meeting|panel|one) after next", _meeting_after_next),
        (f"(?:the |our )?(?:panel meeting|meeting|panel) in {MONTH}", _meeting_of_month),
        (f"(?:the |our )?{MONTH} (?:panel meeting|meeting|panel)", _meeting_of_month),
        ("(?:the |our )?next (?P<kind>o?met|ma[sc]e|marac|mapp?a|cin|cp|lac|core group)", _meeting_of_kind),
        ("(?:the |our )?next (?P<kind>[a-z]+) (?:panel meeting|meeting|panel|conference)", _meeting_of_kind),
        (f"(?:in |within )?{COUNT} {UNIT} (?:of|from|after) (?:the|(?P<this>this)|(?P<next>(?:the )?next)) "
         "(?:meeting|panel)", _of_the_meeting),
        (f"(?:by |in |during |some ?time (?:in |during )?)?(?:next |this )?{MONTH}(?: {FULL_YEAR})?", _month_alone),
        (f"(?:in |during )?(?:the )?{_WHICH} week (?:of|in) {MONTH}(?: {FULL_YEAR})?", _week_of_month),
        ("(?:in )?(?P<next>next) (?P<period>month)", _month_alone),
        ("(?:this |the )?(?P<period>month)", _month_alone),
        (f"(?:in )?(?P<part>early|mid|middle|late)(?: in| of)?[ -]{MONTH}(?: {FULL_YEAR})?", _part_of_month),
        ("(?:early|late|(?:the )?middle of|mid|sometime|some time|during|in)?[ -]?(?:the )?(?P<next>next) week",
         _week_alone),
        ("(?:in |during )?(?:the )?week after (?P<next>next)", _week_after_next),
        ("(?:early |late |mid |later |sometime |some time |during |in )?(?:this |the )?week|mid-?week", _week_alone),
        ("(?:over |during |at )?(?:this |the |(?P<next>next ))?week-?end", _weekend),
        ("(?:in )?(?:(?P<next>next) |this |the )?(?P<period>quarter|year)", _period_alone),
        ("a ?s ?a ?p|as soon as(?: possible| practicable| you can)?|immediately|straight ?away|right away|at once"
         "|urgent(?:ly)?|soon(?:est)?", _at_once),
        *(
            (shaped, _meeting_on)
            for shape in NAMED_DAYS
            for shaped in (
                f"(?:the |our )?(?:next )?(?:panel meeting|meeting|panel) (?:on|of) {shape}",
                f"(?:the |our )?{shape} (?:panel meeting|meeting|panel)",
            )
        ),
        *DATE_FORMS,
    )
)  # fmt: skip

#: Phrases known to name no day. They are refused at once, while other texts may be no due phrase at all.
_SEASON: Final = f"(?:(?:{ANY_MONTH}|spring|summer|autumn|winter|easter|christmas|whitsun) )?"
VAGUE: Final = re.compile(
    "(?:the )?(?:ongoing|on-going|continuing|tb[cad]|to be (?:confirmed|agreed|arranged)|n/?a|none"
    "|when(?:ever)? (?:available|possible|able|ready|.*returns?)|as (?:needed|required|and when)|in due course|shortly"
    "|post[ -]?meeting|after (?:the|this) (?:meeting|panel)|within statutory time ?scales?|statutory time ?scales?"
    "|spring|summer|autumn|winter|(?:in )?(?:the )?new year|q[1-4]|quarter [1-4]"
    f"|(?:the )?(?:{_SEASON}half[ -]?term|(?:start|end|beginning) of (?:the )?(?:school |summer |autumn |spring )?term"
    f"|(?:school )?(?:summer |easter |christmas )?holidays?)"
    "|[0-9]+ school days|working day [0-9]+)"
)


def first_day_of(phrase: str, asked: Asked) -> date | None:
    """Return the first day of a period such as "next week", or None if the phrase names no period.

    This day is needed for phrases such as "before next week".
    """
    if found := _BEGINNING.fullmatch(phrase):
        parts = {name: given or "" for name, given in found.groupdict().items()}
        if parts["weekend"]:
            return asked.monday() + 5 * ONE_DAY
        if parts["feast"]:
            feast = parts["feast"]
            if feast == "easter":
                return feast_day(lambda year: easter(year) - 2 * ONE_DAY, asked)
            return feast_day(lambda year: date(year, *((12, 25) if feast in {"christmas", "xmas"} else (1, 1))), asked)
        parts["next"] = parts["next"] or ""
        first = start_of(parts, asked)
        if parts["month"] and first <= asked.today:
            first += relativedelta(years=1)
        return first
    return None


_BEGINNING: Final = re.compile(
    f"(?:the )?(?:(?P<next>next) (?P<period>week|month|quarter|year)|{MONTH}(?: {FULL_YEAR})?|(?P<weekend>weekend)"
    "|(?P<feast>easter|christmas|xmas|new year))"
)
ENDS: Final = re.compile(f"{_END}.*|(?:month|year|quarter)[ -]end")
