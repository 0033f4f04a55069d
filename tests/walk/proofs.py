"""Whether pages and bucket show everything, and when: asked of a running board from outside."""

from __future__ import annotations

import json
import time

from cdn.object_store import etag_of
from cdn.s3_object_store import Bucket, S3ObjectStore
from renderer.web_root import WebRoot
from tests.cli.boards import call
from tests.cli.debts import PATIENCE_S, owed
from tests.walk.board_process import BoardProcess

_LOOK_EVERY_S = 0.2


def seconds_until_settled(
    board: BoardProcess, stage: str, since_s: float, problems: list[str]
) -> float:
    """Until nothing is owed by the `pages`, or by the `cloud`."""
    deadline = time.monotonic() + PATIENCE_S
    while stage in (left := owed(board.running.settings)):
        if time.monotonic() > deadline:
            problems.append(f"{stage}: not settled after {PATIENCE_S:.0f} s: {left[stage]}")
            break
        time.sleep(_LOOK_EVERY_S)
    return time.monotonic() - since_s


def findings(board: BoardProcess, *, in_bucket: bool = True) -> list[str]:
    """What `verify` finds in the web root, and in the bucket."""
    found = []
    for arguments in (["verify", "--json"], ["verify", "--r2", "--json"])[: 1 + in_bucket]:
        done = call(*arguments, "--data", str(board.data))
        try:
            found += [f"{arguments}: {one}" for one in json.loads(done.stdout)["findings"]]
        except ValueError:
            found.append(f"{arguments}: {done.stdout}{done.stderr}")
    return found


def compared_with_bucket(board: BoardProcess) -> tuple[int, list[str]]:
    """Number of objects; where they and the web root's files differ, by MD5."""
    environment = board.environment
    objects = S3ObjectStore(
        Bucket(
            environment["S3_ENDPOINT_URL"],
            environment["R2_BUCKET_NAME"],
            environment["R2_ACCESS_KEY"],
            environment["R2_SECRET_KEY"],
        )
    )
    in_bucket = {found.key: found.etag for found in objects.list()}
    web_root = WebRoot(board.web_root)
    in_web_root = {path: etag_of(web_root.read(path) or b"") for path in web_root.paths()}
    different = dict(in_bucket.items() ^ in_web_root.items())
    return len(in_bucket), [f"bucket and web root differ: {path}" for path in sorted(different)]
