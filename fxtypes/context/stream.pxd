from libc.stdint cimport uint64_t


cdef class Stream:
    cdef readonly bint is_seeded
    cdef uint64_t[2] key
    cdef uint64_t step

    cdef int next(self, uint64_t *words) except -1
