"""A panel ends: its members hear it once, and of waiting cases only who may."""

import pytest
from sqlmodel import col, select

from bot.models.cases import Case, CaseReader
from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import AgencyKind, MeetingState
from bot.records.leaving.panels import end_panel, tell_of_end
from bot.services.leaving.departure import PanelEnded, compose_end
from bot.slack.diary import views
from tests.county import actor
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite")

MEMBERS = {
    "chair",
    "constable",
    "coordinator",
    "matron",
    "midwife",
    "minutetaker",
    "nurse",
    "observer",
    "socialworker",
    "vicechair",
}
ENDED = PanelEnded("West Operational MET", True, (), 0)


def ends(play: Play) -> None:
    """End West."""
    with play.store.work() as work:
        panel = work.session.get_one(Panel, play.county.west_id)
        end_panel(work, panel)
        work.session.flush()
        cancelled = work.session.exec(
            select(Meeting).where(
                col(Meeting.panel_id) == play.county.west_id, col(Meeting.state) == MeetingState.CANCELLED
            )
        ).all()
        tell_of_end(work, panel, cancelled)


def told(play: Play) -> dict[str, PanelEnded | None]:
    """Return the addressees, with what they read when it is sent."""
    names = {number: key for key, number in play.county.person.items()}
    with play.store.reading() as work:
        rows = work.session.exec(select(OutboxRow).where(OutboxRow.kind == "panel_ended")).all()
        found = {}
        for row in rows:
            facts = {key: value for key, value in row.payload.items() if key != "person_id"}
            who = names[int(str(row.payload["person_id"]))]
            found[who] = compose_end(
                work,
                actor(work, who),
                panel_id=facts["panel_id"],  # type: ignore[arg-type]
                flag_ids=facts["flags"],  # type: ignore[arg-type]
                meetings=facts["meetings"],  # type: ignore[arg-type]
            )
        assert len(rows) == len(found)
    return found


def closes(play: Play, reference: str, *readers: str) -> None:
    """Make a case a closed item with these readers."""
    with play.store.work() as work:
        case = work.session.exec(select(Case).where(Case.reference == reference)).one()
        case.is_closed = True
        work.session.add(case)
        for who in readers:
            work.session.add(CaseReader(case_id=case.id, person_id=play.county.person[who]))


@pytest.mark.databases("sqlite", "postgresql")
def test_every_member_hears_once_and_the_agency_of_its_waiting_case(play: Play) -> None:
    play.accepted("WEST-0001")
    play.flags("WEST-0002", "nurse")
    play.flags("WEST-0003", "nurse")
    ends(play)
    social_care = PanelEnded("West Operational MET", True, ("WEST-0001",), 0)
    health = PanelEnded("West Operational MET", True, ("WEST-0002", "WEST-0003"), 0)
    theirs = dict.fromkeys(("vicechair", "coordinator", "socialworker"), social_care)
    theirs |= dict.fromkeys(("nurse", "matron", "midwife"), health)
    assert told(play) == dict.fromkeys(MEMBERS, ENDED) | theirs
    assert views.ended(social_care)[0] == "West Operational MET has ended; its meetings are cancelled."
    assert [block["text"]["text"] for block in views.ended(health)[1]] == [
        "West Operational MET has ended; its meetings are cancelled.",
        "2 cases of your agency waited there and will not be heard there: WEST-0002, WEST-0003. "
        "If a case still needs a panel, flag it to another one.",
    ]


def test_a_closed_item_is_named_to_its_readers_alone_and_hinted_at_to_nobody(play: Play) -> None:
    play.flags("WEST-0002", "nurse")
    closes(play, "WEST-0002", "nurse")
    ends(play)
    named = PanelEnded("West Operational MET", True, ("WEST-0002",), 0)
    assert told(play) == dict.fromkeys(MEMBERS, ENDED) | {"nurse": named}


def test_an_observer_is_told_of_no_case_and_the_agencys_lead_elsewhere_of_how_many(play: Play) -> None:
    play.flags("WEST-0002", "nurse")
    play.flags("WEST-0003", "nurse")
    closes(play, "WEST-0003", "nurse")
    with play.store.work() as work:
        for who in ("nurse", "midwife", "matron"):
            places = work.session.exec(
                select(Membership).where(
                    col(Membership.person_id) == play.county.person[who],
                    col(Membership.panel_id) == play.county.west_id,
                )
            )
            for place in places:
                place.ended_at = work.now
                work.session.add(place)
        observer = work.session.get_one(Person, play.county.person["observer"])
        observer.agency_id = play.county.agency["health"]  # who is on the panel for health, and reads no cases
        work.session.add(observer)
    play.at(3, 2, 12)
    ends(play)
    counted = PanelEnded("West Operational MET", True, (), 1)
    assert told(play) == dict.fromkeys(MEMBERS - {"nurse", "midwife"}, ENDED) | {"matron": counted}
    assert views.ended(counted)[1][1]["text"]["text"] == (
        "1 case of your agency waited there and will not be heard there. "
        "If a case still needs a panel, flag it to another one."
    )


def test_who_changed_agency_and_a_panel_that_is_back_are_told_nothing_wrong(play: Play) -> None:
    play.flags("WEST-0002", "nurse")
    ends(play)
    with play.store.work() as work:
        other = Agency(key="school", name="School", kind=AgencyKind.EDUCATION)
        work.session.add(other)
        work.session.flush()
        nurse = work.session.get_one(Person, play.county.person["nurse"])
        nurse.agency_id = other.id or 0
        work.session.add(nurse)
    assert told(play)["nurse"] == ENDED
    with play.store.work() as work:
        panel = work.session.get_one(Panel, play.county.west_id)
        panel.is_active = True
        work.session.add(panel)
    assert told(play) == dict.fromkeys(MEMBERS)
