"""A compiled loop that takes a moment to compile, for the tests of the cache."""

from radpipe.core.kernels import kernel


@kernel("float64(float64[::1])")
def total(values):
    found = 0.0
    for i in range(values.size):
        found += values[i]
    return found
