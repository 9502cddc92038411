"""`python -m scheduler.embedded`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the terminal is set up, Ctrl-C ends it silently

from novacron.cli import edge
from scheduler.embedded.cli import main

edge.run(main)
