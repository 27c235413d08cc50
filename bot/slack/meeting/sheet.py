"""`/meeting record` and the *Record* button: one form for all that is recorded of an item, saved as often as needed."""

from dataclasses import replace
from functools import partial

from bot.domain.language.action_kinds import guess_kind
from bot.domain.permissions import Verb as May
from bot.errors import Mistake, NotForYou
from bot.models.vocabulary import ActionKind, CloseReason, DecisionKind
from bot.records.access.queries import Where
from bot.services.actions import changes
from bot.services.meeting import discussion
from bot.services.meeting.sheet import Choice, SheetEntry, SheetView, open_sheet, redraw_sheet, save_sheet
from bot.slack.meeting import sheet_views
from bot.slack.meeting.recording import decision_in, item_meant
from bot.slack.request import Carried, Reply, Request, number_of, take_panel, unread
from bot.slack.turns import blaming_turn, of_turn
from bot.slack.typed import item_number
from bot.slack.wording import hint_about

#: The fields of a decision or an action. If any of them is filled in, all required ones must be.
_OF_DECISION = (
    "kind", "rationale", "review", "risk_after", "risk_assessed_on", "risk_judgement", "close_reason", "adult_route",
    "area",
)  # fmt: skip
_OF_ACTION = ("holder", "task", "due")  # a kind alone makes no action, since it may be left over in an emptied row


def record(request: Request) -> Reply:
    """Open the sheet of the current item, or of the item with the typed number."""
    where, text = take_panel(request, request.text, May.SEE_AGENDA)
    number = item_number(text)
    if text and number is None:
        meant = item_meant(request, where, text)
        number = None if meant.rest else meant.number
    if text and number is None:
        raise unread(text, "Which item? For example: `/meeting record 4`. Without a number, I open the current item.")
    return Reply(modal=sheet_views.sheet(request.do(open_sheet, where, number=number)))


def clicked_record(request: Request) -> Reply:
    """Open the sheet of the item in the clicked button's value."""
    where, item_id = request.panel_and_number()
    return request.shown(sheet_views.sheet(request.do(open_sheet, where, item_id or None)))


def recorded(request: Request) -> Reply:
    """Save the sheet and show it again with what is now recorded."""
    carried = request.metadata
    where, item_id, turn = request.panel(), carried.number("item"), carried.number("turn")
    form = of_turn(request, turn)
    with blaming_turn(turn):
        decision = _decided(form, where, item_id)
        rows = _filled_rows(form, _rows(carried))
        action_ids = tuple(_given(form, where, item_id, row) for row in rows)
        found = _saved(form, where, item_id)  # saved last, so that the result shows the decision and the action too
    hint = hint_about("\n".join(value for value in form.values.values() if isinstance(value, str)))
    done = sheet_views.Recorded(found.saved, decision, action_ids, hint)
    return Reply(next_view=sheet_views.sheet(found, turn=turn + 1, recorded=done))


def clicked_another_action(request: Request) -> Reply:
    """Show the sheet with one more row for an action. Nothing is saved, and typed text stays."""
    return _drawn_again(request, rows=min(_rows(request.metadata) + 1, sheet_views.MOST_ROWS))


def clicked_choosing(request: Request) -> Reply:
    """Show the sheet with the fields that the chosen decision needs. Nothing is saved, and typed text stays."""
    return _drawn_again(request, rows=_rows(request.metadata))


def _drawn_again(request: Request, *, rows: int) -> Reply:
    """Return the sheet with what is typed in it now, and with so many rows for actions."""
    turn = request.metadata.number("turn")
    form = of_turn(request, turn)
    found = request.do(redraw_sheet, request.panel(), request.metadata.number("item"), _entries(form))
    drawn = sheet_views.sheet(found, turn=turn, rows=rows, choosing=_choosing(form))
    return Reply(next_view=drawn, unless_changed=True)


def _choosing(form: Request) -> sheet_views.Choosing:
    """Return which decision is chosen in the form."""
    if form.field("kind") == sheet_views.NO_DECISION:
        return sheet_views.Choosing()
    kind = form.if_any(partial(form.option, kind=DecisionKind), "kind")
    reason = form.if_any(partial(form.option, kind=CloseReason), "close_reason")
    return sheet_views.Choosing(kind, reason if kind is DecisionKind.CLOSE else None)


def _rows(carried: Carried) -> int:
    """Return how many rows for actions the form has, as its metadata says, or 1 if the metadata has no number."""
    return carried.if_any(partial(carried.number, most=sheet_views.MOST_ROWS), "rows") or 1


def _entries(form: Request) -> list[SheetEntry]:
    marks = form.metadata.record("marks", dict[str, str])
    return [
        SheetEntry(key, form.field(key), mark, form.if_any(partial(form.option, kind=Choice), f"choice.{key}"))
        for key, mark in marks.items()
        if key in form.values
    ]


def _saved(form: Request, where: Where, item_id: int) -> SheetView:
    other = form.field("other_text")
    if other.strip() and not form.field("other_agency"):
        raise Mistake("Which agency shared this?", field="other_agency")
    return form.do(
        save_sheet,
        where,
        item_id,
        _entries(form),
        other=(number_of(form.field("other_agency")), other) if other.strip() else None,
        dissent=form.field("dissent"),
    )


def _decided(form: Request, where: Where, item_id: int) -> DecisionKind | None:
    form = _without_other_kinds(form)
    given = {name: form.field(name).strip() for name in _OF_DECISION}
    given["kind"] = "" if given["kind"] == sheet_views.NO_DECISION else given["kind"]
    if not any(given.values()) and not form.choices("replaces"):
        return None
    if not given["kind"]:
        raise Mistake("What does the panel decide? Choose it here, or clear the fields below.", field="kind")
    decision = decision_in(form)
    try:
        form.do(discussion.decide, where, decision, item_id=item_id)
    except Mistake as mistake:
        # A form drawn before any decision was recorded has no field for what the new decision replaces.
        elsewhere = {"due": "review"} | ({} if "replaces" in form.values else {"replaces": "kind"})
        mistake.field = elsewhere.get(mistake.field or "due", mistake.field)
        raise
    return decision.kind


def _without_other_kinds(form: Request) -> Request:
    """Return the form without what is chosen "if it is closed" and "if closed at eighteen", where it isn't so.

    These are menus, which can't be emptied again in Slack.
    """
    if not form.field("kind"):
        return form  # what is decided is still asked
    if form.field("kind") != DecisionKind.CLOSE.value:
        unfit = {"close_reason", "adult_route"}
    else:
        unfit = set() if form.field("close_reason") == CloseReason.TURNED_18.value else {"adult_route"}
    return replace(form, values={name: value for name, value in form.values.items() if name not in unfit})


def _filled_rows(form: Request, rows: int) -> list[int]:
    """Return the numbers of the form's rows in which any field of an action is filled in.

    Raise Mistake if one of these rows lacks the holder, the task or the due date.
    """
    found = [row for row in range(rows) if any(_in_row(form, name, row) for name in _OF_ACTION)]
    for row in found:
        for name, question in (
            ("holder", "Who does it?"),
            ("task", "What is to be done?"),
            ("due", "When is the action due?"),
        ):
            if not _in_row(form, name, row):
                field = sheet_views.on_row(name, row)
                raise Mistake(f"{question} If there is no action to add, clear the action's other fields.", field=field)
    return found


def _in_row(form: Request, name: str, row: int) -> str:
    return form.field(sheet_views.on_row(name, row)).strip()


def _given(form: Request, where: Where, item_id: int, row: int) -> int:
    """Add the action filled in on one row, and return its number. An error names the field of this row."""
    task, kind = _in_row(form, "task", row), sheet_views.on_row("action_kind", row)
    try:
        action = form.do(
            changes.add_action,
            where,
            holder_user_id=_in_row(form, "holder", row),
            text=task,
            due=_in_row(form, "due", row),
            kind=form.if_any(partial(form.option, kind=ActionKind), kind) or guess_kind(task),
            item_id=item_id,
        )
    except (Mistake, NotForYou) as mistake:
        name = "task" if mistake.field == "text" else mistake.field or "due"
        mistake.field = sheet_views.on_row(name, row)
        raise
    return action.id
