"""A keyring that keeps its secrets in memory, or in the variable `MEMORY_KEYRING` as JSON: for tests."""

from __future__ import annotations

import json
import os

from keyring.backend import KeyringBackend

__all__ = ["MemoryKeyring"]


class MemoryKeyring(KeyringBackend):
    """Passwords by service and user."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[str, str] = json.loads(os.environ.get("MEMORY_KEYRING", "{}"))

    def get_password(self, service: str, username: str) -> str | None:
        """A password, or None."""
        return self.passwords.get(f"{service}|{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self.passwords[f"{service}|{username}"] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        del self.passwords[f"{service}|{username}"]
