# cython: freethreading_compatible=True
"""Context managers that end what they began, whatever a signal's handler raises meanwhile.

Compiled, as an exception of a handler comes between two of Python's instructions: it could keep
a context manager that is written in Python from putting the old state back. From Python 3.14 on
it may also come when `__enter__` has returned and the block isn't entered yet, and then nobody
calls `__exit__`. So the old state is put back as well when the with statement drops what it
holds: no frame has another reference to that.
"""

# Without @cython.freelist: to CPython an object that it hands out again has been finalized.

cimport cython


@cython.final
cdef class LockGuard:
    """A lock that one with statement holds: ``with LockGuard(lock):``, a new one each time."""

    cdef object lock
    cdef bint held

    def __init__(self, lock):
        self.lock = lock

    def __enter__(self):
        self.lock.acquire()
        self.held = True

    def __exit__(self, kind, error, traceback):
        self.release()

    def __del__(self):
        self.release()

    cdef object release(self):
        if self.held:
            self.held = False
            self.lock.release()


@cython.final
cdef class _BoundExit:
    """The `__exit__` of one with statement, which alone holds it: it looks it up to enter."""

    cdef TemporaryValue manager

    def __call__(self, kind, error, traceback):
        self.manager.end(kind)

    def __del__(self):
        self.manager.dropped(self)


@cython.final
cdef class _Exit:
    """The attribute `__exit__`: each look-up in an instance makes an object of its own."""

    def __get__(self, manager, kind):
        return self if manager is None else (<TemporaryValue?> manager).bound_exit()

    def __call__(self, TemporaryValue manager not None, kind, error, traceback):
        """For `contextlib.ExitStack`, which looks it up in the class."""
        manager.end(kind)


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
    cdef object value  # the new value, while it is in use
    cdef list outer  # and the old one
    # Addresses, compared only: the `__exit__` looked up last, and that of the statement inside.
    cdef void* latest
    cdef void* entered

    __exit__ = _Exit()

    def __init__(self, variable, enter, leave=None):
        self.variable, self.enter, self.leave, self.outer = variable, enter, leave, []

    def __class_getitem__(cls, given):
        """For type checkers: ``TemporaryValue[T]``, where ``with ... as`` gets a T."""
        return cls

    def _recreate_cm(self):
        """For `contextlib.ContextDecorator`: one for each call."""
        return type(self)(self.variable, self.enter, self.leave)

    def __enter__(self):
        if self.outer:
            raise RuntimeError("this context is in use: make another one for another block")
        outer = self.variable.get()
        self.value, given = self.enter(outer)
        self.outer.append(outer)
        self.entered = self.latest
        self.variable.set(self.value)
        return given

    cdef _BoundExit bound_exit(self):
        cdef _BoundExit made = _BoundExit.__new__(_BoundExit)
        made.manager = self
        self.latest = <void*> made
        return made

    cdef object end(self, kind):
        self.variable.set(self.outer.pop())
        self.value, self.entered = None, NULL
        if kind is None and self.leave is not None:
            self.leave()

    cdef object dropped(self, _BoundExit bound):
        if self.latest is <void*> bound:
            self.latest = NULL
        if self.entered is <void*> bound:
            self.entered = NULL
            # Elsewhere, in another thread say, the variable isn't this one's.
            if self.variable.get() is self.value:
                self.variable.set(self.outer.pop())
            else:
                self.outer.clear()
            self.value = None
