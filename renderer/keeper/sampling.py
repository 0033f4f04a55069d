"""A look at a sample of the pages, again and again: do they show what the database holds?

Nothing else would notice a page that somebody deleted or defaced: no change waits for it. The
whole proof takes minutes on a large board; a few pages each five minutes cost next to nothing, and
what has befallen many is found at the first look. Nothing is mended here: after an upgrade
pages stand as they were drawn, until somebody has them drawn anew.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import get_args

from imageboard.errors import ImageboardError, StoreUnavailable
from monitoring import metrics
from monitoring.logs import get_logger
from renderer.pages.kind import Page
from renderer.verify import Finding, Verifier, Wrong

log = get_logger(__name__)

LOOK_EVERY_S = 300.0
#: Pages that were wrong and are looked at again each time, until they are right; of more a look
#: would take ever longer, and say nothing new.
REMEMBERED_MAX = 100
#: Paths that the log names.
NAMED_MAX = 5


@dataclass
class Sampling:
    """Looks at `pages` pages of boards, and at those of the site, in each five minutes."""

    #: It mends nothing.
    verifier: Verifier
    #: 0: none are looked at.
    pages: int
    #: Waits for so many seconds; True: to be ended.
    wait: Callable[[float], bool]
    chance: random.Random = field(default_factory=random.Random)
    _wrong: list[tuple[str, Page]] = field(default_factory=list)

    def run(self) -> None:
        """Look after look, until `wait` says that it is over."""
        if not self.pages:
            # No number: 0 would say that the last look was long ago.
            metrics.sample_end_timestamp_seconds.set(math.nan)
            return
        while True:
            try:
                is_over = self.look()
            except StoreUnavailable:
                is_over = self.wait(LOOK_EVERY_S)  # the pass counts and tells it
            except (ImageboardError, OSError):
                metrics.part_failures.labels("renderer").inc()
                log.exception("sample_failed")
                is_over = self.wait(LOOK_EVERY_S)
            if is_over:
                return

    def look(self) -> bool:
        """One look, a page at a time, so that no post waits for it; whether it is over.

        What was wrong the last time is looked at again: by chance it might not be picked.
        """
        picked = self.verifier.picked(self.pages, self.chance)
        looked_at = list(dict.fromkeys((*self._wrong, *picked)))
        pause_s = LOOK_EVERY_S / (len(looked_at) + 1)
        found: list[Finding] = []
        wrong = []
        for name, page in looked_at:
            if self.wait(pause_s):
                return True
            findings = self.verifier.verify_page(name, page)
            found += findings
            if findings:
                wrong.append((name, page))
        found += self.verifier.verify_site()
        self._wrong = wrong[:REMEMBERED_MAX]
        _show(found)
        return self.wait(pause_s)


def _show(found: list[Finding]) -> None:
    counts = Counter(finding.wrong for finding in found)
    for wrong in get_args(Wrong):
        metrics.sample_wrong_files.labels(wrong).set(counts[wrong])
    metrics.sample_end_timestamp_seconds.set_to_current_time()
    if found:
        paths = [finding.path for finding in found[:NAMED_MAX]]
        log.warning("pages_wrong", files=len(found), wrong=dict(counts), paths=paths)
