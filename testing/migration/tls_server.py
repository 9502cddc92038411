"""A TLS server with a configuration file in nginx's style, reloaded on SIGHUP; run as a program.

    python -m testing.migration.tls_server CONFIG PORT_FILE

The file holds `ssl_certificate FILE;`, `ssl_certificate_key FILE;` and `ssl_ecdh_curve LIST;`. An invalid
configuration is rejected, and the previous one stays in use. `--test CONFIG` only validates it.
"""

import re
import signal
import socket
import sys
import threading
from pathlib import Path

from novacron.errors import InsecureConnection
from novacron.tls.contexts import Context
from novacron.tls.groups import MODES, Mode

DIRECTIVE = re.compile(r"(?m)^\s*(\w+)\s+([^;]+);")


def read(config: Path) -> Context:
    """Return a server's context from its configuration."""
    found = dict(DIRECTIVE.findall(config.read_text()))
    context = Context(Mode(found["ssl_ecdh_curve"], MODES["hybrid"].signatures))
    context.present([(Path(found["ssl_certificate"]), Path(found["ssl_certificate_key"]))])
    return context


def serve(config: Path, port_file: Path) -> None:
    """Answer handshakes until killed."""
    contexts = [read(config)]

    def again(*_: object) -> None:
        try:
            contexts.append(read(config))
        except Exception as error:
            print(f"kept the old configuration: {error}", file=sys.stderr, flush=True)

    signal.signal(signal.SIGHUP, again)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        partial = port_file.with_suffix(".partial")
        partial.write_text(str(listener.getsockname()[1]))
        partial.rename(port_file)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, contexts[-1]), daemon=True).start()


def _answer(connection: socket.socket, context: Context) -> None:
    channel = context.accept()
    connection.settimeout(5)
    with connection:
        try:
            while not channel.ended and (data := connection.recv(1 << 14)):
                channel.receive(data)
                try:
                    channel.advance() if channel.handshake is None else channel.read()
                finally:
                    connection.sendall(channel.to_send())
        except (InsecureConnection, OSError):
            pass


if __name__ == "__main__":
    if sys.argv[1] == "--test":
        read(Path(sys.argv[2]))
    else:
        serve(Path(sys.argv[1]), Path(sys.argv[2]))
