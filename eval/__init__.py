"""Judging Pullquote: data sets in, measures out. Read `types`, then `run`, then `measures`."""
