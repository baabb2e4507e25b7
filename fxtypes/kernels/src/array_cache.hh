// A cache of small arrays that were freed, for the next results of their dtype and size: making and
// freeing an array is a quarter of an operation on ten elements. Its users hold the GIL; without
// a GIL nothing is kept.
#pragma once

#include <Python.h>
#include <numpy/arrayobject.h>

namespace fx {

class ArrayCache {
public:
  // A one-dimensional array as PyArray_NewFromDescr would make it, or NULL: a new reference.
  PyObject *take(const PyArray_Descr *descr, npy_intp size) {
    for (PyArrayObject *&slot : slots)
      if (slot && PyArray_DESCR(slot) == descr && PyArray_DIM(slot, 0) == size) {
        PyArrayObject *const found = slot;
        slot = nullptr;
        return reinterpret_cast<PyObject *>(found);
      }
    return nullptr;
  }

  // Keeps an array whose only reference is about to be dropped, unless someone could tell: by a
  // weak reference, or by what the array isn't as a new one would be.
  void keep(PyObject *object) {
#ifndef Py_GIL_DISABLED
    if (Py_REFCNT(object) != 1 || !PyArray_CheckExact(object)) return;
    PyArrayObject *const a = reinterpret_cast<PyArrayObject *>(object);
    const int fresh = NPY_ARRAY_DEFAULT | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_OWNDATA;
    if (PyArray_NDIM(a) != 1 || PyArray_NBYTES(a) > LARGEST || PyArray_BASE(a) ||
        PyArray_FLAGS(a) != fresh || reinterpret_cast<PyArrayObject_fields *>(a)->weakreflist)
      return;
    Py_INCREF(object);
    Py_XSETREF(slots[next], a);
    next = (next + 1) % COUNT;
#else
    (void)object;
#endif
  }

private:
  static const int COUNT = 8, LARGEST = 1024; // bytes
  PyArrayObject *slots[COUNT] = {};
  int next = 0;
};

} // namespace fx
