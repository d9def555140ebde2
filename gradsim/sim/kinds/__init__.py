"""Kinds of experiments: a package for each, found by itself. To add one, write a package with a module ``kind``."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from gradsim.sim.kinds.kind import X_AXES, Experiment, Kind

__all__ = ["DEFAULT_KIND", "X_AXES", "Experiment", "Kind", "kind_of", "kinds"]

DEFAULT_KIND = "train"
"""The kind of a file that names none."""


@cache
def kinds() -> Mapping[str, Kind[Any, Any]]:
    """Return all kinds by their key."""
    packages = [info.name for info in pkgutil.iter_modules(__path__) if info.ispkg]
    found = [import_module(f"{__name__}.{name}.kind").KIND for name in packages]
    return {kind.key: kind for kind in found}


def kind_of(experiment: Experiment) -> Kind[Any, Any]:
    """Return the kind of an experiment."""
    return kinds()[experiment.kind]
