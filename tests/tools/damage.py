"""Damage for tests that must notice it."""


def last_bit_flipped(value: bytes | memoryview) -> bytes:
    """``value`` with the last bit of its last byte turned, so that it is never the same again."""
    whole = bytes(value)
    return whole[:-1] + bytes([whole[-1] ^ 1])
