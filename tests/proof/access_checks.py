"""The access checks of the code, found by name, and the rewriting of modules that lets one of them be taken away."""

import ast
import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

CODE = Path(__file__).parents[2] / "bot"
#: The functions that say what a person may do or read; a call of one of them is an access check.
NAMES = frozenset({
    "may", "require", "require_meeting", "require_flag", "require_over", "find_panel", "readable", "readable_cases",
    "find_for_meeting", "require_for_meeting",
})  # fmt: skip
_HOOK = "__access_check__"
#: Whether the check that is being called has been taken away.
is_lifted: ContextVar[bool] = ContextVar("is_lifted", default=False)


def sites_of(file: Path) -> list[str]:
    """Return the access checks in one file, each as path:line:column from the folder of the project."""
    found = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if _is_check(node)]
    return [_site(file, node) for node in sorted(found, key=lambda node: (node.lineno, node.col_offset))]


def all_sites() -> list[str]:
    """Return every access check in the code, in the order of the files."""
    return [site for file in sorted(CODE.rglob("*.py")) if "practice" not in file.parts for site in sites_of(file)]


def watch(on_check: Callable[[str], bool]) -> None:
    """Have every module of the bot that is imported from now on ask before each access check whether it is lifted.

    Raises RuntimeError when one with an access check was imported before.
    """
    setattr(builtins, _HOOK, _asking(on_check))
    early = [name for name, module in sys.modules.items() if name.startswith("bot.") and _has_sites(module)]
    if early:
        raise RuntimeError(f"{early[0]} was imported before its access checks could be watched")
    sys.meta_path.insert(0, _Finder())


def lift_what_they_ask() -> None:
    """Replace the few functions that all access checks end in by such as let everything pass while one is lifted."""
    from bot.domain import permissions  # noqa: PLC0415 - after `watch`, as everything else of the bot

    permissions.may = _unless_lifted(permissions.may, lambda *_, **__: True)
    from sqlalchemy import true  # noqa: PLC0415 - beside what needs it

    from bot.records.access import queries  # noqa: PLC0415 - takes `may` from there

    queries.readable = _unless_lifted(queries.readable, lambda *_: true())
    queries.readable_cases = _unless_lifted(queries.readable_cases, lambda _work, _reader, case_ids: set(case_ids))
    from bot.records.people import queries as people  # noqa: PLC0415 - takes the others from there

    people.require_over = _unless_lifted(people.require_over, lambda *_: None)


def _unless_lifted(check: Callable[..., Any], pass_all: Callable[..., Any]) -> Callable[..., Any]:
    def asked(*args: Any, **named: Any) -> Any:
        return pass_all(*args, **named) if is_lifted.get() else check(*args, **named)

    return asked


def _asking(on_check: Callable[[str], bool]) -> Callable[..., Any]:
    def call(site: str, check: Callable[..., Any], *args: Any, **named: Any) -> Any:
        if not on_check(site):
            return check(*args, **named)
        before = is_lifted.set(True)
        try:
            return check(*args, **named)
        finally:
            is_lifted.reset(before)

    return call


def _is_check(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return name in NAMES


def _site(file: Path, node: Any) -> str:
    return f"{file.relative_to(CODE.parent)}:{node.lineno}:{node.col_offset}"


def _has_sites(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return bool(file) and bool(sites_of(Path(str(file))))


class _Asked(ast.NodeTransformer):
    """Puts the question before each access check."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not _is_check(node):
            return node
        asked = ast.Call(
            ast.Name(_HOOK, ast.Load()), [ast.Constant(_site(self._file, node)), node.func, *node.args], node.keywords
        )
        return ast.copy_location(asked, node)


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - as importlib calls it
        file = Path(self.path)
        tree = _Asked(file).visit(ast.parse(file.read_text(encoding="utf-8")))
        return compile(ast.fix_missing_locations(tree), self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: object, target: object = None) -> Any:  # noqa: ARG002 - as importlib calls it
        file = next(_files_of(fullname), None)
        if file is None or not sites_of(file):
            return None
        return importlib.util.spec_from_file_location(fullname, file, loader=_Loader(fullname, str(file)))


def _files_of(name: str) -> Iterator[Path]:
    if name.startswith("bot."):
        file = CODE.parent.joinpath(*name.split(".")).with_suffix(".py")
        if file.exists():
            yield file
