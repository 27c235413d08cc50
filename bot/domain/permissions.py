"""Who may do what: denied unless a row of the table below says otherwise."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from bot.models.vocabulary import Role

_CHAIRS = frozenset({Role.CHAIR, Role.VICE_CHAIR})
_OFFICE = _CHAIRS | {Role.COORDINATOR}
_RECORDERS = _OFFICE | {Role.MINUTE_TAKER}
_AGENCIES = frozenset({Role.REPRESENTATIVE, Role.DEPUTY})
_WORKING = _RECORDERS | _AGENCIES
_EVERYONE = frozenset(Role)


class Verb(Enum):
    """What a person may want to do on one panel; the value is what a refusal is audited as."""

    SEE_DIARY = "see_diary"
    SCHEDULE = "schedule"
    FLAG = "flag"
    READ_CASES = "read_cases"
    TRIAGE = "triage"
    COMPILE = "compile"
    SEE_AGENDA = "see_agenda"
    RETURN = "return"
    SEE_RETURNS = "see_returns"
    READ_RETURNS = "read_returns"
    RUN_MEETING = "run_meeting"
    TAKE_ATTENDANCE = "take_attendance"
    NOTE = "note"
    DECIDE = "decide"
    ADD_ACTION = "add_action"
    SEE_ACTIONS = "see_actions"
    HOLD_ACTIONS = "hold_actions"
    STEER_ACTIONS = "steer_actions"
    CONFIRM_ACTIONS = "confirm_actions"
    DRAFT_MINUTES = "draft_minutes"
    APPROVE_MINUTES = "approve_minutes"
    READ_MINUTES = "read_minutes"
    MANAGE_PEOPLE = "manage_people"
    NAME_DEPUTIES = "name_deputies"
    SEE_ATTENDANCE = "see_attendance"


#: Which roles carry which verb. Sources: the roles in the domain sheet; the chair decides what is heard.
ROLES: dict[Verb, frozenset[Role]] = {
    Verb.SEE_DIARY: _EVERYONE,
    Verb.SCHEDULE: _OFFICE,
    Verb.FLAG: _OFFICE | _AGENCIES,
    Verb.READ_CASES: _WORKING,
    Verb.TRIAGE: _CHAIRS,
    Verb.COMPILE: _OFFICE,
    Verb.SEE_AGENDA: _WORKING,
    Verb.RETURN: _AGENCIES,
    Verb.SEE_RETURNS: _OFFICE,
    Verb.READ_RETURNS: _CHAIRS,
    Verb.RUN_MEETING: _OFFICE,
    Verb.TAKE_ATTENDANCE: _RECORDERS,
    Verb.NOTE: _RECORDERS,
    Verb.DECIDE: _RECORDERS,
    Verb.ADD_ACTION: _WORKING,
    Verb.SEE_ACTIONS: _WORKING,
    Verb.HOLD_ACTIONS: _WORKING,
    Verb.STEER_ACTIONS: _OFFICE,
    Verb.CONFIRM_ACTIONS: _CHAIRS,
    Verb.DRAFT_MINUTES: _RECORDERS,
    Verb.APPROVE_MINUTES: _CHAIRS,
    Verb.READ_MINUTES: _WORKING,
    Verb.MANAGE_PEOPLE: frozenset({Role.COORDINATOR}),
    Verb.NAME_DEPUTIES: _OFFICE,  # for others; everybody names their own
    Verb.SEE_ATTENDANCE: _OFFICE,
}

#: Administrators keep every diary and manage people, but read no case: these verbs need no membership of theirs.
ADMINISTRATOR_VERBS = frozenset(
    {Verb.SEE_DIARY, Verb.SCHEDULE, Verb.MANAGE_PEOPLE, Verb.NAME_DEPUTIES, Verb.SEE_ATTENDANCE}
)


@dataclass(frozen=True, slots=True)
class Actor:
    """An enrolled, active person at the moment of one request."""

    person_id: int
    name: str
    team_id: str
    user_id: str
    agency_id: int
    agency_name: str
    leads_agency: bool
    is_administrator: bool
    timezone: str


def may(verb: Verb, roles: Collection[Role], *, is_administrator: bool = False) -> bool:
    """Whether somebody with these roles on a panel may do this there."""
    if is_administrator and verb in ADMINISTRATOR_VERBS:
        return True
    return not ROLES[verb].isdisjoint(roles)
