"""A small county: one panel with a channel, a few agencies, and everybody's place on the panel."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import AgencyKind, AreaKind, Role
from bot.practice.workspace.workspace import Workspace
from bot.store.rows import id_of
from bot.store.unit_of_work import Store

TEAM = "T0PRACTICE"
CHANNEL = "C1"
OTHER_CHANNEL = "C2"

#: Slack user, name, agency, roles on the panel.
PEOPLE = {
    "U1": ("alex", "police", (Role.CHAIR,)),
    "U2": ("sam", "health", (Role.REPRESENTATIVE,)),
    "U3": ("kim", "social_care", (Role.COORDINATOR,)),
    "U4": ("jo", "health", (Role.DEPUTY,)),
    "U5": ("lee", "social_care", (Role.OBSERVER,)),
    "U6": ("max", "police", ()),  # enrolled, on no panel
}
STRANGER = "U9"  # in the workspace, enrolled by nobody
FOREIGN = "U8"  # of another workspace, in the shared channel

AGENCIES = {
    "police": AgencyKind.POLICE,
    "health": AgencyKind.HEALTH,
    "social_care": AgencyKind.CHILDRENS_SOCIAL_CARE,
}


@dataclass(frozen=True, slots=True)
class County:
    """Ids of what was made."""

    panel_id: int
    meeting_id: int
    person: dict[str, int]


def furnish(store: Store) -> County:
    """Put the county into an empty store."""
    with store.work() as work:
        session, now = work.session, work.now
        area = Area(key="west", name="West", kind=AreaKind.DISTRICT)
        agencies = {
            key: Agency(key=key, name=key.replace("_", " ").title(), kind=kind) for key, kind in AGENCIES.items()
        }
        session.add_all([area, *agencies.values()])
        session.flush()
        panel = Panel(
            key="west-met",
            title="West Operational MET",
            definition="district-operational-met",
            area_id=id_of(area),
            channel_id=CHANNEL,
            venue="Civic Centre",
            data_key_id=work.keys.new_key(session, "panel", now),
        )
        session.add(panel)
        session.flush()
        person: dict[str, int] = {}
        for user_id, (name, agency, roles) in PEOPLE.items():
            row = Person(
                key=name,
                name=name.title(),
                team_id=TEAM,
                user_id=user_id,
                agency_id=id_of(agencies[agency]),
                enrolled_at=now,
            )
            session.add(row)
            session.flush()
            person[user_id] = id_of(row)
            for role in roles:
                session.add(Membership(panel_id=id_of(panel), person_id=id_of(row), role=role, began_at=now))
        starts_at = datetime(2026, 12, 10, 14, 0, tzinfo=UTC)
        meeting = Meeting(
            panel_id=id_of(panel), starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), venue="Civic Centre"
        )
        session.add(meeting)
        session.flush()
        return County(id_of(panel), id_of(meeting), person)


def populate(workspace: Workspace) -> None:
    """The same people in the Slack workspace, with a stranger and somebody of another workspace."""
    workspace.add_team("T0OTHER", "Elsewhere", "elsewhere")
    for user_id, (name, _, _) in PEOPLE.items():
        workspace.add_user(name, id=user_id)
    workspace.add_user("nobody", id=STRANGER)
    workspace.add_user("visitor", id=FOREIGN, team_id="T0OTHER")
    everybody = [*PEOPLE, STRANGER]
    workspace.add_channel("west-met", [*everybody, FOREIGN], id=CHANNEL, private=True, shared_with=("T0OTHER",))
    workspace.add_channel("elsewhere", everybody, id=OTHER_CHANNEL)
