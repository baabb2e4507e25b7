"""A bounded store of tables, made when they pay, for many threads."""

from _thread import allocate_lock  # what threading.Lock is, which takes longer to import
from collections import OrderedDict

from ..signal_safe import LockGuard

_KEYS = 4096  # of tables, and of those that aren't made yet


class _Entry:
    """What is known of one table.

    Attributes
    ----------
    elements : int
        How many were evaluated without it.
    making, made : bool
        Whether a thread is making it, and whether it is made: `table` may be None then.
    """

    __slots__ = ("elements", "made", "making", "table")

    def __init__(self):
        self.elements, self.making, self.made, self.table = 0, False, False, None


class TableCache:
    """The tables used last, as many as fit so many bytes.

    A table is made once as many elements were asked for as it has itself: then it costs no more
    than evaluating these did, whatever is to come.

    Parameters
    ----------
    make : callable
        ``make(*key)`` gives a table, an object with `nbytes`, or None where there can't be one.
    most_bytes : int
        Of all tables that are kept.
    """

    def __init__(self, make, most_bytes):
        self._make, self._most_bytes = make, most_bytes
        self._lock, self._entries, self.nbytes = allocate_lock(), OrderedDict(), 0

    def __len__(self):
        """How many tables are kept."""
        return sum(entry.table is not None for entry in list(self._entries.values()))

    def find(self, key, elements, size):
        """The table, if there is one or it pays now; None also while another thread makes it.

        Parameters
        ----------
        key : tuple
        elements : int
            How many the caller is about to evaluate.
        size : int
            The table's elements.
        """
        with LockGuard(self._lock):
            entry = self._entries.get(key)
            if entry is None:
                entry = self._entries[key] = _Entry()
                if len(self._entries) > _KEYS:
                    self._drop_oldest()
            else:
                self._entries.move_to_end(key)
                if entry.made:
                    return entry.table
            entry.elements += elements
            if entry.making or entry.elements < size:
                return None
            entry.making = True
        try:
            table = self._make(*key)
        except BaseException:
            entry.making = False
            raise
        with LockGuard(self._lock):
            entry.table, entry.made, entry.making = table, True, False
            if table is not None and self._entries.get(key) is entry:
                self.nbytes += table.nbytes
                while self.nbytes > self._most_bytes:
                    self._drop_oldest()
        return table

    def _drop_oldest(self):
        _, entry = self._entries.popitem(last=False)
        if entry.table is not None:
            self.nbytes -= entry.table.nbytes

    def clear(self):
        """Forget all tables. In a forked child the thread that held the lock may be gone."""
        self._lock, self._entries, self.nbytes = allocate_lock(), OrderedDict(), 0
