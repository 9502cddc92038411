"""`python -m scheduler.embedded`, with the scheduler and the workers replaced by programs that start at once.

Run by test_supervisor.py; the servers and the migration are the real ones.
"""

import dataclasses
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from scheduler.embedded import cli, runtime, stack, supervisor
from testing.patience import PATIENCE_S

API = """
import http.server, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        late = os.environ.get("STANDIN_LATE")
        if late and not os.path.exists(late):
            self.send_response(503)
            self.end_headers()
            self.wfile.write(b'{"ready": false, "queues_without_worker": ["cpu-sim"]}')
            return
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(os.environ["NOVACRON_PORT"])), Handler).serve_forever()
"""
WORKER = """
import os, signal, sys
if "STANDIN_LATE" in os.environ:
    print("2026-11-30T18:00:00.000 WARNING novacron.worker compiling", flush=True)
os.fork()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    signal.pause()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()"
BROKEN = "print('this program is broken'); raise SystemExit(7)"
real_build = stack.build


def build(data, *, flower, tls=None):
    """The real stack with stand-ins for what is slow to start."""
    real = real_build(data, flower=flower, tls=tls)
    return dataclasses.replace(real, services=tuple(_stand_in(service) for service in real.services))


def _stand_in(service):
    code = None
    if service.name == "scheduler":
        code = BROKEN if "--broken" in ARGUMENTS else API
    elif service.name.startswith("worker-"):
        code = STUBBORN if "--stubborn" in ARGUMENTS else WORKER
    if code is STUBBORN:
        service = dataclasses.replace(service, stop_signals=((signal.SIGTERM, 10 * PATIENCE_S),))
    return dataclasses.replace(service, command=(sys.executable, "-c", code)) if code else service


ARGUMENTS = sys.argv[1:]
stack.build = build
runtime.START_TIMEOUT_S = PATIENCE_S
supervisor.LATE_S = 0.0
runtime.prepare(Path(ARGUMENTS[1]))
sys.exit(cli.main(["supervise", *ARGUMENTS[:2]]))
