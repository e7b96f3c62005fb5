"""Starts httpbin on a free loopback port, prints `listening URL` when it is ready and
exits when standard input closes.

    python3 httpbin_server.py

It runs under gunicorn (one worker process, many threads): chunked request bodies,
keep-alive and slow answers beside fast ones work, as they do not in Flask's own server.
"""

import logging
import os
import signal
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".servers" / "python"
THREADS = 64


def end_with_stdin(arbiter):
    """Whoever started this holds the other end of standard input: it closes with them,
    however they end. The worker watches it, and ends its parent and itself."""
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    if os.getppid() == arbiter:
        os.kill(arbiter, signal.SIGQUIT)
    os._exit(0)


def worker_ready(worker):
    threading.Thread(target=end_with_stdin, args=(worker.ppid,), daemon=True).start()
    if worker.age == 1:  # a later one only replaces it, on the same port
        print(f"listening http://127.0.0.1:{worker.sockets[0].getsockname()[1]}", flush=True)


def main():
    from gunicorn.app.base import BaseApplication

    class Httpbin(BaseApplication):
        def load_config(self):
            for name, value in {
                "bind": "127.0.0.1:0",
                "workers": 1,
                "worker_class": "gthread",
                "threads": THREADS,
                "keepalive": 75,
                "control_socket_disable": True,
                "loglevel": "warning",
                "post_worker_init": worker_ready,
            }.items():
                self.cfg.set(name, value)

        def load(self):
            # It would warn at each start that its Swagger page is not installed.
            logging.getLogger("httpbin.core").setLevel(logging.ERROR)
            from httpbin import app

            return app

    Httpbin().run()


if __name__ == "__main__":
    # Run by any Python, it goes on as the one of the virtual environment (same process).
    if Path(sys.prefix).resolve() != VENV.resolve():
        python = VENV / "bin" / "python"
        if not python.exists():
            sys.exit("tests/outside/httpbin_server.py: httpbin is not there; run tests/outside/install.sh first")
        os.execv(python, [str(python), str(Path(__file__).resolve()), *sys.argv[1:]])
    main()
