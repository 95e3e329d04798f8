"""A server's linear algebra stays on the thread that asks for it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_LOOK = """
import numpy, scipy.linalg
from threadpoolctl import threadpool_info
{before}
print(max(found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"))
"""


def _threads(before: str, **chosen: str) -> int:
    rest = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, "-c", _LOOK.format(before=before)]
    told = subprocess.run(command, env=rest | chosen, capture_output=True, text=True, check=True)
    return int(told.stdout.split()[-1])


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="with one core there is one thread anyway")
def test_a_server_that_has_loaded_all_uses_one_thread():
    assert _threads("") > 1
    assert _threads("from dtb_app.server import extend; extend()") == 1


def test_who_has_chosen_how_many_is_heard():
    said = "from dtb_app.serving.linear_algebra import compute_alone; assert not compute_alone()"
    assert _threads(said, OPENBLAS_NUM_THREADS="2") == 2
