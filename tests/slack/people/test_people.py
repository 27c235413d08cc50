"""`/people` as it is used: deputies in ten seconds, leaving with everything handed over, accounts switched off."""

import json
from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from bot.models.actions import Action
from bot.models.bookkeeping import AuditEntry
from bot.models.panels import Membership
from bot.models.people import Person
from bot.models.vocabulary import Role
from bot.practice.workspace.sights import SeenView
from bot.records.access.queries import Where, identify, readable_cases
from bot.services.cases.flags import flag_case
from tests.county import TEAM, flag_form
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL, FOREIGN, OTHER_CHANNEL, STRANGER
from tests.slack.home.test_home import home_of
from tests.slack.test_cycle import opened
from tests.slack.test_listener import ADD, REFUSAL

NOT_YOURS = "I can't find that panel, or it isn't for you."


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Return the county with an administrator (Max), and with Jo, who stands in for Sam."""
    with scene.store.work() as work:
        ids = scene.county.person
        max_ = work.session.get_one(Person, ids["countychair"])
        max_.is_administrator = True
        deputy = work.session.exec(select(Membership).where(col(Membership.person_id) == ids["midwife"])).one()
        deputy.deputy_for_id = ids["nurse"]
        work.session.add_all([max_, deputy])
    return scene


def holder(scene: Scene, number: int) -> str:
    with scene.store.reading() as work:
        return work.session.get_one(Person, work.session.get_one(Action, number).holder_id).user_id


def test_a_representative_names_a_deputy_for_the_next_meeting_with_one_press(scene: Scene) -> None:
    sam, max_ = scene.person("U2"), scene.person("U6")
    with scene.store.work() as work:
        person = work.session.get_one(Person, scene.county.person["countychair"])
        person.agency_id, person.is_administrator = scene_agency(scene, "nurse"), False
        work.session.add(person)
    assert max_.types(CHANNEL, "/action list").text.startswith(NOT_YOURS)
    form = opened(sam.types(OTHER_CHANNEL, "/people deputise <@U6>").view)
    assert form.words.startswith("*Max* stands in for you.")
    done = opened(sam.submits(form).view)
    assert done.words == (
        "*Max* stands in for *Sam*.\n• deputy for Sam at the meeting of Thu 10 Dec 2026, 14:00 on West Operational MET"
    )
    told = max_.waits_for(max_.dm)[0]
    assert told.words.startswith("You stand in for Sam.\n• deputy for Sam at the meeting of Thu 10 Dec 2026, 14:00")
    scene.clock.move_to(datetime(2026, 12, 10, 23, 59, tzinfo=UTC))
    assert not max_.types(CHANNEL, "/action list").text.startswith(NOT_YOURS)
    scene.clock.move_to(datetime(2026, 12, 11, 0, 0, tzinfo=UTC))
    assert max_.types(CHANNEL, "/action list").text.startswith(NOT_YOURS)


def test_a_period_typed_the_wrong_way_round_keeps_the_form(scene: Scene) -> None:
    kim = scene.person("U3")
    with scene.store.work() as work:
        person = work.session.get_one(Person, scene.county.person["countychair"])
        person.agency_id = scene_agency(scene, "nurse")
        work.session.add(person)
    form = opened(kim.types(CHANNEL, "/people deputise <@U6> for <@U2>").view)
    wrong = kim.submits(form, {"how": "period", "from": "2026-12-01", "until": "2026-11-30"})
    assert wrong.errors == {"until": "The last day is before the first. Choose a later day."}
    done = opened(kim.submits(opened(wrong.view), {"until": "2026-12-04"}).view)
    assert done.words.splitlines()[1] == (
        "• deputy for Sam from Tue 1 Dec 2026 until Fri 4 Dec 2026 on West Operational MET"
    )
    sam = scene.person("U2")
    assert sam.waits_for(sam.dm)[0].words.startswith("Max stands in for you.")


def test_a_person_of_another_agency_comes_for_one_meeting_and_the_form_stays_to_say_so(scene: Scene) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/people deputise <@U6> for <@U2>").view)
    wrong = kim.submits(form, {"how": "standing"})
    assert wrong.errors == {
        "how": "A deputy must work for the same agency, and Max doesn't. "
        "A person from another agency can stand in at one "
        "meeting: choose “For one meeting”."
    }
    done = opened(kim.submits(opened(wrong.view), {"how": "meeting"}).view)
    assert done.words.splitlines()[1] == (
        "• deputy for Sam at the meeting of Thu 10 Dec 2026, 14:00 on West Operational MET"
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/people deputise", "Who stands in? Type `/people deputise @deputy [for @person]`"),
        ("/people deputise <@U2>", "You named one person twice."),
        ("/people deputise <@U9>", "<@U9> is not enrolled."),
        ("/people leave", "Who do you mean?"),
        ("/people leave <@U4>", "Only a panel's co-ordinator or an administrator"),
        ("/people list", "Only co-ordinators, an agency's lead and administrators see"),
        ("/people attendance", "Only chairs and co-ordinators see attendance"),
    ],
)
def test_what_a_representative_types_wrong_is_answered(scene: Scene, typed: str, sentence: str) -> None:
    answer = scene.person("U2").types(CHANNEL, typed)
    assert answer.view is None
    assert answer.text.startswith(sentence)


def test_a_person_leaves_and_their_successor_gets_one_message(scene: Scene) -> None:
    kim, sam, jo = (scene.person(user_id) for user_id in ("U3", "U2", "U4"))
    kim.types(CHANNEL, ADD)
    kim.types(CHANNEL, "/action add <@U2> send the minutes by Friday")
    sam.waits_for(sam.dm)
    form = opened(kim.types(CHANNEL, "/people leave <@U2>").view)
    shown = form.words.splitlines()
    assert shown[:5] == [
        "*Sam*, Health, has:",
        "• 2 actions to answer for",
        "• 0 flags waiting",
        "• representative on West Operational MET",
        "• Jo stands in for them",
    ]
    assert (
        "I'll also hand over their actions and flags on cases you can't read, but this list doesn't count those."
        in form.words
    )
    assert form.values["successor"]["successor"]["selected_user"] == "U4"
    wrong = kim.submits(form, {"successor": "U9"})
    said = "That person is not enrolled. The panel's co-ordinator can add them with /people enrol."
    assert wrong.errors == {"successor": said}
    done = opened(kim.submits(opened(wrong.view), {"successor": "U4"}).view)
    assert done.words == (
        "*Sam* has left. They no longer have access.\n"
        "• West Operational MET: no longer representative\n"
        "• Jo has actions 1, 2\n"
        "• Jo is no longer anyone's deputy on West Operational MET"
    )
    told = jo.waits_for(jo.dm)
    assert [message.words.splitlines()[0] for message in told] == ["You are taking over 2 actions from Sam."]
    assert sam.types(CHANNEL, "/action list").text == REFUSAL
    assert [holder(scene, number) for number in (1, 2)] == ["U4", "U4"]


def test_a_person_is_enrolled_with_what_slack_knows(scene: Scene) -> None:
    kim, stranger = scene.person("U3"), scene.person(STRANGER)
    form = opened(kim.types(CHANNEL, f"/people enrol <@{STRANGER}>").view)
    assert form.values["name"]["name"]["value"] == "Nobody"
    assert form.values["timezone"]["timezone"]["value"] == "Europe/London"
    place = f"{scene.county.west_id}:representative"
    wrong = kim.submits(form, {"agency": str(scene_agency(scene, "nurse")), "timezone": "London", "places": [place]})
    assert wrong.errors == {"timezone": "I don't know that time zone. Write it like this: Europe/London."}
    done = opened(kim.submits(opened(wrong.view), {"timezone": "Europe/London"}).view)
    assert done.words == (
        "*Nobody* is enrolled for Health.\n• representative on West Operational MET\n"
        f"*Next, invite <@{STRANGER}> to <#{CHANNEL}>*. The panel meets there, and I can't invite people."
    )
    welcome = stranger.waits_for(lambda: [one for one in stranger.dm() if one.text.startswith("Welcome")])[0]
    for said in (
        "*Welcome to West Operational MET.*",
        "You represent Health here.",
        f"• *West Operational MET* (District Operational MET) in <#{CHANNEL}>: next on Thu 10 Dec 2026, 14:00",
        "Three things to do:\n1. *Say who comes.*",
        "2. *Open the Home tab*",
        "3. *Flag a case*",
        "Not for emergencies",
    ):
        assert said in welcome.words
    form = opened(stranger.clicks(welcome, "case.flag:west-met").view)
    assert (form.title, "For West Operational MET." in form.words) == ("Flag a case", True)
    assert stranger.types(CHANNEL, "/panel list").text.startswith("*West Operational MET*")


def test_a_person_of_another_workspace_needs_an_administrators_tick(scene: Scene) -> None:
    kim, max_ = scene.person("U3"), scene.person("U6")
    assert "Only an administrator can enrol them" in kim.types(CHANNEL, f"/people enrol <@{FOREIGN}>").text
    form = opened(max_.types(OTHER_CHANNEL, f"/people enrol <@{FOREIGN}>").view)
    agency = str(scene_agency(scene, "nurse"))
    wrong = max_.submits(form, {"agency": agency})
    assert list(wrong.errors) == ["sure"]
    done = opened(max_.submits(opened(wrong.view), {"sure": ["yes"]}).view)
    assert done.words == "*Visitor* is enrolled for Health.\nThis person has no place on a panel yet."


def test_the_bot_itself_is_not_enrolled(scene: Scene) -> None:
    answer = scene.person("U6").types(OTHER_CHANNEL, f"/people enrol <@{scene.workspace.bot_user_id}>")
    assert answer.text == "That account is an app. Only people can have a place on a panel."


def test_a_job_title_is_given_in_the_form_and_stays_in_it(scene: Scene) -> None:
    max_ = scene.person("U6")
    form = opened(max_.types(OTHER_CHANNEL, "/people change <@U2>").view)
    done = opened(max_.submits(form, {"job_title": "  Named  nurse <safeguarding> "}).view)
    assert done.words == "*Sam*, Named nurse &lt;safeguarding&gt;, works for Health, time zone Europe/London."
    max_.closes(done)
    form = opened(max_.types(OTHER_CHANNEL, "/people change <@U2>").view)
    assert "Named nurse <safeguarding>" in json.dumps(form.values)
    done = opened(max_.submits(form, {"job_title": ""}).view)
    assert done.words == "*Sam* works for Health, time zone Europe/London."
    max_.closes(done)
    form = opened(max_.types(OTHER_CHANNEL, "/people change <@U2>").view)
    number = "Nurse, ring 07700 900123"
    assert list(max_.submits(form, {"job_title": number}).errors) == ["job_title"]


def test_an_agency_changes_in_a_form(scene: Scene) -> None:
    max_ = scene.person("U6")
    scene.person("U3").types(CHANNEL, ADD)
    form = opened(max_.types(OTHER_CHANNEL, "/people change <@U2>").view)
    police = str(scene_agency(scene, "chair"))
    done = opened(max_.submits(form, {"agency": police, "offices": ["lead"], "successor": "U4"}).view)
    assert done.words == (
        "*Sam* works for Police, time zone Europe/London.\n"
        "They are their agency's lead.\n"
        "What they held for Health stays with that agency:\n"
        "• West Operational MET: no longer representative\n"
        "• Jo has action 1\n"
        "• Jo is no longer anyone's deputy on West Operational MET"
    )
    assert holder(scene, 1) == "U4"


def test_a_place_ends_and_a_person_comes_back(scene: Scene) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/people end <@U4>").view)
    done = opened(kim.submits(form).view)
    assert done.words == (
        "*Jo*:\n• West Operational MET: no longer deputy\n• They had no actions or flags there that you can see."
    )
    kim.closes(done)
    left = opened(kim.submits(opened(kim.types(CHANNEL, "/people leave <@U2>").view)).view)
    kim.closes(left)
    form = opened(kim.types(CHANNEL, "/people return <@U2>").view)
    back = opened(kim.submits(form, {"places": [f"{scene.county.west_id}:observer"]}).view)
    assert back.words == (
        "*Sam* is back at Health. They don't get back their earlier places and actions.\n"
        "• observer on West Operational MET\n"
        f"*Next, invite <@U2> to <#{CHANNEL}>*. The panel meets there, and I can't invite people."
    )


def test_an_account_that_slack_switches_off_has_left(scene: Scene) -> None:
    kim, jo = scene.person("U3"), scene.person("U4")
    kim.types(CHANNEL, ADD)
    scene.settled()
    scene.workspace.deactivate("U2")
    told = kim.waits_for(kim.dm)
    assert told[0].words.splitlines()[:3] == [
        "Sam's Slack account was switched off, so they have left.",
        "• West Operational MET: no longer representative",
        "• Jo has action 1",
    ]
    assert jo.waits_for(jo.dm)[0].words.startswith("You are taking over 1 action from Sam.")
    events = [one for one in scene.workspace.deliveries if one.payload.get("event", {}).get("type") == "user_change"]
    scene.workspace.redeliver(events[0])
    assert kim.types(CHANNEL, "/people return <@U2>").text == (
        "Slack says that this account is switched off. Ask your Slack administrator first."
    )
    scene.workspace.reactivate("U2")
    kim.waits_for(lambda: len(kim.dm()) == 2)
    assert kim.dm()[1].words == (
        "Sam's Slack account is on again. They still have no access. To give it back: `/people return`."
    )
    scene.workspace.add_member(CHANNEL, "U2")
    assert scene.person("U2").types(CHANNEL, "/panel list").text == REFUSAL


def _enrol_many(scene: Scene, count: int) -> None:
    """So many more representatives with long names."""
    with scene.store.work() as work:
        for number in range(count):
            person = Person(
                key=f"many{number}",
                name=f"{number:03d} " + "Featherstonehaugh-" * 6,
                team_id="T0PRACTICE",
                user_id=f"UMANY{number}",
                agency_id=scene_agency(scene, "nurse"),
                enrolled_at=work.now,
            )
            work.session.add(person)
            work.session.flush()
            work.session.add(
                Membership(
                    panel_id=scene.county.west_id,
                    person_id=person.id or 0,
                    role=Role.REPRESENTATIVE,
                    began_at=work.now,
                )
            )


def test_a_hundred_people_on_a_panel_fit_page_by_page(scene: Scene) -> None:
    _enrol_many(scene, 100)
    kim = scene.person("U3")
    view = opened(kim.types(CHANNEL, "/people list").view)
    seen = [line for line in view.words.splitlines() if "representative" in line or "chair" in line]
    while following := [action for action in view.actions if action.startswith("people.page") and more(view, action)]:
        view = opened(kim.clicks(view, following[0]).view)
        seen += [line for line in view.words.splitlines() if line.startswith("*") and ":" in line]
    assert sum("Featherstonehaugh" in line for line in seen) == 100
    form = opened(kim.types(CHANNEL, "/people leave <@U2>").view)
    assert opened(kim.submits(form).view).words.startswith("*Sam* has left.")


def test_a_page_that_is_there_no_more_leads_to_the_last(scene: Scene) -> None:
    _enrol_many(scene, 76)
    kim = scene.person("U3")
    view = opened(kim.types(CHANNEL, "/people list").view)
    view = opened(kim.clicks(view, "people.page:1|").view)
    assert "Page 2 of 3, 81 places." in view.words
    with scene.store.work() as work:
        place = work.session.exec(select(Membership).order_by(col(Membership.id).desc())).first()
        assert place is not None
        place.ended_at = work.now
    view = opened(kim.clicks(view, "people.page:2|").view)
    assert "Page 2 of 2, 80 places." in view.words
    assert [action for action in view.actions if action.startswith("people.page")] == ["people.page:0|"]


def more(view: SeenView, action: str) -> bool:
    """Return whether a button leads on from this page."""
    at = int(view.words.split("Page ")[1].split(" ")[0])
    return int(action.partition(":")[2].partition("|")[0]) == at


def test_attendance_before_any_meeting_says_so(scene: Scene) -> None:
    view = opened(scene.person("U1").types(CHANNEL, "/people attendance").view)
    assert view.words == (
        "West Operational MET\nNo meeting has been held yet. Attendance shows here once a meeting is closed."
    )


def test_attendance_of_meetings_that_were_held(scene: Scene) -> None:
    kim = scene.person("U3")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    kim.types(CHANNEL, "/meeting open")
    form = opened(kim.types(CHANNEL, "/meeting attendance").view)
    kim.closes(opened(kim.submits(form, {"present": ["U1", "U4"]}).view))
    kim.types(CHANNEL, "/meeting close now")
    view = opened(scene.person("U1").types(CHANNEL, "/people attendance health").view)
    assert view.words == (
        "West Operational MET\n"
        "The last meeting. If an agency's deputy came, the agency counts as present.\n"
        "*Health*: 100% of 1\n"
        "    deputy 1 (Thu 10 Dec 2026)"
    )


def scene_agency(scene: Scene, key: str) -> int:
    """Return the agency of a person."""
    with scene.store.reading() as work:
        return work.session.get_one(Person, scene.county.person[key]).agency_id


def test_an_administrator_is_offered_no_place_that_reads_cases_for_themselves_and_the_refusal_is_audited(
    scene: Scene,
) -> None:
    max_ = scene.person("U6")
    form = opened(max_.types(OTHER_CHANNEL, "/people enrol <@U6>").view)
    assert "You can't give yourself a role that can read cases." in form.words
    refusal = max_.types(CHANNEL, "/people deputise <@U6> for <@U2>").text
    assert refusal.startswith("You can't give yourself a role that can read cases. Ask another administrator")
    with scene.store.reading() as work:
        last = work.find_all(AuditEntry, by=[col(AuditEntry.id).desc()], most=1)[0]
        assert (last.verb, last.outcome, last.actor_id) == ("deputise", "refused", scene.county.person["countychair"])


def test_the_chair_is_told_of_a_vice_chair_and_opens_the_closed_items_in_that_message(scene: Scene) -> None:
    max_, alex = scene.person("U6"), scene.person("U1")
    with scene.store.work() as work:
        actor = identify(work, TEAM, "U2")
        flag_case(work, actor, Where(channel_id=CHANNEL), flag_form("WEST-0001", closed=True))
    form = opened(max_.types(OTHER_CHANNEL, "/people enrol <@U4>").view)
    max_.submits(form, {"places": [f"{scene.county.west_id}:vice_chair"]})
    told = alex.waits_for(alex.dm)[0]
    assert told.words.splitlines()[:2] == [
        "*New on West Operational MET*, given by Max:",
        "• *Jo* (Health) is now vice-chair.",
    ]
    assert "This panel has 1 older closed item. Jo can't read it unless you say yes. May Jo read it?" in told.words
    assert "WEST-0001" not in told.words
    assert (
        "*1 new chair or vice-chair needs your decision:* may they read older closed items?"
        in home_of(scene, "U1", "1 new chair").words
    )
    assert alex.types(CHANNEL, "/people closed").text == (
        "1 new chair or vice-chair needs your decision: may they read older closed items?"
    )
    nothing = "You have nothing to decide about new chairs and older closed items."
    assert max_.types(OTHER_CHANNEL, "/people closed").text == nothing
    alex.clicks(told, next(action for action in told.actions if action.startswith("people.open_closed")))
    assert reads(scene, "midwife")
    alex.waits_for(lambda: "You said yes" in alex.dm()[0].words)
    after = alex.dm()[0]
    assert "You said yes: Jo can read 1 older closed item." in after.words
    alex.clicks(after, next(action for action in after.actions if action.startswith("people.keep_closed")))
    assert not reads(scene, "midwife")


def reads(scene: Scene, who: str) -> bool:
    with scene.store.reading() as work:
        return bool(readable_cases(work, scene.county.person[who], [1]))


def test_a_typed_job_title_is_filled_into_the_form(scene: Scene) -> None:
    form = opened(scene.person("U6").types(CHANNEL, "/people change sam’s job title to Named Nurse").view)
    values = {name: field for block in form.values.values() for name, field in block.items()}
    assert values["job_title"]["value"] == "Named Nurse"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "leave <@U2> last day 30/4",
            "You typed “last day 30/4”, but `/people leave` ends their access at once. Type it on Friday 30 April 2027",
        ),
        (
            "end <@U2> from 30 April",
            "You typed “from 30 April”, but `/people end` ends the place at once. Type it on Friday 30 April 2027",
        ),
        (
            "leave <@U2> end of term",
            "You typed “end of term”, but `/people leave` ends their access at once. Type it on that day",
        ),
    ],
)
def test_a_day_to_come_is_not_dropped(scene: Scene, typed: str, said: str) -> None:
    assert said in (scene.person("U6").types(CHANNEL, f"/people {typed}").text or "")


def test_other_words_behind_a_person_are_said_above_the_form(scene: Scene) -> None:
    form = opened(scene.person("U6").types(CHANNEL, "/people leave <@U2> moved to a new job").view)
    assert "You typed “moved to a new job”." in form.words


def test_a_member_learns_who_to_ask_for_the_list(scene: Scene) -> None:
    said = scene.person("U2").types(CHANNEL, "/people who’s on west-met").text or ""
    assert said.startswith("Only co-ordinators, an agency's lead and administrators see the list of people. Ask ")
