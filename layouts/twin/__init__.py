"""Pictures of the Twin page: courses, bars with intervals, squares of connectivity, what was learned."""
