"""What of the manifests is written from elsewhere: `python -m deploy.written_manifests` does it.

Which images of others are pulled is said in images.toml, for all that pull one.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

DEPLOY = Path(__file__).parent
IMAGES = DEPLOY / "images.toml"

#: 'image: docker.io/library/nginx:1.31.3', 'FROM …': the words before, the name, the version.
_PULLED = re.compile(r"^(\s*(?:image:|FROM) )([a-z]+\.[a-z]+/[\w./-]+)([:@]\S+)", re.MULTILINE)


class Image(NamedTuple):
    """One of others, that is pulled."""

    use: str
    #: 'docker.io/library/nginx:1.31.3', with a digest where one is known.
    reference: str

    @property
    def name(self) -> str:
        """'docker.io/library/nginx'"""
        return re.split("[:@]", self.reference)[0]

    @property
    def version(self) -> str:
        """'1.31.3'"""
        return self.reference.removeprefix(self.name).partition("@")[0].removeprefix(":")


def images() -> dict[str, Image]:
    """{'nginx': Image}"""
    rows = tomllib.loads(IMAGES.read_text(encoding="utf-8"))
    return {name: Image(**row) for name, row in rows.items()}


def with_images(text: str) -> str:
    """`text` with the references of images.toml. Raises KeyError: one is not there."""
    references = {image.name: image.reference for image in images().values()}
    return _PULLED.sub(lambda found: found[1] + references[found[2]], text)


def files() -> dict[Path, str]:
    """{path: what stands there}"""
    pulling = [*DEPLOY.glob("compose*.yml"), *DEPLOY.rglob("Dockerfile")]
    pulling += (DEPLOY / "k8s").rglob("*.yaml")
    return {path: with_images(path.read_text(encoding="utf-8")) for path in pulling}


def main() -> None:
    """Write them all."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
