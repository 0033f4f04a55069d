"""A kernel that lacks Landlock or seccomp, for the program that is run in it.

`python -m tests.writer.media.unconfinable landlock,seccomp [MODULE | CONTROL_FD …]`: a filter of
its own has the calls answered as such a kernel answers them.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import sys
from struct import pack

from writer.media import process

_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NO_SUCH_CALL = 0x7FFF_0000, 0x0005_0000 | 38
_CREATE_RULESET = 444
_SECCOMP = 317 if os.uname().machine == "x86_64" else 277
#: Of linux/filter.h: code, jumps if equal and if not, value.
_LACKING = {
    "landlock": [
        (_LOAD, 0, 0, 0),
        (_JUMP_IF_EQUAL, 0, 1, _CREATE_RULESET),
        (_RETURN, 0, 0, _NO_SUCH_CALL),
    ],
    "seccomp": [
        (_LOAD, 0, 0, 0),
        (_JUMP_IF_EQUAL, 0, 1, _SECCOMP),
        (_RETURN, 0, 0, _NO_SUCH_CALL),
    ],
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _lack(layers: list[str]) -> None:
    steps = [step for layer in layers for step in _LACKING[layer]] + [(_RETURN, 0, 0, _ALLOW)]
    program = _Program(len(steps), b"".join(pack("=HBBI", *step) for step in steps))
    libc = ctypes.CDLL(None)
    libc.prctl(38, 1, 0, 0, 0)
    assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0


if __name__ == "__main__":
    layers, *arguments = sys.argv[1:]
    _lack(layers.split(","))
    if arguments[0].isdigit():
        process.main(arguments)
    else:
        runpy.run_module(arguments[0], run_name="__main__")
