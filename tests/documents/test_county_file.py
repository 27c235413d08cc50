"""A county file is taken whole or refused whole, and every fault says where."""
# ruff: noqa: E501 - a table of faults reads best with one fault to a line

from datetime import date

import pytest

from bot.documents.county_file import read_county_file
from bot.documents.county_schema import Case, Member, Person
from bot.documents.panel_files import load_panel_definitions
from bot.errors import Misconfigured
from bot.models.vocabulary import AgeBand, LegalStatus, Role, Theme, Urgency

COUNTY = """[county]
key = "demo"
title = "Demo"
timezone = "Europe/London"
team = "T0DEMO"

[[areas]]
key = "demo"
name = "Demo"
kind = "county"

[[areas]]
key = "north"
name = "North"
kind = "district"
parent = "demo"

[[agencies]]
key = "police"
name = "Police"
kind = "police"
lead = "amy-police"

[[agencies]]
key = "health"
name = "Health"
kind = "health"

[[people]]
key = "amy-police"
name = "Amy Sample"
user = "U0AMY"
agency = "police"

[[people]]
key = "bo-police"
name = "Bo Sample"
user = "U0BO"
team = "T0OTHER"
agency = "police"
administrator = true
timezone = "Europe/Paris"

[[people]]
key = "cy-health"
name = "Cy Sample"
user = "W0CY"
agency = "health"

[[panels]]
key = "north"
title = "North MET"
definition = "district-operational-met"
area = "north"
channel = "C0NORTH"
venue = "Room 2"
rule = "second Tuesday of the month at 14:00"
starts_on = 2026-12-01
count = 6
escalates_to = "county"

[[panels.members]]
person = "amy-police"
role = "representative"

[[panels.members]]
person = "bo-police"
role = "deputy"
deputy_for = "amy-police"

[[panels.members]]
person = "cy-health"
role = "chair"

[[panels]]
key = "county"
title = "County MET"
definition = "county-operational-met"
area = "demo"

[[cases]]
reference = "SAMPLE-0001"
district = "north"
age_band = "14_to_15"
legal_status = "child_in_need"
agency = "police"
flagged_by = "amy-police"
panel = "north"
risk_tool = "seraf"
risk_level = "moderate"
score = 12
assessed_days_ago = 10
judgement = "The pattern is new."
themes = ["missing", "county_lines"]
missing_episodes = 2
interviews_offered = 2
interviews_within_72h = 1
asked_of_panel = "Agree one plan."
urgency = "urgent"
closed = true
readers = ["cy-health"]
"""


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as refused:
        read_county_file(text, name="demo.toml", definitions=load_panel_definitions())
    return refused.value.faults


def test_a_deputy_may_come_for_several_periods() -> None:
    more = """
[[panels.members]]
person = "bo-police"
role = "deputy"
deputy_for = "amy-police"
from = 2027-01-04
until = 2027-01-08
"""
    place = '[[panels.members]]\nperson = "cy-health"'
    text = COUNTY.replace('deputy_for = "amy-police"', 'deputy_for = "amy-police"\nuntil = 2026-12-18')
    read = read_county_file(text.replace(place, more + place), name="demo.toml")
    assert [(one.begins_on, one.until) for one in read.panels[0].members if one.role is Role.DEPUTY] == [
        (None, date(2026, 12, 18)),
        (date(2027, 1, 4), date(2027, 1, 8)),
    ]


def test_a_sound_file_is_read_whole() -> None:
    read = read_county_file(COUNTY, name="demo.toml", definitions=load_panel_definitions())
    assert [len(part) for part in (read.areas, read.agencies, read.people, read.panels, read.cases)] == [2, 2, 3, 2, 1]
    assert read.panels[0].members == (
        Member(person="amy-police", role=Role.REPRESENTATIVE),
        Member(person="bo-police", role=Role.DEPUTY, deputy_for="amy-police"),
        Member(person="cy-health", role=Role.CHAIR),
    )
    assert read.cases == (
        Case(
            reference="SAMPLE-0001",
            district="north",
            age_band=AgeBand.FROM_14_TO_15,
            legal_status=LegalStatus.CIN,
            agency="police",
            flagged_by="amy-police",
            panel="north",
            risk_tool="seraf",
            risk_level="moderate",
            score=12,
            assessed_days_ago=10,
            judgement="The pattern is new.",
            themes=(Theme.MISSING, Theme.COUNTY_LINES),
            missing_episodes=2,
            interviews_offered=2,
            interviews_within_72h=1,
            asked_of_panel="Agree one plan.",
            urgency=Urgency.URGENT,
            closed=True,
            readers=("cy-health",),
        ),
    )


def test_people_take_the_countys_team_and_time_zone_unless_they_have_their_own() -> None:
    read = read_county_file(COUNTY, name="demo.toml")
    assert read.people[:2] == (
        Person(
            key="amy-police", name="Amy Sample", user="U0AMY", team="T0DEMO", agency="police", timezone="Europe/London"
        ),
        Person(
            key="bo-police",
            name="Bo Sample",
            user="U0BO",
            team="T0OTHER",
            agency="police",
            administrator=True,
            timezone="Europe/Paris",
        ),
    )


def test_a_venue_is_kept_tidy() -> None:
    read = read_county_file(COUNTY.replace("Room 2", " Room  2 , SO14 2AB"), name="demo.toml")
    assert read.panels[0].venue == "Room 2 , SO14 2AB"


def test_an_assessment_is_dated_back_from_the_day_of_applying() -> None:
    by_days = read_county_file(COUNTY, name="demo.toml").cases[0]
    by_date = read_county_file(
        COUNTY.replace("assessed_days_ago = 10", "assessed_on = 2026-10-01"), name="demo.toml"
    ).cases[0]
    today = date(2026, 12, 8)
    dated = [case.facts(today).assessed_on for case in (by_days, by_date)]
    assert dated == [date(2026, 11, 28), date(2026, 10, 1)]


RULE = 'line 57, panels[1] (key "north").rule: '
CASE = 'line {line}, cases[1] (reference "SAMPLE-0001")'


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        # keys and kinds
        ('team = "T0DEMO"', 'team = "X0DEMO"', "line 5, county.team: must be a Slack workspace id: T or E, then capital letters and digits, not \"X0DEMO\""),
        ('team = "T0DEMO"', 'team = "T0DEMO"\nslack_files_days = 0', "line 6, county.slack_files_days: must be 1 or more, not 0"),
        ('team = "T0DEMO"', 'team = "T0DEMO"\nslack_files_days = 366', "line 6, county.slack_files_days: must be 365 or less, not 366"),
        ('user = "U0AMY"', 'user = "amy"', 'line 32, people[1] (key "amy-police").user: must be a Slack user id: U or W, then capital letters and digits, not "amy"'),
        ('channel = "C0NORTH"', 'channel = "#north"', 'line 55, panels[1] (key "north").channel: must be a Slack channel id: C or G, then capital letters and digits, not "#north"'),
        ('name = "Amy Sample"', 'nme = "Amy Sample"', 'line 31, people[1] (key "amy-police").nme: there is no such key; did you mean "name"?'),
        ('name = "Amy Sample"', 'nme = "Amy Sample"', 'line 29, people[1] (key "amy-police").name: this key is missing and has no default'),
        ("administrator = true", 'administrator = "yes"', 'line 41, people[2] (key "bo-police").administrator: must be true or false, without quotes, not "yes"'),
        ("count = 6", 'count = "6"', 'line 59, panels[1] (key "north").count: must be a whole number without quotes, not "6"'),
        ("starts_on = 2026-12-01", 'starts_on = "1 December"', 'line 58, panels[1] (key "north").starts_on: must be a date such as 2026-12-08, without quotes, not "1 December"'),
        ('role = "chair"', 'role = "chairman"', 'line 73, panels[1] (key "north").members[3] (person "cy-health").role: "chairman" is not one of chair, vice_chair, coordinator, minute_taker, representative, deputy, observer; did you mean "chair"?'),
        ('timezone = "Europe/Paris"', 'timezone = "Paris"', 'line 42, people[2] (key "bo-police").timezone: "Paris" is not a time zone; did you mean "Europe/Paris"?'),
        ("second Tuesday of the month at 14:00", "second Tuesday of the mnth at 14:00", None),
        ('venue = "Room 2"', 'venue = "Room 2, 07700 900123"', 'line 56, panels[1] (key "north").venue: This venue looks as if it contains a phone number, and people\'s calendars show the venue. Give the venue alone, such as "Council offices, room 2".'),
        ('venue = "Room 2"', 'venue = "About SAMPLE-0001"', 'line 56, panels[1] (key "north").venue: This venue looks as if it contains a case reference, and people\'s calendars show the venue. Leave it out: if it is a room, write its number apart, such as "room CH 1012".'),
        # diaries
        ("second Tuesday of the month at 14:00", "every Tuesday until March 2020", RULE + 'The series would end on Tuesday 31 March 2020, before it starts on Tuesday 1 December 2026; try "every Tuesday until the end of March 2027".'),
        ("second Tuesday of the month at 14:00\"\nstarts_on = 2026-12-01\ncount = 6", 'every Tuesday from 1 July 2027 until 1 June 2027"', RULE + 'The series would end on Tuesday 1 June 2027, before it starts on Thursday 1 July 2027; try "every Tuesday from 1 July 2027 until 1 June 2028".'),
        ("second Tuesday of the month at 14:00\"\nstarts_on = 2026-12-01\ncount = 6", 'last Sunday of March at 01:30"', RULE + "There is no 01:30 on Sunday 31 March 2024, because the clocks go forward; the nearest time is 02:00."),
        ("second Tuesday of the month at 14:00\"\nstarts_on = 2026-12-01\ncount = 6", '25 December"\nbank_holidays = "skip"', RULE + '"25th of December" gives no meeting: each of its days is a bank holiday or at a weekend, and this panel leaves those out; choose another day, or another rule for bank holidays.'),
        ("second Tuesday of the month at 14:00\"\nstarts_on = 2026-12-01\ncount = 6", 'every Monday until 1 March 2035"\nstarts_on = 2026-12-01', RULE + 'That makes more than 260 meetings; end the series earlier, or try "every Monday for 260 meetings".'),
        ("second Tuesday of the month at 14:00\"\nstarts_on = 2026-12-01\ncount = 6", 'every Sunday at 01:30"\nstarts_on = 2027-02-01', RULE + "There is no 01:30 on Sunday 28 March 2027, because the clocks go forward; the nearest time is 02:00."),
        # references
        ('agency = "police"\n\n', 'agency = "polise"\n\n', 'line 33, people[1] (key "amy-police").agency: no agency has the key "polise"; did you mean "police"?'),
        ('parent = "demo"', 'parent = "dmo"', 'line 16, areas[2] (key "north").parent: no area has the key "dmo"; did you mean "demo"?'),
        ('parent = "demo"', "", 'line 12, areas[2] (key "north"): a district needs the key of its county as parent'),
        ('lead = "amy-police"', 'lead = "cy-health"', 'line 22, agencies[1] (key "police").lead: "cy-health" works for "health"; an agency is led by one of its own'),
        ('definition = "district-operational-met"', 'definition = "distric-operational-met"', 'line 53, panels[1] (key "north").definition: no kind of panel has the key "distric-operational-met"; did you mean "district-operational-met"?'),
        ('definition = "district-operational-met"', 'definition = "mase"', 'line 54, panels[1] (key "north").area: a panel of the kind "mase" belongs to a county; "north" is a district'),
        ('escalates_to = "county"', 'escalates_to = "north"', 'line 60, panels[1] (key "north").escalates_to: a panel cannot escalate to itself'),
        ('person = "cy-health"', 'person = "cy"', 'line 72, panels[1] (key "north").members[3] (person "cy").person: no person has the key "cy"'),
        ('deputy_for = "amy-police"', 'deputy_for = "cy-health"', 'line 69, panels[1] (key "north").members[2] (person "bo-police").deputy_for: "cy-health" is not a representative on this panel'),
        ('deputy_for = "amy-police"', 'deputy_for = "amy-police"\nfrom = 2026-12-09\nuntil = 2026-12-01', 'line 66, panels[1] (key "north").members[2] (person "bo-police"): until (2026-12-01) is before from (2026-12-09)'),
        ('role = "chair"', 'role = "chair"\nuntil = 2026-12-01', 'line 71, panels[1] (key "north").members[3] (person "cy-health"): until belongs to the role "deputy" only'),
        ('deputy_for = "amy-police"', 'deputy_for = "amy-police"\nuntil = "Friday"', 'line 70, panels[1] (key "north").members[2] (person "bo-police").until: must be a date such as 2026-12-08, without quotes, not "Friday"'),
        ('deputy_for = "amy-police"', 'deputy_for = "amy-police"\nfro = 2026-12-01', 'line 70, panels[1] (key "north").members[2] (person "bo-police").fro: there is no such key; did you mean "from"?'),
        ('deputy_for = "amy-police"', 'deputy_for = "amy-police"\nuntill = 2026-12-01', 'line 70, panels[1] (key "north").members[2] (person "bo-police").untill: there is no such key; did you mean "until"?'),
        ('role = "deputy"', 'role = "observer"', 'line 66, panels[1] (key "north").members[2] (person "bo-police"): deputy_for belongs to the role "deputy" only'),
        # short names
        ('kind = "health"', 'kind = "health"\nshort_names = ["Wards", "police"]', 'line 28, agencies[2] (key "health").short_names[2]: agencies[1] is called "police" already'),
        ('kind = "health"', 'kind = "health"\nshort_names = ["A: E"]', 'line 28, agencies[2] (key "health").short_names[1]: must be a letter first, then letters, digits, spaces, hyphens, apostrophes, & and /, as before a colon, not "A: E"'),
        # duplicates
        ('key = "bo-police"', 'key = "amy-police"', 'line 36, people[2] (key "amy-police").key: people[1] has the key "amy-police" already'),
        ('user = "W0CY"', 'user = "U0AMY"', 'line 47, people[3] (key "cy-health").user: people[1] has the Slack user "U0AMY" already'),
        ('key = "county"', 'key = "north"', 'line 76, panels[2] (key "north").key: panels[1] has the key "north" already'),
        # cases
        ('reference = "SAMPLE-0001"', 'reference = "amy"', 'line 82, cases[1] (reference "amy").reference: must be the agency\'s own case number: 3 to 20 capital letters, digits, hyphens and strokes, not "amy"'),
        ('district = "north"', 'district = "demo"', CASE.format(line=83) + '.district: "demo" is a county; a case belongs to a district'),
        ('flagged_by = "amy-police"', 'flagged_by = "cy-health"', CASE.format(line=87) + '.flagged_by: "cy-health" works for "health", not for "police"'),
        ('panel = "north"', 'panel = "county"', CASE.format(line=87) + '.flagged_by: "amy-police" is not a member of "county"'),
        ('readers = ["cy-health"]', 'readers = ["cy"]', CASE.format(line=101) + '.readers[1]: no person has the key "cy"'),
        ('readers = ["cy-health"]', "", CASE.format(line=81) + ": a closed case needs its readers"),
        ("closed = true", "closed = false", CASE.format(line=81) + ": readers are named for closed cases only"),
        ("score = 12", "score = 3", CASE.format(line=90) + ".risk_level: A SERAF score of 3 is not at risk, not moderate. If you judge the risk differently, choose another tool and write down why."),
        ('lead = "amy-police"', 'lead = "amy-police"\nreference_pattern = "west-#"', 'line 23, agencies[1] (key "police").reference_pattern: a reference\'s shape has 3 to 20 signs: # for a digit, at least one, A for a letter, and capital letters, digits, hyphens and slashes for themselves, such as WEST-####'),
        ('risk_level = "moderate"', 'risk_level = "medium"', CASE.format(line=90) + ".risk_level: SERAF has no level “medium”. Its levels are not at risk, mild, moderate and significant."),
        ('risk_tool = "seraf"', 'risk_tool = "dash"', CASE.format(line=89) + ".risk_tool: This panel doesn't use the tool “dash”. It uses CERAF, SERAF, London categories and another tool."),
        ("assessed_days_ago = 10", "", CASE.format(line=81) + ": give exactly one of assessed_on and assessed_days_ago, or of assessment_due_on and assessment_due_in_days"),
        ("assessed_days_ago = 10", "assessed_days_ago = 10\nassessed_on = 2026-10-01", CASE.format(line=81) + ": give exactly one of assessed_on and assessed_days_ago, or of assessment_due_on and assessment_due_in_days"),
        ("interviews_within_72h = 1", "interviews_within_72h = 3", CASE.format(line=97) + ".interviews_within_72h: more interviews done than offered: check the two numbers."),
        ('"missing", "county_lines"', '"missing", "missing"', CASE.format(line=81) + ": a theme is named twice"),
        ('themes = ["missing", "county_lines"]', "themes = []", CASE.format(line=94) + ".themes: must not be empty"),
        ("The pattern is new.", "Write to amy@example.org.", None),
        ("The pattern is new.", "  ", CASE.format(line=93) + ".judgement: write your professional judgement: what the score does not capture."),
        ("assessed_days_ago = 10", "assessment_due_in_days = 3", CASE.format(line=92) + ".assessment_due_in_days: give the assessment, or the day by which it is due: not both."),
        ("assessed_days_ago = 10", "assessment_due_on = 2026-10-01", CASE.format(line=92) + ".assessment_due_on: give the assessment, or the day by which it is due: not both."),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_key(written: str, instead: str, told: str | None) -> None:
    found = faults(COUNTY.replace(written, instead, 1))
    if told is None:  # the domain's own sentence, whose wording is tested where it lives
        assert len(found) == 1
        assert found[0].startswith("demo.toml: line ")
    else:
        assert f"demo.toml: {told}" in found


def test_every_fault_is_told_in_the_order_of_the_file() -> None:
    text = COUNTY.replace('"U0AMY"', '"amy"').replace("score = 12", "score = 3").replace("T0DEMO", "demo")
    assert [line.split(":")[1].split(",")[0] for line in faults(text)] == [" line 5", " line 32", " line 90"]


@pytest.mark.parametrize(
    "rule",
    ["every Tuesday until March 2020", "every Sunday at 01:30", "every Monday until 1 March 2035", "25 December"],
)
def test_a_diary_that_may_have_been_begun_already_is_not_judged_by_the_file_alone(rule: str) -> None:
    text = COUNTY.replace("second Tuesday of the month at 14:00", rule).replace("starts_on = 2026-12-01\ncount = 6", "")
    assert read_county_file(text, name="demo.toml", definitions=load_panel_definitions()).panels[0].rule == rule


def test_each_entry_of_a_list_is_told_with_its_own_line() -> None:
    listed = """members = [
  { person = "amy-police", role = "representative" },
  { person = "bo-police", role = "deputi", deputy_for = "amy-police" },
  { person = "cy", role = "chair" },
]
"""
    text = COUNTY.replace('escalates_to = "county"\n', 'escalates_to = "county"\n' + listed)
    text = text[: text.index("[[panels.members]]")] + text[text.index('[[panels]]\nkey = "county"') :]
    assert [told.split(":")[1] for told in faults(text)][:2] == [
        ' line 63, panels[1] (key "north").members[2] (person "bo-police").role',
        ' line 64, panels[1] (key "north").members[3] (person "cy").person',
    ]


def test_a_second_chair_is_refused() -> None:
    text = COUNTY.replace('role = "representative"', 'role = "chair"').replace('deputy_for = "amy-police"', "")
    assert faults(text) == (
        'demo.toml: line 73, panels[1] (key "north").members[3] (person "cy-health").role: '
        "members[1] is the chair already; a panel has one",
    )


def test_a_syntax_error_is_told_with_its_line() -> None:
    assert faults(COUNTY.replace('key = "demo"', "key = demo", 1)) == (
        "demo.toml: line 2: this is not TOML that can be read (invalid value); "
        'text stands in quotation marks, such as key = "demo"',
    )


def test_an_empty_file_is_refused() -> None:
    assert faults("") == ("demo.toml: county: this key is missing and has no default",)


@pytest.mark.parametrize("text", ["people = 3\n", "people = [3]\n", "county = 3\n", "panels = {}\n"])
def test_a_table_of_the_wrong_kind_is_refused_and_does_not_crash(text: str) -> None:
    assert all(line.startswith("demo.toml: ") for line in faults(text))


def test_what_a_case_says_is_never_repeated_in_a_fault() -> None:
    told = "\n".join(faults(COUNTY.replace("The pattern is new.", "Born 03/04/2011 and known.")))
    assert "2011" not in told


def test_agencies_that_share_a_short_name_are_refused_however_it_is_written() -> None:
    shared = COUNTY.replace('kind = "police"\n', 'kind = "police"\nshort_names = ["Missing Team"]\n')
    shared = shared.replace('kind = "health"\n', 'kind = "health"\nshort_names = ["Wards", "missing team"]\n')
    with pytest.raises(Misconfigured) as refused:
        read_county_file(shared, name="demo.toml")
    assert str(refused.value) == (
        'demo.toml: line 29, agencies[2] (key "health").short_names[2]: agencies[1] is called "missing team" already'
    )
