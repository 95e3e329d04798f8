"""Compiled kernels never outlive a change of any kernel's source, wherever they are kept."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from engine.kernels import tell, telling
from engine.kernels.kept_code import digest_of, folder_for, room_of

pytestmark = pytest.mark.slow

HOME = Path(engine.__file__).parent
ROOMS = ("kernels", "assimilation", "fit", "noc", "recorded", "twin")
TRIAL = """
import sys
from engine.kernels import telling
import engine.trial.above.outer as outer
with telling(lambda sentence: print(sentence, file=sys.stderr)):
    print(outer.outer(1))
"""
TRIALS = """
import json, os, signal, sys, traceback
import numba
from numba.core import config
numba.njit(lambda x: x + 1)(1)  # the compiler is loaded once for all
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if not child:
        code = 1
        signal.alarm(120)
        try:
            os.chdir(asked["home"])
            for name, stream in (("out", 1), ("err", 2)):
                os.dup2(os.open(name, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), stream)
            os.environ.clear()
            os.environ.update(asked["environment"])
            sys.path.insert(0, asked["sources"])
            config.reload_config()
            exec(asked["trial"])
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(os.waitpid(child, 0)[1], flush=True)
"""
OUTER = """
from engine.kernels.compiling import njit
from engine.trial.inner import inner

@njit(cache=True)
def outer(x):
    return inner(x) + 1
"""
INNER = """
from engine.kernels.compiling import njit

@njit(cache=True)
def inner(x):
    return 10 * x
"""


@pytest.fixture
def copy(tmp_path):
    """A small engine of its own: the files that keep kernels, and a room with a sub-room that compile."""
    for name in (
        "__init__.py",
        "errors.py",
        "kernels/__init__.py",
        "kernels/compiling.py",
        "kernels/kept_code.py",
    ):
        to = tmp_path / "at" / "engine" / name
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text((HOME / name).read_text(encoding="utf-8"), encoding="utf-8")
    room = tmp_path / "at" / "engine" / "trial"
    (room / "above").mkdir(parents=True)
    for package in (room, room / "above"):
        (package / "__init__.py").write_text("")
    (room / "above" / "outer.py").write_text(OUTER)
    (room / "inner.py").write_text(INNER)
    (tmp_path / "home").mkdir()
    return tmp_path


@pytest.fixture(scope="module")
def trials():
    """A process with a compiler and no engine: every trial is a copy of it with an engine of its own."""
    server = subprocess.Popen(
        [sys.executable, "-c", TRIALS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
    )
    yield server
    server.stdin.close()
    assert server.wait(60) == 0
    server.stdout.close()


@pytest.fixture
def run(copy, trials):
    """What the trial prints, and whether it says that it compiles."""
    keep = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}

    def once(**variables: str) -> tuple[str, str]:
        asked = {
            "trial": TRIAL,
            "environment": {**keep, "HOME": str(copy / "home"), **variables},
            "home": str(copy),
            "sources": str(copy / "at"),
        }
        trials.stdin.write(json.dumps(asked) + "\n")
        trials.stdin.flush()
        failed = trials.stdout.readline()
        printed, said = ((copy / name).read_text().strip() for name in ("out", "err"))
        assert failed == "0\n", said
        return printed, said

    return once


def shut(copy: Path) -> None:
    """Put files where folders for compiled code would be: not even root can write there."""
    for room in (copy / "at" / "engine").rglob("*"):
        if room.is_dir():
            (room / "__pycache__").touch()


@pytest.mark.parametrize("place", ["beside", "given", "users"])
def test_what_older_sources_have_compiled_never_runs(place, copy, run):
    variables = {"NUMBA_CACHE_DIR": str(copy / "given")} if place == "given" else {}
    if place == "users":
        shut(copy)
    assert run(**variables) == ("11", "Compiling kernels, once; it may take a minute.")
    assert run(**variables) == ("11", "")
    where = {"beside": "at", "given": "given", "users": "home"}[place]
    assert {p.relative_to(copy).parts[0] for p in copy.rglob("*.nbi")} == {where}
    (copy / "at/engine/trial/inner.py").write_text(INNER.replace("10", "20"))
    assert run(**variables)[0] == "21"
    assert run(**variables) == ("21", "")


def test_beside_the_sources_the_older_code_is_deleted_and_nothing_else(copy, run):
    run()
    beside = copy / "at/engine/trial/__pycache__"
    other = beside / "inner.cpython-311.pyc"
    other.write_bytes(b"compiled")
    (beside / "inner.inner-5.py311.1.nbc").write_bytes(b"of a version that named no sources")
    before = set(beside.glob("*.nbc"))
    (copy / "at/engine/trial/inner.py").write_text(INNER.replace("10", "20"))
    run()
    assert not before & set(beside.glob("*.nbc"))
    assert other.exists()


def test_where_nothing_can_be_written_kernels_run_and_it_is_said(copy, run):
    shut(copy)
    (copy / "home" / ".cache").touch()
    for _ in range(2):
        printed, said = run(NUMBA_CACHE_DIR=str(copy / "home/.cache/x"))
        assert printed == "11"
        assert "no folder can be written" in said
        assert "NUMBA_CACHE_DIR" in said
        assert len(said.splitlines()) == 1


def test_kept_code_that_is_damaged_is_compiled_again(copy, run):
    run()
    for kept in copy.rglob("*.nbc"):
        kept.write_bytes(b"")
    for kept in copy.rglob("inner*.nbi"):
        kept.write_bytes(b"\x80")
    assert run()[0] == "11"
    assert run() == ("11", "")


def test_any_changed_new_or_renamed_source_is_another_digest(tmp_path):
    room, used = tmp_path / "noc", tmp_path / "kernels"
    for folder in (room, used):
        folder.mkdir()
        (folder / "one.py").write_text("a = 1\n")
    changes = (
        lambda: None,
        lambda: (used / "one.py").write_text("a = 2\n"),
        lambda: (room / "one.py").rename(room / "uno.py"),
        lambda: (room / "deeper").mkdir(),
        lambda: (room / "deeper" / "two.py").write_text("b = 2\n"),
    )
    seen, counts = set(), []
    for change in changes:
        change()
        digest_of.cache_clear()
        seen.add(digest_of(room, used))
        counts.append(len(seen))
    digest_of.cache_clear()
    assert counts == [1, 2, 3, 3, 4]


def test_a_listener_hears_once_and_only_while_it_listens():
    heard = []
    with telling(heard.append):
        tell("one")
        tell("two")
    tell("three")
    assert heard == ["one"]


def _room(source: Path) -> str:
    return room_of(source.parent).name


def _compiled_in(source: Path) -> bool:
    return "@njit" in source.read_text(encoding="utf-8")


def test_every_kernel_is_made_by_the_one_decorator():
    for source in HOME.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        if source.name != "compiling.py":
            assert "import njit" not in text or "engine.kernels.compiling import njit" in text
    assert {_room(s) for s in HOME.rglob("*.py") if _compiled_in(s)} == set(ROOMS)


@pytest.mark.parametrize("source", [s for s in HOME.rglob("*.py") if _compiled_in(s)], ids=lambda s: s.stem)
def test_kernels_are_compiled_from_their_own_room_and_the_kernels_alone(source):
    tree = ast.parse(source.read_text(encoding="utf-8"))
    foreign = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("engine.")
        and node.module.split(".")[1] not in ("kernels", _room(source))
        for alias in node.names
    }
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and "njit" in ast.dump(
            ast.Module([ast.Expr(d) for d in function.decorator_list], [])
        ):
            body = {n.id for part in function.body for n in ast.walk(part) if isinstance(n, ast.Name)}
            assert not body & foreign, f"{function.name} uses {sorted(body & foreign)}"


def test_the_folder_of_every_room_is_found():
    assert all(folder_for(HOME / room) is not None for room in ROOMS)
