"""Which files of tests one process runs together, though another were free.

PERF: they share a board that is up as long as the process. Spread over four processes they start
four of them, at 7 s of CPU each. Rules of the house share the syntax trees of all modules. A file
that is not here is right too, and takes longer.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

#: Where `board` of tests/browser/conftest.py, `board_process` of tests/walk/conftest.py and
#: `loaded_board` of tests/loadtest/conftest.py are asked for; so many that none is begun last.
TOGETHER = {
    "tests/browser": (
        *("dense_thumbnails", "desk", "evening", "firefox", "following", "hiding"),
        *("hostile_scripts", "hostile_texts", "languages", "long_pages", "offline_reading"),
        *("passkeys", "pictures", "posting", "push", "quotes", "scripts", "settings_page"),
        *("thread_zip", "without_javascript"),
    ),
    "tests/walk": (
        *("bad_input", "crowds", "living_board", "moved_board", "nothing_personal", "one_post"),
        *("openapi", "own_post", "starvation", "third_party_clients", "vichan_replay"),
    ),
    "tests/loadtest": (
        *("command", "distributed", "scenarios_of_posters", "scenarios_of_readers", "slow_boards"),
    ),
    # And where trees of all modules are.
    "tests/house_rules": ("docs", "packages", "sql"),
}
_GROUP_OF = {
    f"{folder}/test_{name}.py": folder for folder, names in TOGETHER.items() for name in names
}


def unit_of(nodeid: str) -> str:
    """What one process runs as a whole: a test's file, or the folder whose board it shares."""
    file = nodeid.partition("::")[0]
    return _GROUP_OF.get(file, file)


class BoardScheduling(LoadFileScheduling):
    """xdist's, by files, but for those that share a board."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
