"""Panel definitions: what ships is sound, and whatever is wrong with a file is told in plain words."""
# ruff: noqa: E501 - a table of faults reads best with one fault to a line

from importlib.resources import files
from pathlib import Path

import pytest

from bot.documents.panel_files import doubts_about, load_panel_definitions, read_panel_files
from bot.errors import Misconfigured
from bot.models.vocabulary import AgencyKind

SOUND = """
key = "risk-group"
title = "Risk management group"
level = "county"
duration = 90
confidentiality = "What is shared here stays with those who need it."

[[agenda]]
key = "young-people"
title = "Young people"
minutes = 10
holds = "cases"
"""


def faults(folder: Path) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as refused:
        load_panel_definitions(folder)
    return refused.value.faults


def test_the_shipped_kinds_are_those_of_the_seed_domain() -> None:
    found = load_panel_definitions()
    assert {key: (one.title, one.level, one.duration) for key, one in found.items()} == {
        "action-plan-group": ("Exploitation and missing sub-group", "county", 90),
        "county-operational-met": ("County Operational MET", "county", 150),
        "district-operational-met": ("District Operational MET", "district", 120),
        "high-risk-strategy": ("High-risk strategy meeting", "district", 60),
        "mase": ("Multi-Agency Sexual Exploitation panel", "county", 120),
        "risk-management-group": ("Vulnerable Young People's Risk Management Group", "county", 120),
    }


def test_every_shipped_kind_is_quorate_with_social_care_police_and_health() -> None:
    needed = (AgencyKind.CHILDRENS_SOCIAL_CARE, AgencyKind.POLICE, AgencyKind.HEALTH)
    assert [one.quorum.all_of for one in load_panel_definitions().values()] == [needed] * 6


def test_mase_goes_through_victims_offenders_locations_trends_in_this_order() -> None:
    keys = [section.key for section in load_panel_definitions()["mase"].agenda]
    assert [key for key in keys if key in {"victims", "offenders", "locations", "trends"}] == [
        "victims",
        "offenders",
        "locations",
        "trends",
    ]


def test_statements_have_paragraphs_and_no_broken_lines() -> None:
    for one in load_panel_definitions().values():
        paragraphs = one.confidentiality.split("\n\n")
        assert len(paragraphs) in (3, 4)
        assert not any("\n" in paragraph for paragraph in paragraphs)


def test_a_folder_adds_a_kind_and_leaves_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "risk-group.toml").write_text(SOUND, encoding="utf-8")
    shipped = set(load_panel_definitions())
    assert set(load_panel_definitions(tmp_path)) == shipped | {"risk-group"}
    assert len(shipped) == 6


def test_a_file_with_a_shipped_key_replaces_the_shipped_file(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(SOUND.replace("risk-group", "mase"), encoding="utf-8")
    found = load_panel_definitions(tmp_path)
    assert (len(found), found["mase"].title) == (6, "Risk management group")


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not TOML = [", encoding="utf-8")
    assert len(load_panel_definitions(tmp_path)) == 6


def test_a_byte_order_mark_from_a_windows_editor_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_bytes(b"\xef\xbb\xbf" + SOUND.encode())
    assert "risk-group" in load_panel_definitions(tmp_path)


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("duration = 90", "duraton = 90", "duration: this key is missing and has no default"),
        (
            "duration = 90",
            "duration = 90\ndurations = 3",
            'line 6, durations: there is no such key; did you mean "duration"?',
        ),
        ("duration = 90", 'duration = "long"', 'line 5, duration: must be a whole number without quotes, not "long"'),
        ("duration = 90", "duration = 900", "line 5, duration: must be 480 or less, not 900"),
        (
            'level = "county"',
            'level = "contry"',
            'line 4, level: "contry" is not one of district, county; did you mean "county"?',
        ),
        (
            'key = "risk-group"',
            'key = "Risk Group"',
            "line 2, key: must be 2 to 31 small letters, digits, hyphens and underscores, beginning with a letter, "
            'not "Risk Group"',
        ),
        ("duration = 90", 'duration = 90\nstart = "2pm"', 'line 6, start: must be a time such as "14:00", not "2pm"'),
        (
            "duration = 90",
            'duration = 90\ntimezone = "Europe/Londn"',
            'line 6, timezone: "Europe/Londn" is not a time zone; did you mean "Europe/London"?',
        ),
        (
            "duration = 90",
            'duration = 90\ntimezone = "somewhere"',
            'line 6, timezone: "somewhere" is not a time zone; write one such as Europe/London',
        ),
        (
            'confidentiality = "What is shared here stays with those who need it."',
            'confidentiality = "Hush."',
            "line 6, confidentiality: must be at least 20 characters long",
        ),
        ("minutes = 10", "minuts = 10", 'line 11, agenda[1].minuts: there is no such key; did you mean "minutes"?'),
        (
            'holds = "cases"',
            'holds = "case"',
            'line 12, agenda[1].holds: "case" is not one of standing, last_minutes, matters_arising, new_cases, '
            'review_cases, cases, escalated_cases, sent_up; did you mean "cases"?',
        ),
        (
            'holds = "cases"',
            'holds = "standing"',
            'the agenda needs a section with holds = "cases", or one each with "new_cases" and "review_cases"; '
            "a body that hears no case says hears_cases = false",
        ),
        (
            "[[agenda]]",
            "[deadlines]\ntriage = -12\n\n[[agenda]]",
            "line 9, deadlines.triage: flags_close (-10) must not come after triage (-12); "
            "flags_close is not given, so its default counts",
        ),
        (
            "[[agenda]]",
            '[quorum]\nall_of = ["polise"]\n\n[[agenda]]',
            'line 9, quorum.all_of[1]: "polise" is not one of childrens_social_care, police, health, education, '
            "youth_justice, early_help, youth_service, district_council, housing, substance_misuse, adult_services, "
            'probation, voluntary_sector, childrens_homes, transport_police; did you mean "police"?',
        ),
        (
            "duration = 90",
            'duration = 90\nminutes_template = "My minutes.doc"',
            "line 6, minutes_template: must be the name of a Word file in small letters, such as minutes.docx, "
            'not "My minutes.doc"',
        ),
    ],
)
def test_a_fault_is_told_with_its_file_and_key(tmp_path: Path, written: str, instead: str, told: str) -> None:
    (tmp_path / "ours.toml").write_text(SOUND.replace(written, instead, 1), encoding="utf-8")
    assert f"ours.toml: {told}" in faults(tmp_path)


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ('key = "mase"', 'key = "mase"\nkey = "mace"', 'line 5: {} (cannot overwrite a value); the key "key" is given twice; keep one of the two'),
        ('level = "county"', "level = county", 'line 6: {} (invalid value); text stands in quotation marks, such as level = "county"'),
        ('level = "county"', "level = “county”", 'line 6: {} (invalid value); use straight quotation marks ("), not curly ones'),
        ("duration = 120", "duration: 120", "line 7: {} (expected '=' after a key in a key/value pair); write an equals sign (=) where the colon is"),
        ('start = "14:00"', "start = 14:00", 'line 8: {} (expected newline or end of document after a statement); text stands in quotation marks, such as start = "14:00"'),
        ('title = "Multi-', "title = Multi-", 'line 5: {} (invalid value); text stands in quotation marks, such as title = "Multi-Agency Sexual Exploitation panel"'),
        ("duration = 120", "hears_cases = True # all", "line 7: {} (invalid value); true and false are written in small letters, such as hears_cases = true"),
        ("duration = 120", "hears cases = true", "line 7: {} (expected '=' after a key in a key/value pair); look for a missing quotation mark, bracket or equals sign"),
        ('"retain", "return"', '"retain" "return"', "line 29: {} (unclosed array); entries of a list are separated by commas, and a list ends with a square bracket"),
        ("observers.\\\n\"\"\"", "observers.\\\n", 'line 94: {} (unterminated string); a text that begins with """ must end with """'),
        ('start = "14:00"', "start = 14:00:00", "line 8, start: must be text in quotes, not 14:00:00"),
        ("duration = 120", "duration = 2.5", "line 7, duration: must be a whole number without quotes, not 2.5"),
        ('receives = ["mase"]', 'receives = "mase"', 'line 28, receives: must be a list in square brackets, not "mase"'),
        ("duration = 120", "duration = true", "line 7, duration: must be a whole number without quotes, not true"),
        ("duration = 120", 'duration = "120"', 'line 7, duration: must be a whole number without quotes, not "120"'),
        ("[quorum]", 'hears_cases = "no"\n\n[quorum]', 'line 31, hears_cases: must be true or false, without quotes, not "no"'),
        ("[quorum]", "[deadlines]\nsummary = true\n\n[quorum]", "line 32, deadlines.summary: must be a whole number without quotes, not true"),
        ("[quorum]", '[quorum]\nat_least = 3\nof = ["police", "health"]', "line 32, quorum.at_least: 3 can never be there: of names 2 kinds, and a kind counts once, however many of its agencies come"),
        ("[quorum]", '[quorum]\nat_least = 2\nof = ["police", "police"]', "line 32, quorum.at_least: 2 can never be there: of names 1 kind, and a kind counts once, however many of its agencies come"),
        ("[quorum]", "[quorum]\nat_least = 16", "line 32, quorum.at_least: must be 15 or less, not 16"),
        ("[quorum]", '[quorum]\nof = ["police"]', "line 32, quorum.of: these are not counted without at_least; say how many of them must be there"),
        ('title = "Victims"', 'title = "   "', "line 49, agenda[3].title: must not be empty"),
        ("[quorum]", "[quorums]", 'line 31, quorums: there is no such key; did you mean "quorum"?'),
        ("[quorum]", "[deadlines]\nagenda = 5\n\n[quorum]", "line 32, deadlines.agenda: must be 0 or less, not 5"),
        ("[quorum]", "[chasing]\noverdue = 4\n\n[quorum]", "line 32, chasing.overdue: overdue (4), deputy (3) and chair (5) must rise in this order"),
        ("[quorum]", "[chasing]\ndue = 1\n\n[quorum]", "line 32, chasing.due: must be 0 and cannot be changed, not 1"),
        ('key = "trends"', 'key = "victims"', 'line 67, agenda[6].key: an earlier section has the key "victims" already'),
        ('key = "trends"', 'key = "trends"\nholds = "cases"', 'line 68, agenda[6].holds: an earlier section holds "cases" already, and only one can'),
        ("[quorum]", "hears_cases = false\n\n[quorum]", 'line 53, agenda[3].holds: "cases" are cases, and hears_cases is false; take one of the two away'),
        ('start = "14:00"', 'start = "14:00"\nbank_holiday_subdivision = "England"', 'line 9, bank_holiday_subdivision: "England" is not one of ENG, WLS, SCT, NIR; did you mean "ENG"?'),
    ],
)  # fmt: skip
def test_a_mistake_in_a_copied_file_is_told_with_its_line_and_what_would_be_right(
    tmp_path: Path, written: str, instead: str, told: str
) -> None:
    copied = files("agendas").joinpath("mase.toml").read_text(encoding="utf-8")
    assert written in copied
    (tmp_path / "ours.toml").write_text(copied.replace(written, instead, 1), encoding="utf-8")
    assert faults(tmp_path) == (f"ours.toml: {told.format('this is not TOML that can be read')}",)


def test_a_panel_that_hears_cases_can_decide_something(tmp_path: Path) -> None:
    nothing = SOUND.replace("duration = 90", "duration = 90\ndecisions = []")
    (tmp_path / "ours.toml").write_text(nothing, encoding="utf-8")
    assert faults(tmp_path) == (
        "ours.toml: line 6, decisions: must not be empty where cases are heard: each is left by a decision; "
        "without this key all are offered",
    )
    plan = nothing.replace('holds = "cases"', "").replace("duration", "hears_cases = false\nduration")
    (tmp_path / "ours.toml").write_text(plan, encoding="utf-8")
    assert load_panel_definitions(tmp_path)["risk-group"].decisions == ()


def test_spaces_around_a_text_are_not_kept(tmp_path: Path) -> None:
    spaced = SOUND.replace('"Young people"', '" Young people "').replace('"Risk management', '"  Risk management')
    (tmp_path / "ours.toml").write_text(spaced, encoding="utf-8")
    read = load_panel_definitions(tmp_path)["risk-group"]
    assert (read.title, read.agenda[0].title) == ("Risk management group", "Young people")


def test_a_body_that_hears_no_case_is_sent_none_either(tmp_path: Path) -> None:
    plan = SOUND.replace("duration = 90", 'duration = 90\nhears_cases = false\nreceives = ["mase"]').replace(
        'holds = "cases"', ""
    )
    (tmp_path / "ours.toml").write_text(plan, encoding="utf-8")
    assert faults(tmp_path) == (
        "ours.toml: line 7, receives: these are decisions about cases, and hears_cases is false; take one away",
    )
    (tmp_path / "ours.toml").write_text(plan.replace('receives = ["mase"]', ""), encoding="utf-8")
    assert not load_panel_definitions(tmp_path)["risk-group"].hears_cases


TOOLS = """
[[risk_tools]]
key = "seraf"

[[risk_tools]]
key = "ceraf"
title = "CERAF"
levels = [
    { key = "low", title = "low", from_score = 0 },
    { key = "high", title = "high", from_score = 6 },
]
"""


def test_a_definition_that_lists_no_tools_has_those_that_ship() -> None:
    assert [[tool.key for tool in one.risk_tools] for one in load_panel_definitions().values()] == [
        ["ceraf", "seraf", "london", "other"]
    ] * 6


def test_a_definition_lists_its_tools_and_one_of_its_own_levels_is_so_on_every_panel(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(SOUND + TOOLS, encoding="utf-8")
    found = load_panel_definitions(tmp_path)
    named = {key: [(tool.key, len(tool.levels)) for tool in one.risk_tools] for key, one in found.items()}
    assert named["risk-group"] == [("seraf", 4), ("ceraf", 2)]
    assert named["mase"] == [("ceraf", 2), ("seraf", 4), ("london", 3), ("other", 3)]


def test_two_files_that_differ_over_a_tool_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SOUND + TOOLS, encoding="utf-8")
    other = (SOUND + TOOLS).replace("risk-group", "other-group")
    (tmp_path / "b.toml").write_text(other, encoding="utf-8")
    assert load_panel_definitions(tmp_path)
    (tmp_path / "b.toml").write_text(other.replace('title = "low"', 'title = "lowest"'), encoding="utf-8")
    assert faults(tmp_path) == (
        'b.toml: line 17, risk_tools[2]: a.toml gives the tool "ceraf" another title or other levels; a tool is the '
        "same on every panel, so make them agree or give one of them another key",
    )


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        (
            "from_score = 0",
            "from_score = 1",
            "line 21, risk_tools[2].levels[1].from_score: must be 0 at the lowest level, not 1",
        ),
        (
            "from_score = 6",
            "from_score = 0",
            "line 22, risk_tools[2].levels[2].from_score: must be 1 or more, since scores rise with the levels, not 0",
        ),
        (
            ", from_score = 6",
            "",
            "line 22, risk_tools[2].levels[2]: give from_score for each level of the tool, or for none",
        ),
        (
            'key = "high"',
            'key = "low"',
            'line 22, risk_tools[2].levels[2].key: an earlier level has the key "low" already',
        ),
        (
            'title = "high"',
            'title = "low"',
            'line 22, risk_tools[2].levels[2].title: an earlier level is called "low" already',
        ),
        ('key = "seraf"', 'key = "ceraf"', 'line 18, risk_tools[2].key: an earlier tool has the key "ceraf" already'),
        ('key = "seraf"', 'key = "dash"', "line 14, risk_tools[1].title: this key is missing and has no default"),
    ],
)
def test_a_fault_of_a_tool_is_told_with_its_line(tmp_path: Path, written: str, instead: str, told: str) -> None:
    (tmp_path / "ours.toml").write_text(SOUND + TOOLS.replace(written, instead, 1), encoding="utf-8")
    assert f"ours.toml: {told}" in faults(tmp_path)


FACTS = """
[[optional_facts]]
key = "education"

[[optional_facts]]
key = "town_band"
title = "Town band"
kind = "several"
choices = [
    { key = "band_a", title = "band A" },
    { key = "band_b", title = "band B" },
]

[[optional_facts]]
key = "school"
title = "Who was asked at the school?"
kind = "words"
"""


def test_a_definition_takes_optional_facts_by_key_or_has_its_own_and_asks_none_without(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(SOUND + FACTS, encoding="utf-8")
    found = load_panel_definitions(tmp_path)
    asked = {
        key: [(fact.key, fact.kind.value, len(fact.choices)) for fact in one.optional_facts]
        for key, one in found.items()
    }
    assert asked["risk-group"] == [("education", "one", 9), ("town_band", "several", 2), ("school", "words", 0)]
    assert asked["action-plan-group"] == []


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        (
            'key = "education"',
            'key = "eduction"',
            "line 14, optional_facts[1].title: this key is missing and has no default",
        ),
        (
            'key = "school"',
            'key = "education"',
            'line 27, optional_facts[3].key: an earlier fact has the key "education" already',
        ),
        (
            'key = "band_b"',
            'key = "band_a"',
            'line 23, optional_facts[2].choices[2].key: an earlier choice has the key "band_a" already',
        ),
        (
            'kind = "several"',
            'kind = "words"',
            'line 21, optional_facts[2].choices: kind = "words" has no choices; take one of the two away',
        ),
        (
            'kind = "words"',
            'kind = "one"',
            'line 26, optional_facts[3].choices: kind = "one" needs two choices or more',
        ),
    ],
)
def test_a_fault_of_an_optional_fact_is_told_with_its_line(
    tmp_path: Path, written: str, instead: str, told: str
) -> None:
    (tmp_path / "ours.toml").write_text(SOUND + FACTS.replace(written, instead, 1), encoding="utf-8")
    assert f"ours.toml: {told}" in faults(tmp_path)


def test_a_fault_inside_a_list_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(SOUND.replace("minutes = 10", "minutes = 0"), encoding="utf-8")
    assert faults(tmp_path) == ("ours.toml: line 11, agenda[1].minutes: must be 1 or more, not 0",)


def test_a_syntax_error_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(SOUND.replace('"Young people"', '"Young people'), encoding="utf-8")
    assert faults(tmp_path) == (
        "ours.toml: line 10: this is not TOML that can be read (illegal character '\\n'); "
        'a text ends with a quotation mark on its own line; a longer one begins and ends with """',
    )


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_bytes(b'key = "a"\ntitle = "Caf\xe9"\n')
    assert faults(tmp_path) == ("ours.toml: line 2: this is not UTF-8 text; save the file as UTF-8",)


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SOUND.replace("90", '"x"').replace('"county"', '"up"'), encoding="utf-8")
    (tmp_path / "b.toml").write_text("key =", encoding="utf-8")
    assert [line.split(": ")[:2] for line in faults(tmp_path)] == [
        ["a.toml", "line 4, level"],
        ["a.toml", "line 5, duration"],
        ["b.toml", "line 1"],
    ]


def test_two_files_with_one_key_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "b.toml").write_text(SOUND, encoding="utf-8")
    assert faults(tmp_path) == (
        'b.toml: line 2, key: a.toml has the key "risk-group" too; give each kind of panel its own',
    )


def test_what_is_no_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.toml").mkdir()
    (tmp_path / "b.toml").symlink_to(tmp_path / "gone")
    (tmp_path / "c.toml").write_text(SOUND, encoding="utf-8")
    assert faults(tmp_path) == (
        "a.toml: cannot be read as a panel definition (it is a folder)",
        "b.toml: cannot be read as a panel definition (it is a link to something that is not there)",
    )


def test_a_broken_file_leaves_the_sound_ones_to_be_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("key =", encoding="utf-8")
    (tmp_path / "b.toml").write_text(SOUND, encoding="utf-8")
    read = read_panel_files(tmp_path)
    assert (len(read.faults), read.definitions["risk-group"].title) == (1, "Risk management group")
    assert read.sound["risk-group"].where("duration") == "b.toml: line 5, duration"
    assert read.sound["risk-group"].where("start") == "b.toml: start"  # which it leaves out


def test_headings_that_take_longer_than_the_meeting_are_doubted(tmp_path: Path) -> None:
    opening = '[[agenda]]\nkey = "opening"\ntitle = "Opening"\nminutes = 91\n\n[[agenda]]'
    (tmp_path / "ours.toml").write_text(SOUND.replace("[[agenda]]", opening), encoding="utf-8")
    assert list(doubts_about(read_panel_files(tmp_path))) == [
        "ours.toml: line 5, duration: the meeting is booked for 90 minutes, and the headings that hold no cases take 91 "
        "already"
    ]
    (tmp_path / "ours.toml").write_text(SOUND.replace("[[agenda]]", opening.replace("91", "90")), encoding="utf-8")
    assert list(doubts_about(read_panel_files(tmp_path))) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert faults(gone) == (
        f"{gone}: this folder of panel definitions does not exist; make it, or unset PANELBOT_AGENDAS_DIR",
    )
