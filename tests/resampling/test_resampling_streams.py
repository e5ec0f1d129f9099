"""Named random streams."""

import hashlib

import numpy as np

from radpipe.resampling.streams import integer, stream


def test_a_stream_is_fixed_by_seed_and_name():
    a, b = stream(7, "model", "svm").random(5), stream(7, "model", "svm").random(5)
    assert np.array_equal(a, b)
    assert not np.array_equal(a, stream(8, "model", "svm").random(5))
    assert not np.array_equal(a, stream(7, "model", "rf").random(5))


def test_names_are_kept_apart():
    assert integer(1, "ab", "c") != integer(1, "a", "bc")
    assert integer(1, "a") != integer(1, "a", "")


def test_integer_is_the_first_32_bits_of_the_digest():
    digest = hashlib.sha256(b"2024|5:model|3:svm").hexdigest()
    assert integer(2024, "model", "svm") == int(digest[:8], 16)
