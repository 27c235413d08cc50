"""The wrapper around every handler: one transaction, stored answers, and a sentence to the person for each exception.

After three seconds without an answer, Slack tells a person that the command failed, and they type it again. So the bot
gives up a delivery that it can't answer within 2.5 seconds of its arrival, before anything is written.
"""

import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from queue import SimpleQueue
from typing import Any

from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.errors import (
    Misconfigured,
    Mistake,
    NotAllowed,
    NotForYou,
    OutOfDate,
    OutOfTime,
    PanelbotError,
    Stranger,
    Unsettled,
)
from bot.records.access.queries import (
    Standing,
    actor_of,
    allowed_here,
    has_lost_access,
    identify,
    identify_in,
    named_in,
)
from bot.slack.blocks import buttons, notice, section
from bot.slack.delivery import Delivery
from bot.slack.fallback import TYPE_AGAIN, again_buttons, edit_button
from bot.slack.help import without_hints_for_others
from bot.slack.home.commands import tell_home
from bot.slack.incidents import for_field, for_message, incident
from bot.slack.outgoing import Outgoing, Respond
from bot.slack.registry import Registry
from bot.slack.request import Block, Deed, Handler, Offering, Reply, Request, View
from bot.slack.screens import Opened, Screens
from bot.store.budget import Budget
from bot.store.faults import Fault, fault_of, is_conflict
from bot.store.requests import answered_at, first_answer, remember_answer, was_answered
from bot.store.unit_of_work import Store, Work


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits in seconds for the steps of an answer while a person waits. Slack's trigger lasts three seconds."""

    #: From arrival until a command is given up, so that its sender hears why before Slack says "failed".
    answer: float = 2.5
    #: From arrival until Slack may have given up. A later answer also goes through the response address.
    #: The rest of the three seconds is for the way from Slack and back, which this process can't measure.
    slack: float = 2.7
    modal: int = 2
    account: int = 1  #: this time is taken from the seconds in which a form must open


#: For demos and tests of what people see, where nobody waits with a trigger that expires.
LONG_PATIENCE = Patience(answer=600.0, slack=600.0, modal=120, account=120)


Ack = dict[str, Any]
#: Seconds left of Slack's three when a delivery is given up. In this time the listener looks whether the delivery was
#: answered before.
LAST_LOOK_SECONDS = 0.25

LATE = "I took too long, so Slack may tell you that this failed. But I did what you asked: please don't do it again."
TOO_SLOW = "Slack gave up waiting before I could open the form. Nothing was changed. Please try again."
NOT_OPENED = "Slack did not open the form. Nothing was changed. Please try again, or tell your administrator."
SAVED = "I saved that, but Slack did not open the window that says so. Check before you do it again."
SAVED_UNSEEN = "I made your address, but Slack could not show it. I show an address only once, so make a new one."
_MOST_NUMBERS = 20  #: the most numbers of a refused command that the audit notes
NOT_SET_UP = "This part of me is not set up properly. Tell your administrator that `panelbot check` says what is wrong."

SETTLING_PAUSE = 1.0  # seconds between tries
#: Slack takes answers through a response address for half an hour.
_MOST_TRIES = 1_800

WITHHELD = "I have answered this before, and I can't show that answer again. Check before you do it again."
WAS_SAVED = "What you asked for a moment ago ({what}) was saved. You don't need to do it again."
WAS_NOT_SAVED = "What you asked for a moment ago ({what}) was not saved. Please try again."


class Settling:
    """Finds out whether a request was saved if the connection broke during the commit, and tells the person.

    One thread does this for all requests. It starts with the first request and asks until the database answers.
    """

    def __init__(self, store: Store, screens: Screens) -> None:
        self._store = store
        self._screens = screens
        self._lock = threading.Lock()
        self._waiting: SimpleQueue[tuple[Delivery, int] | None] = SimpleQueue()  # None: stop asking
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def find_out(self, delivery: Delivery) -> None:
        """Queue a check of whether a request was saved. Once the database can answer, the person is told the result."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="settling", daemon=True)
                self._thread.start()
        self._waiting.put((delivery, 0))

    def stop(self) -> None:
        """Stop the thread that asks whether requests were saved."""
        self._stopping.set()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (found := self._waiting.get()) is not None and not self._stopping.is_set():
            delivery, tries = found
            try:
                was_saved = was_answered(self._store, delivery.key)
            except Exception as away:  # noqa: BLE001 - asked again until the database is back
                incident(away)
                if tries < _MOST_TRIES:
                    self._waiting.put((delivery, tries + 1))
                self._stopping.wait(SETTLING_PAUSE)
            else:
                self._tell(delivery, was_saved)

    def _tell(self, delivery: Delivery, was_saved: bool) -> None:
        # Only the command is named, not the typed words, since a direct message stays in Slack.
        what = f"`{delivery.name}`" if delivery.kind == "command" else "a form" if delivery.view else "a button"
        said = (WAS_SAVED if was_saved else WAS_NOT_SAVED).format(what=what)
        if delivery.response_url is not None:
            self._screens.whisper(delivery.response_url, said)
        else:
            self._screens.tell(delivery.user_id, said)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one delivery, in a form that can be stored and given again if Slack repeats the delivery."""

    ack: Ack | None = None  #: None: an empty acknowledgement
    modal: View | None = None
    update: View | None = None  #: the view that replaces the clicked one
    over: str = ""  #: the hash of the only version that `update` may replace; empty: any version
    respond: Mapping[str, Any] | None = None  #: posted to the click's `response_url` by the courier
    saved: str = ""  #: the sentence if Slack does not open the modal although something was saved
    person_id: int | None = None  #: the person who was answered; None in answers of earlier versions

    def as_json(self) -> dict[str, Any]:
        """Return the answer as a dict that can be stored as JSON."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


class Listener:
    """Answers all deliveries. Each delivery gets an acknowledgement, and no error is raised."""

    def __init__(
        self, store: Store, registry: Registry, screens: Screens, settling: Settling, patience: Patience
    ) -> None:
        self._store = store
        self._registry = registry
        self._screens = screens
        self._settling = settling
        self.patience = patience

    def answer(self, delivery: Delivery, arrived: float | None = None) -> Ack | None:
        """Carry out what was asked and return the acknowledgement, or None for an empty one.

        `arrived` is the time of arrival on the monotonic clock, so that waiting for a thread counts. If Slack repeats a
        delivery, saving its answer breaks a unique key. The repetition is then rolled back and gets the first answer.
        Looking for a first answer before that would slow every delivery because of a few repetitions.
        """
        came = time.monotonic() if arrived is None else arrived
        budget = Budget.of(self.patience.answer, since=came, for_people=True)
        actors: list[Actor] = []
        try:
            if budget.is_over():  # the delivery has waited too long for a thread
                raise OutOfTime
            answer = self._attempt(delivery, actors, budget)
        except Stranger as refusal:
            return self._refused(delivery, refusal, actors, budget)
        except Exception as failed:  # noqa: BLE001 - the person must be answered whatever happened
            again, found = self._again(delivery, failed, actors, budget)
            if found is None:
                return self._failed(delivery, again, actors, budget)
            answer = found
        return self._show(delivery, answer, came)

    def _again(
        self, delivery: Delivery, failed: Exception, actors: list[Actor], budget: Budget
    ) -> tuple[Exception, Answer | None]:
        """Return the error to report and, if the failed delivery was a repetition, the stored first answer."""
        fault = fault_of(failed)
        if isinstance(failed, Unsettled) or fault is Fault.AWAY:
            return failed, None
        if fault is not None:
            # The budget is used up, but "nothing was saved" must not be said of a delivery that was answered before.
            budget = Budget.of(LAST_LOOK_SECONDS, for_people=True)
        try:
            with self._store.reading(budget) as work:
                first = _kept(work, delivery.key)
            if first is None and is_conflict(failed):
                # Two people took the same row at once. The second try sees that the row is taken.
                actors.clear()
                first = self._attempt(delivery, actors, budget)
        except NotAllowed as refused:
            return refused, None
        except Exception as again:  # noqa: BLE001 - the person must be answered whatever happened
            return failed if fault is not None else again, None
        return failed, first

    def _failed(self, delivery: Delivery, failed: Exception, actors: list[Actor], budget: Budget) -> Ack | None:
        if isinstance(failed, NotAllowed | NotForYou | Stranger):
            return self._refused(delivery, failed, actors, budget)
        if isinstance(failed, Misconfigured):
            return self._say(delivery, NOT_SET_UP)
        if not isinstance(failed, PanelbotError):
            return self._say(delivery, incident(failed))
        if isinstance(failed, OutOfTime | Unsettled):
            incident(failed)
        if isinstance(failed, Unsettled):
            self._settling.find_out(delivery)
        return self._say(delivery, str(failed), _field_of(failed), failed)

    def _attempt(self, delivery: Delivery, actors: list[Actor], budget: Budget) -> Answer:
        account = self._account(delivery)  # before the transaction begins, since nothing may wait for Slack in it
        only_reads = self._registry.only_reads(delivery.kind, delivery.name, delivery.text)
        with (self._store.looking if only_reads else self._store.work)(budget) as work:
            actor, here = self._identify(work, delivery)
            actors.append(actor)
            delivery.check_characters()
            handler = self._handler(delivery)
            deed = {each.name: getattr(delivery, each.name) for each in fields(Deed)}
            reply = _do(handler, Request(work=work, actor=actor, here=here, account=account, **deed))
            if delivery.from_home:
                reply = _from_home(reply, delivery.places)
            answer = _answer(delivery, reply)
            if work.has_changed:
                answer = replace(answer, saved=SAVED_UNSEEN if reply.shown_once else SAVED)
            if answer.respond is not None:
                work.tell(delivery.user_id, Notice.RESPONSE, once=delivery.key, request=delivery.key)
            if delivery.from_home:
                places = {**delivery.places, **reply.places}
                tell_home(work, delivery.team_id, delivery.user_id, delivery.key, places)
            # A look without an audit entry can be done twice, so it stores no answer and needs no writable database.
            if not only_reads or work.has_promises:
                kept = Answer() if reply.shown_once else answer
                remember_answer(work, delivery.key, replace(kept, person_id=actor.person_id).as_json())
        return answer

    def _identify(self, work: Work, delivery: Delivery) -> tuple[Actor, Standing | None]:
        if delivery.channel_id is None:
            return identify(work, delivery.team_id, delivery.user_id), None
        return identify_in(work, delivery.team_id, delivery.user_id, delivery.channel_id)

    def _account(self, delivery: Delivery) -> Mapping[str, Any] | None:
        user_id = self._registry.asks_about(delivery.kind, delivery.name, delivery.text or delivery.value)
        return None if user_id is None else self._screens.account(user_id)

    def _handler(self, delivery: Delivery) -> Handler:
        name = delivery.name
        if delivery.kind == "command" and name in self._registry.commands:
            return self._registry.commands[name].answer
        if delivery.kind == "click" and name in self._registry.clicks:
            return self._registry.clicks[name]
        if delivery.kind == "submission" and name in self._registry.submissions:
            return self._registry.submissions[name]
        if delivery.kind == "shortcut" and name in self._registry.shortcuts:
            return self._registry.shortcuts[name].handler
        raise OutOfDate

    def _show(self, delivery: Delivery, answer: Answer, came: float) -> Ack | None:
        """Open or update modals after the commit. Post a command's answer again if its acknowledgement is late."""
        if answer.modal is not None:
            left = came + self.patience.slack - time.monotonic()
            opened = self._screens.open(delivery.trigger_id, answer.modal, push=delivery.from_modal, within=left)
            if opened is Opened.ALREADY:
                return answer.ack  # a repeated delivery: the form was opened the first time
            if opened is not Opened.YES:
                said = answer.saved or (TOO_SLOW if opened is Opened.TOO_LATE else NOT_OPENED)
                if delivery.kind == "command":
                    return {"response_type": "ephemeral", "text": said}
                self._screens.whisper(delivery.response_url, said)
        if answer.update is not None and delivery.view is not None:
            self._screens.update(delivery.view["id"], answer.update, over=answer.over)
        if delivery.kind == "command" and answer.ack and time.monotonic() > came + self.patience.slack:
            self._screens.respond(delivery.response_url, _late(answer.ack))
        return answer.ack

    def _say(
        self, delivery: Delivery, sentence: str, block_id: str | None = None, failed: PanelbotError | None = None
    ) -> Ack | None:
        """Show the person a sentence in the form that fits the delivery. Return the acknowledgement."""
        typed = f"{delivery.text} {delivery.value} {delivery.values} {'' if failed is None else failed.said}"
        said = for_message(sentence, typed)
        if delivery.kind == "command":
            return _message(Reply(text=said, blocks=_offering(said, failed)))
        if delivery.kind == "submission":
            blocks = (delivery.view or {}).get("blocks", [])
            fields = [block["block_id"] for block in blocks if block["type"] == "input" and block.get("block_id")]
            if fields:
                field = block_id if block_id in fields else fields[0]
                return {"response_action": "errors", "errors": {field: for_field(sentence)}}
            return {"response_action": "push", "view": notice(said)}
        blocks = _offering(said, failed)
        if (
            delivery.response_url is not None
            and blocks
            and (isinstance(failed, Offering) or delivery.name == TYPE_AGAIN)
        ):
            # A form of one sentence has no room for buttons that answer with a message.
            offered = _message(Reply(text=said, blocks=blocks))
            self._screens.respond(delivery.response_url, {**offered, "replace_original": False})
            return None
        if self._screens.open(delivery.trigger_id, notice(said), push=delivery.from_modal) is not Opened.YES:
            self._screens.whisper(delivery.response_url, said)
        return None

    def _note_refusal(self, delivery: Delivery, actors: list[Actor], budget: Budget) -> None:
        noun, _, verb = delivery.name.removeprefix("/").partition(".")
        numbers: list[int | None] = [delivery.number]
        references = delivery.words
        if delivery.kind == "command":
            # The audit gets only the bot's own words and numbers, and not what people type.
            command = self._registry.commands.get(delivery.name)
            known = None if command is None else command.word_and_verb(delivery.text)[1]
            verb = "" if known is None else known.name
            if command is not None:
                with suppress(Mistake):  # a range that can't be read, such as "9-2", names no action
                    numbers = [*command.numbers(delivery.text)[:_MOST_NUMBERS]] or [None]
                references = command.references(delivery.text)
        if not self._registry.knows(delivery.kind, delivery.name):
            noun, verb = delivery.kind, ""
        with self._store.work(budget) as work:
            panel_id, case_id = named_in(work, delivery.words, references, delivery.channel_id)
            for number in numbers:
                work.audit(
                    (verb or "use")[:40],
                    noun[:40],
                    number,
                    panel_id=panel_id,
                    actor_id=actors[0].person_id if actors else None,
                    outcome="refused",
                    case_id=case_id,
                    account=f"{delivery.team_id}.{delivery.user_id}"[:80],
                )

    def _refused(self, delivery: Delivery, refusal: PanelbotError, actors: list[Actor], budget: Budget) -> Ack | None:
        try:
            self._note_refusal(delivery, actors, budget)
        except Exception as unexpected:  # noqa: BLE001 - a refusal that cannot be noted is still a refusal
            incident(unexpected)
        is_old = isinstance(refusal, OutOfDate) and delivery.kind != "command"
        said = self._out_of_date(delivery) if is_old else str(refusal)
        return self._say(delivery, said, _field_of(refusal), refusal)

    def _out_of_date(self, delivery: Delivery) -> str:
        what = "form" if delivery.kind == "submission" else "button"
        command = self._registry.begun_by.get(delivery.name)
        again = f"type `{command} help`" if command is not None else "look on your Home tab"
        return f"That {what} is out of date. To find it again, {again}."


def _do(handler: Handler, request: Request) -> Reply:
    """Run the handler and return its reply.

    If the handler refuses, remove from the refusal the commands that this person may not use.
    """
    try:
        return handler(request)
    except (Mistake, NotForYou) as refusal:
        said = str(refusal)
        if "`/" in said:
            allowed = allowed_here(request.work, request.actor, request.where(), request.text)
            refusal.args = (without_hints_for_others(said, allowed, leads_agency=request.actor.leads_agency),)
        raise


def _offering(said: str, failed: PanelbotError | None) -> tuple[Block, ...]:
    """Return a refusal as blocks with buttons for what would work, or nothing if the refusal offers nothing."""
    if isinstance(failed, Offering) and failed.offered:
        return section(said), buttons(*failed.offered)
    made = () if failed is None else (*again_buttons(failed.commands), *edit_button(failed.to_edit))
    return (section(said), buttons(*made)) if made else ()


def _field_of(failed: PanelbotError) -> str | None:
    return failed.field if isinstance(failed, Mistake | NotForYou) else None


def _answer(delivery: Delivery, reply: Reply) -> Answer:
    if delivery.kind == "command":
        return Answer(ack=_message(reply) if reply.text or reply.blocks else None, modal=reply.modal)
    if delivery.kind == "submission":
        return Answer(ack=_submission(reply))
    respond = None
    if delivery.response_url and (reply.text or reply.blocks):
        body = {**_message(reply), "replace_original": False}
        if reply.replaces:
            body = {"text": reply.text, "blocks": list(reply.blocks), "replace_original": True}
        respond = {"url": delivery.response_url, "body": body}
    modal = reply.modal
    if respond is None and modal is None and reply.next_view is None and reply.text and delivery.from_modal:
        modal = notice(reply.text, title="Done")
    over = str((delivery.view or {}).get("hash", "")) if reply.unless_changed else ""
    return Answer(modal=modal, update=reply.next_view, over=over, respond=respond)


def _from_home(reply: Reply, places: Mapping[str, int]) -> Reply:
    """Mark the views of a reply as opened from Home, so that submitting one of them publishes Home again."""
    modal, next_view = (_remembering(view, places) for view in (reply.modal, reply.next_view))
    return replace(reply, modal=modal, next_view=next_view)


def _remembering(view: View | None, places: Mapping[str, int]) -> View | None:
    if view is None:
        return None
    kept = json.loads(view.get("private_metadata") or "{}")
    return {**view, "private_metadata": json.dumps({**kept, "places": dict(places)}, separators=(",", ":"))}


def _late(ack: Ack) -> dict[str, Any]:
    """Return an acknowledgement as a separate message, for a person who has read in Slack that the command failed."""
    message = {**ack, "replace_original": False, "text": f"{LATE}\n\n{ack.get('text', '')}"}
    if "blocks" in ack:
        message["blocks"] = [section(LATE), *ack["blocks"]]
    return message


def _message(reply: Reply) -> Ack:
    message: Ack = {"response_type": "ephemeral", "text": reply.text}
    if reply.blocks:
        message["blocks"] = list(reply.blocks)
    return message


def _submission(reply: Reply) -> Ack | None:
    if reply.next_view is not None:
        return {"response_action": "update", "view": reply.next_view}
    if reply.modal is not None:
        return {"response_action": "push", "view": reply.modal}
    if reply.text:
        return {"response_action": "update", "view": notice(reply.text, title="Done")}
    return None


def render_response(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the stored answer to a click, or None if it was deleted or its reader has lost access since."""
    try:
        kept = _kept(work, payload["request"])
    except NotAllowed:
        return None
    if kept is None or kept.respond is None:
        return None
    return Outgoing(Respond(kept.respond["url"], kept.respond["body"]))


def _kept(work: Work, key: str) -> Answer | None:
    """Return the stored answer to the request `key`, if any. Raise NotAllowed if its reader has lost access since."""
    kept = first_answer(work, key)
    if kept is None:
        return None
    found = Answer(**kept)
    reader = None if found.person_id is None else actor_of(work, found.person_id)
    if reader is None or has_lost_access(work, reader.person_id, answered_at(work, key)):
        raise NotAllowed(WITHHELD)
    return found
