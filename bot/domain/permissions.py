"""The permissions on a panel. Everything is refused unless a row of the table below allows it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bot.domain.language.day_words import listed
from bot.models.vocabulary import Role

_CHAIRS = frozenset({Role.CHAIR, Role.VICE_CHAIR})
_OFFICE = _CHAIRS | {Role.COORDINATOR}
_RECORDERS = _OFFICE | {Role.MINUTE_TAKER}
_AGENCIES = frozenset({Role.REPRESENTATIVE, Role.DEPUTY})
_WORKING = _RECORDERS | _AGENCIES
_EVERYONE = frozenset(Role)


class Verb(Enum):
    """The things that a person may want to do on a panel, each with the roles that may do it.

    Each row has the value under which the audit records a refusal, the roles that may do the thing, and whether
    administrators may do it without a place on the panel. Administrators keep every diary and manage people, but read
    no case.
    """

    roles: frozenset[Role]
    is_administrative: bool

    SEE_DIARY = "see_diary", _EVERYONE, True
    SCHEDULE = "schedule", _OFFICE, True
    FLAG = "flag", _OFFICE | _AGENCIES
    READ_CASES = "read_cases", _WORKING
    TRIAGE = "triage", _CHAIRS
    CLOSE_ITEMS = "close_items", _CHAIRS  # and open them, and name their readers
    COMPILE = "compile", _OFFICE
    SEE_AGENDA = "see_agenda", _WORKING
    RETURN = "return", _AGENCIES
    SEE_RETURNS = "see_returns", _OFFICE
    READ_RETURNS = "read_returns", _CHAIRS
    RUN_MEETING = "run_meeting", _OFFICE
    TAKE_ATTENDANCE = "take_attendance", _RECORDERS
    NOTE = "note", _RECORDERS
    DECIDE = "decide", _RECORDERS
    ADD_ACTION = "add_action", _WORKING
    SEE_ACTIONS = "see_actions", _WORKING
    HOLD_ACTIONS = "hold_actions", _WORKING
    STEER_ACTIONS = "steer_actions", _OFFICE
    CONFIRM_ACTIONS = "confirm_actions", _CHAIRS
    DRAFT_MINUTES = "draft_minutes", _RECORDERS
    APPROVE_MINUTES = "approve_minutes", _CHAIRS
    READ_MINUTES = "read_minutes", _WORKING
    MANAGE_PEOPLE = "manage_people", frozenset({Role.COORDINATOR}), True
    NAME_DEPUTIES = "name_deputies", _OFFICE, True  # deputies of other people; everyone names their own
    SEE_ATTENDANCE = "see_attendance", _OFFICE, True

    def __new__(cls, value: str, roles: frozenset[Role], is_administrative: bool = False) -> "Verb":
        """Return a new member of Verb, made from its row in the table above."""
        member = object.__new__(cls)
        member._value_ = value
        member.roles, member.is_administrative = roles, is_administrative
        return member


ROLES: Final = {verb: verb.roles for verb in Verb}


@dataclass(frozen=True, slots=True)
class Actor:
    """The enrolled, active person who makes a request, as known when the request began."""

    person_id: int
    name: str
    team_id: str
    user_id: str
    agency_id: int
    agency_name: str
    leads_agency: bool
    is_administrator: bool
    timezone: str


#: What each verb is called in "only the chair can …".
_SAID: Final = {
    Verb.SEE_DIARY: "see the diary",
    Verb.SCHEDULE: "change the diary",
    Verb.FLAG: "flag cases",
    Verb.READ_CASES: "see cases",
    Verb.TRIAGE: "triage flags",
    Verb.CLOSE_ITEMS: "close and open items",
    Verb.COMPILE: "compile and publish the agenda",
    Verb.SEE_AGENDA: "see the agenda",
    Verb.RETURN: "answer returns",
    Verb.SEE_RETURNS: "see which returns are missing",
    Verb.READ_RETURNS: "read returns",
    Verb.RUN_MEETING: "run meetings",
    Verb.TAKE_ATTENDANCE: "record attendance",
    Verb.NOTE: "record notes",
    Verb.DECIDE: "record decisions",
    Verb.ADD_ACTION: "add actions",
    Verb.SEE_ACTIONS: "see actions",
    Verb.HOLD_ACTIONS: "hold actions",
    Verb.STEER_ACTIONS: "change other people's actions",
    Verb.CONFIRM_ACTIONS: "confirm actions",
    Verb.DRAFT_MINUTES: "draft minutes",
    Verb.APPROVE_MINUTES: "approve minutes",
    Verb.READ_MINUTES: "read minutes",
    Verb.MANAGE_PEOPLE: "manage people",
    Verb.NAME_DEPUTIES: "name deputies for others",
    Verb.SEE_ATTENDANCE: "see attendance",
}


def who_may(verb: Verb) -> str:
    """Return a phrase that says which roles can do what `verb` names, or which roles can't.

    Examples are "only the chair and vice-chair can triage flags" and "observers can't …".
    """
    if verb.roles == _AGENCIES:
        return f"only an agency's representative or deputy can {_SAID[verb]}"
    without = [f"{role.label}s" for role in Role if role not in verb.roles]
    if len(without) <= len(_CHAIRS):
        return f"{listed(without)} can't {_SAID[verb]}"
    others = ("administrators",) if verb.is_administrative else ()
    return f"only the {listed((*(role.label for role in Role if role in verb.roles), *others))} can {_SAID[verb]}"


def may(verb: Verb, roles: Collection[Role], *, is_administrator: bool = False) -> bool:
    """Return whether a person with these roles on a panel may do the thing that `verb` names, on that panel."""
    return (is_administrator and verb.is_administrative) or not verb.roles.isdisjoint(roles)
