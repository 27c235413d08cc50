"""Nobody promotes themselves unseen: who is told of a place, and who opens what was closed before it."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col

import bot
from bot.models.outbox import OutboxRow
from bot.models.vocabulary import Reply, Role
from bot.records.people.readings import undecided
from bot.services.actions import changes, tracker
from bot.services.cases import closed_items, interests
from bot.services.home import overview
from bot.services.invitations import answering
from bot.services.leaving import departure, places
from bot.services.people import deputies, enrolment, readings
from bot.services.people.enrolment import Account
from tests.county import TEAM, WEST, actor, user_id
from tests.services.conftest import Play
from tests.services.leaving.test_closed_items import administers, gets_a_place, place_of, reads, says_yes
from tests.statements import counting

pytestmark = pytest.mark.databases("sqlite")

NURSE = user_id("nurse")
REFUSED = "You can't give yourself a role that can read cases."
NOT_YOURS = "I can't find that place, or it isn't for you."
CARRY = (Role.CHAIR, Role.VICE_CHAIR, Role.COORDINATOR, Role.MINUTE_TAKER, Role.REPRESENTATIVE)


def account(who: str) -> Account:
    return Account(user_id(who), TEAM, who, "Europe/London", is_bot=False, is_guest=False, is_deactivated=False)


def gives(who: str, role: Role, play: Play) -> dict[str, Any]:
    """Return what the form says that gives a person one more place on West."""
    return {"name": "", "timezone": "", "agency_id": 0, "places": [(play.county.west_id, role)]}


def told(play: Play) -> list[tuple[str, list[int]]]:
    """Return who is told of which places, in order."""
    names = {number: key for key, number in play.county.person.items()}
    with play.store.reading() as work:
        rows = work.find_all(OutboxRow, col(OutboxRow.kind) == "places_given", by=[col(OutboxRow.id)])
        return [(names[row.payload["person_id"]], row.payload["places"]) for row in rows]


def message(play: Play, who: str) -> readings.PlacesGiven | None:
    """Return what the last notice of a place says to a person."""
    with play.store.reading() as work:
        rows = work.find_all(OutboxRow, col(OutboxRow.kind) == "places_given", by=[col(OutboxRow.id)])
        given = [row.payload for row in rows if row.payload["person_id"] == play.county.person[who]][-1]
        return readings.given_for_notice(work, actor(work, who), given["panel_id"], given["places"], given["by_id"])


@pytest.mark.parametrize("who", ["administrator", "coordinator"])
@pytest.mark.parametrize("role", CARRY)
def test_nobody_gives_themselves_a_place_that_reads_cases(play: Play, who: str, role: Role) -> None:
    play.loses_place("chair")
    has = {Role.COORDINATOR} if who == "coordinator" else set()
    if role in has:
        return
    form = play.does(who, enrolment.propose_enrolment, account(who))
    assert form.roles == (Role.OBSERVER,)
    assert play.refused(who, enrolment.enrol, account(who), **gives(who, role, play)).startswith(REFUSED)


def test_a_place_that_reads_nothing_may_be_ones_own_gift(play: Play) -> None:
    given = gives("administrator", Role.OBSERVER, play)
    assert play.does("administrator", enrolment.enrol, account("administrator"), **given).added == 1
    assert told(play) == []


def test_nobody_makes_themselves_a_deputy(play: Play) -> None:
    for who in ("administrator", "coordinator", "matron"):  # the last leads the nurse's agency
        assert play.refused(who, deputies.propose_deputy, user_id(who), NURSE).startswith(REFUSED)
        given: dict[str, Any] = {"how": "meeting", "meeting_id": play.county.west_meetings[0]}
        assert play.refused(who, deputies.name_deputy, user_id(who), NURSE, **given).startswith(REFUSED)


def test_nobody_enters_themselves_as_the_deputy_of_a_person_they_answer_for(play: Play) -> None:
    given: dict[str, Any] = {"deputy": user_id("coordinator"), "for_user": NURSE}
    assert play.refused("coordinator", answering.reply_to_next, WEST, Reply.DEPUTY, **given).startswith(REFUSED)
    assert play.does("nurse", answering.reply_to_next, WEST, Reply.DEPUTY, deputy=user_id("outsider"))
    assert told(play) == []  # who sends their own deputy gives nothing that the chair would not see


def test_every_place_is_given_by_one_function() -> None:
    """A place that is saved in any other way is told to nobody."""
    root = Path(bot.__file__).parent
    makers = {
        str(file.relative_to(root))
        for file in root.rglob("*.py")
        if re.search(r"(?<!class )\bMembership\($", file.read_text(), re.MULTILINE)
        or re.search(r"(?<!class )\bMembership\(panel_id", file.read_text())
    }
    without = {name for name in makers if "give_places(" not in (root / name).read_text()}
    assert len(makers) == 4
    assert without == set()


def test_the_chair_and_the_named_readers_are_told_of_a_place_that_reads_cases(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    gets_a_place(play, "outsider", Role.REPRESENTATIVE)
    place = place_of(play, "outsider")
    assert told(play) == [("chair", [place]), ("vicechair", [place]), ("nurse", [place])]
    shown = message(play, "chair")
    assert shown is not None
    (one,) = shown.places
    assert (shown.by_name, one.name, one.place.role, one.items) == ("Administrator", "Outsider", "representative", 0)
    gets_a_place(play, "outsider", Role.OBSERVER)
    assert len(told(play)) == 3


def test_a_deputy_named_by_the_office_is_told_and_one_of_ones_own_is_not(play: Play) -> None:
    given: dict[str, Any] = {"how": "period", "until": date(2026, 4, 1)}
    play.does("nurse", deputies.name_deputy, user_id("outsider"), NURSE, **given)
    assert told(play) == []
    play.does("coordinator", deputies.name_deputy, user_id("matron"), NURSE, **given)
    assert [who for who, _ in told(play)] == ["chair"]


def test_the_chair_opens_keeps_closed_and_takes_back(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    gets_a_place(play, "socialworker", Role.VICE_CHAIR)
    place_id = place_of(play, "socialworker")
    for who in ("socialworker", "nurse", "vicechair", "administrator", "coordinator", "observer"):
        assert play.refused(who, readings.decide_reading, place_id, is_granted=True).startswith(NOT_YOURS)
    items = {}
    for who in ("chair", "nurse"):
        found = message(play, who)
        assert found is not None
        items[who] = found.places[0].items
    assert items == {"chair": 1, "nurse": 0}
    for granted in (True, False, True):
        shown = play.does("chair", readings.decide_reading, place_id, is_granted=granted)
        assert (shown.places[0].answer, reads(play, "socialworker")) == (granted, granted)
    assert play.audited("refuse_reader") == [("case", 1, "chair")]


def test_a_yes_to_a_place_and_its_end_are_in_the_history_and_the_reader_is_told(play: Play) -> None:
    play.accepted("WEST-0001", closed=True)
    gets_a_place(play, "matron", Role.VICE_CHAIR)
    for granted in (True, True, False):
        play.does("chair", readings.decide_reading, place_of(play, "matron"), is_granted=granted)
    shown = play.does("chair", closed_items.show_readers, WEST, "WEST-0001")
    assert [(one.kind, one.person_name, one.by_name, one.reason) for one in shown.history] == [
        ("named", "Matron", "Chair", "The answer to their place as vice-chair was yes."),
        ("ended", "Matron", "Chair", "The answer to their place as vice-chair is no now."),
    ]
    assert play.sent("access_changed") == [("access_changed", "matron")]


def test_what_is_closed_after_the_place_was_given_is_read_at_once(play: Play) -> None:
    gets_a_place(play, "socialworker", Role.VICE_CHAIR)
    play.flags("WEST-0001", "nurse", closed=True)
    assert reads(play, "socialworker")
    shown = message(play, "chair")
    assert shown is not None
    assert shown.places[0].items == 0


def test_a_reader_named_before_the_place_is_asked_about_nothing(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    gets_a_place(play, "nurse", Role.VICE_CHAIR)
    assert reads(play, "nurse")
    refusal = play.refused("chair", readings.decide_reading, place_of(play, "nurse"), is_granted=False)
    assert refusal.startswith(NOT_YOURS)
    assert reads(play, "nurse")


def changes_the_chair(play: Play) -> int:
    """Give West another chair. Return the number of the new place."""
    theirs = play.does("administrator", places.propose_end, user_id("chair")).places
    old = [place.id for place in theirs if place.role is Role.CHAIR]
    play.does("administrator", places.end_places, user_id("chair"), old)
    gets_a_place(play, "socialworker", Role.CHAIR)
    return place_of(play, "socialworker")


def test_a_new_chair_is_told_to_who_presides_or_did_and_to_the_co_ordinator(play: Play) -> None:
    place_id = changes_the_chair(play)
    assert told(play) == [(who, [place_id]) for who in ("chair", "vicechair", "coordinator")]
    for who in ("chair", "vicechair", "coordinator"):
        shown = message(play, who)
        assert shown is not None
        assert [(one.name, one.place.role, one.items) for one in shown.places] == [("Socialworker", "chair", 0)]


def test_a_new_chair_where_nobody_else_presides_is_told_to_the_other_administrators(play: Play) -> None:
    administers(play, "matron")
    for who in ("chair", "vicechair"):
        play.does("administrator", departure.leave, user_id(who))
    gets_a_place(play, "socialworker", Role.CHAIR)
    assert [who for who, _ in told(play)] == ["coordinator", "matron"]
    assert message(play, "matron") is not None


def becomes_representative(play: Play, who: str) -> None:
    """Make a person a representative on West, and end what they were there."""
    gets_a_place(play, who, Role.REPRESENTATIVE)
    theirs = play.does("administrator", places.propose_end, user_id(who)).places
    old = [place.id for place in theirs if place.role is not Role.REPRESENTATIVE]
    play.does("administrator", places.end_places, user_id(who), old)


def test_what_was_read_by_presiding_is_read_no_longer_and_the_history_says_so(play: Play) -> None:
    play.accepted("WEST-0001", closed=True)
    becomes_representative(play, "vicechair")
    assert not reads(play, "vicechair")
    shown = play.does("chair", closed_items.show_readers, WEST, "WEST-0001")
    assert [one.name for one in shown.readers] == ["Chair", "Socialworker"]
    assert [(one.kind, one.person_name, one.by_name, one.reason) for one in shown.history] == [
        ("ended", "Vicechair", "Administrator", "Their place as vice-chair ended.")
    ]


def test_who_reads_for_another_reason_than_presiding_goes_on_reading(play: Play) -> None:
    play.accepted("WEST-0001", "vicechair", closed=True)
    becomes_representative(play, "vicechair")
    assert reads(play, "vicechair")


def test_who_owes_an_action_keeps_it_without_the_reading_that_came_with_presiding(play: Play) -> None:
    play.accepted("WEST-0001", closed=True)
    given = {"text": "See the family", "due": "2026-03-09", "case_reference": "WEST-0001"}
    action = play.does("chair", changes.add_action, WEST, holder_user_id=user_id("vicechair"), **given)
    becomes_representative(play, "vicechair")
    assert not reads(play, "vicechair")
    kept = play.does("vicechair", tracker.list_actions, WEST, "mine").actions
    assert [(one.id, one.is_kept) for one in kept] == [(action.id, True)]


@pytest.mark.parametrize("decider", ["vicechair", "nurse"])
def test_a_new_chair_reads_after_the_yes_of_another_reader_with_a_place(play: Play, decider: str) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    place_id = changes_the_chair(play)
    assert [who for who, _ in told(play)] == ["chair", "vicechair", "coordinator", "nurse"]
    administers(play, "matron")
    # The last chair is on the panel no longer, though they read what they read for another one.
    for who in ("socialworker", "administrator", "matron", "chair"):
        assert play.refused(who, readings.decide_reading, place_id, is_granted=True).startswith(NOT_YOURS)
    assert not reads(play, "socialworker")
    play.does(decider, readings.decide_reading, place_id, is_granted=True)
    assert reads(play, "socialworker")
    other = "nurse" if decider != "nurse" else "vicechair"
    refusal = play.refused(other, readings.decide_reading, place_id, is_granted=False)
    assert refusal.startswith(f"{decider.title()} has decided already, and said yes.")


def test_a_chair_who_reads_nothing_yet_opens_nothing(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    changes_the_chair(play)
    gets_a_place(play, "constable", Role.VICE_CHAIR)
    place_id = place_of(play, "constable")
    assert play.refused("socialworker", readings.decide_reading, place_id, is_granted=True).startswith(NOT_YOURS)
    play.does("nurse", readings.decide_reading, place_id, is_granted=True)
    assert reads(play, "constable")


def test_a_chair_with_an_interest_does_not_decide(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    play.does("chair", interests.declare_interest, WEST, "WEST-0001")
    gets_a_place(play, "socialworker", Role.VICE_CHAIR)
    place_id = place_of(play, "socialworker")
    assert play.refused("chair", readings.decide_reading, place_id, is_granted=True).startswith(NOT_YOURS)
    play.does("nurse", readings.decide_reading, place_id, is_granted=True)
    assert reads(play, "socialworker")


def test_a_reader_who_gave_the_place_does_not_decide(play: Play) -> None:
    administers(play, "nurse")
    play.flags("WEST-0001", "nurse", closed=True)
    for who in ("chair", "vicechair"):
        play.does("administrator", departure.leave, user_id(who))
    given = gives("socialworker", Role.CHAIR, play)
    play.does("nurse", enrolment.enrol, account("socialworker"), **given)
    place_id = place_of(play, "socialworker")
    assert told(play) == [("coordinator", [place_id]), ("administrator", [place_id])]
    assert play.refused("nurse", readings.decide_reading, place_id, is_granted=True).startswith(NOT_YOURS)
    says_yes(play, "administrator", "socialworker")
    assert reads(play, "socialworker")


def test_what_the_chair_left_undecided_is_found_by_the_next_who_decides(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    gets_a_place(play, "socialworker", Role.VICE_CHAIR)

    def waits(who: str) -> int:
        count = len(play.does(who, readings.list_undecided))
        assert play.does(who, overview.home_of).places_to_decide == count
        return count

    deciders = ("chair", "nurse", "socialworker", "administrator")
    assert [waits(who) for who in deciders] == [1, 0, 0, 0]
    play.does("administrator", departure.leave, user_id("chair"))
    assert [waits(who) for who in deciders[1:]] == [1, 0, 0]
    play.does("nurse", readings.decide_reading, place_of(play, "socialworker"), is_granted=False)
    assert waits("nurse") == 0


def test_what_waits_for_a_yes_is_asked_for_at_once_however_many_places_it_is(play: Play) -> None:
    def statements() -> tuple[int, int]:
        with play.store.reading() as work, counting(play.store.engine) as asked:
            count = len(undecided(work, play.county.person["chair"]))
        return count, len(asked)

    play.flags("WEST-0001", "nurse", closed=True)
    gets_a_place(play, "socialworker", Role.VICE_CHAIR)
    few = statements()
    for who in ("matron", "constable", "outsider"):
        gets_a_place(play, who, Role.VICE_CHAIR)
    assert (few[0], statements()) == (1, (4, few[1]))


def test_a_place_that_has_ended_opens_nothing(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    gets_a_place(play, "outsider", Role.VICE_CHAIR)
    place_id = place_of(play, "outsider")
    play.does("administrator", places.end_places, user_id("outsider"), [place_id])
    assert message(play, "chair") is None
    refusal = play.refused("chair", readings.decide_reading, place_id, is_granted=True)
    assert refusal == "Outsider no longer has that place, so there is nothing to decide."
    assert not reads(play, "outsider")


def test_an_unknown_place_is_refused_as_one_that_is_not_theirs(play: Play) -> None:
    assert play.refused("chair", readings.decide_reading, 4711, is_granted=True).startswith(NOT_YOURS)
