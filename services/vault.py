"""Keys: claim numbers are matched by HMAC and kept encrypted, never stored in plain text.

The data key (32 bytes, the practice's secret) wraps a matching key that is drawn once per database. Rotating the data
key therefore re-wraps one value and re-seals the sealed columns, and every stored HMAC stays valid.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import secrets
import struct
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from denials.errors import SettingsError
from denials.model import Sensitive

KEY_BYTES = 32
_NONCE = 12
_FORMAT = b"\x01"  # the first byte of everything sealed, so that a later scheme can be told apart
_REF_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: references are read aloud
_REF_BYTES = (_REF_ALPHABET * 8).encode()  # 32 letters, so every byte stands for one and all are equally likely
_FIRST_EIGHT = struct.Struct(">q")
_UNUSUAL = re.compile(r"[^!-~\n]")  # in what may have to be stripped
_quote = json.encoder.encode_basestring_ascii


def new_data_key() -> str:
    """A fresh data key as it is written in `DENIALS_DATA_KEY`: 32 bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parse_data_key(text: str) -> bytes:
    """The key's bytes. Raises SettingsError without repeating the text."""
    try:
        written = text.strip().rstrip("=")
        key = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(
            "the data key is not 32 bytes in URL-safe base64; make one with"
            " `python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'`"
        )
    return key


def new_ref() -> str:
    """A random reference: `DN-` and eight characters, derived from nothing."""
    return new_refs(1)[0]


def new_refs(count: int) -> list[str]:
    """So many random references. Two may be alike, once in a million million; the database tells."""
    drawn = os.urandom(8 * count).translate(_REF_BYTES).decode()
    return [f"DN-{drawn[start : start + 8]}" for start in range(0, 8 * count, 8)]


def quoted(text: str) -> bytes:
    """A text as it stands within what `written` gives."""
    return _quote(text).encode()


def written(facts: Mapping[str, str]) -> bytes:
    """Facts as JSON, as they are sealed."""
    return b"{%b}" % ",".join([f"{_quote(name)}:{_quote(fact)}" for name, fact in facts.items()]).encode()


class Vault:
    """Seals, opens and hashes what may not stand in plain text."""

    def __init__(self, data_key: bytes, matching_key: bytes) -> None:
        self._cipher = AESGCM(data_key)
        self._matching_key = matching_key
        self.wrapped = ""  # the matching key as this database keeps it; "" where it was not read from one
        self._prepare()

    @classmethod
    def draw(cls, data_key: bytes) -> tuple[Vault, str]:
        """A vault for a new database and its wrapped matching key, to be stored."""
        matching = secrets.token_bytes(KEY_BYTES)
        vault = cls(data_key, matching)
        return vault, base64.b64encode(vault._seal(matching, b"matching-key")).decode()

    @classmethod
    def unwrap(cls, data_key: bytes, wrapped: str) -> Vault:
        """The vault of an existing database. Raises SettingsError when the data key is not the one it was made with."""
        vault = cls(data_key, b"")
        try:
            opened = cls(data_key, vault._open(base64.b64decode(wrapped), b"matching-key"))
            opened.wrapped = wrapped
            return opened
        except InvalidTag as wrong:
            raise SettingsError(
                "the data key is not the one this database was made with: set DENIALS_DATA_KEY or"
                " DENIALS_DATA_KEY_FILE to the original key"
            ) from wrong

    def under(self, data_key: bytes) -> tuple[Vault, str]:
        """A vault with the same matching key under another data key, and the matching key as it wraps it."""
        vault = Vault(data_key, self._matching_key)
        vault.wrapped = base64.b64encode(vault._seal(self._matching_key, b"matching-key")).decode()
        return vault, vault.wrapped

    def moved(self, sealed: bytes, context: bytes, to: Vault) -> bytes:
        """A sealed value as another vault seals it. Raises SettingsError when it does not open here."""
        try:
            return to._seal(self._open(sealed, context), context)
        except InvalidTag as wrong:
            raise SettingsError("a sealed value does not open with this data key: check DENIALS_DATA_KEY") from wrong

    def _prepare(self) -> None:
        """HMAC's two halves with the key taken in, so that a file's worth of claim numbers costs half as much."""
        padded = self._matching_key.ljust(64, b"\0")
        self._claim = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + b"claim\x1f")
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def digest(self, *parts: str) -> bytes:
        """A keyed hash of the parts, 16 bytes; the same parts give the same bytes in this database only."""
        return hmac.digest(self._matching_key, "\x1f".join(parts).encode(), hashlib.sha256)[:16]

    def number_key(self, claim_number: Sensitive) -> int:
        """A claim number's keyed hash, for matching: 64 bits with sign. Case and surrounding space do not matter."""
        return self.number_keys((claim_number,))[0]

    def number_keys(self, claim_numbers: Sequence[Sensitive]) -> list[int]:
        """`number_key` of many: HMAC-SHA256 of "claim" and the number, its first eight bytes."""
        inner, outer = self._claim.copy, self._outer.copy
        together = "\n".join(claim_numbers)
        written = together.upper().encode().split(b"\n")
        if _UNUSUAL.search(together) or len(written) != len(claim_numbers):
            written = [number.reveal().strip().upper().encode() for number in claim_numbers]
        digests = []
        for number in written:
            within, around = inner(), outer()
            within.update(number)
            around.update(within.digest())
            digests.append(around.digest())
        return [first for (first,) in map(_FIRST_EIGHT.unpack_from, digests)]

    def seal(self, facts: Mapping[str, str], context: bytes) -> bytes:
        """Encrypt facts (as JSON); they open only together with the same `context`."""
        return self._seal(written(facts), context)

    def seal_all(self, told: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """`seal` of many, each given as what `written` made of its facts and its context."""
        encrypt, nonces = self._cipher.encrypt, os.urandom(_NONCE * len(told))  # asked for at once: it is a system call
        out, start = [], 0
        for data, context in told:
            nonce = nonces[start : start + _NONCE]
            start += _NONCE
            out.append(_FORMAT + nonce + encrypt(nonce, data, context))
        return out

    def open(self, sealed: bytes, context: bytes) -> dict[str, str]:
        """What `seal` was given. Raises SettingsError when key or context do not fit."""
        try:
            opened: dict[str, str] = json.loads(self._open(sealed, context))
        except InvalidTag as wrong:
            raise SettingsError("a sealed value does not open with this data key: check DENIALS_DATA_KEY") from wrong
        return opened

    def _seal(self, data: bytes, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, data, context)

    def _open(self, sealed: bytes, context: bytes) -> bytes:
        return self._cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], context)
