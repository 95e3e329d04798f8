"""What the language leaves out: prefetching, and threads that meet at a step without a lock.

A team of threads advances in lockstep by reading each other's progress counters. A thread that has
to wait looks a while, then yields its core, then sleeps for a moment, so that a machine busy with
something else is not kept busier by waiting.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.kernels.compiling import njit

__all__ = ["PROGRESS_STRIDE", "prefetch", "progress_publish", "progress_wait"]

PROGRESS_STRIDE = 16  # int64 a thread: its counter alone on two cache lines

_LOOKS = 4000
_YIELDS = 200
_NAP_US = 50

_sched_yield = types.ExternalFunction("sched_yield", types.int32())
_usleep = types.ExternalFunction("usleep", types.int32(types.uint32))


def _pointer(context, builder, array_type, array, index):
    made = context.make_array(array_type)(context, builder, array)
    return builder.gep(made.data, [index])


@intrinsic
def prefetch(typing_context, array, index):
    """Ask for the cache line of ``array[index]``; one-dimensional, contiguous arrays only."""

    def generate(context, builder, signature, arguments):
        byte = ir.IntType(8).as_pointer()
        word = ir.IntType(32)
        where = _pointer(context, builder, signature.args[0], arguments[0], arguments[1])
        call = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        function = cgutils.get_or_insert_function(builder.module, call, "llvm.prefetch.p0")
        builder.call(function, [builder.bitcast(where, byte), word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@intrinsic
def _load_acquire(typing_context, array, index):
    def generate(context, builder, signature, arguments):
        where = _pointer(context, builder, signature.args[0], arguments[0], arguments[1])
        return builder.load_atomic(where, "acquire", 8)

    return types.int64(array, types.intp), generate


@intrinsic
def _store_release(typing_context, array, index, value):
    def generate(context, builder, signature, arguments):
        where = _pointer(context, builder, signature.args[0], arguments[0], arguments[1])
        builder.store_atomic(arguments[2], where, "release", 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), generate


@njit(nogil=True)
def progress_publish(progress, member, step):
    """Say that `member` has finished everything before `step`.

    Parameters
    ----------
    progress : (n_members * PROGRESS_STRIDE,) int64
        Written in place.
    member, step : int
    """
    _store_release(progress, member * PROGRESS_STRIDE, step)


@njit(nogil=True)
def progress_wait(progress, step):
    """Return once every member has finished everything before `step`.

    Parameters
    ----------
    progress : (n_members * PROGRESS_STRIDE,) int64
        Read.
    step : int

    Returns
    -------
    int
        How many looks it took beyond the first ones.
    """
    looks = 0
    for member in range(progress.size // PROGRESS_STRIDE):
        while _load_acquire(progress, member * PROGRESS_STRIDE) < step:
            looks += 1
            if looks > _LOOKS + _YIELDS:
                _usleep(_NAP_US)
            elif looks > _LOOKS:
                _sched_yield()
    return looks
