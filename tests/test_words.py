"""Plain words: no source uses a word of `words.toml`, and docstrings say what a function does and returns."""

import ast
import re
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORDS = tomllib.loads((ROOT / "tests" / "words.toml").read_text(encoding="utf-8"))
ENDINGS = {".py", ".toml", ".md", ".html", ".js", ".css", ".sh"}
#: What lists the words, and what was written about earlier versions, whose names stay.
OUTSIDE = ("tests/words.toml", "tests/test_words.py", "bot/store/migrations/")
NO_VERB = re.compile(
    r"(?:The|Whether|Who|Whose|What|That|An?|Of|How|Where|As|Which|When|By|All|Each|Every|Everybody|Everyone|From|One|Those|Why)\b"
)
TWO_HALVES = re.compile(r"; (?:the|an?|its|their|what|whether|who|how|which|where|none|None|it)\b")


def files() -> list[Path]:
    """Return the project's files that words are looked for in."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = [name for name in listed.split("\0") if name and not name.startswith(OUTSIDE)]
    return [ROOT / name for name in named if (ROOT / name).is_file()]


def name_of(path: Path) -> str:
    """Return a file's name from the top of the project."""
    return path.relative_to(ROOT).as_posix()


def lines_of(path: Path) -> list[str]:
    """Return the lines of a source, or the paragraphs of a Word template."""
    if path.suffix != ".docx":
        return path.read_text(encoding="utf-8").splitlines()
    with zipfile.ZipFile(path) as parts:
        names = [name for name in parts.namelist() if re.fullmatch(r"word/(?:document|header|footer)\d*\.xml", name)]
        paragraphs = [one for name in names for one in parts.read(name).decode().split("</w:p>")]
    return [re.sub("<[^>]+>", "", one) for one in paragraphs]


def pattern(words: dict[str, str]) -> re.Pattern[str]:
    """Return what finds these words, also as parts of names: `_somebody_waits`."""
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, words))})(?![A-Za-z])", re.IGNORECASE)


def is_allowed(name: str, line: str, word: str) -> bool:
    """Return whether a row of the file lets the word stay in this line."""
    rows = (row for row in WORDS["allowed"] if row["word"] == word.lower())
    return any(name.startswith(row["in"]) and row["line"] in line for row in rows)


@dataclass(frozen=True, slots=True)
class Source:
    """What a Python file says, each with where it is."""

    name: str
    docstrings: tuple[tuple[str, str], ...]
    sentences: tuple[tuple[int, str], ...]


@cache
def sources() -> tuple[Source, ...]:
    """Return what each Python file says. Each is parsed once."""
    named = [(name_of(path), path) for path in files() if path.suffix == ".py"]
    parsed = ((name, ast.parse(path.read_text(encoding="utf-8"))) for name, path in named)
    return tuple(Source(name, tuple(docstrings(name, tree)), tuple(sentences(tree))) for name, tree in parsed)


def docstrings(name: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each function's docstring with where it is, except those of tests."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_"):
            said = ast.get_docstring(node)
            if said:
                yield f"{name}:{node.lineno}", said


def test_no_source_uses_a_banned_word() -> None:
    banned = pattern(WORDS["everywhere"])
    found = [
        f"{name_of(path)}:{number}: {hit[0]}: {WORDS['everywhere'][hit[0].lower()]}"
        for path in files()
        if path.suffix in {*ENDINGS, ".docx"}
        for number, line in enumerate(lines_of(path), 1)
        for hit in banned.finditer(line)
        if not is_allowed(name_of(path), line, hit[0])
    ]
    assert not found, "\n".join(found)


def test_no_sentence_to_people_is_in_the_words_of_logic_or_computing() -> None:
    banned = pattern(WORDS["to_people"])
    found = [
        f"{source.name}:{number}: {hit[0]}: {WORDS['to_people'][hit[0].lower()]}"
        for source in sources()
        if source.name.startswith("bot/") and not source.name.startswith(("bot/practice/workspace/", "bot/store/"))
        for number, sentence in source.sentences
        for hit in banned.finditer(sentence)
        if not is_allowed(source.name, sentence, hit[0])
    ]
    assert not found, "\n".join(found)


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the strings of several words that a file has, with their lines, except its docstrings."""
    owners = (ast.FunctionDef, ast.ClassDef, ast.Module)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, owners) and node.body]
    documented = {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented
        if is_text and " " in node.value.strip():
            yield node.lineno, node.value


@pytest.mark.parametrize(
    ("form", "instead"),
    [
        (NO_VERB, 'begin with a verb: "Return …", "Raise …", "Add …"'),
        (re.compile(rf"[^.\n]*{TWO_HALVES.pattern}"), 'say what is returned in a sentence of its own, not "X; the Y"'),
    ],
)
def test_docstrings_say_what_is_done_and_what_is_returned(form: re.Pattern[str], instead: str) -> None:
    found = [
        f"{where}: {said.splitlines()[0]}"
        for source in sources()
        for where, said in source.docstrings
        if form.match(said)
    ]
    assert not found, "\n".join([instead, *found])


def test_every_word_that_may_stay_is_still_there() -> None:
    rows = [row for row in WORDS["allowed"] if row["in"]]
    kept = {name_of(path): lines_of(path) for path in files() if path.suffix in ENDINGS}
    unused = [
        row
        for row in rows
        if not any(
            name.startswith(row["in"]) and row["line"] in line and row["word"] in line.lower()
            for name, lines in kept.items()
            for line in lines
        )
    ]
    assert unused == []
