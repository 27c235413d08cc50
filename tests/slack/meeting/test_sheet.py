"""The sheet of a case: one form that is saved again and again, by several people at once, and loses nobody's words."""

from bot.practice.workspace.sights import SeenView
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import answer, begin, pressing, settled_board
from tests.slack.test_cycle import go_to_case, opened

LABELS = {"Health": "shared.2", "Police": "shared.1", "Summary": "discussion", "The child's view": "childs_view"}


def key_of(form: SeenView, name: str) -> str:
    """Return the name that a field has in the form as it is now: each save gives it another."""
    found = [block["block_id"] for block in form.blocks if block["type"] == "input"]
    return next(one for one in found if one.partition("~")[0] == LABELS.get(name, name))


def fill(form: SeenView, given: dict[str, str]) -> dict[str, str]:
    """Return what is put in, by the names that the fields have now."""
    return {key_of(form, name): value for name, value in given.items()}


def text_in(form: SeenView, label: str) -> str:
    """Return what a field is filled in with."""
    key = key_of(form, label)
    (block,) = [block for block in form.blocks if block.get("block_id") == key]
    return str(block["element"].get("initial_value", ""))


def test_a_case_is_recorded_with_two_saves_and_the_board_shows_each(either: Scene) -> None:
    scene = either
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    board = settled_board(scene)
    form = opened(kim.clicks(board, pressing(board, "meeting.record")).view)
    assert form.title == "Record SAMPLE-0012"
    saved = opened(
        kim.submits(
            form,
            fill(
                form,
                {
                    "Health": "attended the clinic twice",
                    "Police": "seen near the station",
                    "Summary": "All agree that the pattern is new.",
                    "may_happen": "moved to another town",
                    "The child's view": "wants to stay at the same school",
                    "kind": "retain",
                    "rationale": "The pattern is new.",
                    "review": "in 3 months",
                    "risk_after": "ceraf:high",
                    "risk_assessed_on": "2026-12-08",
                    "risk_judgement": "It moves faster than the score shows.",
                    "holder": "U2",
                    "task": "ring the school nurse",
                    "due": "Friday 18 December",
                },
            ),
        ).view
    )
    assert "Saved: Health, Police, Summary of the discussion, Risk: what may happen, The child's view, " in saved.words
    assert "decision (retain and review), action 1." in saved.words
    assert text_in(saved, "Health") == "attended the clinic twice"
    assert text_in(saved, "rationale") == text_in(saved, "risk_judgement") == ""
    assert "Decided already: retain and review by Wed 10 Mar 2027" in saved.words
    again = opened(
        kim.submits(
            saved,
            fill(saved, {"kind": "nrm", "rationale": "Moved to sell drugs.", "review": "Friday 18 December"})
            | fill(saved, {"holder": "U1", "task": "refer to the NRM", "due": "Friday 18 December"}),
        ).view
    )
    assert "Saved: decision (NRM referral), action 2." in again.words
    shown = settled_board(scene).words.replace("*", "")
    assert (
        "Recorded: 5 notes\nDecided: Retain and review by Wed 10 Mar 2027; NRM referral, due Fri 18 Dec 2026" in shown
    )
    assert "Action 1" in shown
    assert "Action 2" in shown
    for secret in ("clinic", "station", "another town", "same school", "sell drugs", "school nurse"):
        assert secret not in shown


def test_two_who_change_the_same_field_see_both_texts_and_choose(either: Scene) -> None:
    scene = either
    begin(scene)
    go_to_case(scene)
    kim, alex = scene.person("U3"), scene.person("U1")
    board = settled_board(scene)
    mine = opened(kim.clicks(board, pressing(board, "meeting.record")).view)
    theirs = opened(alex.clicks(board, pressing(board, "meeting.record")).view)
    opened(alex.submits(theirs, fill(theirs, {"Summary": "Alex says it is new.", "Police": "seen twice"})).view)
    given = fill(mine, {"Summary": "Kim says it is old.", "Health": "attended"})
    both = opened(kim.submits(mine, given).view)
    assert "Saved: Health." in both.words
    assert both.title == "Record SAMPLE-0012"  # something still has to be chosen
    assert "*Not saved:* Summary of the discussion. Choose below which text to keep, and save." in both.words
    assert "*Alex wrote this in the meantime:*" in both.words
    assert "Alex says it is new." in both.words
    assert text_in(both, "Summary") == "Kim says it is old."
    # What Kim never touched is as Alex left it.
    assert text_in(both, "Police") == "seen twice"
    chosen = opened(kim.submits(both, fill(both, {"choice.discussion": "both"})).view)
    assert text_in(chosen, "Summary") == "Alex says it is new.\nKim says it is old."
    told = alex.waits_for(lambda: [m for m in alex.dm() if "changed what you recorded on SAMPLE-0012" in m.words])
    assert "says it is" not in told[0].words
    assert "Kim recorded here at" in opened(alex.types(CHANNEL, "/meeting record").view).words


def test_a_mistake_is_said_at_its_field_and_nothing_is_saved(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting record").view)
    wrong = kim.submits(form, fill(form, {"Health": "attended", "kind": "retain", "rationale": "New."}))
    assert wrong.errors == {key_of(form, "review"): "When should the panel review the case? Give a date."}
    done = opened(kim.submits(opened(wrong.view), fill(form, {"review": "in 3 months"})).view)
    late = kim.submits(done, fill(done, {"task": "ring the nurse"}))
    reason = kim.submits(done, fill(done, {"close_reason": "turned_18"}))
    said = "What does the panel decide? Choose it here, or clear the fields below."
    assert reason.errors == {key_of(done, "kind"): said}
    assert late.errors == {
        key_of(done, "holder"): "Who does it? If there is no action to add, clear the action's other fields."
    }
    card = answer(scene, "U3", settled_board(scene), "meeting.item").words
    assert card.count("attended") == 1


def test_any_item_is_opened_and_recorded_by_its_number_wherever_the_meeting_is(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    number = go_to_case(scene).text.partition(" of ")[0].removeprefix("Item ")
    kim.types(CHANNEL, "/meeting next 1")
    assert "SAMPLE-0012" in kim.types(CHANNEL, f"/meeting item {number}").replies[0].words
    form = opened(kim.types(CHANNEL, f"/meeting record {number}").view)
    assert form.title == "Record SAMPLE-0012"
    opened(kim.submits(form, fill(form, {"Summary": "Said before."})).view)
    assert "Said before." in kim.types(CHANNEL, f"/meeting item no. {number}").replies[0].words
    assert "Said before." in kim.types(CHANNEL, "/meeting mine").replies[0].words
    assert "Which item?" in kim.types(CHANNEL, "/meeting item the one with the nurse").text


def test_a_decision_that_takes_the_place_of_another_is_chosen_in_the_sheet(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting record").view)
    first = {"kind~0": "retain", "rationale~0": "Contact is rebuilding.", "review~0": "in 3 months"}
    form = opened(kim.submits(form, first).view)
    standing = next(block for block in form.blocks if block.get("block_id") == "replaces~1")
    number = standing["element"]["options"][0]["value"]
    refused = kim.submits(form, {"kind~1": "step_down", "rationale~1": "Settled at home."})
    assert "choose the earlier one under “Replaces”" in refused.errors["replaces~1"]
    again = {"kind~1": "step_down", "rationale~1": "Settled at home.", "replaces~1": [number]}
    form = opened(kim.submits(form, again).view)
    assert "Decided already: step down" in form.words
    card = kim.types(CHANNEL, "/meeting now").replies[0]
    shown = opened(kim.clicks(card, pressing(card, "meeting.earlier")).view)
    assert "retain and review: Contact is rebuilding." in shown.words


def chooses(scene: Scene, form: SeenView, field: str, value: str) -> SeenView:
    """Choose an option in a menu that the form reports at once. Return the form as it is shown again."""
    return opened(scene.person("U3").clicks(form, f"meeting.choosing:{field}", value=value).view)


def needed(form: SeenView) -> list[str]:
    """Return the labels of the fields without which the form can't be saved."""
    return [one["label"]["text"] for one in form.blocks if one["type"] == "input" and not one["optional"]]


def test_once_a_decision_is_chosen_what_it_needs_is_no_longer_optional(either: Scene) -> None:
    scene = either
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting record").view)
    assert needed(form) == []
    kim.fills(form, {"discussion~0": "All agree.", "rationale~0": "Contact is rebuilding."})
    form = chooses(scene, form, "kind", "retain")
    assert needed(form) == ["Rationale", "Due date, or review on"]
    # What was typed stays.
    assert text_in(form, "Summary") == "All agree."
    assert form.values["rationale~0"]["rationale"]["value"] == "Contact is rebuilding."
    form = chooses(scene, form, "kind", "close")
    assert needed(form) == ["Rationale", "If it is closed: reason"]
    form = chooses(scene, form, "close_reason", "turned_18")
    assert needed(form) == ["Rationale", "If it is closed: reason", "If closed at eighteen: adult route"]
    form = chooses(scene, form, "kind", "transfer")
    assert needed(form) == ["Rationale", "If it is transferred: to which area"]
    form = chooses(scene, form, "kind", "nrm")
    assert needed(form) == ["Rationale"]
    # A choice can be taken back, though Slack's menus can't be emptied.
    form = chooses(scene, form, "kind", "none")
    assert needed(form) == []
    refused = kim.submits(form, {})
    assert refused.errors == {"kind~0": "What does the panel decide? Choose it here, or clear the fields below."}
    saved = opened(kim.submits(opened(refused.view), {"rationale~0": ""}).view)
    assert "Saved: Summary of the discussion." in saved.words
    form = chooses(scene, saved, "kind", "retain")
    assert needed(form) == ["Rationale", "Due date, or review on"]
    done = opened(kim.submits(form, {"rationale~1": "Contact is rebuilding.", "review~1": "in 3 months"}).view)
    assert "Saved: decision (retain and review)." in done.words


def test_what_was_saved_is_said_wherever_the_form_stands_and_what_closing_loses_too(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting record").view)
    lost = "If you close this form, what you typed since the last save is lost."
    assert [index for index, one in enumerate(form.blocks) if lost in str(one)] == [1, len(form.blocks) - 1]
    saved = opened(kim.submits(form, fill(form, {"Summary": "All agree."})).view)
    assert saved.title == "Saved SAMPLE-0012"
    said = [index for index, one in enumerate(saved.blocks) if "Saved: Summary of the discussion." in str(one)]
    headed = [index for index, one in enumerate(saved.blocks) if "What the panel decides" in str(one)]
    assert said == [0, headed[0] - 1, len(saved.blocks) - 2]
    again = opened(kim.submits(saved, {}).view)
    assert again.title == "Record SAMPLE-0012"
    assert "Nothing had changed." in again.words


def rows_in(form: SeenView) -> list[str]:
    """Return the fields of the form in which an action's words are put."""
    return [one["block_id"] for one in form.blocks if one.get("block_id", "").startswith("task")]


def add_row(scene: Scene, form: SeenView) -> SeenView:
    """Press *Another action* in the form."""
    return opened(scene.person("U3").clicks(form, pressing(form, "meeting.another_action")).view)


def test_one_save_gives_several_actions_each_with_its_kind(either: Scene) -> None:
    scene = either
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting record").view)
    first = {"task~0": "refer to the NRM", "holder~0": "U1", "due~0": "Friday 18 December", "discussion~0": "New."}
    kim.fills(form, first | {"rationale~0": "The pattern is new."})
    form = add_row(scene, form)
    assert rows_in(form) == ["task~0", "task.2~0"]
    # What was typed before is still there.
    assert (form.values["task~0"]["task"]["value"], text_in(form, "Summary")) == ("refer to the NRM", "New.")
    assert form.values["rationale~0"]["rationale"]["value"] == "The pattern is new."
    second = {"task.2~0": "ring the school nurse", "holder.2~0": "U2", "action_kind.2~0": "visit"}
    wrong = kim.submits(form, second | {"rationale~0": ""})
    assert wrong.errors == {
        "due.2~0": "When is the action due? If there is no action to add, clear the action's other fields."
    }
    assert kim.types(CHANNEL, "/action list").text == "Open actions of West Operational MET: none."
    done = opened(kim.submits(opened(wrong.view), {"due.2~0": "Friday 18 December"}).view)
    assert "Saved: Summary of the discussion, action 1, action 2." in done.words
    assert rows_in(done) == ["task~1"]
    board = settled_board(scene).words.replace("*", "")
    assert "Action 1: NRM, Police (Alex), by Fri 18 Dec 2026" in board
    assert "Action 2: visit, Health (Sam), by Fri 18 Dec 2026" in board


def test_a_form_has_at_most_five_rows_for_actions(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    form = opened(scene.person("U3").types(CHANNEL, "/meeting record").view)
    for _ in range(4):
        form = add_row(scene, form)
    assert len(rows_in(form)) == 5
    assert not [one for one in form.actions if one.startswith("meeting.another_action:")]


def test_what_others_saved_before_a_row_was_added_is_noticed(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim, alex = scene.person("U3"), scene.person("U1")
    mine = opened(kim.types(CHANNEL, "/meeting record").view)
    theirs = opened(alex.types(CHANNEL, "/meeting record").view)
    kim.fills(mine, {"discussion~0": "Kim says it is old."})
    opened(alex.submits(theirs, fill(theirs, {"Summary": "Alex says it is new.", "Police": "seen twice"})).view)
    mine = add_row(scene, mine)
    assert (text_in(mine, "Summary"), text_in(mine, "Police")) == ("Kim says it is old.", "")
    both = opened(kim.submits(mine, {}).view)
    assert "*Not saved:* Summary of the discussion. Choose below which text to keep, and save." in both.words
    # The choice is there also after a row is added, and what Kim never touched is as Alex left it.
    both = add_row(scene, both)
    assert "*Alex wrote this in the meantime:*" in both.words
    assert text_in(both, "Police") == "seen twice"
    chosen = opened(kim.submits(both, fill(both, {"choice.discussion": "both"})).view)
    assert text_in(chosen, "Summary") == "Alex says it is new.\nKim says it is old."
