"""``python -m fxtypes_nn``."""

import sys

from .cli import main

sys.exit(main())
