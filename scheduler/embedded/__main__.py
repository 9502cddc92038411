"""`python -m scheduler.embedded`."""

import sys

from scheduler.embedded.cli import main

sys.exit(main())
