"""`python -m testing.dashboards`: write Grafana's dashboards, and their copies in the chart."""

from __future__ import annotations

from testing.chart import copies
from testing.dashboards import pages

if __name__ == "__main__":
    pages.write()
    copies.write()
