"""What can't be done as typed, put right in a form; and forms that open with what was typed of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from bot.models.actions import Action
from bot.models.meetings import Note
from bot.practice.workspace.sights import SeenMessage, SeenView
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import begin
from tests.slack.test_cycle import flag, go_to_case, opened


def values(form: SeenView) -> dict[str, Any]:
    """Return what each field of a form is filled in with, by the name of the field."""
    found = {}
    for fields in form.values.values():
        for name, field in fields.items():
            chosen = field.get("selected_option")
            found[name] = (
                field.get("value")
                or field.get("selected_date")
                or field.get("selected_user")
                or (chosen and chosen["value"])
            )
    return found


def labels(message: SeenMessage) -> list[str]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [button["text"]["text"] for row in rows for button in row]


def count(scene: Scene, model: type[Action | Note]) -> int:
    with scene.store.reading() as work:
        return len(work.session.exec(select(model)).all())


def test_a_command_with_an_identifier_is_put_right_in_a_form(scene: Scene) -> None:
    kim = scene.person("U3")
    refused = kim.types(CHANNEL, "/action add @sam ring mum & dad on 07700 900123 by Friday").replies[0]
    assert refused.words.startswith("This looks as if it contains a phone number.")
    assert labels(refused) == ["Edit and send"]
    form = opened(kim.clicks(refused, "command.edit:0").view)
    assert ":warning: Take out or replace: \u201c07700 900123\u201d (phone number)." in form.words
    assert values(form)["line"] == "/action add <@U2|sam> ring mum & dad on 07700 900123 by Friday"
    again = kim.submits(form, {"line": "/action add <@U2> ring mum on 07700 900124 by Friday"})
    assert "a phone number" in again.errors["line"]
    assert count(scene, Action) == 0
    wrong = kim.submits(form, {"line": "ring mum by Friday"})
    assert wrong.errors == {"line": "Begin with a command, such as /panel."}
    done = opened(kim.submits(form, {"line": "/action add <@U2> ring mum by Friday"}).view)
    assert done.words.startswith("*Action 1* recorded for <@U2> (Health):\n>ring mum\nDue *Friday 27 November 2026")
    assert count(scene, Action) == 1


def test_words_are_never_typed_twice(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    refused = kim.types(CHANNEL, "/meeting dissent would retain").replies[0]
    assert labels(refused) == ["Edit and send"]
    form = opened(kim.clicks(refused, "command.edit:0").view)
    opened(kim.submits(form, {"line": "/meeting dissent Health: would retain"}).view)
    with scene.store.reading() as work:
        assert [note.kind for note in work.session.exec(select(Note))] == ["dissent"]


def test_an_action_may_be_given_without_add(scene: Scene) -> None:
    kim = scene.person("U3")
    answer = kim.types(CHANNEL, "/action Sam to ring the school in 5 days").text
    assert answer.startswith(
        "*Action 1* recorded for <@U2> (Health):\n>ring the school\nDue *Monday 30 November 2026 (in 7 days)*. "
        "\u201cin 5 days\u201d is Saturday 28 November 2026, so I chose the next working day. "
    )
    form = opened(kim.types(CHANNEL, "/action Bob to ring the school by Friday").view)
    assert "I don't know who Bob is" in form.words
    two = kim.types(CHANNEL, "/action add Sam to ring the GP by Friday. Jo to write by Monday").replies[0]
    assert labels(two) == ["One each, 2 actions"]
    assert count(scene, Action) == 1


def test_a_question_is_no_order(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    kim.types(CHANNEL, "/action add @sam ring the school by Friday")
    asked = kim.types(CHANNEL, "/meeting can we close?").replies[0]
    assert (asked.words.splitlines()[0], labels(asked)) == ("Are you asking, or should I do it?", ["/meeting close"])
    assert labels(kim.types(CHANNEL, "/meeting are we quorate?").replies[0]) == ["/meeting room"]
    done = kim.types(CHANNEL, "/action is 1 done?").replies[0]
    assert labels(done) == ["/action show 1", "/action done 1"]
    ahead = kim.types(CHANNEL, "/meeting skip to 3").replies[0]
    assert labels(ahead) == ["/meeting next 3"]


def test_a_case_may_be_named_by_its_digits_and_is_asked_about_before_anything_changes(scene: Scene) -> None:
    flag(scene, "U3", reference="SAMPLE-0041")
    kim = scene.person("U3")
    assert "SAMPLE-0041" in opened(kim.types(CHANNEL, "/case history 0041").view).title
    refused = kim.types(CHANNEL, "/case withdraw 0041 mum is ill").replies[0]
    assert (refused.words.splitlines()[0], labels(refused)) == (
        "Do you mean SAMPLE-0041?",
        ["/case withdraw SAMPLE-0041 because mum is ill"],
    )
    # A person who reads no cases learns nothing of it.
    assert labels(scene.person("U6").types(CHANNEL, "/case history 0041").replies[0]) == []


DECEMBER = datetime(2026, 12, 10, 14, 0, tzinfo=UTC)


def test_a_move_opens_with_the_meeting_and_its_new_day(scene: Scene) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/panel move 10 December to the 17th at 2.30pm").view)
    filled = values(form)
    assert (filled["date"], filled["time"], filled["meeting"]) == ("2026-12-17", "14:30", "1")
    assert "You typed" not in form.words
    later = values(opened(kim.types(CHANNEL, "/panel postpone the december meeting by a week").view))
    assert (later["date"], later["time"]) == ("2026-12-17", "14:00")
    unclear = opened(kim.types(CHANNEL, "/panel move 11 December to next Friday").view)
    assert values(unclear)["meeting"] is None  # no meeting is then, and no other is taken for it
    assert "You typed \u201c11 December to next Friday\u201d. Nothing is recorded yet" in unclear.words


@pytest.mark.parametrize(
    ("typed", "filled"),
    [
        ("/panel cancel 10th december", {"meeting": "1"}),
        ("/panel cancel 11 December", {"meeting": None}),
        ("/panel venue Town Hall for 10 December", {"meeting": "1", "venue": "Town Hall", "reach": "this"}),
        ("/panel change venue to Room 2 from now on", {"meeting": "1", "venue": "Room 2", "reach": "later"}),
        ("/panel add an extra one 17 December 2pm", {"date": "2026-12-17", "time": "14:00"}),
    ],
)
def test_a_form_of_the_diary_opens_with_what_was_typed(scene: Scene, typed: str, filled: dict[str, Any]) -> None:
    found = values(opened(scene.person("U3").types(CHANNEL, typed).view))
    assert {name: found[name] for name in filled} == filled


def test_a_panel_of_others_is_still_refused_beside_a_day(scene: Scene) -> None:
    refused = scene.person("U3").types(CHANNEL, "/panel cancel 10 December shire-met")
    assert refused.text.startswith("I can't find that panel, or it isn't for you.")
    assert scene.audit()[-1] == ("cancel", "panel", "refused")


def test_a_deputy_is_named_for_the_days_that_were_typed(scene: Scene) -> None:
    sam = scene.person("U2")
    for_one = values(opened(sam.types(CHANNEL, "/people deputise Jo for 10 December").view))
    assert (for_one["how"], for_one["meeting"], for_one["from"]) == ("meeting", "1", None)
    period = values(opened(sam.types(CHANNEL, "/people deputise Jo while I'm away 14-18 December").view))
    assert (period["how"], period["from"], period["until"]) == ("period", "2026-12-14", "2026-12-18")
    standing = opened(sam.types(CHANNEL, "/people deputise Jo until further notice").view)
    assert values(standing)["how"] == "standing"


def test_the_attendance_form_opens_with_who_left(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting attendance Sam left at 2.10").view)
    assert "You typed \u201cSam left at 2.10\u201d." in form.words
    fields = {name: field for block in form.values.values() for name, field in block.items()}
    assert fields["left"]["selected_users"] == ["U2"]
    assert fields["at"]["value"] == "14:10"
    away = opened(kim.types(CHANNEL, "/meeting attendance apologies from Sam").view)
    fields = {name: field for block in away.values.values() for name, field in block.items()}
    assert (fields["apologies"]["selected_users"], fields["present"]["selected_users"]) == (["U2"], ["U1", "U3"])
    both = opened(kim.types(CHANNEL, "/meeting attendance Sam left, Jo arrived").view)
    fields = {name: field for block in both.values.values() for name, field in block.items()}
    assert fields["left"]["selected_users"] == []


def test_more_time_opens_with_the_day_where_the_reason_may_be_a_part_of_it(scene: Scene) -> None:
    kim = scene.person("U3")
    kim.types(CHANNEL, "/action add @sam ring the school by Friday")
    form = values(opened(kim.types(CHANNEL, "/action extend 1 2 weeks clinic shut").view))
    assert (form["due"], form["reason"]) == ("2026-12-11", "clinic shut")
    done = kim.types(CHANNEL, "/action extend until 4 December for 1, bc the ward moved him").text
    assert done.startswith("*Action 1* is now due *Friday 4 December 2026")
    edited = opened(kim.types(CHANNEL, "/action edit 1 holder should be Jo").view)
    assert values(edited)["holder"] == "U4"


def test_an_offer_that_leads_to_a_further_question_keeps_its_buttons(scene: Scene) -> None:
    kim = scene.person("U3")
    kim.types(CHANNEL, "/action add @sam ring the school by Friday")
    refused = kim.types(CHANNEL, "/action need more time for 1 till next week").replies[0]
    assert labels(refused) == ["/action extend 1 till next week"]
    kim.clicks(refused, "command.again:0")
    form = kim.types(CHANNEL, "/action add Sam ring the GP soon").replies[0]
    assert "does not name a day" in form.words
    assert len(labels(form)) == 3
