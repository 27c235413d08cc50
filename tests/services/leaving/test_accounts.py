"""Slack says that accounts are switched off and on."""

import pytest
from sqlmodel import col, select

from bot.errors import Stranger
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.vocabulary import Departure, Role
from bot.services.leaving import departure
from bot.services.people import enrolment
from bot.slack.notices import account_back, person_left
from bot.slack.outgoing import PostToPerson
from bot.slack.people.commands import on_user_change
from tests.county import TEAM, actor, user_id
from tests.services.conftest import Play
from tests.services.leaving.test_departure import gives, holder, person

pytestmark = pytest.mark.databases("sqlite")

NURSE = user_id("nurse")


def slack_says(play: Play, event_id: str, *, deleted: bool, user: str = NURSE, team: str = TEAM) -> None:
    """Deliver a `user_change`."""
    body = {"team_id": TEAM, "event_id": event_id, "event": {"user": {"id": user, "team_id": team, "deleted": deleted}}}
    with play.store.work() as work:
        on_user_change(work, team, user, body)


def notices(play: Play, kind: str) -> list[dict[str, object]]:
    """Return what was promised of a kind."""
    with play.store.reading() as work:
        rows = work.session.exec(select(OutboxRow).where(col(OutboxRow.kind) == kind).order_by(col(OutboxRow.id)))
        return [dict(row.payload) for row in rows]


@pytest.mark.databases("sqlite", "postgresql")
def test_who_is_switched_off_has_left_and_the_co_ordinator_is_told(play: Play) -> None:
    number = gives(play, "nurse")
    slack_says(play, "Ev1", deleted=True)
    assert (person(play, "nurse").departure, holder(play, number)) == (Departure.DEACTIVATED, ("midwife", "health"))
    assert play.sent("handed_over", "person_left") == [("handed_over", "midwife"), ("person_left", "coordinator")]
    (payload,) = notices(play, "person_left")
    with play.store.reading() as work:
        outgoing = person_left(work, payload)
        assert outgoing is not None
        assert isinstance(outgoing.call, PostToPerson)
        assert outgoing.call.text == "Nurse's Slack account was switched off, so they have left."
        words = str(outgoing.call.blocks)
        assert f"Midwife has action {number}" in words
        assert "no longer representative" in words
    with play.store.work() as work, pytest.raises(Stranger):
        actor(work, "nurse")


@pytest.mark.databases("sqlite", "postgresql")
def test_an_event_that_comes_again_does_nothing(play: Play) -> None:
    slack_says(play, "Ev1", deleted=True)
    slack_says(play, "Ev1", deleted=True)
    assert play.sent("person_left") == [("person_left", "coordinator")]
    account = enrolment.Account(NURSE, TEAM, "Nurse", "Europe/London", False, False, False)
    facts = {"name": "Nurse", "timezone": "Europe/London", "agency_id": play.county.agency["health"], "places": ()}
    play.does("coordinator", enrolment.enrol, account, **facts)  # type: ignore[arg-type]
    slack_says(play, "Ev1", deleted=True)
    assert person(play, "nurse").left_at is None


def test_who_is_switched_on_again_stays_away_and_the_co_ordinator_is_told_once(play: Play) -> None:
    slack_says(play, "Ev1", deleted=True)
    slack_says(play, "Ev2", deleted=False)
    slack_says(play, "Ev3", deleted=False)  # a new status, say
    assert person(play, "nurse").departure is Departure.REACTIVATED
    (payload,) = notices(play, "account_back")
    with play.store.reading() as work:
        outgoing = account_back(work, payload)
        assert outgoing is not None
    with play.store.work() as work, pytest.raises(Stranger):
        actor(work, "nurse")


def test_who_left_before_is_not_told_of_when_they_change_their_status(play: Play) -> None:
    play.does("coordinator", departure.leave, NURSE)
    slack_says(play, "Ev1", deleted=False)
    assert play.sent("account_back") == []


@pytest.mark.parametrize(("user", "team"), [("USTRANGER", TEAM), (NURSE, "T0OTHER")])
def test_strangers_and_foreign_accounts_are_nobody(play: Play, user: str, team: str) -> None:
    slack_says(play, "Ev1", deleted=True, user=user, team=team)
    assert person(play, "nurse").left_at is None
    assert play.sent() == []


def test_a_lead_who_is_switched_off_leaves_an_agency_to_be_told_of(play: Play) -> None:
    slack_says(play, "Ev1", deleted=True, user=user_id("matron"))
    (payload,) = notices(play, "person_left")
    with play.store.reading() as work:
        outgoing = person_left(work, payload)
        assert outgoing is not None
        assert "Health has no lead now." in str(outgoing.call)


def test_of_a_panel_without_a_co_ordinator_the_administrators_hear(play: Play) -> None:
    with play.store.work() as work:  # the matron sits on Shire too, whose co-ordinator is another now
        for place in work.session.exec(select(Membership).where(col(Membership.role) == Role.COORDINATOR)):
            if place.panel_id == play.county.west_id:
                place.ended_at = work.now
                work.session.add(place)
    slack_says(play, "Ev1", deleted=True, user=user_id("matron"))
    told = {(payload["person_id"], str(payload["places"])) for payload in notices(play, "person_left")}
    assert told == {
        (play.county.person["administrator"], f"[[{play.county.west_id}, 'representative']]"),
        (play.county.person["coordinator"], f"[[{play.county.shire_id}, 'representative']]"),
    }


def test_that_nobody_administers_any_more_is_told_to_every_co_ordinator(play: Play) -> None:
    slack_says(play, "Ev1", deleted=True, user=user_id("administrator"))
    (payload,) = notices(play, "person_left")
    assert payload["person_id"] == play.county.person["coordinator"]
    with play.store.reading() as work:
        outgoing = person_left(work, payload)
        assert outgoing is not None
        assert "Nobody administers panelbot now." in str(outgoing.call)
