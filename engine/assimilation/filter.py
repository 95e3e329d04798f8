"""Ensemble Kalman filters of any model: members and what they predict in, better members out.

The stochastic filter (Burgers, van Leeuwen & Evensen 1998, Mon. Weather Rev. 126:1719) moves every
member k by an observation with noise of its own::

    x_k <- x_k + P_xy (P_yy + R)^-1 (y + e_k - y_k),   e_k ~ N(0, R)

with P the covariances over the members. The system is solved by Cholesky's factors, no matrix is
inverted. Tapered covariances (localisation) keep what is far apart from correlating by chance;
inflation undoes what a small ensemble loses in spread.

The regional filter is that of the Digital Twin Brain (`diffusion_enkf` in
DTB-consortium/Digital_twin_brain-open, `data_assimilation`, at b524ac0): every region i has
a gain from its own observation alone, and is moved by its own innovation and by the mean over regions::

    K_i = Cov(x_i, y_i) / (Var(y_i) + R_i)
    x_ik <- x_ik + s K_i d_ik + (1 - s) mean_j(K_j d_jk),   d_ik = y_i + e_ik - y_ik

Held to the tables of DAPPER for Lorenz-96 and Lorenz-63, and to the exact Kalman filter, by
tests/reference/ensemble_filter_test.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve

from engine.errors import DataError, ParameterError

__all__ = [
    "MIN_MEMBERS",
    "chance_inflation",
    "gaspari_cohn",
    "inflated",
    "kalman_step",
    "regional_step",
    "static_step",
]

MIN_MEMBERS = 2


def kalman_step(
    members: ArrayLike,
    predicted: ArrayLike,
    observed: ArrayLike,
    noise: ArrayLike,
    rng: np.random.Generator,
    *,
    taper: ArrayLike | None = None,
    taper_observed: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """One analysis of the stochastic ensemble Kalman filter.

    Parameters
    ----------
    members : (n_members, n_state) float64
    predicted : (n_members, n_observed) float64
        What each member would be observed as, without noise.
    observed : (n_observed,) float64
        NaN where nothing was observed.
    noise : (n_observed,) or (n_observed, n_observed) float64
        Variances of independent observation noise, or its covariance.
    rng : numpy.random.Generator
    taper : (n_state, n_observed) float64 [1], optional
        Factors of the covariances of state and observation.
    taper_observed : (n_observed, n_observed) float64 [1], optional
        Factors of those of observations with each other.

    Returns
    -------
    (n_members, n_state) float64

    Raises
    ------
    DataError
        Shapes do not fit together.
    ParameterError
        The noise is no covariance, or there are too few members.
    """
    x, y = _checked(members, predicted)
    seen = np.asarray(observed, np.float64)
    if seen.shape != y.shape[1:]:
        raise DataError(f"filter.observed: must be {y.shape[1:]} (got {seen.shape}).")
    covariance = _covariance(noise, seen.size)
    known = np.isfinite(seen)
    y, seen, covariance = y[:, known], seen[known], covariance[np.ix_(known, known)]
    if not seen.size:
        return x
    errors = _perturbations(covariance, len(x), rng)
    centred, of_y = x - x.mean(axis=0), y - y.mean(axis=0)
    p_xy = centred.T @ of_y / (len(x) - 1)
    p_yy = of_y.T @ of_y / (len(x) - 1)
    if taper is not None:
        p_xy = p_xy * np.asarray(taper, np.float64)[:, known]
    if taper_observed is not None:
        p_yy = p_yy * np.asarray(taper_observed, np.float64)[np.ix_(known, known)]
    weighted = cho_solve(cho_factor(p_yy + covariance, lower=True), (seen + errors - y).T)
    return x + (p_xy @ weighted).T


def static_step(
    state: ArrayLike, predicted: ArrayLike, observed: ArrayLike, gain: ArrayLike
) -> NDArray[np.float64]:
    """One analysis with a gain that never changes: optimal interpolation, or 3D-Var of a linear observation.

    ``x <- x + K (y - H x)`` is where the cost of 3D-Var is least when K comes from its fixed covariance.

    Parameters
    ----------
    state : (n_state,) float64
    predicted, observed : (n_observed,) float64
        An observation that is NaN moves nothing.
    gain : (n_state, n_observed) float64

    Returns
    -------
    (n_state,) float64
    """
    difference = np.asarray(observed, np.float64) - np.asarray(predicted, np.float64)
    return np.asarray(state, np.float64) + np.asarray(gain) @ np.nan_to_num(difference, nan=0.0)


def regional_step(
    members: ArrayLike,
    predicted: ArrayLike,
    observed: ArrayLike,
    noise: ArrayLike,
    rng: np.random.Generator,
    *,
    own_share: float = 1.0,
) -> NDArray[np.float64]:
    """One analysis with a gain for every region from its own observation.

    Parameters
    ----------
    members : (n_members, n_regions, n_state) float64
        All regions have the same kinds of state.
    predicted : (n_members, n_regions) float64
    observed : (n_regions,) float64
        NaN where nothing was observed; such a region has no innovation.
    noise : (n_regions,) float64
        Variance of the observation noise.
    rng : numpy.random.Generator
    own_share : float [1]
        What a region takes of its own innovation; the rest is of the mean over all regions.

    Returns
    -------
    (n_members, n_regions, n_state) float64

    Raises
    ------
    DataError
        Shapes do not fit together.
    ParameterError
        The noise is not above 0, the share not within 0 and 1, or there are too few members.
    """
    x, y = _checked(members, predicted, n_axes=3)
    seen = np.asarray(observed, np.float64)
    variance = np.asarray(noise, np.float64)
    if not seen.shape == variance.shape == x.shape[1:2] == y.shape[1:]:
        raise DataError(
            f"filter.observed: must be one number a region, {x.shape[1]} of them "
            f"(got {seen.shape}, noise {variance.shape}, predictions {y.shape[1:]})."
        )
    if not 0.0 <= own_share <= 1.0:
        raise ParameterError(f"filter.own_share: must be from 0 to 1 (got {own_share:g}).")
    if not (variance > 0).all():
        raise ParameterError(f"filter.noise: must be above 0 (got {variance.min():g}).")
    errors = _centred_noise(y.shape, rng)
    known = np.isfinite(seen)
    innovation = np.where(known, np.nan_to_num(seen) + np.sqrt(variance) * errors - y, 0.0)
    of_y = y - y.mean(axis=0)
    covariance = np.einsum("krs,kr->rs", x - x.mean(axis=0), of_y) / (len(x) - 1)
    gain = covariance / ((of_y**2).sum(axis=0) / (len(x) - 1) + variance)[:, None]
    step = gain * innovation[:, :, None]
    if own_share < 1.0 and known.any():
        shared = step[:, known].mean(axis=1, keepdims=True)
        step = own_share * step + (1.0 - own_share) * shared
    return x + step


def inflated(members: ArrayLike, factor: float) -> NDArray[np.float64]:
    """Members as far from their mean as before, times a factor.

    Parameters
    ----------
    members : (n_members, n_state) float64
    factor : float [1]
        1.0 and above.

    Returns
    -------
    (n_members, n_state) float64

    Raises
    ------
    ParameterError
        The factor would draw them together.
    """
    if not factor >= 1.0:
        raise ParameterError(f"filter.inflation: must be at least 1 (got {factor:g}).")
    x = np.asarray(members, np.float64)
    mean = x.mean(axis=0)
    return mean + factor * (x - mean)


def chance_inflation(before: ArrayLike, after: ArrayLike) -> NDArray[np.float64]:
    """By how much an analysis has drawn members together that the observation knows nothing of.

    Chance correlations of a small ensemble draw everything together. Numbers that act on nothing, the
    controls, are drawn together by them alone, so what they lose is given back to all (Evensen 2009,
    IEEE Control Syst. 29(3):83, eqs. 62 to 64).

    Parameters
    ----------
    before, after : (n_members, n_regions, n_controls) float64
        The controls before and after an analysis.

    Returns
    -------
    (n_regions,) float64 [1]
        Factor of the distance from the mean, at least 1.
    """
    was = np.var(np.asarray(before, np.float64), axis=0).mean(axis=1)
    left = np.var(np.asarray(after, np.float64), axis=0).mean(axis=1)
    return np.maximum(np.sqrt(was / left), 1.0)


def gaspari_cohn(distance: ArrayLike, length: float) -> NDArray[np.float64]:
    """A taper that falls from 1 to exactly 0 at twice the length.

    Equation 4.10 of Gaspari & Cohn (1999), doi 10.1002/qj.49712555417.

    Parameters
    ----------
    distance : (n_state, n_observed) float64
        0 and above.
    length : float
        In the unit of the distance.

    Returns
    -------
    (n_state, n_observed) float64 [1]

    Raises
    ------
    ParameterError
        The length is not above 0.
    """
    if not length > 0:
        raise ParameterError(f"filter.length: must be above 0 (got {length:g}).")
    r = np.asarray(distance, np.float64) / length
    near = np.minimum(r, 1.0)
    far = np.clip(r, 1.0, 2.0)
    inside = (((-near / 4 + 1 / 2) * near + 5 / 8) * near - 5 / 3) * near**2 + 1
    outside = ((((far / 12 - 1 / 2) * far + 5 / 8) * far + 5 / 3) * far - 5) * far + 4 - 2 / (3 * far)
    return np.where(r <= 1, inside, np.where(r < 2, outside, 0.0))


def _checked(
    members: ArrayLike, predicted: ArrayLike, n_axes: int = 2
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(members, np.float64), np.asarray(predicted, np.float64)
    if x.ndim != n_axes or y.ndim != 2 or len(x) != len(y):
        raise DataError(
            f"filter.members: must have {n_axes} axes, and predictions two with as many members "
            f"(got {x.shape} and {y.shape})."
        )
    if len(x) < MIN_MEMBERS:
        raise ParameterError(f"filter.members: must be at least {MIN_MEMBERS} (got {len(x)}).")
    return x, y


def _covariance(noise: ArrayLike, n: int) -> NDArray[np.float64]:
    given = np.asarray(noise, np.float64)
    if given.shape == (n,):
        given = np.diag(given)
    if given.shape != (n, n):
        raise DataError(f"filter.noise: must be ({n},) or ({n}, {n}) (got {given.shape}).")
    if not (np.diag(given) > 0).all() or not (given == given.T).all():
        raise ParameterError("filter.noise: must be symmetric, with variances above 0 (got others).")
    return given


def _perturbations(
    covariance: NDArray[np.float64], n_members: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Noise of each member with a covariance."""
    errors = _centred_noise((n_members, len(covariance)), rng)
    try:
        return errors @ np.linalg.cholesky(covariance).T
    except np.linalg.LinAlgError:
        raise ParameterError("filter.noise: must be positive definite (got another matrix).") from None


def _centred_noise(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """Standard normal deviates whose mean over members is 0, of variance 1 all the same.

    So the mean of the members is moved by what was observed and by nothing else.
    """
    errors = rng.standard_normal(shape)
    return (errors - errors.mean(axis=0)) * np.sqrt(shape[0] / (shape[0] - 1))
