"""Pictures of the Twin page: bars with intervals, squares of connectivity, what was learned."""
