"""Ids that exist: gathered from the answers, put into the next requests."""

from __future__ import annotations

import random
import re

LAST_PARAMETER = re.compile(r"^(.*)/\{(\w+)\}/?$")
KEPT = 60


def item_of(template: str) -> str:
    """`/a/{id}/stop` is about `/a/{id}`."""
    return template[: template.rindex("}") + 1]


class Pools:
    """Entries by path template of one thing (`/staffapi/clients/{client_id}`), and ids by the word before them."""

    def __init__(self, templates: list[str], rng: random.Random):
        self.rng = rng
        self.items: dict[str, list[dict]] = {item_of(one): [] for one in templates if "{" in one}
        self.words: dict[str, list[str]] = {}

    def add(self, template: str, parameters: dict, value: str) -> None:
        """Remembers one id that a collection answered."""
        word = self.word(template.rstrip("/"))
        known = self.words.setdefault(word, [])
        if value not in known:
            known.append(value)
            del known[:-KEPT]
        for item, entries in self.items.items():
            found = LAST_PARAMETER.match(item)
            if found and found[1] == template.rstrip("/"):
                entry = {**parameters, found[2]: value}
                if entry not in entries:
                    entries.append(entry)
                    del entries[:-KEPT]

    @staticmethod
    def word(template: str) -> str:
        """Ids of /staffapi and /api are kept apart: ownership decides there."""
        parts = [one for one in template.split("/") if one and not one.startswith("{")]
        root = parts[0] if parts[0] in ("staffapi", "api") else ""
        name = parts[-1].split(".")[0]
        return f"{root}:{'projects' if name == 'tenants' else name}"

    def harvest(self, template: str, parameters: dict, document) -> None:
        """Takes the ids out of a good answer."""
        lists = [document] if isinstance(document, list) else []
        if isinstance(document, dict):
            lists += [one for one in document.values() if isinstance(one, list)]
            lists.append([document, *[one for one in document.values() if isinstance(one, dict)]])
        # Metering names ids after their kind: `account_id` in a list of accounts.
        own = f"{self.word(template.rstrip('/')).split(':')[1].rstrip('s')}_id" if "/" in template else "id"
        for one in lists:
            for row in one:
                value = row.get("id", row.get("uuid", row.get(own))) if isinstance(row, dict) else None
                if isinstance(value, (str, int)) and not isinstance(value, bool):
                    self.add(template, parameters, str(value))

    def entry(self, template: str, exclude: set[str]) -> dict | None:
        """Parameters of something that exists, for a path template."""
        item = item_of(template)
        good = [one for one in self.items.get(item, []) if not exclude & set(one.values())]
        if good:
            return dict(self.rng.choice(good))
        found: dict[str, str] = {}
        walked = ""
        for part in item.split("/"):
            if part.startswith("{"):
                known = [one for one in self.words.get(self.word(walked), []) if one not in exclude]
                if not known:
                    return None
                found[part.strip("{}")] = self.rng.choice(known)
            walked += f"/{part}"
        return found

    def one(self, word: str, exclude: set[str] = frozenset()) -> str | None:
        """An id by the word before it, `staffapi:clients`."""
        known = [one for one in self.words.get(word, []) if one not in exclude]
        return self.rng.choice(known) if known else None

    def forget(self, template: str, parameters: dict) -> None:
        """It is gone."""
        entries = self.items.get(item_of(template), [])
        if parameters in entries and len(entries) > 1:
            entries.remove(parameters)
