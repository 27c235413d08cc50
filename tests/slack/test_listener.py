"""The one wrapper: acknowledged is committed, nothing twice, and sentences instead of exceptions."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.models.actions import Action
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Recusal
from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState
from bot.practice.workspace.delivery import Delivery
from bot.practice.workspace.faults import Fault
from bot.records.access.queries import identify
from bot.records.cases.changes import add_case
from bot.services.actions import tracker
from bot.slack.listener import NOT_OPENED, TOO_SLOW, WITHHELD, render_response
from bot.store.rows import id_of
from bot.store.unit_of_work import Store
from tests.county import TEAM
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL, FOREIGN, OTHER_CHANNEL, STRANGER

ADD = "/action add @sam ring the school nurse by Friday"
REFUSAL = (
    "I can only talk to people an administrator has enrolled. "
    "If a child is in danger call 999; for a concern contact your local MASH."
)


def count_actions(store: Store) -> int:
    with store.reading() as work:
        return len(work.session.exec(select(Action)).all())


def test_a_command_delivered_twice_acts_once_and_is_answered_alike(either: Scene) -> None:
    either.person("U3").types(CHANNEL, ADD)
    first = either.workspace.deliveries[-1]
    second = either.workspace.redeliver(first)
    assert count_actions(either.store) == 1
    assert second.attempts[0].payload == first.attempts[0].payload


def test_the_same_words_typed_again_are_a_new_command(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, ADD)
    scene.person("U3").types(CHANNEL, ADD)
    assert count_actions(scene.store) == 2


def test_a_mistake_is_explained_saves_nothing_and_is_not_remembered(scene: Scene) -> None:
    answer = scene.person("U3").types(CHANNEL, "/action add @sam ring the school nurse by 3/4/5/6")
    assert answer.text.startswith("I couldn't see a due date.")
    assert answer.replies[0].ephemeral
    assert count_actions(scene.store) == 0
    again = scene.workspace.redeliver(scene.workspace.deliveries[-1])
    assert again.attempts[0].payload["text"] == answer.text


@pytest.mark.parametrize("line", [ADD, "/action help", "/action list", "/case history SAMPLE-0012", "/panel"])
def test_a_stranger_hears_one_sentence_whatever_they_type(scene: Scene, line: str) -> None:
    answer = scene.person(STRANGER).types(CHANNEL, line)
    assert answer.text == REFUSAL
    assert scene.audit()[-1][2] == "refused"
    assert count_actions(scene.store) == 0


def test_a_person_of_another_workspace_is_a_stranger_even_with_an_enrolled_id(scene: Scene) -> None:
    with scene.store.work() as work:
        assert identify(work, TEAM, "U2").name == "Sam"
    answer = scene.person(FOREIGN).types(CHANNEL, ADD)
    assert answer.error is not None or answer.text == REFUSAL
    assert count_actions(scene.store) == 0


def test_a_click_from_another_workspace_is_refused(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, ADD)
    delivery = scene.workspace.deliveries[-1]
    delivery.payload["team_id"] = "T0OTHER"
    again = scene.workspace.redeliver(delivery)
    assert again.attempts[0].payload["text"] == REFUSAL


def test_what_is_not_there_and_what_is_not_theirs_is_answered_alike(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, ADD)
    outsider = scene.person("U6")
    theirs = outsider.types(OTHER_CHANNEL, "/action show 1")
    missing = outsider.types(OTHER_CHANNEL, "/action show 2")
    said = [(view.title, view.words) for view in (theirs.view, missing.view) if view] or [theirs.text, missing.text]
    assert theirs.text.replace("action 1", "action N") == missing.text.replace("action 2", "action N")
    assert "can't find action 1, or it isn't for you" in str(said)


def test_a_title_with_slacks_own_characters_is_only_text(scene: Scene) -> None:
    with scene.store.work() as work:
        for panel in work.session.exec(select(Panel)):
            panel.title = "North & East <!channel> MET"
            work.session.add(panel)
        for meeting in work.session.exec(select(Meeting)):
            meeting.state = MeetingState.CANCELLED
            work.session.add(meeting)
    said = [scene.person(who).types(CHANNEL, "/panel next").text for who in ("U3", "U2")]
    assert said == [
        f"North &amp; East &lt;!channel&gt; MET has no meeting in the diary. {how}"
        for how in (
            "To add meetings: `/panel create second Tuesday of the month at 14:00 west-met`.",
            "The panel's co-ordinator can add meetings.",
        )
    ]


def test_a_form_that_slack_does_not_open_is_said_where_the_click_was(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, ADD)
    sam = scene.person("U2")
    told = sam.waits_for(sam.dm)[0]
    for fault, said in (
        (Fault.api_error("expired_trigger_id"), TOO_SLOW),
        (Fault.api_error("internal_error"), NOT_OPENED),
    ):
        scene.workspace.faults.next("views.open", fault)
        sam.clicks(told, "action.more_time:1")
        assert sam.waits_for(lambda said=said: [one for one in sam.dm() if one.text == said])


def test_the_same_command_delivered_again_leaves_its_form_alone(scene: Scene) -> None:
    kim = scene.person("U3")
    assert kim.types(CHANNEL, "/panel reschedule").view is not None
    again = scene.workspace.redeliver(scene.workspace.deliveries[-1])
    assert again.attempts[0].payload is None


def test_a_refusal_leaves_an_entry_without_content(scene: Scene) -> None:
    scene.person("U6").types(OTHER_CHANNEL, "/action show 77")
    assert scene.audit()[-1] == ("show", "action", "refused")


def test_what_a_stranger_types_is_not_in_the_audit(scene: Scene) -> None:
    scene.person(STRANGER).types(CHANNEL, "/action mary-smith")
    assert scene.audit()[-1] == ("use", "action", "refused")


def test_a_refused_command_names_the_actions_asked_for_and_the_panel_of_the_channel(scene: Scene) -> None:
    with scene.store.work() as work:
        for reference in ("7187", "WEST-0001"):
            add_case(work, reference, work.session.get_one(Panel, scene.county.west_id).area_id, is_closed=False)
    west = scene.county.west_id
    for text, channel, named in [
        ("show #7187", CHANNEL, [("show", 7187, west, None)]),
        ("extend 7187 14 January because I want", CHANNEL, [("extend", 7187, west, None)]),
        ("extend 7187 Friday because of case:WEST-0001", OTHER_CHANNEL, [("extend", 7187, None, 2)]),
        ("done 7187, 12 and 13", OTHER_CHANNEL, [("done", number, None, None) for number in (7187, 12, 13)]),
        ("list west-met", OTHER_CHANNEL, [("list", None, west, None)]),
        ("add <@U2> look at 7187 by Friday", CHANNEL, [("add", None, west, None)]),
    ]:
        before = len(scene.audit())
        scene.person(STRANGER).types(channel, f"/action {text}")
        with scene.store.reading() as work:
            entries = work.find_all(AuditEntry, by=[col(AuditEntry.id)])[before:]
            found = [(one.verb, one.noun_id, one.panel_id, one.case_id) for one in entries]
        assert (text, found) == (text, named)


def test_a_refused_form_names_the_action_it_was_opened_for_and_no_words(scene: Scene) -> None:
    with scene.store.work() as work:
        add_case(work, "1", work.session.get_one(Panel, scene.county.west_id).area_id, is_closed=False)
    scene.person("U3").types(CHANNEL, ADD)
    sam = scene.person("U2")
    form = sam.clicks(sam.waits_for(sam.dm)[0], "action.more_time:1").view
    assert form is not None
    with scene.store.work() as work:
        for place in work.find_all(Membership, col(Membership.person_id) == scene.county.person["nurse"]):
            place.ended_at = work.now
    sam.submits(form, {"due": "2026-12-24", "reason": "4127"})
    with scene.store.reading() as work:
        entry = work.find_all(AuditEntry, by=[col(AuditEntry.id).desc()], most=1)[0]
        assert (entry.noun, entry.noun_id, entry.case_id, entry.outcome) == ("action", 1, None, "refused")


def test_an_unknown_word_gets_a_suggestion(scene: Scene) -> None:
    assert scene.person("U3").types(CHANNEL, "/action ad @sam x").text == (
        "`/action ad` isn't a command. Did you mean `/action add`? `/action help` lists all commands."
    )


def test_a_wrong_field_keeps_the_form_and_its_text(scene: Scene) -> None:
    sam = scene.person("U2")
    scene.person("U3").types(CHANNEL, ADD)
    shown = sam.types(CHANNEL, "/action list").replies[0]
    story = sam.clicks(shown, "action.show:1").view
    assert story is not None
    form = sam.clicks(story, "action.more_time:1").view
    assert form is not None
    refused = sam.submits(form, {"due": "2026-11-24", "reason": "The clinic is shut."})
    assert refused.errors == {"due": "The action is already due on 27 November 2026. Choose a later date."}
    kept = refused.view
    assert kept is not None
    assert kept.values["reason"]["reason"]["value"] == "The clinic is shut."
    granted = sam.submits(kept, {"due": "2026-12-04"})
    assert granted.view is not None
    assert granted.view.words == "*Action 1* is now due *Friday 4 December 2026 (in 11 days)*."


def test_a_submission_delivered_twice_acts_once(scene: Scene) -> None:
    kim = scene.person("U3")
    message = scene.person("U2").says(CHANNEL, "A person should ring the school nurse")
    form = kim.uses_shortcut("action.record", message=message).view
    assert form is not None
    done = kim.submits(form, {"holder": "U2", "due": "Friday"})
    assert done.view is not None
    assert done.view.words.startswith("*Action 1* recorded for <@U2> (Health):")
    again = scene.workspace.redeliver(scene.workspace.deliveries[-1])
    assert count_actions(scene.store) == 1
    said = again.attempts[0].payload["view"]["blocks"][0]["text"]["text"]
    assert said.startswith("*Action 1* recorded")
    assert done.view.words.startswith(said)


def test_a_click_delivered_twice_acts_once_and_is_answered_once(scene: Scene) -> None:
    sam = scene.person("U2")
    scene.person("U3").types(CHANNEL, ADD)
    told = sam.waits_for(sam.dm)[0]
    sam.clicks(told, "action.done:1")
    scene.workspace.redeliver(scene.workspace.deliveries[-1])
    assert scene.settled() == [("action_given", "done"), ("response", "done")]
    assert "is reported done" in sam.dm()[0].words
    assert "action.done:1" not in sam.dm()[0].actions


def test_a_click_that_cannot_be_done_says_why_in_a_modal(scene: Scene) -> None:
    sam = scene.person("U2")
    scene.person("U3").types(CHANNEL, ADD)
    told = sam.waits_for(sam.dm)[0]
    sam.types(CHANNEL, "/action done 1")
    view = sam.clicks(told, "action.done:1").view
    assert view is not None
    assert view.title == "Not done"
    assert view.words == (
        "Action 1 is already reported done. If there is more to do, reopen it first. "
        "The action was reported done by Sam on Mon 23 Nov 2026 at 09:00."
    )


def test_a_form_that_comes_too_late_is_said(scene: Scene) -> None:
    scene.workspace.faults.next("views.open", Fault.api_error("expired_trigger_id"))
    assert scene.person("U3").types(CHANNEL, "/panel reschedule").text == TOO_SLOW


def test_the_unexpected_gets_a_number_and_no_content_in_the_log(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*asked: object, **_named: object) -> None:
        raise KeyError(f"something about SAMPLE-0012 {asked}")

    monkeypatch.setattr(tracker, "list_actions", broken)
    with caplog.at_level(logging.DEBUG, logger="bot"):
        answer = scene.person("U3").types(CHANNEL, "/action list overdue")
    found = re.fullmatch(
        r"Something went wrong on my side, and nothing was saved\. Give your administrator this code: "
        r"([0-9a-f]{6})\.",
        answer.text,
    )
    assert found is not None
    assert f"incident {found[1]}: KeyError at " in caplog.text
    assert "SAMPLE-0012" not in caplog.text


def test_a_button_of_an_older_version_is_explained(scene: Scene) -> None:
    sam = scene.person("U2")
    scene.person("U3").types(CHANNEL, ADD)
    told = sam.waits_for(sam.dm)[0]
    del scene.bot.registry.clicks["action.done"]
    view = sam.clicks(told, "action.done:1").view
    assert view is not None
    assert view.words.startswith("That button is out of date. To find it again, type `/action help`.")
    assert scene.audit()[-1] == ("use", "click", "refused")


def test_help_ends_with_where_to_turn_in_an_emergency(scene: Scene) -> None:
    for command in scene.bot.registry.commands:
        for line in (command, f"{command} help"):
            said = scene.person("U3").types(CHANNEL, line).text
            assert said.endswith(
                "_Not for emergencies: if a child is in danger call 999; for a concern contact your local MASH._"
            )


def test_a_redelivery_gets_the_first_answer_even_where_doing_it_again_would_be_a_mistake(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, ADD)
    scene.person("U2").types(CHANNEL, "/action done 1")
    first = scene.workspace.deliveries[-1]
    again = scene.workspace.redeliver(first)
    assert again.attempts[0].payload == first.attempts[0].payload
    assert "is reported done" in again.attempts[0].payload["text"]


def test_a_redelivery_after_access_ended_is_refused(scene: Scene) -> None:
    scene.person("U2").types(CHANNEL, "/action list")
    first = scene.workspace.deliveries[-1]
    with scene.store.work() as work:
        person = work.session.get_one(Person, scene.county.person["nurse"])
        person.left_at = work.now
        work.session.add(person)
    assert scene.workspace.redeliver(first).attempts[0].payload["text"] == REFUSAL


def test_a_redelivery_after_a_place_ended_shows_nothing_of_the_first_answer(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, ADD)
    scene.person("U2").types(CHANNEL, "/action done 1")
    first = scene.workspace.deliveries[-1]
    scene.clock.move_to(scene.clock.now() + timedelta(minutes=1))
    assert scene.workspace.redeliver(first).attempts[0].payload == first.attempts[0].payload
    with scene.store.work() as work:
        for place in work.find_all(Membership, col(Membership.person_id) == scene.county.person["nurse"]):
            place.ended_at = work.now
    again = scene.workspace.redeliver(first).attempts[0].payload
    assert again == {"response_type": "ephemeral", "text": WITHHELD}
    assert scene.audit()[-1] == ("done", "action", "refused")


def test_a_redelivery_after_a_case_was_kept_from_its_sender_shows_nothing_of_the_first_answer(scene: Scene) -> None:
    nurse = scene.county.person["nurse"]
    with scene.store.work() as work:
        panel = work.session.get_one(Panel, scene.county.west_id)
        case_id = id_of(add_case(work, "WEST-0001", panel.area_id, is_closed=False))
    scene.person("U3").types(CHANNEL, ADD)
    scene.person("U2").types(CHANNEL, "/action done 1")
    first = scene.workspace.deliveries[-1]
    scene.clock.move_to(scene.clock.now() + timedelta(minutes=1))
    with scene.store.work() as work:
        work.session.add(Recusal(case_id=case_id, person_id=nurse, declared_at=work.now, declared_by_id=nurse))
    assert scene.workspace.redeliver(first).attempts[0].payload["text"] == WITHHELD


def test_the_answer_to_a_click_is_not_sent_once_the_place_of_its_reader_ended(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, ADD)
    told = scene.person("U2").waits_for(scene.person("U2").dm)[0]
    scene.person("U2").clicks(told, "action.done:1")
    scene.settled()
    with scene.store.reading() as work:
        (promised,) = work.find_all(OutboxRow, col(OutboxRow.kind) == "response")
        answer = promised.payload
        assert render_response(work, answer) is not None
    scene.clock.move_to(scene.clock.now() + timedelta(minutes=1))
    with scene.store.work() as work:
        for place in work.find_all(Membership, col(Membership.person_id) == scene.county.person["nurse"]):
            place.ended_at = work.now
    with scene.store.reading() as work:
        assert render_response(work, answer) is None


def test_a_redelivery_leaves_nothing_in_audit_or_outbox(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, ADD)
    scene.settled()
    before = scene.audit(), scene.effects()
    scene.workspace.redeliver(scene.workspace.deliveries[-1])
    assert (scene.audit(), scene.effects()) == before


def test_the_same_delivery_many_times_at_once_acts_once(either: Scene) -> None:
    scene = either
    with ThreadPoolExecutor(8) as pool:
        delivery = Delivery("slash_commands", _typed(scene, ADD), accepts_response=True)
        answers = list(pool.map(lambda _: scene.workspace.redeliver(delivery).attempts[0].payload, range(8)))
    assert count_actions(scene.store) == 1
    assert answers == answers[:1] * 8


def _typed(scene: Scene, line: str) -> dict[str, str]:
    """Return the form of a command as Slack would send it, not sent yet."""
    scene.person("U3").types(CHANNEL, "/action help")
    command, _, text = line.partition(" ")
    payload = dict(scene.workspace.deliveries[-1].payload)
    return payload | {"command": command, "text": text.replace("@sam", "<@U2|sam>"), "trigger_id": "another"}
