"""The page of teacher against student."""
