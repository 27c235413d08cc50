"""`/minutes` and its buttons. Chat shows the state of minutes, and only Word files and forms show their text."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from bot.domain.language.day_words import YearDay
from bot.domain.language.references import named_in, take_item_number
from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.models.vocabulary import Accuracy, AttendanceStatus, NoteKind
from bot.records.access.queries import Where
from bot.services.minutes import amending, approving, circulating, confirming, correcting, looking, papers
from bot.services.minutes.correcting_times import TimesChanged
from bot.slack.blocks import notice, settled
from bot.slack.editing import filling, quoting
from bot.slack.minutes import decision_commands, look_views, paper_commands, slip_views, views
from bot.slack.minutes.paper_commands import day_meant, split_day
from bot.slack.references import case_and_words
from bot.slack.registry import Command, Noun, Verb
from bot.slack.request import Reply, Request, TypedAgain, number_of, offering, option_of, take_panel
from bot.slack.turns import blaming_turn, of_turn
from bot.slack.typed import plain, take_reason


def _meant(request: Request, text: str, verb: May) -> tuple[Where, YearDay | None]:
    """Return the typed panel, and the day of the meeting if one is typed or else None."""
    where, text = take_panel(request, text, verb)
    return where, day_meant(text, _WITHOUT_DAY[verb])


_WITHOUT_DAY = {
    May.DRAFT_MINUTES: "If you leave the day out, I'll use the latest meeting whose minutes are not approved.",
    May.APPROVE_MINUTES: "If you leave the day out, I'll use the latest draft.",
    May.READ_MINUTES: "If you leave the day out, I'll send the latest minutes.",
}


def _draft(request: Request) -> Reply:
    where, on = _meant(request, request.text, May.DRAFT_MINUTES)
    return Reply(text=views.drafted(request.do(papers.draft_minutes, where, on)))


#: "Approve except item 6", "approved but item 6 is wrong": approval with a condition, which there is not.
_ON_CONDITION: Final = re.compile(
    r"^\W*(?:all\s+)?(?:except|excluding|apart\s+from|but|bar|subject\s+to|once|when|if|after|provided|with\s+(?:the\s+)?(?:changes?|corrections?))\b",
    re.IGNORECASE,
)


def _approve(request: Request) -> Reply:
    if _ON_CONDITION.match(request.text):
        command = f"/minutes send-back because {plain(request.text)}"
        raise TypedAgain(
            "You can approve the whole draft only, so I've changed nothing. Send it back with your words as remarks?",
            [(command, command), ("/minutes look", "/minutes look")],
        )
    where, on = _meant(request, request.text, May.APPROVE_MINUTES)
    return Reply(text=views.approved(request.do(approving.approve_minutes, where, on)))


def _send_back(request: Request) -> Reply:
    """Send a draft back, typed as `[DAY] [panel] because REMARKS`."""
    head, why = take_reason(f" {request.text}")  # "send back – item 6 is wrong" begins with its dash
    remarks = () if why else (f"/minutes send-back because {head.strip()}",)
    with offering(*remarks):
        where, on = _meant(request, head, May.APPROVE_MINUTES)
    return Reply(text=views.sent_back(request.do(approving.send_back, where, why, on)))


def _export(request: Request) -> Reply:
    """Send the minutes of one meeting, or begin an export if a year, quarter, agency or case is typed."""
    if (together := paper_commands.export_together(request)) is not None:
        return together
    reference = named_in(request.text)
    with offering(*([f"/minutes extract {reference}", f"/minutes export case {reference}"] if reference else [])):
        where, on = _meant(request, request.text, May.READ_MINUTES)
    found = request.do(papers.export_minutes, where, request_key=request.key[:32], on=on)
    return Reply(text=views.exported(found))


_SPEAKS_OF_CASE: Final = re.compile(
    r"\b(?:bits?|parts?|sections?|extract|pages?|about|said|say|says|on|for|what)\b", re.IGNORECASE
)


def _recognised(request: Request, text: str) -> Iterator[str]:
    """Yield the command that sends what the minutes say of the case that a line names: "the bit about 0041"."""
    reference, others = case_and_words(request, text)
    if named_in(reference) and _SPEAKS_OF_CASE.search(others):
        yield f"/minutes extract {reference}"


def _settle(request: Request, said: str) -> Reply:
    """Show the sentence `said` in place of the clicked buttons or, if they were not in a message, as a message."""
    clicked = request.clicked
    if clicked is None or clicked.place != "message" or not clicked.blocks:
        return request.shown(said)
    return Reply(text=said, blocks=settled(clicked.blocks, clicked.block_id, said), replaces=True)


def _clicked_approve(request: Request) -> Reply:
    if request.is_from("modal"):
        _refuse_unsaved(request, request.number())
    return _settle(request, views.approved(request.do(approving.approve_this, request.number())))


def _clicked_send_back(request: Request) -> Reply:
    return request.shown(views.send_back_form(request.do(approving.draft_to_send_back, request.number())))


def _sent_back(request: Request) -> Reply:
    minutes_id = request.metadata.number("minutes")
    return Reply(text=views.sent_back(request.do(approving.send_this_back, minutes_id, request.field("remarks"))))


def _remarks(request: Request) -> Reply:
    found = request.do(approving.remarks_on, request.number())
    if found is None:
        raise Mistake("Nobody has sent that version back.")
    return request.shown(views.remarks(found))


def _annex(request: Request) -> Reply:
    return _settle(request, views.annex_approved(request.do(approving.approve_annex, request.number())))


def _got(request: Request) -> Reply:
    return _settle(request, views.got(request.do(circulating.acknowledge_minutes, request.number())))


def _receipts(request: Request) -> Reply:
    where, meeting_id = request.panel_and_number()
    return request.shown(views.receipts(request.do(circulating.show_receipts, where, meeting_id)))


def _amend(request: Request) -> Reply:
    """Open the form for a slip. Words after the day, as in "7 April: item 6 should say Thursday", are filled in."""
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    day, said = split_day(plain(text))
    on = day_meant(day, _WITHOUT_DAY[May.READ_MINUTES])
    found = request.do(amending.offer_slip, where, on)
    number, words = take_item_number(said) if said[:4].lower() == "item" else (None, said)
    items = {label.split()[0].strip(".:").lower(): str(item) for item, label in found.items}
    values = {"item": items.get(number or "", ""), "says": _SHOULD.sub("", words) if number else words}
    return quoting(filling(Reply(modal=slip_views.form(found)), values), said)


_SHOULD: Final = re.compile(
    r"^(?:(?:it|that|this|which)\s+)?(?:should|needs? to|must|to)\s+(?:say|read|be)\b[\s:]*", re.IGNORECASE
)


def _clicked_amend(request: Request) -> Reply:
    return request.shown(slip_views.form(request.do(amending.offer_slip_to, request.number())))


def _confirm(request: Request, answer: Accuracy) -> Reply:
    where, item_id = request.panel_and_number()
    return request.shown(views.confirmed(request.do(confirming.confirm_accuracy, where, item_id, answer)))


def _amended(request: Request) -> Reply:
    item = request.field("item")
    if not item:
        raise Mistake("Which item is the slip about?", field="item")
    found = request.do(
        amending.write_slip,
        request.metadata.number("minutes"),
        None if item == slip_views.WHOLE else number_of(item),
        request.field("says"),
        request.field("reason"),
    )
    return Reply(text=slip_views.written(found))


def _slip(request: Request) -> Reply:
    return request.shown(slip_views.slip(request.do(amending.show_slip, request.number())))


def _approve_slip(request: Request) -> Reply:
    said = slip_views.decided(request.do(amending.decide_slip, request.number(), approved=True))
    return Reply(next_view=notice(said, title="Done")) if request.is_from("modal") else request.shown(said)


def _clicked_refuse_slip(request: Request) -> Reply:
    return request.shown(slip_views.refusal_form(request.do(amending.slip_to_refuse, request.number())))


def _refused_slip(request: Request) -> Reply:
    slip_id, why = request.metadata.number("slip"), request.field("refusal")
    return Reply(text=slip_views.decided(request.do(amending.decide_slip, slip_id, approved=False, refusal=why)))


def _look_typed(request: Request) -> Reply:
    where, on = _meant(request, request.text, May.DRAFT_MINUTES)
    return Reply(modal=look_views.page(request.do(looking.look_through_newest, where, on)))


def _look(request: Request) -> Reply:
    return request.shown(look_views.page(request.do(looking.look_through, request.number())))


def _refuse_unsaved(request: Request, minutes_id: int) -> int:
    """Raise Mistake if the form has unsaved changes.

    Otherwise return the form's turn, a number that is part of its fields' names.
    """
    turn = request.metadata.number("turn")
    form = of_turn(request, turn)
    page = request.metadata.number("page")
    if page:
        request.do(looking.check_unchanged, minutes_id, page, _changed(form))
    else:
        before = request.metadata.record("there", dict[str, str])
        is_other = any(form.field(f"there.{number}") != status for number, status in before.items())
        is_new = any(looking.mark_of(one.text) != one.mark for one in _sent(form))
        if is_other or is_new or form.field("moved") or any(not _is_as_drawn(one) for one in _guests(form)):
            raise Mistake(looking.UNSAVED)
    if any(form.field(name).strip() for name in ("forgotten", "reason")):
        raise Mistake(looking.UNSAVED)
    return turn


def _is_as_drawn(one: correcting.GuestChanged) -> bool:
    now = looking.Present(0, " ".join(one.name.split()), "", one.status, one.guest_id)
    return correcting.guest_mark(now) == one.mark


def _guests(form: Request) -> list[correcting.GuestChanged]:
    """Return each guest's name and status from the form, with the mark of the text that the form first showed."""
    marks = form.metadata.record("guests", dict[str, str]) if "guests" in form.metadata.facts else {}
    return [
        correcting.GuestChanged(
            number_of(number), form.field(f"named.{number}"), _status(form.field(f"guest.{number}")), mark
        )
        for number, mark in marks.items()
        if f"named.{number}" in form.values
    ]


def _sent(form: Request) -> list[correcting.SentChanged]:
    """Return each absent agency's information from the form, with the mark of the text that the form first showed."""
    marks = form.metadata.record("sent", dict[str, str]) if "sent" in form.metadata.facts else {}
    return [
        correcting.SentChanged(number_of(number), form.field(f"sent.{number}"), mark)
        for number, mark in marks.items()
        if f"sent.{number}" in form.values
    ]


def _times(form: Request) -> TimesChanged | None:
    """Return the corrected times of the person chosen in the form, or None if no person is chosen."""
    if not (key := form.field("moved")):
        if form.field("arrived").strip() or form.field("left").strip():
            raise Mistake("Choose the person who came or left at that time.", field="moved")
        return None
    drawn = form.metadata.record("times", dict[str, str])
    return TimesChanged(key, form.field("arrived"), form.field("left"), drawn.get(key, "/"))


def _page(request: Request) -> Reply:
    """Show another page of the draft. Raise Mistake if the page shown has unsaved words."""
    minutes_id, page = request.two_numbers()
    turn = _refuse_unsaved(request, minutes_id)
    return request.shown(look_views.page(request.do(looking.look_through, minutes_id, page), turn=turn + 1))


def _decision(request: Request) -> Reply:
    """Show the form of one decision of the draft. Raise Mistake if the page shown has unsaved words."""
    _refuse_unsaved(request, request.metadata.number("minutes"))
    return decision_commands.offer(request)


def _changes(request: Request) -> Reply:
    # The page opens on top of the form, so that typed text is kept.
    return Reply(modal=look_views.all_changes(request.do(looking.changed_since, request.number())))


def _looked(request: Request) -> Reply:
    """Save the corrections of one page of the draft, and show the page again."""
    carried = request.metadata
    minutes_id, page, turn = carried.number("minutes"), carried.number("page"), carried.number("turn")
    form = of_turn(request, turn)
    with blaming_turn(turn):
        if page == 0:
            before = carried.record("there", dict[str, str])
            found = form.do(
                correcting.correct_attendance,
                minutes_id,
                {number_of(number): status for number in before if (status := _status(form.field(f"there.{number}")))},
                {number_of(number): _status(status) for number, status in before.items()},
                guests=_guests(form),
                sent=_sent(form),
                times=_times(form),
                reason=form.field("reason"),
            )
        else:
            found = form.do(
                correcting.correct_item,
                minutes_id,
                carried.number("item"),
                _changed(form),
                reason=form.field("reason"),
                forgotten=_forgotten(form),
                page=page,
            )
    return Reply(next_view=look_views.page(found, turn=turn + 1))


def _status(chosen: str) -> AttendanceStatus | None:
    return option_of(AttendanceStatus, chosen) if chosen else None


def _changed(form: Request) -> list[looking.Changed]:
    marks = form.metadata.record("marks", dict[str, str])
    return [
        looking.Changed(key, form.field(key), mark, form.day(key.replace("decision.", "review.")))
        if key.startswith("decision.")
        else looking.Changed(key, form.field(key), mark)
        for key, mark in marks.items()
        if key in form.values
    ]


def _forgotten(form: Request) -> correcting.Forgotten | None:
    text = form.field("forgotten")
    if not text.strip():
        return None
    if not form.field("forgotten_kind"):
        raise Mistake("What kind of line is it? Choose it here.", field="forgotten_kind")
    return correcting.Forgotten(
        form.option("forgotten_kind", NoteKind), text, form.if_any(form.chosen, "forgotten_agency")
    )


_VERBS = (
    Verb("draft", "[DAY] [panel]", "draft the minutes", "7 April 2026", _draft, acts=True),
    Verb("approve", "[DAY] [panel]", "approve the draft", "", _approve, acts=True),
    Verb(
        "send-back",
        "[DAY] [panel] because WORDS",
        "send the draft back with remarks",
        "because item 6 lacks what the school said",
        _send_back,
    ),
    Verb(
        "look",
        "[DAY] [panel]",
        "look through the draft item by item, and correct it",
        "7 April 2026",
        _look_typed,
        reads=True,
        aliases=(
            "view",
            "show",
        ),
    ),
    Verb(
        "amend",
        "[DAY] [panel]",
        "correct approved minutes with a numbered slip",
        "7 April 2026",
        _amend,
        reads=True,
    ),
    Verb(
        "export",
        "[DAY | YEAR | Q1 YEAR | agency KEY | case REFERENCE] [panel]",
        "get the minutes as a Word file; for a year, a quarter, an agency or a child, get all papers as a zip",
        "Q1 2026",
        _export,
        offered_for=(
            "send",
            "get",
            "fetch",
            "word",
        ),
        offers=paper_commands.export_offers,
    ),
)

NOUN = Noun(
    command=Command(
        "/minutes",
        "Draft, correct, approve, amend and fetch the minutes",
        (*_VERBS, *paper_commands.VERBS),
        recognised=_recognised,
    ),
    clicks={
        "minutes.approve": _clicked_approve,
        "minutes.send_back": _clicked_send_back,
        "minutes.remarks": _remarks,
        "minutes.annex": _annex,
        "minutes.got": _got,
        "minutes.receipts": _receipts,
        "minutes.amend": _clicked_amend,
        "minutes.accurate": partial(_confirm, answer=Accuracy.ACCURATE),
        "minutes.corrections": partial(_confirm, answer=Accuracy.WITH_CORRECTIONS),
        "minutes.slip": _slip,
        "minutes.slip_approve": _approve_slip,
        "minutes.slip_refuse": _clicked_refuse_slip,
        "minutes.look": _look,
        "minutes.page": _page,
        "minutes.decision": _decision,
        "minutes.changes": _changes,
        **paper_commands.CLICKS,
    },
    submissions={
        "minutes.send_back": _sent_back,
        "minutes.look": _looked,
        "minutes.decision": decision_commands.save,
        "minutes.amend": _amended,
        "minutes.slip_refuse": _refused_slip,
    },
    reads=frozenset(
        {
            "minutes.send_back",
            "minutes.remarks",
            "minutes.receipts",
            "minutes.amend",
            "minutes.slip",
            "minutes.slip_refuse",
            "minutes.look",
            "minutes.page",
            "minutes.decision",
            "minutes.changes",
        }
    ),
)
