"""``dtb serve``: the app, warmed before the first visitor."""

from __future__ import annotations

import argparse
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

from dtb_app.store.place import default_folder
from engine.errors import ParameterError

__all__ = ["add"]

_PREFIX = re.compile(r"(/[A-Za-z0-9_-]+)*")
READY_HERE, READY_CLASS, MAX_READY = 2, 30, 500
MB_READY = 8


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("serve")
    p.add_argument("--port", type=int, default=5006)
    p.add_argument("--address", default="localhost", help="interface to listen on")
    p.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="HOST",
        help="a host name visitors may use, with its port; may be repeated",
    )
    p.add_argument(
        "--max-runs",
        type=int,
        default=None,
        metavar="N",
        help="runs at the same time; further visitors wait in a queue",
    )
    p.add_argument(
        "--ready",
        type=int,
        default=None,
        metavar="N",
        help=f"pages made before somebody asks for them, {MB_READY} MB each: as many as open the app in the "
        f"same seconds ({READY_HERE} where only this machine can, else {READY_CLASS})",
    )
    p.add_argument(
        "--prefix",
        default="",
        metavar="PATH",
        help="what every address begins with, /twin, where another server passes requests on",
    )
    p.add_argument(
        "--password",
        default=os.environ.get("DTB_PASSWORD", ""),
        metavar="WORD",
        help="ask visitors for it; DTB_PASSWORD in the environment does the same and is in no process list",
    )
    p.add_argument(
        "--log-json",
        action="store_true",
        help="log what happens (runs, failures, a blocked loop) as JSON lines on stderr",
    )
    p.add_argument(
        "--store",
        default=None,
        metavar="DIR|none",
        help="folder in which runs are kept between visits, 2 GB at most; none keeps none "
        "(default: dtb in the folder for your data, $XDG_DATA_HOME or ~/.local/share)",
    )
    p.add_argument("--open", action="store_true", help="open a browser")
    p.add_argument("--json", action="store_true", help="print the address as JSON once it serves")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Serve until interrupted.

    Raises
    ------
    ParameterError
        The port, the prefix, the number of runs or of pages, or the store is refused.
    """
    if not 0 <= arguments.port <= 65535:
        raise ParameterError(f"serve.port: must be from 0 to 65535 (got {arguments.port}).")
    if arguments.max_runs is not None and arguments.max_runs < 1:
        raise ParameterError(f"serve.max_runs: must be at least 1 (got {arguments.max_runs}).")
    if arguments.ready is not None and not 0 <= arguments.ready <= MAX_READY:
        raise ParameterError(f"serve.ready: must be from 0 to {MAX_READY} (got {arguments.ready}).")
    prefix = "/" + arguments.prefix.strip("/") if arguments.prefix.strip("/") else ""
    if not _PREFIX.fullmatch(prefix):
        raise ParameterError(
            f"serve.prefix: must be a path of letters, digits, - and _ (got {arguments.prefix}). "
            "Example: /twin."
        )
    if arguments.store is not None and arguments.store.strip() in ("", "-"):
        raise ParameterError(f"serve.store: must be a folder, or none (got '{arguments.store}').")
    is_here = arguments.address in ("localhost", "127.0.0.1", "::1")
    from dtb_app.server import serve

    named = arguments.store
    store = default_folder() if named is None else None if named == "none" else Path(named)
    try:
        _try_port(arguments.address, arguments.port)
        serve(
            port=arguments.port,
            address=arguments.address,
            allow_origin=arguments.allow_origin,
            max_runs=arguments.max_runs,
            n_ready=(READY_HERE if is_here else READY_CLASS) if arguments.ready is None else arguments.ready,
            store_folder=store,
            open_browser=arguments.open,
            as_json=arguments.json,
            prefix=prefix,
            password=arguments.password,
            log_json=arguments.log_json,
        )
    except OSError as error:
        print(
            f"dtb serve: port {arguments.port} of {arguments.address} cannot be used "
            f"({error.strerror or error}). Try another --port.",
            file=sys.stderr,
        )
        return 1
    return 0


def _try_port(address: str, port: int) -> None:
    """Fail before the warm-up where the port is taken."""
    family, kind, protocol, _, place = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(place)
