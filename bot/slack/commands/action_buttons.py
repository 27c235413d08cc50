"""The buttons, the forms and the message's shortcut: an action given or answered without typing a command."""

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.models.vocabulary import Priority
from bot.records.access.queries import Where, panels_where
from bot.services.actions import changes, tracker
from bot.slack.parsing import blaming, plain
from bot.slack.registry import Noun, Shortcut
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import actions as show
from bot.slack.views import pages
from bot.slack.views.blocks import settled
from bot.store.pages import Page


def _clicked_done(request: Request) -> Reply:
    return _answered(request, show.completed(changes.complete_action(request.work, request.actor, int(request.value))))


def _clicked_confirm(request: Request) -> Reply:
    return _answered(request, show.confirmed(changes.confirm_action(request.work, request.actor, int(request.value))))


def _answered(request: Request, text: str) -> Reply:
    """Say what came of a click where it was made: in the story, or in the message in place of its buttons."""
    clicked = request.clicked
    if clicked is not None and clicked.place == "modal":
        return Reply(next_view=show.story(tracker.show_action(request.work, request.actor, int(request.value))))
    if clicked is not None and clicked.blocks:
        return Reply(text=text, blocks=settled(clicked.blocks, clicked.block_id, text), replaces=True)
    return Reply(text=text)


def _clicked_more_time(request: Request) -> Reply:
    found = tracker.show_action(request.work, request.actor, int(request.value))
    return Reply(modal=show.more_time_form(found.action, {"action": found.action.id}))


def _clicked_show(request: Request) -> Reply:
    return Reply(modal=show.story(tracker.show_action(request.work, request.actor, int(request.value))))


def _turned(request: Request) -> Reply:
    """Another page of a list, in its place."""
    about, starts = pages.taken(request.value)
    scope, _, panel_key = about.partition("|")
    page = Page(starts.first, pages.ACTIONS)
    found = tracker.list_actions(request.work, request.actor, Where(panel_key=panel_key or None), scope, page)
    text, blocks = show.listed(found, starts)
    return Reply(text=text, blocks=blocks, replaces=True)


def _granted(request: Request) -> Reply:
    return _ruled(request, grant=True)


def _refused(request: Request) -> Reply:
    return _ruled(request, grant=False)


def _ruled(request: Request, *, grant: bool) -> Reply:
    outcome = changes.rule_on_extension(request.work, request.actor, int(request.value), grant=grant)
    return _answered(request, show.ruled(outcome))


def _asked_more_time(request: Request) -> Reply:
    outcome = changes.extend_action(
        request.work,
        request.actor,
        int(request.metadata["action"]),
        due=request.field("due"),
        reason=request.field("reason"),
    )
    return Reply(text=show.extended(outcome))


def _record_message(request: Request) -> Reply:
    panels = panels_where(request.work, request.actor, May.ADD_ACTION)
    if not panels:
        raise Mistake("You are on no panel where you can give actions. Ask your panel's co-ordinator.")
    here = next((panel.key for panel in panels if panel.channel_id == request.channel_id), None)
    text = plain(request.message.text) if request.message else ""
    offered = [(panel.key, panel.title) for panel in panels]
    metadata = {"channel": request.channel_id} if len(panels) > 1 else {"panel": panels[0].key}
    return Reply(modal=show.record_form(text=text, panels=offered, panel=here, metadata=metadata))


def _recorded_message(request: Request) -> Reply:
    with blaming("due"):
        action = changes.add_action(
            request.work,
            request.actor,
            Where(panel_key=request.field("panel") or request.metadata.get("panel")),
            holder_user_id=request.field("holder"),
            text=request.field("text"),
            due=request.field("due"),
            case_reference=request.field("case") or None,
            priority=Priority(request.field("priority")),
        )
    return Reply(text=show.recorded(action))


NOUN = Noun(
    clicks={
        "action.done": _clicked_done,
        "action.more_time": _clicked_more_time,
        "action.show": _clicked_show,
        "action.page": _turned,
        "action.confirm": _clicked_confirm,
        "action.grant": _granted,
        "action.refuse": _refused,
    },
    submissions={"action.extend": _asked_more_time, "action.record": _recorded_message},
    reads=frozenset({"action.show", "action.page", "action.more_time"}),
    shortcuts=(
        Shortcut(
            "Record as action",
            "action.record",
            "Give somebody on the panel what this message asks for",
            _record_message,
        ),
    ),
)
