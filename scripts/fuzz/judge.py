"""What every answer must hold to."""

from __future__ import annotations

import json
import os
import re

from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CONFORMANCE = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SECONDS = float(os.environ.get("NEFOS_FUZZ_SECONDS", "10"))
# Text that only the inside of a service knows: stacks, SQL, file names, addresses inside.
INTERNAL = re.compile(
    r"\n\s+at [\w.<>\[\] ]+ ?\(?(?:file:|node:|/)|node_modules|/dist/\w|\.ts:\d+|Traceback \(most recent|"
    r"(?:Type|Reference|Range|Syntax)Error\b|QueryFailedError|ZodError|Cannot read propert|is not a function|"
    r"ECONN(?:REFUSED|RESET)|syntax error at or near|violates (?:unique|foreign|check|not-null)|"
    r"invalid input syntax|relation \"\w+\" does not|invalid byte sequence|unsupported Unicode escape",
)
# The contract refuses these to everybody.
REFUSED = ("GET /identity/v2.0/tokens/revoked", "GET /identity/v3/auth/tokens/OS-PKI/revoked")
SECRET_HEADERS = ("authorization", "x-auth-token", "cookie", "x-csrftoken", "x-subject-token")
OWN_HEADERS = ("user-agent", "accept-encoding", "connection", "content-length", "x-schemathesis-testcaseid")
UNAVAILABLE = (501, 503)
SHOWN = 400


def curl(request, body: bytes | None, kind: str) -> str:
    """The request as a command; a placeholder stands for the credential."""
    parts = [f"curl -i -X {request.method} '{request.url}'"]
    for name, value in request.headers.items():
        if name.lower() in SECRET_HEADERS:
            value = f"<{kind}>"
        if name.lower() not in OWN_HEADERS:
            parts.append(f"-H '{name}: {value}'")
    if body:
        text = body[:2000].decode("utf8", "backslashreplace") if isinstance(body, bytes) else str(body)[:2000]
        parts.append("--data-binary '" + text.replace("'", "'\\''") + "'")
    return " ".join(parts)


class Judge:
    """Counts statuses by operation and keeps one example of each kind of failure."""

    def __init__(self, document: str):
        self.document = document
        self.statuses: dict[str, dict[str, int]] = {}
        self.failures: dict[str, dict] = {}
        self.slowest: list = [0, ""]
        self.not_offered: set[str] = set()

    @staticmethod
    def label(case) -> str:
        return f"{case.operation.method.upper()} {case.operation.path}"

    def fail(self, case, check: str, message: str, request, kind: str, response=None) -> None:
        """Adds to a failure's count; the first example is kept."""
        status = "" if response is None else str(response.status_code)
        alike = re.sub(r"[0-9a-f-]{8,}|\d+", "#", message)[:120]
        key = f"{self.label(case)} | {check} | {status} | {alike}"
        known = self.failures.setdefault(key, {
            "operation": self.label(case), "check": check, "status": status, "message": message[:SHOWN], "count": 0,
            "curl": curl(request, request.body, kind),
            "answer": "" if response is None else response.content[:SHOWN].decode("utf8", "backslashreplace"),
        })
        known["count"] += 1

    def answer(self, case, response, kind: str) -> None:
        """Judges one answer."""
        request = response.request
        own_method = case.method.upper() == case.operation.method.upper()
        status = response.status_code
        if own_method:
            seen = self.statuses.setdefault(self.label(case), {})
            seen[str(status)] = seen.get(str(status), 0) + 1
        if status in (409, 501) and (b"not supported" in response.content or status == 501):
            self.not_offered.add(self.label(case))
        if status == 403 and self.label(case) in REFUSED:
            self.not_offered.add(self.label(case))
        documented = case.operation.definition.raw.get("responses", {})
        if status >= 500:
            told = str(status) in documented or "default" in documented
            if not (status in UNAVAILABLE and told):
                self.fail(case, "server error", f"status {status}", request, kind, response)
        if response.elapsed > self.slowest[0]:
            self.slowest = [round(response.elapsed, 3), f"{case.method} {case.operation.path}"]
        if response.elapsed > SECONDS:
            self.fail(case, "slow", f"took {response.elapsed:.1f} s", request, kind, response)
        text = response.content[:200_000].decode("utf8", "replace")
        found = INTERNAL.search(text)
        if found and found[0] not in json.dumps([request.url, str(request.body)]):
            self.fail(case, "internal text", f"the answer says {found[0]!r}", request, kind, response)
        if own_method:
            self.conforms(case, response, request, kind)

    def conforms(self, case, response, request, kind: str) -> None:
        """The document's own promises; as strict as it is: a `default` answer promises little."""
        try:
            case.validate_response(response, checks=CONFORMANCE)
        except FailureGroup as group:
            for one in group.exceptions:
                self.fail(case, one.title, f"{one.message}".strip(), request, kind, response)

    def silence(self, case, request, kind: str) -> None:
        """No answer."""
        self.fail(case, "no answer", "the connection ended or timed out without an answer", request, kind)
