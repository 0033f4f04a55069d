"""A program is at work when it has said so."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from monitoring import readiness
from monitoring.readiness import Readiness


def test_program_is_at_work_once_it_has_said_so(tmp_path: Path) -> None:
    heard = Readiness(tmp_path / "ready")
    place = str(heard.place)
    readiness.tell(place)  # to nobody yet
    heard.listen()
    assert not heard.is_told_by(os.getpid())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as teller:
        teller.sendto(f"STATUS=starting\nMAINPID={os.getpid()}".encode(), place)
    assert not heard.is_told_by(os.getpid()), "it has said something else"
    readiness.tell(place)
    assert heard.is_told_by(os.getpid())
    assert not heard.is_told_by(os.getppid()), "another may be at its start"
    heard.close()
    readiness.tell(place)
    assert heard.is_told_by(os.getpid()), "what was said stays said"
    heard.listen()  # for the next, in the same place
    readiness.tell(place)
    heard.close()
    readiness.tell("")
