"""A local Slack workspace: Web API, Socket Mode and signed HTTP on loopback, with people who type and click."""

from bot.practice.delivery import Delivery
from bot.practice.faults import Fault
from bot.practice.people import TROUBLE, Person
from bot.practice.rate_limits import RateLimits
from bot.practice.refusals import NotOffered
from bot.practice.sights import Outcome, SeenMessage, SeenView
from bot.practice.state import Change
from bot.practice.workspace import Workspace

__all__ = [
    "TROUBLE",
    "Change",
    "Delivery",
    "Fault",
    "NotOffered",
    "Outcome",
    "Person",
    "RateLimits",
    "SeenMessage",
    "SeenView",
    "Workspace",
]
