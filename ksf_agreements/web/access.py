"""Who may do what: one place. On this machine's own address it is one person's tool, without login.

A server with logins is a later job: it changes `Access`, and nothing that asks it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The addresses on which the pages may be served."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whom the register names as actor, and the secret that forms are known by; new with each start."""

    actor: str | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def token(self, session: str) -> str:
        """Return a form token of a browser's session, another one at each call: compression can tell nothing of it."""
        mask = secrets.token_bytes(32)
        return (mask + _mixed(mask, self._proof(session))).hex()

    def is_own(self, session: str, token: str) -> bool:
        """Whether a token was made for this session since the start."""
        try:
            data = bytes.fromhex(token)
        except ValueError:
            return False
        return len(data) == 64 and hmac.compare_digest(_mixed(data[:32], data[32:]), self._proof(session))

    def _proof(self, session: str) -> bytes:
        return hmac.digest(self.secret, session.encode(), hashlib.sha256)


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
