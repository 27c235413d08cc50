"""Who reads a closed item as people come and go: it is never without a reader for long, and nobody keeps it."""

import pytest
from sqlmodel import col, select

from bot.models.cases import Case
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.people import Person
from bot.models.vocabulary import Role
from bot.records.access.queries import readable_cases
from bot.records.leaving import queries
from bot.services.cases import lists
from bot.services.leaving import departure
from bot.services.leaving.places import PLACES
from bot.services.people import changing, enrolment, readings
from bot.services.people.enrolment import Account
from bot.store.rows import id_of
from bot.store.unit_of_work import Work
from tests.county import TEAM, WEST, actor, user_id
from tests.services.conftest import Play
from tests.services.leaving.test_departure import NURSE, presenter

pytestmark = pytest.mark.databases("sqlite")

CHAIR = user_id("chair")


def reads(play: Play, who: str) -> bool:
    """Return whether the one case there is would be shown to a person."""
    with play.store.reading() as work:
        case_id = id_of(work.session.exec(select(Case)).one())
        return bool(readable_cases(work, play.county.person[who], [case_id]))


def waits_for(play: Play, who: str) -> list[str]:
    """Return the cases flagged to West's next meeting, as a person sees them."""
    return [flag.reference for flag in play.does(who, lists.list_flags, WEST).flags]


def gets_a_place(play: Play, who: str, role: Role) -> None:
    account = Account(user_id(who), TEAM, who, "Europe/London", False, False, False)
    places = [(play.county.west_id, role)]
    play.does("administrator", enrolment.enrol, account, name="", timezone="", agency_id=0, places=places)


def administers(play: Play, who: str) -> None:
    """Make a person administrator."""
    with play.store.work() as work:
        work.session.get_one(Person, play.county.person[who]).is_administrator = True


def place_of(play: Play, who: str) -> int:
    """Return the number of the last place that a person was given."""
    with play.store.reading() as work:
        theirs = col(Membership.person_id) == play.county.person[who]
        return id_of(work.find_all(Membership, theirs, by=[col(Membership.id).desc()])[0])


def says_yes(play: Play, who: str, holder: str) -> None:
    """Let a person read what was closed before their last place was given."""
    play.does(who, readings.decide_reading, place_of(play, holder), is_granted=True)


@pytest.fixture
def without_vice_chair(play: Play) -> Play:
    """Only the chair presides on West."""
    with play.store.work() as work:
        query = select(Membership).where(col(Membership.role) == Role.VICE_CHAIR)
        for place in work.session.exec(query):
            place.ended_at = work.now
            work.session.add(place)
    return play


@pytest.mark.databases("sqlite", "postgresql")
def test_the_next_chair_reads_and_presents_what_only_the_last_one_could(without_vice_chair: Play) -> None:
    play = without_vice_chair
    flag_id = play.flags("WEST-0001", "chair", closed=True)
    left = play.does("coordinator", departure.leave, CHAIR)
    # Nobody may take it, and the co-ordinator learns nothing of it.
    assert (left.handover.new_holders, left.handover.unassigned) == ((), 0)
    assert left.handover.chairless_panels == ("West Operational MET",)
    assert (presenter(play, flag_id), reads(play, "socialworker")) == ("chair", False)
    gets_a_place(play, "socialworker", Role.CHAIR)
    play.ticks(PLACES)
    assert (waits_for(play, "socialworker"), presenter(play, flag_id)) == ([], "chair")
    administers(play, "matron")  # nobody else reads it, and who gave the place does not decide
    says_yes(play, "matron", "socialworker")
    play.ticks(PLACES)
    assert waits_for(play, "socialworker") == ["WEST-0001"]
    assert presenter(play, flag_id) == "socialworker"


def test_a_second_who_presides_reads_what_the_first_does_after_their_yes(without_vice_chair: Play) -> None:
    play = without_vice_chair
    play.flags("WEST-0001", "nurse", closed=True)
    assert not reads(play, "socialworker")
    gets_a_place(play, "socialworker", Role.VICE_CHAIR)
    assert not reads(play, "socialworker")
    says_yes(play, "chair", "socialworker")
    assert reads(play, "socialworker")
    assert ("case", 1, "chair") in play.audited("name_reader")


def test_a_place_that_does_not_preside_opens_nothing(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    gets_a_place(play, "outsider", Role.REPRESENTATIVE)
    assert not reads(play, "outsider")


def test_who_left_and_is_back_reads_it_no_more(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    assert reads(play, "nurse")
    play.does("coordinator", departure.leave, NURSE)
    account = Account(NURSE, TEAM, "Nurse", "Europe/London", False, False, False)
    named = {"name": "Nurse", "timezone": "Europe/London", "agency_id": play.county.agency["council"]}
    places = [(play.county.west_id, Role.REPRESENTATIVE)]
    play.does("coordinator", enrolment.enrol, account, places=places, **named)  # type: ignore[arg-type]
    assert (reads(play, "nurse"), waits_for(play, "nurse")) == (False, [])


def test_who_works_for_another_agency_reads_it_no_more_unless_they_preside(play: Play) -> None:
    play.flags("WEST-0001", "nurse", closed=True)
    for who, still in (("nurse", False), ("vicechair", True)):
        moved = changing.Change(who, play.county.agency["council"], "Europe/London", False, False, keeps_places=True)
        play.does("administrator", changing.change_person, user_id(who), moved)
        assert reads(play, who) is still


def test_a_notice_of_a_switched_off_account_says_that_nobody_presides(without_vice_chair: Play) -> None:
    play = without_vice_chair
    with play.store.work() as work:
        departure.account_switched_off(work, TEAM, CHAIR)
    assert notice_of(play, "coordinator").handover.chairless_panels == ("West Operational MET",)


def notice_of(play: Play, who: str) -> queries.Left:
    """Return what a person is told of an account that was switched off."""
    with play.store.work() as work:
        (row,) = [one for one in _notices(work) if one.payload["person_id"] == play.county.person[who]]
        left = departure.left_for_notice(work, actor(work, who), row.payload)
    assert left is not None
    return left


def _notices(work: Work) -> list[OutboxRow]:
    return list(work.session.exec(select(OutboxRow).where(col(OutboxRow.kind) == "person_left")))
