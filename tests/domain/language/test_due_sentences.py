"""What is to be done, parted from when, in lines as people type them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.language.day_words import MONTHS, WEEKDAYS, ordinal
from bot.domain.language.due_phrases import parse_due
from bot.domain.language.due_reading import DueTerms
from bot.domain.language.due_sentences import split_due

TODAY = date(2026, 1, 6)
TERMS = DueTerms(TODAY, (date(2026, 2, 3),))


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("Ring the GP by Friday", ("Ring the GP", "Friday")),
        ("Ring the GP by Friday.", ("Ring the GP", "Friday")),
        ("RING THE GP BY FRIDAY", ("RING THE GP", "FRIDAY")),
        ("stand by the family by Friday", ("stand by the family", "Friday")),
        ("Complete work led by police", ("Complete work led by police", None)),
        ("Send the form signed by mother by 27/11", ("Send the form signed by mother", "27/11")),
        ("Visit by 2 workers", ("Visit by 2 workers", None)),
        ("Speak to nearby Monday club", ("Speak to nearby Monday club", None)),
        ("Ring the GP due 27/11", ("Ring the GP", "27/11")),
        ("Ring the GP, due on Friday", ("Ring the GP", "Friday")),
        ("Ring the GP due by Friday", ("Ring the GP", "Friday")),
        ("Ring the GP. Due: 3 March.", ("Ring the GP.", "3 March")),
        ("Ring the GP due:tomorrow", ("Ring the GP", "tomorrow")),
        ("Ring the GP (by Friday)", ("Ring the GP", "Friday")),
        ("Ring the GP – by Friday", ("Ring the GP", "Friday")),
        ("Ring the GP no later than Friday", ("Ring the GP", "Friday")),
        ("Chase the overdue Friday list", ("Chase the overdue Friday list", None)),
        ("Report before the next meeting", ("Report", "before the next meeting")),
        ("Report due before Friday", ("Report", "before Friday")),
        ("ring foster carer b4 friday", ("ring foster carer", "b4 friday")),
        ("Report 5 working days before the next meeting", ("Report", "5 working days before the next meeting")),
        ("Report by the Friday before the next meeting", ("Report", "the Friday before the next meeting")),
        ("Do not contact the mother before Friday", ("Do not contact the mother before Friday", None)),
        ("Don’t ring before Monday", ("Don’t ring before Monday", None)),
        ("The review is due 3 March", ("The review is due 3 March", None)),
        ("Check what was due by Friday", ("Check what was due by Friday", None)),
        ("Ring by Monday and write by the end of March", ("Ring by Monday and write", "the end of March")),
        ("Get it written by next Friday", ("Get it written", "next Friday")),  # parted, though it will be refused
        ("Ring by 31 February", ("Ring", "31 February")),
        ("Ring the GP by by Friday", ("Ring the GP", "Friday")),
        # Nothing is taken out of the middle of a sentence.
        ("Send the log by 9 Jan and copy in the chair", ("Send the log by 9 Jan and copy in the chair", "9 Jan")),
        ("By Friday the nurse will ring the school", ("the nurse will ring the school", "Friday")),
        ("By 12th January to check bed days", ("check bed days", "12th January")),
        ("by Friday", ("", "Friday")),
        ("  Ring the GP  ", ("Ring the GP", None)),
        ("", ("", None)),
    ],
)
def test_the_last_by_that_a_due_phrase_follows_parts_what_from_when(text: str, parted: tuple[str, str | None]) -> None:
    assert split_due(text) == parted


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("Ring the school Friday", ("Ring the school", "Friday")),
        ("Ring the school on Friday", ("Ring the school", "on Friday")),
        ("Ring the school after the bank holiday", ("Ring the school", "after the bank holiday")),
        ("Authorise the notice, two weeks", ("Authorise the notice", "two weeks")),
        ("Ring mum at least a week before panel", ("Ring mum", "at least a week before panel")),
        ("Ring mum by the working day before panel", ("Ring mum", "the working day before panel")),
        ("Ring mum ideally by Friday", ("Ring mum", "Friday")),
        ("Ring mum due date: 16/1/26", ("Ring mum", "16/1/26")),
        ("Ring by Friday case 0016", ("Ring by Friday case 0016", "Friday")),
        ("School to ring mum Friday 5pm", ("School to ring mum", "Friday 5pm")),
        ("Visit within 5 working days", ("Visit", "within 5 working days")),
        ("Report at the next meeting", ("Report", "at the next meeting")),
        ("Hold a strategy discussion asap", ("Hold a strategy discussion", "asap")),  # refused later with three days
        ("Ask about Monday", ("Ask about Monday", None)),
        ("Write to Mrs March", ("Write to Mrs March", None)),
        ("He was last seen Friday", ("He was last seen Friday", None)),
        ("Do not contact the mother before Friday", ("Do not contact the mother before Friday", None)),
        ("Friday", ("Friday", None)),
        ("Medication given by mouth", ("Medication given by mouth", None)),
    ],
)
def test_where_a_day_must_be_said_the_last_words_may_be_it(text: str, parted: tuple[str, str | None]) -> None:
    assert split_due(text, without_by=True) == parted


@pytest.mark.parametrize("without_by", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "to not contact the mother before Friday",
        "to not visit before the 20th",
        "hold off contacting mum before Friday",
        "hold off visiting until Friday",
        "avoid contact with dad before Friday",
        "avoid contacting dad until Friday",
        "refrain from contacting mum before Friday",
        "stay away from the address before Friday",
        "keep away from the address until Monday",
        "keep the letter from the school before Friday",
        "Don’t contact mum until Friday",
        "no contact until Friday",
        "no visits before Friday",
        "nothing to be said to the family before Friday",
        "wait until Friday before contacting mum",
        "delay the visit until Friday",
        "put off the letter before Friday",
        "stop contacting mum before Friday",
        "contact mum, but not before Friday",
        "make sure mum isn’t told before Friday",
        "make sure mum isnt told before friday",
        "make sure mum is not told before Friday",
        "ensure the parents aren't told before Friday",
        "ensure the parents are not to be told before Friday",
        "make sure that it is not shared before Friday",
        "ensure she hasn't contact before Friday",
        "ensure none of the family are told before Friday",
        "ensure neither parent is told before Friday",
        "tell dad visits are banned before Friday",
        "tell dad that visits aren’t allowed before Friday",
        "ask school to keep quiet before Friday",
        "keep mum in the dark before Friday",
        "make sure mum is kept out of it before Friday",
        "stay silent before Friday",
        "leave mum alone before Friday",
        "hold the letter before Friday",
        "put the referral on hold before Friday",
        "sit on the letter before Friday",
        "hang fire before Friday",
        "block contact before Friday",
        "refuse contact before Friday",
        "do nt tell mum before friday",
        "before Friday do not ring mum",
        "make sure mum isn’t told until Friday",
        "Nothing goes to dad before Friday",
        "Never ring before 5pm",
        "he has not to be moved before Friday",
        "mum is not told before Friday",
        "no unannounced visits by Friday",
    ],
)
def test_what_may_not_happen_before_a_day_is_not_due_on_it(text: str, *, without_by: bool) -> None:
    assert split_due(text, without_by=without_by) == (text, None)


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("hold a strategy meeting before Friday", ("hold a strategy meeting", "before Friday")),
        ("hold the planning meeting before Friday", ("hold the planning meeting", "before Friday")),
        ("keep mum informed before Friday", ("keep mum informed", "before Friday")),
        ("visit the block before Friday", ("visit the block", "before Friday")),
        ("check why he isn't in school before Friday", ("check why he isn't in school", "before Friday")),
        ("ask who is not coming before Friday", ("ask who is not coming", "before Friday")),
    ],
)
def test_what_only_sounds_like_a_ban_is_due(text: str, parted: tuple[str, str | None]) -> None:
    assert split_due(text, without_by=True) == parted


@pytest.mark.parametrize(
    "text",
    [
        "Chase referral sent Monday",
        "Chase referral sent on Monday",
        "Write to the landlord about the tenancy ending 30 April",
        "Review bail conditions, bail ends 20 April",
        "Ask about the placement starting Monday",
        "Share the order dated 5 January",
        "Prepare for the hearing listed 14 January",
        "Check whether interviews are offered within 72 hours",
        "Audit whether visits were made within 5 days",
        "Check visits were made within 5 days",
        "phone home each day by 10am",
        "phone home every day by noon",
        "Ensure child is home by 9pm on Fridays",
        "See the child before she leaves on Friday",
        "Send report before court on the 14th",
        "Refer to adult services before his 18th birthday on 20 April",
        "ring mum any day except Friday",
        "ring mum any day but on Friday",
        "ring mum earliest Friday",
        "ring mum on Friday at the earliest",
        "ring mum by Friday at the earliest",
        "ring mum on Friday or after",
        "ring mum instead of Friday",
        # How often something is done.
        "Ring mum fortnightly",
        "Visit Mondays",
        "Offer sessions on Thursdays",
        "visit every other Friday",
        "visit alternate Fridays",
        "Ring mum once a fortnight",
        "Ring mum twice a week",
        "Provide 10 hours a month",
        "Provide data by month",
        "Ring the school by now",
        "Should have rung the school by Friday",
    ],
)
def test_a_day_of_another_thing_or_a_rhythm_stays_in_the_words_and_sets_no_date(text: str) -> None:
    assert split_due(text, without_by=True) == (text, None)


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("Get the form signed Friday", ("Get the form signed", "Friday")),
        ("Form to be signed on Friday", ("Form to be signed", "on Friday")),
        ("Ensure the interview is offered within 72 hours", ("Ensure the interview is offered", "within 72 hours")),
        ("Start mentoring Monday", ("Start mentoring", "Monday")),
        ("Ring mum before school on Friday", ("Ring mum before school", "on Friday")),
        ("Ring mum before 5pm on Friday", ("Ring mum", "before 5pm on Friday")),
        ("Ring home tomorrow by noon", ("Ring home", "tomorrow by noon")),
        ("Ring the school by c.o.b. Friday", ("Ring the school", "c.o.b. Friday")),
        ("Ring the school by due date: 16/1/26", ("Ring the school", "16/1/26")),
        ("Ring the school, due date 16 January", ("Ring the school", "16 January")),
        ("Ring the school at least a week before panel", ("Ring the school", "at least a week before panel")),
        ("Authorise the notice in two weeks", ("Authorise the notice", "in two weeks")),
        ("Decide on the plan, in two weeks", ("Decide on the plan", "in two weeks")),
        ("Visit Monday and report by Friday 16 January", ("Visit Monday and report", "Friday 16 January")),
    ],
)
def test_a_day_by_which_a_thing_is_to_be_done_is_its_date(text: str, parted: tuple[str, str | None]) -> None:
    assert split_due(text, without_by=True) == parted


@pytest.mark.parametrize(
    "text",
    [
        "ring the school on Wednesday and again on Friday",
        "ring twice by Friday and Monday",
        "ring mum on Friday and Monday",
        "ring by Monday and by Friday",
        "on Wednesday and on Friday ring mum",
        "chase referral sent Monday",
        "write to the landlord about the tenancy ending 30 April",
        "review bail conditions, bail ends 20 April",
        "check whether interviews are offered within 72 hours",
        "audit whether visits were made within 5 days",
        "phone home each day by 10am",
        "ensure child is home by 9pm on Fridays",
        "see the child before she leaves on Friday",
        "send report before court on the 14th",
        "refer to adult services before his 18th birthday on 20 April",
        "ring mum any day except Friday",
        "ring mum any day but Friday",
        "refer to CAMHS when he turns 16 on 20 January",
        "send a card for his birthday on 20 January",
        "mum has been told to report by Friday",
        "ring mum earliest Friday",
        "ring mum on Friday at the earliest",
        "ring mum fortnightly",
        "ring mum once a fortnight",
        "visit Mondays",
        "offer sessions on Thursdays",
    ],
)
def test_a_day_that_belongs_to_the_words_or_comes_again_is_not_the_due_date(text: str) -> None:
    assert split_due(text, without_by=True, is_task=True) == (text, None)


def test_a_known_task_that_reads_like_a_report_is_due_on_the_day_at_its_end() -> None:
    said = "sexual health appointment offered by 21st April"
    assert split_due(said, without_by=True, is_task=True) == ("sexual health appointment offered", "21st April")
    assert split_due(said, without_by=True) == (said, None)  # in a message it may be minutes
    more = "appointment offered by 21 April was missed"
    assert split_due(more, without_by=True, is_task=True) == (more, None)


def test_what_may_not_happen_on_a_day_is_not_due_on_it() -> None:
    assert split_due("make sure he isn't alone on Friday", without_by=True)[1] is None
    assert split_due("do not ring mum Friday", without_by=True) == ("do not ring mum Friday", None)
    assert split_due("not visit on Friday", without_by=True) == ("not visit on Friday", None)


def test_a_day_after_what_may_not_happen_is_when_it_is_due() -> None:
    text = "do not contact the mother before Friday, and report by 20 April"
    assert split_due(text) == ("do not contact the mother before Friday, and report", "20 April")


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


#: Forty ways to write a date, each of which is one day.
WAYS: tuple[Callable[[date], str], ...] = (
    lambda d: f"{d:%Y-%m-%d}",
    lambda d: f"{d:%Y/%m/%d}",
    lambda d: f"{d:%d/%m/%Y}",
    lambda d: f"{d:%d/%m/%y}",
    lambda d: f"{d.day}/{d.month}/{d.year}",
    lambda d: f"{d.day}/{d.month}/{d:%y}",
    lambda d: f"{d.day}.{d.month}.{d.year}",
    lambda d: f"{d:%d.%m.%y}",
    lambda d: f"{d.day}-{d.month}-{d.year}",
    lambda d: f"{d:%d-%m-%y}",
    lambda d: f"{d.day} {_month(d)} {d.year}",
    lambda d: f"{d.day} {_month(d)[:3]} {d.year}",
    lambda d: f"{d.day} {_month(d)[:3]}. {d.year}",
    lambda d: f"{d.day} {_month(d).upper()} {d.year}",
    lambda d: f"{d.day} {_month(d).lower()} {d:%y}",
    lambda d: f"{d.day} {_month(d)[:3]} '{d:%y}",
    lambda d: f"{d.day} {_month(d)[:3]} \u2019{d:%y}",
    lambda d: f"{d.day}{_month(d)[:3].lower()}{d.year}",
    lambda d: f"{d.day}-{_month(d)[:3]}-{d.year}",
    lambda d: f"{d.day}\u2013{_month(d)[:3]}\u2013{d:%y}",
    lambda d: f"{d.day}\u00a0{_month(d)}\u00a0{d.year}",
    lambda d: f"{ordinal(d.day)} {_month(d)} {d.year}",
    lambda d: f"{ordinal(d.day)} of {_month(d)} {d.year}",
    lambda d: f"the {ordinal(d.day)} of {_month(d)} {d.year}",
    lambda d: f"the {ordinal(d.day)} {_month(d)[:3]} {d.year}",
    lambda d: f"{_month(d)} {d.day}, {d.year}",
    lambda d: f"{_month(d)} {ordinal(d.day)} {d.year}",
    lambda d: f"{_month(d)[:3]} {d.day} {d.year}",
    lambda d: f"{_weekday(d)} {d.day} {_month(d)} {d.year}",
    lambda d: f"{_weekday(d)}, {d.day} {_month(d)} {d.year}",
    lambda d: f"{_weekday(d)[:3]} {d.day} {_month(d)[:3]} {d:%y}",
    lambda d: f"{_weekday(d)[:3]}. {ordinal(d.day)} {_month(d)[:3]}. {d.year}",
    lambda d: f"{_weekday(d)} the {ordinal(d.day)} of {_month(d)} {d.year}",
    lambda d: f"{_weekday(d)} {d.day}/{d.month}/{d.year}",
    lambda d: f"{_weekday(d)[:3].upper()} {d:%d/%m/%y}",
    lambda d: f"COB {d.day} {_month(d)} {d.year}",
    lambda d: f"{d.day} {_month(d)} {d.year} at 5pm",
    lambda d: f"5pm on {_weekday(d)} {d.day} {_month(d)} {d.year}",
    lambda d: f"{d.day} {_month(d)} {d.year} at the latest",
    lambda d: f"*{d.day} {_month(d)} {d.year}*",
)

#: Thirty lines, the date in the place of the braces, and what is to be done as it stays.
LINES = (
    ("Ring the school by {}", "Ring the school"),
    ("Ring the school by {}.", "Ring the school"),
    ("Ring the school (by {})", "Ring the school"),
    ("Ring the school, by {}", "Ring the school"),
    ("Ring the school – by {}", "Ring the school"),
    ("Ring the school due {}", "Ring the school"),
    ("Ring the school. Due: {}", "Ring the school."),
    ("Ring the school due by {}", "Ring the school"),
    ("Ring the school no later than {}", "Ring the school"),
    ("Ring the school on or before {}", "Ring the school"),
    ("RING THE SCHOOL BY {}", "RING THE SCHOOL"),
    ("Ring the school by {} please", "Ring the school"),
    ("Police to share the intelligence log by {}", "Police to share the intelligence log"),
    ("Stand by the family and report by {}", "Stand by the family and report"),
    ("Send the form signed by mother by {}", "Send the form signed by mother"),
    ("Ask why the plan was due on Monday, by {}", "Ask why the plan was due on Monday"),
    ("Health to offer a visit to her and her sister by {};", "Health to offer a visit to her and her sister"),
    ("“Map the group’s phones” by {}", "“Map the group’s phones”"),
    ("Chase the overdue return interview by {}!", "Chase the overdue return interview"),
    ("1. Review the safety plan by {}", "1. Review the safety plan"),
    ("Find out who visited within 72 hours by {}", "Find out who visited within 72 hours"),
    ("Meet the hotel’s manager [by {}]", "Meet the hotel’s manager"),
    ("Send the log by {} and copy in the chair", None),
    ("Send the log by {}, then ring the nurse", None),
    ("Send the log by {} (copy to the chair)", None),
    ("Send the log by {} so that the panel has it", None),
    ("Send the log by {} unless police object", None),
    ("By {} the social worker visits the home", None),
    ("By {}, visit the home", "visit the home"),
    ("Visit the home by {} – two workers", None),
)


@settings(max_examples=400, deadline=None)
@given(
    day=st.dates(date(2026, 1, 7), date(2028, 1, 6)),
    way=st.sampled_from(WAYS),
    line=st.sampled_from(LINES),
)
def test_a_date_in_any_way_in_any_line_comes_back_as_itself(
    day: date, way: Callable[[date], str], line: tuple[str, str | None]
) -> None:
    written = line[0].format(way(day))
    what, phrase = split_due(written)
    assert phrase is not None
    assert parse_due(phrase, TERMS) == day
    assert what == (line[1] or written)


WITHOUT = (Path(__file__).parent / "cases" / "minutes_without_deadline.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("without_by", [False, True])
def test_no_sentence_of_minutes_gets_a_day_that_it_does_not_set(*, without_by: bool) -> None:
    assert len(WITHOUT) == 300
    assert {line: phrase for line in WITHOUT if (phrase := split_due(line, without_by=without_by)[1])} == {}


#: An action as practitioners type it, the due phrase in it, and the day that it means.
ACTIONS = [
    line.split("\t")
    for line in (Path(__file__).parent / "cases" / "actions_with_due.tsv").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(("text", "phrase", "day"), ACTIONS)
def test_an_action_as_people_type_it_is_due_on_the_day_that_it_says(text: str, phrase: str, day: str) -> None:
    what, found = split_due(text, without_by=True)
    assert found is not None
    assert parse_due(found, TERMS) == date.fromisoformat(day)
    assert what == text or phrase.rsplit(maxsplit=1)[-1] not in what.split()


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=80))
def test_splitting_never_invents_text(text: str) -> None:
    what, phrase = split_due(text)
    assert what in text
    assert phrase is None or phrase in text
