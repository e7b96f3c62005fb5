"""Starts moto on a free loopback port, prints `listening URL` when it is ready and exits when
standard input closes. It stands for the services of AWS and, as it is started here, refuses whatever
is not signed with the key of one of its two callers: see README.md.

    python3 aws_server.py
"""

import logging
import os
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".servers" / "python"

# Test keys: they open nothing anywhere.
USER = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
ROLE = ("ASIAIOSFODNN7EXAMPLE", "a/secret+of=a/role-for/one/hour-EXAMPLEK")
TOKEN = "FwoGZXIvYXdzE+/session/token==of+temporary/credentials"
EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


def end_with_stdin():
    """Whoever started this holds the other end of standard input: it closes with them, however they end."""
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    os._exit(0)


def callers():
    """A user with a key of their own, and a role that somebody has assumed."""
    from moto.core import DEFAULT_ACCOUNT_ID as account
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    iam = iam_backends[account]["aws"]
    iam.create_user("us-east-1", "callsheet")
    iam.put_user_policy("callsheet", "everything", EVERYTHING)
    key = iam.create_access_key("callsheet")
    key.access_key_id, key.secret_access_key = USER

    role = iam.create_role("runner", EVERYTHING, "/", None, "", [], None)
    iam.put_role_policy("runner", "everything", EVERYTHING)
    assumed = sts_backends[account]["aws"].assume_role("us-east-1", "a-run", role.arn, None, 3600, None)
    assumed.access_key_id, assumed.secret_access_key = ROLE
    assumed.session_token = TOKEN


def main():
    # Every request is checked, from the first one on.
    os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "0"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from moto.server import DomainDispatcherApplication, create_backend_app
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    callers()
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=end_with_stdin, daemon=True).start()
    print(f"listening http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    # Run by any Python, it goes on as the one of the virtual environment (same process).
    if Path(sys.prefix).resolve() != VENV.resolve():
        python = VENV / "bin" / "python"
        if not python.exists():
            sys.exit("tests/outside/aws_server.py: moto is not there; run tests/outside/install.sh first")
        os.execv(python, [str(python), str(Path(__file__).resolve()), *sys.argv[1:]])
    main()
