"""`python -m tests.deploy.told_what_to_run CODE`: a program that is whatever a test needs."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    exec(sys.argv[1])
