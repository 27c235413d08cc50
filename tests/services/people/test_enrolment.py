"""Enrolling, changing and listing people."""

from dataclasses import replace

import pytest

from bot.errors import Stranger
from bot.models.minutes import Minutes
from bot.models.panels import Membership
from bot.models.vocabulary import Role
from bot.records.access.queries import identify
from bot.services.actions.changes import add_action
from bot.services.actions.tracker import list_actions
from bot.services.diary.channels import note_guests
from bot.services.leaving import departure
from bot.services.meeting import opening
from bot.services.minutes import papers
from bot.services.minutes.record import facts_for
from bot.services.people import changing, directory, enrolment
from bot.services.people.welcome import compose_welcome
from tests.county import TEAM, WEST, actor, user_id
from tests.services.conftest import Play
from tests.services.leaving.test_departure import gives, holder, person, presenter

pytestmark = pytest.mark.databases("sqlite")

NEW = enrolment.Account("UNEW", TEAM, "New Person", "Europe/London", is_bot=False, is_guest=False, is_deactivated=False)
NURSE = user_id("nurse")


def enrols(
    play: Play, who: str = "coordinator", account: enrolment.Account = NEW, **more: object
) -> enrolment.Enrolled:
    """Enrol a person for health, with a place on West."""
    usual = {
        "name": "New Person",
        "timezone": "Europe/London",
        "agency_id": play.county.agency["health"],
        "places": [(play.county.west_id, Role.REPRESENTATIVE)],
    }
    return play.does(who, enrolment.enrol, account, **{**usual, **more})  # type: ignore[arg-type]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_person_new_gets_in(play: Play) -> None:
    with play.store.work() as work, pytest.raises(Stranger):
        identify(work, TEAM, "UNEW")
    form = play.does("coordinator", enrolment.propose_enrolment, NEW)
    assert (form.purpose, form.name, form.confirm) == ("enrol", "New Person", None)
    assert [title for _, title in form.panels] == ["Shire Operational MET", "West Operational MET"]
    done = enrols(play)
    assert (done.purpose, done.added, done.person.agency_name) == ("enrol", 1, "Health")
    with play.store.work() as work:
        list_actions(work, identify(work, TEAM, "UNEW"), WEST)


@pytest.mark.parametrize(
    ("account", "reason"),
    [(replace(NEW, is_guest=True), "guest"), (replace(NEW, team_id="T0OTHER"), "foreign")],
)
def test_a_guest_or_a_person_of_another_workspace_only_when_an_administrator_confirms(
    play: Play, account: enrolment.Account, reason: str
) -> None:
    assert "Only an administrator can enrol them" in play.refused("coordinator", enrolment.propose_enrolment, account)
    assert play.does("administrator", enrolment.propose_enrolment, account).confirm == reason
    named = {"name": "X", "timezone": "Europe/London", "agency_id": play.county.agency["health"], "places": ()}
    assert play.refused("administrator", enrolment.enrol, account, **named).startswith("This person is not from this")  # type: ignore[arg-type]
    assert play.refused("coordinator", enrolment.enrol, account, **named, is_confirmed=True).startswith(
        "This person is a guest"
    )  # type: ignore[arg-type]
    enrols(play, "administrator", account, is_confirmed=True)
    with play.store.work() as work:
        assert identify(work, account.team_id, "UNEW").name == "New Person"


@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        (replace(NEW, is_bot=True), "That account is an app"),
        (replace(NEW, is_deactivated=True), "Slack says that this account is switched off."),
    ],
)
def test_a_bot_or_a_dead_account_is_refused(play: Play, account: enrolment.Account, sentence: str) -> None:
    assert play.refused("administrator", enrolment.propose_enrolment, account).startswith(sentence)


def test_only_who_manages_people_enrols(play: Play) -> None:
    for who in ("chair", "nurse", "matron"):
        assert play.refused(who, enrolment.propose_enrolment, NEW).startswith(
            "Only a panel's co-ordinator or an administrator"
        )


def test_a_place_on_a_panel_that_is_not_theirs_is_not_given(play: Play) -> None:
    with play.store.work() as work:
        work.session.add(
            Membership(
                panel_id=play.county.shire_id,
                person_id=play.county.person["outsider"],
                role=Role.COORDINATOR,
                began_at=work.now,
            )
        )
    place = (play.county.west_id, Role.OBSERVER)
    named = {"name": "X", "timezone": "Europe/London", "agency_id": play.county.agency["health"], "places": [place]}
    assert play.refused("outsider", enrolment.enrol, NEW, **named).startswith("I can't find that panel")  # type: ignore[arg-type]


def test_who_keeps_one_panel_learns_nothing_of_places_on_others(play: Play) -> None:
    keeps_only_west(play, "outsider")
    account = enrolment.Account(user_id("matron"), TEAM, "Matron", "Europe/London", False, False, False)
    done = play.does("outsider", enrolment.enrol, account, name="", timezone="", agency_id=0, places=())
    assert [place.panel_title for place in done.person.places] == ["West Operational MET"]


def test_only_who_looked_after_all_their_places_brings_a_person_back(play: Play) -> None:
    keeps_only_west(play, "outsider")
    play.does("administrator", departure.leave, user_id("matron"), lead_user_id=NURSE)
    account = enrolment.Account(user_id("matron"), TEAM, "Matron", "Europe/London", False, False, False)
    assert (
        play.refused("outsider", enrolment.propose_return, account)
        == "Only an administrator can do this for Matron. Ask Administrator."
    )
    assert play.does("coordinator", enrolment.propose_return, account).purpose == "return"


def keeps_only_west(play: Play, who: str) -> None:
    with play.store.work() as work:
        place = Membership(panel_id=play.county.west_id, person_id=play.county.person[who], role=Role.COORDINATOR)
        place.began_at = work.now
        work.session.add(place)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_second_chair_is_refused(play: Play) -> None:
    place = (play.county.west_id, Role.CHAIR)
    named = {"name": "X", "timezone": "Europe/London", "agency_id": play.county.agency["health"], "places": [place]}
    assert play.refused("coordinator", enrolment.enrol, NEW, **named).startswith("Chair chairs West Operational MET.")  # type: ignore[arg-type]


def test_a_form_for_places_brings_nobody_back_who_left_since_it_was_opened(play: Play) -> None:
    account = enrolment.Account(NURSE, TEAM, "Nurse", "Europe/London", False, False, False)
    place = (play.county.west_id, Role.OBSERVER)
    play.does("coordinator", departure.leave, NURSE)
    assert (
        play.refused("coordinator", enrolment.enrol, account, name="", timezone="", agency_id=0, places=[place])
        == "Nurse was here before and has left. To bring them back: `/people return`."
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": " "}, "Please give their name."),
        ({"timezone": "Mars/Olympus"}, "I don't know that time zone."),
        ({"timezone": "../../etc/passwd"}, "I don't know that time zone."),
        ({"agency_id": 999}, "That agency is no longer there."),
    ],
)
def test_what_cannot_be_is_named(play: Play, given: dict[str, object], sentence: str) -> None:
    named = {"name": "X", "timezone": "Europe/London", "agency_id": play.county.agency["health"], "places": ()}
    assert play.refused("coordinator", enrolment.enrol, NEW, **{**named, **given}).startswith(sentence)  # type: ignore[arg-type]


def test_a_person_who_comes_back_has_their_job_title_in_the_form(play: Play) -> None:
    health = play.county.agency["health"]
    usual = {"name": "New", "timezone": "Europe/London", "agency_id": health, "places": ()}
    enrolled = play.does("administrator", enrolment.enrol, NEW, **usual, job_title="Team manager")  # type: ignore[arg-type]
    assert enrolled.person.job_title == "Team manager"
    play.does("administrator", departure.leave, NEW.user_id)
    form = play.does("administrator", enrolment.propose_return, NEW)
    assert (form.purpose, form.job_title) == ("return", "Team manager")
    back = play.does("administrator", enrolment.enrol, NEW, **usual, job_title="Head of service")  # type: ignore[arg-type]
    assert (back.purpose, back.person.job_title) == ("return", "Head of service")


def change(play: Play, **more: object) -> changing.Change:
    """Return the nurse as she is, apart from what is given."""
    usual = changing.Change("Nurse", play.county.agency["health"], "Europe/London", False, False)
    return replace(usual, **more)  # type: ignore[arg-type]


@pytest.mark.databases("sqlite")
def test_minutes_print_the_job_title_that_was_given(play: Play) -> None:
    done = play.does("coordinator", changing.change_person, NURSE, change(play, job_title=" Named  nurse "))
    assert done.person.job_title == "Named nurse"
    play.at(3, 24, 14)
    play.opens()
    play.does("chair", opening.close_meeting, WEST)
    minutes = play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.work() as work:
        facts, _ = facts_for(work, actor(work, "chair"), work.session.get_one(Minutes, minutes.id))
    assert [(one.name, one.job_title) for one in facts.present if one.job_title] == [("Nurse", "Named nurse")]
    assert play.refused("coordinator", changing.change_person, NURSE, change(play, job_title="x" * 121)) == (
        "A job title has at most 120 characters."
    )


@pytest.mark.databases("sqlite", "postgresql")
def test_what_a_person_held_stays_with_the_agency_they_leave(play: Play) -> None:
    number = gives(play, "nurse")
    flag_id = play.flags("WEST-0001", "nurse")
    moved = change(play, agency_id=play.county.agency["police"], successor_user_id=user_id("matron"))
    done = play.does("coordinator", changing.change_person, NURSE, moved)
    assert (done.from_agency, done.person.agency_name, done.person.places) == ("Health", "Police", ())
    assert holder(play, number) == ("matron", "health")
    assert presenter(play, flag_id) == "matron"
    assert play.sent("handed_over") == [("handed_over", "matron")]
    assert play.refused("nurse", list_actions, WEST).startswith("I can't find that panel")


def test_places_may_be_kept_for_the_new_agency(play: Play) -> None:
    number = gives(play, "nurse")
    moved = change(play, agency_id=play.county.agency["police"], keeps_places=True)
    done = play.does("coordinator", changing.change_person, NURSE, moved)
    assert [place.role for place in done.person.places] == [Role.REPRESENTATIVE]
    assert holder(play, number) == ("midwife", "health")
    new = play.does("chair", add_action, WEST, holder_user_id=NURSE, text="Ring", due="2026-03-20").id
    assert holder(play, new) == ("nurse", "police")


@pytest.mark.parametrize(("successor", "now_for"), [("", None), ("matron", "Matron")])
def test_nobody_stands_in_for_who_keeps_a_place_for_another_agency(
    play: Play, successor: str, now_for: str | None
) -> None:
    named = {"successor_user_id": user_id(successor)} if successor else {}
    moved = change(play, agency_id=play.county.agency["police"], keeps_places=True, **named)
    done = play.does("coordinator", changing.change_person, NURSE, moved)
    assert done.handover.deputies == (("Midwife", "West Operational MET", now_for),)


def test_a_deputy_who_keeps_a_place_for_another_agency_stands_in_for_nobody_in_particular(play: Play) -> None:
    moved = changing.Change("Midwife", play.county.agency["police"], "Europe/London", False, False, keeps_places=True)
    done = play.does("coordinator", changing.change_person, user_id("midwife"), moved)
    assert [(place.role, place.deputy_for_name) for place in done.person.places] == [(Role.DEPUTY, None)]
    assert done.handover.deputies == (("Midwife", "West Operational MET", None),)


@pytest.mark.databases("sqlite", "postgresql")
def test_an_agency_has_one_lead_and_only_an_administrator_says_who(play: Play) -> None:
    wanted = change(play, leads_agency=True)
    assert play.refused("coordinator", changing.change_person, NURSE, wanted).startswith(
        "Only an administrator chooses"
    )
    done = play.does("administrator", changing.change_person, NURSE, wanted)
    assert (done.lead_before, person(play, "matron").leads_agency) == ("Matron", False)


@pytest.mark.databases("sqlite", "postgresql")
def test_the_last_administrator_stays_one(play: Play) -> None:
    wanted = changing.Change("Administrator", play.county.agency["council"], "Europe/London", False, False)
    assert play.refused("administrator", changing.change_person, user_id("administrator"), wanted).startswith(
        "This person is the only administrator."
    )


@pytest.mark.databases("sqlite", "postgresql")
def test_everybody_is_listed_where_they_sit(play: Play) -> None:
    found = play.does("administrator", directory.list_people)
    assert [(group.title, len(group.people)) for group in found.groups] == [
        ("Shire Operational MET", 4),
        ("West Operational MET", 10),
        ("On no panel", 2),
    ]
    assert dict(found.leads) == {"Council": None, "Health": "Matron", "Police": None, "Social Care": None}
    west = play.does("coordinator", directory.list_people, "west-met")
    assert [one.name for one in west.groups[0].people if one.agency_name == "Health"] == ["Matron", "Midwife", "Nurse"]
    midwife = next(one for one in west.groups[0].people if one.name == "Midwife")
    assert [(place.role, place.deputy_for_name) for place in midwife.places] == [(Role.DEPUTY, "Nurse")]


def test_a_lead_sees_their_own_agency_and_no_other(play: Play) -> None:
    found = play.does("matron", directory.list_people)
    assert [(group.title, [one.name for one in group.people]) for group in found.groups] == [
        ("Health", ["Matron", "Midwife", "Nurse", "Outsider"])
    ]
    for sought in ("police", "nowhere", "west-met"):
        assert play.refused("matron", directory.list_people, sought) == (
            "I can't find that panel or agency, or it isn't for you. "
            "If you expected to see it, ask your panel's co-ordinator."
        )
    assert play.refused("nurse", directory.list_people) == (
        "Only co-ordinators, an agency's lead and administrators see the list of people. Ask Coordinator."
    )


def test_a_new_representative_is_welcomed_once_to_each_panel(play: Play) -> None:
    west, shire = play.county.west_id, play.county.shire_id
    enrols(play)
    assert len(play.sent("welcome")) == 1
    # Another role there is no new welcome; another panel is.
    enrols(play, places=[(west, Role.MINUTE_TAKER), (shire, Role.REPRESENTATIVE)])
    assert len(play.sent("welcome")) == 2
    with play.store.work() as work:
        new = identify(work, TEAM, "UNEW")
        found = compose_welcome(work, new, [west, shire])
        assert found is not None
        assert [(one.panel_key, one.next_at is not None) for one in found.panels] == [
            ("shire-met", True),
            ("west-met", True),
        ]
        # Whose place has ended hears nothing of the panel, and is not welcomed a second time.
        place = work.find(Membership, Membership.person_id == new.person_id, Membership.panel_id == shire)  # type: ignore[arg-type]
        assert place is not None
        place.ended_at = work.now
        work.session.flush()
        assert [one.panel_key for one in compose_welcome(work, new, [shire, west]).panels] == ["west-met"]  # type: ignore[union-attr]
        assert compose_welcome(work, new, [shire]) is None
    enrols(play, places=[(shire, Role.REPRESENTATIVE)])
    assert len(play.sent("welcome")) == 2


def test_chairs_observers_and_stand_ins_get_no_welcome(play: Play) -> None:
    enrols(play, places=[(play.county.west_id, Role.OBSERVER), (play.county.west_id, Role.MINUTE_TAKER)])
    assert play.sent("welcome") == []


def test_who_enrols_hears_who_to_invite_to_the_channel(play: Play) -> None:
    west, shire = play.county.west_id, play.county.shire_id
    # Shire has no channel.
    done = enrols(play, places=[(west, Role.REPRESENTATIVE), (shire, Role.REPRESENTATIVE)])
    assert (done.user_id, done.to_join) == ("UNEW", ("CWEST",))
    # They were told of it with the first place.
    assert enrols(play, places=[(west, Role.MINUTE_TAKER)]).to_join == ()
    # Slack was asked who is in the channel, and named this account.
    with play.store.work() as work:
        note_guests(work, west, guests=["USEEN"], bots=[], is_whole=True)
    assert enrols(play, account=replace(NEW, user_id="USEEN")).to_join == ()
