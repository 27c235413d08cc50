"""Rules for a series that are refused: why, in the words that were typed, and what would be right."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.language.rhythm_words import UnknownWord, parse_rule
from bot.errors import Mistake
from tests.domain.offers import offers_in

EXAMPLES = '"second Tuesday of the month at 14:00" or "every other Thursday at 09:30"'

REFUSED = {
    # one word, or one thing, is wrong: the rest is kept
    "every other Threesday at 9.30": 'I don\'t understand "Threesday" in "every other Threesday at 9.30"; '
    'try "every other Thursday at 09:30".',
    "Evry Tusday at 10:00": 'I don\'t understand "Evry" in "Evry Tusday at 10:00"; try "every Tuesday at 10:00".',
    "second Tuesday of the month, hopefully": 'I don\'t understand "hopefully" in '
    '"second Tuesday of the month, hopefully"; try "second Tuesday of the month".',
    "every Wednesday at 10:00 until Easter": 'I don\'t understand "Easter" in "every Wednesday at 10:00 until Easter"; '
    'try "every Wednesday at 10:00".',
    "The panel meets every Tuesday": 'I don\'t understand "panel" in "The panel meets every Tuesday"; '
    'try "every Tuesday".',
    "last weekday of the month": 'I don\'t understand "weekday" in "last weekday of the month"; '
    'try "last working day of the month".',
    "every fortnightish": 'I don\'t understand "fortnightish" in "every fortnightish"; try "every other Tuesday".',
    "whenever": f'I don\'t understand "whenever" in "whenever"; try {EXAMPLES}.',
    "every Tuesday of the month": 'I know the words of "every Tuesday of the month" but not what they mean together; '
    'try "every Tuesday".',
    "first Monday of the second month": 'I know the words of "first Monday of the second month" but not what they '
    'mean together; try "first Monday of the month".',
    # two meanings
    "biweekly": 'People read "biweekly" in two ways; try "every other Tuesday" or "every Monday and Thursday".',
    "every Tuesday at 2 p.m. bi-weekly": 'People read "bi-weekly" in two ways; '
    'try "every other Tuesday at 14:00" or "every Monday and Thursday at 14:00".',
    "Bi-monthly on the first Monday": 'People read "Bi-monthly" in two ways; '
    'try "every 2 months on the first Monday" or "first and third Tuesday of the month".',
    "every second Thursday": 'People read "every second Thursday" in two ways; '
    'try "every other Thursday" or "second Thursday of the month".',
    "every third Friday at 10:00": 'People read "every third Friday" in two ways; '
    'try "every 3 weeks on Friday at 10:00" or "third Friday of the month at 10:00".',
    "second Tuesday in September to December": 'Name each month of "in September to December"; '
    'try "second Tuesday of September, October, November and December".',
    "second Tuesday, 10 times a year": "A rule can't count meetings in a year; it can name the months, "
    'if you say which; try "second Tuesday of the month".',
    "Tuesdays at 10:00 during term": "A series can't skip dates, so cancel those meetings "
    'afterwards with `/panel cancel`; try "every Tuesday at 10:00".',
    "weekly on Wednesdays to 2028": 'People read "to 2028" in two ways; '
    'try "every Wednesday until the end of December 2027" or "every Wednesday until the end of December 2028".',
    "every Friday @ 2": '"2" may be morning or afternoon; try "every Friday at 14:00" or "every Friday at 02:00".',
    # what no rule says
    "first Tuesday of the month apart from August": "A series can't skip dates, so cancel those meetings "
    'afterwards with `/panel cancel`; try "first Tuesday of the month".',
    "every Monday except from 1 August until 31 August at 10:00": "A series can't skip dates, so cancel those "
    'meetings afterwards with `/panel cancel`; try "every Monday at 10:00".',
    "every Monday but not on bank holidays": "The panel has its own setting for bank holidays, "
    'so leave them out; try "every Monday".',
    "every Tuesday 14:00\u201316:00": "You can't set the length of a meeting here, so leave it out; "
    'try "every Tuesday at 14:00".',
    "every Tuesday from 2 to 4pm": "You can't set the length of a meeting here, so leave it out; "
    'try "every Tuesday at 14:00".',
    "every other Thursday 10-12": "You can't set the length of a meeting here, so leave it out; "
    'try "every other Thursday at 10:00".',
    "every Tuesday 10 to 12": "You can't set the length of a meeting here, so leave it out; "
    'try "every Tuesday at 10:00".',
    "every Tuesday 10.30\u201312": "You can't set the length of a meeting here, so leave it out; "
    'try "every Tuesday at 10:30".',
    "every Tuesday 9.30 - noon": "You can't set the length of a meeting here, so leave it out; "
    'try "every Tuesday at 09:30".',
    "every Tuesday 1000-1200": "You can't set the length of a meeting here, so leave it out; "
    'try "every Tuesday at 10:00".',
    "every Tuesday at 14:00 for two hours": "You can't set the length of a meeting here, so leave it out; "
    'try "every Tuesday at 14:00".',
    "every Tuesday to Friday": 'Name each day of "Tuesday to Friday"; '
    'try "every Tuesday, Wednesday, Thursday and Friday".',
    "every other Wednesday for 6 months": "I count meetings rather than months; "
    'try "every other Wednesday for 13 meetings".',
    "second Tuesday of the month for a year": "I count meetings rather than years; "
    'try "second Tuesday of the month for 12 meetings".',
    # no day, or half of one
    "Twice a month": '"Twice a month" needs its days; '
    'try "first and third Tuesday of the month" or "every Monday and Friday".',
    "twice weekly on Mondays": '"twice weekly" needs two days; try "every Monday and Thursday".',
    "Monthly at 10:00": '"Monthly" needs its day; '
    'try "second Tuesday of the month at 10:00" or "last working day of the month at 10:00".',
    "every 2 months": '"every 2 months" needs its day; '
    'try "every 2 months on the second Tuesday" or "every 2 months on the last working day".',
    "yearly": '"yearly" needs its day; try "3rd of March" or "first Monday of March".',
    "third last Friday of the month": "I count from the first, or take the last or the last but one; "
    'try "third and last Friday of the month".',
    "6 weekly": '"6 weekly" needs its weekday; try "every 6 weeks on Tuesday" or "every 6 weeks on Thursday".',
    "fortnightly at 10:00 from September": '"fortnightly" needs its weekday; '
    'try "every other Tuesday at 10:00 from 1 September" or "every other Thursday at 10:00 from 1 September".',
    # days and hours that there are not
    "every 31 February": 'There is no 31 February: February has 28 or 29 days; try "28th of February".',
    "monthly on the 31st": 'Not every month has that day; try "last day of the month" or "monthly on the 28th".',
    "quarterly on the 15th": "A quarter has no such day; "
    'try "15th working day of each quarter" or "monthly on the 15th".',
    "every Friday from 31 February": "There is no 31 February: February has 28 or 29 days; "
    'try "every Friday from 28 February".',
    "every Friday until 31 February": "There is no 31 February: February has 28 or 29 days; "
    'try "every Friday until 28 February".',
    "every Friday from 0 March": 'There is no 0 March: March has 31 days; try "every Friday from 1 March".',
    "every Friday from 29 February 2027": "There is no 29 February 2027: February 2027 has 28 days; "
    'try "every Friday from 28 February 2027".',
    "every Friday from 3/13": 'There is no month 13; I read the day first, as in "3/11" for 3 November; '
    'try "every Friday from 13 March".',
    "every 6 weeks starting Wednesday 7 April 2026": "7 April 2026 is a Tuesday, not a Wednesday; "
    'try "every 6 weeks from 8 April 2026" or "every 6 weeks from 7 April 2026".',
    "every Friday from 1 January 2200": '"from 1 January 2200" is out of reach; try "every Friday from 1 January".',
    "every Friday at 25:00": '"25:00" is no time of day; try "every Friday at 14:00" or "every Friday at 09:30".',
    "every Friday at 13 p.m.": '"13 p.m" is no time of day; try "every Friday at 13:00".',
    # too few and too many
    "every Friday for 0 meetings": 'A series has from 1 to 260 meetings, not 0; try "every Friday for 1 meeting".',
    "every Friday for 300 meetings": "A series has from 1 to 260 meetings, not 300; "
    'try "every Friday for 260 meetings".',
    "every 0 weeks": 'A series can run every 1 to 52 weeks, not every 0; try "every Tuesday".',
    "every 53 weeks": 'A series can run every 1 to 52 weeks, not every 53; try "every 52 weeks on Tuesday".',
    "every 27 fortnights": "A series can run every 1 to 26 fortnights, not every 27; "
    'try "every 52 weeks on Tuesday".',
    "every 25 months on the first Monday": "A series can run every 1 to 24 months, not every 25; "
    'try "every 24 months on the first Monday".',
    "every 2 quarters on the first Monday": "Quarters are those of the calendar year; "
    'try "every 6 months on the first Monday".',
    "25th working day of the month at 10:00": "I count to the 15th working day of a month, or take the last; "
    'try "last working day of the month at 10:00".',
    "fourteenth Mon of each quarter": "I count to the 13th Monday of a quarter, or take the last; "
    'try "last Monday of each quarter".',
    "every 0 weeks from 31 February": "There is no 31 February: February has 28 or 29 days; "
    'try "every week from 28 February".',
    "at 9.30": f"Say how often the panel meets; try {EXAMPLES}.",
    "": f"Say how often the panel meets; try {EXAMPLES}.",
    "every " * 40: f"That is too long for a rule; try {EXAMPLES}.",
    "1st 2nd 3rd 4th 5th 6th 7th 8th day of January February March April May June July August September October "
    "November December": f"That is too long for a rule; try {EXAMPLES}.",
}  # fmt: skip


@pytest.mark.parametrize(("words", "sentence"), REFUSED.items())
def test_what_is_refused_is_told_with_what_would_be_right(words: str, sentence: str) -> None:
    with pytest.raises(Mistake) as refused:
        parse_rule(words)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("words", "pointed_at"),
    [
        ("second Tuesday o the month", "second Tuesday [o] the month"),
        ("second Tuesday nd Thursday", "second Tuesday [nd] Thursday"),
        ("fourth Tuesday th of the month", "fourth Tuesday [th] of the month"),
        ("every Tuesday at 2 p.m. bi-weekly", "every Tuesday at 2 p.m. [bi-weekly]"),
        ("alternate Thursdays & Fridys @ 2 p.m.", "alternate Thursdays & [Fridys] @ 2 p.m"),
        ("  \u201cevery\u00a0 Threesday\u201d ", "every [Threesday]"),
    ],
)
def test_an_unknown_word_is_pointed_at_where_it_was_typed(words: str, pointed_at: str) -> None:
    with pytest.raises(UnknownWord) as refused:
        parse_rule(words)
    word, said, begin = refused.value.word, refused.value.said, refused.value.position
    assert f"{said[:begin]}[{word}]{said[begin + len(word) :]}" == pointed_at


WORDS = sorted({*" ".join(REFUSED).split(), "to", "until", "from", "14:00", "hrs", "3.4.2027", "weekdays", "December"})


@settings(max_examples=300, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join) | st.sampled_from(sorted(REFUSED)))
def test_what_is_offered_is_understood_and_what_is_quoted_was_typed(words: str) -> None:
    try:
        parse_rule(words)
    except Mistake as refused:
        why, _, offered = str(refused).rpartition("; try ")
        assert offers_in(f"try {offered}")
        for offer in offers_in(f"try {offered}"):
            parse_rule(offer)
        typed = " ".join(words.split())
        assert [quoted for quoted in re.findall(r'"([^"]+)"', why) if quoted not in typed and quoted != "3/11"] == []


@pytest.mark.parametrize(
    ("typed", "left_out"),
    [
        ("every other Thursday 10-12", ("until 12",)),
        ("every Tuesday 2-4pm except August", ("except August, until 4pm",)),
        ("every Tuesday at 14:00 for two hours", ("for two hours",)),
        ("every Tuesday foo at 10", ("foo",)),
        ("every Friday @ 2", ("", "")),
    ],
)
def test_what_an_offered_rule_leaves_out_is_known(typed: str, left_out: tuple[str, ...]) -> None:
    with pytest.raises(Mistake) as refused:
        parse_rule(typed)
    assert refused.value.left_out == left_out
