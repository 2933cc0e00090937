"""Checks tokens as an OpenStack service does: keystonemiddleware's own filter, unmodified, in front of an application that says who came.

Reads {"auth_url", "user", "tokens"} from stdin; prints one answer per token.
"""
import json
import sys

import webob
from keystonemiddleware import auth_token

wish = json.load(sys.stdin)
user = wish["user"]


def who(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    seen = {name: environ.get("HTTP_" + name) for name in ("X_IDENTITY_STATUS", "X_USER_ID", "X_PROJECT_ID", "X_ROLES")}
    return [json.dumps(seen).encode()]


protected = auth_token.AuthProtocol(
    who,
    {
        "auth_type": "password",
        "auth_url": wish["auth_url"],
        "username": user["email"],
        "password": user["password"],
        "user_domain_name": "Default",
        "project_id": user["uuid"],
    },
)
answers = []
for token in wish["tokens"]:
    response = webob.Request.blank("/", headers={"X-Auth-Token": token}).get_response(protected)
    answers.append({"status": response.status_code, "body": response.json if response.status_code == 200 else response.text})
json.dump(answers, sys.stdout)
