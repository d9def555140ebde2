"""Any sequence of edits, drags, openings, undos and redos, against a plain list of what was shown."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gradsim.sim.documents.document import parse
from gradsim.sim.documents.drafts import Draft, History
from gradsim.sim.documents.experiments import full_table, with_another_run, without_run

TEXTS = (
    'seed = 1\ndata = "moons"\n[common]\noutput = "sigmoid"\n[[runs]]\n[[runs]]\nactivation = "tanh"\n',
    'kind = "race"\nsurface = "beale"\n[[runs]]\n[[runs]]\noptimizer = "adam"\n',
)
DOCUMENTS = tuple(parse(text, "text") for text in TEXTS)
SEEDS = st.sampled_from([1, 2, 3, -1, "many", 10**19])


class Walk(RuleBasedStateMachine):
    """A history beside the list of the drafts that undo is to go back through."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History.of(DOCUMENTS[0])
        self.shown: list[Draft] = [self.history.draft]
        self.at = 0

    def table(self) -> dict[str, Any]:
        return copy.deepcopy(dict(self.history.draft.table))

    def note(self, history: History) -> None:
        """Note what an edit came to: what it showed is to be got back, unless its own drag went on."""
        if history.drafts is not self.history.drafts:
            kept = history.position
            assert kept in (self.at - 1, self.at, self.at + 1)
            self.shown = [*self.shown[:kept], history.draft]
            self.at = kept
        self.history = history

    @rule(seed=SEEDS, continuing=st.booleans())
    def edit(self, seed: object, continuing: bool) -> None:
        before = self.history
        self.note(before.edited({**self.table(), "seed": seed}, continuing))
        assert self.history.draft.table["seed"] == seed
        assert self.history is before or not self.history.can_redo

    @rule(run=st.integers(0, 3), batch=st.sampled_from([1, 4, 10**9]), continuing=st.booleans())
    def edit_run(self, run: int, batch: int, continuing: bool) -> None:
        table = self.table()
        table["runs"][run % len(table["runs"])]["batch_size"] = batch
        self.note(self.history.edited(table, continuing))

    @precondition(lambda self: len(self.history.draft.table["runs"]) < 4)
    @rule()
    def add_run(self) -> None:
        self.note(self.history.edited(with_another_run(self.history.draft.table, 0)))

    @precondition(lambda self: len(self.history.draft.table["runs"]) > 1)
    @rule()
    def remove_run(self) -> None:
        self.note(self.history.edited(without_run(self.history.draft.table, 0)))

    @rule(which=st.integers(0, 1))
    def open(self, which: int) -> None:
        self.note(self.history.opened(DOCUMENTS[which]))
        assert self.history.draft.document == DOCUMENTS[which]

    @rule()
    def settle(self) -> None:
        self.history = self.history.settled()

    @rule(times=st.integers(1, 4))
    def undo(self, times: int) -> None:
        for _ in range(times):
            assert self.history.can_undo == (self.at > 0)
            self.history, self.at = self.history.undone(), max(0, self.at - 1)

    @rule(times=st.integers(1, 4))
    def redo(self, times: int) -> None:
        for _ in range(times):
            assert self.history.can_redo == (self.at < len(self.shown) - 1)
            self.history, self.at = self.history.redone(), min(len(self.shown) - 1, self.at + 1)

    @invariant()
    def the_draft_is_the_one_noted(self) -> None:
        assert self.history.draft == self.shown[self.at]
        assert len(self.history.drafts) == len(self.shown)

    @invariant()
    def a_draft_says_what_its_document_says_or_why_not(self) -> None:
        draft = self.history.draft
        assert (draft.table == full_table(draft.document.experiment)) == (draft.refusal is None)

    @invariant()
    def names_can_be_asked_for_everywhere(self) -> None:
        assert isinstance(self.history.to_undo + self.history.to_redo, str)

    def teardown(self) -> None:
        for _ in range(len(self.shown)):
            self.history = self.history.undone()
        assert self.history.draft == Draft.of(DOCUMENTS[0])
        for _ in range(len(self.shown)):
            self.history = self.history.redone()
        assert self.history.draft == self.shown[-1]


Walk.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestWalk = Walk.TestCase
