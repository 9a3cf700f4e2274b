"""All neural code: the runtime, the encoder, the reader, and their weights with checksums."""
