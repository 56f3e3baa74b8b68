"""The vault: what it seals opens only where it belongs, and its hashes are HMACs of this database."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.errors import SettingsError
from denials.model import Sensitive
from services.vault import Vault, new_ref, new_refs

DATA, MATCHING = bytes(range(32)), bytes(range(32, 64))


@given(st.text(max_size=60), st.binary(min_size=1, max_size=40))
def test_what_is_sealed_opens_in_its_own_context_only(number: str, context: bytes) -> None:
    vault = Vault(DATA, MATCHING)
    sealed = vault.seal({"n": number}, context)
    assert vault.open(sealed, context) == {"n": number}
    with pytest.raises(SettingsError):
        vault.open(sealed, context + b"x")
    with pytest.raises(SettingsError):
        Vault(bytes(32), MATCHING).open(sealed, context)


def test_the_same_facts_are_never_sealed_alike() -> None:
    vault = Vault(DATA, MATCHING)
    assert len({vault.seal({"n": "C1"}, b"here") for _ in range(100)}) == 100


@given(st.lists(st.text(alphabet="abXY01 -ßŉı\n\t\x1f\xa0", max_size=30), max_size=5))
def test_a_claim_numbers_hash_is_an_hmac_of_it(numbers: list[str]) -> None:
    expected = [
        int.from_bytes(
            hmac.digest(MATCHING, b"claim\x1f" + number.strip().upper().encode(), hashlib.sha256)[:8],
            "big",
            signed=True,
        )
        for number in numbers
    ]
    assert Vault(DATA, MATCHING).number_keys([Sensitive(number) for number in numbers]) == expected


def test_case_and_space_around_a_claim_number_do_not_matter() -> None:
    vault = Vault(DATA, MATCHING)
    assert vault.number_key(Sensitive(" ab-12 ")) == vault.number_key(Sensitive("AB-12"))
    assert vault.number_key(Sensitive("AB-12")) != Vault(DATA, bytes(32)).number_key(Sensitive("AB-12"))


def test_references_are_readable_and_spread_over_their_letters() -> None:
    refs = new_refs(4000)
    assert len(set(refs)) == 4000
    assert {len(ref) for ref in refs} == {11}
    letters = "".join(ref[3:] for ref in refs)
    assert set(letters) == set("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
    assert max(letters.count(letter) for letter in set(letters)) < 1250  # 1,000 expected of each
    assert new_ref().startswith("DN-")


def test_a_wrapped_matching_key_comes_back() -> None:
    vault, wrapped = Vault.draw(DATA)
    assert Vault.unwrap(DATA, wrapped).number_key(Sensitive("C1")) == vault.number_key(Sensitive("C1"))
