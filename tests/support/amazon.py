"""A stand-in of the services of Amazon that the server asks beside DynamoDB: the Systems Manager's parameters,
STS and IAM Identity Center. It knows keys and what each may do, and checks signatures anew by Amazon's
description of Signature Version 4."""

import datetime
import hashlib
import hmac
import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REGION = "eu-west-2"
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
                           r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})")


def _keyed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signed_by(method, path, headers, body, secrets):
    """(access key id, service) of a request that is signed right, else (None, None). `secrets`: of each id."""
    found = AUTHORIZATION.fullmatch(headers.get("Authorization", ""))
    if not found or found[1] not in secrets:
        return None, None
    key_id, day, region, service, names, signature = found.groups()
    lines = [f"{name}:{headers[name].strip()}" for name in names.split(";")]
    canonical = "\n".join([method, path, "", *lines, "", names, hashlib.sha256(body).hexdigest()])
    scope = f"{day}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", headers["X-Amz-Date"], scope,
                         hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secrets[key_id]}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _keyed(key, part)
    right = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return (key_id, service) if hmac.compare_digest(right, signature) else (None, None)


class Amazon:
    """A context manager. `parameters`: the values of SSM by name, as (type, value). `refuse`: error types that the
    next calls of SSM end with, one each; a number is a status without a body. `may_read`, `may_assume`: whose keys
    (access key ids; ARNs of roles too) may read parameters and get a role's keys. `web_token`: the one that STS
    takes for a role."""

    def __init__(self):
        self.secrets = {"AKUSER": "user-secret-key"}
        self.tokens = {}  # of temporary keys
        self.may_read = {"AKUSER"}
        self.may_assume = {"AKUSER"}
        self.web_token = "web-identity-token"
        self.parameters = {}
        self.refuse = []
        self.hangs = False  # calls are taken, and not answered until this stand-in stops
        self.stopped = threading.Event()
        self.calls = []
        amazon = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, text = amazon.answer(self.path, self.headers, body)
                if amazon.hangs:
                    amazon.stopped.wait()
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)

    @property
    def env(self):
        """What leads bdd-lock here, with the keys of a user."""
        return {"AWS_ENDPOINT_URL_SSM": self.endpoint, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "AKUSER",
                "AWS_SECRET_ACCESS_KEY": self.secrets["AKUSER"], "AWS_EC2_METADATA_DISABLED": "true"}

    def answer(self, path, headers, body):
        key_id, service = signed_by("POST", path, headers, body, self.secrets)
        if key_id is not None and self.tokens.get(key_id) != headers.get("X-Amz-Security-Token"):
            key_id = None
        target = headers.get("X-Amz-Target", "")
        self.calls.append((service, target, key_id))
        if target == "AmazonSSM.GetParameter":
            return self.parameter(key_id, service, json.loads(body))
        form = {name: values[0] for name, values in urllib.parse.parse_qs(body.decode()).items()}
        if form.get("Action") == "AssumeRole":
            return self.assume_role(key_id, service, form)
        if form.get("Action") == "AssumeRoleWithWebIdentity":
            right = form["WebIdentityToken"] == self.web_token
            return self.role(form) if right else (400, error_xml("InvalidIdentityToken"))
        return 404, urllib.parse.quote(target)

    def assume_role(self, key_id, service, form):
        if key_id is None or service != "sts":
            return 403, error_xml("InvalidClientTokenId")
        if key_id not in self.may_assume:
            return 403, error_xml("AccessDenied")
        return self.role(form)

    def role(self, form):
        """New keys of the role, which may do what its ARN may."""
        key_id = f"AKROLE{len(self.secrets)}"
        self.secrets[key_id], self.tokens[key_id] = f"role-secret-{key_id}", f"session/{key_id}=="
        if form["RoleArn"] in self.may_read:
            self.may_read.add(key_id)
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        return 200, ("<R><Credentials>"
                     f"<AccessKeyId>{key_id}</AccessKeyId><SecretAccessKey>{self.secrets[key_id]}</SecretAccessKey>"
                     f"<SessionToken>{self.tokens[key_id]}</SessionToken>"
                     f"<Expiration>{end:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials></R>")

    def parameter(self, key_id, service, asked):
        if self.refuse:
            kind = self.refuse.pop(0)
            return (kind, "") if isinstance(kind, int) else failure(kind, "Rate exceeded")
        if key_id is None or service != "ssm":
            return failure("UnrecognizedClientException", "The security token included in the request is invalid.")
        if key_id not in self.may_read:
            return failure("AccessDeniedException", f"User: {key_id} is not authorized to perform: ssm:GetParameter")
        if asked["Name"] not in self.parameters:
            return failure("ParameterNotFound", "")
        kind, value = self.parameters[asked["Name"]]
        shown = value if asked.get("WithDecryption") or kind != "SecureString" else "AQICAHh-ciphertext"
        return 200, json.dumps({"Parameter": {"Name": asked["Name"], "Type": kind, "Value": shown, "Version": 1}})

    def __enter__(self):
        self.thread.start()
        return self

    def stop(self):
        self.stopped.set()
        if self.thread.is_alive():
            self.http.shutdown()
            self.thread.join()
            self.http.server_close()

    def __exit__(self, *_):
        self.stop()


def error_xml(code):
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"


def failure(kind, message):
    return 400, json.dumps({"__type": kind, "message": message})
