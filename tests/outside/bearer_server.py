"""Starts an authorization server of Authlib on a free loopback port, prints `listening URL` when it is ready and exits
when standard input closes. It is here for JWTs as grants (RFC 7523, section 2.1), which the other servers do not have,
and for a second opinion on those of clients (section 2.2).

    python3 bearer_server.py
"""

import os
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".servers" / "python"


def end_with_stdin():
    """Whoever started this holds the other end of standard input: it closes with them, however they end."""
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    os._exit(0)


def application(base):
    from authlib.integrations.flask_oauth2 import AuthorizationServer
    from authlib.oauth2.rfc6749 import ClientCredentialsGrant, ClientMixin
    from authlib.oauth2.rfc7523 import JWTBearerClientAssertion, JWTBearerGrant
    from flask import Flask, jsonify, request
    from joserfc.jwk import KeySet, import_key

    algorithms = {"rsa": "RSA", "ec": "EC", "ed25519": "OKP"}
    keys = KeySet(
        [
            import_key((HERE / "keys" / f"{kid}.pem").read_text(), kind, {"kid": kid})
            for kid, kind in algorithms.items()
        ]
    )

    class Client(ClientMixin):
        client_id = "robot"

        def get_client_id(self):
            return self.client_id

        def get_allowed_scope(self, scope):
            return " ".join(word for word in (scope or "").split() if word in ("read", "write"))

        def check_grant_type(self, grant_type):
            return True

        def check_endpoint_auth_method(self, method, endpoint):
            return method == "client_assertion_jwt"

    clients = {"robot": Client()}
    tokens = {}

    class Grant(JWTBearerGrant):
        def get_audiences(self):
            return [f"{base}/token", "accounts.example.com"]

        def resolve_issuer_client(self, issuer):
            return clients.get(issuer)

        def resolve_client_public_key(self, client):
            return keys

        def authenticate_user(self, subject):
            return subject if subject in ("alice", "bob") else None

        def has_granted_permission(self, client, user):
            return user == "alice"

    class Assertion(JWTBearerClientAssertion):
        seen = set()

        def get_audiences(self):
            return [f"{base}/token"]

        def resolve_client_public_key(self, client):
            return keys

        def validate_jti(self, claims, jti):
            new = jti not in self.seen
            self.seen.add(jti)
            return new

    class Machine(ClientCredentialsGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_assertion_jwt"]

    def save(token, request):
        tokens[token["access_token"]] = {"sub": request.user, "client": request.client.client_id, "scope": token.get("scope")}

    app = Flask(__name__)
    server = AuthorizationServer(app, query_client=clients.get, save_token=save)
    server.register_client_auth_method(Assertion.CLIENT_AUTH_METHOD, Assertion())
    server.register_grant(Grant)
    server.register_grant(Machine)

    @app.post("/token")
    def token():
        return server.create_token_response()

    # Ours: whose token this is, or 401.
    @app.get("/api")
    def api():
        known = tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return jsonify(known or {"error": "invalid_token"}), 200 if known else 401

    return app


def main():
    import logging
    import socket

    from werkzeug.serving import make_server

    # RFC 6749 wants https; a loopback address has none.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = make_server("127.0.0.1", 0, application(base), threaded=True, fd=listener.fileno())
    threading.Thread(target=end_with_stdin, daemon=True).start()
    print(f"listening {base}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    # Run by any Python, it goes on as the one of the virtual environment (same process).
    if Path(sys.prefix).resolve() != VENV.resolve():
        python = VENV / "bin" / "python"
        if not python.exists():
            sys.exit("tests/outside/bearer_server.py: Authlib is not there; run tests/outside/install.sh first")
        os.execv(python, [str(python), str(Path(__file__).resolve()), *sys.argv[1:]])
    main()
