"""Reads a typed rule for a series of meetings, and points at the word that is not understood."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from itertools import chain, islice
from typing import Any, Final

from bot.domain.language.day_words import (
    ANY_MONTH,
    DAY,
    MONTH,
    MONTH_OF,
    MONTHS,
    NUMBER_OF,
    NUMBERS,
    ON,
    TH,
    WEEKDAY_OF,
    WEEKDAYS,
    Phrase,
    TypedWords,
    Unreadable,
    YearDay,
    alternatives,
    any_of,
    number,
    unnamed,
)
from bot.domain.language.rhythm_rule import (
    CLAUSES,
    MOST_MEETINGS,
    ORDINALS,
    RHYTHMS,
    SAME_DAY_TWICE,
    Recurrence,
    Unit,
    read_rhythm,
    two_ways,
)
from bot.errors import Mistake

_YEAR: Final = "(2[0-2][0-9]{2})(?![0-9:./-])"
#: The beginning of a date that is more than the name of a month.
_DATED: Final = unnamed(
    rf"{ON}(?:the )?(?:end of |{DAY}{TH}? (?:of )?{MONTH}\b|{MONTH} {DAY}{TH}?\b"
    r"|[0-9]{1,2}[/.-][0-9]+[/.-][0-9]|[0-9]{1,2}/[0-9]|[0-9]{4}-)"
)

_WEEKDAY: Final = any_of(WEEKDAY_OF)
_WORKING_WEEK: Final = f"every {' and '.join(WEEKDAYS[:5]).lower()}"

_MONTH_TO_MONTH: Final = (
    rf"(?P<first>{ANY_MONTH}\b(?: 2[0-2][0-9]{{2}})?) ?(?:-|to) ?(?P<month>{ANY_MONTH}\b(?: 2[0-2][0-9]{{2}})?)"
)
#: The order counts, since a later replacement may read what an earlier one made.
_SPELLINGS: Final = tuple(
    (re.compile(said), plain)
    for said, plain in (
        (r"\(s\)", "s"),
        (r"[\s,;()\[\]\"]+", " "),
        (r"(?<=[0-9m]) - (?=[0-9]|noon|midday)", "-"),
        (r"\b([01][0-9])([0-5][05]) ?(-|to) ?([01][0-9])([0-5][05])\b(?![/.-])", r"\1:\2\3\4:\5"),
        (rf"\b({ANY_MONTH}) - (?={ANY_MONTH}\b)", r"\1-"),
        (r" - |(?<=[a-z]): ", " "),
        (r"\blast[ -]but[ -]one\b", "penultimate"),
        (r"\b(?:(?:second|2nd)[ -](?:to[ -])?last|next[ -]to[ -]last)\b", "penultimate"),
        (r" until further notice$", ""),
        (r"\bsessions?\b", "meetings"),
        (r"\bx ?([0-9]{1,3})\b", r"for \1 meetings"),
        (r" (?:sharp|prompt)\b", ""),
        (r"^occurs ", ""),
        (r"\beffective ", "from "),
        (r" ?\b(?:uk|local|british|london) time\b", ""),
        (rf"\b({_WEEKDAY})s?/(?={_WEEKDAY})", r"\1 and "),
        (r"^(?:every |each |on )?weekdays?\b", _WORKING_WEEK),
        (r"\b(?:every |each )?mon(?:day)?s? ?(?:-|to|through) ?fri(?:day)?s?\b", _WORKING_WEEK),
        (rf"\bbetween (?P<a>{ANY_MONTH}\b(?: 2[0-9]{{3}})?) and (?={ANY_MONTH}\b)", r"from \1 until the end of "),
        (r"\bon day ([0-9]{1,2})\b", r"on the \1th"),
        (r"-(weekly|monthly)\b", r" \1"),
        (r"\bbi (weekly|monthly)\b", r"bi\1"),
        (r" ?& ?", " and "),
        (r" ?@ ?", " at "),
        (r"\b([ap])\.m\b\.?", r"\1m"),
        (r"(?<=[a-z])\.(?= |$)", ""),
        (r"([0-9]) ?o'?clock\b", r"\1"),
        (r"\b(?:at )?([0-9]{1,2})[:.]?([0-9]{2}) ?(?:hrs?|hours)\b", r"at \1:\2"),
        (r"\b12(?:[:.]00)? ?(noon|midday)\b", r"\1"),
        (r"\b(twenty|thirty|forty|fifty) (one|two|three|four|five|six|seven|eight|nine)\b", r"\1-\2"),
        (r"\bmths?\b", "month"),
        (r"\bwks?\b", "week"),
        (r"\bqtrs?\b", "quarter"),
        (r"\b(?:every |each )?alternate ", "every other "),
        (r"\bonce (?:a|every|each|per) (week|month|quarter|fortnight|year)\b", r"\1ly"),
        (r"\b(?:christmas|xmas) eve\b", "24 december"),
        (r"\b(?:christmas|xmas)(?: day)?\b", "25 december"),
        (r"\bthrough (?=[0-9])", "until "),
        (r"\bthrough (?:the end of )?", "until the end of "),
        (rf"\b(?:up )?to (?={_DATED})", "until "),
        (rf"\b(?P<of>of|in) {_MONTH_TO_MONTH}", r"\g<of> \g<first>…\g<month>"),
        (rf"\b(?:(?:from|starting|beginning) )?{_MONTH_TO_MONTH}", r"from \g<first> until the end of \g<month>"),
        (rf"\b(?:up )?to (?={ANY_MONTH}\b)", "until the end of "),
        (rf"\b(until|till) (?:the )?end of {_YEAR}", r"\1 the end of december \2"),
        (r"\b(until|till) (?:the )?end of the year\b", r"\1 the end of december"),
        (rf"\b(?:in|during|throughout) {_YEAR}", r"from 1 january \1 until 31 december \1"),
        (r"^[ .!]+|[ .!]+$", ""),
        (SAME_DAY_TWICE, r"\1 and \3 \2"),
    )
)

#: Words with two meanings, each with words that have one.
_TWO_WAYS: Final = {
    "biweekly": ("fortnightly", "twice a week on Monday and Thursday"),
    "bimonthly": ("two-monthly", "twice a month"),
    "daily": (_WORKING_WEEK, f"{_WORKING_WEEK} and Saturday and Sunday"),
}

_MINUTES: Final = "[:.][0-9]{2}"
_NOT_IN_A_NUMBER: Final = "(?<![0-9/:.-])", "(?![0-9/:.-])"
_FROM_TO: Final = re.compile(
    rf"{_NOT_IN_A_NUMBER[0]}(?:\b(?:at|from) )?(?P<start>[0-9]{{1,2}}(?:{_MINUTES})?)(?P<half> ?[ap]m)?"
    rf" ?(?:-|to|until|till|til) ?(?:(?P<end>[0-9]{{1,2}})"
    rf"(?:(?:{_MINUTES})? ?(?P<later_half>[ap]m)\b|{_MINUTES}{_NOT_IN_A_NUMBER[1]}|{_NOT_IN_A_NUMBER[1]}"
    rf"(?! ?(?:{TH}\b|of\b|{ANY_MONTH}\b|(?:meeting|time|day|week|fortnight|month|quarter|year|hour|min)s?\b)))"
    r"|(?:noon|midday)\b)"
)
_LENGTH: Final = re.compile(
    rf"\b(?:for |lasting )?(?:[0-9]{{1,3}}|{any_of(NUMBER_OF)}|half an?) ?(?:hours?|hrs?|minutes?|mins?)\b"
)
_EXCEPTION: Final = re.compile(
    r"\b(?:apart from|except(?:ing)?(?: for)?|excluding|other than|but(?: not)?|not?|without|unless|skip(?:ping)?|bar"
    r"|save|with (?:a |the )?(?:break|gap|no))\b"
    r"(?: from .+? (?:until|till|to)\b)?(?: (?:in|on|for|during|from|at)\b)?"
    r"(?:(?! (?:at|from|starting|beginning|until|till|for) ).)*"
)
_IN_TERM: Final = re.compile(r"\b(?:only )?(?:(?:in|during) )?(?:the )?(?:school )?terms?(?:[ -]?time)?\b(?: only)?")
_TIMES_A_YEAR: Final = re.compile(
    rf"\b(?:[0-9]{{1,3}}|{any_of(NUMBERS)}) (?:times|meetings) (?:a|per|each|every) year\b"
)
#: "of January to March", which may mean each of these months every year.
_OF_MONTHS: Final = re.compile(rf"(?P<first>{ANY_MONTH})(?: 2[0-9]{{3}})?…(?P<month>{ANY_MONTH})(?: 2[0-9]{{3}})?")
_TO_YEAR: Final = re.compile(rf"\b(?:until|till|(?:up )?to) (?P<year>{_YEAR})")
_DAY_TO_DAY: Final = re.compile(rf"\b(?P<first>{_WEEKDAY})s? ?(?:-|to) ?(?P<last>{_WEEKDAY})s?\b")

#: Half a year and the like. Once the rhythm is known, it becomes a number of meetings.
_WITHIN: Final = re.compile(
    rf"\bfor (?P<many>[0-9]{{1,3}}|an?|{any_of(NUMBERS)}) (?P<period>year|quarter|month|fortnight|week)s?\b"
)
_PERIODS_A_YEAR: Final = {"year": 1, "quarter": 4, "month": 12, "fortnight": 26, "week": 52}


_LENGTH_IS_THE_KINDS: Final = "You can't set the length of a meeting here, so leave it out"
_MAKE_BY_HAND: Final = "A series can't skip dates, so cancel those meetings afterwards with `/panel cancel`"
_NAME_THE_MONTHS: Final = "A rule can't count meetings in a year; it can name the months, if you say which"
_HOLIDAYS_ARE_THE_PANELS: Final = "The panel has its own setting for bank holidays, so leave them out"


def _days_between(phrase: Phrase) -> str:
    return " and ".join(WEEKDAYS[WEEKDAY_OF[phrase["first"]] : WEEKDAY_OF[phrase["last"]] + 1])


def _months_between(phrase: Phrase) -> str:
    first, last = MONTH_OF[phrase["first"]], MONTH_OF[phrase["month"]]
    return " and ".join(MONTHS[(first + more - 1) % 12] for more in range((last - first) % 12 + 1))


def _beginning(phrase: Phrase) -> str:
    """Return the time at which a typed span of time begins, such as "at 2pm" for "2-4pm".

    A span across noon, such as "10-2pm", begins in the morning.
    """
    half, first, last = phrase["half"] or phrase["later_half"], phrase["start"], int(phrase["end"] or 0)
    is_over_noon = (
        not phrase["half"] and half.strip() == "pm" and (last == 12 or int(re.split("[:.]", first)[0]) > last)
    )
    return f"at {first}{'am' if is_over_noon else half}"


#: Words that no rule can have, with the reason and the words that may have been meant instead.
_SAID_BY_NO_RULE: Final[tuple[tuple[re.Pattern[str], Callable[[Phrase], tuple[str, ...]]], ...]] = (
    (_EXCEPTION, lambda said: (_HOLIDAYS_ARE_THE_PANELS if "bank holiday" in said.found[0] else _MAKE_BY_HAND, "")),
    (_IN_TERM, lambda _: (_MAKE_BY_HAND, "")),
    (_FROM_TO, lambda said: (_LENGTH_IS_THE_KINDS, _beginning(said))),
    (_LENGTH, lambda _: (_LENGTH_IS_THE_KINDS, "")),
    (_TIMES_A_YEAR, lambda _: (_NAME_THE_MONTHS, "")),
    (_OF_MONTHS, lambda said: (f'Name each month of "{said.typed()}"', _months_between(said))),
    (
        _TO_YEAR,
        lambda said: (
            two_ways(said),
            *(f"until the end of december {year}" for year in (int(said["year"]) - 1, said["year"])),
        ),
    ),
    (_DAY_TO_DAY, lambda said: (f'Name each day of "{said.typed()}"', _days_between(said))),
)


_TO_END: Final = re.compile(r"[-\u2013\u2014]|\bto\b|\b(?:un)?till?\b")


def _left_out(shape: re.Pattern[str], phrase: Phrase) -> str:
    """Return the typed words that no rule can express, or an empty string. A suggested rule leaves these words out."""
    if shape is _FROM_TO:
        return "until " + _TO_END.split(phrase.typed())[-1].strip()
    return phrase.typed().strip() if shape in (_EXCEPTION, _IN_TERM, _LENGTH, _TIMES_A_YEAR) else ""


def _meetings_within(phrase: Phrase, rule: Recurrence) -> Unreadable:
    """Return the error for a rule that lasts "for 6 months" or the like.

    Suggest the number of meetings in that time instead.
    """
    period = phrase["period"]
    counted = round(rule.meetings_a_year() * number(phrase["many"]) / _PERIODS_A_YEAR[period])
    meetings = min(max(counted, 1), MOST_MEETINGS)
    return Unreadable(
        f"I count meetings rather than {period}s", phrase.reworded(0, f"for {meetings} meeting{'s' * (meetings > 1)}")
    )


_EXAMPLES: Final = ("second Tuesday of the month at 14:00", "every other Thursday at 09:30")
_LONGEST: Final = 200  #: characters, also of the standard wording, since the database column has this length
_LONGEST_DAY: Final = YearDay(9, None, 2000)
_GLUE: Final = (
    "every each other second of the a an on in at from starting beginning until till end for and week weeks "
    "weekly fortnight fortnights fortnightly month months monthly quarter quarters quarterly twice working business "
    "day days meeting meetings time times am pm noon midday year years yearly annually"
)
_KNOWN: Final = frozenset(
    [*_GLUE.split(), *ORDINALS, *NUMBER_OF, *MONTH_OF, *WEEKDAY_OF, *(f"{name}s" for name in WEEKDAY_OF)]
)
_NAMES: Final = (
    *(name.lower() for name in (*WEEKDAYS, *MONTHS, *ORDINALS)),
    *("weekly", "fortnightly", "monthly", "quarterly", "month", "working"),
)
_NUMERIC: Final = re.compile(r"[0-9]+(?:st|nd|rd|th|am|pm)?|[0-9]+(?:[:./-][0-9]+)+(?:am|pm)?")
_SUCH_WEEKDAYS: Final = ("Tuesday", "Thursday")
#: In a first day: "from 3 March" has a weekday, "from March" has none.
_NAMES_A_DAY: Final = re.compile(rf"\b[0-9]{{1,2}}{TH}?\b|end of")
#: Rhythms without a day or days, each with an example that has them.
_NEED_A_DAY: Final = (
    (re.compile("twice.*"), "days", ("first and third Tuesday of the month", "every Monday and Friday")),
    (
        re.compile(r"(?:every |each )?(?:\S+ )?(?:monthly|months?|quarterly|quarters?)"),
        "day",
        ("{} on the second Tuesday", "{} on the last working day"),
    ),
    (re.compile("yearly|annually|(?:every|each) year"), "day", ("{} on 3 March", "{} on the first Monday of March")),
)
_MOST_LEFT_OUT: Final = 6  #: words in a row that may be left out to find a rule that was meant
_MOST_WORDS: Final = 40  #: a longer text is no rule, and trying all parts of it would take long


class UnknownWord(Mistake):
    """Raised for a typed word that no rule for a series of meetings contains.

    `said` is the typed text. The error also has the position of the word in this text, counted from 0.
    """

    def __init__(self, sentence: str, rules: Sequence[str], *, said: str, position: int, word: str) -> None:
        super().__init__(sentence, rules=rules)
        self.said = said
        self.position = position
        self.word = word


def parse_rule(text: str) -> Recurrence:
    """Return the rule for a series of meetings that a text means. The text may be what `describe` returns for a rule.

    Raise Mistake that points at the word that is not understood, and suggests rules. Forms: "every other Thursday",
    "weekly on Mondays and Fridays", "every 6 weeks on Tuesday", "second Tuesday of the month", "last working day of the
    month", "first Monday of each quarter", "monthly on the 15th", "every two months on the first Wednesday", "first
    Monday of March and September", "every year on 3 March". After the form, in any order, there may be "at 14:00",
    "from 3 March", "until July" (July included), "for 6 meetings".
    """
    try:
        return _read(text)
    except Unreadable as refused:
        found = list(_offers(text, refused)) or [(rule, "") for rule in _EXAMPLES]
        offers, left_out = zip(*found, strict=True)
        sentence = f"{refused.sentence}; try {alternatives(offers)}."
        if refused.word is None:
            mistake = Mistake(sentence, rules=offers)
        else:
            said, (begin, end) = TypedWords.of(text).said, refused.word
            mistake = UnknownWord(sentence, offers, said=said, position=begin, word=said[begin:end])
            left_out = tuple(words if words in said else mistake.word for words in left_out)
        mistake.left_out = left_out
        raise mistake from None


def _read(text: str) -> Recurrence:
    words = TypedWords.of(text)
    if len(words.said) > _LONGEST:
        raise Unreadable("That is too long for a rule", _EXAMPLES)
    for spelling, plain in _SPELLINGS:
        words = words.replaced(spelling, plain)
    for shape, answer in _SAID_BY_NO_RULE:
        if found := shape.search(words.plain):
            phrase = Phrase(words, found)
            sentence, *meant = answer(phrase)
            raise Unreadable(sentence, phrase.reworded(0, *meant), left_out=_left_out(shape, phrase))
    words = _spelt_right(words)
    _refuse_unknown_word(words)
    said: dict[str, Any] = {}
    has_day = False
    for part, (clause, read) in CLAUSES.items():
        words, taken = _taken(words, clause)
        said[part] = taken and read(taken)
        has_day = has_day or bool(part == "begins" and taken and _NAMES_A_DAY.search(taken["date"]))
    words, within = _taken(words, _WITHIN)
    rule = replace(_rhythm(words, has_day), **said)
    if within is not None:
        raise _meetings_within(within, rule)
    if len(replace(rule, begins=_LONGEST_DAY, ends=_LONGEST_DAY).describe()) > _LONGEST:
        raise Unreadable("That is too long for a rule", _EXAMPLES)
    return rule


def _taken(words: TypedWords, clause: re.Pattern[str]) -> tuple[TypedWords, Phrase | None]:
    """Return the words without the first match of a clause, and the match, or None if nothing matches."""
    found = clause.search(words.plain)
    return (words.without(*found.span()), Phrase(words, found)) if found else (words, None)


def _spelt_right(words: TypedWords) -> TypedWords:
    """Correct misspelt days, months, positions ("first") and words such as "weekly". Return the corrected words.

    The bot's answer repeats the rule, so that the person who typed the rule notices a wrong correction.
    """
    for found in reversed(list(re.finditer(r"[a-z]{5,}", words.plain))):
        word = found[0]
        near = get_close_matches(word, [name for name in _NAMES if name[0] == word[0]], n=1, cutoff=0.85)
        if word not in _KNOWN and near:
            words = words.replaced(re.compile(rf"\b{word}\b"), near[0])
    return words


def _refuse_unknown_word(words: TypedWords) -> None:
    for found in re.finditer(r"\S+", words.plain):
        word = found[0]
        if word in _KNOWN or _NUMERIC.fullmatch(word):
            continue
        phrase, place = Phrase(words, found), words.place(*found.span())
        if word in _TWO_WAYS:
            raise Unreadable(two_ways(phrase), phrase.reworded(0, *_TWO_WAYS[word]), word=place)
        near = get_close_matches(word, sorted(_KNOWN), n=2, cutoff=0.8)
        guesses = ("working day", *near) if word == "weekday" else near
        sentence = f'I don\'t understand "{phrase.typed()}" in "{words.said}"'
        raise Unreadable(sentence, otherwise=phrase.reworded(0, *guesses), word=place)


def _rhythm(words: TypedWords, has_day: bool) -> Recurrence:
    """Return the rule that the words mean, such as "weekly on Mondays".

    `has_day` says that the text also gives a first day. Then "weekly" needs no weekday, since the first day gives the
    weekday.
    """
    end = len(words.plain.rstrip())
    for shape in RHYTHMS:
        if found := shape.fullmatch(words.plain, 0, end):
            phrase = Phrase(words, found)
            rule = read_rhythm(phrase)
            if rule.unit is Unit.WEEK and not rule.weekdays and not has_day:
                meant = phrase.reworded(0, *(f"{found[0]} on {day}" for day in _SUCH_WEEKDAYS))
                raise Unreadable(f'"{phrase.typed()}" needs its weekday', meant)
            return rule
    if (rest := re.search(r"\S.*\S|\S", words.plain)) is None:
        raise Unreadable("Say how often the panel meets")
    phrase = Phrase(words, rest)
    for bare, missing, whole in _NEED_A_DAY:
        if bare.fullmatch(rest[0]):
            meant = phrase.reworded(0, *(each.format(rest[0]) for each in whole))
            raise Unreadable(f'"{phrase.typed()}" needs its {missing}', meant)
    raise Unreadable(f'I know the words of "{words.said}" but not what they mean together')


def _offers(text: str, refused: Unreadable, tries: int = 2) -> Iterator[tuple[str, str]]:
    """Yield rules to suggest for a text that was refused, each with the typed words that the rule leaves out.

    If the text may have several meanings, yield a rule for each meaning. If not, yield one rule, which leaves out as
    few words as possible. `tries` limits how often a suggestion may itself be refused.
    """
    found = dict(filter(None, (_mended(words, tries) for words in refused.meant)))
    if found:
        yield from ((rule, _both(refused.left_out, left)) for rule, left in found.items())
        return
    guesses = (_mended(words, tries) for words in refused.otherwise)
    yield from islice(filter(None, chain(guesses, _with_less(text, refused.word))), 1)


def _both(*words: str) -> str:
    return ", ".join(filter(None, words))


def _mended(text: str, tries: int) -> tuple[str, str] | None:
    """Return a rule in standard wording, and the typed words that the rule leaves out.

    If the text can be read, this is its own rule, and no words are left out. Otherwise it is the first rule to suggest
    instead, or None if there is no such rule.
    """
    try:
        return _read(text).describe(), ""
    except Unreadable as refused:
        return next(_offers(text, refused, tries - 1), None) if tries else None


def _with_less(text: str, without: tuple[int, int] | None) -> Iterator[tuple[str, str]]:
    """Yield the rules that result if a few adjoining words are left out, each with the words left out.

    Rules that leave out the fewest words come first. `without` is the position of a word that was not understood, which
    is always left out.
    """
    said = TypedWords.of(text).said
    words = said.split(" ")
    unknown = said[: without[0]].count(" ") if without else None
    if len(words) > _MOST_WORDS:
        return
    for many in range(1, _MOST_LEFT_OUT + 1):
        for start in range(len(words) - many, -1, -1):
            if unknown is None or start <= unknown < start + many:
                rest = " ".join((*words[:start], *words[start + many :]))
                with suppress(Unreadable):
                    yield _read(rest).describe(), " ".join(words[start : start + many])
