"""The window and its pictures: the only place that imports PySide6 and pyqtgraph.

PySide6 puts a function of its own in the place of ``__import__``. It reads the source of every module imported from
then on, to see whether the module may ask for PySide6's ``__feature__``. Nothing here asks for it, and the reading
takes a tenth of a start, so the interpreter's own ``__import__`` is put back.
"""

import builtins

_interpreters_own = builtins.__import__

import PySide6.QtCore  # noqa: E402, F401

builtins.__import__ = _interpreters_own
