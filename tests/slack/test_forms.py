"""Forms, buttons and the Home tab, each as a person uses them."""

import re
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from bot.models.cases import Case, CaseReader
from bot.models.meetings import Meeting
from bot.models.vocabulary import MeetingState
from bot.practice.workspace.sights import SeenView
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL, OTHER_CHANNEL, STRANGER
from tests.slack.test_cycle import CASE, JUDGEMENT, flag, open_quorate, opened
from tests.slack.test_listener import ADD, REFUSAL


def test_a_series_is_shown_before_it_is_saved(scene: Scene) -> None:
    kim = scene.person("U3")
    shown = opened(kim.types(CHANNEL, "/panel create last working day of the month at 10:00").view)
    assert shown.title == "Create these meetings?"
    assert "• Mon 30 Nov 2026, 10:00" in shown.words
    assert meetings(scene) == 1
    done = opened(kim.submits(shown).view)
    assert done.words.startswith("12 meetings of West Operational MET (")
    assert meetings(scene) == 13


@pytest.mark.parametrize(
    ("typed", "rule", "left_out"),
    [
        ("every other Thursday 10-12", "every other Thursday at 10:00", "until 12"),
        ("every Tuesday except August", "every Tuesday", "except August"),
    ],
)
def test_a_rule_offered_without_some_of_the_words_says_which(
    scene: Scene, typed: str, rule: str, left_out: str
) -> None:
    kim = scene.person("U3")
    refused = kim.types(CHANNEL, f"/panel create {typed}").replies[0]
    shown = opened(kim.clicks(refused, "command.again:0").view)
    assert shown.title == "Create these meetings?"
    assert shown.words.startswith(
        f":warning: I couldn't use “{left_out}” here. Nothing is recorded yet: please check the dates and times. "
        f"You can't set the length of a meeting here.\n*West Operational MET*: {rule}."
    )


def test_a_series_may_be_worded_in_the_form(scene: Scene) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/panel create").view)
    wrong = kim.submits(form, {"rule": "now and then", "count": "3"})
    assert list(wrong.errors) == ["rule"]
    shown = opened(kim.submits(opened(wrong.view), {"rule": "every 6 weeks on Thursday at 10:00"}).view)
    assert shown.title == "Create these meetings?"
    kim.submits(shown)
    assert meetings(scene) == 4


def picked(form: SeenView) -> dict[str, str | None]:
    """Return what the pickers of a rhythm show, and its words."""
    shown = {}
    for name in ("often", "which", "weekday", "clock", "rule"):
        state = next(iter(form.values[name].values()))
        chosen = state.get("selected_option") or {"value": state.get("selected_time") or state.get("value")}
        shown[name] = chosen["value"]
    return shown


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"often": "1-week", "weekday": "1", "clock": "10:30"}, "every Tuesday at 10:30"),
        ({"often": "2-week", "weekday": "3"}, "every other Thursday"),
        ({"often": "6-week", "weekday": "0"}, "every 6 weeks on Monday"),
        ({"which": "2", "weekday": "1", "clock": "14:00"}, "second Tuesday of the month at 14:00"),
        ({"which": "-1", "weekday": "working"}, "last working day of the month"),
        ({"often": "2-month", "which": "1", "weekday": "2"}, "every 2 months on the first Wednesday"),
        ({"often": "1-quarter", "which": "-1", "weekday": "4"}, "last Friday of each quarter"),
    ],
)
def test_a_series_is_chosen_in_pickers_without_knowing_a_wording(
    scene: Scene, chosen: dict[str, str], said: str
) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/panel create").view)
    shown = opened(kim.submits(form, chosen).view)
    assert shown.title == "Create these meetings?"
    assert shown.words.startswith(f"*West Operational MET*: {said}.")


@pytest.mark.parametrize(
    ("chosen", "errors"),
    [
        ({}, {"weekday": "Choose the day on which the panel meets."}),
        ({"weekday": "1"}, {"which": "Choose which one in the month, such as the second."}),
        (
            {"often": "1-week", "weekday": "working"},
            {"weekday": "Choose a day such as Monday, because a week has several working days."},
        ),
        (
            {"often": "1-week", "which": "2", "weekday": "1"},
            {
                "which": "If the panel meets every week or every few weeks, leave this empty. If not, choose months or "
                "quarters above."
            },
        ),
    ],
)
def test_a_picker_that_is_missing_or_does_not_suit_says_so(
    scene: Scene, chosen: dict[str, str], errors: dict[str, str]
) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/panel create").view)
    assert kim.submits(form, chosen).errors == errors


def meetings(scene: Scene) -> int:
    with scene.store.reading() as work:
        query = select(Meeting).where(col(Meeting.state) == MeetingState.SCHEDULED)
        return len(work.session.exec(query).all())


def test_a_meeting_is_moved_and_members_are_told(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    form = opened(kim.types(CHANNEL, "/panel reschedule").view)
    wrong = kim.submits(form, {"date": "2026-12-17", "time": "2 pm?"})
    assert wrong.errors == {"time": "Write the time as hours and minutes, such as 14:00."}
    shown = opened(kim.submits(opened(wrong.view), {"time": "14:30"}).view)
    assert shown.words.splitlines()[:2] == [
        "*West Operational MET*: Thu 10 Dec 2026, 14:00 → *Thu 17 Dec 2026, 14:30 to 16:30*, Civic Centre.",
        "Flags by Thu 3 Dec 2026 · triage by Mon 7 Dec 2026 · agenda on Thu 10 Dec 2026 · minutes by Tue 5 Jan 2027",
    ]
    assert kim.submits(shown, {"reason": " "}).errors == {"reason": "Please say why. I'll tell members the reason."}
    done = opened(kim.submits(opened(kim.view), {"reason": "The room is taken."}).view)
    assert done.words == (
        "West Operational MET moves from Thu 10 Dec 2026, 14:00 to *Thu 17 Dec 2026, 14:30*. I'm telling members.\n"
        "To move it back, type `/panel reschedule west-met` and choose Thu 10 Dec 2026, 14:00."
    )
    told = sam.waits_for(sam.dm)[0]
    now = "The meeting of West Operational MET is now on Thu 17 Dec 2026, 14:30 to 16:30, Civic Centre."
    assert told.words.startswith(f"{now}\nShow the reason\n")


def test_a_meeting_moves_to_another_day_and_room_at_once(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    form = opened(kim.types(CHANNEL, "/panel reschedule").view)
    refused = kim.submits(form, {"date": "2026-12-17", "time": "14:30", "venue": "ring 07700 900123"})
    assert "This venue looks as if it contains a phone number" in refused.errors["venue"]
    shown = opened(kim.submits(opened(refused.view), {"venue": "Town Hall"}).view)
    assert "Thu 17 Dec 2026, 14:30 to 16:30*, Town Hall." in shown.words
    kim.submits(shown, {"reason": "The room is taken."})
    assert "14:30 to 16:30, Town Hall." in sam.waits_for(sam.dm)[0].words


def test_a_panel_meets_elsewhere_from_a_meeting_on(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    kim.closes(opened(kim.submits(opened(kim.types(CHANNEL, "/panel create every Friday at 9:00").view)).view))
    form = opened(kim.types(CHANNEL, "/panel venue").view)
    shown = opened(kim.submits(form, {"reach": "later", "venue": "Town Hall"}).view)
    assert shown.words.startswith(
        "The venue of *West Operational MET* will be *Town Hall* instead of Civic Centre:\n• Fri 27 Nov 2026, 09:00\n"
    )
    assert kim.submits(shown, {"reason": " "}).errors == {"reason": "Please say why. I'll tell members the reason."}
    done = opened(kim.submits(opened(kim.view), {"reason": "Building works."}).view)
    assert done.words == (
        "13 coming meetings of West Operational MET will be at *Town Hall*. I'm telling members. "
        "To change back, type `/panel venue west-met` and choose Civic Centre."
    )
    kim.closes(done)
    told = sam.waits_for(sam.dm)[0].words
    assert told.startswith("West Operational MET has a new venue: *Town Hall*.\nShow the reason\n")
    assert "• Thu 10 Dec 2026, 14:00\n" in told
    assert "Building works." not in told


def test_one_meeting_is_held_elsewhere(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    form = opened(kim.types(CHANNEL, "/panel venue").view)
    same = kim.submits(form, {"venue": "Civic Centre"})
    assert same.errors == {"venue": "West Operational MET already meets at Civic Centre then."}
    shown = opened(kim.submits(opened(same.view), {"venue": "Online"}).view)
    kim.submits(shown, {"reason": "Snow."})
    assert sam.waits_for(sam.dm)[0].words.startswith(
        "West Operational MET on Thu 10 Dec 2026, 14:00 has a new venue: *Online*.\nShow the reason"
    )


def test_a_meeting_is_cancelled(scene: Scene) -> None:
    kim = scene.person("U3")
    last = kim.submits(opened(kim.types(CHANNEL, "/panel cancel").view))
    assert "That would leave the diary empty." in str(last)
    later = "/panel create every Friday at 9:00 from 8 January 2027"
    kim.closes(opened(kim.submits(opened(kim.types(CHANNEL, later).view)).view))
    before = meetings(scene)
    form = opened(kim.types(CHANNEL, "/panel cancel").view)
    shown = opened(kim.submits(form).view)
    assert meetings(scene) == before
    done = opened(kim.submits(shown, {"reason": "Snow."}).view)
    assert "on Thu 10 Dec 2026, 14:00 is cancelled" in done.words
    assert meetings(scene) == before - 1
    kim.closes(done)
    back = opened(kim.types(CHANNEL, "/panel reinstate").view)
    shown = opened(kim.submits(back).view)
    assert shown.words.splitlines()[1] == "• Thu 10 Dec 2026, 14:00 to 16:00, Civic Centre"
    assert meetings(scene) == before - 1
    said = opened(kim.submits(shown, {"reason": "It thawed."}).view)
    assert said.words.startswith("Back in the diary of West Operational MET: Thu 10 Dec 2026, 14:00.")
    assert meetings(scene) == before


def test_a_series_gets_a_new_rule_and_every_date_is_shown_first(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    kim.closes(opened(kim.submits(opened(kim.types(CHANNEL, "/panel create every Friday at 9:00").view)).view))
    form = opened(kim.types(CHANNEL, "/panel change").view)
    assert picked(form) == {"often": "1-week", "which": None, "weekday": "4", "clock": "09:00", "rule": None}
    wrong = kim.submits(form, {"rule": "every Threesday"})
    assert list(wrong.errors) == ["rule"]
    shown = opened(kim.submits(opened(wrong.view), {"rule": "every Thursday at 9:00"}).view)
    assert shown.title == "Save these changes?"
    assert shown.words.splitlines()[:2] == [
        "*West Operational MET*: every Friday at 09:00 → *every Thursday at 09:00*",
        "• Fri 27 Nov 2026, 09:00 → *Thu 26 Nov 2026, 09:00*",
    ]
    done = opened(kim.submits(shown, {"reason": "The court sits on Fridays."}).view)
    assert done.words.startswith("West Operational MET: 12 meetings moved. New meeting days: every Thursday at 09:00.")
    told = sam.waits_for(sam.dm)
    assert len(told) == 1
    assert told[0].words.startswith("The diary of West Operational MET has changed. New meeting days: every Thursday")


def test_this_and_those_that_follow_are_cancelled_and_put_back(scene: Scene) -> None:
    kim = scene.person("U3")
    kim.closes(opened(kim.submits(opened(kim.types(CHANNEL, "/panel create every Friday at 9:00").view)).view))
    form = opened(kim.types(CHANNEL, "/panel cancel").view)
    shown = opened(kim.submits(form, {"scope": "following"}).view)
    assert shown.title == "Cancel these meetings?"
    done = opened(kim.submits(shown, {"reason": "The panel rests."}).view)
    assert done.words.startswith("West Operational MET: 12 meetings cancelled. The series has ended.")
    assert meetings(scene) == 1
    kim.closes(done)
    back = opened(kim.types(CHANNEL, "/panel reinstate").view)
    chosen = [option["value"] for option in back.blocks[1]["element"]["options"]][:2]
    kim.submits(opened(kim.submits(back, {"meetings": chosen}).view), {"reason": "It goes on."})
    assert meetings(scene) == 3


def test_a_rule_that_was_typed_stays_in_the_form_where_there_are_several_series(scene: Scene) -> None:
    kim = scene.person("U3")
    for rule in ("every Friday at 9:00", "every Monday at 9:00"):
        kim.closes(opened(kim.submits(opened(kim.types(CHANNEL, f"/panel create {rule}").view)).view))
    form = opened(kim.types(CHANNEL, "/panel change every Wednesday at 10:00").view)
    assert picked(form) == {"often": "1-week", "which": None, "weekday": "2", "clock": "10:00", "rule": None}


def test_a_rule_that_the_pickers_do_not_offer_stands_in_its_words(scene: Scene) -> None:
    kim = scene.person("U3")
    typed = "first and third Wednesday of the month at 10:00"
    kim.closes(opened(kim.submits(opened(kim.types(CHANNEL, f"/panel create {typed}").view)).view))
    form = opened(kim.types(CHANNEL, "/panel change").view)
    assert picked(form) == {"often": None, "which": None, "weekday": None, "clock": None, "rule": typed}


@pytest.mark.parametrize("count", ["-1", "3.5", "1e1"])
def test_a_count_that_is_no_whole_number_is_not_taken_for_a_series_without_end(scene: Scene, count: str) -> None:
    form = opened(scene.person("U3").types(CHANNEL, "/panel create").view)
    delivery = scene.person("U3").submits(form, {"rule": "every Friday", "count": count})
    assert list(delivery.errors) == ["count"]


def test_what_changed_while_one_looked_is_shown_again(scene: Scene) -> None:
    alex, kim = scene.person("U1"), scene.person("U3")
    shown = opened(kim.submits(opened(kim.types(CHANNEL, "/panel reschedule").view), {"date": "2026-12-17"}).view)
    flag(scene)
    again = opened(kim.submits(shown, {"reason": "The room is taken."}).view)
    assert again.words.startswith(":warning: The diary changed while you looked. Please check again.")
    assert "1 case moves with it." in again.words
    done = opened(kim.submits(again).view)
    assert "*Thu 17 Dec 2026, 14:00*. 1 case moved with it." in done.words
    assert "Thu 17 Dec 2026, 14:00" in alex.types(CHANNEL, "/panel next").text


def test_one_more_meeting_is_added(scene: Scene) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/panel add").view)
    shown = opened(kim.submits(form, {"date": "2026-12-12", "time": "10:00", "venue": "Online"}).view)
    assert ":warning: That day is a Saturday." in shown.words
    done = opened(kim.submits(shown, {"reason": "Many cases."}).view)
    assert done.words.startswith("West Operational MET has an extra meeting: *Sat 12 Dec 2026, 10:00 to 12:00*.")
    assert meetings(scene) == 2


def test_a_representative_does_not_get_the_form_to_move_a_meeting(scene: Scene) -> None:
    answer = scene.person("U2").types(CHANNEL, "/panel reschedule")
    assert answer.view is None
    assert answer.text == (
        "On West Operational MET, only the chair, vice-chair, co-ordinator and administrators can change the diary."
    )


def test_panels_are_named_at_the_end_where_the_channel_does_not_say(scene: Scene) -> None:
    answer = scene.person("U3").types(OTHER_CHANNEL, "/panel next west-met")
    assert answer.text.startswith("*West Operational MET*: Thu 10 Dec 2026, 14:00 to 16:00, Civic Centre.")
    given = scene.person("U3").types(OTHER_CHANNEL, f"{ADD} west-met")
    assert "Due *Friday 27 November 2026 (in 4 days)*" in given.text


def test_every_field_of_a_flag_is_kept_when_one_is_wrong(scene: Scene) -> None:
    sam = scene.person("U2")
    form = opened(sam.types(CHANNEL, "/case flag").view)
    wrong = sam.submits(form, {**CASE, "judgement": "Call 07700 900123 about her."})
    assert list(wrong.errors) == ["judgement"]
    assert "07700" not in wrong.errors["judgement"]
    kept = opened(wrong.view)
    assert kept.values["reference"]["reference"]["value"] == "SAMPLE-0012"
    assert sam.submits(kept, {"judgement": JUDGEMENT}).errors == {}


def test_a_deferred_flag_tells_its_agency_why(scene: Scene) -> None:
    alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
    shown = opened(kim.types(CHANNEL, "/panel create second Thursday of the month at 14:00").view)
    kim.closes(opened(kim.submits(shown).view))
    flag(scene)
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    defer = next(action for action in triage.actions if action.startswith("agenda.defer"))
    form = opened(alex.clicks(triage, defer).view)
    assert form.title == "Defer"
    assert alex.submits(form, {"reason": " "}).errors != {}
    left = opened(alex.submits(opened(alex.view), {"reason": "The assessment is under way."}).view)
    assert left.words.startswith("SAMPLE-0012 is deferred.")
    told = sam.waits_for(sam.dm)[-1]
    assert told.words == (
        "SAMPLE-0012, flagged to West Operational MET, is deferred to a later meeting.\nShow the reason"
    )
    why = opened(sam.clicks(told, next(action for action in told.actions if action.startswith("case.reason"))).view)
    assert why.words.endswith("The chair: The assessment is under way.")


def test_a_closed_item_is_nowhere_for_those_who_are_not_its_readers(scene: Scene) -> None:
    flag(scene)
    with scene.store.work() as work:
        case = work.session.exec(select(Case)).one()
        case.is_closed = True
        work.session.add(case)
        assert case.id is not None
        work.session.add(CaseReader(case_id=case.id, person_id=scene.county.person["nurse"]))
    jo = scene.person("U4")
    assert jo.types(CHANNEL, "/case list").text == "No case is flagged to the next meeting."
    hidden = jo.types(CHANNEL, "/case history SAMPLE-0012").text
    absent = jo.types(CHANNEL, "/case history SAMPLE-9999").text
    assert hidden.replace("0012", "N") == absent.replace("9999", "N")
    agenda = jo.types(CHANNEL, "/agenda show").replies[0]
    assert "SAMPLE-0012" not in agenda.words
    assert JUDGEMENT in opened(scene.person("U2").types(CHANNEL, "/case history SAMPLE-0012").view).words


def test_chat_shows_references_and_never_what_was_said_of_a_case(scene: Scene) -> None:
    flag(scene)
    kim = scene.person("U3")
    kim.types(CHANNEL, "/case list")
    kim.types(CHANNEL, "/agenda compile")
    kim.types(CHANNEL, "/agenda publish")
    scene.settled()
    for user_id in ("U1", "U2", "U3", "U4", STRANGER):
        seen = [*scene.person(user_id).messages(CHANNEL), *scene.person(user_id).dm()]
        assert not [message for message in seen if JUDGEMENT in message.words]


def test_a_message_is_recorded_as_an_action(scene: Scene) -> None:
    kim = scene.person("U3")
    message = scene.person("U2").says(CHANNEL, "Can a person ask the school & the nurse?")
    form = opened(kim.uses_shortcut("action.record", message=message).view)
    assert form.values["text"]["text"]["value"] == "Can a person ask the school & the nurse?"
    wrong = kim.submits(form, {"holder": "U5", "due": "Friday"})
    assert list(wrong.errors) == ["holder"]
    unclear = kim.submits(opened(wrong.view), {"holder": "U2", "due": "soonish"})
    assert list(unclear.errors) == ["due"]
    done = opened(kim.submits(opened(unclear.view), {"due": "27/11"}).view)
    assert done.words.startswith("*Action 1* recorded for <@U2> (Health):")


def test_a_message_opens_the_form_of_a_flag_with_its_reference_and_nothing_else_of_it(scene: Scene) -> None:
    sam = scene.person("U2")
    message = scene.person("U3").says(CHANNEL, "Is sample-0012 for the panel? She was hurt on Sunday.")
    form = opened(sam.uses_shortcut("case.flag_message", message=message).view)
    assert form.values["reference"]["reference"]["value"] == "SAMPLE-0012"
    assert "For West Operational MET." in form.words
    assert "Sunday" not in str(form.blocks)
    done = sam.submits(form, CASE)
    assert "*SAMPLE-0012* is flagged to West Operational MET" in opened(done.view).words
    refused = scene.person("U5").uses_shortcut("case.flag_message", message=message)
    assert "On your panels, minute-takers and observers can't flag cases." in opened(refused.view).words


def test_more_time_past_the_free_one_is_the_chairs_to_grant(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    scene.person("U3").types(CHANNEL, ADD)
    first = sam.types(CHANNEL, "/action extend 1 4 December because the clinic is shut")
    assert first.text == "*Action 1* is now due *Friday 4 December 2026 (in 11 days)*."
    second = sam.types(CHANNEL, "/action extend 1 to 11 December because it is shut still")
    assert second.text == (
        "I've asked the chair to move *action 1* to Fri 11 Dec 2026. "
        "The action stays due Fri 4 Dec 2026 until the chair answers."
    )
    asked = alex.waits_for(alex.dm)[0]
    assert "Sam asks to move *action 1* (Health) from Fri 4 Dec 2026 to *Fri 11 Dec 2026*. Press *Open*" in asked.words
    assert "it is shut still" not in asked.words
    assert "it is shut still" in opened(alex.clicks(asked, "action.show:1").view).words
    grant = next(action for action in asked.actions if action.startswith("action.grant"))
    alex.clicks(asked, grant)
    alex.waits_for(lambda: "is now due Fri 11 Dec 2026" in alex.dm()[0].words)
    sam.waits_for(lambda: [m for m in sam.dm() if m.text == "The chair has moved *action 1* to Fri 11 Dec 2026."])


def test_home_shows_what_one_owes_and_where_one_is_expected(scene: Scene) -> None:
    sam = scene.person("U2")
    scene.person("U3").types(CHANNEL, ADD)
    sam.opens_home()
    home = sam.waits_for(lambda: sam.home)
    assert home.words.splitlines()[:4] == [
        "Flag a case",
        "New action",
        "Your open actions (1)",
        "*Action 1* · other",
    ]
    assert "Next Thu 10 Dec 2026, 14:00, Civic Centre" in home.words
    sam.clicks(home, "action.done:1")
    # Reported, it stays until the panel accepts it.
    sam.waits_for(lambda: sam.home is not None and "*reported done* on Mon 23 Nov 2026 by Sam" in sam.home.words)
    assert ("read", "home", "done") in scene.audit()


def test_the_home_of_a_stranger_gives_nothing_away(scene: Scene) -> None:
    stranger = scene.person(STRANGER)
    stranger.opens_home()
    assert stranger.waits_for(lambda: stranger.home).words == REFUSAL


def test_an_interest_takes_the_case_out_of_sight(scene: Scene) -> None:
    flag(scene)
    alex = scene.person("U1")
    said = alex.types(CHANNEL, "/meeting interest sample-0012").text
    assert said.startswith(
        "You have declared an interest in *SAMPLE-0012*. From now on you can't see or receive it, "
        "and the minutes will say that you stepped back."
    )
    assert alex.types(CHANNEL, "/case list").text == "No case is flagged to the next meeting."
    assert alex.types(CHANNEL, "/meeting no-interest sample-0012").text == (
        "You have taken back your interest in *SAMPLE-0012*. If your role lets you see the case, you can see it again. "
        "The minutes of meetings held in the meantime still say that you stepped back."
    )
    assert "SAMPLE-0012" in alex.types(CHANNEL, "/case list").text


def test_who_is_made_to_step_back_is_told_so_without_the_reference(scene: Scene) -> None:
    flag(scene)
    chair, sam = scene.person("U1"), scene.person("U2")
    chair.types(CHANNEL, "/meeting interest SAMPLE-0012 @sam")
    told = sam.waits_for(lambda: [message.words for message in sam.dm() if "interest" in message.words])
    assert told == [
        "The chair noted that you have an interest in an item of West Operational MET. "
        "You will not see or receive that item. If that is wrong, speak to the chair."
    ]
    said = chair.types(CHANNEL, "/meeting no-interest SAMPLE-0012 @sam because it was another family").text
    assert said == (
        "You have taken back Sam's interest in *SAMPLE-0012*. If their role lets them see the case, "
        "they can see it again. The minutes of meetings held in the meantime still say that they stepped back."
    )
    told = sam.waits_for(lambda: [message.words for message in sam.dm() if "no longer" in message.words])
    assert told == [
        "The chair noted that you no longer have an interest in an item of West Operational MET. You can see the "
        "item again."
    ]


def test_what_was_opened_under_one_case_is_recorded_there_when_the_meeting_moved_on(scene: Scene) -> None:
    flag(scene)
    alex, kim = scene.person("U1"), scene.person("U3")
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    alex.clicks(triage, next(action for action in triage.actions if action.startswith("agenda.accept:")))
    with scene.store.work() as work:
        meeting = work.session.get_one(Meeting, scene.county.west_meetings[0])
        meeting.starts_at = work.now
        assert meeting.starts_at.date() == date(2026, 11, 23)
        work.session.add(meeting)
    open_quorate(scene)
    for _ in range(12):
        if "SAMPLE-0012" in kim.types(CHANNEL, "/meeting next").replies[0].text:
            break
    item = kim.types(CHANNEL, "/meeting now").replies[0]
    press = {name: next(one for one in item.actions if one.startswith(f"meeting.{name}")) for name in ("note", "next")}
    note = opened(kim.clicks(item, press["note"]).view)
    scene.clock.move_to(scene.clock.now() + timedelta(minutes=5))
    alex.types(CHANNEL, "/meeting next")
    noted = opened(kim.submits(note, {"text": "Seen twice this week."}).view)
    assert "SAMPLE-0012:" in noted.words
    kim.closes(noted)
    here = alex.types(CHANNEL, "/meeting now").replies[0].text
    kim.clicks(item, press["next"])
    said = kim.waits_for(lambda: [m for m in kim.messages(CHANNEL) if "had already moved on" in m.words])
    assert here in said[-1].words
    assert alex.types(CHANNEL, "/meeting now").replies[0].text == here
    number = re.search(r"Item (\d+)", item.text)
    assert number is not None
    kim.types(CHANNEL, f"/meeting next {number[1]}")
    form = opened(kim.types(CHANNEL, "/meeting decide").view)
    scene.clock.move_to(scene.clock.now() + timedelta(minutes=5))
    alex.types(CHANNEL, "/meeting next")
    decided = opened(kim.submits(form, {"kind": "step_down", "rationale": "Contact is rebuilt."}).view)
    assert decided.words.startswith("*SAMPLE-0012*: step down.")
    assert "step down" not in alex.types(CHANNEL, "/meeting now").replies[0].words


def test_the_tracker_comes_as_a_file(scene: Scene) -> None:
    sam = scene.person("U2")
    scene.person("U3").types(CHANNEL, ADD)
    assert "on its way" in sam.types(CHANNEL, "/action tracker").text
    file = sam.waits_for(lambda: [m for m in sam.dm() if m.files])[0].files[0]
    assert file[0] == "west-met-2026-11-23-actions.xlsx"
    assert file[1].startswith(b"PK")
    assert ("disclose", "tracker", "done") in scene.audit()


def test_a_panel_that_is_not_theirs_is_not_taken_for_the_channels_own(scene: Scene) -> None:
    said = scene.person("U3").types(CHANNEL, "/panel next county-met").text
    assert (
        said == "I can't find that panel, or it isn't for you. "
        "If you expected to see it, ask your panel's co-ordinator."
    )


@pytest.mark.parametrize("purpose", ["new", "review", "closure"])
def test_why_a_case_is_put_to_the_panel_is_shown(scene: Scene, purpose: str) -> None:
    flag(scene, purpose=purpose)
    listed = scene.person("U2").types(CHANNEL, "/case list")
    assert f" · {purpose}" in listed.text


@pytest.mark.parametrize("typed", ["Thu 10 Dec 2026", "10th December 2026", "10/12/26", "Thursday 10 December 2026"])
def test_the_day_of_a_meeting_is_read_in_any_british_spelling(scene: Scene, typed: str) -> None:
    said = scene.person("U3").types(CHANNEL, f"/minutes draft {typed} west-met").text
    assert said.startswith("West Operational MET held no meeting on ")
    assert said.endswith("10 December 2026.")


@pytest.mark.parametrize(
    ("verb", "without"),
    [
        (
            "draft",
            "If you leave the day out, I'll use the latest meeting whose minutes are not approved. "
            "I ignored “last week”.",
        ),
        ("approve", "If you leave the day out, I'll use the latest draft. I ignored “last week”."),
        ("export", "If you leave the day out, I'll send the latest minutes."),
    ],
)
def test_what_is_no_day_is_asked_for(scene: Scene, verb: str, without: str) -> None:
    said = scene.person("U1").types(CHANNEL, f"/minutes {verb} last week").text
    assert said == f"Which meeting? Give its day, such as `7 April 2026`. {without}"
