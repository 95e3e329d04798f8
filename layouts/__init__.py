"""Views: a recording or a frame in, a picture out."""
