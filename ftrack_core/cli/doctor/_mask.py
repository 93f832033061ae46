"""Keeps secrets out of what is told."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

import attrs

from ftrack_core.values import Finding

__all__ = ["HIDDEN", "Mask", "is_secret_name"]

HIDDEN = "***"
_FEWEST_CHARACTERS = 6
"""Shorter texts are common words: they are hidden where they stand, and not looked for elsewhere."""
_SECRET = re.compile(
    r"(?:key|token|secret|passw(?:or)?d|passphrase|credentials?|authori[sz]ation|cookies?|pin)$", re.IGNORECASE
)
_USER_INFORMATION = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s'\"?#]*@", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Whether what is called so is probably a secret."""
    return bool(_SECRET.search(name))


@attrs.define(eq=False, repr=False)
class Mask:
    """Knows secrets, and puts `***` in their place wherever they turn up, also percent-encoded or in base64."""

    _secrets: set[str] = attrs.field(factory=set, init=False)

    def learn(self, value: object) -> None:
        """Take note of a secret: text, or what has texts in it."""
        if isinstance(value, str):
            self._learn(value)
        elif isinstance(value, Mapping):
            for each in value.values():
                self.learn(each)
        elif isinstance(value, (list, tuple)):
            for each in value:
                self.learn(each)

    def learn_environment(self, environment: Mapping[str, str]) -> None:
        """Take note of the variables whose names say that they hold a secret, and of passwords in addresses."""
        for name, value in environment.items():
            if is_secret_name(name):
                self.learn(value)
            self.learn_address(value)

    def learn_address(self, value: object) -> None:
        """Take note of the password in an address, if it is one and has one."""
        if isinstance(value, str) and "://" in value and "@" in value:
            try:
                parts = urlsplit(value)
                user, password = parts.username or "", parts.password or ""
            except ValueError:
                return
            self.learn(password)
            self.learn(unquote(password))
            if password:
                self.learn(_basic(unquote(user), unquote(password)))

    def text(self, text: str) -> str:
        """A text without secrets, and without user and password in addresses."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _USER_INFORMATION.sub(rf"\g<scheme>{HIDDEN}@", text)

    def value(self, value: Any) -> Any:
        """A plain JSON value without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.value(each) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(each) for each in value]
        return value if value is None or isinstance(value, (bool, int, float)) else self.text(str(value))

    def finding(self, finding: Finding) -> Finding:
        """A finding without secrets."""
        return attrs.evolve(
            finding,
            check=self.text(finding.check),
            text=self.text(finding.text),
            advice=self.text(finding.advice),
            facts=self.value(finding.facts),
        )

    def _learn(self, secret: str) -> None:
        if len(secret.strip()) >= _FEWEST_CHARACTERS:
            forms = {secret, secret.strip(), quote(secret, safe=""), quote(secret), quote_plus(secret)}
            self._secrets |= {*forms, repr(secret)[1:-1], base64.b64encode(secret.encode()).decode()}


def _basic(user: str, password: str) -> str:
    """User and password as a header says them."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()
