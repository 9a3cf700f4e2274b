"""Pullquote: ask your documents, get quotes."""
