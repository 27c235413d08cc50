"""The buttons of App Home that belong to no other noun, what did not arrive, and publishing Home anew."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.notices import Notice
from bot.domain.permissions import Verb as May
from bot.errors import Stranger
from bot.records.access.queries import Where, find_panel, identify
from bot.services.actions import tracker
from bot.services.agenda import triage
from bot.services.home import undelivered
from bot.services.home.overview import home_of
from bot.services.home.undelivered import list_held_back, list_undelivered
from bot.services.invitations import replies
from bot.services.minutes import papers
from bot.slack import pages
from bot.slack.agenda import views
from bot.slack.blocks import escape, notice
from bot.slack.home import views as home_views
from bot.slack.outgoing import Outgoing, PublishHome
from bot.slack.registry import Noun
from bot.slack.request import Reply, Request, View, number_of
from bot.slack.rescheduling import views as rescheduling_views
from bot.store.rows import Page
from bot.store.unit_of_work import Work


def _turn(request: Request) -> Reply:
    part, _, number = request.value.rpartition(":")
    return Reply(places={part: number_of(number)})


def _triage(request: Request) -> Reply:
    where = Where(panel_key=request.value)
    page = Page(0, pages.FLAGS)
    return Reply(modal=views.triage(triage.flags_to_triage(request.work, request.actor, where, page)))


def _confirm(request: Request) -> Reply:
    return Reply(modal=_to_confirm(request, request.value, pages.FIRST))


def _turned_confirm(request: Request) -> Reply:
    """Another page of them, in its place."""
    return Reply(next_view=_to_confirm(request, *pages.taken(request.value)))


def _to_confirm(request: Request, panel_key: str, starts: pages.Starts) -> View:
    where, page = Where(panel_key=panel_key), starts.page(pages.TO_CONFIRM)
    panel = find_panel(request.work, request.actor, where, May.CONFIRM_ACTIONS).panel
    found = tracker.list_actions(request.work, request.actor, where, "done", page)
    return home_views.to_confirm(panel.title, found, {"panel": panel.key}, starts)


def _approve(request: Request) -> Reply:
    key, _, on = request.value.partition(":")
    day = datetime.fromisoformat(on).date()
    found = papers.approve_minutes(request.work, request.actor, Where(panel_key=key), day)
    return _said(f"The minutes of {escape(found.panel_title)} are approved. Members are being told.")


def _publish(request: Request) -> Reply:
    where, _ = request.panel_and_number()
    agenda = triage.publish_agenda(request.work, request.actor, where)
    return _said(
        f"The agenda of {escape(agenda.panel_title)} is published: members are being told, and the Word file is on its "
        "way to you."
    )


def _draft(request: Request) -> Reply:
    where, meeting_id = request.panel_and_number()
    on = papers.day_to_minute(request.work, request.actor, where, meeting_id)
    made = papers.draft_minutes(request.work, request.actor, where, on)
    return _said(f"The draft minutes of {escape(made.panel_title)} are on their way to you and the chair.")


def _nudge(request: Request) -> Reply:
    title = replies.remind_of_triage(request.work, request.actor, request.panel_and_number()[1])
    return _said(f"The chair of {escape(title)} is reminded of what waits for triage.")


def _resend(request: Request) -> Reply:
    title = replies.resend_draft(request.work, request.actor, request.panel_and_number()[1])
    return _said(f"The chair of {escape(title)} gets the draft once more.")


def _series(request: Request) -> Reply:
    where, _ = request.panel_and_number()
    panel = find_panel(request.work, request.actor, where, May.SCHEDULE).panel
    form = rescheduling_views.rule_form(
        rule="", panel_title=panel.title, bank_holidays=panel.bank_holidays, metadata={"panel": panel.key}
    )
    return Reply(modal=form)


def _said(sentence: str) -> Reply:
    return Reply(modal=notice(sentence, title="Done"))


NOUN = Noun(
    clicks={
        "home.turn": _turn,
        "home.triage": _triage,
        "home.confirm": _confirm,
        "home.confirm_page": _turned_confirm,
        "home.approve": _approve,
        "home.publish": _publish,
        "home.draft": _draft,
        "home.nudge": _nudge,
        "home.resend": _resend,
        "home.series": _series,
    },
    reads=frozenset({"home.turn", "home.confirm", "home.confirm_page", "home.series"}),
)


def _send(request: Request) -> Reply:
    undelivered.send_again(request.work, request.actor, request.number())
    return Reply()


def _let_be(request: Request) -> Reply:
    undelivered.let_be(request.work, request.actor, request.number())
    return Reply()


def _send_all(request: Request) -> Reply:
    undelivered.send_all_again(request.work, request.actor, request.value)
    return Reply()


def _let_all_be(request: Request) -> Reply:
    undelivered.let_all_be(request.work, request.actor, request.value)
    return Reply()


UNDELIVERED = Noun(
    clicks={
        "undelivered.send": _send,
        "undelivered.let_be": _let_be,
        "undelivered.send_all": _send_all,
        "undelivered.let_all_be": _let_all_be,
    }
)


def tell_home(work: Work, team_id: str, user_id: str, key: str, places: Mapping[str, int] | None = None) -> None:
    """Have an account's Home published once for this delivery, turned over as far as it was."""
    work.tell(user_id, Notice.HOME, once=key, team=team_id, user=user_id, places=dict(places or {}))


def on_opened(work: Work, team_id: str, user_id: str, body: Mapping[str, Any]) -> None:
    """Somebody opened a tab of the bot's; Slack also says so of the Messages tab."""
    if body["event"].get("tab") == "home":
        tell_home(work, team_id, user_id, body["event_id"])


def home(work: Work, payload: Mapping[str, Any]) -> Outgoing:
    """What they see now; a stranger sees the refusal and nothing else."""
    try:
        actor = identify(work, payload["team"], payload["user"])
    except Stranger as stranger:
        return Outgoing(PublishHome(payload["user"], home_views.refused(str(stranger))))
    places = payload.get("places", {})
    stranded = list_undelivered(work, actor, places)
    view = home_views.home(home_of(work, actor, places), stranded, places, list_held_back(work, actor))
    work.audit("read", "home", actor_id=actor.person_id)
    return Outgoing(PublishHome(actor.user_id, view))
