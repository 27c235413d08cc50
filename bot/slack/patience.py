"""How long things may take while a person waits: Slack shows "failed" three seconds after a command or a click."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds each thing may take while a person waits with their three-second trigger."""

    #: After its arrival a command is given up, so that its sender hears why before Slack says "failed".
    answer: float = 2.5
    #: After its arrival Slack may have given up: what is ready later is told through the response address as well.
    slack: float = 2.9
    modal: int = 2
    account: int = 1  #: what it takes is taken from the seconds in which a form must open


#: Where nobody waits with a trigger that expires: plays, and tests of what people see.
LONG_PATIENCE = Patience(answer=600.0, slack=600.0, modal=120, account=120)
