"""A small synthetic county, put straight through the models: its agencies, people, panels and meetings.

Two panels: West (a district) and Shire (the county that receives what districts escalate). What differs between
tests is a `Setting`: who of these people is there and what they are called, and when the panels meet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain.case_facts import CaseFacts
from bot.domain.permissions import Actor
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import AgeBand, AgencyKind, AreaKind, LegalStatus, Role, Theme
from bot.records.access.queries import Where, identify
from bot.services.cases.flags import FlagForm
from bot.store.rows import id_of
from bot.store.unit_of_work import Store, Work

#: The workspace that `bot/practice/workspace` makes unless told otherwise.
TEAM = "T0PRACTICE"
WEST = Where(panel_key="west-met")
SHIRE = Where(panel_key="shire-met")

AGENCIES = {
    "police": AgencyKind.POLICE,
    "health": AgencyKind.HEALTH,
    "social-care": AgencyKind.CHILDRENS_SOCIAL_CARE,
    "council": AgencyKind.DISTRICT_COUNCIL,
}


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One person of the county: their agency, their roles on West and on Shire, and the person they deputise for."""

    agency: str
    west: tuple[Role, ...] = ()
    shire: tuple[Role, ...] = ()
    deputy_for: str | None = None
    leads: bool = False
    administers: bool = False


#: By key, which is what tests of the core call them.
PEOPLE = {
    "chair": Enrolled("police", west=(Role.CHAIR,), shire=(Role.REPRESENTATIVE,)),
    "vicechair": Enrolled("social-care", west=(Role.VICE_CHAIR,)),
    "coordinator": Enrolled("social-care", west=(Role.COORDINATOR,), shire=(Role.COORDINATOR,)),
    "minutetaker": Enrolled("council", west=(Role.MINUTE_TAKER,)),
    "socialworker": Enrolled("social-care", west=(Role.REPRESENTATIVE,)),
    "nurse": Enrolled("health", west=(Role.REPRESENTATIVE,)),
    "midwife": Enrolled("health", west=(Role.DEPUTY,), deputy_for="nurse"),
    "matron": Enrolled("health", west=(Role.REPRESENTATIVE,), shire=(Role.REPRESENTATIVE,), leads=True),
    "constable": Enrolled("police", west=(Role.REPRESENTATIVE,)),
    "observer": Enrolled("council", west=(Role.OBSERVER,)),
    "countychair": Enrolled("police", shire=(Role.CHAIR,)),
    "administrator": Enrolled("council", administers=True),
    "outsider": Enrolled("health"),
}

#: When the panels sit: West on Tuesdays at 14:00, Shire on Tuesdays at 10:00, both on London clocks.
WEST_SITS = (
    datetime(2026, 3, 24, 14, 0, tzinfo=UTC),
    datetime(2026, 4, 21, 13, 0, tzinfo=UTC),
    datetime(2026, 5, 19, 13, 0, tzinfo=UTC),
)
SHIRE_SITS = (datetime(2026, 3, 31, 9, 0, tzinfo=UTC), datetime(2026, 4, 28, 9, 0, tzinfo=UTC))


def user_id(key: str) -> str:
    """Return the Slack user of a person called by their key: "chair" is UCHAIR."""
    return f"U{key.upper()}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What differs between tests of one county."""

    #: Who is enrolled: by key of PEOPLE, their Slack user and their name there.
    known_as: Mapping[str, tuple[str, str]] = field(
        default_factory=lambda: {key: (user_id(key), key) for key in PEOPLE}
    )
    west_channel: str = "CWEST"
    west_sits: tuple[datetime, ...] = WEST_SITS
    shire_sits: tuple[datetime, ...] = SHIRE_SITS  #: there is no Shire panel when it never sits


@dataclass(frozen=True, slots=True)
class County:
    """The numbers of what was made; people are by key of PEOPLE."""

    west_id: int
    shire_id: int  #: 0 when there is no Shire panel
    west_meetings: tuple[int, ...]
    shire_meetings: tuple[int, ...]
    person: dict[str, int]
    agency: dict[str, int]


#: Everyone under their key, and both panels.
USUAL = Setting()


def furnish(store: Store, setting: Setting = USUAL) -> County:
    """Put the county into an empty store."""
    with store.work() as work:
        shire_area = _stored(work, Area(key="shire", name="Shire", kind=AreaKind.COUNTY))
        west_area = _stored(work, Area(key="west", name="West", kind=AreaKind.DISTRICT, parent_id=shire_area))
        agencies = [Agency(key=key, name=key.replace("-", " ").title(), kind=kind) for key, kind in AGENCIES.items()]
        agency = dict(zip(AGENCIES, _all_stored(work, agencies), strict=True))
        west_id = _panel(
            work, "west-met", "West Operational MET", "district-operational-met", west_area, setting.west_channel
        )
        shire_id = 0
        if setting.shire_sits:
            shire_id = _panel(work, "shire-met", "Shire Operational MET", "county-operational-met", shire_area, None)
        people = [_person(key, known, agency, work.now) for key, known in setting.known_as.items()]
        person = dict(zip(setting.known_as, _all_stored(work, people), strict=True))
        for key, number in person.items():
            one = PEOPLE[key]
            for panel_id, roles in ((west_id, one.west), (shire_id, one.shire if shire_id else ())):
                for role in roles:
                    place = Membership(panel_id=panel_id, person_id=number, role=role, began_at=work.now)
                    if role is Role.DEPUTY and one.deputy_for:
                        place.deputy_for_id = person[one.deputy_for]
                    work.session.add(place)
        meetings = [_meeting(west_id, at, hours=2.0) for at in setting.west_sits]
        meetings += [_meeting(shire_id, at, hours=2.5) for at in setting.shire_sits]
        numbers = _all_stored(work, meetings)
        west_meetings, shire_meetings = numbers[: len(setting.west_sits)], numbers[len(setting.west_sits) :]
    return County(west_id, shire_id, west_meetings, shire_meetings, person, agency)


def actor(work: Work, key: str) -> Actor:
    """Return a person of the county, called by their key, at the moment of a request."""
    return identify(work, TEAM, user_id(key))


def flag_form(reference: str, **other: Any) -> FlagForm:
    """Return what an agency says of an unremarkable case, apart from what is given."""
    usual = {
        "age_band": AgeBand.FROM_14_TO_15,
        "legal_status": LegalStatus.CIN,
        "risk_tool": "ceraf",
        "risk_level": "medium",
        "assessed_on": date(2026, 2, 16),
        "judgement": "More worried than the score says.",
        "asked_of_panel": "A shared plan.",
        "themes": (Theme.MISSING,),
        "missing_episodes": 2,
        "interviews_offered": 2,
        "interviews_within_72h": 1,
    }
    said = {name: other.pop(name) for name in CaseFacts.model_fields if name in other}
    return FlagForm(reference=reference, given=usual | said, **other)


def _stored(work: Work, row: Any) -> int:
    return _all_stored(work, [row])[0]


def _all_stored(work: Work, rows: Sequence[Any]) -> tuple[int, ...]:
    """Store rows of one kind. Return their numbers, in order."""
    work.session.add_all(rows)
    work.session.flush()
    return tuple(id_of(row) for row in rows)


def _person(key: str, known_as: tuple[str, str], agency: dict[str, int], now: datetime) -> Person:
    one, (slack_user, name) = PEOPLE[key], known_as
    return Person(
        key=name,
        name=name.title(),
        team_id=TEAM,
        user_id=slack_user,
        agency_id=agency[one.agency],
        leads_agency=one.leads,
        is_administrator=one.administers,
        enrolled_at=now,
    )


def _panel(work: Work, key: str, title: str, definition: str, area_id: int, channel_id: str | None) -> int:
    return _stored(
        work,
        Panel(
            key=key,
            title=title,
            definition=definition,
            area_id=area_id,
            channel_id=channel_id,
            venue="Civic Centre",
            data_key_id=work.keys.new_key(work.session, "panel", work.now),
        ),
    )


def _meeting(panel_id: int, starts_at: datetime, *, hours: float) -> Meeting:
    return Meeting(
        panel_id=panel_id, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), venue="Civic Centre"
    )
