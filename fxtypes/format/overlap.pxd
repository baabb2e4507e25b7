cimport numpy as cnp


cpdef cnp.ndarray independent(cnp.ndarray array, cnp.ndarray target)
cdef int assign(cnp.ndarray target, object key, cnp.ndarray values) except -1
