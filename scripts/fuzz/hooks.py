"""What schemathesis calls: credentials, ids and bodies go into each case, each answer is judged and written down.

One process is one leg: a document, a phase, a seed and a number of requests (scripts/fuzz/legs.mjs)."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import random
import signal
import time

import requests
import schemathesis
from schemathesis.core import NOT_SET

from bodies import Bodies
from judge import Judge
from pools import Pools
from stack import KINDS, Stack, open_stack

DOCUMENT = os.environ["NEFOS_FUZZ_DOCUMENT"]
BUDGET = int(os.environ["NEFOS_FUZZ_BUDGET"])
OUT = os.environ["NEFOS_FUZZ_OUT"]
RNG = random.Random(os.environ["NEFOS_FUZZ_SEED"])
# Whose credential an operation expects; the first that fits. The other kinds are sent too, less often.
LIKELY = (
    ("/account/v1.0/service", ("component",)),
    ("/service", ("component",)),
    ("/identity/v2.0/users", ("admin",)),
    ("/identity/v2.0/tenants/{tenant}", ("admin",)),
    ("/identity/v2.0/OS-KSADM", ("admin",)),
    ("/identity/v2.0/endpoints", ("admin",)),
    ("/identity/v2.0/tokens/", ("admin", "component", "user")),
    ("/staffapi", ("staff", "staff", "session")),
    ("/api", ("enduser", "enduser", "session")),
    ("/v2", ("rh", "rh", "enduser")),
    ("/", ("user", "admin")),
)
# A request of the run's own that went wrong.
FAILED = (RuntimeError, requests.RequestException)
GOOD = frozenset(("user", "admin", "staff", "enduser", "readonly", "session"))


def likely(path: str) -> tuple[str, ...]:
    """The kinds of credential with which an operation may succeed."""
    return next(kinds for prefix, kinds in LIKELY if path.startswith(prefix))


class Leg:
    """State of this process."""

    def __init__(self) -> None:
        self.stack: Stack = open_stack(DOCUMENT, RNG)
        self.judge = Judge(DOCUMENT)
        self.sent = 0
        self.kinds: dict[str, dict[str, int]] = {}
        self.current: dict[int, tuple[str, bool]] = {}
        self.pools = Pools([], RNG)
        self.bodies = Bodies(self.stack, self.pools, RNG)
        self.probed_at = 0.0

    def begin(self, raw: dict) -> None:
        """Makes the people and looks at what there is."""
        self.stack.mint()
        self.pools = Pools(list(raw["paths"]), RNG)
        self.bodies.pools = self.pools
        for path, item in raw["paths"].items():
            if "get" in item and "{" not in path:
                for kind in set(likely(path)):
                    self.look(path, kind)
        if DOCUMENT == "compute":
            self.make_instances()

    def look(self, path: str, kind: str) -> None:
        """Harvests one list."""
        headers = self.stack.headers(kind)
        answer = self.stack.http.get(self.stack.gateway + path, headers=headers, timeout=30, allow_redirects=False)
        if answer.status_code == 200 and "json" in answer.headers.get("content-type", ""):
            self.pools.harvest(path, {}, answer.json())

    def make_instances(self) -> None:
        """Some that may be stopped, started and thrown away, of the run's end user and of others."""
        for door, kind in (("staffapi", "staff"), ("api", "enduser")):
            path = f"/{door}/openstack/instances"
            for _ in range(4):
                body = self.bodies.instance(door)
                if "client" in body:
                    body["client"] = self.stack.client_id
                try:
                    token = {"Authorization": f"Token {self.stack.tokens[kind]}"}
                    made = self.stack.call("POST", path, body, token).json()
                    self.pools.add(path, {}, str(made["id"]))
                except FAILED as err:
                    print(f"no instance for the tests: {err}", flush=True)

    def excluded(self, method: str) -> set[str]:
        """What only reading may touch: the run's own people, their clients and their tokens."""
        return set() if method == "GET" else {*self.stack.protected, *self.stack.tokens.values()}

    def prepare(self, case) -> None:
        """Puts a credential, ids and a body into a case."""
        path, method = case.operation.path, case.method
        stateful = case.meta is not None and case.meta.phase.name.value == "stateful"
        negative = case.meta is not None and case.meta.generation.mode.is_negative
        kind = RNG.choice(likely(path)) if RNG.random() < 0.65 else RNG.choice(KINDS)
        for name in ("Authorization", "X-Auth-Token", "X-RH-IDENTITY", "Cookie", "X-CSRFToken"):
            case.headers.pop(name, None)
        case.cookies = {}
        door = self.door(path)
        if path.endswith("logout") and kind == "session":
            with contextlib.suppress(*FAILED):
                self.stack.fresh_session(door)
        headers = self.stack.headers(kind, door)
        excluded = self.excluded(method)
        real = False
        if case.path_parameters:
            unsafe = excluded & {str(one) for one in case.path_parameters.values()}
            if unsafe or RNG.random() < (0.3 if stateful else 0.5 if negative else 0.9):
                entry = self.pools.entry(path, excluded)
                if entry:
                    case.path_parameters = entry
                    real = True
        if negative is False and case.query and RNG.random() < 0.5:
            case.query = {}
        person = self.stack.roots["identity"].get(kind, {})
        if path.startswith(("/identity/v3/users/{id}/", "/identity/v2.0/tenants/{tenant}/users")) and "uuid" in person:
            # What only the person itself may read and make; its password is no part of that.
            if not path.endswith("password") and RNG.random() < 0.7:
                own = {"id": person["uuid"], "tenant": person["uuid"]}
                case.path_parameters = {name: own.get(name, value) for name, value in case.path_parameters.items()}
        self.fill(case, headers, negative)
        self.subject(case, path, method, headers)
        case.headers.update(headers)
        self.current[id(case)] = (kind, real and kind in likely(path))

    @staticmethod
    def door(path: str) -> str:
        """Which portal it is; now and then the other one."""
        own = "staffapi" if path.startswith("/staffapi") else "api"
        return own if RNG.random() < 0.85 else RNG.choice(("staffapi", "api"))

    def fill(self, case, headers: dict, negative: bool) -> None:
        """A body that is accepted, or one with some of its fields as they were generated."""
        chance = RNG.random()
        if case.body is NOT_SET or chance < (0.6 if negative else 0.1):
            return
        path = dict(case.path_parameters)
        try:
            valid = self.bodies.valid(f"{case.method} {case.operation.path}", path, headers)
        except FAILED:
            return
        if valid is None:
            return
        if chance < 0.6 or not isinstance(case.body, dict) or not isinstance(valid, dict):
            case.body = valid
        else:
            few = [one for one in case.body.items() if RNG.random() < 0.4]
            case.body = {**valid, **dict(few)}
        case.path_parameters = path

    def subject(self, case, path: str, method: str, headers: dict) -> None:
        """Tokens that are asked about; only those nobody needs are revoked."""
        if path.endswith("/tokens/{id}/endpoints") and "X-Auth-Token" in headers and RNG.random() < 0.7:
            case.path_parameters = {"id": headers["X-Auth-Token"]}
        if path == "/identity/v3/auth/tokens" and method in ("GET", "HEAD", "DELETE"):
            token = self.pools.one(":tokens", self.excluded(method))
            if token and RNG.random() < 0.9:
                case.headers["X-Subject-Token"] = token

    def learn(self, case, response) -> None:
        """Ids and secrets out of an answer; credentials anew when they were lost."""
        kind, real = self.current.pop(id(case), ("none", False))
        path = case.operation.path
        per = self.kinds.setdefault(kind, {})
        per[str(response.status_code)] = per.get(str(response.status_code), 0) + 1
        ok = 200 <= response.status_code < 300
        if ok:
            subject = response.headers.get("x-subject-token")
            document = self.parsed(response)
            if subject and case.method == "POST":
                self.pools.add("/tokens", {}, subject[0])
                self.stack.secrets.add(subject[0])
            if isinstance(document, dict):
                access = document.get("access")
                token = access.get("token") if isinstance(access, dict) else None
                if isinstance(token, dict):
                    self.pools.add("/identity/v2.0/tokens", {}, token["id"])
                if isinstance(document.get("key"), str):
                    self.stack.secrets.add(document["key"])
            if case.method in ("GET", "POST"):
                self.pools.harvest(path, dict(case.path_parameters), document)
            if case.method == "DELETE" and case.path_parameters:
                self.pools.forget(path, case.path_parameters)
        elif response.status_code == 404 and real:
            self.pools.forget(path, case.path_parameters)
        elif response.status_code == 401 and kind in GOOD and time.monotonic() - self.probed_at > 1:
            self.probed_at = time.monotonic()
            self.stack.heal_if_lost(kind, "staffapi" if path.startswith("/staffapi") else "api")

    @staticmethod
    def parsed(response):
        try:
            return json.loads(response.content)
        except ValueError:
            return None

    def end(self) -> None:
        """Writes down what the leg has seen."""
        judge = self.judge
        result = {
            "document": DOCUMENT, "sent": self.sent, "statuses": judge.statuses, "failures": judge.failures,
            "slowest": judge.slowest,
            "not_offered": sorted(judge.not_offered), "kinds": self.kinds, "heals": self.stack.heals,
            "secrets": sorted(self.stack.secrets),
        }
        with open(OUT, "w", encoding="utf8") as file:
            json.dump(result, file)


LEG = Leg()
atexit.register(LEG.end)


@schemathesis.hook
def after_load_schema(context, schema) -> None:
    """The people are made once the document is known."""
    LEG.begin(schema.raw_schema)


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Each case just before it is sent."""
    LEG.sent += 1
    if LEG.sent == BUDGET + 1:
        os.kill(os.getpid(), signal.SIGINT)
    kwargs["allow_redirects"] = False
    LEG.prepare(case)


@schemathesis.hook
def after_call(context, case, response) -> None:
    """Each answer."""
    kind = LEG.current.get(id(case), ("none", False))[0]
    LEG.judge.answer(case, response, kind)
    try:
        LEG.learn(case, response)
    except FAILED as err:
        LEG.judge.fail(case, "credentials", f"they could not be made again: {err}", response.request, kind, response)


@schemathesis.hook
def after_network_error(context, case, request) -> None:
    """No answer at all is always a failure: of the connection, or after the time-out."""
    kind = LEG.current.pop(id(case), ("none", False))[0]
    LEG.judge.silence(case, request, kind)
