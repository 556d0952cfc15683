"""The identity Prometheus gives a label set, for senders that leave it out."""

from collections.abc import Mapping

_OFFSET, _PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF


def of(labels: Mapping[str, str]) -> str:
    """FNV-1a, 64 bit, over the sorted names and values, each followed by 0xff; 16 hex digits.

    Source: prometheus/common, model/signature.go, labelSetToFingerprint.
    """
    state = _OFFSET
    for name in sorted(labels, key=str.encode):
        for byte in b"%b\xff%b\xff" % (name.encode(), labels[name].encode()):
            state = ((state ^ byte) * _PRIME) & _MASK
    return f"{state:016x}"
