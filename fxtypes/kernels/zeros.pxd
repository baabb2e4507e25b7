cimport numpy as cnp

cpdef tuple without_zeros(cnp.ndarray a, cnp.ndarray b, bint by_rows)
