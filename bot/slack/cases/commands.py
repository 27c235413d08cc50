"""`/case` and its buttons: flag a case, withdraw a flag, declare an interest, show the history."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from bot.domain.case_facts import ASSESSMENT, NARRATIVE, CaseFacts
from bot.domain.language.references import hyphenated_like, named_in
from bot.domain.optional_facts import FIELD
from bot.domain.permissions import Verb as May
from bot.errors import Mistake, NotForYou, OutOfDate
from bot.records.access.queries import Where
from bot.services.agenda import sooner, triage
from bot.services.cases import (
    assessments,
    closed_items,
    editing,
    flags,
    interests,
    lists,
    readings,
    reviews,
    withdrawing,
)
from bot.slack import pages
from bot.slack.agenda import sooner_views
from bot.slack.blocks import notice
from bot.slack.cases import closed_views, fallback, flag_views, interest_views, merging, referrals, review_views, views
from bot.slack.editing import quoting
from bot.slack.references import (
    only_reference_before_reason,
    reference_and_words,
    refuse_named_panel,
    take_reason_of_case,
    whole_reference,
)
from bot.slack.registry import Command, Noun, Shortcut, Verb
from bot.slack.request import (
    Reply,
    Request,
    TypedAgain,
    View,
    for_number,
    only_reference,
    reference_of,
    refuse_panel,
    take_panel,
)
from bot.slack.typed import plain, take_mention, take_reason, without_courtesy, without_lead
from bot.slack.wording import hint_about


def _flag(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.FLAG)
    # Text that is no reference goes into the form, where the person can correct it.
    head, why = take_reason(text)
    head = without_courtesy(head)
    reference, _, words = without_lead(head).partition(" ")
    fallback.refuse_second_case(reference, words)
    refuse_named_panel(words, COMMAND.usage("flag"))
    if words and not any(sign.isdigit() for sign in reference) and not named_in(plain(head)):
        raise TypedAgain(f"{_NO_NAME} {COMMAND.usage('flag')}", [("/case flag", "/case flag")])
    if fallback.is_one_word(words) or not any(sign.isdigit() for sign in reference):
        refuse_panel(words, COMMAND.usage("flag"))
        reference = f"{reference} {words}".strip()
    elif words or why:
        why = plain(text)
    reference = hyphenated_like(reference.rstrip(",.;:"), request.do(flags.example_reference))
    return quoting(fallback.saying(request.shown(_flag_or_edit(request, where, reference[:20])), why), why)


_NO_NAME = "Use your agency's own case number, never a name."


def _clicked_flag(request: Request) -> Reply:
    """Open the form for a flag to the panel in the button's value, with the reference if the value has one.

    If the person has several panels and the button names none, show a button for each panel.
    """
    if request.value != flag_views.ANY_PANEL:
        where, reference = request.panel_and(":")
        if reference and named_in(reference) != reference_of(reference):
            raise OutOfDate  # the button has what a message names, or nothing
        return request.shown(_flag_or_edit(request, where, reference))
    panels = request.do(flags.panels_to_hear)
    if len(panels) > 1:
        return request.shown(flag_views.panels_to_hear([(panel.key, panel.title) for panel in panels]))
    return request.shown(_flag_form(request, Where(panel_key=panels[0].key) if panels else Where()))


def _message_flag(request: Request) -> Reply:
    """Open the form for a flag from a message's shortcut. Only a case reference in the message is filled in.

    If the person's agency has flagged that case already, open the form that changes the flag.
    """
    panels = request.do(flags.panels_to_hear)
    here = [panel for panel in panels if panel.channel_id is not None and panel.channel_id == request.channel_id]
    named = named_in(plain(request.message.text)) if request.message else ""
    if not here and len(panels) > 1:
        return request.shown(flag_views.panels_to_hear([(panel.key, panel.title) for panel in panels], named))
    meant = [*here, *panels][:1]
    return request.shown(_flag_or_edit(request, Where(panel_key=meant[0].key) if meant else Where(), named))


def _flag_or_edit(request: Request, where: Where, reference: str) -> View:
    """Return the form that changes the agency's own flag of a case, or the form for a new flag.

    The form for a new flag is returned if the agency has no flag of the case that can still be changed.
    """
    if reference:
        with suppress(Mistake, NotForYou):
            return flag_views.edit_form(request.do(editing.flag_to_edit, where, reference), is_again=True)
    return _flag_form(request, where, reference)


def _flag_form(request: Request, where: Where, reference: str = "") -> View:
    panel = request.do(flags.panel_to_hear, where).panel
    districts = flags.districts(request.work, panel)
    example = request.do(flags.example_reference)
    definition = request.work.definition(panel.definition)
    asked = definition.risk_tools, definition.optional_facts
    return flag_views.flag_form(reference, example, panel.title, districts, asked, {"panel": panel.key})


def _flagged(request: Request) -> Reply:
    form = flags.FlagForm(
        reference=request.field("reference"),
        given=_given(request, CaseFacts.model_fields),
        district_key=request.field("district") or None,
        cannot_wait=request.field("cannot_wait"),
        closed="closed" in request.choices("closed"),
    )
    flag = request.do(flags.flag_case, request.panel(), form)
    said = views.flagged(flag, closed=form.closed, cannot_wait=bool(form.cannot_wait.strip()))
    said += hint_about(*map(request.field, NARRATIVE))
    return Reply(next_view=flag_views.flagged(said, flag))


def _edit(request: Request) -> Reply:
    """Open the form that changes a flag of the person's own agency. A typed reference or a button names the case."""
    if request.clicked is None:
        where, text = take_panel(request, request.text, May.FLAG)
        reference, words = reference_and_words(text, COMMAND.usage("edit"))
    else:
        where, carried = request.panel_and(":")
        reference, words = reference_of(carried), ""
    reply = request.shown(flag_views.edit_form(request.do(editing.flag_to_edit, where, reference)))
    return quoting(fallback.saying(reply, words), words)


def _edited(request: Request) -> Reply:
    given = _given(request, CaseFacts.model_fields)
    flag = request.do(editing.edit_flag, request.metadata.number("flag"), given)
    said = flag_views.edited(flag)
    return Reply(text=said + hint_about(*map(request.field, NARRATIVE)))


def _assess(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.FLAG)
    reference, words = reference_and_words(text, COMMAND.usage("assess"))
    try:
        found = request.do(assessments.flag_to_assess, where, reference)
    except Mistake as refused:
        refused.commands = _ways_on(request, where, reference)
        raise
    return quoting(fallback.saying(Reply(modal=flag_views.assessment_form(found)), words), words)


def _ways_on(request: Request, where: Where, reference: str) -> tuple[tuple[str, str], ...]:
    """Return the commands to offer for a flagged case: show the case and, if this person still may, change the flag."""
    verbs = ["history"]
    with suppress(Mistake, NotForYou):
        request.do(editing.flag_to_edit, where, reference)
        verbs = ["edit", "history"]
    return tuple((f"/case {verb} {reference}", f"/case {verb} {reference}") for verb in verbs)


def _assessed(request: Request) -> Reply:
    flag = request.do(assessments.add_assessment, request.metadata.number("flag"), _given(request, ASSESSMENT))
    return Reply(text=views.assessed(flag))


def _answers(request: Request) -> dict[str, object]:
    """Return the form's answers about the panel's optional facts, as a dict from a fact's key to its answer."""
    fields = [name for name in request.values if name.startswith(FIELD)]
    return {name.removeprefix(FIELD): request.choices(name) or request.field(name) for name in fields}


def _given(request: Request, names: Iterable[str]) -> dict[str, object]:
    """Return a dict of the form's facts that are not empty. The risk field holds two facts: the tool and the level."""
    given: dict[str, object] = {name: request.choices(name) or request.field(name) for name in names}
    if chosen := request.field("risk_level"):
        given["risk_tool"], given["risk_level"] = flag_views.risk_key(chosen)
    given["answers"] = _answers(request)
    return {name: value for name, value in given.items() if value}


def _nrm(request: Request) -> Reply:
    return referrals.nrm(request, COMMAND.usage("nrm"))


def _withdraw(request: Request) -> Reply:
    """Withdraw a flag if a reason is typed, or else open the form that asks for the reason."""
    head, why = take_reason_of_case(request.text)
    where, text = take_panel(request, head, May.FLAG)
    reference = only_reference_before_reason(text, request.text, "/case withdraw", COMMAND.usage("withdraw"))
    if not why:
        return Reply(modal=views.withdrawal_form(request.do(withdrawing.flag_to_withdraw, where, reference)))
    flag = request.do(withdrawing.withdraw_flag, where, reference, why)
    return Reply(text=views.withdrawn(flag))


def _withdrawn(request: Request) -> Reply:
    where, reference = request.panel(), request.metadata.text("reference")
    return Reply(text=views.withdrawn(request.do(withdrawing.withdraw_flag, where, reference, request.field("reason"))))


def _unchanged(request: Request) -> Reply:
    """Record that an agency answered "no change" about a case under review."""
    said = review_views.unchanged(request.do(reviews.say_unchanged, request.number()))
    return Reply(modal=notice(said, title="Done")) if request.is_from("home") else Reply(text=said)


def _urgent(request: Request) -> Reply:
    """Ask the chair to hear a case urgently, typed as `REFERENCE [panel] because REASON`. The chair chooses the day."""
    head, why = take_reason_of_case(request.text)
    where, text = take_panel(request, head, May.FLAG)
    reference = only_reference_before_reason(text, request.text, "/case urgent", COMMAND.usage("urgent"))
    found = request.do(sooner.ask_sooner, where, reference, why)
    return request.shown(sooner_views.urgent(found) if found.may_triage else sooner_views.asked(found))


def _list(request: Request) -> Reply:
    """Show one page of the flagged cases. *Previous* and *Next* replace the page with another."""
    where, starts = pages.meant(request)
    found = request.do(lists.list_flags, where, starts.page(pages.LINES))
    return request.shown(views.listed(found, starts), replaces=request.clicked is not None)


def _history(request: Request) -> Reply:
    """Show one page of the hearings of a case. *Previous* and *Next* replace the page with another."""
    typed = request.clicked is None
    reference, starts = (
        (only_reference(request.text, COMMAND.usage("history")), pages.FIRST) if typed else pages.taken(request.value)
    )
    found = request.do(lists.case_history, reference, starts.page(pages.HEARINGS))
    return request.shown(views.history(found, starts))


def _item(
    request: Request, verb: str, change: Callable[..., closed_items.ClosedItem], said: Callable[..., str]
) -> Reply:
    """Make a case a closed item or open it again, typed as `REFERENCE [panel] because REASON`."""
    where, reference, who, why = _about_item(request, verb)
    if who is not None:
        raise Mistake(f"Leave out the name: this is about the case. {COMMAND.usage(verb)}")
    return Reply(text=said(request.do(change, where, reference, why)))


def _reader(request: Request, verb: str, change: Callable[..., closed_items.ClosedItem]) -> Reply:
    """Name or remove a reader of a closed item, typed as `REFERENCE @name [panel] because REASON`."""
    where, reference, who, why = _about_item(request, verb)
    if who is None:
        raise Mistake(f"Which reader? Choose their name from the list that @ opens. {COMMAND.usage(verb)}")
    return Reply(text=closed_views.changed(request.do(change, where, reference, who, why)))


def _about_item(request: Request, verb: str) -> tuple[Where, str, str | None, str]:
    """Return the typed panel, case reference, mentioned person or None, and reason."""
    head, why = take_reason_of_case(request.text)
    where, text = take_panel(request, head, May.READ_CASES)
    who, text = take_mention(text)
    where, text = (where, text) if where.panel_key else take_panel(request, text, May.READ_CASES)
    usage = COMMAND.usage(verb)
    if verb.endswith("-item"):
        return where, only_reference_before_reason(text, request.text, f"/case {verb}", usage), who, why
    return where, whole_reference(request, only_reference(text, usage)), who, why


def _readers(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_CASES)
    found = request.do(closed_items.show_readers, where, only_reference(text, COMMAND.usage("readers")))
    return request.shown(closed_views.shown(found))


def _merge(request: Request) -> Reply:
    return merging.merge(request, COMMAND.usage("merge"))


def _seen(request: Request) -> Reply:
    """Show one page of the people who have read a typed case. *Previous* and *Next* replace the page with another."""
    if request.clicked is None:
        where, text = take_panel(request, request.text, May.READ_CASES)
        reference, starts = only_reference(text, COMMAND.usage("seen")), pages.FIRST
    else:
        about, starts = pages.taken(request.value)
        panel_key, _, reference = about.partition(" ")
        where = Where(panel_key=panel_key)
    found = request.do(readings.who_has_read, where, reference, starts.page(pages.LINES))
    return request.shown(views.seen(found, starts), replaces=request.clicked is not None)


COMMAND = Command(
    "/case",
    "Flag cases to a panel, by reference only",
    recognised=fallback.commands_for,
    verbs=(
        Verb(
            "flag",
            "[REFERENCE] [panel]",
            "ask a panel to hear a case",
            "SAMPLE-0012",
            _flag,
            reads=True,
            aliases=("refer", "raise"),
        ),
        Verb("list", "[panel]", "list what is flagged to the next meeting", "", _list, reads=True),
        Verb(
            "history",
            "REFERENCE",
            "show each hearing of a case, with its decisions",
            "SAMPLE-0012",
            _history,
            reads=True,
            aliases=("show",),
            offers=lambda text: [f"history {text}".strip()] if re.search("[0-9]", text) or not text else [],
        ),
        Verb(
            "edit",
            "REFERENCE [panel]",
            "change your agency's flag, until triage",
            "SAMPLE-0012",
            _edit,
            reads=True,
        ),
        Verb(
            "withdraw",
            "REFERENCE [panel] [because REASON]",
            "take a flag back",
            "SAMPLE-0012 because the family has moved",
            _withdraw,
        ),
        Verb(
            "urgent",
            "REFERENCE [panel] because REASON",
            "ask the chair to hear a flagged case before its meeting",
            "SAMPLE-0012 because they are missing again",
            _urgent,
        ),
        Verb(
            "assess",
            "REFERENCE [panel]",
            "add the assessment of a case",
            "SAMPLE-0012",
            _assess,
            reads=True,
            aliases=("assessment",),
        ),
        Verb("nrm", "REFERENCE [panel]", "record an NRM referral and its outcome", "SAMPLE-0012", _nrm, reads=True),
        Verb("seen", "REFERENCE [panel]", "show who has read a case, and when", "SAMPLE-0012", _seen, reads=True),
        Verb("readers", "REFERENCE [panel]", "show who sees a case, and why", "SAMPLE-0012", _readers, reads=True),
        Verb(
            "close-item",
            "REFERENCE [panel] because REASON",
            "make a case a closed item, which only its readers see",
            "SAMPLE-0012 because a professional is a suspect",
            partial(_item, verb="close-item", change=closed_items.close_item, said=closed_views.closed),
        ),
        Verb(
            "open-item",
            "REFERENCE [panel] because REASON",
            "let the panel see a closed item again",
            "SAMPLE-0012 because the inquiry has ended",
            partial(_item, verb="open-item", change=closed_items.open_item, said=closed_views.opened),
        ),
        Verb(
            "add-reader",
            "REFERENCE @name [panel] because REASON",
            "add a reader to a closed item",
            "SAMPLE-0012 @sam because she is the lead professional",
            partial(_reader, verb="add-reader", change=closed_items.name_reader),
        ),
        Verb(
            "end-reader",
            "REFERENCE @name [panel] because REASON",
            "take a reader off a closed item",
            "SAMPLE-0012 @sam because her part in it is done",
            partial(_reader, verb="end-reader", change=closed_items.end_reader),
        ),
        Verb(
            "merge",
            "OLD into NEW [panel] [because REASON]",
            "make two references of one child one case",
            "SAMPLE-0012 into SAMPLE-0034 because the health number is the same",
            _merge,
            reads=True,
        ),
    ),
)

NOUN = Noun(
    command=COMMAND,
    clicks={
        "case.flag": _clicked_flag,
        "case.edit": _edit,
        "case.page": _list,
        "case.history": _history,
        "case.reason": for_number(triage.open_triaged_flag, views.triage_reason),
        "case.withdrawal": for_number(withdrawing.open_withdrawal, views.withdrawal_reason),
        "case.seen": _seen,
        "case.unchanged": _unchanged,
        "case.changed": for_number(reviews.review_to_change, review_views.changed_form),
        "case.nrm": referrals.clicked_nrm,
        "case.assess": for_number(assessments.assessment_to_add, flag_views.assessment_form),
    },
    submissions={
        "case.flag": _flagged,
        "case.assess": _assessed,
        "case.edit": _edited,
        "case.merge": merging.merged,
        "case.nrm": referrals.referred,
        "case.withdraw": _withdrawn,
    },
    reads=frozenset(
        {"case.edit", "case.flag", "case.page", "case.history", "case.reason", "case.withdrawal", "case.seen"}
        | {"case.nrm", "case.flag_message"}
    ),
    shortcuts=(
        Shortcut(
            "Flag a case",
            "case.flag_message",
            "Ask a panel to hear the case that this message names",
            _message_flag,
        ),
    ),
)


def _interest(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_CASES)
    who, text = take_mention(text)
    reference = only_reference(text, _INTEREST.how_to("/meeting"))
    return Reply(text=interest_views.stepped_back(request.do(interests.declare_interest, where, reference, who)))


def _no_interest(request: Request) -> Reply:
    head, why = take_reason(request.text)
    where, text = take_panel(request, head, May.READ_CASES)
    who, text = take_mention(text)
    reference = only_reference(text, _NO_INTEREST.how_to("/meeting"))
    return Reply(text=interest_views.taken_back(request.do(interests.withdraw_interest, where, reference, who, why)))


_INTEREST = Verb(
    "interest",
    "REFERENCE [@name]",
    "declare an interest, so that you step back from a case",
    "SAMPLE-0012",
    _interest,
    offered_for=("conflict", "declare"),
)
_NO_INTEREST = Verb(
    "no-interest",
    "REFERENCE [@name because REASON]",
    "take a declared interest back",
    "SAMPLE-0012 @sam because it was declared for the wrong case",
    _no_interest,
)
INTEREST_VERBS = (_INTEREST, _NO_INTEREST)
