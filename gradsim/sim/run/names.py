"""What runs are called: after what differs between them, for as long as nobody has typed a name.

Names are made from plain tables, as a form holds them, so that a run has a name
while one of its settings is not allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradsim.schema.errors import quoted
from gradsim.schema.parameters import EntryOf, Parameter, parameters
from gradsim.sim.run.changes import DONE_ONCE, ChangesOf, change_text
from gradsim.sim.run.settings import LABEL
from gradsim.words.languages import ENGLISH, translate

Table = Mapping[str, Any]

NOW = " → "
"""Between a typed name and the value that has taken the place of one it names."""

_NOT_NAMED = ("label", "changes", *DONE_ONCE)
"""Runs are not called after these: a name that follows a number while it is dragged could not be read."""


def names_of(
    runs: Sequence[Table], fields: Mapping[str, Parameter], first: Sequence[str], language: str
) -> list[str]:
    """Return a name for each run: its label if it has one, else what distinguishes it from the others.

    Parameters
    ----------
    runs
        The runs as full tables.
    fields
        The parameters of a run.
    first
        The settings that a run is named by first.
    """
    given = [str(run.get("label", "")).strip() for run in runs]
    keys = _in_order(fields, first)
    texts = ["" if label else _changes_text(run, fields, language) for run, label in zip(runs, given, strict=True)]
    changed = _with_base(runs, texts, fields, keys, language)
    others = [run for run, *found in zip(runs, given, changed, strict=True) if not any(found)]
    made = iter(_made(others, fields, keys, language))
    unnamed = [text or next(made) for label, text in zip(given, changed, strict=True) if not label]
    free = iter(_numbered(unnamed, [label for label in given if label]))
    return [label or next(free) for label in given]


def _changes_text(run: Table, fields: Mapping[str, Parameter], language: str) -> str:
    """Return what changes in a run, the last change alone where all are too long; "" where nothing does."""
    parameter, changes = fields.get("changes"), run.get("changes")
    if not isinstance(parameter, ChangesOf) or not changes or not parameter.allows(changes):
        return ""
    before, texts = dict(run), []
    for change in changes:
        if any(before[key] != value for key, value in change.items() if key not in ("step", *DONE_ONCE)):
            texts.append(change_text(_lasting(change), before, parameter.settings, language))
        before |= change
    whole = translate(", ", language).join(texts)
    return whole if len(whole) <= LABEL.most or not texts else texts[-1]


def _lasting(change: Table) -> Table:
    return {key: value for key, value in change.items() if key not in DONE_ONCE}


def _with_base(
    runs: Sequence[Table], texts: Sequence[str], fields: Mapping[str, Parameter], keys: Sequence[str], language: str
) -> list[str]:
    """Return the texts of changes; where several runs have the same one, with what tells these apart before it."""
    named = list(texts)
    for text in set(texts) - {""}:
        alike = [i for i, other in enumerate(texts) if other == text]
        if len(alike) > 1:
            for i, base in zip(alike, _made([runs[i] for i in alike], fields, keys, language), strict=True):
                named[i] = _joined([base, text], language)
    return named


def _in_order(fields: Mapping[str, Parameter], first: Sequence[str]) -> list[str]:
    return [*first, *(key for key in fields if key not in (*first, *_NOT_NAMED))]


def _made(runs: Sequence[Table], fields: Mapping[str, Parameter], keys: Sequence[str], language: str) -> list[str]:
    """Return names by one setting that distinguishes all runs, else by as many as needed; some may still be equal."""
    texts = {key: _texts([run[key] for run in runs], fields[key], language) for key in keys}
    differing = [key for key in keys if len(set(texts[key])) > 1]
    chosen = [next((key for key in differing if len(set(texts[key])) == len(runs)), "")]
    if not chosen[0]:
        chosen = _refining(texts, differing) or [keys[0]]
    return [_joined([texts[key][i] for key in chosen if texts[key][i]], language) for i in range(len(runs))]


def _joined(parts: Sequence[str], language: str) -> str:
    """Return a name from its parts: the comma of Chinese is another one."""
    return translate("{name}, {detail}", language).format(name="", detail="").join(parts)


def _refining(texts: Mapping[str, Sequence[str]], keys: Sequence[str]) -> list[str]:
    """Return the settings, in order, each of which distinguishes runs that those before it do not."""
    chosen: list[str] = []
    groups = 1
    for key in keys:
        parts = len(set(zip(*(texts[each] for each in [*chosen, key]), strict=True)))
        if parts > groups:
            chosen.append(key)
            groups = parts
    return chosen


def _numbered(names: Sequence[str], taken: Sequence[str]) -> Iterator[str]:
    """Yield the names cut to what labels may have, later ones of one name numbered from 2."""
    used = set(taken)
    for name in names:
        short = name if len(name) <= LABEL.most else name[: LABEL.most - 1] + "…"
        most = LABEL.most - 3
        numbered = (f"{name[:most]} {number}" for number in range(2, len(names) + len(taken) + 2))
        free = next(each for each in (short, *numbered) if each not in used)
        used.add(free)
        yield free


def _texts(values: Sequence[Any], parameter: Parameter, language: str) -> list[str]:
    """Return a setting's values in words; entries of one name with the settings in which they differ."""
    if isinstance(parameter, EntryOf):
        return [_entry_text(value, values, parameter, language) for value in values]
    return [_capital(_value_text(value, parameter, language)) for value in values]


def _value_text(value: Any, parameter: Parameter, language: str) -> str:
    """Return what a value is called, with what stands before it in names."""
    called = [text for known, text in parameter.called if known == value]
    if called:
        return translate(called[0], language)
    text = _sizes(value, language) if isinstance(value, list) else _number(value)
    return f"{translate(parameter.in_names, language)} {text}".strip()


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _entry_text(value: Any, values: Sequence[Any], parameter: EntryOf, language: str) -> str:
    label = _capital(translate(parameter.short_of(value), language))
    if not isinstance(value, Mapping) or not label:
        return label or str(value)
    alike = [other for other in values if isinstance(other, Mapping) and other["name"] == value["name"]]
    known = parameters(parameter.registry[value["name"]])
    details = [
        f"{translate(known[key].in_names or known[key].label, language).lower()} {_number(value[key])}"
        for key in value
        if key in known and any(other.get(key) != value[key] for other in alike)
    ]
    return _joined([label, *details], language)


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else quoted(value) if isinstance(value, int) else str(value)


def _sizes(sizes: Sequence[Any], language: str) -> str:
    if not sizes:
        return translate("No hidden layer", language)
    return f"{len(sizes)} × {sizes[0]}" if len(set(map(str, sizes))) == 1 else "-".join(map(str, sizes))


def follow_settings(runs: Sequence[Table], fields: Mapping[str, Parameter], first: Sequence[str]) -> list[bool]:
    """Tell of each run whether its label says no more than its settings do: then its name follows them."""
    bare = [{**run, "label": ""} for run in runs]
    made = names_of(bare, fields, first, ENGLISH)
    return [not run["label"] or run["label"] == name for run, name in zip(runs, made, strict=True)]


# Names that were typed


def kept_true(before: Table, after: Table, fields: Mapping[str, Parameter]) -> str:
    """Return the label of an edited run: one that names a value that has changed says what it is now.

    "Adam, rate 0.1" becomes "Adam, rate 0.1 → 0.5"; once the value is what the name says, it is as it was. A
    number that another setting has as well is taken for that one's. A value that the run itself changes at a step
    is marked likewise: "My ReLU → ELU from 100".
    """
    label = str(after["label"])
    if not label or label != before["label"]:
        return label
    base, _, stated = label.partition(NOW)
    later = _change_of(base, after, fields)
    elsewhere = set(_values(after, fields)) & set(_values(before, fields))
    now = [
        new
        for old, new, inner in _changes(before, after, fields)
        if old == stated or (_names(base, old) and not (inner and old in elsewhere))
    ]
    if stated and stated == _change_of(base, before, fields):
        now = now or [base]
    if not now and not later:
        return label
    mark = later or now[0]
    if _names(base, mark):
        return base
    room = LABEL.most - len(NOW) - len(mark)
    cut = base if len(base) <= room else base[: max(room - 1, 1)] + "…"
    return f"{cut}{NOW}{mark}"[: LABEL.most]


def _change_of(base: str, run: Table, fields: Mapping[str, Parameter]) -> str:
    """Return the last of a run's changes that takes the place of a value its name mentions; "" where none does."""
    parameter, changes = fields.get("changes"), run.get("changes")
    if not isinstance(parameter, ChangesOf) or not changes or not parameter.allows(changes):
        return ""
    before, found = dict(run), ""
    for change in changes:
        after = {**before, **{key: value for key, value in change.items() if key != "step"}}
        if any(_names(base, old) for old, _, _ in _changes(before, after, fields)):
            found = change_text(_lasting(change), before, parameter.settings, ENGLISH)
        before = after
    return found


def _values(run: Table, fields: Mapping[str, Parameter]) -> Iterator[str]:
    """Yield each value of a run as a name may mention it."""
    for key, parameter in fields.items():
        if key in _NOT_NAMED:
            continue
        value = run[key]
        if not isinstance(parameter, EntryOf):
            yield _plain(value)
            continue
        yield parameter.label_of(value)
        if isinstance(value, Mapping):
            yield from (_plain(setting) for name, setting in value.items() if name != "name")


def _changes(before: Table, after: Table, fields: Mapping[str, Parameter]) -> Iterator[tuple[str, str, bool]]:
    """Yield each value that has changed as a name may mention it: old, new, and whether it is inside an entry."""
    for key, parameter in fields.items():
        old, new = before[key], after[key]
        if key in _NOT_NAMED or old == new:
            continue
        if isinstance(parameter, EntryOf):
            yield from _entry_changes(old, new, parameter)
        else:
            yield _plain(old), _plain(new), False


def _entry_changes(old: Any, new: Any, parameter: EntryOf) -> Iterator[tuple[str, str, bool]]:
    was, now = parameter.label_of(old), parameter.label_of(new)
    if was != now:
        yield was, now, False
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from ((_plain(old[key]), _plain(new[key]), True) for key in old if key in new and old[key] != new[key])


def _plain(value: Any) -> str:
    return _sizes(value, ENGLISH) if isinstance(value, list) else _number(value)


def _names(label: str, value: str) -> bool:
    """Tell whether a label mentions a value, as a word or number of its own."""
    return bool(value) and bool(re.search(rf"(?<![\w.]){re.escape(value)}(?![\w]|\.\d)", label, re.IGNORECASE))
