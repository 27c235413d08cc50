"""From flag to agenda, from district to county and back, as people live through it: nothing waits unseen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import SeenMessage, SeenView
from bot.practice.workspace.workspace import Workspace
from tests.county import Setting
from tests.slack.conftest import Scene, playing
from tests.slack.county import CHANNEL, OTHER_CHANNEL, SETTING, populate
from tests.slack.home.test_home import home_of
from tests.slack.test_cycle import JUDGEMENT, flag, go_to_case, open_quorate, opened

#: West and Shire: Max chairs the county, where Ana speaks for health.
BOTH = replace(
    SETTING,
    known_as={**SETTING.known_as, "matron": ("U7", "ana")},
    west_sits=(datetime(2026, 12, 10, 14, 0, tzinfo=UTC), datetime(2027, 1, 14, 14, 0, tzinfo=UTC)),
    shire_sits=(datetime(2026, 12, 15, 10, 0, tzinfo=UTC),),
)


@contextmanager
def two_panels(folder: Path, over: str = "http", setting: Setting = BOTH) -> Iterator[Scene]:
    """West and Shire, both with people in Slack."""

    def everyone(workspace: Workspace) -> None:
        populate(workspace)
        workspace.add_user("ana", id="U7")

    with playing(folder, over=over, setting=setting, populates=everyone) as scene:
        yield scene


def pressed(shown: SeenMessage | SeenView, name: str) -> str:
    """Return the button whose name begins so."""
    return next(action for action in shown.actions if action.startswith(name))


def said_to(person: Person, words: str) -> SeenMessage:
    """Return the direct message that says this, once it has come."""
    return person.waits_for(lambda: [one for one in person.dm() if words in one.words])[-1]


def accepts_what_waits(person: Person, channel: str, command: str) -> None:
    """Accept the first flag of a triage."""
    triage = opened(person.types(channel, command).view)
    left = opened(person.clicks(triage, pressed(triage, "agenda.accept:")).view)
    person.closes(left)


def decides(person: Person, channel: str, kind: str, **more: str) -> None:
    """Go to the case and decide about it, then close the meeting."""
    for _ in range(14):
        if "SAMPLE-0012" in person.types(channel, "/meeting next").replies[0].text:
            break
    form = opened(person.types(channel, "/meeting decide").view)
    done = person.submits(form, {"kind": kind, "rationale": "Three districts are touched.", **more})
    assert done.errors == {}
    person.closes(opened(done.view))
    closing = person.types(channel, "/meeting close")
    if closing.replies and any(action.startswith("meeting.close") for action in closing.replies[0].actions):
        person.clicks(closing.replies[0], pressed(closing.replies[0], "meeting.close"))


def test_a_child_that_a_district_sends_up_is_heard_at_the_county_and_comes_back(tmp_path: Path) -> None:
    with two_panels(tmp_path, over="socket") as scene:
        alex, sam, max_ = (scene.person(user_id) for user_id in ("U1", "U2", "U6"))
        flag(scene)
        accepts_what_waits(alex, CHANNEL, "/agenda triage")
        scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
        open_quorate(scene)
        decides(alex, CHANNEL, "escalate")
        assert "• *SAMPLE-0012*: escalate to county" in said_to(sam, "the outcome of your case").words

        # Nobody at the county has opened anything: it is told, and every place says the same.
        scene.bot.ticks.run_all()
        sent = said_to(max_, "1 case was sent to Shire Operational MET")
        label = "escalated by West Operational MET on 10 December 2026"
        assert label in sent.words
        assert JUDGEMENT not in sent.words
        assert "1 case needs triage" in home_of(scene, "U6", "triage").words
        assert label in max_.types(OTHER_CHANNEL, "/case list shire-met").text
        triage = opened(max_.clicks(sent, pressed(sent, "home.triage")).view)
        assert JUDGEMENT in triage.words
        max_.clicks(triage, pressed(triage, "agenda.accept:"))

        scene.clock.move_to(datetime(2026, 12, 15, 10, 0, tzinfo=UTC))
        max_.types(OTHER_CHANNEL, "/meeting open shire-met")
        room = opened(max_.types(OTHER_CHANNEL, "/meeting attendance shire-met").view)
        max_.submits(room, {"present": ["U6", "U7", "U3", "U1"]})
        decides(max_, OTHER_CHANNEL, "return")
        assert "• *SAMPLE-0012*: return to district" in said_to(alex, "Shire Operational MET, ").words

        scene.bot.ticks.run_all()
        back = said_to(alex, "1 case was sent to West Operational MET")
        assert "returned by Shire Operational MET on 15 December 2026" in back.words
        assert "returned by Shire Operational MET" in alex.types(CHANNEL, "/case list").text
        # The district's chair accepts it from the message, and it is on the district's next agenda.
        triage = opened(alex.clicks(back, pressed(back, "home.triage")).view)
        alex.closes(opened(alex.clicks(triage, pressed(triage, "agenda.accept:")).view))
        agenda = scene.person("U3").types(CHANNEL, "/agenda compile").replies[0].words
        (line,) = [line for line in agenda.splitlines() if "SAMPLE-0012" in line]
        assert "*returned by Shire Operational MET on 15 December 2026*" in line


def test_a_child_that_nobody_at_the_county_touches_goes_to_its_next_meeting_and_the_sender_hears_so(
    tmp_path: Path,
) -> None:
    later = (*BOTH.shire_sits, datetime(2027, 1, 19, 10, 0, tzinfo=UTC))
    with two_panels(tmp_path, setting=replace(BOTH, shire_sits=later)) as scene:
        alex, sam, max_ = (scene.person(user_id) for user_id in ("U1", "U2", "U6"))
        flag(scene)
        accepts_what_waits(alex, CHANNEL, "/agenda triage")
        scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
        open_quorate(scene)
        decides(alex, CHANNEL, "escalate")
        scene.bot.ticks.run_all()
        said_to(max_, "1 case was sent to Shire Operational MET")

        scene.clock.move_to(datetime(2026, 12, 15, 10, 0, tzinfo=UTC))
        begun = max_.types(OTHER_CHANNEL, "/meeting open shire-met").replies[0].words
        assert "*1 flagged case needs triage by the chair* before the agenda lists it." in begun
        room = opened(max_.types(OTHER_CHANNEL, "/meeting attendance shire-met").view)
        max_.submits(room, {"present": ["U6", "U7", "U3", "U1"]})
        closing = max_.types(OTHER_CHANNEL, "/meeting close shire-met").replies[0]
        if any(action.startswith("meeting.close") for action in closing.actions):
            max_.clicks(closing, pressed(closing, "meeting.close"))
        for person in (alex, sam):
            told = said_to(person, "Shire Operational MET, Tue 15 Dec 2026, 10:00: the outcome of your case.")
            assert "• *SAMPLE-0012*: not triaged in time; it comes to the meeting on Tue 19 Jan 2027" in told.words
        scene.bot.ticks.run_all()
        labels = (
            "escalated by West Operational MET on 10 December 2026",
            "not triaged for 15 December 2026",
        )
        assert "1 case needs triage" in home_of(scene, "U6", "triage").words
        listed = max_.types(OTHER_CHANNEL, "/case list shire-met").text
        triage = opened(max_.types(OTHER_CHANNEL, "/agenda triage shire-met").view).words
        for label in labels:
            assert label in listed
            assert label in triage


def test_the_chair_says_in_the_message_that_a_late_case_is_heard(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    scene.clock.move_to(datetime(2026, 12, 3, 9, 0, tzinfo=UTC))
    assert "The cut-off has passed, so I'm asking the chair" in flag(scene)
    asked = said_to(alex, "flagged *SAMPLE-0012* late")
    assert JUDGEMENT not in asked.words
    alex.clicks(asked, pressed(asked, "agenda.hear"))
    said_to(alex, "*SAMPLE-0012* will be heard on Thu 10 Dec 2026, 14:00.")
    assert "· accepted" in sam.types(CHANNEL, "/case list").text


def test_a_meeting_that_nobody_opened_leaves_its_case_on_the_next_agenda(tmp_path: Path) -> None:
    with two_panels(tmp_path) as scene:
        alex, kim = scene.person("U1"), scene.person("U3")
        flag(scene)
        accepts_what_waits(alex, CHANNEL, "/agenda triage")
        scene.clock.move_to(datetime(2026, 12, 11, 9, 0, tzinfo=UTC))
        scene.bot.ticks.run_all()
        label = "the meeting of 10 December 2026 was not held"
        assert label in alex.types(CHANNEL, "/case list").text
        assert label in kim.types(CHANNEL, "/agenda compile").replies[0].words


def test_a_second_agency_adds_its_concern_to_the_same_hearing_and_both_hear_the_outcome(scene: Scene) -> None:
    alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
    flag(scene)
    said = flag(scene, "U3", judgement="The school is worried too.", asked_of_panel="A mentor.")
    assert "The panel hears it once, for all agencies that flagged it." in said
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    for words in (JUDGEMENT, "*Social Care* flags it too, Kim", "The school is worried too."):
        assert words in triage.words
    alex.closes(opened(alex.clicks(triage, pressed(triage, "agenda.accept:")).view))
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    decides(alex, CHANNEL, "step_down")
    for person in (sam, kim):
        told = said_to(person, "the outcome of your case")
        assert "• *SAMPLE-0012*: step down" in told.words
        assert "Three districts are touched." not in told.words


def test_an_nrm_referral_comes_back_on_its_day_and_is_followed(tmp_path: Path) -> None:
    with two_panels(tmp_path, over="socket") as scene:
        alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
        flag(scene)
        assert "has not decided on an NRM referral" in sam.types(CHANNEL, "/case nrm SAMPLE-0012").text
        accepts_what_waits(alex, CHANNEL, "/agenda triage")
        scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
        open_quorate(scene)
        decides(alex, CHANNEL, "nrm", review="Mon 4 January 2027")
        assert "• *SAMPLE-0012*: NRM referral, due Mon 4 Jan 2027" in said_to(sam, "the outcome of your case").words

        # It is followed: the referral first, then the decision on reasonable grounds, which is asked for when due.
        scene.clock.move_to(datetime(2026, 12, 14, 10, 0, tzinfo=UTC))
        form = opened(sam.types(CHANNEL, "/case nrm SAMPLE-0012").view)
        referral = {"referred_on": "2026-12-11", "organisation": "police", "route": "authority", "guardian": "yes"}
        sam.closes(opened(sam.submits(form, referral).view))
        scene.clock.move_to(datetime(2026, 12, 21, 10, 0, tzinfo=UTC))
        scene.bot.ticks.run_all()
        reminder = said_to(sam, "An NRM decision is awaited.")
        assert reminder.words == (
            "An NRM decision is awaited.\n"
            "*SAMPLE-0012* · reasonable grounds awaited since Fri 11 Dec 2026, due Fri 18 Dec 2026 · "
            "West Operational MET\n"
            "Record decision\n"
            "If you have no decision yet, ask for it. You'll be reminded again after 10 working days."
        )
        form = opened(sam.clicks(reminder, pressed(reminder, "case.nrm:")).view)
        wrong = sam.submits(form, {"reasonable": "positive"})
        assert wrong.errors == {"reasonable_on": "On which day was the decision on reasonable grounds made?"}
        referred = (
            "• Referred Fri 11 Dec 2026 by police, Single Competent Authority · reasonable grounds positive "
            "Fri 18 Dec 2026 · conclusive grounds awaited since Fri 18 Dec 2026, due from Sun 17 Jan 2027 · "
            "independent guardian offered: yes"
        )
        done = opened(sam.submits(opened(wrong.view), {"reasonable_on": "2026-12-18"}).view)
        assert referred in done.words
        sam.closes(done)

        # The decision's day comes before the meeting of 14 January, which hears the case and sees the referral.
        scene.bot.ticks.run_all()
        label = "NRM referral, due 4 January 2027, decided on 10 December 2026"
        assert label in sam.types(CHANNEL, "/case list").text
        assert label in kim.types(CHANNEL, "/agenda compile").replies[0].words
        assert referred in opened(alex.types(CHANNEL, "/case history SAMPLE-0012").view).words
        scene.clock.move_to(datetime(2027, 1, 14, 14, 0, tzinfo=UTC))
        open_quorate(scene)
        assert referred in go_to_case(scene).words


def test_the_chair_defers_an_accepted_case_from_the_agenda_the_list_and_by_command(tmp_path: Path) -> None:
    with two_panels(tmp_path, over="socket") as scene:
        alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
        flag(scene)
        flag(scene, reference="SAMPLE-0013")
        triage = opened(alex.types(CHANNEL, "/agenda triage").view)
        for _ in range(2):
            triage = opened(alex.clicks(triage, pressed(triage, "agenda.accept:")).view)
        alex.closes(triage)
        kim.types(CHANNEL, "/agenda publish")

        # Who triages finds the list under the agenda and under `/case list`; others don't.
        shown = alex.types(CHANNEL, "/agenda show").replies[0]
        under_list = alex.types(CHANNEL, "/case list").replies[0]
        assert pressed(shown, "agenda.accepted") == pressed(under_list, "agenda.accepted")
        for command in ("/agenda show", "/case list"):
            assert not any("agenda.accepted" in action for action in kim.types(CHANNEL, command).replies[0].actions)

        accepted = opened(alex.clicks(shown, pressed(shown, "agenda.accepted")).view)
        assert accepted.title == "Accepted cases"
        assert (
            "The agenda is published. A case you defer, signpost or move leaves the agenda at once." in accepted.words
        )
        form = opened(alex.clicks(accepted, pressed(accepted, "agenda.defer")).view)
        assert alex.submits(form, {"reason": " "}).errors == {
            "reason": "Please give the reason. I'll tell the agency that flagged the case."
        }
        left = opened(alex.submits(opened(alex.view), {"reason": "The assessment is under way."}).view)
        assert "SAMPLE-0012 is deferred." in left.words
        assert "1 accepted" in left.words
        alex.closes(left)
        agenda = kim.types(CHANNEL, "/agenda show").replies[0].words
        assert "SAMPLE-0013" in agenda
        assert "No longer on the agenda: 5 SAMPLE-0012." in agenda
        said_to(sam, "SAMPLE-0012, flagged to West Operational MET, is deferred to a later meeting.")

        # By command, with the reason in the same line.
        assert "Which case?" in alex.types(CHANNEL, "/agenda defer because it is late").text
        by_command = alex.types(CHANNEL, "/agenda defer SAMPLE-0013 because the school is closed").text
        assert by_command == (
            "*SAMPLE-0013* is deferred to the meeting after Thu 10 Dec 2026, 14:00. "
            "I'm telling each agency that flagged it."
        )
        why = said_to(sam, "SAMPLE-0013, flagged to West Operational MET, is deferred to a later meeting.")
        reason = opened(sam.clicks(why, pressed(why, "case.reason")).view)
        assert reason.words.endswith("The chair: the school is closed")

        # Both are on the next meeting's list.
        scene.clock.move_to(datetime(2026, 12, 11, 9, 0, tzinfo=UTC))
        scene.bot.ticks.run_all()
        listed = alex.types(CHANNEL, "/case list").text
        assert listed.count("deferred from 10 December 2026") == 2


def test_the_chair_sends_a_case_to_the_county_at_triage(tmp_path: Path) -> None:
    with two_panels(tmp_path, over="socket") as scene:
        alex, sam, kim, max_ = (scene.person(user_id) for user_id in ("U1", "U2", "U3", "U6"))
        flag(scene)
        triage = opened(alex.types(CHANNEL, "/agenda triage").view)
        form = opened(alex.clicks(triage, pressed(triage, "agenda.panels")).view)
        assert form.title == "Change panel"
        left = opened(alex.submits(form, {"panel": "shire-met", "reason": "Two districts are touched."}).view)
        assert left.words.startswith("SAMPLE-0012 is sent to Shire Operational MET. I'm telling its chair.")
        alex.closes(left)

        told = said_to(sam, "SAMPLE-0012, flagged to West Operational MET, goes to Shire Operational MET instead.")
        why = opened(sam.clicks(told, pressed(told, "case.reason")).view)
        assert why.words.endswith("The chair: Two districts are touched.")
        label = "sent on by West Operational MET on 23 November 2026"
        for person in (kim, max_):
            message = said_to(person, "1 case was sent to Shire Operational MET")
            assert label in message.words
            assert "Two districts are touched." not in message.words
        there = opened(max_.types(OTHER_CHANNEL, "/agenda triage shire-met").view)
        for words in (label, JUDGEMENT, "Sent on because: Two districts are touched."):
            assert words in there.words
        max_.closes(there)
        assert "sent on to Shire Operational MET" in opened(alex.types(CHANNEL, "/case history SAMPLE-0012").view).words


def test_a_case_that_cannot_wait_has_a_meeting_of_its_own(tmp_path: Path) -> None:
    with two_panels(tmp_path, over="socket") as scene:
        alex, sam, jo = (scene.person(user_id) for user_id in ("U1", "U2", "U4"))
        said = flag(scene, cannot_wait="Missing since Friday.")
        assert "I'm asking the chair whether to hear it sooner." in said
        ask = said_to(
            alex, "*SAMPLE-0012* can't wait for the meeting of West Operational MET on Thu 10 Dec 2026, 14:00."
        )
        assert "Missing since Friday." not in ask.words
        why = opened(alex.clicks(ask, pressed(ask, "agenda.why:")).view)
        assert "The case can't wait because: Missing since Friday." in why.words
        alex.closes(why)
        form = opened(alex.clicks(ask, pressed(ask, "agenda.now")).view)
        wrong = alex.submits(form, {"date": "2026-11-24", "time": "later", "reason": "They are in danger."})
        assert wrong.errors == {"time": "Write the time as hours and minutes, such as 14:00."}
        done = opened(alex.submits(opened(wrong.view), {"time": "10:00"}).view)
        assert "will be heard on Tue 24 Nov 2026, 10:00. I'm telling each agency that flagged it." in done.words
        alex.closes(done)

        told = said_to(
            sam, "SAMPLE-0012, flagged to West Operational MET, will be heard sooner: Tue 24 Nov 2026, 10:00."
        )
        reason = opened(sam.clicks(told, pressed(told, "agenda.why_sooner")).view)
        assert reason.words.endswith("The chair: They are in danger.")
        invited = said_to(jo, "West Operational MET has an extra meeting: Tue 24 Nov 2026, 10:00")
        assert "SAMPLE-0012" not in invited.words
        agenda = said_to(jo, "The agenda of West Operational MET is out.")
        assert "SAMPLE-0012" in agenda.words

        scene.clock.move_to(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
        open_quorate(scene)
        decides(alex, CHANNEL, "step_down")
        assert "• *SAMPLE-0012*: step down" in said_to(sam, "the outcome of your case").words
        scene.bot.ticks.run_all()
        assert alex.types(CHANNEL, "/case list").text == "No case is flagged to the next meeting."


def test_a_case_flagged_while_the_panel_meets_is_heard_that_day(tmp_path: Path) -> None:
    with two_panels(tmp_path) as scene:
        alex, sam = scene.person("U1"), scene.person("U2")
        scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
        open_quorate(scene)
        assert "on Thu 14 Jan 2027, 14:00" in flag(scene)
        ask = said_to(alex, "Sam (Health) has just flagged *SAMPLE-0012* for the meeting of West Operational MET")
        form = opened(alex.clicks(ask, pressed(ask, "agenda.today")).view)
        assert alex.submits(form, {"reason": " "}).errors == {
            "reason": "Why should the panel hear it sooner? Each agency that flagged the case can read this."
        }
        done = opened(alex.submits(opened(alex.view), {"reason": "They were found an hour ago."}).view)
        alex.closes(done)
        said_to(sam, "SAMPLE-0012, flagged to West Operational MET, will be heard sooner: Thu 10 Dec 2026, 14:00.")
        assert "SAMPLE-0012" in sam.types(CHANNEL, "/agenda show").replies[0].words
        decides(alex, CHANNEL, "step_down")
        assert "• *SAMPLE-0012*: step down" in said_to(sam, "the outcome of your case").words


def test_a_flagged_case_that_gets_urgent_is_said_so_by_command(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    flag(scene)
    said = sam.types(CHANNEL, "/case urgent SAMPLE-0012 because missing again").text
    assert said == "I've asked the chair to hear *SAMPLE-0012* before Thu 10 Dec 2026, 14:00."
    ask = said_to(alex, "*SAMPLE-0012* can't wait")
    alex.clicks(ask, pressed(ask, "agenda.hear"))
    said_to(alex, "*SAMPLE-0012* will be heard on Thu 10 Dec 2026, 14:00.")
    assert "Why can't the case wait?" in alex.types(CHANNEL, "/case urgent SAMPLE-0012").text
