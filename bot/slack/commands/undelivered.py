"""Buttons on Home for messages whose arrival nobody knows: a person decides."""

from bot.services.home import undelivered
from bot.slack.registry import Noun
from bot.slack.reply import Reply
from bot.slack.request import Request


def _send(request: Request) -> Reply:
    undelivered.send_again(request.work, request.actor, int(request.value))
    return Reply()


def _let_be(request: Request) -> Reply:
    undelivered.let_be(request.work, request.actor, int(request.value))
    return Reply()


def _send_all(request: Request) -> Reply:
    undelivered.send_all_again(request.work, request.actor, request.value)
    return Reply()


def _let_all_be(request: Request) -> Reply:
    undelivered.let_all_be(request.work, request.actor, request.value)
    return Reply()


NOUN = Noun(
    clicks={
        "undelivered.send": _send,
        "undelivered.let_be": _let_be,
        "undelivered.send_all": _send_all,
        "undelivered.let_all_be": _let_all_be,
    }
)
