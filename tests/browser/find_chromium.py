"""Find a Chromium for the browser tests, or install one; say plainly what is missing otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Path of a browser: DTB_CHROMIUM, one on the PATH, or Playwright's own."""
    given = os.environ.get("DTB_CHROMIUM")
    if given:
        return given if os.path.exists(given) else None
    for name in NAMES:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def install() -> bool:
    """Try Debian's package, then Playwright's own; whether one worked."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            if subprocess.run(command, env=environment, check=False).returncode:
                break
        if find():
            return True
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, check=False).returncode == 0 and find() is not None


def main() -> int:
    """Command line: print the path; with --install, get one where there is none."""
    if not find() and "--install" in sys.argv and not install():
        sys.stderr.write(
            "No Chromium was found and none could be installed. Install Debian's package "
            "'chromium' (apt-get install chromium), or set DTB_CHROMIUM to a browser's path.\n"
        )
        return 1
    found = find()
    if found is None:
        sys.stderr.write("No Chromium was found; 'make browser' installs one.\n")
        return 1
    sys.stdout.write(found + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
