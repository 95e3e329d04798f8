"""Views of teacher against student."""
