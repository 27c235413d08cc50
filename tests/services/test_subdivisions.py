"""Bank holidays are those of the panel's own part of the country, in every tick."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlmodel import col, select, update

from bot.clock import MovedClock
from bot.models.actions import Action
from bot.models.meetings import Meeting
from bot.models.panels import Membership
from bot.models.vocabulary import ActionState, Priority
from bot.services.agenda.return_prompts import RETURN_PROMPTS
from bot.services.diary import prompts
from bot.services.invitations.asking import INVITATIONS
from bot.services.leaving import places
from bot.store.rows import table_of
from bot.store.sweeps import Sweep, run_sweep
from bot.store.unit_of_work import Store
from tests.services.many_panels import SEATS, furnish_panels, publish_agendas

KIND = "district-operational-met"
#: On Easter Monday Scotland works, on 2 January it does not; ten o'clock by the panel's clocks.
EASTER_MONDAY, SECOND_OF_JANUARY = datetime(2026, 4, 6, 9, tzinfo=UTC), datetime(2029, 1, 2, 10, tzinfo=UTC)


def is_in(store: Store, subdivision: str) -> None:
    """Move the panels of this kind to that part of the country."""
    elsewhere = store.definitions[KIND].model_copy(update={"bank_holiday_subdivision": subdivision})
    store.definitions = {**store.definitions, KIND: elsewhere}


@pytest.mark.parametrize(
    ("subdivision", "on", "works"),
    [
        ("SCT", EASTER_MONDAY, True),
        ("ENG", EASTER_MONDAY, False),
        ("SCT", SECOND_OF_JANUARY, False),
        ("ENG", SECOND_OF_JANUARY, True),
    ],
)
@pytest.mark.parametrize(
    ("sweep", "days_ahead", "messages"),
    [
        (INVITATIONS, 15, len(SEATS)),
        (prompts.PROMPTS, 15, 3),  # flags are open, for three representatives; or close that day
        (RETURN_PROMPTS, 2, 2),
        (places.PLACES, 15, 1),
    ],
    ids=["invitations", "prompts", "returns", "places"],
)
def test_a_panel_is_told_on_its_own_working_days(
    store: Store,
    clock: MovedClock,
    subdivision: str,
    on: datetime,
    works: bool,
    sweep: Sweep,
    days_ahead: int,
    messages: int,
) -> None:
    is_in(store, subdivision)
    clock.move_to(on - timedelta(days=6))
    many = furnish_panels(store, 1, starts_at=on + timedelta(days=days_ahead, hours=4))
    if sweep is RETURN_PROMPTS:
        publish_agendas(store, many, at=on - timedelta(days=5))
    if sweep is places.PLACES:
        _a_person_gives_up_their_place(store, many.people[0][6])
    clock.move_to(on)
    assert run_sweep(store, sweep) == (messages if works else 0)


def _a_person_gives_up_their_place(store: Store, holder_id: int) -> None:
    """Leave an action of theirs behind, and nothing else."""
    with store.work() as work:
        meeting = work.session.exec(select(Meeting)).one()
        action = {
            "panel_id": meeting.panel_id,
            "text": b"sealed",
            "agency_id": 1,
            "holder_id": holder_id,
            "due_on": date(2030, 1, 1),
            "priority": Priority.NORMAL,
            "state": ActionState.OPEN,
            "created_by_id": holder_id,
            "created_at": work.now,
        }
        work.session.connection().execute(insert(table_of(Action)), [action])
        place = update(Membership).where(col(Membership.person_id) == holder_id)
        work.session.execute(place.values(ended_at=work.now))
