"""Mail addresses: what is one, how it is written, which two are the same person's."""

from __future__ import annotations

import pytest

from feedsvc.digests import AddressHasher, check_value, normalise_address
from feedsvc.errors import SubscriberFieldError

LONGEST_LOCAL = "a" * 64
LONG_DOMAIN = ".".join(["b" * 60] * 3)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  ada@example.org ", "ada@example.org"),
        ("Ada.Lovelace+news@EXAMPLE.Org", "Ada.Lovelace+news@example.org"),
        ("björn@MÜLLER.de", "björn@müller.de"),
        ("a@xn--mller-kva.de", "a@müller.de"),
        ("A@XN--MLLER-KVA.de", "A@müller.de"),
        ("u\u0308@example.org", "ü@example.org"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("ابن@مثال.السعودية", "ابن@مثال.السعودية"),
        ("a@straße.de", "a@straße.de"),
        ("'=x|y@example.org", "'=x|y@example.org"),
        (f"{LONGEST_LOCAL}@example.org", f"{LONGEST_LOCAL}@example.org"),
    ],
)
def test_an_address_has_one_written_form(written: str, address: str) -> None:
    """Only the domain is folded to lower case, in its own script; writing it again changes nothing."""
    assert normalise_address(written).text == address
    assert normalise_address(address).text == address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.org", "aDA@eXAMPLE.ORG"),
        ("a@müller.de", "a@xn--mller-kva.de"),
        ("Ü@example.org", "u\u0308@example.org"),
        ("ÅSA@example.org", "åsa@example.org"),
    ],
)
def test_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    """Letter case, composed letters and the form of the domain do not make two people of one."""
    assert normalise_address(one).key == normalise_address(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b@example.org", "ab@example.org"),
        ("a+x@example.org", "a@example.org"),
        ("a@straße.de", "a@strasse.de"),
        ("straße@example.org", "strasse@example.org"),
        ("a@example.org", "a@example.com"),
    ],
)
def test_different_people_have_different_keys(one: str, other: str) -> None:
    """Nothing that a mail server may tell apart is thrown together."""
    assert normalise_address(one).key != normalise_address(other).key


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "give an address such as name@example.org"),
        ("ada", "@-sign"),
        ("ada@", "after the @-sign"),
        ("@example.org", "before the @-sign"),
        ("ada@gmail", "period"),
        ("ada@@example.org", "'@'"),
        ("a b@example.org", "SPACE"),
        ("a..b@example.org", "two periods"),
        ("ada@mail.local", "special-use"),
        ("ada@[192.0.2.1]", "IP address"),
        ('"a b"@example.org', "quot"),
        ("Ada <ada@example.org>", "give only what is between the angle brackets: ada@example.org"),
        ("mailto:ada@example.org", "leave out mailto:"),
        ("ada@example.org, bob@example.org", "give one address"),
        (f"a{LONGEST_LOCAL}@example.org", "before the @-sign has 65 bytes, 64 are allowed"),
        (f"{'é' * 33}@example.org", "before the @-sign has 66 bytes, 64 are allowed"),
        (f"{LONGEST_LOCAL}@{LONG_DOMAIN}.example.org", "too long (5 characters too many)"),
        (f"a@{'é' * 20}.{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 40}", "too long"),
        ("a" * 100_000 + "@example.org", "at most 254 bytes"),
    ],
)
def test_what_is_no_address_is_told_with_a_way_out(written: str, said: str) -> None:
    """What was found, what is wrong and what to do are in one sentence that fits on a few lines."""
    with pytest.raises(SubscriberFieldError) as caught:
        normalise_address(written)
    assert said in str(caught.value)
    assert caught.value.field == "address"
    assert caught.value.cause
    assert caught.value.fix
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("mark", ["\r", "\n", "\r\n", "\0", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\ud800"])
@pytest.mark.parametrize(
    "pattern", ["a{}@example.org", "a@exam{}ple.org", "a@example.org{}Bcc: b@example.org", "{}a@b.org"]
)
def test_no_address_can_end_a_header_line(mark: str, pattern: str) -> None:
    """Line breaks and other controls are refused wherever they stand, and the complaint is one printable line."""
    with pytest.raises(SubscriberFieldError) as caught:
        normalise_address(pattern.format(mark))
    assert str(caught.value).isprintable()


def test_a_character_that_no_font_knows_is_shown_by_its_number() -> None:
    """Also in the advice, which repeats what stood between angle brackets."""
    with pytest.raises(SubscriberFieldError, match=r"angle brackets: \\ud7fc$"):
        normalise_address("<\ud7fc>")


def test_the_hash_of_an_address_needs_the_secret() -> None:
    """The same secret gives the same hash, another one another, and neither shows the secret."""
    one, other = AddressHasher(b"1" * 32), AddressHasher(b"2" * 32)
    assert one("ada@example.org") == AddressHasher(b"1" * 32)("ada@example.org")
    assert one("ada@example.org") != other("ada@example.org")
    assert one("ada@example.org") != one("bob@example.org")
    assert check_value(one) != check_value(other)
    assert "1111" not in repr(one)
