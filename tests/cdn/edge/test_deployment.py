"""What an operator deploys is what the tests ran, and names no secret and no registry."""

from __future__ import annotations

import json
import re
import tomllib

from tests.cdn.edge.conftest import EDGE, SERVE


def test_wrangler_deploys_the_tested_worker() -> None:
    deployed = tomllib.loads((EDGE / "wrangler.toml").read_text())
    tested = SERVE.read_text()
    assert (EDGE / deployed["main"]).is_file()
    assert f'compatibilityDate: "{deployed["compatibility_date"]}"' in tested
    assert all(f"{name}:" in tested for name in deployed["vars"])
    used = set(re.findall(r"\benv\.([A-Z_]+)", (EDGE / "worker.mjs").read_text()))
    assert used == set(deployed["vars"])


def test_worker_takes_both_hosts() -> None:
    """Without the second route readers could use the bucket's address as a board without rules."""
    deployed = tomllib.loads((EDGE / "wrangler.toml").read_text())
    hosts = {f"https://{route['pattern'].removesuffix('/*')}" for route in deployed["routes"]}
    assert hosts == {deployed["vars"][name] for name in ("SITE_URL", "FILES_URL")}


def test_lock_file_pins_by_hash_and_names_no_registry() -> None:
    lock = json.loads((EDGE / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name
