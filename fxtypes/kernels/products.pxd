cimport numpy as cnp

cdef cnp.ndarray quick(cnp.ndarray a, cnp.ndarray b, int code, object format, dict plans,
                       object planner)
