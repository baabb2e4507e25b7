# cython: freethreading_compatible=True
"""The order of 128-bit storage, which to NumPy is bytes: of each row, C-contiguous, of an array.

Elements are read as keys, unsigned integers of 128 bits that are ordered as the elements are, or
the other way round: some bits inverted, the same ones of each.
"""

import numpy as np

cimport numpy as cnp
from libc.stdint cimport int64_t

from .calls cimport new_array

cnp.import_array()

cdef extern from *:
    """
    #include <algorithm>
    #include <cstdint>
    #include <cstring>
    #include <vector>

    namespace {
    __extension__ typedef unsigned __int128 Key;

    Key inverted_bits(bool is_signed, bool descending) {
        return (is_signed ? Key(1) << 127 : Key(0)) ^ (descending ? ~Key(0) : Key(0));
    }

    struct Row {
        const char *data;
        int64_t n;
        Key inverted;

        Key operator[](int64_t i) const {
            Key key;
            std::memcpy(&key, data + 16 * i, sizeof key);
            return key ^ inverted;
        }
    };

    struct Place {
        Key key;
        int64_t index;
        bool operator<(const Place &other) const {
            return key != other.key ? key < other.key : index < other.index;
        }
    };

    // Which of a sorted row's elements shall be where they are there; ascending. None: all.
    struct Wanted {
        const int64_t *begin, *end;
    };

    template <class T> void put_in_order(std::vector<T> &row, const Wanted &wanted) {
        if (wanted.begin == wanted.end) std::sort(row.begin(), row.end());
        auto rest = row.begin();
        for (const int64_t *k = wanted.begin; k != wanted.end; k++) {
            if (row.begin() + *k < rest) continue;
            std::nth_element(rest, row.begin() + *k, row.end());
            rest = row.begin() + *k + 1;
        }
    }

    std::vector<Place> places_of(const Row &row, const Wanted &wanted) {
        std::vector<Place> places(row.n);
        for (int64_t i = 0; i < row.n; i++) places[i] = {row[i], i};
        put_in_order(places, wanted);
        return places;
    }

    void sort_row(const Row &row, const Wanted &wanted, char *out) {
        std::vector<Key> keys(row.n);
        for (int64_t i = 0; i < row.n; i++) keys[i] = row[i];
        put_in_order(keys, wanted);
        for (int64_t i = 0; i < row.n; i++) {
            const Key element = keys[i] ^ row.inverted;
            std::memcpy(out + 16 * i, &element, sizeof element);
        }
    }

    void argsort_row(const Row &row, const Wanted &wanted, int64_t *out) {
        const std::vector<Place> places = places_of(row, wanted);
        for (int64_t i = 0; i < row.n; i++) out[i] = places[i].index;
    }

    void rank_row(const Row &row, int64_t *out) {
        const std::vector<Place> places = places_of(row, Wanted{nullptr, nullptr});
        int64_t rank = 0;
        for (int64_t i = 0; i < row.n; i++) {
            if (i && places[i].key != places[i - 1].key) rank++;
            out[places[i].index] = rank;
        }
    }

    int64_t first_lowest(const Row &row) {
        int64_t found = 0;
        Key lowest = row[0];
        for (int64_t i = 1; i < row.n; i++)
            if (row[i] < lowest) lowest = row[found = i];
        return found;
    }

    // How many of an ordered row are below a key, or not above it.
    int64_t below(const Row &row, Key key, bool or_equal) {
        int64_t low = 0, high = row.n;
        while (low < high) {
            const int64_t middle = low + (high - low) / 2;
            const Key other = row[middle];
            if (other < key || (or_equal && other == key))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
    }
    """
    cppclass Key:
        pass

    cppclass Row:
        const char *data
        int64_t n
        Key inverted
        Key at "operator[]"(int64_t) nogil

    cppclass Wanted:
        const int64_t *begin
        const int64_t *end

    Key inverted_bits(bint is_signed, bint descending) nogil
    void sort_row(const Row &row, const Wanted &wanted, char *out) except +MemoryError nogil
    void argsort_row(const Row &row, const Wanted &wanted, int64_t *out) except +MemoryError nogil
    void rank_row(const Row &row, int64_t *out) except +MemoryError nogil
    int64_t first_lowest(const Row &row) nogil
    int64_t below(const Row &row, Key key, bint or_equal) nogil

cdef cnp.dtype _INDEX = np.dtype(np.intp)


def sort(cnp.ndarray raw not None, bint is_signed, bint descending=False, cnp.ndarray kth=None):
    """A sorted copy; with `kth` only these of its elements, and lower ones before them."""
    cdef cnp.ndarray out = new_array(raw.dtype, raw.ndim, raw.shape)
    cdef Row row = _first_row(raw, is_signed, descending)
    cdef Wanted wanted = _wanted(kth, row.n)
    cdef char *to = <char *>cnp.PyArray_DATA(out)
    cdef int64_t i
    with nogil:
        for i in range(_rows(raw, row.n)):
            sort_row(row, wanted, to + 16 * i * row.n)
            row.data += 16 * row.n
    return out


def argsort(cnp.ndarray raw not None, bint is_signed, bint descending=False, cnp.ndarray kth=None):
    """The indices that `sort`; equal elements in their order, where all are sorted."""
    cdef cnp.ndarray out = new_array(_INDEX, raw.ndim, raw.shape)
    cdef Row row = _first_row(raw, is_signed, descending)
    cdef Wanted wanted = _wanted(kth, row.n)
    cdef int64_t *to = <int64_t *>cnp.PyArray_DATA(out)
    cdef int64_t i
    with nogil:
        for i in range(_rows(raw, row.n)):
            argsort_row(row, wanted, to + i * row.n)
            row.data += 16 * row.n
    return out


def ranks(cnp.ndarray raw not None, bint is_signed):
    """Consecutive integers from 0 up, equal and ordered as the elements of an axis are."""
    cdef cnp.ndarray out = new_array(_INDEX, raw.ndim, raw.shape)
    cdef Row row = _first_row(raw, is_signed, False)
    cdef int64_t *to = <int64_t *>cnp.PyArray_DATA(out)
    if raw.ndim != 1:
        raise ValueError("ranks are those of one axis")
    with nogil:
        rank_row(row, to)
    return out


def first_extreme(cnp.ndarray raw not None, bint is_signed, bint highest):
    """The index of each row's first lowest, or highest, element; of one element at least."""
    cdef cnp.ndarray out = new_array(_INDEX, raw.ndim - 1, raw.shape)
    cdef Row row = _first_row(raw, is_signed, highest)
    cdef int64_t *to = <int64_t *>cnp.PyArray_DATA(out)
    cdef int64_t i
    with nogil:
        for i in range(_rows(raw, row.n)):
            to[i] = first_lowest(row)
            row.data += 16 * row.n
    return out


def searchsorted(cnp.ndarray ordered not None, cnp.ndarray values not None, bint is_signed,
                 bint right):
    """Where each value goes in an ordered array of one axis: before equal ones, or after them."""
    cdef cnp.ndarray out = new_array(_INDEX, values.ndim, values.shape)
    cdef Row row = _first_row(ordered, is_signed, False)
    cdef Row sought = row
    cdef int64_t *to = <int64_t *>cnp.PyArray_DATA(out)
    cdef int64_t i
    if not _is_wide(values):
        raise ValueError("expected C-contiguous 128-bit storage")
    sought.data = <const char *>cnp.PyArray_DATA(values)
    with nogil:
        for i in range(cnp.PyArray_SIZE(values)):
            to[i] = below(row, sought.at(i), right)
    return out


cdef Row _first_row(cnp.ndarray raw, bint is_signed, bint descending):
    cdef Row row
    if not _is_wide(raw) or not raw.ndim:
        raise ValueError("expected C-contiguous 128-bit storage of an axis at least")
    row.data, row.n = <const char *>cnp.PyArray_DATA(raw), raw.shape[raw.ndim - 1]
    row.inverted = inverted_bits(is_signed, descending)
    return row


cdef bint _is_wide(cnp.ndarray raw) noexcept:
    return cnp.PyArray_ITEMSIZE(raw) == 16 and cnp.PyArray_IS_C_CONTIGUOUS(raw)


cdef int64_t _rows(cnp.ndarray raw, int64_t n) noexcept nogil:
    return cnp.PyArray_SIZE(raw) // n if n else 0


cdef Wanted _wanted(cnp.ndarray kth, int64_t n):
    """`kth`, sorted int64 from 0 to n - 1, or None."""
    cdef Wanted wanted
    cdef const int64_t[::1] places
    wanted.begin = wanted.end = NULL
    if n and kth is not None and cnp.PyArray_SIZE(kth):
        places = kth
        if not 0 <= places[0] <= places[places.shape[0] - 1] < n:
            raise IndexError(f"kth {kth} of {n} elements")
        wanted.begin, wanted.end = &places[0], &places[0] + places.shape[0]
    return wanted
