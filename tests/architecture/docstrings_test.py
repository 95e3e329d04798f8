"""Public names say what they are; arrays and refusals have their sections."""

from __future__ import annotations

import ast
import re
from functools import cache

import engine.errors
from engine.backends.contract import Backend
from tests.sources import trees

ERRORS = {name for name, thing in vars(engine.errors).items() if isinstance(thing, type)}
CONTRACT = {name for name in vars(Backend) if not name.startswith("_")}  # shapes are said there
ARRAYS = ("NDArray", "ndarray", "ArrayLike")
SHAPE = re.compile(r"\((n\w*|\d+),( (n\w*|\d+|[A-Z]+),?)*\)")  # (n_regions,) or (n_bins, n_regions)
KINDS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def names_of(decorators: list[ast.expr]) -> set[str]:
    """Last parts of the names of decorators."""
    return {getattr(d, "attr", getattr(d, "id", "")) for d in decorators}


def public(body: list[ast.stmt], place: str):
    """Every public class, function and method, with its place."""
    for node in body:
        if isinstance(node, KINDS) and not node.name.startswith("_"):
            if not names_of(node.decorator_list) & {"setter", "overload"}:
                yield f"{place}.{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{place}.{node.name}")


@cache
def found():
    """Every public name of the packages."""
    return tuple(_found())


def _found():
    for place, tree in trees():
        yield from public(tree.body, place.removesuffix(".py").replace("/", "."))


def functions():
    """The functions and methods among them, each with its docstring."""
    for place, node in found():
        if not isinstance(node, ast.ClassDef):
            yield place, node, ast.get_docstring(node) or ""


def is_array(annotation: ast.expr | None) -> bool:
    """Whether it names an array; a dict of them is a state that only its owner reads."""
    words = "" if annotation is None else ast.unparse(annotation)
    return any(array in words for array in ARRAYS) and "dict[" not in words


def takes_array(node: ast.FunctionDef) -> bool:
    return any(is_array(a.annotation) for a in ast.walk(node.args) if isinstance(a, ast.arg))


def keeps_the_contract(place: str) -> bool:
    """Whether it is a backend's own version of a method of `Backend`."""
    return place.rpartition(".")[2] in CONTRACT and ".contract." not in place


def raised(node: ast.AST):
    """Names of what is raised in a function itself, not in those inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*KINDS, ast.Lambda)):
            continue
        if isinstance(child, ast.Raise) and child.exc is not None:
            error = child.exc.func if isinstance(child.exc, ast.Call) else child.exc
            yield getattr(error, "id", getattr(error, "attr", ""))
        yield from raised(child)


def has(docstring: str, section: str) -> bool:
    return f"{section}\n{'-' * len(section)}" in docstring


def test_every_public_name_has_a_docstring():
    bare = [place for place, node in found() if not ast.get_docstring(node)]
    assert bare == []
    assert sum(1 for _ in found()) > 1000


def test_arrays_that_are_taken_have_a_shape():
    taking = [(p, d) for p, n, d in functions() if takes_array(n) and not keeps_the_contract(p)]
    assert len(taking) > 100
    assert [p for p, d in taking if not (has(d, "Parameters") or SHAPE.search(d))] == []


def test_arrays_that_are_returned_have_a_shape():
    returning = [(p, d) for p, n, d in functions() if is_array(n.returns) and not keeps_the_contract(p)]
    assert len(returning) > 100
    assert [p for p, d in returning if not (has(d, "Returns") or SHAPE.search(d))] == []


def test_refusals_are_below_raises():
    refusing = [(p, d) for p, n, d in functions() if ERRORS & set(raised(n))]
    assert len(refusing) > 60
    assert [place for place, docstring in refusing if not has(docstring, "Raises")] == []
