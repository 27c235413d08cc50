"""Returns as people live through them: the agenda asks, agencies answer, the chair sees the gaps, one prompt."""

from datetime import UTC, datetime

import pytest

from bot.models.panels import Membership
from bot.models.vocabulary import Role
from bot.practice.workspace.sights import SeenMessage, SeenView
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, go_to_case, open_quorate, opened

TEXT = "Two reports from the station."


def seat(scene: Scene, key: str) -> None:
    """Let a person represent their agency on the panel."""
    with scene.store.work() as work:
        person_id = scene.county.person[key]
        panel_id = scene.county.west_id
        work.session.add(
            Membership(panel_id=panel_id, person_id=person_id, role=Role.REPRESENTATIVE, began_at=work.now)
        )


def publish(scene: Scene) -> None:
    """Accept and circulate two cases of social care, one a closed item."""
    alex, kim = scene.person("U1"), scene.person("U3")
    flag(scene, "U3")
    flag(scene, "U3", reference="SAMPLE-0077", closed=["closed"])
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    for _ in range(2):
        accept = next(action for action in triage.actions if action.startswith("agenda.accept:"))
        triage = opened(alex.clicks(triage, accept).view)
    alex.closes(triage)
    scene.clock.move_to(datetime(2026, 12, 3, 10, 0, tzinfo=UTC))
    kim.types(CHANNEL, "/agenda publish")


def told(scene: Scene, user_id: str, words: str) -> SeenMessage:
    person = scene.person(user_id)
    return person.waits_for(lambda: [m for m in person.dm() if words in m.words])[0]


def press(scene: Scene, user_id: str, target: SeenMessage | SeenView, action: str) -> SeenView:
    name = next(found for found in target.actions if found.startswith(action))
    return opened(scene.person(user_id).clicks(target, name).view)


def test_an_agenda_asks_agencies_answer_and_the_chair_sees_the_gaps(either: Scene) -> None:
    scene = either
    seat(scene, "countychair")
    publish(scene)
    alex, sam, max_ = scene.person("U1"), scene.person("U2"), scene.person("U6")

    # The message with the agenda says how many returns are asked; the closed item is not among them.
    message = told(scene, "U6", "Police has *1 return* to make by *Tue 8 Dec 2026*.")
    assert "SAMPLE-0077" not in message.words

    # Police answer in a form that keeps its text on a mistake.
    listed = press(scene, "U6", message, "returns.mine")
    assert (
        "*SAMPLE-0012* · *not answered*\n14 to 15 · missing, online grooming · Social Care presents\n"
        "Answer\nRequest to the panel: Agree who speaks with the school."
    ) in listed.words
    assert "SAMPLE-0077" not in listed.words
    form = press(scene, "U6", listed, "returns.answer")
    assert "14 to 15 · missing, online grooming\nRequest to the panel: Agree who speaks with the school." in form.words
    wrong = max_.submits(form, {"knowledge": "known", "text": "Ring her on 07700 900123."})
    assert list(wrong.errors) == ["text"]
    assert max_.submits(opened(wrong.view), {"text": ""}).errors == {
        "text": "What will your agency bring? Write a sentence or two."
    }
    done = opened(max_.submits(opened(max_.view), {"text": TEXT, "reference": "met-0041"}).view)
    assert "Thank you: you've answered for SAMPLE-0012." in done.words
    assert "*SAMPLE-0012* · yours: MET-0041 · known, by Max" in done.words
    max_.closes(done)

    # The chair sees who has not answered, and reads what was said.
    gaps = opened(alex.types(CHANNEL, "/agenda returns").view)
    assert "*1 missing* · due Tue 8 Dec 2026" in gaps.words
    assert "*Health* · 0 of 1 returned\nNot returned: SAMPLE-0012" in gaps.words
    assert "*Police* · 1 of 1 returned: 1 known" in gaps.words
    chooser = next(action for action in gaps.actions if action.startswith("returns.open"))
    flag_id = next(
        option["value"]
        for block in gaps.blocks
        if block["type"] == "actions"
        for option in block["elements"][0].get("options", [])
        if option["text"]["text"] == "SAMPLE-0012"
    )
    case = opened(alex.clicks(gaps, chooser, flag_id).view)
    assert TEXT in case.words
    assert "*Health*: *not returned*" in case.words

    # The co-ordinator sees the grid, and nothing to open.
    office = opened(scene.person("U3").types(CHANNEL, "/agenda returns").view)
    assert TEXT not in office.words
    assert [action for action in office.actions if action.startswith("returns.open")] == []

    # Health is prompted once at the deadline; police, who answered, are not.
    scene.clock.move_to(datetime(2026, 12, 8, 10, 0, tzinfo=UTC))
    for _ in range(2):
        scene.bot.ticks.run_all()
    prompt = told(scene, "U2", "Health still owes 1 return, due Tue 8 Dec 2026.")
    scene.settled()
    assert len([m for m in sam.dm() if "still owes" in m.words]) == 1
    assert [m for m in max_.dm() if "still owes" in m.words] == []
    listed = press(scene, "U2", prompt, "returns.mine")
    rest = press(scene, "U2", listed, "returns.rest")
    assert "Thank you: you answered “nothing to add” on 1 case." in rest.words
    assert "All answered. Thank you." in rest.words

    # In the meeting, the recorders read them.
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    open_quorate(scene)
    item = go_to_case(scene)
    assert "*Returns:* Health nothing to add; Police known" in item.words
    assert f"Police: {TEXT}" in item.words
    assert "SAMPLE-0077" not in item.words


def test_who_has_nothing_to_do_with_returns_is_told_nothing(scene: Scene) -> None:
    publish(scene)
    only = "On West Operational MET, only an agency's representative or deputy can answer returns."
    assert scene.person("U5").types(CHANNEL, "/agenda returns").text == only


def test_the_office_sees_the_grid_and_gets_it_as_a_spreadsheet(scene: Scene) -> None:
    seat(scene, "countychair")
    publish(scene)
    kim = scene.person("U3")
    gaps = opened(kim.types(CHANNEL, "/agenda returns").view)
    grid = press(scene, "U3", gaps, "returns.grid")
    assert grid.title == "Grid of returns"
    assert "1 Health · 2 Police" in grid.words
    assert "SAMPLE-0012 ? ?" in grid.words
    asked = press(scene, "U3", grid, "returns.grid_file")
    assert asked.words.startswith("The spreadsheet is on its way to you as a direct message.")
    names = kim.waits_for(lambda: [file[0] for one in kim.dm() for file in one.files if file[0].endswith(".xlsx")])
    assert names == ["west-met-2026-12-10-returns.xlsx"]


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("return – nothing to add for 0012", "nothing_to_add"),
        ("returns SAMPLE-0012 not known to us", "not_known"),
        ("returns what of 0012?", None),
    ],
)
def test_a_return_on_one_case_opens_its_form_with_the_answer(scene: Scene, typed: str, chosen: str | None) -> None:
    publish(scene)
    form = opened(scene.person("U2").types(CHANNEL, f"/agenda {typed}").view)
    assert form.title == "Return"
    values = {name: field for block in form.values.values() for name, field in block.items()}
    picked = values["knowledge"]["selected_option"]
    assert (picked and picked["value"]) == chosen


def test_triage_begins_with_the_case_that_is_typed_and_records_nothing(scene: Scene) -> None:
    alex = scene.person("U1")
    flag(scene, "U3")
    flag(scene, "U3", reference="SAMPLE-0077")
    for typed in ("accept 0077", "SAMPLE-0077", "0077"):
        view = opened(alex.types(CHANNEL, f"/agenda triage {typed}").view)
        said = "You typed \u201caccept 0077\u201d. I can't tell what to do with it."
        assert (said in view.words) is typed.startswith("accept")
        assert "SAMPLE-0077" in view.words
        alex.closes(view)
    both = opened(alex.types(CHANNEL, "/agenda triage").view)
    assert {"SAMPLE-0012", "SAMPLE-0077"} <= set(both.words.replace("*", " ").split())
