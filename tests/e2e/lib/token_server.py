"""token_server.py DIR: the token service of a registry (distribution-spec token authentication), for tests.

Signs with DIR/token.key, answers user `user`, password `secret` and, for pulls, nobody; writes its HOST:PORT to
DIR/token.addr.
"""

import base64
import http.server
import json
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlparse

folder = sys.argv[1]


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def chain():
    text = open(f"{folder}/token.crt").read()
    return ["".join(line for line in text.splitlines() if not line.startswith("-----"))]


def token(subject, access):
    now = int(time.time())
    head = {"typ": "JWT", "alg": "RS256", "x5c": chain()}
    body = {"iss": "plimsoll", "sub": subject, "aud": "registry", "exp": now + 300, "nbf": now - 10, "iat": now,
            "jti": str(now), "access": access}
    text = encode(json.dumps(head).encode()) + "." + encode(json.dumps(body).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", f"{folder}/token.key"], input=text.encode(),
                               capture_output=True, check=True).stdout
    return text + "." + encode(signature)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlparse(self.path).query)
        given = self.headers.get("Authorization", "")
        known = given == "Basic " + base64.b64encode(b"user:secret").decode()
        if given and not known:
            self.send_response(401)
            self.end_headers()
            return
        access = []
        for scope in " ".join(query.get("scope", [])).split():
            kind, name, actions = scope.split(":", 2)
            allowed = [a for a in actions.split(",") if known or (a == "pull" and name.startswith("public/"))]
            access.append({"type": kind, "name": name, "actions": allowed})
        data = json.dumps({"token": token("user" if known else "", access), "expires_in": 300}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        print(self.path, flush=True)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(f"{folder}/token.addr", "w") as file:
    file.write("127.0.0.1:%d" % server.server_address[1])
server.serve_forever()
