# cython: freethreading_compatible=True
"""A context variable that has another value for a while, whatever a signal raises meanwhile.

Compiled, as an exception of a signal's handler comes between two of Python's instructions: it
could keep a context manager that is written in Python from putting the old value back.
"""

cdef class TemporaryValue:
    """A context manager that sets a context variable, and puts the old value back.

    Parameters
    ----------
    variable : contextvars.ContextVar
    enter : callable
        ``enter(outer)`` gives the new value, and what ``with ... as`` gets.
    leave : callable, optional
        What is called, without arguments, after an end without an exception.
    """

    cdef object variable, enter, leave
    cdef list outer  # the old value, while it is in use

    def __init__(self, variable, enter, leave=None):
        self.variable, self.enter, self.leave, self.outer = variable, enter, leave, []

    def _recreate_cm(self):
        """For `contextlib.ContextDecorator`: one for each call."""
        return type(self)(self.variable, self.enter, self.leave)

    def __enter__(self):
        if self.outer:
            raise RuntimeError("this context is in use: make another one for another block")
        outer = self.variable.get()
        value, given = self.enter(outer)
        self.outer.append(outer)
        self.variable.set(value)
        return given

    def __exit__(self, kind, error, traceback):
        self.variable.set(self.outer.pop())
        if kind is None and self.leave is not None:
            self.leave()
