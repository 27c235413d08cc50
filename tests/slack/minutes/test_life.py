"""From a draft to circulated minutes, as chair and minute-taker live through it."""

from datetime import UTC, datetime
from hashlib import sha256

from bot.models.outbox import SlackFile
from bot.models.vocabulary import AttendanceStatus
from bot.practice.workspace.sights import SeenMessage, SeenView
from bot.records.access.queries import Where, identify
from bot.services.meeting.guests import GuestForm, record_guest
from tests.slack.agenda.test_nothing_waits import accepts_what_waits, pressed, said_to
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.home.test_home import home_of
from tests.slack.test_cycle import flag, go_to_case, open_quorate, opened

SHARED = "attended the clinic twice"


def hold(scene: Scene) -> None:
    """Hold the meeting of 10 December with one case of which health speaks, and draft its minutes."""
    alex, kim = scene.person("U1"), scene.person("U3")
    flag(scene)
    accepts_what_waits(alex, CHANNEL, "/agenda triage")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    go_to_case(scene)
    kim.types(CHANNEL, f"/meeting note Health: {SHARED}")
    closing = kim.types(CHANNEL, "/meeting close").replies[0]
    kim.clicks(closing, pressed(closing, "meeting.close"))
    kim.waits_for(lambda: [m for m in kim.messages(CHANNEL) if "is closed" in m.words])
    kim.types(CHANNEL, "/minutes draft")


def page_of(scene: Scene, who: str, message: SeenMessage, title: str) -> SeenView:
    """Look through a draft from its message until this page comes."""
    person = scene.person(who)
    page = opened(person.clicks(message, pressed(message, "minutes.look:")).view)
    while title not in page.words:
        turning = [action for action in page.actions if action.startswith("minutes.page:")]
        page = opened(person.clicks(page, turning[-1]).view)
    return page


def field_of(page: SeenView, name: str) -> str:
    """Return a field of the form by how its name begins."""
    named = [str(block.get("block_id", "")) for block in page.blocks if block["type"] == "input"]
    return next(field for field in named if field.startswith(name))


def test_nothing_needs_correcting_and_two_presses_circulate_the_minutes(scene: Scene) -> None:
    hold(scene)
    alex, sam = scene.person("U1"), scene.person("U2")
    draft = said_to(alex, "Draft minutes of West Operational MET")
    assert "version 1, drafted by Kim." in draft.words
    assert SHARED not in draft.words
    alex.clicks(draft, pressed(draft, "minutes.approve:"))
    said_to(alex, "are approved, so nobody can change them now. I'm telling members.")
    told = said_to(sam, "are approved. `/minutes export west-met` sends you the Word file")
    sam.clicks(told, pressed(told, "minutes.got:"))
    said_to(sam, "Noted: you have the minutes of West Operational MET")
    sam.types(CHANNEL, "/minutes export")
    sent = sam.waits_for(lambda: [file for message in sam.dm() for file in message.files])
    scene.settled()
    with scene.store.reading() as work:
        kept = {file.digest for file in work.find_all(SlackFile)}
    assert {sha256(content).hexdigest() for _, content in sent} <= kept


def test_a_draft_is_sent_back_and_the_button_of_the_old_one_says_so(scene: Scene) -> None:
    hold(scene)
    alex, kim = scene.person("U1"), scene.person("U3")
    draft = said_to(alex, "Draft minutes of West Operational MET")
    theirs = said_to(kim, "Another person must approve the minutes: Alex (chair).")
    assert [action.partition(":")[0] for action in theirs.actions] == ["minutes.look"]
    form = opened(alex.clicks(draft, pressed(draft, "minutes.send_back:")).view)
    assert alex.submits(form, {"remarks": " "}).errors == {
        "remarks": "What should be different? The person who drafted the minutes can read this."
    }
    done = opened(alex.submits(opened(alex.view), {"remarks": "The school said more."}).view)
    assert "I'm telling the person who drafted them." in done.words
    alex.closes(done)
    back = said_to(kim, "with remarks")
    assert "The school said more." not in back.words
    shown = opened(kim.clicks(back, pressed(back, "minutes.remarks:")).view)
    assert shown.words.endswith("The school said more.")
    kim.closes(shown)
    kim.types(CHANNEL, "/minutes draft")
    said_to(alex, "version 2, drafted by Kim.")
    stale = opened(alex.clicks(draft, pressed(draft, "minutes.approve:")).view)
    assert "Version 2 was written in the meantime, so I left version 1 as it was." in stale.words
    alex.closes(stale)
    by_command = alex.types(CHANNEL, "/minutes send back because item 6 is wrong").text
    assert "You have sent back the draft minutes" in by_command


def test_the_chair_corrects_item_by_item_with_a_reason(scene: Scene) -> None:
    hold(scene)
    alex, kim = scene.person("U1"), scene.person("U3")
    draft = said_to(alex, "Draft minutes of West Operational MET")
    page = page_of(scene, "U1", draft, "SAMPLE-0012")
    shared = field_of(page, "shared.")
    wrong = alex.submits(page, {shared: "Attended the clinic once."})
    assert wrong.errors == {
        field_of(
            page, "reason"
        ): "Why are you correcting it? People who write or approve the minutes can read your reason."
    }
    # Going on does not lose the words that are not saved.
    stopped = opened(alex.clicks(opened(alex.view), pressed(page, "minutes.page:")).view)
    assert "You have not saved your changes to this page." in stopped.words
    alex.closes(stopped)
    saved = opened(alex.submits(opened(alex.view), {field_of(page, "reason"): "Misheard."}).view)
    for words in ("1 change saved.", SHARED, "Attended the clinic once.", "Misheard.", "recorded by Kim"):
        assert words in saved.words
    told = said_to(kim, "Alex corrected what you recorded on SAMPLE-0012 in the draft minutes")
    assert "once" not in told.words
    listed = opened(kim.clicks(told, pressed(told, "minutes.changes:")).view)
    assert "Misheard." in listed.words
    kim.closes(listed)

    # What is approved is what was read: the next version comes first.
    first = opened(alex.clicks(saved, pressed(saved, "minutes.approve:")).view)
    assert "so the minutes are not approved yet" in first.words
    alex.closes(first)
    second = said_to(alex, "version 2, drafted by Kim.")
    alex.clicks(second, pressed(second, "minutes.approve:"))
    said_to(alex, "version 2 are approved, so nobody can change them now.")


def test_a_forgotten_decision_is_added_and_put_right_from_the_page_of_its_case(scene: Scene) -> None:
    hold(scene)
    alex = scene.person("U1")
    draft = said_to(alex, "version 1, drafted by Kim.")
    page = page_of(scene, "U1", draft, "SAMPLE-0012")
    form = opened(alex.clicks(page, "minutes.decision:0").view)
    fields = {"kind": "step_down", "rationale": "Contact is rebuilt.", "reason": " "}
    assert alex.submits(form, fields).errors == {
        "reason": "Why are you correcting it? People who write or approve the minutes can read your reason."
    }
    page = opened(alex.submits(opened(alex.view), fields | {"reason": "Nobody had written it."}).view)
    for words in ("1 change saved.", "Decision: step down. Rationale", "(nothing)", "Step down. Contact is rebuilt."):
        assert words in page.words
    # A typed word is not lost by opening the form of a decision.
    button = pressed(page, "minutes.decision:")
    reason = field_of(page, "reason")
    alex.submits(page, {reason: "A word."})
    stopped = opened(alex.clicks(opened(alex.view), button).view)
    assert "You have not saved your changes to this page." in stopped.words
    alex.closes(stopped)
    page = page_of(scene, "U1", draft, "SAMPLE-0012")
    correct = next(one for one in page.actions if one.startswith("minutes.decision:") and not one.endswith(":0"))
    form = opened(alex.clicks(page, correct).view)
    fields = {"risk_judgement": "The risk is lower.", "reason": "It was said."}
    page = opened(alex.submits(form, fields).view)
    assert "1 change saved." in page.words
    assert "The risk is lower." in page.words
    assert "Changed since the draft (2)" in page.words


def test_when_a_person_came_is_put_right_on_the_first_page(scene: Scene) -> None:
    alex = scene.person("U1")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    scene.clock.move_to(datetime(2026, 12, 10, 15, 0, tzinfo=UTC))
    page = first_page_of_draft(scene)
    assert "nobody. Everyone was there from beginning to end" in page.words
    sam = f"person-{scene.county.person['nurse']}"
    moved, arrived, reason = (field_of(page, name) for name in ("moved", "arrived", "reason"))
    assert alex.submits(page, {arrived: "14:20", reason: "The bus."}).errors == {
        moved: "Choose the person who came or left at that time."
    }
    page = opened(alex.submits(opened(alex.view), {moved: sam, arrived: "14:20", reason: "The bus."}).view)
    for words in ("1 change saved.", "Sam arrived at 14:20", "Sam: there from beginning to end", "Sam: arrived 14:20"):
        assert words in page.words


def first_page_of_draft(scene: Scene) -> SeenView:
    """Close the meeting and draft its minutes as Kim. Return the page with the attendance, as Alex sees it."""
    alex, kim = scene.person("U1"), scene.person("U3")
    closing = kim.types(CHANNEL, "/meeting close").replies[0]
    if any(one.startswith("meeting.close") for one in closing.actions):
        kim.clicks(closing, pressed(closing, "meeting.close"))
    kim.types(CHANNEL, "/minutes draft")
    draft = said_to(alex, "version 1, drafted by Kim.")
    return opened(alex.clicks(draft, pressed(draft, "minutes.look:")).view)


def test_a_guest_without_slack_is_put_right_on_the_first_page(scene: Scene) -> None:
    alex = scene.person("U1")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    with scene.store.work() as work:
        guest = GuestForm("Asha Roa", AttendanceStatus.IN_ATTENDANCE, other_agency="Hill School")
        record_guest(work, identify(work, "T0PRACTICE", "U3"), Where(panel_key="west-met"), guest)
    page = first_page_of_draft(scene)
    named, reason = field_of(page, "named.1"), field_of(page, "reason")
    saved = opened(alex.submits(page, {named: "Asha Rao", reason: "Misspelt."}).view)
    for words in ("1 change saved.", "Asha Roa: in attendance", "Asha Rao: in attendance"):
        assert words in saved.words
    # What is typed and not saved is not lost by going on.
    named = field_of(saved, "named.1")
    assert alex.submits(saved, {named: " ", field_of(saved, "reason"): "No name."}).errors == {
        named: "What is their name?"
    }
    stopped = opened(alex.clicks(opened(alex.view), pressed(saved, "minutes.page:")).view)
    assert "You have not saved your changes to this page." in stopped.words


def test_what_an_absent_agency_sent_is_put_right_on_the_first_page(scene: Scene) -> None:
    alex = scene.person("U1")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    page = first_page_of_draft(scene)
    jo = scene.county.person["midwife"]
    chosen = {field_of(page, f"there.{jo}"): "apologies", field_of(page, "reason"): "She had written."}
    page = opened(alex.submits(page, chosen).view)
    sent, reason = field_of(page, f"sent.{jo}"), field_of(page, "reason")
    assert (
        alex.submits(page, {sent: "Ring 07700 900123.", reason: "It came by letter."})
        .errors[sent]
        .startswith("This looks as if it contains a phone number.")
    )
    page = opened(alex.submits(page, {sent: "No new information.", reason: "It came by letter."}).view)
    for words in ("1 change saved.", "Jo: No new information."):
        assert words in page.words
    # What is typed and not saved is not lost by going on.
    sent = field_of(page, f"sent.{jo}")
    alex.submits(page, {sent: "A list.", field_of(page, "reason"): " "})
    stopped = opened(alex.clicks(opened(alex.view), pressed(page, "minutes.page:")).view)
    assert "You have not saved your changes to this page." in stopped.words


def test_a_slip_is_refused_with_a_reason_that_its_writer_reads(scene: Scene) -> None:
    hold(scene)
    alex, sam = scene.person("U1"), scene.person("U2")
    alex.types(CHANNEL, "/minutes approve")
    form = opened(sam.types(CHANNEL, "/minutes amend").view)
    done = opened(sam.submits(form, {"item": "0", "says": "It ended at four.", "reason": "The clock."}).view)
    sam.closes(done)
    asked = said_to(alex, "Sam wrote a correction slip to the approved minutes of West Operational MET")
    slip = opened(alex.clicks(asked, pressed(asked, "minutes.slip:")).view)
    form = opened(alex.clicks(slip, pressed(slip, "minutes.slip_refuse:")).view)
    assert alex.submits(form, {"refusal": " "}).errors == {
        "refusal": "Why are you refusing it? The person who wrote the slip can read this."
    }
    done = opened(alex.submits(opened(alex.view), {"refusal": "The clock was wrong."}).view)
    assert "You have refused the slip. I'm telling the person who wrote it." in done.words
    told = said_to(sam, "Alex refused the correction slip to the minutes of West Operational MET")
    assert "clock" not in told.words
    shown = opened(sam.clicks(told, pressed(told, "minutes.slip:")).view)
    assert "Refused because:" in shown.words
    assert "The clock was wrong." in shown.words


def test_a_chair_who_drafted_is_offered_no_approval_on_home(scene: Scene) -> None:
    hold(scene)
    alex = scene.person("U1")
    # With its time, since a panel may meet twice on one day.
    assert "home.approve:west-met:2026-12-10 14:00" in home_of(scene, "U1", "Minutes to approve").actions
    alex.types(CHANNEL, "/minutes draft")
    home = home_of(
        scene, "U1", "You drafted the minutes of Thu 10 Dec 2026. Another person must approve the minutes, but"
    )
    assert not any(one.startswith("home.approve") for one in home.actions)


def test_approved_minutes_are_amended_by_a_slip_that_the_chair_reads_and_approves(scene: Scene) -> None:
    hold(scene)
    alex, sam, jo = (scene.person(user_id) for user_id in ("U1", "U2", "U4"))
    refused = sam.types(CHANNEL, "/minutes amend").text
    assert "are not approved yet. Until they are, tell the minute-taker" in refused
    alex.types(CHANNEL, "/minutes approve")
    form = opened(sam.types(CHANNEL, "/minutes amend 10 December 2026").view)
    options = next(block for block in form.blocks if block.get("block_id") == "item")["element"]["options"]
    item = next(one["value"] for one in options if "SAMPLE-0012" in one["text"]["text"])
    wrong = sam.submits(form, {"item": item, "says": "Attended the clinic once.", "reason": " "})
    assert wrong.errors == {"reason": "Why? Everyone who has the minutes can read this."}
    done = opened(sam.submits(opened(sam.view), {"reason": "Misheard."}).view)
    assert "The chair has your correction slip" in done.words
    sam.closes(done)
    asked = said_to(alex, "Sam wrote a correction slip to the approved minutes of West Operational MET")
    assert "clinic" not in asked.words
    slip = opened(alex.clicks(asked, pressed(asked, "minutes.slip:")).view)
    for words in ("Attended the clinic once.", "Misheard."):
        assert words in slip.words
    after = opened(alex.clicks(slip, pressed(slip, "minutes.slip_approve:")).view)
    assert "I'm telling everyone who has the minutes and may see the item." in after.words
    alex.closes(after)
    told = said_to(jo, "approved a correction to the minutes of")
    assert "clinic" not in told.words
    shown = opened(jo.clicks(told, pressed(told, "minutes.slip:")).view)
    assert "Attended the clinic once." in shown.words
    assert not any("minutes.slip_" in action for action in shown.actions)
