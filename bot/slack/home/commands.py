"""The buttons of App Home that no other module handles, and the publishing of Home."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bot.domain.language.day_words import YearDay, listed
from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.domain.permissions import Verb as May
from bot.errors import Stranger
from bot.records.access.queries import find_panel, identify
from bot.services.actions import tracker
from bot.services.agenda import triage
from bot.services.home import undelivered
from bot.services.home.overview import home_of
from bot.services.invitations import replies
from bot.services.minutes import approving, papers
from bot.slack import pages
from bot.slack.agenda import views
from bot.slack.blocks import escape, notice
from bot.slack.home import views as home_views
from bot.slack.minutes import views as minutes_views
from bot.slack.outgoing import Outgoing, PublishHome
from bot.slack.registry import Noun
from bot.slack.request import Reply, Request, moment_of, number_of
from bot.slack.rescheduling import rhythm_views
from bot.store.unit_of_work import Work


def _turn(request: Request) -> Reply:
    part, _, number = request.value.rpartition(":")
    return Reply(places={part: number_of(number)})


def _triage(request: Request) -> Reply:
    page = pages.FIRST.page(pages.FLAGS)
    where, _ = request.panel_and()
    return Reply(modal=views.triage(request.do(triage.flags_to_triage, where, page)))


def _confirm(request: Request) -> Reply:
    """Show one page of reported actions that the chair must answer. *Previous* and *Next* replace it with another."""
    where, page = request.panel_and("|")
    starts = pages.Starts.read(page)
    panel = request.do(find_panel, where, May.CONFIRM_ACTIONS).panel
    found = request.do(tracker.list_actions, where, "reported", starts.page(pages.TO_CONFIRM))
    return request.shown(home_views.to_confirm(panel.title, found, {"panel": panel.key}, starts))


def _approve(request: Request) -> Reply:
    where, begins = request.panel_and(":")
    moment = moment_of(begins)
    # The time tells apart two meetings of a panel on one day. Buttons of earlier versions carry no time.
    on = replace(YearDay.of_date(moment.date()), at=moment.time() if " " in begins else None)
    return _said(minutes_views.approved(request.do(approving.approve_minutes, where, on)))


def _publish(request: Request) -> Reply:
    where, _ = request.panel_and_number()
    found = request.do(triage.publish_agenda, where)
    return _said(f"{escape(found.agenda.panel_title)}: {views.publication(found)}")


def _draft(request: Request) -> Reply:
    where, meeting_id = request.panel_and_number()
    on = request.do(papers.day_to_minute, where, meeting_id)
    return _said(minutes_views.drafted(request.do(papers.draft_minutes, where, on)))


def _chair_told(request: Request, tell: Callable[[Work, Actor, int], str], what: str) -> Reply:
    title = request.do(tell, request.panel_and_number()[1])
    return _said(f"The chair of {escape(title)} {what}")


def _resend(request: Request) -> Reply:
    again = request.do(replies.resend_draft, request.panel_and_number()[1])
    get = "gets" if len(again) == 1 else "get"
    return _said(f"{escape(listed(again))} {get} the draft once more.")


def _series(request: Request) -> Reply:
    where, _ = request.panel_and_number()
    panel = request.do(find_panel, where, May.SCHEDULE).panel
    return Reply(modal=rhythm_views.rule_form(panel.title, panel.bank_holidays, {"panel": panel.key}))


def _said(sentence: str) -> Reply:
    return Reply(modal=notice(sentence, title="Done"))


def _decide_one(request: Request, decide: Callable[[Work, Actor, int], object]) -> Reply:
    request.do(decide, request.number())
    return Reply()


def _decide_all(request: Request, decide: Callable[[Work, Actor, float], object]) -> Reply:
    """Call `decide` to send again or dismiss all messages that were undelivered at the time in the button's value."""
    request.do(decide, request.seconds())
    return Reply()


def tell_home(work: Work, team_id: str, user_id: str, key: str, places: Mapping[str, int] | None = None) -> None:
    """Queue the publishing of a person's Home, once for each `key`. `places` has the page shown of each part."""
    work.tell(user_id, Notice.HOME, once=key, team=team_id, user=user_id, places=dict(places or {}))


def on_opened(work: Work, team_id: str, user_id: str, body: Mapping[str, Any]) -> None:
    """Publish Home when a person opens the app's Home tab.

    Do nothing for the app's Messages tab, for which Slack sends the same event.
    """
    if body["event"].get("tab") == "home":
        tell_home(work, team_id, user_id, body["event_id"])


NOUN = Noun(
    clicks={
        "home.turn": _turn,
        "home.triage": _triage,
        "home.confirm": _confirm,
        "home.confirm_page": _confirm,
        "home.approve": _approve,
        "home.publish": _publish,
        "home.draft": _draft,
        "home.nudge": partial(
            _chair_told, tell=replies.remind_of_triage, what="is reminded of the cases that need triage."
        ),
        "home.resend": _resend,
        "home.series": _series,
        "undelivered.send": partial(_decide_one, decide=undelivered.send_again),
        "undelivered.let_be": partial(_decide_one, decide=undelivered.dismiss),
        "undelivered.send_all": partial(_decide_all, decide=undelivered.send_all_again),
        "undelivered.let_all_be": partial(_decide_all, decide=undelivered.dismiss_all),
    },
    reads=frozenset({"home.turn", "home.confirm", "home.confirm_page", "home.series"}),
    events={"app_home_opened": on_opened},
)


def home(work: Work, payload: Mapping[str, Any]) -> Outgoing:
    """Return the call that publishes a person's Home. For a person who is not enrolled, Home shows only a refusal."""
    try:
        actor = identify(work, payload["team"], payload["user"])
    except Stranger as stranger:
        return Outgoing(PublishHome(payload["user"], home_views.refused(str(stranger))))
    work.is_message = False  # Home is no message: it is shown whenever the person opens it
    places = payload.get("places", {})
    stranded = undelivered.list_undelivered(work, actor, places)
    view = home_views.home(home_of(work, actor, places), stranded, places, undelivered.list_held_back(work, actor))
    work.audit("read", "home", actor_id=actor.person_id)
    return Outgoing(PublishHome(actor.user_id, view))
