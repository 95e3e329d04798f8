"""Pictures of the Fit page: connectivities side by side, courses, and a fit as it goes on."""
