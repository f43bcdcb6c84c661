//! Decoders: bytes in, bytes out, bounded; nothing is ever run.
