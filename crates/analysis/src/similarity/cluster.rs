//! Which known samples belong together.

use super::{Index, NEAR};

/// From this share on a piece of code says nothing new of its neighbours: whoever is near to it is near to its twin.
const TWIN: f64 = 0.95;

/// The groups of samples that are joined by near code, the largest first: numbers of samples, sorted. Samples without
/// distinctive code are in none.
pub fn clusters<B: AsRef<[u8]>>(index: &Index<B>) -> Vec<Vec<u32>> {
    let (samples, _, _) = index.counts();
    let mut groups = Groups((0..samples).collect());
    let mut present = vec![false; samples as usize];
    let shapes = index.shapes();
    let mut known = vec![false; shapes.len()];
    for (unit, shape) in shapes.iter().enumerate() {
        let Some(first) = index.owners(unit as u32).next() else { continue };
        for owner in index.owners(unit as u32) {
            groups.join(first.number, owner.number);
            if let Some(present) = present.get_mut(owner.number as usize) {
                *present = true;
            }
        }
        if known[unit] {
            continue;
        }
        for near in index.find(shape).into_iter().take_while(|near| near.share() >= NEAR) {
            if let Some(owner) = index.owners(near.unit).next() {
                groups.join(first.number, owner.number);
            }
            let back = f64::from(near.shared) / shape.len().max(1) as f64;
            if near.share() >= TWIN && back >= TWIN {
                known[near.unit as usize] = true;
            }
        }
    }
    groups.lists(&present)
}

/// Disjoint groups: each member points to another of its group, and the last to itself.
struct Groups(Vec<u32>);

impl Groups {
    fn head(&mut self, mut member: u32) -> Option<u32> {
        loop {
            let next = *self.0.get(member as usize)?;
            if next == member {
                return Some(member);
            }
            self.0[member as usize] = self.0[next as usize];
            member = next;
        }
    }

    fn join(&mut self, left: u32, right: u32) {
        if let (Some(left), Some(right)) = (self.head(left), self.head(right)) {
            self.0[left.max(right) as usize] = left.min(right);
        }
    }

    fn lists(mut self, present: &[bool]) -> Vec<Vec<u32>> {
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); self.0.len()];
        for member in (0..self.0.len() as u32).filter(|member| present[*member as usize]) {
            if let Some(head) = self.head(member) {
                lists[head as usize].push(member);
            }
        }
        lists.retain(|list| !list.is_empty());
        lists.sort_by_key(|list| std::cmp::Reverse(list.len()));
        lists
    }
}
