"""Where the program begins that needs no Python; beside the window it starts itself, as ``python -m`` would."""

from __future__ import annotations

import multiprocessing
import runpy
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()  # the processes of a sweep are this program, too
    if sys.argv[1:2] == ["-m"] and sys.argv[2].startswith("gradsim."):
        del sys.argv[1]
        runpy.run_module(sys.argv.pop(1), run_name="__main__")
    else:
        from gradsim.__main__ import main

        main()
