"""All public names come with `*`, for `mypy --strict` too; see test_types.py. It is never run."""

from fxtypes import *

q: Format = Format(16, 8)
a: FixedArray = concatenate([zeros(2, q), exp(ones(2, q))])
events: type[Events] = Events
