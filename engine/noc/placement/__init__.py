"""Which tile each unit sits on, how much a tile holds, and what a placement costs."""
