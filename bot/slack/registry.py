"""The registry of commands, buttons and forms, from which help, hints, routing and the manifest are made."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, TypeVar

from bot.domain.language.day_words import listed
from bot.domain.language.references import with_dash_closed
from bot.domain.notices import Notice
from bot.errors import Misconfigured, Mistake, NoSuchTime, NotAllowed, NotForYou, NotYourRole, OutOfDate
from bot.records.access.queries import allowed_anywhere, allowed_here
from bot.records.cases.references import references_ending
from bot.slack import asking
from bot.slack.blocks import NOT_FOR_EMERGENCIES, capital, context, escape, modal, section
from bot.slack.editing import SEND, edit_form
from bot.slack.fallback import (
    EDIT,
    NOT_USED,
    TYPE_AGAIN,
    Recogniser,
    commands_instead,
    commands_recognised,
    one_at_a_time,
    say_unused,
)
from bot.slack.help import SHOWN, line_of, verbs_shown
from bot.slack.meant import MOST_OFFERS, filled_in, label_of, lacking_reason, other_verbs, whole_commands
from bot.slack.naming import mention_people, with_mentions
from bot.slack.other_words import (
    offered_behind,
    offered_behind_number,
    offered_elsewhere,
    offered_for,
    offered_with,
)
from bot.slack.outgoing import Renderer
from bot.slack.references import BARE_DIGITS, cases_of_few_digits, with_references_now
from bot.slack.request import Handler, Reply, Request, TypedAgain, blaming
from bot.slack.typed import (
    asks_to_see,
    first_numbers,
    folded,
    is_question,
    only_key,
    parted,
    seen,
    several_commands,
    take_mention,
    unled,
    without_courtesy,
)
from bot.store.unit_of_work import Work

#: The name of the button on Home that shows what this person can type.
HELP: Final = "command.help"

_Entry = TypeVar("_Entry")

#: Takes the unit of work, the workspace's id, the user's id and the event. Its results are queued as effects.
EventHandler = Callable[[Work, str, str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb of a command, such as "flag". `usage` and `example` show what is typed after the verb."""

    name: str
    usage: str
    summary: str
    example: str
    handler: Handler
    asks_slack: bool = False  #: needs the account details of the mentioned person from Slack
    reads: bool = False  #: changes nothing, so only its audit entry needs the database's writer
    acts: bool = False  #: changes something at once without a form, so the bot asks first if the line is a question
    aliases: tuple[str, ...] = ()  #: other words for the verb, which help leaves out
    offered_for: tuple[str, ...] = ()  #: words for which the verb is offered, since they may mean something else
    offered_with: tuple[str, ...] = ()  #: words for which the verb is offered, followed by these words
    offered_behind: tuple[str, ...] = ()  #: words after a name for which it is offered, with the whole text
    offered_behind_number: tuple[str, ...] = ()  #: words after a number for which the verb is offered
    #: Returns the commands to offer for words typed after the verb: none if the verb can't take the words.
    offers: Callable[[str], Sequence[str]] | None = None
    fills_in: bool = False  #: the verb opens a form and fills in the typed words other than the panel

    @property
    def takes_words(self) -> bool:
        """Return whether the words after the verb are recorded as they are typed."""
        return "WORDS" in self.usage or "what" in self.usage

    @property
    def answers_questions(self) -> bool:
        """Return whether the verb only shows or opens something, so that the bot may offer it for a question."""
        is_of_one = self.usage.startswith("NUMBER") and not self.reads
        return not (self.acts or self.takes_words or is_of_one or "because" in self.usage)

    def how_to(self, command: str) -> str:
        """Return a sentence with the verb's usage and an example."""
        return (
            f"Type `{line_of(command, self.name, self.usage)}`, such as `{line_of(command, self.name, self.example)}`."
        )


@dataclass(frozen=True)  # no slots, so that its names can be cached
class Command:
    """One slash command: a noun with its verbs."""

    name: str  #: with its slash
    summary: str
    verbs: tuple[Verb, ...]
    reference: re.Pattern[str] | None = None  #: the pattern of a case reference; None if any word may be one
    #: Returns a text with the left-out verb put in front, or None if it is not certain which verb is meant.
    implied: Callable[[str], str | None] | None = None
    #: Yields whole commands for a line without a known verb, from the cases, people and numbers in the line.
    recognised: Recogniser | None = None
    shows: str = ""  #: the verb that is meant if only a courtesy is typed: "/agenda please"

    def answer(self, request: Request) -> Reply:
        """Carry out the typed command. Without words, or with `help`, return the help for this person."""
        word, verb = self.word_and_verb(request.text)
        asked = self._asked_about(request.text)
        if asked is not None:
            return Reply(text=f"{capital(asked.summary)}. {asked.how_to(self.name)}\n{_HOW_TO_READ}")
        if verb is None and not word and self.shows and request.text.strip():
            return self.answer(replace(request, text=self.shows))
        if verb is None and word in _HELP_WORDS:
            return Reply(text=f"{self.help(request)}\n_{NOT_FOR_EMERGENCIES}_")
        if verb is None:
            raise self._unknown(request, word)
        of_number = [name for name, each in self._by_name.items() if each.usage.startswith("NUMBER")]
        if several := several_commands(self.name, request.text, self._names, of_number, takes_words=verb.takes_words):
            raise one_at_a_time(several)
        rest = self._understood(request, verb)
        user_id = take_mention(rest)[0] if verb.asks_slack and take_mention(request.text)[0] is None else None
        if user_id is not None:
            raise self._account_needed(verb, rest, user_id)
        try:
            reply = verb.handler(replace(request, text=rest))
        except (Mistake, NotForYou) as refused:
            self._offer(verb, rest, refused)
            raise
        if not verb.usage and (unused := only_key(rest)) and reply.text:
            reply = replace(reply, text=f"{reply.text}\n{NOT_USED.format(escape(unused))}")
        return with_references_now(request, reply, self.references(request.text))

    def _understood(self, request: Request, verb: Verb) -> str:
        """Return the text after the verb, with mentions for typed names and the whole reference for a case's digits.

        Raise Mistake if a person or case can't be told from the text, or if the line may be a question.
        """
        rest = self._rest(request.text, verb)
        try:
            asking.refuse_correction(self.name, verb, rest)
            asking.refuse_several_cases(request, self.name, verb, rest)
            rest = mention_people(request, f"{self.name} {verb.name}", verb.usage, rest)
            rest = self._with_whole_reference(request, verb, rest)
            if "AGENCY:" in verb.usage and (other := self._parted(rest)[0]) in self._names and " " not in rest:
                raise TypedAgain(f"Do you mean `{self.name} {other}`?", self._offered([other, f'{verb.name} "{rest}"']))
            if is_question(request.text) and asking.is_asked(verb, rest):
                raise asking.question(self.name, verb, rest)
        except Mistake as refused:
            refused.to_edit = "" if refused.commands else f"{self.name} {verb.name} {rest}"
            raise
        return rest

    def _offer(self, verb: Verb, rest: str, refused: Mistake | NotForYou) -> None:
        """Fill in a command that would work, or a form to correct the line, and add it to a refusal."""
        refused.said = rest
        if isinstance(refused, NoSuchTime):
            refused.to_edit = f"{self.name} {verb.name} {rest}"
        if isinstance(refused, NotAllowed | NotYourRole | NoSuchTime):
            return
        meant = None if refused.commands or refused.to_edit else filled_in(verb.usage, rest)
        if meant and rest.startswith(f"{meant} ") and f"`{self.name} {verb.name}" not in str(refused):
            meant = None  # the text was understood and refused for another reason, and would be refused again
        if verb.usage == "[panel]" and (verb.fills_in or not only_key(rest)):
            meant = None
        is_about_number = verb.usage.startswith("NUMBER") and not refused.commands
        if not meant and not refused.commands and verb.usage != "[panel]":
            refused.commands = commands_instead(refused, f"{self.name} {verb.name}", verb.usage)
        if meant is not None and not refused.commands:
            refused.commands = self._offered([f"{verb.name} {meant}".strip()])
        elif is_about_number and (isinstance(refused, NotForYou) or not re.search("[0-9]", rest)):
            refused.commands = self._offered(["list mine"])
        elif (
            verb.usage == "[panel]"
            and only_key(rest)
            and not (refused.commands or verb.fills_in or isinstance(refused, NotForYou))
        ):
            refused.commands = self._offered([verb.name])
        elif isinstance(refused, Mistake) and (lacks := lacking_reason(verb.usage, rest)) is not None:
            refused.args = (f"{refused} Type `{self.name} {verb.name} {lacks}`.",)
            refused.to_edit = f"{self.name} {verb.name} {lacks.removesuffix('REASON')}"
        is_long = verb.takes_words or len(rest.split()) >= _LONG
        if rest and is_long and isinstance(refused, Mistake) and not (refused.commands or refused.to_edit):
            refused.to_edit = f"{self.name} {verb.name} {rest}"
        say_unused(refused, rest)

    def _with_whole_reference(self, request: Request, verb: Verb, rest: str) -> str:
        """Return the text after a verb, with the digits of a case ("0041") replaced by its whole reference.

        Raise Mistake, with a command for each case that may be meant, if the verb records something.
        """
        if "REFERENCE" not in verb.usage.split(" ", 1)[0]:
            return rest
        found = BARE_DIGITS.match(rest)
        if found is None:
            meant = cases_of_few_digits(request, rest) if self.name not in _NUMBERS_ITEMS else []
            if meant:
                made = [f"{verb.name} {one}" for one in meant]
                raise TypedAgain("Which case do you mean?", self._offered(made))
            return rest
        meant = references_ending(request.work, request.actor, found["digits"])[:MOST_OFFERS]
        made = [f"{reference} {rest[found.end() :].lstrip(' :,')}".strip() for reference in meant]
        if len(made) == 1 and (verb.reads or verb.usage.startswith("[")):
            return made[0]
        if made:
            full = self._offered([f"{verb.name} {filled_in(verb.usage, each) or each}" for each in made])
            raise TypedAgain(f"Do you mean {listed(meant, 'or')}?", full)
        return rest

    def _account_needed(self, verb: Verb, rest: str, user_id: str) -> Mistake:
        """Return a refusal that asks if a typed name means this person. It is for verbs that need a Slack account."""
        sentence = f"Do you mean <@{user_id}>? If not, choose the name from the list that @ opens."
        return TypedAgain(sentence, self._offered([f"{verb.name} {rest}"]), said=rest)

    def _asked_about(self, text: str) -> Verb | None:
        """Return the verb about which a person asks for help, as in `help flag` or `flag help`, or else None."""
        word, verb = self.word_and_verb(text)
        rest = self._parted(text)[1].strip()
        if verb is not None:
            return verb if rest.lower() in ("help", "?") else None
        return self.word_and_verb(rest)[1] if word in _HELP_WORDS else None

    def _unknown(self, request: Request, word: str) -> Mistake:
        """Return the refusal of a first word that isn't a verb, with likely commands that this person may use."""
        allowed = allowed_here(request.work, request.actor, request.where(), request.text)
        often, seldom = verbs_shown(self.name, allowed, leads_agency=request.actor.leads_agency)
        shown = [self._with_other_words(verb) for verb in self.verbs if verb.name in {*often, *seldom}]
        if forbidden := asking.not_to(request.text, shown):
            named = commands_recognised(self.name, self.recognised, request, request.text, ())
            looks = asking.looks(self.name, allowed, leads_agency=request.actor.leads_agency)
            return asking.left_alone(forbidden, named, looks)
        text = with_mentions(request, self.name, unled(request.text), after=None)
        text = _FROM_US.sub(f"from <@{request.actor.user_id}>", seen(text))
        if is_question(request.text) or asks_to_see(request.text):
            shown = [verb for verb in shown if verb.answers_questions]
        near = [f"{self.name} {one}" for one in self._near(request.text, text, shown)]
        elsewhere = whole_commands(text, offered_elsewhere(self.name))
        named = commands_recognised(self.name, self.recognised, request, text, near)
        near = list(dict.fromkeys((*elsewhere, *named, *near)))[:MOST_OFFERS]
        if not near and (is_question(request.text) or asking.is_denied(text)):
            near = asking.looks(self.name, allowed, leads_agency=request.actor.leads_agency)
        meant = f" Did you mean `{' '.join(near[0].split()[:2])}`?" if near else ""
        is_plain = word.replace("-", "").isalnum() and len(word) <= 20
        unknown = f"`{self.name} {word}` isn't a command." if is_plain else f"That isn't a {self.name} command."
        refused = Mistake(f"{unknown}{meant} `{self.name} help` lists all commands.")
        refused.commands = tuple((label_of(one), one) for one in near)
        return refused

    def _near(self, typed: str, text: str, verbs: Sequence[Verb]) -> Iterator[str]:
        """Yield the commands that a text without a known verb may mean.

        For a question with one number, the command that shows this number comes first.
        """
        numbers = re.findall(r"(?<![\w/.:-])#?([0-9]{1,9})(?![\w/:-])", typed) if is_question(typed) else []
        if len(numbers) == 1 and any(verb.name == "show" and verb.usage.startswith("NUMBER") for verb in verbs):
            yield f"show {numbers[0]}"
        offers = {verb.name: verb.offers for verb in verbs if verb.offers is not None}
        for near in other_verbs(text, verbs):
            name, _, rest = near.partition(" ")
            yield from offers[name](rest) if name in offers else (near,)

    def _with_other_words(self, verb: Verb) -> Verb:
        return replace(
            verb,
            offered_for=(*verb.offered_for, *offered_for(self.name, verb.name)),
            offered_with=offered_with(self.name, verb.name),
            offered_behind=offered_behind(self.name, verb.name),
            offered_behind_number=offered_behind_number(self.name, verb.name),
        )

    def _shown_to(self, request: Request) -> tuple[list[str], list[str]]:
        allowed = allowed_anywhere(request.work, request.actor)
        return verbs_shown(self.name, allowed, leads_agency=request.actor.leads_agency)

    def _rest(self, text: str, verb: Verb) -> str:
        """Return the text after the verb. A "please" at the end is removed unless the words are recorded."""
        rest = self._parted(text)[1].strip()
        rest = with_dash_closed(rest) if "REFERENCE" in verb.usage else rest
        return rest if verb.takes_words else without_courtesy(rest)

    def _parted(self, text: str) -> tuple[str, str]:
        """Split a text into the verb and the text after it, and return both.

        The text is split as by the function `parted`. If the verb was left out but is certain, return that verb.
        """
        found = parted(text, self._names)
        if self.implied is None or found[0] in self._names or found[0] in _HELP_WORDS:
            return found
        made = self.implied(folded(text))
        return found if made is None else parted(made, self._names)

    @cached_property
    def _by_name(self) -> Mapping[str, Verb]:
        return {name: verb for verb in reversed(self.verbs) for name in (verb.name, *verb.aliases)}

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._by_name)

    def _offered(self, meant: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return a pair for each text in `meant`: a button's label, and the whole command that the button types.

        Each text in `meant` is typed after this command's name.
        """
        return tuple((label_of(f"{self.name} {words}"), f"{self.name} {words}") for words in meant)

    def word_and_verb(self, text: str) -> tuple[str, Verb | None]:
        """Return the first word of the text, and the verb with this name or alias, or None if there is no such verb."""
        word = self._parted(text)[0]
        return word, self._by_name.get(word)

    def numbers(self, text: str) -> list[int]:
        """Return the typed numbers of the things to change, or an empty list if the verb takes no numbers."""
        _, verb = self.word_and_verb(text)
        takes_numbers = verb is not None and verb.usage.startswith("NUMBER")
        return first_numbers(self._parted(text)[1]) if takes_numbers else []

    def references(self, text: str) -> str:
        """Return the parts of the text that may be case references."""
        return text if self.reference is None else " ".join(self.reference.findall(text))

    def only_reads(self, text: str) -> bool:
        """Return whether the typed command changes nothing. This includes help and commands with an unknown verb."""
        _, verb = self.word_and_verb(text)
        return verb is None or verb.reads

    def asks_about(self, text: str) -> str | None:
        """Return the id of the mentioned account if the verb needs the account's details from Slack, or else None."""
        _, verb = self.word_and_verb(text)
        return take_mention(text)[0] if verb is not None and verb.asks_slack else None

    def help(self, request: Request) -> str:
        """Return help: a line with an example for each verb that this person may use, the most needed first."""
        often, seldom = self._shown_to(request)
        if not often:
            return f"*{self.name}*: {self.summary}. None of these commands is for your role."
        verbs = {verb.name: verb for verb in self.verbs}
        lines = [
            f"• {capital(verbs[name].summary)}: `{line_of(self.name, name, verbs[name].example)}`" for name in often
        ]
        if seldom:
            lines.append(f"Other commands: {', '.join(f'`{name}`' for name in seldom)}.")
        lines.append(f"To learn more about one of them: `{self.name} help {(seldom or often)[0]}`")
        return "\n".join((f"*{self.name}*: {self.summary}", *lines))

    def usage(self, verb_name: str) -> str:
        """Return a sentence with the usage and an example of one verb."""
        return next(verb for verb in self.verbs if verb.name == verb_name).how_to(self.name)

    def hint(self) -> str:
        """Return the hint that Slack shows while a person types the command."""
        return "[" + " | ".join([*(verb.name for verb in self.verbs), "help"]) + "]"


_NUMBERS_ITEMS: Final = frozenset({"/meeting"})  #: commands in which a short number is an agenda item's
_LONG: Final = 3  #: a person should not have to type this many words again
_FROM_US: Final = re.compile(r"(?<!n't )(?<!n\u2019t )(?<!\bnot )\b(?:from|for|by)\s+us\b", re.IGNORECASE)
_HELP_WORDS: Final = frozenset({"", "help", "?"})
_HOW_TO_READ: Final = "You can leave out what is in [brackets]. Replace the CAPITALS with your own words."


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in the menu of a message, with a label of up to 24 characters."""

    name: str  #: up to 24 characters
    callback_id: str
    description: str
    handler: Handler


@dataclass(frozen=True, slots=True)
class Noun:
    """The command, buttons and forms about one noun, such as "case". Clicks and submissions are named `noun.verb`.

    A button's id may go on after a colon, as in `noun.verb:42`.
    """

    command: Command | None = None
    clicks: Mapping[str, Handler] = field(default_factory=dict)
    submissions: Mapping[str, Handler] = field(default_factory=dict)
    shortcuts: tuple[Shortcut, ...] = ()
    events: Mapping[str, EventHandler] = field(default_factory=dict)
    reads: frozenset[str] = frozenset()  #: the names of its clicks and shortcuts that change nothing


class Registry:
    """All commands, buttons, forms, shortcuts, events and renderers of the bot, by name."""

    def __init__(self, nouns: Iterable[Noun], renderers: Mapping[Notice, Renderer]) -> None:
        self.commands: dict[str, Command] = {}
        self.clicks: dict[str, Handler] = {}
        self.submissions: dict[str, Handler] = {}
        self.shortcuts: dict[str, Shortcut] = {}
        self.events: dict[str, EventHandler] = {}
        self.renderers: dict[str, Renderer] = {notice.value: how for notice, how in renderers.items()}
        self.reads: set[str] = set()
        self.begun_by: dict[str, str] = {}  #: by name of a click or submission, the command of its noun
        _add(self.clicks, {TYPE_AGAIN: self._type_again, HELP: self._show_help, EDIT: self._edit})
        _add(self.submissions, {SEND: self._send_edited})
        self.reads |= {HELP, EDIT}
        for noun in nouns:
            if noun.command is not None:
                _add(self.commands, {noun.command.name: noun.command})
            _add(self.clicks, noun.clicks)
            _add(self.submissions, noun.submissions)
            _add(self.shortcuts, {shortcut.callback_id: shortcut for shortcut in noun.shortcuts})
            _add(self.events, noun.events)
            unknown = noun.reads - set(noun.clicks) - {shortcut.callback_id for shortcut in noun.shortcuts}
            if unknown:
                raise Misconfigured(f"No part of the bot answers to {min(unknown)}, which is said to read.")
            self.reads |= noun.reads
            if noun.command is not None:
                self.begun_by |= dict.fromkeys((*noun.clicks, *noun.submissions), noun.command.name)

    def _type_again(self, request: Request) -> Reply:
        """Carry out the commands in the value of a clicked button, one on each line. If one fails, none is carried out.

        The reply replaces the refusal that offered the button.
        """
        replies = []
        if not request.value:
            raise OutOfDate
        for line in request.value.splitlines():
            name, _, text = line.partition(" ")
            command = self.commands.get(name)
            if command is None:
                raise OutOfDate
            replies.append(command.answer(replace(request, text=text)))
        if len(replies) == 1:
            return replace(replies[0], replaces=True)
        blocks = [block for reply in replies for block in (reply.blocks or (section(reply.text or ""),))]
        return Reply(text="\n".join(reply.text or "" for reply in replies), blocks=tuple(blocks), replaces=True)

    def _edit(self, request: Request) -> Reply:
        """Open the form that corrects a typed command. The form says what has to change."""
        if request.value.partition(" ")[0] not in self.commands:
            raise OutOfDate
        return Reply(modal=edit_form(request.value, request.channel_id, request.work.now.date()))

    def _send_edited(self, request: Request) -> Reply:
        """Carry out a command that the person has corrected in its form."""
        name, _, text = request.field("line").strip().partition(" ")
        if name.lower() not in self.commands:
            raise Mistake(f"Begin with a command, such as `{next(iter(self.commands))}`.", field="line")
        with blaming("line"), blaming("line", NotForYou):
            return self.commands[name.lower()].answer(replace(request, text=text))

    def _show_help(self, request: Request) -> Reply:
        """Return a modal with the help of all commands."""
        commands = (self.commands[name] for name in SHOWN if name in self.commands)
        blocks = [section(command.help(request)) for command in commands]
        return Reply(modal=modal("help", "Help", [*blocks, context(NOT_FOR_EMERGENCIES)], submit=None))

    def knows(self, kind: str, name: str) -> bool:
        """Return whether the bot has a command, click, submission or shortcut of this name."""
        if kind == "command":
            return name in self.commands
        return name in {"click": self.clicks, "submission": self.submissions}.get(kind, self.shortcuts)

    def asks_about(self, kind: str, name: str, text: str) -> str | None:
        """Return the id of the account to look up in Slack before a command or click runs, or None.

        This is the account mentioned in the command, if the verb needs details of this account.
        """
        if kind == "click" and name == TYPE_AGAIN:
            name, _, text = text.partition(" ")
        elif kind != "command":
            return None
        return self.commands[name].asks_about(text) if name in self.commands else None

    def only_reads(self, kind: str, name: str, text: str) -> bool:
        """Return whether a delivery of this kind and name changes nothing. `text` is the text after a command."""
        if kind == "command":
            command = self.commands.get(name)
            return command is None or command.only_reads(text)
        return kind in ("click", "shortcut") and name in self.reads


def _add(table: dict[str, _Entry], entries: Mapping[str, _Entry]) -> None:
    for name, entry in entries.items():
        if name in table:
            raise Misconfigured(f"Two parts of the bot answer to {name}.")
        table[name] = entry
