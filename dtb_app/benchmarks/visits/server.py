"""A server of the app in a process of its own, and what the system knows of it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Server", "served"]

_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Server:
    """`dtb serve` in a process of its own."""

    pid: int
    url: str

    @property
    def cpu_s(self) -> float:
        """Time that the event loop's thread has worked [s]; Linux only."""
        return 1e-9 * int(self._told(f"task/{self.pid}/schedstat", r"^(\d+)"))

    @property
    def cpu_of_all_s(self) -> float:
        """Time that all its threads have worked, those that are gone included [s]; Linux only."""
        told = self._told("stat", r"\) ((?:\S+ ?)+)").split()  # from the third field on
        return sum(map(int, told[11:13])) / os.sysconf("SC_CLK_TCK") if told[12:] else 0.0

    @property
    def memory_mb(self) -> float:
        """Its own memory [MB]; Linux only."""
        return float(self._told("status", r"RssAnon:\s*(\d+)")) / 1000

    @property
    def n_threads(self) -> int:
        """Its threads; Linux only."""
        return int(self._told("status", r"Threads:\s*(\d+)"))

    @property
    def n_files(self) -> int:
        """Files and sockets that it has open; Linux only."""
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except OSError:
            return 0

    def _told(self, name: str, pattern: str) -> str:
        try:
            found = re.search(pattern, Path(f"/proc/{self.pid}/{name}").read_text(encoding="utf-8"))
        except OSError:
            found = None
        return found.group(1) if found else "0"


@contextmanager
def served(n_ready: int, *options: str) -> Iterator[Server]:
    """The app as `dtb serve` serves it, with these options of the command, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dtb_app", "serve", "--address", "127.0.0.1", "--json"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--ready", str(n_ready), "--store", "none", *options],
        cwd=Path(__file__).resolve().parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        with process.stdout:
            told = json.loads(process.stdout.readline())
        yield Server(process.pid, told["url"].replace("localhost", "127.0.0.1"))
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE_S)
        finally:
            process.kill()
