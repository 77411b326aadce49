"""Whether an answer is one that the API's OpenAPI document allows. Every answer that the tests receive goes
through here (server.Connection.call), so that the document cannot drift from what the server does."""

import json
import re
from functools import lru_cache
from urllib.parse import unquote

from jsonschema import Draft202012Validator, FormatChecker

# What the HTTP server may answer to anything, because it has not looked at the path yet.
BEFORE_ROUTING = {400, 408, 413, 417, 431, 501, 503, 505}
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def is_rfc3339_utc(value):
    return not isinstance(value, str) or bool(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value))


class ContractError(AssertionError):
    """An answer that the document does not allow."""


class Contract:
    """Checks answers against one OpenAPI 3.1 document. Any thread may use it."""

    def __init__(self, document):
        self.document = document
        self.paths = [(template, re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))))
                      for template in document["paths"]]
        self.paths.sort(key=lambda pair: pair[0].count("{"))
        self.seen = set()  # (method, template, status) of all answers that were checked
        self.checked = lru_cache(maxsize=4096)(self.find_fault)

    def check(self, method, target, status, headers, body):
        """Raises ContractError if the document does not allow this answer to this request."""
        lower = {name.lower(): value for name, value in headers.items()}
        fault = self.checked(method, target.partition("?")[0], status, lower.get("content-type", ""),
                             frozenset(lower), body)
        if fault:
            raise ContractError(f"{method} {target} -> {status} {lower.get('content-type')} "
                                f"{body[:2000]!r}: {fault}")

    def template_of(self, path):
        """The path template that the server matches: as it is, else without its first segment."""
        shorter = "/" + path.split("/", 2)[2] if path.count("/") >= 2 else None
        for candidate in (path, shorter):
            for template, pattern in self.paths:
                if candidate is not None and pattern.fullmatch(candidate):
                    return template
        return None

    def find_fault(self, method, path, status, content_type, header_names, body):
        template = self.template_of(path)
        answers = self.answers_for(template, method)
        if answers is None:
            return self.fault_in_refused_route(template, method, status, content_type, header_names, body)
        answer = answers.get(str(status))
        if status in BEFORE_ROUTING:
            answer = answer or answers["default"]
        if answer is None:
            return f"status {status} is not documented for {method} {template}"
        self.seen.add((method, template, status))
        return self.fault_in_answer(self.resolve(answer), method, content_type, header_names, body)

    def answers_for(self, template, method):
        """What the operation may answer, by status; None: there is no such operation."""
        if template is None:
            return None
        operations = self.document["paths"][template]
        operation = operations.get(method.lower()) or (operations.get("get") if method == "HEAD" else None)
        return operation and operation["responses"]

    def fault_in_refused_route(self, template, method, status, content_type, header_names, body):
        """No such path is 404, no such method 405, as x-everywhere describes them; or the request was
        refused before a route was looked for (too large, too slow, too many, not to be read)."""
        expected = 404 if template is None else 405
        everywhere = self.document["x-everywhere"].get(str(status))
        if everywhere is None or status != expected:
            if status not in BEFORE_ROUTING:
                return f"{method} of this path is not documented: {expected} is due"
            everywhere = {"content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        return self.fault_in_answer(self.resolve(everywhere), method, content_type, header_names, body)

    def fault_in_answer(self, answer, method, content_type, header_names, body):
        for name in answer.get("headers", {}):
            if name.lower() not in header_names:
                return f"the header {name} is missing"
        content = answer.get("content", {})
        if not content:
            return "a body, where none is documented" if body else None
        media = content.get(content_type) or content.get(content_type.partition(";")[0].strip())
        if media is None:
            return f"content type {content_type!r} is not documented; {sorted(content)} are"
        if method == "HEAD":
            return None
        if "ndjson" in content_type:
            return self.fault_in_lines(media.get("schema", {}), body)
        if "json" in content_type:
            return self.fault_in_json(media.get("schema", {}), body)
        return None

    def fault_in_lines(self, schema, body):
        """OpenAPI describes a text of lines as a string only; x-line-schema has what each line is."""
        if body and not body.endswith(b"\n"):
            return "the last line has no end"
        lines = (self.fault_in_json(schema["x-line-schema"], line) for line in body.split(b"\n")[:-1])
        return next(filter(None, lines), None)

    def fault_in_json(self, schema, body):
        """What is wrong with a text that should be JSON of this schema, or None."""
        try:
            value = json.loads(body)
        except ValueError as error:
            return f"the body is no JSON: {error}"
        whole = {**schema, "components": self.document.get("components", {})}
        errors = Draft202012Validator(whole, format_checker=FORMATS).iter_errors(value)
        return "; ".join(f"{error.json_path}: {error.message}" for error in errors) or None

    def resolve(self, part):
        while "$ref" in part:
            target = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[unquote(step).replace("~1", "/").replace("~0", "~")]
            part = target
        return part
