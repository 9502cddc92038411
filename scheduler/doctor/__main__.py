"""`python -m scheduler.doctor`."""

from novacron.cli import edge
from scheduler.doctor.examination import main

edge.run(main)
