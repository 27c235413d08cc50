"""Help shows what this person may type, the first needed first, in a reply and on Home alike."""

import ast
import re
from itertools import chain
from pathlib import Path

import pytest

import bot
from bot.domain.permissions import Verb as May
from bot.slack.blocks import texts
from bot.slack.help import SHOWN, verbs_shown, without_hints_for_others
from bot.slack.tables import build_registry
from tests.slack.conftest import Scene, comes_true
from tests.slack.county import CHANNEL

slow = pytest.mark.slow
EMERGENCY = "_Not for emergencies: if a child is in danger call 999; for a concern contact your local MASH._"


def test_help_knows_every_verb_and_no_other() -> None:
    assert {name: {verb for row in rows for verb in row.verbs.split()} for name, rows in SHOWN.items()} == {
        command.name: {verb.name for verb in command.verbs} for command in build_registry().commands.values()
    }


@pytest.mark.parametrize("command", sorted(SHOWN))
def test_help_is_short_even_for_a_person_who_may_do_everything(command: str) -> None:
    often, _ = verbs_shown(command, frozenset(May), leads_agency=True)
    assert len(often) <= 12


@slow
def test_a_member_is_shown_what_members_may_do(scene: Scene) -> None:
    assert scene.person("U2").types(CHANNEL, "/agenda help").text.splitlines() == [
        "*/agenda*: The agenda of the next meeting",
        "• Show the agenda as it is now: `/agenda show`",
        "• Say what your agency will bring to each case: `/agenda returns`",
        "To learn more about one of them: `/agenda help show`",
        EMERGENCY,
    ]


@slow
def test_a_chair_is_shown_more_and_what_is_done_less_often_by_name(scene: Scene) -> None:
    shown = scene.person("U1").types(CHANNEL, "/case").text
    assert re.findall(r"`/case ([a-z-]+)", shown.partition("Other commands")[0]) == [
        *("flag", "list", "edit", "withdraw", "history", "assess", "urgent"),
    ]
    assert shown.splitlines()[-3:] == [
        "Other commands: `nrm`, `close-item`, `open-item`, `readers`, `add-reader`, `end-reader`, `seen`, `merge`.",
        "To learn more about one of them: `/case help nrm`",
        EMERGENCY,
    ]


@slow
def test_an_observer_is_told_that_a_command_has_nothing_for_them(scene: Scene) -> None:
    assert scene.person("U5").types(CHANNEL, "/case help").text == (
        f"*/case*: Flag cases to a panel, by reference only. None of these commands is for your role.\n{EMERGENCY}"
    )


@slow
@pytest.mark.parametrize("line", ["/case help flag", "/case flag help"])
def test_help_about_one_verb_says_how_to_type_it(scene: Scene, line: str) -> None:
    assert scene.person("U2").types(CHANNEL, line).text == (
        "Ask a panel to hear a case. Type `/case flag [REFERENCE] [panel]`, such as `/case flag SAMPLE-0012`.\n"
        "You can leave out what is in [brackets]. Replace the CAPITALS with your own words."
    )


@slow
def test_a_slip_of_the_pen_is_met_with_what_this_person_may_do(scene: Scene) -> None:
    assert scene.person("U1").types(CHANNEL, "/agenda triag").text == (
        "`/agenda triag` isn't a command. Did you mean `/agenda triage`? `/agenda help` lists all commands."
    )
    assert scene.person("U2").types(CHANNEL, "/agenda triag").text == (
        "`/agenda triag` isn't a command. `/agenda help` lists all commands."
    )


@slow
def test_home_has_the_same_help_for_all_commands(scene: Scene) -> None:
    sam = scene.person("U2")
    sam.opens_home()
    home = comes_true(lambda: sam.home)
    window = sam.clicks(home, next(one for one in home.actions if one.startswith("command.help"))).view
    assert window is not None
    told = [sam.types(CHANNEL, f"{command} help").text.removesuffix(f"\n{EMERGENCY}") for command in SHOWN]
    assert [" ".join(texts(block)) for block in window.blocks] == [*told, EMERGENCY.strip("_")]


OFFERED = re.compile(r"`(/[a-z]+) ([a-z-]+)")
#: In a line of help: behind its command, or alone among those that are used less often.
OFFERED_NAMES = re.compile(r"`(?:/[a-z]+ )?(?:help )?([a-z-]+)")


def test_every_command_that_a_sentence_offers_is_there() -> None:
    commands = build_registry().commands
    there = {(name, verb.name) for name, command in commands.items() for verb in command.verbs}
    offered = {
        (file.name, *found)
        for file in Path(bot.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for found in OFFERED.findall(node.value)
    }
    assert [one for one in sorted(offered) if one[1:] not in there and one[2] != "help"] == []


@pytest.mark.parametrize(
    ("refusal", "left"),
    [
        ("No meeting is open. To begin the next meeting: `/meeting open`.", "No meeting is open."),
        (
            "Nobody is there yet. The co-ordinator adds them with `/people enrol`.",
            "Nobody is there yet. The co-ordinator adds them.",
        ),
        ("1 case needs triage by the chair: `/agenda triage west-met`.", "1 case needs triage by the chair."),
        ("Read the new report first: `/action show 4`.", "Read the new report first: `/action show 4`."),
        ("`/agenda publish` circulates it.", "`/agenda publish` circulates it."),
    ],
)
def test_a_refusal_offers_a_member_nothing_that_members_may_not_do(refusal: str, left: str) -> None:
    assert without_hints_for_others(refusal, {May.SEE_ACTIONS}, leads_agency=False) == left


@slow
@pytest.mark.parametrize("is_open", [False, True], ids=["before a meeting", "in a meeting"])
@pytest.mark.parametrize("user_id", ["U2", "U5", "U3"], ids=["a member", "an observer", "the co-ordinator"])
def test_no_answer_to_a_command_offers_what_this_person_may_not_do(scene: Scene, user_id: str, is_open: bool) -> None:
    chair, person = scene.person("U1"), scene.person(user_id)
    chair.types(CHANNEL, "/action add @sam ring the school by Friday")
    if is_open:
        chair.types(CHANNEL, "/meeting open")
        person.types(CHANNEL, "/meeting now")
    allowed = {
        (command, verb)
        for command in SHOWN
        for verb in chain.from_iterable(
            OFFERED_NAMES.findall(line) for line in person.types(CHANNEL, f"{command} help").text.splitlines()
        )
    }
    wrong = []
    for name, command in scene.bot.registry.commands.items():
        for verb in command.verbs:
            outcome = person.types(CHANNEL, f"{name} {verb.name} {verb.example}")
            said = [outcome.text or "", *(reply.words for reply in outcome.replies)]
            said += [outcome.view.words] if outcome.view is not None else []
            wrong += [
                (name, verb.name, *found) for words in said for found in OFFERED.findall(words) if found not in allowed
            ]
    assert wrong == []
