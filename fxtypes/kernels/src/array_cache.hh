// Small arrays that were freed, kept for the next results of their kind: of an operation on ten
// elements, making an array and freeing it are a quarter. For a thread that holds the GIL.
#pragma once

#include <Python.h>
#include <numpy/arrayobject.h>

namespace fx {

class Spares {
public:
  // A one-dimensional array as PyArray_NewFromDescr would make it, or NULL: a new reference.
  PyObject *take(const PyArray_Descr *descr, npy_intp size) {
    for (PyArrayObject *&spare : spares)
      if (spare && PyArray_DESCR(spare) == descr && PyArray_DIM(spare, 0) == size) {
        PyArrayObject *const found = spare;
        spare = nullptr;
        return reinterpret_cast<PyObject *>(found);
      }
    return nullptr;
  }

  // Of an array whose only reference is about to go. A weak one would see it live on.
  void keep(PyObject *object) {
#ifndef Py_GIL_DISABLED
    if (Py_REFCNT(object) != 1 || !PyArray_CheckExact(object)) return;
    PyArrayObject *const a = reinterpret_cast<PyArrayObject *>(object);
    const int fresh = NPY_ARRAY_DEFAULT | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_OWNDATA;
    if (PyArray_NDIM(a) != 1 || PyArray_NBYTES(a) > LARGEST || PyArray_BASE(a) ||
        PyArray_FLAGS(a) != fresh || reinterpret_cast<PyArrayObject_fields *>(a)->weakreflist)
      return;
    Py_INCREF(object);
    Py_XSETREF(spares[next], a);
    next = (next + 1) % COUNT;
#else
    (void)object;
#endif
  }

private:
  static const int COUNT = 8, LARGEST = 1024; // bytes
  PyArrayObject *spares[COUNT] = {};
  int next = 0;
};

} // namespace fx
