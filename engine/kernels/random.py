"""Counter-based random numbers for kernels: a number is a function of its address.

Every draw is Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3",
SC'11) of a 128-bit counter under a 64-bit key. The key is (seed, purpose); the counter holds the
neuron and the time. Nothing is carried from one draw to the next, so neither the order of work,
the number of threads nor the chunk size can change a number. Held to the published test vectors
and to moments and correlations by tests/unit/kernels/random_test.py.

Normal deviates are Box-Muller pairs in float32: exact in shape up to the resolution of a 24-bit
uniform number, which cuts the tails at 5.9 standard deviations. Logarithm, sine and cosine are
polynomials of additions and multiplications only, so the compiler can use vector registers and
every platform with IEEE arithmetic gets the same bits.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.compiling import njit

__all__ = [
    "PURPOSE_ANALOG_DRIFT",
    "PURPOSE_ANALOG_JITTER",
    "PURPOSE_ANALOG_PATTERN",
    "PURPOSE_BACKGROUND",
    "PURPOSE_BETA_CIRCUIT",
    "PURPOSE_COLUMN",
    "PURPOSE_INITIAL",
    "PURPOSE_LESION",
    "PURPOSE_NOC_DROP",
    "PURPOSE_POISSON",
    "PURPOSE_POISSON_TIE",
    "PURPOSE_STIMULUS",
    "PURPOSE_WIRING",
    "normal_fill",
    "normal_pair",
    "pair_fill",
    "philox",
    "uniform32",
    "words_fill",
]

# One number per use of randomness, so that no two uses share a stream.
PURPOSE_BACKGROUND = 1
PURPOSE_WIRING = 2
PURPOSE_INITIAL = 3
PURPOSE_LESION = 4
PURPOSE_STIMULUS = 5
PURPOSE_ANALOG_PATTERN = 6
PURPOSE_ANALOG_DRIFT = 7
PURPOSE_ANALOG_JITTER = 8
PURPOSE_POISSON = 9
PURPOSE_POISSON_TIE = 10
PURPOSE_COLUMN = 11
PURPOSE_BETA_CIRCUIT = 12
PURPOSE_NOC_DROP = 31

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)

_ROUNDS = 10

_F1 = np.float32(1.0)
_HALF = np.float32(0.5)
_LN2 = np.float32(0.6931471805599453)
_SQRT_HALF = np.float32(0.7071067811865476)
_TO_UNIT = np.float32(2.0**-24)
_QUARTER = np.float32(np.pi / 2 * 2.0**-24)  # 24 bits of one quadrant to radians
_EIGHTH = np.float32(np.pi / 4)


@njit(inline="always")
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10 of one counter.

    Parameters
    ----------
    c0, c1, c2, c3 : uint64
        The four 32-bit words of the counter.
    k0, k1 : uint64
        The two 32-bit words of the key.

    Returns
    -------
    tuple of four uint64
        Four independent 32-bit words.
    """
    for _ in range(_ROUNDS):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _32) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@njit(inline="always")
def uniform32(c0, c1, c2, c3, k0, k1):
    """One 32-bit word of :func:`philox` as an int64 in [0, 2**32)."""
    w, _, _, _ = philox(c0, c1, c2, c3, k0, k1)
    return np.int64(w)


@njit(nogil=True, cache=True, error_model="numpy")
def words_fill(words, address, time, sub, seed, purpose):
    """Fill a block with random words, four a neuron, laid out word by word.

    Parameters
    ----------
    words : (4 * width,) uint32
        Written in place: word q of neuron i at ``q * width + i``.
    address : (width,) uint32
        Read; the neurons' addresses, the same whatever else is simulated.
    time, sub : int
        Address in time: the exchange step and the group of four draws inside it.
    seed, purpose : int
        The key.
    """
    width = words.size // 4
    c1 = np.uint64(time) & _LOW
    c2 = np.uint64(sub) & _LOW
    c3 = np.uint64(time) >> _32
    k0 = np.uint64(seed) & _LOW
    k1 = ((np.uint64(seed) >> _32) ^ (np.uint64(purpose) << np.uint64(24))) & _LOW
    a = words[:width]
    b = words[width : 2 * width]
    c = words[2 * width : 3 * width]
    d = words[3 * width :]
    for i in range(width):
        w0, w1, w2, w3 = philox(np.uint64(address[i]), c1, c2, c3, k0, k1)
        a[i] = np.uint32(w0)
        b[i] = np.uint32(w1)
        c[i] = np.uint32(w2)
        d[i] = np.uint32(w3)


@njit(error_model="numpy")
def _minus_two_log(bits):
    """-2 ln(u) of u = (bits + 0.5) / 2**24, float32, relative error below 2e-7."""
    u = (np.float32(np.int32(bits)) + _HALF) * _TO_UNIT
    raw = np.float32(u).view(np.uint32)
    exponent = np.int32(raw >> np.uint32(23)) - np.int32(127)
    m = np.uint32((raw & np.uint32(0x007FFFFF)) | np.uint32(0x3F800000)).view(np.float32)
    big = m > np.float32(1.4142135)
    m = m * _HALF if big else m
    e = np.float32(exponent) + (_F1 if big else np.float32(0.0))
    f = m - _F1
    s = f / (f + np.float32(2.0))
    z = s * s
    p = np.float32(0.2222222)
    p = p * z + np.float32(0.28571429)
    p = p * z + np.float32(0.4)
    p = p * z + np.float32(0.66666667)
    log_m = s * (np.float32(2.0) + z * p)
    return np.float32(-2.0) * (e * _LN2 + log_m)


@njit(error_model="numpy")
def _cos_sin(word):
    """Cosine and sine of 2 pi word / 2**32: two bits pick the quadrant, 24 the angle in it."""
    quadrant = np.uint32(word >> np.uint32(30))
    bits = np.int32((word >> np.uint32(6)) & np.uint32(0x00FFFFFF))
    x = np.float32(bits) * _QUARTER - _EIGHTH
    z = x * x
    s = x * (
        _F1 + z * (np.float32(-0.16666667) + z * (np.float32(0.0083333310) + z * np.float32(-0.00019840874)))
    )
    c = _F1 + z * (
        np.float32(-0.5)
        + z * (np.float32(0.041666638) + z * (np.float32(-0.0013888378) + z * np.float32(2.4760495e-05)))
    )
    # angle = pi/4 + x + quadrant * pi/2; rotate (c, s) by pi/4 first
    cc = (c - s) * _SQRT_HALF
    ss = (c + s) * _SQRT_HALF
    swap = (quadrant & np.uint32(1)) != np.uint32(0)
    negative_c = (quadrant == np.uint32(1)) or (quadrant == np.uint32(2))
    negative_s = quadrant >= np.uint32(2)
    a = ss if swap else cc
    b = cc if swap else ss
    return (-a if negative_c else a), (-b if negative_s else b)


@njit(inline="always", error_model="numpy")
def normal_pair(word1, word2):
    """Two standard normal deviates, float32, of two uint32 words."""
    r = np.sqrt(_minus_two_log(word1 >> np.uint32(8)))
    c, s = _cos_sin(word2)
    return r * c, r * s


@njit(nogil=True, cache=True, error_model="numpy")
def pair_fill(out, words):
    """Turn two random words a neuron into two standard normal deviates.

    Parameters
    ----------
    out : (2 * width,) float32
        Written in place, laid out as `words`.
    words : (2 * width,) uint32
        Read; the first two or the last two of :func:`words_fill`.
    """
    width = words.size // 2
    w1, w2 = words[:width], words[width:]
    o1, o2 = out[:width], out[width:]
    for i in range(width):
        r = np.sqrt(_minus_two_log(w1[i] >> np.uint32(8)))
        c, s = _cos_sin(w2[i])
        o1[i] = r * c
        o2[i] = r * s


@njit(nogil=True, cache=True, error_model="numpy")
def normal_fill(out, words):
    """Turn four random words a neuron into four standard normal deviates.

    Parameters
    ----------
    out : (4 * width,) float32
        Written in place, laid out as `words`: deviate q of neuron i at ``q * width + i``.
    words : (4 * width,) uint32
        Read; from :func:`words_fill`.
    """
    half = words.size // 2
    pair_fill(out[:half], words[:half])
    pair_fill(out[half:], words[half:])
