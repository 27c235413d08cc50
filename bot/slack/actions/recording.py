"""The form for a new action, opened from Home, a message, the board or an item, and the recording of the action."""

from functools import partial

from bot.domain.language.action_kinds import guess_kind
from bot.domain.permissions import Verb as May
from bot.errors import Mistake, NotAcknowledged, NotForYou, OutOfDate
from bot.models.vocabulary import ActionKind, Priority
from bot.records.access.queries import Where, panels_where
from bot.records.meeting.duties import find_for_meeting
from bot.services.actions import changes
from bot.services.meeting.discussion import current_item
from bot.slack.actions import form_views, views
from bot.slack.actions.drafts import said_in
from bot.slack.blocks import notice
from bot.slack.meeting.duties import above_form, telling_whose
from bot.slack.request import Handler, Reply, Request, View, blaming
from bot.slack.wording import hint_about


def open_form(request: Request, said: form_views.Draft | None = None, panel_key: str | None = None) -> Reply:
    """Open the form for a new action, filled in from the draft `said` or from the message whose shortcut was used."""
    panels = request.do(panels_where, May.ADD_ACTION)
    if not panels:
        raise Mistake("You are on no panel where you can give actions. Ask your panel's co-ordinator.")
    here = panel_key or next((panel.key for panel in panels if panel.channel_id == request.channel_id), None)
    offered = [(panel.key, panel.title) for panel in panels]
    metadata = {"channel": request.channel_id} if len(panels) > 1 else {"panel": panels[0].key}
    if said is None and request.message:
        # Names are looked up on one panel only. If the person has several panels, the action's panel isn't known yet.
        panel = here or (panels[0].key if len(panels) == 1 else None)
        people = request.do(changes.people_to_hold, Where(panel_key=panel)) if panel else {}
        said = said_in(request.message.text, people, request.work.now.date())
    return Reply(
        modal=form_views.record_form(said or form_views.Draft(), panels=offered, panel=here, metadata=metadata)
    )


def _new(request: Request) -> Reply:
    """Open an empty form for a new action from Home. Raise OutOfDate if the button's value is not EMPTY_FORM."""
    if request.value != views.EMPTY_FORM:
        raise OutOfDate
    return open_form(request)


def _for_item(request: Request) -> Reply:
    """Open the form for an action under the button's agenda item, even if the meeting has moved on to another item."""
    where, item_id = request.panel_and_number()
    panel = request.do(find_for_meeting, where, May.ADD_ACTION).panel
    found = request.do(current_item, where, item_id or None)
    about = found.item.title if found.item is not None else ""
    metadata = {"panel": panel.key, "item": item_id} if about else {"panel": panel.key}
    form = form_views.record_form(
        form_views.Draft(), panels=[(panel.key, panel.title)], panel=panel.key, metadata=metadata, under=about
    )
    return Reply(modal=form)


def _recorded_message(request: Request) -> Reply:
    carried, priority = request.metadata, request.option("priority", Priority)
    # A form that was opened before there were kinds has no such field.
    kind = request.if_any(partial(request.option, kind=ActionKind), "kind") or guess_kind(request.field("text"))
    try:
        with blaming("case", NotForYou), blaming("due"):
            action = request.do(
                changes.add_action,
                Where(panel_key=request.field("panel") or carried.if_any(carried.text, "panel")),
                holder_user_id=request.field("holder"),
                text=request.field("text"),
                due=request.field("due"),
                case_reference=request.field("case") or None,
                kind=kind,
                priority=priority,
                item_id=carried.if_any(carried.number, "item"),
            )
    except NotAcknowledged as refused:
        return Reply(next_view=_asking_to_accept(request, refused))
    why = request.do(changes.why_this_day, action.id, request.field("due"))
    text, blocks = views.recorded(action, hint_about(request.field("text")), why)
    return Reply(next_view=notice(text, title="Done", blocks=blocks))


def _asking_to_accept(request: Request, refused: NotAcknowledged) -> View:
    """Return the submitted form with the confidentiality statement above its fields. The person must accept it
    first.
    """
    offered = [(panel.key, panel.title) for panel in request.do(panels_where, May.ADD_ACTION)]
    draft = form_views.Draft(
        request.field("text"), request.field("holder"), request.field("due"), request.field("case")
    )
    panel, carried = request.field("panel") or None, dict(request.metadata.facts)
    return above_form(form_views.record_form(draft, panels=offered, panel=panel, metadata=carried), refused)


CLICKS: dict[str, Handler] = {"action.new": _new, "action.for_item": telling_whose(_for_item)}
SUBMISSIONS: dict[str, Handler] = {"action.record": _recorded_message}
READS = frozenset(CLICKS)
