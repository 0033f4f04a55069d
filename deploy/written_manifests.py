"""What of the manifests is written from elsewhere: `python -m deploy.written_manifests` does it.

Which images of others are pulled is said in images.toml, for all that pull one. Prometheus' rules
and Grafana's pages are those of monitoring/, in the wrapping that Kubernetes wants.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from textwrap import indent
from typing import NamedTuple

from monitoring import dashboards

DEPLOY = Path(__file__).parent
IMAGES = DEPLOY / "images.toml"
RULES = DEPLOY.parent / "monitoring" / "rules"
COMPONENTS = DEPLOY / "k8s" / "components"

_WRITTEN = "# Written by `python -m deploy.written_manifests`.\n"
_RULES = """apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: stillboard
spec:
  groups:
"""
_DASHBOARD = """apiVersion: v1
kind: ConfigMap
metadata:
  name: dashboard-{name}
  labels: {{grafana_dashboard: "1"}}
data:
  stillboard-{name}.json: |
"""

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
    found = {path: with_images(path.read_text(encoding="utf-8")) for path in pulling}
    found[COMPONENTS / "service-monitors" / "rules.yaml"] = _rules()
    for path, text in dashboards.files().items():
        wrapping = _DASHBOARD.format(name=path.stem)
        place = COMPONENTS / "dashboards" / f"{path.stem}.yaml"
        found[place] = _WRITTEN + wrapping + indent(text, "    ")
    return found


def _rules() -> str:
    """The groups of all files of rules, with their comments."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(RULES.glob("*.yml"))]
    groups = [text.split("groups:\n", 1)[1] for text in texts]
    return _WRITTEN + _RULES + indent("\n".join(groups), "  ")


def main() -> None:
    """Write them all."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
