"""The program in a checkout: ``python main.py …`` is ``gradsim …``."""

from gradsim.__main__ import main

if __name__ == "__main__":
    main()
