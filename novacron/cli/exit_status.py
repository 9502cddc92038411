"""Exit statuses of all commands; 0 is success."""

JOB_ENDED, BAD_INPUT, NO_SCHEDULER, OUTPUT_LOST = 1, 2, 3, 4
OUR_FAULT = 70
INTERRUPTED, READER_LEFT = 130, 141
"""128 plus the number of the signal, as in shells: SIGINT, SIGPIPE."""
