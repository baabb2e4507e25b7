# cython: freethreading_compatible=True
"""The stream of random draws: a seed, and the number of steps taken.

Compiled, as each operation that rounds stochastically takes a step; and as no exception of a
signal's handler comes between reading the number and counting it on.
"""

import os

cimport cython
from libc.stdint cimport uint64_t


@cython.final
cdef class Stream:
    """A seed, None for one from the system, and the number of steps taken; see `seed`."""

    def __init__(self, seed):
        self.is_seeded = seed is not None
        if seed is None:
            seed = int.from_bytes(os.urandom(16))
        self.key[0], self.key[1] = seed & <uint64_t>-1, seed >> 64
        self.step = 0

    cdef int next(self, uint64_t *words) except -1:
        """The words of the key and the step; and on to the next step."""
        words[0], words[1] = self.key[0], self.key[1]
        with cython.critical_section(self):
            words[2] = self.step
            self.step += 1
        return 0

    def take(self):
        """Return (key word, key word, step) and go on to the next step."""
        cdef uint64_t[3] words
        self.next(words)
        return words[0], words[1], words[2]
