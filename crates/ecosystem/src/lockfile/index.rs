//! Finding packages again by the words with which others refer to them.

use std::collections::HashMap;

use model::NodeId;

/// Packages by any number of keys. Of several under one key all are kept, a few at most.
#[derive(Debug, Default)]
pub(super) struct Index {
    at: HashMap<String, Vec<NodeId>>,
}

/// More packages than these share no name in any honest file.
const MAX_SAME: usize = 16;

impl Index {
    pub(super) fn insert(&mut self, key: impl Into<String>, id: NodeId) {
        let same = self.at.entry(key.into()).or_default();
        if same.len() < MAX_SAME && !same.contains(&id) {
            same.push(id);
        }
    }

    /// The first of this key.
    pub(super) fn first(&self, key: &str) -> Option<NodeId> {
        self.all(key).first().copied()
    }

    /// All of this key.
    pub(super) fn all(&self, key: &str) -> &[NodeId] {
        self.at.get(key).map_or(&[], Vec::as_slice)
    }
}
