"""`/people` and its forms: members and places, deputies, and handing over when a person leaves."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Final, TypeVar, get_args

from bot.domain.language.agency_names import is_kind_of_agency
from bot.domain.language.day_words import full_date, without_period
from bot.domain.language.diary_words import read_days, says_for_good
from bot.domain.language.due_phrases import recognises
from bot.domain.language.person_names import MENTION
from bot.domain.permissions import Actor
from bot.errors import Mistake
from bot.models.vocabulary import Role
from bot.records.people.queries import managed_panels
from bot.services.leaving import departure, places
from bot.services.people import changing, deputies, directory, enrolment, readings
from bot.slack.blocks import escape
from bot.slack.editing import filling, initial_of, noting, options_of, quoting
from bot.slack.meant import label_of
from bot.slack.naming import ANYWHERE, with_mentions
from bot.slack.people import forms, views
from bot.slack.registry import Command, Noun, Verb
from bot.slack.request import Reply, Request, TypedAgain, View, number_of, option_of
from bot.slack.typed import plain, take_mention, without_courtesy
from bot.store.requests import first_answer, remember_answer
from bot.store.unit_of_work import Work

_Found = TypeVar("_Found")


def _list(request: Request) -> Reply:
    sought, number = _page(request)
    return request.shown(views.directory(request.do(directory.list_people, sought), sought, number))


def _attendance(request: Request) -> Reply:
    text, period = without_period(request.text) if request.clicked is None else (request.text, "")
    sought, number = _page(replace(request, text=text))
    here = request.here.panel.key if request.clicked is None and request.here is not None else None
    found = request.do(directory.attendance_history, sought, here)
    reply = request.shown(views.attendance(found, sought, number))
    return noting(reply, f"This is all of the attendance: I ignored \u201c{escape(period)}\u201d." if period else "")


def _page(request: Request) -> tuple[str, int]:
    """Return the typed search with page 0 or, after a click, the search and page in the button's value."""
    if request.clicked is None:
        sought = _FOR.sub("", plain(request.text)).rstrip(" ?.!")
        return ("" if _ALL.fullmatch(sought) else sought), 0
    number, _, sought = request.value.partition("|")
    return sought, number_of(number)


_ALL: Final = re.compile(
    r"(?:the |this |our )?(?:panel|members)|everyone|everybody|all|(?:my|our)\s+deput(?:y|ies)", re.IGNORECASE
)
_FOR: Final = re.compile(
    r"^(?:(?:for|of|from|represents?|represent(?:ing)|speaks?\s+for|sits?\s+for|is|are)\s+)+(?:the\s+)?"
    r"|\s+(?:on|at|in)\s+(?:the\s+|our\s+|this\s+)?[\w-]+(?:\s+panel)?(?=[\s?.!]*$)",
    re.IGNORECASE,
)


def _enrol(
    request: Request, verb: str, propose: Callable[[Work, Actor, enrolment.Account], enrolment.EnrolmentForm]
) -> Reply:
    user_id, rest = _mentioned(request, verb)
    form = request.do(propose, _account(request.account))
    _refuse_later(request, verb, user_id, rest)
    # The form carries the account's details from Slack. Nobody can change them in the form, so Slack isn't asked again.
    return quoting(Reply(modal=forms.enrolment(form, {"account": asdict(form.account)})), rest)


def _account(user: Mapping[str, Any] | None) -> enrolment.Account:
    """Return an account from Slack's answer to `users.info`. Raise Mistake if Slack did not answer."""
    if user is None:
        raise Mistake("Slack did not tell me who that is. Mention the person by @name, or try again in a minute.")
    profile = user.get("profile", {})
    return enrolment.Account(
        user_id=user["id"],
        team_id=user["team_id"],
        name=str(profile.get("real_name") or user.get("real_name") or user.get("name", ""))[:120],
        timezone=user.get("tz"),
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_deactivated=bool(user.get("deleted")),
    )


def _enrolled(request: Request) -> Reply:
    done = request.do(
        enrolment.enrol,
        request.metadata.record("account", enrolment.Account),
        name=request.field("name"),
        timezone=request.field("timezone"),
        job_title=request.field("job_title"),
        agency_id=number_of(request.field("agency") or "0"),
        places=tuple(map(_place, request.choices("places"))),
        is_confirmed="yes" in request.choices("sure"),
    )
    return Reply(next_view=views.enrolled(done))


def _place(chosen: str) -> enrolment.Place:
    panel, _, role = chosen.partition(":")
    return number_of(panel), option_of(Role, role)


def _propose(
    request: Request,
    verb: str,
    propose: Callable[[Work, Actor, str], _Found],
    form: Callable[[_Found, Mapping[str, str]], View],
) -> Reply:
    """Call `propose` for the one person mentioned, and open the form that `form` makes of the result.

    The other typed words are quoted above the form's fields. A future day is refused, since the form takes effect at
    once.
    """
    user_id, rest = _mentioned(request, verb)
    found = request.do(propose, user_id)
    if verb != "change":
        _refuse_later(request, verb, user_id, rest)
    return quoting(Reply(modal=form(found, {"user": user_id})), rest)


#: "Amara's job title to Named Nurse", once her name is a mention.
_NEW_TITLE: Final = re.compile(
    rf"\s*(?P<who>{MENTION})[\s,:]*(?:(?:has\s+)?(?:an?\s+)?new\s+)?(?:job\s+)?title\s*(?:(?:is|to|now|should|be|reads?)\b\s*|[:=]\s*)*(?P<title>[^\W\d].*)",
    re.IGNORECASE,
)


#: "Sam Carter's surname to Jones", "Sam Carter to Sam Jones, got married": the second name is the new one.
_NEW_NAME: Final = re.compile(
    rf"\s*(?P<who>{MENTION})[\s,:]*(?P<sure>(?:['\u2019]s\s+)?(?:new\s+|married\s+)?(?:name|surname)\s*)?(?:(?:is|to|now|should|be|reads?|becomes?|called)\b\s*|[:=>\u2192-]\s*)+"
    rf"(?P<name>(?:{MENTION}|[A-Z][\w'\u2019-]*)(?:\s+[A-Z][\w'\u2019-]*)*)(?P<rest>[\s,.(].*|$)",
)


def _new_name(request: Request) -> Reply | None:
    """Return the form that changes a person's details, with a typed new name filled in, or None if no name is typed."""
    said = _NEW_NAME.fullmatch(request.text)
    if said is None:
        return None
    opened = _propose(replace(request, text=said["who"]), "change", changing.propose_change, forms.changing)
    now = initial_of(opened, "name")
    agencies = {one.lower() for one in options_of(opened, "agency").values()}
    if not said["sure"] and (
        " " not in said["name"] or is_kind_of_agency(said["name"]) or said["name"].lower() in agencies
    ):
        return None
    name = re.sub(MENTION, now.partition(" ")[0], said["name"])
    if " " not in name:
        name = f"{now.partition(' ')[0]} {name}"
    return quoting(filling(opened, {"name": name}), plain(said["rest"]).strip(" ,.()"))


def _change(request: Request) -> Reply:
    """Open the form that changes a person's details. A typed job title or name is filled in."""
    if (renamed := _new_name(request)) is not None:
        return renamed
    said = _NEW_TITLE.fullmatch(request.text)
    title = plain(said["title"]) if said and not re.search(MENTION, said["title"]) else ""
    about = replace(request, text=said["who"]) if said and title else request
    opened = _propose(about, "change", changing.propose_change, forms.changing)
    return filling(opened, {"job_title": title})


_WHEN: Final = re.compile(
    r"^(?:[\s,:;\u2013\u2014-]|\b(?:the|their|his|her|last|first|final|working|day|is|was|on|from|as|of|at|until|till|wef"
    r"|with|effect|effective|starting|ending|ends|leaves|leaving|going|back|access|to|please)\b)+",
    re.IGNORECASE,
)
_EFFECTS: Final = {
    "leave": "ends their access",
    "end": "ends the place",
    "enrol": "enrols them",
    "return": "brings them back",
}


def _refuse_later(request: Request, verb: str, user_id: str, rest: str) -> None:
    """Raise TypedAgain if a later day is typed after the person, since the command takes effect at once."""
    today = request.work.now.date()
    said = _WHEN.sub("", rest)
    day = read_days(rest, today)[0] or read_days(said, today)[1]
    if (day is not None and day <= today) or (day is None and not recognises(said)):
        return
    on = "on that day" if day is None else f"on {full_date(day)}"
    command = f"/people {verb} <@{user_id}>"
    raise TypedAgain(
        f"You typed “{rest}”, but `/people {verb}` {_EFFECTS[verb]} at once. Type it {on}, or do it today.",
        [("Do it today", command)],
        said=rest,
    )


def _changed(request: Request) -> Reply:
    user_id = request.metadata.text("user")
    now = request.do(changing.propose_change, user_id)
    offices = request.choices("offices")
    leads, administers = now.person.leads_agency, now.person.is_administrator
    if now.is_administrators:
        leads, administers = "lead" in offices, "administrator" in offices
    change = changing.Change(
        name=request.field("name"),
        agency_id=request.chosen("agency"),
        timezone=request.field("timezone"),
        job_title=request.field("job_title"),
        leads_agency=leads,
        is_administrator=administers,
        keeps_places="yes" in request.choices("keep"),
        successor_user_id=request.field("successor"),
    )
    return Reply(next_view=views.changed(request.do(changing.change_person, user_id, change)))


#: "Sam is no longer my deputy", "stop Sam covering", typed after the verb that names a deputy.
_ENDS_IT: Final = re.compile(
    rf"{MENTION}.*?(?:\bno longer\b|\bany\s?more\b|\b(?:stopped|ceased|finished)\b"
    r"|(?:\bnot\b|\b\w+n['\u2019]?t)\s+(?:be\s+)?(?:my|our|the|deputi\w+|a deputy|cover\w*|stand\w*)\b)"
    rf"|^\W*(?:not\b|no longer|remove|delete|stop|end|cancel|take\s+off|drop)\b.*?{MENTION}",
    re.IGNORECASE,
)


def _refuse_ending(request: Request) -> None:
    """Raise TypedAgain, with the command that ends the place, for words that say someone is no longer a deputy."""
    if _ENDS_IT.search(request.text):
        people = list(dict.fromkeys(re.findall(MENTION, request.text)))
        ended = f"/people end {people[0]}"
        named = [f"/people deputise {one}" for one in people[1:2] if one != f"<@{request.actor.user_id}>"]
        raise TypedAgain(
            "That reads as if this person should not be a deputy. I've changed nothing.",
            [(label_of(one), one) for one in (ended, *named)],
        )


def _deputise(request: Request) -> Reply:
    _refuse_ending(request)
    deputy, rest = take_mention(request.text)
    person, rest = take_mention(rest)
    if deputy is None:
        raise Mistake(f"Who stands in? {COMMAND.usage('deputise')}")
    form = request.do(deputies.propose_deputy, deputy, person)
    metadata = {"deputy": form.deputy_user_id, "person": form.person_user_id}
    if rest.lower() in ("", "for"):
        return Reply(modal=forms.deputising(form, metadata))
    if says_for_good(rest):
        return quoting(Reply(modal=forms.deputising(form, metadata, forms.When(is_standing=True))), plain(rest))
    begins, ends, is_clear = read_days(plain(rest), request.work.now.date())
    named = [number for number, _, at in form.meetings if begins == ends == at.date()]
    when = forms.When(named[0] if len(named) == 1 else None, begins, ends)
    reply = Reply(modal=forms.deputising(form, metadata, when))
    return reply if is_clear and (begins or ends) else quoting(reply, plain(rest))


def _deputised(request: Request) -> Reply:
    panel = request.field("panel")
    named = request.do(
        deputies.name_deputy,
        request.metadata.text("deputy"),
        request.metadata.text("person"),
        how=request.option("how", get_args(deputies.How)),
        panel_id=None if panel in ("", forms.ALL_PANELS) else number_of(panel),
        meeting_id=request.if_any(request.chosen, "meeting"),
        begins_on=request.day("from"),
        until=request.day("until"),
    )
    return Reply(next_view=views.named(named))


def _ended(request: Request) -> Reply:
    ended = request.do(
        places.end_places,
        request.metadata.text("user"),
        request.numbers("places"),
        successor_user_id=request.field("successor"),
    )
    return Reply(next_view=views.ended(ended))


def _left(request: Request) -> Reply:
    left = request.do(
        departure.leave,
        request.metadata.text("user"),
        successor_user_id=request.field("successor"),
        lead_user_id=request.field("lead"),
    )
    return Reply(next_view=views.left(left))


def _undecided(request: Request) -> Reply:
    return request.shown(views.undecided(request.do(readings.list_undecided)))


def _decided(request: Request, *, is_granted: bool) -> Reply:
    """Record whether a new chair or vice-chair may read closed items. Show the answer in the message that asked."""
    decide = partial(readings.decide_reading, is_granted=is_granted)
    return request.shown(views.places_given(request.do(decide, request.number())), replaces=True)


def _mentioned(request: Request, verb: str) -> tuple[str, str]:
    """Return the user id of the person mentioned, and the other words.

    Raise Mistake with the usage if no person is mentioned, and TypedAgain if several are.
    """
    user_id, rest = take_mention(request.text)
    if user_id is None:
        if verb in _BY_MANAGERS:
            request.do(managed_panels)  # says who can, if this person can't
        raise Mistake(f"Who do you mean? {COMMAND.usage(verb)}")
    if others := re.findall(MENTION, rest):
        people = dict.fromkeys((f"<@{user_id}>", *others))
        commands = [f"/people {verb} {who}" for who in people]
        raise TypedAgain(
            "One person at a time, please. The buttons are in the order in which you named them.",
            [(f"{place}: {label_of(one)}", one) for place, one in enumerate(commands, 1)],
        )
    return user_id, plain(without_courtesy(rest)).strip(" ,.\u2013\u2014-")


#: Verbs of people who manage places, and of nobody else.
_BY_MANAGERS: Final = frozenset({"enrol", "return", "end"})
_ASKS_WHO: Final = re.compile(r"^\W*(?:who|who['\u2019]?s|list|members?|everyone|all|show)\b", re.IGNORECASE)


_ASKS_WHO_CAME: Final = re.compile(
    r"\b(?:how often|how many times|when|does|did|do|has|have)\s+(?:(?:did|does|do|has|have)\s+)?(?:the\s+)?"
    r"(?P<who>[\w&'\u2019-]+(?:\s+[\w&'\u2019-]+)?)\s+"
    r"(?:turn(?:ed)?\s+up|come|came|attend(?:ed)?|miss(?:ed)?|show(?:ed)?\s+up)\b",
    re.IGNORECASE,
)


#: "Sam is no longer my deputy", "Sam isn't deputising for me any more".
_NO_DEPUTY: Final = re.compile(
    rf"(?P<who>{MENTION})(?=.*\b(?:deput\w+|cover\w*|stand(?:s|ing)?)\b)"
    r"\s+(?:(?:is|has|will|should|does)\s+)?"
    r"(?:no longer|not|(?:is|does|wo|should)n['\u2019]?t|stopped|ceased|finished)\b",
    re.IGNORECASE,
)


def _recognised(request: Request, text: str) -> Iterator[str]:
    """Yield the commands that answer a question about who is on a panel, or who came to meetings.

    Raise NotAllowed, with the names to ask, if this person may not see the list of people.
    """
    if _ASKS_WHO.match(text):
        request.do(directory.list_people)
        yield "/people list"
    if (ended := _NO_DEPUTY.search(with_mentions(request, "/people end", text, after=ANYWHERE))) is not None:
        yield f"/people end {ended['who']}"
    if found := _ASKS_WHO_CAME.search(text):
        yield f"/people attendance {found['who']}".strip()


COMMAND = Command(
    "/people",
    "Members, deputies, and people who leave",
    recognised=_recognised,
    verbs=(
        Verb(
            "list",
            "[panel | agency]",
            "list members, deputies and agency leads",
            "",
            _list,
            reads=True,
        ),
        Verb(
            "deputise",
            "@deputy [for @person]",
            "name a deputy for a meeting or a period",
            "@jo",
            _deputise,
            aliases=(
                "deputize",
                "deputy",
            ),
        ),
        Verb(
            "end",
            "@person",
            "end a deputy's or another person's place",
            "@jo",
            partial(_propose, verb="end", propose=places.propose_end, form=forms.ending),
            reads=True,
        ),
        Verb(
            "enrol",
            "@person",
            "add a person, or give them more panels",
            "@sam",
            partial(_enrol, verb="enrol", propose=enrolment.propose_enrolment),
            asks_slack=True,
            aliases=(
                "enroll",
                "add",
            ),
        ),
        Verb(
            "change",
            "@person",
            "change a person's agency, name, job title or lead",
            "@sam",
            _change,
            reads=True,
        ),
        Verb(
            "leave",
            "@person",
            "hand over a leaver's actions and flags, and end their access",
            "@sam",
            partial(_propose, verb="leave", propose=departure.show_holdings, form=forms.leaving),
            reads=True,
            offered_for=(
                "remove",
                "delete",
            ),
        ),
        Verb(
            "return",
            "@person",
            "bring back a person who had left",
            "@sam",
            partial(_enrol, verb="return", propose=enrolment.propose_return),
            asks_slack=True,
        ),
        Verb(
            "attendance",
            "[agency] [panel]",
            "show who came for each agency",
            "",
            _attendance,
            reads=True,
        ),
        Verb(
            "closed",
            "",
            "decide which new chairs read earlier closed items",
            "",
            _undecided,
            reads=True,
        ),
    ),
)


def on_user_change(work: Work, team_id: str, user_id: str, body: Mapping[str, Any]) -> None:
    """Record that a person's account was switched off or on. Other changes are ignored.

    Slack sends this event for every account and status, and sends it again if it got no answer. The event's number is
    stored, so that a late repetition changes nothing.
    """
    if team_id != body["team_id"]:
        return  # a person of another workspace, about whose accounts this workspace's Slack can't tell
    key = hashlib.sha256(f"event:{body['event_id']}".encode()).hexdigest()
    if first_answer(work, key) is not None:
        return
    if body["event"]["user"].get("deleted"):
        concerns = departure.account_switched_off(work, team_id, user_id)
    else:
        concerns = departure.account_switched_on(work, team_id, user_id)
    if concerns:
        remember_answer(work, key, {})


NOUN = Noun(
    command=COMMAND,
    clicks={
        "people.page": _list,
        "people.attendance": _attendance,
        "people.open_closed": partial(_decided, is_granted=True),
        "people.keep_closed": partial(_decided, is_granted=False),
    },
    reads=frozenset({"people.page", "people.attendance"}),
    submissions={
        "people.enrol": _enrolled,
        "people.change": _changed,
        "people.deputise": _deputised,
        "people.end": _ended,
        "people.leave": _left,
    },
    events={"user_change": on_user_change},
)
