"""Finds every regular expression of the product, how each is used, and texts that tire it.

Patterns are looked for in two ways: compiled ones among the values of each module, and those named
in a call of `re` anywhere in the source. A pattern that is built from something only known at run
time cannot be seen; `unseen` names it.
"""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

METHODS = ("match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")


@dataclass
class Use:
    """One pattern: where it was seen first, and by which methods it is used."""

    pattern: re.Pattern[Any]
    where: str
    methods: set[str] = field(default_factory=set)


@dataclass
class Found:
    """Patterns by (text, flags), and the calls whose pattern is not known before run time."""

    uses: dict[tuple[Any, int], Use] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)  # "module:function" -> source of the call

    def add(self, pattern: re.Pattern[Any], where: str, method: str = "") -> None:
        use = self.uses.setdefault((pattern.pattern, pattern.flags), Use(pattern, where))
        if method:
            use.methods.add(method)


def modules(root: Path) -> Iterator[tuple[ModuleType, ast.Module]]:
    """Every module below `root` (a folder on the import path), with its source."""
    for path in sorted(root.rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        yield importlib.import_module(name), ast.parse(path.read_text("utf-8"))


def collect(sources: Iterable[tuple[ModuleType, ast.Module]]) -> Found:
    """Every pattern of the modules and how it is used, in any way where that is not to be seen."""
    found, known = Found(), list(sources)
    for module, _tree in known:
        for name, value in vars(module).items():
            for pattern in _held(value) if name != "__builtins__" else ():
                found.add(pattern, f"{module.__name__}:{name}")
    for module, tree in known:
        reader = _Reader(module, found)
        reader.visit(tree)
        for (
            pattern
        ) in reader.escaping:  # handed on, and used where the module uses what it is given
            found.uses[pattern.pattern, pattern.flags].methods |= reader.loose or set(METHODS)
    for use in found.uses.values():
        use.methods = use.methods or set(METHODS)
    return found


def _held(values: Any, depth: int = 4) -> Iterator[re.Pattern[Any]]:
    if isinstance(values, re.Pattern):
        yield values
    elif depth and isinstance(values, Mapping):
        for key, value in values.items():
            yield from _held(key, depth - 1)
            yield from _held(value, depth - 1)
    elif depth and isinstance(values, (tuple, list, set, frozenset)):
        for value in values:
            yield from _held(value, depth - 1)


class _Reader(ast.NodeVisitor):
    """Reads one module: calls of `re`, calls of a pattern's methods, patterns handed on."""

    def __init__(self, module: ModuleType, found: Found) -> None:
        self.module, self.found = module, found
        self.inside: list[str] = []
        self.loose: set[str] = set()
        self.escaping: list[re.Pattern[Any]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef  # type: ignore[assignment]  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func
        value = self._value(name.value) if isinstance(name, ast.Attribute) else None
        function = self._value(name)
        if getattr(function, "__module__", "") == "re" and function is not re.escape:
            self._call_of_re(node, function.__name__)
        elif isinstance(name, ast.Attribute) and name.attr in METHODS:
            if isinstance(value, re.Pattern):
                self.found.add(value, self.module.__name__, name.attr)
                for argument in (*node.args, *node.keywords):
                    self.visit(argument)
                return
            if value is None and name.attr != "split":  # str has a split of its own
                self.loose.add(name.attr)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        value = self._value(node)
        if isinstance(node.ctx, ast.Load) and isinstance(value, re.Pattern):
            self.escaping.append(value)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        value = self._value(node)
        if isinstance(value, re.Pattern):
            self.escaping.append(value)
        self.generic_visit(node)

    def _call_of_re(self, node: ast.Call, function: str) -> None:
        given = {word.arg: word.value for word in node.keywords}
        positional = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(function, 2)
        flags = given.get("flags") or next(iter(node.args[positional:]), None)
        text = given.get("pattern") or node.args[0]
        values = (self._value(text), self._value(flags) if flags else 0)
        if isinstance(values[0], re.Pattern):
            self.found.add(
                values[0], self.module.__name__, "" if function == "compile" else function
            )
        elif isinstance(values[0], (str, bytes)) and isinstance(values[1], int):
            pattern = re.compile(values[0], values[1])
            self.found.add(pattern, self._where(), "" if function == "compile" else function)
        elif self.inside:
            self.found.unseen[f"{self._where()}: {ast.unparse(text)[:30]}"] = function

    def _where(self) -> str:
        return ":".join([self.module.__name__, *self.inside[-1:]])

    def _value(self, node: ast.AST) -> Any:
        """The value of an expression of constants and of the module's names; None without one."""
        if not isinstance(node, (ast.Constant, ast.JoinedStr, ast.Name, ast.Attribute, ast.BinOp)):
            return None
        try:
            return eval(compile(ast.Expression(node), "", "eval"), vars(self.module))  # noqa: S307
        except Exception:
            return None
