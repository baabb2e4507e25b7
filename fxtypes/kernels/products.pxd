cimport numpy as cnp

cdef cnp.ndarray quick(cnp.ndarray a, cnp.ndarray b, int code, object format, dict plans,
                       object planner)
cpdef cnp.ndarray one_thread(cnp.ndarray a, cnp.ndarray b, tuple formats, cnp.ndarray initial,
                             object planner)
cpdef int magnitude_bits(cnp.ndarray x, int code) except -1
cpdef tuple extremes(cnp.ndarray x, int code)
cpdef tuple count_moves(cnp.ndarray before, cnp.ndarray after, cnp.ndarray step)
