"""People: who they are, where they sit, who stands in for them, and what becomes of what they hold."""

from bot.records.leaving.queries import EstateView, HeirView, Left
from bot.records.people.views import PersonView, PlaceView
from bot.services.people.accounts import account_switched_off, account_switched_on, back_for_notice, left_for_notice
from bot.services.people.attendance_history import AgencyRecord, Came, PanelRecord, attendance_history
from bot.services.people.changing import Change, Changed, ChangeForm, change_person, propose_change
from bot.services.people.deputies import DeputyForm, How, Named, deputyship_for_notice, name_deputy, propose_deputy
from bot.services.people.directory import Directory, Group, list_people
from bot.services.people.ending import Ended, EndForm, end_places, propose_end
from bot.services.people.enrolment import (
    ROLES_TO_GIVE,
    Account,
    Enrolled,
    EnrolmentForm,
    enrol,
    place_value,
    propose_enrolment,
    propose_return,
)
from bot.services.people.inherited import Inheritance, inheritance_for_notice
from bot.services.people.leaving import Holdings, leave, show_holdings
from bot.services.people.tidying import PLACES

__all__ = [
    "PLACES",
    "ROLES_TO_GIVE",
    "Account",
    "AgencyRecord",
    "Came",
    "Change",
    "ChangeForm",
    "Changed",
    "DeputyForm",
    "Directory",
    "EndForm",
    "Ended",
    "Enrolled",
    "EnrolmentForm",
    "EstateView",
    "Group",
    "HeirView",
    "Holdings",
    "How",
    "Inheritance",
    "Left",
    "Named",
    "PanelRecord",
    "PersonView",
    "PlaceView",
    "account_switched_off",
    "account_switched_on",
    "attendance_history",
    "back_for_notice",
    "change_person",
    "deputyship_for_notice",
    "end_places",
    "enrol",
    "inheritance_for_notice",
    "leave",
    "left_for_notice",
    "list_people",
    "name_deputy",
    "place_value",
    "propose_change",
    "propose_deputy",
    "propose_end",
    "propose_enrolment",
    "propose_return",
    "show_holdings",
]
