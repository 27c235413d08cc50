"""Windows live side by side: what reaches each person, what Slack itself says, what only practice can do."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bot.practice.mode import PracticeMode
from tests.practice.page.test_rendering import TEXT, element, post
from tests.practice.page.window import PATIENCE, Window

pytestmark = pytest.mark.slow
STRANGER = "I can only talk to people an administrator has enrolled."


def test_what_one_says_the_other_sees_at_once_and_what_is_for_one_stays_with_one(
    shared: PracticeMode, opens: Callable[..., Window]
) -> None:
    rhys, esme = opens(shared, "U0RHYS"), opens(shared, "U0ESME")
    rhys.types("The papers are out, @esme")
    expect(esme.sees("The papers are out").locator(".mention-me")).to_have_text("@Esme Fairbrother")
    rhys.types("/panel next")
    expect(rhys.sees("Harrowmere District Operational MET")).to_contain_text("Only visible to you")
    rhys.types("Done.")
    esme.sees("Done.")
    assert esme.messages.filter(has_text="Only visible to you").count() == 0


def test_what_one_has_not_read_is_counted(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    rhys, tomos = opens(shared, "U0RHYS", "C0LOBBY"), opens(shared, "U0TOMOS", "C0QUILLHAVEN")
    rhys.types("A word to all")
    room = tomos.page.locator("#sidebar .place", has_text="common-room")
    expect(room.locator(".badge")).to_have_text("1")
    room.click()
    tomos.sees("A word to all")
    expect(room.locator(".badge")).to_have_count(0)


@pytest.mark.parametrize("user_id", ["U0ROBIN", "U0SASHA"])
def test_the_bot_refuses_people_nobody_enrolled(
    shared: PracticeMode, opens: Callable[..., Window], user_id: str
) -> None:
    window = opens(shared, user_id, "C0LOBBY")
    expect(window.page.locator("#sidebar section").nth(1).locator(".place")).to_have_text(["#common-room"])
    window.types("/panel list")
    window.sees(STRANGER)
    window.goes("Home")
    expect(window.page.locator(".home")).to_contain_text(STRANGER, timeout=PATIENCE)


def test_slack_says_itself_what_is_no_command(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    window = opens(shared, "U0AMARA")
    window.types("/nothing at all")
    expect(window.page.locator(".slack-note .block-text")).to_have_text(
        '/nothing is not a valid command. In Slack, all messages that start with the "/" character are interpreted '
        "as commands."
    )


def test_a_thread_lives_at_the_side_and_takes_no_commands(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    rhys, gwen = opens(shared, "U0RHYS"), opens(shared, "U0GWEN")
    rhys.types("Who takes the lead?")
    question = gwen.sees("Who takes the lead?")
    question.hover()
    gwen.presses("Reply in thread", question)
    box = gwen.page.locator("#thread-text")
    box.fill("We do")
    box.press("Enter")
    expect(rhys.sees("Who takes the lead?").locator(".thread-link")).to_contain_text("1 reply")
    box.fill("/panel next")
    box.press("Enter")
    expect(gwen.page.locator("#side .slack-note")).to_contain_text("/panel is not supported in threads. Sorry!")


def test_the_message_box_completes_commands_and_people(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    window = opens(shared, "U0MORGAN")
    box = window.page.locator("#composer-text")
    box.press_sequentially("/act")
    box.press("Tab")
    expect(window.page.locator(".completion").first).to_contain_text("add @holder what is to be done by DATE")
    box.press("ArrowDown")
    box.press("Enter")
    box.press_sequentially("@far")
    box.press("Enter")
    expect(box).to_have_value("/action add @farah ")
    expect(window.page.locator(".usage")).to_contain_text("/action add @holder what is to be done by DATE")
    box.press("Escape")
    expect(window.page.get_by_role("listbox")).to_be_hidden()


def test_a_confirmation_comes_before_the_click(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    confirm = {"title": TEXT, "text": {**TEXT, "text": "Really?"}, "confirm": {**TEXT, "text": "Yes"}, "deny": TEXT}
    button = {**element("button"), "text": {**TEXT, "text": "Careful"}, "confirm": confirm}
    post(shared, {"type": "actions", "elements": [button]}, channel="C0COUNTY")
    window = opens(shared, "U0NADIA", "C0COUNTY")
    before = len(shared.workspace.deliveries)
    window.presses("Careful")
    expect(window.page.locator("#confirm")).to_contain_text("Really?")
    window.page.keyboard.press("Escape")
    expect(window.page.locator("#confirm")).not_to_be_visible()
    assert len(shared.workspace.deliveries) == before
    window.presses("Careful")
    with window.page.expect_response("**/page/do/click"):
        window.presses("Yes", window.page.locator("#confirm"))
    sent = shared.workspace.deliveries[before:]
    assert [one.payload["actions"][0]["action_id"] for one in sent] == ["button"]


def test_a_message_that_changes_under_a_button_held_down_takes_the_click(
    shared: PracticeMode, opens: Callable[..., Window]
) -> None:
    button = {**element("button"), "text": {**TEXT, "text": "Held"}}
    said = post(shared, {"type": "actions", "elements": [button]}, channel="C0COUNTY")
    window, other = opens(shared, "U0AVERY", "C0COUNTY"), opens(shared, "U0RHYS", "C0COUNTY")
    before = len(shared.workspace.deliveries)
    window.page.get_by_role("button", name="Held").hover()
    window.page.mouse.down()
    with shared.workspace.state.lock:
        said.blocks = [{"type": "header", "text": {**TEXT, "text": "Changed"}}, {**said.blocks[0], "block_id": "new"}]
        said.edited_ts = said.ts
        shared.workspace.state.touch()
    other.sees("Changed")
    assert window.messages.filter(has_text="Changed").count() == 0
    with window.page.expect_response("**/page/do/click"):
        window.page.mouse.up()
    window.sees("Changed")
    sent = shared.workspace.deliveries[before:]
    assert [one.payload["actions"][0]["action_id"] for one in sent] == ["button"]


def test_a_message_shortcut_opens_its_form_with_the_words_of_the_message(
    shared: PracticeMode, opens: Callable[..., Window]
) -> None:
    window = opens(shared, "U0ESME")
    window.types("ring the school nurse")
    said = window.sees("ring the school nurse")
    said.hover()
    said.locator(".message-tools summary").click()
    window.page.get_by_role("button", name="Record as action").last.click()
    form = window.sees_form("Record as action")
    expect(form.locator("textarea").first).to_have_value("ring the school nurse")
    window.page.keyboard.press("Escape")
    expect(window.form).to_have_count(0)


def test_the_payload_of_a_message_can_be_looked_at(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    window = opens(shared, "U0HUGH", "C0LOBBY")
    window.types("On the wire")
    said = window.sees("On the wire")
    said.hover()
    said.locator(".message-tools summary").click()
    window.page.get_by_role("button", name="View payload").last.click()
    expect(window.page.locator("#sheet .payload")).to_contain_text('"text": "On the wire"')


def test_one_person_becomes_another_in_the_same_window(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    window = opens(shared, "U0MORGAN")
    window.page.keyboard.press("Control+k")
    window.page.keyboard.type("observer")
    window.page.keyboard.press("Enter")
    expect(window.page.locator(".person-button strong")).to_have_text("Hugh Pemberley")
    window.types("I only listen")
    expect(window.sees("I only listen").locator(".message-head strong")).to_have_text("Hugh Pemberley")


def test_nothing_is_lost_while_slack_is_down_or_the_bot_restarts(
    practice: PracticeMode, opens: Callable[..., Window]
) -> None:
    window = opens(practice, "U0MORGAN")
    tools = window.page.locator("#tools details")
    tools.locator("summary").click()
    window.page.get_by_label("Down: nothing gets through").check()
    expect(window.page.locator("#trouble")).to_have_text(
        "Slack is down. Nothing gets through until you let it be well again."
    )
    window.page.keyboard.press("Escape")
    window.types("/panel next")
    expect(window.page.locator(".slack-note .block-text")).to_have_text(
        '/panel failed with the error "dispatch_failed"'
    )
    tools.locator("summary").click()
    window.page.get_by_label("Well", exact=True).check()
    window.page.get_by_role("button", name="Restart the bot").click()
    expect(window.page.locator("#trouble")).to_be_hidden(timeout=2 * PATIENCE)
    window.types("/panel next")
    window.sees("Flags by Fri 20 Mar 2026")
    window.complaints.clear()


def test_the_guide_ticks_off_what_the_bot_has_really_done_and_a_reset_forgets_it(
    practice: PracticeMode, opens: Callable[..., Window]
) -> None:
    window = opens(practice, "U0MORGAN")
    flag = window.page.locator("[data-step=flag]")
    expect(flag).to_have_class("step now")
    window.presses("Be Farah and put it into the box")
    expect(window.page.locator("#composer-text")).to_have_value("/case flag SAMPLE-0101")
    window.page.locator("#composer-text").press("Enter")
    form = window.sees_form("Flag a case")
    window.presses("Fill in an example", form)
    window.presses("Flag", form)
    window.sees_form("Done")
    window.page.keyboard.press("Escape")
    expect(flag).to_have_class("step done", timeout=PATIENCE)
    expect(window.page.locator("[data-step=triage]")).to_have_class("step now")
    window.page.locator("#tools details summary").click()
    window.page.get_by_role("button", name="Reset without cases").click()
    window.presses("Begin afresh", window.page.locator("#confirm"))
    expect(flag).to_have_class("step now", timeout=2 * PATIENCE)
    expect(window.messages).to_have_count(0)
    window.types("/case list")
    window.sees("No case is flagged to the next meeting.")
