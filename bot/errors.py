"""All exceptions that panelbot itself raises, in one tree. The text of each is the sentence that people read."""

from collections.abc import Sequence
from datetime import date


class PanelbotError(Exception):
    """The base class of errors that panelbot can explain. `str(error)` is the sentence that the person reads."""

    #: Commands offered instead, each with its button's label and the whole command that the button types.
    commands: tuple[tuple[str, str], ...] = ()
    #: The whole command as it was typed, to be put right in a form and sent.
    to_edit: str = ""
    #: What the person typed, with mentions in place of typed names. The sentence may mention only people in it.
    said: str = ""


class Mistake(PanelbotError):
    """Raised if something typed or chosen can't be done. The sentence says what to type instead.

    `field` is the block id of the form field at which the sentence is shown, if any. `days` are dates that would be
    accepted in place of the refused one. `rules` are meeting rules that would be accepted, and `left_out` has the
    typed words that each of them leaves out.
    """

    left_out: tuple[str, ...] = ()

    def __init__(
        self, sentence: str, *, field: str | None = None, days: Sequence[date] = (), rules: Sequence[str] = ()
    ) -> None:
        super().__init__(sentence)
        self.field = field
        self.days = tuple(days)
        self.rules = tuple(rules)


class NoSuchTime(Mistake):
    """Raised if a time of day was typed that doesn't exist, such as "25:00"."""

    def __init__(self, said: str) -> None:
        super().__init__(f"\u201c{said}\u201d is no time of day. Write a time from 00:00 to 23:59, such as 14:00.")


class Inquorate(Mistake):
    """Raised if the meeting `meeting_id` is not quorate, and no one has chosen yet what happens to it."""

    def __init__(self, sentence: str, meeting_id: int) -> None:
        super().__init__(sentence)
        self.meeting_id = meeting_id


class WhichItem(Mistake):
    """Raised if typed words may be about either of two items.

    The words are recorded once their author has chosen one item. `answers` has the title and the number of each item.
    Words typed as "item 6: …" are recorded under item 6.
    """

    def __init__(self, sentence: str, answers: Sequence[tuple[str, str]], *, field: str | None = None) -> None:
        super().__init__(sentence, field=field)
        self.answers = tuple(answers)


class WhichCase(Mistake):
    """Raised if an action's words name several cases. The author chooses one of the references in `answers`."""

    def __init__(self, sentence: str, answers: Sequence[str], *, field: str | None = None) -> None:
        super().__init__(sentence, field=field)
        self.answers = tuple(answers)


class UnknownAgency(Mistake):
    """Raised if a typed agency name matches no agency, or several."""

    def __init__(self, name: str) -> None:
        super().__init__(f"I don't know which agency “{name}” is. Type its name or its short name.")


class NotAcknowledged(Mistake):
    """Raised if the person has not yet accepted the confidentiality `statement` of the meeting `meeting_id`."""

    def __init__(self, sentence: str, meeting_id: int, statement: str) -> None:
        super().__init__(sentence)
        self.meeting_id, self.statement = meeting_id, statement


class NotAllowed(Mistake):
    """Raised if the person may see a record, but may not do with the record what they asked for.

    The sentence says who may. The refusal is audited.
    """


class OtherAgency(NotAllowed):
    """Raised if a person chose a holder of another agency, and may give actions only within their own."""


class NotOnAgenda(NotAllowed):
    """Raised if a button or form names an item that is not on the agenda of the open meeting.

    An item that is kept from the person gets the same error, so that the error doesn't show whether the item exists.
    """


class NotTheirDuty(NotAllowed):
    """Raised if a member tries to do another role's task in the meeting. The sentence says which role.

    `meeting_id` is the panel's open meeting, or None. `may_open_items` and `is_here` say whether the member may see
    items and has accepted the confidentiality statement. The refusal's buttons depend on both.
    """

    def __init__(
        self, sentence: str, panel_key: str, meeting_id: int | None, *, may_open_items: bool, is_here: bool
    ) -> None:
        super().__init__(sentence)
        self.panel_key, self.meeting_id = panel_key, meeting_id
        self.may_open_items, self.is_here = may_open_items, is_here


_EXPECTED = "If you expected to see it, ask your panel's co-ordinator."


class NotForYou(PanelbotError):
    """Raised if the record does not exist, or if this person may not see it. The sentence is the same for both.

    `noun` is what the person looked for, in their words, and never says whether the record exists. `hint` names only
    what the person may see. `field` is the form field at which the sentence is shown.
    """

    field: str | None = None

    def __init__(self, noun: str = "that", hint: str = "") -> None:
        said = f"I can't find {noun}, or it isn't for you."
        super().__init__(f"{said} {hint or _EXPECTED}")


class NotYourRole(NotForYou):
    """Raised if a member's role does not allow what they asked for.

    The sentence says who may, and only members read it.
    """

    def __init__(self, sentence: str) -> None:
        PanelbotError.__init__(self, sentence)


class OutOfDate(NotForYou):
    """Raised if the data of a button or form can't be read: another version of panelbot made it, or it is forged."""


class Stranger(PanelbotError):
    """Raised if the person is not enrolled. The sentence says nothing about panels."""

    def __init__(self) -> None:
        super().__init__(
            "I can only talk to people an administrator has enrolled. "
            "If a child is in danger call 999; for a concern contact your local MASH."
        )


class OutOfTime(PanelbotError):
    """Raised if the work could not be finished while the person waits. The work was given up, and nothing was saved."""

    def __init__(self) -> None:
        super().__init__("I couldn't do that in time, and nothing was saved. Please try again.")


class Unsettled(PanelbotError):
    """Raised if the connection broke during the commit, so that the change may or may not be saved."""

    def __init__(self) -> None:
        super().__init__(
            "My database stopped answering while it was saving this. Please don't do it again yet: "
            "I'll tell you whether it was saved."
        )


class Misconfigured(PanelbotError):
    """Raised if a setting, panel definition, template or county file is wrong. Each line of the text is one fault."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
