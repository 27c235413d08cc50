"""`/action` as people type it."""

import pytest

from bot.practice.workspace.sights import SeenMessage
from bot.services.actions import changes
from bot.slack.actions.drafts import new_words
from bot.slack.actions.scopes import list_offers, show_offers
from tests.slack.conftest import Scene, comes_true
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import opened


def test_an_action_is_answered_with_number_holder_text_and_day(either: Scene) -> None:
    answer = either.person("U3").types(CHANNEL, "/action add @sam ring the school nurse & ask by Friday")
    assert answer.error is None
    assert answer.text == (
        "*Action 1* recorded for <@U2> (Health):\n"
        ">ring the school nurse &amp; ask\n"
        "Due *Friday 27 November 2026 (in 4 days)*. Kind: *other*.\n"
        "To correct it: `/action edit 1`."
    )
    assert answer.replies[0].ephemeral


def test_a_holder_may_be_named_without_being_mentioned(scene: Scene) -> None:
    answer = scene.person("U3").types(CHANNEL, "/action add Sam to ring the school by Friday")
    assert answer.text.startswith("*Action 1* recorded for <@U2> (Health):\n>ring the school\nDue *Friday 27 November")


def test_an_action_without_a_holder_opens_the_form_with_what_was_typed(scene: Scene) -> None:
    form = opened(scene.person("U3").types(CHANNEL, "/action add ring the school by Friday case:WEST-0009").view)
    assert form.title == "Record as action"
    values = {name: field for block in form.values.values() for name, field in block.items()}
    assert values["text"]["value"] == "ring the school"
    assert values["due"]["value"] == "Friday"
    assert values["case"]["value"] == "WEST-0009"
    assert values["holder"]["selected_user"] is None


def labels(message: SeenMessage) -> list[str]:
    """Return what the message's buttons say."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [button["text"]["text"] for row in rows for button in row]


def reads(scene: Scene, user_id: str, words: str) -> SeenMessage:
    """Return the message with these words, once it is in the panel's channel for this person."""
    seen = scene.person(user_id).messages
    return comes_true(lambda: next((one for one in seen(CHANNEL) if words in one.words), None))


def test_a_phrase_that_means_two_days_is_refused_with_both_as_buttons(either: Scene) -> None:
    kim = either.person("U3")
    refusal = kim.types(CHANNEL, "/action add @sam ring the school nurse by next Friday").replies[0]
    assert refusal.words.startswith(
        'People read "next Friday" in two ways. Try "Friday 27 November 2026" or "Friday 4 December 2026".'
    )
    assert labels(refusal) == ["Friday 27 November 2026", "Friday 4 December 2026"]
    assert kim.clicks(refusal, "command.again:1").error is None
    done = reads(either, "U3", "*Action 1* recorded for <@U2> (Health)")
    assert "Due *Friday 4 December 2026 (in 11 days)*" in done.words
    assert not [one for one in kim.messages(CHANNEL) if "in two ways" in one.words]


def test_an_action_without_a_day_is_given_one_by_a_button(scene: Scene) -> None:
    kim = scene.person("U3")
    answer = kim.types(CHANNEL, "/action add @sam stand by the family")
    assert answer.text.startswith("I couldn't see a due date.")
    kim.clicks(answer.replies[0], "command.again:0")
    assert ">stand by the family\nDue *Friday 27 November 2026 (in 4 days)*" in reads(scene, "U3", "recorded").words


def test_more_time_until_a_day_that_is_not_clear_keeps_the_reason(scene: Scene) -> None:
    kim = scene.person("U3")
    kim.types(CHANNEL, "/action add @sam ring the school Friday")
    answer = kim.types(CHANNEL, "/action extend 1 to next Monday because the school is shut")
    kim.clicks(answer.replies[0], "command.again:1")
    reads(scene, "U3", "*Action 1* is now due *Monday 7 December 2026 (in 14 days)*.")


def test_record_as_action_takes_over_who_what_when_and_which_case(scene: Scene) -> None:
    kim = scene.person("U3")
    message = kim.says(CHANNEL, "ACTION: <@U2> to ring the school by Friday case:SAMPLE-0001")
    form = opened(kim.uses_shortcut("action.record", message=message).view)
    held = {name: next(iter(field.values())) for name, field in form.values.items()}
    assert held["holder"]["selected_user"] == "U2"
    assert {name: held[name]["value"] for name in ("text", "due", "case")} == {
        "text": "ring the school",
        "due": "Friday",
        "case": "SAMPLE-0001",
    }


def drafted(scene: Scene, typed: str) -> tuple[dict[str, str | None], str]:
    """Return what the form holds that Kim opens on such a message, and its warnings."""
    kim = scene.person("U3")
    form = opened(kim.uses_shortcut("action.record", message=kim.says(CHANNEL, typed)).view)
    held = {name: next(iter(field.values())) for name, field in form.values.items()}
    facts = {name: held[name].get("value") or held[name].get("selected_user") for name in ("holder", "text", "due")}
    warned = [line for line in form.words.splitlines() if line.startswith(":warning: ")]
    return facts | {"case": held["case"]["value"]}, "\n".join(line.removeprefix(":warning: ") for line in warned)


def test_record_as_action_takes_over_a_holder_who_is_named(scene: Scene) -> None:
    facts, warned = drafted(scene, "*ACTION:* Sam to ring the school re SAMPLE-0001 by Friday")
    assert facts == {"holder": "U2", "text": "ring the school re SAMPLE-0001", "due": "Friday", "case": "SAMPLE-0001"}
    assert warned == ""


def test_record_as_action_says_what_it_cut_and_could_not_place(scene: Scene) -> None:
    facts, warned = drafted(scene, "ACTION: Farah to ring mum on 07700 900123")
    assert facts == {"holder": None, "text": "Farah to ring mum on […]", "due": None, "case": None}
    assert warned == (
        "I don't know who Farah is. Choose a member of the panel.\n"
        "I left out a phone number. Use the case reference instead.\n"
        "I couldn't see a due date."
    )
    facts, warned = drafted(scene, "<@U2> and <@U4> to ring the school by Friday")
    assert facts == {"holder": "U2", "text": "ring the school", "due": "Friday", "case": None}
    assert warned == "I didn't add Jo: an action has only one holder."


def test_record_as_action_says_that_a_long_message_is_cut(scene: Scene) -> None:
    facts, warned = drafted(scene, f"ACTION: Sam to ring the school {'and the clinic ' * 70}by Friday")
    assert len(facts["text"] or "") == 1000
    assert (facts["due"], warned) == ("Friday", "Only the first 1,000 characters fit; I cut the rest.")


def test_the_kind_of_an_action_is_guessed_said_and_changed(either: Scene) -> None:
    kim, sam = either.person("U3"), either.person("U2")
    answer = kim.types(CHANNEL, "/action add @sam refer the family to early help by Friday")
    assert "Kind: *referral*." in answer.text
    form = opened(kim.clicks(answer.replies[0], "action.kind:1").view)
    done = opened(kim.submits(form, {"kind": "visit"}).view)
    assert done.words == "The kind of *action 1* is now *visit*."
    listed = sam.types(CHANNEL, "/action list mine").replies[0].words
    assert "Health · visit" in listed
    story = opened(sam.types(CHANNEL, "/action show 1").view)
    assert "kind: visit" in story.words
    form = opened(sam.clicks(story, "action.kind:1").view)
    assert opened(sam.submits(form, {"kind": "nrm"}).view).words == "The kind of *action 1* is now *NRM*."


def test_add_alone_opens_the_form_with_a_kind(scene: Scene) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/action add").view)
    facts = {"holder": "U2", "text": "ring the school", "due": "Friday", "kind": "return_interview"}
    done = opened(kim.submits(form, facts).view)
    assert "Kind: *return interview*." in done.words


def test_a_kind_that_nobody_chose_is_taken_from_the_words(scene: Scene) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/action add").view)
    done = opened(kim.submits(form, {"holder": "U2", "text": "refer to the NRM", "due": "Friday"}).view)
    assert "Kind: *NRM*." in done.words


def test_a_case_that_is_not_there_is_said_under_its_own_field(scene: Scene) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/action add").view)
    wrong = kim.submits(form, {"holder": "U2", "text": "ring the school", "due": "Friday", "case": "SAMPLE-9999"})
    assert list(wrong.errors) == ["case"]
    assert wrong.errors["case"].startswith("I can't find case SAMPLE-9999")


def test_several_actions_are_done_in_one_line_or_none_of_them(scene: Scene) -> None:
    chair = scene.person("U3")
    for _ in range(3):
        chair.types(CHANNEL, "/action add @sam ring the school by Friday")
    assert chair.types(CHANNEL, "/action done 2, 3").text == (
        "*Action 2* is reported done. It stays on the lists until the panel accepts your report. "
        "If that was a mistake: `/action reopen 2`.\n"
        "*Action 3* is reported done. It stays on the lists until the panel accepts your report. "
        "If that was a mistake: `/action reopen 3`."
    )
    refused = chair.types(CHANNEL, "/action done 1 2").text
    assert refused.startswith("Action 2 is already reported done")
    assert refused.endswith("I haven't changed the other actions.")
    assert chair.types(CHANNEL, "/action reopen 1").text == "Action 1 is open already."
    assert chair.types(CHANNEL, "/action done 1.5").text.startswith("Which one?")


def test_an_action_is_not_given_up_without_a_reason(scene: Scene) -> None:
    chair = scene.person("U3")
    for _ in range(2):
        chair.types(CHANNEL, "/action add @sam ring the school by Friday")
    for empty in ("", " because", " because:", " because because -"):
        said = chair.types(CHANNEL, f"/action not-possible 1{empty}").text
        assert said == f"{changes.NO_REASON} Type `/action not-possible 1 because REASON`."
    assert chair.types(CHANNEL, "/action not-done 1 2 because gone").text.startswith("One action at a time")
    assert chair.types(CHANNEL, "/action not-possible 1 because the family has moved").text.startswith("*Action 1* is")


def test_more_time_without_its_day_or_its_reason_opens_the_form_with_the_other(scene: Scene) -> None:
    chair = scene.person("U3")
    chair.types(CHANNEL, "/action add @sam ring the school by Friday")
    for typed, day, reason in (
        ("", None, None),
        ("to Friday 18 December", "2026-12-18", None),
        ("in 3 weeks because because", "2026-12-14", None),
        ("because the clinic is shut", None, "the clinic is shut"),
        ("until she is back", None, "she is back"),
    ):
        form = chair.types(CHANNEL, f"/action extend 1 {typed}").view
        assert form is not None
        assert form.title == "More time: action 1"
        picked, written = form.values["due"]["due"]["selected_date"], form.values["reason"]["reason"]["value"]
        assert (picked, written) == (day, reason)


def test_an_action_for_an_agency_with_several_members_asks_which(scene: Scene) -> None:
    chair = scene.person("U3")
    asked = chair.types(CHANNEL, "/action add Health: ring the school by Friday")
    assert asked.text == "An action has one holder. Who in that agency is it?"
    names = [each["text"]["text"] for block in asked.replies[0].blocks for each in block.get("elements", ())]
    assert names == ["Jo", "Sam"]


def test_the_log_is_the_panels_an_agencys_a_members_or_ones_own(scene: Scene) -> None:
    kim = scene.person("U3")
    kim.types(CHANNEL, "/action add @sam ring the school nurse by Friday 4 December")
    said = {
        "": "The action log of West Operational MET is on its way to your direct messages.",
        "west-met": "The action log of West Operational MET is on its way to your direct messages.",
        "health, west-met": "The action log of Health on West Operational MET is on its way to your direct messages.",
        "<@U2>": "The action log of Sam on West Operational MET is on its way to your direct messages.",
        "mine": "The log of your own actions on every panel is on its way to your direct messages.",
    }
    assert {typed: kim.types(CHANNEL, f"/action tracker {typed}").text for typed in said} == said
    assert kim.types(CHANNEL, "/action log police").text.startswith("The action log of Police on West")
    scene.settled()
    names = [name for message in kim.dm() for name, _ in message.files]
    assert sorted(names) == [
        "all-panels-2026-11-23-actions-held.xlsx",
        "west-met-2026-11-23-actions-health.xlsx",
        "west-met-2026-11-23-actions-held.xlsx",
        "west-met-2026-11-23-actions-police.xlsx",
        "west-met-2026-11-23-actions.xlsx",
        "west-met-2026-11-23-actions.xlsx",
    ]
    assert kim.types(CHANNEL, "/action tracker the moon").text.startswith("I can't find that panel")


NOW = "check the CCTV at the station"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("should say bus station not station", "check the CCTV at the bus station"),
        ("should read: ring the school nurse", "ring the school nurse"),
        ("needs to say “ring the school”", "ring the school"),
        ("should say bus not train", ""),
        ("is wrong", ""),
    ],
)
def test_what_an_action_should_say_is_read_from_words(typed: str, says: str) -> None:
    assert new_words(typed, NOW) == says


def test_what_an_action_should_say_is_filled_into_its_form(scene: Scene) -> None:
    kim = scene.person("U3")
    kim.types(CHANNEL, "/action add @sam check the CCTV at the station by Friday")
    form = opened(kim.types(CHANNEL, "/action edit 1 should say bus station not station").view)
    values = {name: field for block in form.values.values() for name, field in block.items()}
    assert values["text"]["value"] == "check the CCTV at the bus station"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("whats outstanding for police", ["tracker police", "list open"]),
        ("whats been reported", ["list reported"]),
        ("my list", ["list mine"]),
        ("over due", ["list over due"]),
        ("grandmother", ["list grandmother"]),
        ("", ["list"]),
    ],
)
def test_a_list_is_offered_of_what_it_can_list(typed: str, offered: list[str]) -> None:
    assert list_offers(typed) == offered


@pytest.mark.parametrize(
    ("typed", "offered"), [("4128 need more time", ["show 4128"]), ("4 and 5", []), ("the plan", []), ("", ["show"])]
)
def test_an_action_is_shown_by_its_number_alone(typed: str, offered: list[str]) -> None:
    assert show_offers(typed) == offered


@pytest.mark.parametrize("between", ["on to", "over to", "across to", "to", "with", ""])
def test_an_action_is_passed_on_in_many_words(scene: Scene, between: str) -> None:
    kim = scene.person("U3")
    kim.types(CHANNEL, "/action add @sam ring the school nurse by Friday")
    assert kim.types(CHANNEL, f"/action pass 1 {between} @jo").text == "*Action 1* is now with <@U4> (Health)."


def test_an_action_that_names_its_holder_and_no_deed_opens_the_form_with_both(scene: Scene) -> None:
    form = opened(scene.person("U3").types(CHANNEL, "/action give sam the chronology to finish by Monday").view)
    values = {name: field for block in form.values.values() for name, field in block.items()}
    found = (values["holder"]["selected_user"], values["text"]["value"], values["due"]["value"])
    assert found == ("U2", "the chronology to finish", "Monday")


def test_an_own_action_is_offered_as_done_by_a_word_of_it(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    for what in ("ring the school", "check the CCTV at the station"):
        kim.types(CHANNEL, f"/action add @sam {what} by Friday")
    refused = sam.types(CHANNEL, "/action done the cctv one").replies[0]
    assert refused.words.startswith("Which one?")
    sam.clicks(refused, "command.again:0")
    assert "*reported done*" in opened(sam.types(CHANNEL, "/action show 2").view).words
