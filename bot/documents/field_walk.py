"""Reading a template's tags without running them: which of the fields they name do not exist."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes

Found = tuple[int, str, str]  # line of the source, the wrong name, a sentence

ANYTHING: Any = object()  # a value whose fields are not known here: nothing is said about it
LOOP = {"index": 1, "index0": 0, "first": True, "last": True, "length": 1, "revindex": 1, "revindex0": 0}
SAME = {"list", "sort", "reverse", "selectattr", "rejectattr", "select", "reject", "unique"}
BUILT_IN = {"range", "dict", "lipsum", "cycler", "joiner", "namespace"}


def walk_fields(tree: nodes.Template, facts: Mapping[str, Any]) -> Iterator[Found]:
    """Each field that the example `facts` lack, in the order of the template."""
    walk = _Walk()
    walk.block(tree.body, dict(facts))
    yield from walk.found


class _Walk:
    def __init__(self) -> None:
        self.found: list[Found] = []

    def block(self, body: list[nodes.Node], scope: dict[str, Any]) -> None:
        for node in body:
            self.statement(node, scope)

    def statement(self, node: nodes.Node, scope: dict[str, Any]) -> None:
        if isinstance(node, nodes.For):
            value = self.value(node.iter, scope)
            inner = scope | {"loop": LOOP}
            _bind(inner, node.target, value[0] if isinstance(value, list) and value else ANYTHING)
            if node.test is not None:
                self.value(node.test, inner)
            self.block(node.body, inner)
            self.block(node.else_, scope)
        elif isinstance(node, nodes.Assign):
            _bind(scope, node.target, self.value(node.node, scope))
        elif isinstance(node, nodes.Macro):
            scope[node.name] = ANYTHING
            self.block(node.body, scope | {argument.name: ANYTHING for argument in node.args})
        elif isinstance(node, nodes.With):
            inner = dict(scope)
            for target, given in zip(node.targets, node.values, strict=True):
                _bind(inner, target, self.value(given, scope))
            self.block(node.body, inner)
        else:
            for child in node.iter_child_nodes():
                self.value(child, scope) if isinstance(child, nodes.Expr) else self.statement(child, scope)

    def value(self, node: nodes.Node, scope: dict[str, Any]) -> Any:
        if isinstance(node, nodes.Name):
            if node.name in scope:
                return scope[node.name]
            if node.name not in BUILT_IN:
                self.found.append((node.lineno, node.name, _missing(node.name, node.name, scope)))
            return ANYTHING
        if isinstance(node, nodes.Getattr):
            return self.field(node, node.attr, scope)
        if isinstance(node, nodes.Getitem):
            if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
                return self.field(node, node.arg.value, scope)
            held = self.value(node.node, scope)
            self.value(node.arg, scope)
            return held[0] if isinstance(held, list) and held else ANYTHING
        if isinstance(node, nodes.Filter) and node.node is not None:
            held = self.value(node.node, scope)
            for argument in node.args:
                self.value(argument, scope)
            if node.name in SAME:
                return held
            return held[0] if node.name in ("first", "last") and isinstance(held, list) and held else ANYTHING
        for child in node.iter_child_nodes():
            self.value(child, scope)
        return ANYTHING

    def field(self, node: nodes.Getattr | nodes.Getitem, name: str, scope: dict[str, Any]) -> Any:
        held = self.value(node.node, scope)
        path = f"{_path(node.node)}.{name}"
        if name.startswith("_"):
            self.found.append((node.lineno, name, f"`{name}` may not be used in a template"))
        elif isinstance(held, dict):
            if name in held:
                return held[name]
            self.found.append((node.lineno, name, _missing(name, path, held, f"{_path(node.node)}.")))
        elif isinstance(held, list):
            said = f"`{_path(node.node)}` is a list; take its entries one by one in a loop"
            self.found.append((node.lineno, name, said))
        elif held is not ANYTHING and not hasattr(held, name):
            self.found.append((node.lineno, name, f"`{_path(node.node)}` is a single field and has no `{name}`"))
        return ANYTHING


def _bind(scope: dict[str, Any], target: nodes.Node, value: Any) -> None:
    if isinstance(target, nodes.Name):
        scope[target.name] = value
        return
    for name in target.find_all(nodes.Name):
        scope[name.name] = ANYTHING


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return "…"


def _missing(name: str, path: str, known: Mapping[str, Any], prefix: str = "") -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    hint = f"; did you mean `{prefix}{close[0]}`?" if close else ""
    return f"the field `{path}` does not exist{hint}"
