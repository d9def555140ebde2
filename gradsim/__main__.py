"""``python -m gradsim``."""

import sys

from gradsim.cli import main

sys.exit(main())
