"""A connectome as a graph: degree, strength, betweenness, communities, and whether its world is small.

Measures of weighted directed matrices say little where nearly every pair is linked, so all but the
strengths are of a backbone: both directions of a pair added, the strongest pairs kept, and a maximum
spanning tree with them so that it hangs together.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import networkx as nx
import numpy as np

from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.errors import DataError
from engine.progress import Progress, no_progress

__all__ = ["N_NULLS", "SHARE", "GraphMeasures", "graph_measures"]

SHARE = 0.15
"""Of all pairs of regions, those kept; assumed, in the middle of what the field uses (0.05 to 0.3)."""

N_NULLS = 20
_SWAPS = 5  # of two links, for each link, until a graph counts as rewired
_SEED = 1


@dataclass(frozen=True)
class GraphMeasures:
    """What the backbone of a connectome is like.

    Attributes
    ----------
    n_regions, n_pairs : int
    degree : (n_regions,) int64
        Links of each region in the backbone.
    strength : (n_regions,) float64 [a.u.]
        Summed weight of each region, in and out, of the whole connectome.
    betweenness : (n_regions,) float64 [1]
        Share of shortest paths between others that lead through a region.
    community : (n_regions,) int64
        Louvain's communities, the largest first.
    modularity : float
    clustering, path_length : float
        Mean local clustering, mean shortest path [links].
    null_clustering, null_path_length : (N_NULLS,) float64
        The same of graphs with equal degrees, rewired by chance.
    labels : tuple of str
    """

    n_regions: int
    n_pairs: int
    degree: np.ndarray
    strength: np.ndarray
    betweenness: np.ndarray
    community: np.ndarray
    modularity: float
    clustering: float
    path_length: float
    null_clustering: np.ndarray
    null_path_length: np.ndarray
    labels: tuple[str, ...]

    @property
    def n_communities(self) -> int:
        """Communities of the backbone."""
        return int(self.community.max(initial=-1)) + 1

    @property
    def small_world(self) -> float:
        """Clustering over that of the rewired graphs, over the same of path lengths.

        Humphries & Gurney 2008, doi 10.1371/journal.pone.0002051, equation 4: above 1 a small world.
        """
        clustered = self.clustering / max(float(self.null_clustering.mean()), 1e-12)
        return clustered / (self.path_length / float(self.null_path_length.mean()))

    def hubs(self, n: int = 3) -> tuple[str, ...]:
        """Labels of the regions that most shortest paths lead through."""
        return tuple(self.labels[i] for i in np.argsort(-self.betweenness, kind="stable")[:n])

    @property
    def sentence(self) -> str:
        """What it is like, beside what rewiring by chance gives."""
        chance = f"{self.null_clustering.mean():.2f}, {self.null_path_length.mean():.2f}"
        return (
            f"As a graph: small-world index {number(self.small_world, 3)} (clustering {self.clustering:.2f}, "
            f"paths of {self.path_length:.2f} links; wired by chance {chance}), {self.n_communities} "
            f"communities, hubs {', '.join(self.hubs())}."
        )

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """Name, value, and what rewired graphs of equal degrees have; for a table."""
        c, path = self.null_clustering, self.null_path_length
        between = 100 * float(self.betweenness.max())
        return (
            ("Regions, pairs kept", f"{self.n_regions}, {self.n_pairs:,}", "as many"),
            (
                "Links of a region, mean and most",
                f"{self.degree.mean():.1f}, {self.degree.max()}",
                "the same",
            ),
            ("Strongest region", self.labels[int(np.argmax(self.strength))], ""),
            ("Most shortest paths lead through", f"{self.hubs(1)[0]}, {between:.0f} %", ""),
            ("Communities, modularity", f"{self.n_communities}, {self.modularity:.2f}", ""),
            ("Clustering", f"{self.clustering:.2f}", f"{c.mean():.2f} ± {c.std(ddof=1):.2f}"),
            ("Path length", f"{self.path_length:.2f} links", f"{path.mean():.2f} ± {path.std(ddof=1):.2f}"),
            ("Small-world index", number(self.small_world, 3), "1"),
        )


def graph_measures(
    connectome: Connectome, progress: Progress = no_progress, share: float = SHARE
) -> GraphMeasures:
    """Measure a connectome as a graph.

    Parameters
    ----------
    connectome : Connectome
        Of at least 4 regions with a link.
    progress : callable
        Called with (fraction, what); may raise to give up.
    share : float
        Of all pairs, those kept, the strongest ones.

    Returns
    -------
    GraphMeasures

    Raises
    ------
    DataError
        There are too few regions or links.
    """
    both = connectome.weights + connectome.weights.T
    n, strength = connectome.n_regions, both.sum(axis=1)
    joined = both * (1 - np.eye(n))
    if n < 4 or np.count_nonzero(joined) < 2 * (n - 1):
        raise DataError(f"connectome: must have at least 4 regions that hang together (got {n}).")
    progress(0.0, "finding the backbone")
    graph = _backbone(joined, share)
    if not nx.is_connected(graph):
        raise DataError("connectome: must hang together to be measured as a graph (it is in parts).")
    betweenness = nx.betweenness_centrality(graph)
    communities = sorted(nx.community.louvain_communities(graph, seed=_SEED), key=lambda c: (-len(c), min(c)))
    community = np.empty(n, np.int64)
    for k, members in enumerate(communities):
        community[list(members)] = k
    nulls = []
    for k in range(N_NULLS):
        progress((k + 1) / (N_NULLS + 1), "rewiring by chance")
        nulls.append(_clustering_and_path(_rewired(graph, _SEED + k)))
    clustering, path_length = _clustering_and_path(graph)
    null_clustering, null_path_length = np.array(nulls).T
    progress(1.0, "measured")
    return GraphMeasures(
        n_regions=n,
        n_pairs=graph.number_of_edges(),
        degree=np.array([graph.degree[i] for i in range(n)], np.int64),
        strength=strength,
        betweenness=np.array([betweenness[i] for i in range(n)]),
        community=community,
        modularity=float(nx.community.modularity(graph, communities)),
        clustering=clustering,
        path_length=path_length,
        null_clustering=null_clustering,
        null_path_length=null_path_length,
        labels=connectome.labels,
    )


def _backbone(joined: np.ndarray, share: float) -> nx.Graph:
    """The strongest pairs, and a maximum spanning tree."""
    n = len(joined)
    a, b = np.triu_indices(n, 1)
    weight = joined[a, b]
    n_kept = min(round(share * len(weight)), np.count_nonzero(weight))
    kept = np.argsort(-weight, kind="stable")[:n_kept]
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(zip(a[kept].tolist(), b[kept].tolist(), strict=True))
    full = nx.from_numpy_array(joined)
    graph.add_edges_from((u, v) for u, v in nx.maximum_spanning_tree(full).edges if joined[u, v] > 0)
    return graph


def _rewired(graph: nx.Graph, seed: int) -> nx.Graph:
    """A connected graph of equal degrees (Maslov & Sneppen 2002), as nearly as swaps find one."""
    other = graph.copy()
    n_swaps = _SWAPS * other.number_of_edges()
    for attempt in range(10):
        with suppress(nx.NetworkXAlgorithmError):  # few graphs have these degrees
            nx.double_edge_swap(other, n_swaps, max_tries=100 * n_swaps, seed=seed + 1000 * attempt)
        if nx.is_connected(other):
            break
    return other


def _clustering_and_path(graph: nx.Graph) -> tuple[float, float]:
    lengths = [d for _, there in nx.all_pairs_shortest_path_length(graph) for d in there.values() if d]
    return nx.average_clustering(graph), float(np.mean(lengths))
