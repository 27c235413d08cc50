"""`/people`: who is here, where they sit, who stands in, and what becomes of what they hold when they go."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from bot.errors import Mistake
from bot.services.leaving import departure, places
from bot.services.people import changing, deputies, directory, enrolment
from bot.slack.people import forms, views
from bot.slack.registry import Command, Noun, Verb
from bot.slack.request import Reply, Request, number_of, plain, take_mention
from bot.store.requests import first_answer, remember_answer
from bot.store.unit_of_work import Work


def _list(request: Request) -> Reply:
    return _directory(request, plain(request.text), 0)


def _turned(request: Request) -> Reply:
    number, sought = _page(request)
    return _directory(request, sought, number)


def _directory(request: Request, sought: str, number: int) -> Reply:
    found = directory.list_people(request.work, request.actor, sought)
    return _shown(request, views.directory(found, sought, number))


def _attendance(request: Request) -> Reply:
    return _history(request, plain(request.text), 0)


def _turned_attendance(request: Request) -> Reply:
    number, sought = _page(request)
    return _history(request, sought, number)


def _history(request: Request, sought: str, number: int) -> Reply:
    records = directory.attendance_history(request.work, request.actor, sought)
    return _shown(request, views.attendance(records, sought, number))


def _page(request: Request) -> tuple[int, str]:
    number, _, sought = request.value.partition("|")
    return number_of(number), sought


def _shown(request: Request, view: dict[str, Any]) -> Reply:
    return Reply(modal=view) if request.clicked is None else Reply(next_view=view)


def _enrol(request: Request) -> Reply:
    _mentioned(request, "enrol")
    form = enrolment.propose_enrolment(request.work, request.actor, _account(request.account))
    return Reply(modal=forms.enrolment(form, _kept(form.account)))


def _return(request: Request) -> Reply:
    _mentioned(request, "return")
    form = enrolment.propose_return(request.work, request.actor, _account(request.account))
    return Reply(modal=forms.enrolment(form, _kept(form.account)))


def _account(user: Mapping[str, Any] | None) -> enrolment.Account:
    """What `users.info` says, in our words. Raises Mistake when Slack did not answer."""
    if user is None:
        raise Mistake("Slack did not tell me who that is. Mention somebody by @name, or try again in a minute.")
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


def _kept(account: enrolment.Account) -> dict[str, Any]:
    """The account for the form: Slack keeps it, nobody can change it, and it need not be asked for again."""
    return {
        "user": account.user_id,
        "team": account.team_id,
        "name": account.name,
        "timezone": account.timezone,
        "guest": account.is_guest,
    }


def _enrolled(request: Request) -> Reply:
    kept = request.metadata
    account = enrolment.Account(kept["user"], kept["team"], kept["name"], kept["timezone"], False, kept["guest"], False)
    done = enrolment.enrol(
        request.work,
        request.actor,
        account,
        name=request.field("name"),
        timezone=request.field("timezone"),
        agency_id=number_of(request.field("agency") or "0"),
        places=request.choices("places"),
        is_confirmed="yes" in request.choices("sure"),
    )
    return Reply(next_view=views.enrolled(done))


def _change(request: Request) -> Reply:
    user_id = _mentioned(request, "change")
    form = changing.propose_change(request.work, request.actor, user_id)
    return Reply(modal=forms.changing(form, {"user": user_id}))


def _changed(request: Request) -> Reply:
    user_id = request.metadata["user"]
    now = changing.propose_change(request.work, request.actor, user_id)
    offices = request.choices("offices")
    leads, administers = now.person.leads_agency, now.person.is_administrator
    if now.is_administrators:
        leads, administers = "lead" in offices, "administrator" in offices
    change = changing.Change(
        name=request.field("name"),
        agency_id=request.chosen("agency"),
        timezone=request.field("timezone"),
        leads_agency=leads,
        is_administrator=administers,
        keeps_places="yes" in request.choices("keep"),
        successor_user_id=request.field("successor"),
    )
    return Reply(next_view=views.changed(changing.change_person(request.work, request.actor, user_id, change)))


def _deputise(request: Request) -> Reply:
    deputy, rest = take_mention(request.text)
    person, rest = take_mention(rest)
    if deputy is None or rest.lower() not in ("", "for"):
        raise Mistake(f"Who stands in? {COMMAND.usage('deputise')}")
    form = deputies.propose_deputy(request.work, request.actor, deputy, person)
    metadata = {"deputy": form.deputy_user_id, "person": form.person_user_id}
    return Reply(modal=forms.deputising(form, metadata))


def _deputised(request: Request) -> Reply:
    panel = request.field("panel")
    meeting = request.field("meeting")
    named = deputies.name_deputy(
        request.work,
        request.actor,
        request.metadata["deputy"],
        request.metadata["person"],
        how=cast(deputies.How, request.field("how")),
        panel_id=None if panel in ("", forms.ALL_PANELS) else int(panel),
        meeting_id=int(meeting) if meeting else None,
        begins_on=_day(request, "from"),
        until=_day(request, "until"),
    )
    return Reply(next_view=views.named(named))


def _day(request: Request, block_id: str) -> date | None:
    given = request.field(block_id)
    return date.fromisoformat(given) if given else None


def _end(request: Request) -> Reply:
    user_id = _mentioned(request, "end")
    form = places.propose_end(request.work, request.actor, user_id)
    return Reply(modal=forms.ending(form, {"user": user_id}))


def _ended(request: Request) -> Reply:
    ended = places.end_places(
        request.work,
        request.actor,
        request.metadata["user"],
        [number_of(number) for number in request.choices("places")],
        successor_user_id=request.field("successor"),
    )
    return Reply(next_view=views.ended(ended))


def _leave(request: Request) -> Reply:
    user_id = _mentioned(request, "leave")
    holdings = departure.show_holdings(request.work, request.actor, user_id)
    return Reply(modal=forms.leaving(holdings, {"user": user_id}))


def _left(request: Request) -> Reply:
    left = departure.leave(
        request.work,
        request.actor,
        request.metadata["user"],
        successor_user_id=request.field("successor"),
        lead_user_id=request.field("lead"),
    )
    return Reply(next_view=views.left(left))


def _mentioned(request: Request, verb: str) -> str:
    """The one person mentioned. Raises Mistake with the usage for anything else."""
    user_id, rest = take_mention(request.text)
    if user_id is None or rest:
        raise Mistake(f"Whom do you mean? {COMMAND.usage(verb)}")
    return user_id


COMMAND = Command(
    "/people",
    "Who sits where, who stands in, who has left",
    (
        Verb(
            "deputise",
            "@deputy [for @person]",
            "somebody stands in: for one meeting, for a period, or until further notice",
            "@jo",
            _deputise,
        ),
        Verb("end", "@person", "take a deputy or another place away", "@jo", _end, reads=True),
        Verb(
            "list",
            "[panel | agency]",
            "who sits where, who stands in until when, who leads each agency",
            "",
            _list,
            reads=True,
        ),
        Verb(
            "attendance",
            "[agency] [panel]",
            "who came for each agency to the last meetings, and what was not quorate for want of them",
            "",
            _attendance,
            reads=True,
        ),
        Verb(
            "enrol",
            "@person",
            "let somebody in: their agency, panels and roles; or give more places to who is here",
            "@sam",
            _enrol,
            asks_slack=True,
        ),
        Verb(
            "change",
            "@person",
            "another agency, name, time zone; who leads an agency or administers",
            "@sam",
            _change,
            reads=True,
        ),
        Verb(
            "leave",
            "@person",
            "somebody has left: all they hold is handed over, their access ends",
            "@sam",
            _leave,
            reads=True,
        ),
        Verb(
            "return",
            "@person",
            "bring somebody back who had left; their places are chosen anew",
            "@sam",
            _return,
            asks_slack=True,
        ),
    ),
)


def on_user_change(work: Work, team_id: str, user_id: str, body: Mapping[str, Any]) -> None:
    """Slack says that somebody's account changed: of interest is only whether it is switched off.

    Slack says so of everybody in the workspace and of every status, and says it again when it heard no answer; what
    an event did is remembered by its number, so that a late repetition undoes nothing.
    """
    if team_id != body["team_id"]:
        return  # somebody of another workspace: their own Slack is not ours to believe
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
    clicks={"people.page": _turned, "people.attendance": _turned_attendance},
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
