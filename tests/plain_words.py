"""Draw 80 sentences that the Slack journeys showed to people, or 80 docstrings, and measure how plain they are.

    python -m pytest tests/slack -p tests.plain_words --rendered shown.txt
    python -m tests.plain_words shown.txt
    python -m tests.plain_words --docstrings

The draw is seeded by the commit, so that it can be repeated and can't be chosen. Goals: a Flesch-Kincaid grade of 7 at
most (GOV.UK's guidance on its own words), a median of 14 words. Read the 80 as well: a grade doesn't know the trade.
Each is printed with where it stands, a sentence with the message that people read it in, a docstring with its function.
"""

import ast
import html
import json
import random
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.practice.workspace import sights

ROOT = Path(__file__).parents[1]
DRAWN = 80
LONGEST_SHOWN = 400
_SENTENCE_ENDS = re.compile(r"(?<=[.?!])\s+(?=[A-Z“*`])")
_DOCUMENTED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
#: A mention, which Slack shows as a name.
_MENTION = re.compile(r"<@[A-Z0-9]+>")
#: Not words: what Slack marks, and what stands in a sentence as a code.
_MARKS = re.compile(r"[*~]|(?<!\w)_|_(?!\w)|:[a-z_]+:|<[^>]*>|^>")
_CODES = re.compile(r"`[^`]*`|[A-Z]+-[0-9]+")
#: Tests of hostile words name things like this.
_HOSTILE = "<!channel>"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names where to write what was shown."""
    parser.addoption("--rendered", type=Path, help="Write all that people were shown to this file.")


def pytest_configure(config: pytest.Config) -> None:
    """Write down each message, view and error under a field as a person sees it."""
    path = config.getoption("--rendered")
    if path is not None:
        for kind in (sights.SeenMessage, sights.SeenView, sights.Outcome):
            _write_down(kind, path)


def _write_down(kind: type[Any], path: Path) -> None:
    make = kind.__init__

    def made(self: Any, *args: Any, **named: Any) -> None:
        """Make the picture, and write down its words."""
        make(self, *args, **named)
        lines = [self.words] if hasattr(self, "words") else list(self.errors.values())
        with path.open("a", encoding="utf-8") as shown:
            shown.writelines(f"{json.dumps(line)}\n" for line in lines)

    kind.__init__ = made


def sentences_in(text: str) -> Iterator[str]:
    """Yield the whole sentences of what was shown, without labels and lines of lists."""
    if _HOSTILE in html.unescape(text):
        return
    for line in text.splitlines():
        words = html.unescape(_MARKS.sub("", _MENTION.sub("Alex", line)))
        for sentence in _SENTENCE_ENDS.split(words.strip(" •")):
            if sentence.endswith((".", "?", "!")) and len(sentence.split()) >= 4 and "·" not in sentence:
                yield sentence


def shown_in(path: Path) -> dict[str, str]:
    """Return the sentences in a file of what was shown, each with the message or view in which people read it.

    Of sentences that differ in numbers and references alone there is one.
    """
    found: dict[str, tuple[str, str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)
        for sentence in sentences_in(text):
            found.setdefault(re.sub(r"[0-9]+|[A-Z]+-[0-9]+", "0", sentence), (sentence, text))
    return dict(found.values())


def docstrings() -> dict[str, str]:
    """Return each docstring of the bot with its file and the head of its definition."""
    found = {}
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            said = ast.get_docstring(node) if isinstance(node, _DOCUMENTED) else None
            if said:
                found[" ".join(said.split())] = f"{path.relative_to(ROOT)} {_head_of(node)}"
    return found


def _head_of(node: ast.AST) -> str:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            returns = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
            return f"{node.name}({ast.unparse(node.args)}){returns}"
        case ast.ClassDef():
            return f"class {node.name}"
    return ""


def draw(found: Iterable[str]) -> list[str]:
    """Return 80 of them, the same for the same commit."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    stock = sorted(found)
    return random.Random(commit).sample(stock, min(DRAWN, len(stock)))  # noqa: S311 - nothing is secret


def main() -> None:
    """Print the sentences drawn, their grade and the median of their words."""
    import textstat  # noqa: PLC0415 - the plugin needs none

    found = docstrings() if "--docstrings" in sys.argv else shown_in(Path(sys.argv[1]))
    drawn = draw(found)
    for number, sentence in enumerate(drawn, 1):
        around = " ".join(found[sentence].split())
        print(f"{number:2} {sentence}\n     {around[:LONGEST_SHOWN]}")
    plain = [_CODES.sub("it", sentence) for sentence in drawn]
    grade = textstat.textstat.flesch_kincaid_grade(" ".join(plain))
    words = statistics.median(len(sentence.split()) for sentence in plain)
    print(f"\n{len(drawn)} drawn. Flesch-Kincaid grade {grade:.1f} (goal 7), median {words:.0f} words (goal 14).")


if __name__ == "__main__":
    main()
