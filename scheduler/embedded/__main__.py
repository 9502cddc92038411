"""`python -m scheduler.embedded`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the edge stands, Ctrl-C ends it without a word

from novacron.cli import edge
from scheduler.embedded.cli import main

edge.run(main)
