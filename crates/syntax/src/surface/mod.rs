//! What a text looks like from outside, before it is parsed.
