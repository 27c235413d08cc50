"""`/case` and declared interests: flag a case, take it back, look at its history; by reference only."""

import re
from collections.abc import Iterable

from bot.domain.case_facts import ASSESSMENT, CaseFacts
from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.records.access.queries import Where
from bot.services.cases import assessments, casebook, flags, interests
from bot.slack import pages
from bot.slack.cases import views
from bot.slack.registry import Command, Noun, Verb
from bot.slack.request import Reply, Request, plain, take_mention, take_panel, the_panel
from bot.store.rows import Page


def _flag(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.FLAG)
    panel = flags.panel_to_hear(request.work, request.actor, where).panel
    is_county = request.work.definition(panel.definition).level == "county"
    return Reply(
        modal=views.flag_form(
            reference=plain(text)[:20],
            panel_title=panel.title,
            districts=flags.districts(request.work) if is_county else [],
            metadata={"panel": panel.key},
        )
    )


def _flagged(request: Request) -> Reply:
    form = flags.FlagForm(
        reference=request.field("reference"),
        given=_given(request, CaseFacts.model_fields),
        district_key=request.field("district") or None,
        closed="closed" in request.choices("closed"),
    )
    panel = Where(panel_key=request.metadata["panel"])
    return Reply(text=views.flagged(flags.flag_case(request.work, request.actor, panel, form)))


def _assess(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.FLAG)
    reference = _reference(text, "assess")
    return Reply(modal=views.assessment_form(assessments.flag_to_assess(request.work, request.actor, where, reference)))


def _assess_one(request: Request) -> Reply:
    flag = assessments.assessment_to_add(request.work, request.actor, request.number())
    return request.shown(views.assessment_form(flag))


def _assessed(request: Request) -> Reply:
    flag = assessments.add_assessment(
        request.work, request.actor, request.metadata["flag"], _given(request, ASSESSMENT)
    )
    return Reply(text=views.assessed(flag))


def _given(request: Request, names: Iterable[str]) -> dict[str, object]:
    """The facts that were put into a form; what was left empty is not among them."""
    given = {name: request.choices(name) or request.field(name) for name in names}
    return {name: value for name, value in given.items() if value}


def _withdraw(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.FLAG)
    reference = _reference(text, "withdraw")
    return Reply(text=views.withdrawn(flags.withdraw_flag(request.work, request.actor, where, reference)))


def _list(request: Request) -> Reply:
    where = the_panel(request)
    text, blocks = views.listed(casebook.list_flags(request.work, request.actor, where, Page(0, pages.LINES)))
    return Reply(text=text, blocks=blocks)


def _turned_list(request: Request) -> Reply:
    """Another page of the list, in its place."""
    panel_key, starts = pages.taken(request.value)
    where, page = Where(panel_key=panel_key), starts.page(pages.LINES)
    text, blocks = views.listed(casebook.list_flags(request.work, request.actor, where, page), starts)
    return Reply(text=text, blocks=blocks, replaces=True)


def _history(request: Request) -> Reply:
    reference = _reference(request.text, "history")
    found = casebook.case_history(request.work, request.actor, reference, Page(0, pages.HEARINGS))
    return Reply(modal=views.history(found))


def _turned_history(request: Request) -> Reply:
    """Another page of the history, in its place."""
    reference, starts = pages.taken(request.value)
    page = starts.page(pages.HEARINGS)
    return Reply(next_view=views.history(casebook.case_history(request.work, request.actor, reference, page), starts))


def _reference(text: str, verb: str) -> str:
    reference = plain(text)
    if not reference:
        raise Mistake(f"Which case? {COMMAND.usage(verb)}")
    return reference


COMMAND = Command(
    "/case",
    "Flag cases to a panel, by reference only",
    (
        Verb(
            "flag", "[REFERENCE] [panel]", "ask a panel to hear a case; opens a form", "SAMPLE-0012", _flag, reads=True
        ),
        Verb(
            "assess",
            "REFERENCE [panel]",
            "add the assessment of a case; opens a form",
            "SAMPLE-0012",
            _assess,
            reads=True,
        ),
        Verb("withdraw", "REFERENCE [panel]", "take a flag back", "SAMPLE-0012", _withdraw),
        Verb("list", "[panel]", "what is flagged to the next meeting", "", _list, reads=True),
        Verb(
            "history", "REFERENCE", "every hearing of a case, and what came of it", "SAMPLE-0012", _history, reads=True
        ),
    ),
)

NOUN = Noun(
    command=COMMAND,
    clicks={"case.page": _turned_list, "case.history": _turned_history, "case.assess": _assess_one},
    submissions={"case.flag": _flagged, "case.assess": _assessed},
    reads=frozenset({"case.page", "case.history"}),
)

_BECAUSE = re.compile(r"\s+because\b[\s:]*", re.IGNORECASE)


def _interest(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_CASES)
    who, text = take_mention(text)
    reference = plain(text)
    if not reference:
        raise Mistake(f"In which case? {_INTEREST.how_to('/meeting')}")
    found = interests.declare_interest(request.work, request.actor, where, reference, who)
    return Reply(text=views.stepped_back(found))


def _no_interest(request: Request) -> Reply:
    head, *reason = _BECAUSE.split(request.text, maxsplit=1)
    where, text = take_panel(request, head, May.READ_CASES)
    who, text = take_mention(text)
    reference = plain(text)
    if not reference or " " in reference:
        raise Mistake(f"In which case? {_NO_INTEREST.how_to('/meeting')}")
    found = interests.withdraw_interest(
        request.work, request.actor, where, reference, who, plain(reason[0]) if reason else ""
    )
    return Reply(text=views.taken_back(found))


_INTEREST = Verb(
    "interest", "REFERENCE [@name]", "declare an interest: step back from a case", "SAMPLE-0012", _interest
)
_NO_INTEREST = Verb(
    "no-interest",
    "REFERENCE [@name because REASON]",
    "take a declared interest back",
    "SAMPLE-0012 @sam because it was declared for the wrong case",
    _no_interest,
)
INTEREST_VERBS = (
    _INTEREST,
    _NO_INTEREST,
)
