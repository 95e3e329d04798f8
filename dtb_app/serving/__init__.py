"""What a server needs beside its pages: who may come in, and what those hear who watch over it."""
