"""What the panel edits: all runs, one of them, or one from one of its changes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gradsim.schema.parameters import Parameter
from gradsim.sim.run.forks import in_force, with_setting

ALL = -1
"""The run of the scope in which an edit is made to all runs."""


class Scope(NamedTuple):
    """Where an edit is made.

    Attributes
    ----------
    run
        The run that alone is edited, or ALL.
    step
        The step of its change that is edited; None for the settings that it begins with.
    """

    run: int = ALL
    step: int | None = None

    def within(self, table: Mapping[str, Any]) -> Scope:
        """Return the scope, or the wider one that there is in a table."""
        if self.run >= len(table["runs"]):
            return Scope()
        return self if self.step is None or self.change(table) is not None else Scope(self.run)

    def change(self, table: Mapping[str, Any]) -> int | None:
        """Return which of the run's changes is edited, None for none."""
        steps = [] if self.run == ALL else [change["step"] for change in table["runs"][self.run]["changes"]]
        return steps.index(self.step) if self.step in steps else None

    def value(self, table: Mapping[str, Any], name: str) -> Any:
        """Return a setting of the run that alone is edited, as it is in force there."""
        run = table["runs"][self.run]
        return (run if self.step is None else in_force(run, self.step))[name]

    def with_value(self, run: Mapping[str, Any], name: str, value: Any, parameter: Parameter) -> Mapping[str, Any]:
        """Return the table of a run with another value of a setting."""
        return {**run, name: value} if self.step is None else with_setting(run, self.step, name, value, parameter)
