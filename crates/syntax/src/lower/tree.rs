//! Walking tree-sitter trees: what its readers share.
