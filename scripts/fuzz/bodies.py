"""Bodies that are accepted, by operation. Generated ones alone seldom are."""

from __future__ import annotations

import random

from pools import Pools
from stack import Stack, client_form

AGREEABLE = ("active", "error")


class Bodies:
    """Makes bodies from what the stack has at this moment."""

    def __init__(self, stack: Stack, pools: Pools, rng: random.Random):
        self.stack, self.pools, self.rng = stack, pools, rng

    def tag(self) -> str:
        return f"f{self.rng.randrange(16**12):012x}"

    def number(self, word: str) -> int | None:
        found = self.pools.one(word)
        return int(found) if found and found.isdigit() else None

    def throw_away(self, path: dict) -> tuple[str, str]:
        """A person whose password may change: uuid and password."""
        name = f"{self.tag()}@example.com"
        admin = {"X-Auth-Token": self.stack.roots["identity"]["admin"]["token"]}
        form = {"user": {"username": name, "first_name": "Throw", "last_name": "Away"}}
        made = self.stack.call("POST", "/identity/v2.0/users", form, admin).json()["user"]
        self.stack.secrets |= {made["password"], made["auth_token"]}
        path["id"] = made["id"]
        return made["auth_token"], made["password"]

    def project(self) -> dict:
        return {"name": f"{self.tag()}.example.com", "end_date": "2099-10-10T00:00:00+00:00", "resources": {}}

    def owner(self) -> int | None:
        return self.stack.client_id if self.rng.random() < 0.5 else self.number("staffapi:clients")

    def instance(self, door: str) -> dict:
        return {
            "region": "Region1", "share_image": False, "nics": [self.pools.one(f"{door}:networks")],
            "name": self.tag(), "flavor": self.pools.one(f"{door}:flavors"),
            **({} if door == "api" else {"client": self.owner()}),
            "boot_source": {
                "source_type": "image", "source_id": self.pools.one(f"{door}:images"),
                "delete_on_termination": False, "create_new_volume": False, "volume_type": "",
            },
        }

    def v3_auth(self) -> dict:
        user = self.stack.roots["identity"]["user"]
        scope = self.rng.choice([{}, {"scope": {"project": {"id": user["uuid"]}}}, {"scope": "unscoped"}])
        if self.rng.random() < 0.7:
            kind = self.rng.choice(["user", "admin", "enduser"])
            way = {"methods": ["token"], "token": {"id": self.stack.tokens[kind]}}
        else:
            person = {"name": user["email"], "domain": {"id": "default"}, "password": user["password"]}
            way = {"methods": ["password"], "password": {"user": person}}
        return {"auth": {"identity": way, **scope}}

    def valid(self, operation: str, path: dict, headers: dict):
        """A body for `POST /path`, or None. May choose another object (`path`) and its owner's credential."""
        rng, stack, pools, tag = self.rng, self.stack, self.pools, self.tag
        method, _, template = operation.partition(" ")
        end = template.rstrip("/").rsplit("/", 1)[-1]
        door = template.split("/")[1]
        user = stack.roots["identity"]["user"]
        if template.endswith("user_catalogs"):
            return {"uuids": [user["uuid"]], "displaynames": [user["email"], "nobody@example.com"]}
        if end == "feedback":
            return {"feedback_msg": "fuzz", "feedback_data": "{}"}
        if operation == "POST /identity/v2.0/tokens":
            kind = rng.choice(["user", "admin", "enduser", "staff"])
            return {"auth": {"token": {"id": stack.tokens[kind]}}}
        if operation == "POST /identity/v3/auth/tokens":
            return self.v3_auth()
        if end.split(".")[0] == "users" and method == "POST" and door == "identity":
            return {"user": {"username": f"{tag()}@example.com", "first_name": "Fuzz", "last_name": "User"}}
        if operation == "PUT /identity/v2.0/users/{id}":
            return {"user": {"first_name": tag(), "affiliation": "fuzz"}}
        if operation == "POST /identity/v2.0/users/{id}/action":
            # Only on users of the pool; the run's own are excluded there.
            deactivate = {"deactivate": {"reason": "fuzz"}}
            return rng.choice([{"renewToken": {}}, {"signTerms": {}}, {"activate": {}}, deactivate])
        if end == "password":
            token, password = self.throw_away(path)
            headers.clear()
            headers["X-Auth-Token"] = token
            return {"user": {"original_password": password, "password": f"{tag()}-New-9-long"}}
        if end == "application_credentials":
            return {"application_credential": {"name": tag(), "description": "fuzz"}}
        if operation == "POST /account/v1.0/projects":
            return self.project()
        if operation == "POST /account/v1.0/projects/{uuid}/action":
            token = {"X-Auth-Token": stack.tokens["user"]}
            made = stack.call("POST", "/account/v1.0/projects", self.project(), token).json()
            path["uuid"] = made["id"]
            headers.clear()
            headers.update(token)
            return {"cancel": {"app_id": made["application"], "reason": "fuzz"}}
        if operation == "POST /ui/login":
            return {"username": user["email"], "password": user["password"]}
        if end == "login":
            return {"username": stack.names[door], "password": stack.password}
        if end == "clients" and method == "POST":
            new_user = {"user": stack.portal_user(tag())} if door == "staffapi" and rng.random() < 0.5 else {}
            return {**client_form(), **({} if door == "staffapi" else {}), **new_user}
        if end == "{client_id}":
            return {**client_form(), "last_name": tag()} if method == "PUT" else {"city": tag()}
        if end == "set_billing_agreements":
            return [{"uuid": tag(), "agreement": True}]
        if end == "terminate" and "clients" in template:
            return {"delete_cloud_resources": rng.random() < 0.5}
        if end == "change_credit":
            amount = f"{rng.randrange(1, 500)}.{rng.randrange(100):02d}"
            return {"amount": amount, "currency": "EUR", "add_credit": True, "external_source": False}
        if end == "process_clients_for_credit_auto_invoicing":
            return {"clients": [{"external_billing_id": tag(), "credit_still_to_be_paid": "1.00",
                                 "credit_still_to_be_paid_currency_code": "EUR"}]}
        if end == "create_openstack_service":
            return {"client_id": self.number("staffapi:clients"), "product_id": 1, "product_cycle_id": 1,
                    "service_external_id": tag(), "create_new_project": True}
        if end == "{service_id}":
            return {"external_billing_id": tag()}
        if end in ("clientgroups", "{group_id}"):
            return {"name": tag(), "description": "fuzz"} if method != "PATCH" else {"description": tag()}
        if operation == "POST /staffapi/users":
            return stack.portal_user(tag(), is_staff=rng.random() < 0.2)
        if end == "{user_id}":
            return {"first_name": tag()}
        if end == "tokens" and door in ("api", "staffapi"):
            return {"name": tag(), "read_only": rng.random() < 0.3}
        if end == "instances" and method == "POST":
            return self.instance(door)
        if end == "{id}" and "instances" in template and door in ("api", "staffapi"):
            return {"name": tag(), "description": "fuzz", "tags": ["a"], "delete_protection": rng.random() < 0.1}
        if end == "rename":
            return {"name": tag()}
        if end == "reboot":
            return {"type": rng.choice(["SOFT", "HARD"])}
        if end in ("reset-state", "reset_state"):
            return {"state": rng.choice(AGREEABLE)}
        if operation == "POST /v2/accounts/":
            arn = f"arn:aws:iam::{rng.randrange(10**11, 10**12)}:role/role-for-cloudigrade"
            return {"cloud_type": "aws", "account_arn": arn, "name": tag()}
        if template == "/v2/accounts/{id}/":
            return {"name": tag(), "cloud_type": "nefos"} if method == "PUT" else {"name": tag()}
        if template == "/v2/images/{id}/":
            return {"rhel_challenged": rng.random() < 0.5, "openshift_challenged": rng.random() < 0.5,
                    "cloud_type": "nefos"}
        return None
