"""One tree of exceptions; what the person reads is the exception's own sentence."""

from collections.abc import Sequence
from datetime import date


class PanelbotError(Exception):
    """Anything that this software knows how to explain. `str(error)` is the sentence for the person."""

    #: What could be typed instead: what the button says, and the whole command that it types.
    commands: tuple[tuple[str, str], ...] = ()
    #: What was typed, with mentions in place of typed names: people in it may be mentioned in the sentence.
    said: str = ""


class Mistake(PanelbotError):
    """What was typed or chosen cannot be done. The sentence says what to type instead.

    `field` names the modal field (its block id) that the sentence belongs to, when there is one. `days` are days that
    would be accepted in the place of what was typed, `rules` are rules for meetings.
    """

    def __init__(
        self, sentence: str, *, field: str | None = None, days: Sequence[date] = (), rules: Sequence[str] = ()
    ) -> None:
        super().__init__(sentence)
        self.field = field
        self.days = tuple(days)
        self.rules = tuple(rules)


class Inquorate(Mistake):
    """The meeting is not quorate, and nobody has said yet what happens to it. `meeting_id` is the one to choose for."""

    def __init__(self, sentence: str, meeting_id: int) -> None:
        super().__init__(sentence)
        self.meeting_id = meeting_id


class WhichItem(Mistake):
    """What was typed may be about either of two items, and is recorded once its author has said about which.

    `answers` are the items by their titles, each with its number: typed as "item 6: …" it is recorded there.
    """

    def __init__(self, sentence: str, answers: Sequence[tuple[str, str]], *, field: str | None = None) -> None:
        super().__init__(sentence, field=field)
        self.answers = tuple(answers)


class WhichCase(Mistake):
    """What was typed names several cases, and is recorded once its author has said about which. `answers` are their
    references.
    """

    def __init__(self, sentence: str, answers: Sequence[str], *, field: str | None = None) -> None:
        super().__init__(sentence, field=field)
        self.answers = tuple(answers)


class UnknownAgency(Mistake):
    """No agency, or more than one, is called as it was typed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"I don't know which agency “{name}” is. Type its name or its short name.")


class NotAcknowledged(Mistake):
    """The person has not yet accepted the confidentiality `statement` of the meeting `meeting_id`."""

    def __init__(self, sentence: str, meeting_id: int, statement: str) -> None:
        super().__init__(sentence)
        self.meeting_id, self.statement = meeting_id, statement


class NotAllowed(Mistake):
    """The person may see it, but their role may not do this. The sentence says who may. It is audited as refused."""


class NotTheirDuty(NotAllowed):
    """A member of the panel pressed or typed what others do in the meeting; the sentence says who does it.

    `meeting_id` is the open meeting, None without one; `may_open_items` and `is_here` say what can be offered instead.
    """

    def __init__(
        self, sentence: str, panel_key: str, meeting_id: int | None, *, may_open_items: bool, is_here: bool
    ) -> None:
        super().__init__(sentence)
        self.panel_key, self.meeting_id = panel_key, meeting_id
        self.may_open_items, self.is_here = may_open_items, is_here


_EXPECTED = "Ask your panel's co-ordinator if you expected it."


class NotForYou(PanelbotError):
    """It does not exist, or it is not for this person: one answer for both, on purpose.

    `noun` says what was looked for in the person's own words, never whether it is there. `hint` may name
    what is theirs. `field` is as in `Mistake`.
    """

    field: str | None = None

    def __init__(self, noun: str = "that", hint: str = "") -> None:
        said = f"I can't find {noun}, or it isn't for you."
        super().__init__(f"{said} {hint or _EXPECTED}")


class NotYourRole(NotForYou):
    """A member's role does not allow what they asked for. The sentence says who may, so only members read it."""

    def __init__(self, sentence: str) -> None:
        PanelbotError.__init__(self, sentence)


class OutOfDate(NotForYou):
    """What a button or a form carries can't be read: it is of another version, or forged."""


class Stranger(PanelbotError):
    """Nobody enrolled this person here. The sentence gives nothing away."""

    def __init__(self) -> None:
        super().__init__(
            "I can only talk to people an administrator has enrolled. "
            "If a child is in danger call 999; for a concern contact your local MASH."
        )


class OutOfTime(PanelbotError):
    """The work was not finished while the person waits, and was given up before anything was written."""

    def __init__(self) -> None:
        super().__init__("I couldn't do that in time, and nothing was saved. Please try again.")


class Unsettled(PanelbotError):
    """The connection broke while the database was committing: what was asked may or may not have been saved."""

    def __init__(self) -> None:
        super().__init__(
            "My database stopped answering while it was saving this. Please don't do it again yet: "
            "I'll tell you whether it was saved."
        )


class Misconfigured(PanelbotError):
    """A setting, panel definition, template or county file is wrong. Each line names where."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
