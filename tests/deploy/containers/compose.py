"""A compose file as docker compose would read it, for tests that hold it to what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from deploy.environment import ROOT

FOLDER = ROOT / "deploy"
#: ${NAME}, ${NAME:-value}; $$ is a dollar sign.
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z_]+)(?::-([^}]*))?\}")

#: What a later file replaces whole: https://docs.docker.com/reference/compose-file/merge/.
_REPLACED = frozenset({"command", "entrypoint", "test"})


@dataclass(frozen=True)
class Compose:
    """One file, or one over another: services merged as compose merges them."""

    document: dict[str, Any]

    @classmethod
    @cache
    def read(cls, *names: str) -> Compose:
        """'compose.yml', 'compose.ha.yml': the later over the earlier. Not to be changed.

        PERF: read once, since PyYAML takes 0.1 s a file and sixty tests look at these.
        """
        merged: dict[str, Any] = {}
        for name in names:
            document = yaml.load((FOLDER / name).read_text(), Loader=_Loader)
            document["services"] = {
                service: _extended(one) for service, one in document["services"].items()
            }
            merged = _merged(merged, document)
        return cls(merged)

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        return dict(self.document["services"])

    @property
    def ours(self) -> dict[str, dict[str, Any]]:
        """The services that run the board's image."""
        return {name: one for name, one in self.services.items() if "build" in one}

    @property
    def jobs(self) -> set[str]:
        """Those that end by themselves."""
        return {
            name for name, one in self.services.items() if one["restart"].startswith("on-failure")
        }

    def variables(self) -> set[str]:
        """Names that are taken from .env."""
        return {name for name, _default in _VARIABLE.findall(yaml.dump(self.document))}


def filled(text: str) -> str:
    """`text` with every variable at its default, and $$ as the shell sees it."""
    return _VARIABLE.sub(lambda found: found.group(2) or "", text).replace("$$", "$")


def words(command: str | list[str] | None) -> list[str]:
    """A command as a list of words."""
    return command.split() if isinstance(command, str) else [filled(word) for word in command or []]


def mounts(service: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(source, target) of each volume; the source is a path or the name of a volume."""
    for volume in service.get("volumes", ()):
        if isinstance(volume, dict):
            yield volume["source"], volume["target"]
        else:
            source, target, *_ = filled(volume).split(":")
            yield source, target


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {name: filled(str(value)) for name, value in service.get("environment", {}).items()}


class _Loader(yaml.SafeLoader):
    """Knows compose's `!override`."""


class _Override(list):  # type: ignore[type-arg]
    """A list that takes the place of the earlier file's."""


class _OverrideMapping(dict):  # type: ignore[type-arg]
    """A mapping that does."""


def _override(loader: yaml.SafeLoader, node: yaml.Node) -> _Override | _OverrideMapping:
    if isinstance(node, yaml.SequenceNode):
        return _Override(loader.construct_sequence(node, deep=True))
    assert isinstance(node, yaml.MappingNode)
    return _OverrideMapping(loader.construct_mapping(node, deep=True))


_Loader.add_constructor("!override", _override)


def _extended(service: dict[str, Any]) -> dict[str, Any]:
    """With what it takes over from another file's service."""
    if "extends" not in service:
        return service
    own = {key: value for key, value in service.items() if key != "extends"}
    source = service["extends"]
    inherited = Compose.read(source["file"]).services[source["service"]]
    merged: dict[str, Any] = _merged(inherited, own)
    return merged


def _merged(under: Any, over: Any) -> Any:
    """Mappings merge key by key, lists are joined, anything else is replaced.

    Commands are replaced, and networks that one file lists and the other describes are joined.
    """
    if isinstance(over, _Override | _OverrideMapping):
        return over
    if isinstance(under, list) and isinstance(over, dict):
        under = dict.fromkeys(under)
    if isinstance(under, dict) and isinstance(over, dict):
        return under | {
            key: value if key in _REPLACED else _merged(under.get(key), value)
            for key, value in over.items()
        }
    if isinstance(under, list) and isinstance(over, list):
        return under + [item for item in over if item not in under]
    return over
