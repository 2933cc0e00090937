"""The Nefos under test as its users see it: who they are, and how they get their credentials again."""

from __future__ import annotations

import base64
import json
import os
import random
import secrets

import requests

JSON_HEADERS = {"Content-Type": "application/json"}
# What a service usually takes is sent most of the time; the other carriers are tried too.
CARRIERS = {
    "identity": ("X-Auth-Token", "Bearer"),
    "compute": ("Token",),
    "metering": ("X-Auth-Token", "Bearer"),
    "introspection": ("X-Auth-Token", "Bearer"),
    "baremetal": ("X-Auth-Token", "Bearer"),
}
KINDS = ("none", "garbage", "user", "admin", "component", "staff", "enduser", "readonly", "rh", "session")
GARBAGE = (
    "x", "0" * 40, "Bearer", "e30.e30.e30", "A" * 4000, "{}", "' or 1=1 --", "\u00e9\u00fc", "gAAAAAB" + "x" * 180,
)


def identity_header(account: str) -> str:
    """X-RH-IDENTITY of an account number."""
    return base64.b64encode(json.dumps({"identity": {"account_number": account}}).encode()).decode()


class Stack:
    """Credentials of each kind. The root ones of the fixture make the others and are never sent by a test case."""

    def __init__(self, gateway: str, roots: dict, document: str, rng: random.Random):
        self.gateway, self.roots, self.document, self.rng = gateway, roots, document, rng
        self.tokens: dict[str, str] = {}
        self.sessions: dict[str, dict[str, str]] = {}
        self.client_id: int | None = None
        self.protected: set[str] = set()
        self.secrets: set[str] = set()
        self.password = f"fuzz-{secrets.token_hex(8)}-long-enough"
        self.names: dict[str, str] = {}
        self.heals = 0
        self.http = requests.Session()

    def call(self, method: str, path: str, body=None, headers=None, expect=(200, 201, 204)):
        """One request of the run's own; the answer's JSON."""
        sent = {**(JSON_HEADERS if body is not None else {}), **(headers or {})}
        data = None if body is None else json.dumps(body)
        answer = self.http.request(method, self.gateway + path, data=data, headers=sent, timeout=30)
        self.http.cookies.clear()
        if answer.status_code not in expect:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def staff(self, method: str, path: str, body=None):
        """As the fixture's portal administrator."""
        token = self.roots["compute"]["staff"]["token"]
        return self.call(method, f"/staffapi{path}", body, {"Authorization": f"Token {token}"}).json()

    def v3_token(self, who: dict) -> str:
        """A token that may be lost, made from a fixture's person."""
        user = {"name": who["email"], "domain": {"id": "default"}, "password": who["password"]}
        scope = {"project": {"id": who["uuid"]}}
        auth = {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}
        return self.call("POST", "/identity/v3/auth/tokens", {"auth": auth}).headers["X-Subject-Token"]

    def portal_user(self, name: str, **more) -> dict:
        """A document for a new portal user."""
        return {
            "username": name, "email": f"{name}@example.com", "email_verified": True, "first_name": "Fuzz",
            "last_name": "User", "password": self.password, "external_billing_id": name, **more,
        }

    def mint(self) -> None:
        """Makes people of our own and a credential of each kind for them."""
        # Not of the seed: every leg needs people of its own.
        tag = f"fuzz-{self.document}-{secrets.token_hex(5)}"
        identity = self.roots["identity"]
        self.protected = {identity["admin"]["uuid"], identity["user"]["uuid"], "1", "2", "599151"}
        self.tokens = {
            "user": self.v3_token(identity["user"]),
            "admin": self.v3_token(identity["admin"]),
            "component": identity["service"]["token"],
        }
        staff = self.staff("POST", "/users", self.portal_user(f"{tag}-staff", is_staff=True))
        self.tokens["staff"] = self.staff("POST", f"/users/{staff['id']}/tokens", {"name": "fuzz"})["key"]
        client = self.staff("POST", "/clients", {**client_form(), "user": self.portal_user(tag)})
        person = self.staff("GET", f"/users?external_billing_id={tag}")["objects"][0]
        self.client_id = client["id"]
        self.protected |= {str(staff["id"]), str(person["id"]), str(client["id"])}
        for kind, read_only in (("enduser", False), ("readonly", True)):
            made = self.staff("POST", f"/users/{person['id']}/tokens", {"name": kind, "read_only": read_only})
            self.tokens[kind] = made["key"]
            self.protected.add(str(made["id"]))
        self.names = {"staffapi": f"{tag}-staff", "api": tag}
        for door in self.names:
            self.fresh_session(door)
        self.secrets |= {self.password, *self.tokens.values()}

    def fresh_session(self, door: str) -> None:
        """A portal session: the cookie, and the CSRF token that goes with it."""
        answer = self.call("POST", f"/{door}/login", {"username": self.names[door], "password": self.password})
        self.sessions[door] = {name: answer.cookies[name] for name in ("sessionid", "csrftoken")}
        self.secrets |= set(self.sessions[door].values())

    def heal_if_lost(self, kind: str, door: str) -> None:
        """After a good credential got 401: all of them anew when it is really lost."""
        if kind == "session":
            path, headers = f"/{door}/current-user", self.headers(kind, door)
        else:
            path, headers = "/account/v1.0/authenticate", {"X-Auth-Token": self.tokens[kind]}
        answer = self.http.get(self.gateway + path, headers=headers, timeout=30)
        self.http.cookies.clear()
        if answer.status_code == 401:
            self.heals += 1
            self.mint()

    def headers(self, kind: str, door: str = "api") -> dict[str, str]:
        """Headers of one kind of credential; `door` is whose session is meant, staff's or an end user's."""
        if kind == "none":
            return {}
        if kind == "rh":
            metering = self.roots["metering"]
            accounts = [metering["account_number"], metering["superuser_account_number"], str(self.client_id)]
            return {"X-RH-IDENTITY": identity_header(self.rng.choice(accounts))}
        if kind == "session":
            session = self.sessions[door]
            cookie = "; ".join(f"{name}={value}" for name, value in session.items())
            return {"Cookie": cookie, "X-CSRFToken": session["csrftoken"]}
        token = self.rng.choice(GARBAGE) if kind == "garbage" else self.tokens[kind]
        usual = self.rng.random() < 0.9
        carrier = self.rng.choice(CARRIERS[self.document] if usual else ("X-Auth-Token", "Bearer", "Token"))
        if not token.isascii():
            token = token.encode().decode("latin-1")
        return {"X-Auth-Token": token} if carrier == "X-Auth-Token" else {"Authorization": f"{carrier} {token}"}


def client_form() -> dict:
    """A portal client that is accepted."""
    return {
        "first_name": "Jane", "last_name": "Doe", "email": "jane@doe.com", "address1": "99 Elm St.", "city": "New York",
        "state": "NY", "country": "US", "zip_code": "1000", "phone": "9999999", "currency": "EUR",
        "create_auto_order_service": True,
    }


def open_stack(document: str, rng: random.Random) -> Stack:
    """The stack named by the environment."""
    with open(os.environ["NEFOS_FUZZ_CREDENTIALS"], encoding="utf8") as file:
        roots = json.load(file)
    return Stack(os.environ["NEFOS_FUZZ_GATEWAY"], roots, document, rng)
